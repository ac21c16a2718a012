"""Missed (漏收): what waits in the inbox behind this store's cursor, found by comparing.

A cursor ahead of a restored database is answered "nothing new" for ever, and what was put there
meanwhile lies behind it. Where nothing of ours is gone, no receipt tells it. Two things do, which
ask nothing of central: the bell, whose document never goes back unless it was restored, and a look
at the inbox's own ids, a page now and then, until all of it has been compared; then again.
"""

from __future__ import annotations

from collections.abc import Iterable

from cases.events import NotAnEvent
from sync import parked
from sync.db import write
from sync.merging import is_carried, listed
from sync.ports import START, Database, Doc
from sync.pull import BESIDE, UNKNOWN
from sync.store import Store, read_envelope
from sync.word import CURSOR, LOST, MAILBOX, OFFER, RECEIPT

PAGE = 500
LOOKED = "looked"  # the id up to which the inbox was compared in this round
RUNG = "rung"  # how often the bell's document had been written when this store last wrote it
REWOUND = "rewound"
_HELD = "SELECT e.id FROM json_each(?) c CROSS JOIN events e ON e.id=c.value"


def look_once(store: Store, inbox: Database) -> tuple[str, ...]:
    """Compare the next page of the inbox, by its ids, with what is held here.

    :returns: what is lacking here. It may just have come: see again once all is pulled.
    """
    after = store.cursor(LOOKED, "")
    ids = [str(doc["_id"]) for doc in inbox.range(after, "~", limit=PAGE, docs=False)]
    with write(store.db):
        store.set_cursor(LOOKED, f"{ids[-1]}!" if len(ids) == PAGE else "")
    return lacking(store, inbox, ids)


def lacking(store: Store, inbox: Database, ids: Iterable[str]) -> tuple[str, ...]:
    """Which of these documents of the inbox were never taken in here, nor put aside."""
    asked = [id for id in ids if id != MAILBOX and not id.startswith(RECEIPT)]
    held = {id for (id,) in store.db.execute(_HELD, [listed(asked)])}
    held |= parked.among(store.db, asked)
    left = [id for id in asked if id not in held and store.document(UNKNOWN + id) is None]
    there = inbox.fetch(left) if left else {}
    return tuple(id for id in left if id in there and not _is_known(store, there[id]))


def _is_known(store: Store, doc: Doc) -> bool:
    """Whether what is not held under its own id is held otherwise: kept beside, or carried."""
    if str(doc["_id"]).startswith(BESIDE):
        return store.document(str(doc["_id"])) == {k.lstrip("_"): v for k, v in doc.items()}
    try:
        return is_carried(store.db, read_envelope(doc).event)
    except NotAnEvent:
        return False


def note_bell(store: Store, before: str, after: str) -> bool:
    """Note how often the bell's document was written, and whether it was less than once known.

    :param before: its revision before this store rang; "" if there was none.
    :returns: whether it went back: central was restored, whatever else it says.
    """
    went_back = _times(before) < int(store.cursor(RUNG))
    with write(store.db):
        store.set_cursor(RUNG, str(_times(after)))
        if went_back:
            store.set_cursor(REWOUND, "1")
    return went_back


def is_rewound(store: Store) -> bool:
    """Whether the bell went back, and not all was taken again since."""
    return store.cursor(REWOUND) != "0"


def _times(rev: str) -> int:
    """How often a document was written: CouchDB's revisions begin with it."""
    times = rev.partition("-")[0]
    return int(times) if times.isdigit() else 0


def take_again(store: Store) -> None:
    """Take everything in the inbox again from the start."""
    with write(store.db):
        store.set_cursor(CURSOR, START)


def begin_again(store: Store) -> None:
    """Take everything again and offer all that is held here; the bell tells the others of it."""
    box = store.document(MAILBOX)
    with write(store.db):
        for cursor in (CURSOR, OFFER):
            store.set_cursor(cursor, START)
        store.set_cursor(REWOUND, "0")
        if box:
            store.set_cursor(LOST, str(box["journal"]))
