"""Push: this store's own events above the receipt go to its outbox, in order, in batches.

An event counts as sent when the outbox holds it *with this content*, and as safe only when a
receipt covers it. One that the outbox does not take is parked, and a stand-in keeps its place:
central then refuses that and reads on. One step, no loop: the agent repeats it.
"""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from cases.events import Event
from sync import parked
from sync.canonical import digest
from sync.db import write
from sync.envelopes import Envelopes
from sync.errors import Conflict, RemoteRefused
from sync.forgetting import forgotten_among
from sync.opened import place_of
from sync.ports import Database, Doc, Row
from sync.store import Envelope, Store, envelope_doc

BATCH = 200
PARKED = "parked"  # what a stand-in has in an event's place
PURGED = "purged"  # beside an event, in the place of its keys: its subject is forgotten
OPENED = "opened"  # beside an event: its author's first, as long as nobody certified that


class CopiedStore(Exception):
    """Central holds another event at our place: this store is a copy of another one.

    It must take a new author before it writes anything more, and state anew under it what it
    wrote from place ``n`` on. Never retried.
    """

    def __init__(self, author: str, n: int) -> None:
        super().__init__(f"{author} 的第 {n} 条在区中心已是另一内容：本机的数据是从别处拷贝来的")
        self.author = author
        self.n = n


class Pushed(NamedTuple):
    """How many events the outbox now holds above where the step began, and whether that is all."""

    sent: int
    last: int
    caught_up: bool


def outbox_id(author: str, n: int) -> str:
    """The id of an author's event ``n`` in its outbox: sorting gives the order of writing."""
    return f"{author}:{n:010d}"


def push_once(
    store: Store, author: str, outbox: Database, central_box: str, *, after: int, batch: int = BATCH
) -> Pushed:
    """Send the next batch of an author's events above ``after`` and above the receipt.

    :raises CopiedStore: the place is taken by other content.
    :raises RemoteError: nothing is lost; the same step may be repeated.
    """
    start = max(after, store.receipt(author).n)
    events = store.of_author(author, start, batch)
    if not events:
        return Pushed(0, start, True)
    docs = outbox_docs(store, events, central_box)
    before = parked.among(store.db, (doc["_id"] for doc in docs))
    rows = send(store, outbox, docs) if docs else []
    there = conflicting(outbox, rows)
    taken = taken_elsewhere(docs, there) + _left_out_and_taken(events, docs, outbox)
    if taken:
        _take_back(outbox, rows)
        raise CopiedStore(author, min(doc["event"]["n"] for doc in taken))
    dealt_with = {row.id for row in rows if row.error in (None, "conflict")}
    refused = [doc for doc in docs if doc["_id"] not in dealt_with]
    _unpark(store, before & {d["_id"] for d in docs if d["_id"] in dealt_with and _went(d, there)})
    for doc in refused:
        if doc["_id"] not in before:  # once may be a slip of whoever answered: it is sent again
            return Pushed(len(dealt_with), doc["event"]["n"] - 1, False)
    _keep_places(outbox, refused)
    return Pushed(len(events), events[-1].n, len(events) < batch)


def outbox_docs(store: Store, events: Iterable[Event], central_box: str) -> list[Doc]:
    """The outbox documents of events: keys wrapped to central, and the authors' certificates.

    An event of another store's whose key cannot be opened here is left out: without it central must
    refuse it. A new PC has such in its backup; another party may still have the key. Of a forgotten
    subject nobody has it, and central takes the event in without.
    """
    given = list(events)
    envelopes, me = Envelopes(store, (central_box,)), store.cursor("author", "")
    forgotten = forgotten_among(store.db, {event.subject for event in given})
    found = ((event, _with_opening(store, envelopes.of(event))) for event in given)
    return [
        envelope_doc(outbox_id(event.author, event.n), _without_keys(envelope, forgotten))
        for event, envelope in found
        if envelope.keys
        or place_of(event) is None
        or event.author == me
        or event.subject in forgotten
    ]


def _without_keys(envelope: Envelope, forgotten: Container[str]) -> Envelope:
    """The envelope; what is sealed of a forgotten subject bears the mark instead of keys."""
    event = envelope.event
    if event.subject not in forgotten or place_of(event) is None:
        return envelope
    return envelope._replace(keys=(), more={**(envelope.more or {}), PURGED: True})


def _with_opening(store: Store, envelope: Envelope) -> Envelope:
    """Until central has certified the author, each event brings along the one that proves it.

    Central may have been restored after it took in that one, and this disk may be lost next.
    """
    event = envelope.event
    if envelope.cert or event.n == 1:
        return envelope
    first = store.of_author(event.author, 0, 1)
    if not first or first[0].n != 1:
        return envelope
    return envelope._replace(more={**(envelope.more or {}), OPENED: dict(first[0].doc)})


def send(store: Store, outbox: Database, docs: Sequence[Doc]) -> list[Row]:
    """Write a batch; one that is refused whole is halved down to its culprit, which is parked.

    :returns: what became of each document that is not parked.
    """
    try:
        rows = outbox.bulk(docs)
    except RemoteRefused as error:
        if len(docs) == 1:
            _park(store, docs[0], str(error))
            return []
        middle = len(docs) // 2
        return send(store, outbox, docs[:middle]) + send(store, outbox, docs[middle:])
    sent = {doc["_id"]: doc for doc in docs}
    for row in rows:
        if row.error not in (None, "conflict"):
            _park(store, sent[row.id], f"{row.error}: {row.reason}")
    return rows


def conflicting(outbox: Database, rows: Sequence[Row]) -> dict[str, Doc]:
    """What the outbox holds where it took nothing because something is there already."""
    conflicts = sorted(row.id for row in rows if row.error == "conflict")
    return outbox.fetch(conflicts) if conflicts else {}


def taken_elsewhere(docs: Sequence[Doc], there: Mapping[str, Doc]) -> list[Doc]:
    """Those documents whose place in the outbox holds another event, in order."""
    return [
        doc
        for doc in docs
        if doc["_id"] in there
        and not same_event(there[doc["_id"]], doc)
        and not same_event(there[doc["_id"]], stand_in(doc))
    ]


def _went(doc: Doc, there: Mapping[str, Doc]) -> bool:
    """Whether the outbox holds the event itself, and no stand-in."""
    return doc["_id"] not in there or same_event(there[doc["_id"]], doc)


def _left_out_and_taken(
    events: Sequence[Event], docs: Sequence[Doc], outbox: Database
) -> list[Doc]:
    """What was left out for want of its key, where the outbox holds another event in its place."""
    went = {doc["_id"] for doc in docs}
    bare = [envelope_doc(outbox_id(e.author, e.n), Envelope(e)) for e in events]
    left = [doc for doc in bare if doc["_id"] not in went]
    there = outbox.fetch([doc["_id"] for doc in left]) if left else {}
    return taken_elsewhere(left, there)


def stand_in(doc: Doc) -> Doc:
    """What keeps the place of an event that the outbox does not take: no event, so intake refuses
    it, tells the point, and reads on behind it."""
    return {"_id": doc["_id"], "event": {PARKED: digest(doc["event"])}}


def _keep_places(outbox: Database, refused: Sequence[Doc]) -> None:
    """Put stand-ins where a parked event would leave a gap, at which intake stops reading.

    Where not even they are taken, the next offer of what no receipt covers tries again.
    """
    if refused:
        with suppress(RemoteRefused):
            outbox.bulk([stand_in(doc) for doc in refused])


def _take_back(outbox: Database, rows: Sequence[Row]) -> None:
    """What this batch just put behind the other store's events does not follow them."""
    for row in rows:
        if row.ok and row.rev is not None:
            with suppress(Conflict):
                outbox.delete(row.id, row.rev)


def same_event(one: Mapping[str, Any] | None, other: Mapping[str, Any]) -> bool:
    """Whether two envelopes hold the same event, whatever their wrappings."""
    if one is None or not isinstance(one.get("event"), Mapping):
        return False
    return digest(one["event"]) == digest(other["event"])


def _park(store: Store, doc: Doc, why: str) -> None:
    with write(store.db):
        store.park(doc["_id"], f"发件箱拒收：{why}", doc["event"]["at"], doc["event"])


def _unpark(store: Store, there: Collection[str]) -> None:
    """What was refused once, and is in the outbox now, needs nobody any more."""
    if there:
        with write(store.db):
            parked.drop(store.db, there)
