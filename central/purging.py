"""Purging: no document of CouchDB keeps a key of a forgotten subject (``cases.forgotten``).

Journal, inboxes and outboxes hold the event and its signature as before; the document is written
anew without the keys beside it. Every step may run twice, and in two routers at once. What an
earlier revision said leaves the files with the next compaction, which is asked for here.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import NamedTuple

import structlog

from cases.events import CENTRAL, point_of
from cases.numbers import SubjectKind, kind_of
from cases.states import VisitState
from central.district import JOURNAL, inbox_name, outbox_name
from central.holders import parties_of
from sync import parked
from sync.db import write
from sync.errors import Missing, RemoteUnavailable
from sync.forgetting import forgotten_among
from sync.merging import listed
from sync.ports import Doc, Server
from sync.push import PURGED, outbox_id
from sync.store import Envelope, Store

log = structlog.get_logger()
AT_ONCE = 50  # subjects purged together
LOOKED_AT_AGAIN = 200  # subjects that an audit looks at again
ATTEMPTS_MAX = 5
LOOKED = "purged"
DUE = "compact:"  # these cursors name the databases that are to be compacted
_PLACES = (
    "SELECT e.subject, e.id, e.author, e.n FROM json_each(?) c CROSS JOIN events e"
    " ON e.subject=c.value"
)
_NEXT = (
    "SELECT number FROM subjects WHERE kind='visit' AND state=? AND number>? ORDER BY number"
    " LIMIT ?"
)


class Place(NamedTuple):
    """A document that may hold a key: the name of its database, and its id there."""

    database: str
    id: str


class Purging:
    """Purges for one router. One a thread.

    :param store: the router's read model.
    """

    def __init__(self, server: Server, store: Store) -> None:
        self._server = server
        self._store = store

    def purge(self, numbers: Iterable[str]) -> int:
        """Purge those of these subjects that are forgotten. :returns: how many documents held keys.

        :raises RemoteError: nothing is lost; the same step is repeated.
        """
        forgotten = sorted(forgotten_among(self._store.db, numbers))
        found = 0
        for start in range(0, len(forgotten), AT_ONCE):
            some = forgotten[start : start + AT_ONCE]
            with write(self._store.db):
                parked.drop_keys(self._store.db, some)
            places = self._places(some)
            for name in sorted({place.database for place in places}):
                found += self._strip(name, {p.id for p in places if p.database == name})
        return found

    def audit(self) -> int:
        """Look again at the next forgotten subjects: a mailbox may have been put back.

        :returns: how many documents held keys.
        """
        after = self._store.cursor(LOOKED, "")
        asked = [VisitState.FORGOTTEN.value, after, LOOKED_AT_AGAIN]
        numbers = [n for (n,) in self._store.db.execute(_NEXT, asked).fetchall()]
        found = self.purge(numbers)
        if found:
            log.warning("keys of what is forgotten were back", documents=found)
        with write(self._store.db):
            whole = len(numbers) < LOOKED_AT_AGAIN
            self._store.set_cursor(LOOKED, "" if whole else numbers[-1])
        return found

    def compact(self) -> int:
        """Have the databases compacted in which something was purged. :returns: how many."""
        rows = self._store.db.execute(
            "SELECT name FROM cursors WHERE name>=? AND name<? ORDER BY name", [DUE, f"{DUE}~"]
        ).fetchall()
        for (due,) in rows:
            with suppress(Missing):  # dropped since, with all it held
                self._server.database(str(due).removeprefix(DUE)).compact()
            with write(self._store.db):
                self._store.db.execute("DELETE FROM cursors WHERE name=?", [due])
        return len(rows)

    def _places(self, numbers: list[str]) -> set[Place]:
        """Where events of these subjects lie: also what a party offered of another's."""
        found: set[Place] = set()
        rows = self._store.db.execute(_PLACES, [listed(numbers)]).fetchall()
        parties = {number: parties_of(self._store, number) - {CENTRAL} for number in numbers}
        for subject, id, author, n in rows:
            found.add(Place(JOURNAL, id))
            found |= {Place(inbox_name(point), id) for point in parties[subject]}
            writers = {point_of(author), *parties[subject]}
            found |= {Place(outbox_name(party), outbox_id(author, n)) for party in writers}
        return found

    def _strip(self, name: str, ids: set[str]) -> int:
        """Write anew, without keys, those of these documents of a database that have some."""
        database, count = self._server.database(name), 0
        for _ in range(ATTEMPTS_MAX):
            try:
                there = database.fetch(sorted(ids))
            except Missing:
                return count  # whoever makes it anew puts no keys there
            held = [doc for doc in there.values() if doc.get("keys")]
            if not held:
                return count
            with write(self._store.db):
                self._store.set_cursor(DUE + name, "due")
            rows = database.bulk([_without_keys(name, doc) for doc in held])
            count += sum(row.ok for row in rows)
            ids = {row.id for row in rows if not row.ok}  # somebody else wrote meanwhile
        raise RemoteUnavailable(f"{name}: 密钥没有清除完，稍后再试")


def _without_keys(name: str, doc: Doc) -> Doc:
    """The document without its keys. In an outbox a mark says why: intake may read it again."""
    kept = {field: value for field, value in doc.items() if field != "keys"}
    return {**kept, PURGED: True} if name.startswith(outbox_name("")) else kept


def is_without_key(store: Store, envelope: Envelope, *, own: bool) -> bool:
    """Whether an event is journaled without its key: nobody may open what is forgotten.

    :param own: it came from its author's own point, whose word is taken for it, of what may be
        forgotten at all; nobody keeps a case's content from central so.
    """
    if forgotten_among(store.db, [envelope.event.subject]):
        return True
    marked = not envelope.keys and PURGED in (envelope.more or {})
    return own and marked and kind_of(envelope.event.subject) is SubjectKind.VISIT


def awaits(store: Store, doc: Doc) -> bool:
    """Whether what a party offers without its key waits in the outbox until it is known here that
    the subject is forgotten: somebody else may still have the key."""
    return PURGED in doc and not forgotten_among(store.db, [parked.subject_in(doc)])
