"""Heads: once a day central publishes how far it holds every author's events, signed and linked.

::

    heads:2026-11-25  {"day": …, "at": …, "prev": <hash of the heads before>, "sig": …,
                       "authors": {<author>: [<n>, <hash of that event>], …}}

An event's hash stands for everything its author wrote before it, so a page of heads fixes the whole
journal up to then. Every point keeps every page: nobody, central included, can change or drop what
a page covers without contradicting pages that lie at 81 places. Only authors who wrote since the
page before stand in one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sync import parked
from sync.canonical import digest
from sync.db import write
from sync.merging import is_carried_somewhere
from sync.ports import Database, Doc
from sync.sign import Signer, is_signed
from sync.store import Store

PREFIX = "heads:"
DIFFERS = "公布的日志摘要不符"
BATCH = 500


def published(catalogue: Database, since: str = PREFIX) -> Iterator[Doc]:
    """The published pages from an id on, in the order of their days."""
    start = since
    while pages := catalogue.range(start, "heads;", limit=BATCH):
        yield from pages
        start = f"{pages[-1]['_id']}!"


def publish_heads(store: Store, catalogue: Database, root: Signer, day: str, at: str) -> bool:
    """Publish today's page, unless it is there. ``store`` must have followed the journal.

    :param day: today in Shanghai, as ``YYYY-MM-DD``. :returns: whether it was published now.
    """
    known: dict[str, Any] = {}
    prev = ""
    for page in published(catalogue):
        if page["_id"] == PREFIX + day:
            return False
        known.update(page.get("authors", {}))
        prev = digest(_plain(page))
    heads = {author: [n, hash] for author, n, hash in store.heads()}
    new = {author: head for author, head in heads.items() if known.get(author) != head}
    page = root.sign({"day": day, "at": at, "prev": prev, "authors": new})
    return catalogue.bulk([{"_id": PREFIX + day, **page}])[0].ok


def take_heads(store: Store, catalogue: Database, root_public: str) -> int:
    """Keep the pages that are new here, and tell a person of any that contradicts what is held.

    :returns: how many were new. :raises RemoteError: the same step may be repeated.
    """
    held = dict(store.documents(PREFIX))
    last = max(held, default="")
    new = 0
    prev = held.get(last)
    for doc in published(catalogue, last or PREFIX):
        id, page = str(doc["_id"]), _plain(doc)
        if not is_signed(page, root_public):
            _tell(store, id, "日志摘要不是区中心签的，没有采用", page)
        elif id not in held:
            _keep(store, id, page, prev)
            prev, new = page, new + 1
        elif page != held[id]:
            _tell(store, id, "区中心把已公布的日志摘要改了，请报区中心说明", page)
    _take_back(store, held)
    return new


def _keep(store: Store, id: str, page: dict[str, Any], prev: Mapping[str, Any] | None) -> None:
    with write(store.db):
        store.set_document(id, page)
    for words in contradictions(store, page):
        _tell(store, id, words, page)
    if prev is not None and page.get("prev") != digest(prev):
        _tell(store, id, "区中心公布的日志摘要与前一天的接不上，请报区中心说明", page)


def _take_back(store: Store, held: Mapping[str, Mapping[str, Any]]) -> None:
    """A page came before what explains it, and contradicts nothing any more: nobody is asked."""
    told = [id for id, why, _ in store.parked() if id in held and why.endswith(DIFFERS)]
    if explained := [id for id in told if not any(contradictions(store, held[id]))]:
        with write(store.db):
            parked.drop(store.db, explained)


def _tell(store: Store, id: str, why: str, page: Mapping[str, Any]) -> None:
    store.park(id, why, str(page.get("at", "")), page)


def contradictions(
    store: Store, page: Mapping[str, Any], *, complete: bool = False
) -> Iterator[str]:
    """What a page says otherwise than the events held here, in words.

    :param complete: everything a page covers must be here (at central).
    """
    authors = page.get("authors")
    for author, head in sorted((authors if isinstance(authors, Mapping) else {}).items()):
        n, hash = head
        ours = store.hash_at(author, n)
        if ours != hash and (ours or complete) and _is_carried(store, author, hash, ours):
            continue
        if ours is None and complete:
            yield f"{author}: 第 {n} 条在 {page['day']} 已公布，日志里却没有"
        elif ours is not None and ours != hash:
            yield f"{author}: 第 {n} 条与 {page['day']} {DIFFERS}"


def _is_carried(store: Store, author: str, *hashes: str | None) -> bool:
    """Whether what a page covers, or what is here in its place, is in the journal as carried:
    the disk lived twice, central was restored in between, and nothing of either is lost."""
    return any(hash and is_carried_somewhere(store.db, author, hash) for hash in hashes)


def verify_pages(
    store: Store, pages: Iterable[Mapping[str, Any]], root_public: str, *, complete: bool = False
) -> Iterator[str]:
    """Everything that is wrong with pages in the order of their days, or with what they cover."""
    prev = ""
    for page in map(_plain, pages):
        if not is_signed(page, root_public):
            yield f"{page.get('day')}: 日志摘要的签名不是区中心的"
            continue
        if prev and page.get("prev") != prev:
            yield f"{page['day']}: 日志摘要与前一天的接不上"
        prev = digest(page)
        yield from contradictions(store, page, complete=complete)


def _plain(doc: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in doc.items() if not name.startswith("_")}
