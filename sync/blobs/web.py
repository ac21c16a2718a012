"""Central's blobs over HTTP, as one store asks for them: signed, with deadlines, nothing on trust.

A clock that is wrong here is no hindrance: central says its own time when it finds a request's too
far off, and the next one is signed with that.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Annotated, NamedTuple

import msgspec
import requests
import urllib3

from cases.times import from_text, to_text
from sync.blobs.ports import BlobLacking, BlobRefused, Held
from sync.blobs.request import Question, ask, body_hash, new_nonce
from sync.errors import RemoteUnavailable
from sync.sign import Signer

TIMEOUT_S = (3.05, 30.0)
READ_BYTES = 64 * 1024
ANSWER_BYTES_MAX = 256 * 1024
BYTES = "application/octet-stream"
MARK = "Doorstep-Blob"  # the header by which an answer with bytes is told from a portal's page


Size = Annotated[int, msgspec.Meta(ge=0)]
Time = Annotated[str, msgspec.Meta(pattern=r"^([0-9T:-]{19}Z)?$")]


class _Answer(msgspec.Struct, frozen=True):
    blobs: int  # the version of these answers: whatever lacks it was not said by central
    have: Size = 0
    whole: bool = False
    lacks: list[str] = []
    error: str = ""
    reason: str = ""
    now: Time = ""


class _Came(NamedTuple):
    """An answer whose head has been read: bytes of a blob, or what central says."""

    status: int
    body: bytes
    answer: _Answer | None


class WebBlobs:
    """A ``sync.blobs.ports.BlobRemote`` at central's web."""

    def __init__(
        self,
        base_url: str,
        author: str,
        signer: Signer,
        clock: Callable[[], str],
        *,
        ca_file: str | None = None,
        timeout_s: tuple[float, float] = TIMEOUT_S,
    ) -> None:
        self._url = base_url.rstrip("/") + "/blobs"
        self._author = author
        self._signer = signer
        self._clock = clock
        self._ahead = timedelta()
        self._timeout_s = timeout_s
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.verify = ca_file or True

    def held(self, name: str) -> Held:
        """How much of a blob is there."""
        return _held(self._say(self._question("held", blob=name)))

    def put(self, name: str, size: int, offset: int, chunk: bytes) -> Held:
        """Give the chunk of a blob that begins at ``offset``."""
        question = self._question("put", blob=name, size=size, offset=offset)
        return _held(self._say(question, chunk))

    def get(self, name: str, offset: int, length: int) -> bytes:
        """A range of a blob. A line that breaks in the middle has not brought nothing."""
        question = self._question("get", blob=name, offset=offset, length=length)
        came = self._ask(question, b"")
        if came.answer is not None or not came.body:
            raise RemoteUnavailable("central answered with no bytes; try again later")
        return came.body[:length]

    def lacking(self, names: Sequence[str]) -> list[str]:
        """Those of the blobs that are not whole there."""
        said = self._say(self._question("lacking"), msgspec.json.encode(list(names)))
        return [name for name in said.lacks if name in names]

    def close(self) -> None:
        """Give the connection back."""
        self._session.close()

    def _question(
        self, do: str, *, blob: str = "", size: int = 0, offset: int = 0, length: int = 0
    ) -> Question:
        return Question(
            do=do, blob=blob, size=size, offset=offset, length=length,
            author=self._author, at="", nonce="",
        )  # fmt: skip

    def _say(self, question: Question, body: bytes = b"") -> _Answer:
        came = self._ask(question, body)
        if came.answer is None:
            raise RemoteUnavailable("central answered with bytes where none were asked for")
        return came.answer

    def _ask(self, question: Question, body: bytes) -> _Came:
        """Send one request; a second time with central's own time if ours was too far off."""
        came = self._exchange(question, body)
        if came.answer and came.answer.error == "stale" and came.answer.now:
            self._ahead = from_text(came.answer.now) - from_text(self._clock())
            came = self._exchange(question, body)
        _judge(came)
        return came

    def _exchange(self, question: Question, body: bytes) -> _Came:
        at = to_text(from_text(self._clock()) + self._ahead)
        signed = msgspec.structs.replace(question, at=at, nonce=new_nonce(), body=body_hash(body))
        headers = {"Authorization": ask(self._signer, signed), "Content-Type": BYTES}
        try:
            with self._session.post(
                f"{self._url}/{question.do}", data=body, headers=headers, stream=True,
                timeout=self._timeout_s, allow_redirects=False,
            ) as response:  # fmt: skip
                return _read(response, question)
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            said = type(error).__name__
            raise RemoteUnavailable(f"blobs: no answer ({said}); try again later") from error


def _read(response: requests.Response, question: Question) -> _Came:
    if response.status_code == 200 and response.headers.get(MARK) == question.blob != "":
        return _Came(200, _what_comes(response, question.length), None)
    said = b""
    for piece in response.iter_content(READ_BYTES):
        said += piece
        if len(said) > ANSWER_BYTES_MAX:
            break
    try:
        return _Came(response.status_code, b"", msgspec.json.decode(said, type=_Answer))
    except (msgspec.DecodeError, ValueError):
        raise RemoteUnavailable(
            f"blobs: {response.status_code} was not said by central (a portal, a proxy?)"
        ) from None


def _what_comes(response: requests.Response, length: int) -> bytes:
    """The bytes of an answer, as far as the line holds: the blob's hash judges them in the end."""
    came = bytearray()
    try:
        for piece in response.iter_content(READ_BYTES):
            came += piece
            if len(came) > length:
                break
    except (requests.RequestException, urllib3.exceptions.HTTPError):
        if not came:
            raise
    return bytes(came)


def _judge(came: _Came) -> None:
    """:raises RemoteError: central did not do what it was asked; its reason is the message."""
    if came.status < 400 or came.answer is None:
        return
    reason = came.answer.reason or f"HTTP {came.status}"
    if came.status >= 500:
        raise RemoteUnavailable(reason)
    if came.answer.error == "lacking":
        raise BlobLacking(reason)
    if came.answer.error != "elsewhere":
        raise BlobRefused(reason)


def _held(said: _Answer) -> Held:
    return Held(said.have, said.whole)
