"""Several threads of which one runs at a time: at every request dice say whose turn is next.

The same seed plays the same game, whatever the machine does meanwhile.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Sequence
from typing import Any

Job = Callable[[], None]
STRIDES = (1, 1, 2, 5, 13)  # so that one is overtaken by far while it waits for an answer


class _Player:
    """One thread, which waits at its gate until it is given a turn."""

    def __init__(self, job: Job, turns: Turns) -> None:
        self.gate = threading.Semaphore(0)
        self.done = False
        self.error: BaseException | None = None
        self._job = job
        self._turns = turns
        self.thread = threading.Thread(target=self._play)

    def _play(self) -> None:
        self._turns.mine.player = self
        self.gate.acquire()
        try:
            self._job()
        except BaseException as error:
            self.error = error
        self.done = True
        self._turns.paused.release()


class Turns:
    """The table: `run` is what a request goes through (see `tests.central.travel.Frayed`)."""

    def __init__(self, seed: int) -> None:
        self.mine = threading.local()
        self.paused = threading.Semaphore(0)
        self.taken = 0
        self._dice = random.Random(seed)  # noqa: S311 - a game that repeats

    def run(self, ask: Callable[[], Any]) -> Any:
        """Pass the turn on, and ask when it comes back."""
        player: _Player | None = getattr(self.mine, "player", None)
        if player is not None:
            self.paused.release()
            player.gate.acquire()
        return ask()

    def play(self, jobs: Sequence[Job], after_each_turn: Job = lambda: None) -> None:
        """Play all jobs to their end. Raises the first error of one."""
        players = [_Player(job, self) for job in jobs]
        for player in players:
            player.thread.start()
        playing = list(players)
        while playing:
            chosen = self._dice.choice(playing)
            for _ in range(self._dice.choice(STRIDES)):
                if not chosen.done:
                    chosen.gate.release()
                    self.paused.acquire()
                    self.taken += 1
                    after_each_turn()
            playing = [player for player in playing if not player.done]
        for player in players:
            player.thread.join()
        for player in players:
            if player.error is not None:
                raise player.error
