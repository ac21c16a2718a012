"""The morning after an outage: 81 nodes with waiting events, and a window open meanwhile."""

from __future__ import annotations

import threading
import time
from collections import Counter
from pathlib import Path

from node.config import load_node
from node.local import open_node
from tests.benchmarks.host import told
from tests.benchmarks.report import Report
from tests.benchmarks.stage import at_percent
from tests.benchmarks.town import Load, Town, town
from tests.benchmarks.work import state_case, state_forwarded
from tests.system.processes import Command, until

WINDOW = "350102004001"  # one node runs under its own command, with its window and its agent
BREATH_S = 0.05
LOOK_S = 0.5
LONGEST_S = 900
WAITING_CASES = 125


def measure(report: Report, folder: Path, *, events: int) -> None:
    """Every event of every node receipted, and in the store of every other party."""
    report.head(f"outage: 81 nodes with {events} waiting events each")
    with town(folder) as here:
        _first_day(here)
        here.open_nodes(without=(WINDOW,))
        sent: Counter[str] = Counter()
        for answer in here.all("fill", events=events):
            sent.update(answer["sent"])
        command = Command("node", here.configs[WINDOW], folder / "node.log")
        try:
            _converge(report, here, command, sent)
        finally:
            command.end()


def _first_day(here: Town) -> None:
    """Every node has been known to central for long before the outage."""
    here.open_nodes()
    here.all("start")
    until(lambda: here.waiting() == 0, "the first words of all nodes", seconds=180)
    here.close_nodes()


def _converge(report: Report, here: Town, command: Command, sent: Counter[str]) -> None:
    awaited = {
        point: held + sent[point]  # a node gets its own events back too, and knows them
        for answer in here.all("state")
        for point, held in answer["events"].items()
    }
    total = here.waiting()
    clerk = Clerk(here)
    load, began = Load(here), time.monotonic()
    command.start()
    clerk.start()
    here.all("start")

    def settled() -> bool:
        answers = here.all("state")
        held = {p: n for answer in answers for p, n in answer["events"].items()}
        return not sum(answer["waiting"] for answer in answers) and all(
            held[point] >= awaited[point] for point in awaited
        )

    while not settled():
        threading.Event().wait(LOOK_S)  # asking is work for the nodes as well
        assert time.monotonic() - began < LONGEST_S
    converged, shares = time.monotonic() - began, load.shares()
    clerk.stop()
    report.say("events that waited", total, "")
    report.at_most("until all were receipted and at every party", converged, "s", 60)
    report.say("a reception at a window meanwhile, p50", at_percent(clerk.took, 50), "ms")
    report.at_most("a reception at a window meanwhile, p99", at_percent(clerk.took, 99), "ms", 100)
    for name, share in sorted(shares.items()):
        report.say(f"meanwhile: {name}", share, "%")


class Clerk:
    """Receives a case every moment at one point while its own agent catches up."""

    def __init__(self, here: Town) -> None:
        self.here = here
        self.node = open_node(load_node(here.configs[WINDOW]))
        self.took: list[float] = []
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._receive)
        store = self.node.open_store()
        with told(self.node, store) as write:
            for number in range(WAITING_CASES):
                state_case(write, to=here.points[number % 40])
        store.close()

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._done.set()
        self._thread.join()

    def _receive(self) -> None:
        store = self.node.open_store()
        while not self._done.wait(BREATH_S):
            before = time.monotonic()
            with told(self.node, store) as write:
                state_forwarded(write, to=self.here.points[0])
            self.took.append((time.monotonic() - before) * 1000)
        store.close()
