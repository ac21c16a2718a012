"""What an administrator works on at central: the draft, imports, and every version published.

A file of its own beside the read models. It belongs in the backup: drafts stand nowhere else, and
of what was published, who did so and why. What is in force survives it (``central/shelf.py``).
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from sqlite_utils import Database

from sync.bundle import Bundle, bundle_of, content_of
from sync.db import connect, prepare, write

FILE = "standards.db"
VERSION = 1
SCHEMA = """
CREATE TABLE draft (one INTEGER PRIMARY KEY CHECK (one=1), rev INTEGER NOT NULL,
  based_on INTEGER NOT NULL, base TEXT NOT NULL, at TEXT NOT NULL, who TEXT NOT NULL,
  content BLOB NOT NULL) STRICT;
CREATE TABLE published (number INTEGER PRIMARY KEY, version TEXT NOT NULL, since TEXT NOT NULL,
  at TEXT NOT NULL, who TEXT NOT NULL, name TEXT NOT NULL, why TEXT NOT NULL,
  content BLOB NOT NULL) STRICT;
CREATE TABLE imports (id TEXT PRIMARY KEY, at TEXT NOT NULL, who TEXT NOT NULL,
  body BLOB NOT NULL) STRICT, WITHOUT ROWID;
"""


class Overtaken(Exception):
    """Somebody else has changed the draft in the meantime: look again."""


@dataclass(frozen=True)
class Draft:
    """The draft as it stands: its content, its revision, who touched it last."""

    rev: int
    based_on: int
    base: str
    """The version of the content that it was begun from; ``based_on`` is that one's number."""
    at: str
    who: str
    bundle: Bundle


@dataclass(frozen=True)
class Published:
    """One version that was published from here."""

    number: int
    version: str
    since: str
    at: str
    who: str
    name: str
    why: str


def open_standards_db(data: Path) -> Database:
    """A connection of one's own. Close it."""
    path = data / FILE
    db = connect(path)
    prepare(db, SCHEMA, VERSION, str(path))
    return db


def read_draft(db: Database) -> Draft | None:
    """The draft, or None: nothing has been changed since the last publication."""
    row = db.execute("SELECT rev, based_on, base, at, who, content FROM draft").fetchone()
    return Draft(row[0], row[1], row[2], row[3], row[4], _unpacked(row[5])) if row else None


def keep_draft(
    db: Database, bundle: Bundle, *, was: int, based_on: int, base: str, at: str, who: str
) -> None:
    """Keep a draft in the place of revision ``was`` (0: of none).

    :raises Overtaken: somebody else was faster; nothing was kept.
    """
    content = _packed(bundle)
    with write(db):
        row = db.execute("SELECT rev FROM draft").fetchone()
        if (row[0] if row else 0) != was:
            raise Overtaken
        db.execute(
            "INSERT OR REPLACE INTO draft VALUES (1, ?, ?, ?, ?, ?, ?)",
            [was + 1, based_on, base, at, who, content],
        )


def drop_draft(db: Database) -> None:
    """Throw the draft away."""
    with write(db):
        db.execute("DELETE FROM draft")


def note_published(db: Database, entry: Published, bundle: Bundle) -> None:
    """Note what was published, with its whole content; the draft is done with."""
    row = [getattr(entry, name) for name in entry.__dataclass_fields__]
    with write(db):
        db.execute(
            "INSERT OR REPLACE INTO published VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [*row, _packed(bundle)],
        )
        db.execute("DELETE FROM draft")


def history(db: Database) -> Sequence[Published]:
    """Every version published from here, the newest first."""
    rows = db.execute(
        "SELECT number, version, since, at, who, name, why FROM published ORDER BY number DESC"
    ).fetchall()
    return [Published(*row) for row in rows]


def published_content(db: Database, number: int) -> Bundle | None:
    """The content of a version that was published from here."""
    row = db.execute("SELECT content FROM published WHERE number=?", [number]).fetchone()
    return _unpacked(row[0]) if row else None


def keep_import(db: Database, id: str, at: str, who: str, body: Any) -> None:
    """Keep how far an import is."""
    with write(db):
        db.execute(
            "INSERT OR REPLACE INTO imports VALUES (?, ?, ?, ?)",
            [id, at, who, zlib.compress(msgspec.json.encode(body), 1)],
        )


def read_import(db: Database, id: str, type: Any) -> Any:
    """An import of this type, or None."""
    row = db.execute("SELECT body FROM imports WHERE id=?", [id]).fetchone()
    return msgspec.json.decode(zlib.decompress(row[0]), type=type) if row else None


def drop_imports(db: Database, *, before: str = "~", id: str = "") -> None:
    """Drop one import, or all that were begun before a time."""
    with write(db):
        if id:
            db.execute("DELETE FROM imports WHERE id=?", [id])
        else:
            db.execute("DELETE FROM imports WHERE at<?", [before])


def _packed(bundle: Bundle) -> bytes:
    return zlib.compress(content_of(bundle), 6)


def _unpacked(content: bytes) -> Bundle:
    return bundle_of(zlib.decompress(content))
