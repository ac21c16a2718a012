"""Hashes of the passwords of tests: real argon2id, checked by the real doors, but made to cost
little. What a hash costs stands in it; what it costs at a point, test_signin looks at."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from unittest.mock import patch

from argon2 import PasswordHasher

_CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@cache
def quick_hash(password: str) -> str:
    """A hash of a password that is checked in less than a millisecond."""
    return _CHEAP.hash(password)


@contextmanager
def cheap_accounts() -> Iterator[None]:
    """Accounts that are added at central meanwhile have such hashes."""
    with patch("central.accounts.hash_password", quick_hash):
        yield
