"""What a sync costs an unchanged node, whatever it holds, and whatever the district holds."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from sync.db import write
from sync.ports import Database, Server
from sync.pull import pull_once
from sync.push import push_once
from sync.store import Receipt, Store
from tests.benchmarks.report import Report
from tests.benchmarks.stage import Raw, embedded, seconds
from tests.benchmarks.sync_speed import put_all
from tests.benchmarks.work import fill, inbox_docs
from tests.cases.facts import CENTRE
from tests.sync.cast import CENTRAL_BOX, Desk, desk

CYCLES = 30
NEW = 1_000
_COPY = """
INSERT INTO events (id, subject, author, n, at, type, hash, body, heard)
SELECT replace(id, ?1, ?2), replace(subject, ?1, ?2), author, n + ?3, at, type, hash, body, heard
FROM events WHERE author=?5 AND n<=?4 AND n>1
"""


def fill_quickly(made: Desk, events: int) -> None:
    """Multiply a few hundred real events by statements: an unchanged node never reads them."""
    seed = 400
    fill(made, seed)
    store = made.store
    store.db.execute("PRAGMA cache_size=-800000")  # or every page would go to the disk and back
    with write(store.db):
        for turn in range(1, -(-events // seed)):
            day = f"-{turn:06d}-"
            store.db.execute(_COPY, ["-261122-", day, turn * seed, seed + 1, made.author])
        columns = [row[1] for row in store.db.execute("PRAGMA table_info(subjects)")]
        copied = ", ".join(["e.subject", *(f"s.{name}" for name in columns[1:])])
        store.db.execute(
            f"INSERT OR IGNORE INTO subjects SELECT {copied}"  # noqa: S608 - SQLite names them
            " FROM (SELECT DISTINCT subject FROM events) e,"
            " (SELECT * FROM subjects WHERE kind='case' LIMIT 1) s"
        )
        store.db.execute(
            "INSERT OR IGNORE INTO words SELECT w.word, s.number FROM subjects s, words w"
            " WHERE s.kind='case' AND w.subject=(SELECT min(subject) FROM words)"
        )
    store.db.execute("PRAGMA cache_size=-2000")


class Counted:
    """A database handle that counts what is asked of it."""

    def __init__(self, database: Database) -> None:
        self.asked = 0
        self._database = database

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._database, name)

        def counting(*args: Any, **more: Any) -> Any:
            self.asked += 1
            return method(*args, **more)

        return counting


def measure(report: Report, folder: Path, *, sizes: tuple[int, ...]) -> None:
    """One unchanged sync: look whether something is to be pushed, and pull."""
    report.head("idle: the sync of an unchanged node")
    with embedded(folder / "couch") as served, closing(served.connect()) as server:
        for size in sizes:
            made = Desk(folder / f"held-{size}.db")
            made.open()
            fill_quickly(made, size)
            _unchanged(report, made, server, size)
            made.store.close()


def _unchanged(report: Report, made: Desk, server: Server, size: int) -> None:
    held = made.store.db.execute("SELECT count(*) FROM events").fetchone()[0]
    for name in ("idle-inbox", "idle-outbox"):
        server.drop(name)
        server.create(name)
    n, hash = made.store.head(made.author)
    _receipted(made.store, made.author, n, hash)
    inbox = Counted(server.database("idle-inbox"))
    outbox = Counted(server.database("idle-outbox"))

    def sync() -> None:
        push_once(made.store, made.author, outbox, CENTRAL_BOX.public, after=n)
        assert pull_once(made.store, inbox).taken == 0

    sync()
    inbox.asked = outbox.asked = 0
    took = [seconds(sync) * 1000 for _ in range(CYCLES)]
    requests = (inbox.asked + outbox.asked) / CYCLES
    report.at_most(f"holding {held:,} events: requests", requests, "", 1)
    report.at_most(f"holding {held:,} events: median", median(took), "ms", 50)


def _receipted(store: Store, author: str, n: int, hash: str) -> None:
    with write(store.db):
        store.set_receipt(author, Receipt(n, hash, ""))


def measure_growth(report: Report, folder: Path, *, totals: tuple[int, int]) -> None:
    """A node with 1,000 new events, while the district's journal holds little or much."""
    report.head(f"growth: pulling {NEW:,} new events from a district of {totals[0]:,} and more")
    with embedded(folder / "couch") as served, closing(served.connect()) as server:
        lin = Desk(folder / "lin.db")
        lin.open()
        fill(lin, NEW)
        docs = inbox_docs(lin)[:NEW]
        raw, journal = Raw(served), District(served.connect())
        took: dict[int, list[float]] = {}
        for total in totals:
            journal.grow(total)
            for turn in range(7):
                server.drop("growth-inbox")
                server.create("growth-inbox")
                put_all(raw, "growth-inbox", docs)
                inbox = server.database("growth-inbox")
                path = folder / f"chen-{total}-{turn}.db"
                with desk(path, point=CENTRE, suffix="bbbb", box=CENTRAL_BOX) as chen:
                    took.setdefault(total, []).append(_timed(chen.store, inbox))
            report.say(f"with {total:,} documents at central", min(took[total]) * 1000, "ms")
        few, many = (min(took[total]) for total in totals)
        report.at_most("the larger district against the smaller", many / few, "x", 1.1)
        raw.close()
        lin.store.close()


def _timed(store: Store, inbox: Database) -> float:
    started = perf_counter()
    while not pull_once(store, inbox).caught_up:
        pass
    return perf_counter() - started


class District:
    """The rest of the district: documents of the same size in the journal and in other inboxes."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.total = 0
        self.names = ["journal", *(f"inbox-other-{n}" for n in range(9))]
        for name in self.names:
            server.create(name)

    def grow(self, total: int) -> None:
        """Write until there are so many, a tenth of them in each database."""
        text = "证" * 330
        while self.total < total:
            database = self.server.database(self.names[self.total // 1000 % len(self.names)])
            rows = range(self.total, self.total + 1000)
            database.bulk([{"_id": f"GL001-{n:08d}", "text": text} for n in rows])
            self.total += 1000
