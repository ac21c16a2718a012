"""The day from which periods run, where the clock that dated a fact was plainly wrong."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases.clocks import clock, deemed_accepted
from cases.dates import (
    BEHIND,
    BY_PERSON,
    BY_RECEIPT,
    CONFIRMED,
    doubtful,
    is_behind,
    is_late,
    when,
)
from cases.fold import NotEntitled, WrongState, fold, permit
from cases.folded import Case
from cases.tasks import CONFIRM_DATE, case_tasks
from sync.bundle import load_bundle
from tests.cases.facts import CASE, CENTRAL, CENTRE, CHEN, HERE, LIN, WU, History
from tests.cases.test_clocks import walk

CALENDAR = load_bundle().calendar
DEAD = "2026-01-01T00:00:00Z"  # what a PC says whose battery is empty
NOW = "2026-12-31T04:00:00Z"


def noon(day: date) -> str:
    return f"{day}T04:00:00Z"


def received(at: str = DEAD, **more: str) -> tuple[History, str]:
    told = History()
    event = told.say("case.received", LIN, at=at, deciding=CENTRE, promised_days=5, **more)
    told.say("case.forwarded", LIN, at=at, to=CENTRE)
    return told, event.id


def case_of(told: History) -> Case:
    case = told.now()
    assert isinstance(case, Case)
    return case


def confirm(told: History, event: str, on: str, by: str = LIN, how: str = BY_PERSON) -> str:
    told.say(CONFIRMED, by, at=NOW, event=event, on=on, how=how)
    return told.now().steps[-1].verdict


@settings(max_examples=100)
@given(st.dates(date(2026, 1, 2), date(2026, 12, 1)), st.booleans())
def test_a_confirmed_case_has_the_periods_of_one_received_that_day(
    day: date, accepted: bool
) -> None:
    late, event = received(clock=BEHIND)
    plain, _ = received(noon(day))
    for told in (late, plain):
        if accepted:
            told.say("case.accepted", CHEN, at=noon(day + timedelta(days=3)))
    assert confirm(late, event, noon(day)) == "ok"
    for ahead in (0, 3, 20):
        now = noon(day + timedelta(days=ahead))
        assert clock(case_of(late), CALENDAR, now) == clock(case_of(plain), CALENDAR, now)
    found = clock(case_of(late), CALENDAR, noon(day))
    assert found is not None
    assert accepted or found.due == walk(day, 5)
    assert case_of(late).steps[0].at == DEAD, "what was signed stays as it is"


def test_a_dead_clock_deems_nothing_accepted_once_the_day_is_confirmed() -> None:
    told, event = received(clock=BEHIND)
    now = "2026-11-24T04:00:00Z"
    assert deemed_accepted(case_of(told), CALENDAR, now)
    confirm(told, event, "2026-11-23T04:00:00Z")
    assert not deemed_accepted(case_of(told), CALENDAR, now)


def test_it_is_a_task_of_who_stated_it_until_it_is_confirmed() -> None:
    told, event = received(clock=BEHIND)
    here, there = (case_tasks(case_of(told), (), point) for point in (HERE, CENTRE))
    assert CONFIRM_DATE in [task.kind for task in here]
    assert CONFIRM_DATE not in [task.kind for task in there]
    assert [step.id for step in doubtful(case_of(told), HERE)] == [event]
    confirm(told, event, "2026-11-23T04:00:00Z")
    assert doubtful(case_of(told), HERE) == ()


def test_both_dates_are_shown() -> None:
    told, event = received(clock=BEHIND)
    assert when(case_of(told).steps[0], NOW) == "1月1日（周四）08:00"
    confirm(told, event, "2026-11-23T04:00:00Z")
    said = when(case_of(told).steps[0], NOW)
    assert said == "11月23日（周一）（登记时电脑的时间是1月1日（周四）08:00）"


def test_no_period_runs_from_later_than_the_receipt() -> None:
    told, event = received("2026-12-20T04:00:00Z")
    heard = "2026-11-23T04:00:00Z"
    assert is_late("2026-12-20T04:00:00Z", heard)
    assert confirm(told, event, heard, CENTRAL, BY_RECEIPT) == "ok"
    assert confirm(told, event, heard, CENTRAL, BY_RECEIPT) == "ok", "two processes say the same"
    assert case_of(told).received_at == heard
    found = clock(case_of(told), CALENDAR, NOW)
    assert found is not None
    assert found.since == date(2026, 11, 23)


def test_a_person_says_no_day_later_than_central_heard_of_it_nor_than_it_was_said() -> None:
    told, event = received(clock=BEHIND)
    confirm(told, event, "2026-11-20T04:00:00Z")
    assert case_of(told).received_at == "2026-11-20T04:00:00Z"
    confirm(told, event, "2027-11-20T04:00:00Z")
    assert case_of(told).received_at == NOW
    ahead, its = received("2026-11-25T04:00:00Z", clock=BEHIND)
    confirm(ahead, its, "2026-11-24T04:00:00Z", CENTRAL, BY_RECEIPT)
    confirm(ahead, its, "2026-11-26T04:00:00Z")
    assert case_of(ahead).received_at == "2026-11-24T04:00:00Z"


def test_nobody_moves_a_day_that_nothing_is_wrong_with() -> None:
    told, event = received("2026-11-23T04:00:00Z")
    for by, on, why in (
        (LIN, "2026-11-30T04:00:00Z", "没有标明电脑时钟不准"),
        (CHEN, "2026-11-30T04:00:00Z", "只有写那条记录的一方"),
        (WU, "2026-11-30T04:00:00Z", "可以核对日期"),
        (CENTRAL, "2026-11-30T04:00:00Z", "不能把日期改晚"),
        (CENTRAL, "昨天", "日期不对"),
    ):
        data = {"event": event, "on": on, "how": BY_PERSON}
        with pytest.raises(WrongState, match=why):
            permit(told.now(), CONFIRMED, by, data)
        assert confirm(told, event, on, by) == "set_aside"
    forwarded = told.events[1].id
    assert confirm(told, forwarded, "2026-11-22T04:00:00Z", CENTRAL, BY_RECEIPT) == "set_aside"
    assert case_of(told).received_at == "2026-11-23T04:00:00Z"
    assert issubclass(NotEntitled, WrongState)


def test_a_confirmed_day_stays_when_a_later_step_is_voided_and_in_any_order() -> None:
    told, event = received(clock=BEHIND)
    accepted = told.say("case.accepted", CHEN, at="2026-11-24T04:00:00Z")
    confirm(told, event, "2026-11-23T04:00:00Z")
    told.say("case.voided", CHEN, at=NOW, event=accepted.id)
    for events in (told.events, told.events[::-1]):
        case = fold(CASE, events)
        assert isinstance(case, Case)
        assert (case.received_at, case.accepted_at) == ("2026-11-23T04:00:00Z", "")
        assert case.steps[0].dated == "2026-11-23T04:00:00Z"


def test_a_clock_is_behind_what_its_store_has_witnessed_or_behind_central_by_a_day() -> None:
    for now, witnessed, behind_s, wrong in (
        ("1970-01-01T00:00:00Z", "2026-01-01T00:00:00Z", 0, True),
        ("2026-11-23T04:00:00Z", "2026-11-23T04:09:00Z", 0, False),
        ("2026-11-23T04:00:00Z", "2026-11-23T04:11:00Z", 0, True),
        ("2026-11-23T04:00:00Z", "2026-11-23T03:00:00Z", 3_600, False),  # it is the same day
        ("2026-11-23T15:30:00Z", "2026-11-23T03:00:00Z", 3_600, True),  # there is midnight between
    ):
        assert is_behind(now, witnessed, behind_s) is wrong
    assert not is_late("2026-11-23T05:00:00Z", "2026-11-23T04:00:00Z")
    assert not is_late("2026-11-25T05:00:00Z", "")
