"""Offer: after central was restored, a store sends what it holds of others, whoever wrote it.

What the store's own point wrote goes the ordinary way (``sync.push``), in order. Of others it
holds single events only: each is put into the outbox under its author's name and place, and
intake takes in what the journal lacks. The author itself may be lost for ever.
"""

from __future__ import annotations

from typing import NamedTuple

from cases.events import Event, point_of
from sync.db import write
from sync.ports import Database
from sync.push import conflicting, outbox_docs, send, taken_elsewhere
from sync.store import Store
from sync.word import OFFER

BATCH = 200
LEFT = "left-out"
LEFT_MAX = 10_000
WHY_TAKEN = "区中心恢复数据时要补送，而发件箱里同一位置已是另一内容"


class Offered(NamedTuple):
    """How many events were sent, and whether nothing is left to offer."""

    sent: int
    caught_up: bool


def offer_once(
    store: Store, point: str, outbox: Database, central_box: str, *, batch: int = BATCH
) -> Offered:
    """Send the next batch of what others wrote; nothing unless central's word asked for it.

    What cannot be opened here yet is left for :func:`offer_left`.

    :raises RemoteError: nothing is lost; the same step may be repeated.
    """
    after = store.cursor(OFFER, "")
    if not after:
        return Offered(0, True)
    held = store.held(int(after), batch)
    others = [(seq, event) for seq, event in held if point_of(event.author) != point]
    sent, left = _send(store, outbox, central_box, others)
    more = len(held) == batch
    with write(store.db):
        store.set_cursor(OFFER, str(held[-1][0]) if more else "")
        if left:
            store.set_document(LEFT, {"seqs": [*_left(store), *left][:LEFT_MAX]})
    return Offered(sent, not more)


def offer_left(store: Store, outbox: Database, central_box: str) -> int:
    """Send what was left out because its key was missing, as far as the key has come since.

    :returns: how many events were sent.
    """
    seqs = _left(store)
    if not seqs:
        return 0
    found = [(seq, event) for seq in seqs for at, event in store.held(seq - 1, 1) if at == seq]
    sent, left = _send(store, outbox, central_box, found)
    if len(left) < len(seqs):
        with write(store.db):
            store.set_document(LEFT, {"seqs": left} if left else None)
    return sent


def _left(store: Store) -> list[int]:
    return list((store.document(LEFT) or {}).get("seqs", ()))


def _send(
    store: Store, outbox: Database, central_box: str, events: list[tuple[int, Event]]
) -> tuple[int, list[int]]:
    """Put events into the outbox. :returns: how many went, and the places of those left out."""
    docs = outbox_docs(store, (event for _, event in events), central_box)
    if docs:
        for doc in taken_elsewhere(docs, conflicting(outbox, send(store, outbox, docs))):
            store.park(doc["_id"], WHY_TAKEN, doc["event"]["at"], doc["event"])
    went = {doc["event"]["id"] for doc in docs}
    return len(docs), [seq for seq, event in events if event.id not in went]
