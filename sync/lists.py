"""What lists ask of the registers: numbers and counts that an index answers, many cases at once.

A case's mark tells whether anything was stated of it, or of the parcels that name it, since it was
last looked at; so a list reads only what has changed.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlite_utils import Database

from cases.folded import Case, Parcel
from cases.papers import carries
from sync import registers
from sync.merging import listed

#: How many events a subject has here, and the last that came: events are never changed in place.
_MARK = "(SELECT count(*) || '.' || max(e.seq) FROM events e WHERE e.subject={})"


def live_numbers(db: Database, limit: int) -> list[str]:
    """The cases that are not closed, longest unchanged first."""
    return _numbers(
        db,
        "SELECT number FROM subjects WHERE kind='case' AND live=1 ORDER BY changed_at LIMIT ?",
        [limit],
    )


def not_answered(db: Database, limit: int) -> list[str]:
    """The subjects of which something did not count and waits for an answer, of whatever kind."""
    return _numbers(
        db, "SELECT number FROM subjects WHERE unanswered>0 ORDER BY changed_at LIMIT ?", [limit]
    )


def closed_numbers(db: Database, department: str, *, limit: int, after: int) -> list[str]:
    """One page of the closed cases (of a department), the last changed first."""
    where, values = _closed(department)
    return _numbers(
        db,
        f"SELECT number FROM subjects WHERE {where} ORDER BY changed_at DESC LIMIT ? OFFSET ?",  # noqa: S608 - our own words
        [*values, limit, after],
    )


def count_closed(db: Database, department: str = "") -> int:
    """How many cases are closed (of a department)."""
    where, values = _closed(department)
    row = db.execute(f"SELECT count(*) FROM subjects WHERE {where}", values).fetchone()  # noqa: S608 - our own words
    return int(row[0])


def _closed(department: str) -> tuple[str, list[str]]:
    where = "kind='case' AND live=0"
    return (f"{where} AND department=?", [department]) if department else (where, [])


def departments(db: Database) -> list[str]:
    """The departments that have cases here, each found by one step of the index."""
    first = "SELECT min(department) FROM subjects WHERE kind='case' AND department>"
    return _numbers(
        db,
        f"WITH RECURSIVE d(code) AS ({first}'' UNION ALL SELECT ({first}d.code) FROM d"  # noqa: S608 - our own words
        " WHERE d.code IS NOT NULL) SELECT code FROM d WHERE code IS NOT NULL",
        [],
    )


def _numbers(db: Database, question: str, values: list[Any]) -> list[str]:
    return [number for (number,) in db.execute(question, values).fetchall()]


def marks(db: Database, numbers: Iterable[str]) -> dict[str, str]:
    """The mark of each subject: the same as long as it folds to the same, with its parcels.

    What central refuses is folded no longer, though it stays; so every refusal changes all marks.
    """
    asked = listed(numbers)
    refused = db.execute("SELECT count(*) FROM refusals").fetchone()[0]
    rows = db.execute(
        f"SELECT j.value, {_MARK.format('j.value')} FROM json_each(?) j",  # noqa: S608 - our own words
        [asked],
    )
    found = {number: f"{refused} {mark}" for number, mark in rows.fetchall()}
    parcels = db.execute(
        f"SELECT j.value, l.subject || '=' || {_MARK.format('l.subject')} FROM json_each(?) j"  # noqa: S608 - our own words
        " CROSS JOIN links l ON l.other=j.value ORDER BY l.subject",
        [asked],
    )
    for number, mark in parcels.fetchall():
        found[number] += f" {mark}"
    return found


def cases(db: Database, numbers: Iterable[str]) -> list[tuple[Case, tuple[Parcel, ...]]]:
    """These cases, each with the parcels that carry something of it, oldest first.

    What is no case, or of which only a slip or a token is known, is left out.
    """
    asked = listed(numbers)
    rows = db.execute(
        "SELECT c.body FROM json_each(?) j CROSS JOIN subjects c ON c.number=j.value"
        " WHERE c.kind='case' AND c.state<>'new'",
        [asked],
    ).fetchall()
    packed = db.execute(
        "SELECT l.other, p.body FROM json_each(?) j CROSS JOIN links l ON l.other=j.value"
        " CROSS JOIN subjects p ON p.number=l.subject AND p.kind='parcel'"
        " ORDER BY p.opened_at, p.number",
        [asked],
    )
    naming: dict[str, list[Parcel]] = {}
    for number, body in packed.fetchall():
        if isinstance(parcel := registers.read(body), Parcel):
            naming.setdefault(number, []).append(parcel)
    found = (case for (body,) in rows if isinstance(case := registers.read(body), Case))
    return [
        (case, tuple(p for p in naming.get(case.number, ()) if carries(p, case))) for case in found
    ]
