"""What a store does that turns out to be a copy: what it wrote is stated anew, in a new name.

Two stores wrote under one author. Central holds what the other one wrote from some place on; what
this one wrote there can never follow it. Nothing of it is lost: it is taken out of the old name and
stated under the new one, where the fold judges it as it judges anybody's. It names what it
restates, so that a fact which two copies of one disk state anew counts once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from cases.events import RESTATES, Event
from cases.numbers import parse_paper_number
from sync import registers
from sync.db import write
from sync.merging import is_carried
from sync.ports import START
from sync.seal import CannotUnseal
from sync.store import Store
from sync.word import CURSOR
from sync.writing import Identity, Writing, writing

COPIED = "copied:"
LIMIT = 100_000


def note_copied(store: Store, author: str, n: int) -> None:
    """Remember, until the data folder is opened next, that an author is not ours from ``n`` on."""
    with write(store.db):
        store.set_cursor(COPIED + author, str(n))


def is_copied(store: Store, author: str) -> bool:
    """Whether another store has written under this author."""
    return int(store.cursor(COPIED + author)) > 0


def restate_copied(
    store: Store, identity: Identity, clock: Callable[[], str], day_of: Callable[[str], date]
) -> int:
    """State anew what was written here under authors that are not ours, in one transaction.

    :returns: how many events.
    """
    waiting = [a for a in store.authors() if a != identity.author and is_copied(store, a)]
    if not waiting:
        return 0
    with writing(store, identity, clock, day_of) as w:
        renamed: dict[str, str] = {}
        for author in waiting:
            tail = store.of_author(author, int(store.cursor(COPIED + author)) - 1, LIMIT)
            stated = [
                (event, sealed) for event in tail if (sealed := _opened(store, event)) is not None
            ]
            _take_out(store, tail)
            for event, sealed in stated:
                if event.subject != author and not is_carried(store.db, event):
                    data = _renumbered(w, _following(event.data, renamed))
                    data.setdefault(RESTATES, event.sig)
                    renamed[event.id] = w.repeat(event, data, sealed).id
            store.set_cursor(COPIED + author, "0")
        store.set_cursor(CURSOR, START)  # what of it the journal has all the same comes back
    return len(renamed)


def _opened(store: Store, event: Event) -> dict[str, Any] | None:
    """The sealed part; what cannot be opened any more is put aside for a person to see."""
    try:
        return store.unseal(event)
    except CannotUnseal as error:
        store.park(event.id, f"重新登记时打不开：{error}", event.at, event.doc)
        return None


def _take_out(store: Store, tail: list[Event]) -> None:
    for event in tail:
        store.db.execute("DELETE FROM events WHERE id=?", [event.id])
    registers.refold(store, {event.subject for event in tail})


def _renumbered(w: Writing, data: dict[str, Any]) -> dict[str, Any]:
    """A paper's number anew: the other copy may have given the same one to another paper."""
    number = parse_paper_number(str(data.get("paper_number")))
    if number is None:
        return data
    again = w.paper_number(number.series, number.year)
    return {**data, "paper_number": again, "paper_number_before": number.text}


def _following(data: Mapping[str, Any], renamed: Mapping[str, str]) -> dict[str, Any]:
    """The open fields, where they name an event that has another id now, with that id."""
    return {
        name: renamed.get(value, value) if isinstance(value, str) else value
        for name, value in data.items()
    }
