"""The memory twin of CouchDB: the same meaning as `sync.couch`, without a server.

`MemoryServer()` is the administrator of an empty server; `as_user` gives another connection to
the same data. Set `before` or `after` to a callable that raises to break the line: before the
request was carried out, or after it (the answer was lost, the write was not). With `dice` every
database has several shards, as in a cluster: its feed names what was written in any order that
the shards allow, not even inside one bulk write in the order of writing.
"""

from __future__ import annotations

import hashlib
import random
import re
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sync.errors import Conflict, Missing, NotAllowed, RemoteRefused, TooLarge
from sync.ports import START, Change, Changes, Doc, Row
from sync.wire import check_id, check_limit, decode, encode, id_of, is_revision

DOC_BYTES_MAX = 8_000_000
_NAME = re.compile(r"[a-z][a-z0-9_$()+/-]*\Z")
_CURSOR = re.compile(r"([0-9]+(?:\.[0-9]+)*)-m[0-9a-f]{8}\Z")
SHARDS = 3
_KNOWN_FIELDS = frozenset({"_id", "_rev", "_deleted"})

Hook = Callable[[str, str], None]


@dataclass
class _Stored:
    """The present revision of one document; `body` is JSON without `_id`, `_rev`, `_deleted`."""

    rev: str
    deleted: bool
    body: bytes
    seq: int

    def document(self, id: str) -> Doc:
        return {"_id": id, "_rev": self.rev, **decode(self.body, what="memory")}


@dataclass
class _Base:
    """One database. `members` is None until secured: administrators only."""

    partitioned: bool
    docs: dict[str, _Stored] = field(default_factory=dict)
    seq: int = 0
    members: frozenset[str] = frozenset()
    dice: random.Random | None = None

    @property
    def shards(self) -> int:
        return SHARDS if self.dice else 1

    def shard_of(self, id: str) -> int:
        return zlib.crc32(id.encode()) % self.shards


class _Store:
    """What all connections share, under one condition that every write notifies."""

    def __init__(self, dice: random.Random | None = None) -> None:
        self.dice = dice
        self.bases: dict[str, _Base] = {}
        self.passwords: dict[str, str] = {}
        self.changed = threading.Condition()


def _nothing(verb: str, database: str) -> None:
    """Let the request pass."""


class MemoryServer:
    """A `sync.ports.Server` in memory, signed in as the administrator or as one user."""

    def __init__(self, dice: random.Random | None = None) -> None:
        self._store = _Store(dice)
        self._user: str | None = None
        self._password: str | None = None
        self.before: Hook = _nothing
        self.after: Hook = _nothing

    def as_user(self, name: str, password: str | None = None) -> MemoryServer:
        """Return another connection to the same data, as `name`.

        A password given is checked at each request, as by `set_user`; without one it is taken on
        trust that the user exists.
        """
        other = MemoryServer()
        other._store, other._user, other._password = self._store, name, password
        return other

    def connect(self) -> MemoryServer:
        """Return another connection to the same data, as the same user."""
        other = MemoryServer()
        other._store, other._user, other._password = self._store, self._user, self._password
        return other

    def database(self, name: str) -> MemoryDatabase:
        """Return a handle; makes no request."""
        return MemoryDatabase(self, name)

    def create(self, name: str, *, partitioned: bool = False) -> bool:
        """Create a database; False if it was there. Raises `RemoteRefused` for a bad name."""
        with self._request("create", name, admin=True) as store:
            if not _NAME.match(name):
                raise RemoteRefused(f"{name!r} cannot be the name of a database")
            if name in store.bases:
                return False
            store.bases[name] = _Base(partitioned, dice=store.dice)
            return True

    def drop(self, name: str) -> None:
        """Delete a database; one that is missing is fine."""
        with self._request("drop", name, admin=True) as store:
            store.bases.pop(name, None)
            store.changed.notify_all()

    def names(self) -> list[str]:
        """Return the names of all databases, sorted."""
        with self._request("names", "", admin=True) as store:
            return sorted(store.bases)

    def set_user(self, name: str, password: str) -> None:
        """Make a user who may sign in, or change the password."""
        with self._request("set_user", "_users", admin=True) as store:
            store.passwords[name] = password

    def close(self) -> None:
        """Nothing to give back."""

    @contextmanager
    def _request(self, verb: str, database: str, *, admin: bool = False) -> Iterator[_Store]:
        """Carry out one request under the lock, between the two hooks."""
        self.before(verb, database)
        with self._store.changed:
            self._sign_in()
            if admin and self._user is not None:
                raise NotAllowed(f"{self._user} is not an administrator: {verb} {database}")
            yield self._store
        self.after(verb, database)

    def _sign_in(self) -> None:
        if self._password is None or self._user is None:
            return
        if self._store.passwords.get(self._user) != self._password:
            raise NotAllowed(f"name or password of {self._user} is incorrect")

    def _base(self, name: str) -> _Base:
        """Return a database that this user may use."""
        base = self._store.bases.get(name)
        if base is None:
            raise Missing(f"{name}: the database does not exist")
        if self._user is not None and self._user not in base.members:
            raise NotAllowed(f"{self._user} may not use {name}")
        return base


class MemoryDatabase:
    """A `sync.ports.Database` in memory."""

    def __init__(self, server: MemoryServer, name: str) -> None:
        self._server = server
        self.name = name

    def get(self, id: str) -> Doc | None:
        """Return the document, or None if it was never written or is deleted."""
        check_id(id)
        with self._open("get") as base:
            return _present(base, id)

    def put(self, doc: Doc) -> str:
        """Write one document and return its revision; raises `Conflict`."""
        with self._open("put") as base:
            return self._written(_write(base, doc))

    def delete(self, id: str, rev: str) -> None:
        """Delete one document; raises `Conflict` if `rev` is not its present revision."""
        with self._open("delete") as base:
            if _present(base, check_id(id)) is None:
                raise Conflict(f"{self.name}/{id}: there is nothing to delete")
            self._written(_write(base, {"_id": id, "_rev": rev, "_deleted": True}))

    def bulk(self, docs: Sequence[Doc]) -> list[Row]:
        """Write many documents and return one row for each, in their order."""
        with self._open("bulk") as base:
            for doc in docs:
                _check(base, doc)
            rows = [_write(base, doc) for doc in docs]
            _disorder(base, rows)
            self._server._store.changed.notify_all()
            return rows

    def fetch(self, ids: Sequence[str]) -> dict[str, Doc]:
        """Return those of the documents that exist, by id."""
        with self._open("fetch") as base:
            found = ((id, _present(base, id)) for id in ids)
            return {id: doc for id, doc in found if doc is not None}

    def range(self, start: str, end: str, *, limit: int, docs: bool = True) -> list[Doc]:
        """Return at most `limit` documents with start <= id < end, in id order."""
        with self._open("range") as base:
            ids = sorted(id for id, at in base.docs.items() if start <= id < end and not at.deleted)
            found = [base.docs[id].document(id) for id in ids[: check_limit(limit)]]
            return found if docs else [{"_id": doc["_id"], "_rev": doc["_rev"]} for doc in found]

    def changes(self, since: str, *, limit: int, docs: bool = True, wait_s: float = 0) -> Changes:
        """Return at most `limit` changes after `since`; wait up to `wait_s` if there is none."""
        until = time.monotonic() + wait_s
        with self._open("changes") as base:
            after = _marks(base, since)
            while base.seq <= min(after) and (left := until - time.monotonic()) > 0:
                self._server._store.changed.wait(left)
                base = self._server._base(self.name)
            return _page(base, self.name, after, check_limit(limit), docs)

    def secure(self, members: Sequence[str]) -> None:
        """Let only these users, besides administrators, read and write this database."""
        with self._open("secure", admin=True) as base:
            base.members = frozenset(members)

    def purge(self, revs: dict[str, list[str]]) -> None:
        """Remove these revisions for good, by id, as if they had never been written."""
        with self._open("purge", admin=True) as base:
            for id, gone in revs.items():
                if id in base.docs and base.docs[id].rev in gone:
                    del base.docs[id]

    def compact(self) -> None:
        """Have what earlier revisions said dropped; this twin never keeps it."""
        with self._open("compact", admin=True):
            return

    @contextmanager
    def _open(self, verb: str, *, admin: bool = False) -> Iterator[_Base]:
        with self._server._request(verb, self.name, admin=False):
            base = self._server._base(self.name)
            if admin and self._server._user is not None:
                raise NotAllowed(f"{self._server._user} may not {verb} {self.name}")
            yield base

    def _written(self, row: Row) -> str:
        if row.rev is None:
            raise Conflict(f"{self.name}/{row.id}: {row.reason}")
        self._server._store.changed.notify_all()
        return row.rev


def _present(base: _Base, id: str) -> Doc | None:
    stored = base.docs.get(id)
    return None if stored is None or stored.deleted else stored.document(id)


def _check(base: _Base, doc: Doc) -> bytes:
    """Return the body of a document that CouchDB would take; raises `RemoteRefused`."""
    id = id_of(doc)
    strange = [key for key in doc if key.startswith("_") and key not in _KNOWN_FIELDS]
    if strange:
        raise RemoteRefused(f"{id}: CouchDB keeps the field {strange[0]} for itself")
    if base.partitioned and not all(id.partition(":")[::2]):
        raise RemoteRefused(f"{id}: an id here must be of the form partition:id")
    if not (doc.get("_rev") is None or is_revision(doc["_rev"])):
        raise RemoteRefused(f"{id}: {doc['_rev']!r} is not a revision")
    body = encode({key: value for key, value in doc.items() if key not in _KNOWN_FIELDS})
    if len(body) > DOC_BYTES_MAX:
        raise TooLarge(f"{id}: {len(body)} bytes are more than {DOC_BYTES_MAX}")
    return body


def _write(base: _Base, doc: Doc) -> Row:
    """Write one document and say what became of it."""
    id, body = doc.get("_id", ""), _check(base, doc)
    old = base.docs.get(id)
    expected = None if old is None or old.deleted else old.rev
    given = doc.get("_rev")
    if given != expected and not (old is not None and old.deleted and given == old.rev):
        return Row(id, None, "conflict", "Document update conflict.")
    deleted = bool(doc.get("_deleted", False))
    base.seq += 1
    rev = _next_revision(old, deleted, body)
    base.docs[id] = _Stored(rev, deleted, body, base.seq)
    return Row(id, rev, None, None)


def _next_revision(old: _Stored | None, deleted: bool, body: bytes) -> str:
    """Return the revision after `old`: its number, and a digest of what is written."""
    before = "0" if old is None else old.rev
    digest = hashlib.sha256(b"%s %d %s" % (before.encode(), deleted, body)).hexdigest()
    return f"{int(before.partition('-')[0]) + 1}-{digest[:32]}"


def _disorder(base: _Base, rows: Sequence[Row]) -> None:
    """Let the documents of one bulk write take their places in the feed by chance."""
    if base.dice is None:
        return
    written = [base.docs[row.id] for row in rows if row.ok]
    places = [stored.seq for stored in written]
    base.dice.shuffle(places)
    for stored, place in zip(written, places, strict=True):
        stored.seq = place


def _cursor(name: str, marks: Sequence[int]) -> str:
    """Return an opaque cursor: nobody shall take it for a number."""
    told = ".".join(map(str, marks))
    return f"{told}-m{hashlib.sha256(f'{name} {told}'.encode()).hexdigest()[:8]}"


def _marks(base: _Base, cursor: str) -> list[int]:
    """Return how far each shard has been read."""
    if cursor == START:
        return [0] * base.shards
    match = _CURSOR.match(cursor)
    if match is None:
        raise RemoteRefused(f"{cursor!r} is not a cursor of a feed of changes")
    return [int(mark) for mark in match[1].split(".")]


def _page(base: _Base, name: str, after: list[int], limit: int, docs: bool) -> Changes:
    """Return one page of changes: of each shard in the order of their last write."""
    waiting: list[list[tuple[int, str]]] = [[] for _ in after]
    for id, stored in base.docs.items():
        if stored.seq > after[base.shard_of(id)]:
            waiting[base.shard_of(id)].append((stored.seq, id))
    for changed in waiting:
        changed.sort(reverse=True)
    rows: list[Change] = []
    marks = list(after)
    while any(waiting) and len(rows) < limit:
        shard = _next_shard(base, waiting)
        marks[shard], id = waiting[shard].pop()
        rows.append(_change(base, _cursor(name, marks), id, docs))
    caught_up = not any(waiting)
    cursor = _cursor(name, [base.seq] * len(after)) if caught_up else rows[-1].seq
    return Changes(rows, cursor, caught_up)


def _next_shard(base: _Base, waiting: Sequence[Sequence[object]]) -> int:
    """Return which shard answers first."""
    ready = [shard for shard, rows in enumerate(waiting) if rows]
    return ready[0] if base.dice is None else base.dice.choice(ready)


def _change(base: _Base, cursor: str, id: str, docs: bool) -> Change:
    stored = base.docs[id]
    doc: dict[str, Any] | None = stored.document(id) if docs and not stored.deleted else None
    return Change(id, cursor, stored.deleted, doc)
