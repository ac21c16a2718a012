"""Which bundle holds today: of those that central signed, the one in force and the one that waits.

Central publishes at most two heads: ``bundle``, in force when the other was published, and
``bundle-next``, which holds from a later day. Whoever keeps both, with their parts, changes over
when that day comes, with a line or without. Which document a head came in says nothing: a point
may write there. Its number and its day do, and these are signed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from sync.bundle import HEAD_ID, BadBundle, Bundle, Head, open_bundle, signed_head
from sync.ports import Database

NEXT_ID = "bundle-next"
Doc = Mapping[str, Any]


class Shelf(NamedTuple):
    """What is kept: the documents of the bundle in force and of the one that waits, by id."""

    docs: Mapping[str, Doc]

    @classmethod
    def of(cls, docs: Iterable[Doc]) -> Shelf:
        """The shelf with these documents."""
        return cls({str(doc["_id"]): doc for doc in docs})

    def heads(self, public: str) -> list[tuple[Head, Doc]]:
        """The heads that central signed."""
        return [
            (head, doc)
            for doc in (self.docs.get(HEAD_ID), self.docs.get(NEXT_ID))
            if doc is not None and (head := _believed(doc, public)) is not None
        ]

    def held(self, public: str, today: str) -> Bundle | None:
        """The bundle in force, or None: nothing is kept that can be read and holds yet."""
        due = [found for found in self.heads(public) if found[0].since <= today]
        for head, doc in sorted(due, key=lambda found: -found[0].number):
            try:
                return self._open(head, doc, public)
            except BadBundle:
                continue
        return None

    def waiting(self, public: str, today: str) -> Head | None:
        """The head of what holds from a later day, or None."""
        later = [head for head, _ in self.heads(public) if head.since > today]
        return max(later, key=lambda head: head.number, default=None)

    def open_waiting(self, public: str, today: str) -> Bundle | None:
        """The bundle that holds from a later day, or None."""
        head = self.waiting(public, today)
        docs = [doc for found, doc in self.heads(public) if found == head]
        return self._open(head, docs[0], public) if head else None

    def _open(self, head: Head, doc: Doc, public: str) -> Bundle:
        parts = (self.docs[name] for name in head.parts if name in self.docs)
        return open_bundle([{**doc, "_id": HEAD_ID}, *parts], public)


def _believed(doc: Doc, public: str) -> Head | None:
    try:
        return signed_head(doc, public)
    except BadBundle:
        return None


def restocked(shelf: Shelf, catalogue: Database, public: str, today: str) -> Shelf | None:
    """The shelf with what central has published since, or None when nothing is new.

    :raises BadBundle: what is published may not be used.
    :raises RemoteError: nothing was taken over; the same step may be repeated.
    """
    published = catalogue.fetch([HEAD_ID, NEXT_ID]).values()
    found: dict[int, tuple[Head, Doc]] = {h.number: (h, doc) for h, doc in shelf.heads(public)}
    before = {number: head.version for number, (head, _) in found.items()}
    for new_doc in published:
        new_head = signed_head(new_doc, public)
        found[new_head.number] = (new_head, new_doc)
    chosen = _chosen({number: head.since for number, (head, _) in found.items()}, today)
    if {number: found[number][0].version for number in chosen.values()} == before:
        return None
    heads = {id: found[number] for id, number in chosen.items()}
    missing = {name for head, _ in heads.values() for name in head.parts} - shelf.docs.keys()
    fetched = catalogue.fetch(sorted(missing)) if missing else {}
    parts = {**shelf.docs, **{name: _plain(doc) for name, doc in fetched.items()}}
    wanted = {name for head, _ in heads.values() for name in head.parts}
    docs = {name: parts[name] for name in sorted(wanted) if name in parts}
    new = Shelf({**docs, **{id: {**_plain(doc), "_id": id} for id, (_, doc) in heads.items()}})
    for head, doc in heads.values():
        new._open(head, doc, public)
    return new


def _chosen(since: Mapping[int, str], today: str) -> dict[str, int]:
    """Of the numbers with their days: the one in force, and a later one that waits."""
    due = max((number for number, day in since.items() if day <= today), default=0)
    later = max((number for number in since if number > due), default=0)
    return {id: number for id, number in ((HEAD_ID, due), (NEXT_ID, later)) if number}


def _plain(doc: Doc) -> dict[str, Any]:
    return {name: v for name, v in doc.items() if not name.startswith("_") or name == "_id"}
