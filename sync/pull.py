"""Pull: what is in this point's inbox since the cursor becomes part of the store.

Events, refolded registers and the cursor are stored in short transactions; the network is never
inside one. Documents that are no events (receipts, leases, staff) are kept beside the journal.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from cases.events import NotAnEvent
from sync.db import write
from sync.ports import Change, Database
from sync.push import CopiedStore, same_event
from sync.store import Envelope, Receipt, Store, read_envelope

BATCH = 200
CURSOR = "inbox"
RECEIPT = "receipt:"
BESIDE = ("block:", "staff:", "bundle:", "notice:")


class Pulled(NamedTuple):
    """How many inbox documents were taken in, which events were new, and whether that is all."""

    taken: int
    new: tuple[str, ...]
    caught_up: bool


def pull_once(
    store: Store,
    inbox: Database,
    *,
    wait_s: float = 0,
    batch: int = BATCH,
    rest: Callable[[float], None] | None = None,
) -> Pulled:
    """Take in the next batch of the inbox, waiting up to ``wait_s`` seconds for one.

    :raises RemoteError: nothing was taken in; the same step may be repeated.
    """
    changes = inbox.changes(store.cursor(CURSOR), limit=batch, wait_s=wait_s)
    envelopes: list[Envelope] = []
    beside: list[Change] = []
    for change in changes.rows:
        if change.id.startswith((RECEIPT, *BESIDE)):
            beside.append(change)
        elif not change.deleted and change.doc is not None:
            _sort_in(store, change, change.doc, envelopes)
    if beside:
        with write(store.db):
            for change in beside:
                _keep_beside(store, change)
    merged = store.merge(envelopes, cursor=(CURSOR, changes.cursor), rest=rest)
    return Pulled(len(changes.rows), merged.new, changes.caught_up)


def _sort_in(
    store: Store, change: Change, doc: Mapping[str, Any], envelopes: list[Envelope]
) -> None:
    try:
        envelopes.append(read_envelope(doc))
    except NotAnEvent as error:
        with write(store.db):
            store.park(change.id, f"收件箱里有看不懂的内容：{error}", "", _plain(doc))


def _plain(doc: Mapping[str, Any]) -> dict[str, Any]:
    return {name.lstrip("_"): value for name, value in doc.items()}


def _keep_beside(store: Store, change: Change) -> None:
    body = None if change.deleted or change.doc is None else _plain(change.doc)
    if change.id.startswith(RECEIPT):
        if body is not None:
            _keep_receipt(store, change.id.removeprefix(RECEIPT), _receipt(body))
    else:
        store.set_document(change.id, body)


def _receipt(body: Mapping[str, Any]) -> Receipt:
    return Receipt(int(body["n"]), str(body["hash"]), str(body.get("at", "")))


def _keep_receipt(store: Store, author: str, now: Receipt) -> None:
    """Keep a receipt that says more than the last. One that says less is :func:`check_receipt`'s:
    it alone knows what must follow."""
    if now.n >= store.receipt(author).n and not _is_foreign(store, author, now):
        store.set_receipt(author, now)


def _is_foreign(store: Store, author: str, receipt: Receipt) -> bool:
    """Whether central's journal holds another event at that place than this store does.

    A receipt without a hash passes over something that was no event of the author's.
    """
    ours = store.hash_at(author, receipt.n)
    return bool(receipt.hash) and ours is not None and ours != receipt.hash


def check_receipt(store: Store, author: str, inbox: Database) -> bool:
    """Get the receipt directly and keep it. :returns: whether central has lost something of ours.

    It has when the receipt is lower than the one we knew: central was restored. Then everything
    is pulled from the start again, and what the receipt no longer covers is pushed again.

    :raises CopiedStore: central's journal holds another event at our place, or places of this
        author that we never wrote: two stores have written under one name.
    """
    known = store.receipt(author)
    doc = inbox.get(RECEIPT + author)
    now = _receipt(doc) if doc else Receipt(0, "", known.at)
    if _is_foreign(store, author, now) or now.n > store.head(author)[0]:
        raise CopiedStore(author, _fork(store, author, known.n, inbox))
    if now == known:
        return False
    lost = now.n < known.n
    with write(store.db):
        store.set_receipt(author, now)
        if lost:
            store.set_cursor(CURSOR, "0")
    return lost


def _fork(store: Store, author: str, known: int, inbox: Database) -> int:
    """The first place above the last good receipt that central does not hold as we do."""
    n = known
    while events := store.of_author(author, n, BATCH):
        there = inbox.fetch([event.id for event in events])
        for event in events:
            if not same_event(there.get(event.id), {"event": event.doc}):
                return event.n
        n = events[-1].n
    return n + 1
