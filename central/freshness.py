"""How far the read model follows the journal: the time it last heard from it."""

from __future__ import annotations

from sync.db import write
from sync.store import Store

CURSOR = "followed_at"


def read_model_at(store: Store) -> str:
    """When the read model was last up to date (UTC, ISO); empty if never."""
    return store.cursor(CURSOR, "")


def note_followed(store: Store, now: str) -> None:
    """Note that the journal held nothing more a moment ago."""
    with write(store.db):
        store.set_cursor(CURSOR, now)
