"""Reading what was printed, as a phone or a scanner would: from the rendered page."""

from __future__ import annotations

from typing import NamedTuple

import pypdfium2
import zxingcpp

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
