"""The memory twin of central's blobs: the same meaning as ``sync.blobs.web``, without a server.

Set ``before`` or ``after`` to a callable that raises to break the line: before the request was
carried out, or after it (the answer was lost, the chunk was not).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from cases.scans import BLOB_BYTES_MAX, is_blob_name
from sync.blobs.ports import CHUNK_BYTES_MAX, NAMES_MAX, BlobLacking, BlobRefused, Held

Hook = Callable[[str, int], None]


def _nothing(verb: str, size: int) -> None:
    """Let the request pass."""


@dataclass
class MemoryBlobs:
    """A ``sync.blobs.ports.BlobRemote`` that gives everybody everything."""

    whole: dict[str, bytes] = field(default_factory=dict)
    parts: dict[str, bytes] = field(default_factory=dict)
    before: Hook = _nothing
    after: Hook = _nothing

    def held(self, name: str) -> Held:
        """How much of a blob is there."""
        self.before("held", 0)
        found = self._held(name)
        self.after("held", 0)
        return found

    def put(self, name: str, size: int, offset: int, chunk: bytes) -> Held:
        """Take the chunk of a blob; elsewhere than at its end nothing is written."""
        self.before("put", len(chunk))
        self._check(name, size, offset, chunk)
        held = self._held(name)
        if not held.whole and held.have > size:
            del self.parts[name]
            held = Held(0, whole=False)
        if not held.whole and held.have == offset:
            held = self._add(name, size, chunk)
        self.after("put", len(chunk))
        return held

    def get(self, name: str, offset: int, length: int) -> bytes:
        """A range of a blob."""
        self.before("get", length)
        _named(name)
        if name not in self.whole:
            raise BlobLacking(f"{name}: 区中心还没有这份扫描件")
        found = self.whole[name][offset : offset + length]
        if not found or length > CHUNK_BYTES_MAX:
            raise BlobRefused(f"{name}: 没有这一段")
        self.after("get", len(found))
        return found

    def lacking(self, names: Sequence[str]) -> list[str]:
        """Those of the blobs that are not whole here."""
        self.before("lacking", 0)
        if len(names) > NAMES_MAX or not all(map(is_blob_name, names)):
            raise BlobRefused(f"一次最多问 {NAMES_MAX} 份扫描件，而且要写对名字")
        found = [name for name in names if name not in self.whole]
        self.after("lacking", 0)
        return found

    def close(self) -> None:
        """There is nothing to give back."""

    def _held(self, name: str) -> Held:
        _named(name)
        if name in self.whole:
            return Held(len(self.whole[name]), whole=True)
        return Held(len(self.parts.get(name, b"")), whole=False)

    def _check(self, name: str, size: int, offset: int, chunk: bytes) -> None:
        _named(name)
        if len(chunk) > CHUNK_BYTES_MAX or not 0 < size <= BLOB_BYTES_MAX:
            raise BlobRefused(f"{name}: 太大了")
        if offset < 0 or offset + len(chunk) > size:
            raise BlobRefused(f"{name}: 这一段超出了文件的长度")

    def _add(self, name: str, size: int, chunk: bytes) -> Held:
        body = self.parts.get(name, b"") + chunk
        self.parts[name] = body
        if len(body) < size:
            return Held(len(body), whole=False)
        del self.parts[name]
        if "sha256:" + hashlib.sha256(body).hexdigest() != name:
            raise BlobRefused(f"{name}: 传来的内容与名字（哈希）不符，已丢弃，要从头再来")
        self.whole[name] = body
        return Held(size, whole=True)


def _named(name: str) -> None:
    if not is_blob_name(name):
        raise BlobRefused(f"{name!r:.80} 不是扫描件的名字")
