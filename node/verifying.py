"""``doorstep verify`` for a node's data folder."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cases.parties import home_in
from node.enrolment import Enrolment, read_enrolment
from node.identity import Kept, load_kept
from node.local import BLOBS
from sync.blobs.folder import BlobFolder
from sync.blobs.verify import verify_blobs
from sync.bundle import load_bundle
from sync.db import DataFolderError, check_integrity, snapshot, version_of
from sync.heads import PREFIX, verify_pages
from sync.seal import Box
from sync.store import VERSION, Store
from sync.verify import verify


def problems(data: Path) -> Iterator[str]:
    """Everything that is wrong with a node's data, in words."""
    kept = load_kept(data)
    if kept is None:
        raise DataFolderError(f"{data}: 没有 keys/identity.json，无法知道这是谁的数据")
    enrolment = read_enrolment(data / "keys" / "enrolment.json")
    home = home_in(load_bundle().directory)
    with _as_it_is(data / "node.db") as path:
        store = Store(path, Box(kept.box_seed), home, checkpoints=False)
        try:
            yield from _problems(store, data, enrolment, kept)
        finally:
            store.close()


@contextmanager
def _as_it_is(path: Path) -> Iterator[Path]:
    """The file, or a copy of it where opening it would bring it to this program's version.

    A proof changes nothing: the program that runs here may still be the older one.
    """
    if version_of(path) == VERSION:
        yield path
        return
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / path.name
        snapshot(path, copy)
        yield copy


def _problems(store: Store, data: Path, enrolment: Enrolment, kept: Kept) -> Iterator[str]:
    damaged = check_integrity(store.db)
    if damaged:
        yield f"{data / 'node.db'}: 数据文件已损坏：{damaged}"
        return
    yield from verify(store, enrolment.root_key, whole=kept.author)
    pages = (page for _, page in store.documents(PREFIX))
    yield from verify_pages(store, pages, enrolment.root_key)
    yield from verify_blobs(store, BlobFolder(data / BLOBS), enrolment.point)
