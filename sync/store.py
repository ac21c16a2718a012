"""The store: the journal and its registers in one SQLite file, at a node and at central alike.

A node's store also writes (``sync.writing``); a read model only takes in. What a subject's events
amount to stands in the register ``subjects``, which may be dropped and rebuilt at any time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any, NamedTuple

from sqlite_utils import Database

from cases.carried import CARRIED, facts
from cases.events import Event, NotAnEvent, parse
from cases.folded import Case, Folded, Parcel
from sync import forgetting, merging, parked, registers, upgrades
from sync.canonical import canonical, decode
from sync.db import connect, named, prepare, write
from sync.errors import DoorstepError
from sync.opened import Keys, keys_in, place_of, unsealed
from sync.seal import CannotUnseal, Keyring, Wrap

VERSION = 7
BESIDE = frozenset({"event", "keys", "cert", "heard"})
BATCH = 50  # events in one write transaction; more would keep the window waiting
BATCH_ALONE = 200  # where no window shares the file: each commit waits for the disk
SCHEMA = """
CREATE TABLE events (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, subject TEXT NOT NULL,
  author TEXT NOT NULL, n INTEGER NOT NULL, at TEXT NOT NULL, type TEXT NOT NULL,
  hash TEXT NOT NULL, body BLOB NOT NULL, heard TEXT NOT NULL, UNIQUE (author, n)) STRICT;
CREATE INDEX events_subject ON events (subject, id);
CREATE INDEX events_blob ON events (json_extract(CAST(body AS TEXT), '$.data.blob'))
  WHERE type='case.scanned';
CREATE INDEX events_completed ON events (at) WHERE type='case.completed';
CREATE TABLE keys (subject TEXT NOT NULL, author TEXT NOT NULL, wraps BLOB NOT NULL,
  PRIMARY KEY (subject, author)) STRICT, WITHOUT ROWID;
CREATE TABLE certificates (author TEXT PRIMARY KEY, body BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE receipts (author TEXT PRIMARY KEY, n INTEGER NOT NULL, hash TEXT NOT NULL,
  at TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE cursors (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE documents (id TEXT PRIMARY KEY, body BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE operations (op TEXT PRIMARY KEY, answer TEXT NOT NULL, at TEXT NOT NULL)
  STRICT, WITHOUT ROWID;
"""


class StoreError(DoorstepError):
    """The store cannot do what was asked; the message says why. Never retried."""


class Envelope(NamedTuple):
    """An event with what travels beside it: the wrapped keys and the author's certificate.

    ``more`` is what a newer version put beside it too: carried on, and not looked at.
    """

    event: Event
    keys: tuple[Wrap, ...] = ()
    cert: Mapping[str, Any] | None = None
    heard: str = ""
    more: Mapping[str, Any] | None = None


class Merged(NamedTuple):
    """What taking in a batch did: ids that were new, and (id, why) of what was parked."""

    new: tuple[str, ...]
    parked: tuple[tuple[str, str], ...]


class Receipt(NamedTuple):
    """Central's word that its journal holds an author's events up to ``n``.

    ``parted``: (place, hash) of the journal's event before each one that was refused.
    """

    n: int
    hash: str
    at: str
    parted: tuple[tuple[int, str], ...] = ()


class Store:
    """One connection to one file. Make one a thread; close it."""

    def __init__(
        self,
        path: Path | str,
        keyring: Keyring,
        home_of: Callable[[str], str],
        *,
        checkpoints: bool = True,
        words: bool = True,
    ) -> None:
        """Open or make the file.

        :param home_of: the point code in a subject's number, "" where there is none.
        :param words: keep the search words of sealed names (a node does, central must not).
        :raises DataFolderError: damaged, foreign or newer file.
        """
        self.path = str(path)
        self.db: Database = connect(path, checkpoints=checkpoints)
        self.keyring = keyring
        self.home_of = home_of
        self.words = words
        schema = SCHEMA + parked.SCHEMA + registers.SCHEMA + merging.SCHEMA + merging.PROOFS
        with named(self.path):
            steps = {step: partial(to, self) for step, to in upgrades.UPGRADES.items()}
            prepare(self.db, schema, VERSION, self.path, steps)

    def close(self) -> None:
        """Close the connection."""
        self.db.close()

    # reading

    def events(self, subject: str) -> list[Event]:
        """The facts that a subject's events tell (``cases.carried``), in id order."""
        rows = self.db.execute("SELECT body FROM events WHERE subject=? ORDER BY id", [subject])
        return sorted(facts(parse(decode(body)) for (body,) in rows), key=lambda e: e.id)

    def event(self, event_id: str) -> Event | None:
        """One fact by its id, or by its carrier's."""
        row = self.db.execute("SELECT body FROM events WHERE id=?", [event_id]).fetchone()
        event = parse(decode(row[0])) if row else None
        if event is not None and event.type != CARRIED:
            return event
        held = self.events(event_id.rpartition(":")[0])
        return next((e for e in held if event_id in (e.id, e.carrier)), event)

    def holds(self, event_id: str) -> int:
        """The place in its author's journal of the event that has this id here; 0 if none has."""
        row = self.db.execute("SELECT n FROM events WHERE id=?", [event_id]).fetchone()
        return int(row[0]) if row else 0

    def subject(self, number: str) -> Folded | None:
        """A subject's present state from the register, or None if nothing is known of it."""
        return registers.subject(self.db, number)

    def case(self, number: str) -> Case | None:
        """A case by its number, or None."""
        found = self.subject(number)
        return found if isinstance(found, Case) else None

    def parcel(self, number: str) -> Parcel | None:
        """A parcel by its number, or None."""
        found = self.subject(number)
        return found if isinstance(found, Parcel) else None

    def parcels_of(self, case: str) -> tuple[Parcel, ...]:
        """The parcels that carry something of a case, oldest first."""
        return registers.parcels_of(self.db, case)

    def unseal(self, event: Event) -> dict[str, Any]:
        """The sealed part of an event. :raises CannotUnseal: no key here, or altered."""
        place = place_of(event)
        keys = self.subject_keys(*place) if place else ()
        if place and not keys and forgetting.forgotten_among(self.db, [place[0]]):
            raise CannotUnseal(f"{event.id}: 个人信息已按规定遗忘，谁也打不开了")
        return unsealed(keys, event) if place else {}

    def subject_key(self, subject: str, author: str) -> bytes | None:
        """The key that an author seals a subject's data under, if this keyring opens it."""
        return next(iter(self.subject_keys(subject, author)), None)

    def subject_keys(self, subject: str, author: str) -> Keys:
        """The keys an author sealed a subject's data under, of which this keyring opens.

        More than one only where its disk lived twice.
        """
        row = self.db.execute(
            "SELECT wraps FROM keys WHERE subject=? AND author=?", [subject, author]
        ).fetchone()
        return keys_in(self.keyring, decode(row[0])) if row else ()

    def certificate(self, author: str) -> dict[str, Any] | None:
        """Central's certificate for an author, if it came along."""
        row = self.db.execute("SELECT body FROM certificates WHERE author=?", [author]).fetchone()
        return decode(row[0]) if row else None

    def head(self, author: str) -> tuple[int, str]:
        """(n, hash) of an author's last event here; (0, "") if there is none."""
        row = self.db.execute(
            "SELECT n, hash FROM events WHERE author=? ORDER BY n DESC LIMIT 1", [author]
        ).fetchone()
        return (row[0], row[1]) if row else (0, "")

    def heads(self) -> list[tuple[str, int, str]]:
        """(author, n, hash) of every author's last event here."""
        return list(
            self.db.execute("SELECT author, max(n), hash FROM events GROUP BY author ORDER BY 1")
        )

    def of_author(self, author: str, after: int, limit: int) -> list[Event]:
        """An author's events with ``n`` above ``after``, in order."""
        rows = self.db.execute(
            "SELECT body FROM events WHERE author=? AND n>? ORDER BY n LIMIT ?",
            [author, after, limit],
        )
        return [parse(decode(body)) for (body,) in rows]

    def reach(self, author: str, after: int = 0) -> int:
        """Up to which ``n`` an author's events are here without a gap, as they are up to ``after``.

        A node holds single events of others, and central those of a lost point that others saved.
        """
        count, last = self.db.execute(
            "SELECT count(*), max(n) FROM events WHERE author=? AND n>?", [author, after]
        ).fetchone()
        if not count or last - after == count:
            return int(last or after)
        row = self.db.execute(
            "SELECT min(n) FROM (SELECT ? AS n UNION ALL SELECT n FROM events WHERE author=? AND"
            " n>?) e WHERE NOT EXISTS (SELECT 1 FROM events x WHERE x.author=? AND x.n=e.n+1)",
            [after, author, after, author],
        ).fetchone()
        return int(row[0])

    def held(self, after: int, limit: int) -> list[tuple[int, Event]]:
        """(place of arrival, event) of whatever came after a place of arrival, whoever wrote it."""
        rows = self.db.execute(
            "SELECT seq, body FROM events WHERE seq>? ORDER BY seq LIMIT ?", [after, limit]
        )
        return [(seq, parse(decode(body))) for seq, body in rows]

    def hash_at(self, author: str, n: int) -> str | None:
        """The hash of an author's event ``n``, or None if it is not here."""
        row = self.db.execute(
            "SELECT hash FROM events WHERE author=? AND n=?", [author, n]
        ).fetchone()
        return row[0] if row else None

    def heard(self, event_id: str) -> str:
        """When central heard of an event; "" where that is not known."""
        row = self.db.execute("SELECT heard FROM events WHERE id=?", [event_id]).fetchone()
        return row[0] if row else ""

    def authors(self) -> list[str]:
        """Every author of whom an event is here."""
        return [a for (a,) in self.db.execute("SELECT DISTINCT author FROM events ORDER BY 1")]

    def receipt(self, author: str) -> Receipt:
        """Central's last receipt for an author; ``n`` is 0 before the first."""
        row = self.db.execute(
            "SELECT n, hash, at FROM receipts WHERE author=?", [author]
        ).fetchone()
        return Receipt(*row) if row else Receipt(0, "", "")

    def waiting(self, author: str) -> int:
        """How many of an author's events central has not receipted yet."""
        return self.head(author)[0] - self.receipt(author).n

    def is_safe(self, event: Event) -> bool:
        """Whether central's journal holds the event (已上报). Another's event came from there."""
        covered = event.n <= self.receipt(event.author).n
        return covered and not registers.is_refused(self.db, event.author, event.n)

    def cursor(self, name: str, default: str = "0") -> str:
        """A named cursor, opaque."""
        row = self.db.execute("SELECT value FROM cursors WHERE name=?", [name]).fetchone()
        return row[0] if row else default

    def document(self, id: str) -> dict[str, Any] | None:
        """A document that is no event: a lease, a staff list, the refusals."""
        row = self.db.execute("SELECT body FROM documents WHERE id=?", [id]).fetchone()
        return decode(row[0]) if row else None

    def documents(self, prefix: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """The documents whose id begins with a prefix."""
        rows = self.db.execute(
            "SELECT id, body FROM documents WHERE id>=? AND id<? ORDER BY id",
            [prefix, prefix + "~"],
        ).fetchall()
        return ((id, decode(body)) for id, body in rows)

    def parked(self) -> list[tuple[str, str, str]]:
        """(id, why, at) of everything that was set aside on the way and waits for a person."""
        return [found[:3] for found in parked.listed(self.db) if not found.answer]

    # taking in

    def set_cursor(self, name: str, value: str) -> None:
        """Move a cursor; inside :func:`sync.db.write` together with the data it stands for."""
        self.db.execute("INSERT OR REPLACE INTO cursors VALUES (?, ?)", [name, value])

    def set_receipt(self, author: str, receipt: Receipt) -> None:
        """Keep central's newest receipt, whatever it says (lower: central was restored)."""
        row = [author, receipt.n, receipt.hash, receipt.at]
        self.db.execute("INSERT OR REPLACE INTO receipts VALUES (?, ?, ?, ?)", row)

    def set_document(self, id: str, body: Mapping[str, Any] | None) -> None:
        """Keep (or, with None, drop) a document that is no event."""
        if body is None:
            self.db.execute("DELETE FROM documents WHERE id=?", [id])
        else:
            self.db.execute("INSERT OR REPLACE INTO documents VALUES (?, ?)", [id, canonical(body)])

    def park(self, id: str, why: str, at: str, body: object) -> None:
        """Put something aside that cannot be taken in, for a person to see."""
        parked.park(self.db, id, why, at, body)

    def merge(
        self,
        envelopes: Sequence[Envelope],
        *,
        cursor: tuple[str, str] | None = None,
        rest: Callable[[float], None] | None = None,
    ) -> Merged:
        """Take in events from elsewhere, in transactions of at most :data:`BATCH`.

        Known events are passed over, so a repeat does nothing; an event whose id or place is taken
        by other content is parked. The cursor (name, value) moves with the last transaction.
        ``rest`` is told after each transaction for how many seconds the lock was held, so that a
        background writer can leave the window as much time (SQLite's waiting is unfair). Without
        it nobody waits, and a transaction holds up to :data:`BATCH_ALONE`.
        """
        new: list[str] = []
        aside: list[tuple[str, str]] = []
        size = BATCH if rest else BATCH_ALONE
        for start in range(0, max(len(envelopes), 1), size):
            part = envelopes[start : start + size]
            began = monotonic()
            with write(self.db):
                taken = merging.take_in(self, part)
                registers.refold(self, taken.touched, taken.new)
                if cursor and start + size >= len(envelopes):
                    self.set_cursor(*cursor)
            new += taken.new
            aside += taken.parked
            if rest and part:
                rest(monotonic() - began)
        return Merged(tuple(new), tuple(aside))

    def insert(self, event: Event, *, heard: str) -> str:
        """Write one event that is known to be new, inside a transaction. :returns: its hash."""
        row = merging.row_of(event, heard)
        merging.insert(self.db, [row])
        return row.hash

    def checkpoint(self) -> None:
        """Move the write-ahead log into the file, without making anybody wait.

        :raises StorageError: the file cannot grow or be written; the log still holds everything.
        """
        with named(self.path):
            self.db.conn.execute("PRAGMA wal_checkpoint(PASSIVE)")
            forgetting.wipe_log(self.db)

    def empty(self) -> None:
        """Forget everything: a read model is then built again from the journal."""
        with write(self.db):
            registers.clear(self.db)
            for table in ("events", "keys", "certificates", "cursors", "parked"):
                self.db.execute(f"DELETE FROM {table}")  # noqa: S608 - the names stand here

    def rebuild(self) -> int:
        """Drop the registers and fold every subject anew. :returns: how many subjects."""
        with write(self.db):
            registers.clear(self.db)
            subjects = {s for (s,) in self.db.execute("SELECT DISTINCT subject FROM events")}
            registers.refold(self, subjects)
        return len(subjects)


def read_envelope(doc: Mapping[str, Any]) -> Envelope:
    """Read a mailbox or journal document. :raises NotAnEvent: it holds no event."""
    keys = doc.get("keys") or ()
    if not isinstance(keys, list | tuple) or not all(map(_is_wrap, keys)):
        raise NotAnEvent(f"{doc.get('_id')}: keys are malformed")
    cert = doc.get("cert")
    more = {name: doc[name] for name in doc if name not in BESIDE and not name.startswith("_")}
    return Envelope(
        parse(doc.get("event")),
        tuple(dict(k) for k in keys),
        cert if isinstance(cert, Mapping) else None,
        str(doc.get("heard") or ""),
        more or None,
    )


def _is_wrap(value: object) -> bool:
    return isinstance(value, Mapping) and all(isinstance(v, str) for v in value.values())


def envelope_doc(id: str, envelope: Envelope) -> dict[str, Any]:
    """The mailbox or journal document of an envelope."""
    doc = {**(envelope.more or {}), "_id": id, "event": dict(envelope.event.doc)}
    if envelope.keys:
        doc["keys"] = list(envelope.keys)
    if envelope.cert:
        doc["cert"] = dict(envelope.cert)
    if envelope.heard:
        doc["heard"] = envelope.heard
    return doc
