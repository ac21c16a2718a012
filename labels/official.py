"""A paper of an authority (文书): A4, one page; what is too long goes on on attachments (附页).

One form for all kinds; what each says is data (``labels/texts.py``). Its QR proves where it was
printed and says whether it still holds. The place for the stamp is left free; a seal is printed
only where one is configured.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, NamedTuple

from labels.codes import qr
from labels.page import A4_MM, GREY, Box, Document, Page, Style, fit
from labels.wording import reprint_mark

TEAL: Final = "#0b6b6f"
PALE: Final = 0.8

_LEFT: Final = 26.0
_RIGHT: Final = A4_MM[0] - 26.0
_WIDTH: Final = _RIGHT - _LEFT
_TEXT_TOP: Final = 76.0
_TEXT_END: Final = 206.0
_NEXT_TOP: Final = 40.0
_NEXT_END: Final = 262.0
_SIGN_TOP: Final = 212.0
_STAMP: Final = Box(_RIGHT - 42, _SIGN_TOP, 42, 42)
_QR: Final = Box(_LEFT, _SIGN_TOP, 36, 36)
_FOOT_TOP: Final = 268.0
_ROW: Final = 9.0
_SIZES: Final = (14.0, 13.0, 12.0, 11.0, 10.5)
_LEADING: Final = 1.6
_MM: Final = 25.4 / 72
_ENDLESS_MM: Final = 1e6
_INDENT: Final = "一一"  # as wide as the two places that a paragraph begins with, cut off again
_MORE: Final = "（全文较长，续见附页）"


@dataclass(frozen=True, slots=True)
class Official:
    """Everything that a paper says. ``rows`` stand in a table above the text."""

    title: str
    english: str
    number: str
    body: str  # who issues it: 福州市鼓楼区市场监督管理局
    to: str
    paragraphs: Sequence[str]
    date: str  # 2026年11月26日
    case: str
    address: str  # what the QR holds: labels.paper_code.paper_url(...)
    scan: str = "扫码查验真伪"  # what the QR is for
    scan_english: str = "Scan to check this paper"
    point: str = ""
    phone: str = ""
    rows: Sequence[tuple[str, str]] = ()
    signers: Sequence[str] = ()  # who signs by hand: 受送达人
    stamp: str = "（盖章处）"
    note: str = ""  # 事项目录为示例数据…
    seal: bytes = b""  # a PNG, only where one is configured


class _Line(NamedTuple):
    text: str
    indented: bool


def official(paper: Official, *, copy: int = 1) -> bytes:
    """The paper as PDF. ``copy`` above 1 is a reprint, and says so."""
    document = Document(f"{paper.title} {paper.number}", A4_MM)
    top = _TEXT_TOP + (len(paper.rows) * _ROW + 5 if paper.rows else 0)
    end = _TEXT_END - (len(paper.signers) * _ROW)
    size, parts = _parts(paper.paragraphs, top, end)
    page = document.page()
    _head(page, paper, copy)
    _table(page, paper.rows)
    _lines(page, parts[0], size, top)
    if len(parts) > 1:
        style = Style(10, align="right", ink=GREY)
        page.text(Box(_LEFT, end - 4.5, _WIDTH, 4.5), _MORE, style)
    _signers(page, paper.signers, end)
    _sign(page, paper)
    _foot(page, paper, copy, 1, len(parts))
    for number, part in enumerate(parts[1:], 2):
        page = document.page()
        _attachment(page, paper)
        _lines(page, part, size, _NEXT_TOP)
        _foot(page, paper, copy, number, len(parts))
    return document.pdf()


def _parts(paragraphs: Sequence[str], top: float, end: float) -> tuple[float, list[list[_Line]]]:
    """The size at which the text fits one page, else the least, and its lines page by page."""
    for size in _SIZES:
        lines = _flow(paragraphs, size)
        if len(lines) <= _room(end - top, size):
            return size, [lines]
    first, later = _room(end - top - 5, size), _room(_NEXT_END - _NEXT_TOP, size)
    starts = range(first, len(lines), later)
    return size, [lines[:first], *(lines[start : start + later] for start in starts)]


def _flow(paragraphs: Sequence[str], size: float) -> list[_Line]:
    lines: list[_Line] = []
    for paragraph in (part for text in paragraphs for part in text.split("\n") if part.strip()):
        fitted = fit(_INDENT + paragraph.strip(), _WIDTH, _ENDLESS_MM, Style(size)).lines
        lines.append(_Line(fitted[0].removeprefix(_INDENT), True))
        lines += [_Line(line, False) for line in fitted[1:]]
    return lines


def _room(height_mm: float, size: float) -> int:
    return int(height_mm / (size * _LEADING * _MM))


def _lines(page: Page, lines: Sequence[_Line], size: float, top: float) -> None:
    step = size * _LEADING * _MM
    for number, line in enumerate(lines):
        aside = 2 * size * _MM if line.indented else 0
        box = Box(_LEFT + aside, top + number * step, _WIDTH - aside + 0.1, step)
        page.text(box, line.text, Style(size))


def _head(page: Page, paper: Official, copy: int) -> None:
    page.text(
        Box(_LEFT, 18, _WIDTH, 10), paper.body,
        Style(20, 11, bold=True, align="centre", valign="middle"),
    )  # fmt: skip
    page.rule((_LEFT, 31), (_RIGHT, 31), line_mm=0.7, ink=TEAL)
    page.text(
        Box(_LEFT, 36, _WIDTH, 11), paper.title,
        Style(25, 14, bold=True, align="centre", valign="middle"),
    )  # fmt: skip
    page.text(Box(_LEFT, 47.5, _WIDTH, 4.5), paper.english, Style(9, 7, align="centre", ink=GREY))
    page.text(Box(_LEFT, 54, _WIDTH, 6), paper.number, Style(12, 8, align="centre"))
    to = f"{paper.to}：" if paper.to else ""
    page.text(Box(_LEFT, 64, _WIDTH, 8), to, Style(14, 8, valign="middle"))
    _mark(page, copy)


def _mark(page: Page, copy: int) -> None:
    if mark := reprint_mark(copy):
        chip = Box(_RIGHT - 34, 8, 34, 7)
        page.frame(chip, line_mm=0.4, radius=1)
        style = Style(10, 7, bold=True, align="centre", valign="middle")
        page.text(chip.inset(1, 0.5), mark, style)


def _table(page: Page, rows: Sequence[tuple[str, str]]) -> None:
    y = _TEXT_TOP
    for label, value in rows:
        row = Box(_LEFT, y, _WIDTH, _ROW)
        page.frame(row, line_mm=0.2, ink=PALE)
        page.text(Box(row.x + 2, y, 38, _ROW), label, Style(11, 8, valign="middle", ink=GREY))
        page.text(
            Box(row.x + 42, y + 0.4, _WIDTH - 44, _ROW - 0.8), value,
            Style(12, 6.5, valign="middle", leading=1.15),
        )  # fmt: skip
        y += _ROW


def _signers(page: Page, signers: Sequence[str], top: float) -> None:
    for number, who in enumerate(signers):
        y = top + number * _ROW
        style = Style(12, 8, valign="middle")
        page.text(Box(_LEFT, y, 54, _ROW), f"{who}（签名或盖章）", style)
        page.rule((_LEFT + 56, y + 7), (_RIGHT - 52, y + 7), line_mm=0.2, ink=GREY)
        day = Box(_RIGHT - 50, y, 50, _ROW)
        page.text(day, "______年____月____日", Style(12, 8, align="right", valign="middle"))


def _sign(page: Page, paper: Official) -> None:
    if paper.address:
        page.qr_in(qr(paper.address), _QR)
        style = Style(9, align="centre", ink=TEAL, bold=True)
        page.text(Box(_LEFT - 4, _QR.y + 37, 44, 4), paper.scan, style)
        english = Style(7, align="centre", ink=GREY)
        page.text(Box(_LEFT - 4, _QR.y + 41.4, 44, 3), paper.scan_english, english)
    if paper.stamp:
        if paper.seal:
            page.image(paper.seal, _STAMP)
        else:
            corners = _corners(_STAMP)
            for start, end in pairwise([*corners, corners[0]]):
                page.rule(start, end, ink=0.6, dashes=(1, 1))
            style = Style(9, align="centre", valign="bottom", ink=0.6)
            page.text(_STAMP.inset(1, 2), paper.stamp, style)
    right = _STAMP.x - 4 if paper.stamp else _RIGHT
    middle = Box(_QR.x + 42, _SIGN_TOP + 6, right - _QR.x - 42, 14)
    page.text(middle, paper.body, Style(13, 7, align="right", valign="middle"))
    page.text(
        Box(middle.x, middle.y + 17, middle.width, 6), paper.date, Style(13, 9, align="right")
    )


def _corners(box: Box) -> list[tuple[float, float]]:
    right, bottom = box.x + box.width, box.y + box.height
    return [(box.x, box.y), (right, box.y), (right, bottom), (box.x, bottom)]


def _attachment(page: Page, paper: Official) -> None:
    page.text(Box(_LEFT, 20, 40, 9), "附页", Style(18, bold=True, valign="middle"))
    words = f"{paper.title}　{paper.number}"
    page.text(
        Box(_LEFT + 40, 20, _WIDTH - 40, 9), words, Style(11, 7, align="right", valign="middle")
    )
    page.rule((_LEFT, 31), (_RIGHT, 31), line_mm=0.7, ink=TEAL)


def _foot(page: Page, paper: Official, copy: int, number: int, of: int) -> None:
    page.rule((_LEFT, _FOOT_TOP), (_RIGHT, _FOOT_TOP), ink=PALE)
    said = [f"办件编号 {paper.case}" if paper.case else "", paper.point]
    said += [f"电话 {paper.phone}" if paper.phone else ""]
    words = "　".join(part for part in said if part)
    style = Style(9, 6, valign="middle", ink=GREY)
    page.text(Box(_LEFT, _FOOT_TOP + 2, _WIDTH - 36, 5), words, style)
    page.text(
        Box(_RIGHT - 34, _FOOT_TOP + 2, 34, 5), f"第 {number} 页，共 {of} 页",
        style._replace(align="right"),
    )  # fmt: skip
    note = "；".join(
        part for part in (paper.note, reprint_mark(copy) if number > 1 else "") if part
    )
    page.text(
        Box(_LEFT, _FOOT_TOP + 7.5, _WIDTH, 4.5), note, Style(8, 6, valign="middle", ink=GREY)
    )
