"""The receipt for papers taken in (收件凭证): A5, what a resident carries home.

The number and the QR are what one needs of it later, so they are the largest. A stranger may read
it over a shoulder or photograph it: the applicant's name is masked.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise
from typing import Final

from labels.codes import qr
from labels.masking import mask_name
from labels.page import A5_MM, GREY, WHITE, Box, Document, Page, Style
from labels.wording import reprint_mark

TEAL: Final = "#0b6b6f"
PALE: Final = 0.87

_LEFT: Final = 12.0
_RIGHT: Final = A5_MM[0] - 12.0
_WIDTH: Final = _RIGHT - _LEFT
_QR: Final = Box(_RIGHT - 40, 32, 40, 40)
_TABLE_TOP: Final = 88.0
_ROW: Final = 6.6
_ONE_PAGE_ROWS: Final = 8
_FIRST_PAGE_ROWS: Final = 6  # of a receipt that needs another page, which it must say
_NEXT_PAGE_ROWS: Final = 22
_FOOT_TOP: Final = 176.0


class Handling(Enum):
    """What happens with a paper. The values are those of the catalogue."""

    LOOKED_AT = "looked_at"
    COPY_KEPT = "copy_kept"
    ORIGINAL_KEPT = "original_kept"
    ELECTRONIC = "electronic"
    WAIVED = "waived"


HANDLING_WORDS: Final = {
    Handling.LOOKED_AT: "当场核验后退回",
    Handling.COPY_KEPT: "复印件收存",
    Handling.ORIGINAL_KEPT: "原件收存",
    Handling.ELECTRONIC: "电子材料",
    Handling.WAIVED: "免交，待核验",
}


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper that was taken in or looked at."""

    name: str
    handling: Handling
    copies: int = 1


@dataclass(frozen=True, slots=True)
class Receipt:
    """Everything that a receipt says. Times come as they are read: 11月22日（周日）15:00."""

    number: str  # the case's number
    address: str  # what the QR holds: labels.tokens.url(...)
    matter: str
    applicant: str  # in full: masked here, unless an organisation
    point: str  # where the papers were taken in
    received_at: str
    decided_by: str  # who decides: 鼓楼区市场监督管理局
    papers: Sequence[Paper]
    next_steps: Sequence[str]  # what happens now, one sentence each, four at most
    clerk: str = ""  # who took them in, as the clerk's badge says it
    phone: str = ""  # where to ask
    organisation: bool = False  # whether the applicant is one, and public
    code: str = ""  # what the courier is told at the door: labels.tokens.delivery_code(...)
    note: str = ""  # 事项目录为示例数据…: printed when days and fees are illustrative


def receipt(r: Receipt, *, copy: int = 1) -> bytes:
    """The receipt as PDF. ``copy`` above 1 is a reprint, and says so."""
    document = Document(r.number, A5_MM)
    fits = len(r.papers) <= _ONE_PAGE_ROWS
    cut = _ONE_PAGE_ROWS if fits else _FIRST_PAGE_ROWS
    first, rest = r.papers[:cut], r.papers[cut:]
    page = document.page()
    _head(page, r, copy)
    _case(page, r)
    below = _papers(page, first, _TABLE_TOP, start=1, more=bool(rest))
    _next(page, r, below + 5)
    _foot(page, r)
    for start in range(0, len(rest), _NEXT_PAGE_ROWS):
        page = document.page()
        _head(page, r, copy)
        page.text(Box(_LEFT, 30, _WIDTH, 7), f"办件编号 {r.number}（续）", Style(11, 8, bold=True))
        number = _FIRST_PAGE_ROWS + start + 1
        more = start + _NEXT_PAGE_ROWS < len(rest)
        _papers(page, rest[start : start + _NEXT_PAGE_ROWS], 40, start=number, more=more)
    return document.pdf()


def _head(page: Page, r: Receipt, copy: int) -> None:
    page.fill(Box(0, 0, A5_MM[0], 3), ink=TEAL)
    page.text(Box(_LEFT, 10, 60, 10), "收件凭证", Style(23, bold=True, valign="middle"))
    page.text(
        Box(_LEFT, 20.6, 60, 4),
        "Receipt for papers taken in",
        Style(8.5, ink=GREY, valign="middle"),
    )
    brand = Style(11, bold=True, align="right", valign="middle", ink=TEAL)
    page.text(Box(_RIGHT - 60, 11, 60, 5), "家门口 Doorstep", brand)
    page.text(Box(_RIGHT - 60, 16.5, 60, 4), r.point, Style(8, 6, align="right", ink=GREY))
    if mark := reprint_mark(copy):
        chip = Box(50, 12, 26, 6.6)
        page.frame(chip, line_mm=0.4, radius=1)
        style = Style(9, 7, bold=True, align="centre", valign="middle")
        page.text(chip.inset(1, 0.5), mark, style)
    page.rule((_LEFT, 27), (_RIGHT, 27), ink=PALE)


def _case(page: Page, r: Receipt) -> None:
    wide = _QR.x - _LEFT - 4
    page.text(Box(_LEFT, 32, wide, 4), "办件编号", Style(8, ink=GREY))
    page.text(Box(_LEFT, 36, wide, 8.5), r.number, Style(20, 12, bold=True, valign="middle"))
    rows = (
        ("事项", r.matter, 9.6),
        ("申请人", r.applicant if r.organisation else mask_name(r.applicant), 9.6),
        ("决定机关", r.decided_by, 9.6),
        ("收件时间", r.received_at, 5.0),
    )
    y = 48.0
    for label, value, height in rows:
        page.text(Box(_LEFT, y, 17, 5), label, Style(8.5, valign="middle", ink=GREY))
        style = Style(10, 7, bold=label == "事项", leading=1.25)
        fitted = page.text(Box(_LEFT + 18, y + 0.6, wide - 18, height), value, style)
        y += max(6.4, 2.6 + fitted.height_mm(1.25))
    page.frame(_QR, line_mm=0.3, ink=PALE, radius=2)
    page.qr_in(qr(r.address), _QR.inset(1))
    style = Style(10, bold=True, align="centre", ink=TEAL)
    page.text(Box(_QR.x - 3, 74, 46, 5), "扫码填寄递单、查进度", style)
    english = Style(6.5, align="centre", ink=GREY)
    page.text(Box(_QR.x - 3, 79, 46, 3), "Scan: delivery slip and progress", english)


def _papers(page: Page, papers: Sequence[Paper], top: float, *, start: int, more: bool) -> float:
    """Draw the table from ``top``; where it ends."""
    page.fill(Box(_LEFT, top, _WIDTH, 6.4), ink=TEAL, radius=1)
    header = Style(8.5, bold=True, valign="middle", ink=WHITE)
    for x, wide, word, align in (
        (2, 80, f"收到的材料（从第 {start} 项起）" if start > 1 else "收到的材料 Papers", "left"),
        (84, 10, "份数", "centre"),
        (96, _WIDTH - 98, "怎样处理", "left"),
    ):
        page.text(Box(_LEFT + x, top, wide, 6.4), word, header._replace(align=align))
    y = top + 6.4
    for number, paper in enumerate(papers, start):
        _paper(page, number, paper, y)
        y += _ROW
        page.rule((_LEFT, y), (_RIGHT, y), ink=PALE)
    if more:
        page.text(Box(_LEFT + 2, y + 0.6, _WIDTH - 4, 4), "材料续下页", Style(8, ink=GREY))
        y += 4
    return y


def _paper(page: Page, number: int, paper: Paper, y: float) -> None:
    cell = Style(9, 6.25, valign="middle", leading=1.15)
    page.text(Box(_LEFT + 2, y, 6, _ROW), str(number), cell._replace(ink=GREY))
    page.text(Box(_LEFT + 8, y + 0.3, 75, _ROW - 0.6), paper.name, cell)
    page.text(Box(_LEFT + 84, y, 10, _ROW), str(paper.copies), cell._replace(align="centre"))
    kept = paper.handling is Handling.ORIGINAL_KEPT
    words = HANDLING_WORDS[paper.handling]
    page.text(Box(_LEFT + 96, y, _WIDTH - 98, _ROW), words, cell._replace(bold=kept))


def _next(page: Page, r: Receipt, top: float) -> None:
    room = _FOOT_TOP - top - 2
    delivery_code(page, Box(_RIGHT - 58, top - 1.2, 58, 6.6), r.code)
    page.text(
        Box(_LEFT, top, _WIDTH - 60, 5),
        "接下来 What happens next",
        Style(10, bold=True, valign="middle"),
    )
    steps = "\n".join(f"{number}. {step}" for number, step in enumerate(r.next_steps, 1))
    style = Style(9, 6, leading=1.45)
    page.text(Box(_LEFT, top + 6, _WIDTH, max(6.0, room - 6)), steps, style)


def delivery_code(page: Page, box: Box, code: str) -> None:
    """The four digits that the courier is told at the door, apart from all else; or nothing."""
    if not code:
        return
    page.frame(box, line_mm=0.4, ink=TEAL, radius=1)
    words = box.inset(1.5, 0.4)
    label = "签收码 Delivery code"
    page.text(words, label, Style(8, 6, valign="middle", ink=GREY))
    page.text(words, code, Style(13, bold=True, align="right", valign="middle"))


def _foot(page: Page, r: Receipt) -> None:
    stamp = Box(_RIGHT - 40, _FOOT_TOP, 40, 22)
    for start, end in _edges(stamp):
        page.rule(start, end, ink=0.6, dashes=(1, 1))
    style = Style(8, align="centre", valign="middle", ink=0.6)
    page.text(stamp, "（收件专用章）", style)
    rows = [("收件窗口", r.point), ("收件人员", r.clerk), ("咨询电话", r.phone)]
    y = _FOOT_TOP
    for label, value in rows:
        if value:
            page.text(Box(_LEFT, y, 16, 5), label, Style(8.5, valign="middle", ink=GREY))
            page.text(Box(_LEFT + 18, y, 62, 5), value, Style(9, 6.5, valign="middle"))
            y += 5.8
    words = "本凭证表示材料已收下。是否受理，由决定机关审查后另行告知。"
    page.text(Box(_LEFT, _FOOT_TOP + 18, 82, 4), words, Style(7.5, 6, valign="middle", ink=GREY))
    english = "Papers taken in. Whether the case is accepted, the deciding body will tell you."
    page.text(Box(_LEFT, _FOOT_TOP + 22, 82, 3), english, Style(6.5, 5.5, ink=GREY))
    page.text(Box(_LEFT, 202, _WIDTH, 3.4), r.note, Style(7, 5.5, valign="middle", ink=GREY))


def _edges(box: Box) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    right, bottom = box.x + box.width, box.y + box.height
    corners = [(box.x, box.y), (right, box.y), (right, bottom), (box.x, bottom), (box.x, box.y)]
    return list(pairwise(corners))
