"""The catalogue in use at this node: the bundle in force that central signed, whole or not at all.

Until one has come, the one that the product carries. A new one is kept beside the journal in one
transaction, and so is one that waits for its day; the node then restarts its processes, so that no
page mixes two catalogues.
"""

from __future__ import annotations

from sync.bundle import HEAD_ID, Bundle, load_bundle
from sync.db import write
from sync.holding import Shelf, restocked
from sync.ports import Database
from sync.store import Store


def _shelf(store: Store) -> Shelf:
    return Shelf.of({"_id": id, **body} for id, body in store.documents(HEAD_ID))


def held_bundle(store: Store, root_key: str, today: str) -> Bundle:
    """The bundle in force. One that can no longer be read counts as not there: it comes again."""
    return _shelf(store).held(root_key, today) or load_bundle()


def take_bundle(store: Store, catalogue: Database, root_key: str, held: Bundle, today: str) -> bool:
    """Take over what central published, if it is newer and its signature holds.

    :returns: whether what is in force now is another content than the held one's, so that the
        node must restart.
    :raises BadBundle: what is published may not be used; the held one stays in use.
    :raises RemoteError: nothing was taken over; the same step may be repeated.
    """
    new = restocked(_shelf(store), catalogue, root_key, today)
    if new is None:
        return False
    with write(store.db):
        for id, _ in list(store.documents(HEAD_ID)):
            store.set_document(id, None)
        for id, doc in new.docs.items():
            store.set_document(id, {name: v for name, v in doc.items() if name != "_id"})
    return held_bundle(store, root_key, today).version != held.version


def is_due(store: Store, root_key: str, held: Bundle, today: str) -> bool:
    """Whether the day of a bundle that waits here has come: with a line or without."""
    waits = [head for head, _ in _shelf(store).heads(root_key) if head.number > held.number]
    if not any(head.since and head.since <= today for head in waits):
        return False
    return held_bundle(store, root_key, today).number > held.number
