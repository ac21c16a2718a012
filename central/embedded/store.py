"""The databases of the one file: made, dropped, counted, and waited on.

A `Base` is what is known of a database without asking the disk. Only a committed transaction
changes it, so that whoever is woken finds what it was woken for.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from central.embedded import bodies
from central.embedded.errors import CouchError, no_database
from central.embedded.file import Connection, File

ADMINS_ONLY = b'{"members":{"roles":["_admin"]},"admins":{"roles":["_admin"]}}'
REAP_ROWS = 500  # rows of a dropped database removed in one transaction
USERS = "_users"


@dataclass(slots=True)
class Tally:
    """The numbers of a database that a transaction changes."""

    last_seq: int = 0
    live: int = 0
    dead: int = 0
    size: int = 0
    purges: int = 0


@dataclass(slots=True, eq=False)
class Base:
    """One database. `tag` is new whenever a database of this name is made anew."""

    key: int
    name: str
    tag: str
    created: int
    shards: int
    partitioned: bool
    security: bytes
    tally: Tally
    dropped: bool = False
    changed: threading.Condition = field(default_factory=threading.Condition)

    def wake(self) -> None:
        """Let every poll on this database look again."""
        with self.changed:
            self.changed.notify_all()


class Store:
    """All databases in `folder`. Safe to use from many threads."""

    def __init__(self, folder: Path) -> None:
        self.file = File(folder)
        self.stopping = False
        with self.file.writing() as conn:
            self.uuid = _setting(conn, "uuid")
            self.secret = _setting(conn, "secret").encode()
        with self.file.reading() as conn:
            self._bases = {base.name: base for base in _load(conn)}
        self._reap()
        self.file.reclaim()
        self.file.scrub()  # a crash may have come between a purge and its scrub
        if USERS not in self._bases:
            self.create(USERS)

    def names(self) -> list[str]:
        """The names of all databases, sorted."""
        return sorted(self._bases)

    def base(self, name: str) -> Base:
        """The database called `name`; CouchDB's 404 if there is none."""
        try:
            return self._bases[name]
        except KeyError:
            raise no_database() from None

    def create(self, name: str, *, shards: int = 2, partitioned: bool = False) -> Base:
        """Make a database; CouchDB's 412 if it is there already."""
        with self.file.lock:
            if name in self._bases:
                reason = "The database could not be created, the file already exists."
                raise CouchError(412, "file_exists", reason)
            tag, now = secrets.token_hex(8), int(time.time())
            with self.file.writing() as conn:
                made = conn.execute(
                    "insert into databases (name, tag, created, shards, partitioned, security)"
                    " values (?, ?, ?, ?, ?, ?)",
                    (name, tag, now, shards, partitioned, ADMINS_ONLY),
                )
            key = made.lastrowid
            base = Base(key, name, tag, now, shards, partitioned, ADMINS_ONLY, Tally())
            self._bases[name] = base
        return base

    def drop(self, name: str) -> None:
        """Delete a database: gone for everybody at once, and its rows before this returns."""
        with self.file.lock:
            base = self.base(name)
            with self.file.writing() as conn:
                conn.execute("update databases set name = null where key = ?", (base.key,))
            base.dropped = True
            del self._bases[name]
        base.wake()
        self._reap()

    def secure(self, base: Base, security: bytes) -> None:
        """Set who may use the database (the JSON of `_security`)."""
        with self.file.lock:
            with self.file.writing() as conn:
                change = "update databases set security = ? where key = ?"
                conn.execute(change, (security, base.key))
            base.security = security

    @contextmanager
    def changing(self, base: Base) -> Iterator[tuple[Connection, Tally]]:
        """A transaction on one database. Once committed its numbers are seen and polls woken."""
        with self.file.lock:
            if base.dropped:
                raise no_database()
            old, new = base.tally, replace(base.tally)
            with self.file.writing() as conn:
                yield conn, new
                if new != old:
                    _record(conn, base.key, new)
            base.tally = new
        base.wake()

    def stop_polls(self) -> None:
        """End every poll now and hold no new one: the server is going down."""
        self.stopping = True
        for base in list(self._bases.values()):
            base.wake()

    def close(self) -> None:
        """End the polls and let go of the folder."""
        self.stop_polls()
        self.file.close()

    def _reap(self) -> None:
        """Remove the rows of dropped databases in short transactions, those of a crash included."""
        reaped = False
        while self._reap_some():
            reaped = True
        if reaped:
            self.file.scrub()

    def _reap_some(self) -> bool:
        with self.file.writing() as conn:
            dead = conn.execute("select key from databases where name is null limit 1").fetchone()
            if dead is None:
                return False
            for table in ("documents", "revisions", "locals"):
                if _reap_rows(conn, table, dead[0]):
                    return True
            conn.execute("delete from databases where key = ?", dead)
            return True


def _reap_rows(conn: Connection, table: str, key: int) -> bool:
    """Remove some rows of a dropped database and blank their bodies. False if there were none."""
    rows = conn.execute(
        f"select rowid, body from {table} where db = ? limit ?",  # noqa: S608 - our own three names
        (key, REAP_ROWS),
    ).fetchall()
    bodies.blank(conn, [body for _, body in rows if body is not None])
    conn.executemany(
        f"delete from {table} where rowid = ?",  # noqa: S608 - as above
        [(rowid,) for rowid, _ in rows],
    )
    return bool(rows)


def _setting(conn: Connection, name: str) -> str:
    """A random value made once for this file."""
    conn.execute("insert or ignore into settings values (?, ?)", (name, secrets.token_hex(16)))
    found = conn.execute("select value from settings where name = ?", (name,)).fetchone()
    return str(found[0])


def _record(conn: Connection, key: int, tally: Tally) -> None:
    conn.execute(
        "update databases set last_seq = ?, live = ?, dead = ?, size = ?, purges = ? where key = ?",
        (tally.last_seq, tally.live, tally.dead, tally.size, tally.purges, key),
    )


def _load(conn: Connection) -> Iterator[Base]:
    rows = conn.execute(
        "select key, name, tag, created, shards, partitioned, security,"
        " last_seq, live, dead, size, purges from databases where name is not null"
    )
    for key, name, tag, created, shards, partitioned, security, *tally in rows.fetchall():
        yield Base(key, name, tag, created, shards, bool(partitioned), security, Tally(*tally))
