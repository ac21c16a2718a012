"""Finding a matter by what residents call it.

One field takes everything: names and what people say instead (“敬老卡”), full pinyin
(“laonian”), initials (“lnyd”), a mixture, a code, and all of these with small slips.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import IntEnum
from heapq import nlargest
from itertools import pairwise
from typing import NamedTuple

from cases.catalogue import Catalogue, Level, Matter
from cases.everyday import core, in_catalogue_words
from cases.readings import Reading, pattern, plain, reading_of, soft

TYPED_LENGTH_MAX = 120
LIMIT_MAX = 100
_CANDIDATES_MAX = 40
_ADMITTED_MAX = 500
_LINES_MAX = 2_000
_SLIPS_LENGTH_MIN = 4
_SLIPS_LENGTH_MAX = 40
_OVERLAP_MIN = 0.3
_COVERED_MIN = 0.8
_NOBODY: frozenset[int] = frozenset()


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
    """The lines of all entries, and which of them can begin to fit what was typed.

    ``starts`` gives for a line what a person who means it may type first, and with which unit that
    begins: running an expression over every line takes too long among ten thousand matters. Where
    very many fit, as after one letter, those that begin with it are enough.
    """

    def __init__(
        self, lines: Iterable[str], starts: Callable[[str], Iterable[tuple[str, int]]]
    ) -> None:
        self._lines = list(lines)
        self._units = [max(1, line.count("'")) for line in self._lines]
        anywhere: defaultdict[str, list[int]] = defaultdict(list)
        in_front: defaultdict[str, list[int]] = defaultdict(list)
        for number, line in enumerate(self._lines):
            found = set(starts(line))
            for start in {start for start, _ in found}:
                anywhere[start].append(number)
            for start in {start for start, place in found if not place}:
                in_front[start].append(number)
        self._anywhere, self._in_front = dict(anywhere), dict(in_front)

    def matches(
        self, expression: re.Pattern[str], start: str
    ) -> Iterator[tuple[int, _Rank, float]]:
        """The numbers of the lines it is found in, how well it fits, and how much of the line."""
        numbers: Sequence[int] = self._anywhere.get(start, ())
        if len(numbers) > _LINES_MAX:
            numbers = self._in_front.get(start, numbers)[:_LINES_MAX]
        for number in numbers:
            line = self._lines[number]
            for match in expression.finditer(line):
                rank = _Rank.INSIDE
                if match.start() == 0:
                    rank = _Rank.WHOLE if match.end() == len(line) else _Rank.BEGINNING
                yield number, rank, match[0].count("'") / self._units[number]


def _letters_first(line: str) -> Iterator[tuple[str, int]]:
    """What may be typed first in letters, wherever one begins: one, two or three of them."""
    units = line.replace("v", "u").split("'")[1:]
    for place, unit in enumerate(units):
        heads = {unit[:1]}
        ways = {(unit[:1], place, 1)}
        for _ in range(2):
            ways = {
                (typed + units[where][at : at + 1], where, at + 1)
                for typed, here, to in ways
                for where, at in ((here, to), (here + 1, 0))
                if where < len(units) and units[where][at : at + 1]
            }
            heads |= {typed for typed, _, _ in ways}
        yield from ((typed, place) for typed in heads)


def _characters(line: str) -> Iterable[tuple[str, int]]:
    return ((unit[:1], place) for place, unit in enumerate(line.split("'")[1:]))


class Index:
    """A catalogue prepared for searching; building it takes well under a second."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.matters = catalogue.matters
        self._entries = list(_entries(catalogue.matters))
        self._lines = _Lines((entry.reading.line for entry in self._entries), _characters)
        self._sounds = _Lines((entry.reading.sounds for entry in self._entries), _letters_first)
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
        if typed.isascii():
            found = self._sounds.matches(pattern(typed), typed[:3].replace("v", "u"))
        else:
            rarest = min((c for c in typed if not c.isascii()), key=self._how_common)
            found = self._lines.matches(pattern(typed), rarest)
        for number, rank, share in found:
            yield self._entries[number], rank, share

    def _how_common(self, character: str) -> int:
        return len(self._grams.get(character, ()))

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
        found: dict[int, _Found] = {}
        if not typed.isascii():
            for entry, _, share in self._matches(reading_of(typed).pinyin or typed):
                _keep(found, entry.place, _Found(_Rank.SOUNDS_ALIKE, share, _why(entry)))
        if len(typed) < 2:
            return found
        words = core(typed)
        for put in dict.fromkeys((words, core(in_catalogue_words(typed)))):
            for entry, share in self._overlapping(reading_of(put)):
                nearness = _slips_nearness(put, entry.reading) if put.isascii() else share
                if nearness:
                    near = _Found(_Rank.SIMILAR, nearness, f"相近：{entry.text}")
                    _keep(found, entry.place, near)
        return found

    def _overlapping(self, reading: Reading) -> Iterator[tuple[_Entry, float]]:
        """The entries that share most with what was typed, each with how similar the two are.

        Similar is an entry that has much of what was typed, and one that a typed sentence holds.
        """
        grams = sorted(set(_grams(reading)), key=lambda gram: (-self._weight(gram), gram))
        total = sum(map(self._weight, grams))
        shared: dict[int, float] = {}
        for gram in grams:
            holders, weight = self._grams.get(gram, _NOBODY), self._weight(gram)
            # What common sounds alone share is too little: they count where rarer ones led.
            for number in holders if len(shared) < _ADMITTED_MAX else holders & shared.keys():
                shared[number] = shared.get(number, 0.0) + weight
        most = _CANDIDATES_MAX if len(reading.pinyin) < 16 else _CANDIDATES_MAX // 3
        least = min(nlargest(most, shared.values()), default=0.0)
        best = sorted(
            (number for number, worth in shared.items() if worth >= least),
            key=lambda n: (-shared[n], len(self._entries[n].reading.plain), n),
        )[:most]
        for number in best:
            typed_share = shared[number] / total
            covered = shared[number] / self._entry_weights[number]
            similar = typed_share >= _OVERLAP_MIN or covered >= _COVERED_MIN
            yield self._entries[number], (typed_share + covered) / 2 if similar else 0.0

    def _weight(self, gram: str) -> float:
        return self._weights.get(gram, self._weights[""])


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
    """What two texts can share: characters, pairs of them, how they sound; triples of letters."""
    han = [c for c in reading.plain if not c.isascii()]
    yield from han
    yield from (one + other for one, other in pairwise(han))
    if han:
        sounds = [soft(sound) for sound in reading.sounds.split("'")[1:]]
        yield from (f"'{sound}" for sound in sounds)
        yield from (f"'{one}'{other}" for one, other in pairwise(sounds))
    else:
        yield from (reading.pinyin[n : n + 3] for n in range(max(1, len(reading.pinyin) - 2)))


def _gram_index(entries: list[_Entry]) -> tuple[dict[str, set[int]], dict[str, float]]:
    """Which entries hold a gram, and how much a gram says (rare ones more; ``""``: unknown)."""
    grams: defaultdict[str, set[int]] = defaultdict(set)
    for number, entry in enumerate(entries):
        letters = entry.reading._replace(plain="")
        for gram in (*_grams(entry.reading), *_grams(letters)):
            grams[gram].add(number)
    most = math.log(1 + len(entries))
    weights = {gram: most - math.log(len(numbers)) for gram, numbers in grams.items()}
    return dict(grams), {**weights, "": most / 4}


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


_indexes: dict[str, Index] = {}


def index_of(catalogue: Catalogue) -> Index:
    """The index of a catalogue, made once a process and version."""
    if catalogue.version not in _indexes:
        _indexes[catalogue.version] = Index(catalogue)
    return _indexes[catalogue.version]
