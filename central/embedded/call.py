"""What every handler gets: one request, who makes it, and the database it is about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from central.embedded.errors import bad_request
from central.embedded.file import File
from central.embedded.people import Caller, People
from central.embedded.polls import Polls
from central.embedded.store import Base, Store
from central.embedded.wire import Answer, Request, decoded

KEYS_MAX = 10_000


@dataclass(frozen=True, slots=True)
class Call:
    """One request on the way to its handler."""

    request: Request
    caller: Caller
    store: Store
    people: People
    polls: Polls

    @property
    def file(self) -> File:
        """The SQLite file."""
        return self.store.file

    def flag(self, name: str) -> bool:
        """A query parameter that is true or false."""
        return self.request.params.get(name) == "true"


@dataclass(frozen=True, slots=True)
class BaseCall(Call):
    """A request about one database, by somebody who may use it."""

    base: Base


Handler = Callable[[Call], Answer]
BaseHandler = Callable[[BaseCall], Answer]


def checked_keys(value: object, name: str = "keys") -> list[str]:
    """A list of ids from a request; 400 if it is none. What is no text matches nothing."""
    if not isinstance(value, list):
        raise bad_request(f"`{name}` body member must be an array.")
    if len(value) > KEYS_MAX:
        raise bad_request(f"`{name}` has more than {KEYS_MAX} members.")
    return [key if isinstance(key, str) else "" for key in value]


def number_param(text: str, name: str) -> int:
    """A whole number of a query, zero or more; 400 otherwise."""
    if not text.isdecimal():
        raise bad_request(f"Invalid value for integer: {name}={text}")
    return int(text)


def json_param(text: str) -> object:
    """A query parameter that is JSON, as keys are."""
    return decoded(text)
