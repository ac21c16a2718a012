"""HTTP as the handlers see it: a request taken apart, an answer put together."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from http import HTTPStatus
from itertools import chain
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import msgspec

from central.embedded.errors import CouchError, bad_request

BODY_BYTES_MAX = 64 * 2**20
GATHER_BYTES = 512 * 1024
JSON_TYPE = "application/json"
encode = msgspec.json.Encoder().encode
Headers = list[tuple[str, str]]


@dataclass(slots=True)
class Answer:
    """What goes back: whole bytes, or pieces made while they are sent. `live`: each at once."""

    body: bytes | Iterable[bytes] = b""
    status: int = 200
    headers: Headers = field(default_factory=list)
    live: bool = False

    def gather(self) -> None:
        """Turn pieces that are small together into whole bytes, and find early failures early."""
        if isinstance(self.body, bytes) or self.live:
            return
        pieces, size, rest = [], 0, iter(self.body)
        for piece in rest:
            pieces.append(piece)
            size += len(piece)
            if size > GATHER_BYTES:
                self.body = chain(pieces, rest)
                return
        self.body = b"".join(pieces)

    @property
    def status_line(self) -> str:
        """`200 OK`."""
        return f"{self.status} {HTTPStatus(self.status).phrase}"


class Request:
    """One request of a WSGI `environ`. Segments of the path are decoded one by one, so that an
    id may contain a slash."""

    def __init__(self, environ: Mapping[str, Any]) -> None:
        self.environ = environ
        self.method: str = environ["REQUEST_METHOD"]
        raw = environ.get("REQUEST_URI") or environ["PATH_INFO"]
        path = raw.partition("?")[0]
        if not path.startswith("/"):  # the absolute form that proxies use
            path = urlsplit(path).path or "/"
        try:
            parts = [unquote(part, errors="strict") for part in path.split("/")]
            query = parse_qsl(
                environ.get("QUERY_STRING", ""), keep_blank_values=True, errors="strict"
            )
        except (UnicodeDecodeError, ValueError) as problem:
            raise bad_request("invalid UTF-8 in the address") from problem
        self.segments = parts[1:-1] if len(parts) > 2 and not parts[-1] else parts[1:]
        self.params = dict(query)

    def header(self, name: str) -> str:
        """A header's value, empty if it was not sent."""
        value: str = self.environ.get("HTTP_" + name.upper().replace("-", "_"), "")
        return value

    @property
    def address(self) -> str:
        """Where the request came from."""
        return str(self.environ.get("REMOTE_ADDR", ""))

    @property
    def content_type(self) -> str:
        """The media type of the body, without parameters."""
        kind: str = self.environ.get("CONTENT_TYPE") or ""
        return kind.partition(";")[0].strip().lower()

    @cached_property
    def body(self) -> bytes:
        """The body, unpacked; 413 if it is over BODY_BYTES_MAX."""
        length = int(self.environ.get("CONTENT_LENGTH") or 0)
        if length > BODY_BYTES_MAX:
            raise _entity_too_large()
        raw: bytes = self.environ["wsgi.input"].read(length) if length else b""
        packing = self.header("Content-Encoding").strip().lower()
        if packing == "gzip":
            return _unpacked(raw)
        if packing not in ("", "identity"):
            raise CouchError(415, "bad_ctype", f"{packing} is not a supported content encoding.")
        return raw

    def json(self) -> Any:
        """The body as JSON; 400 if it is none."""
        return decoded(self.body)

    def json_type(self) -> None:
        """415 unless the request says that its body is JSON."""
        if self.content_type != JSON_TYPE:
            reason = "Content-Type must be application/json"
            raise CouchError(415, "bad_content_type", reason)

    def json_object(self) -> dict[str, Any]:
        """The body of a POST that must say it is JSON and be an object."""
        self.json_type()
        value = self.json()
        if not isinstance(value, dict):
            raise bad_request("Request body must be a JSON object")
        return value


def decoded(text: bytes | str) -> Any:
    """JSON as Python values; 400 in CouchDB's words if it is not JSON or not valid Unicode."""
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError, ValueError) as problem:
        raise bad_request("invalid UTF-8 JSON") from problem


def json_answer(value: object, status: int = 200, headers: Headers | None = None) -> Answer:
    """`value` as JSON, with CouchDB's closing line break."""
    return Answer(encode(value) + b"\n", status, headers or [])


def error_answer(error: CouchError) -> Answer:
    """An error in CouchDB's form."""
    told: dict[str, object] = {"error": error.error, "reason": error.reason}
    if error.error == "unknown_error":
        told["ref"] = zlib.crc32(error.reason.encode())  # CouchDB's mark to find it in its log
    return json_answer(told, error.status)


def _unpacked(packed: bytes) -> bytes:
    opener = zlib.decompressobj(wbits=31)
    try:
        plain = opener.decompress(packed, BODY_BYTES_MAX)
    except zlib.error as problem:
        raise bad_request("Request body is not properly gzip encoded.") from problem
    if opener.unconsumed_tail:
        raise _entity_too_large()
    if not opener.eof:
        raise bad_request("Request body is not properly gzip encoded.")
    return plain


def _entity_too_large() -> CouchError:
    return CouchError(413, "too_large", "the request entity is too large")
