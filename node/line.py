"""What the agent finds out about the line to central, and how the window reads it.

The agent's loops share one :class:`Board`; it keeps its word in a cursor of the store, at least
once a minute. What it cannot keep there (a full disk) the window sees by itself.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from email.utils import parsedate_to_datetime

import msgspec

from cases.dates import CLOCK_WRONG_S
from cases.times import from_text
from sync.db import write
from sync.errors import (
    DoorstepError,
    Missing,
    NotAllowed,
    NotCouch,
    RemoteUnavailable,
    StorageError,
    Untrusted,
)
from sync.store import Store

CURSOR = "line"
SAME_WRONG_S = 60

DOWN, PORTAL, UNTRUSTED, ACCOUNT, MAILBOX, REFUSED, DISK = (
    "", "portal", "untrusted", "account", "mailbox", "refused", "disk",
)  # fmt: skip
_WHY: tuple[tuple[type[DoorstepError], str], ...] = (
    (Untrusted, UNTRUSTED),
    (NotCouch, PORTAL),
    (RemoteUnavailable, DOWN),
    (NotAllowed, ACCOUNT),
    (Missing, MAILBOX),
    (StorageError, DISK),
)


class Word(msgspec.Struct, frozen=True):
    """The agent's last word about the line.

    ``since``: when it came to be so; ``last_ok``: the last answer of central's; ``last``: when this
    was said; ``why``: what is wrong, beside a line that is down; ``ahead``: by how many seconds
    this PC's clock is ahead of central's (behind: below 0), if one of them is plainly wrong.
    """

    ok: bool = False
    since: str = ""
    last_ok: str = ""
    last: str = ""
    why: str = DOWN
    ahead: int = 0


def word_of(store: Store) -> Word:
    """The agent's last word; a line that never was counts as down."""
    try:
        return msgspec.json.decode(store.cursor(CURSOR, "{}"), type=Word)
    except msgspec.DecodeError:
        return Word()


def why(error: DoorstepError) -> str:
    """What kind of trouble an error is, for the words at the window."""
    return next((kind for found, kind in _WHY if isinstance(error, found)), REFUSED)


class Board:
    """What all loops of the agent found out together."""

    def __init__(self, clock: Callable[[], str]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._troubles: dict[str, str] = {}
        self._last_ok = ""
        self._ahead = 0
        self._said: Word | None = None

    def answered(self, date: str) -> None:
        """Central has answered; ``date`` is what its clock shows, as HTTP writes it."""
        now = self._clock()
        self._last_ok = now
        with suppress(ValueError, TypeError):
            ahead = (from_text(now) - parsedate_to_datetime(date)).total_seconds()
            self._ahead = int(ahead) if abs(ahead) > CLOCK_WRONG_S else 0

    def say(self, store: Store, loop: str, error: DoorstepError | None) -> None:
        """A loop went through its step, or failed at it. What cannot be kept now is said later."""
        with self._lock:
            if error is None:
                self._troubles.pop(loop, None)
            else:
                self._troubles[loop] = why(error)
            said = self._said or word_of(store)
            word = self._word(said)
            if self._said is None or _is_news(said, word):
                with suppress(StorageError), write(store.db):
                    store.set_cursor(CURSOR, msgspec.json.encode(word).decode())
                    self._said = word

    def _word(self, said: Word) -> Word:
        now, last_ok = self._clock(), self._last_ok or said.last_ok
        ok = not self._troubles and bool(self._last_ok)
        wrong = max(self._troubles.values(), default=DOWN)
        since = said.since if said.since and (said.ok, said.why) == (ok, wrong) else now
        return Word(ok, since, last_ok, now, wrong, self._ahead)


def _is_news(said: Word, word: Word) -> bool:
    """Whether the window must hear of it now; otherwise once a minute is enough."""
    changed = (said.ok, said.why) != (word.ok, word.why)
    clock = abs(said.ahead - word.ahead) > SAME_WRONG_S
    return changed or clock or said.last[:16] != word.last[:16]


class Line:
    """One loop's place at the board, with the store of its thread."""

    def __init__(self, store: Store, board: Board, loop: str) -> None:
        self._store = store
        self._board = board
        self._loop = loop

    def worked(self) -> None:
        """The step was done."""
        self._board.say(self._store, self._loop, None)

    def failed(self, error: DoorstepError) -> None:
        """The step failed, for this reason."""
        self._board.say(self._store, self._loop, error)
