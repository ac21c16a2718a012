"""What a clerk has typed and not yet sent: kept sealed on this PC, so that nothing is typed twice.

A draft is named by the operation that its form will carry out; it goes when that is done, and
after two days in any case.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from cases.times import from_text, to_text
from node.local import Local
from sync.canonical import canonical, decode
from sync.db import write
from sync.seal import CannotUnseal, new_key, seal, unseal

SCHEMA = """
CREATE TABLE IF NOT EXISTS drafts (
  op TEXT PRIMARY KEY, actor TEXT NOT NULL, matter TEXT NOT NULL, at TEXT NOT NULL,
  wrap BLOB NOT NULL, sealed BLOB NOT NULL) STRICT, WITHOUT ROWID
"""
KEPT_FOR = timedelta(days=2)
FIELDS_MAX = 200
CHARS_MAX = 20_000


@dataclass(frozen=True)
class Draft:
    """A form that was begun: for which matter, when it was last typed in, and what stands in it."""

    op: str
    matter: str
    at: str
    fields: dict[str, Any]


def keep(local: Local, op: str, actor: str, matter: str, fields: Mapping[str, Any]) -> bool:
    """Keep what was typed so far. :returns: False if it is too much to be a form of ours."""
    size = sum(len(str(value)) for value in fields.values())
    if len(fields) > FIELDS_MAX or size > CHARS_MAX:
        return False
    key, at = new_key(), local.now()
    row = [op, actor, matter, at, canonical(local.node.box.wrap(key)), _sealed(key, op, fields)]
    with write(local.store.db) as db:
        db.execute("DELETE FROM drafts WHERE at<?", [to_text(from_text(at) - KEPT_FOR)])
        db.execute("INSERT OR REPLACE INTO drafts VALUES (?, ?, ?, ?, ?, ?)", row)
    return True


def _sealed(key: bytes, op: str, fields: Mapping[str, Any]) -> bytes:
    return canonical(seal(key, op, fields))


def of_actor(local: Local, actor: str) -> tuple[Draft, ...]:
    """The drafts of one person, newest first."""
    rows = local.store.db.execute(
        "SELECT op, matter, at, wrap, sealed FROM drafts WHERE actor=? ORDER BY at DESC", [actor]
    ).fetchall()
    found = (_opened(local, *row) for row in rows)
    return tuple(draft for draft in found if draft is not None)


def find(local: Local, op: str, actor: str) -> Draft | None:
    """One's own draft by its operation."""
    return next((d for d in of_actor(local, actor) if d.op == op), None)


def _opened(
    local: Local, op: str, matter: str, at: str, wrap: bytes, sealed: bytes
) -> Draft | None:
    try:
        key = local.node.box.unwrap([decode(wrap)])
        return Draft(op, matter, at, unseal(key, op, decode(sealed))) if key else None
    except CannotUnseal:
        return None


def drop(local: Local, op: str) -> None:
    """Forget a draft, inside the transaction that carries out its operation."""
    local.store.db.execute("DELETE FROM drafts WHERE op=?", [op])


def throw_away(local: Local, op: str, actor: str) -> None:
    """Forget one's own draft because it will not be sent."""
    with write(local.store.db) as db:
        db.execute("DELETE FROM drafts WHERE op=? AND actor=?", [op, actor])
