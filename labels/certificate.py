"""A certificate (证照): A4 in a frame, its holder and what it grants; anyone can check its QR."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from labels.codes import qr
from labels.page import A4_MM, GREY, Box, Document, Page, Style
from labels.wording import reprint_mark

TEAL: Final = "#0b6b6f"
PALE: Final = 0.8
_LEFT: Final = 30.0
_RIGHT: Final = A4_MM[0] - 30.0
_WIDTH: Final = _RIGHT - _LEFT
_ROWS_TOP: Final = 84.0
_ROW: Final = 13.0
_SIGN_TOP: Final = 208.0
_STAMP: Final = Box(_RIGHT - 44, _SIGN_TOP, 44, 44)
_QR: Final = Box(_LEFT, _SIGN_TOP, 36, 36)


@dataclass(frozen=True, slots=True)
class Certificate:
    """Everything that a certificate says."""

    title: str  # 食品经营许可证
    number: str
    rows: Sequence[tuple[str, str]]  # 持证人, 证件号码, 有效期至 …: six at most
    content: str
    body: str
    date: str
    case: str
    address: str  # what the QR holds
    note: str = ""
    seal: bytes = b""  # a PNG, only where one is configured


def certificate(c: Certificate, *, copy: int = 1) -> bytes:
    """The certificate as PDF, one page. ``copy`` above 1 is a reprint, and says so."""
    document = Document(f"{c.title} {c.number}", A4_MM)
    page = document.page()
    _border(page, c, copy)
    page.text(
        Box(_LEFT, 38, _WIDTH, 16), c.title,
        Style(34, 15, bold=True, align="centre", valign="middle", leading=1.15),
    )  # fmt: skip
    page.text(Box(_LEFT, 60, _WIDTH, 7), c.number, Style(13, 8, align="centre", valign="middle"))
    y = _ROWS_TOP
    for label, value in c.rows:
        page.text(Box(_LEFT, y, 34, _ROW), label, Style(13, 9, valign="middle", ink=GREY))
        style = Style(15, 7, bold=True, valign="middle", leading=1.15)
        page.text(Box(_LEFT + 36, y + 0.5, _WIDTH - 36, _ROW - 1), value, style)
        y += _ROW
        page.rule((_LEFT, y), (_RIGHT, y), ink=PALE)
    page.text(Box(_LEFT, y + 6, _WIDTH, _SIGN_TOP - y - 12), c.content, Style(13, 6, leading=1.5))
    _sign(page, c)
    return document.pdf()


def _border(page: Page, c: Certificate, copy: int) -> None:
    page.frame(Box(12, 12, A4_MM[0] - 24, A4_MM[1] - 24), line_mm=1.2, ink=TEAL)
    page.frame(Box(15, 15, A4_MM[0] - 30, A4_MM[1] - 30), line_mm=0.3, ink=TEAL)
    if mark := reprint_mark(copy):
        style = Style(10, 7, bold=True, align="right", valign="middle")
        page.text(Box(_RIGHT - 50, 20, 50, 6), mark, style)
    words = "　".join(part for part in (f"办件编号 {c.case}", c.note) if part)
    page.text(Box(_LEFT, 268, _WIDTH, 5), words, Style(8.5, 5.5, valign="middle", ink=GREY))


def _sign(page: Page, c: Certificate) -> None:
    page.qr_in(qr(c.address), _QR)
    style = Style(9, align="centre", bold=True, ink=TEAL)
    page.text(Box(_LEFT - 4, _QR.y + 37, 44, 4), "扫码查验真伪", style)
    english = Style(7, align="centre", ink=GREY)
    page.text(Box(_LEFT - 4, _QR.y + 41.4, 44, 3), "Scan to check this certificate", english)
    if c.seal:
        page.image(c.seal, _STAMP)
    else:
        page.frame(_STAMP, line_mm=0.2, ink=PALE)
        faint = Style(9, align="centre", valign="bottom", ink=0.6)
        page.text(_STAMP.inset(1, 2), "（发证机关盖章）", faint)
    middle = Box(_QR.x + 40, _SIGN_TOP + 6, _STAMP.x - _QR.x - 44, 16)
    page.text(middle, c.body, Style(13, 7, align="right", valign="middle"))
    date = Box(middle.x, middle.y + 19, middle.width, 6)
    page.text(date, c.date, Style(13, 9, align="right"))
