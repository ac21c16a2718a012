"""Which county an address begins with, as people write it: 福建福州鼓楼, 北京朝阳区, 鼓楼区. Pure.

The longest beginning that fits the national list wins. A level that is missing is filled in from
the county where only one will do; where several would, or where the levels contradict each other,
all that it could be are handed back, to be asked about and not guessed.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

from cases.divisions import Division, Divisions

CHOICES_MAX = 8

_BETWEEN = re.compile(
    r"[\s,，、/·.-]*(?:市辖区|省直辖县级行政(?:区划|单位)|县(?=\S{2,9}县))?[\s,，、/·.-]*"
)
_COUNTRY = re.compile(r"[\s,，]*(?:中国|中华人民共和国)[\s,，]*")
_SUBDISTRICT = r"(?![\u4e00-\u9fff]{2,3}(?:街道|[镇乡]))"  # 鼓楼 before 东街街道 is the district
_ROAD = re.compile(
    rf"{_SUBDISTRICT}(?:[东西南北中]?[路街道巷弄桥]|大[道街桥厦]|[新老]?[村镇乡]|大学|学院|医院|机场|火?车?站)"
)
_STREET_NAME = re.compile(r"[路街道巷弄桥](?!道)")
_KIND = re.compile(r"(?:特别行政区|自治[区州县旗]|地区|林区|新区|街道|[省市区县旗盟镇])$")
_PEOPLES = re.compile(
    "(?:维吾尔|哈萨克|柯尔克孜|蒙古|乌孜别克|塔吉克|锡伯|达斡尔|鄂伦春|鄂温克|朝鲜|满|回|壮|苗|瑶|侗|"
    "土家|布依|彝|白|傣|哈尼|景颇|傈僳|藏|羌|黎|畲|土|水|佤|拉祜|纳西|仫佬|毛南|仡佬|布朗|撒拉|东乡|"
    "保安|裕固|怒|普米|独龙|德昂|阿昌|基诺|各)族?$"
)
_ALSO = {"克州": "653000", "巴州": "652800", "博州": "652700", "内蒙": "150000"}
_LOOSE_KINDS = "区县市旗"


class Region(NamedTuple):
    """The county an address begins with, and where its street begins."""

    county: str = ""
    choices: tuple[str, ...] = ()
    """The counties it could be, where it is none for sure."""
    end: int = 0
    levels: int = 0
    """How many levels were read; 0: the text begins with no place at all."""
    loose: bool = False
    """Whether the county was not called by its whole name."""
    within: str = ""
    """The lowest level that was read."""


class _Read(NamedTuple):
    """A name read at a place in the text."""

    code: str
    end: int
    exact: bool


class _Way(NamedTuple):
    """A way to read the beginning: the names read one after the other."""

    steps: tuple[_Read, ...]

    @property
    def end(self) -> int:
        return self.steps[-1].end if self.steps else 0

    @property
    def deepest(self) -> str:
        return self.steps[-1].code if self.steps else ""


class Regions:
    """Reads the beginnings of addresses. Make one a process: the names are laid out once."""

    def __init__(self, divisions: Divisions) -> None:
        self._divisions = divisions

    @cached_property
    def _named(self) -> dict[str, list[tuple[str, bool]]]:
        """Every way a division is called: its codes, and whether that is its whole name."""
        named: defaultdict[str, list[tuple[str, bool]]] = defaultdict(list)
        for division in self._divisions.all:
            for name, whole in _names(division):
                named[name].append((division.code, whole))
        for name, code in _ALSO.items():
            named[name].append((code, True))
        return dict(named)

    @cached_property
    def _longest(self) -> int:
        return max(map(len, self._named))

    def read(self, text: str) -> Region:
        """What the text begins with."""
        start = match.end() if (match := _COUNTRY.match(text)) else 0
        ways = [way for way in self._ways(text, start, "", 0) if way.steps]
        if not ways:
            return Region()
        most = max(self._rank(way) for way in ways)
        best = [way for way in ways if self._rank(way) == most]
        counties = sorted({way.deepest for way in best if _level(way.deepest) == 3})
        end, levels = best[0].end, len(best[0].steps)
        if len(counties) == 1:
            loose = not best[0].steps[-1].exact
            return Region(counties[0], (), end, levels, loose, counties[0])
        within = "" if counties else best[0].deepest
        choices = tuple(counties[:CHOICES_MAX])
        if stranger := self._contradicts(text, best[0]):
            choices, end = stranger
        return Region("", choices, end, levels, loose=True, within=within)

    def _rank(self, way: _Way) -> tuple[bool, int, int, int]:
        exact = sum(step.exact for step in way.steps)
        return _level(way.deepest) == 3, way.end, exact, -len(way.steps)

    def _ways(self, text: str, at: int, within: str, level: int) -> Iterator[_Way]:
        """Every way to read on from ``at`` within what was read already."""
        yield _Way(())
        if level == 3:
            return
        place = _BETWEEN.match(text, at).end() if level else at  # type: ignore[union-attr] # fits empty
        for read in self._reads(text, place, within, level):
            for rest in self._ways(text, read.end, read.code, _level(read.code)):
                yield _Way((read, *rest.steps))

    def _reads(self, text: str, at: int, within: str, level: int) -> Iterator[_Read]:
        for length in range(min(self._longest, len(text) - at), 1, -1):
            for code, whole in self._named.get(text[at : at + length], ()):
                again = level == 1 and code == within  # 河南 河南 济源市
                if again or (_level(code) > level and _lies_in(code, within)):
                    end = at + length
                    if whole or self._may_be_short(text, end, code, within):
                        yield _Read(code, end, whole)
                        if not whole and text[end : end + 1] in tuple(_LOOSE_KINDS):
                            yield _Read(code, end + 1, exact=False)

    def _may_be_short(self, text: str, end: int, code: str, within: str) -> bool:
        """Whether a name without its kind (鼓楼, 福州) may be meant: not in 鼓楼路, nor alone."""
        if _ROAD.match(text, end):
            return False
        if _level(code) == 3:
            named_alike = _short(self._divisions.name_of(code)) == _short(
                self._divisions.name_of(self._parent(code))
            )
            return bool(within) and not (named_alike and _level(within) < 2)
        return True

    def _parent(self, code: str) -> str:
        return f"{code[:4]}00" if _level(code) == 3 else f"{code[:2]}0000"

    def _contradicts(self, text: str, way: _Way) -> tuple[tuple[str, ...], int] | None:
        """The whole names of places elsewhere that stand where a place within was to come."""
        if not way.steps or _level(way.deepest) == 3:
            return None
        at = _BETWEEN.match(text, way.end).end()  # type: ignore[union-attr] # fits empty
        for length in range(min(self._longest, len(text) - at), 2, -1):
            found = [c for c, whole in self._named.get(text[at : at + length], ()) if whole]
            elsewhere = [c for c in found if _level(c) > 1 and not _lies_in(c, way.deepest)]
            if elsewhere and not _STREET_NAME.match(text, at + length):
                further = self.read(text[at:])
                counties = [c for c in elsewhere if _level(c) == 3]
                counties = [further.county] if further.county else counties
                return tuple(counties[:CHOICES_MAX]), at + further.end
        return None


def _names(division: Division) -> Iterator[tuple[str, bool]]:
    """What a division is called, whole and short."""
    if division.name in ("县", "省直辖县", "自治区直辖县级行政区划", "其它区", "其他区"):
        return
    yield division.name, True
    short = _short(division.name)
    if short != division.name and len(short) > 1:
        yield short, False
        if _level(division.code) < 3 and division.name.endswith("州"):
            yield f"{short}州", True
        if division.name.endswith(("自治县", "自治旗")):
            yield short + division.name[-1], True
            yield short + division.name[-3:], True
        if division.name.endswith("自治区"):
            yield f"{short}自治区", True
            yield f"{short}省", False


def _short(name: str) -> str:
    """A name without its kind and peoples: 长阳土家族自治县 → 长阳, 福州市 → 福州."""
    short = _KIND.sub("", name)
    if "自治" in name:
        while (bare := _PEOPLES.sub("", short)) != short and len(bare) > 1:
            short = bare
    return short if len(short) > 1 else name


def _level(code: str) -> int:
    if not code:
        return 0
    return 1 if code.endswith("0000") else 2 if code.endswith("00") else 3


def _lies_in(code: str, within: str) -> bool:
    """Whether a division lies in another, or anything in nothing."""
    return code.startswith(within[: 2 * _level(within)])
