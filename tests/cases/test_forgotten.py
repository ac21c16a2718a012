"""Forgetting a subject: what counts of it in whatever order its facts arrive."""

from __future__ import annotations

import itertools

from cases.fold import fold
from cases.forgotten import is_forgotten, is_poster_slip
from cases.states import VisitState
from tests.cases.facts import CASE, CENTRAL, LIN, VISIT, History, case_in, visit_in

OTHER = "central.eeeeeeee"


def poster_slip() -> History:
    told = History(VISIT)
    told.say("slip.filled", CENTRAL, channel="poster")
    return told


def test_a_forgotten_slip_stays_forgotten_in_whatever_order_its_facts_arrive() -> None:
    told = poster_slip()
    told.say("subject.forgotten", CENTRAL)
    told.say("subject.forgotten", OTHER, k=2)
    told.say("visit.opened", LIN)
    whole = told.now()
    assert whole.state is VisitState.FORGOTTEN
    assert is_forgotten(whole)
    for events in itertools.permutations(told.events):
        assert fold(VISIT, events) == whole


def test_two_processes_that_forget_the_same_slip_ask_nobody_anything() -> None:
    told = poster_slip()
    told.say("subject.forgotten", CENTRAL)
    once = told.now()
    told.say("subject.forgotten", OTHER, k=2)
    assert told.now().set_aside == ()
    assert told.now().state is once.state


def test_nobody_but_central_can_have_a_subject_forgotten() -> None:
    told = poster_slip()
    told.say("subject.forgotten", LIN)
    assert not is_forgotten(told.now())
    assert is_poster_slip(told.now())


def test_no_case_nor_visit_at_a_window_can_be_forgotten_so() -> None:
    for told in (case_in("closed"), visit_in("open"), visit_in("applied"), visit_in("ended")):
        before = told.now().state
        told.say("subject.forgotten", CENTRAL)
        assert told.now().state is before
        assert not is_forgotten(told.now())
        assert not is_poster_slip(told.now())


def test_a_slip_that_a_case_took_stands_whether_its_poster_slip_is_forgotten_or_not() -> None:
    told = case_in("received")
    told.say("slip.attached", LIN, visit=VISIT, slip=f"{VISIT}:0001-{CENTRAL}")
    case = fold(CASE, told.events)
    assert [slip.visit for slip in case.slips] == [VISIT]
