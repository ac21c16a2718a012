"""The book of a node's blobs: which are wanted here, which central must still get, and why not yet.

Rows are made where a blob is stored, and again from the journal: a lost or restored book heals.
That central has a blob whole is believed until central says otherwise (:meth:`BlobBook.lost`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from itertools import chain
from typing import Any, NamedTuple

from cases.carried import CARRIED, told
from cases.events import Event, parse
from cases.scans import DELIVERED, SCANNED, names_a_blob
from cases.times import from_text, to_text
from sync.canonical import decode
from sync.db import write
from sync.store import Store

RETRY_SECONDS = 5
RETRY_SECONDS_MAX = 3600
WANTED_RETRY_SECONDS_MAX = 60  # a person waits
EVENTS_MAX = 5_000  # looked through in one step
WHY_CHARS_MAX = 200
_NAMING = (
    "SELECT body FROM events WHERE type='case.scanned'"
    " AND json_extract(CAST(body AS TEXT), '$.data.blob')=? ORDER BY seq"
)
_PROOF_NAMING = (
    "SELECT body FROM events WHERE type='parcel.delivered'"
    " AND json_extract(CAST(body AS TEXT), '$.data.blob')=? ORDER BY seq"
)
_CARRIED_NAMING = (
    "SELECT body FROM events WHERE type='event.carried'"
    " AND json_extract(CAST(body AS TEXT), '$.data.event.data.blob')=? ORDER BY seq"
)
SCHEMA = (
    "CREATE TABLE IF NOT EXISTS blobs (name TEXT PRIMARY KEY, size INTEGER NOT NULL,"
    " sent INTEGER NOT NULL, safe_at TEXT NOT NULL, wanted_at TEXT NOT NULL,"
    " tries INTEGER NOT NULL, not_before TEXT NOT NULL, problem TEXT NOT NULL)"
    " STRICT, WITHOUT ROWID",
    "CREATE INDEX IF NOT EXISTS blobs_to_send ON blobs (size) WHERE safe_at=''",
    "CREATE INDEX IF NOT EXISTS blobs_wanted ON blobs (wanted_at) WHERE wanted_at<>''",
)


class Entry(NamedTuple):
    """One blob: ``sent`` as central last said, ``safe_at`` since when it has it whole ("" not).

    ``wanted_at``: somebody here waits for it since then ("" nobody does).
    """

    name: str
    size: int
    sent: int = 0
    safe_at: str = ""
    wanted_at: str = ""
    tries: int = 0
    not_before: str = ""
    problem: str = ""


class BlobBook:
    """The rows of one store. The only writer of its table."""

    def __init__(self, store: Store) -> None:
        self.db = store.db
        for statement in SCHEMA:
            self.db.execute(statement)

    def entry(self, name: str) -> Entry | None:
        """What is known of a blob."""
        return self._first("SELECT * FROM blobs WHERE name=?", name)

    def next_to_send(self, now: str) -> Entry | None:
        """The shortest blob that central must still get: a long one keeps no short one waiting."""
        return self._first(
            "SELECT * FROM blobs WHERE safe_at='' AND wanted_at=''"
            " AND (not_before<=? OR not_before>?) ORDER BY size LIMIT 1",
            now,
            _later(now, RETRY_SECONDS_MAX),  # noted while the clock was wrong
        )

    def next_wanted(self, now: str) -> Entry | None:
        """The blob that somebody here has waited for longest."""
        return self._first(
            "SELECT * FROM blobs WHERE wanted_at<>''"
            " AND (not_before<=? OR not_before>?) ORDER BY wanted_at LIMIT 1",
            now,
            _later(now, RETRY_SECONDS_MAX),
        )

    def _first(self, query: str, *values: str) -> Entry | None:
        row = self.db.execute(query, values).fetchone()
        return Entry(*row) if row else None

    def after(self, name: str, limit: int) -> list[Entry]:
        """Entries in the order of their names, to be gone through page by page."""
        rows = self.db.execute(
            "SELECT * FROM blobs WHERE name>? ORDER BY name LIMIT ?", [name, limit]
        )
        return [Entry(*row) for row in rows.fetchall()]

    def store_here(self, name: str, size: int) -> None:
        """A blob was sealed here: central must get it. Inside a transaction."""
        self._enter(name, size)

    def forget(self, name: str) -> None:
        """A blob was taken back: nothing is to be sent or fetched. Inside a transaction."""
        self.db.execute("DELETE FROM blobs WHERE name=?", [name])

    def want(self, name: str, size: int, now: str) -> Entry:
        """Somebody here waits for a blob: it is asked for at once, and again until it is here."""
        known = self.entry(name)
        if known is None or not known.wanted_at:
            with write(self.db):
                self._enter(name, size)
                self._set("wanted_at=?, not_before='', tries=0", now, name)
        return self.entry(name) or Entry(name, size, wanted_at=now)

    def arrived(self, name: str, now: str) -> None:
        """A blob that was wanted is here whole; it came from central, which therefore has it."""
        with write(self.db):
            self._set("wanted_at='', sent=size, safe_at=?", now, name)
            self._well(name)

    def sent(self, name: str, have: int) -> None:
        """Central has so much of it."""
        with write(self.db):
            self._set("sent=?", have, name)
            self._well(name)

    def safe(self, name: str, now: str) -> None:
        """Central has it whole."""
        with write(self.db):
            self._set("sent=size, safe_at=?", now, name)
            self._well(name)

    def lost(self, names: Iterable[str]) -> None:
        """Central does not have these, whatever it said before: they are sent again."""
        with write(self.db):
            for name in names:
                self._set("safe_at='', sent=?", 0, name)

    def failed(self, entry: Entry, now: str, why: str) -> None:
        """It did not travel, and not because of the line: the others go on, this one waits."""
        longest = WANTED_RETRY_SECONDS_MAX if entry.wanted_at else RETRY_SECONDS_MAX
        wait_s = min(RETRY_SECONDS * 2 ** min(entry.tries, 20), longest)
        until = _later(now, wait_s)
        with write(self.db):
            self.db.execute(
                "UPDATE blobs SET tries=tries+1, not_before=?, problem=? WHERE name=?",
                [until, why[:WHY_CHARS_MAX], entry.name],
            )

    def note_named(self, after: int, ours: Callable[[Event], bool]) -> int:
        """Enter what the journal names after a place of it, up to :data:`EVENTS_MAX` places on.

        :param ours: whether central may expect the blob of this event from here.
        :returns: the place reached; the same as ``after`` when nothing is behind it.
        """
        last = int(self.db.execute("SELECT coalesce(max(seq), 0) FROM events").fetchone()[0])
        until = max(after, min(last, after + EVENTS_MAX))
        rows = self.db.execute(
            "SELECT body FROM events WHERE seq>? AND seq<=? AND type IN (?, ?)",
            [after, until, SCANNED, CARRIED],
        ).fetchall()
        found = [event for event in _read(rows, SCANNED) if ours(event)]
        if found:
            with write(self.db):
                for event in found:
                    self._enter(event.data["blob"], event.data["size"])
        return until

    def _enter(self, name: str, size: int) -> None:
        self.db.execute(
            "INSERT OR IGNORE INTO blobs VALUES (?, ?, 0, '', '', 0, '', '')", [name, size]
        )

    def _set(self, what: str, value: object, name: str) -> None:
        self.db.execute(f"UPDATE blobs SET {what} WHERE name=?", [value, name])  # noqa: S608 - what is written out above

    def _well(self, name: str) -> None:
        self._set("tries=?, not_before='', problem=''", 0, name)


def _later(now: str, seconds: int) -> str:
    return to_text(from_text(now) + timedelta(seconds=seconds))


def is_safe(store: Store, name: str) -> bool:
    """Whether central said that it has a blob whole; no, where no book was ever kept."""
    kept = store.db.execute("SELECT 1 FROM sqlite_master WHERE name='blobs'").fetchone()
    row = (
        kept
        and store.db.execute("SELECT 1 FROM blobs WHERE name=? AND safe_at<>''", [name]).fetchone()
    )
    return bool(row)


def named_by(store: Store, point: str) -> Iterator[Event]:
    """The events in which a point named a blob that it did not take back, by any of its stores."""
    rows = store.db.execute(
        "SELECT body FROM events WHERE type IN (?, ?) ORDER BY seq", [SCANNED, CARRIED]
    )
    return (e for e in _read(rows, SCANNED) if e.point == point and is_still_named(store, e))


def is_still_named(store: Store, event: Event) -> bool:
    """Whether the blob that an event named was not taken back since."""
    case = store.case(event.subject)
    return case is None or any(scan.blob == event.data["blob"] for scan in case.scans)


def naming(store: Store, name: str) -> list[Event]:
    """The facts that name a blob, be they carried (by the index of each)."""
    queries = (_NAMING, _PROOF_NAMING, _CARRIED_NAMING)
    rows = [store.db.execute(query, [name]).fetchall() for query in queries]
    return list(_read(chain(*rows), SCANNED, DELIVERED))


def _read(rows: Iterable[Any], *types: str) -> Iterator[Event]:
    """The facts of these types in these rows that name a possible blob."""
    facts = (told(parse(decode(body))) for (body,) in rows)
    return (fact for fact in facts if fact.type in types and names_a_blob(fact.data))
