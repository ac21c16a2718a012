"""Ranges of tracking numbers as an administrator brings them: typed, or a table of the carrier's.

Every mistake is said with its row, and with one nothing is imported.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from cases.numbers import BadNumber
from cases.tracking import FORMATS, Place, place_of, plain
from central.leases import RANGE_NUMBERS_MAX, Range
from central.sheets import Sheet
from courier.carriers.ports import Carrier

HEADING_ROWS_MAX = 12
RANGES_AT_ONCE_MAX = 200
_FIRST = ("首号", "起始号", "起始号码", "起号", "开始号码", "first")
_LAST = ("末号", "截止号", "终止号码", "截止号码", "止号", "结束号码", "last")
_WHOLE = re.compile(r"([0-9]+)\.0+")


class Wrong(NamedTuple):
    """What is wrong with a row; row 0 is the whole file."""

    row: int
    words: str


class Taken(NamedTuple):
    """The ranges of a file with the row each stands in, and what is wrong."""

    ranges: tuple[tuple[int, Range], ...]
    wrong: tuple[Wrong, ...]


def range_of(carrier: Carrier, first: str, last: str, *, at: str, by: str) -> Range:
    """The range from one number to another, both included; raises :class:`BadNumber`."""
    begin, end = _place(carrier, first), _place(carrier, last)
    if (begin.format, begin.head, begin.tail) != (end.format, end.head, end.tail):
        raise BadNumber(
            "首号和末号不是同一种号：前后的字母和位数要一样。", "the two are of different forms"
        )
    count = end.serial - begin.serial + 1
    if count < 1:
        raise BadNumber("末号比首号小。", "the last number is before the first")
    if count > RANGE_NUMBERS_MAX:
        raise BadNumber(
            f"一段最多 {RANGE_NUMBERS_MAX} 个号，这一段有 {count} 个，请核对。", "too many numbers"
        )
    return Range(
        carrier.code, begin.format, begin.head, begin.serial, end.serial, begin.tail, at, by
    )


def _place(carrier: Carrier, text: str) -> Place:
    """Where a number of the carrier's stands; what is wrong is said of the form it looks most."""
    compact = plain(text).lstrip("'")
    if whole := _WHOLE.fullmatch(compact):
        compact = whole[1]
    if not compact:
        raise BadNumber("没有写号码。", "no number")
    place = place_of(compact)
    if place is not None and place.format in carrier.formats:
        return place
    if "E+" in compact:
        raise BadNumber(
            f"“{compact}”被表格软件改写了，后面的数字丢了：请把这一列设成文本再填。",
            "the number lost its digits",
        )
    likely = [f for f in carrier.formats if compact.isdigit() != f.startswith("s10")]
    return FORMATS[(likely or list(carrier.formats))[0]].place(compact)


def ranges_in(carrier: Carrier, sheets: Sequence[Sheet], *, at: str, by: str) -> Taken:
    """The ranges in a file: the first table with 首号 and 末号."""
    for sheet in sheets:
        for place, (_, cells) in enumerate(sheet.rows[:HEADING_ROWS_MAX]):
            heads = ["".join(cell.split()).casefold() for cell in cells]
            first = next((n for n, head in enumerate(heads) if head in _FIRST), -1)
            last = next((n for n, head in enumerate(heads) if head in _LAST), -1)
            if first >= 0 and last >= 0:
                return _read(carrier, sheet.rows[place + 1 :], first, last, at=at, by=by)
    return Taken((), (Wrong(0, "认不出这张表：要有“首号”和“末号”两列"),))


def _read(
    carrier: Carrier,
    rows: Iterable[tuple[int, Sequence[str]]],
    first: int,
    last: int,
    *,
    at: str,
    by: str,
) -> Taken:
    found: list[tuple[int, Range]] = []
    wrong: list[Wrong] = []
    for number, cells in rows:
        begin, end = (cells[n] if n < len(cells) else "" for n in (first, last))
        if not (begin or end):
            continue
        try:
            new = range_of(carrier, begin, end, at=at, by=by)
        except BadNumber as problem:
            wrong.append(Wrong(number, problem.message_zh))
            continue
        other = next((row for row, known in found if new.overlaps(known)), 0)
        if other:
            wrong.append(Wrong(number, f"和第 {other} 行有重复的号"))
        found.append((number, new))
    if not found and not wrong:
        wrong.append(Wrong(0, "表里没有号段"))
    if len(found) > RANGES_AT_ONCE_MAX:
        wrong.append(Wrong(0, f"一次最多 {RANGES_AT_ONCE_MAX} 段"))
    return Taken(tuple(found), tuple(wrong))
