"""The seam to central's blobs: one small protocol, its values, and how a blob may be refused.

``sync.blobs.web`` speaks to central, ``sync.blobs.memory`` is the twin; both pass
``tests/contract/test_blob_remotes.py``. Every method may raise a class of :mod:`sync.errors`.

::

    RemoteError
     ├─ RemoteUnavailable    retry     no usable answer: the line; every blob waits
     └─ RemoteRefused
         └─ BlobRefused      later     central does not take or give this blob; the others go on
             └─ BlobLacking  later     it is not whole at central yet
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from sync.errors import RemoteRefused

CHUNK_BYTES_MAX = 1024 * 1024
NAMES_MAX = 200


class BlobRefused(RemoteRefused):
    """Central does not take or give this blob now; the message says why, in words for people."""


class BlobLacking(BlobRefused):
    """Central does not hold this blob whole yet: whoever has it must upload it first."""


class Held(NamedTuple):
    """How much of a blob central has, and whether that is all and was checked by its hash."""

    have: int
    whole: bool


class BlobRemote(Protocol):
    """Central's blobs, as one store may use them. Not shared by threads: one each."""

    def held(self, name: str) -> Held:
        """How much of a blob is there."""
        ...

    def put(self, name: str, size: int, offset: int, chunk: bytes) -> Held:
        """Give the chunk of a blob of ``size`` bytes that begins at ``offset``.

        Elsewhere than where the last one ended nothing is written, and the answer says how much is
        there: so a lost answer does no harm. With the last byte the blob is checked by its hash.
        :raises BlobRefused: its hash was wrong (all of it is dropped), too big, not allowed.
        """
        ...

    def get(self, name: str, offset: int, length: int) -> bytes:
        """A range of a blob: at least one byte of it, at most ``length``.

        :raises BlobLacking: it is not whole there. :raises BlobRefused: not a party of its case.
        """
        ...

    def lacking(self, names: Sequence[str]) -> list[str]:
        """Those of at most ``NAMES_MAX`` blobs that are not whole there and that may be given."""
        ...

    def close(self) -> None:
        """Give the connection back."""
        ...
