"""Labels and label paper as data, in ``data/sheets.toml``; checked when read.

Code 128 and QR stay whole printer dots on every label of a label printer, since each kind of label
has a layout of its own; only on a sheet of office paper, whose printer is finer, is one scaled.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Final

import msgspec

from labels.page import QR_DOTS_MIN, Box

BANDS: Final = ("head", "tracking", "route", "to", "from", "contents", "signature")
PAGE_MM_MAX: Final = 450.0
LABELS_ON_A_SHEET_MAX: Final = 64
SCALE_MIN: Final = 0.75  # below that a 203-dpi code is too fine for an old phone
_DATA: Final = "sheets.toml"
_NEAR: Final = 1e-6

Size = tuple[float, float]


class BadSheets(ValueError):
    """The formats cannot be used; the message says which and why. Mend the file."""


class Label(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A label as it is drawn: its size, its margin, its bands from top to bottom."""

    size: Size
    margin: float
    letters: float
    bar_dots: int
    bands: dict[str, float]

    @property
    def frame(self) -> Box:
        """The outline within the margin."""
        wide, high = self.size
        return Box(self.margin, self.margin, wide - 2 * self.margin, high - 2 * self.margin)

    def band(self, name: str) -> Box:
        """One of the bands, as wide as the frame."""
        above = sum(self.bands[n] for n in BANDS[: BANDS.index(name)])
        frame = self.frame
        return Box(frame.x, frame.y + above, frame.width, self.bands[name])


class Sheet(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How labels lie on a page of label paper, which goes through the printer as it is."""

    code: str
    name: str
    page: Size
    label: str
    hint: str = ""
    columns: int = 1
    rows: int = 1
    cell: Size = (0.0, 0.0)
    origin: Size = (0.0, 0.0)  # left, top
    gap: Size = (0.0, 0.0)

    @property
    def labels(self) -> int:
        """Labels on one page."""
        return self.columns * self.rows

    @property
    def place_mm(self) -> Size:
        """The room for one label: the whole page where nothing else is said."""
        return self.cell if any(self.cell) else self.page

    def box(self, place: int) -> Box:
        """The label at ``place``, counted along the rows from 0."""
        row, column = divmod(place, self.columns)
        wide, high = self.place_mm
        x = self.origin[0] + column * (wide + self.gap[0])
        y = self.origin[1] + row * (high + self.gap[1])
        return Box(x, y, wide, high)


class Formats(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All labels by name, and all sheets in the order in which they are offered."""

    labels: dict[str, Label]
    sheets: tuple[Sheet, ...]

    def sheet(self, code: str) -> Sheet:
        """A sheet by its code; the first one where there is none such (any more)."""
        return next((sheet for sheet in self.sheets if sheet.code == code), self.sheets[0])

    def label_of(self, sheet: Sheet) -> Label:
        """The label that lies on a sheet."""
        return self.labels[sheet.label]


def read_formats(text: str) -> Formats:
    """The formats in ``text`` (TOML). :raises BadSheets: one of them cannot be printed."""
    try:
        formats = msgspec.convert(tomllib.loads(text), Formats)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise BadSheets(f"sheets: {error}") from error
    codes = [sheet.code for sheet in formats.sheets]
    if not codes or len(set(codes)) < len(codes):
        raise BadSheets("sheets: at least one is needed, each with a code of its own")
    for name, label in formats.labels.items():
        if wrong := _wrong_label(label):
            raise BadSheets(f"labels.{name}: {wrong}")
    for sheet in formats.sheets:
        if wrong := _wrong_sheet(sheet, formats.labels.get(sheet.label)):
            raise BadSheets(f"sheets.{sheet.code}: {wrong}")
    return formats


def _wrong_label(label: Label) -> str:
    if not 0 <= label.margin < min(label.size) / 4:
        return "the margin leaves no room"
    if set(label.bands) != set(BANDS) or min(label.bands.values()) <= 0:
        return f"its bands must be {', '.join(BANDS)}"
    if abs(sum(label.bands.values()) - label.frame.height) > _NEAR:
        return f"its bands must fill {label.frame.height:g} mm, not {sum(label.bands.values()):g}"
    if label.bar_dots < QR_DOTS_MIN - 1 or not 0.5 <= label.letters <= 2:
        return "bar_dots must be 2 or more, letters between 0.5 and 2"
    return ""


def _wrong_sheet(sheet: Sheet, label: Label | None) -> str:
    if label is None:
        return f"there is no label {sheet.label!r}"
    if not sheet.code.isascii() or not sheet.code or not sheet.name:
        return "it needs a code (ASCII) and a name"
    if min(sheet.columns, sheet.rows) < 1 or sheet.labels > LABELS_ON_A_SHEET_MAX:
        return f"it must hold 1 to {LABELS_ON_A_SHEET_MAX} labels"
    if max(sheet.page) > PAGE_MM_MAX or min(*sheet.gap, *sheet.origin) < 0:
        return f"no page is larger than {PAGE_MM_MAX:g} mm, and no length below 0"
    last = sheet.box(sheet.labels - 1)
    if last.x + last.width > sheet.page[0] + _NEAR or last.y + last.height > sheet.page[1] + _NEAR:
        return "its labels reach beyond the page"
    if min(last.width / label.size[0], last.height / label.size[1]) < SCALE_MIN:
        return f"its places are too small for the label {sheet.label!r}"
    return ""


@cache
def formats() -> Formats:
    """The formats that the product carries."""
    return read_formats((files("labels") / "data" / _DATA).read_text(encoding="utf-8"))
