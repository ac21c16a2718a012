"""Offer: after central was restored, a store sends what it holds of others, whoever wrote it.

What the store's own point wrote goes the ordinary way (``sync.push``), in order. Of others it
holds single events only: each is put into the outbox under its author's name and place, and
intake takes in what the journal lacks. The author itself may be lost for ever.
"""

from __future__ import annotations

from typing import NamedTuple

from cases.events import point_of
from sync.db import write
from sync.ports import Database
from sync.push import conflicting, outbox_docs, send, taken_elsewhere
from sync.store import Store
from sync.word import OFFER

BATCH = 200
WHY_TAKEN = "区中心恢复数据时要补送，而发件箱里同一位置已是另一内容"


class Offered(NamedTuple):
    """How many events were sent, and whether nothing is left to offer."""

    sent: int
    caught_up: bool


def offer_once(
    store: Store, point: str, outbox: Database, central_box: str, *, batch: int = BATCH
) -> Offered:
    """Send the next batch of what others wrote; nothing unless central's word asked for it.

    :raises RemoteError: nothing is lost; the same step may be repeated.
    """
    after = store.cursor(OFFER, "")
    if not after:
        return Offered(0, True)
    held = store.held(int(after), batch)
    others = [event for _, event in held if point_of(event.author) != point]
    docs = outbox_docs(store, others, central_box)
    if docs:
        for doc in taken_elsewhere(docs, conflicting(outbox, send(store, outbox, docs))):
            store.park(doc["_id"], WHY_TAKEN, doc["event"]["at"], doc["event"])
    more = len(held) == batch
    with write(store.db):
        store.set_cursor(OFFER, str(held[-1][0]) if more else "")
    return Offered(len(docs), not more)
