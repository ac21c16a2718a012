"""Chance and time of one run: everything that is random or asks for the time asks here.

A run is a function of its seed. Keys, nonces, names and pauses of the product come from one stream
of dice while :func:`injected` holds; the plan and the weather roll dice of their own, so that a
different key length would not change the weather.
"""

from __future__ import annotations

import hashlib
import os
import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from time import gmtime, strftime
from typing import Any
from unittest.mock import patch

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

import central.embedded.feed
import central.embedded.people
import central.embedded.server
import central.embedded.store
import central.router
import central.setup
import sync.seal
import sync.sign

BEGIN = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)  # a Monday, 08:00 in Shanghai
MINUTE, HOUR, DAY = 60, 3600, 86400


def dice(seed: int, what: str) -> random.Random:
    """A stream of its own for one purpose, the same in every process of every machine."""
    return random.Random(f"{seed}:{what}")  # noqa: S311 - to be foreseen is what it is for


class Time:
    """Seconds since the first morning; moves only when the world moves it."""

    def __init__(self) -> None:
        self.now = 0

    def text(self, skew_s: int = 0) -> str:
        """The time as a clock that is wrong by so many seconds shows it."""
        moment = BEGIN + timedelta(seconds=self.now + skew_s)
        return f"{moment:%Y-%m-%dT%H:%M:%S}Z"

    # what stands in for the module ``time`` in product code

    def time(self) -> float:
        """Seconds since 1970."""
        return BEGIN.timestamp() + self.now

    def monotonic(self) -> float:
        """Seconds since some time long before the first morning."""
        return float(DAY + self.now)

    gmtime = staticmethod(gmtime)
    strftime = staticmethod(strftime)


class Trace:
    """A digest of everything that happened: two runs are the same if it is."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()
        self.lines = 0
        self.listener: Callable[[str], None] | None = None

    def note(self, *words: object) -> None:
        """Something happened."""
        line = " ".join(map(str, words))
        self.lines += 1
        self._hash.update(line.encode() + b"\n")
        if self.listener:
            self.listener(line)

    def digest(self) -> str:
        """What it comes to."""
        return self._hash.hexdigest()[:16]


@contextmanager
def injected(seed: int, now: Time) -> Iterator[None]:
    """While it holds, the product's randomness and time are this run's."""
    rolls = dice(seed, "secrets")
    moved = (
        *((module, "time", now) for module in (
            central.router, central.embedded.feed, central.embedded.people,
            central.embedded.server, central.embedded.store,
        )),
        (central.setup, "utc_now", now.text),
        (central.router, "random", dice(seed, "router")),
        (os, "urandom", rolls.randbytes),
        (random, "_urandom", rolls.randbytes),  # what `secrets` draws from
        (sync.seal, "X25519PrivateKey", _made_from(X25519PrivateKey, rolls)),
        (sync.seal, "AESGCM", _ciphers(rolls)),
        (sync.sign, "Ed25519PrivateKey", _made_from(Ed25519PrivateKey, rolls)),
        (central.embedded.people, "ITERATIONS", 1),  # hashing is slow on purpose
    )  # fmt: skip
    with ExitStack() as stack:
        for module, name, value in moved:
            stack.enter_context(patch.object(module, name, value))
        yield


def _made_from(kind: Any, rolls: random.Random) -> Any:
    class Keys:
        from_private_bytes = staticmethod(kind.from_private_bytes)

        @staticmethod
        def generate() -> Any:
            return kind.from_private_bytes(rolls.randbytes(32))

    return Keys


def _ciphers(rolls: random.Random) -> Any:
    class Cipher:
        def __new__(cls, key: bytes) -> Any:
            return AESGCM(key)

        @staticmethod
        def generate_key(bits: int) -> bytes:
            return rolls.randbytes(bits // 8)

    return Cipher
