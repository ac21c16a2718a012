"""Processes that may die at any write: at a statement, at a commit, before or after a request.

Everything runs in one thread. Whatever a process does happens inside :meth:`Process.running`; what
it opens there dies with it, as SIGKILL would have it: open transactions are undone.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from pysqlite3 import dbapi2 as sqlite3

import central.embedded.file
import sync.db

WRITES = ("insert", "update", "delete", "commit", "replace", "vacuum")
FULL = ("pragma synchronous=full", "pragma synchronous = full")
_running: list[Process] = []


class Crash(BaseException):
    """A process died. Nothing of the product may catch it."""

    def __init__(self, process: Process) -> None:
        super().__init__(process.name)
        self.process = process


class Process:
    """One process; ``light`` lays a fuse that so many writes burn down."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.fuse: int | None = None
        self._opened: list[Any] = []

    def light(self, writes: int) -> None:
        """Die after so many more writes."""
        self.fuse = writes

    def tick(self) -> None:
        """Something is about to be written, or has just been. :raises Crash: the fuse is down."""
        if self.fuse is None:
            return
        self.fuse -= 1
        if self.fuse < 0:
            self.fuse = None
            raise Crash(self)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Whatever happens inside is this process's doing."""
        _running.append(self)
        try:
            yield
        finally:
            _running.pop()

    def opened(self, connection: Any) -> None:
        """A connection that ends with this process."""
        self._opened.append(connection)

    def end(self) -> None:
        """Let go of everything at once."""
        self.fuse = None
        for connection in self._opened:
            connection.close()
        self._opened.clear()


def tick() -> None:
    """A write of whoever is running."""
    if _running:
        _running[-1].tick()


class Connection(sqlite3.Connection):  # type: ignore[misc]  # it ships no types
    """A connection that a process may die with. Power cuts are not played here: no fsync."""

    def execute(self, sql: str, *given: Any) -> Any:
        head = sql.lstrip()[:32].lower()
        if head in FULL:
            sql = "PRAGMA synchronous=OFF"
        if not head.startswith(WRITES):
            return super().execute(sql, *given)
        tick()
        done = super().execute(sql, *given)
        if head.startswith("commit"):
            tick()
        return done

    def executemany(self, sql: str, *given: Any) -> Any:
        tick()
        return super().executemany(sql, *given)


class _Sqlite:
    """The module as the product sees it: only ``connect`` is another."""

    def __getattr__(self, name: str) -> Any:
        return getattr(sqlite3, name)

    @staticmethod
    def connect(*given: Any, **named: Any) -> Any:
        connection = sqlite3.connect(*given, factory=Connection, **named)
        if _running:
            _running[-1].opened(connection)
        return connection


@contextmanager
def mortal() -> Iterator[None]:
    """While it holds, every file is opened by a process that may die."""
    with (
        patch.object(sync.db, "sqlite3", _Sqlite()),
        patch.object(central.embedded.file, "sqlite3", _Sqlite()),
    ):
        yield
