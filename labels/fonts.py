"""The two typefaces of everything printed, and what is drawn for a character they lack.

Noto Sans SC as TrueType (licence: fonts/OFL.txt). The bold one has the 8,105 characters of
通用规范汉字表; a rarer character in bold text is drawn from the regular one. What neither has is
printed as 〓 with its code point: a person sees that something is there, and can write it in.
"""

import unicodedata
from functools import cache, lru_cache
from importlib import resources
from itertools import groupby
from threading import Lock
from typing import Final, NamedTuple

from reportlab.pdfbase import pdfmetrics, ttfonts

REGULAR: Final = "DoorstepSans"
BOLD: Final = "DoorstepSans-Bold"
ASCENT: Final = 0.88  # of the size, both typefaces; the descent is 0.12

_FILES: Final = {REGULAR: "NotoSansSC-Regular.ttf", BOLD: "NotoSansSC-Bold-8105.ttf"}
_CMAP_SECTION_MAX: Final = 100
_CHARACTERS_KEPT: Final = 40_000  # more than both typefaces have
_RUNS_KEPT: Final = 512
_lock = Lock()


class Run(NamedTuple):
    """A stretch of text that one typeface has every character of."""

    font: str
    text: str


def register() -> None:
    """Make both typefaces known to reportlab, once in a process (about 0.2 s)."""
    with _lock:
        _load()


def printable(text: str) -> str:
    """``text`` as it can be printed on one line.

    White space becomes a plain space. Invisible characters go: controls, marks of direction, and
    variation selectors, whose base character stays. What no typeface has becomes 〓 and its code
    point here already, so that it is wrapped like other text. Composed forms are preferred (é).
    """
    register()
    shown = []
    for character in unicodedata.normalize("NFC", text):
        if character.isspace():
            shown.append(" ")
        elif not _invisible(character):
            shown.append(_piece(character, bold=False).text)
    return "".join(shown)


def missing(text: str) -> str:
    """The characters of a text that no typeface has: on paper somebody has to write them in."""
    register()
    known = pdfmetrics.getFont(REGULAR).face.charToGlyph
    lacking = (c for c in text if not _invisible(c) and not c.isspace() and ord(c) not in known)
    return "".join(dict.fromkeys(lacking))


@lru_cache(maxsize=_RUNS_KEPT)
def runs(text: str, *, bold: bool = False) -> tuple[Run, ...]:
    """Cut printable text into stretches of one typeface, with 〓 for what neither has."""
    register()
    pieces = (_piece(character, bold=bold) for character in text)
    return tuple(
        Run(font, "".join(piece.text for piece in group))
        for font, group in groupby(pieces, key=lambda piece: piece.font)
    )


def width(text: str, size: float, *, bold: bool = False) -> float:
    """How wide the text is drawn, in the unit of ``size``."""
    register()
    return size * sum(_advance(character, bold=bold) for character in text)


@lru_cache(maxsize=_CHARACTERS_KEPT)
def _advance(character: str, *, bold: bool) -> float:
    piece = _piece(character, bold=bold)
    advance: float = pdfmetrics.stringWidth(piece.text, piece.font, 1)
    return advance


@lru_cache(maxsize=_CHARACTERS_KEPT)
def _piece(character: str, *, bold: bool) -> Run:
    for font in (BOLD, REGULAR) if bold else (REGULAR,):
        if ord(character) in pdfmetrics.getFont(font).face.charToGlyph:
            return Run(font, character)
    return Run(REGULAR, f"〓[U+{ord(character):04X}]")


def _invisible(character: str) -> bool:
    selector = "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"
    return selector or unicodedata.category(character) in ("Cc", "Cf")


@cache
def _load() -> None:
    # reportlab 5.1 writes a code point above U+FFFF as five hex digits, which every reader takes
    # for another character: 𠮷 would print right and be copied as ₻.
    ttfonts.makeToUnicodeCMap = _to_unicode
    folder = resources.files("labels") / "fonts"
    for name, file in _FILES.items():
        with resources.as_file(folder / file) as path:
            pdfmetrics.registerFont(ttfonts.TTFont(name, str(path)))


def _to_unicode(name: str, subset: list[int]) -> str:
    """The ToUnicode CMap of a subset, in UTF-16 (PDF 32000-1, 9.10.3)."""
    rows = [
        f"<{index:02X}> <{chr(code).encode('utf-16-be', 'surrogatepass').hex().upper()}>"
        for index, code in enumerate(subset)
    ]
    lines = [
        "/CIDInit /ProcSet findresource begin",
        "12 dict begin",
        "begincmap",
        f"/CIDSystemInfo << /Registry ({name}) /Ordering ({name}) /Supplement 0 >> def",
        f"/CMapName /{name} def",
        "/CMapType 2 def",
        "1 begincodespacerange",
        f"<00> <{len(subset) - 1:02X}>",
        "endcodespacerange",
    ]
    for start in range(0, len(rows), _CMAP_SECTION_MAX):
        section = rows[start : start + _CMAP_SECTION_MAX]
        lines += [f"{len(section)} beginbfchar", *section, "endbfchar"]
    tail = ["endcmap", "CMapName currentdict /CMap defineresource pop", "end", "end"]
    return "\n".join(lines + tail)
