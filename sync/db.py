"""The one place that opens SQLite files and sets every pragma.

One connection a thread; writes go through :func:`write`, which begins IMMEDIATE, because a
deferred transaction that reads and then writes can fail at once while another process writes.
"""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Any
from weakref import WeakKeyDictionary

from pysqlite3 import dbapi2 as sqlite3
from sqlite_utils import Database

from sync.errors import (
    DoorstepError,
    StorageBroken,
    StorageBusy,
    StorageDamaged,
    StorageError,
    StorageFull,
    StorageReadOnly,
)

BUSY_TIMEOUT_MS = 10_000
LOOK_AGAIN_S = 0.002
BUSY = 5  # SQLITE_BUSY
APPLICATION_ID = 0x444F4F52  # "DOOR"
_turns: dict[str, threading.Lock] = {}
_paths: WeakKeyDictionary[Database, str] = WeakKeyDictionary()


class DataFolderError(DoorstepError):
    """A data file cannot be used as it is. The message says what to do. Never retried."""


def connect(path: Path | str, *, checkpoints: bool = True) -> Database:
    """Open a file with every pragma set. ``checkpoints``: whether this process checkpoints.

    :raises DataFolderError: the file is no SQLite database, is damaged, or cannot be opened.
    :raises StorageError: there is no room to open it in, or its folder may not be written.
    """
    try:
        conn = sqlite3.connect(str(path), timeout=BUSY_TIMEOUT_MS / 1000, isolation_level=None)
        try:
            _set_pragmas(conn, checkpoints=checkpoints)
        except sqlite3.Error:
            conn.close()
            raise
    except sqlite3.DatabaseError as error:
        trouble = storage_error(error, str(path))
        if trouble:
            raise trouble from error
        require_writable(Path(path))
        require_writable(Path(path).parent)
        raise DataFolderError(
            f"{path}: 数据文件打不开（{error}）。请勿删除；用最近的备份恢复，或联系区中心。"
        ) from error
    return Database(conn, execute_plugins=False)


def _set_pragmas(conn: Any, *, checkpoints: bool) -> None:
    conn.execute("PRAGMA journal_mode=WAL")
    conn.execute("PRAGMA synchronous=FULL")
    conn.execute("PRAGMA foreign_keys=ON")
    conn.execute("PRAGMA secure_delete=ON")  # what is forgotten is overwritten
    conn.execute("PRAGMA trusted_schema=OFF")
    conn.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    if not checkpoints:
        conn.execute("PRAGMA wal_autocheckpoint=0")


_BY_CODE: dict[int, type[StorageError]] = {
    BUSY: StorageBusy,
    6: StorageBusy,  # SQLITE_LOCKED
    8: StorageReadOnly,  # SQLITE_READONLY
    10: StorageBroken,  # SQLITE_IOERR
    11: StorageDamaged,  # SQLITE_CORRUPT
    13: StorageFull,  # SQLITE_FULL
}
_BY_ERRNO: dict[int, type[StorageError]] = {
    errno.EACCES: StorageReadOnly,
    errno.EDQUOT: StorageFull,
    errno.EIO: StorageBroken,
    errno.ENOSPC: StorageFull,
    errno.EPERM: StorageReadOnly,
    errno.EROFS: StorageReadOnly,
}


def storage_error(error: BaseException, where: str) -> StorageError | None:
    """The trouble with the disk that SQLite or the system reports, by its name; None if none."""
    if isinstance(error, sqlite3.Error):
        kind = _BY_CODE.get(getattr(error, "sqlite_errorcode", 0) & 0xFF)
    else:
        kind = _BY_ERRNO.get(error.errno or 0) if isinstance(error, OSError) else None
    return kind(where, error) if kind else None


@contextmanager
def named(where: str) -> Iterator[None]:
    """Turn what SQLite or the system says of the disk into a :class:`StorageError`."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        trouble = storage_error(error, where)
        if trouble is None:
            raise
        raise trouble from error


def require_writable(place: Path) -> None:
    """Say at the start, and not at the first write, that a file or folder may only be read.

    :raises StorageReadOnly: it may not be written.
    """
    if place.exists() and not os.access(place, os.W_OK):
        raise StorageReadOnly(str(place))


@contextmanager
def write(db: Database) -> Iterator[Database]:
    """One durable transaction: all of it or nothing, and the connection is fit for the next one.

    :raises StorageError: the disk is full, read-only, busy or broken; nothing was written.
    """
    path = _path_of(db)
    try:
        with _turn(path):
            _begin(db.conn)
            try:
                yield db
                db.conn.execute("COMMIT")
            except BaseException:
                if db.conn.in_transaction:  # a full disk may have undone it already
                    db.conn.execute("ROLLBACK")
                raise
    except sqlite3.Error as error:
        trouble = storage_error(error, path)
        if trouble is None:
            raise
        raise trouble from error


def _begin(conn: Any) -> None:
    """Take SQLite's lock for writing as soon as another process lets it go.

    SQLite would look again after ever longer sleeps, up to 100 ms, and miss the moments that a
    background writer leaves to others.
    """
    until = monotonic() + BUSY_TIMEOUT_MS / 1000
    conn.execute("PRAGMA busy_timeout=0")
    try:
        while not _begins(conn, last=monotonic() > until):
            sleep(LOOK_AGAIN_S)
    finally:
        conn.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")


def _begins(conn: Any, *, last: bool) -> bool:
    try:
        conn.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        if last or getattr(error, "sqlite_errorcode", 0) & 0xFF != BUSY:
            raise
        return False
    return True


@contextmanager
def _turn(path: str) -> Iterator[None]:
    """Let the threads of this process write to a file one after the other, each woken at once.

    SQLite makes whoever finds its lock taken sleep, longer each time, while others pass by. Its
    lock still decides; a turn that does not come in its time is no obstacle.
    """
    lock = _turns.setdefault(path, threading.Lock())
    mine = lock.acquire(timeout=BUSY_TIMEOUT_MS / 1000)
    try:
        yield
    finally:
        if mine:
            lock.release()


def _path_of(db: Database) -> str:
    path = _paths.get(db)
    if path is None:
        path = _paths[db] = str(db.conn.execute("PRAGMA database_list").fetchone()[2])
    return path


def version_of(path: Path) -> int:
    """The version of the tables in a file, read without changing it."""
    with closing(_read_only(path)) as conn:
        return int(conn.execute("PRAGMA user_version").fetchone()[0])


def snapshot(path: Path, copy: Path) -> None:
    """Copy a file as it is at this moment, whoever writes to it meanwhile."""
    with closing(_read_only(path)) as conn, closing(sqlite3.connect(str(copy))) as to:
        conn.backup(to)


def _read_only(path: Path) -> Any:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)


def prepare(
    db: Database,
    schema: str,
    version: int,
    name: str,
    upgrades: Mapping[int, Callable[[], None]] | None = None,
) -> None:
    """Make the tables of a new file, or bring those of an old one to the present version.

    ``upgrades``: what leads to a version from the one before it.

    :raises DataFolderError: it was written by a newer program, or is not ours.
    """
    if _owner(db) == 0:
        _make(db, schema, version, name)
    if _owner(db) != APPLICATION_ID:
        raise _foreign(name)
    found = db.conn.execute("PRAGMA user_version").fetchone()[0]
    if found > version:
        raise DataFolderError(
            f"{name}: 数据由更新的版本（{found}）写入，本程序只认识到 {version}。"
            "请升级程序后再启动。"
        )
    if found < version:
        _upgrade(db, version, upgrades or {})


def _make(db: Database, schema: str, version: int, name: str) -> None:
    with write(db):
        if _owner(db):
            return  # another process made the tables at this moment
        if db.conn.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            raise _foreign(name)
        for statement in schema.split(";\n"):
            if statement.strip():
                db.conn.execute(statement)
        db.conn.execute(f"PRAGMA user_version={version}")
        db.conn.execute(f"PRAGMA application_id={APPLICATION_ID}")


def _upgrade(db: Database, version: int, upgrades: Mapping[int, Callable[[], None]]) -> None:
    with write(db):
        found = db.conn.execute("PRAGMA user_version").fetchone()[0]  # another process may have
        for step in range(found + 1, version + 1):
            upgrades[step]()
        db.conn.execute(f"PRAGMA user_version={max(found, version)}")


def _owner(db: Database) -> int:
    owner: int = db.conn.execute("PRAGMA application_id").fetchone()[0]
    return owner


def _foreign(name: str) -> DataFolderError:
    return DataFolderError(f"{name}: 这不是家门口的数据文件，请检查数据目录的设置。")


def check_integrity(db: Database) -> str | None:
    """What SQLite's own check says is wrong with the file, or None."""
    try:
        said = db.conn.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.DatabaseError as error:
        return str(error)
    return None if said == "ok" else str(said)
