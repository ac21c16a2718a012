"""A backlog of any length travels in steps of the same size, and one bad event holds up nothing."""

from __future__ import annotations

from typing import Any

import pytest

from sync.memory import MemoryServer
from sync.ports import Database
from sync.pull import pull_once
from sync.push import BATCH, push_once
from sync.store import BATCH as KEPT_AT_ONCE
from sync.store import envelope_doc
from tests.cases.facts import CENTRE
from tests.sync.cast import CENTRAL_BOX, Desk, desk

EVENTS = 2 * BATCH + 50


GROWING = {"e", "events", "s", "subjects", "k", "keys", "words"}  # tables, and what they are called
STUB = {"scan.pdf": {"stub": True, "length": 64 * 2**20, "content_type": "application/pdf"}}


class Measured:
    """A database that notes how many documents each request carried."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.name = database.name
        self.sizes: list[int] = []

    def bulk(self, docs: Any) -> Any:
        self.sizes.append(len(docs))
        return self._database.bulk(docs)

    def changes(self, *args: Any, **more: Any) -> Any:
        page = self._database.changes(*args, **more)
        self.sizes.append(len(page.rows))
        return page

    def __getattr__(self, name: str) -> Any:
        return getattr(self._database, name)


@pytest.fixture
def server() -> MemoryServer:
    server = MemoryServer()
    for name in ("outbox", "inbox"):
        server.create(name)
    return server


def write(lin: Desk, events: int) -> None:
    with lin.writing() as w:
        for _ in range(events):
            lin.receive(w)


def test_a_backlog_is_pushed_in_batches_of_one_size(lin: Desk, server: MemoryServer) -> None:
    write(lin, EVENTS)
    outbox, after, caught_up = Measured(server.database("outbox")), 0, False
    while not caught_up:
        _, after, caught_up = push_once(
            lin.store, lin.author, outbox, CENTRAL_BOX.public, after=after
        )
    assert after == EVENTS + 1
    assert outbox.sizes == [BATCH, BATCH, 51]


def test_a_backlog_is_pulled_and_kept_in_steps_of_one_size(
    lin: Desk, server: MemoryServer, tmp_path: Any
) -> None:
    write(lin, EVENTS)
    inbox, rests = Measured(server.database("inbox")), []
    inbox.bulk([envelope_doc(e.event.id, e) for e in lin.envelopes(CENTRAL_BOX)])
    inbox.sizes.clear()
    with desk(tmp_path / "chen.db", point=CENTRE, suffix="bbbb", box=CENTRAL_BOX) as chen:
        while not pull_once(chen.store, inbox, rest=rests.append).caught_up:
            pass
        assert len(chen.store.of_author(lin.author, 0, 10_000)) == EVENTS + 1
    assert max(inbox.sizes) <= BATCH
    assert len(rests) >= (EVENTS + 1) / KEPT_AT_ONCE  # the window had its turn between them


class Attached(Measured):
    """CouchDB tells of attachments, however large, by stubs: their bytes do not come along."""

    def changes(self, *args: Any, **more: Any) -> Any:
        page = super().changes(*args, **more)
        docs = [{**(row.doc or {}), "_attachments": STUB} for row in page.rows]
        rows = [row._replace(doc=doc) for row, doc in zip(page.rows, docs, strict=True)]
        return page._replace(rows=rows)


def test_poison_and_attachments_in_an_inbox_hold_up_nothing(
    lin: Desk, server: MemoryServer, tmp_path: Any
) -> None:
    write(lin, 3)
    inbox = Attached(server.database("inbox"))
    inbox.put({"_id": "0-poison", "event": {"id": "none"}})
    inbox.put({"_id": "0-of-a-newer-version"})
    inbox.bulk([envelope_doc(e.event.id, e) for e in lin.envelopes(CENTRAL_BOX)])
    with desk(tmp_path / "chen.db", point=CENTRE, suffix="bbbb", box=CENTRAL_BOX) as chen:
        assert pull_once(chen.store, inbox).caught_up
        assert len(chen.store.of_author(lin.author, 0, 10)) == 4
        assert [id for id, *_ in chen.store.parked()] == ["0-poison"]


def test_a_reception_reads_as_little_of_a_full_store_as_of_an_empty_one(lin: Desk) -> None:
    """No statement of a reception goes through all the events, or any other table that grows."""
    asked: dict[str, tuple[Any, ...]] = {}
    write(lin, 3)
    plain = lin.store.db.conn

    class Listening:
        def execute(self, sql: str, *given: Any) -> Any:
            asked[sql] = given
            return plain.execute(sql, *given)

        def executemany(self, sql: str, rows: Any) -> Any:
            return plain.executemany(sql, rows)

        def __getattr__(self, name: str) -> Any:
            return getattr(plain, name)

    lin.store.db.conn = Listening()
    lin.receive()
    lin.store.db.conn = plain
    plans = {
        sql: plain.execute(f"EXPLAIN QUERY PLAN {sql}", *given).fetchall()
        for sql, given in asked.items()
        if sql.startswith(("SELECT", "DELETE"))
    }
    steps = [step[3].split() for plan in plans.values() for step in plan]
    full = [step for step in steps if step[0] == "SCAN" and step[1] in GROWING]
    assert len(plans) > 10
    assert full == []
