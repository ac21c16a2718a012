"""The waybill (面单): the label on a parcel, 100 × 150 mm, for any printer with 203 dots an inch.

From top to bottom in the order in which it is needed: what it is, the carrier's number, where it
goes, to whom, from whom, what is inside, who signed. A person's data is masked here, whatever the
caller gives, and contents are told in neutral words only.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from labels.addressee import Addressee, Shown, shown
from labels.codes import code128, qr
from labels.page import A4_MM, LABEL_MM, WHITE, Box, Document, Page, Style
from labels.wording import contents, reprint_mark

BARCODE_DOTS: Final = 3

_FRAME: Final = Box(3, 3, 94, 144)
_LEFT: Final = _FRAME.x + 3
_RIGHT: Final = _FRAME.x + _FRAME.width - 3
_LINE: Final = 0.25  # mm: two printer dots


@dataclass(frozen=True, slots=True)
class Waybill:
    """Everything that a waybill says. Times come as they are read: 11月22日（周日）15:00."""

    number: str  # the parcel's number: PGL017-261122-0042-K
    tracking: str  # the carrier's number, printed as Code 128
    address: str  # what the QR holds: labels.tokens.url(...)
    kind: str  # what the mailing is for: 寄送办理结果, 寄送申请材料
    carrier: str  # 中国邮政速递（EMS）
    route: str  # the few big words that sorting needs: 福州 鼓楼 · 东街
    to: Addressee
    sender: Addressee
    point: str  # the sending point: 军门社区便民服务站
    made_at: str
    certificates: int = 0  # 证照: number of pieces
    documents: int = 0  # 文件: number of pieces
    service_phone: str = ""  # where resident and courier can ask


class SheetFormat(NamedTuple):
    """How labels lie on a sheet of label paper; lengths in mm. Labels are scaled down to fit."""

    name: str
    size: tuple[float, float]
    columns: int
    rows: int
    cell: tuple[float, float]
    origin: tuple[float, float] = (0.0, 0.0)  # top left corner of the first label
    gap: tuple[float, float] = (0.0, 0.0)

    @property
    def labels(self) -> int:
        """Labels on one sheet."""
        return self.columns * self.rows

    def box(self, place: int) -> Box:
        """The label at ``place``, counted along the rows from 0."""
        row, column = divmod(place, self.columns)
        x = self.origin[0] + column * (self.cell[0] + self.gap[0])
        y = self.origin[1] + row * (self.cell[1] + self.gap[1])
        return Box(x, y, *self.cell)


SHEETS: Final = {
    sheet.name: sheet
    for sheet in (
        SheetFormat("a4-4", A4_MM, 2, 2, (105.0, 148.5)),
        SheetFormat("a4-2", (297.0, 210.0), 2, 1, (148.5, 210.0)),
        SheetFormat("a4-1", A4_MM, 1, 1, (210.0, 297.0)),
    )
}


def waybill(w: Waybill, *, copy: int = 1) -> bytes:
    """One waybill as PDF. ``copy`` above 1 is a reprint, and says so."""
    document = Document(w.number, LABEL_MM)
    draw(document.page(), w, copy=copy)
    return document.pdf()


def waybills(batch: Sequence[Waybill], *, copy: int = 1) -> bytes:
    """Many waybills in one PDF, a label a page."""
    document = Document(_batch_title(batch), LABEL_MM, quick=True)
    for w in batch:
        draw(document.page(), w, copy=copy)
    return document.pdf()


def sheets(batch: Sequence[Waybill], sheet: SheetFormat, *, first: int = 0, copy: int = 1) -> bytes:
    """Many waybills on sheets of label paper; ``first`` skips labels already used on sheet one."""
    if not 0 <= first < sheet.labels:
        raise ValueError(f"{sheet.name} has labels 0 to {sheet.labels - 1}, not {first}")
    document = Document(_batch_title(batch), sheet.size, quick=True)
    page = None
    for place, w in enumerate(batch, first):
        if page is None or place % sheet.labels == 0:
            page = document.page()
        with document.place(page, sheet.box(place % sheet.labels), LABEL_MM) as label:
            draw(label, w, copy=copy)
    return document.pdf()


def draw(page: Page, w: Waybill, *, copy: int = 1) -> None:
    """Draw one waybill on a page of 100 × 150 mm."""
    _header(page, w)
    _tracking(page, w)
    _route(page, w, copy)
    _addressee(page, "收", shown(w.to), top=50, height=31, big=True)
    _addressee(page, "寄", shown(w.sender), top=81, height=18, big=False)
    _contents(page, w)
    _signature(page, w)
    page.frame(_FRAME, line_mm=0.375, radius=1.5)


def _batch_title(batch: Sequence[Waybill]) -> str:
    if not batch:
        raise ValueError("there is no waybill to print")
    return f"{batch[0].number} … {batch[-1].number}" if len(batch) > 1 else batch[0].number


def _section(page: Page, top: float) -> None:
    page.rule((_FRAME.x, top), (_FRAME.x + _FRAME.width, top), line_mm=_LINE)


def _header(page: Page, w: Waybill) -> None:
    page.text(Box(_LEFT, 5, 19, 8), "家门口", Style(16, bold=True, valign="middle"))
    page.text(Box(27, 5.2, 38, 4.2), w.kind, Style(9.5, 6.5, bold=True, valign="middle"))
    page.text(Box(27, 9.6, 38, 3.4), w.carrier, Style(7, 5.5, valign="middle"))
    chip = Box(_RIGHT - 27, 5, 27, 8)
    page.fill(chip, radius=1)
    page.text(chip, "免费寄递", Style(14, bold=True, align="centre", valign="middle", ink=WHITE))
    _section(page, 15)


def _tracking(page: Page, w: Waybill) -> None:
    page.code128(code128(w.tracking), Box(_FRAME.x, 17.5, _FRAME.width, 13), BARCODE_DOTS)
    style = Style(12, 8, bold=True, align="centre", valign="middle")
    page.text(Box(_LEFT, 31.2, _RIGHT - _LEFT, 5), w.tracking, style)
    _section(page, 37.5)


def _route(page: Page, w: Waybill, copy: int) -> None:
    room = _RIGHT - _LEFT
    if mark := reprint_mark(copy):
        chip = Box(_RIGHT - 24, 40, 24, 8)
        page.frame(chip, line_mm=0.5, radius=1)
        style = Style(10.5, 7, bold=True, align="centre", valign="middle")
        page.text(chip.inset(1), mark, style)
        room -= 27
    page.text(Box(_LEFT, 38.6, room, 10.4), w.route, Style(22, 10, bold=True, valign="middle"))
    _section(page, 50)


def _addressee(page: Page, mark: str, who: Shown, *, top: float, height: float, big: bool) -> None:
    radius = 4.0 if big else 3.0
    x, y = _LEFT + 4, top + 3 + radius
    page.disc(x, y, radius)
    disc = Box(x - radius, y - radius, 2 * radius, 2 * radius)
    size = 13 if big else 9.5
    page.text(disc, mark, Style(size, bold=True, align="centre", valign="middle", ink=WHITE))
    left = _LEFT + 11
    name, phone = (Style(15, 8, bold=True), Style(13)) if big else (Style(9.5, 6.5), Style(9))
    line = 7.0 if big else 4.6
    across = _RIGHT - left
    space = 34.0 if big else 32.0
    page.text(
        Box(left, top + 2.4, across - space - 2, line), who.name, name._replace(valign="middle")
    )
    phone_style = phone._replace(size_min=6.5, align="right", valign="middle")
    page.text(Box(_RIGHT - space, top + 2.4, space, line), who.phone, phone_style)
    rest = Box(left, top + 3.6 + line, across, height - line - 5)
    page.text(rest, who.address, Style(12, 7, leading=1.35) if big else Style(8.5, 6))
    _section(page, top + height)


def _contents(page: Page, w: Waybill) -> None:
    box = Box(_FRAME.x + _FRAME.width - 34, 99, 33, 33)
    page.qr_in(qr(w.address, quick=page.quick), box)
    rows = (
        ("内件", "、".join(contents(w.certificates, w.documents))),
        ("邮件", w.number),
        ("寄自", w.point),
        ("时间", w.made_at),
        ("咨询", w.service_phone),
    )
    y = 100.5
    for label, value in rows:
        if value:
            page.text(Box(_LEFT, y, 8, 5.6), label, Style(7.5, valign="middle"))
            strong = Style(8.5, 6, bold=label == "内件", valign="middle", leading=1.1)
            page.text(Box(_LEFT + 9, y, 43, 5.6), value, strong)
            y += 6.1
    _section(page, 132)


def _signature(page: Page, w: Waybill) -> None:
    page.text(Box(_LEFT, 133.2, 60, 4), "收件人（代收人）签名", Style(7.5))
    page.rule((62, 132), (62, 147), line_mm=_LINE)
    page.text(Box(64.5, 133.2, 30, 4), "签收时间", Style(7.5))
    page.text(
        Box(_LEFT, 142.6, 54, 3.6),
        "收件请核对封口；破损请当面告诉快递员。",
        Style(6.5, 5.5),
    )
