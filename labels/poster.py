"""The poster on a point's counter: A4, read from two steps away by people who wait."""

from dataclasses import dataclass
from typing import Final

from labels.codes import qr
from labels.page import A4_MM, GREY, WHITE, Box, Document, Page, Style

TEAL: Final = "#0b6b6f"
MIST: Final = "#e7f1f1"

_LEFT: Final = 18.0
_WIDTH: Final = A4_MM[0] - 2 * _LEFT
_QR: Final = Box((A4_MM[0] - 106) / 2, 99, 106, 106)
_STEPS: Final = (
    ("扫一扫", "用手机扫上面的码", "Point your phone's camera at the code"),
    ("填寄递单", "收件人、电话、地址", "Who receives it, phone and address"),
    ("到窗口办", "报手机号后四位", "At the counter, give the last four digits of your phone"),
)


@dataclass(frozen=True, slots=True)
class Poster:
    """Everything that a poster says."""

    point: str  # the point's name
    point_number: str  # three digits
    address: str  # what the QR holds: labels.tokens.url(...)
    valid_until: str  # as it is read: 2027年11月30日
    phone: str = ""


def poster(p: Poster) -> bytes:
    """The poster as PDF, one A4 page."""
    document = Document(f"海报 {p.point_number}", A4_MM)
    page = document.page()
    _band(page, p)
    _headline(page)
    page.frame(_QR, line_mm=1.2, ink=TEAL, radius=5)
    page.qr_in(qr(p.address), _QR.inset(1.2))
    _steps(page)
    _foot(page, p)
    return document.pdf()


def _band(page: Page, p: Poster) -> None:
    page.fill(Box(0, 0, A4_MM[0], 34), ink=TEAL)
    page.text(Box(_LEFT, 8, 90, 12), "家门口", Style(30, bold=True, valign="middle", ink=WHITE))
    english = Style(12, valign="middle", ink=WHITE)
    page.text(Box(_LEFT, 21, 90, 6), "Doorstep · 就近办，寄到家", english)
    right = Style(16, 10, bold=True, align="right", valign="middle", ink=WHITE)
    page.text(Box(100, 8, _LEFT + _WIDTH - 100, 12), p.point, right)
    page.text(
        Box(100, 21, _LEFT + _WIDTH - 100, 6), "结果免费寄递到家", english._replace(align="right")
    )


def _headline(page: Page) -> None:
    centre = Style(45, bold=True, align="centre", valign="middle")
    page.text(Box(_LEFT - 6, 44, _WIDTH + 12, 22), "排队时先扫码填寄递单", centre)
    english = Style(17, align="centre", valign="middle", ink=GREY)
    page.text(
        Box(_LEFT - 6, 69, _WIDTH + 12, 9), "Fill in your delivery slip while you queue", english
    )
    page.text(
        Box(_LEFT, 82, _WIDTH, 9),
        "轮到您时不用再写，办好的证件和材料直接寄到家",
        Style(16, align="centre", valign="middle", ink=TEAL, bold=True),
    )


def _steps(page: Page) -> None:
    gap = 5.0
    wide = (_WIDTH - 2 * gap) / 3
    for place, (title, words, english) in enumerate(_STEPS):
        box = Box(_LEFT + place * (wide + gap), 213, wide, 42)
        page.fill(box, ink=MIST, radius=3)
        page.disc(box.x + 9.5, box.y + 10, 5.5, ink=TEAL)
        number = Style(16, bold=True, align="centre", valign="middle", ink=WHITE)
        page.text(Box(box.x + 4, box.y + 4.5, 11, 11), str(place + 1), number)
        title_box = Box(box.x + 18, box.y + 4, wide - 20, 12)
        page.text(title_box, title, Style(19, bold=True, valign="middle"))
        page.text(Box(box.x + 5, box.y + 18.5, wide - 10, 7), words, Style(14, 10))
        page.text(Box(box.x + 5, box.y + 27.5, wide - 10, 11), english, Style(10, 7, ink=GREY))


def _foot(page: Page, p: Poster) -> None:
    page.text(
        Box(_LEFT, 260, _WIDTH, 10),
        "不会用手机？请告诉窗口，我们帮您填。",
        Style(18, bold=True, align="centre", valign="middle"),
    )
    page.text(
        Box(_LEFT, 270.5, _WIDTH, 6),
        "No phone? Tell us at the counter: we fill it in with you.",
        Style(11, align="centre", valign="middle", ink=GREY),
    )
    page.rule((_LEFT, 280), (_LEFT + _WIDTH, 280), ink=0.8)
    parts = (
        f"受理点 {p.point_number}",
        p.phone and f"咨询 {p.phone}",
        f"本码有效至 {p.valid_until}",
    )
    page.text(
        Box(_LEFT, 282, _WIDTH, 6),
        " · ".join(part for part in parts if part),
        Style(10, 8, align="centre", valign="middle", ink=GREY),
    )
