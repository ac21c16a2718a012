"""What a store does once a subject is forgotten (``cases.forgotten``): no key of it stays.

It happens where the subject is folded, in the same transaction: so a key that comes late, again or
from a backup is dropped by the rule by which the first one was. SQLite overwrites what it deletes
(``sync.db``), and its log, which still has the page as it was, is emptied with the next checkpoint.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlite_utils import Database

from cases.folded import Folded
from cases.forgotten import is_forgotten
from cases.states import VisitState
from sync.db import BUSY_TIMEOUT_MS, write
from sync.merging import listed

_AMONG = (
    "SELECT s.number FROM json_each(?) c CROSS JOIN subjects s ON s.number=c.value WHERE s.state=?"
)
WIPE = "wipe-log"  # the cursor that says that the log holds what was dropped


def forgotten_among(db: Database, numbers: Iterable[str]) -> set[str]:
    """Which of these subjects are forgotten, as far as this store knows."""
    asked = [listed(sorted(numbers)), VisitState.FORGOTTEN.value]
    return {number for (number,) in db.execute(_AMONG, asked)}


def drop_keys(db: Database, folded: Iterable[Folded]) -> None:
    """Drop the keys of what is forgotten, inside the transaction that folds it."""
    gone = [one.number for one in folded if is_forgotten(one)]
    if not gone:
        return
    done = db.execute(
        "DELETE FROM keys WHERE subject IN (SELECT value FROM json_each(?))", [listed(gone)]
    )
    if done.rowcount:
        db.execute("INSERT OR REPLACE INTO cursors VALUES (?, hex(randomblob(8)))", [WIPE])


def wipe_log(db: Database) -> None:
    """Empty the write-ahead log if it holds a key that was dropped; behind a checkpoint.

    Nobody is made to wait for it: whoever reads or writes at this moment puts it off to the next.
    """
    due = db.execute("SELECT value FROM cursors WHERE name=?", [WIPE]).fetchone()
    if due is None:
        return
    db.conn.execute("PRAGMA busy_timeout=0")
    try:
        (busy, *_) = db.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    finally:
        db.conn.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    if not busy:
        with write(db):  # unless something was dropped again meanwhile
            db.execute("DELETE FROM cursors WHERE name=? AND value=?", [WIPE, *due])
