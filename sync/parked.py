"""What was parked on the way at this store, and what a person said of it.

It is no event and belongs to this file alone: an unreadable document of the inbox, an event that
the outbox refused, an event whose place another one has. The answer is kept beside it.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from typing import Any, NamedTuple

from sqlite_utils import Database

from sync.canonical import canonical, decode

SCHEMA = """
CREATE TABLE parked (id TEXT PRIMARY KEY, why TEXT NOT NULL, at TEXT NOT NULL, body BLOB NOT NULL,
  answer TEXT NOT NULL DEFAULT '') STRICT, WITHOUT ROWID;
"""
TO_2 = "ALTER TABLE parked ADD COLUMN answer TEXT NOT NULL DEFAULT ''"  # from version 1 of a store
LISTED_MAX = 500
BODY_BYTES_MAX = 128 * 1024  # what is longer is listed without its content


class Parked(NamedTuple):
    """One thing that waits or waited for a person; ``answer`` is empty until one has answered."""

    id: str
    why: str
    at: str
    body: Any
    answer: Mapping[str, Any]


def park(db: Database, id: str, why: str, at: str, body: object) -> None:
    """Put something aside. The same content again keeps its answer; other content asks anew."""
    db.execute(
        "INSERT INTO parked (id, why, at, body) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET"
        " answer=CASE WHEN body=excluded.body THEN answer ELSE '' END,"
        " why=excluded.why, at=excluded.at, body=excluded.body",
        [id, why, at, canonical(body)],
    )


def listed(db: Database, *, limit: int = LISTED_MAX) -> list[Parked]:
    """What was parked: what is not answered first, the oldest first."""
    rows = db.execute(
        "SELECT id, why, at, CASE WHEN length(body)<=? THEN body ELSE 'null' END, answer"
        " FROM parked ORDER BY answer<>'', at, id LIMIT ?",
        [BODY_BYTES_MAX, limit],
    ).fetchall()
    return [
        Parked(id, why, at, decode(body), decode(answer) if answer else {})
        for id, why, at, body, answer in rows
    ]


def one(db: Database, id: str) -> Parked | None:
    """What was parked under an id, whatever its length; None if nothing is."""
    row = db.execute("SELECT why, at, body, answer FROM parked WHERE id=?", [id]).fetchone()
    if row is None:
        return None
    why, at, body, said = row
    return Parked(id, why, at, decode(body), decode(said) if said else {})


def among(db: Database, ids: Iterable[str]) -> set[str]:
    """Which of these ids are parked, answered or not."""
    rows = db.execute(
        "SELECT p.id FROM json_each(?) c CROSS JOIN parked p ON p.id=c.value",
        [canonical(list(ids)).decode()],
    )
    return {id for (id,) in rows}


def answer(db: Database, id: str, said: Mapping[str, Any]) -> bool:
    """Keep the first answer to something parked, inside a transaction.

    :returns: whether there was something that waited for it.
    """
    done = db.execute(
        "UPDATE parked SET answer=? WHERE id=? AND answer=''", [canonical(said).decode(), id]
    )
    return bool(done.rowcount == 1)


def drop_keys(db: Database, numbers: Container[str]) -> None:
    """Drop the keys beside what is parked of these subjects, inside a transaction."""
    for id, raw in db.execute("SELECT id, body FROM parked").fetchall():
        body = decode(raw)
        if isinstance(body, dict) and "keys" in body and subject_in(body) in numbers:
            kept = {name: value for name, value in body.items() if name != "keys"}
            db.execute("UPDATE parked SET body=? WHERE id=?", [canonical(kept), id])


def subject_in(doc: Mapping[str, Any]) -> str:
    """The subject of the event in an envelope, as it says itself; "" where there is none."""
    event = doc.get("event")
    return str(event.get("id")).rpartition(":")[0] if isinstance(event, Mapping) else ""


def drop(db: Database, ids: Iterable[str]) -> None:
    """Forget what was put right, or has gone its way after all, inside a transaction."""
    db.conn.executemany("DELETE FROM parked WHERE id=?", [(id,) for id in ids])
