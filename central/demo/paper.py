"""Reading what was printed, as a phone or a scanner would: from the rendered page."""

from __future__ import annotations

from io import BytesIO
from typing import NamedTuple

import pypdfium2
import zxingcpp
from PIL import Image

DPI = 203  # a label printer's dots


class Paper(NamedTuple):
    """What a printed document holds: its codes by kind, and its words."""

    qr: tuple[str, ...]
    code128: tuple[str, ...]
    words: str


def read_paper(pdf: bytes) -> Paper:
    """Render a PDF at a label printer's resolution and read every code and word on it."""
    document = pypdfium2.PdfDocument(pdf)
    qr: list[str] = []
    bars: list[str] = []
    words: list[str] = []
    try:
        for page in document:
            image = page.render(scale=DPI / 72, grayscale=True).to_pil()
            for code in zxingcpp.read_barcodes(image):
                known = qr if code.format == zxingcpp.BarcodeFormat.QRCode else bars
                known.append(code.text)
            text = page.get_textpage()
            words.append(text.get_text_range())
            text.close()
            page.close()
    finally:
        document.close()
    return Paper(tuple(qr), tuple(bars), "\n".join(words))


def photograph(pdf: bytes) -> bytes:
    """The first page of a printed document, as a phone takes it: a JPEG."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        image = document[0].render(scale=DPI / 72).to_pil()
    finally:
        document.close()
    taken = BytesIO()
    image.convert("RGB").save(taken, "JPEG", quality=85)
    return taken.getvalue()


def codes_on(picture: bytes) -> tuple[str, ...]:
    """Every QR that can be read from a picture."""
    with Image.open(BytesIO(picture)) as image:
        found = zxingcpp.read_barcodes(image.convert("L"))
    return tuple(code.text for code in found if code.format == zxingcpp.BarcodeFormat.QRCode)
