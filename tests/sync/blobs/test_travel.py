"""Chunks over a bad line: everything arrives, and little is sent twice."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from sync.blobs.folder import BlobFolder, DamagedBlob
from sync.blobs.memory import MemoryBlobs
from sync.blobs.ports import CHUNK_BYTES_MAX, BlobLacking, Held
from sync.blobs.travel import CHUNK_BYTES_MIN, ChunkSize, fetch_once, upload_once
from sync.errors import RemoteUnavailable
from tests.sync.blobs.line import BreakingLine, behind, losing_answers

MB = 1024 * 1024
BODY = random.Random(9).randbytes(5 * MB)  # noqa: S311 - no secret


@pytest.fixture
def folder(tmp_path: Path) -> BlobFolder:
    return BlobFolder(tmp_path / "here")


@pytest.fixture
def other(tmp_path: Path) -> BlobFolder:
    return BlobFolder(tmp_path / "there")


def repeat(step: Callable[[int], Held], *, tries_max: int = 1_000) -> Held:
    """What the loop does: a step again and again, with a shorter chunk after each failure."""
    chunk, held = ChunkSize(), Held(0, whole=False)
    for _ in range(tries_max):
        try:
            held = step(chunk.bytes)
            chunk.worked()
        except RemoteUnavailable:
            chunk.failed()
        if held.whole:
            return held
    raise AssertionError(f"not whole after {tries_max} steps: {held}")


def upload(folder: BlobFolder, remote: MemoryBlobs, name: str) -> Held:
    """From a store that knows nothing any more: it asks first, as after a restart."""
    known: int | None = None

    def step(chunk_bytes: int) -> Held:
        nonlocal known
        held = upload_once(folder, remote, name, offset=known, chunk_bytes=chunk_bytes)
        known = held.have
        return held

    return repeat(step)


@pytest.mark.parametrize("bytes_max", [48_000, 100_000, 300_000, 700_000, 1_300_000, 3 * MB])
def test_an_upload_completes_on_a_line_that_breaks_after_so_many_bytes(
    folder: BlobFolder, bytes_max: int
) -> None:
    name, size = folder.keep([BODY])
    central, line = MemoryBlobs(), BreakingLine(bytes_max)
    upload(folder, behind(line, central), name)
    assert central.whole[name] == BODY
    assert line.breaks >= size // bytes_max
    lost_max = (line.breaks + 1) * min(bytes_max, CHUNK_BYTES_MAX)
    assert line.sent <= size + lost_max
    assert line.sent < 2.6 * size


def test_a_good_line_carries_each_byte_once(folder: BlobFolder) -> None:
    name, size = folder.keep([BODY])
    central, line = MemoryBlobs(), BreakingLine(10**9)
    upload(folder, behind(line, central), name)
    assert line.sent < size + 5_000


@pytest.mark.parametrize("every", [2, 3, 5])
def test_lost_answers_do_no_harm_and_cost_no_chunk_twice(folder: BlobFolder, every: int) -> None:
    name, size = folder.keep([BODY])
    central, line = MemoryBlobs(), BreakingLine(10**9)
    remote = behind(line, central)
    remote.after = losing_answers(every)
    upload(folder, remote, name)
    assert central.whole[name] == BODY
    assert line.sent < 3 * size


def test_what_central_has_already_is_not_sent(folder: BlobFolder) -> None:
    name, _ = folder.keep([BODY])
    central, line = MemoryBlobs({name: BODY}), BreakingLine(10**9)
    assert upload(folder, behind(line, central), name).whole
    assert line.sent < 1_000


def test_an_upload_goes_on_where_another_run_was_killed(folder: BlobFolder) -> None:
    name, size = folder.keep([BODY])
    central = MemoryBlobs(parts={name: BODY[: 4 * MB]})
    line = BreakingLine(10**9)
    upload(folder, behind(line, central), name)
    assert line.sent < size - 4 * MB + 2_000


def test_an_upload_begins_anew_where_central_lost_what_it_had(folder: BlobFolder) -> None:
    name, _ = folder.keep([BODY])
    central = MemoryBlobs()
    held = upload_once(folder, central, name, offset=3 * MB, chunk_bytes=MB)
    assert held == Held(0, whole=False)
    assert upload(folder, central, name).whole


def test_an_upload_of_what_is_not_here_says_so(folder: BlobFolder) -> None:
    with pytest.raises(FileNotFoundError):
        upload_once(folder, MemoryBlobs(), "sha256:" + "0" * 64, offset=0, chunk_bytes=MB)


@pytest.mark.parametrize("bytes_max", [48_000, 300_000, 1_300_000])
def test_a_fetch_completes_on_such_a_line(
    folder: BlobFolder, other: BlobFolder, bytes_max: int
) -> None:
    name, size = other.keep([BODY])
    line = BreakingLine(bytes_max)
    remote = behind(line, MemoryBlobs({name: BODY}))
    repeat(lambda bytes: fetch_once(folder, remote, name, size, chunk_bytes=bytes))
    assert folder.is_intact(name)
    assert line.sent < 2.6 * size


def test_a_fetch_goes_on_where_it_was_killed(folder: BlobFolder, other: BlobFolder) -> None:
    name, size = other.keep([BODY])
    central = MemoryBlobs({name: BODY})
    first = fetch_once(folder, central, name, size, chunk_bytes=MB)
    again = BlobFolder(folder.root)
    assert fetch_once(again, central, name, size, chunk_bytes=MB).have == 2 * first.have
    repeat(lambda bytes: fetch_once(again, central, name, size, chunk_bytes=bytes))
    assert again.read(name, 0, size) == BODY


def test_wrong_bytes_are_dropped_on_arrival_and_asked_for_again(
    folder: BlobFolder, other: BlobFolder
) -> None:
    name, size = other.keep([BODY])
    wrong = MemoryBlobs({name: BODY[:-1] + b"?"})
    with pytest.raises(DamagedBlob):
        repeat(lambda bytes: fetch_once(folder, wrong, name, size, chunk_bytes=bytes))
    assert folder.size(name) is None
    right = MemoryBlobs({name: BODY})
    repeat(lambda bytes: fetch_once(folder, right, name, size, chunk_bytes=bytes))
    assert folder.is_intact(name)


def test_what_is_here_is_not_fetched(folder: BlobFolder) -> None:
    name, size = folder.keep([BODY])
    line = BreakingLine(10**9)
    remote = behind(line, MemoryBlobs())
    assert fetch_once(folder, remote, name, size, chunk_bytes=MB).whole
    assert line.sent == 0


def test_what_central_lacks_is_said_and_leaves_nothing(folder: BlobFolder) -> None:
    name = "sha256:" + "0" * 64
    with pytest.raises(BlobLacking):
        fetch_once(folder, MemoryBlobs(), name, 100, chunk_bytes=MB)
    assert folder.part_size(name) == 0


def test_chunks_shrink_to_what_gets_through_and_grow_again() -> None:
    chunk = ChunkSize()
    for _ in range(20):
        chunk.failed()
    assert chunk.bytes == CHUNK_BYTES_MIN
    for _ in range(20):
        chunk.worked()
    assert chunk.bytes == CHUNK_BYTES_MAX


def test_no_step_sends_more_than_a_chunk(folder: BlobFolder) -> None:
    name, _ = folder.keep([BODY])
    sizes: list[int] = []
    central = MemoryBlobs(before=lambda verb, size: sizes.append(size))
    with suppress(AssertionError):
        upload(folder, central, name)
    assert max(sizes) == CHUNK_BYTES_MAX
