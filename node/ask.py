"""Asking central something while a person waits: answered within seconds, or there is no line.

::

    RemoteUnavailable   retry   no line, or no answer in time; the person goes on without
    AskRefused          never   central heard, and does not answer this; the message says why
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any

import msgspec
import requests
import urllib3

from cases.times import from_text, to_text
from node.line import word_of
from node.local import Local, Node
from sync.asking import open_answer, seal_question
from sync.blobs.request import Question, ask, body_hash, new_nonce
from sync.errors import RemoteError, RemoteUnavailable
from sync.seal import CannotUnseal

TIMEOUT_S = (1.5, 4.0)  # somebody stands at the counter
ANSWER_BYTES_MAX = 256 * 1024


class AskRefused(RemoteError):
    """Central does not answer this question. Never repeated unchanged."""


class _Answer(msgspec.Struct, frozen=True):
    ask: int  # the version of these answers: whatever lacks it was not said by central
    sealed: dict[str, str] = {}
    error: str = ""
    reason: str = ""
    now: Annotated[str, msgspec.Meta(pattern=r"^([0-9T:-]{19}Z)?$")] = ""


def ask_central(local: Local, do: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Central's answer. While the agent says that the line is down, nobody waits for one.

    :raises RemoteUnavailable: no line; nothing was asked, or nobody knows whether it was.
    :raises AskRefused: central does not answer it.
    """
    if not word_of(local.store).ok:
        raise RemoteUnavailable("the line to central is down")
    return put_question(local.node, do, fields)


def put_question(node: Node, do: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Ask; a second time with central's own time if this PC's was too far off."""
    asked = seal_question(node.enrolment.central_box, do, fields)
    answer = _exchange(node, do, asked.body, timedelta())
    if answer.error == "stale" and answer.now:
        ahead = from_text(answer.now) - from_text(node.clock())
        answer = _exchange(node, do, asked.body, ahead)
    if answer.error:
        raise AskRefused(answer.reason or answer.error)
    try:
        return open_answer(asked.key, do, answer.sealed)
    except CannotUnseal:
        raise RemoteUnavailable(f"{do}: what answered is not central") from None


def _exchange(node: Node, do: str, body: bytes, ahead: timedelta) -> _Answer:
    at = to_text(from_text(node.clock()) + ahead)
    question = Question(
        do=do, body=body_hash(body), author=node.identity.author, at=at, nonce=new_nonce()
    )
    central = node.config.central
    with requests.Session() as session:
        session.trust_env = False
        session.verify = str(central.ca_file) if central.ca_file else True
        try:
            with session.post(
                f"{central.blobs_url.rstrip('/')}/ask/{do}",
                data=body,
                headers={"Authorization": ask(node.identity.signer, question)},
                stream=True,
                timeout=TIMEOUT_S,
                allow_redirects=False,
            ) as response:
                return _read(response)
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            said = type(error).__name__
            raise RemoteUnavailable(f"{do}: no answer ({said})") from error


def _read(response: requests.Response) -> _Answer:
    said = next(response.iter_content(ANSWER_BYTES_MAX), b"")
    try:
        answer = msgspec.json.decode(said, type=_Answer)
    except (msgspec.DecodeError, ValueError):
        raise RemoteUnavailable(
            f"{response.status_code} was not said by central (a portal, a proxy?)"
        ) from None
    if response.status_code >= 500:
        raise RemoteUnavailable(answer.reason or f"HTTP {response.status_code}")
    return answer
