"""Numbers of the visits that posters announce: no two processes ever give the same one.

A process takes a four-character range for itself by writing a document that bears its name: if it
is there already, or a store of a point is called so, another range is taken.
"""

from __future__ import annotations

import secrets
import threading
from datetime import date

from cases.numbers import SERIAL_MAX, SUFFIX_ALPHABET, visit_number
from central.leases import LEASES
from sync.errors import Conflict
from sync.ports import Server
from sync.store import Store

TRIES_MAX = 20
FIRST_MAX = 8_000


class VisitNumbers:
    """Gives visit numbers; one a process, safe to share between threads.

    :param wish: the range to try first: the beginning of the process's author's suffix.
    """

    def __init__(self, wish: str) -> None:
        self._wish = wish[:4]
        self._suffix = ""
        self._serial = 0
        self._lock = threading.Lock()

    def next(self, server: Server, store: Store, point_number: int, day: date, now: str) -> str:
        """A new number. :raises RemoteError: no range could be taken yet."""
        with self._lock:
            if not self._suffix or self._serial >= SERIAL_MAX:
                self._suffix = self._take(server, store, now)
                # Not from one: the last four digits are called out at the window.
                self._serial = secrets.randbelow(FIRST_MAX)
            self._serial += 1
            return visit_number(point_number, day, self._serial, self._suffix)

    def _take(self, server: Server, store: Store, now: str) -> str:
        leases = server.database(LEASES)
        taken = {author.partition(".")[2][:4] for author in store.authors()}
        taken -= {self._wish}
        for _try in range(TRIES_MAX):
            suffix, self._wish = self._wish, _any()
            if suffix in taken or len(suffix) != 4:
                continue
            try:
                leases.put({"_id": f"visits-{suffix}", "at": now})
            except Conflict:
                continue
            return suffix
        raise Conflict("来访编号的号段都被占用，请稍后再试")


def _any() -> str:
    return "".join(secrets.choice(SUFFIX_ALPHABET) for _ in range(4))
