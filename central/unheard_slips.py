"""Slips that residents filled in for cases of which no record has come yet: kept, and listed.

A point whose line is down, or a PC that was lost before it sent anything: the slip waits here.
"""

from __future__ import annotations

from cases.folded import Case
from cases.slips import standing
from cases.times import ago
from central.context import now, store
from sync import registers

LISTED_MAX = 50


def unheard_slips(point: str) -> tuple[tuple[str, str, str], ...]:
    """(number, how many slips, since when) of a point's unknown cases, the oldest first."""
    rows = store().db.execute(
        "SELECT number FROM subjects WHERE kind='case' AND state='new' AND home=?"
        " ORDER BY changed_at LIMIT ?",
        [point, LISTED_MAX],
    )
    found = (registers.subject(store().db, number) for (number,) in rows.fetchall())
    waiting = ((case, standing(case)) for case in found if isinstance(case, Case))
    return tuple(
        (case.number, f"{len(slips)} 张", ago(slips[0].at, now()))
        for case, slips in waiting
        if slips
    )
