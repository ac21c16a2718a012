"""The one place that opens SQLite files and sets every pragma.

One connection a thread; writes go through :func:`write`, which begins IMMEDIATE, because a
deferred transaction that reads and then writes can fail at once while another process writes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pysqlite3 import dbapi2 as sqlite3
from sqlite_utils import Database

from sync.errors import DoorstepError

BUSY_TIMEOUT_MS = 10_000
APPLICATION_ID = 0x444F4F52  # "DOOR"


class DataFolderError(DoorstepError):
    """A data file cannot be used as it is. The message says what to do. Never retried."""


def connect(path: Path | str, *, checkpoints: bool = True) -> Database:
    """Open a file with every pragma set. ``checkpoints``: whether this process checkpoints.

    :raises DataFolderError: the file is no SQLite database, is damaged, or cannot be opened.
    """
    try:
        conn = sqlite3.connect(str(path), timeout=BUSY_TIMEOUT_MS / 1000, isolation_level=None)
        try:
            _set_pragmas(conn, checkpoints=checkpoints)
        except sqlite3.Error:
            conn.close()
            raise
    except sqlite3.DatabaseError as error:
        raise DataFolderError(
            f"{path}: 数据文件打不开（{error}）。请勿删除；用最近的备份恢复，或联系区中心。"
        ) from error
    return Database(conn, execute_plugins=False)


def _set_pragmas(conn: Any, *, checkpoints: bool) -> None:
    conn.execute("PRAGMA journal_mode=WAL")
    conn.execute("PRAGMA synchronous=FULL")
    conn.execute("PRAGMA foreign_keys=ON")
    conn.execute("PRAGMA trusted_schema=OFF")
    conn.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    if not checkpoints:
        conn.execute("PRAGMA wal_autocheckpoint=0")


@contextmanager
def write(db: Database) -> Iterator[Database]:
    """One durable transaction: all of it or nothing."""
    db.conn.execute("BEGIN IMMEDIATE")
    try:
        yield db
    except BaseException:
        db.conn.execute("ROLLBACK")
        raise
    db.conn.execute("COMMIT")


def prepare(db: Database, schema: str, version: int, name: str) -> None:
    """Make the tables of a new file, or check that an old one is of a version we know.

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
