"""The manifest (交接单): what a courier signs when taking parcels over. A4, ten parcels a page."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from labels.addressee import Addressee, shown
from labels.codes import qr
from labels.page import A4_MM, GREY, Box, Document, Page, Style
from labels.wording import contents, reprint_mark, weight

ROWS_PER_PAGE: Final = 10

_LEFT: Final = 15.0
_WIDTH: Final = A4_MM[0] - 2 * _LEFT
_TOP: Final = 52.0
_ROW: Final = 19.5
_MIST: Final = 0.93
_PALE: Final = 0.8
# (left edge, width, heading): millimetres from the table's left edge
_COLUMNS: Final = (
    (2.0, 8.0, "序号"),
    (11.0, 42.0, "邮件号"),
    (55.0, 66.0, "寄往"),
    (123.0, 30.0, "内件"),
    (158.0, 20.0, "扫码"),
)


@dataclass(frozen=True, slots=True)
class Line:
    """One parcel on a manifest."""

    number: str  # the parcel's number
    tracking: str  # the carrier's number
    address: str  # what its QR holds, as on its waybill
    to: Addressee  # a person is masked here too
    certificates: int = 0
    documents: int = 0
    grams: int = 0
    inspected: bool = False


@dataclass(frozen=True, slots=True)
class Manifest:
    """Everything that a manifest says."""

    title: str  # its number: MGL017-261122-0003-K
    address: str  # what its own QR holds: one scan takes the whole bag over
    point: str
    carrier: str
    made_at: str
    lines: Sequence[Line]


def manifest(m: Manifest, *, copy: int = 1) -> bytes:
    """The manifest as PDF. ``copy`` above 1 is a reprint, and says so."""
    if not m.lines:
        raise ValueError("there is no parcel to hand over")
    document = Document(f"交接单 {m.title}", A4_MM)
    pages = -(-len(m.lines) // ROWS_PER_PAGE)
    for number in range(pages):
        page = document.page()
        _head(page, m, f"第 {number + 1} 页，共 {pages} 页", copy)
        start = number * ROWS_PER_PAGE
        for place, line in enumerate(m.lines[start : start + ROWS_PER_PAGE]):
            _line(page, line, start + place + 1, _TOP + 8 + place * _ROW)
        _foot(page, m)
    return document.pdf()


def _head(page: Page, m: Manifest, pages: str, copy: int) -> None:
    page.text(Box(_LEFT, 14, 80, 11), "邮件交接单", Style(24, bold=True, valign="middle"))
    page.text(Box(_LEFT, 26, 80, 5), "Parcels handed over", Style(9.5, ink=GREY))
    right = Style(10, 7, align="right", valign="middle")
    page.qr_in(qr(m.address, quick=True), Box(171, 9, 27, 27))
    page.text(Box(96, 14, 73, 6), f"编号 {m.title}", right._replace(bold=True))
    page.text(Box(96, 20, 73, 5), f"{pages}　共 {len(m.lines)} 件", right)
    page.text(
        Box(96, 25.5, 73, 4), "快递员扫右边的码，整袋揽收", right._replace(size=8.5, ink=GREY)
    )
    if mark := reprint_mark(copy):
        chip = Box(66, 24, 28, 8)
        page.frame(chip, line_mm=0.5, radius=1)
        style = Style(10.5, 7, bold=True, align="centre", valign="middle")
        page.text(chip.inset(1), mark, style)
    facts = (
        (0.0, 50.0, "交出", m.point),
        (62.0, 42.0, "承运", m.carrier),
        (116.0, 54.0, "时间", m.made_at),
    )
    for x, wide, label, value in facts:
        page.text(Box(_LEFT + x, 36, 10, 8), label, Style(9, valign="middle", ink=GREY))
        style = Style(10.5, 7, valign="middle", leading=1.15)
        page.text(Box(_LEFT + x + 10, 36, wide, 8), value, style)
    page.fill(Box(_LEFT, _TOP, _WIDTH, 8), ink=_MIST)
    for x, wide, heading in _COLUMNS:
        style = Style(9, bold=True, valign="middle")
        page.text(Box(_LEFT + x, _TOP, wide, 8), heading, style)


def _line(page: Page, line: Line, number: int, top: float) -> None:
    who = shown(line.to)
    cell = Style(9.5, 6.5, valign="middle", leading=1.25)
    texts = (
        str(number),
        f"{line.tracking}\n{line.number}",
        f"{who.name}　{who.phone}\n{who.address}",
        "\n".join(
            (*contents(line.certificates, line.documents), *weight(line.grams), *_seen(line))
        ),
    )
    for (x, wide, _), text in zip(_COLUMNS, texts, strict=False):
        page.text(Box(_LEFT + x, top + 1, wide, _ROW - 2), text, cell)
    page.qr_in(qr(line.address, quick=True), Box(_LEFT + 156, top + 0.5, _ROW - 1, _ROW - 1))
    page.rule((_LEFT, top + _ROW), (_LEFT + _WIDTH, top + _ROW), ink=_PALE)


def _seen(line: Line) -> list[str]:
    """The mark of 收寄验视 (快递暂行条例 第三十一条)."""
    return ["已验视"] if line.inspected else []


def _foot(page: Page, m: Manifest) -> None:
    words = f"以上共 {len(m.lines)} 件，封口完好，当面点清。"
    page.text(Box(_LEFT, 262, _WIDTH, 6), words, Style(11, bold=True, valign="middle"))
    for x, label in ((_LEFT, "交出人签名"), (_LEFT + 64, "快递员签名"), (_LEFT + 128, "交接时间")):
        page.text(Box(x, 273, 22, 6), label, Style(9.5, valign="middle", ink=GREY))
        page.rule((x + 21, 279), (x + 52, 279))
