"""Whose turn it is when a case presses: the ladder, rung by rung."""

from __future__ import annotations

from typing import Any

import pytest

from cases.escalation import LADDER, escalation, height, turn
from cases.folded import Correction
from cases.lights import light
from cases.states import CaseState
from tests.cases.test_clocks import CALENDAR, MONDAY, received


def role(state: CaseState, day: str, **more: Any) -> str:
    case = received(state, accepted_at=MONDAY, promised_days=5, **more)
    rung = escalation(light(case, CALENDAR, f"2026-{day}T01:00:00Z"))
    return rung.role if rung else ""


@pytest.mark.parametrize(
    ("day", "whose"),
    [
        ("11-24", "clerk"), ("11-27", "lead"), ("11-30", "lead"), ("12-01", "department"),
        ("12-02", "department"), ("12-03", "supervisor"), ("12-30", "supervisor"),
    ],
)  # fmt: skip
def test_the_later_a_case_is_the_higher_it_goes(day: str, whose: str) -> None:
    assert role(CaseState.ACCEPTED, day) == whose


def test_what_is_deemed_accepted_is_the_departments_at_once() -> None:
    case = received(promised_days=20)
    found = light(case, CALENDAR, "2026-12-01T01:00:00Z")
    assert found is not None
    assert found.deemed
    assert found.late == 0
    assert turn(found) == "审批部门负责人"


def test_a_resident_who_has_not_corrected_is_brought_before_no_supervisor() -> None:
    notice = Correction("", MONDAY, "", 3, ())
    assert role(CaseState.CORRECTION, "12-30", correction=notice) == "lead"


def test_a_weekend_over_is_not_a_working_day_late_yet() -> None:
    assert role(CaseState.ACCEPTED, "11-28", day_unit="calendar") == "lead"


def test_the_ladder_only_goes_up_and_what_does_not_run_is_on_no_rung() -> None:
    assert [rung.role for rung in LADDER] == ["clerk", "lead", "department", "supervisor"]
    assert [rung.late for rung in LADDER] == sorted(rung.late for rung in LADDER)
    assert height(None) == -1
    assert turn(None) == ""
    assert role(CaseState.WITHDRAWN, "12-30") == ""
