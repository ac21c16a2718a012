"""The catalogue in use at this node: the newest bundle that central signed, whole or not at all.

Until one has come, the one that the product carries. A new one is kept beside the journal in one
transaction; the node then restarts its processes, so that no page mixes two catalogues.
"""

from __future__ import annotations

from sync.bundle import (
    HEAD_ID,
    BadBundle,
    Bundle,
    load_bundle,
    open_bundle,
    signed_number,
    wanted_parts,
)
from sync.db import write
from sync.ports import Database
from sync.store import Store


def held_bundle(store: Store, root_key: str) -> Bundle:
    """The bundle in use. One that can no longer be read counts as not there: it comes again."""
    docs = [{"_id": id, **body} for id, body in store.documents(HEAD_ID)]
    if not docs:
        return load_bundle()
    try:
        return open_bundle(docs, root_key)
    except BadBundle:
        return load_bundle()


def take_bundle(store: Store, catalogue: Database, root_key: str, held: Bundle) -> bool:
    """Take over the bundle that central published, if it is newer and its signature holds.

    :returns: whether its content is another than the held one's, so that the node must restart.
    :raises BadBundle: what is published may not be used; the held one stays in use.
    :raises RemoteError: nothing was taken over; the same step may be repeated.
    """
    head = catalogue.get(HEAD_ID)
    known = int((store.document(HEAD_ID) or {}).get("number", held.number))
    if head is None or signed_number(head, root_key) <= known:
        return False
    parts = catalogue.fetch(wanted_parts(head))
    bundle = open_bundle([head, *parts.values()], root_key, known)
    with write(store.db):
        for id, _ in list(store.documents(HEAD_ID)):
            store.set_document(id, None)
        for doc in (head, *parts.values()):
            body = {name: value for name, value in doc.items() if not name.startswith("_")}
            store.set_document(str(doc["_id"]), body)
    return bundle.version != held.version
