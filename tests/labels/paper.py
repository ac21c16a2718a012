"""Reading printed paper back: rendered as a 203-dpi printer would, decoded as a phone would."""

from collections.abc import Iterator
from contextlib import closing
from typing import NamedTuple

import numpy
import pypdfium2
import zxingcpp

from labels.page import Box

DPI = 203
MM_PER_POINT = 25.4 / 72


class Character(NamedTuple):
    """A character as drawn: its ink's box in millimetres from the page's top left corner."""

    text: str
    left: float
    top: float
    right: float
    bottom: float


def pages(pdf: bytes) -> int:
    with closing(pypdfium2.PdfDocument(pdf)) as document:
        return len(document)


def size_mm(pdf: bytes, number: int = 0) -> tuple[float, float]:
    with closing(pypdfium2.PdfDocument(pdf)) as document, closing(document[number]) as page:
        return page.get_width() * MM_PER_POINT, page.get_height() * MM_PER_POINT


def text(pdf: bytes) -> str:
    """All text of a PDF as a person copies it, lines joined."""
    found = []
    with closing(pypdfium2.PdfDocument(pdf)) as document:
        for number in range(len(document)):
            with closing(document[number]) as page, closing(page.get_textpage()) as words:
                found.append(words.get_text_range())
    return "".join("".join(found).split("\r\n"))


def picture(pdf: bytes, number: int = 0, dpi: int = DPI) -> numpy.ndarray:
    """A page in the greys of a 203-dpi printer's dots, or of another's."""
    with closing(pypdfium2.PdfDocument(pdf)) as document, closing(document[number]) as page:
        return page.render(scale=dpi / 72, grayscale=True).to_numpy().copy()


def part(dots: numpy.ndarray, box: Box, around: float = 4, dpi: int = DPI) -> numpy.ndarray:
    """The part of a picture that a camera held close sees: a box in mm and a little around it."""
    per_mm = dpi / 25.4
    top, bottom = int(max(box.y - around, 0) * per_mm), int((box.y + box.height + around) * per_mm)
    left, right = int(max(box.x - around, 0) * per_mm), int((box.x + box.width + around) * per_mm)
    return dots[top:bottom, left:right]


def codes(pdf: bytes, number: int = 0) -> dict[str, str]:
    """What the codes on a page say, by their format; one of each."""
    found = [(str(code.format), code.text) for code in zxingcpp.read_barcodes(picture(pdf, number))]
    assert len({form for form, _ in found}) == len(found), found
    return dict(found)


def all_codes(pdf: bytes, number: int = 0, dpi: int = DPI) -> list[str]:
    return sorted(code.text for code in zxingcpp.read_barcodes(picture(pdf, number, dpi)))


def characters(pdf: bytes, number: int = 0) -> Iterator[Character]:
    with closing(pypdfium2.PdfDocument(pdf)) as document, closing(document[number]) as page:
        height = page.get_height()
        with closing(page.get_textpage()) as words:
            for index in range(words.count_chars()):
                left, bottom, right, top = words.get_charbox(index)
                yield Character(
                    words.get_text_range(index, 1),
                    left * MM_PER_POINT,
                    (height - top) * MM_PER_POINT,
                    right * MM_PER_POINT,
                    (height - bottom) * MM_PER_POINT,
                )
