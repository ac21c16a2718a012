"""The log of showings: every time somebody here saw personal data in full.

It belongs to this PC, beside the journal. A page that shows a full number, phone or address notes
it first, and shows nothing if it could not be noted.
"""

from __future__ import annotations

from dataclasses import dataclass

from node.local import Local
from sync.db import write

SCHEMA = """
CREATE TABLE IF NOT EXISTS showings (
  id INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, actor TEXT NOT NULL,
  subject TEXT NOT NULL, what TEXT NOT NULL) STRICT
"""
_EXISTS = "SELECT 1 FROM sqlite_master WHERE type='table' AND name='showings'"
INDEX = "CREATE INDEX IF NOT EXISTS showings_subject ON showings (subject, id)"


@dataclass(frozen=True)
class Showing:
    """Who saw what of which subject, when (UTC)."""

    at: str
    actor: str
    subject: str
    what: str


def note(local: Local, subject: str, what: str, actor: str) -> str:
    """Note that ``actor`` is being shown ``what`` in full. :returns: the note's number."""
    with write(local.store.db) as db:
        _prepare(local)
        row = db.execute(
            "INSERT INTO showings (at, actor, subject, what) VALUES (?, ?, ?, ?) RETURNING id",
            [local.now(), actor, subject, what],
        ).fetchone()
    return str(row[0])


def noted(local: Local, number: str) -> Showing | None:
    """The showing with that number; None if there is none."""
    if not local.store.db.execute(_EXISTS).fetchone():
        return None
    row = local.store.db.execute(
        "SELECT at, actor, subject, what FROM showings WHERE id=?", [number]
    ).fetchone()
    return Showing(*row) if row else None


def of_subject(local: Local, subject: str, limit: int = 20) -> tuple[Showing, ...]:
    """The latest showings of a subject, newest first."""
    if not local.store.db.execute(_EXISTS).fetchone():
        return ()
    rows = local.store.db.execute(
        "SELECT at, actor, subject, what FROM showings WHERE subject=? ORDER BY id DESC LIMIT ?",
        [subject, limit],
    )
    return tuple(Showing(*row) for row in rows.fetchall())


def _prepare(local: Local) -> None:
    local.store.db.execute(SCHEMA)
    local.store.db.execute(INDEX)
