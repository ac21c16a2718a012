"""Scans attached during reception, before there is a case: kept sealed on this PC with the draft.

A blob is bound to its subject, and a draft has none yet: it is bound to the draft's operation. When
the case is received, each scan is sealed anew under the case's number and stated in the same
transaction; thrown away or forgotten, it goes with its draft.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO
from typing import IO, Any

from cases.fields import BadField
from cases.scans import SCANNED, described
from cases.times import from_text, to_text
from node.drafts import KEPT_FOR
from node.local import Local
from sync.blobs.book import BlobBook
from sync.blobs.folder import BlobFolder
from sync.blobs.seal import new_blob_key, seal_blob, unseal_blob
from sync.canonical import canonical, decode
from sync.db import write
from sync.scan_files import FILE_CHARS_MAX, ScanFile, facts_of, prepared
from sync.seal import CannotUnseal, new_key, seal, unseal
from sync.writing import Writing

SCHEMA = """
CREATE TABLE IF NOT EXISTS draft_scans (
  n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, op TEXT NOT NULL, actor TEXT NOT NULL,
  at TEXT NOT NULL, position INTEGER NOT NULL, blob TEXT NOT NULL, size INTEGER NOT NULL,
  media TEXT NOT NULL, pages INTEGER NOT NULL, wrap BLOB NOT NULL, sealed BLOB NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS draft_scans_op ON draft_scans (op)
"""
FOLDER = "draft-blobs"
SCANS_MAX = 20  # of one draft
TOO_MANY = f"收件时最多附 {SCANS_MAX} 份扫描件，其余的收件以后在办件页附上。"
_COLUMNS = "id, op, actor, at, position, blob, size, media, pages, wrap, sealed"


@dataclass(frozen=True)
class DraftScan:
    """One scan of a draft. ``file`` and ``key`` are as its event will seal them."""

    id: str
    op: str
    position: int
    blob: str
    size: int
    media: str
    pages: int
    file: str
    key: str

    @property
    def words(self) -> str:
        """What it is, as the page says it."""
        return described(self.media, self.size, self.pages)

    @property
    def is_picture(self) -> bool:
        """Whether it can be shown small."""
        return self.media.startswith("image/")


def folder(local: Local) -> BlobFolder:
    """Where the scans of drafts lie, apart from what travels."""
    return BlobFolder(local.node.config.data / FOLDER)


def keep(local: Local, op: str, actor: str, *, plain: IO[bytes], file: str, position: int) -> None:
    """Keep a scan with a draft. :raises BadField: it is no file of ours, or there are too many."""
    forget_old(local)
    if len(of_draft(local, op, actor)) >= SCANS_MAX:
        raise BadField("file", TOO_MANY, "Too many scans.")
    scan, key, at = prepared(plain), new_blob_key(), local.now()
    blob, size = folder(local).keep(seal_blob(key, op, scan.plain))
    wrapping, name = new_key(), file[-FILE_CHARS_MAX:] or scan.media
    sealed = canonical(seal(wrapping, op, {"file": name, "key": key}))
    row = [secrets.token_hex(8), op, actor, at, position, blob, size, scan.media, scan.pages,
           canonical(local.node.box.wrap(wrapping)), sealed]  # fmt: skip
    with write(local.store.db) as db:
        db.execute("INSERT INTO draft_scans VALUES (NULL,?,?,?,?,?,?,?,?,?,?,?)", row)


def of_draft(local: Local, op: str, actor: str) -> tuple[DraftScan, ...]:
    """The scans of one's own draft, the oldest first."""
    rows = local.store.db.execute(
        f"SELECT {_COLUMNS} FROM draft_scans WHERE op=? AND actor=? ORDER BY n",  # noqa: S608 - ours
        [op, actor],
    ).fetchall()
    return tuple(scan for scan in (_opened(local, row) for row in rows) if scan is not None)


def _opened(local: Local, row: tuple[Any, ...]) -> DraftScan | None:
    id, op, _, _, position, blob, size, media, pages, wrap, sealed = row
    try:
        key = local.node.box.unwrap([decode(wrap)])
        private = unseal(key, op, decode(sealed)) if key else None
    except CannotUnseal:
        return None
    if private is None:
        return None
    file, kept = str(private["file"]), str(private["key"])
    return DraftScan(id, op, position, blob, size, media, pages, file, kept)


def plain_of(local: Local, scan: DraftScan) -> BytesIO:
    """The file itself. :raises CannotUnseal, OSError: it cannot be read any more."""
    with folder(local).open(scan.blob) as sealed:
        return BytesIO(b"".join(unseal_blob(scan.key, scan.op, sealed)))


def remove(local: Local, op: str, actor: str, id: str) -> None:
    """Take back one scan of one's own draft."""
    gone = [scan for scan in of_draft(local, op, actor) if scan.id == id]
    with write(local.store.db) as db:
        db.execute("DELETE FROM draft_scans WHERE id=? AND op=? AND actor=?", [id, op, actor])
    drop_files(local, gone)


def drop_all(local: Local, op: str, actor: str) -> None:
    """Take back all scans of one's own draft, because it will not be sent."""
    gone = of_draft(local, op, actor)
    with write(local.store.db) as db:
        db.execute("DELETE FROM draft_scans WHERE op=? AND actor=?", [op, actor])
    drop_files(local, gone)


def forget_old(local: Local) -> None:
    """Forget the scans of drafts that are forgotten themselves."""
    before = to_text(from_text(local.now()) - KEPT_FOR)
    with write(local.store.db) as db:
        gone = db.execute("DELETE FROM draft_scans WHERE at<? RETURNING blob", [before]).fetchall()
    for (blob,) in gone:
        folder(local).drop(blob)


def drop_files(local: Local, gone: Iterable[DraftScan]) -> None:
    """Drop the files of scans that no row names any more."""
    for scan in gone:
        folder(local).drop(scan.blob)


@dataclass
class Moving:
    """The scans of a draft on their way into its case; files follow what the transaction did."""

    local: Local
    scans: tuple[DraftScan, ...]
    kept: list[str]

    def state(self, w: Writing, number: str, actor: str) -> None:
        """State each scan with its case, sealed under the case's number. In the transaction."""
        for scan in self.scans:
            key, file = new_blob_key(), ScanFile(plain_of(self.local, scan), scan.media, scan.pages)
            blob, size = self.local.node.blobs.keep(seal_blob(key, number, file.plain))
            self.kept.append(blob)
            data = facts_of(file, blob, size, scan.position)
            w.state(SCANNED, number, data, actor=actor, sealed={"file": scan.file, "key": key})
            BlobBook(w.store).store_here(blob, size)
        for scan in self.scans:
            w.store.db.execute("DELETE FROM draft_scans WHERE id=?", [scan.id])

    def done(self) -> None:
        """The case is there: the draft's own files go."""
        drop_files(self.local, self.scans)

    def undone(self) -> None:
        """The case is not there: nothing names what was sealed for it."""
        for blob in self.kept:
            self.local.node.blobs.drop(blob)


def moving(local: Local, op: str, actor: str) -> Moving:
    """What a draft has to give to its case."""
    return Moving(local, of_draft(local, op, actor), [])
