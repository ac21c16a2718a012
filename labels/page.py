"""A page to draw on: millimetres from the top left corner, text that never leaves its box.

The only module that speaks to reportlab's canvas. Every document is a function that draws on a
``Page``; nothing here knows what is drawn.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from io import BytesIO
from typing import Any, Final, NamedTuple

from reportlab import rl_config
from reportlab.lib.colors import Color, HexColor
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from labels.codes import CODE128_QUIET_MODULES, MM_PER_DOT, QR_QUIET_MODULES, Code
from labels.fonts import ASCENT, printable, register, runs, width

A4_MM: Final = (210.0, 297.0)
A5_MM: Final = (148.0, 210.0)

BLACK: Final = 0.0
GREY: Final = 0.38  # still black enough for a laser printer's thin strokes
WHITE: Final = 1.0

QR_DOTS_MIN: Final = 3  # a module of 0.375 mm: below that old phones fail
Ink = float | str  # a grey from 0 (black) to 1, or a colour as #rrggbb

_POINTS_PER_MM: Final = 72 / 25.4
_MM_PER_POINT: Final = 25.4 / 72
_FITTED_KEPT: Final = 512  # a label has about 24 texts, and most are on the next one too
_SIZE_STEP: Final = 0.25  # points
_ELLIPSIS: Final = "…"
_NOT_FIRST: Final = set("，。、；：？！）》」』】〕”’%％·…,.;:?!)]}")
_NOT_LAST: Final = set("（《「『【〔“‘([{¥￥")
_COUNTED: Final = set("号楼栋幢座弄室层年月日时分件份个")  # stays with the number before it
# A stretch of Latin letters and digits stays together; every other character stands alone.
_WORDS: Final = re.compile(r"[0-9A-Za-z\u00c0-\u024f*@#&_+./:-]+|\s|.", re.DOTALL)


class Box(NamedTuple):
    """A rectangle in millimetres from the page's top left corner."""

    x: float
    y: float
    width: float
    height: float

    def inset(self, across: float, down: float | None = None) -> "Box":
        """The box less a margin on every side."""
        down = across if down is None else down
        return Box(self.x + across, self.y + down, self.width - 2 * across, self.height - 2 * down)


class Style(NamedTuple):
    """How text is set. Sizes are in points; text shrinks from ``size`` to ``size_min`` to fit."""

    size: float
    size_min: float = 0  # 0: must not shrink
    bold: bool = False
    align: str = "left"  # left, centre, right
    valign: str = "top"  # top, middle, bottom
    leading: float = 1.3  # line height in sizes
    ink: Ink = BLACK


class Fitted(NamedTuple):
    """Text after fitting: its lines at the size they were fitted with."""

    lines: tuple[str, ...]
    size: float

    def height_mm(self, leading: float) -> float:
        """Height of the block, from the top of the first line to the bottom of the last."""
        return (1 + leading * (len(self.lines) - 1)) * self.size * _MM_PER_POINT


class Page:
    """One page being drawn, or a part of one, with its own origin."""

    def __init__(
        self,
        canvas: Any,
        size_mm: tuple[float, float],
        *,
        quick: bool = False,
        drawn: dict[tuple[Any, ...], str] | None = None,
    ) -> None:
        self._canvas = canvas
        self.width, self.height = size_mm
        self.quick = quick  # whether codes may be made the quick way: for batches
        self.drawn = {} if drawn is None else drawn  # lines already set in this document, as PDF

    def text(self, box: Box, text: str, style: Style) -> Fitted:
        """Set ``text`` in ``box``: wrapped, shrunk, and in the last resort cut with an ellipsis."""
        fitted = fit(text, box.width, box.height, style)
        spare = box.height - fitted.height_mm(style.leading)
        top = box.y + {"top": 0.0, "middle": spare / 2, "bottom": spare}[style.valign]
        for number, line in enumerate(fitted.lines):
            down = (number * style.leading + ASCENT) * fitted.size * _MM_PER_POINT
            self._line(box, top + down, line, fitted.size, style)
        return fitted

    def _line(self, box: Box, baseline: float, line: str, size: float, style: Style) -> None:
        key = (
            self.height,
            box.x,
            box.width,
            baseline,
            line,
            size,
            style.bold,
            style.align,
            style.ink,
        )
        code = self.drawn.get(key)
        if code is None:
            code = self.drawn[key] = self._set(box, baseline, line, size, style)
        self._canvas.addLiteral(code)

    def _set(self, box: Box, baseline: float, line: str, size: float, style: Style) -> str:
        spare = box.width - _width_mm(line, size, bold=style.bold)
        x = box.x + {"left": 0.0, "centre": spare / 2, "right": spare}[style.align]
        drawn = self._canvas.beginText(x * _POINTS_PER_MM, self._up(baseline))
        drawn.setFillColor(_colour(style.ink))
        for run in runs(line, bold=style.bold):
            drawn.setFont(run.font, size)
            drawn.textOut(run.text)
        return str(drawn.getCode())

    def fill(self, box: Box, *, ink: Ink = BLACK, radius: float = 0) -> None:
        """A filled rectangle."""
        self._canvas.setFillColor(_colour(ink))
        self._rectangle(box, radius, stroke=0, fill=1)

    def frame(
        self, box: Box, *, line_mm: float = 0.25, ink: Ink = BLACK, radius: float = 0
    ) -> None:
        """The outline of a rectangle."""
        self._canvas.setStrokeColor(_colour(ink))
        self._canvas.setLineWidth(line_mm * _POINTS_PER_MM)
        self._rectangle(box, radius, stroke=1, fill=0)

    def _rectangle(self, box: Box, radius: float, *, stroke: int, fill: int) -> None:
        x, y, wide, high = (value * _POINTS_PER_MM for value in box)
        y = self.height * _POINTS_PER_MM - y - high
        self._canvas.roundRect(x, y, wide, high, radius * _POINTS_PER_MM, stroke=stroke, fill=fill)

    def rule(
        self,
        start: tuple[float, float],
        end: tuple[float, float],
        *,
        line_mm: float = 0.25,
        ink: Ink = BLACK,
        dashes: tuple[float, ...] = (),
    ) -> None:
        """A straight line, dashed if ``dashes`` (mm) are given."""
        self._canvas.setStrokeColor(_colour(ink))
        self._canvas.setLineWidth(line_mm * _POINTS_PER_MM)
        self._canvas.setDash([dash * _POINTS_PER_MM for dash in dashes])
        x1, x2 = start[0] * _POINTS_PER_MM, end[0] * _POINTS_PER_MM
        self._canvas.line(x1, self._up(start[1]), x2, self._up(end[1]))
        self._canvas.setDash([])

    def disc(self, x: float, y: float, radius: float, *, ink: Ink = BLACK) -> None:
        """A filled circle around a centre."""
        self._canvas.setFillColor(_colour(ink))
        centre = x * _POINTS_PER_MM, self._up(y)
        self._canvas.circle(*centre, radius * _POINTS_PER_MM, stroke=0, fill=1)

    def image(self, png: bytes, box: Box) -> None:
        """A picture in the middle of ``box``, as large as fits; see-through where it is."""
        x, y = box.x * _POINTS_PER_MM, self._up(box.y + box.height)
        wide, high = box.width * _POINTS_PER_MM, box.height * _POINTS_PER_MM
        self._canvas.drawImage(
            ImageReader(BytesIO(png)), x, y, wide, high,
            mask="auto", preserveAspectRatio=True, anchor="c",
        )  # fmt: skip

    def qr(self, code: Code, x: float, y: float, dots: int) -> float:
        """Draw a QR with its quiet zone from (x, y), ``dots`` printer dots a module; its side."""
        quiet = QR_QUIET_MODULES * dots * MM_PER_DOT
        self._code(code, x + quiet, y + quiet, dots, None)
        return (code.width + 2 * QR_QUIET_MODULES) * dots * MM_PER_DOT

    def qr_in(self, code: Code, box: Box) -> None:
        """Draw a QR in the middle of a square box, as coarse as whole printer dots allow."""
        modules = code.width + 2 * QR_QUIET_MODULES
        dots = max(QR_DOTS_MIN, int(box.width / (modules * MM_PER_DOT) + 1e-6))
        spare = box.width - modules * dots * MM_PER_DOT
        self.qr(code, box.x + spare / 2, box.y + spare / 2, dots)

    def code128(self, code: Code, box: Box, dots: int) -> None:
        """Draw a Code 128 in the middle of ``box``; ``dots`` a module, one less if it must."""
        while dots > 1 and code128_width_mm(code, dots) > box.width:
            dots -= 1
        spare = box.width - code.width * dots * MM_PER_DOT
        self._code(code, box.x + spare / 2, box.y, dots, box.height)

    def _code(self, code: Code, x: float, y: float, dots: int, height: float | None) -> None:
        step = dots * MM_PER_DOT * _POINTS_PER_MM
        left = round(x / MM_PER_DOT) * MM_PER_DOT * _POINTS_PER_MM
        top = self._up(round(y / MM_PER_DOT) * MM_PER_DOT)
        tall = round((height or 0) / MM_PER_DOT) / dots
        # One literal path in modules: reportlab would format each of a code's 300 bars by itself.
        bars = " ".join(f"{b.x} {b.y} {b.width} {tall or b.height:g} re" for b in code.bars)
        place = f"{step:.6f} 0 0 {-step:.6f} {left:.6f} {top:.6f} cm"
        self._canvas.addLiteral(f"q {place} {BLACK:g} g {bars} f Q")

    def _up(self, y: float) -> float:
        return (self.height - y) * _POINTS_PER_MM


class Document:
    """A PDF being made. The same content gives the same bytes, whenever and wherever."""

    def __init__(self, title: str, size_mm: tuple[float, float], *, quick: bool = False) -> None:
        register()
        rl_config.useA85 = 0  # binary streams: 17 % smaller, and faster
        self._buffer = BytesIO()
        self._size = size_mm
        self._quick = quick
        points = size_mm[0] * _POINTS_PER_MM, size_mm[1] * _POINTS_PER_MM
        self._canvas = Canvas(
            self._buffer, pagesize=points, invariant=1, pageCompression=1, lang="zh-CN"
        )
        self._canvas.setTitle(title)
        self._canvas.setAuthor("家门口 Doorstep")
        self._pages = 0
        self._drawn: dict[tuple[Any, ...], str] = {}

    def page(self) -> Page:
        """Begin the next page."""
        if self._pages:
            self._canvas.showPage()
        self._pages += 1
        return Page(self._canvas, self._size, quick=self._quick, drawn=self._drawn)

    def place(self, page: Page, box: Box, size_mm: tuple[float, float]) -> "Placed":
        """A smaller page within ``box`` of ``page``: centred, and scaled down if it must be."""
        return Placed(self._canvas, page, box, size_mm)

    def pdf(self) -> bytes:
        """The finished document."""
        self._canvas.save()
        return self._buffer.getvalue()


class Placed:
    """A page drawn as a part of another one, for as long as the ``with`` block runs."""

    def __init__(self, canvas: Any, page: Page, box: Box, size_mm: tuple[float, float]) -> None:
        self._canvas, self._page, self._box, self._size = canvas, page, box, size_mm

    def __enter__(self) -> Page:
        wide, high = self._size
        scale = min(1.0, self._box.width / wide, self._box.height / high)
        left = self._box.x + (self._box.width - wide * scale) / 2
        top = self._box.y + (self._box.height - high * scale) / 2
        bottom = self._page.height - top - high * scale
        self._canvas.saveState()
        self._canvas.translate(left * _POINTS_PER_MM, bottom * _POINTS_PER_MM)
        self._canvas.scale(scale, scale)
        return Page(self._canvas, self._size, quick=self._page.quick, drawn=self._page.drawn)

    def __exit__(self, *_: object) -> None:
        self._canvas.restoreState()


def _colour(ink: Ink) -> Any:
    if isinstance(ink, str):
        return HexColor(ink)
    return Color(ink, ink, ink)


def code128_width_mm(code: Code, dots: int) -> float:
    """The width of a Code 128 with its quiet zones."""
    return (code.width + 2 * CODE128_QUIET_MODULES) * dots * MM_PER_DOT


@lru_cache(maxsize=_FITTED_KEPT)
def fit(text: str, width_mm: float, height_mm: float, style: Style) -> Fitted:
    """Wrap ``text`` to a width at the greatest size of ``style`` at which its lines fit a height.

    At the least size what is too much is cut, and an ellipsis says so. Newlines in the text begin
    a line of their own. Nothing is ever drawn outside the box.
    """
    paragraphs = [printable(part).strip() for part in text.split("\n")]
    least = style.size_min or style.size
    size = style.size
    while True:
        lines = _lines(paragraphs, width_mm, size, bold=style.bold)
        fitted = Fitted(tuple(lines), size)
        if fitted.height_mm(style.leading) <= height_mm + 1e-6 or not lines:
            return fitted
        if size <= least:
            return _cut(fitted, width_mm, height_mm, style)
        size = max(least, size - _SIZE_STEP)


def _cut(fitted: Fitted, width_mm: float, height_mm: float, style: Style) -> Fitted:
    size = min(fitted.size, height_mm * _POINTS_PER_MM)
    room = 1 + int((height_mm * _POINTS_PER_MM / size - 1) / style.leading + 1e-6)
    kept = list(fitted.lines[:room])
    if len(kept) < len(fitted.lines):
        kept[-1] = _shorten(kept[-1], width_mm, size, bold=style.bold)
    return Fitted(tuple(kept), size)


def _shorten(line: str, width_mm: float, size: float, *, bold: bool) -> str:
    while line and _width_mm(line + _ELLIPSIS, size, bold=bold) > width_mm:
        line = line[:-1]
    return line + _ELLIPSIS


def _lines(paragraphs: Sequence[str], width_mm: float, size: float, *, bold: bool) -> list[str]:
    lines: list[str] = []
    for paragraph in paragraphs:
        current, used = "", 0.0
        for word in _units(paragraph, width_mm, size, bold=bold):
            wide = _width_mm(word, size, bold=bold)
            if current and used + wide > width_mm and not word.isspace():
                lines.append(current.rstrip())
                current, used = "", 0.0
            current, used = current + word, used + wide
        lines.append(current.rstrip())
    return [line for line in lines if line]


def _units(paragraph: str, width_mm: float, size: float, *, bold: bool) -> list[str]:
    """What may not be broken: words, and characters with the punctuation that clings to them."""
    units: list[str] = []
    for word in _WORDS.findall(paragraph):
        clings = units and _clings(units[-1][-1], word)
        if clings and _width_mm(units[-1] + word, size, bold=bold) <= width_mm:
            units[-1] += word
        elif _width_mm(word, size, bold=bold) > width_mm:
            units.extend(word)
        else:
            units.append(word)
    return units


def _clings(before: str, word: str) -> bool:
    counted = (before.isdigit() and word in _COUNTED) or before + word == "号楼"
    return counted or word in _NOT_FIRST or before in _NOT_LAST


def _width_mm(text: str, size: float, *, bold: bool) -> float:
    return width(text, size, bold=bold) * _MM_PER_POINT
