"""Cases that were received together (一件事), found again in a store's registers."""

from __future__ import annotations

from cases.bundles import siblings
from cases.folded import Case
from sync import registers
from sync.store import Store


def siblings_of(store: Store, case: Case) -> tuple[Case, ...]:
    """The other cases of a case's group that this store holds, as they were received."""
    if not case.group:
        return ()
    found = (store.case(number) for number in registers.linked(store.db, case.visit))
    return siblings(case, (each for each in found if each is not None))


def group_cases(store: Store, case: Case) -> tuple[Case, ...]:
    """All cases of a group that this store holds, this one included, as they were received."""
    both = (case, *siblings_of(store, case))
    return tuple(sorted(both, key=lambda each: each.number))
