"""Files that come in as scans: upright, small, telling nothing, and nothing else than they are."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image

from cases.fields import BadField
from sync.scan_files import LONG_EDGE_MAX, ScanFile, prepared, thumbnail
from tests.node.pictures import bomb, jpeg, pdf, picture


def kept(body: bytes) -> ScanFile:
    return prepared(BytesIO(body))


def shown(body: bytes) -> Image.Image:
    return Image.open(kept(body).plain)


def test_a_large_photograph_is_shrunk_and_a_small_one_never_grows() -> None:
    assert shown(jpeg(4000, 3000)).size == (LONG_EDGE_MAX, 1875)
    assert shown(jpeg(60, 40)).size == (60, 40)
    assert len(kept(jpeg(4000, 3000)).plain.getvalue()) < 300_000


@pytest.mark.parametrize(
    ("turned", "where"), [(1, (2, 20)), (3, (57, 20)), (6, (20, 2)), (8, (20, 57))]
)
def test_a_photograph_that_lies_on_its_side_is_turned_upright(
    turned: int, where: tuple[int, int]
) -> None:
    image = shown(jpeg(60, 40, turned=turned))
    red, green, _ = image.convert("RGB").getpixel(where)
    assert red > 200 > 90 > green, "the red edge is where the camera saw it"


def test_where_and_with_what_it_was_taken_is_dropped() -> None:
    body = jpeg(turned=6, noted=True)
    assert Image.open(BytesIO(body)).getexif().get_ifd(0x8825)
    plain = kept(body).plain
    assert not Image.open(plain).getexif()
    assert b"Maker of phones" not in plain.getvalue()


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "LA", "I;16"])
@pytest.mark.parametrize("size", [(50, 30), (2600, 10)])
def test_every_kind_of_png_is_kept_readable(mode: str, size: tuple[int, int]) -> None:
    image = shown(picture("PNG", mode, size))
    image.load()
    assert max(image.size) <= LONG_EDGE_MAX
    assert image.size[0] >= 50


def test_a_screen_of_cmyk_is_kept_as_colours_that_browsers_show() -> None:
    assert shown(picture("JPEG", "CMYK", (40, 30))).mode == "RGB"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "不是 PDF、JPEG 或 PNG"),
        (b"<svg onload=alert(1)>", "不是 PDF、JPEG 或 PNG"),
        (picture("GIF", "L", (9, 9)), "不是 PDF、JPEG 或 PNG"),
        (b"\xff\xd8\xff\xe0 and no more", "打不开"),
        (jpeg(600, 400)[:-900], "打不开"),
        (picture("PNG", "RGB", (300, 300))[:-40], "打不开"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "打不开"),
        (bomb(), "尺寸太大"),
        (bomb(20_000, 20_000), "尺寸太大"),
        (b"%PDF-1.7\n" + bytes(2000), "打不开"),
        (pdf(501), "超过 500 页"),
    ],
)
def test_what_is_no_scan_is_refused_with_a_sentence(body: bytes, words: str) -> None:
    with pytest.raises(BadField) as refused:
        kept(body)
    assert words in refused.value.message_zh


def test_a_pdf_is_kept_as_it_is_and_its_pages_are_counted() -> None:
    body = pdf(3)
    found = kept(body)
    assert (found.plain.getvalue(), found.media, found.pages) == (body, "application/pdf", 3)


def test_a_thumbnail_is_small_and_tells_nothing() -> None:
    small = Image.open(BytesIO(thumbnail(kept(jpeg(2000, 900)).plain)))
    assert (small.size, small.format) == ((240, 108), "JPEG")
