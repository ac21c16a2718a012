"""``bills.db`` of central's data folder: carriers' bills, what was found in them, who settled what.

A file of its own beside the read models. It belongs in the backup: bills and decisions stand
nowhere else. They are no events of a parcel, since they change nothing of it: they are what the
district and a carrier owe one another. No name and no address is in it, and nothing is deleted:
a bill that was taken in by mistake is withdrawn, with words.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from sqlite_utils import Database

from courier.bill_rows import BillLine, Note
from courier.bills import Finding, How
from sync.db import connect, prepare, write

FILE = "bills.db"
VERSION = 1
SCHEMA = """
CREATE TABLE bills (id TEXT PRIMARY KEY, carrier TEXT NOT NULL, month TEXT NOT NULL,
  name TEXT NOT NULL, digest TEXT NOT NULL, content TEXT NOT NULL, at TEXT NOT NULL,
  who TEXT NOT NULL, withdrawn TEXT NOT NULL DEFAULT '', body BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX bills_month ON bills (month);
CREATE TABLE charges (tracking TEXT NOT NULL, bill TEXT NOT NULL, PRIMARY KEY (tracking, bill))
  STRICT, WITHOUT ROWID;
CREATE TABLE decisions (n INTEGER PRIMARY KEY, op TEXT NOT NULL, bill TEXT NOT NULL,
  key TEXT NOT NULL, how TEXT NOT NULL, words TEXT NOT NULL, at TEXT NOT NULL, who TEXT NOT NULL,
  UNIQUE (op, key)) STRICT;
CREATE INDEX decisions_bill ON decisions (bill, n);
CREATE TABLE tables (n INTEGER PRIMARY KEY, name TEXT NOT NULL, at TEXT NOT NULL,
  who TEXT NOT NULL, text TEXT NOT NULL) STRICT;
CREATE TABLE months (month TEXT PRIMARY KEY, body BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE imports (id TEXT PRIMARY KEY, at TEXT NOT NULL, who TEXT NOT NULL,
  body BLOB NOT NULL) STRICT, WITHOUT ROWID;
"""
_HEAD = "id, carrier, month, name, at, who, withdrawn"


class Overtaken(Exception):
    """Somebody else settled something of this bill in the meantime: look again."""


class Body(msgspec.Struct, frozen=True):
    """What a bill said, and what was found in it. ``sample``: by postage that is only a sample."""

    lines: tuple[BillLine, ...]
    passed_over: tuple[Note, ...]
    problems: tuple[Note, ...]
    findings: tuple[Finding, ...]
    reconciled_at: str
    sample: bool


@dataclass(frozen=True)
class Head:
    """A bill in a list. ``withdrawn``: why, when, by whom; empty while it stands."""

    id: str
    carrier: str
    month: str
    name: str
    at: str
    who: str
    withdrawn: str


@dataclass(frozen=True)
class Decision:
    """How a person settled a finding."""

    key: str
    how: How
    words: str
    at: str
    who: str


def open_bill_db(data: Path) -> Database:
    """A connection of one's own. Close it."""
    path = data / FILE
    db = connect(path)
    prepare(db, SCHEMA, VERSION, str(path))
    return db


def same_bill(db: Database, digest: str, content: str) -> str:
    """The id of a standing bill that is the same file, or says the same in another; or empty."""
    row = db.execute(
        "SELECT id FROM bills WHERE withdrawn='' AND (digest=? OR content=?)", [digest, content]
    ).fetchone()
    return str(row[0]) if row else ""


def keep_bill(db: Database, head: Head, digest: str, content: str, body: Body) -> None:
    """Keep a bill whole, or in the place of the same one as it was found before."""
    with write(db):
        db.execute(
            "INSERT INTO bills (id, carrier, month, name, digest, content, at, who, body)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET body=excluded.body",
            [head.id, head.carrier, head.month, head.name, digest, content, head.at, head.who,
             _packed(body)],
        )  # fmt: skip
        db.conn.executemany(
            "INSERT OR IGNORE INTO charges VALUES (?, ?)",
            [(line.tracking, head.id) for line in body.lines if line.tracking and line.fen > 0],
        )


def bills(db: Database) -> Sequence[Head]:
    """Every bill, the newest month first."""
    rows = db.execute(f"SELECT {_HEAD} FROM bills ORDER BY month DESC, at DESC")  # noqa: S608 - our own names
    return [Head(*row) for row in rows.fetchall()]


def read_bill(db: Database, id: str) -> tuple[Head, Body] | None:
    """A bill with what was found in it, or None."""
    row = db.execute(f"SELECT {_HEAD}, body FROM bills WHERE id=?", [id]).fetchone()  # noqa: S608 - our own names
    return (Head(*row[:-1]), _unpacked(row[-1], Body)) if row else None


def charged(db: Database, trackings: Iterable[str], *, but: str = "") -> dict[str, str]:
    """What standing bills other than ``but`` charged of these numbers, with the bill's name."""
    listed = msgspec.json.encode(list(trackings)).decode()
    rows = db.execute(
        "SELECT c.tracking, b.month || ' 的账单“' || b.name || '”' FROM json_each(?) t"
        " CROSS JOIN charges c ON c.tracking=t.value JOIN bills b ON b.id=c.bill"
        " WHERE b.withdrawn='' AND b.id<>? ORDER BY b.at DESC",
        [listed, but],
    )
    return dict(rows.fetchall())


def withdraw(db: Database, id: str, why: str) -> bool:
    """Let a bill stand no more, with why, when and by whom. :returns: whether it stood."""
    with write(db):
        done = db.execute("UPDATE bills SET withdrawn=? WHERE id=? AND withdrawn=''", [why, id])
        return bool(done.rowcount == 1)


def decisions(db: Database, bill: str) -> tuple[Decision, ...]:
    """Every decision on a bill, in order: of several on one finding the last one holds."""
    rows = db.execute(
        "SELECT key, how, words, at, who FROM decisions WHERE bill=? ORDER BY n", [bill]
    )
    return tuple(Decision(key, How(how), *rest) for key, how, *rest in rows.fetchall())


def decide(db: Database, bill: str, op: str, made: Sequence[Decision], *, seen: int) -> None:
    """Keep decisions, once for each operation.

    :param seen: how many decisions on the bill whoever decides has seen.
    :raises Overtaken: there are others by now; nothing was kept.
    """
    with write(db):
        if db.execute("SELECT 1 FROM decisions WHERE op=?", [op]).fetchone():
            return
        (count,) = db.execute("SELECT count(*) FROM decisions WHERE bill=?", [bill]).fetchone()
        if count != seen:
            raise Overtaken
        db.conn.executemany(
            "INSERT INTO decisions (op, bill, key, how, words, at, who) VALUES (?,?,?,?,?,?,?)",
            [(op, bill, d.key, d.how.value, d.words, d.at, d.who) for d in made],
        )


def bills_of(db: Database, month: str) -> list[Body]:
    """What was found in the standing bills of a month."""
    rows = db.execute("SELECT body FROM bills WHERE month=? AND withdrawn=''", [month])
    return [_unpacked(body, Body) for (body,) in rows.fetchall()]


def keep_month(db: Database, month: str, body: msgspec.Struct) -> None:
    """Keep the accounts of a month, or how far they are: they can be made anew at any time."""
    with write(db):
        db.execute("INSERT OR REPLACE INTO months VALUES (?, ?)", [month, _packed(body)])


def read_month(db: Database, month: str, type: Any) -> Any:
    """The accounts of a month, or None."""
    row = db.execute("SELECT body FROM months WHERE month=?", [month]).fetchone()
    return _unpacked(row[0], type) if row else None


def keep_table(db: Database, name: str, at: str, who: str, text: str) -> None:
    """Keep a table that an administrator answers for; the earlier ones stay beneath it."""
    with write(db):
        db.execute("INSERT INTO tables (name, at, who, text) VALUES (?, ?, ?, ?)",
                   [name, at, who, text])  # fmt: skip


def tables(db: Database) -> dict[str, tuple[str, str, str]]:
    """The tables that hold, by name: (text, when, who); none of those that nobody changed."""
    rows = db.execute("SELECT name, text, at, who FROM tables ORDER BY n").fetchall()
    return {name: (text, at, who) for name, text, at, who in rows}


def keep_import(db: Database, id: str, at: str, who: str, body: msgspec.Struct) -> None:
    """Keep how far an import is; what somebody left lying is dropped by :func:`drop_imports`."""
    with write(db):
        db.execute(
            "INSERT OR REPLACE INTO imports VALUES (?, ?, ?, ?)", [id, at, who, _packed(body)]
        )


def read_import(db: Database, id: str, type: Any) -> Any:
    """An import of this type, or None."""
    row = db.execute("SELECT body FROM imports WHERE id=?", [id]).fetchone()
    return _unpacked(row[0], type) if row else None


def drop_imports(db: Database, *, before: str = "~", id: str = "") -> None:
    """Drop one import, or all that were begun before a time."""
    where, value = ("id=?", id) if id else ("at<?", before)
    with write(db):
        db.execute(f"DELETE FROM imports WHERE {where}", [value])  # noqa: S608 - our own names


def _packed(body: msgspec.Struct) -> bytes:
    return zlib.compress(msgspec.json.encode(body), 1)


def _unpacked(content: bytes, type: Any) -> Any:
    return msgspec.json.decode(zlib.decompress(content), type=type)
