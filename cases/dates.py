"""From which day a fact's periods run, where the clock that dated it was plainly wrong.

A store whose clock is behind what it has witnessed marks what it states; a person there confirms
the day. Of what is dated later than the day on which central heard of it, central states that time:
no period runs from later than the receipt. What is dated anew keeps its place in the history.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from msgspec.structs import replace

from cases.events import CENTRAL, Event, point_of
from cases.folded import Case, Step
from cases.times import BadTime, day_of, from_text, shown, shown_day, to_text

CONFIRMED = "case.date_confirmed"
BY_PERSON, BY_RECEIPT = "person", "receipt"
CLOCK, BEHIND = "clock", "behind"  # the open field by which a store marks what it states
CLOCK_WRONG_S = 600  # further apart, one of two clocks is plainly wrong

#: The facts from which a period runs, or by which one ends.
RUNS_FROM = frozenset(
    {
        "case.received",
        "case.accepted",
        "case.not_accepted",
        "case.correction_noticed",
        "case.supplemented",
        "case.papers_received",
        "case.suspended",
        "case.resumed",
        "case.extended",
        "case.opinion_asked",
        "case.approved",
        "case.refused",
    }
)


def is_behind(now: str, witnessed: str, behind_s: int = 0) -> bool:
    """Whether a store's clock gives another day than it is, or a time that is over.

    :param witnessed: the latest time that the store knows of.
    :param behind_s: by how much the clock was behind central's when they last spoke.
    """
    if witnessed > now:
        return _apart_s(witnessed, now) > CLOCK_WRONG_S
    return behind_s > CLOCK_WRONG_S and day_of(now) != day_of(later(now, behind_s))


def later(at: str, by_s: int) -> str:
    """A time so many seconds later."""
    moment = from_text(at)
    return to_text(moment.fromtimestamp(moment.timestamp() + by_s, moment.tzinfo))


def _apart_s(later: str, earlier: str) -> float:
    return (from_text(later) - from_text(earlier)).total_seconds()


def is_late(at: str, heard: str) -> bool:
    """Whether a fact is dated on a day after the one on which central heard of it."""
    return bool(heard) and at > heard and day_of(at) > day_of(heard)


def doubtful(case: Case, point: str) -> tuple[Step, ...]:
    """What a point stated by a clock that was behind, and nobody has confirmed the day of."""
    return tuple(
        step
        for step in case.steps
        if is_marked(step) and not step.dated and point_of(step.author) == point
    )


def is_marked(step: Step) -> bool:
    """Whether a fact that counts bears the mark of a clock that was behind."""
    return step.data.get(CLOCK) == BEHIND and step.verdict == "ok" and step.type in RUNS_FROM


def cannot_confirm(steps: Sequence[Step], point: str, data: Mapping[str, Any]) -> str:
    """Why a day may not be confirmed, or empty.

    Only what is marked can be given another day by a person, and only where it was stated: no
    period is lengthened otherwise. Central's word is its receipt, and only shortens.
    """
    step = next((s for s in steps if s.id == data["event"]), None)
    if step is None or step.verdict != "ok" or step.type not in RUNS_FROM:
        return "要核对日期的那条记录不在本件里，或者不算数"
    try:
        from_text(data["on"])
    except BadTime:
        return "核对的日期不对"
    if point == CENTRAL:
        return "" if data["on"] < step.at else "区中心不能把日期改晚"
    if point != point_of(step.author):
        return "只有写那条记录的一方可以核对它的日期"
    return "" if is_marked(step) else "那条记录没有标明电脑时钟不准，不能改日期"


def dated(steps: Iterable[Step], event: Event) -> tuple[Step, ...]:
    """The steps after a confirmation, which is the last of them: the named one with its day."""
    steps = tuple(steps)
    about = event.data["event"]
    said = [s for s in steps if s.type == CONFIRMED and s.verdict == "ok"]
    of_it = [s for s in said if s.data.get("event") == about]
    return tuple(replace(s, dated=_day(s, of_it)) if s.id == about else s for s in steps)


def _day(step: Step, confirmed: Sequence[Step]) -> str:
    """What a person said last, no later than it was said, and no later than central heard of it."""
    by_person = [s for s in confirmed if point_of(s.author) != CENTRAL]
    heard = [str(s.data["on"]) for s in confirmed if point_of(s.author) == CENTRAL]
    last = by_person[-1] if by_person else None
    said = min(str(last.data["on"]), last.at) if last else step.at
    return min([said, *heard])


def redated(event: Event, steps: Iterable[Step]) -> Event:
    """An event as of the day that was confirmed for it."""
    day = next((step.dated for step in steps if step.id == event.id), "")
    return replace(event, at=day) if day else event


def when(step: Step, now: str) -> str:
    """The time of a fact in words; both times where its clock was wrong."""
    if not step.dated:
        return shown(step.at, now)
    counted = shown_day(day_of(step.dated), day_of(now))
    return f"{counted}（登记时电脑的时间是{shown(step.at, now)}）"


def confirmed_words(data: Mapping[str, Any], today: date) -> str:
    """What a confirmation says, in words."""
    try:
        day = shown_day(day_of(str(data.get("on"))), today)
    except BadTime:
        return ""
    by = "区中心收到的时间" if data.get("how") == BY_RECEIPT else "经办人核对"
    return f"按{day}算，{by}"
