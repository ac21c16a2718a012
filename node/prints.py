"""The log of printed papers: which copy, when, by whom.

A receipt is named by its case's number, another paper by the event that issued it.
"""

from __future__ import annotations

from node.local import Local
from sync.db import write

SCHEMA = """
CREATE TABLE IF NOT EXISTS prints (
  number TEXT NOT NULL, copy INTEGER NOT NULL, at TEXT NOT NULL, actor TEXT NOT NULL,
  PRIMARY KEY (number, copy)) STRICT, WITHOUT ROWID
"""


def note_print(local: Local, number: str, actor: str) -> int:
    """Note that a paper is printed. :returns: which copy this is, 1 for the first."""
    with write(local.store.db) as db:
        copy = copies(local, number) + 1
        db.execute("INSERT INTO prints VALUES (?, ?, ?, ?)", [number, copy, local.now(), actor])
    return copy


def copies(local: Local, number: str) -> int:
    """How many copies of a paper were printed at this PC."""
    row = local.store.db.execute(
        "SELECT coalesce(max(copy), 0) FROM prints WHERE number=?", [number]
    ).fetchone()
    return int(row[0])
