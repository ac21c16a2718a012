"""Sealed blobs: they open whole with their key and for their subject, or not at all."""

from __future__ import annotations

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.blobs.seal import (
    MAGIC,
    SEGMENT_BYTES,
    TAG_BYTES,
    new_blob_key,
    seal_blob,
    sealed_bytes,
    unseal_blob,
)
from sync.seal import CannotUnseal

KEY = new_blob_key()
LENGTHS = [0, 1, SEGMENT_BYTES - 1, SEGMENT_BYTES, SEGMENT_BYTES + 1, 3 * SEGMENT_BYTES]


def sealed(plain: bytes, subject: str = "GL017-1") -> bytes:
    return b"".join(seal_blob(KEY, subject, BytesIO(plain)))


def opened(blob: bytes, subject: str = "GL017-1", key: str = KEY) -> bytes:
    return b"".join(unseal_blob(key, subject, BytesIO(blob)))


@pytest.mark.parametrize("length", LENGTHS)
def test_a_file_of_any_length_opens_as_it_was(length: int) -> None:
    plain = b"p" * length
    blob = sealed(plain)
    assert len(blob) == sealed_bytes(length)
    assert opened(blob) == plain


def test_the_same_file_sealed_twice_is_two_blobs_because_each_has_its_key() -> None:
    other = b"".join(seal_blob(new_blob_key(), "GL017-1", BytesIO(b"scan")))
    assert other != sealed(b"scan")


def test_nothing_of_the_file_stands_in_the_blob() -> None:
    plain = b"%PDF-1.7 lin xiaomei 35010219490312392X " * 20_000
    blob = sealed(plain)
    assert not any(plain[i : i + 8] in blob for i in range(0, 400, 8))


def test_another_key_or_subject_opens_nothing() -> None:
    blob = sealed(b"scan")
    for attempt in (
        lambda: opened(blob, key=new_blob_key()),
        lambda: opened(blob, subject="GL017-2"),
        lambda: opened(blob, key="not base64!"),
    ):
        with pytest.raises(CannotUnseal):
            attempt()


SEGMENTS = sealed(bytes(range(256)) * (3 * SEGMENT_BYTES // 256))
STEP = SEGMENT_BYTES + TAG_BYTES


def segment(number: int) -> bytes:
    return SEGMENTS[len(MAGIC) + number * STEP : len(MAGIC) + (number + 1) * STEP]


@pytest.mark.parametrize(
    "altered",
    [
        MAGIC,
        SEGMENTS[:-1],
        SEGMENTS + b"\0",
        MAGIC + segment(0) + segment(1),
        MAGIC + segment(1) + segment(0) + segment(2),
        MAGIC + segment(0) + segment(0) + segment(2),
        MAGIC + segment(0) + segment(2),
        MAGIC + segment(2),
        b"DSB2" + SEGMENTS[4:],
        b"",
    ],
)
def test_segments_cut_swapped_doubled_or_dropped_are_found(altered: bytes) -> None:
    with pytest.raises(CannotUnseal):
        opened(altered)


@given(place=st.integers(0, sealed_bytes(100) - 1), bit=st.integers(0, 7))
def test_one_bit_changed_anywhere_is_found(place: int, bit: int) -> None:
    blob = bytearray(sealed(b"x" * 100))
    blob[place] ^= 1 << bit
    with pytest.raises(CannotUnseal):
        opened(bytes(blob))
