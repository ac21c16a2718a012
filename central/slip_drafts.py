"""A half-filled slip: sealed under a key that only the resident's browser holds (in its cookie).

Central's own files therefore never hold what somebody typed and did not send.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping
from datetime import timedelta

from flask import session
from sqlite_utils import Database

from cases.times import from_text, to_text
from sync.canonical import canonical, decode
from sync.db import write
from sync.seal import CannotUnseal, new_key, seal, unseal

KEPT_FOR = timedelta(hours=12)
DRAFTS_MAX = 4
_COOKIE = "slip-drafts"


def read_draft(db: Database, name: str) -> dict[str, str] | None:
    """What this browser has typed for ``name`` (a case, or a point)."""
    place = _places().get(name)
    if place is None:
        return None
    row = db.execute("SELECT sealed FROM drafts WHERE id=?", [place[0]]).fetchone()
    if row is None:
        return None
    try:
        fields = unseal(base64.b64decode(place[1]), place[0], decode(row[0]))
    except (CannotUnseal, ValueError):
        return None
    return {field: str(value) for field, value in fields.items()}


def keep_draft(db: Database, name: str, fields: Mapping[str, str], now: str) -> None:
    """Keep what was typed."""
    places = _places()
    id, key = places.get(name) or _new_place()
    places.pop(name, None)
    sealed = canonical(seal(base64.b64decode(key), id, fields))
    with write(db):
        db.execute("INSERT OR REPLACE INTO drafts VALUES (?, ?, ?)", [id, now, sealed])
    session[_COOKIE] = dict([*places.items(), (name, (id, key))][-DRAFTS_MAX:])


def drop_draft(db: Database, name: str) -> None:
    """Forget what was typed, because it was sent."""
    places = _places()
    place = places.pop(name, None)
    if place:
        with write(db):
            db.execute("DELETE FROM drafts WHERE id=?", [place[0]])
        session[_COOKIE] = places


def forget_old_drafts(db: Database, now: str) -> None:
    """Drop drafts that nobody came back to."""
    with write(db):
        db.execute("DELETE FROM drafts WHERE at<?", [to_text(from_text(now) - KEPT_FOR)])


def _new_place() -> tuple[str, str]:
    return secrets.token_urlsafe(12), base64.b64encode(new_key()).decode()


def _places() -> dict[str, tuple[str, str]]:
    found = session.get(_COOKIE)
    if not isinstance(found, dict):
        return {}
    return {str(n): (str(p[0]), str(p[1])) for n, p in found.items() if len(p) == 2}
