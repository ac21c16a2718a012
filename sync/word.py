"""Central's word, asked for directly: what its journal holds of us, and whose mailbox this is.

A feed of changes cannot tell that the other end was restored: a cursor ahead of a restored
database is answered "nothing new" for ever. So a node asks, at its first contact, whenever the
line has failed, and now and then: one request for its receipts and for the inbox's own document

    mailbox: {"made": <which inbox>, "journal": <which journal>}

``made`` changes when an inbox is made anew: the cursor means nothing in it. ``journal`` changes
when central finds that it was restored. Then, or when a receipt says less than before, or when the
inbox lacks what it gave last (a central that kept no trace of what it lost, and lost nothing of
ours, has no other way of being found), everything is pulled from the start, and everything held
here is offered, whoever wrote it (``sync.offer``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from cases.events import Event, parse, point_of
from sync.canonical import decode, digest
from sync.db import write
from sync.errors import Missing, NotCouch
from sync.ports import START, Database
from sync.push import CopiedStore, outbox_id, same_event
from sync.store import Receipt, Store

CURSOR = "inbox"
OFFER = "offer"
LOST = "lost"
RECEIPT = "receipt:"
MAILBOX = "mailbox"
BATCH = 200


class Word(NamedTuple):
    """What was found: the journal has lost something, or it or the inbox is another one."""

    lost: bool = False
    other_journal: bool = False
    other_inbox: bool = False

    @property
    def restored(self) -> bool:
        """Whether central may lack what is held here."""
        return self.lost or self.other_journal

    @property
    def news(self) -> bool:
        """Whether anything is to be taken or sent again."""
        return self.restored or self.other_inbox


def ask_central(store: Store, author: str, inbox: Database, outbox: Database) -> Word:
    """Ask for central's word with one request, keep it, and begin again what must be.

    :param outbox: looked into only to find from which place on another store wrote as we do, and
        what an earlier name of ours wrote beyond what is here.
    :raises CopiedStore: central's journal holds another event at our place, or places of this
        author that we never wrote: two stores have written under one name.
    """
    mine = own_authors(store, author)
    given = _last_given(store, point_of(author))
    ours = {name: store.of_author(name, store.head(name)[0] - 1, 1) for name in mine[1:]}
    lasts = {name: events[0] for name, events in ours.items() if events}
    asked = [MAILBOX, *(RECEIPT + name for name in mine), *(e.id for e in given)]
    docs = inbox.fetch([*asked, *(event.id for event in lasts.values())])
    agreed = {n for n, e in lasts.items() if same_event(docs.get(e.id), {"event": e.doc})}
    said = {name: read_receipt(docs.get(RECEIPT + name), store.receipt(name)) for name in mine}
    agreed |= {n for n in lasts if n not in agreed and _leads_on(store, n, said[n], outbox)}
    other = foreign_from(store, author, said[author])
    if other or said[author].n > store.head(author)[0]:
        place = fork(store, author, inbox, outbox)
        raise CopiedStore(author, min(place, other or place))
    known = store.document(MAILBOX)
    box = _box(docs.get(MAILBOX)) or known
    word = _compare(store, said, known, box)
    there = all(same_event(docs.get(e.id), {"event": e.doc}) for e in given)
    if not word.news and not there:
        word = word._replace(lost=True)
    with write(store.db):
        for name, receipt in said.items():
            if name in agreed or not is_beyond(store, name, receipt):
                store.set_receipt(name, receipt)
        store.set_document(MAILBOX, box)
        if word.news:
            store.set_cursor(CURSOR, START)
        if word.restored:
            store.set_cursor(OFFER, START)
        if word.lost and box:
            store.set_cursor(LOST, box["journal"])  # the bell tells it: the others must know
    return word


def _last_given(store: Store, point: str) -> list[Event]:
    """The event of somebody else that came last; none while all is offered anyway.

    It came from this inbox, which never loses anything but by a restore.
    """
    if store.cursor(OFFER, ""):
        return []
    newest = store.db.execute(
        "SELECT body, author FROM events ORDER BY seq DESC LIMIT ?", [BATCH]
    ).fetchall()
    return [parse(decode(body)) for body, by in newest if point_of(by) != point][:1]


def own_authors(store: Store, author: str) -> list[str]:
    """The author a store writes as, and those that its point wrote as before."""
    point = point_of(author)
    return [author, *(a for a in store.authors() if a != author and point_of(a) == point)]


def _compare(
    store: Store,
    said: Mapping[str, Receipt],
    known: Mapping[str, Any] | None,
    box: Mapping[str, Any] | None,
) -> Word:
    lost = any(receipt.n < store.receipt(name).n for name, receipt in said.items())
    if not known or not box:
        return Word(lost)
    return Word(lost, box["journal"] != known["journal"], box["made"] != known["made"])


def _box(doc: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return {"made": str(doc.get("made")), "journal": str(doc.get("journal"))} if doc else None


def read_receipt(doc: Mapping[str, Any] | None, known: Receipt) -> Receipt:
    """The receipt in a document; none says that the journal holds nothing.

    :raises NotCouch: what stands there is no receipt; nothing may be concluded from it.
    """
    if doc is None:
        return Receipt(0, "", known.at)
    try:
        parted = tuple((int(n), str(hash)) for n, hash in doc.get("parted", ()))
        return Receipt(int(doc["n"]), str(doc["hash"]), str(doc.get("at", "")), parted)
    except (KeyError, TypeError, ValueError) as error:
        raise NotCouch(f"the receipt cannot be read ({error}); it is asked for again") from None


def foreign_from(store: Store, author: str, receipt: Receipt) -> int:
    """The first place named in a receipt where central's journal holds another event than this
    store does; 0 if there is none.

    A receipt passes over what was refused. Of two lives of one disk, one may have written what
    follows nothing in the journal: below it, the journal holds what the other one wrote. A receipt
    without a hash passes over something that was no event of the author's.
    """
    named = ((n, hash, store.hash_at(author, n)) for n, hash in (*receipt.parted, receipt[:2]))
    return min((n for n, hash, ours in named if hash and ours and ours != hash), default=0)


def is_beyond(store: Store, author: str, receipt: Receipt) -> bool:
    """Whether a receipt covers places of this point's that are not here: perhaps another's.

    What is here of that author may be of another life than what central holds.
    """
    me = store.cursor("author", "")
    ours = bool(me) and point_of(author) == point_of(me)
    return ours and 0 < store.head(author)[0] < receipt.n


def _leads_on(store: Store, author: str, receipt: Receipt, outbox: Database) -> bool:
    """Whether what was sent leads from an author's last event here on to the receipt's.

    The inbox does not tell it where that last event was refused, or concerns a subject that is not
    this point's. Each event names the hash of the one before, so no outbox need be trusted.
    """
    n, hash = store.head(author)
    near = is_beyond(store, author, receipt) and receipt.n <= n + BATCH
    if not near or foreign_from(store, author, receipt):
        return False
    ids = [outbox_id(author, place) for place in range(n + 1, receipt.n + 1)]
    try:
        sent = outbox.fetch(ids)
    except Missing:
        return False  # central makes it anew
    for id in ids:
        event = sent.get(id, {}).get("event")
        if not isinstance(event, dict) or event.get("prev") != hash:
            return False
        hash = digest(event)
    return hash == receipt.hash


def fork(store: Store, author: str, inbox: Database, outbox: Database) -> int:
    """The first place above the last good receipt that central does not hold as we do.

    The inbox follows the journal only after a while: what the outbox has at its place is as good,
    unless it was made anew. Then its places were free again for whoever came first: for us, too.
    """
    n = store.receipt(author).n
    first = outbox_id(author, 1)
    while events := store.of_author(author, n, BATCH):
        given = inbox.fetch([event.id for event in events])
        sent = outbox.fetch([first, *(outbox_id(author, event.n) for event in events)])
        sent = sent if first in sent else {}
        for event in events:
            ours = {"event": event.doc}
            there = (given.get(event.id), sent.get(outbox_id(author, event.n)))
            if not any(same_event(doc, ours) for doc in there):
                return event.n
        n = events[-1].n
    return n + 1
