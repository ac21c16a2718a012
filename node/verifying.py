"""``doorstep verify`` for a node's data folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from cases.parties import home_in
from node.enrolment import read_enrolment
from node.identity import load_kept
from node.local import BLOBS
from sync.blobs.folder import BlobFolder
from sync.blobs.verify import verify_blobs
from sync.bundle import load_bundle
from sync.db import DataFolderError, check_integrity
from sync.heads import PREFIX, verify_pages
from sync.seal import Box
from sync.store import Store
from sync.verify import verify


def problems(data: Path) -> Iterator[str]:
    """Everything that is wrong with a node's data, in words."""
    kept = load_kept(data)
    if kept is None:
        raise DataFolderError(f"{data}: 没有 keys/identity.json，无法知道这是谁的数据")
    enrolment = read_enrolment(data / "keys" / "enrolment.json")
    home = home_in(load_bundle().directory)
    store = Store(data / "node.db", Box(kept.box_seed), home, checkpoints=False)
    try:
        damaged = check_integrity(store.db)
        if damaged:
            yield f"{store.path}: 数据文件已损坏：{damaged}"
            return
        yield from verify(store, enrolment.root_key, whole=kept.author)
        pages = (page for _, page in store.documents(PREFIX))
        yield from verify_pages(store, pages, enrolment.root_key)
        yield from verify_blobs(store, BlobFolder(data / BLOBS), enrolment.point)
    finally:
        store.close()
