"""Blobs on a disk: whole ones under their names, unfinished ones apart. A node's and central's.

::

    ab/cdef…     a whole blob: it got this name when its bytes had this hash and were synced
    part/abcd…   what has arrived so far of one that comes in chunks
    new/…        one that is being sealed here

A crash at any moment leaves whole blobs whole and the rest unfinished. An unfinished one is not
synced: should a power cut tear it, its hash says so at the end, and it begins anew.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from cases.scans import BLOB_BYTES_MAX, is_blob_name
from sync.errors import DoorstepError

READ_BYTES = 256 * 1024
PREFIX = "sha256:"


class BlobError(DoorstepError):
    """A blob cannot be kept or given as it was asked; the message says why."""


class DamagedBlob(BlobError):
    """The bytes that came under a name do not have that hash. They were dropped: begin anew."""


class WrongPlace(BlobError):
    """A chunk does not begin where the last one ended. ``have`` is where that is."""

    def __init__(self, name: str, have: int) -> None:
        super().__init__(f"{name}: 已有 {have} 字节，要从那里接着来")
        self.have = have


class BlobFolder:
    """A folder of blobs. Two processes may use it; the same chunk only one at a time."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def keep(self, pieces: Iterable[bytes]) -> tuple[str, int]:
        """Keep what is being sealed; it is on the disk when this returns. :returns: name, size.

        :raises OSError: the disk is full or broken; nothing is left behind.
        :raises BlobError: longer than a blob may be; nothing is left behind.
        """
        spare = self._made("new") / secrets.token_hex(16)
        hash, size = hashlib.sha256(), 0
        try:
            with spare.open("xb") as file:
                for piece in pieces:
                    hash.update(piece)
                    size += file.write(piece)
                    if size > BLOB_BYTES_MAX:
                        raise BlobError(f"文件太大，最多 {BLOB_BYTES_MAX // 1024 // 1024} MB")
                _to_disk(file)
            name = PREFIX + hash.hexdigest()
            self._name(spare, name)
        except Exception:
            spare.unlink(missing_ok=True)
            raise
        return name, size

    def size(self, name: str) -> int | None:
        """How long a whole blob is; None if it is not here whole."""
        return _size(self.path(name))

    def part_size(self, name: str) -> int:
        """How much of an unfinished blob has arrived."""
        return _size(self._part(name)) or 0

    def read(self, name: str, offset: int, length: int) -> bytes:
        """A range of a whole blob. :raises OSError: it is not here, or cannot be read."""
        with self.path(name).open("rb") as file:
            file.seek(offset)
            return file.read(length)

    def open(self, name: str) -> BinaryIO:
        """A whole blob, to be read. :raises OSError: it is not here, or cannot be read."""
        return self.path(name).open("rb")

    def append(self, name: str, offset: int, chunk: bytes) -> int:
        """Add the next chunk of an unfinished blob. :returns: how much of it is here now.

        :raises WrongPlace: the chunk begins elsewhere than where the last one ended.
        """
        path = self._part(name)
        self._made("part")
        with path.open("ab") as file:
            if file.tell() != offset:
                raise WrongPlace(name, file.tell())
            file.write(chunk)
        return offset + len(chunk)

    def finish(self, name: str) -> None:
        """Give an unfinished blob its name, if its bytes have that hash.

        :raises DamagedBlob: they do not; what had arrived is dropped.
        """
        part = self._part(name)
        if _hash(part) != name:
            part.unlink()
            raise DamagedBlob(f"{name}: 传来的内容与名字（哈希）不符，已丢弃，要从头再来")
        with part.open("rb+") as file:
            _to_disk(file)
        self._name(part, name)

    def drop_part(self, name: str) -> None:
        """Forget what has arrived of an unfinished blob."""
        self._part(name).unlink(missing_ok=True)

    def drop(self, name: str) -> None:
        """Forget a whole blob."""
        self.path(name).unlink(missing_ok=True)

    def is_intact(self, name: str) -> bool:
        """Whether a blob is here and its bytes still have its hash."""
        try:
            return _hash(self.path(name)) == name
        except FileNotFoundError:
            return False

    def names(self) -> Iterator[str]:
        """The names of the whole blobs."""
        for path in sorted(self.root.glob("??/*")):
            if is_blob_name(name := f"{PREFIX}{path.parent.name}{path.name}"):
                yield name

    def sweep(self, before: float) -> int:
        """Drop what was left unfinished and not touched since ``before`` (seconds since 1970)."""
        dropped = 0
        for path in (*self.root.glob("new/*"), *self.root.glob("part/*")):
            with suppress(FileNotFoundError):  # finished by another process meanwhile
                if path.stat().st_mtime < before:
                    path.unlink()
                    dropped += 1
        return dropped

    def path(self, name: str) -> Path:
        """Where a whole blob lies. :raises BlobError: it is no name of a blob."""
        hex = _hex(name)
        return self.root / hex[:2] / hex[2:]

    def _part(self, name: str) -> Path:
        return self.root / "part" / _hex(name)

    def _made(self, name: str) -> Path:
        path = self.root / name
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        return path

    def _name(self, path: Path, name: str) -> None:
        """The last step: until then the blob is not there, from then on it is there for good."""
        target = self.path(name)
        folder_is_new = not target.parent.exists()
        self._made(target.parent.name)
        path.replace(target)
        _folder_to_disk(target.parent)
        if folder_is_new:
            _folder_to_disk(self.root)


def _hex(name: str) -> str:
    if not is_blob_name(name):
        raise BlobError(f"{name!r:.80} 不是扫描件的名字")
    return name.removeprefix(PREFIX)


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return None


def _hash(path: Path) -> str:
    hash = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(READ_BYTES):
            hash.update(piece)
    return PREFIX + hash.hexdigest()


def _to_disk(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _folder_to_disk(path: Path) -> None:
    """Let a new name outlive a power cut, where the system can do that (Windows does it itself)."""
    if hasattr(os, "O_DIRECTORY"):
        handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
