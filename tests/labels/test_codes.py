"""Codes: what was put in is what a scanner reads, and modules are whole printer dots."""

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labels.codes import MM_PER_DOT, code128, qr
from labels.page import Box, Document
from tests.labels import paper
from tests.labels.cast import WAYBILL

# A page of whole dots (the renderer rounds up): no part of a dot is left to stretch it by.
PAGE = (799.9999 * MM_PER_DOT, 1199.9999 * MM_PER_DOT)


def print_barcode(text: str) -> bytes:
    document = Document("proof", PAGE)
    document.page().code128(code128(text), Box(0, 10, 100, 15), 3)
    return document.pdf()


def print_qr(text: str, dots: int = 4) -> bytes:
    document = Document("proof", PAGE)
    document.page().qr(qr(text), 55.5, 41.3, dots)
    return document.pdf()


@settings(max_examples=60, deadline=None)
@given(st.text([chr(code) for code in range(33, 127)], min_size=1, max_size=20))
def test_a_barcode_says_what_was_put_in(text: str) -> None:
    assert paper.codes(print_barcode(text)) == {"Code 128": text}


@pytest.mark.parametrize(
    "text", ["DS01700000422", "EE123456785CN", "1234567890123", "12", "1", "A1234B", "1234567A"]
)
def test_digits_are_packed_in_pairs_and_still_read(text: str) -> None:
    assert paper.codes(print_barcode(text)) == {"Code 128": text}


@pytest.mark.parametrize("text", ["", "有", "a b", "x" * 33, "a\n"])
def test_what_a_barcode_cannot_hold_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="Code 128"):
        code128(text)


def test_thirteen_digits_take_half_the_room_of_letters() -> None:
    assert code128("1234567890123").width < 0.75 * code128("ABCDEFGHIJKLM").width


def runs_of_ink(row: numpy.ndarray) -> list[int]:
    """Lengths of the black stretches of a row of dots."""
    edges = numpy.flatnonzero(numpy.diff(numpy.concatenate([[0], row < 128, [0]])))
    return list(edges[1::2] - edges[::2])


def test_every_module_of_a_qr_is_four_dots() -> None:
    rows = paper.picture(print_qr(WAYBILL.address))
    stretches = [length for row in rows for length in runs_of_ink(row)]
    assert stretches
    assert all(length % 4 == 0 for length in stretches)


def test_every_code_begins_on_a_dot_and_leaves_no_half_dot_grey() -> None:
    for pdf in (print_qr(WAYBILL.address), print_barcode("DS01700000422")):
        dots = paper.picture(pdf)
        assert not ((dots > 16) & (dots < 239)).any()


def test_every_bar_is_a_whole_number_of_three_dots() -> None:
    row = paper.picture(print_barcode("DS01700000422"))[120]
    assert runs_of_ink(row)
    assert all(length % 3 == 0 for length in runs_of_ink(row))


def test_a_token_address_makes_a_code_of_version_four_at_most() -> None:
    assert qr(WAYBILL.address).width <= 33


def test_a_quick_code_says_the_same() -> None:
    assert qr(WAYBILL.address, quick=True) != qr(WAYBILL.address)
    document = Document("proof", PAGE)
    document.page().qr(qr(WAYBILL.address, quick=True), 10, 10, 4)
    assert paper.codes(document.pdf()) == {"QR Code": WAYBILL.address}
