"""The power goes in the middle of a commit: the case is whole or wholly absent, byte by byte.

A commit in write-ahead mode is a stretch of the log. What a power cut leaves of it is simulated by
cutting a copy of the log: after every byte of the stretch, and with noise where the rest was.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import pytest
from pysqlite3 import dbapi2 as sqlite3

from sync.verify import verify
from tests.sync.cast import ROOT, Desk, desk, dump

PAGE_BYTES = 512  # the smallest there is: the same commit, in fewer bytes
FRAME_BYTES = PAGE_BYTES + 24
TABLES = ("events", "subjects", "links", "words", "trackings", "keys", "cursors", "operations")
COUNTS = " UNION ALL ".join(f"SELECT count(*) FROM {name}" for name in TABLES)  # noqa: S608 - ours
LAST = "SELECT number FROM subjects WHERE kind='case' ORDER BY number DESC LIMIT 1"


@dataclass
class Crash:
    """A desk that received three cases, and its log before and after the third."""

    desk: Desk
    numbers: list[str]
    begin: int
    log: bytes
    before: dict[str, list[Any]]
    after: dict[str, list[Any]]

    def leave(self, folder: Path, log: bytes) -> Path:
        """What the disk holds when the power is back: the data file and this much of the log."""
        folder.mkdir(exist_ok=True)
        data = folder / "lin.db"
        shutil.copyfile(self.desk.path, data)
        data.with_name("lin.db-wal").write_bytes(log)
        data.with_name("lin.db-shm").unlink(missing_ok=True)
        return data

    def reopened(self, data: Path) -> Desk:
        """The same desk, as its program finds it at the next start."""
        return Desk(data, box=self.desk.box, signer=self.desk.signer, clock=self.desk.clock)


def log_of(desk: Desk) -> bytes:
    return desk.path.with_name(f"{desk.path.name}-wal").read_bytes()


@pytest.fixture(scope="module")
def crash(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crash]:
    path = tmp_path_factory.mktemp("power") / "lin.db"
    with sqlite3.connect(str(path)) as conn:
        conn.execute(f"PRAGMA page_size={PAGE_BYTES}")
        conn.execute("VACUUM")
    conn.close()
    with desk(path) as lin:
        lin.store.db.conn.execute("PRAGMA wal_autocheckpoint=0")
        numbers = [lin.receive(), lin.receive()]
        begin, before = len(log_of(lin)), dump(lin.store)
        numbers.append(lin.receive())
        yield Crash(lin, numbers, begin, log_of(lin), before, dump(lin.store))


def test_the_commit_is_a_stretch_of_the_log(crash: Crash) -> None:
    stretch = len(crash.log) - crash.begin
    assert stretch >= 10 * FRAME_BYTES
    assert stretch % FRAME_BYTES == 0


def test_cut_after_any_byte_the_last_case_is_absent_and_all_before_it_is_there(
    crash: Crash, tmp_path: Path
) -> None:
    data = crash.leave(tmp_path, crash.log)
    log, index = data.with_name("lin.db-wal"), data.with_name("lin.db-shm")
    found = []
    for end in range(len(crash.log), crash.begin - 1, -1):
        os.truncate(log, end)
        index.unlink(missing_ok=True)
        conn = sqlite3.connect(f"file:{data}?mode=ro", uri=True)  # leaves file and log alone
        counts = tuple(n for (n,) in conn.execute(COUNTS))
        found.append((counts, conn.execute(LAST).fetchone()[0]))
        conn.close()
    whole, absent = (tuple(len(h[name]) for name in TABLES) for h in (crash.after, crash.before))
    assert found[0] == (whole, crash.numbers[2]), "what was acknowledged is in the full log"
    assert set(found[1:]) == {(absent, crash.numbers[1])}
    assert len(found) == len(crash.log) - crash.begin + 1


def edges(crash: Crash) -> Iterator[int]:
    """The ends that SQLite may see as something: those of frames, and one byte to either side."""
    for frame in range(crash.begin, len(crash.log) + 1, FRAME_BYTES):
        yield from (end for end in (frame - 1, frame, frame + 1) if crash.begin <= end)


@pytest.mark.parametrize("rest", ["cut", "noise", "zeros"])
def test_the_program_opens_what_is_left_proves_it_and_goes_on(
    crash: Crash, tmp_path: Path, rest: str
) -> None:
    chance, full = Random(rest), len(crash.log)  # noqa: S311 - noise, no secret
    for end in (e for e in edges(crash) if e <= full):
        tail = {"cut": b"", "noise": chance.randbytes(full - end), "zeros": bytes(full - end)}
        log = crash.log[:end] + tail[rest]
        lin = crash.reopened(crash.leave(tmp_path, log))
        whole = log == crash.log  # its last byte may be a zero anyway
        assert dump(lin.store) == (crash.after if whole else crash.before), f"{rest} at {end}"
        assert list(verify(lin.store, ROOT.public, whole=lin.author)) == []
        number = lin.receive()
        assert (number in crash.numbers) is not whole, "a number is free again if nobody saw it"
        assert list(verify(lin.store, ROOT.public, whole=lin.author)) == []
        lin.store.close()


def test_a_page_that_never_reached_the_disk_takes_its_whole_commit_with_it(
    crash: Crash, tmp_path: Path
) -> None:
    """Sectors are not written in order: a hole anywhere in the stretch undoes all of it."""
    for start in range(crash.begin, len(crash.log), FRAME_BYTES):
        log = bytearray(crash.log)
        log[start + 24 : start + FRAME_BYTES] = bytes(PAGE_BYTES)
        lin = crash.reopened(crash.leave(tmp_path, bytes(log)))
        assert dump(lin.store) == crash.before, f"a hole at {start}"
        lin.store.close()
