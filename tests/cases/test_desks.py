"""Whose desk a case lies on, and other departments' opinions, as the fold counts them."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from cases.calendar import Calendar
from cases.desks import VIEWS_ZH, cannot_ask, open_opinions
from cases.fold import NotEntitled, WrongState, fold, permit
from cases.folded import Case
from cases.lights import opinion_light
from cases.parties import parties
from cases.states import CaseState
from cases.tasks import case_tasks
from sync.bundle import load_bundle
from tests.cases.facts import (
    CASE,
    CENTRAL,
    CENTRE,
    CHEN,
    ELSEWHERE,
    HERE,
    LIN,
    WU,
    History,
    case_in,
)  # fmt: skip
from tests.cases.test_proceedings import case_of

HEALTH = {"department": "WJ", "department_name": "区卫生健康局", "to": ELSEWHERE, "days": 5}
CALENDAR: Calendar = load_bundle().calendar


def asked(state: str = "accepted") -> tuple[History, str]:
    """A case about which the department that sits at WU's point was asked."""
    told = case_in(state)
    return told, told.say("case.opinion_asked", CHEN, **HEALTH).id


def refused(history: History, type: str, by: str, **data: Any) -> str:
    """The sentence with which a fact is refused; stated nevertheless, it does not count."""
    with pytest.raises(WrongState) as problem:
        permit(history.now(), type, by, data, ("question", "note", "words"))
    history.say(type, by, **data)
    assert history.now().steps[-1].verdict == "set_aside"
    return str(problem.value)


def test_who_takes_a_case_up_has_it_until_it_is_handed_back() -> None:
    told = case_in("accepted")
    told.say("case.taken_up", CHEN)
    assert case_of(told).officer == "s-1"
    told.say("case.handed_back", CHEN)
    assert case_of(told).officer == ""


def test_of_two_who_take_it_up_unknowingly_the_first_has_it_and_nobody_is_bothered() -> None:
    told = case_in("accepted")
    told.say("case.taken_up", CHEN)
    told.say("case.handed_over", CHEN, officer="s-2")
    told.say("case.taken_up", CHEN)
    case = case_of(told)
    assert case.officer == "s-2"
    assert case.set_aside == ()


def test_another_department_finds_a_case_handed_over_on_its_own_worklist() -> None:
    told = case_in("accepted")
    told.say("case.taken_up", CHEN)
    told.say("case.handed_over", CHEN, department="WJ", department_name="区卫生健康局")
    case = case_of(told)
    assert (case.department, case.department_name, case.officer) == ("WJ", "区卫生健康局", "")
    assert {task.department for task in case_tasks(case, (), CENTRE)} == {"WJ"}


def test_a_case_is_handed_to_one_desk_and_after_the_decision_to_no_other_department() -> None:
    to_nobody = refused(case_in("accepted"), "case.handed_over", CHEN)
    to_both = refused(case_in("accepted"), "case.handed_over", CHEN, officer="s-2", department="WJ")
    assert "只能交给一位同事，或转给一个部门" in to_nobody
    assert "只能交给一位同事，或转给一个部门" in to_both
    late = refused(case_in("approved"), "case.handed_over", CHEN, department="WJ")
    assert "已经作出决定" in late
    told = case_in("approved")
    told.say("case.handed_over", CHEN, officer="s-2")
    assert case_of(told).officer == "s-2"


def test_a_case_that_goes_to_another_point_lies_on_nobodys_desk() -> None:
    told = case_in("forwarded")
    told.say("case.taken_up", CHEN)
    told.say("case.sent_back", CHEN)
    assert case_of(told).officer == ""


@pytest.mark.parametrize("type", ["case.taken_up", "case.handed_back", "case.opinion_asked"])
@pytest.mark.parametrize("by", [LIN, WU, CENTRAL])
def test_only_the_deciding_department_moves_a_case_among_desks(type: str, by: str) -> None:
    data = HEALTH if type == "case.opinion_asked" else {}
    assert "只有有审批权的部门可以" in refused(case_in("accepted"), type, by, **data)


def test_several_departments_are_asked_at_once_and_answer_in_any_order() -> None:
    told, first = asked()
    second = told.say("case.opinion_asked", CHEN, **{**HEALTH, "department": "JD"}).id
    case = case_of(told)
    assert [o.event for o in open_opinions(case)] == [first, second]
    assert [t.kind for t in case_tasks(case, (), ELSEWHERE)] == ["give_opinion"] * 2
    assert [t.note for t in case_tasks(case, (), CENTRE)] == ["还有 2 个部门没有答复意见"]
    told.say("case.opinion_given", WU, request=second, view="object")
    told.say("case.opinion_given", WU, request=first, view="agree")
    case = case_of(told)
    assert [(o.department, o.view) for o in case.opinions] == [("WJ", "agree"), ("JD", "object")]
    assert open_opinions(case) == ()


def test_whoever_is_asked_becomes_a_party() -> None:
    told, _ = asked()
    assert parties(case_of(told)) == {HERE, CENTRE, ELSEWHERE}


def test_only_the_point_that_was_asked_answers() -> None:
    told, request = asked()
    for by in (LIN, CHEN, CENTRAL):
        with pytest.raises(NotEntitled, match="只有被征求意见的部门可以答复征求意见"):
            permit(told.now(), "case.opinion_given", by, {"request": request, "view": "agree"})
    told.say("case.opinion_asked", CHEN, **{**HEALTH, "to": HERE})
    said = refused(told, "case.opinion_given", LIN, request=request, view="agree")
    assert "没有向本方征求过这条意见" in said


def test_an_opinion_is_given_once_and_in_words_that_are_offered() -> None:
    told, request = asked()
    assert "不在可选的范围内" in refused(
        told, "case.opinion_given", WU, request=request, view="perhaps"
    )
    told.say("case.opinion_given", WU, request=request, view="conditions")
    again = refused(told, "case.opinion_given", WU, request=request, view="agree")
    assert "已经答复过了" in again
    assert [o.view for o in case_of(told).opinions] == ["conditions"]


@pytest.mark.parametrize("days", [0, 21, -3])
def test_an_opinion_has_a_sensible_time(days: int) -> None:
    said = refused(case_in("accepted"), "case.opinion_asked", CHEN, **{**HEALTH, "days": days})
    assert "1 到 20 个工作日" in said


def test_the_deciding_department_is_not_asked_and_nobody_twice_at_once() -> None:
    told, request = asked()
    case = case_of(told)
    assert cannot_ask(case, case.department, CENTRE)
    assert "还在等答复" in cannot_ask(case, "WJ", ELSEWHERE)
    assert cannot_ask(case, "JD", ELSEWHERE) == ""
    told.say("case.opinion_given", WU, request=request, view="agree")
    assert cannot_ask(case_of(told), "WJ", ELSEWHERE) == ""


@pytest.mark.parametrize("end", ["case.approved", "case.refused", "case.withdrawn"])
def test_what_was_asked_falls_away_with_the_decision_and_comes_back_when_that_is_voided(
    end: str,
) -> None:
    told, request = asked()
    step = told.say(end, CHEN)
    assert open_opinions(case_of(told)) == ()
    assert case_tasks(case_of(told), (), ELSEWHERE) == ()
    told.say("case.voided", CHEN, event=step.id)
    assert [o.event for o in open_opinions(case_of(told))] == [request]


def test_an_answer_that_comes_after_the_decision_is_kept() -> None:
    told, request = asked()
    told.say("case.approved", CHEN)
    told.say("case.opinion_given", WU, request=request, view="object")
    case = case_of(told)
    assert case.state is CaseState.APPROVED
    assert [o.view for o in case.opinions] == ["object"]
    assert case.set_aside == ()


def test_an_answer_is_due_in_working_days_and_its_light_turns() -> None:
    told = case_in("accepted")
    told.say("case.opinion_asked", CHEN, at="2026-11-23T01:00:00Z", **HEALTH)
    (opinion,) = case_of(told).opinions
    shown = [
        (light.colour, light.label)
        for day in (24, 27, 30)
        for light in [opinion_light(opinion, CALENDAR, f"2026-11-{day}T01:00:00Z")]
    ]
    assert shown == [
        ("green", "答复意见还有 4 个工作日"),
        ("amber", "答复意见还有 1 个工作日"),
        ("amber", "答复意见今天到期"),
    ]
    late = opinion_light(opinion, CALENDAR, "2026-12-01T01:00:00Z")
    assert late.colour == "red"


def test_whatever_the_order_of_arrival_the_desks_and_opinions_are_the_same() -> None:
    told, request = asked("forwarded")
    told.say("case.taken_up", CHEN)
    told.say("case.opinion_given", WU, request=request, view=next(iter(VIEWS_ZH)))
    told.say("case.handed_over", CHEN, department="JD", department_name="街道")
    tail, begun = told.events[2:], told.events[:2]
    folded = {str(fold(CASE, [*order, *begun])) for order in permutations(tail)}
    assert len(folded) == 1
    assert isinstance(told.now(), Case)
