"""Wrong passwords are counted: five from one address lock an account out for it, for a while.

Counted by address, name and salt, as CouchDB counts: a new password has a new salt and is free.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from central.embedded.errors import forbidden

WRONG_MAX = 5
LOCKED_S = 300.0
COUNTED_MAX = 10_000
_LOCKED = "Account is temporarily locked due to multiple authentication failures"

Who = tuple[str, str, str]


class Lockout:
    """How often which account was tried in vain from where."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._wrong: OrderedDict[Who, tuple[float, int]] = OrderedDict()

    def check(self, who: Who) -> None:
        """403 if this account is locked for this address, whatever the password."""
        with self._lock:
            if self._count(who)[1] >= WRONG_MAX:
                raise forbidden(_LOCKED)

    def failed(self, who: Who) -> None:
        """Count a wrong password."""
        with self._lock:
            since, number = self._count(who)
            self._wrong[who] = (since, number + 1)
            while len(self._wrong) > COUNTED_MAX:
                self._wrong.popitem(last=False)

    def _count(self, who: Who) -> tuple[float, int]:
        """When this count began, and how far it is; it is forgotten after its time."""
        now = self._clock()
        since, number = self._wrong.get(who, (now, 0))
        return (since, number) if now - since < LOCKED_S else (now, 0)
