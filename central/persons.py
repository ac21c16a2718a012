"""The same person at another window: marks of document numbers, made and kept at central alone.

A mark is an HMAC of the number under a key that never leaves central, so that no index of numbers
lies anywhere, and none at 81 counters. It is written into the read model, by the jobs, and may be
dropped with it. What a visit or a reception said is unsealed only when somebody asks for it.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from hashlib import sha256
from typing import Any, NamedTuple

from cases.folded import Case, Visit
from cases.recall import SETTLED, Earlier, Found, Running
from sync.db import write
from sync.seal import CannotUnseal
from sync.store import Store

BATCH = 200
ROWS_MAX = 50
MARK_BYTES = 16
NUMBERS_MAX = 4
TELLING = ("case.received", "visit.asked", "visit.identified")
SCHEMA = (
    "CREATE TABLE IF NOT EXISTS persons (mark BLOB NOT NULL, matter TEXT NOT NULL,"
    " at TEXT NOT NULL, subject TEXT NOT NULL, visit TEXT NOT NULL, event TEXT NOT NULL,"
    " applicant INTEGER NOT NULL, PRIMARY KEY (mark, matter, event)) STRICT, WITHOUT ROWID",
    "CREATE INDEX IF NOT EXISTS persons_subject ON persons (subject)",
    "CREATE INDEX IF NOT EXISTS persons_at ON persons (at)",
)


class Row(NamedTuple):
    """One person and matter in one visit or case: ``event`` is what was said then."""

    mark: bytes
    matter: str
    at: str
    subject: str
    visit: str
    event: str
    applicant: int


def mark(key: bytes, number: str) -> bytes:
    """What stands for a document's number."""
    return hmac.digest(key, b"doorstep person:" + number.encode(), sha256)[:MARK_BYTES]


def prepare(store: Store) -> None:
    """Make the table if it is missing; inside no transaction."""
    for statement in SCHEMA:
        store.db.execute(statement)


def note_once(store: Store, key: bytes) -> bool:
    """Mark the persons of the next events of the read model. :returns: whether that is all.

    With another key, or a read model built anew, it begins from the first event.
    """
    cursor = f"persons:{mark(key, '').hex()[:8]}"
    after = int(store.cursor(cursor))
    rows = store.db.execute(
        "SELECT seq, subject, type FROM events WHERE seq>? ORDER BY seq LIMIT ?", [after, BATCH]
    ).fetchall()
    if not rows:
        return True
    touched = {subject for _, subject, type in rows if type in TELLING}
    found = [row for subject in sorted(touched) for row in _rows_of(store, key, subject)]
    with write(store.db) as db:
        if after == 0:
            db.execute("DELETE FROM persons")
        for subject in touched:
            db.execute("DELETE FROM persons WHERE subject=?", [subject])
        db.conn.executemany("INSERT OR IGNORE INTO persons VALUES (?,?,?,?,?,?,?)", found)
        store.set_cursor(cursor, str(rows[-1][0]))
    return len(rows) < BATCH


def _rows_of(store: Store, key: bytes, number: str) -> list[Row]:
    subject = store.subject(number)
    if isinstance(subject, Case) and subject.received_event:
        said = sealed_of(store, subject.received_event)
        return [
            Row(mark(key, str(said[name])), subject.matter, subject.received_at, number,
                subject.visit, subject.received_event, applicant)
            for name, applicant in (("document_number", 1), ("agent_number", 0))
            if said.get(name)
        ]  # fmt: skip
    if isinstance(subject, Visit):
        numbers = {sealed_of(store, id).get("document_number") for id in subject.identified}
        return [
            Row(mark(key, str(n)), str(step.data["matter"]), step.at, number, number, step.id, 1)
            for n in sorted(str(n) for n in numbers if n)
            for step in subject.steps
            if step.type == "visit.asked" and step.verdict == "ok"
        ]
    return []


def sealed_of(store: Store, event_id: str) -> dict[str, Any]:
    """The sealed part of an event; empty where it cannot be opened."""
    event = store.event(event_id)
    try:
        return store.unseal(event) if event else {}
    except CannotUnseal:
        return {}


def found(store: Store, key: bytes, matter: str, numbers: Iterable[str], visit: str) -> Found:
    """What is known of a person and a matter, but for the visit that is being served."""
    marks = [mark(key, number) for number in list(numbers)[:NUMBERS_MAX]]
    holes = ",".join("?" * len(marks))
    rows = store.db.execute(
        f"SELECT * FROM persons WHERE mark IN ({holes}) AND matter=? AND visit<>?"  # noqa: S608 - only question marks
        " ORDER BY at DESC LIMIT ?",
        [*marks, matter, visit, ROWS_MAX],
    ).fetchall()
    every = [Row(*row) for row in rows]
    with_case = {row.visit for row in every if row.subject != row.visit}
    earlier = {
        row.visit: _earlier(store, row)
        for row in reversed(every)  # of a visit the last that was told
        if row.subject == row.visit and row.visit not in with_case
    }
    cases = dict.fromkeys(row.subject for row in every if row.subject != row.visit if row.applicant)
    return Found(tuple(reversed(earlier.values())), tuple(_running(store, cases)))


def _earlier(store: Store, row: Row) -> Earlier:
    said = sealed_of(store, row.event)
    papers = said.get("papers")
    listed = tuple(map(str, papers)) if isinstance(papers, list) else ()
    point = store.home_of(row.visit)
    return Earlier(row.visit, row.at, point, str(said.get("answers") or ""), listed, bool(listed))


def _running(store: Store, numbers: Iterable[str]) -> Iterable[Running]:
    for number in numbers:
        case = store.case(number)
        if case is not None and case.state.value not in SETTLED:
            yield Running(number, case.state.value, case.received_at, case.point, case.holder)
