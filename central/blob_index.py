"""What central notes beside its blobs: who began which upload, and which questions were asked.

``blobs/index.db`` of its data folder. It may be lost: blobs are found by their names, and an upload
that nobody remembers is begun again. Its write lock is also what lets one chunk in at a time.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from sqlite_utils import Database

from cases.times import from_text, to_text
from sync.blobs.request import WINDOW_SECONDS
from sync.db import connect, prepare, write

FOLDER = "blobs"
VERSION = 1
SCHEMA = """
CREATE TABLE uploads (name TEXT PRIMARY KEY, point TEXT NOT NULL, size INTEGER NOT NULL,
  last_at TEXT NOT NULL, named INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX uploads_unnamed ON uploads (point, last_at) WHERE named=0;
CREATE INDEX uploads_last ON uploads (last_at);
CREATE TABLE asked (sig TEXT PRIMARY KEY, at TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX asked_at ON asked (at);
"""


class Upload(NamedTuple):
    """One upload: which point began it. ``named``: an event that counts names the blob."""

    name: str
    point: str
    size: int
    last_at: str
    named: bool


def open_index(data: Path) -> Database:
    """A connection of one's own. Close it."""
    folder = data / FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / "index.db"
    db = connect(path)
    prepare(db, SCHEMA, VERSION, str(path))
    return db


def is_first_time(db: Database, sig: str, now: str) -> bool:
    """Note a question. False if it was asked before: somebody repeats what he overheard."""
    with write(db):
        old = to_text(from_text(now) - timedelta(seconds=3 * WINDOW_SECONDS))
        db.execute("DELETE FROM asked WHERE at<?", [old])
        done = db.execute("INSERT OR IGNORE INTO asked VALUES (?, ?)", [sig, now])
    return bool(done.rowcount == 1)


def upload(db: Database, name: str) -> Upload | None:
    """The upload of a blob, if one was begun."""
    row = db.execute("SELECT * FROM uploads WHERE name=?", [name]).fetchone()
    return Upload(*row) if row else None


def unnamed(db: Database, point: str) -> list[Upload]:
    """What a point uploaded that no event names yet."""
    rows = db.execute("SELECT * FROM uploads WHERE point=? AND named=0", [point])
    return [Upload(*row) for row in rows.fetchall()]


def untouched_since(db: Database, before: str, limit: int = 1_000) -> list[Upload]:
    """The uploads that nothing happened to since then, those of long ago first."""
    rows = db.execute(
        "SELECT * FROM uploads WHERE last_at<? ORDER BY last_at LIMIT ?", [before, limit]
    )
    return [Upload(*row) for row in rows.fetchall()]


def note(db: Database, upload: Upload) -> None:
    """Remember an upload as it is now; inside a transaction. Who began it stays."""
    db.execute(
        "INSERT INTO uploads VALUES (?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET"
        " size=excluded.size, last_at=excluded.last_at, named=excluded.named",
        [*upload[:4], int(upload.named)],
    )


def forget(db: Database, name: str) -> None:
    """Forget an upload; inside a transaction."""
    db.execute("DELETE FROM uploads WHERE name=?", [name])
