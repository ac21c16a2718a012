"""What the board counts and lists, read from the read model. Pure over a store, no names of people.

The whole picture is made at once, from the live cases and their parcels, so that its figures fit
one another and each list behind a figure has exactly that many rows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

import msgspec

from cases.aside import Aside, NotCounted, Offer, Refusal, asides, every, refusals
from cases.calendar import Calendar
from cases.events import CENTRAL
from cases.folded import Case, Folded, Parcel
from cases.lights import Light, light
from cases.papers import brought_to, carries
from cases.states import CaseState, ParcelState
from cases.tasks import (
    RESEND,
    REVIEW_ASIDE,
    Task,
    aside_tasks,
    case_tasks,
    offer_tasks,
    parcel_tasks,
    refusal_tasks,
)
from cases.timely import has_lapsed
from courier.watch import goes_again
from sync import registers
from sync.store import Store

LIVE_MAX = 20_000
LIST_MAX = 300

_decode = msgspec.json.Decoder(Folded).decode


@dataclass(frozen=True)
class Late:
    """A case whose period has run out, or ends today: what is due, by whom."""

    case: Case
    light: Light


@dataclass(frozen=True)
class Waiting:
    """A task and the point it waits at."""

    task: Task
    point: str


@dataclass(frozen=True)
class Picture:
    """The district at a moment."""

    cases: Mapping[str, int]
    parcels: Mapping[str, int]
    late: tuple[Late, ...]
    soon: tuple[Late, ...]
    tasks: tuple[Waiting, ...]
    aside: tuple[Aside, ...]
    refused: tuple[Refusal, ...]
    own: tuple[NotCounted, ...]
    live_by_point: Mapping[str, int]
    late_by_point: Mapping[str, int]
    truncated: bool


def picture(store: Store, calendar: Calendar, now: str) -> Picture:
    """Everything the board shows."""
    cases = live_cases(store)
    linked = parcels_of_live(store, {case.number: case for case in cases})
    lit = [
        Late(c, found)
        for c in cases
        if (found := light(c, calendar, now, linked.get(c.number, ())))
    ]
    late = sorted((x for x in lit if x.light.colour == "red"), key=lambda x: x.light.due)
    soon = sorted((x for x in lit if x.light.colour == "amber"), key=lambda x: x.light.due)
    return Picture(
        cases=registers.counts(store.db, "case"),
        parcels=registers.counts(store.db, "parcel"),
        late=tuple(late),
        soon=tuple(soon),
        tasks=_tasks(
            store, cases, linked, {c.number for c in cases if has_lapsed(c, calendar, now)}
        ),
        aside=tuple(asides_in(store)),
        refused=tuple(refusals_in(store)),
        own=tuple(own_in(store)),
        live_by_point=Counter(
            c.holder or c.point for c in cases if c.state is not CaseState.CLOSED
        ),
        late_by_point=Counter(x.case.holder for x in late),
        truncated=len(cases) >= LIVE_MAX,
    )


def live_cases(store: Store) -> list[Case]:
    """The cases that have not ended, the longest unchanged first."""
    found = registers.live(store.db, "case", limit=LIVE_MAX)
    return [c for c in found if isinstance(c, Case) and c.state is not CaseState.NEW]


def _live_parcels(store: Store) -> list[Parcel]:
    found = registers.live(store.db, "parcel", limit=LIVE_MAX)
    return [p for p in found if isinstance(p, Parcel)]


def parcels_of_live(store: Store, cases: Mapping[str, Case]) -> dict[str, list[Parcel]]:
    """The parcels of each live case, in one read."""
    rows = store.db.execute(
        "SELECT c.number, p.body FROM subjects c JOIN links l ON l.other=c.number"
        " JOIN subjects p ON p.number=l.subject AND p.kind='parcel'"
        " WHERE c.kind='case' AND c.live=1 ORDER BY p.opened_at, p.number LIMIT ?",
        [LIVE_MAX],
    ).fetchall()
    found: dict[str, list[Parcel]] = {}
    for number, body in rows:
        parcel = _decode(body)
        if isinstance(parcel, Parcel) and carries(parcel, cases.get(number)):
            found.setdefault(number, []).append(parcel)
    return found


def _tasks(
    store: Store, cases: Iterable[Case], linked: Mapping[str, list[Parcel]], lapsed: set[str]
) -> tuple[Waiting, ...]:
    found = [
        Waiting(task, point)
        for case in cases
        for point in dict.fromkeys((case.holder, case.point, case.deciding, *brought_to(case)))
        if point
        for task in case_tasks(
            case, linked.get(case.number, ()), point, lapsed=case.number in lapsed
        )
    ]
    doubled = registers.doubled(store.db)
    found += [
        Waiting(t, p.point)
        for p in _live_parcels(store)
        for t in tasks_of(store, p, doubled=p.number in doubled)
    ]
    of_work = [w for w in found if w.task.kind != REVIEW_ASIDE]
    return tuple(sorted((*of_work, *_to_answer(store)), key=lambda w: w.task.since))


def tasks_of(store: Store, parcel: Parcel, *, doubled: bool = False) -> list[Task]:
    """What the sender of a parcel must do next for it."""
    found = parcel_tasks(parcel, parcel.point, doubled=doubled)
    return [t for t in found if t.kind != RESEND or goes_out_again(store, parcel)]


def goes_out_again(store: Store, parcel: Parcel) -> bool:
    """Whether what was in a parcel that came back, or was lost, has to go out once more."""
    if parcel.state is not ParcelState.RETURNED and not parcel.lost:
        return False
    cases = [case for number in parcel.cases if (case := store.case(number))]
    return any(goes_again(parcel, case, store.parcels_of(case.number)) for case in cases)


def _to_answer(store: Store) -> Iterator[Waiting]:
    """What did not count, in subjects of whatever kind and state, at whoever answers it."""
    for subject in _of_note(store, answered=False):
        home = store.home_of(subject.number)
        waiting = [a for a in asides(subject) if a.answer is None]
        for point in dict.fromkeys(a.point or home or CENTRAL for a in waiting):
            yield from (Waiting(task, point) for task in aside_tasks(subject, point))
        yield from (Waiting(task, home) for task in refusal_tasks(subject, home))
        yield from (Waiting(task, CENTRAL) for task in offer_tasks(subject))


def asides_in(store: Store, *, answered: bool = False) -> list[Aside]:
    """The facts set aside that wait for an answer, the oldest first; or the answered ones too.

    At most :data:`LIST_MAX`.
    """
    found = [a for subject in _of_note(store, answered=answered) for a in asides(subject)]
    return sorted((a for a in found if answered or a.answer is None), key=_rank)[:LIST_MAX]


def refusals_in(store: Store, *, answered: bool = False) -> list[Refusal]:
    """What central refused and waits for an answer, the oldest first; or the answered too.

    At most :data:`LIST_MAX`.
    """
    found = [r for subject in _of_note(store, answered=answered) for r in refusals(subject)]
    return sorted((r for r in found if answered or r.answer is None), key=_rank)[:LIST_MAX]


def own_in(store: Store, *, answered: bool = False) -> list[NotCounted]:
    """What the district's supervisors answer and have not yet, the oldest first; or what they, or
    somebody for them, have answered.

    It is what central's own processes stated in vain, and what could not be taken in when it was
    offered after a restore. At most :data:`LIST_MAX`.
    """
    found = [
        one
        for subject in _of_note(store, answered=answered)
        for one in every(subject)
        if is_own(one) and (one.answer is not None) == answered
    ]
    return sorted(found, key=_rank)[:LIST_MAX]


def is_own(found: NotCounted) -> bool:
    """Whether the district's supervisors may answer it."""
    if isinstance(found, Aside):
        return found.of_central
    return isinstance(found, Offer) or found.point == CENTRAL


def _of_note(store: Store, *, answered: bool) -> list[Folded]:
    """The subjects of which something did not count; those that wait are never left out."""
    waiting = registers.not_answered(store.db, limit=LIVE_MAX)
    if not answered:
        return waiting
    others = registers.with_aside(store.db, limit=LIST_MAX)
    return list({s.number: s for s in (*waiting, *others)}.values())


def _rank(found: NotCounted) -> tuple[bool, str]:
    return found.rank


def cases_in(store: Store, state: str, *, point: str = "", live_only: bool = False) -> list[Case]:
    """The cases in a state (all if empty), held by a point (anywhere if empty), last changed first.

    At most :data:`LIST_MAX`; see :func:`how_many` for the figure.
    """
    where, values = _where(state, point, live_only)
    rows = store.db.execute(
        f"SELECT body FROM subjects WHERE {where} ORDER BY changed_at DESC LIMIT ?",  # noqa: S608 - the names stand in _where
        [*values, LIST_MAX],
    ).fetchall()
    return [c for (body,) in rows if isinstance(c := _decode(body), Case)]


def how_many(store: Store, state: str, *, point: str = "", live_only: bool = False) -> int:
    """How many cases :func:`cases_in` would list without its limit."""
    where, values = _where(state, point, live_only)
    row = store.db.execute(f"SELECT count(*) FROM subjects WHERE {where}", values).fetchone()  # noqa: S608
    return int(row[0])


def _where(state: str, point: str, live_only: bool) -> tuple[str, list[str]]:
    parts, values = ["kind='case'"], []
    for column, value in (("state", state), ("holder", point)):
        if value:
            parts.append(f"{column}=?")
            values.append(value)
    if live_only:
        parts.append("live=1 AND state NOT IN ('new', 'closed')")
    return " AND ".join(parts), values


def parcels_in(store: Store, state: str) -> list[Parcel]:
    """The parcels in a state (all if empty), the last changed first."""
    found = registers.newest(store.db, "parcel", state=state, limit=LIST_MAX)
    return [p for p in found if isinstance(p, Parcel)]


def in_order(
    counts: Mapping[str, int], states: type[CaseState] | type[ParcelState]
) -> list[tuple[CaseState | ParcelState, int]]:
    """Every state with its count, in the order of the work."""
    wanted: Callable[[CaseState | ParcelState], bool] = lambda s: s.value != "new"  # noqa: E731
    return [(s, counts.get(s.value, 0)) for s in states if wanted(s)]
