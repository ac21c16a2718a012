"""The legal periods, against an independent count that walks from day to day."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from cases.clocks import clock, decision_clock, deemed_accepted
from cases.folded import (
    Case,
    Correction,
    Decision,
    Defect,
    Extension,
    Pause,
    Request,
    Supplement,
)
from cases.lights import in_words, light
from cases.states import CaseState
from cases.timely import has_lapsed, untimely
from sync.bundle import load_bundle
from tests.cases.reference import DATA

CALENDAR = load_bundle().calendar
NUMBER = "GL031-261123-0001-G"
DAY = timedelta(days=1)
WORKING, CALENDAR_DAYS = "working", "calendar"


# the independent count: the notices' own files, and one step a day


def _days_of_the_notices() -> tuple[set[date], set[date]]:
    off, made_up = set(), set()
    for year in (2025, 2026):
        notice = json.loads((DATA / "calendar" / f"{year}.json").read_text("utf-8"))
        for holiday in notice["holidays"]:
            day = date.fromisoformat(holiday["first"])
            while day <= date.fromisoformat(holiday["last"]):
                off.add(day)
                day += DAY
            made_up |= {date.fromisoformat(text) for text in holiday.get("work", ())}
    return off, made_up


OFF, MADE_UP = _days_of_the_notices()


def worked(day: date) -> bool:
    if day in MADE_UP:
        return True
    return day not in OFF and day.isoweekday() not in (6, 7)


def walk(start: date, days: int) -> date:
    while days:
        start += DAY
        if worked(start):
            days -= 1
    return start


@dataclass(frozen=True)
class Course:
    """What befalls a case after its acceptance: halts (first, last day), and an extension."""

    since: date
    days: int
    unit: str
    halts: tuple[tuple[date, date], ...] = ()
    longer: tuple[date, int] | None = None


def by_hand(course: Course) -> date:
    """Cross off day after day; what is in a halt, after its first day, is not crossed off."""
    day, left, longer = course.since, course.days, course.longer
    while True:
        while left:
            day += DAY
            halted = any(first < day <= last for first, last in course.halts)
            if not halted and (course.unit == CALENDAR_DAYS or worked(day)):
                left -= 1
        end = day
        while not worked(end):
            end += DAY
        if longer is None or longer[0] > end:
            return end
        left, longer = longer[1], None


def noon(day: date) -> str:
    return f"{day}T04:00:00Z"


def case(state: CaseState = CaseState.ACCEPTED, **more: Any) -> Case:
    return Case(number=NUMBER, state=state, **more)


def case_of(course: Course) -> Case:
    return case(
        received_at=noon(course.since),
        accepted_at=noon(course.since),
        promised_days=course.days,
        day_unit=course.unit,
        pauses=tuple(Pause("", "hearing", 5, noon(a), noon(b)) for a, b in course.halts),
        extension=Extension("", noon(course.longer[0]), course.longer[1])
        if course.longer else None,
    )  # fmt: skip


@st.composite
def courses(draw: st.DrawFn) -> Course:
    since = draw(st.dates(date(2025, 1, 1), date(2026, 7, 31)))
    day, halts, longer = since, [], None
    what = draw(st.lists(st.sampled_from(["halt", "halt", "longer"]), max_size=3))
    for each in what:
        day += DAY * draw(st.integers(0, 12))
        if each == "longer" and longer is None:
            longer = (day, draw(st.integers(1, 10)))
        elif each == "halt":
            last = day + DAY * draw(st.integers(0, 15))
            halts.append((day, last))
            day = last
    return Course(
        since, draw(st.integers(1, 30)), draw(st.sampled_from([WORKING, CALENDAR_DAYS])),
        tuple(halts), longer,
    )  # fmt: skip


LATER = noon(date(2027, 6, 1))


@settings(max_examples=300)
@given(courses())
def test_the_decision_is_due_on_the_day_that_a_count_by_hand_gives(course: Course) -> None:
    assert decision_clock(case_of(course), CALENDAR, LATER).due == by_hand(course)


@settings(max_examples=100)
@given(st.dates(date(2025, 1, 1), date(2026, 12, 1)), st.integers(0, 20))
def test_taking_on_is_due_and_deemed_as_a_count_by_hand_gives(day: date, later: int) -> None:
    waiting = case(CaseState.FORWARDED, received_at=noon(day), promised_days=5)
    now, due = day + DAY * later, walk(day, 5)
    assert deemed_accepted(waiting, CALENDAR, noon(now)) == (now > due)
    found = clock(waiting, CALENDAR, noon(now))
    assert found is not None
    if now <= due:
        assert (found.what, found.due, found.deemed) == ("受理", due, False)
    else:
        assert (found.what, found.due, found.deemed) == ("办结", walk(day, 5), True)


@settings(max_examples=100)
@given(st.dates(date(2025, 1, 1), date(2026, 11, 1)), st.integers(1, 20))
def test_correction_and_delivery_are_due_as_a_count_by_hand_gives(day: date, days: int) -> None:
    notice = Correction("", noon(day), "", days, ())
    corrected = case(CaseState.CORRECTION, received_at=noon(day), correction=notice)
    found = clock(corrected, CALENDAR, noon(day))
    assert found is not None
    assert (found.what, found.due) == ("补正", walk(day, days))
    decided = case(
        CaseState.APPROVED, received_at=noon(day), decision=Decision(True, "", noon(day), "")
    )
    found = clock(decided, CALENDAR, noon(day))
    assert found is not None
    assert (found.what, found.due) == ("送达", walk(day, 10))


# each rule once, in dates a person can check in a diary: 2026-11-23 is a Monday

MONDAY, FRIDAY = "2026-11-23T01:00:00Z", "2026-11-27T01:00:00Z"
NEXT_MONDAY, NEXT_TUESDAY = "2026-11-30T01:00:00Z", "2026-12-01T01:00:00Z"


def received(state: CaseState = CaseState.FORWARDED, **more: Any) -> Case:
    return case(state, **{"received_at": MONDAY, "promised_days": 10, "statutory_days": 20, **more})


def test_nobody_spoke_for_five_working_days_so_it_is_accepted_from_the_receipt() -> None:
    assert light(received(), CALENDAR, NEXT_MONDAY).what == "受理"  # type: ignore[union-attr]
    found = light(received(), CALENDAR, NEXT_TUESDAY)
    assert found is not None
    assert (found.what, found.due, found.colour) == ("办结", date(2026, 12, 7), "red")
    assert found.word == found.label == "已视为受理，还有 4 个工作日"
    assert "依法自收件之日起视为受理" in in_words(found, date(2026, 12, 1))


def test_accepting_afterwards_begins_nothing_anew() -> None:
    late = received(CaseState.ACCEPTED, accepted_at="2026-12-03T01:00:00Z")
    assert decision_clock(late, CALENDAR, "2026-12-03T01:00:00Z").due == date(2026, 12, 7)
    in_time = received(CaseState.ACCEPTED, accepted_at=NEXT_MONDAY)
    assert decision_clock(in_time, CALENDAR, NEXT_MONDAY).due == date(2026, 12, 14)
    assert decision_clock(in_time, CALENDAR, NEXT_MONDAY, statutory=True).due == date(2026, 12, 28)


def test_a_notice_that_came_too_late_is_none() -> None:
    notice = Correction("", NEXT_TUESDAY, "", 10, ())
    found = clock(received(CaseState.CORRECTION, correction=notice), CALENDAR, NEXT_TUESDAY)
    assert found is not None
    assert (found.what, found.deemed) == ("办结", True)


@pytest.mark.parametrize("type", ["case.correction_noticed", "case.not_accepted"])
def test_what_is_deemed_accepted_is_neither_sent_for_correction_nor_turned_away(type: str) -> None:
    assert untimely(received(), type, CALENDAR, NEXT_MONDAY) == ""
    words = untimely(received(), type, CALENDAR, NEXT_TUESDAY)
    assert "已依法视为受理" in words
    assert NUMBER in words


def test_a_correction_waits_for_the_applicant_then_for_the_body_then_for_the_applicant() -> None:
    notice = Correction("", MONDAY, "", 3, ())
    waiting = received(CaseState.CORRECTION, correction=notice)
    assert clock(waiting, CALENDAR, MONDAY).due == date(2026, 11, 26)  # type: ignore[union-attr]
    given = Request("e", "case.papers_received", FRIDAY, "")
    there = received(CaseState.CORRECTION, correction=notice, requests=(given,))
    found = clock(there, CALENDAR, FRIDAY)
    assert found is not None
    assert (found.what, found.due, found.deemed) == ("受理", date(2026, 12, 4), False)
    late = clock(there, CALENDAR, "2026-12-08T01:00:00Z")
    assert late is not None
    assert (late.what, late.deemed) == ("受理", False)
    asked = Request("e", "case.withdrawal_requested", FRIDAY, "")
    again = received(CaseState.CORRECTION, correction=notice, requests=(asked,))
    assert clock(again, CALENDAR, FRIDAY).what == "补正"  # type: ignore[union-attr]


def test_the_body_takes_on_from_the_day_on_which_everything_had_been_given() -> None:
    defects = tuple(Defect(position, "missing") for position in (1, 2))
    notice = Correction("", MONDAY, "", 3, defects)
    part = Supplement("a", "2026-11-24T01:00:00Z", "", "brought", (1,))
    rest = Supplement("b", FRIDAY, "", "photographed", (2,))
    more = Supplement("c", NEXT_MONDAY, "", "answered", (2,))
    for came, what, due in (
        ((part,), "补正", date(2026, 11, 26)),  # the applicant's days run on
        ((part, rest), "受理", date(2026, 12, 4)),
        ((part, rest, more), "受理", date(2026, 12, 4)),  # what comes on top begins nothing anew
        ((replace(part, answer="denied"), rest), "补正", date(2026, 11, 26)),
    ):
        left = (s for s in came if not s.answer)
        asked = tuple(Request(s.event, "case.supplemented", s.at, "") for s in left)
        there = received(CaseState.CORRECTION, correction=notice, supplements=came, requests=asked)
        found = clock(there, CALENDAR, NEXT_MONDAY)
        assert found is not None
        assert (found.what, found.due) == (what, due)
        assert not has_lapsed(there, CALENDAR, NEXT_MONDAY), "what was given is answered first"


def test_a_case_lapses_only_once_the_time_to_correct_is_over() -> None:
    notice = Correction("", MONDAY, "", 3, ())
    waiting = received(CaseState.CORRECTION, correction=notice)
    words = untimely(waiting, "case.lapsed", CALENDAR, "2026-11-26T09:00:00Z")
    assert "补正期限到11月26日" in words
    assert untimely(waiting, "case.lapsed", CALENDAR, FRIDAY) == ""
    assert has_lapsed(waiting, CALENDAR, FRIDAY)
    assert not has_lapsed(waiting, CALENDAR, MONDAY)


def test_a_running_procedure_stands_the_clock_still_and_says_until_about_when() -> None:
    pause = Pause("", "expert_review", 5, MONDAY)
    halted = received(CaseState.SUSPENDED, accepted_at=MONDAY, pauses=(pause,))
    found = light(halted, CALENDAR, MONDAY)
    assert found is not None
    assert (found.stopped, found.colour, found.word) == (True, "green", "期限暂停，还有 5 个工作日")
    assert (
        in_words(found, date(2026, 11, 23)) == "专家评审预计到 11月30日（周一），审批期限暂停计算"
    )
    late = light(halted, CALENDAR, NEXT_TUESDAY)
    assert late is not None
    assert late.colour == "red"


def test_a_clock_ahead_of_time_lengthens_nothing() -> None:
    ahead = received(received_at="2026-12-20T01:00:00Z")
    found = clock(ahead, CALENDAR, MONDAY)
    assert found is not None
    assert found.due == date(2026, 11, 30)


def test_an_extension_after_the_last_day_extends_nothing() -> None:
    late = received(
        CaseState.ACCEPTED, accepted_at=MONDAY, promised_days=5,
        extension=Extension("", NEXT_TUESDAY, 10),
    )  # fmt: skip
    assert decision_clock(late, CALENDAR, NEXT_TUESDAY).due == date(2026, 11, 30)
    plain = received(CaseState.ACCEPTED, accepted_at=MONDAY, promised_days=5)
    assert "届满" in untimely(plain, "case.extended", CALENDAR, NEXT_TUESDAY)
    assert untimely(plain, "case.extended", CALENDAR, NEXT_MONDAY) == ""


def test_a_decision_made_elsewhere_is_delivered_within_ten_days_of_that_day() -> None:
    made = Decision(True, "", FRIDAY, "", "2026-11-23")
    decided = received(CaseState.APPROVED, decision=made)
    assert clock(decided, CALENDAR, FRIDAY).due == date(2026, 12, 7)  # type: ignore[union-attr]
    odd = received(CaseState.APPROVED, decision=Decision(True, "", FRIDAY, "", "yesterday"))
    assert clock(odd, CALENDAR, FRIDAY).due == date(2026, 12, 11)  # type: ignore[union-attr]


def test_delivery_runs_until_the_result_is_in_the_right_hands() -> None:
    made = Decision(True, "", MONDAY, "")
    done = received(CaseState.COMPLETED, decision=made, result="paper", delivery="mail")
    assert clock(done, CALENDAR, MONDAY) is None
    found = clock(done, CALENDAR, MONDAY, ())
    assert found is not None
    assert found.what == "送达"
    given = received(
        CaseState.COMPLETED, decision=made, result="paper", delivery="mail", result_handed_out=True
    )
    assert clock(given, CALENDAR, MONDAY, ()) is None


def test_a_date_that_rests_on_an_unpublished_year_is_provisional_wherever_it_is_shown() -> None:
    far = received(received_at="2098-12-25T01:00:00Z")
    found = light(far, CALENDAR, "2098-12-26T01:00:00Z")
    assert found is not None
    assert "暂定" in found.word
    assert "暂定" in in_words(found, found.due)


@pytest.mark.parametrize("days", [-5, 0, 10**12])
def test_whatever_number_of_days_an_event_holds_a_period_comes_out(days: int) -> None:
    notice = Correction("", MONDAY, "", days, ())
    assert clock(received(CaseState.CORRECTION, correction=notice), CALENDAR, MONDAY)
    pause = Pause("", "holiday", days, MONDAY)
    assert clock(received(CaseState.SUSPENDED, pauses=(pause,)), CALENDAR, MONDAY)
    odd = received(CaseState.ACCEPTED, accepted_at=MONDAY, promised_days=days)
    assert clock(odd, CALENDAR, MONDAY)
