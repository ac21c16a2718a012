"""What central does by an instant matter's rule (秒批): for that matter, once, and no stranger.

CENTRAL states it in the decider's name; a second process of central may say the same.
"""

from __future__ import annotations

import pytest

from cases.fold import NotEntitled, WrongState, permit
from cases.folded import Case
from cases.states import CaseState
from cases.tasks import case_tasks
from tests.cases.facts import CENTRAL, CENTRE, CHEN, HERE, LIN, WU, History

RULE = "MZJ-080101@4f2a"
SECOND = "central.eeeeeeee"


def instant(*, matter: str = "MZJ-080101", yes: bool = True, deciding: str = CENTRE) -> History:
    told = History()
    told.say("case.received", LIN, deciding=deciding, matter=matter, instant=yes)
    if deciding != HERE:
        told.say("case.forwarded", LIN, to=deciding)
    return told


def by_rule(told: History, by: str = CENTRAL, rule: str = RULE, k: int = 0) -> None:
    told.say("case.accepted", by, rule=rule, k=k)
    told.say("case.approved", by, rule=rule, k=k + 1 if k else 0)


def now(told: History) -> Case:
    found = told.now()
    assert isinstance(found, Case)
    return found


@pytest.mark.parametrize("deciding", [CENTRE, HERE])
def test_central_decides_by_the_rule_in_the_deciders_name(deciding: str) -> None:
    told = instant(deciding=deciding)
    by_rule(told)
    case = now(told)
    assert (case.state, case.rule, case.set_aside) == (CaseState.APPROVED, RULE, ())
    assert case.holder == case.deciding == deciding


def test_two_processes_of_central_decide_once() -> None:
    told = instant()
    by_rule(told, CENTRAL, k=3)
    by_rule(told, SECOND, k=3)
    case = now(told)
    assert case.state is CaseState.APPROVED
    assert [s.verdict for s in case.steps][2:] == ["ok", "passed_over", "ok", "passed_over"]
    assert [t.kind for t in case_tasks(case, (), HERE)] == ["tell_resident"]


@pytest.mark.parametrize(
    ("told", "rule"),
    [
        (instant(yes=False), RULE),
        (instant(matter="SCJG-000501"), RULE),
        (instant(matter=""), "@4f2a"),
        (instant(), ""),
        (instant(), "MZJ-0801"),
    ],
)
def test_a_rule_of_another_matter_or_of_none_is_set_aside(told: History, rule: str) -> None:
    before = now(told)
    with pytest.raises(NotEntitled):
        permit(before, "case.accepted", CENTRAL, {"rule": rule})
    by_rule(told, rule=rule)
    case = now(told)
    assert case.state is before.state
    assert [s.verdict for s in case.steps[-2:]] == ["set_aside"] * 2


@pytest.mark.parametrize("by", [LIN, WU])
def test_a_stranger_who_names_the_rule_decides_nothing(by: str) -> None:
    told = instant()
    by_rule(told, by)
    case = now(told)
    assert case.state is CaseState.FORWARDED
    assert [s.verdict for s in case.steps[-2:]] == ["set_aside"] * 2


def test_central_decides_nothing_without_a_rule_or_refuses() -> None:
    told = instant()
    for type in ("case.accepted", "case.not_accepted", "case.refused", "case.withdrawn"):
        told.say(type, CENTRAL, rule=RULE) if type != "case.accepted" else told.say(type, CENTRAL)
    assert now(told).state is CaseState.FORWARDED
    by_rule(told)
    told.say("case.refused", CENTRAL, rule=RULE)
    told.say("case.completed", CENTRAL, rule=RULE)
    assert now(told).state is CaseState.APPROVED


def test_a_decider_names_a_rule_only_for_its_own_instant_matter() -> None:
    told = instant(deciding=HERE)
    by_rule(told, LIN)
    assert (now(told).state, now(told).rule) == (CaseState.APPROVED, RULE)
    told = instant(deciding=HERE, yes=False)
    by_rule(told, LIN)
    assert now(told).state is CaseState.RECEIVED


def test_what_a_person_took_on_central_does_not_decide() -> None:
    told = instant()
    told.say("case.accepted", CHEN)
    told.say("case.approved", CENTRAL, rule=RULE)
    case = now(told)
    assert (case.state, case.steps[-1].verdict) == (CaseState.ACCEPTED, "passed_over")
    with pytest.raises(WrongState):
        permit(case, "case.approved", CENTRAL, {"rule": RULE})


def test_a_case_that_was_sent_back_is_not_centrals_to_decide() -> None:
    told = instant()
    told.say("case.sent_back", CHEN)
    by_rule(told)
    assert now(told).state is CaseState.RECEIVED


def test_the_holder_takes_back_what_a_rule_did_and_no_rule_does_it_again() -> None:
    told = instant()
    by_rule(told)
    approved = told.events[-1]
    told.say("case.voided", WU, event=approved.id)
    assert now(told).state is CaseState.APPROVED
    told.say("case.voided", CHEN, event=approved.id)
    assert now(told).state is CaseState.ACCEPTED
    told.say("case.approved", SECOND, rule=RULE)
    assert now(told).state is CaseState.ACCEPTED
    assert now(told).steps[-1].verdict == "passed_over"
    with pytest.raises(WrongState, match="过一次"):
        permit(now(told), "case.approved", SECOND, {"rule": RULE})
    told.say("case.refused", CHEN)
    assert now(told).state is CaseState.REFUSED


def test_old_cases_that_say_nothing_of_rules_are_not_instant() -> None:
    told = History()
    told.say("case.received", LIN, deciding=HERE)
    assert (now(told).instant, now(told).rule) == (False, "")
