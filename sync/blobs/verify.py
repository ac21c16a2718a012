"""Proof of the blobs: what is here is what its name says, and what was named here is somewhere."""

from __future__ import annotations

from collections.abc import Iterator

from sync.blobs.book import is_safe, named_by
from sync.blobs.folder import BlobFolder
from sync.store import Store


def verify_blobs(store: Store, folder: BlobFolder, point: str) -> Iterator[str]:
    """Each thing that is wrong with a node's blobs, in words.

    A blob that this point named must be here, or central must have said that it has it.
    """
    seen = set()
    for event in named_by(store, point):
        name = event.data["blob"]
        if name not in seen and folder.size(name) is None and not is_safe(store, name):
            yield f"{event.id}: 扫描件 {name} 本机没有，区中心也没有确认收到"
        seen.add(name)
    yield from damaged(folder)


def damaged(folder: BlobFolder) -> Iterator[str]:
    """The blobs whose bytes are not what their name says."""
    for name in folder.names():
        if not folder.is_intact(name):
            yield f"扫描件 {name} 已损坏：内容与名字（哈希）不符"
