"""What goes over the line to CouchDB, and what may be taken for its answer. No I/O in here.

An answer counts only if its status, its content type and its body all say that CouchDB gave it:
a captive portal's page or a proxy's error must never be taken for "stored".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from sync.errors import (
    Conflict,
    Missing,
    NotAllowed,
    NotCouch,
    OnlyAccepted,
    RemoteError,
    RemoteRefused,
    RemoteUnavailable,
    TooLarge,
)

T = TypeVar("T")

_SUCCESS = frozenset({200, 201})
_ACCEPTED = 202
_LATER = frozenset({408, 425, 429})
_REVISION = re.compile(r"[0-9]+-[0-9a-f]{1,64}\Z")


class NoDocument(Missing):
    """A 404 that speaks of one document, in a database that is there. Stays inside `couch`."""


class AlreadyThere(RemoteRefused):
    """A 412: the database to be made is there. Stays inside `couch`."""


_BY_STATUS: dict[int, type[RemoteError]] = {
    401: NotAllowed,
    403: NotAllowed,
    404: Missing,
    409: Conflict,
    412: AlreadyThere,
    413: TooLarge,
}


def encode(value: Any) -> bytes:
    """Return `value` as JSON in UTF-8.

    Raises `RemoteRefused` for what no CouchDB takes (lone surrogates), so that a culprit in a
    batch is found in the same way whoever noticed it.
    """
    try:
        return msgspec.json.encode(value)
    except UnicodeEncodeError as error:
        raise RemoteRefused(f"this document cannot be sent as JSON: {error}") from error


def decode(body: bytes, *, what: str) -> Any:
    """Return the JSON value in `body`; raises `NotCouch` naming the request `what`."""
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise NotCouch(f"{what}: the answer is not whole JSON ({error}); try again") from error


def check_id(id: object) -> str:
    """Return `id` if a document can be addressed by it; raises `RemoteRefused` otherwise.

    An empty id or one of dots would address something else; CouchDB keeps `_` for itself.
    """
    if not isinstance(id, str) or id in ("", ".", "..") or id.startswith("_"):
        raise RemoteRefused(f"{id!r} cannot be the id of a document")
    encode(id)
    return id


def check_limit(limit: int) -> int:
    """Return `limit`; raises `ValueError` below 1, where CouchDB's answers differ by endpoint."""
    if limit < 1:
        raise ValueError(f"a limit of {limit} asks for nothing")
    return limit


def id_of(doc: Mapping[str, Any]) -> str:
    """Return the checked `_id` of a document; raises `RemoteRefused` without one."""
    return check_id(doc.get("_id"))


def is_revision(value: object) -> bool:
    """Say whether `value` has the form of a revision."""
    return isinstance(value, str) and _REVISION.match(value) is not None


def is_json(content_type: str | None) -> bool:
    """Say whether a content type names JSON."""
    return (content_type or "").partition(";")[0].strip().lower() == "application/json"


def judge_head(status: int, content_type: str | None, *, what: str) -> None:
    """Raise what status and content type already tell, before any body is read.

    Raises `RemoteUnavailable` for a server or proxy in trouble, `TooLarge` for any 413 (a proxy's
    limit is as hard as CouchDB's) and `NotCouch` for whatever does not claim to be JSON.
    """
    if status >= 500 or status in _LATER:
        raise RemoteUnavailable(f"{what}: answered {status}; nothing is lost, try again later")
    if status == 413 and not is_json(content_type):
        raise TooLarge(f"{what}: answered 413, too large")
    known = status in _SUCCESS or status == _ACCEPTED or 400 <= status < 500
    if not is_json(content_type) or not known:
        shown = (content_type or "no content type")[:60]
        raise NotCouch(f"{what}: {status} with {shown} is not CouchDB; try again later")


def judge_body(status: int, result: Any, *, what: str) -> None:
    """Raise the error that CouchDB meant; nothing for a success.

    A 202 is none: fewer copies than a quorum took the write, and it may vanish with them.
    """
    if status in _SUCCESS:
        return
    if status == _ACCEPTED:
        raise OnlyAccepted(f"{what}: taken by too few copies (202); it will be written again")
    error, reason = _error_in(result)
    if error is None:
        raise NotCouch(f"{what}: {status} without CouchDB's words is not CouchDB; try again later")
    gone = status == 404 and error == "not_found" and reason in ("missing", "deleted")
    kind = NoDocument if gone else _class_of(status)
    raise kind(f"{what}: {status} {error}: {reason}")


def judge_no_body(status: int, *, what: str) -> None:
    """Raise the error in the answer to a HEAD, which has no words; nothing for a success."""
    if status not in _SUCCESS:
        raise _class_of(status)(f"{what}: {status}")


def _class_of(status: int) -> type[RemoteError]:
    """Return the class for a status of 400 to 499."""
    return _BY_STATUS.get(status, RemoteRefused)


def _error_in(result: Any) -> tuple[str | None, str]:
    """Return error name and reason of CouchDB's error body; (None, "") if it is none."""
    if not isinstance(result, dict) or not isinstance(result.get("error"), str):
        return None, ""
    return result["error"][:100], str(result.get("reason", ""))[:300]


class Told(msgspec.Struct):
    """The answer to a write of one document or of a setting."""

    ok: bool
    id: str | None = None
    rev: str | None = None


class BulkRow(msgspec.Struct):
    """The answer for one document of `_bulk_docs`."""

    id: str
    ok: bool = False
    rev: str | None = None
    error: str | None = None
    reason: str | None = None

    @property
    def decided(self) -> bool:
        """Say whether it tells clearly that the document was stored, or that it was not."""
        return (self.error is not None) != (self.ok and self.rev is not None)


class ListRow(msgspec.Struct):
    """One row of `_all_docs`."""

    key: str
    value: dict[str, Any] | None = None
    doc: dict[str, Any] | None = None
    error: str | None = None


class Listing(msgspec.Struct):
    """The answer of `_all_docs`."""

    rows: list[ListRow]


class FeedRow(msgspec.Struct):
    """One row of `_changes`."""

    id: str
    seq: str
    deleted: bool = False
    doc: dict[str, Any] | None = None


class Feed(msgspec.Struct):
    """The answer of `_changes`."""

    results: list[FeedRow]
    last_seq: str
    pending: int | None = None


class Purged(msgspec.Struct):
    """The answer of `_purge`."""

    purged: dict[str, Any]


def shaped(result: Any, kind: type[T], what: str) -> T:
    """Return an answer as `kind`; raises `NotCouch` if it has not that shape."""
    try:
        return msgspec.convert(result, kind)
    except msgspec.ValidationError as error:
        raise NotCouch(f"{what}: not an answer of CouchDB ({error}); try again later") from error


def confirmed(result: Any, what: str) -> Told:
    """Return the answer to a write; raises `NotCouch` unless it says that it was done."""
    told = shaped(result, Told, what)
    if not told.ok:
        raise NotCouch(f"{what}: the answer does not say ok; try again later")
    return told
