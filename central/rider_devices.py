"""Which phone each courier works on: bound at the first sign-in, released by a supervisor.

In ``portal.db``. A phone that is released is forgotten at once, and with it every session on it:
each request asks here.
"""

from __future__ import annotations

from dataclasses import dataclass

from central.context import now, portal_db
from sync.db import write

SCHEMA = """
CREATE TABLE IF NOT EXISTS courier_devices (account TEXT PRIMARY KEY, device TEXT NOT NULL,
  since TEXT NOT NULL, seen TEXT NOT NULL) STRICT, WITHOUT ROWID
"""
_EXISTS = "SELECT 1 FROM sqlite_master WHERE type='table' AND name='courier_devices'"


@dataclass(frozen=True)
class Bound:
    """An account's phone: since when it is theirs, when they were last at work on it."""

    account: str
    since: str
    seen: str


class PortalDevices:
    """The phones of the couriers, for the request at hand."""

    def bind(self, account: str, device: str) -> bool:
        """Whether this phone is the account's now: it becomes so where the account had none."""
        with write(portal_db()) as db:
            db.execute(SCHEMA)
            row = [account, device, now(), now()]
            db.execute("INSERT OR IGNORE INTO courier_devices VALUES (?, ?, ?, ?)", row)
        return self.holds(account, device)

    def holds(self, account: str, device: str) -> bool:
        """Whether the account is bound to this very phone."""
        query = "SELECT 1 FROM courier_devices WHERE account=? AND device=?"
        return _is_there() and bool(portal_db().execute(query, [account, device]).fetchone())

    def seen(self, account: str) -> None:
        """Note that the account is at work on its phone."""
        if _is_there():
            with write(portal_db()) as db:
                db.execute("UPDATE courier_devices SET seen=? WHERE account=?", [now(), account])


def bound() -> dict[str, Bound]:
    """The phones that are bound, by account."""
    if not _is_there():
        return {}
    rows = portal_db().execute("SELECT account, since, seen FROM courier_devices").fetchall()
    return {row[0]: Bound(*row) for row in rows}


def release(account: str, supervisor: str) -> bool:
    """Let an account sign in on another phone; its sessions end. :returns: whether it had one."""
    if not _is_there():
        return False
    with write(portal_db()) as db:
        gone = db.execute("DELETE FROM courier_devices WHERE account=?", [account]).rowcount
        if gone:
            row = [now(), supervisor, account, "解绑手机"]
            db.execute("INSERT INTO showings VALUES (?, ?, ?, ?)", row)
    return bool(gone)


def _is_there() -> bool:
    return bool(portal_db().execute(_EXISTS).fetchone())
