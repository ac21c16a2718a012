"""Which points must hold a subject, as a read model knows it: its own parties and its links'."""

from __future__ import annotations

from cases.folded import Case, Folded, Parcel
from cases.papers import carries
from cases.parties import parties
from sync.store import Store


def parties_of(store: Store, number: str) -> frozenset[str]:
    """The points that must hold a subject, its linked subjects included."""
    subject = store.subject(number)
    if subject is None:
        return frozenset()
    found = parties(subject, store.home_of(number))
    for other in _linked(store, subject):
        found |= parties(other, store.home_of(other.number))
    return found


def is_party(store: Store, number: str, point: str) -> bool:
    """Whether a point must hold a subject: that in its number even before anything is known."""
    return point == store.home_of(number) or point in parties_of(store, number)


def _linked(store: Store, subject: Folded) -> list[Folded]:
    if isinstance(subject, Parcel):
        cases = (store.case(number) for number in subject.cases)
        return [case for case in cases if case is not None and carries(subject, case)]
    if isinstance(subject, Case):
        return list(store.parcels_of(subject.number))
    return []
