"""Whether somebody has the same thing running already: other cases of one person and matter."""

from __future__ import annotations

from cases.folded import Case
from cases.papers import DECIDED
from cases.states import CaseState
from sync import registers
from sync.seal import CannotUnseal
from sync.store import Store

LOOKED_MAX = 200
_OVER = (*DECIDED, CaseState.CLOSED, CaseState.NEW)


def running_doubles(store: Store, case: Case, document_number: str) -> int | None:
    """How many other cases of a matter run for the same person, of those held here.

    None: there are too many to look through, or one cannot be opened: nobody knows.
    """
    rows = store.db.execute(
        "SELECT number FROM subjects WHERE kind='case' AND live=1 AND matter=? AND number<>?"
        " ORDER BY changed_at DESC LIMIT ?",
        [case.matter, case.number, LOOKED_MAX + 1],
    ).fetchall()
    if len(rows) > LOOKED_MAX:
        return None
    found = 0
    for (number,) in rows:
        other = registers.subject(store.db, number)
        if not isinstance(other, Case) or other.state in _OVER:
            continue
        event = store.event(other.received_event)
        try:
            same = event is not None and store.unseal(event).get("document_number")
        except CannotUnseal:
            return None
        found += same == document_number
    return found
