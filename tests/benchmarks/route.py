"""From reception at one node to visible at another, with 81 nodes connected."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from tests.benchmarks.report import Report
from tests.benchmarks.stage import at_percent
from tests.benchmarks.town import HOSTS, Load, Town, town
from tests.system.processes import until

SETTLE_S = 3.0


def measure(report: Report, folder: Path, *, seconds: float) -> None:
    """Idle, then a case received and forwarded so many times a second."""
    report.head("route: 81 nodes, from reception to the other point's store")
    with town(folder) as here:
        here.open_nodes()
        here.all("start")
        until(lambda: here.waiting() == 0, "the first words of all nodes", seconds=180)
        _idle(report, here, seconds)
        # two events each: received, and forwarded, which is what the other point waits for
        _at_rate(report, here, receptions=2.5, seconds=seconds, wanted={50: 100, 95: 200}, cpu=0.3)
        _at_rate(report, here, receptions=25, seconds=seconds, wanted={95: 500}, cpu=None)
        if restarts := here.central.said().count("restarting"):
            report.note(f"central restarted a process {restarts} times")


def _idle(report: Report, here: Town, seconds: float) -> None:
    threading.Event().wait(SETTLE_S)
    load = Load(here)
    threading.Event().wait(seconds)
    shares = load.shares()
    for name, share in sorted(shares.items()):
        report.say(f"idle, 81 nodes listening: {name}", share, "%")
    report.at_most("idle, 81 nodes listening: all of central", sum(shares.values()), "%", 0.05)


def _at_rate(
    report: Report,
    here: Town,
    *,
    receptions: float,
    seconds: float,
    wanted: dict[int, float],
    cpu: float | None,
) -> None:
    here.all("looked")
    load = Load(here)
    answers = here.all("write", per_second=receptions / HOSTS, seconds=seconds)
    shares = load.shares()
    written = [row for answer in answers for row in answer["written"]]
    arrived = _arrivals(here, {(row[2], row[0]) for row in written})
    took = [(arrived[row[2], row[0]] - row[3]) * 1000 for row in written]
    what = f"at {2 * receptions:g} events/s"
    for percent in (50, 95, 99):
        name, value = f"{what}: p{percent}", at_percent(took, percent)
        if percent in wanted:
            report.at_most(name, value, "ms", wanted[percent])
        else:
            report.say(name, value, "ms")
    own = [(row[4] - row[3]) * 1000 for row in written]
    report.say(f"{what}: of that the reception itself, p50", at_percent(own, 50), "ms")
    report.at_least(f"{what}: delivered", len(took) / len(written), "%", 1.0)
    for name, share in sorted(shares.items()):
        report.say(f"{what}: {name}", share, "%")
    if cpu is not None:
        report.at_most(f"{what}: all of central", sum(shares.values()), "%", cpu)


def _arrivals(here: Town, expected: set[tuple[str, str]]) -> dict[tuple[str, str], float]:
    """When each event was in its point's store; waits until all of them are."""
    arrived: dict[tuple[str, str], float] = {}

    def all_there() -> bool:
        answers: list[dict[str, Any]] = here.all("looked")
        for point, id, when in (row for answer in answers for row in answer["seen"]):
            arrived.setdefault((point, id), when)
        return expected <= arrived.keys()

    until(all_there, "everything that was written", seconds=120)
    return arrived
