"""The deadline of a case and its light: computed from the folded case, never stored.

Taking on (受理) is due five working days after the papers were received (行政许可法第三十二条:
whoever does not object within five days has accepted). The decision is due within the promised
days, counted from acceptance; in an immediate matter it is due the same day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from cases.calendar import PERIOD_DAYS_MAX, Calendar, Due
from cases.catalogue import DayUnit
from cases.deadlines import add_period
from cases.folded import Case
from cases.states import CaseState
from cases.times import day_of, shown_day

ACCEPT_WORKING_DAYS = 5
SOON_WORKING_DAYS = 1

Colour = Literal["green", "amber", "red"]


@dataclass(frozen=True)
class Light:
    """What is due, when, and how pressing it is, in words."""

    colour: Colour
    word: str
    what: str
    due: date
    provisional: bool = False


def deadline(case: Case) -> tuple[str, str, int, DayUnit] | None:
    """(what is due, since when, days, unit), or None when nothing runs.

    Whatever number of days a case was given, what comes out is a period that can be counted.
    """
    if case.state in (CaseState.RECEIVED, CaseState.FORWARDED):
        return "受理", case.received_at, ACCEPT_WORKING_DAYS, DayUnit.WORKING
    if case.state in (CaseState.ACCEPTED, CaseState.APPROVED, CaseState.REFUSED):
        days = 0 if case.immediate else min(max(case.promised_days, 0), PERIOD_DAYS_MAX)
        unit = DayUnit.CALENDAR if case.day_unit == DayUnit.CALENDAR else DayUnit.WORKING
        return "办结", case.accepted_at, days, unit
    return None


def light(case: Case, calendar: Calendar, now: str) -> Light | None:
    """The light of a case at a moment (UTC, ISO), or None when no period runs."""
    running = deadline(case)
    if running is None:
        return None
    what, since, days, unit = running
    due = _due(day_of(since), days, unit, calendar)
    today = day_of(now)
    colour, word = _pressing(due.day, today, calendar)
    return Light(colour, word, what, due.day, due.provisional)


def _due(start: date, days: int, unit: DayUnit, calendar: Calendar) -> Due:
    return add_period(start, days, unit, calendar) if days else calendar.next_working_day(start)


def _pressing(due: date, today: date, calendar: Calendar) -> tuple[Colour, str]:
    if today > due:
        late = max(calendar.working_days_between(due, today), 0)
        return "red", f"超期 {late} 个工作日" if late else "已超期"
    if today == due:
        return "amber", "今天到期"
    left = calendar.working_days_between(today, due)
    colour: Colour = "amber" if left <= SOON_WORKING_DAYS else "green"
    return colour, f"还有 {left} 个工作日"


def in_words(found: Light, today: date) -> str:
    """``办结期限 11月27日（周五）``; says so when a year's holidays are not published yet."""
    loose = "（节假日安排未公布，暂定）" if found.provisional else ""
    return f"{found.what}期限 {shown_day(found.due, today)}{loose}"
