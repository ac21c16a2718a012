"""The receipt of several cases received at once (一件事): one A4 page, one QR for all of them.

A resident carries home one sheet: which cases there are, who decides each by when, and every paper
once. The QR opens the first case's page, which shows all of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from labels.codes import qr
from labels.masking import mask_name
from labels.page import A4_MM, GREY, WHITE, Box, Document, Page, Style
from labels.receipt import HANDLING_WORDS, PALE, TEAL, Paper, delivery_code
from labels.wording import reprint_mark

_LEFT: Final = 15.0
_RIGHT: Final = A4_MM[0] - 15.0
_WIDTH: Final = _RIGHT - _LEFT
_QR: Final = Box(_RIGHT - 44, 33, 44, 44)
_CASES_TOP: Final = 92.0
_CASE_ROW: Final = 9.4
_PAPER_ROW: Final = 6.4
_FOOT_TOP: Final = 262.0
PAPERS_MAX: Final = 26


@dataclass(frozen=True, slots=True)
class ReceivedCase:
    """One of the cases: its number, its matter, who decides it, and by when."""

    number: str
    matter: str
    decided_by: str
    when: str


@dataclass(frozen=True, slots=True)
class BundleReceipt:
    """Everything that the receipt says. Times come as they are read."""

    title: str
    address: str
    applicant: str
    point: str
    received_at: str
    cases: Sequence[ReceivedCase]
    papers: Sequence[Paper]
    next_steps: Sequence[str]
    clerk: str = ""
    phone: str = ""
    organisation: bool = False
    code: str = ""
    note: str = ""


def bundle_receipt(r: BundleReceipt, *, copy: int = 1) -> bytes:
    """The receipt as PDF. ``copy`` above 1 is a reprint, and says so."""
    document = Document(r.cases[0].number, A4_MM)
    page = document.page()
    _head(page, r, copy)
    _who(page, r)
    below = _cases(page, r.cases)
    below = _papers(page, r.papers[:PAPERS_MAX], below + 5)
    _next(page, r, below + 4)
    _foot(page, r)
    return document.pdf()


def _head(page: Page, r: BundleReceipt, copy: int) -> None:
    page.fill(Box(0, 0, A4_MM[0], 3), ink=TEAL)
    page.text(Box(_LEFT, 10, 80, 10), "收件凭证", Style(24, bold=True, valign="middle"))
    english = "Receipt for papers taken in, several cases at once"
    page.text(Box(_LEFT, 20.6, 90, 4), english, Style(8.5, ink=GREY, valign="middle"))
    brand = Style(12, bold=True, align="right", valign="middle", ink=TEAL)
    page.text(Box(_RIGHT - 70, 11, 70, 5), "家门口 Doorstep", brand)
    page.text(Box(_RIGHT - 70, 16.5, 70, 4), r.point, Style(9, 6, align="right", ink=GREY))
    if mark := reprint_mark(copy):
        chip = Box(58, 12, 28, 7)
        page.frame(chip, line_mm=0.4, radius=1)
        style = Style(10, 7, bold=True, align="centre", valign="middle")
        page.text(chip.inset(1, 0.5), mark, style)
    page.rule((_LEFT, 27), (_RIGHT, 27), ink=PALE)


def _who(page: Page, r: BundleReceipt) -> None:
    wide = _QR.x - _LEFT - 6
    page.text(Box(_LEFT, 33, wide, 12), r.title, Style(18, 11, bold=True, valign="middle"))
    count = f"共 {len(r.cases)} 件，一个码看全部"
    page.text(Box(_LEFT, 45, wide, 6), count, Style(12, 9, valign="middle"))
    name = r.applicant if r.organisation else mask_name(r.applicant)
    for y, label, value in ((55, "申请人", name), (63, "收件时间", r.received_at)):
        page.text(Box(_LEFT, y, 20, 6), label, Style(10, valign="middle", ink=GREY))
        page.text(Box(_LEFT + 22, y, wide - 22, 6), value, Style(12, 7, valign="middle"))
    page.frame(_QR, line_mm=0.3, ink=PALE, radius=2)
    page.qr_in(qr(r.address), _QR.inset(1))
    style = Style(11, bold=True, align="centre", ink=TEAL)
    page.text(Box(_QR.x - 3, 79, _QR.width + 6, 5), "扫码看每一件、填寄递单", style)
    english = Style(7, align="centre", ink=GREY)
    page.text(Box(_QR.x - 3, 84, _QR.width + 6, 3), "Scan: all cases, delivery slip", english)


def _bar(page: Page, y: float, words: Sequence[tuple[float, float, str]]) -> None:
    page.fill(Box(_LEFT, y, _WIDTH, 6.6), ink=TEAL, radius=1)
    style = Style(9, valign="middle", bold=True, ink=WHITE)
    for x, wide, word in words:
        page.text(Box(_LEFT + x, y, wide, 6.6), word, style)


def _cases(page: Page, cases: Sequence[ReceivedCase]) -> float:
    """Draw the table of cases; where it ends."""
    y = _CASES_TOP
    _bar(page, y, ((2, 44, "办件编号 Number"), (48, 60, "事项"), (110, 68, "谁决定、多久")))
    y += 6.6
    for case in cases:
        page.text(
            Box(_LEFT + 2, y, 44, _CASE_ROW), case.number, Style(10, 7, bold=True, valign="middle")
        )
        cell = Style(9.5, 6.5, valign="middle", leading=1.15)
        page.text(Box(_LEFT + 48, y + 0.4, 60, _CASE_ROW - 0.8), case.matter, cell)
        words = f"{case.decided_by}，{case.when}"
        page.text(Box(_LEFT + 110, y + 0.4, 68, _CASE_ROW - 0.8), words, cell)
        y += _CASE_ROW
        page.rule((_LEFT, y), (_RIGHT, y), ink=PALE)
    return y


def _papers(page: Page, papers: Sequence[Paper], top: float) -> float:
    """Draw the papers in two columns, each once; where they end."""
    _bar(page, top, ((2, 120, "收到的材料，同一份只收一次 Papers"),))
    half, column = -(-len(papers) // 2), _WIDTH / 2
    style = Style(9, 6, valign="middle", leading=1.15)
    for place, paper in enumerate(papers):
        x = _LEFT + (column if place >= half else 0)
        y = top + 6.6 + (place % half) * _PAPER_ROW
        page.text(Box(x + 2, y + 0.3, 53, _PAPER_ROW - 0.6), f"{place + 1}. {paper.name}", style)
        words = HANDLING_WORDS[paper.handling]
        words += f" {paper.copies} 份" if paper.copies > 1 else ""
        page.text(Box(x + 56, y, column - 58, _PAPER_ROW), words, style._replace(ink=GREY))
    return top + 6.6 + half * _PAPER_ROW


def _next(page: Page, r: BundleReceipt, top: float) -> None:
    heading = Style(11, bold=True, valign="middle")
    delivery_code(page, Box(_RIGHT - 62, top - 1.2, 62, 6.8), r.code)
    page.text(Box(_LEFT, top, _WIDTH - 66, 5), "接下来 What happens next", heading)
    words = "\n".join(f"{number}. {step}" for number, step in enumerate(r.next_steps, 1))
    room = max(6.0, _FOOT_TOP - top - 8)
    page.text(Box(_LEFT, top + 6, _WIDTH, room), words, Style(10, 6, leading=1.45))


def _foot(page: Page, r: BundleReceipt) -> None:
    stamp = Box(_RIGHT - 44, _FOOT_TOP, 44, 24)
    page.frame(stamp, ink=0.6)
    style = Style(9, align="centre", valign="middle", ink=0.6)
    page.text(stamp, "（收件专用章）", style)
    rows = [("收件窗口", r.point), ("收件人员", r.clerk), ("咨询电话", r.phone)]
    for place, (label, value) in enumerate(row for row in rows if row[1]):
        y = _FOOT_TOP + place * 6
        page.text(Box(_LEFT, y, 20, 5), label, Style(9.5, valign="middle", ink=GREY))
        page.text(Box(_LEFT + 22, y, 90, 5), value, Style(10, 6.5, valign="middle"))
    words = "本凭证表示材料已收下。每一件是否受理，由决定机关审查后分别告知。"
    page.text(Box(_LEFT, _FOOT_TOP + 19, 120, 4), words, Style(8, 6, valign="middle", ink=GREY))
    page.text(Box(_LEFT, 288, _WIDTH, 3.4), r.note, Style(7, 5.5, valign="middle", ink=GREY))
