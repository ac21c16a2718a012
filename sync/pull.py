"""Pull: what is in this point's inbox since the cursor becomes part of the store.

Events, refolded registers and the cursor are stored in short transactions; the network is never
inside one. Documents that are no events (receipts, leases, staff) are kept beside the journal, and
so are those of a kind that only a newer version knows: untouched, for when this store is newer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from cases.events import NotAnEvent, point_of
from sync import parked
from sync.canonical import digest
from sync.db import write
from sync.errors import NotCouch
from sync.ports import START, Change, Database
from sync.store import Envelope, Store, read_envelope
from sync.word import (
    CURSOR,
    LOST,
    MAILBOX,
    OFFER,
    RECEIPT,
    foreign_from,
    is_beyond,
    read_receipt,
)

BATCH = 200
BESIDE = ("block:", "staff:", "bundle:", "notice:")
UNKNOWN = "unknown:"


class OtherLife(Exception):
    """Somebody wrote under a name of this store's what it does not know: it is a copy."""

    def __init__(self, author: str, n: int) -> None:
        super().__init__(f"{author} {n}")
        self.author = author
        self.n = n  # a place where it shows; the lives may have parted before


class Pulled(NamedTuple):
    """How many inbox documents were taken in, which events were new, and whether that is all.

    ``ask``: something in it means that central's word must be asked for (``sync.word``).
    """

    taken: int
    new: tuple[str, ...]
    caught_up: bool
    ask: bool = False


def pull_once(
    store: Store,
    inbox: Database,
    *,
    wait_s: float = 0,
    batch: int = BATCH,
    rest: Callable[[float], None] | None = None,
    author: str = "",
) -> Pulled:
    """Take in the next batch of the inbox, waiting up to ``wait_s`` seconds for one.

    :param author: who this store writes as, where it writes.
    :raises OtherLife: another store writes as it, too; nothing was taken in.
    :raises RemoteError: nothing was taken in; the same step may be repeated.
    """
    since = store.cursor(CURSOR)
    changes = inbox.changes(since, limit=batch, wait_s=wait_s)
    envelopes: list[Envelope] = []
    beside: list[Change] = []
    for change in changes.rows:
        if change.doc is not None and "event" in change.doc:
            _sort_in(store, change, change.doc, envelopes)
        else:
            beside.append(change)
    if author:
        _require_one_life(store, author, envelopes)
    ask = not changes.rows and changes.cursor != since
    if beside:
        with write(store.db):
            for change in beside:
                ask = _keep_beside(store, change) or ask
    waited = parked.among(store.db, (e.event.id for e in envelopes))
    merged = store.merge(envelopes, cursor=(CURSOR, changes.cursor), rest=rest)
    if author and {id for id, _ in merged.parked} - waited:
        _doubt_journal(store)
    _put_right(store, {e.event.id for e in envelopes} - {id for id, _ in merged.parked})
    return Pulled(len(changes.rows), merged.new, changes.caught_up, ask)


def _require_one_life(store: Store, author: str, envelopes: Sequence[Envelope]) -> None:
    """Nothing in the inbox shows that another store wrote under a name that this one wrote under.

    :raises OtherLife: it did, in a place that is held here with other content, or beyond.
    """
    head = store.head(author)[0]
    shown: list[tuple[int, str]] = []
    for event in (envelope.event for envelope in envelopes):
        if event.point != point_of(author):
            continue
        ours = store.hash_at(event.author, event.n)
        if (event.author == author and event.n > head) or (ours and ours != digest(event.doc)):
            shown.append((event.n, event.author))
        if (n := store.holds(event.id)) and n != event.n:
            shown.append((min(n, event.n), event.author))
    if shown:
        n, name = min(shown)
        raise OtherLife(name, n)


def _doubt_journal(store: Store) -> None:
    """The journal has other facts in places where something is held here: it was restored.

    All that is held here is offered, and the bell tells it: the other points must do the same.
    """
    box = store.document(MAILBOX)
    with write(store.db):
        store.set_cursor(OFFER, START)
        if box:
            store.set_cursor(LOST, str(box["journal"]))


def _sort_in(
    store: Store, change: Change, doc: Mapping[str, Any], envelopes: list[Envelope]
) -> None:
    try:
        envelopes.append(read_envelope(doc))
    except NotAnEvent as error:
        with write(store.db):
            store.park(change.id, f"收件箱里有看不懂的内容：{error}", "", _plain(doc))


def _put_right(store: Store, ids: set[str]) -> None:
    """What could not be taken in before, and now was, waits for nobody any more."""
    if waiting := sorted(ids.intersection(id for id, *_ in store.parked())):
        with write(store.db):
            parked.drop(store.db, waiting)


def _plain(doc: Mapping[str, Any]) -> dict[str, Any]:
    return {name.lstrip("_"): value for name, value in doc.items()}


def _keep_beside(store: Store, change: Change) -> bool:
    """Keep what is no event. :returns: whether central must be asked what it means."""
    body = None if change.deleted or change.doc is None else _plain(change.doc)
    if change.id == MAILBOX:
        return True
    if change.id.startswith(RECEIPT):
        return body is not None and _keep_receipt(store, change.id.removeprefix(RECEIPT), body)
    known = change.id.startswith(BESIDE)
    store.set_document(change.id if known else UNKNOWN + change.id, body)
    return False


def _keep_receipt(store: Store, author: str, body: Mapping[str, Any]) -> bool:
    """Keep a receipt that says more than the last. :returns: whether central must be asked.

    One that says less, or speaks of an event that is not ours or that we never wrote, is for
    ``sync.word``, which alone knows what must follow.
    """
    known = store.receipt(author)
    try:
        now = read_receipt(body, known)
    except NotCouch:
        return True
    if now.n < known.n or foreign_from(store, author, now):
        return True
    if is_beyond(store, author, now):
        return author == store.cursor("author", "")  # else it counts once what it covers is here
    store.set_receipt(author, now)
    return False
