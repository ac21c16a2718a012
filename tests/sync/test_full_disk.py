"""A disk that is full, read-only or busy: named, nothing half-written, and it goes on later."""

from __future__ import annotations

import os
import resource
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from sync.db import require_writable, write
from sync.errors import (
    DoorstepError,
    StorageBroken,
    StorageBusy,
    StorageError,
    StorageFull,
    StorageReadOnly,
)
from sync.seal import Box
from sync.store import Store
from sync.verify import verify
from tests.sync.cast import ROOT, Desk, dump

NOBODY = 65534


@contextmanager
def file_bytes_max(limit: int) -> Iterator[None]:
    """No file of this process may grow beyond that: what a full disk does, at any byte."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def log_bytes(desk: Desk) -> int:
    return desk.path.with_name(f"{desk.path.name}-wal").stat().st_size


def require_sound(desk: Desk) -> None:
    assert list(verify(desk.store, ROOT.public, whole=desk.author)) == []


def test_however_little_room_the_log_has_nothing_is_half_written(lin: Desk) -> None:
    lin.receive()
    before, room, number = dump(lin.store), 0, ""
    while not number:
        with suppress(StorageFull, StorageBroken), file_bytes_max(log_bytes(lin) + room):
            number = lin.receive()
        room += 1031
        assert number or dump(lin.store) == before
    assert room > 10 * 1031
    assert lin.store.case(number) is not None, "the same connection goes on once there is room"
    require_sound(lin)


def test_however_few_pages_the_file_may_have_nothing_is_half_written(lin: Desk) -> None:
    (pages,) = lin.store.db.execute("PRAGMA page_count").fetchone()
    before, refused, numbers = dump(lin.store), list[str](), list[str]()
    while not numbers:
        lin.store.db.execute(f"PRAGMA max_page_count={pages + len(refused)}").fetchone()
        try:
            with lin.writing() as w:
                numbers = [lin.receive(w) for _ in range(12)]
        except StorageFull as error:
            refused.append(str(error))
        assert numbers or dump(lin.store) == before
    assert len(refused) > 5
    assert all("磁盘满了" in said for said in refused)
    assert all(lin.store.case(number) for number in numbers)
    require_sound(lin)


def test_a_checkpoint_that_finds_no_room_loses_nothing_and_is_made_later(lin: Desk) -> None:
    for _ in range(20):
        lin.receive()
    before = dump(lin.store)
    with file_bytes_max(lin.path.stat().st_size), pytest.raises(StorageError):
        lin.store.checkpoint()
    assert dump(lin.store) == before
    lin.store.checkpoint()
    lin.reopen()
    assert dump(lin.store) == before


def test_a_file_that_cannot_even_be_opened_for_lack_of_room_is_not_called_damaged(
    tmp_path: Path,
) -> None:
    with file_bytes_max(0), pytest.raises(StorageError) as found:
        Store(tmp_path / "new.db", Box.new(), str)
    assert found.value.retry
    assert "磁盘" in str(found.value)
    assert "备份" not in str(found.value)


def test_a_file_that_another_process_holds_is_said_to_be_busy(
    lin: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = lin.connect()
    monkeypatch.setattr("sync.db.BUSY_TIMEOUT_MS", 10)
    with lin.writing() as w:
        number = lin.receive(w)
        with pytest.raises(StorageBusy), write(other.db):
            raise AssertionError("two at once")
    assert other.case(number) is not None
    with write(other.db):
        other.set_cursor("x", "1")
    other.close()


def test_a_store_that_may_not_be_written_is_still_read(lin: Desk) -> None:
    number = lin.receive()
    lin.store.db.execute("PRAGMA query_only=ON")
    with pytest.raises(StorageReadOnly, match="数据目录不能写入"):
        lin.receive()
    assert lin.store.case(number) is not None


def test_other_failures_keep_their_own_names(lin: Desk) -> None:
    with pytest.raises(Exception, match="no such table") as found, write(lin.store.db) as db:
        db.execute("INSERT INTO nowhere VALUES (1)")
    assert not isinstance(found.value, DoorstepError)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that another account of this machine can reach, unlike pytest's."""
    folder = Path(tempfile.mkdtemp(prefix="doorstep-read-only-"))
    folder.chmod(0o755)
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


def as_somebody_else(folder: Path) -> str:
    """Open the store in a process that may only read. :returns: what it was told."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        with suppress(BaseException):
            if os.geteuid() == 0:
                os.setuid(NOBODY)
            os.write(writing, told(folder).encode())
        os._exit(0)
    os.close(writing)
    with open(reading, encoding="utf-8") as pipe:
        said = pipe.read()
    os.waitpid(child, 0)
    return said


def told(folder: Path) -> str:
    found = []
    for ask in (
        lambda: Store(folder / "node.db", Box.new(), str),
        lambda: require_writable(folder),
    ):
        try:
            ask()
            found.append("nothing")
        except StorageReadOnly as error:
            found.append(str(error))
    return "\n".join(found)


def test_a_folder_that_may_not_be_written_is_said_at_the_start(open_folder: Path) -> None:
    Store(open_folder / "node.db", Box.new(), str).close()
    (open_folder / "node.db").chmod(0o444)
    open_folder.chmod(0o555)
    lines = as_somebody_else(open_folder).splitlines()
    assert len(lines) == 2
    for line in lines:
        assert line.startswith(str(open_folder))
        assert "数据目录不能写入" in line
