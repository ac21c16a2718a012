"""Batches of waybills: named and counted in one transaction, drawn in the background.

The window states each copy as printed together with the batch itself: all of it is there or none.
What is left is to draw a file, which changes nothing and may begin again: whoever is killed in the
middle, the next one makes the same file. The agent draws (``print_loop``), so that no page waits.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import msgspec

from cases.states import ParcelState
from cases.times import from_text, to_text
from labels.sheets import formats
from labels.waybill import Waybill, waybills
from node.local import Local, Node
from node.waybills import CannotPrint, waybill_of
from sync.db import write
from sync.writing import Writing

SCHEMA = """
CREATE TABLE IF NOT EXISTS print_jobs (
  op TEXT PRIMARY KEY, at TEXT NOT NULL, actor TEXT NOT NULL, sheet TEXT NOT NULL,
  first INTEGER NOT NULL, parcels TEXT NOT NULL, drawn INTEGER NOT NULL DEFAULT 0,
  tries INTEGER NOT NULL DEFAULT 0, done INTEGER NOT NULL DEFAULT 0,
  problem TEXT NOT NULL DEFAULT '') STRICT, WITHOUT ROWID
"""
_EXISTS = "SELECT 1 FROM sqlite_master WHERE type='table' AND name='print_jobs'"
_COLUMNS = "op, at, actor, sheet, first, parcels, drawn, tries, done, problem"
BATCH_MAX = 500
TRIES_MAX = 3  # one that brings its process down must not do so for ever
SHOWN_MAX = 5
KEPT_FOR = timedelta(days=1)
FOLDER = "prints"
TOLD_EVERY = 20  # labels: so often it is written how far the drawing is


@dataclass(frozen=True)
class Job:
    """One batch: which parcels, on which paper, how many are drawn."""

    op: str
    at: str
    actor: str
    sheet: str
    first: int
    parcels: tuple[str, ...]
    drawn: int = 0
    tries: int = 0
    done: bool = False
    problem: str = ""


def begin(w: Writing, op: str, actor: str, sheet: str, first: int, parcels: Iterable[str]) -> None:
    """Enter a batch, in the transaction that states its copies as printed."""
    w.store.db.execute(
        "INSERT INTO print_jobs (op, at, actor, sheet, first, parcels) VALUES (?, ?, ?, ?, ?, ?)",
        [op, w.at, actor, sheet, first, msgspec.json.encode(list(parcels)).decode()],
    )


def job(local: Local, op: str) -> Job | None:
    """A batch by the operation that made it, or None."""
    found = _jobs(local, "WHERE op=?", [op])
    return found[0] if found else None


def lately(local: Local) -> list[Job]:
    """The batches whose file is still kept, the last one first."""
    since = to_text(from_text(local.now()) - KEPT_FOR)
    return _jobs(local, "WHERE at>=? ORDER BY at DESC LIMIT ?", [since, SHOWN_MAX])


def waiting(local: Local, *, more_than: int = 0) -> Job | None:
    """The oldest batch of more than so many that is not drawn yet."""
    found = _jobs(
        local,
        "WHERE done=0 AND json_array_length(parcels)>? ORDER BY at, op LIMIT 1",
        [more_than],
    )
    return found[0] if found else None


def _jobs(local: Local, where: str, values: list[object]) -> list[Job]:
    db = local.store.db
    if not db.execute(_EXISTS).fetchone():
        return []  # the window, which makes the table, has not started yet
    rows = db.execute(f"SELECT {_COLUMNS} FROM print_jobs {where}", values).fetchall()  # noqa: S608 - our own names
    return [
        Job(op, at, actor, sheet, first, tuple(msgspec.json.decode(parcels)), drawn, tries,
            bool(done), problem)
        for op, at, actor, sheet, first, parcels, drawn, tries, done, problem in rows
    ]  # fmt: skip


def file_of(node: Node, op: str) -> Path:
    """Where a batch's file lies once it is drawn."""
    return node.config.data / FOLDER / f"{op}.pdf"


def draw(local: Local, one: Job) -> None:
    """Draw a batch's file and say so. It may be done twice: the file is the same."""
    if one.tries >= TRIES_MAX:
        return _finish(local, one, 0, "这一批做了几次都没有做成，请打开每个邮件单独打印")
    _tell(local, one.op, "tries=tries+1, drawn=0", [])
    batch, left = _labels(local, one)

    def progress(drawn: int) -> None:
        if drawn % TOLD_EVERY == 0:
            _tell(local, one.op, "drawn=?", [drawn])

    if batch:
        sheet = formats().sheet(one.sheet)
        first = one.first if one.first < sheet.labels else 0
        _keep(file_of(local.node, one.op), waybills(batch, sheet, first=first, progress=progress))
    return _finish(local, one, len(batch), "；".join(left))


def _labels(local: Local, one: Job) -> tuple[list[Waybill], list[str]]:
    """The labels of a batch in their first copy, and why some are left out."""
    batch, left = [], []
    for number in one.parcels:
        parcel = local.store.parcel(number)
        if parcel is None or parcel.state is ParcelState.CANCELLED:
            left.append(f"{number} 已取消")
            continue
        try:
            batch.append(replace(waybill_of(local, parcel), copy=1))
        except (CannotPrint, ValueError) as problem:
            left.append(str(problem))
    return batch, left


def _keep(path: Path, content: bytes) -> None:
    """Put the file in its place whole, or not at all."""
    path.parent.mkdir(mode=0o700, exist_ok=True)
    spare = path.with_suffix(f".{os.getpid()}")
    spare.write_bytes(content)
    spare.replace(path)


def _finish(local: Local, one: Job, drawn: int, problem: str) -> None:
    _tell(local, one.op, "drawn=?, done=1, problem=?", [drawn, problem])


def _tell(local: Local, op: str, what: str, values: list[object]) -> None:
    with write(local.store.db) as db:
        db.execute(f"UPDATE print_jobs SET {what} WHERE op=?", [*values, op])  # noqa: S608 - our own words


def tidy(local: Local) -> None:
    """Forget the batches whose time is over, and their files."""
    old = to_text(from_text(local.now()) - KEPT_FOR)
    for one in _jobs(local, "WHERE at<? LIMIT 100", [old]):
        file_of(local.node, one.op).unlink(missing_ok=True)
        with write(local.store.db) as db:
            db.execute("DELETE FROM print_jobs WHERE op=?", [one.op])
