"""How an outbox is read: whose events are in it, page by page, and at which place each stands."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cases.events import is_author
from sync.ports import Database, Doc
from sync.push import outbox_id

BATCH = 200
PLACE = re.compile(r":([0-9]{10})\Z")


class Refused(Exception):
    """Why an event cannot be journaled. It is passed over, and its author is told."""


class Taken(Refused):
    """Its place or its id is another fact's, or it follows another one: a disk lived twice."""


def place(id: str) -> int:
    """The place in an outbox document's id; 0 if there is none."""
    found = PLACE.search(id)
    return int(found[1]) if found else 0


def pages(outbox: Database, author: str, n: int) -> Iterator[list[Doc]]:
    """An author's documents in an outbox from place ``n`` on, a batch at a time."""
    start = outbox_id(author, n)
    while docs := outbox.range(start, f"{author};", limit=BATCH, docs=True):
        yield docs
        start = f"{docs[-1]['_id']}!"


def authors(outbox: Database) -> Iterator[str]:
    """The authors who wrote to an outbox, by skipping from one to the next."""
    start = ""
    while rows := outbox.range(start, "~", limit=1, docs=False):
        author = str(rows[0]["_id"]).partition(":")[0]
        if is_author(author):
            yield author
        start = f"{author};"
