"""Taking a batch of events in: one look at all that is known of them, one write of all that is new.

Asking the file row by row cost more than everything else about an event together. Everything
here happens inside one transaction of :meth:`sync.store.Store.merge`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlite_utils import Database

from cases.events import Event
from sync.canonical import canonical, decode
from sync.seal import CannotUnseal

if TYPE_CHECKING:
    from sync.store import Envelope, Store

MORE = "envelope:"  # the documents that keep what only a newer version knows of an envelope
_INSERT = (
    "INSERT INTO events (id, subject, author, n, at, type, hash, body, heard)"
    " VALUES (?,?,?,?,?,?,?,?,?)"
)
_BY_ID = "SELECT e.id, e.hash FROM json_each(?) c CROSS JOIN events e ON e.id=c.value"
_BY_PLACE = (
    "SELECT e.id, e.hash, e.author, e.n FROM json_each(?) c CROSS JOIN events e"
    " ON e.author=json_extract(c.value, '$[0]') AND e.n=json_extract(c.value, '$[1]')"
)
_KEYS = (
    "SELECT k.subject, k.author, k.wraps FROM json_each(?) c CROSS JOIN keys k"
    " ON k.subject=json_extract(c.value, '$[0]') AND k.author=json_extract(c.value, '$[1]')"
)


class Row(NamedTuple):
    """An event as it stands in the table ``events``."""

    id: str
    subject: str
    author: str
    n: int
    at: str
    type: str
    hash: str
    body: bytes
    heard: str


class Taken(NamedTuple):
    """What a part of a batch did: new events by id, (id, why) of the parked, subjects to refold."""

    new: dict[str, Event]
    parked: list[tuple[str, str]]
    touched: set[str]


def row_of(event: Event, heard: str) -> Row:
    """The row of an event: encoded once, and hashed from those bytes."""
    body = canonical(event.doc)
    hash = "sha256:" + hashlib.sha256(body).hexdigest()
    return Row(
        event.id, event.subject, event.author, event.n, event.at, event.type, hash, body, heard
    )


def insert(db: Database, rows: Sequence[Row]) -> None:
    """Write the rows of events that are known to be new."""
    db.conn.executemany(_INSERT, rows)


def take_in(store: Store, part: Sequence[Envelope]) -> Taken:
    """Take a part of a batch in: keys, certificates and events, as if one by one."""
    rewrapped = _keep_beside(store, part)
    taken = Taken({}, [], set())
    rows = [row_of(envelope.event, envelope.heard) for envelope in part]
    known = _Known(store.db, rows)
    new = []
    for envelope, row, is_rewrapped in zip(part, rows, rewrapped, strict=True):
        event, there = envelope.event, known.at(row)
        if there is None:
            known.add(row)
            new.append(row)
            taken.new[event.id] = event
            taken.touched.add(event.subject)
        elif there != (row.id, row.hash):
            why = f"位置已被另一内容占用：{there[0]}"
            store.park(event.id, why, event.at, event.doc)
            taken.parked.append((event.id, why))
        elif is_rewrapped:
            taken.touched.add(event.subject)  # what could not be opened before may be found now
    insert(store.db, new)
    return taken


class _Known:
    """(id, hash) of the events that already hold an id or a place of a batch."""

    def __init__(self, db: Database, rows: Sequence[Row]) -> None:
        ids = listed(row.id for row in rows)
        places = listed((row.author, row.n) for row in rows)
        self._by_id = {id: (id, hash) for id, hash in db.execute(_BY_ID, [ids])}
        self._by_place = {
            (author, n): (id, hash) for id, hash, author, n in db.execute(_BY_PLACE, [places])
        }

    def at(self, row: Row) -> tuple[str, str] | None:
        return self._by_id.get(row.id) or self._by_place.get((row.author, row.n))

    def add(self, row: Row) -> None:
        self._by_id[row.id] = self._by_place[row.author, row.n] = (row.id, row.hash)


def _keep_beside(store: Store, part: Sequence[Envelope]) -> list[bool]:
    """Keep keys and certificates. :returns: of each envelope whether its key is newly wrapped."""
    db = store.db
    certs = {e.event.author: e.cert for e in part if e.cert}
    db.conn.executemany(
        "INSERT OR REPLACE INTO certificates VALUES (?, ?)",
        [(author, canonical(cert)) for author, cert in certs.items()],
    )
    places = {(e.event.subject, e.event.author) for e in part if e.keys}
    kept = {(subject, author): wraps for subject, author, wraps in wraps_of(db, places)}
    new: dict[tuple[str, str], bytes] = {}
    rewrapped = []
    for envelope in part:
        if envelope.more:
            store.set_document(MORE + envelope.event.id, envelope.more)
    for event, keys, *_ in part:
        place, wraps = (event.subject, event.author), canonical(list(keys))
        news = bool(keys) and kept.get(place) != wraps
        rewrapped.append(news and not (_opens(store, kept.get(place)) and not _opens(store, wraps)))
        if rewrapped[-1]:
            kept[place] = new[place] = wraps
    db.conn.executemany(
        "INSERT OR REPLACE INTO keys VALUES (?, ?, ?)", [(*at, new[at]) for at in new]
    )
    return rewrapped


def _opens(store: Store, wraps: bytes | None) -> bool:
    try:
        return wraps is not None and store.keyring.unwrap(decode(wraps)) is not None
    except CannotUnseal:
        return False


def wraps_of(db: Database, places: Iterable[tuple[str, str]]) -> list[tuple[str, str, bytes]]:
    """(subject, author, wrappings) of those (subject, author) whose key is kept."""
    return list(db.execute(_KEYS, [listed(places)]))


def listed(values: Iterable[Any]) -> str:
    """Values as one parameter, for ``json_each``: a question that reads the same for any number."""
    return canonical(list(values)).decode()
