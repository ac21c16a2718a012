"""Visits: one resident at one window. Opened with the first thing done, ended by the clerk.

A window is the person who serves there; a visit left open in the evening ends with the next one.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time

from cases.catalogue import Matter
from cases.folded import Case, Visit
from cases.numbers import SubjectKind
from cases.states import VisitState
from cases.times import SHANGHAI, day_of, to_text
from sync import registers
from sync.store import Store
from sync.writing import Writing

OPEN_MAX = 50


def day_start(day: date) -> str:
    """When a day begins in Shanghai, as events hold times."""
    return to_text(datetime.combine(day, time(), SHANGHAI))


def _open_ones(store: Store, actor: str) -> list[Visit]:
    rows = store.db.execute(
        "SELECT number FROM subjects WHERE kind='visit' AND state=? ORDER BY changed_at DESC"
        " LIMIT ?",
        [VisitState.OPEN.value, OPEN_MAX],
    ).fetchall()
    found = (registers.subject(store.db, number) for (number,) in rows)
    return [v for v in found if isinstance(v, Visit) and v.window == actor]


def current(store: Store, actor: str, today: date) -> Visit | None:
    """The visit that somebody is serving now, or None."""
    return next((v for v in _open_ones(store, actor) if day_of(v.opened_at) == today), None)


def ensure_open(w: Writing, actor: str) -> str:
    """The number of the visit being served, opened now if there is none."""
    now = current(w.store, actor, w.day)
    if now is not None:
        return now.number
    for left in _open_ones(w.store, actor):
        w.state("visit.ended", left.number, {}, actor=actor)
    number = w.new_number(SubjectKind.VISIT)
    w.state("visit.opened", number, {"window": actor}, actor=actor)
    return number


def ask(w: Writing, matter: Matter, actor: str, told: str = "", papers: Sequence[str] = ()) -> str:
    """Record that a matter was asked about. :returns: the visit's number.

    :param told: the guide's code of the answers that a one-time notice was printed for; sealed.
    :param papers: the list of that notice; sealed, for it says how somebody lives.
    """
    number = ensure_open(w, actor)
    data = {"matter": matter.code, "title": matter.name}
    said = {"answers": told, "papers": list(papers)}
    sealed = {name: value for name, value in said.items() if value} or None
    w.state("visit.asked", number, data, actor=actor, sealed=sealed)
    return number


def end(w: Writing, actor: str) -> str | None:
    """End the visit being served. :returns: its number, or None if there was none."""
    now = current(w.store, actor, w.day)
    if now is None:
        return None
    w.state("visit.ended", now.number, {}, actor=actor)
    return now.number


def cases_of(store: Store, visit: str) -> tuple[Case, ...]:
    """The cases received during a visit, oldest first."""
    found = (store.case(number) for number in registers.linked(store.db, visit))
    cases = [case for case in found if case is not None and case.visit == visit]
    return tuple(sorted(cases, key=lambda case: case.received_at))
