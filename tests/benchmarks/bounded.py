"""Memory does not grow with the backlog: what a step needs early on, it needs at the end."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from time import perf_counter

from sync.canonical import canonical
from sync.db import write
from sync.pull import pull_once
from sync.push import push_once
from sync.store import Store
from tests.benchmarks.report import Report
from tests.benchmarks.stage import Raw, embedded, resident_mb
from tests.benchmarks.sync_speed import put_all
from tests.benchmarks.work import Doc, fill, inbox_docs
from tests.cases.facts import CENTRE
from tests.sync.cast import CENTRAL_BOX, Desk, desk

SEED = 400
EARLY = 0.1  # of the way: everything that is loaded once has been loaded by then
_INSERT = (
    "INSERT INTO events (id, subject, author, n, at, type, hash, body, heard)"
    " VALUES (?,?,?,?,?,?,?,?,?)"
)


def copies(docs: list[Doc], count: int) -> Iterator[Doc]:
    """Events made of others under new numbers; whoever pushes or pulls checks no signature."""
    for n in range(count):
        doc = docs[n % len(docs)]
        event = {**doc["event"], "n": n + 2}
        day = f"-{280000 + n // len(docs):06d}-"
        event["id"] = event["id"].replace("-261122-", day)
        yield {**doc, "_id": event["id"], "event": event}


def measure(report: Report, folder: Path, *, events: int) -> None:
    """Push and pull a backlog, and look at this process's memory on the way."""
    report.head(f"bounded: a backlog of {events:,} events")
    with embedded(folder / "couch") as served, closing(served.connect()) as server:
        for name in ("bounded-outbox", "bounded-inbox"):
            server.create(name)
        seed = Desk(folder / "seed.db")
        seed.open()
        fill(seed, SEED)
        docs = inbox_docs(seed)[1:]
        raw, page = Raw(served), []
        for doc in copies(docs, events):
            page.append(doc)
            if len(page) == 1000:
                put_all(raw, "bounded-inbox", page, 1000)
                page = []
        put_all(raw, "bounded-inbox", page, 1000)
        lin = Desk(folder / "lin.db")
        lin.open()
        _backlog(lin.store, docs, events)
        _push(report, lin, server.database("bounded-outbox"), events)
        with desk(folder / "chen.db", point=CENTRE, suffix="bbbb", box=CENTRAL_BOX) as chen:
            _pull(report, chen.store, server.database("bounded-inbox"), events)
        raw.close()
        for one in (lin, seed):
            one.store.close()


def _backlog(store: Store, docs: list[Doc], events: int) -> None:
    with write(store.db):
        store.db.conn.executemany(
            _INSERT,
            (
                (e["id"], e["id"].split(":")[0], e["author"], e["n"], e["at"], e["type"], "",
                 canonical(e), "")
                for e in (doc["event"] for doc in copies(docs, events))
            ),
        )  # fmt: skip


class Memory:
    """What this process held early on, and how much more it came to hold."""

    def __init__(self, events: int) -> None:
        self._early = int(events * EARLY)
        self._first = 0.0
        self._most = 0.0
        self._started = perf_counter()

    def look(self, done: int) -> None:
        now = resident_mb(os.getpid())
        if done >= self._early:
            self._first = self._first or now
            self._most = max(self._most, now)

    def tell(self, report: Report, what: str, events: int) -> None:
        rate = events / (perf_counter() - self._started)
        report.say(f"{what}: all of it at", rate, "events/s")
        report.at_most(f"{what}: growth of memory", self._most - self._first, "MB", 10)


def _push(report: Report, lin: Desk, outbox: object, events: int) -> None:
    memory, sent, caught_up = Memory(events), 1, False
    while not caught_up:
        pushed = push_once(lin.store, lin.author, outbox, CENTRAL_BOX.public, after=sent)
        sent, caught_up = pushed.last, pushed.caught_up
        memory.look(sent)
    assert sent == events + 1
    memory.tell(report, "push", events)


def _pull(report: Report, store: Store, inbox: object, events: int) -> None:
    memory, taken, caught_up = Memory(events), 0, False
    while not caught_up:
        pulled = pull_once(store, inbox)
        taken, caught_up = taken + pulled.taken, pulled.caught_up
        memory.look(taken)
    assert store.db.execute("SELECT count(*) FROM events").fetchone()[0] == events + 1
    memory.tell(report, "pull", events)
