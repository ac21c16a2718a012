"""The legal periods of a case: which one runs, until when. Computed at reading, never stored.

Every period is counted from the day after it began, in working days unless the matter says calendar
days (行政许可法第八十二条; 民法典第二百零一条). A clock that was ahead lengthens nothing: a period
runs from what was stated, and never from later than now.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, timedelta

from cases.calendar import PERIOD_DAYS_MAX, Calendar, Due
from cases.catalogue import DayUnit
from cases.deadlines import add_period
from cases.folded import Case, Opinion, Parcel, Pause
from cases.papers import result_owed
from cases.proceedings import PROCEDURES_ZH, all_given_at, longest_extension
from cases.states import CaseState
from cases.times import day_of

ACCEPT_WORKING_DAYS = 5  # 行政许可法第三十二条
CORRECT_WORKING_DAYS = 10  # the law names none; the body that gives notice does
DELIVER_WORKING_DAYS = 10  # 行政许可法第四十四条

ACCEPT, CORRECT, DECIDE, DELIVER = "受理", "补正", "办结", "送达"
OPINION = "答复意见"
_WAITING = (CaseState.RECEIVED, CaseState.FORWARDED)


@dataclass(frozen=True)
class Clock:
    """A period: what is due, since when, its last day; provisional where a year is not published.

    ``deemed``: the case counts as taken on from the day it was received. ``stopped``: a special
    procedure runs, and the last day is the one on which it is expected to end.
    """

    what: str
    since: date
    due: date
    provisional: bool = False
    deemed: bool = False
    stopped: bool = False


def clock(
    case: Case, calendar: Calendar, now: str, parcels: Iterable[Parcel] | None = None
) -> Clock | None:
    """The period that runs at a moment, or None.

    Without the parcels nothing is said of a completed case: whether its result has arrived is not
    known from the case alone.
    """
    if not case.received_at:
        return None  # nothing is known of it yet
    found: Clock | None = None
    if case.state in _WAITING:
        found = _acceptance(case, calendar, now)
    elif case.state is CaseState.CORRECTION:
        found = _correction(case, calendar, now)
    elif case.state is CaseState.SUSPENDED:
        found = _procedure(case.pauses[-1], calendar, now)
    elif case.state is CaseState.ACCEPTED:
        found = decision_clock(case, calendar, now)
    elif _to_deliver(case, parcels):
        found = _delivery(case, calendar, now)
    if found is None or case.state not in (*_WAITING, CaseState.CORRECTION):
        return found
    if not deemed_accepted(case, calendar, now):
        return found
    return replace(decision_clock(case, calendar, now), deemed=True)


def _start(at: str, now: str) -> date:
    return day_of(min(at, now))


def _run(what: str, since: date, working_days: int, calendar: Calendar) -> Clock:
    due = calendar.add_working_days(since, min(max(working_days, 0), PERIOD_DAYS_MAX))
    return Clock(what, since, due.day, due.provisional)


# taking on


def _acceptance(case: Case, calendar: Calendar, now: str) -> Clock:
    """Taking on, or saying what is missing, is due within five working days of the receipt.

    行政许可法第三十二条第一款第（四）项: 当场或者在五日内一次告知申请人需要补正的全部内容.
    """
    return _run(ACCEPT, _start(case.received_at, now), ACCEPT_WORKING_DAYS, calendar)


def opinion_clock(opinion: Opinion, calendar: Calendar, now: str) -> Clock:
    """Until when another department's opinion is awaited: as many working days as it was given."""
    return _run(OPINION, _start(opinion.at, now), opinion.days, calendar)


def deemed_accepted(case: Case, calendar: Calendar, now: str) -> bool:
    """Whether the law takes a case for accepted from the day of receipt, as nobody spoke in time.

    行政许可法第三十二条第一款第（四）项: 逾期不告知的，自收到申请材料之日起即为受理. A notice that
    came too late is none. Accepting afterwards says it once more and begins nothing anew. (Silence
    after a supplement is late, and no acceptance: the law gives it no such effect.)
    """
    if case.state in _WAITING:
        first_word = now
    else:
        first_word = case.correction.at if case.correction else case.accepted_at
    if not first_word or not case.received_at:
        return False
    return _start(first_word, now) > _acceptance(case, calendar, now).due


def _correction(case: Case, calendar: Calendar, now: str) -> Clock | None:
    """The resident's time to correct; once all of it was given, five working days to take it on.

    行政许可法第三十二条第一款第（五）项: 按照要求提交全部补正申请材料的，应当受理. The days of the
    resident are those of the notice.
    """
    if case.correction is None:
        return None
    if came := all_given_at(case):
        return _run(ACCEPT, _start(came, now), ACCEPT_WORKING_DAYS, calendar)
    return _run(CORRECT, _start(case.correction.at, now), case.correction.days, calendar)


# deciding


def decision_clock(case: Case, calendar: Calendar, now: str, *, statutory: bool = False) -> Clock:
    """The decision is due within the days of the matter from acceptance, or as promised earlier.

    行政许可法第四十二条: 自受理行政许可申请之日起二十日内, or as the matter's own law says; one
    extension. 第四十五条: the time of a hearing and the like does not count. An immediate matter is
    decided the same day. Where acceptance was deemed, the period runs from the receipt.

    :param statutory: by the law's period and not by the promised one.
    """
    deemed = deemed_accepted(case, calendar, now)
    since = _start(case.received_at if deemed else case.accepted_at or case.received_at, now)
    days = case.statutory_days if statutory else 0 if case.immediate else case.promised_days
    due = _decision_due(case, since, min(max(days, 0), PERIOD_DAYS_MAX), calendar, now)
    return Clock(DECIDE, since, due.day, due.provisional)


def _decision_due(case: Case, since: date, days: int, calendar: Calendar, now: str) -> Due:
    """The last day, moved by each procedure, and by the extension if it came in time."""
    due = _halted(case, since, days, calendar, now)
    longer = case.extension
    if longer is None or _start(longer.at, now) > due.day:
        return due
    more = min(max(longer.days, 0), longest_extension(case))
    return _halted(case, since, min(days + more, PERIOD_DAYS_MAX), calendar, now)


def _halted(case: Case, since: date, days: int, calendar: Calendar, now: str) -> Due:
    """The last day of a period that each procedure which began within it has moved."""
    unit = DayUnit.CALENDAR if case.day_unit == DayUnit.CALENDAR else DayUnit.WORKING
    for pause in sorted(case.pauses, key=lambda pause: pause.since):
        begun = _start(pause.since, now)
        if begun < _last(since, days, unit, calendar):
            until = max(_start(pause.until or now, now), begun)
            days = min(days + _counted(begun, until, unit, calendar), PERIOD_DAYS_MAX)
    return _end(since, days, unit, calendar)


def _end(since: date, days: int, unit: DayUnit, calendar: Calendar) -> Due:
    return add_period(since, days, unit, calendar) if days else calendar.next_working_day(since)


def _last(since: date, days: int, unit: DayUnit, calendar: Calendar) -> date:
    """The last day that is counted, whether it is worked or not."""
    if unit is DayUnit.CALENDAR:
        return since + timedelta(days=days)
    return calendar.add_working_days(since, days).day


def _counted(begun: date, until: date, unit: DayUnit, calendar: Calendar) -> int:
    """The days of a procedure that would have counted: those after its first, with its last."""
    if unit is DayUnit.CALENDAR:
        return min((until - begun).days, PERIOD_DAYS_MAX)
    return calendar.working_days_between(begun, until)


def _procedure(pause: Pause, calendar: Calendar, now: str) -> Clock:
    """Until when a special procedure is expected to last: told in writing (第四十五条)."""
    what = PROCEDURES_ZH.get(pause.kind, pause.kind)
    return replace(_run(what, _start(pause.since, now), pause.days, calendar), stopped=True)


# delivering


def _to_deliver(case: Case, parcels: Iterable[Parcel] | None) -> bool:
    if case.state in (CaseState.APPROVED, CaseState.REFUSED):
        return True
    return parcels is not None and result_owed(case, parcels)


def _delivery(case: Case, calendar: Calendar, now: str) -> Clock | None:
    """The result is issued and in the resident's hands within ten working days of the decision.

    行政许可法第四十四条: 自作出决定之日起十日内向申请人颁发、送达. One that was made in another
    system counts from the day it was made there.
    """
    if case.decision is None:
        return None
    made = _start(case.decision.at, now)
    with suppress(ValueError):  # made here, or a day that is none
        made = min(made, date.fromisoformat(case.decision.elsewhere_date))
    return _run(DELIVER, made, DELIVER_WORKING_DAYS, calendar)
