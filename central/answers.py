"""What the district's supervisors answer: found, opened, and answered in central's name.

It is what ``central.board.own_in`` lists. The answer is an event like any other, so every web host
and every rebuilt read model knows it; the first one stands.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cases.aside import Aside, NotCounted, Offer, every
from cases.events import CENTRAL, Event, NotAnEvent
from cases.fold import WrongState
from central.board import is_own
from central.board_cards import own_key
from central.context import author, district, now, portal_db, server, store
from central.district import ROUTER_MODEL, outbox_name
from central.offered import content_hash
from central.web_author import stated
from sync import parked
from sync.db import write
from sync.errors import RemoteError
from sync.ports import Doc
from sync.push import outbox_id
from sync.seal import CannotUnseal, unseal
from sync.store import read_envelope

ALREADY = "这一条已经有人答复过了，下面是现在的情况"
LOOKED_INTO = "未采纳或未收录的记录的完整内容"


@dataclass(frozen=True)
class Content:
    """What a fact that did not count says, as far as it is still here and can be read."""

    event: Event
    keys: tuple[dict[str, str], ...]


def find(kind: str, which: str) -> NotCounted | None:
    """What did not count, by its kind and name; None if there is no such thing of central's."""
    number = which.rpartition(":")[0] if kind != "offer" else which.partition(":")[0]
    subject = store().subject(number)
    if subject is None:
        return None
    ours = (one for one in every(subject) if is_own(one))
    return next((one for one in ours if own_key(one) == (kind, which)), None)


def content(found: NotCounted) -> Content | None:
    """What it says. None where it cannot be read, or nobody here holds it any more."""
    if isinstance(found, Aside):
        event = store().event(found.event)
        return Content(event, ()) if event else None
    try:
        doc = _offered(found) if isinstance(found, Offer) else _written(found.author, found.n)
        envelope = read_envelope(doc) if doc else None
    except (NotAnEvent, RemoteError):
        return None
    return Content(envelope.event, envelope.keys) if envelope else None


def _offered(found: Offer) -> Doc | None:
    """The router's host keeps what was offered, until its file is built anew."""
    if not (district().config.data / ROUTER_MODEL).exists():
        return None
    router = district().open_store(ROUTER_MODEL)
    try:
        there = parked.one(router.db, outbox_id(found.author, found.n))
    finally:
        router.close()
    body = there.body if there and isinstance(there.body, dict) else None
    return body if body and content_hash(body) == found.hash else None


def _written(author: str, n: int) -> Doc | None:
    return server().database(outbox_name(CENTRAL)).get(outbox_id(author, n))


def look_into(found: NotCounted, actor: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The sealed part of the fact, and of its answer. The showing is noted first.

    :raises CannotUnseal: no key that central holds opens what is sealed.
    """
    said = content(found)
    subject = said.event.subject if said else own_key(found)[1]
    with write(portal_db()) as db:
        db.execute("INSERT INTO showings VALUES (?, ?, ?, ?)", [now(), actor, subject, LOOKED_INTO])
    answer = store().event(found.answer.event) if found.answer else None
    return _opened(said) if said else {}, store().unseal(answer) if answer else {}


def _opened(said: Content) -> dict[str, Any]:
    event = said.event
    if not said.keys:
        return store().unseal(event)
    key = store().keyring.unwrap(said.keys)
    if key is None:
        raise CannotUnseal(f"{event.id}: 没有附上中心能打开的密钥")
    return unseal(key, event.id, event.sealed) if event.sealed else {}


def answer(found: NotCounted, op: str, *, how: str, words: str, actor: str) -> None:
    """State what became of it, once for each operation, and ring the bell.

    :raises WrongState: somebody has answered it already, or it cannot be answered from here.
    :raises RemoteError: nobody knows whether it was written; the same operation may be sent again.
    """
    if found.answer and not stated(portal_db(), op):
        raise WrongState(ALREADY)
    type, subject, data = _statement(found)
    author().state_once(
        portal_db(), store(), op, type, subject, {**data, "how": how},
        actor=actor, sealed={"words": words} if words else None,
    )  # fmt: skip
    author().ring(server())


def _statement(found: NotCounted) -> tuple[str, str, dict[str, Any]]:
    if isinstance(found, Aside):
        return "aside.answered", found.subject, {"event": found.event}
    data = {"author": found.author, "n": found.n}
    if isinstance(found, Offer):
        return "store.offer_answered", found.author, {**data, "hash": found.hash}
    return "store.refusal_answered", found.author, data
