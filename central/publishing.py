"""Publishing a bundle: parts first, signed heads last, in force or waiting for its day.

The product's own bundle is published until the district publishes one; from then on only an
administrator does. See ``sync/holding.py`` for what a node makes of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from cases.times import day_of
from central.district import CATALOGUE, District
from central.shelf import read_shelf, restock
from sync.bundle import DISTRICT, HEAD_ID, BadBundle, Bundle, Head, bundle_documents
from sync.holding import NEXT_ID, Shelf
from sync.ports import Database, Server


def publish_initial(district: District, server: Server) -> int:
    """Publish the bundle that the product carries, while the district has none of its own.

    :returns: the number of the bundle that is published now.
    """
    catalogue, bundle = server.database(CATALOGUE), district.bundle
    there = catalogue.fetch([HEAD_ID, NEXT_ID])
    newest = max(_heads(district, there), key=lambda head: head.number, default=None)
    if newest and (newest.version == bundle.version or newest.origin == DISTRICT):
        return newest.number
    number = 1 + (newest.number if newest else 0)
    *parts, head = bundle_documents(bundle, district.secrets.root, number)
    catalogue.bulk(parts)
    _put(catalogue, HEAD_ID, head, there)
    return number


def publish(district: District, server: Server, bundle: Bundle, since: str) -> int:
    """Publish a bundle of the district's that holds from a day (ISO); up to today: at once.

    What waited for its day until now is replaced by it. :returns: its number.

    :raises Conflict: somebody else has published in this moment.
    :raises BadBundle, RemoteError: nothing was published, or not all of it; it may be repeated.
    """
    catalogue, public = server.database(CATALOGUE), district.secrets.root.public
    now = district.clock()
    today = day_of(now).isoformat()
    there = catalogue.fetch([HEAD_ID, NEXT_ID])
    number = 1 + max((head.number for head in _heads(district, there)), default=0)
    new = replace(bundle, since=max(since, today), origin=DISTRICT)
    *parts, head = bundle_documents(new, district.secrets.root, number)
    catalogue.bulk(parts)
    if new.since > today:
        shelf = read_shelf(district.config.data)
        due = [(h.number, doc) for h, doc in shelf.heads(public) if h.since <= today]
        if due:
            _put(catalogue, HEAD_ID, max(due, key=lambda found: found[0])[1], there)
        _put(catalogue, NEXT_ID, head, there)
    else:
        _put(catalogue, HEAD_ID, head, there)
        if NEXT_ID in there:
            catalogue.delete(NEXT_ID, str(there[NEXT_ID]["_rev"]))
    restock(district.config.data, catalogue, public, now)
    return number


def mend(district: District, server: Server) -> int:
    """Put back what stands here and not where it is published: spoilt, deleted, or restored.

    :returns: how many documents were put back.
    """
    catalogue, data = server.database(CATALOGUE), district.config.data
    public = district.secrets.root.public
    with suppress(BadBundle):  # whoever wrote that has no key of ours: what is here goes over it
        restock(data, catalogue, public, district.clock())
    docs = read_shelf(data).docs
    there = catalogue.fetch(sorted(docs)) if docs else {}
    wrong = [id for id, doc in docs.items() if _body(there.get(id, {})) != _body(doc)]
    for id in sorted(wrong, key=lambda id: id in (HEAD_ID, NEXT_ID)):
        _put(catalogue, id, docs[id], there)
    return len(wrong)


def _heads(district: District, there: Mapping[str, Mapping[str, Any]]) -> list[Head]:
    """The heads that we signed: those published, and those kept here."""
    public = district.secrets.root.public
    kept = read_shelf(district.config.data).heads(public)
    return [head for head, _ in (*Shelf.of(there.values()).heads(public), *kept)]


def _put(
    catalogue: Database,
    id: str,
    doc: Mapping[str, Any],
    there: Mapping[str, Mapping[str, Any]],
) -> None:
    """Write a document over the one that was seen there: whoever was faster is not overwritten."""
    before = there.get(id)
    if before is None or _body(before) != _body(doc):
        rev = {"_rev": before["_rev"]} if before else {}
        catalogue.put({**_body(doc), "_id": id, **rev})


def _body(doc: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in doc.items() if not name.startswith("_")}
