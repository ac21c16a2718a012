"""Carrying (转录): what an author signed in a place that the journal has given to another fact.

It happens where a disk lived twice and central was restored in between (``cases.carried``). What is
proven to be the author's is stated by central with the whole original in it. Once is enough.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from cases.carried import CARRIED, told
from cases.events import parse, point_of
from cases.fold import WrongState
from central.author import CentralAuthor
from central.delivery import boxes_of
from central.district import inbox_name, outbox_name
from central.outboxes import Refused, Taken, pages
from sync.canonical import UnfitEvent, decode, digest
from sync.db import write
from sync.envelopes import Envelopes
from sync.errors import Missing
from sync.merging import is_carried, listed
from sync.opened import keys_in, unsealed
from sync.ports import Database, Doc, Server
from sync.push import PARKED, same_event
from sync.seal import CannotUnseal
from sync.store import Envelope, Store, envelope_doc

LIVES = "lives:"  # of this author facts of two lives are known: only what links is journaled
LOOSE = "loose:"  # from which place on an author's events were journaled out of others' outboxes


class Carrying:
    """Carries for one intake. One a thread.

    :param prove: the envelope in a document, proven to be its author's; raises :class:`Refused`.
    :param journal: takes in what central's own author has stated.
    """

    def __init__(
        self,
        server: Server,
        store: Store,
        author: CentralAuthor,
        prove: Callable[[str, Doc], Envelope],
        journal: Callable[[], object],
    ) -> None:
        self._server = server
        self._store = store
        self._author = author
        self._prove = prove
        self._journal = journal

    def carry(self, author: str, doc: Doc) -> bool:
        """Carry what has no place, if its author signed it. :returns: whether it is carried."""
        try:
            envelope = self._prove(author, doc)
        except Refused:
            return False
        event = envelope.event
        there = self._store.hash_at(event.author, event.n) == digest(event.doc)
        if there or is_carried(self._store.db, event):
            return True
        stated = event.type != CARRIED and self._state(envelope)
        if stated:
            self._journal()
        return stated

    def _state(self, envelope: Envelope) -> bool:
        event = envelope.event
        with suppress(CannotUnseal, WrongState, UnfitEvent):
            unsealed(keys_in(self._store.keyring, envelope.keys), event)
            data = {"event": dict(event.doc), "cert": dict(envelope.cert or {})}
            self._author.state(
                self._store, CARRIED, event.subject, data,
                actor="intake", keys=envelope.keys, k_min=event.k,
            )  # fmt: skip
            with write(self._store.db):
                self._store.set_cursor(LIVES + event.author, "1")
            return True
        return False

    def tell(self, party: str, docs: Sequence[Doc]) -> None:
        """Give who offered something that was carried its carrier: it then lets the original go.

        By the facts that count it may have no part in the subject any more.
        """
        ids = {str(each["event"].get("id")) for each in docs if isinstance(each.get("event"), dict)}
        subjects = {id.rpartition(":")[0] for id in ids}
        rows = self._store.db.execute(
            "SELECT body FROM json_each(?) c CROSS JOIN events e ON e.subject=c.value"
            " WHERE e.type=?",
            [listed(sorted(subjects)), CARRIED],
        ).fetchall()
        carriers = [parse(decode(body)) for (body,) in rows]
        envelopes = Envelopes(self._store, boxes_of(self._store, party))
        given = [
            envelope_doc(each.id, envelopes.of(each))
            for each in carriers
            if told(each).doc["id"] in ids
        ]
        if given:
            self._server.database(inbox_name(party)).bulk(given)

    # what is known of an author who lived twice

    def note_loose(self, author: str, n: int) -> None:
        """Note that an event was journaled that did not come from its author's own outbox."""
        if not 0 < self._loose(author) <= n:
            with write(self._store.db):
                self._store.set_cursor(LOOSE + author, str(n))

    def _loose(self, author: str) -> int:
        return int(self._store.cursor(LOOSE + author))

    def _lived_twice(self, author: str) -> bool:
        return bool(self._store.cursor(LIVES + author, ""))

    def require_life(self, author: str, n: int, event: Any, before: str) -> None:
        """Of an author who lived twice only what links to the journal at one end is of its life.

        :raises Taken: this does not.
        """
        if not self._lived_twice(author) or not isinstance(event, dict):
            return
        behind = self._store.of_author(author, n, 1)
        precedes = behind and behind[0].n == n + 1 and behind[0].prev == digest(event)
        if not precedes and not (before and event.get("prev") == before):
            raise Taken("这个作者的磁盘用过两次，这一条接不上已收录的")

    def contradicted(self, author: str, docs: Sequence[Doc]) -> set[str]:
        """Which offered documents an author's own outbox contradicts: it is asked first."""
        try:
            own = self._server.database(outbox_name(point_of(author)))
            there = own.fetch([str(doc["_id"]) for doc in docs])
        except Missing:
            return set()
        return {id for doc in docs if (id := doc["_id"]) in there and _differ(there[id], doc)}

    def is_other_life(self, author: str, doc: Doc, why: Refused) -> bool:
        """Carry what does not follow, where others gave what the author's other life wrote.

        Its place stays free: whoever writes on in either life finds out, and takes another name.
        """
        twice = self._lived_twice(author) or self._loose(author) > 0
        return isinstance(why, Taken) and twice and self.carry(author, doc)

    def rest(self, author: str, outbox: Database, reached: int) -> None:
        """Carry what an author's own outbox has, and the journal cannot have in its place."""
        start = self._loose(author) or (reached + 1 if self._lived_twice(author) else 0)
        for page in pages(outbox, author, start) if start else ():
            for doc in page:
                self.carry(author, doc)


def _differ(own: Doc, offered: Doc) -> bool:
    """Whether two documents hold different events; what nobody can read contradicts nothing."""
    event = own.get("event")
    if not isinstance(event, dict) or PARKED in event:
        return False
    try:
        return not same_event(own, offered)
    except (ValueError, RecursionError):
        return False
