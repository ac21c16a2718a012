"""The one-time notice (一次性告知书): A4, everything that this person must bring, once and for all.

It names no person. Its QR opens the same list on a phone: what was answered is in the address, as
codes, so that the page needs to know nothing of anybody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from labels.codes import qr
from labels.page import A4_MM, GREY, WHITE, Box, Document, Page, Style
from labels.wording import reprint_mark

TEAL: Final = "#0b6b6f"
MIST: Final = "#e7f1f1"
PALE: Final = 0.87
NOTHING_ANSWERED: Final = "-"

_LEFT: Final = 18.0
_RIGHT: Final = A4_MM[0] - 18.0
_WIDTH: Final = _RIGHT - _LEFT
_QR: Final = Box(_RIGHT - 42, 36, 42, 42)
_TABLE_TOP: Final = 104.0
_TABLE_ROOM: Final = 104.0
_ROW_MAX: Final = 13.0
_FOOT_TOP: Final = 262.0


@dataclass(frozen=True, slots=True)
class NoticePaper:
    """One paper to bring."""

    name: str
    handling: str  # what becomes of it: 核对后当场退还
    copies: int = 1
    note: str = ""  # how the sample is filled in, what is often wrong with it


@dataclass(frozen=True, slots=True)
class Notice:
    """Everything that a notice says."""

    matter: str
    code: str  # the matter's
    address: str  # what the QR holds: guide_url(...)
    papers: Sequence[NoticePaper]
    answers: Sequence[tuple[str, str]]  # what was asked, what was answered
    days: str
    fee: str
    tips: str
    point: str
    printed_at: str
    clerk: str = ""
    phone: str = ""
    note: str = ""  # 样例数据…: printed when days and fees are illustrative


def guide_url(base: str, point_number: int, matter: str, answers: str) -> str:
    """The address of a list of papers, in capitals, so that the QR stays small.

    ``answers`` is the guide's code. Raises ValueError for a base that is no address.
    """
    parts = urlsplit(base)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
        raise ValueError(f"{base!r} is not an address like http://host:port")
    root = f"{parts.scheme}://{parts.netloc}".upper() + parts.path.rstrip("/")
    return f"{root}/G/{point_number:03d}/{matter.upper()}/{answers or NOTHING_ANSWERED}"


def notice(n: Notice, *, copy: int = 1) -> bytes:
    """The notice as PDF, one A4 page. ``copy`` above 1 is a reprint, and says so."""
    document = Document(f"一次性告知书 {n.code}", A4_MM)
    page = document.page()
    _head(page, n, copy)
    _matter(page, n)
    below = _papers(page, n.papers)
    _advice(page, n, below + 6)
    _foot(page, n)
    return document.pdf()


def _head(page: Page, n: Notice, copy: int) -> None:
    page.fill(Box(0, 0, A4_MM[0], 4), ink=TEAL)
    page.text(Box(_LEFT, 12, 90, 12), "一次性告知书", Style(28, bold=True, valign="middle"))
    english = Style(10, ink=GREY, valign="middle")
    page.text(Box(_LEFT, 24.5, 90, 5), "What to bring: everything, told once", english)
    brand = Style(13, bold=True, align="right", valign="middle", ink=TEAL)
    page.text(Box(_RIGHT - 70, 13, 70, 6), "家门口 Doorstep", brand)
    page.text(Box(_RIGHT - 70, 19.5, 70, 5), n.point, Style(10, 7, align="right", ink=GREY))
    if mark := reprint_mark(copy):
        chip = Box(88, 14, 30, 8)
        page.frame(chip, line_mm=0.4, radius=1)
        style = Style(10, 8, bold=True, align="centre", valign="middle")
        page.text(chip.inset(1, 0.5), mark, style)
    page.rule((_LEFT, 32), (_RIGHT, 32), ink=PALE)


def _matter(page: Page, n: Notice) -> None:
    wide = _QR.x - _LEFT - 6
    page.text(Box(_LEFT, 36, wide, 5), "您要办的事", Style(10, ink=GREY))
    page.text(Box(_LEFT, 41.5, wide, 15), n.matter, Style(18, 11, bold=True, leading=1.2))
    page.text(Box(_LEFT, 57, wide, 5), f"{n.days} · {n.fee}", Style(11, 8))
    page.text(Box(_LEFT, 65, wide, 5), "您告诉我们的", Style(10, ink=GREY))
    said = "\n".join(f"{question} {answer}" for question, answer in n.answers)
    page.text(Box(_LEFT, 70.5, wide, 27), said or "不用另外问什么", Style(11, 6.5, leading=1.35))
    page.frame(_QR, line_mm=0.4, ink=PALE, radius=2)
    page.qr_in(qr(n.address), _QR.inset(1))
    style = Style(11, bold=True, align="centre", ink=TEAL)
    page.text(Box(_QR.x - 4, 80, 50, 6), "扫码看清单，样图见手机", style)
    english = Style(8, align="centre", ink=GREY)
    page.text(Box(_QR.x - 4, 86, 50, 4), "Scan: list and samples on your phone", english)


def _papers(page: Page, papers: Sequence[NoticePaper]) -> float:
    """Draw the table; where it ends. The rows shrink so that all of them fit."""
    page.fill(Box(_LEFT, _TABLE_TOP, _WIDTH, 8), ink=TEAL, radius=1)
    header = Style(11, bold=True, valign="middle", ink=WHITE)
    for x, wide, word, align in (
        (2, 100, f"要带的材料，共 {len(papers)} 件 Papers", "left"),
        (112, 14, "份数", "centre"),
        (130, _WIDTH - 132, "怎样处理", "left"),
    ):
        page.text(Box(_LEFT + x, _TABLE_TOP, wide, 8), word, header._replace(align=align))
    row = min(_ROW_MAX, (_TABLE_ROOM - 8) / max(1, len(papers)))
    y = _TABLE_TOP + 8
    for number, paper in enumerate(papers, 1):
        _paper(page, number, paper, Box(_LEFT, y, _WIDTH, row))
        y += row
        page.rule((_LEFT, y), (_RIGHT, y), ink=PALE)
    return y


def _paper(page: Page, number: int, paper: NoticePaper, row: Box) -> None:
    page.frame(Box(row.x + 2, row.y + row.height / 2 - 2, 4, 4), line_mm=0.35)
    cell = Style(12, 7, valign="middle", leading=1.15)
    name = row.height * (0.55 if paper.note else 1) - 0.6
    words = f"{number}. {paper.name}"
    page.text(Box(row.x + 9, row.y + 0.5, 101, name), words, cell._replace(bold=True))
    if paper.note:
        note = Box(row.x + 13, row.y + 0.3 + name, 97, row.height - name - 0.6)
        page.text(note, paper.note, Style(9, 6, valign="middle", ink=GREY))
    copies = Box(row.x + 112, row.y, 14, row.height)
    page.text(copies, str(paper.copies), cell._replace(align="centre"))
    handling = Box(row.x + 130, row.y, row.width - 132, row.height)
    page.text(handling, paper.handling, cell._replace(size=11))


def _advice(page: Page, n: Notice, top: float) -> None:
    room = _FOOT_TOP - top - 4
    box = Box(_LEFT, top, _WIDTH, min(38.0, room))
    page.fill(box, ink=MIST, radius=2)
    lines = [
        *([f"常见错误和提醒：{n.tips}"] if n.tips else []),
        "带齐上面的材料，鼓楼区任何一个受理点都能收件，不用再问、不用补跑。",
        "谁来办，谁带上自己的身份证件，窗口核对后当场退还。",
        "情况变了（比如换人来办），材料可能不同：来之前扫码或打电话再问一次。",
        "按这张清单带齐了还让您补材料，是窗口没有说清，请告诉我们，不是您的错。",
    ]
    inner = box.inset(4, 3)
    page.text(inner, "\n".join(lines), Style(11, 7, leading=1.5, valign="middle"))


def _foot(page: Page, n: Notice) -> None:
    rows = [("告知窗口", n.point), ("告知人员", n.clerk), ("咨询电话", n.phone)]
    y = _FOOT_TOP
    for label, value in rows:
        if value:
            page.text(Box(_LEFT, y, 22, 6), label, Style(10, valign="middle", ink=GREY))
            page.text(Box(_LEFT + 24, y, 80, 6), value, Style(11, 8, valign="middle"))
            y += 6.6
    right = Style(10, 7, align="right", valign="middle", ink=GREY)
    page.text(Box(_RIGHT - 70, _FOOT_TOP, 70, 6), f"告知时间 {n.printed_at}", right)
    page.text(Box(_RIGHT - 70, _FOOT_TOP + 6.6, 70, 6), f"事项编码 {n.code}", right)
    page.text(Box(_LEFT, 284, _WIDTH, 5), n.note, Style(8.5, 6, valign="middle", ink=GREY))
