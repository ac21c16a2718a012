"""Who accepts (受理) in law: the deciding department, or the receiving point that is empowered."""

from __future__ import annotations

from datetime import date

import pytest

from cases.calendar import Calendar
from cases.clocks import DECIDE, clock
from cases.fold import NotEntitled, WrongState, permit
from cases.folded import Case
from cases.papers import to_send
from cases.states import CaseState
from cases.tasks import case_tasks
from tests.cases.facts import CENTRE, CHEN, HERE, LIN, WU, History

KEPT = [{"position": 1, "name": "申请书", "handling": "original_kept", "taken": True}]
TAKING_ON = ("case.accepted", "case.correction_noticed", "case.not_accepted")


def received(accepting: str = "receiving_point", deciding: str = CENTRE) -> History:
    told = History()
    told.say(
        "case.received", LIN, at="2026-11-20T01:00:00Z", deciding=deciding, materials=KEPT,
        promised_days=5, **({"accepting": accepting} if accepting else {}),
    )  # fmt: skip
    return told


def now(told: History) -> Case:
    found = told.now()
    assert isinstance(found, Case)
    return found


def tasks(told: History, point: str) -> list[str]:
    return [task.kind for task in case_tasks(now(told), (), point)]


@pytest.mark.parametrize("type", TAKING_ON)
def test_the_empowered_point_takes_on_what_another_decides(type: str) -> None:
    told = received()
    told.say(type, LIN)
    assert now(told).set_aside == ()
    assert now(told).holder == HERE


@pytest.mark.parametrize("type", TAKING_ON)
@pytest.mark.parametrize("accepting", ["", "deciding", "everybody"])
def test_no_other_point_does(type: str, accepting: str) -> None:
    told = received(accepting)
    told.say(type, LIN)
    told.say(type, WU)
    assert len(now(told).set_aside) == 2
    assert now(told).state is CaseState.RECEIVED


def test_once_passed_on_it_is_the_departments() -> None:
    told = received()
    told.say("case.forwarded", LIN, to=CENTRE)
    told.say("case.accepted", LIN)
    assert [step.verdict for step in now(told).steps] == ["ok", "ok", "set_aside"]
    told.say("case.accepted", CHEN)
    assert now(told).state is CaseState.ACCEPTED
    with pytest.raises(NotEntitled, match="只有有审批权的部门或目录授权的受理点可以受理"):
        permit(received().now(), "case.accepted", WU, {})


def test_what_was_taken_on_is_passed_on_so_and_its_clock_runs_on() -> None:
    told = received()
    told.say("case.accepted", LIN, at="2026-11-23T01:00:00Z")
    told.say("case.forwarded", LIN, to=CENTRE, at="2026-11-25T01:00:00Z")
    case = now(told)
    running = clock(case, Calendar({}), "2026-11-25T02:00:00Z")
    assert case.state is CaseState.ACCEPTED
    assert case.holder == case.deciding == CENTRE
    assert running is not None
    assert (running.what, running.since) == (DECIDE, date(2026, 11, 23))
    told.say("case.approved", CHEN)
    assert now(told).state is CaseState.APPROVED


def test_the_point_decides_nothing_and_nobody_else_passes_on_what_was_taken_on() -> None:
    told = received()
    told.say("case.accepted", LIN)
    for type in ("case.approved", "case.refused", "case.suspended", "case.extended"):
        with pytest.raises(NotEntitled, match="只有有审批权的部门"):
            permit(told.now(), type, LIN, {"kind": "hearing", "days": 1})
    told.say("case.forwarded", LIN, to=CENTRE)
    with pytest.raises(WrongState, match="由受理它的部门作出决定"):
        permit(told.now(), "case.forwarded", CHEN, {"to": HERE, "department": ""})
    own = received(deciding=HERE)
    own.say("case.accepted", LIN)
    own.say("case.forwarded", LIN, to=CENTRE)
    assert [step.type for step in now(own).set_aside] == ["case.forwarded"]


def test_each_sees_what_is_its_turn_and_papers_go_when_the_case_does() -> None:
    told = received()
    assert (tasks(told, HERE), tasks(told, CENTRE)) == (["accept"], [])
    told.say("case.correction_noticed", LIN, days=10)
    assert to_send(now(told), (), HERE) == ()
    told.say("case.accepted", LIN)
    assert tasks(told, HERE) == ["forward"]
    told.say("case.forwarded", LIN, to=CENTRE)
    assert (tasks(told, HERE), tasks(told, CENTRE)) == (["send_papers"], ["decide"])
