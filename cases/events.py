"""One immutable fact about one subject, and how its name is read.

An event is kept as the JSON value it arrived as (:attr:`Event.doc`), so that fields of a newer
version travel on untouched and signatures stay provable.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from cases.numbers import SUFFIX_ALPHABET, BadNumber, kind_of

CENTRAL = "central"
VERSION = 1
MAX_EVENT_BYTES = 64 * 1024
MAX_K = 9999
MAX_N = 9_999_999_999  # ten digits: what a mailbox's ids leave room for
FAR_OFF_K = 500  # a jump over this many places is flagged: no honest subject has so many events

RESTATES = "restates"
"""The open field in which a copied store names the signature of what it states anew."""

_ID = re.compile(r"(?P<subject>[A-Za-z0-9.\-]{3,64}):(?P<k>[0-9]{4})-(?P<author>[a-z0-9.]{3,40})\Z")
_AUTHOR = re.compile(rf"(?:[0-9]{{12}}|central)\.[{SUFFIX_ALPHABET}]{{4,12}}\Z")
_AT = re.compile(r"20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9]Z\Z")
_TYPE = re.compile(r"[a-z]+\.[a-z_]{2,40}\Z")


class NotAnEvent(ValueError):
    """What arrived is not an event; the message says which part is wrong. Never retried."""


class Event(msgspec.Struct, frozen=True):
    """A parsed event: ``k`` is its place in its subject, ``n`` in its author's journal."""

    doc: Mapping[str, Any]
    id: str
    subject: str
    k: int
    v: int
    type: str
    at: str
    author: str
    n: int
    actor: str
    data: Mapping[str, Any]
    sealed: Mapping[str, str] | None
    prev: str
    sig: str
    carrier: str = ""  # the id of central's event that carries this one, see ``cases.carried``

    @property
    def point(self) -> str:
        """The twelve-digit code of the author's point, or ``central``."""
        return point_of(self.author)


def point_of(author: str) -> str:
    """The party that an author writes for: its point's code, or ``central``."""
    return author.split(".", 1)[0]


def is_author(text: str) -> bool:
    """Whether a text has the form of an author's name."""
    return bool(_AUTHOR.match(text))


def event_id(subject: str, k: int, author: str) -> str:
    """The id of an author's event at place ``k`` of a subject."""
    if not 1 <= k <= MAX_K:
        raise NotAnEvent(f"{subject}: place {k} is outside 1..{MAX_K}")
    return f"{subject}:{k:04d}-{author}"


def parse(doc: Any) -> Event:
    """Read an event from its JSON value. :raises NotAnEvent: says which part is wrong."""
    if not isinstance(doc, Mapping):
        raise NotAnEvent("an event must be a JSON object")
    found = _ID.match(_text(doc, "id", 128))
    author = _text(doc, "author", 40)
    if not found or found["author"] != author or not _AUTHOR.match(author):
        raise NotAnEvent(f"{doc.get('id')!r:.140}: id and author do not fit")
    _require_subject(found["subject"])
    if found["k"] == "0000":
        raise NotAnEvent(f"{doc['id']}: places begin with 1")
    sealed = doc.get("sealed")
    if sealed is not None and not _is_sealed(sealed):
        raise NotAnEvent(f"{doc['id']}: 'sealed' is malformed")
    if not isinstance(doc.get("data"), Mapping):
        raise NotAnEvent(f"{doc['id']}: 'data' must be an object")
    return Event(
        doc=doc,
        id=doc["id"],
        subject=found["subject"],
        k=int(found["k"]),
        v=_number(doc, "v"),
        type=_matching(doc, "type", _TYPE),
        at=_time(doc),
        author=author,
        n=_number(doc, "n"),
        actor=_text(doc, "actor", 64),
        data=doc["data"],
        sealed=sealed,
        prev=_text(doc, "prev", 80),
        sig=_text(doc, "sig", 200),
    )


def _require_subject(subject: str) -> None:
    try:
        kind_of(subject)
    except BadNumber as error:
        raise NotAnEvent(str(error)) from None


def _time(doc: Mapping[str, Any]) -> str:
    """The event's time, which is a day and an hour that exist."""
    at = _matching(doc, "at", _AT)
    try:
        datetime.fromisoformat(at)
    except ValueError:
        raise NotAnEvent(f"{doc['id']}: 'at' is {at!r}") from None
    return at


def _is_sealed(value: Any) -> bool:
    return isinstance(value, Mapping) and all(
        isinstance(value.get(part), str) for part in ("alg", "nonce", "ct")
    )


def _text(doc: Mapping[str, Any], name: str, longest: int) -> str:
    value = doc.get(name)
    if not isinstance(value, str) or len(value) > longest:
        raise NotAnEvent(f"{doc.get('id')!r:.140}: {name!r} must be text of at most {longest}")
    return value


def _matching(doc: Mapping[str, Any], name: str, pattern: re.Pattern[str]) -> str:
    value = _text(doc, name, 64)
    if not pattern.match(value):
        raise NotAnEvent(f"{doc['id']}: {name!r} is {value!r:.60}")
    return value


def _number(doc: Mapping[str, Any], name: str) -> int:
    value = doc.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= MAX_N:
        raise NotAnEvent(f"{doc.get('id')!r:.140}: {name!r} must be a whole number from 1")
    return value
