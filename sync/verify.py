"""Proof of a store: journals without a gap and linked, signatures hold, registers fold anew."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from cases.carried import told
from cases.events import Event, NotAnEvent, parse
from cases.fold import fold
from cases.folded import StoreBook
from sync import registers
from sync.canonical import decode, digest
from sync.sign import is_certificate, is_signed
from sync.store import Store

UNREADABLE = (NotAnEvent, ValueError, msgspec.DecodeError)


def verify(store: Store, root_public: str, *, whole: str = "") -> Iterator[str]:
    """Each thing that is wrong with a store, in words; nothing if all is proven.

    :param whole: the author whose journal must be complete ("" at central: every author's).
    """
    keys: dict[str, str] = {}
    for author in store.authors():
        complete = not whole or author == whole
        yield from _author(store, author, root_public, keys, complete=complete)
    if whole and (told := store.receipt(whole).n) > (held := store.head(whole)[0]):
        yield f"{whole}: 第 {held + 1} 条到第 {told} 条缺失，区中心已有回执"
    yield from _registers(store)
    yield from (f"{id}: 待人工处理：{why}" for id, why, _ in store.parked())


def _author(
    store: Store, author: str, root_public: str, keys: dict[str, str], *, complete: bool
) -> Iterator[str]:
    expected, prev = 1, ""
    passed = _refused(store, author)
    rows = store.db.execute(
        "SELECT id, n, hash, body FROM events WHERE author=? ORDER BY n", [author]
    ).fetchall()
    for id, n, kept_hash, body in rows:
        event = _parsed(id, body)
        if event is None or (event.id, event.n, event.author) != (id, n, author):
            yield f"{id}: 内容已损坏或被改动"
            continue
        yield from _event(store, event, kept_hash, root_public, keys)
        while expected in passed and expected < n:  # its author still holds what was refused
            expected, prev = expected + 1, passed[expected]
        if complete and n != expected:
            yield f"{author}: 第 {expected} 条到第 {n - 1} 条缺失"
        linked = n == expected and bool(n == 1 or prev)
        if linked and event.prev != prev:
            yield f"{id}: 与前一条接不上（prev 不符）"
        expected, prev = n + 1, digest(event.doc)


def _refused(store: Store, author: str) -> dict[int, str]:
    """The places central refused, which its receipt passes over, with the hashes it saw there."""
    try:
        book = fold(author, store.events(author))
    except UNREADABLE:
        return {}
    refused = book.refused if isinstance(book, StoreBook) else ()
    return {int(r["n"]): str(r["hash"]) for r in refused}


def _parsed(id: str, body: bytes) -> Event | None:
    try:
        return parse(decode(body))
    except UNREADABLE:
        return None


def _event(
    store: Store, event: Event, kept_hash: str, root_public: str, keys: dict[str, str]
) -> Iterator[str]:
    if digest(event.doc) != kept_hash:
        yield f"{event.id}: 哈希与内容不符"
    if event.author not in keys:
        keys[event.author] = sign_key_of(store, event.author, root_public)
    if not keys[event.author]:
        yield f"{event.id}: 没有 {event.author} 的有效证书，无法核对签名"
    elif not is_signed(event.doc, keys[event.author]):
        yield f"{event.id}: 签名不符"
    if (fact := told(event)).carrier and not _is_proven(fact, event.data.get("cert"), root_public):
        yield f"{event.id}: 转录的那一条签名不符"


def _is_proven(fact: Event, cert: Any, root_public: str) -> bool:
    """Whether a carried fact is its author's, by the certificate that is carried with it."""
    certified = is_certificate(cert, root_public, fact.author)
    return certified and is_signed(fact.doc, str(cert["sign_key"]))


def sign_key_of(store: Store, author: str, root_public: str) -> str:
    """An author's public key: by central's certificate, or from its own ``store.opened`` here.

    The latter serves a node for its own author before central has certified it.
    """
    cert = store.certificate(author)
    if cert and is_certificate(cert, root_public, author):
        return str(cert["sign_key"])
    first = store.of_author(author, 0, 1)
    own = store.cursor("author", "") == author
    opened = own and first and first[0].type == "store.opened"
    return str(first[0].data.get("sign_key", "")) if opened else ""


def _registers(store: Store) -> Iterator[str]:
    """Fold everything anew in memory, and compare every row of every register."""
    fresh = Store(":memory:", store.keyring, store.home_of, words=store.words)
    try:
        yield from _fold_anew(store, fresh)
        known = {number for (number,) in fresh.db.execute("SELECT DISTINCT subject FROM events")}
        for number in _differing(store, fresh):
            if number in known:
                yield f"{number}: 台账与日志重新归并的结果不一致"
            else:
                yield f"{number}: 台账里有日志中没有的对象"
    finally:
        fresh.close()


def _fold_anew(store: Store, fresh: Store) -> Iterator[str]:
    for table in ("keys", "events"):
        rows = store.db.execute(f"SELECT * FROM {table}")  # noqa: S608 - the names stand here
        marks = ",".join("?" * len(rows.description))
        fresh.db.conn.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)  # noqa: S608
    numbers = fresh.db.execute("SELECT DISTINCT subject FROM events ORDER BY 1").fetchall()
    for (number,) in numbers:
        try:
            registers.refold(fresh, [number])
        except UNREADABLE:
            yield f"{number}: 有记录读不出来，台账无从核对"


def _differing(store: Store, fresh: Store) -> list[str]:
    """The subjects whose rows are not the same in both."""
    found: dict[str, None] = {}
    for table, (place, order) in registers.KEYS.items():
        query = f"SELECT * FROM {table} ORDER BY {order}"  # noqa: S608 - both stand in registers
        for row in _difference(store.db.execute(query), fresh.db.execute(query)):
            found[row[place]] = None
    return list(found)


def _difference(ones: Iterator[Any], others: Iterator[Any]) -> Iterator[Any]:
    """The rows of two sorted streams that are in one of them only."""
    one, other = next(ones, None), next(others, None)
    while one is not None or other is not None:
        if one == other:
            one, other = next(ones, None), next(others, None)
        elif other is None or (one is not None and one < other):
            yield one
            one = next(ones, None)
        else:
            yield other
            other = next(others, None)
