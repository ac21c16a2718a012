"""A delivered parcel of which its recipient says that it never came."""

from __future__ import annotations

from typing import Any

import pytest

from cases.disputes import may_dispute
from cases.folded import Case, Parcel
from cases.papers import RESULT, may_close, owed, result_owed
from cases.tasks import parcel_tasks
from tests.cases.facts import CASE, CENTRAL, CENTRE, CHEN, ELSEWHERE, HERE, LIN, PARCEL, History

RESULT_INSIDE = [{"case": CASE, "position": 0, "name": "办理结果"}]
DONE = ("resident_told",)


def sent(*steps: str, purpose: str = RESULT, to_point: str = "") -> History:
    """A result sent to its owner by LIN, taken over, and what happened then."""
    history = History(PARCEL)
    more = {"to_point": to_point} if to_point else {}
    history.say("parcel.packed", LIN, purpose=purpose, cases=[CASE], contents=RESULT_INSIDE, **more)
    for number, step in enumerate(("taken_over", *steps)):
        by = LIN if step.startswith("dispute_") else CENTRAL
        say(history, step, by, op=f"op-{number}")
    return history


def say(history: History, step: str, by: str, **data: Any) -> None:
    type, _, how = f"parcel.{step}".partition("=")
    more = {"how": how} if how else {}
    history.say(type, by, **{**({} if by == LIN else data), **more})


def parcel(history: History) -> Parcel:
    found = history.now()
    assert isinstance(found, Parcel)
    return found


def completed(*more: str) -> Case:
    history = History()
    history.say("case.received", LIN, deciding=HERE)
    for step in ("accepted", "approved"):
        history.say(f"case.{step}", LIN)
    history.say("case.completed", LIN, result="paper", delivery="mail")
    for step in (*DONE, *more):
        history.say(f"case.{step}", LIN)
    found = history.now()
    assert isinstance(found, Case)
    return found


def test_until_it_is_settled_the_case_waits_and_nothing_is_posted_twice() -> None:
    case, came = completed(), parcel(sent("delivered"))
    assert may_close(case, [came]) is None
    said_not = parcel(sent("delivered", "disputed"))
    assert "还没有交到申请人手里" in str(may_close(case, [said_not]))
    (waiting,) = owed(case, [said_not])
    assert waiting.on_the_way == PARCEL


def test_what_was_found_is_home_and_what_is_lost_is_owed_once_more() -> None:
    case = completed()
    found = parcel(sent("delivered", "disputed", "dispute_settled=found"))
    lost = parcel(sent("delivered", "disputed", "dispute_settled=lost"))
    assert may_close(case, [found]) is None
    (waiting,) = owed(case, [lost])
    assert waiting.on_the_way == ""
    assert may_close(case, [lost]) is not None


def test_a_closed_case_owes_what_turns_out_lost_and_nothing_else() -> None:
    case = completed("closed")
    assert not result_owed(case, [parcel(sent("delivered"))])
    assert not result_owed(case, [])
    assert result_owed(case, [parcel(sent("delivered", "disputed", "dispute_settled=lost"))])


def test_what_was_given_up_as_lost_may_turn_up() -> None:
    again = sent("delivered", "disputed", "dispute_settled=lost", "dispute_settled=found")
    assert not parcel(again).lost
    assert may_close(completed(), [parcel(again)]) is None


def test_pressed_twice_it_is_said_once_and_after_an_answer_it_may_be_said_again() -> None:
    history = sent("delivered", "disputed")
    once = parcel(history)
    history.say("parcel.disputed", CENTRAL, op="op-2")
    assert parcel(history).disputed_at == once.disputed_at
    history.say("parcel.dispute_settled", LIN, how="found")
    history.say("parcel.disputed", CENTRAL, op="op-2")
    assert parcel(history).disputed_at == ""
    history.say("parcel.disputed", CENTRAL, op="another press")
    assert parcel(history).disputed_at != ""


@pytest.mark.parametrize(
    ("history", "may"),
    [
        (sent("delivered"), True),
        (sent(), False),
        (sent("delivery_failed"), False),
        (sent("delivered", "disputed"), False),
        (sent("delivered", "disputed", "dispute_settled=found"), True),
        (sent("delivered", "disputed", "dispute_settled=lost"), False),
        (sent("delivered", purpose="papers_to_authority"), False),
        (sent("delivered", to_point=CENTRE), False),
    ],
)
def test_only_what_was_delivered_to_a_resident_can_be_said_not_to_have_come(
    history: History, *, may: bool
) -> None:
    assert may_dispute(parcel(history)) is may


def test_the_point_that_sent_it_finds_out_and_its_calls_are_counted() -> None:
    history = sent("delivered", "disputed")
    history.say("parcel.dispute_called", LIN, reached=False, next="2026-11-23")
    (task,) = parcel_tasks(parcel(history), HERE)
    assert (task.kind, task.note) == ("settle_dispute", "打过 1 次没有打通，下次 2026-11-23")
    assert parcel_tasks(parcel(history), ELSEWHERE) == ()
    history.say("parcel.dispute_settled", CHEN, how="lost")
    assert not parcel(history).lost, "somebody else settled it"
    history.say("parcel.dispute_settled", LIN, how="lost")
    assert [t.kind for t in parcel_tasks(parcel(history), HERE)] == ["resend"]
