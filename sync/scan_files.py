"""A file that is to become a scan: judged by its content, made small, told of nothing but itself.

A photograph from a phone says where and when it was taken, lies on its side, and is four times as
large as anybody needs to read it. So a picture is decoded whole, turned upright, shrunk, and
written anew, without anything but its pixels. A PDF is opened to see that it is one, and is kept
as it is.
"""

from __future__ import annotations

import threading
import warnings
from dataclasses import dataclass
from io import BytesIO
from typing import IO, Any

import pypdfium2
from PIL import Image, ImageOps, UnidentifiedImageError

from cases.fields import BadField
from cases.scans import media_of

BEGINNING_BYTES = 16
FILE_CHARS_MAX = 100  # of a file's name
LONG_EDGE_MAX = 2_500  # pixels: an A4 page at 210 dpi
PIXELS_MAX = 60_000_000  # the largest photographs of phones; more is a picture made to fill memory
PAGES_MAX = 500
THUMBNAIL = 240
QUALITY = 82
PNG_BYTES_MAX = 1024 * 1024  # a drawing stays one; a photograph saved as PNG becomes a JPEG
JPEG, PNG, PDF = "image/jpeg", "image/png", "application/pdf"

NOT_OURS = (
    "这个文件不是 PDF、JPEG 或 PNG，没有收下。请把扫描件存成 PDF，或者用手机拍成照片再附。"
    "（看的是文件内容，改名不算。）"
)
BROKEN = "这个文件打不开：可能没有传完整，或者已经损坏。没有收下，请重新扫描或拍照。"
TOO_MANY_PIXELS = "这张图片的尺寸太大（超过 6000 万像素），没有收下。请用一般的分辨率重新扫描。"
LOCKED = "这个 PDF 加了密码，打不开，没有收下。请附没有密码的。"
TOO_MANY_PAGES = f"这个 PDF 超过 {PAGES_MAX} 页，没有收下。请分成几份。"

_one_at_a_time = threading.Lock()  # PDFium is not made for threads, and pictures take much memory


@dataclass(frozen=True)
class ScanFile:
    """What is kept of a file: its bytes, what they are, how many pages (a picture: 0)."""

    plain: BytesIO
    media: str
    pages: int = 0


def prepared(file: IO[bytes]) -> ScanFile:
    """The file as it is kept. :raises BadField: it is none of ours, and says why."""
    media = media_of(file.read(BEGINNING_BYTES))
    file.seek(0)
    if not media:
        raise BadField("file", NOT_OURS, "This is no PDF, JPEG or PNG.")
    with _one_at_a_time:
        return _pdf(file.read()) if media == PDF else _picture(file, media)


def facts_of(scan: ScanFile, blob: str, size: int, position: int) -> dict[str, Any]:
    """What an event says of a scan in clear."""
    pages = {"pages": scan.pages} if scan.pages else {}
    return {"blob": blob, "size": size, "media": scan.media, "position": position, **pages}


def thumbnail(file: IO[bytes]) -> bytes:
    """A small JPEG of a picture that was prepared."""
    with _one_at_a_time, _opened(file) as image:
        image.draft("RGB", (THUMBNAIL, THUMBNAIL))
        small = _on_white(image)
        small.thumbnail((THUMBNAIL, THUMBNAIL))
        return _written(small, "JPEG", quality=QUALITY).getvalue()


def _picture(file: IO[bytes], media: str) -> ScanFile:
    size = file.seek(0, 2)
    file.seek(0)
    try:
        with _opened(file) as image:
            if image.width * image.height > PIXELS_MAX:
                raise BadField("file", TOO_MANY_PIXELS, "The picture has too many pixels.")
            image.draft("RGB", (LONG_EDGE_MAX, LONG_EDGE_MAX))
            image.load()
            upright = ImageOps.exif_transpose(image)
            shrunk = max(upright.size) > LONG_EDGE_MAX
            if media == PNG and size <= PNG_BYTES_MAX and not shrunk:
                return ScanFile(_written(_bare(upright), "PNG", optimize=True), PNG)
            upright = _on_white(upright)
    except (OSError, SyntaxError, ValueError, UnidentifiedImageError) as error:
        if isinstance(error, BadField):
            raise
        raise BadField("file", BROKEN, "The picture cannot be decoded.") from None
    upright.thumbnail((LONG_EDGE_MAX, LONG_EDGE_MAX), Image.Resampling.LANCZOS)
    return ScanFile(_written(upright, "JPEG", quality=QUALITY, optimize=True), JPEG)


def _opened(file: IO[bytes]) -> Image.Image:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # judged by PIXELS_MAX
        try:
            return Image.open(file, formats=("JPEG", "PNG"))
        except Image.DecompressionBombError:
            raise BadField("file", TOO_MANY_PIXELS, "The picture has too many pixels.") from None


def _bare(image: Image.Image) -> Image.Image:
    """The pixels alone: no place, no time, no thumbnail, no words."""
    plain = Image.new(image.mode, image.size)
    if image.mode == "P":
        plain.putpalette(image.getpalette() or [])
    plain.paste(image)
    return plain


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        drawn = image.convert("RGBA")
        white = Image.new("RGBA", drawn.size, "white")
        return Image.alpha_composite(white, drawn).convert("RGB")
    return _bare(image.convert("L" if image.mode in ("1", "L") else "RGB"))


def _written(image: Image.Image, kind: str, **how: int) -> BytesIO:
    made = BytesIO()
    image.save(made, kind, **how)
    made.seek(0)
    return made


def _pdf(body: bytes) -> ScanFile:
    try:
        document = pypdfium2.PdfDocument(body)
        try:
            pages = len(document)
        finally:
            document.close()
    except pypdfium2.PdfiumError as error:
        words = LOCKED if "assword" in str(error) else BROKEN
        raise BadField("file", words, "The PDF cannot be opened.") from None
    if not 0 < pages <= PAGES_MAX:
        raise BadField("file", TOO_MANY_PAGES if pages else BROKEN, "Not so many pages.")
    return ScanFile(BytesIO(body), PDF, pages)
