"""Who may sign in: accounts, their passwords, and the wait after wrong ones."""

from __future__ import annotations

import hashlib
import hmac
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Protocol

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

# OWASP's password storage cheat sheet: Argon2id, 19 MiB, two passes, one lane.
HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
PASSWORD_CHARS_MAX = 200
HASHED_AT_ONCE = 4  # or many wrong passwords at once would take all memory
TRIES_FREE = 5
TRIES_FREE_ANYWHERE = 30
WAIT_SECONDS_FIRST = 10
WAIT_SECONDS_MAX = 15 * 60
KEYS_MAX = 10_000


_hashing = threading.BoundedSemaphore(HASHED_AT_ONCE)


@dataclass(frozen=True)
class Account:
    """Somebody who may sign in; `id` is the opaque staff id that events name as `actor`."""

    id: str
    login: str
    display: str
    roles: frozenset[str]
    password_hash: str = field(repr=False)
    point: str | None = None
    department: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)


class Accounts(Protocol):
    """Where accounts are kept. Somebody who has been shut out is simply not found."""

    def find(self, login: str) -> Account | None:
        """The account with this login name."""

    def by_id(self, account_id: str) -> Account | None:
        """The account with this id."""


class MemoryAccounts:
    """Accounts held in memory, for tests and for what is read whole from a file."""

    def __init__(self, *accounts: Account) -> None:
        self._by_id = {account.id: account for account in accounts}

    def put(self, account: Account) -> None:
        """Add an account, or put it in the place of the one with its id."""
        self._by_id[account.id] = account

    def find(self, login: str) -> Account | None:
        """The account with this login name."""
        return next((a for a in self._by_id.values() if a.login == login), None)

    def by_id(self, account_id: str) -> Account | None:
        """The account with this id."""
        return self._by_id.get(account_id)


def hash_password(text: str) -> str:
    """The argon2id hash of a password or PIN, to be stored in its place."""
    return HASHER.hash(text)


@cache
def hash_of_nobody() -> str:
    """What a login that does not exist is checked against, so that it takes as long."""
    return hash_password("nobody has this password")


def password_fits(account: Account | None, password: str) -> bool:
    """True if the password is the account's; takes as long for a login that does not exist."""
    stored = hash_of_nobody() if account is None else account.password_hash
    try:
        with _hashing:
            HASHER.verify(stored, password[:PASSWORD_CHARS_MAX])
    except (VerificationError, InvalidHashError, UnicodeEncodeError):
        return False
    return account is not None


def stamp_of(account: Account, key: bytes) -> str:
    """A mark of the present password: a session that carries another one has ended."""
    return hmac.new(key, account.password_hash.encode(), hashlib.sha256).hexdigest()[:20]


class Ended:
    """The sessions that were signed out of, for as long as their cookies could still be used.

    In memory and bounded; one a process.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ids: OrderedDict[str, None] = OrderedDict()

    def add(self, session_id: str) -> None:
        """End a session for good."""
        with self._lock:
            self._ids[session_id] = None
            while len(self._ids) > KEYS_MAX:
                self._ids.popitem(last=False)

    def __contains__(self, session_id: object) -> bool:
        """Whether a session was signed out of."""
        return session_id in self._ids


class Throttle:
    """Counts tries per key; after ``free`` of them each must wait twice as long as the one before.

    In memory and bounded: a restart forgets it, which costs a guesser more than it gives.
    """

    def __init__(self, clock: Callable[[], float], free: int = TRIES_FREE) -> None:
        self._clock = clock
        self._free = free
        self._lock = threading.Lock()
        self._tries: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def wait_seconds(self, key: str) -> int:
        """Count one try; 0 if it may go ahead, else the seconds left (it is then not counted)."""
        with self._lock:
            count, free_at = self._tries.get(key, (0, 0.0))
            left = free_at - self._clock()
            if left > 0:
                return int(left) + 1
            count += 1
            over = count - self._free
            wait = 0 if over < 0 else WAIT_SECONDS_FIRST * 2 ** min(over, 9)
            self._tries[key] = (count, self._clock() + min(wait, WAIT_SECONDS_MAX))
            self._tries.move_to_end(key)
            while len(self._tries) > KEYS_MAX:
                self._tries.popitem(last=False)
            return 0

    def forget(self, key: str) -> None:
        """Start afresh after the right password."""
        with self._lock:
            self._tries.pop(key, None)
