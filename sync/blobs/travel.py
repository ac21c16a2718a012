"""One chunk of one blob, up or down. Safe to repeat; who repeats it is elsewhere.

After each chunk both ends agree on how far they are, and whoever lost the answer is told again.
A chunk is a megabyte at most, and half as long after each failure: on a line that breaks every few
seconds a shorter one still gets through.
"""

from __future__ import annotations

from sync.blobs.folder import BlobFolder
from sync.blobs.ports import CHUNK_BYTES_MAX, BlobRemote, Held
from sync.errors import RemoteUnavailable

CHUNK_BYTES_MIN = 32 * 1024


class ChunkSize:
    """How many bytes the next chunk has: fewer after a failure, more after a success."""

    def __init__(self) -> None:
        self.bytes = CHUNK_BYTES_MAX

    def worked(self) -> None:
        """A chunk got through."""
        self.bytes = min(self.bytes * 2, CHUNK_BYTES_MAX)

    def failed(self) -> None:
        """A chunk did not get through."""
        self.bytes = max(self.bytes // 2, CHUNK_BYTES_MIN)


def upload_once(
    folder: BlobFolder, remote: BlobRemote, name: str, *, offset: int | None, chunk_bytes: int
) -> Held:
    """Upload the next chunk of a blob that is here whole.

    :param offset: how much central is known to have; None: ask it, and send nothing more if it has
        all. :returns: how much it has now.
    :raises OSError: the blob cannot be read here.
    """
    size = folder.path(name).stat().st_size
    if offset is None:
        held = remote.held(name)
        if held.whole:
            return held
        offset = held.have
    offset = min(offset, size)  # central has more? then it is of something else, and is dropped
    return remote.put(name, size, offset, folder.read(name, offset, chunk_bytes))


def fetch_once(
    folder: BlobFolder, remote: BlobRemote, name: str, size: int, *, chunk_bytes: int
) -> Held:
    """Fetch the next bytes of a blob of ``size``. :returns: how much of it is here now.

    :raises DamagedBlob: all came and its hash is wrong; it was dropped, the next call begins anew.
    """
    if folder.size(name) is not None:
        return Held(size, whole=True)
    have = folder.part_size(name)
    if have < size:
        came = remote.get(name, have, min(chunk_bytes, size - have))
        if not came:
            raise RemoteUnavailable(f"{name}: an empty answer; try again later")
        have = folder.append(name, have, came)
    if have < size:
        return Held(have, whole=False)
    folder.finish(name)
    return Held(have, whole=True)
