"""Receipts (回执): central's word that the journal holds an author's events up to ``n``.

A point takes an event for safe once the receipt covers it. So a receipt covers only what a quorum
of the journal's copies is known to hold, and never goes back because a slower router wrote last.

What this router wrote and CouchDB answered 201 to is sure. What it only met there, or heard of
through ``_changes``, is not: that reads one copy, and so does a conflict or a reading while the
other copies are down. Only a write that is taken is counted against the quorum, so those few are
written once more, unchanged, upon their present revision. What vanished meanwhile is put back.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from cases.events import CENTRAL, Event, point_of
from cases.folded import StoreBook
from central.district import JOURNAL, inbox_name, outbox_name
from sync.db import write
from sync.errors import Conflict, DoorstepError, Missing, RemoteUnavailable
from sync.merging import MORE
from sync.opened import place_of
from sync.ports import Database, Doc, Server
from sync.pull import pull_once
from sync.push import outbox_id, same_event
from sync.store import Envelope, Store, envelope_doc
from sync.word import RECEIPT

BATCH = 200
SURE = "sure:"
ATTEMPTS_MAX = 5
PARTED_MAX = 50  # what was refused before was told by earlier receipts


class Position(NamedTuple):
    """How far an author's events are dealt with: the last ``n`` and its hash ("" unknown)."""

    n: int
    hash: str


class Receipts:
    """Writes the receipts of one router. One a thread.

    :param store: the router's read model.
    :param position: how far that read model has an author's events, without a gap.
    """

    def __init__(
        self,
        server: Server,
        store: Store,
        clock: Callable[[], str],
        position: Callable[[str], Position],
    ) -> None:
        self._server = server
        self._store = store
        self._clock = clock
        self._position = position
        self._journal = server.database(JOURNAL)

    def known(self, author: str) -> int:
        """Up to which ``n`` this router knows a quorum to hold an author's events; 0 before."""
        return int(self._store.cursor(SURE + author))

    def sure(self, author: str, last: int) -> int:
        """Up to which ``n``, at most ``last``, a quorum is known to hold an author's events.

        A router that is new to an author trusts the receipt that another one wrote; to central's
        own authors nobody writes one, and what stands in the journal is taken for old.
        """
        known = self._store.cursor(SURE + author, "")
        if not known:
            said = last if point_of(author) == CENTRAL else _n(self._said(author))
            self._keep_sure(author, min(said, last))
        return min(self.known(author), last)

    def tell(self, author: str, position: Position) -> None:
        """Make sure of an author's events, then tell its point how far the journal holds them."""
        self._make_sure(author, position.n)
        if point_of(author) == CENTRAL or position.n == 0:
            return
        inbox, id = self._server.database(inbox_name(point_of(author))), RECEIPT + author
        for _ in range(ATTEMPTS_MAX):
            said = inbox.get(id) or {}
            if _n(said) > position.n:
                position = self.caught_up(author)
                self._make_sure(author, position.n)
            if (said.get("n"), said.get("hash")) == position:
                return
            if _n(said) > position.n and self._is_journaled(author, position.n + 1):
                return  # the copy we follow lags; who wrote that receipt knew more
            if self._put(inbox, {"_id": id, **_rev(said), **self._word(author, position)}):
                return
        raise RemoteUnavailable(f"{id}: 别的进程一直在改写，稍后再试")

    def caught_up(self, author: str) -> Position:
        """The position once this router has read all of the journal: what was receipted before we
        looked is in it, unless the journal was restored."""
        while pull_once(self._store, self._journal).taken:
            pass
        return self._position(author)

    def _word(self, author: str, position: Position) -> dict[str, Any]:
        word = {"n": position.n, "hash": position.hash, "at": self._clock()}
        parted = self._parted(author)
        return {**word, "parted": parted} if parted else word

    def _parted(self, author: str) -> list[tuple[int, str]]:
        """The journal's event before each one that was refused.

        Who wrote what was refused sees by it whether that followed anything central has.
        """
        book = self._store.subject(author)
        refused = book.refused if isinstance(book, StoreBook) else ()
        before = sorted({int(each["n"]) - 1 for each in refused})[-PARTED_MAX:]
        return [(n, hash) for n in before if (hash := self._store.hash_at(author, n))]

    def _put(self, inbox: Database, doc: Doc) -> bool:
        try:
            inbox.put(doc)
        except Conflict:
            return False  # another router was quicker: what it says is looked at first
        return True

    def _is_journaled(self, author: str, n: int) -> bool:
        """Whether the journal, asked by id, holds the event that the outbox has at ``n``."""
        try:
            doc = self._server.database(outbox_name(point_of(author))).get(outbox_id(author, n))
        except Missing:
            return False
        event = (doc or {}).get("event")
        if doc is None or not isinstance(event, dict) or not isinstance(event.get("id"), str):
            return False
        return same_event(self._journal.fetch([event["id"]]).get(event["id"]), doc)

    def _said(self, author: str) -> Doc:
        try:
            inbox = self._server.database(inbox_name(point_of(author)))
            return inbox.get(RECEIPT + author) or {}
        except Missing:
            return {}

    def _make_sure(self, author: str, last: int) -> None:
        """Write again, at a quorum, what nobody has seen to be held by one."""
        after = self.sure(author, last)
        while events := [e for e in self._store.of_author(author, after, BATCH) if e.n <= last]:
            self._write_again(events)
            after = events[-1].n
            self._keep_sure(author, after)
        if self.known(author) != last:
            self._keep_sure(author, last)  # places passed over, or a journal that was restored

    def _keep_sure(self, author: str, n: int) -> None:
        with write(self._store.db):
            self._store.set_cursor(SURE + author, str(n))

    def _write_again(self, events: Sequence[Event]) -> None:
        there = self._journal.fetch([event.id for event in events])
        docs = [self._doc(event, there.get(event.id)) for event in events]
        for row in self._journal.bulk(docs):
            if not row.ok:
                raise RemoteUnavailable(f"日志没有收下 {row.id}（{row.error}），稍后再试")

    def _doc(self, event: Event, there: Doc | None) -> Doc:
        """The journal's document as it stands there, or as this router has it if it vanished."""
        if there is None:
            return envelope_doc(event.id, self._envelope(event))
        if not same_event(there, {"event": event.doc}):
            raise DoorstepError(f"{event.id}: 日志里已是另一内容")
        return there

    def _envelope(self, event: Event) -> Envelope:
        place = place_of(event)
        held = self._store.subject_keys(*place) if place else ()
        keys = tuple(map(self._store.keyring.wrap, held))
        cert = self._store.certificate(event.author)
        more = self._store.document(MORE + event.id)
        return Envelope(event, keys, cert, self._store.heard(event.id), more)


def _n(said: Doc) -> int:
    n = said.get("n")
    return n if isinstance(n, int) else 0


def _rev(said: Doc) -> Doc:
    return {"_rev": said["_rev"]} if said else {}
