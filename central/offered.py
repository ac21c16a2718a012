"""What was offered after a restore and could not be taken in: stated, until somebody settles it.

The statement is an event in the book of the store that is said to have written what was offered,
so it outlives the router's file, and reaches the boards and that store's point. The content itself
lies in that file only (``parked``), for whoever looks into it. Nothing waits for an answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from cases.aside import ARRIVED, Offer, offers
from cases.events import NotAnEvent, parse
from central.author import CentralAuthor
from sync import parked
from sync.canonical import digest
from sync.forgetting import forgotten_among
from sync.ports import Doc
from sync.store import Store

OPEN_MAX = 200  # of one store: more of the same tell nobody more, and anybody can offer rubbish


class Offers:
    """Speaks in the router's name of what it could not take in. One a thread.

    ``unheard``: something was stated that is still to be journaled.
    """

    def __init__(self, store: Store, author: CentralAuthor, clock: Callable[[], str]) -> None:
        self._store = store
        self._author = author
        self._clock = clock
        self.unheard = False

    def put_aside(self, author: str, n: int, doc: Doc, *, offered_by: str, why: str) -> None:
        """Keep what was offered and state why it is not taken in, once for each content.

        Of a place that the journal has filled, a spoilt copy needs nobody.
        """
        plain = {name: value for name, value in doc.items() if not name.startswith("_")}
        if forgotten_among(self._store.db, [parked.subject_in(plain)]):
            plain.pop("keys", None)
        self._store.park(doc["_id"], f"补送的记录不能收录：{why}", self._clock(), plain)
        hash, known = content_hash(plain), self._offers(author)
        told = any((o.n, o.hash) == (n, hash) for o in known)
        waiting = [o for o in known if o.answer is None]
        if told or self._store.hash_at(author, n) or len(waiting) >= OPEN_MAX:
            return
        data = {
            "author": author, "n": n, "hash": hash, "offered_by": offered_by,
            "why": why.partition("：")[0],  # what follows quotes what was offered
            **_of_itself(plain),
        }  # fmt: skip
        self._state("store.offer_refused", author, data)

    def settle(self, author: str) -> None:
        """State of each offer whose place the journal has by now that nobody need answer it."""
        for offer in self._offers(author):
            if offer.answer is None and self._store.hash_at(author, offer.n):
                data = {"author": author, "n": offer.n, "hash": offer.hash, "how": ARRIVED}
                self._state("store.offer_answered", author, data)

    def _state(self, type: str, author: str, data: Mapping[str, Any]) -> None:
        self._author.state(self._store, type, author, data, actor="intake")
        self.unheard = True

    def _offers(self, author: str) -> tuple[Offer, ...]:
        book = self._store.subject(author)
        return offers(book) if book else ()


def content_hash(doc: Doc) -> str:
    """The hash of the event in an envelope; "" where there is none."""
    event = doc.get("event")
    return digest(event) if isinstance(event, dict) else ""


def _of_itself(doc: Doc) -> dict[str, str]:
    """What an offered event says it is; nothing if it cannot be read."""
    try:
        event = parse(doc.get("event"))
    except NotAnEvent:
        return {}
    return {"what": event.type, "subject": event.subject}
