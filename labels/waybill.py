"""The waybill (面单): the label on a parcel, for any printer with 203 dots an inch.

From top to bottom in the order in which it is needed: what it is, the carrier's number, where it
goes, to whom, from whom, what is inside, who signed. A person's data is masked here, whatever the
caller gives, and contents are told in neutral words only. Sizes and paper: ``labels.sheets``.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from labels.addressee import Addressee, Shown, shown
from labels.codes import code128, qr
from labels.page import WHITE, Box, Document, Page, Style
from labels.sheets import Label, Sheet, formats
from labels.wording import contents, reprint_mark, weight

_LINE: Final = 0.25  # mm: two printer dots
_INSET: Final = 3.0
_LEAST: Final = 5.5  # points: nothing on a label is set smaller

Progress = Callable[[int], None]


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
    grams: int = 0  # where it was weighed
    inspected: str = ""  # when it was looked at (收寄验视); empty: not yet
    copy: int = 1  # above 1 it is a reprint, and says so


def waybill(w: Waybill, sheet: Sheet | None = None, *, first: int = 0) -> bytes:
    """One waybill as PDF, on the usual label where nothing else is said."""
    return waybills([w], sheet, first=first)


def waybills(
    batch: Sequence[Waybill],
    sheet: Sheet | None = None,
    *,
    first: int = 0,
    progress: Progress = lambda done: None,
) -> bytes:
    """Many waybills in one PDF.

    :param sheet: the label paper; the usual label where nothing else is said.
    :param first: the labels of the first sheet that are used up already, and skipped.
    :param progress: told how many are drawn, after each.
    """
    sheet = sheet or formats().sheets[0]
    if not 0 <= first < sheet.labels:
        raise ValueError(f"{sheet.code} has labels 0 to {sheet.labels - 1}, not {first}")
    label = formats().label_of(sheet)
    document = Document(_title(batch), sheet.page, quick=len(batch) > 1)
    page = document.page()
    for place, w in enumerate(batch, first):
        if place > first and place % sheet.labels == 0:
            page = document.page()
        with document.place(page, sheet.box(place % sheet.labels), label.size) as at:
            draw(at, w, label)
        progress(place - first + 1)
    return document.pdf()


def _title(batch: Sequence[Waybill]) -> str:
    if not batch:
        raise ValueError("there is no waybill to print")
    return f"{batch[0].number} … {batch[-1].number}" if len(batch) > 1 else batch[0].number


def draw(page: Page, w: Waybill, label: Label) -> None:
    """Draw one waybill on a page of the label's size."""
    mark = reprint_mark(w.copy)
    _head(page, w, label)
    _tracking(page, w, label)
    _route(page, w, label, mark)
    _addressee(page, "收", shown(w.to), label, "to")
    _addressee(page, "寄", shown(w.sender), label, "from")
    _contents(page, w, label)
    _signature(page, label)
    page.frame(label.frame, line_mm=0.375, radius=1.5)


def _style(label: Label, size: float, least: float = 0, **more: object) -> Style:
    """A style in the label's size of type; ``least`` as it is: the eye does not shrink."""
    scaled = max(size * label.letters, _LEAST)
    fitting = min(max(least, _LEAST), scaled) if least else 0
    return Style(scaled, fitting)._replace(**more)  # type: ignore[arg-type]


def _inner(box: Box) -> Box:
    return Box(box.x + _INSET, box.y, box.width - 2 * _INSET, box.height)


def _section(page: Page, band: Box) -> None:
    """The rule below a band."""
    low = band.y + band.height
    page.rule((band.x, low), (band.x + band.width, low), line_mm=_LINE)


def _chip(page: Page, band: Box, width: float, height: float) -> Box:
    """A box at the right end of a band, in the middle of its height."""
    right = band.x + band.width - _INSET
    return Box(right - width, band.y + (band.height - height) / 2, width, height)


def _head(page: Page, w: Waybill, label: Label) -> None:
    band, k = label.band("head"), label.letters
    chip = _chip(page, band, 27 * k, 8 * k)
    brand = Box(band.x + _INSET, chip.y, 19 * k, chip.height)
    middle = brand.x + brand.width + 2
    across = chip.x - 2 - middle
    page.text(brand, "家门口", _style(label, 16, bold=True, valign="middle"))
    upper = Box(middle, chip.y + 0.2, across, chip.height * 0.52)
    lower = Box(middle, upper.y + upper.height + 0.2, across, chip.height * 0.42)
    page.text(upper, w.kind, _style(label, 9.5, 6, bold=True, valign="middle"))
    page.text(lower, w.carrier, _style(label, 7, 5.5, valign="middle"))
    page.fill(chip, radius=1)
    free = _style(label, 14, bold=True, align="centre", valign="middle", ink=WHITE)
    page.text(chip, "免费寄递", free)
    _section(page, band)


def _tracking(page: Page, w: Waybill, label: Label) -> None:
    band = label.band("tracking")
    high = band.height * 0.58
    bars = Box(band.x, band.y + 2.5 * label.letters, band.width, high)
    page.code128(code128(w.tracking), bars, label.bar_dots)
    words = Box(band.x + _INSET, bars.y + high + 0.7, band.width - 2 * _INSET, 5 * label.letters)
    style = _style(label, 12, 8, bold=True, align="centre", valign="middle")
    page.text(words, w.tracking, style)
    _section(page, band)


def _route(page: Page, w: Waybill, label: Label, mark: str) -> None:
    band = label.band("route")
    room = _inner(band)
    if mark:
        chip = _chip(page, band, 24 * label.letters, 8 * label.letters)
        page.frame(chip, line_mm=0.5, radius=1)
        style = _style(label, 10.5, 7, bold=True, align="centre", valign="middle")
        page.text(chip.inset(1), mark, style)
        room = room._replace(width=chip.x - 3 - room.x)
    style = _style(label, 22, 10, bold=True, valign="middle")
    page.text(room.inset(0, 1), w.route, style)
    _section(page, band)


def _addressee(page: Page, mark: str, who: Shown, label: Label, name: str) -> None:
    band, k, big = label.band(name), label.letters, name == "to"
    radius = (4.0 if big else 3.0) * k
    x, y = band.x + _INSET + 4 * k, band.y + 3 * k + radius
    page.disc(x, y, radius)
    disc = Box(x - radius, y - radius, 2 * radius, 2 * radius)
    white = _style(label, 13 if big else 9.5, bold=True, align="centre", valign="middle", ink=WHITE)
    page.text(disc, mark, white)
    left = band.x + _INSET + 11 * k
    right = band.x + band.width - _INSET
    line, space = (7.0, 34.0) if big else (4.6, 32.0)
    line, space = line * k, space * k
    sizes = (15, 8, 13) if big else (9.5, 6.5, 9)
    top = band.y + 2.4 * k
    page.text(
        Box(left, top, right - left - space - 2, line),
        who.name,
        _style(label, sizes[0], sizes[1], bold=True, valign="middle"),
    )
    phone = _style(label, sizes[2], 6.5, align="right", valign="middle")
    page.text(Box(right - space, top, space, line), who.phone, phone)
    rest = Box(left, top + line + 1.2 * k, right - left, band.height - line - 5 * k)
    words = _style(label, 12, 7, leading=1.35) if big else _style(label, 8.5, 6)
    page.text(rest, who.address, words)
    _section(page, band)


def _contents(page: Page, w: Waybill, label: Label) -> None:
    band = label.band("contents")
    side = band.height - 0.5
    page.qr_in(
        qr(w.address, quick=page.quick), Box(band.x + band.width - side - 1, band.y, side, side)
    )
    inside = "、".join((*contents(w.certificates, w.documents), *weight(w.grams)))
    rows = (
        ("内件", inside),
        ("验视", f"已验视　{w.inspected}" if w.inspected else ""),
        ("邮件", w.number),
        ("寄自", w.point),
        ("时间", w.made_at),
        ("咨询", w.service_phone),
    )
    step = (band.height - 2) / len(rows)
    head = 8 * label.letters
    across = band.width - side - 2 - _INSET - head
    y = band.y + 1
    for term, value in rows:
        if value:
            left = band.x + _INSET
            page.text(Box(left, y, head, step), term, _style(label, 7.5, valign="middle"))
            strong = _style(
                label, 8.5, 5.5, bold=term in ("内件", "验视"), valign="middle", leading=1.1
            )
            page.text(Box(left + head, y, across, step - 0.3), value, strong)
            y += step
    _section(page, band)


def _signature(page: Page, label: Label) -> None:
    band, k = label.band("signature"), label.letters
    left, low = band.x + _INSET, band.y + band.height
    middle = band.x + band.width * 0.63
    page.text(
        Box(left, band.y + 1.2, middle - left, 4 * k), "收件人（代收人）签名", _style(label, 7.5)
    )
    page.rule((middle, band.y), (middle, low), line_mm=_LINE)
    when = Box(middle + 2.5, band.y + 1.2, band.width - (middle - band.x) - 3, 4 * k)
    page.text(when, "签收时间", _style(label, 7.5))
    advice = "收件请核对封口；破损请当面告诉快递员。"
    page.text(Box(left, low - 4.4 * k, middle - left - 1, 3.6 * k), advice, _style(label, 6.5, 5.5))
