"""Which points must hold a subject."""

from __future__ import annotations

import pytest

from cases.numbers import case_number
from cases.parties import home_in, parties, shared
from tests.cases.facts import (
    CASE,
    CENTRAL,
    CENTRE,
    ELSEWHERE,
    HERE,
    LIN,
    PARCEL,
    TODAY,
    VISIT,
    WU,
    History,
    case_in,
    parcel_in,
)  # fmt: skip
from tests.cases.reference import the_directory

HOME_OF = home_in(the_directory())


def test_a_case_is_held_by_who_received_it_and_whoever_held_or_decides_it() -> None:
    assert parties(case_in("received").now()) == {HERE, CENTRE}
    assert parties(case_in("completed").now()) == {HERE, CENTRE}
    history = case_in("forwarded")
    history.say("case.sent_back", "350102000000.bbbb")
    history.say("case.forwarded", LIN, to=ELSEWHERE)
    assert parties(history.now()) == {HERE, CENTRE, ELSEWHERE}


def test_nobody_becomes_a_party_by_a_fact_set_aside() -> None:
    history = case_in("accepted")
    history.say("case.forwarded", f"{ELSEWHERE}.cccc", to=ELSEWHERE)
    assert ELSEWHERE not in parties(history.now())


def test_the_point_that_was_shown_the_receipt_is_a_party_and_may_do_what_one_may() -> None:
    history = case_in("accepted")
    asked = {"type": "case.withdrawal_requested", "by": WU}
    history.say(**asked)
    assert len(history.now().set_aside) == 1
    history.say("case.shown", WU)
    history.say("case.shown", WU)
    history.say(**asked)
    case = history.now()
    assert ELSEWHERE in parties(case)
    assert (case.shown_to, len(case.requests)) == ((ELSEWHERE,), 1)


def test_what_was_recorded_before_the_case_was_known_there_folds_in_when_it_arrives() -> None:
    cut_off = History()
    cut_off.say("case.shown", WU)
    cut_off.say("case.papers_received", WU)
    alone = cut_off.now()
    assert (alone.state.value, alone.point, len(alone.requests)) == ("new", "", 1)
    assert parties(alone, HOME_OF(CASE)) == {HERE, ELSEWHERE}
    for state in ("received", "accepted", "completed", "closed"):
        history = case_in(state)
        usual = history.now()
        history.events += cut_off.events  # with places of their own, from one on
        case = history.now()
        assert case.set_aside == ()
        assert (case.state, case.holder, case.point) == (usual.state, usual.holder, HERE)
        assert [request.by for request in case.requests] == [WU]


def test_a_number_alone_makes_nobody_a_party() -> None:
    history = History()
    history.say("case.papers_received", WU)
    assert parties(history.now(), HOME_OF(CASE)) == {HERE}
    assert len(history.now().set_aside) == 1


def test_a_parcel_is_held_by_who_sent_it_and_where_it_goes() -> None:
    assert parties(parcel_in("packed").now()) == {HERE, CENTRE}


def test_the_point_in_the_number_is_a_party_from_centrals_first_word() -> None:
    history = History()
    history.say("slip.filled", CENTRAL)
    assert parties(history.now()) == frozenset()
    assert parties(history.now(), HOME_OF(CASE)) == {HERE}


def test_linked_subjects_share_their_parties() -> None:
    together = shared([(case_in("received").now(), HERE), (History(VISIT).now(), ELSEWHERE)])
    assert together == {HERE, CENTRE, ELSEWHERE}


def test_a_number_tells_its_home() -> None:
    for point in the_directory().points:
        number = case_number(point.number, TODAY, 1)
        assert HOME_OF(number) == point.code
    assert HOME_OF(PARCEL) == HOME_OF(VISIT) == HERE
    assert HOME_OF(LIN) == HERE
    assert HOME_OF(CENTRAL) == "central"


@pytest.mark.parametrize(
    "odd", ["GL031-261122-0001-0", "GL999-261122-0001-0", "GL031-269922-0001-A"]
)
def test_a_number_that_nobody_could_have_given_has_no_home(odd: str) -> None:
    assert HOME_OF(odd) == ""
