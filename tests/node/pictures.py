"""Real files for tests of scans: small pictures and PDFs, and some that are made to do harm."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO

import pypdfium2
from PIL import Image

GPS = {1: "N", 2: (26.0, 5.0, 0.0), 3: "E", 4: (119.0, 18.0, 0.0)}


def jpeg(width: int = 60, height: int = 40, *, turned: int = 0, noted: bool = False) -> bytes:
    """A photograph, red at its left edge; perhaps lying on its side, perhaps telling where."""
    image = Image.new("RGB", (width, height), "white")
    image.paste("red", (0, 0, max(width // 4, 1), height))
    exif = Image.Exif()
    if turned:
        exif[0x0112] = turned
    if noted:
        exif.get_ifd(0x8825).update(GPS)
        exif[0x010F] = "Maker of phones"
    made = BytesIO()
    image.save(made, "JPEG", quality=90, exif=exif)
    return made.getvalue()


def picture(kind: str, mode: str, size: tuple[int, int]) -> bytes:
    made = BytesIO()
    Image.new(mode, size).save(made, kind)
    return made.getvalue()


def pdf(pages: int = 1) -> bytes:
    """A real PDF of empty pages, with words of its own that tests can look for on the disk."""
    document = pypdfium2.PdfDocument.new()
    for _ in range(pages):
        document.new_page(200, 200)
    made = BytesIO()
    document.save(made)
    document.close()
    return made.getvalue()


def bomb(width: int = 60_000, height: int = 60_000) -> bytes:
    """A PNG of some hundred bytes that says it is as large as a house."""

    def part(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    body = zlib.compress(bytes(10_000))
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", body) + part(b"IEND", b"")
