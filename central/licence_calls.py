"""Who looked up which licence, for which case and purpose: every call, shown to supervisors."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

from sqlite_utils import Database

from cases.times import from_text, to_text
from sync.db import write

FOUND, NONE = "found", "none"
RESULTS_ZH = {FOUND: "已查到", NONE: "未查到"}
PURPOSES_ZH = {"reception": "收件时免交", "check": "收件后核验", "rule": "秒批核验"}
LIST_MAX = 300


class Call(NamedTuple):
    """One look-up. ``subject``: the case, or the visit where there is no case yet."""

    at: str
    point: str
    actor: str
    subject: str
    matter: str
    purpose: str
    licence: str
    result: str


def note(db: Database, call: Call) -> None:
    """Keep a call."""
    with write(db):
        db.execute(
            "INSERT INTO calls (at, point, actor, subject, matter, purpose, licence, result)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            list(call),
        )


def calls_since(db: Database, point: str, at: str) -> int:
    """How many calls a point has made since a time."""
    row = db.execute("SELECT count(*) FROM calls WHERE point=? AND at>=?", [point, at]).fetchone()
    return int(row[0])


def an_hour_before(now: str) -> str:
    """The time an hour ago."""
    return to_text(from_text(now) - timedelta(hours=1))


class Counts(NamedTuple):
    """All calls, and those that found a licence."""

    calls: int
    found: int


def counts(db: Database) -> Counts:
    """The figures of the board."""
    row = db.execute("SELECT count(*), coalesce(sum(result='found'), 0) FROM calls").fetchone()
    return Counts(int(row[0]), int(row[1]))


def newest(db: Database, *, result: str = "", matter: str = "") -> list[Call]:
    """The last calls, with a result or of a matter if given, the newest first."""
    rows = db.execute(
        "SELECT at, point, actor, subject, matter, purpose, licence, result FROM calls"
        " WHERE ?1 IN ('', result) AND ?2 IN ('', matter) ORDER BY id DESC LIMIT ?3",
        [result, matter, LIST_MAX],
    ).fetchall()
    return [Call(*row) for row in rows]


def by_matter(db: Database) -> dict[str, Counts]:
    """Calls and successes of each matter."""
    rows = db.execute(
        "SELECT matter, count(*), coalesce(sum(result='found'), 0) FROM calls GROUP BY matter"
    ).fetchall()
    return {matter: Counts(int(n), int(found)) for matter, n, found in rows}
