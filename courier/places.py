"""Finding a county by typing: characters, pinyin or initials (鼓楼, gulou, gl). Pure."""

from __future__ import annotations

import re
from functools import cached_property
from typing import NamedTuple

from cases.divisions import Division, Divisions
from cases.readings import Reading, pattern, plain, reading_of

FOUND_MAX = 8
TYPED_CHARS_MAX = 40


class Place(NamedTuple):
    """A county that was found: its code, its own name, and what it lies in."""

    code: str
    name: str
    within: str


class PlaceFinder:
    """Searches the national list. Make one a process: the readings are worked out once."""

    def __init__(self, divisions: Divisions, home: str) -> None:
        """:param home: the code of the district whose neighbours are offered first."""
        self._divisions = divisions
        self.home = home

    @cached_property
    def _readings(self) -> list[tuple[Division, Reading, Reading]]:
        """Each county with the reading of its own name and of its whole name."""
        counties = (d for d in self._divisions.all if self._divisions.counties(d.parent))
        return [
            (county, reading_of(county.name), reading_of(self._short(county)))
            for county in counties
        ]

    def find(self, typed: str) -> tuple[Place, ...]:
        """The counties that fit best, at most :data:`FOUND_MAX`."""
        wanted = plain(typed[:TYPED_CHARS_MAX])
        if not wanted:
            return ()
        seek = pattern(wanted)
        ranked = []
        for county, own, whole in self._readings:
            rank = _rank(seek, own, whole, letters=wanted.isascii())
            if rank is not None:
                away = self._distance(county.code)
                ranked.append((away > 1, rank, away, county.code, county.name))
        return tuple(
            Place(code, name, self._within(code, name))
            for *_, code, name in sorted(ranked)[:FOUND_MAX]
        )

    def _short(self, county: Division) -> str:
        """A whole name as people say it, without 省 and 市 on the way: 福建福州长乐区."""
        city = self._divisions.name_of(county.parent)
        province = self._divisions.name_of(f"{county.code[:2]}0000")
        return f"{province.rstrip('省市')}{city.rstrip('市')}{county.name}"

    def _distance(self, code: str) -> int:
        """0 for this district, 1 for its city, 2 for its province, 3 beyond."""
        return next((3 - n // 2 for n in (6, 4, 2) if code[:n] == self.home[:n]), 3)

    def _within(self, code: str, name: str) -> str:
        return self._divisions.full_name(code).removesuffix(name)


def _rank(seek: re.Pattern[str], own: Reading, whole: Reading, *, letters: bool) -> int | None:
    """The smaller the better: its own name begins so, holds it, or what it lies in does."""
    for rank, reading in enumerate((own, whole)):
        match = seek.search(reading.sounds if letters else reading.line)
        if match:
            return 2 * rank + (match.start() > 0)
    return None
