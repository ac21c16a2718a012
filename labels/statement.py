"""A monthly statement (寄递对账单): A4 across, a table over as many pages as it needs, its sums.

It names nobody: numbers, days, provinces and amounts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from labels.page import GREY, Box, Document, Page, Style

SIZE_MM: Final = (297.0, 210.0)
ROWS_PER_PAGE: Final = 24
_LEFT: Final = 14.0
_WIDTH: Final = SIZE_MM[0] - 2 * _LEFT
_TOP: Final = 38.0
_ROW: Final = 6.2
_MIST: Final = 0.93
_PALE: Final = 0.85


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its heading, its share of the width, and whether it holds amounts."""

    heading: str
    share: float
    amount: bool = False


@dataclass(frozen=True, slots=True)
class Statement:
    """Everything that a statement says. ``note``: 样例资费…, printed where it is so."""

    title: str
    facts: Sequence[str]
    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]
    sums: Sequence[Sequence[str]]
    note: str = ""


def statement(s: Statement) -> bytes:
    """The statement as PDF."""
    document = Document(s.title, SIZE_MM)
    lines = [*((row, False) for row in s.rows), *((row, True) for row in s.sums)]
    pages = max(-(-len(lines) // ROWS_PER_PAGE), 1)
    for number in range(pages):
        page = document.page()
        _head(page, s, f"第 {number + 1} 页，共 {pages} 页")
        start = number * ROWS_PER_PAGE
        for place, (row, bold) in enumerate(lines[start : start + ROWS_PER_PAGE]):
            _line(page, s.columns, row, _TOP + (place + 1) * _ROW, bold=bold)
        if number == pages - 1:
            _foot(page)
    return document.pdf()


def _head(page: Page, s: Statement, pages: str) -> None:
    page.text(Box(_LEFT, 12, 180, 9), s.title, Style(18, 12, bold=True, valign="middle"))
    right = Style(9, align="right", valign="middle")
    page.text(Box(_LEFT + _WIDTH - 70, 12, 70, 9), pages, right)
    page.text(Box(_LEFT, 22, _WIDTH, 6), " · ".join(s.facts), Style(9.5, 7, valign="middle"))
    if s.note:
        page.text(Box(_LEFT, 29, _WIDTH, 6), s.note, Style(9, 7, valign="middle", ink=GREY))
    page.fill(Box(_LEFT, _TOP, _WIDTH, _ROW), ink=_MIST)
    _line(page, s.columns, [column.heading for column in s.columns], _TOP, bold=True)


def _line(
    page: Page, columns: Sequence[Column], cells: Sequence[str], top: float, *, bold: bool
) -> None:
    whole, left = sum(column.share for column in columns), _LEFT
    for column, cell in zip(columns, cells, strict=False):
        wide = _WIDTH * column.share / whole
        align = "right" if column.amount else "left"
        style = Style(8.5, 5.5, bold=bold, align=align, valign="middle", leading=1.1)
        if cell:
            page.text(Box(left + 1, top, wide - 2, _ROW), cell, style)
        left += wide
    page.rule((_LEFT, top + _ROW), (_LEFT + _WIDTH, top + _ROW), ink=_PALE)


def _foot(page: Page) -> None:
    for x, label in ((0.0, "制表"), (70.0, "核对"), (140.0, "日期")):
        page.text(Box(_LEFT + x, 197, 12, 6), label, Style(9.5, valign="middle", ink=GREY))
        page.rule((_LEFT + x + 12, 203), (_LEFT + x + 56, 203))
