"""The lines of a carrier's bill out of its rows, and what is wrong with each. Pure.

Rows of a title, a subtotal, a repeated heading or a signature are told from parcels and kept with
the reason; a total that does not fit the lines is a problem. A cell that cannot be told for sure
makes its line one for a person, and never a guess.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress

import msgspec

from cases.reading import BadData
from courier.bill_cells import Unreadable, day_in, fen_of, plain, tracking_of, unit_of, weight_of
from courier.bill_columns import (
    AMOUNT,
    DAY,
    PLACE,
    TRACKING,
    WEIGHT,
    Heading,
    Row,
    Words,
    find_heading,
    heading_of,
)
from courier.postage import yuan

LINES_MAX = 50_000
_TOTALS = ("小计", "合计", "总计", "累计", "本页", "共计", "汇总", "TOTAL")


class BillLine(msgspec.Struct, frozen=True):
    """One charge: where it stands, and what it says. ``why``: what cannot be told of it."""

    sheet: str
    row: int
    tracking: str
    raw: str
    day: str = ""
    place: str = ""
    weight_g: int = 0
    fen: int = 0
    why: str = ""


class Note(msgspec.Struct, frozen=True):
    """Something about a row that is no line: where, in which column, and the words."""

    sheet: str
    row: int
    column: str
    words: str


class Bill(msgspec.Struct, frozen=True):
    """A bill as it was read: its lines, what was passed over, and what does not fit."""

    lines: tuple[BillLine, ...] = ()
    passed_over: tuple[Note, ...] = ()
    problems: tuple[Note, ...] = ()

    @property
    def fen(self) -> int:
        """What its lines come to."""
        return sum(line.fen for line in self.lines)


class Reading:
    """A sheet on its way: its heading is known, and its rows are read one after the other."""

    def __init__(self, sheet: str, rows: Sequence[Row], words: Words, year: int) -> None:
        """:raises BadData: no row names the columns, or two columns fit equally well."""
        found = find_heading(rows, words)
        if found is None:
            raise BadData(
                "找不到列名那一行：至少要有邮件号（或运单号、快递单号）和金额（或资费）两列"
            )
        self.sheet, self.heading, self.year = sheet, found, year
        self.rows = [row for row in rows if row[0] > found.last]
        self.unit_g = unit_of(
            found.words.get(WEIGHT, ""), [_cell(cells, found, WEIGHT) for _, cells in self.rows]
        )
        self._heading = {heading_of(text) for text in found.words.values()}
        self._summed = 0
        self.lines: list[BillLine] = []
        self.passed_over: list[Note] = []
        self.problems: list[Note] = []

    def take(self, row: Row) -> None:
        """Read one row."""
        number, cells = row
        if self._is_heading(cells):
            self.passed_over.append(Note(self.sheet, number, "", "重复的列名"))
        elif total := _total_in(cells, self.heading):
            self._take_total(number, cells, total)
        elif not _numbered(cells, self.heading) and not _has_amount(cells, self.heading):
            words = "".join(cell for cell in cells if cell)[:40]
            self.passed_over.append(Note(self.sheet, number, "", f"不是邮件：{words}"))
        else:
            self.lines.append(self._line(number, cells))

    def _is_heading(self, cells: Sequence[str]) -> bool:
        said = {heading_of(cell) for cell in cells if cell}
        return len(said & self._heading) >= 2

    def _take_total(self, number: int, cells: Sequence[str], word: str) -> None:
        self.passed_over.append(Note(self.sheet, number, "", f"{word}行"))
        whole = sum(line.fen for line in self.lines)
        part, self._summed = whole - self._summed, whole
        with suppress(Unreadable):
            said = fen_of(_cell(cells, self.heading, AMOUNT))
            if said not in (whole, part):
                words = f"{word} {yuan(said)} 元，和上面各行之和 {yuan(whole)} 元对不上"
                self.problems.append(Note(self.sheet, number, "金额", words))

    def _line(self, number: int, cells: Sequence[str]) -> BillLine:
        raw, why = _cell(cells, self.heading, TRACKING), []
        tracking, fen = "", 0
        try:
            tracking = tracking_of(raw)
            if not tracking:
                why.append("没有单号")
        except Unreadable as problem:
            why.append(str(problem))
        try:
            fen = fen_of(_cell(cells, self.heading, AMOUNT))
        except Unreadable as problem:
            why.append(str(problem))
        day, grams = self._day(number, cells), self._weight(number, cells)
        place = _cell(cells, self.heading, PLACE)[:40]
        return BillLine(
            self.sheet, number, tracking, raw[:40], day, place, grams, fen, "；".join(why)
        )

    def _day(self, number: int, cells: Sequence[str]) -> str:
        try:
            day = day_in(_cell(cells, self.heading, DAY), self.year)
        except Unreadable as problem:
            self.problems.append(Note(self.sheet, number, "收寄日期", str(problem)))
            return ""
        return day.isoformat() if day else ""

    def _weight(self, number: int, cells: Sequence[str]) -> int:
        try:
            return weight_of(_cell(cells, self.heading, WEIGHT), self.unit_g)
        except Unreadable as problem:
            self.problems.append(Note(self.sheet, number, "重量", str(problem)))
            return 0


def _cell(cells: Sequence[str], heading: Heading, column: str) -> str:
    place = heading.places.get(column)
    return cells[place] if place is not None and place < len(cells) else ""


def _numbered(cells: Sequence[str], heading: Heading) -> bool:
    """Whether something stands in the place of the number that may be one, however shortened."""
    cell = plain(_cell(cells, heading, TRACKING))
    return sum(letter.isdigit() for letter in cell) >= 3


def _has_amount(cells: Sequence[str], heading: Heading) -> bool:
    try:
        fen_of(_cell(cells, heading, AMOUNT))
    except Unreadable:
        return False
    return True


def _total_in(cells: Sequence[str], heading: Heading) -> str:
    """What a row of sums calls itself, or empty: a row with a real number is none."""
    with suppress(Unreadable):
        if tracking_of(_cell(cells, heading, TRACKING)):
            return ""
    for cell in cells:
        word = re.sub(r"[\s:：]", "", plain(cell))
        if word.startswith(_TOTALS) or (len(word) < 12 and word.endswith(_TOTALS)):
            return word[:12]
    return ""


def read_bill(sheet: str, rows: Sequence[Row], words: Words, year: int) -> Bill:
    """A whole sheet at once; raises :class:`BadData`."""
    reading = Reading(sheet, rows, words, year)
    for row in reading.rows:
        reading.take(row)
    return finished(reading)


def finished(reading: Reading) -> Bill:
    """What was read of a sheet. :raises BadData: there are too many lines."""
    if len(reading.lines) > LINES_MAX:
        raise BadData(f"账单有 {len(reading.lines)} 行，最多 {LINES_MAX} 行，请分月导入")
    return Bill(tuple(reading.lines), tuple(reading.passed_over), tuple(reading.problems))
