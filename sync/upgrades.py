"""What brings an older store's file to the present version, one step a version."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec

from sync import merging, parked, registers

if TYPE_CHECKING:
    from sync.store import Store

#: From version 1 of a store: what did not count and waits for an answer is found by an index.
TO_2 = (
    "ALTER TABLE subjects ADD COLUMN unanswered INTEGER NOT NULL DEFAULT 0",
    "CREATE INDEX subjects_aside ON subjects (changed_at) WHERE aside>0",
    "CREATE INDEX subjects_unanswered ON subjects (changed_at) WHERE unanswered>0",
    "CREATE TABLE refusals (author TEXT NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (author, n))"
    " STRICT, WITHOUT ROWID",
)

#: From version 3: lists and counts by an index, however much the store holds.
TO_4 = (
    "CREATE INDEX subjects_department ON subjects (kind, department, live, changed_at)",
    "CREATE INDEX subjects_opened ON subjects (kind, home, opened_at, state, deciding, matter)",
    "CREATE INDEX events_completed ON events (at) WHERE type='case.completed'",
)


def _to_2(store: Store) -> None:
    """Bring a store's file from version 1 to 2, inside a transaction."""
    for statement in (*TO_2, parked.TO_2):
        store.db.execute(statement)
    _fold_anew(store)


def _fold_anew(store: Store) -> None:
    """Fold every subject anew: what an older version did not know, or kept as a search word.

    One that cannot be read any more stays as it is: ``verify`` tells of it.
    """
    for (number,) in store.db.execute("SELECT DISTINCT subject FROM events").fetchall():
        with suppress(ValueError, msgspec.DecodeError):
            registers.refold(store, [number])


def _index(store: Store) -> None:
    """Bring a store's file from version 3 to 4, inside a transaction."""
    for statement in TO_4:
        store.db.execute(statement)


#: What leads to each version of a store's file from the one before it.
UPGRADES: dict[int, Callable[[Store], None]] = {
    2: _to_2,
    3: lambda store: merging.upgrade(store.db),
    4: _index,
    5: lambda store: merging.name_proofs(store.db),
    6: _fold_anew,
    7: _fold_anew,
}
