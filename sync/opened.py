"""The keys of sealed parts as a store keeps them: by subject and author, and rarely more than one.

A disk that lived twice may have sealed one subject's data under two keys in one author's name. So
the wrappings that are kept of a place may hold several keys: each is tried, and none replaces
another. What a carrier carries (``cases.carried``) is opened as what its own author sealed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from sqlite_utils import Database

from cases.carried import told
from cases.events import Event
from sync.canonical import canonical, decode
from sync.seal import CannotUnseal, Keyring, Wrap, unseal

if TYPE_CHECKING:
    from sync.store import Store

Place = tuple[str, str]
Keys = tuple[bytes, ...]
_KEYS = (
    "SELECT k.subject, k.author, k.wraps FROM json_each(?) c CROSS JOIN keys k"
    " ON k.subject=json_extract(c.value, '$[0]') AND k.author=json_extract(c.value, '$[1]')"
)


def place_of(event: Event) -> Place | None:
    """(subject, author) of the key that an event's sealed part needs; None if nothing is sealed."""
    fact = told(event)
    return (fact.subject, fact.author) if fact.sealed is not None else None


def keys_in(keyring: Keyring, wraps: Sequence[Wrap]) -> Keys:
    """The keys that a keyring opens.

    :raises CannotUnseal: what was wrapped for it is damaged, and nothing else opens.
    """
    found: dict[bytes, None] = {}
    damage: CannotUnseal | None = None
    for wrap in wraps:
        try:
            key = keyring.unwrap([wrap])
        except CannotUnseal as error:
            damage = error
            continue
        if key is not None:
            found[key] = None
    if damage is not None and not found:
        raise damage
    return tuple(found)


def keys_of(store: Store, places: Iterable[Place]) -> dict[Place, Keys]:
    """The keys of many (subject, author) at once: those that this store's keyring opens."""
    found = {}
    for subject, author, wraps in wraps_of(store.db, places):
        with suppress(CannotUnseal):
            if keys := keys_in(store.keyring, decode(wraps)):
                found[subject, author] = keys
    return found


def unsealed(keys: Keys, event: Event) -> dict[str, Any]:
    """The sealed part of an event, by whichever key fits.

    :raises CannotUnseal: none does, or it was altered.
    """
    fact = told(event)
    if fact.sealed is None:
        return {}
    id = str(fact.doc["id"])
    for key in keys[:-1]:
        with suppress(CannotUnseal):
            return unseal(key, id, fact.sealed)
    if not keys:
        raise CannotUnseal(f"{id}: 本机没有这条记录的密钥")
    return unseal(keys[-1], id, fact.sealed)


def joined(keyring: Keyring, kept: bytes | None, wraps: bytes) -> bytes | None:
    """The wrappings to keep of a place where some arrive; None if those that are kept stay."""
    if kept is None:
        return wraps
    if kept == wraps:
        return None
    old, new = _opened(keyring, kept), _opened(keyring, wraps)
    if old <= new:
        return wraps
    return None if new <= old else canonical([*decode(kept), *decode(wraps)])


def _opened(keyring: Keyring, wraps: bytes) -> set[bytes]:
    try:
        return set(keys_in(keyring, decode(wraps)))
    except CannotUnseal:
        return set()


def wraps_of(db: Database, places: Iterable[Place]) -> list[tuple[str, str, bytes]]:
    """(subject, author, wrappings) of those (subject, author) whose key is kept."""
    return list(db.execute(_KEYS, [canonical(list(places)).decode()]))
