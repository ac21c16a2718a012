"""What each point must do next, told from the folded case alone."""

from __future__ import annotations

from typing import Any

import pytest

from cases.folded import Case, Parcel
from cases.papers import RESULT, TO_AUTHORITY
from cases.tasks import case_tasks, parcel_tasks
from tests.cases.facts import (
    CENTRAL,
    CENTRE,
    CHEN,
    ELSEWHERE,
    HERE,
    LIN,
    WU,
    History,
    case_in,
    parcel_in,
)  # fmt: skip
from tests.cases.test_papers import case_until, parcel


def kinds(history: History, point: str, parcels: tuple[Parcel, ...] = ()) -> list[str]:
    case = history.now()
    assert isinstance(case, Case)
    return [task.kind for task in case_tasks(case, parcels, point)]


@pytest.mark.parametrize(
    ("state", "here", "centre"),
    [
        ("new", [], []),
        ("received", ["forward"], []),
        ("forwarded", [], ["accept"]),
        ("correction", ["tell_correction"], []),
        ("accepted", [], ["decide"]),
        ("suspended", [], ["resume"]),
        ("approved", ["tell_resident"], ["complete"]),
        ("refused", ["tell_resident"], ["complete"]),
        ("not_accepted", ["tell_resident"], []),
        ("completed", ["tell_resident"], []),
        ("withdrawn", ["tell_resident"], []),
        ("lapsed", ["tell_resident"], []),
        ("closed", [], []),
    ],
)
def test_each_state_asks_something_of_the_one_who_can_do_it(
    state: str, here: list[str], centre: list[str]
) -> None:
    history = case_in(state)
    assert [k for k in kinds(history, HERE) if k != "hand_out"] == here
    assert [k for k in kinds(history, CENTRE) if k != "hand_out"] == centre
    assert kinds(history, ELSEWHERE) == []


def test_a_case_decided_where_it_was_received_is_accepted_there() -> None:
    assert kinds(case_in("received", deciding=HERE), HERE) == ["accept"]


def test_an_open_request_comes_first_and_only_to_the_holder() -> None:
    history = case_in("accepted")
    history.say("case.withdrawal_requested", CENTRAL)
    assert kinds(history, CENTRE) == ["settle_request", "decide"]
    assert "settle_request" not in kinds(history, HERE)


def test_kept_papers_are_sent_after_the_forwarding_and_counted_on_arrival() -> None:
    history = case_until()
    assert kinds(history, HERE) == ["send_papers"]
    packed = parcel(TO_AUTHORITY, positions=(2, 3))
    assert kinds(history, HERE, (packed,)) == []
    arrived = parcel(TO_AUTHORITY, "taken_over", "delivered", positions=(2, 3))
    assert kinds(history, CENTRE, (arrived,)) == ["accept", "check_papers"]
    counted = parcel(TO_AUTHORITY, "taken_over", "delivered", "arrived", positions=(2, 3))
    assert kinds(history, CENTRE, (counted,)) == ["accept"]
    cancelled = parcel(TO_AUTHORITY, "cancelled")
    assert kinds(history, HERE, (cancelled,)) == ["send_papers"]


def completed(delivery: str) -> History:
    history = case_until("accepted", "approved")
    history.say("case.completed", CHEN, result="paper", delivery=delivery)
    return history


def test_the_result_is_handed_out_or_posted_as_the_resident_wished() -> None:
    assert kinds(completed("window"), CENTRE) == ["hand_out"]
    assert kinds(completed("mail"), CENTRE) == ["post_result"]
    assert kinds(completed("mail"), CENTRE, (parcel(RESULT, positions=(2,)),)) == []
    assert kinds(completed("mail"), CENTRE, (parcel(RESULT),)) == ["return_papers"]


def test_posting_says_when_it_waits_for_the_slip_to_be_checked() -> None:
    def words(history: History) -> str:
        case = history.now()
        assert isinstance(case, Case)
        return case_tasks(case, (), CENTRE)[0].words

    history = completed("mail")
    assert words(history) == "等寄递单核对后寄出结果"
    slip = history.say("slip.filled", CENTRAL)
    assert "confirm_slip" in kinds(history, HERE)
    history.say("slip.confirmed", LIN, slip=slip.id)
    assert words(history) == "寄出结果"
    assert "confirm_slip" not in kinds(history, HERE)


def test_the_receiving_point_tells_the_resident_and_closes_at_the_end() -> None:
    history = case_in("completed")
    history.say("case.handed_out", CHEN, result=True)
    assert kinds(history, HERE) == ["tell_resident"]
    history.say("case.resident_told", LIN)
    assert kinds(history, HERE) == ["close"]
    history.say("case.closed", LIN)
    assert kinds(history, HERE) == []


def test_a_resident_told_of_a_voided_decision_is_told_again() -> None:
    history = case_in("approved")
    history.say("case.resident_told", LIN)
    assert "tell_resident" not in kinds(history, HERE)
    history.say("case.voided", CHEN, event=history.events[3].id)
    history.say("case.refused", CHEN)
    assert "tell_resident" in kinds(history, HERE)


def test_a_fact_set_aside_is_a_task_of_its_author_alone() -> None:
    history = case_in("accepted")
    history.say("case.approved", WU)
    case: Any = history.now()
    task = next(t for t in case_tasks(case, (), ELSEWHERE) if t.kind == "review_set_aside")
    assert task.words == f"未被采纳：{case.number}: 只有有审批权的部门可以准予"
    assert "review_set_aside" not in kinds(history, HERE) + kinds(history, CENTRE)


@pytest.mark.parametrize(
    ("state", "task"),
    [
        ("packed", "print_waybill"), ("taken_over", None), ("out", None),
        ("failed", "mend_delivery"),
        ("returned", "resend"), ("delivered", None), ("arrived", None), ("cancelled", None),
    ],
)  # fmt: skip
def test_the_sender_looks_after_its_parcel(state: str, task: str | None) -> None:
    folded = parcel_in(state).now()
    assert isinstance(folded, Parcel)
    assert [t.kind for t in parcel_tasks(folded, HERE)] == ([task] if task else [])
    assert parcel_tasks(folded, ELSEWHERE) == ()


def test_a_doubled_tracking_number_is_told_to_the_sender_alone() -> None:
    folded = parcel_in("taken_over").now()
    assert isinstance(folded, Parcel)
    (task,) = parcel_tasks(folded, HERE, doubled=True)
    assert folded.tracking in task.words
    assert parcel_tasks(folded, ELSEWHERE, doubled=True) == ()


def test_a_printed_waybill_is_not_asked_for_again() -> None:
    history = parcel_in("packed")
    history.say("parcel.waybill_printed", LIN, copy=1)
    folded = history.now()
    assert isinstance(folded, Parcel)
    assert parcel_tasks(folded, HERE) == ()


def test_what_was_kept_goes_back_after_a_case_that_was_not_taken_on_or_was_withdrawn() -> None:
    refused = case_until()
    refused.say("case.not_accepted", CHEN)
    withdrawn = case_until()
    withdrawn.say("case.withdrawn", CHEN)
    for history in (refused, withdrawn):
        assert "return_papers" in kinds(history, CENTRE)
        assert "tell_resident" in kinds(history, HERE)
        history.say("case.handed_out", CHEN, positions=[1, 2, 3], result=False)
        assert "return_papers" not in kinds(history, CENTRE)
