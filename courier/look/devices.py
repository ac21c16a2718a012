"""Accounts that work on one phone only: the first that signs in is theirs, another is refused.

A phone is known by a random secret in a cookie that no script reads; only its hash is kept. It
stays when somebody signs out: it says which phone this is, not who holds it.
"""

from __future__ import annotations

import hashlib
from secrets import token_urlsafe
from typing import Protocol

from flask import Response, current_app, request

COOKIE_SECONDS = 400 * 86_400  # the longest that browsers keep one
SECRET_CHARS_MAX = 100


class Devices(Protocol):
    """Where it is kept which phone an account is bound to."""

    def bind(self, account: str, device: str) -> bool:
        """Whether this phone is the account's now: it becomes so where the account had none."""

    def holds(self, account: str, device: str) -> bool:
        """Whether the account is bound to this very phone."""

    def seen(self, account: str) -> None:
        """Note that the account is at work on its phone."""


class MemoryDevices:
    """Phones held in memory, for tests."""

    def __init__(self) -> None:
        self.bound: dict[str, str] = {}
        self.at_work: set[str] = set()

    def bind(self, account: str, device: str) -> bool:
        """Whether this phone is the account's now."""
        return self.bound.setdefault(account, device) == device

    def holds(self, account: str, device: str) -> bool:
        """Whether the account is bound to this very phone."""
        return self.bound.get(account) == device

    def seen(self, account: str) -> None:
        """Note that the account is at work."""
        self.at_work.add(account)


def new_secret() -> str:
    """The secret of a phone that was not here before."""
    return token_urlsafe(32)


def device_of(secret: str) -> str:
    """What a phone is known by: the hash of its secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def this_device() -> str:
    """The phone that this request comes from; empty if it was never here."""
    secret = request.cookies.get(_cookie(), "")
    return device_of(secret) if 0 < len(secret) <= SECRET_CHARS_MAX else ""


def remember(response: Response, secret: str) -> None:
    """Let the phone say next time which it is."""
    config = current_app.config
    response.set_cookie(
        _cookie(),
        secret,
        max_age=COOKIE_SECONDS,
        secure=bool(config["SESSION_COOKIE_SECURE"]),
        httponly=True,
        samesite="Lax",
    )


def _cookie() -> str:
    return f"{current_app.config['SESSION_COOKIE_NAME']}_device"
