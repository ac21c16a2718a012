"""The seam to CouchDB: two small protocols and the values they speak in.

``sync.couch`` speaks to a real server, ``sync.memory`` is the twin for tests; both pass
``tests/contract/test_remotes.py``. Every method may raise a class of ``sync.errors``.

Ids are made of ``[A-Za-z0-9:._~-]``, so that byte order is the order of ids everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

Doc = dict[str, Any]

START = "0"
"""The cursor from which a feed of changes gives everything."""


class Row(NamedTuple):
    """What became of one document of a bulk write. Stored only if `ok`."""

    id: str
    rev: str | None
    error: str | None
    reason: str | None

    @property
    def ok(self) -> bool:
        """Say whether the other end stored this document: it named a revision and no error."""
        return self.error is None and self.rev is not None


class Change(NamedTuple):
    """The last thing that happened to one document.

    `doc` is None where it was not asked for, and where the document is deleted or purged.
    """

    id: str
    seq: str
    deleted: bool
    doc: Doc | None


class Changes(NamedTuple):
    """One page of changes in the order of their last write.

    `cursor` is opaque: keep it and hand it back. `caught_up` says that nothing waits behind it.
    """

    rows: list[Change]
    cursor: str
    caught_up: bool


class Database(Protocol):
    """One database at the other end. Every method raises `Missing` if it is not there."""

    name: str

    def get(self, id: str) -> Doc | None:
        """Return the document, or None if it was never written or is deleted."""
        ...

    def put(self, doc: Doc) -> str:
        """Write one document (with `_id`, and `_rev` unless new) and return its revision.

        Raises `Conflict` if the revision given is not the present one.
        """
        ...

    def delete(self, id: str, rev: str) -> None:
        """Delete one document. Raises `Conflict` if `rev` is not its present revision."""
        ...

    def bulk(self, docs: Sequence[Doc]) -> list[Row]:
        """Write many documents and return one row for each, in their order.

        A conflict is a row, not an exception, and also says "already there": the caller compares.
        """
        ...

    def fetch(self, ids: Sequence[str]) -> dict[str, Doc]:
        """Return those of the documents that exist, by id."""
        ...

    def range(self, start: str, end: str, *, limit: int, docs: bool = True) -> list[Doc]:
        """Return at most `limit` documents with start <= id < end, in id order.

        With `docs` False only their `_id` and `_rev`.
        """
        ...

    def changes(self, since: str, *, limit: int, docs: bool = True, wait_s: float = 0) -> Changes:
        """Return at most `limit` changes after the cursor `since` (`START` for all).

        With `wait_s` above 0 wait so many seconds for a change if there is none.
        """
        ...

    def secure(self, members: Sequence[str]) -> None:
        """Let only these users, besides administrators, read and write this database."""
        ...

    def purge(self, revs: dict[str, list[str]]) -> None:
        """Remove these revisions for good, by id, as if they had never been written."""
        ...

    def compact(self) -> None:
        """Have what earlier revisions said dropped from the files; it may take its time."""
        ...


class Server(Protocol):
    """The other end, signed in as one user. Not shared by threads: one each."""

    def database(self, name: str) -> Database:
        """Return a handle; makes no request and does not ask whether the database exists."""
        ...

    def create(self, name: str, *, partitioned: bool = False) -> bool:
        """Create a database. True if made now, False if it was there. Administrators only."""
        ...

    def drop(self, name: str) -> None:
        """Delete a database with all it holds; one that is missing is fine."""
        ...

    def names(self) -> list[str]:
        """Return the names of all databases. Administrators only."""
        ...

    def set_user(self, name: str, password: str) -> None:
        """Make a user who may sign in, or change the password. Administrators only."""
        ...

    def close(self) -> None:
        """Give the connections back. The object is not used afterwards."""
        ...
