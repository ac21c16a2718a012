"""What the pages ask of the journal that no register answers. Reads only."""

from __future__ import annotations

from sync.store import Store


def unsafe_ids(store: Store, author: str) -> frozenset[str]:
    """The ids of an author's events that central has not receipted (待上报)."""
    rows = store.db.execute(
        "SELECT id FROM events WHERE author=? AND n>?", [author, store.receipt(author).n]
    )
    return frozenset(id for (id,) in rows.fetchall())


def subjects_of_ids(ids: frozenset[str]) -> frozenset[str]:
    """The subjects that event ids speak of."""
    return frozenset(id.rsplit(":", 1)[0] for id in ids)
