"""Which points must hold a subject."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache

from cases.events import point_of
from cases.folded import Case, Folded, Parcel
from cases.numbers import BadNumber, SubjectKind, kind_of, parse_number
from cases.points import Directory

HOMES_KEPT = 4_096  # the point in a number never changes, and is asked for at every event


def home_in(directory: Directory) -> Callable[[str], str]:
    """The function that tells the point code in a subject's number ("" where there is none)."""
    codes = {point.number: point.code for point in directory.points}

    @lru_cache(maxsize=HOMES_KEPT)
    def home_of(subject: str) -> str:
        if kind_of(subject) is SubjectKind.STORE:
            return point_of(subject)
        try:
            return codes.get(parse_number(subject).point_number, "")
        except BadNumber:  # mistyped by nobody: an event may name any subject of the right form
            return ""

    return home_of


def parties(subject: Folded, home: str = "") -> frozenset[str]:
    """The point codes that a subject's own events make its parties.

    ``home`` is the code of the point in the subject's number: it is a party from the first event,
    even when that event was central's.
    """
    found = {home, subject.point}
    if isinstance(subject, Case):
        decides = subject.deciding if subject.holders else ""
        found |= {
            *subject.holders,
            decides,
            *subject.shown_to,
            *subject.asked_points,
            *subject.pickup_points,
        }
    if isinstance(subject, Parcel):
        found.add(subject.to_point)
    return frozenset(code for code in found if code)


def shared(subjects: Iterable[tuple[Folded, str]]) -> frozenset[str]:
    """The parties of linked subjects together: a parcel follows its cases, and the reverse."""
    return frozenset(code for subject, home in subjects for code in parties(subject, home))
