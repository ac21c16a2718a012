"""The points where a resident may fetch a result: near ones first, found by typing. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from cases.points import Directory, Point, PointKind
from cases.readings import Reading, pattern, plain, reading_of

FOUND_MAX = 12
NEAR_MAX = 8
TYPED_CHARS_MAX = 40


class Pickups:
    """The points of a district that take in mail, so that something can be sent there."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self.points = tuple(p for p in directory.points if p.open_for_mail)
        self.codes = frozenset(p.code for p in self.points)

    def near(self, code: str) -> tuple[Point, ...]:
        """The points nearest to one: itself, its subdistrict, the district's centre."""
        here = self._directory.find(code)
        if here is None:
            return self.points[:NEAR_MAX]
        family = self._directory.subdistrict_of(here) or here
        ranked = sorted(self.points, key=lambda p: (self._away(p, here, family), p.number))
        return tuple(ranked[:NEAR_MAX])

    def _away(self, point: Point, here: Point, family: Point) -> int:
        if point.code == here.code:
            return 0
        if point.code == family.code:
            return 1
        if point.kind is PointKind.DISTRICT_CENTRE:
            return 2
        return 3 if point.parent == family.code else 4

    def areas(self) -> tuple[Point, ...]:
        """The subdistricts that have such points, to go down by."""
        parents = {p.parent for p in self.points} | self.codes
        return tuple(p for p in self._directory.areas() if p.code in parents and _holds(p))

    def within(self, code: str) -> tuple[Point, ...]:
        """The points of one area: its own, and those below it."""
        return tuple(p for p in self.points if code in (p.code, p.parent))

    @cached_property
    def _readings(self) -> list[tuple[Point, Reading]]:
        return [(p, reading_of(f"{p.name} {p.address}")) for p in self.points]

    def find(self, typed: str) -> tuple[Point, ...]:
        """The points whose name or address holds what was typed, in characters or pinyin."""
        wanted = plain(typed[:TYPED_CHARS_MAX])
        if not wanted:
            return ()
        seek, letters = pattern(wanted), wanted.isascii()
        hits = (p for p, r in self._readings if seek.search(r.sounds if letters else r.line))
        return _first(hits)


def _holds(point: Point) -> bool:
    return point.kind in (PointKind.SUBDISTRICT_CENTRE, PointKind.DISTRICT_CENTRE)


def _first(points: Iterable[Point]) -> tuple[Point, ...]:
    return tuple(sorted(points, key=lambda p: p.number))[:FOUND_MAX]
