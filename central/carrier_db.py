"""``carriers.db`` of central's data folder: what carriers tell, until it is stated or looked at,
and what was handed over to them.

A report is kept before anything is done with it, so that nothing of an answer is lost half-way;
what is personal in it is sealed. Once its event stands in the journal the words go, and its
operation is remembered for a while: carriers send the same again and again.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Iterable, Sequence
from datetime import timedelta
from enum import Enum
from pathlib import Path
from typing import Any, NamedTuple

from sqlite_utils import Database

from cases.times import from_text, to_text
from courier.carriers.ports import Reading, Report
from courier.carriers.status import op_of
from sync.canonical import canonical, decode
from sync.db import connect, prepare, write
from sync.merging import listed
from sync.seal import seal, unseal

FILE = "carriers.db"
VERSION = 2
DONE_KEPT = timedelta(days=30)
OPEN_KEPT = timedelta(days=180)
LISTED_MAX = 500
HAND_OVERS = """
CREATE TABLE hand_overs (number INTEGER PRIMARY KEY, carrier TEXT NOT NULL, point TEXT NOT NULL,
  at TEXT NOT NULL, who TEXT NOT NULL, count INTEGER NOT NULL, file TEXT NOT NULL,
  encoding TEXT NOT NULL, undone TEXT NOT NULL, sealed BLOB NOT NULL) STRICT;
CREATE TABLE handed (parcel TEXT NOT NULL, attempt TEXT NOT NULL, number INTEGER NOT NULL,
  PRIMARY KEY (parcel, attempt)) STRICT, WITHOUT ROWID;
"""
SCHEMA = (
    """
CREATE TABLE reports (op TEXT PRIMARY KEY, carrier TEXT NOT NULL, tracking TEXT NOT NULL,
  code TEXT NOT NULL, happened TEXT NOT NULL, heard TEXT NOT NULL, source TEXT NOT NULL,
  state TEXT NOT NULL, why TEXT NOT NULL, parcel TEXT NOT NULL, event TEXT NOT NULL,
  sealed BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX reports_state ON reports (state, happened);
CREATE INDEX reports_parcel ON reports (parcel, state);
CREATE TABLE polls (carrier TEXT PRIMARY KEY, since TEXT NOT NULL, tried TEXT NOT NULL,
  succeeded TEXT NOT NULL, failures INTEGER NOT NULL, next TEXT NOT NULL, words TEXT NOT NULL)
  STRICT, WITHOUT ROWID;
CREATE TABLE alerts (name TEXT PRIMARY KEY, words TEXT NOT NULL) STRICT, WITHOUT ROWID;
"""
    + HAND_OVERS
)


class Standing(Enum):
    """Where a report stands. The last four wait for a person."""

    WAITING = "waiting"
    STATED = "stated"  # its event is on its way into the read model
    DONE = "done"
    SETTLED = "settled"
    UNREAD = "unread"
    UNKNOWN = "unknown"
    FOREIGN = "foreign"
    CONTRARY = "contrary"


ODD = (Standing.CONTRARY, Standing.UNKNOWN, Standing.FOREIGN, Standing.UNREAD)


class Kept(NamedTuple):
    """A report as it is kept."""

    report: Report
    heard: str
    source: str
    state: Standing
    why: str
    parcel: str
    event: str


class Poll(NamedTuple):
    """How asking a carrier stands."""

    carrier: str
    since: str = ""
    tried: str = ""
    succeeded: str = ""
    failures: int = 0
    next: str = ""
    words: str = ""


class Given(NamedTuple):
    """A hand-over: the parcels of a point that a carrier was told of with one file."""

    number: int
    carrier: str
    point: str
    at: str
    who: str
    parcels: int
    file: str
    encoding: str
    undone: str = ""
    """Who said, and when, that the file never reached the carrier."""
    kept: bool = True


class CarrierDb:
    """The file, with the key that seals what is personal in it. Close it."""

    def __init__(self, data: Path, key: bytes) -> None:
        path = data / FILE
        self.db: Database = connect(path)
        self._key = key
        prepare(self.db, SCHEMA, VERSION, str(path), {2: self._add_hand_overs})

    def _add_hand_overs(self) -> None:
        for statement in HAND_OVERS.split(";\n"):
            self.db.conn.execute(statement)

    def close(self) -> None:
        """Give back the connection."""
        self.db.close()

    def keep(self, carrier: str, reading: Reading, heard: str, source: str) -> int:
        """Keep what was read, all of it or none. :returns: how much of it is new."""
        rows = [self._row(report, heard, source, Standing.WAITING) for report in reading.reports]
        for unread in reading.unread:
            op = op_of(carrier, "unread", unread.raw)
            lost = Report(op, carrier, "", "", "", heard, "", unread.raw)
            rows.append(self._row(lost, heard, source, Standing.UNREAD, unread.why))
        with write(self.db) as db:
            before = db.conn.total_changes
            db.conn.executemany(
                "INSERT OR IGNORE INTO reports VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, '', '', ?)", rows
            )
            return int(db.conn.total_changes - before)

    def _row(
        self, report: Report, heard: str, source: str, state: Standing, why: str = ""
    ) -> Sequence[Any]:
        personal = {"raw": report.raw, "words": report.words, "place": report.place}
        sealed = canonical(seal(self._key, report.op, personal))
        return (
            report.op, report.carrier, report.tracking, report.code, report.when, heard, source,
            state.value, why, sealed,
        )  # fmt: skip

    def in_state(self, *states: Standing, limit: int = LISTED_MAX) -> list[Kept]:
        """Reports in some states, the first to have happened first."""
        marks = ",".join("?" * len(states))
        rows = self.db.execute(
            f"SELECT * FROM reports WHERE state IN ({marks}) ORDER BY happened, op LIMIT ?",  # noqa: S608 - marks only
            [*(state.value for state in states), limit],
        ).fetchall()
        return [self._kept(row) for row in rows]

    def find(self, op: str) -> Kept | None:
        """A report."""
        row = self.db.execute("SELECT * FROM reports WHERE op=?", [op]).fetchone()
        return self._kept(row) if row else None

    def _kept(self, row: Sequence[Any]) -> Kept:
        op, carrier, tracking, code, happened, heard, source, state, why, parcel, event, body = row
        personal = unseal(self._key, op, decode(body)) if body else {}
        words, place = str(personal.get("words", "")), str(personal.get("place", ""))
        raw = str(personal.get("raw", ""))
        report = Report(op, carrier, tracking, code, words, happened, place, raw)
        return Kept(report, heard, source, Standing(state), why, parcel, event)

    def move(
        self, op: str, state: Standing, *, why: str = "", parcel: str = "", event: str = ""
    ) -> None:
        """Say where a report stands now; with its event in the journal its words go."""
        done = state in (Standing.DONE, Standing.SETTLED)
        with write(self.db) as db:
            db.execute(
                "UPDATE reports SET state=?, why=?, parcel=coalesce(nullif(?, ''), parcel),"
                " event=coalesce(nullif(?, ''), event), sealed=iif(?, x'', sealed) WHERE op=?",
                [state.value, why, parcel, event, done, op],
            )

    def on_their_way(self) -> set[str]:
        """The parcels of which a move was stated that the read model has not heard of."""
        rows = self.db.execute("SELECT DISTINCT parcel FROM reports WHERE state='stated'")
        return {parcel for (parcel,) in rows.fetchall()}

    def counts(self) -> dict[Standing, int]:
        """How many reports stand where."""
        rows = self.db.execute("SELECT state, count(*) FROM reports GROUP BY state").fetchall()
        return {Standing(state): count for state, count in rows}

    def forget_old(self, now: str) -> None:
        """Drop what was dealt with, and what nobody has looked at for half a year."""
        moment = from_text(now)
        with write(self.db) as db:
            db.execute(
                "DELETE FROM reports WHERE (heard<? AND state IN ('done', 'settled'))"
                " OR (heard<? AND state NOT IN ('waiting', 'stated'))",
                [to_text(moment - DONE_KEPT), to_text(moment - OPEN_KEPT)],
            )
            db.execute("UPDATE hand_overs SET sealed=x'' WHERE at<?", [to_text(moment - DONE_KEPT)])

    # handing over to a carrier

    def next_hand_over(self) -> int:
        """The number of the next hand-over."""
        row = self.db.execute("SELECT coalesce(max(number), 0) + 1 FROM hand_overs").fetchone()
        return int(row[0])

    def hand_over(self, given: Given, parcels: Sequence[tuple[str, str]], content: bytes) -> bool:
        """Keep a hand-over with its file, as it went out. :returns: whether it holds; not if
        somebody else has just handed over one of the parcels."""
        body = {"content": b64encode(content).decode()}
        sealed = canonical(seal(self._key, f"hand-over-{given.number}", body))
        with write(self.db) as db:
            held = self.handed(parcel for parcel, _ in parcels)
            if given.number != self.next_hand_over() or held.intersection(parcels):
                return False
            db.execute(
                "INSERT INTO hand_overs VALUES (?, ?, ?, ?, ?, ?, ?, ?, '', ?)",
                [*given[:8], sealed],
            )
            db.conn.executemany(
                "INSERT INTO handed VALUES (?, ?, ?)", [(*each, given.number) for each in parcels]
            )
        return True

    def handed(self, parcels: Iterable[str]) -> set[tuple[str, str]]:
        """Those of these parcels that were handed over, each with the attempt to fetch it."""
        rows = self.db.execute(
            "SELECT h.parcel, h.attempt FROM json_each(?) c CROSS JOIN handed h"
            " ON h.parcel=c.value",
            [listed(parcels)],
        )
        return {(parcel, attempt) for parcel, attempt in rows.fetchall()}

    def hand_overs(self, carrier: str, limit: int = LISTED_MAX) -> list[Given]:
        """The hand-overs to a carrier, the last one first."""
        rows = self.db.execute(
            "SELECT number, carrier, point, at, who, count, file, encoding, undone, sealed<>x''"
            " FROM hand_overs WHERE carrier=? ORDER BY number DESC LIMIT ?",
            [carrier, limit],
        )
        return [Given._make((*row[:9], bool(row[9]))) for row in rows.fetchall()]

    def parcels_of(self, number: int) -> list[str]:
        """The parcels of a hand-over."""
        rows = self.db.execute("SELECT parcel FROM handed WHERE number=? ORDER BY 1", [number])
        return [parcel for (parcel,) in rows.fetchall()]

    def file_of(self, number: int) -> bytes:
        """The file of a hand-over as it went out; empty if it is kept no longer."""
        row = self.db.execute("SELECT sealed FROM hand_overs WHERE number=?", [number]).fetchone()
        if not row or not row[0]:
            return b""
        return b64decode(str(unseal(self._key, f"hand-over-{number}", decode(row[0]))["content"]))

    def undo_hand_over(self, number: int, words: str) -> bool:
        """Its file never reached the carrier: its parcels wait again. :returns: whether it held."""
        with write(self.db) as db:
            done = db.execute(
                "UPDATE hand_overs SET undone=?, sealed=x'' WHERE number=? AND undone=''",
                [words, number],
            )
            db.execute("DELETE FROM handed WHERE number=?", [number])
        return bool(done.rowcount)

    # asking a carrier

    def poll(self, carrier: str) -> Poll:
        """How asking this carrier stands."""
        row = self.db.execute("SELECT * FROM polls WHERE carrier=?", [carrier]).fetchone()
        return Poll(*row) if row else Poll(carrier)

    def note_poll(self, poll: Poll) -> None:
        """Say how it stands now."""
        with write(self.db) as db:
            db.execute("INSERT OR REPLACE INTO polls VALUES (?, ?, ?, ?, ?, ?, ?)", list(poll))

    def set_alert(self, name: str, words: str) -> None:
        """Say what a person must look after, or with no words that all is well."""
        with write(self.db) as db:
            db.execute("DELETE FROM alerts WHERE name=?", [name])
            if words:
                db.execute("INSERT INTO alerts VALUES (?, ?)", [name, words])

    def alerts(self) -> tuple[str, ...]:
        """What a person must look after, in words."""
        rows = self.db.execute("SELECT words FROM alerts ORDER BY name").fetchall()
        return tuple(words for (words,) in rows)

    def retry(self, states: Iterable[Standing]) -> None:
        """Have a program look again at what it could do nothing with: it may know more now."""
        with write(self.db) as db:
            for state in states:
                db.execute(
                    "UPDATE reports SET state='waiting', why='' WHERE state=?", [state.value]
                )


def pretty(raw: str) -> list[tuple[str, str]]:
    """The fields of a report as it came, to be looked at."""
    try:
        found = json.loads(raw)
    except ValueError:
        return [("", raw)]
    if not isinstance(found, dict):
        return [("", raw)]
    return [(str(name), str(value)) for name, value in found.items() if str(value).strip()]
