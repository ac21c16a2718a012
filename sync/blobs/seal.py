"""Sealing of a blob: AES-256-GCM in segments, so that 64 MB need no 64 MB of memory.

Each blob has a key of its own, which stands in the sealed part of the event that names it, and so
under the subject's key. Thus whoever may read the event can open the blob, also where another store
states the same again under a key of its own; and to forget the subject's key is to forget the blob.

A segment's nonce is its number and whether it is the last; each is bound to the subject. So none
can be changed, dropped, swapped or added, and no blob opens as another subject's.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sync.seal import CannotUnseal, new_key

MAGIC = b"DSB1"
SEGMENT_BYTES = 256 * 1024
TAG_BYTES = 16


def new_blob_key() -> str:
    """A fresh key for one blob, as it stands in an event's sealed part."""
    return base64.b64encode(new_key()).decode()


def seal_blob(key: str, subject: str, plain: BinaryIO) -> Iterator[bytes]:
    """The sealed bytes of a file, piece by piece."""
    cipher, number = _cipher(key), 0
    piece = plain.read(SEGMENT_BYTES)
    yield MAGIC
    while True:
        following = plain.read(SEGMENT_BYTES)
        yield cipher.encrypt(_nonce(number, last=not following), piece, subject.encode())
        if not following:
            return
        piece, number = following, number + 1


def unseal_blob(key: str, subject: str, sealed: BinaryIO) -> Iterator[bytes]:
    """The file in a blob, piece by piece; each is proven before it is given out.

    :raises CannotUnseal: another key or subject, altered, or cut short; perhaps after some pieces.
    """
    cipher, number = _cipher(key), 0
    if sealed.read(len(MAGIC)) != MAGIC:
        raise CannotUnseal(f"{subject}: 这不是扫描件，或由更新的版本封装")
    piece = sealed.read(SEGMENT_BYTES + TAG_BYTES)
    while True:
        following = sealed.read(SEGMENT_BYTES + TAG_BYTES)
        try:
            yield cipher.decrypt(_nonce(number, last=not following), piece, subject.encode())
        except (InvalidTag, ValueError):
            raise CannotUnseal(f"{subject}: 扫描件与密钥不符，或已损坏") from None
        if not following:
            return
        piece, number = following, number + 1


def sealed_bytes(plain_bytes: int) -> int:
    """How long the blob of a file of so many bytes is."""
    segments = max(1, -(-plain_bytes // SEGMENT_BYTES))
    return len(MAGIC) + plain_bytes + segments * TAG_BYTES


def _cipher(key: str) -> AESGCM:
    try:
        return AESGCM(base64.b64decode(key, validate=True))
    except ValueError:
        raise CannotUnseal("扫描件的密钥已损坏") from None


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])
