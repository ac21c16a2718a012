"""Blobs on a disk: killed at any moment, torn, full; what has a name has that hash."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cases.scans import BLOB_BYTES_MAX
from sync.blobs.folder import BlobError, BlobFolder, DamagedBlob, WrongPlace

BODY = b"sealed bytes " * 1000
NAME = "sha256:" + hashlib.sha256(BODY).hexdigest()


class Killed(BaseException):
    """The process is gone: nothing of it runs any more, no handler either."""


@pytest.fixture
def folder(tmp_path: Path) -> BlobFolder:
    return BlobFolder(tmp_path / "blobs")


def everything(folder: BlobFolder) -> list[Path]:
    return [path for path in folder.root.rglob("*") if path.is_file()]


def test_what_is_kept_is_named_by_its_hash_and_read_in_ranges(folder: BlobFolder) -> None:
    assert folder.keep([BODY[:5], BODY[5:]]) == (NAME, len(BODY))
    assert folder.size(NAME) == len(BODY)
    assert folder.read(NAME, 7, 6) == BODY[7:13]
    assert folder.path(NAME).parent.name == NAME[7:9]
    assert list(folder.names()) == [NAME]
    assert folder.is_intact(NAME)


def test_the_same_blob_is_kept_once(folder: BlobFolder) -> None:
    for _ in range(3):
        folder.keep([BODY])
    assert len(everything(folder)) == 1


def steps_of_storing(monkeypatch: pytest.MonkeyPatch, die_at: int) -> Callable[[], int]:
    """Let the process die at the given call of what changes the disk. :returns: how many came."""
    count = 0

    def deadly(call: Callable[..., Any]) -> Callable[..., Any]:
        def called(*given: Any, **named: Any) -> Any:
            nonlocal count
            count += 1
            if count == die_at:
                raise Killed
            return call(*given, **named)

        return called

    monkeypatch.setattr(os, "fsync", deadly(os.fsync))
    for name in ("replace", "mkdir", "open"):
        monkeypatch.setattr(Path, name, deadly(getattr(Path, name)))
    return lambda: count


def pieces_that_die_at(at: int) -> Iterator[bytes]:
    for place in range(10):
        if place == at:
            raise Killed
        yield BODY[place * 1300 : (place + 1) * 1300]


@pytest.mark.parametrize("at", range(1, 10))
def test_killed_between_any_two_writes_of_storing_nothing_half_has_a_name(
    folder: BlobFolder, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    with monkeypatch.context() as patch:
        count = steps_of_storing(patch, at)
        try:
            folder.keep([BODY])
            finished = True
        except Killed:
            finished = False
    assert finished == (count() < at)
    assert all(folder.is_intact(name) for name in folder.names())
    assert folder.keep([BODY]) == (NAME, len(BODY))
    folder.sweep(before=float("inf"))
    assert everything(folder) == [folder.path(NAME)]


def test_the_steps_above_are_all_there_are(
    folder: BlobFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = steps_of_storing(monkeypatch, die_at=-1)
    folder.keep([BODY])
    assert 5 < count() < 10


@pytest.mark.parametrize("at", range(10))
def test_killed_while_writing_nothing_half_has_a_name(folder: BlobFolder, at: int) -> None:
    with pytest.raises(Killed):
        folder.keep(pieces_that_die_at(at))
    assert list(folder.names()) == []


def test_a_full_disk_leaves_nothing_behind(folder: BlobFolder) -> None:
    def full() -> Iterator[bytes]:
        yield BODY
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        folder.keep(full())
    assert everything(folder) == []


def test_what_is_longer_than_a_blob_may_be_is_not_kept(folder: BlobFolder) -> None:
    piece = bytes(8 * 1024 * 1024)
    with pytest.raises(BlobError, match="最多 64 MB"):
        folder.keep(piece for _ in range(BLOB_BYTES_MAX // len(piece) + 1))
    assert everything(folder) == []


def test_chunks_are_taken_only_where_the_last_one_ended(folder: BlobFolder) -> None:
    assert folder.append(NAME, 0, BODY[:4000]) == 4000
    for wrong in (0, 3999, 4001, len(BODY)):
        with pytest.raises(WrongPlace) as place:
            folder.append(NAME, wrong, BODY[4000:])
        assert place.value.have == 4000
    assert folder.size(NAME) is None
    folder.append(NAME, 4000, BODY[4000:])
    folder.finish(NAME)
    assert folder.is_intact(NAME)
    assert everything(folder) == [folder.path(NAME)]


def test_chunks_that_make_another_hash_are_dropped_and_it_begins_anew(folder: BlobFolder) -> None:
    folder.append(NAME, 0, BODY[:-1] + b"X")
    with pytest.raises(DamagedBlob, match="已丢弃"):
        folder.finish(NAME)
    assert folder.part_size(NAME) == 0
    folder.append(NAME, 0, BODY)
    folder.finish(NAME)
    assert folder.is_intact(NAME)


@pytest.mark.parametrize("at", range(1, 6))
def test_killed_while_finishing_it_is_finished_the_next_time(
    folder: BlobFolder, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    folder.append(NAME, 0, BODY)
    with monkeypatch.context() as patch:
        steps_of_storing(patch, at)
        with pytest.raises(Killed):
            folder.finish(NAME)
    if folder.size(NAME) is None:
        assert folder.part_size(NAME) == len(BODY)
        folder.finish(NAME)
    assert folder.is_intact(NAME)


def test_a_damaged_blob_is_noticed(folder: BlobFolder) -> None:
    folder.keep([BODY])
    folder.path(NAME).write_bytes(BODY[:-1] + b"?")
    assert not folder.is_intact(NAME)
    folder.drop(NAME)
    assert not folder.is_intact(NAME)


@pytest.mark.parametrize(
    "name", ["", "sha256:", "../../etc/passwd", "sha256:" + "A" * 64, "sha256:/" + "a" * 63]
)
def test_what_is_no_name_leads_nowhere_on_the_disk(folder: BlobFolder, name: str) -> None:
    for ask in (folder.path, folder.size, folder.part_size, folder.drop, folder.is_intact):
        with pytest.raises(BlobError, match="不是扫描件的名字"):
            ask(name)


def test_only_what_was_left_unfinished_long_ago_is_swept(folder: BlobFolder) -> None:
    folder.keep([BODY])
    folder.append("sha256:" + "0" * 64, 0, b"old")
    folder.append("sha256:" + "1" * 64, 0, b"young")
    old = folder.root / "part" / ("0" * 64)
    os.utime(old, (1_000, 1_000))
    assert folder.sweep(before=2_000) == 1
    assert not old.exists()
    assert folder.part_size("sha256:" + "1" * 64) == 5
    assert folder.is_intact(NAME)
