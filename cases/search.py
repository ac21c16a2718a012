"""Finding a matter by what residents call it.

One field takes everything: names and what people say instead (“敬老卡”), full pinyin
(“laonian”), initials (“lnyd”), a mixture, a code, and all of these with small slips.
"""

import math
import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from enum import IntEnum
from heapq import nlargest
from itertools import accumulate, pairwise
from typing import NamedTuple

from cases.catalogue import Catalogue, Level, Matter
from cases.readings import Reading, pattern, plain, reading_of

TYPED_LENGTH_MAX = 120
LIMIT_MAX = 100
_CANDIDATES_MAX = 40
_SLIPS_LENGTH_MIN = 4
_SLIPS_LENGTH_MAX = 40
_OVERLAP_MIN = 0.45
_COVERED_MIN = 0.8


class Hit(NamedTuple):
    """A matter found, and in a few words why: ``也叫“敬老卡”``."""

    matter: Matter
    why: str


class _Rank(IntEnum):
    """How well a text fits, best last. Whatever fits better comes first, however popular."""

    SIMILAR = 0
    SOUNDS_ALIKE = 1
    INSIDE = 2
    BEGINNING = 3
    WHOLE = 4
    EXACT = 5


class _Entry(NamedTuple):
    place: int
    """Where its matter stands in the catalogue."""
    text: str
    is_alias: bool
    reading: Reading


class _Found(NamedTuple):
    rank: _Rank
    share: float
    """From 0 to 1: how much of the entry was typed, or how similar the two are."""
    why: str


class _Lines:
    """The lines of all entries as one text, which a single expression runs over."""

    def __init__(self, lines: Iterable[str]) -> None:
        each = list(lines)
        self._text = "\n".join(each)
        self._starts = list(accumulate((len(line) + 1 for line in each), initial=0))
        self._units = [max(1, line.count("'")) for line in each]

    def matches(self, expression: re.Pattern[str]) -> Iterator[tuple[int, _Rank, float]]:
        """The numbers of the lines it is found in, how well it fits, and how much of the line."""
        for match in expression.finditer(self._text):
            number = bisect_right(self._starts, match.start()) - 1
            begins = match.start() == self._starts[number]
            ends = match.end() == self._starts[number + 1] - 1
            rank = _Rank.INSIDE
            if begins:
                rank = _Rank.WHOLE if ends else _Rank.BEGINNING
            yield number, rank, match[0].count("'") / self._units[number]


class Index:
    """A catalogue prepared for searching; building it takes well under a second."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.matters = catalogue.matters
        self._entries = list(_entries(catalogue.matters))
        self._lines = _Lines(entry.reading.line for entry in self._entries)
        self._sounds = _Lines(entry.reading.sounds for entry in self._entries)
        self._exact = _exact_forms(self._entries)
        self._codes = [plain(matter.code) for matter in self.matters]
        self._grams, self._weights = _gram_index(self._entries)
        self._entry_weights = [
            sum(self._weights[gram] for gram in set(_grams(entry.reading)))
            for entry in self._entries
        ]

    def find(self, text: str, limit: int = 8, counts: Mapping[str, int] | None = None) -> list[Hit]:
        """The matters that fit what was typed, best first; none for nothing typed.

        ``counts`` says how often each matter (by code) was chosen lately: of those that fit equally
        well, the frequent come first.
        """
        words = [plain(word) for word in text[: 2 * TYPED_LENGTH_MAX].split()]
        typed = "".join(words)[:TYPED_LENGTH_MAX]
        if not typed:
            return []
        limit = min(limit, LIMIT_MAX)
        found = self._fitting(typed)
        if len(found) < limit and len(words) > 1:
            _merge(found, self._with_all_words([word for word in words if word]))
        # Slips in letters fit too much to stand beside what fits without any.
        if len(found) < limit and not (found and typed.isascii()):
            _merge(found, self._similar(typed))
        order = sorted(found, key=lambda place: self._order(place, found[place], counts or {}))
        return [Hit(self.matters[place], found[place].why) for place in order[:limit]]

    def _order(
        self, place: int, found: _Found, counts: Mapping[str, int]
    ) -> tuple[int, float, float, str]:
        code = self.matters[place].code
        often = math.log2(1 + counts.get(code, 0)) / 10
        return -found.rank, -(found.share + often), len(self.matters[place].name), code

    def _fitting(self, typed: str) -> dict[int, _Found]:
        found: dict[int, _Found] = {}
        for place, code in enumerate(self._codes):
            if code.startswith(typed):
                rank = _Rank.EXACT if code == typed else _Rank.BEGINNING
                found[place] = _Found(rank, len(typed) / len(code), "事项编码")
        for entry in self._exact.get(typed, ()):
            _keep(found, entry.place, _Found(_Rank.EXACT, 1.0, _why(entry)))
        for entry, rank, share in self._matches(typed):
            _keep(found, entry.place, _Found(rank, share, _why(entry)))
        return found

    def _matches(self, typed: str) -> Iterator[tuple[_Entry, _Rank, float]]:
        lines = self._sounds if typed.isascii() else self._lines
        for number, rank, share in lines.matches(pattern(typed)):
            yield self._entries[number], rank, share

    def _with_all_words(self, words: list[str]) -> dict[int, _Found]:
        """Matters that fit every single word, whatever their order."""
        each = [self._fitting(word) for word in words[:5]]
        common = set.intersection(*(set(found) for found in each))
        return {
            place: _Found(
                _Rank.INSIDE,
                sum(found[place].share for found in each) / len(each) / 2,
                each[0][place].why,
            )
            for place in common
        }

    def _similar(self, typed: str) -> dict[int, _Found]:
        """Matters that nearly fit: a character that sounds alike, a slip, a whole sentence."""
        reading = reading_of(typed)
        found: dict[int, _Found] = {}
        if not typed.isascii():
            for entry, _, share in self._matches(reading.pinyin or typed):
                _keep(found, entry.place, _Found(_Rank.SOUNDS_ALIKE, share, _why(entry)))
        if len(typed) < 2:
            return found
        for entry, share in self._overlapping(reading):
            nearness = _slips_nearness(typed, entry.reading) if typed.isascii() else share
            if nearness:
                _keep(found, entry.place, _Found(_Rank.SIMILAR, nearness, f"相近：{entry.text}"))
        return found

    def _overlapping(self, reading: Reading) -> Iterator[tuple[_Entry, float]]:
        """The entries that share most with what was typed, each with how similar the two are.

        Similar is an entry that has much of what was typed, and one that a typed sentence holds.
        """
        grams = set(_grams(reading))
        total = sum(self._weights.get(gram, self._weights[""]) for gram in grams)
        shared: defaultdict[int, float] = defaultdict(float)
        for gram in grams:
            for number in self._grams.get(gram, ()):
                shared[number] += self._weights[gram]
        best = nlargest(
            _CANDIDATES_MAX if len(reading.pinyin) < 16 else _CANDIDATES_MAX // 3,
            shared,
            key=lambda n: (shared[n], -len(self._entries[n].reading.plain), -n),
        )
        for number in best:
            typed_share = shared[number] / total
            covered = shared[number] / self._entry_weights[number]
            similar = typed_share >= _OVERLAP_MIN or covered >= _COVERED_MIN
            yield self._entries[number], (typed_share + covered) / 2 if similar else 0.0


def _entries(matters: Iterable[Matter]) -> Iterator[_Entry]:
    for place, matter in enumerate(matters):
        yield _Entry(place, matter.name, False, reading_of(matter.name))
        for alias in matter.aliases:
            yield _Entry(place, alias, True, reading_of(alias))


def _exact_forms(entries: Iterable[_Entry]) -> dict[str, list[_Entry]]:
    forms: defaultdict[str, list[_Entry]] = defaultdict(list)
    for entry in entries:
        reading = entry.reading
        for form in {reading.plain, reading.pinyin, reading.initials}:
            forms[form].append(entry)
    return dict(forms)


def _grams(reading: Reading) -> Iterator[str]:
    """What two texts can share: characters, pairs of them, and triples of letters of the pinyin."""
    han = [c for c in reading.plain if not c.isascii()]
    yield from han
    yield from (one + other for one, other in pairwise(han))
    if not han:
        yield from (reading.pinyin[n : n + 3] for n in range(max(1, len(reading.pinyin) - 2)))


def _gram_index(entries: list[_Entry]) -> tuple[dict[str, list[int]], dict[str, float]]:
    """Which entries hold a gram, and how much a gram says (rare ones more; ``""``: unknown)."""
    grams: defaultdict[str, set[int]] = defaultdict(set)
    for number, entry in enumerate(entries):
        letters = entry.reading._replace(plain="")
        for gram in (*_grams(entry.reading), *_grams(letters)):
            grams[gram].add(number)
    most = math.log(1 + len(entries))
    weights = {gram: most - math.log(len(numbers)) for gram, numbers in grams.items()}
    return {gram: sorted(numbers) for gram, numbers in grams.items()}, {**weights, "": most / 2}


def _slips_nearness(typed: str, reading: Reading) -> float:
    """How near typed letters come to the pinyin of a text with a slip or two; 0 if they do not."""
    if not _SLIPS_LENGTH_MIN <= len(typed) <= _SLIPS_LENGTH_MAX:
        return 0.0
    slips = _slips(typed, reading.pinyin)
    if slips > (1 if len(typed) < 8 else 2):
        return 0.0
    return min(1.0, len(typed) / len(reading.pinyin)) * (1 - slips / len(typed))


def _slips(typed: str, text: str) -> int:
    """The fewest slips (wrong, missing, extra or swapped letters) that put typed inside text."""
    before: list[int] = []
    row = [0] * (len(text) + 1)
    for i, letter in enumerate(typed, 1):
        new = [i]
        for j, other in enumerate(text, 1):
            best = min(row[j] + 1, new[j - 1] + 1, row[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == text[j - 2] and typed[i - 2] == other:
                best = min(best, before[j - 2] + 1)
            new.append(best)
        before, row = row, new
    return min(row)


def _keep(found: dict[int, _Found], place: int, new: _Found) -> None:
    if place not in found or found[place][:2] < new[:2]:
        found[place] = new


def _merge(found: dict[int, _Found], more: Mapping[int, _Found]) -> None:
    for place, new in more.items():
        _keep(found, place, new)


def _why(entry: _Entry) -> str:
    return f"也叫“{entry.text}”" if entry.is_alias else "名称"


def browse(
    catalogue: Catalogue, *, department: str = "", level: Level | None = None, theme: str = ""
) -> tuple[Matter, ...]:
    """The matters of a department, a level and a theme (each of them optional), by code."""
    return tuple(
        matter
        for matter in sorted(catalogue.matters, key=lambda matter: matter.code)
        if department in ("", matter.department)
        and level in (None, matter.level)
        and (not theme or theme in matter.themes)
    )


def themes(catalogue: Catalogue) -> list[tuple[str, int]]:
    """Every theme with the number of its matters, the largest first."""
    counts = Counter(theme for matter in catalogue.matters for theme in matter.themes)
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))
