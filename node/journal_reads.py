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


def with_facts_aside(store: Store, limit: int = 50) -> list[str]:
    """The numbers of subjects that hold a fact set aside, last changed first."""
    rows = store.db.execute(
        "SELECT number FROM subjects WHERE aside>0 ORDER BY changed_at DESC LIMIT ?", [limit]
    )
    return [number for (number,) in rows.fetchall()]
