"""告知承诺: a paper that is missing is promised in writing by a day, and the case runs meanwhile.

Who applies may choose to promise instead of handing in a paper, where the matter allows it; the
promise is checked afterwards, and a false one undoes what was granted for it (国务院办公厅关于全面
推行证明事项和涉企经营许可事项告知承诺制的指导意见, 国办发〔2020〕42号). What proves who somebody is
cannot be promised.
"""

from __future__ import annotations

from datetime import date, timedelta

from cases.calendar import Calendar
from cases.catalogue import MaterialSpec, Matter
from cases.fields import BadField
from cases.folded import Case, Material
from cases.lights import Light, pressing
from cases.papers import SETTLED
from cases.states import CaseState
from cases.tasks import Task

KEPT = "case.undertaking_kept"
OVERDUE = "undertaking_overdue"
WORKING_DAYS = 10  # how long a promise has when nobody says otherwise
DAYS_MAX = 366


def may_promise(matter: Matter, spec: MaterialSpec) -> bool:
    """Whether an undertaking may stand for a paper of a matter."""
    return matter.commitment and not spec.identity


def usual_day(today: date, calendar: Calendar) -> date:
    """By when a paper promised today is owed."""
    return calendar.add_working_days(today, WORKING_DAYS).day


def check_day(text: str, today: date, *, field: str) -> str:
    """The day a paper is promised by, as it is stored. :raises BadField: it cannot be one."""
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        raise BadField(field, "请填承诺补交的日期。", "Please give the day.") from None
    if not today < day <= today + timedelta(days=DAYS_MAX):
        raise BadField(
            field, "承诺补交的日期要在明天以后、一年以内。", "A day after today, within a year."
        )
    return day.isoformat()


def pending(case: Case) -> tuple[Material, ...]:
    """The papers of a case that were promised and are still owed, the soonest first."""
    over = (*SETTLED, CaseState.CLOSED) if case.state is not CaseState.COMPLETED else ()
    owed = [m for m in case.materials if m.undertaken and not m.taken]
    return () if case.state in over else tuple(sorted(owed, key=lambda m: m.undertaken))


def day_owed(material: Material) -> date | None:
    """The day a paper is owed by; None where what was written is no day."""
    try:
        return date.fromisoformat(material.undertaken)
    except ValueError:
        return None


def light_of(case: Case, calendar: Calendar, today: date) -> Light | None:
    """The light of what a case owes next, or None when it owes nothing."""
    days = [day for day in map(day_owed, pending(case)) if day]
    if not days:
        return None
    colour, word = pressing(min(days), today, calendar)
    return Light(colour, word, "承诺补交", min(days))


def undertaking_tasks(case: Case, point: str, today: date) -> tuple[Task, ...]:
    """One task for the receiving point when a promised day has passed."""
    late = [m for m in pending(case) if (day := day_owed(m)) and day < today]
    if not late or point != case.point:
        return ()
    words = "承诺补交的材料已经过期，联系申请人"
    return (Task(OVERDUE, case.number, words, case.received_at, case.department),)
