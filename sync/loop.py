"""The loop that repeats a step: it alone waits, and it hears when waiting is of no use any more.

The loops of one process share a :class:`Retry`. After a failure each waits by its own pace, with
full jitter and a ceiling; an answer that any of them gets from the other end means that the line is
back, and ends the waits of the others at once. A loop that was called in vain waits its next turn
out, so that trouble with one database alone is not asked about at the pace of all the others.
"""

from __future__ import annotations

import random as dice
import threading
from collections.abc import Callable

from sync.db import named
from sync.errors import DoorstepError, RemoteError, StorageError
from sync.pace import Pace

CEILING_S = 5.0
PERSON_BASE_S, PERSON_CEILING_S = 5.0, 60.0
"""Where only a person can help; five wrong sign-ins in a row would lock the account at CouchDB."""
SLICE_S = 0.2

Failed = Callable[[DoorstepError, float], None]


class Retry:
    """Repeats steps until stopped. One a process; :meth:`repeat` runs in each loop's thread.

    :param pause: sleeps for so many seconds, or until stopped.
    """

    def __init__(
        self,
        stop: threading.Event,
        *,
        ceiling_s: float = CEILING_S,
        random: Callable[[], float] = dice.random,
        pause: Callable[[float], object] | None = None,
    ) -> None:
        self._stop = stop
        self._ceiling_s = ceiling_s
        self._random = random
        self._pause = pause or stop.wait
        self._answers = 0

    def answered(self) -> None:
        """The other end has answered somebody: the line works."""
        self._answers += 1

    def repeat(
        self, step: Callable[[], object], failed: Failed, *, until: threading.Event | None = None
    ) -> None:
        """Repeat a step; ``failed`` is told of each failure and of the wait that follows.

        What is wrong with the line or with this PC's disk never ends the loop.

        :param until: end as well once this is set by the step.
        """
        line = Pace(ceiling_s=self._ceiling_s, random=self._random)
        person = Pace(PERSON_BASE_S, PERSON_CEILING_S, random=self._random)
        called = False
        while not self._stop.is_set() and not (until and until.is_set()):
            try:
                with named("data"):
                    step()
            except (RemoteError, StorageError) as error:
                local = error.retry or isinstance(error, StorageError)
                delay = (line if local else person).failed()
                failed(error, delay)
                called = self._wait(delay, listen=not called)
            else:
                line.succeeded()
                person.succeeded()
                called = False

    def _wait(self, delay_s: float, *, listen: bool) -> bool:
        """Wait before the next try. :returns: whether news of the line cut it short."""
        known, left = self._answers, delay_s
        while left > 0 and not self._stop.is_set():
            self._pause(min(SLICE_S, left))
            left -= SLICE_S
            if listen and self._answers != known:
                return True
        return False
