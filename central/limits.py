"""How often somebody may try: wrong last fours, and forms sent from one place.

Kept in ``portal.db``, so that every process of this host counts together. From the last free try
on each wrong one waits twice as long as the one before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlite_utils import Database

from cases.times import from_text, to_text
from courier.proofs import WRONG_MAX
from sync.db import write

KEPT_FOR = timedelta(days=2)
DOUBLINGS_MAX = 7


@dataclass(frozen=True)
class Limit:
    """So many tries are free; then the wait, doubling. Forgotten after two quiet days."""

    free: int
    wait_seconds: int


WRONG_FOR_SUBJECT = Limit(5, 15 * 60)
# The keys of these bear the hour, so they count by the hour: a whole point shares one address.
WRONG_FROM_ADDRESS = Limit(20, 15 * 60)
WRONG_PROOF = Limit(WRONG_MAX, 24 * 3600)  # its keys bear the day
TYPED_BY_COURIER = Limit(60, 10 * 60)
FILLED_FROM_ADDRESS = Limit(120, 10 * 60)
FILLED_FOR_CASE = Limit(10, 10 * 60)
GIVEN_FOR_CASE = Limit(40, 10 * 60)
FILLED_FOR_POINT = Limit(300, 10 * 60)
PHOTOS_BEFORE_SENDING = Limit(2_000, 60)  # of all applications from home, in an hour


def wait_seconds(db: Database, now: str, *keys: str) -> int:
    """The seconds until all of these keys may try again; 0 if at once."""
    longest = 0.0
    for key in keys:
        row = db.execute("SELECT free_at FROM tries WHERE key=?", [key]).fetchone()
        if row:
            longest = max(longest, (from_text(row[0]) - from_text(now)).total_seconds())
    return int(longest + 0.999) if longest > 0 else 0


def take_try(db: Database, now: str, tries: Mapping[str, Limit]) -> int:
    """Take one try of each key before it is known how it ends. :returns: 0, or the seconds to wait.

    Looking and counting are one transaction: who sends many at once has no more tries than others.
    A try that was right is given back (:func:`give_back`).
    """
    with write(db):
        wait = wait_seconds(db, now, *tries)
        if not wait:
            for key, limit in tries.items():
                _count(db, now, key, limit)
    return wait


def give_back(db: Database, now: str, key: str, limit: Limit) -> None:
    """Take back one try, which was a right one; the wait that others ran into stays."""
    with write(db):
        db.execute(
            "UPDATE tries SET count=count-1, free_at=iif(count<=?, ?, free_at)"
            " WHERE key=? AND count>0",
            [limit.free, now, key],
        )


def count(db: Database, now: str, key: str, limit: Limit) -> None:
    """Count one try that may not be repeated without end."""
    with write(db):
        _count(db, now, key, limit)


def _count(db: Database, now: str, key: str, limit: Limit) -> None:
    row = db.execute("SELECT count, last FROM tries WHERE key=?", [key]).fetchone()
    old = to_text(from_text(now) - KEPT_FOR)
    tried = (row[0] if row and row[1] > old else 0) + 1
    doublings = min(tried - limit.free, DOUBLINGS_MAX)
    wait = limit.wait_seconds * 2**doublings if doublings >= 0 else 0
    free_at = to_text(from_text(now) + timedelta(seconds=wait))
    db.execute("INSERT OR REPLACE INTO tries VALUES (?, ?, ?, ?)", [key, tried, now, free_at])


def forget(db: Database, key: str) -> None:
    """Start afresh after a right one."""
    with write(db):
        db.execute("DELETE FROM tries WHERE key=?", [key])


def forget_old_tries(db: Database, now: str) -> None:
    """Drop what was last tried long ago."""
    with write(db):
        old = to_text(from_text(now) - KEPT_FOR)
        db.execute("DELETE FROM tries WHERE last<? AND free_at<?", [old, now])
