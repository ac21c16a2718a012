"""The fold: total, the same in any order, and deaf to whoever is not entitled."""

from __future__ import annotations

from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.events import Event, parse
from cases.fold import WrongState, blank, fold, permit
from cases.folded import Case, Folded, Parcel, StoreBook, Visit
from cases.states import CaseState, ParcelState
from cases.table import TYPES
from tests.cases.facts import (
    CASE,
    CAST,
    CENTRAL,
    CENTRE,
    CHEN,
    HERE,
    LIN,
    PARCEL,
    VISIT,
    WU,
    History,
    case_in,
    least,
    parcel_in,
)  # fmt: skip

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=6,
)
FIELDS = sorted({name.rstrip("?") for row in TYPES.values() for name in row.open})


@st.composite
def events(draw: st.DrawFn, subject: str = CASE) -> list[Event]:
    """A heap of facts: some as they should be, some with anything at all in them."""
    history = History(subject)
    for _ in range(draw(st.integers(0, 12))):
        type = draw(st.sampled_from([*TYPES, "case.teleported", "moon.landed"]))
        odd = draw(st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=8), JSON, max_size=3))
        say(history, type, draw(st.sampled_from(CAST)), draw(st.integers(1, 9)), odd)
    return history.events


def say(history: History, type: str, by: str, k: int, data: dict[str, Any]) -> None:
    place = f"{history.subject}:{k:04d}-{by}"
    if all(event.id != place for event in history.events):
        event = history.say(type, by, k=k, **least(type))
        history.events[-1] = parse({**event.doc, "data": {**event.data, **data}})


SUBJECTS = st.sampled_from([CASE, PARCEL, VISIT, LIN])


@given(SUBJECTS.flatmap(events))
def test_nothing_that_can_be_parsed_makes_the_fold_fail(heap: list[Event]) -> None:
    subject = heap[0].subject if heap else CASE
    folded = fold(subject, heap)
    assert [step.id for step in folded.steps] == sorted(event.id for event in heap)
    assert all(step.reason for step in folded.steps if step.verdict != "ok")
    assert msgspec.json.decode(msgspec.json.encode(folded), type=Folded) == folded


@given(SUBJECTS.flatmap(events), st.randoms())
def test_the_order_in_which_facts_arrive_does_not_matter(heap: list[Event], chance: Random) -> None:
    subject = heap[0].subject if heap else CASE
    shuffled = list(heap)
    chance.shuffle(shuffled)
    assert fold(subject, shuffled) == fold(subject, heap)


@given(
    st.sampled_from(["approved", "refused", "not_accepted", "completed", "withdrawn"]),
    st.lists(
        st.tuples(st.sampled_from(sorted(TYPES)), st.sampled_from([LIN, WU, CENTRAL]),
                  st.integers(1, 9)), max_size=8,
    ),
)  # fmt: skip
def test_whatever_others_said_becomes_known_late_flips_no_decision(
    state: str, late: list[tuple[str, str, int]]
) -> None:
    """LIN has forwarded the case: from there on only CHEN moves it, whatever place others take."""
    history = case_in(state)
    for type, by, k in late:
        if by != LIN or k > 2:
            say(history, type, by, k, {"to": CENTRE, "event": history.events[-1].id})
    case = history.now()
    assert isinstance(case, Case)
    closed = any(step.type == "case.closed" and step.verdict == "ok" for step in case.steps)
    assert case.state.value == ("closed" if closed else state)


def test_a_request_that_arrives_late_is_answered_and_leaves_the_decision() -> None:
    history = case_in("approved")
    history.say("case.withdrawal_requested", LIN, k=3)
    case = history.now()
    assert case.state is CaseState.APPROVED
    assert [request.by for request in case.requests] == [LIN]


def test_a_decision_waits_while_a_request_is_open() -> None:
    history = case_in("accepted")
    asked = history.say("case.withdrawal_requested", CENTRAL)
    with pytest.raises(WrongState, match="有未答复的申请"):
        permit(history.now(), "case.approved", CHEN, {})
    history.say("case.request_settled", CHEN, request=asked.id, granted=False)
    permit(history.now(), "case.approved", CHEN, {})
    assert history.now().requests == ()


def test_a_request_can_be_answered_when_the_case_is_closed_already() -> None:
    history = case_in("closed")
    asked = history.say("case.withdrawal_requested", LIN, k=3)
    assert [r.event for r in history.now().requests] == [asked.id]
    history.say("case.request_settled", CHEN, request=asked.id, granted=False)
    assert history.now().requests == ()


# voiding


def test_the_holder_takes_back_its_own_last_step() -> None:
    history = case_in("approved")
    approved = history.events[-1]
    history.say("case.voided", CHEN, event=approved.id)
    case = history.now()
    assert (case.state, case.decision) == (CaseState.ACCEPTED, None)
    voided = next(step for step in case.steps if step.id == approved.id)
    assert (voided.verdict, voided.reason) == ("voided", history.events[-1].id)


def test_step_after_step_is_taken_back_until_another_ones_step() -> None:
    history = case_in("completed")
    for event in reversed(history.events[2:5]):
        history.say("case.voided", CHEN, event=event.id)
    case = history.now()
    assert case.state is CaseState.FORWARDED
    assert (case.accepted_at != "", case.completed_at, case.set_aside) == (False, "", ())
    history.say("case.voided", CHEN, event=history.events[1].id)
    assert history.now().state is CaseState.FORWARDED
    assert "只能作废本方刚做的最后一步" in history.now().set_aside[0].reason


@pytest.mark.parametrize("who", [LIN, WU, CENTRAL])
def test_nobody_takes_back_a_step_of_the_holder(who: str) -> None:
    history = case_in("approved")
    data = {"event": history.events[-1].id}
    with pytest.raises(WrongState):
        permit(history.now(), "case.voided", who, data, {"reason"})
    history.say("case.voided", who, **data)
    assert history.now().state is CaseState.APPROVED


@pytest.mark.parametrize("event", ["", "no such event", f"{CASE}:0003-{CHEN}"])
def test_only_the_last_step_can_be_taken_back_and_one_is_told_before(event: str) -> None:
    history = case_in("approved")
    with pytest.raises(WrongState, match="只能作废本方刚做的最后一步"):
        permit(history.now(), "case.voided", CHEN, {"event": event}, {"reason"})


def test_receiving_is_not_voided_but_withdrawn() -> None:
    history = case_in("received")
    data = {"event": history.events[0].id}
    with pytest.raises(WrongState, match="收件不能作废，请走撤回"):
        permit(history.now(), "case.voided", LIN, data, {"reason"})


def test_what_was_told_and_handed_over_before_a_void_does_not_count_for_the_new_outcome() -> None:
    history = case_in("completed")
    told = [
        history.say("case.resident_told", LIN),
        history.say("case.handed_out", LIN, result=True),
    ]
    assert [step.verdict for step in history.now().steps[-2:]] == ["ok", "ok"]
    history.say("case.voided", CHEN, event=history.events[4].id)
    history.say("case.voided", CHEN, event=history.events[3].id)
    history.say("case.refused", CHEN)
    case = history.now()
    assert case.state is CaseState.REFUSED
    assert (case.told_at, case.result_handed_out) == ("", False)
    assert {e.id for e in told} <= {step.id for step in case.steps}


# types of a newer version


def test_an_unknown_type_is_kept_shown_and_makes_the_subject_read_only() -> None:
    history = case_in("accepted")
    history.say("case.teleported", CHEN, where="moon")
    case = history.now()
    assert case.state is CaseState.ACCEPTED
    assert case.read_only
    assert (case.steps[-1].verdict, case.steps[-1].data) == ("unknown", {"where": "moon"})
    with pytest.raises(WrongState, match="请先升级软件"):
        permit(case, "case.approved", CHEN, {})


def test_unknown_fields_of_a_known_type_are_carried_along() -> None:
    history = case_in("accepted")
    history.say("case.approved", CHEN, colour="green")
    assert history.now().state is CaseState.APPROVED
    assert history.now().steps[-1].data["colour"] == "green"


# slips: a track of their own


def test_a_slip_fills_in_before_the_case_is_known_and_changes_nothing_else() -> None:
    history = History()
    history.say("slip.filled", CENTRAL, channel="qr", k=1)
    history.say("case.received", LIN, k=1, deciding=CENTRE)
    case = history.now()
    assert (case.state, case.point, len(case.slips)) == (CaseState.RECEIVED, HERE, 1)


def test_slips_follow_one_another_and_only_the_confirmed_one_counts() -> None:
    history = case_in("accepted")
    first = history.say("slip.filled", CENTRAL, channel="qr")
    second = history.say("slip.filled", CENTRAL, channel="qr", replaces=first.id)
    history.say("slip.confirmed", LIN, slip=first.id)
    case = history.now()
    assert [slip.event for slip in case.slips] == [first.id, second.id]
    assert (case.confirmed_slip, case.slips[1].replaces) == (first.id, first.id)


def test_a_slip_nobody_knows_cannot_become_the_confirmed_one() -> None:
    history = case_in("accepted")
    history.say("slip.confirmed", LIN, slip="another")
    assert history.now().confirmed_slip == ""


def test_a_slip_of_the_visit_is_attached_to_the_case() -> None:
    history = case_in("received")
    attached = history.say("slip.attached", LIN, visit=VISIT, slip="s")
    slip = history.now().slips[0]
    assert (slip.event, slip.visit, slip.channel) == (attached.id, VISIT, "poster")


# parcels


def test_a_report_sent_twice_counts_once() -> None:
    history = parcel_in("taken_over")
    for to in ("self", "neighbour"):
        history.say("parcel.delivered", CENTRAL, op="same", when="t", to=to)
    parcel = history.now()
    assert (parcel.state, parcel.delivered_to, parcel.set_aside) == (
        ParcelState.DELIVERED, "self", (),
    )  # fmt: skip
    history.say("parcel.delivery_failed", CENTRAL, op="same", when="t", why="late")
    assert (history.now().state, history.now().failure) == (ParcelState.DELIVERED, "")


def test_what_a_carrier_tells_of_the_way_moves_nothing_whenever_it_comes() -> None:
    for state in ("packed", "taken_over", "delivered", "arrived", "returned", "cancelled"):
        history = parcel_in(state)
        for _ in range(2):
            history.say("parcel.passed", CENTRAL, op="p", when="t", carrier="ems", code="transit")
        parcel = history.now()
        assert (parcel.state.value, parcel.set_aside) == (state, ())
        assert parcel.operations.count("p") == 1


def test_a_report_told_of_the_way_does_not_count_again_as_a_delivery() -> None:
    history = parcel_in("taken_over")
    history.say("parcel.passed", CENTRAL, op="late", when="t", carrier="ems", code="signed")
    history.say("parcel.delivered", CENTRAL, op="late", when="t", to="self")
    assert history.now().state is ParcelState.TAKEN_OVER


def test_a_known_operation_opens_no_back_door_to_other_steps() -> None:
    history = parcel_in("delivered")
    history.say("parcel.cancelled", LIN, op="op-1")
    assert history.now().state is ParcelState.DELIVERED
    assert len(history.now().set_aside) == 1


def test_a_parcel_that_could_not_be_delivered_goes_out_again() -> None:
    history = parcel_in("failed")
    history.say("parcel.taken_over", CENTRAL, op="again")
    history.say("parcel.delivered", CENTRAL, op="there", to="family")
    assert history.now().state is ParcelState.DELIVERED


# stores and visits


def test_what_central_refused_stands_once_in_the_stores_book() -> None:
    history = History(LIN)
    history.say("store.opened", LIN)
    for _ in range(2):
        history.say("store.refused", CENTRAL, n=7, why="because", author=LIN)
    book = history.now()
    assert isinstance(book, StoreBook)
    assert [refused["n"] for refused in book.refused] == [7]


def test_a_subject_nobody_knows_yet_is_blank_of_its_kind() -> None:
    kinds = {CASE: Case, PARCEL: Parcel, VISIT: Visit, LIN: StoreBook}
    assert {number: type(blank(number)) for number in kinds} == kinds
    assert all(fold(number, []) == blank(number) for number in kinds)


def test_the_baton_goes_from_hand_to_hand() -> None:
    history = case_in("forwarded")
    assert history.now().holder == CENTRE
    history.say("case.sent_back", CHEN)
    assert (history.now().holder, history.now().state) == (HERE, CaseState.RECEIVED)
    history.say("case.forwarded", LIN, to=CENTRE)
    assert history.now().holders == (HERE, CENTRE)


@pytest.mark.parametrize("original_first", [True, False])
def test_a_fact_that_copies_of_one_disk_state_anew_counts_once(original_first: bool) -> None:
    """The original, and what two copies made of it, in whatever order their ids put them."""
    history, authors = case_in("forwarded"), [LIN, f"{HERE}.eeee", f"{HERE}.ffff"]
    for place, author in enumerate(authors):
        original = place == (0 if original_first else 2)
        more = {} if original else {"restates": "ed25519:same"}
        event = history.say("case.withdrawal_requested", author, **more)
        if original:
            history.events[-1] = parse({**event.doc, "sig": "ed25519:same"})
    case = history.now()
    assert isinstance(case, Case)
    assert len(case.requests) == 1
    assert [step.verdict for step in case.steps][-3:] == ["ok", "set_aside", "set_aside"]
    assert "只算一次" in case.steps[-1].reason


def test_what_another_point_calls_a_restatement_suppresses_nothing() -> None:
    history = case_in("forwarded")
    history.say("case.withdrawal_requested", CHEN, restates="ed25519:a")
    event = history.say("case.withdrawal_requested", LIN)
    history.events[-1] = parse({**event.doc, "sig": "ed25519:a"})
    case = history.now()
    assert isinstance(case, Case)
    assert len(case.requests) == 2
