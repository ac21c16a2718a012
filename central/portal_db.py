"""The web's own file beside the read model: what travels nowhere and may be lost.

Operations (so that a form sent twice counts once), wrong tries, half-filled slips (sealed under a
key that only the resident's browser holds), and the log of showings.
"""

from __future__ import annotations

from pathlib import Path

from sqlite_utils import Database

from sync.db import connect, prepare

FILE = "portal.db"
VERSION = 1
SCHEMA = """
CREATE TABLE operations (op TEXT PRIMARY KEY, subject TEXT NOT NULL, event TEXT NOT NULL,
  author TEXT NOT NULL, at TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX operations_subject ON operations (subject, at);
CREATE TABLE tries (key TEXT PRIMARY KEY, count INTEGER NOT NULL, last TEXT NOT NULL,
  free_at TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE drafts (id TEXT PRIMARY KEY, at TEXT NOT NULL, sealed BLOB NOT NULL)
  STRICT, WITHOUT ROWID;
CREATE TABLE showings (at TEXT NOT NULL, who TEXT NOT NULL, subject TEXT NOT NULL,
  what TEXT NOT NULL) STRICT;
"""


def open_portal_db(data: Path) -> Database:
    """A connection of one's own. Close it."""
    path = data / FILE
    db = connect(path)
    prepare(db, SCHEMA, VERSION, str(path))
    return db
