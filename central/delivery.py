"""Delivery (分发): each party of a subject gets what its inbox lacks.

Follows the journal into the router's own read model. What was given to whom stands in a table
that may be lost: then everything is offered again and what is there already is passed over. An
inbox that is missing is marked behind, made anew and filled again; the others do not wait for it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

import structlog

from cases.events import CENTRAL, Event, parse, point_of
from cases.folded import StoreBook
from central.district import inbox_name
from central.holders import parties_of
from central.purging import Purging
from sync import registers
from sync.canonical import decode
from sync.db import write
from sync.envelopes import Envelopes
from sync.errors import Conflict, Missing
from sync.ports import Database, Doc, Server
from sync.push import same_event
from sync.store import Store, envelope_doc

log = structlog.get_logger()
BATCH = 1_000  # journal events looked at together: the more, the fuller each inbox's share
PUT_AT_ONCE = 200
GIVEN_AT_ONCE = 2_000
AUDIT_AT_ONCE = 20_000  # journal events an audit compares with the inboxes: some 6 h for 700,000
CURSOR = "delivered"
AUDITED = "audited"
IDS_AT_ONCE = 1_000
_LACKING = (
    "SELECT id, body FROM events WHERE subject=? AND NOT EXISTS"
    " (SELECT 1 FROM given WHERE point=? AND event=events.id) ORDER BY id"
)
_BODY = "SELECT body FROM events WHERE id=?"
_NEXT = "SELECT id, subject FROM events WHERE id>? AND seq<=? ORDER BY id LIMIT ?"
SCHEMA = (
    "CREATE TABLE IF NOT EXISTS given (point TEXT NOT NULL, event TEXT NOT NULL,"
    " PRIMARY KEY (point, event)) STRICT, WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS behind (point TEXT PRIMARY KEY) STRICT, WITHOUT ROWID",
)


class Delivered(NamedTuple):
    """How many journal events were looked at, how many envelopes were put, and if that is all."""

    seen: int
    put: int
    caught_up: bool


class Delivery:
    """Puts envelopes into inboxes. One a thread.

    :param restore: makes the mailboxes of a point that are missing.
    """

    def __init__(
        self, server: Server, store: Store, restore: Callable[[str], None] = lambda point: None
    ) -> None:
        self.server = server
        self.store = store
        self._restore = restore
        self._given: list[tuple[str, str]] = []  # put into inboxes, and not noted yet
        self._fallen: set[str] = set()
        self.purging = Purging(server, store)
        _make_tables(store)

    def deliver_once(self) -> Delivered:
        """Deliver for the next journal events; the cursor moves when the inboxes hold them."""
        if self._given:
            self._note_given()  # of a step that broke off
        self._catch_up()
        after = int(self.store.cursor(CURSOR))
        rows = self.store.db.execute(
            "SELECT seq, subject, type FROM events WHERE seq>? ORDER BY seq LIMIT ?", [after, BATCH]
        ).fetchall()
        if not rows:
            return Delivered(0, 0, True)
        put = 0
        opened = {point_of(s) for _, s, type in rows if type == "store.opened"} - {CENTRAL}
        for point in sorted(opened):
            put += self._refill(point)
        subjects = {subject for _, subject, _ in rows}
        put += self._give(self._with_linked(subjects))
        self.purging.purge(subjects)
        self._note_given(str(rows[-1][0]))
        return Delivered(len(rows), put, len(rows) < BATCH)

    def _with_linked(self, subjects: set[str]) -> set[str]:
        found = set(subjects)
        for subject in subjects:
            found |= registers.linked(self.store.db, subject)
        return found

    def _give(self, subjects: Iterable[str], only: str = "") -> int:
        """Give every party of these subjects what it lacks, inbox by inbox."""
        lacking: dict[str, list[Event]] = {}
        read: dict[str, Event] = {}
        for number in sorted(subjects):
            for point in sorted(self.parties_of(number)):
                if point != CENTRAL and (not only or point == only):
                    lacking.setdefault(point, []).extend(self._lacking(point, number, read))
        return sum(self._put(point, events) for point, events in lacking.items() if events)

    def audit(self) -> tuple[str, ...]:
        """Look whether the inboxes still hold what was first and last put there, and compare the
        next part of the journal, event by event, with every inbox that must hold it.

        :returns: the points whose inbox has lost its ends; the next delivery fills it again. What
            else is lacking is put there at once.
        """
        spans = self.store.db.execute(
            "SELECT point, min(event), max(event) FROM given GROUP BY point"
        ).fetchall()
        lost = tuple(point for point, *ids in spans if not self._holds(point, set(ids)))
        for point in lost:
            self._fall_behind(point)
        self._compare_next()
        self.purging.audit()
        return lost

    def _compare_next(self) -> None:
        """What was given is not asked: a restored CouchDB may have lost what was noted here."""
        after, delivered = self.store.cursor(AUDITED, ""), int(self.store.cursor(CURSOR))
        rows = self.store.db.execute(_NEXT, [after, delivered, AUDIT_AT_ONCE]).fetchall()
        must: dict[str, list[str]] = {}
        for subject, events in groupby(rows, key=itemgetter(1)):
            ids = [id for id, _ in events]
            for point in self.parties_of(subject) - {CENTRAL} - self._fallen:
                must.setdefault(point, []).extend(ids)
        for point, ids in sorted(must.items()):
            if boxes_of(self.store, point):
                self._give_again(point, ids)
        with write(self.store.db):
            whole = len(rows) < AUDIT_AT_ONCE
            self.store.set_cursor(AUDITED, "" if whole else str(rows[-1][0]))

    def _give_again(self, point: str, ids: list[str]) -> None:
        """Put into an inbox what it lacks of these events, which are in the order of their ids."""
        try:
            there = _ids_in(self.server.database(inbox_name(point)), ids[0], ids[-1])
        except Missing:
            return self._fall_behind(point)
        lacking = sorted(set(ids) - there)
        if lacking:
            log.warning("an inbox lacks what it must hold", point=point, events=len(lacking))
            found = (self.store.db.execute(_BODY, [id]).fetchone() for id in lacking)
            self._put(point, [parse(decode(body)) for (body,) in filter(None, found)])
        return None

    def _holds(self, point: str, ids: set[str]) -> bool:
        try:
            return self.server.database(inbox_name(point)).fetch(sorted(ids)).keys() == ids
        except Missing:
            return False

    def _fall_behind(self, point: str) -> None:
        with write(self.store.db):
            self.store.db.execute("INSERT OR IGNORE INTO behind VALUES (?)", [point])
            self.store.db.execute("DELETE FROM given WHERE point=?", [point])
        self._given = [row for row in self._given if row[0] != point]
        self._fallen.add(point)

    def _catch_up(self) -> None:
        """Make and fill the inboxes that were found missing. One is behind until it is full."""
        behind = self.store.db.execute("SELECT point FROM behind ORDER BY point").fetchall()
        for (point,) in behind:
            self._restore(point)
            self._fallen.discard(point)
            self._refill(point)
            if point not in self._fallen:
                with write(self.store.db):
                    self.store.db.execute("DELETE FROM behind WHERE point=?", [point])

    def parties_of(self, number: str) -> frozenset[str]:
        """The points that must hold a subject, its linked subjects included."""
        return parties_of(self.store, number)

    def _lacking(self, point: str, number: str, read: dict[str, Event]) -> list[Event]:
        """What an inbox lacks of a subject. ``read``: events that another point lacked too."""
        rows = self.store.db.execute(_LACKING, [number, point]).fetchall()
        for id, body in rows:
            if id not in read:
                read[id] = parse(decode(body))
        return [read[id] for id, _ in rows]

    def _put(self, point: str, events: list[Event]) -> int:
        boxes = boxes_of(self.store, point)
        if not boxes:
            return 0  # no store there yet: its first one gets everything
        inbox = self.server.database(inbox_name(point))
        for start in range(0, len(events), PUT_AT_ONCE):
            envelopes = Envelopes(self.store, boxes)
            docs = [
                envelope_doc(event.id, envelopes.of(event))
                for event in events[start : start + PUT_AT_ONCE]
            ]
            try:
                self._write(inbox, docs)
            except Missing:
                self._fall_behind(point)
                return 0
            self._given += [(point, doc["_id"]) for doc in docs]
            if len(self._given) > GIVEN_AT_ONCE:
                self._note_given()
        return len(events)

    def _note_given(self, cursor: str = "") -> None:
        """Note what was put since the last time, and how far the journal is dealt with."""
        with write(self.store.db):
            self.store.db.conn.executemany("INSERT OR IGNORE INTO given VALUES (?, ?)", self._given)
            if cursor:
                self.store.set_cursor(CURSOR, cursor)
        self._given.clear()

    def _write(self, inbox: Database, docs: list[Doc]) -> None:
        rows = inbox.bulk(docs)
        taken = {row.id for row in rows if row.error == "conflict"}
        there = inbox.fetch(sorted(taken)) if taken else {}
        for doc in docs:
            known = there.get(doc["_id"])
            if known is not None and not (same_event(known, doc) and _opens_as_much(known, doc)):
                self._replace(inbox, known, doc)

    def _replace(self, inbox: Database, known: Doc, doc: Doc) -> None:
        try:
            inbox.put({**doc, "_rev": known["_rev"]})
        except Conflict:
            return  # another router did the same

    def _refill(self, point: str) -> int:
        """Give a point everything again: it has a new store, which must be able to unseal."""
        with write(self.store.db):
            self.store.db.execute("DELETE FROM given WHERE point=?", [point])
        self._given = [row for row in self._given if row[0] != point]
        every = [n for (n,) in self.store.db.execute("SELECT number FROM subjects").fetchall()]
        put = self._give(every, only=point)
        self._note_given()
        return put


def boxes_of(store: Store, point: str) -> list[str]:
    """The public keys of a point's stores, from their books."""
    books = registers.within(store.db, f"{point}.", f"{point}/")
    return [book.box_key for book in books if isinstance(book, StoreBook) and book.box_key]


def forget_given(store: Store) -> None:
    """Forget what was given to whom: the journal, and with it the inboxes, may be other ones."""
    _make_tables(store)
    with write(store.db):
        for table in ("given", "behind"):
            store.db.execute(f"DELETE FROM {table}")  # noqa: S608 - the names stand here


def _make_tables(store: Store) -> None:
    for statement in SCHEMA:
        store.db.execute(statement)


def _ids_in(inbox: Database, first: str, last: str) -> set[str]:
    """The ids of an inbox from the first to the last of these."""
    found: set[str] = set()
    start = first
    while page := inbox.range(start, f"{last}!", limit=IDS_AT_ONCE, docs=False):
        found.update(str(doc["_id"]) for doc in page)
        start = f"{page[-1]['_id']}!"
    return found


def _opens_as_much(known: Doc, doc: Doc) -> bool:
    """Whether an inbox document can be unsealed by all the stores it now must serve."""
    there, must = (Counter(k.get("for") for k in each.get("keys") or ()) for each in (known, doc))
    return there >= must
