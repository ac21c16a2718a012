"""The author of one web process: states a fact once for each operation, however often it is sent.

An operation is one press of a button: a random text that the form carries. It is kept in the
event itself, in this process, and in ``portal.db`` for the other processes of this host.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import structlog
from sqlite_utils import Database

from cases.events import CENTRAL
from cases.times import from_text, to_text
from central.author import SOFTWARE, CentralAuthor
from sync import bell
from sync.db import write
from sync.errors import RemoteError, RemoteUnavailable
from sync.ports import Database as CouchDatabase
from sync.ports import Server
from sync.store import Store

log = structlog.get_logger()
DONE_MAX = 10_000
TURN_SECONDS_MAX = 10.0
BUSY_FOR = timedelta(seconds=90)
KEPT_FOR = timedelta(days=7)


class WebAuthor(CentralAuthor):
    """A :class:`CentralAuthor` that knows operations and rings the bell."""

    def __init__(
        self, outbox: Callable[[], CouchDatabase], central_box: str, clock: Callable[[], str]
    ) -> None:
        super().__init__(outbox, central_box, clock)
        self._once = threading.Lock()
        self._done: OrderedDict[str, str] = OrderedDict()

    def state_once(
        self,
        db: Database,
        store: Store,
        op: str,
        type: str,
        subject: str,
        data: Mapping[str, Any],
        *,
        actor: str,
        sealed: Mapping[str, Any] | None = None,
    ) -> str:
        """State a fact unless this operation has stated it already. :returns: the event's id.

        :param db: ``portal.db``.
        :raises WrongState: the table does not allow it.
        :raises RemoteError: nobody knows whether it was written; the same operation may be sent
            again, and counts once.
        """
        known = stated(db, op)
        if known:
            return known
        with self._turn():
            self._settle()
            if op not in self._done:
                _claim(db, op, subject, self.author, self._clock())
                self.state(store, type, subject, {**data, "op": op}, actor=actor, sealed=sealed)
            event = self._done[op]
            _note(db, op, event)
            return event

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """One writer at a time; who would wait too long is asked to come back instead."""
        if not self._once.acquire(timeout=TURN_SECONDS_MAX):
            raise RemoteUnavailable("前面的人还在保存，请过一会儿再按一次")
        try:
            yield
        finally:
            self._once.release()

    def ring(self, server: Server) -> None:
        """Tell the router that something waits. If that fails, its next sweep finds it."""
        try:
            bell.ring(
                server.database(bell.NAME), CENTRAL, author=self.author, n=self._n,
                at=self._clock(), software=SOFTWARE,
            )  # fmt: skip
        except RemoteError as error:
            log.warning("bell", error=str(error))

    def _settle(self) -> None:
        """Find out what became of a writing whose answer was lost."""
        with self._lock:
            self._settle_pending()

    def _settle_pending(self) -> None:
        doc = self._pending
        super()._settle_pending()
        op = doc["event"]["data"].get("op") if doc else None
        if doc and isinstance(op, str):
            self._done[op] = str(doc["event"]["id"])
            while len(self._done) > DONE_MAX:
                self._done.popitem(last=False)


def stated(db: Database, op: str) -> str:
    """The event that an operation has stated on this host, or empty."""
    row = db.execute("SELECT event FROM operations WHERE op=?", [op]).fetchone()
    return str(row[0]) if row else ""


def claimed_subject(db: Database, op: str) -> str:
    """The subject that an operation was begun on, so that a repeat goes on with the same one."""
    row = db.execute("SELECT subject FROM operations WHERE op=?", [op]).fetchone()
    return str(row[0]) if row else ""


def newest_act(db: Database, subject: str, acts: tuple[str, ...] = ()) -> tuple[str, str]:
    """(event, act) of what was last stated on a subject through this host, by one of these acts.

    An operation's id begins with its act: ``slip-…``, ``cancel-…``. Empty if there is none.
    Without acts any counts.
    """
    rows = db.execute(
        "SELECT event, op FROM operations WHERE subject=? AND event<>'' ORDER BY event DESC",
        [subject],
    )
    found = ((str(event), str(op).partition("-")[0]) for event, op in rows)
    return next(((event, act) for event, act in found if act in acts or not acts), ("", ""))


def _claim(db: Database, op: str, subject: str, author: str, now: str) -> None:
    """Begin an operation. :raises RemoteUnavailable: another process is at it just now."""
    with write(db):
        row = db.execute("SELECT author, at FROM operations WHERE op=?", [op]).fetchone()
        old = to_text(from_text(now) - BUSY_FOR)
        if row and row[0] != author and row[1] > old:
            raise RemoteUnavailable("这一步正在保存，请过一会儿再按一次")
        db.execute(
            "INSERT OR REPLACE INTO operations VALUES (?, ?, '', ?, ?)", [op, subject, author, now]
        )


def _note(db: Database, op: str, event: str) -> None:
    with write(db):
        db.execute("UPDATE operations SET event=? WHERE op=?", [event, op])


def forget_old_operations(db: Database, now: str) -> None:
    """Drop operations that no browser repeats any more."""
    with write(db):
        db.execute("DELETE FROM operations WHERE at<?", [to_text(from_text(now) - KEPT_FOR)])
