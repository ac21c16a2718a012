"""The light of a case: how pressing the period that runs is, and the words for it.

Green, amber on the last day and the one before, red when it is over; computed from the folded case
at reading. What is deemed accepted is red, whatever is left: nobody spoke in time.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from cases.calendar import Calendar, Due
from cases.clocks import CORRECT, Clock, clock, opinion_clock
from cases.folded import Case, Opinion, Parcel
from cases.times import day_of, shown_day

SOON_WORKING_DAYS = 1
PROVISIONAL_ZH = "（节假日安排未公布，暂定）"

Colour = Literal["green", "amber", "red"]


@dataclass(frozen=True)
class Light:
    """What is due, when, and how pressing it is, in words.

    ``late``: by how many working days it is over. ``deemed``, ``stopped``: see :class:`Clock`.
    """

    colour: Colour
    word: str
    what: str
    due: date
    provisional: bool = False
    late: int = 0
    deemed: bool = False
    stopped: bool = False

    @property
    def label(self) -> str:
        """What is due and how pressing it is, where nothing else stands beside it."""
        return self.word if self.deemed or self.stopped else f"{self.what}{self.word}"


def light(
    case: Case, calendar: Calendar, now: str, parcels: Iterable[Parcel] | None = None
) -> Light | None:
    """The light of a case at a moment (UTC, ISO), or None when no period runs.

    :param parcels: those of the case; without them a completed one has no light.
    """
    running = clock(case, calendar, now, parcels)
    return None if running is None else _lit(running, day_of(now), calendar)


def opinion_light(opinion: Opinion, calendar: Calendar, now: str) -> Light:
    """The light of an opinion that is awaited."""
    return _lit(opinion_clock(opinion, calendar, now), day_of(now), calendar)


def _lit(running: Clock, today: date, calendar: Calendar) -> Light:
    late = max(calendar.working_days_between(running.due, today), 0) if today > running.due else 0
    colour, word = pressing(running.due, today, calendar)
    if running.deemed:
        colour, word = "red", f"已视为受理，{word}"
    if running.stopped:
        word = f"期限暂停，{word}"
    if running.provisional:
        word += "（暂定）"
    return Light(
        colour, word, running.what, running.due, running.provisional, late, running.deemed,
        running.stopped,
    )  # fmt: skip


def pressing(due: date, today: date, calendar: Calendar) -> tuple[Colour, str]:
    """How pressing a day is, as a colour and in words."""
    if today > due:
        late = max(calendar.working_days_between(due, today), 0)
        return "red", f"超期 {late} 个工作日" if late else "已超期"
    if today == due:
        return "amber", "今天到期"
    left = calendar.working_days_between(today, due)
    colour: Colour = "amber" if left <= SOON_WORKING_DAYS else "green"
    return colour, f"还有 {left} 个工作日"


def due_zh(due: Due | Clock | Light, today: date) -> str:
    """The day of what is due, in words; says so when a year's holidays are not published yet."""
    day = due.day if isinstance(due, Due) else due.due
    return f"{shown_day(day, today)}{PROVISIONAL_ZH if due.provisional else ''}"


def in_words(found: Light, today: date) -> str:
    """``办结期限 11月27日（周五）``; says so when a year's holidays are not published yet."""
    day = due_zh(found, today)
    if found.stopped:
        return f"{found.what}预计到 {day}，审批期限暂停计算"
    if found.what == CORRECT:
        return f"申请人补正期限 {day}"
    deemed = "收件后 5 个工作日内没有告知，依法自收件之日起视为受理；" if found.deemed else ""
    return f"{deemed}{found.what}期限 {day}"
