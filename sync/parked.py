"""What was parked on the way at this store, and what a person said of it.

It is no event and belongs to this file alone: an unreadable document of the inbox, an event that
the outbox refused, an event whose place another one has. The answer is kept beside it.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from sync.canonical import canonical, decode
from sync.store import Store

BODY_BYTES_MAX = 128 * 1024  # what is longer is shown without its content


class Parked(NamedTuple):
    """One thing that waits or waited for a person; ``answer`` is empty until one has answered."""

    id: str
    why: str
    at: str
    body: Any
    answer: dict[str, Any]


def parked(store: Store, *, limit: int = 500) -> list[Parked]:
    """What was parked: what is not answered first, the oldest first."""
    rows = store.db.execute(
        "SELECT id, why, at, CASE WHEN length(body)<=? THEN body ELSE 'null' END, answer"
        " FROM parked ORDER BY answer<>'', at, id LIMIT ?",
        [BODY_BYTES_MAX, limit],
    ).fetchall()
    return [
        Parked(id, why, at, decode(body), decode(answer) if answer else {})
        for id, why, at, body, answer in rows
    ]


def answer_parked(store: Store, id: str, answer: dict[str, Any]) -> bool:
    """Keep the first answer to something parked, inside a transaction.

    :returns: whether there was something that waited for it.
    """
    done = store.db.execute(
        "UPDATE parked SET answer=? WHERE id=? AND answer=''", [canonical(answer).decode(), id]
    )
    return bool(done.rowcount == 1)
