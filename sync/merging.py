"""Taking a batch of events in: one look at all that is known of them, one write of all that is new.

Asking the file row by row cost more than everything else about an event together. Everything
here happens inside one transaction of :meth:`sync.store.Store.merge`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlite_utils import Database

from cases.carried import CARRIED, told
from cases.events import Event, parse
from sync import parked
from sync.canonical import canonical, decode, digest
from sync.opened import joined, place_of, wraps_of

if TYPE_CHECKING:
    from sync.store import Envelope, Store

SCHEMA = (
    "CREATE INDEX events_carried ON events"
    " (json_extract(CAST(body AS TEXT), '$.data.event.data.blob')) WHERE type='event.carried';\n"
)
PROOFS = (
    "CREATE INDEX events_proof ON events"
    " (json_extract(CAST(body AS TEXT), '$.data.blob')) WHERE type='parcel.delivered';\n"
)
TAKEN = "位置已被另一内容占用："
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
_HELD = "SELECT id, subject, author, n, hash FROM events WHERE id=? OR (author=? AND n=?)"


def upgrade(db: Database) -> None:
    """Bring a store's file from version 2 to 3: which blobs carried facts name has an index."""
    db.execute(SCHEMA)


def name_proofs(db: Database) -> None:
    """Bring a store's file from version 4 to 5: which pictures prove a delivery has an index."""
    db.execute(PROOFS)


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
    taken = Taken({}, [], _keep_beside(store, part))
    rows = [row_of(envelope.event, envelope.heard) for envelope in part]
    known = _Known(store.db, rows)
    new, apart = [], []
    for envelope, row in zip(part, rows, strict=True):
        event, there = envelope.event, known.at(row)
        if there is None:
            known.add(row)
            new.append(row)
            taken.new[event.id] = event
            taken.touched.add(event.subject)
        elif there != (row.id, row.hash):
            apart.append((event, row))
    insert(store.db, new)
    apart += _give_way(store, taken)
    for event, row in apart:
        _take_apart(store, event, row, taken)
    return taken


def _take_apart(store: Store, event: Event, row: Row, taken: Taken) -> None:
    """An event whose id or place another one holds here: of two lives of one disk, or of none.

    What is carried anyway yields to what is not; otherwise it waits for a person.
    """
    if _is_carried(store.db, row.subject, row.hash):
        return parked.drop(store.db, [event.id])
    held = store.db.execute(_HELD, [row.id, row.author, row.n]).fetchall()
    if any((id, hash) == (row.id, row.hash) for id, *_, hash in held):
        return parked.drop(store.db, [event.id])
    if all(_is_carried(store.db, subject, hash) for _, subject, _, _, hash in held):
        _drop(store, [(id, subject) for id, subject, *_ in held], taken)
        insert(store.db, [row])
        taken.new[event.id] = event
        taken.touched.add(event.subject)
        return parked.drop(store.db, [event.id])
    why = f"{TAKEN}{held[0][0]}"
    store.park(event.id, why, event.at, event.doc)
    return taken.parked.append((event.id, why))


def _give_way(store: Store, taken: Taken) -> list[tuple[Event, Row]]:
    """What carriers that just came carry goes, and what had to wait for it has its turn.

    The place is another fact's in the journal. Who writes in this name finds so that it wrote twice
    (``sync.pull``), and a model of the journal holds what the journal holds.
    """
    me = store.cursor("author", "")
    carried = [fact for event in taken.new.values() if (fact := told(event)).carrier]
    if not me or not carried:
        return []
    for fact in carried:
        if fact.author != me:
            row = store.db.execute(
                "SELECT id, subject FROM events WHERE author=? AND n=? AND hash=?",
                [fact.author, fact.n, digest(fact.doc)],
            ).fetchall()
            _drop(store, row, taken)
    waiting = store.db.execute("SELECT body FROM parked WHERE why LIKE ?", [f"{TAKEN}%"]).fetchall()
    events = [parse(decode(body)) for (body,) in waiting]
    return [(event, row_of(event, "")) for event in events]


def _drop(store: Store, rows: Iterable[tuple[str, str]], taken: Taken) -> None:
    for id, subject in rows:
        store.db.execute("DELETE FROM events WHERE id=?", [id])
        taken.new.pop(id, None)
        taken.touched.add(subject)


def is_carried(db: Database, event: Event) -> bool:
    """Whether one of central's carriers that are here carries this very event."""
    return _is_carried(db, event.subject, digest(event.doc))


def _is_carried(db: Database, subject: str, hash: str) -> bool:
    rows = db.execute("SELECT body FROM events WHERE subject=? AND type=?", [subject, CARRIED])
    return any(digest(told(parse(decode(body))).doc) == hash for (body,) in rows)


def is_carried_somewhere(db: Database, author: str, hash: str) -> bool:
    """Whether a carrier that is here carries the event of this author that has this hash."""
    rows = db.execute("SELECT body FROM events WHERE type='event.carried'")  # by its index
    facts = (told(parse(decode(body))) for (body,) in rows)
    return any(f.author == author and digest(f.doc) == hash for f in facts)


def carried_ids(store: Store, subject: str) -> frozenset[str]:
    """The ids of a subject's facts that are here as central carries them (转录)."""
    asked = [subject, CARRIED]
    row = store.db.execute("SELECT 1 FROM events WHERE subject=? AND type=? LIMIT 1", asked)
    if row.fetchone() is None:
        return frozenset()
    return frozenset(event.id for event in store.events(subject) if event.carrier)


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


def _keep_beside(store: Store, part: Sequence[Envelope]) -> set[str]:
    """Keep keys and certificates. :returns: the subjects of which a key is newly wrapped.

    They are folded anew: what could not be opened before may be found now, and a key of what is
    forgotten is dropped again before anybody else sees it (``sync.forgetting``).
    """
    db = store.db
    certs = {e.event.author: e.cert for e in part if e.cert}
    db.conn.executemany(
        "INSERT OR REPLACE INTO certificates VALUES (?, ?)",
        [(author, canonical(cert)) for author, cert in certs.items()],
    )
    places = {place for e in part if e.keys and (place := place_of(e.event))}
    kept = {(subject, author): wraps for subject, author, wraps in wraps_of(db, places)}
    new: dict[tuple[str, str], bytes] = {}
    for envelope in part:
        if envelope.more:
            store.set_document(MORE + envelope.event.id, envelope.more)
    for event, keys, *_ in part:
        place = place_of(event) if keys else None
        wraps = place and joined(store.keyring, kept.get(place), canonical(list(keys)))
        if place and wraps:
            kept[place] = new[place] = wraps
    db.conn.executemany(
        "INSERT OR REPLACE INTO keys VALUES (?, ?, ?)", [(*at, new[at]) for at in new]
    )
    return {subject for subject, _ in new}


def listed(values: Iterable[Any]) -> str:
    """Values as one parameter, for ``json_each``: a question that reads the same for any number."""
    return canonical(list(values)).decode()
