"""QR and Code 128, drawn so that a cheap label printer gives every module whole dots.

Label printers have 203 dots an inch. A module that is not a whole number of dots comes out now
three, now four dots wide, and old phones fail on it. So modules and bars are counted in dots here,
and ``Page`` starts every code on a dot.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

import qrcode
from qrcode.constants import ERROR_CORRECT_M
from qrcode.util import MODE_ALPHA_NUM, QRData

DOTS_PER_INCH: Final = 203
MM_PER_DOT: Final = 25.4 / DOTS_PER_INCH
QR_QUIET_MODULES: Final = 4
CODE128_QUIET_MODULES: Final = 10
CODE128_CHARS_MAX: Final = 32

# Widths of bar, space, bar, space, bar, space of each symbol (ISO/IEC 15417, table 1).
_WIDTHS: Final = re.findall(
    r"\d+",
    "212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 "
    "122132 122231 113222 123122 123221 223211 221132 221231 213212 223112 312131 311222 321122 "
    "321221 312212 322112 322211 212123 212321 232121 111323 131123 131321 112313 132113 132311 "
    "211313 231113 231311 112133 112331 132131 113123 113321 133121 313121 211331 231131 213113 "
    "213311 213131 311123 311321 331121 312113 312311 332111 314111 221411 431111 111224 111422 "
    "121124 121421 141122 141221 112214 112412 122114 122411 142112 142211 241211 221114 413111 "
    "241112 134111 111242 121142 121241 114212 124112 124211 411212 421112 421211 212141 214121 "
    "412121 111143 111341 131141 114113 114311 411113 411311 113141 114131 311141 411131 211412 "
    "211214 211232 2331112",
)
_SWITCH: Final = {"B": 100, "C": 99}
_START: Final = {"B": 104, "C": 105}
_STOP: Final = 106


_DARK: Final = re.compile(rb"\x01+")
#: What each version holds in alphanumeric mode at level M (ISO/IEC 18004, table 7): to be told
#: saves the encoder from laying out all data once only to find it.
_LETTERS_MAX: Final = {1: 20, 2: 38, 3: 61, 4: 90, 5: 122, 6: 154}


class Bar(NamedTuple):
    """A black rectangle in modules, from the code's top left corner."""

    x: int
    y: int
    width: int
    height: int


class Code(NamedTuple):
    """A code as black rectangles; quiet zones are not part of it."""

    bars: tuple[Bar, ...]
    width: int  # modules
    height: int  # modules; 1 for a Code 128, which is drawn as high as wanted


@lru_cache(maxsize=256)
def qr(text: str, *, quick: bool = False) -> Code:
    """The QR code of ``text``, error correction M (15 % may be spoilt).

    Text of digits, capitals and ``$%*+-./:`` is held in alphanumeric mode, which keeps it small.
    ``quick`` takes the first mask instead of the best of eight: for batches, five times faster.
    """
    data = QRData(text)
    version = next((v for v, most in _LETTERS_MAX.items() if len(text) <= most), None)
    code = qrcode.QRCode(
        version=version if data.mode == MODE_ALPHA_NUM else None,
        error_correction=ERROR_CORRECT_M,
        border=0,
        mask_pattern=0 if quick else None,
    )
    code.add_data(data)
    code.make(fit=version is None or data.mode != MODE_ALPHA_NUM)
    rows = code.get_matrix()
    bars = tuple(Bar(x, y, w, 1) for y, row in enumerate(rows) for x, w in _stretches(row))
    return Code(bars, len(rows), len(rows))


def code128(text: str) -> Code:
    """The Code 128 of ``text`` (visible ASCII, 32 characters at most), digits packed in pairs."""
    if not 0 < len(text) <= CODE128_CHARS_MAX or not all("!" <= sign <= "~" for sign in text):
        raise ValueError(f"{text!r} cannot be a Code 128: 1 to 32 visible ASCII characters")
    symbols = _symbols(text)
    check = (symbols[0] + sum(place * value for place, value in enumerate(symbols))) % 103
    widths = "".join(_WIDTHS[value] for value in (*symbols, check, _STOP))
    bars, x = [], 0
    for index, wide in enumerate(map(int, widths)):
        if index % 2 == 0:
            bars.append(Bar(x, 0, wide, 1))
        x += wide
    return Code(tuple(bars), x, 1)


def _stretches(row: list[bool]) -> Iterator[tuple[int, int]]:
    """Where each dark stretch of a row begins, and how long it is."""
    for match in _DARK.finditer(bytes(row)):
        yield match.start(), match.end() - match.start()


def _symbols(text: str) -> list[int]:
    symbols: list[int] = []
    current, place = "", 0
    while place < len(text):
        wanted = "C" if _pairs_pay(text, place, current) else "B"
        if wanted != current:
            symbols.append((_SWITCH if current else _START)[wanted])
            current = wanted
        step = 2 if current == "C" else 1
        piece = text[place : place + step]
        symbols.append(int(piece) if current == "C" else ord(piece) - 32)
        place += step
    return symbols


def _pairs_pay(text: str, place: int, current: str) -> bool:
    """Whether set C is the shorter way from here: an odd run of digits begins with one in set B."""
    count = 0
    while place + count < len(text) and text[place + count].isdigit():
        count += 1
    if current == "C":
        return count >= 2
    at_an_end = place == 0 or place + count == len(text)
    return count >= (4 if at_an_end else 6) and count % 2 == 0
