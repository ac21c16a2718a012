"""What one event costs at central: bytes in each database, CPU in the router and in the store.

Forwarded cases through a real router, each event held by two points. docs/scaling.md multiplies.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from time import process_time

from central.district import JOURNAL, ROUTER_MODEL
from central.router import follow_journal
from sync.ports import Database
from sync.wire import encode
from tests.benchmarks.report import Report
from tests.benchmarks.stage import Served, cpu_s, embedded
from tests.benchmarks.work import state_case
from tests.central.travel import CENTRE, HERE, Journey, journey

DECIDED = ("case.accepted", "case.approved", "case.completed")
LIMIT = 1_000_000
ALONE = 30


def measure(report: Report, folder: Path, *, cases: int) -> None:
    """Measure with our own store; a cluster's copies, shards and compaction are arithmetic."""
    report.head(f"one event at central, of {cases} forwarded cases")
    with embedded(folder / "couchdb") as served, journey(folder, served.connect) as travel:
        before = _events(travel)
        steps = _live(travel, served, cases)
        number = _events(travel) - before
        for what, cpu in steps.items():
            report.say(f"{what}, an event", 1e3 * cpu / number, "ms")
        report.say("router, an event that comes alone", 1e3 * _alone(travel), "ms")
        _sizes(report, travel, folder)


def _events(travel: Journey) -> int:
    return len(travel.router.store.db.execute("SELECT seq FROM events").fetchall())


def _live(travel: Journey, served: Served, cases: int) -> dict[str, float]:
    """The cases' whole way. Gives CPU seconds of each step, the store's own beside them."""
    cpu = dict.fromkeys(("intake", "delivery", "node: push and pull", "store, all of it"), 0.0)

    def timed(what: str, work: Callable[[], object]) -> None:
        began, store = process_time(), cpu_s(served.pid or 0)
        work()
        cpu[what] += process_time() - began
        cpu["store, all of it"] += cpu_s(served.pid or 0) - store

    with travel.nodes[HERE].local() as local, local.writing() as w:
        numbers = [state_case(w) for _ in range(cases)]
    _carry(travel, HERE, timed)
    for number in numbers:
        for type in DECIDED:
            travel.state(CENTRE, type, number)
    _carry(travel, CENTRE, timed)
    return cpu


def _carry(travel: Journey, code: str, timed: Callable[[str, Callable[[], object]], None]) -> None:
    """All that a point wrote, a batch at a time, each receipted before the next."""
    sent = [1]
    while sent.pop():
        timed("node: push and pull", lambda: sent.append(travel.push(code)))
        timed("intake", travel.router.take_in)
        timed("node: push and pull", lambda: travel.pull(code))
    timed("delivery", travel.router.deliver)
    timed("node: push and pull", lambda: [travel.pull(each) for each in travel.nodes])


def _alone(travel: Journey) -> float:
    """CPU of the router for an event that comes alone, as a bell brings it."""
    spent = 0.0
    for _ in range(ALONE):
        travel.receive()
        travel.push(HERE)
        began = process_time()
        follow_journal(travel.router.store, travel.server)
        travel.router.intake.take_in(HERE)
        travel.router.deliver()
        spent += process_time() - began
        travel.pull(HERE)
    return spent / ALONE


def _sizes(report: Report, travel: Journey, folder: Path) -> None:
    journal = travel.server.database(JOURNAL)
    events = len(journal.range("", "~", limit=LIMIT, docs=False))
    for what, database in (
        ("outbox", travel.outbox(HERE)), ("journal", journal), ("inbox", travel.inbox(CENTRE)),
    ):  # fmt: skip
        report.say(f"{what} document", _bytes(database), "bytes")
    model = folder / "central" / ROUTER_MODEL
    travel.router.store.db.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    report.say("read model, an event", model.stat().st_size / events, "bytes")
    files = sum(path.stat().st_size for path in (folder / "couchdb").iterdir())
    report.say("store's files, an event in its four databases", files / events, "bytes")


def _bytes(database: Database) -> float:
    docs = [doc for doc in database.range("", "~", limit=LIMIT) if "event" in doc]
    return sum(len(encode(doc)) for doc in docs) / len(docs)
