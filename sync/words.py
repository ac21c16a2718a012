"""The search words of a node's register: of names, phones and last fours, for its own subjects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cases.events import Event
from cases.folded import Folded, Parcel
from cases.states import State, VisitState
from sync.opened import Keys, keys_of, unsealed
from sync.seal import CannotUnseal

if TYPE_CHECKING:
    from sync.store import Store

NAME_CHARS_MAX = 100  # every tail of a name is a search word: a longer one would fill the disk
_UNNAMED: tuple[State, ...] = (VisitState.NEW, VisitState.FORGOTTEN)


def write_words(
    store: Store, folded: Sequence[Folded], events: Mapping[str, Sequence[Event]]
) -> None:
    """Write the search words of these subjects, inside the transaction that folds them."""
    named = [one.number for one in folded if _is_findable(one)]
    sealed = [event for number in named for event in events[number] if event.sealed is not None]
    keys = keys_of(store, {(event.subject, event.author) for event in sealed})
    words = {
        (word, event.subject): None
        for event in sealed
        for word in _words_in(event, keys.get((event.subject, event.author), ()))
    }
    store.db.conn.executemany("INSERT OR IGNORE INTO words VALUES (?, ?)", list(words))


def _is_findable(one: Folded) -> bool:
    """Nobody looks a parcel up by name, nor a poster slip: it may belong to no case."""
    return not isinstance(one, Parcel) and one.state not in _UNNAMED


def _words_in(event: Event, keys: Keys) -> list[str]:
    """The search words of a sealed part; none where this store cannot open it."""
    try:
        return list(_words_of(unsealed(keys, event)))
    except CannotUnseal:
        return []


def _words_of(fields: dict[str, Any]) -> Iterator[str]:
    for name in ("name", "agent_name"):
        text = str(fields.get(name) or "").lower()[:NAME_CHARS_MAX]
        yield from (text[i:] for i in range(len(text)))
    for name in ("phone", "agent_phone"):
        phone = str(fields.get(name) or "")[:NAME_CHARS_MAX]
        yield from (phone, phone[-4:])
    for name in ("document_number", "agent_number"):
        yield str(fields.get(name) or "")[-4:].lower()
