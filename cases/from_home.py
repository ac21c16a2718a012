"""From home (在家申请): what is fetched, what only photographed, how far it is, what comes next.

The point looks at the form and the photographs before anyone travels; then a courier fetches what
is kept, and the case is received as if the papers had been brought to the window. Identity
documents never travel, neither do papers that are only looked at: a photograph stands for them, or
the courier looks at the document at the door.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from enum import Enum

from cases.calendar import Calendar, Due
from cases.catalogue import MaterialSpec, Matter
from cases.documents import DocumentKind
from cases.folded import Parcel, Visit
from cases.guide import Guide
from cases.known import known_answers
from cases.lights import Colour, pressing
from cases.papers import PAPERS_FETCHED
from cases.states import ParcelState, VisitState
from cases.tasks import Task
from cases.times import day_of

ANSWER_WORKING_DAYS = 1
#: Why a point does not take an application on.
DECLINED_ZH = {
    "elsewhere": "不归鼓楼区的部门办",
    "in_person": "这件事要本人到场",
    "not_needed": "您的情况不用办这件事",
    "other": "其他原因",
}
_GONE = (ParcelState.CANCELLED, ParcelState.RETURNED)


#: Who applies from home stands for themselves: whoever acts for another proves that at a window.
CAPACITY = {"person": "self", "organization": "legal_representative"}


class Stage(Enum):
    """How far an application from home is, for whoever follows it."""

    CHECKING = "checking"
    TO_MEND = "to_mend"
    READY = "ready"  # looked at: a courier will come
    COMING = "coming"  # a courier has said that they go
    MISSED = "missed"  # a courier was there in vain
    CARRIED = "carried"
    DELIVERED = "delivered"  # at the point, not counted yet
    THERE = "there"  # the point has all it needs
    RECEIVED = "received"
    DECLINED = "declined"
    CANCELLED = "cancelled"


_OF_STATE = {
    VisitState.APPLIED: Stage.CHECKING,
    VisitState.TO_MEND: Stage.TO_MEND,
    VisitState.ENDED: Stage.RECEIVED,
    VisitState.DECLINED: Stage.DECLINED,
    VisitState.CANCELLED: Stage.CANCELLED,
}


def given_answers(
    guide: Guide, matter: Matter, *, kind: str, document: str, number: str, code: str, today: date
) -> dict[str, frozenset[str]]:
    """Every answer that is known: what was chosen (a code), and what follows from who applies.

    The papers are those of the window, where the case is received in the end.
    """
    resident = number if document == DocumentKind.RESIDENT_ID else ""
    capacity = CAPACITY.get(kind, "")
    known = known_answers(matter, kind=kind, capacity=capacity, resident_id=resident, today=today)
    return {**guide.answers_of(code), **guide.read_answers({**known, "channel": ["window"]})}


def is_from_home(visit: Visit) -> bool:
    """Whether a visit was applied for from home."""
    return bool(visit.applied_event)


def must_photograph(spec: MaterialSpec) -> bool:
    """Whether a photograph stands for a paper: whatever is not kept never travels."""
    return not spec.travels


def to_fetch(specs: Iterable[MaterialSpec]) -> tuple[MaterialSpec, ...]:
    """The papers that somebody comes for: those that are kept; never an identity document."""
    return tuple(spec for spec in specs if spec.travels)


def is_fetch(parcel: Parcel) -> bool:
    """Whether a parcel is papers fetched from a home: its address is the home's."""
    return parcel.purpose == PAPERS_FETCHED


def was_collected(parcel: Parcel) -> bool:
    """Whether a courier was given the papers."""
    return any(s.type == "parcel.taken_over" and s.verdict == "ok" for s in parcel.steps)


def is_promised(parcel: Parcel) -> bool:
    """Whether a courier has said that they go there, and was not there yet."""
    accepted = any(s.type == "parcel.fetch_accepted" and s.verdict == "ok" for s in parcel.steps)
    return parcel.state is ParcelState.PACKED and accepted


def not_collected(parcel: Parcel) -> tuple[str, ...]:
    """The names of the papers that were not given to the courier who came."""
    if parcel.collected is None:
        return ()
    names = (str(content.get("name", "")) for content in parcel.contents)
    return tuple(name for place, name in enumerate(names) if place not in parcel.collected)


def live_fetch(parcels: Iterable[Parcel]) -> Parcel | None:
    """The newest parcel that fetches the papers and was not called off."""
    live = [parcel for parcel in parcels if is_fetch(parcel) and parcel.state not in _GONE]
    return max(live, key=lambda parcel: parcel.packed_at, default=None)


def stage(visit: Visit, parcel: Parcel | None, *, received: bool = False) -> Stage:
    """How far it is. ``received``: a case came of it."""
    if received:
        return Stage.RECEIVED
    if visit.state in _OF_STATE:
        return _OF_STATE[visit.state]
    if not visit.fetch:
        return Stage.THERE
    return Stage.READY if parcel is None else _of_parcel(parcel)


def _of_parcel(parcel: Parcel) -> Stage:
    if parcel.state is ParcelState.ARRIVED:
        return Stage.THERE
    if parcel.state is ParcelState.DELIVERED:
        return Stage.DELIVERED
    if was_collected(parcel):
        return Stage.CARRIED
    if parcel.state is ParcelState.FAILED:
        return Stage.MISSED
    return Stage.COMING if is_promised(parcel) else Stage.READY


def may_cancel(found: Stage, parcels: Iterable[Parcel]) -> bool:
    """Whether the resident may still call it off: until a courier was given papers."""
    early = (Stage.CHECKING, Stage.TO_MEND, Stage.READY, Stage.COMING, Stage.MISSED)
    return found in early and not any(map(was_collected, parcels))


def answer_due(visit: Visit, calendar: Calendar) -> Due:
    """The day by which the point answers: one working day after the form was sent."""
    return calendar.add_working_days(day_of(visit.applied_at), ANSWER_WORKING_DAYS)


def answer_light(visit: Visit, calendar: Calendar, now: str) -> tuple[Colour, str]:
    """How pressing the answer is, as a colour and in words."""
    return pressing(answer_due(visit, calendar).day, day_of(now), calendar)


def visit_tasks(visit: Visit, parcels: Iterable[Parcel], *, received: bool = False) -> list[Task]:
    """What the chosen point must do next for an application from home."""
    parcel = live_fetch(parcels)
    found = stage(visit, parcel, received=received)
    over = found in (Stage.DECLINED, Stage.CANCELLED)
    if over and parcel is not None and parcel.state is not ParcelState.ARRIVED:
        return [_task(visit, "call_off_fetch", "不办了：取消上门取件", visit.changed_at)]
    since = parcel.changed_at if parcel else visit.answered_at
    tasks = {
        Stage.CHECKING: ("check_application", "看在家申请，一个工作日内答复", visit.applied_at),
        Stage.MISSED: ("fetch_missed", "上门没取到，联系申请人", since),
        Stage.DELIVERED: ("count_fetched", "清点取来的材料", since),
        Stage.THERE: ("receive_from_home", "材料齐了，收件", since),
    }
    if found is Stage.READY and parcel is None:
        return [_task(visit, "plan_fetch", "安排上门取件", since)]
    return [_task(visit, *tasks[found])] if found in tasks else []


def _task(visit: Visit, kind: str, words: str, since: str) -> Task:
    return Task(kind, visit.number, words, since)
