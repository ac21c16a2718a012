"""One point after a week without a line: its agent catches up while somebody receives cases."""

from __future__ import annotations

import re
import time
from pathlib import Path

from node.config import load_node
from node.local import open_node
from tests.benchmarks.report import Report
from tests.benchmarks.stage import at_percent, seconds
from tests.benchmarks.town import Town, town
from tests.benchmarks.window import Clerk
from tests.node.conftest import staff_document
from tests.system.processes import Command, until

HERE = "350102004001"
OTHERS = 8
BREATH_S = 0.02
LONGEST_S = 600


def measure(report: Report, folder: Path, *, events: int) -> None:
    """A reception through the page while so many events come in, against one when none do."""
    report.head(f"catching up: one node takes in {events} events while its window is in use")
    with town(folder, staff_document()) as here:
        _sent(here, events)
        command = Command("node", here.configs[HERE], folder / "node.log")
        command.start()
        try:
            _receive(report, here, events)
        finally:
            command.end()


def _sent(here: Town, events: int) -> None:
    """Let some other points forward cases to ours while it is switched off."""
    others = [code for code in here.points if code != HERE][:OTHERS]
    absent = tuple(code for code in here.points if code not in (HERE, *others))
    here.open_nodes(without=absent)
    here.all("start")
    until(lambda: here.waiting() == 0, "the first words of all", seconds=180)
    here.close_nodes()
    here.open_nodes(without=(HERE, *absent))
    here.all("fill", events=events // OTHERS, to=HERE)
    here.all("start")
    until(lambda: here.waiting() == 0, "everything receipted", seconds=LONGEST_S)
    until(lambda: here.delivered(HERE) >= events, "everything delivered", seconds=LONGEST_S)
    here.close_nodes()


def _receive(report: Report, here: Town, events: int) -> None:
    node = open_node(load_node(here.configs[HERE]))
    store = node.open_store()

    def taken_in() -> int:
        """The cases' events of others: each point's own book comes as well."""
        others = "SELECT count(*) FROM events WHERE author<>?"
        return int(store.db.execute(others, [node.identity.author]).fetchone()[0])

    port = re.search(r"port = (\d+)\n$", here.configs[HERE].read_text())
    assert port
    clerk = Clerk(f"http://127.0.0.1:{port[1]}")
    before, began, busy = taken_in(), time.monotonic(), []
    while taken_in() < events:
        busy.append(_one(clerk))
        assert time.monotonic() - began < LONGEST_S, taken_in()
    took = time.monotonic() - began
    calm = [_one(clerk) for _ in busy]
    report.say("events taken in meanwhile", taken_in() - before, "")
    report.say("for so long", took, "s")
    report.say("receptions meanwhile", len(busy), "")
    for percent in (50, 99):
        report.say(f"a reception meanwhile, p{percent}", at_percent(busy, percent), "ms")
        report.say(f"a reception afterwards, p{percent}", at_percent(calm, percent), "ms")
    ratio = at_percent(busy, 99) / at_percent(calm, 99)
    report.at_most("p99 meanwhile against p99 afterwards", ratio, "x", 2)
    store.close()


def _one(clerk: Clerk) -> float:
    took = seconds(clerk.receive) * 1000
    time.sleep(BREATH_S)  # somebody reads the page before going on
    return took
