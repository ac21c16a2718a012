"""The one SQLite file: who may open it, its tables, one writer and a few readers.

Every pragma is set here. `synchronous=FULL` in WAL mode: a commit that returned is on the disk.

What is purged must be gone from the file. `secure_delete` alone does not do that: when SQLite
splits or merges a page it leaves copies in the gaps. So bodies have a table of their own, whose
rows are only ever added at its end, where nothing moves, and are overwritten with zeros in their
place when they die. `reclaim` gives the dead space back by rewriting the file.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import sqlite_utils
from pysqlite3 import dbapi2 as sqlite3

from central.embedded.errors import FolderError

FILE_NAME = "couch.sqlite"
LOCK_NAME = "in-use.lock"
RECLAIM_BYTES_MIN = 32 * 2**20
ROW_BYTES = 16  # what a row takes beside its body
APPLICATION_ID = 0x446F6F72  # "Door"
SCHEMA_VERSION = 1
READERS = 6
READER_CACHE_KB, WRITER_CACHE_KB = 2_000, 8_000
FULL_CHECK_BYTES_MAX = 512 * 2**20  # a larger file is checked whole only after an unclean stop

Connection = Any  # pysqlite3 ships no types

_SCHEMA = """
create table settings (name text primary key, value text not null) without rowid;
create table databases (
  key integer primary key, name text unique, tag text not null, created integer not null,
  shards integer not null, partitioned integer not null, last_seq integer not null default 0,
  live integer not null default 0, dead integer not null default 0,
  size integer not null default 0, purges integer not null default 0, security blob not null);
create table documents (
  key integer primary key, db integer not null, id text not null, seq integer not null,
  rev text not null, parent text, deleted integer not null, branches integer not null default 0,
  body integer not null, size integer not null);
create unique index documents_id on documents (db, id, deleted);
create unique index documents_seq on documents (db, seq);
create table revisions (
  key integer primary key, db integer not null, id text not null, gen integer not null,
  rev text not null, parent text, deleted integer not null, leaf integer not null,
  body integer, size integer not null);
create table bodies (key integer primary key autoincrement, content blob not null);
create table dead (key integer primary key, size integer not null);
create unique index revisions_id on revisions (db, id, rev);
create table locals (
  db integer not null, id text not null, rev integer not null, body integer not null,
  primary key (db, id));
"""


class File:
    """The store's SQLite file in `folder`, held by this process alone until `close`."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE_NAME
        self.lock = threading.RLock()  # held by whoever writes, and until what follows is done
        with ExitStack() as undo:
            self._holder = _hold(folder)
            undo.callback(self._holder.close)
            self._writer = _opened(self.path)
            undo.callback(self._writer.close)
            self._readers: queue.LifoQueue[Connection] = queue.LifoQueue()
            for _ in range(READERS):
                reader = _connect(self.path, READER_CACHE_KB)
                undo.callback(reader.close)
                reader.execute("pragma query_only = on")
                self._readers.put(reader)
            self._closing = undo.pop_all()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """The one writer in a transaction: on disk when the block ends, undone if it raises."""
        with self.lock:
            self._writer.execute("begin immediate")
            try:
                yield self._writer
                self._writer.execute("commit")
            except BaseException:
                if self._writer.in_transaction:
                    self._writer.execute("rollback")
                raise

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A reader with one unchanging view of the file. Never ask for the writer inside."""
        reader = self._readers.get()
        try:
            reader.execute("begin")
            yield reader
        finally:
            if reader.in_transaction:
                reader.execute("rollback")
            self._readers.put(reader)

    def reclaim(self) -> None:
        """Give dead space back by rewriting the file, if it has become most of it."""
        with self.lock:
            if not self._is_reclaim_due():
                return
            with self.writing() as conn:  # this moves bodies: the rewriting must follow it
                conn.execute("insert or replace into settings values ('rewrite', 'due')")
                conn.execute("delete from bodies where key in (select key from dead)")
                conn.execute("delete from dead")
            self._writer.execute("vacuum")
            self._writer.execute("delete from settings where name = 'rewrite'")

    def _is_reclaim_due(self) -> bool:
        (cut_short,) = self._writer.execute(
            "select count(*) from settings where name = 'rewrite'"
        ).fetchone()
        dead = self._writer.execute("select count(*), total(size) from dead").fetchone()
        (live,) = self._writer.execute("select total(size) from databases").fetchone()
        return bool(cut_short) or dead[1] + ROW_BYTES * dead[0] > max(live, RECLAIM_BYTES_MIN)

    def scrub(self) -> None:
        """Carry the write-ahead log into the file and empty it: nothing purged stays in it."""
        with self.lock:
            idle = [self._readers.get() for _ in range(READERS)]
            try:
                self._writer.execute("pragma wal_checkpoint(truncate)").fetchall()
            finally:
                for reader in idle:
                    self._readers.put(reader)

    def close(self) -> None:
        """Finish the write under way and let go of the folder."""
        with self.lock:
            self._closing.close()


def _connect(path: Path, cache_kb: int) -> Connection:
    conn = sqlite3.connect(str(path), isolation_level=None, check_same_thread=False, timeout=30)
    for pragma in ("synchronous = full", "secure_delete = on", f"cache_size = -{cache_kb}"):
        conn.execute(f"pragma {pragma}").fetchall()
    return conn


def _hold(folder: Path) -> Connection:
    """An exclusive lock on the folder that ends with the process, however it ends."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        conn = sqlite3.connect(
            str(folder / LOCK_NAME), isolation_level=None, check_same_thread=False, timeout=0
        )
    except (OSError, sqlite3.Error) as problem:
        raise FolderError(f"{folder}: cannot be used as data folder ({problem})") from problem
    try:
        conn.execute("pragma locking_mode = exclusive").fetchall()
        conn.execute("begin exclusive")
    except sqlite3.Error as problem:
        conn.close()
        raise FolderError(
            f"{folder}: another process is serving this data folder; stop it first, "
            "or give this one a folder of its own"
        ) from problem
    return conn


def _opened(path: Path) -> Connection:
    """The writer's connection to a sound file of this version, made if it was not there."""
    unclean = path.with_name(path.name + "-wal").exists()
    try:
        conn = _connect(path, WRITER_CACHE_KB)
        try:
            conn.execute("pragma journal_mode = wal").fetchall()
            _prepare(conn, path, unclean=unclean)
        except BaseException:
            conn.close()
            raise
    except sqlite3.OperationalError as problem:
        raise FolderError(
            f"{path}: cannot be opened ({problem}); see to the rights and the free space there"
        ) from problem
    except sqlite3.Error as problem:
        raise FolderError(
            f"{path}: not a sound database file ({problem}); put back the latest backup of it, "
            "or move it away to start empty: the points then send everything they hold again"
        ) from problem
    return conn


def _prepare(conn: Connection, path: Path, *, unclean: bool) -> None:
    version = conn.execute("pragma user_version").fetchone()[0]
    if version > SCHEMA_VERSION:
        raise FolderError(
            f"{path}: written by a newer version (file {version}, this program {SCHEMA_VERSION}); "
            "start the newer program, or put back a backup from before the upgrade"
        )
    if version == 0:
        _create(conn, path)
    if unclean or path.stat().st_size <= FULL_CHECK_BYTES_MAX:
        verdict = conn.execute("pragma quick_check(1)").fetchone()[0]
        if verdict != "ok":
            raise sqlite3.DatabaseError(" ".join(verdict.split()))


def _create(conn: Connection, path: Path) -> None:
    if conn.execute("select count(*) from sqlite_master").fetchone()[0]:
        raise FolderError(f"{path}: belongs to another program; give a folder of its own")
    tables = f"begin; {_SCHEMA} pragma application_id = {APPLICATION_ID};"
    sqlite_utils.Database(conn, execute_plugins=False).executescript(
        f"{tables} pragma user_version = {SCHEMA_VERSION}; commit;"
    )
