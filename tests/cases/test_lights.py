"""Deadlines and their lights, as plain values."""

from __future__ import annotations

import pytest

from cases.folded import Case
from cases.lights import in_words, light
from cases.states import CaseState
from sync.bundle import load_bundle

CALENDAR = load_bundle().calendar
MONDAY = "2026-11-23T01:00:00Z"
NUMBER = "GL031-261123-0001-G"


def case(state: CaseState = CaseState.RECEIVED, **more: object) -> Case:
    return Case(number=NUMBER, state=state, received_at=MONDAY, accepted_at=MONDAY, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("now", "colour", "word"),
    [
        ("2026-11-23T09:00:00Z", "green", "还有 5 个工作日"),
        ("2026-11-26T01:00:00Z", "green", "还有 2 个工作日"),
        ("2026-11-27T01:00:00Z", "amber", "还有 1 个工作日"),
        ("2026-11-29T01:00:00Z", "amber", "还有 1 个工作日"),
        ("2026-11-30T10:00:00Z", "amber", "今天到期"),
    ],
)
def test_taking_on_is_due_in_five_working_days(now: str, colour: str, word: str) -> None:
    for state in (CaseState.RECEIVED, CaseState.FORWARDED):
        found = light(case(state), CALENDAR, now)
        assert found is not None
        assert (found.what, found.colour, found.word) == ("受理", colour, word)


def test_the_decision_is_due_in_the_promised_days_from_acceptance() -> None:
    accepted = case(CaseState.ACCEPTED, promised_days=2)
    found = light(accepted, CALENDAR, MONDAY)
    assert found is not None
    assert (found.what, found.due.isoformat()) == ("办结", "2026-11-25")


def test_calendar_days_that_end_on_a_day_off_end_on_the_next_working_day() -> None:
    found = light(case(CaseState.ACCEPTED, promised_days=5, day_unit="calendar"), CALENDAR, MONDAY)
    assert found is not None
    assert found.due.isoformat() == "2026-11-30"


@pytest.mark.parametrize(("day", "days"), [("01", 1), ("05", 4)])
def test_what_is_over_says_by_how_many_working_days(day: str, days: int) -> None:
    accepted = case(CaseState.ACCEPTED, promised_days=5)
    found = light(accepted, CALENDAR, f"2026-12-{day}T01:00:00Z")
    assert found is not None
    assert (found.colour, found.word, found.late) == ("red", f"超期 {days} 个工作日", days)


def test_an_immediate_matter_is_due_the_same_day() -> None:
    found = light(case(CaseState.ACCEPTED, immediate=True, promised_days=0), CALENDAR, MONDAY)
    assert found is not None
    assert (found.colour, found.word) == ("amber", "今天到期")


@pytest.mark.parametrize(
    "state",
    [CaseState.NOT_ACCEPTED, CaseState.COMPLETED, CaseState.WITHDRAWN, CaseState.CLOSED],
)
def test_nothing_runs_once_a_case_is_settled(state: CaseState) -> None:
    assert light(case(state), CALENDAR, MONDAY) is None


def test_a_day_of_a_year_without_a_notice_is_called_provisional() -> None:
    found = light(case(CaseState.ACCEPTED, promised_days=60), CALENDAR, "2099-01-04T01:00:00Z")
    assert found is not None
    far = case(CaseState.ACCEPTED, promised_days=60)
    late = Case(
        number=NUMBER, state=far.state, received_at="2098-12-01T01:00:00Z",
        accepted_at="2098-12-01T01:00:00Z", promised_days=60,
    )  # fmt: skip
    then = light(late, CALENDAR, "2098-12-02T01:00:00Z")
    assert then is not None
    assert then.provisional
    assert "暂定" in in_words(then, then.due)
