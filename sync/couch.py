"""The one CouchDB client. Nothing else in this program imports pycouchdb.

pycouchdb alone would switch TLS verification off, wait for ever and take a proxy's error page
for success; `StrictResource` sits under everything it does and lets none of that through. It
replaces `Resource._request_response`, a private name: a test fails when that moves.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, unquote, urlsplit, urlunsplit

import requests
from pycouchdb.client import Database as PyCouchDatabase
from pycouchdb.resource import Resource
from pycouchdb.utils import urljoin

from sync.errors import (
    Conflict,
    Missing,
    NotCouch,
    OnlyAccepted,
    RemoteRefused,
    RemoteUnavailable,
)
from sync.line import JSON_HEADERS, Answered, Line, Timeout
from sync.ports import Change, Changes, Doc, Row
from sync.wire import (
    AlreadyThere,
    BulkRow,
    Feed,
    FeedRow,
    Listing,
    NoDocument,
    Purged,
    check_id,
    check_limit,
    confirmed,
    encode,
    id_of,
    shaped,
)

GZIP_BYTES_MIN = 1024
PURGE_IDS_MAX = 100  # CouchDB's own limit for one request
POLL_MARGIN_S = 5.0
USER_ATTEMPTS_MAX = 5


class StrictResource(Resource):
    """pycouchdb's resource, made safe: whatever is not plainly CouchDB's success is raised."""

    def __init__(self, base_url: str, line: Line) -> None:
        super().__init__(base_url, session=line.session, verify=True)
        line.session.verify = line.verify  # a file of authorities, which the above cannot hold
        self.line = line

    def __call__(self, *path: str) -> StrictResource:
        """Return the resource below this one; each segment is quoted."""
        return StrictResource(_below(self.base_url, path), self.line)

    def request(
        self,
        method: str,
        path: str | Sequence[str] | None = None,
        params: Any = None,
        data: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        stream: bool = False,
        **kwargs: Any,
    ) -> tuple[requests.Response, Any]:
        """Send one request. A document that has a field `error` is no error, unlike above."""
        return self._request_response(method, path, params, data, headers, stream, **kwargs)

    def _request_response(
        self,
        method: str,
        path: str | Sequence[str] | None = None,
        params: Any = None,
        data: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        stream: bool = False,
        **kwargs: Any,
    ) -> tuple[requests.Response, Any]:
        if stream:
            raise ValueError("a stream cannot be checked before it is used; ask for less instead")
        segments = [path] if isinstance(path, str) else list(path or ())
        sent = {**JSON_HEADERS, **(headers or {})}
        if data is not None and len(data) > GZIP_BYTES_MIN:
            data = gzip.compress(
                data, compresslevel=1, mtime=0
            )  # more costs time, and saves little
            sent["Content-Encoding"] = "gzip"
        url = _below(self.base_url, segments)
        return self.line.ask(method, url, params=_plain(params), data=data, headers=sent, **kwargs)


def _below(url: str, segments: Sequence[str]) -> str:
    """Return the address of `segments` under `url`; none of them can change its path."""
    for segment in segments:
        if segment in ("", ".", ".."):
            raise RemoteRefused(f"{segment!r} cannot be part of an address")
    try:
        return str(urljoin(url, *(quote(segment, safe="") for segment in segments)))
    except UnicodeEncodeError as error:
        raise RemoteRefused("this id cannot be sent: it is not valid Unicode") from error


def _plain(params: Any) -> Any:
    """Return query parameters with booleans as CouchDB writes them."""
    pairs = params.items() if isinstance(params, Mapping) else params or ()
    return [
        (key, ("true" if value else "false") if isinstance(value, bool) else value)
        for key, value in pairs
    ]


def connect(
    url: str,
    *,
    user: str | None = None,
    password: str | None = None,
    timeout_s: Timeout = (3.05, 65.0),
    ca_file: str | None = None,
    answered: Answered | None = None,
) -> CouchServer:
    """Return a client of the CouchDB at `url`. Makes no request yet. One for each thread.

    `user` and `password` may also stand in the address, percent-encoded. `timeout_s` is for
    connecting (tried three times) and for each wait on the answer. `ca_file` replaces the public
    authorities. `answered` is told of each answer. Raises `ValueError` if the address is none.
    """
    parts = urlsplit(url)
    strange = parts.query or parts.fragment or not parts.hostname or parts.port == 0
    if strange or parts.scheme not in ("http", "https"):
        raise ValueError("the address of a CouchDB is http://host:port or https://host")
    host = parts.netloc.rpartition("@")[2]
    base_url = urlunsplit((parts.scheme, host, parts.path.rstrip("/"), "", ""))
    if user is None and parts.username:
        user, password = unquote(parts.username), unquote(parts.password or "")
    credentials = None if user is None else (user, password or "")
    return CouchServer(Line(base_url, credentials, timeout_s, ca_file, answered))


class CouchServer:
    """A `sync.ports.Server`: one CouchDB, signed in as one user."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._resource = StrictResource(line.base_url, line)

    def database(self, name: str) -> CouchDatabase:
        """Return a handle; makes no request."""
        return CouchDatabase(self._resource(name), name)

    def create(self, name: str, *, partitioned: bool = False) -> bool:
        """Create a database of one shard, or a partitioned one; False if it was there.

        A 202 will do here: nodes that are down learn of it, and each write asks for its own quorum.
        """
        params = {"partitioned": True} if partitioned else {"q": 1}
        try:
            _, result = self._resource.put(name, params=params)
        except AlreadyThere:
            return False
        except OnlyAccepted:
            return True
        confirmed(result, f"create {name}")
        return True

    def drop(self, name: str) -> None:
        """Delete a database; one that is missing is fine."""
        try:
            _, result = self._resource.delete(name)
        except (Missing, OnlyAccepted):
            return
        confirmed(result, f"drop {name}")

    def names(self) -> list[str]:
        """Return the names of all databases, CouchDB's own among them."""
        _, result = self._resource.get("_all_dbs")
        return shaped(result, list[str], "names")

    def set_user(self, name: str, password: str) -> None:
        """Make a user who may sign in, or change the password; roles are kept.

        Said again, it changes nothing: a new salt would end every session of the user's.
        """
        for _ in range(USER_ATTEMPTS_MAX):
            try:
                return self._set_user(name, password)
            except Missing:
                self.create("_users")
            except Conflict:
                continue
        raise RemoteUnavailable(f"user {name}: others keep changing it; try again later")

    def _set_user(self, name: str, password: str) -> None:
        users = self.database("_users")
        id = f"org.couchdb.user:{name}"
        old = users.get(id) or {}
        mark = hashlib.sha256(f"{name}:{password}".encode()).hexdigest()
        if old.get("made_with") == mark:
            return
        kept = {"_rev": old["_rev"], "roles": old.get("roles", [])} if old else {"roles": []}
        made = {"_id": id, "name": name, "type": "user", "password": password, "made_with": mark}
        users.put({**made, **kept})

    def close(self) -> None:
        """Give the connections back."""
        self._line.close()


class CouchDatabase:
    """A `sync.ports.Database` on a CouchDB."""

    def __init__(self, resource: StrictResource, name: str) -> None:
        self._database = PyCouchDatabase(resource, name)
        self._resource = resource
        self.name = name

    def get(self, id: str) -> Doc | None:
        """Return the document, or None if it was never written or is deleted."""
        try:
            doc: Doc = shaped(self._database.get(check_id(id)), dict[str, Any], self._what(id))
        except NoDocument:
            return None
        if doc.get("_id") != id or not isinstance(doc.get("_rev"), str):
            raise NotCouch(f"{self._what(id)}: another document came back; try again later")
        return doc

    def put(self, doc: Doc) -> str:
        """Write one document and return its revision; raises `Conflict`."""
        id = id_of(doc)
        _, result = self._resource(id).put(data=encode(doc))
        told = confirmed(result, self._what(id))
        if told.id != id or told.rev is None:
            raise NotCouch(f"{self._what(id)}: the answer names no revision; try again later")
        return told.rev

    def delete(self, id: str, rev: str) -> None:
        """Delete one document; raises `Conflict` if `rev` is not its present revision."""
        try:
            _, result = self._resource(check_id(id)).delete(params={"rev": rev})
        except NoDocument as error:
            raise Conflict(f"{self._what(id)}: there is nothing to delete") from error
        confirmed(result, self._what(id))

    def bulk(self, docs: Sequence[Doc]) -> list[Row]:
        """Write many documents and return one row for each, in their order.

        Raises `NotCouch` unless each document has its own answer: then none counts as stored.
        """
        ids = [id_of(doc) for doc in docs]
        _, result = self._resource.post("_bulk_docs", data=encode({"docs": docs}))
        rows = shaped(result, list[BulkRow], self._what("_bulk_docs"))
        if [row.id for row in rows] != ids or not all(row.decided for row in rows):
            raise NotCouch(f"{self._what('_bulk_docs')}: not one answer for each document")
        return [_row(row) for row in rows]

    def fetch(self, ids: Sequence[str]) -> dict[str, Doc]:
        """Return those of the documents that exist, by id."""
        body = encode({"keys": list(ids)})
        _, result = self._resource.post("_all_docs", params={"include_docs": True}, data=body)
        rows = shaped(result, Listing, self._what("_all_docs")).rows
        return {row.key: row.doc for row in rows if row.doc is not None}

    def range(self, start: str, end: str, *, limit: int, docs: bool = True) -> list[Doc]:
        """Return at most `limit` documents with start <= id < end, in id order.

        It may be fewer although there are more: a few huge ones must not stop whoever reads.
        """
        if start >= end:
            return []
        try:
            return self._range(start, end, limit=limit, docs=docs)
        except NotCouch as error:
            if not error.too_large or limit == 1:
                raise
            return self.range(start, end, limit=limit // 2, docs=docs)

    def _range(self, start: str, end: str, *, limit: int, docs: bool) -> list[Doc]:
        params = {
            "startkey": encode(start),
            "endkey": encode(end),
            "inclusive_end": False,
            "limit": check_limit(limit),
            "include_docs": docs,
        }
        _, result = self._resource.get("_all_docs", params=params)
        rows = shaped(result, Listing, self._what("_all_docs")).rows
        if docs:
            return [row.doc for row in rows if row.doc is not None]
        return [{"_id": row.key, "_rev": (row.value or {}).get("rev")} for row in rows]

    def changes(self, since: str, *, limit: int, docs: bool = True, wait_s: float = 0) -> Changes:
        """Return at most `limit` changes after `since`; wait up to `wait_s` if there is none."""
        try:
            return self._changes(since, limit=limit, docs=docs, wait_s=wait_s)
        except NotCouch as error:
            if not error.too_large or limit == 1:
                raise
            return self.changes(since, limit=limit // 2, docs=docs, wait_s=wait_s)

    def _changes(self, since: str, *, limit: int, docs: bool, wait_s: float) -> Changes:
        params: dict[str, Any] = {"since": since, "limit": check_limit(limit), "include_docs": docs}
        connect_s, read_s = self._resource.line.timeout_s
        if wait_s > 0:
            params |= {"feed": "longpoll", "timeout": max(1, round(wait_s * 1000))}
            read_s = max(read_s, wait_s + POLL_MARGIN_S)
        _, result = self._resource.get("_changes", params=params, timeout=(connect_s, read_s))
        feed = shaped(result, Feed, self._what("_changes"))
        caught_up = len(feed.results) < limit if feed.pending is None else feed.pending == 0
        return Changes([_change(row) for row in feed.results], feed.last_seq, caught_up)

    def secure(self, members: Sequence[str]) -> None:
        """Let only these users, besides administrators, read and write this database.

        The role keeps a database without members closed: to CouchDB two empty lists mean public.
        """
        admins = {"names": [], "roles": ["_admin"]}
        wanted = {"admins": admins, "members": {"names": list(members), "roles": ["_admin"]}}
        _, result = self._resource.put("_security", data=encode(wanted))
        confirmed(result, self._what("_security"))

    def purge(self, revs: dict[str, list[str]]) -> None:
        """Remove these revisions for good, by id, as if they had never been written."""
        ids = list(revs)
        for first in range(0, len(ids), PURGE_IDS_MAX):
            part = {id: revs[id] for id in ids[first : first + PURGE_IDS_MAX]}
            _, result = self._resource.post("_purge", data=encode(part))
            shaped(result, Purged, self._what("_purge"))

    def compact(self) -> None:
        """Have what earlier revisions said dropped from the files; it may take its time.

        A 202 is all that CouchDB ever says here: it goes on behind the answer.
        """
        try:
            _, result = self._resource.post("_compact", data=b"")
        except OnlyAccepted:
            return
        confirmed(result, self._what("_compact"))

    def _what(self, part: str) -> str:
        return f"{self.name}/{part}"


def _row(row: BulkRow) -> Row:
    return Row(row.id, None if row.error else row.rev, row.error, row.reason)


def _change(row: FeedRow) -> Change:
    return Change(row.id, row.seq, row.deleted, None if row.deleted else row.doc)
