"""Waiting for what another connection writes to the same file, without asking its tables.

SQLite counts the commits of others for each connection (``data_version``): a look costs a few
microseconds, so that the agent hears of a reception at once and still does nothing at rest.
"""

from __future__ import annotations

import threading
from time import monotonic

from sqlite_utils import Database

LOOK_S = 0.02


class Watch:
    """What one connection has noticed so far. Make it before the first look at the tables."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._seen = self._version()

    def wait(self, stop: threading.Event, seconds: float) -> bool:
        """Wait until something was written since the last wait, or it is time, or we must stop.

        :returns: whether something was written.
        """
        until = monotonic() + seconds
        while True:
            now = self._version()
            if now != self._seen:
                self._seen = now
                return True
            left = until - monotonic()
            if left <= 0 or stop.wait(min(LOOK_S, left)):
                return False

    def _version(self) -> int:
        version: int = self._db.conn.execute("PRAGMA data_version").fetchone()[0]
        return version
