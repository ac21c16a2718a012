"""Correction, special procedures and extension, as the fold counts them."""

from __future__ import annotations

import re
from typing import Any

import pytest

from cases.fold import WrongState, permit
from cases.folded import Case, Parcel
from cases.papers import TO_AUTHORITY, to_send
from cases.proceedings import worded, words_of
from cases.states import CaseState
from cases.tasks import case_tasks
from node.whereabouts import place_of
from tests.cases.facts import (
    CENTRAL,
    CENTRE,
    CHEN,
    DAY,
    ELSEWHERE,
    HERE,
    LIN,
    WU,
    History,
    case_in,
)
from tests.cases.test_papers import case_until, parcel

WHOLE = {"defects": [{"position": 2, "reason": "missing"}], "whole": True, "days": 10}
PAPERS = [
    {"position": 1, "name": "身份证", "handling": "looked_at", "taken": True, "identity": True},
    {"position": 2, "name": "租赁合同", "handling": "original_kept", "taken": False},
]


def noticed(**received: Any) -> History:
    """A case that was forwarded with a paper missing, of which the officer gave notice."""
    told = History()
    told.say("case.received", LIN, **{"deciding": CENTRE, "materials": PAPERS, **received})
    told.say("case.forwarded", LIN, to=CENTRE)
    told.say("case.correction_noticed", CHEN, **WHOLE)
    return told


def accepted(**received: Any) -> History:
    told = History()
    told.say("case.received", LIN, **{"deciding": CENTRE, **received})
    told.say("case.forwarded", LIN, to=CENTRE)
    told.say("case.accepted", CHEN)
    return told


def case_of(history: History) -> Case:
    case = history.now()
    assert isinstance(case, Case)
    return case


def refused(history: History, type: str, by: str = CHEN, **data: Any) -> str:
    """The sentence with which stating something is refused, and the fold sets it aside."""
    case = history.now()
    with pytest.raises(WrongState) as problem:
        permit(case, type, by, data, ("reason", "approver", "words"))
    history.say(type, by, **data)
    assert history.now().steps[-1].verdict == "set_aside"
    return str(problem.value)


def test_everything_that_is_to_be_corrected_is_told_once() -> None:
    case = case_of(noticed())
    assert case.state is CaseState.CORRECTION
    assert case.correction is not None
    assert [(d.position, d.reason) for d in case.correction.defects] == [(2, "missing")]
    assert case.correction.days == 10


def test_a_second_notice_is_refused_with_its_sentence_in_every_later_state() -> None:
    for more in ((), ("accepted",), ("accepted", "approved")):
        history = noticed()
        for step in more:
            history.say(f"case.{step}", CHEN)
        words = refused(history, "case.correction_noticed", **WHOLE)
        assert "只能一次告知" in words
        assert "第三十二条" in words


def test_of_two_notices_written_at_once_by_copies_of_a_store_the_first_counts() -> None:
    history = noticed()
    history.say("case.correction_noticed", f"{CENTRE}.zzzz", k=3, **{**WHOLE, "days": 3})
    case = case_of(history)
    assert [step.verdict for step in case.steps] == ["ok", "ok", "ok", "set_aside"]
    assert case.correction is not None
    assert case.correction.days == 10


def test_a_notice_cannot_be_voided_but_the_case_be_taken_on() -> None:
    history = noticed()
    notice = history.events[-1].id
    assert "请直接受理" in refused(history, "case.voided", event=notice)
    history.say("case.accepted", CHEN)
    assert case_of(history).state is CaseState.ACCEPTED


@pytest.mark.parametrize(
    "odd", [7, None, {"reason": "missing"}, {"position": True}, {"position": ""}]
)
def test_a_defect_that_names_no_paper_is_left_out(odd: Any) -> None:
    history = case_in("forwarded")
    history.say("case.correction_noticed", CHEN, **{**WHOLE, "defects": [*WHOLE["defects"], odd]})
    case = case_of(history)
    assert case.correction is not None
    assert len(case.correction.defects) == 1


def test_the_words_on_each_defect_come_out_of_one_text_as_they_went_in() -> None:
    case = case_of(noticed())
    text = worded(case, {0: "写 全名", 2: "第二页\n没有盖章", 1: " "})
    assert text.splitlines() == ["申请本身：写 全名", "租赁合同：第二页 没有盖章"]
    assert words_of(text) == {"申请本身": "写 全名", "租赁合同": "第二页 没有盖章"}
    assert words_of("x y\n：\n7") == {}


def test_a_supplement_asks_the_holder_and_changes_no_state() -> None:
    history = noticed()
    given = history.say("case.supplemented", CENTRAL, positions=[2], how="photographed")
    case = case_of(history)
    assert case.state is CaseState.CORRECTION
    assert [r.event for r in case.requests] == [given.id]
    assert not case.materials[1].taken
    history.say("case.request_settled", CHEN, request=given.id, granted=True)
    case = case_of(history)
    assert case.requests == ()
    assert [s.answer for s in case.supplements] == ["granted"]


def test_what_is_brought_to_a_point_lies_there_from_then_on() -> None:
    history = noticed()
    history.say("case.supplemented", LIN, positions=[2, 9, "2", True], how="brought")
    case = case_of(history)
    assert [m.taken for m in case.materials] == [True, True]
    assert case.supplements[0].positions == (2, 9)


def test_a_phone_brings_nothing() -> None:
    history = noticed()
    history.say("case.supplemented", CENTRAL, positions=[2], how="brought")
    assert not case_of(history).materials[1].taken


def test_a_case_does_not_lapse_while_a_supplement_waits_for_its_answer() -> None:
    history = noticed()
    given = history.say("case.supplemented", LIN, positions=[2], how="brought")
    with pytest.raises(WrongState, match="有未答复的申请"):
        permit(history.now(), "case.lapsed", CHEN, {}, ("reason",))
    history.say("case.request_settled", CHEN, request=given.id, granted=False)
    permit(history.now(), "case.lapsed", CHEN, {}, ("reason",))


def test_a_supplement_that_arrives_after_the_lapse_waits_for_an_answer_and_flips_nothing() -> None:
    history = noticed()
    lapse = history.say("case.lapsed", CHEN)
    history.say("case.supplemented", LIN, positions=[2], how="brought", k=4)
    case = case_of(history)
    assert case.state is CaseState.LAPSED
    assert len(case.requests) == 1
    history.say("case.voided", CHEN, event=lapse.id)
    case = case_of(history)
    assert case.state is CaseState.CORRECTION
    assert len(case.supplements) == 1


def test_a_supplement_after_the_decision_waits_for_an_answer_and_flips_nothing() -> None:
    history = case_in("approved")
    history.say("case.supplemented", LIN, positions=[2], how="brought", k=3)
    case = case_of(history)
    assert case.state is CaseState.APPROVED
    with pytest.raises(WrongState, match="有未答复的申请"):
        permit(case, "case.completed", CHEN, {"result": "", "delivery": "", "filed": []})


def test_the_clock_stands_between_the_beginning_and_the_end_of_a_procedure() -> None:
    history = accepted()
    for kind in ("hearing", "expert_review"):
        history.say("case.suspended", CHEN, kind=kind, days=20)
        assert case_of(history).state is CaseState.SUSPENDED
        history.say("case.resumed", CHEN)
    case = case_of(history)
    assert case.state is CaseState.ACCEPTED
    assert [(p.kind, bool(p.until)) for p in case.pauses] == [
        ("hearing", True), ("expert_review", True),
    ]  # fmt: skip


def test_a_suspension_is_taken_back_as_any_step() -> None:
    history = accepted()
    begun = history.say("case.suspended", CHEN, kind="testing", days=5)
    history.say("case.voided", CHEN, event=begun.id)
    case = case_of(history)
    assert (case.state, case.pauses) == (CaseState.ACCEPTED, ())


def test_only_the_procedures_of_the_law_stop_the_clock() -> None:
    words = refused(accepted(), "case.suspended", kind="holiday", days=5)
    assert "听证、招标、拍卖、检验、检测、检疫、鉴定、专家评审" in words


def test_nothing_is_decided_while_a_procedure_runs() -> None:
    assert "特别程序中" in refused(case_in("suspended"), "case.approved")


def test_a_period_is_extended_once() -> None:
    history = accepted()
    history.say("case.extended", CHEN, days=10)
    case = case_of(history)
    assert case.extension is not None
    assert (case.extension.days, case.state) == (10, CaseState.ACCEPTED)
    assert "只能延长一次" in refused(history, "case.extended", days=5)


@pytest.mark.parametrize(
    ("of_matter", "days", "fits"),
    [
        (None, 10, True), (None, 11, False), (None, 0, False), (15, 15, True), (15, 16, False),
        (99, 16, False), (5, 6, False), (0, 1, False), (-3, 1, False),
    ],
)  # fmt: skip
def test_a_period_is_extended_by_no_more_than_the_law_and_the_matter_allow(
    of_matter: int | None, days: int, fits: bool
) -> None:
    history = accepted(**({} if of_matter is None else {"extension_days": of_matter}))
    if fits:
        permit(history.now(), "case.extended", CHEN, {"days": days}, ("reason", "approver"))
    else:
        assert re.search("延长", refused(history, "case.extended", days=days))


def test_calls_are_kept_in_order_and_change_nothing_else() -> None:
    history = noticed()
    history.say("case.called", LIN, reached=False, about="correction", next="2026-11-25")
    history.say("case.called", LIN, reached=True, about="correction")
    case = case_of(history)
    assert case.state is CaseState.CORRECTION
    assert [(c.reached, c.next) for c in case.calls] == [(False, "2026-11-25"), (True, "")]


def test_a_lapsed_case_returns_its_papers_and_is_closed_by_the_point_that_received_it() -> None:
    history = noticed()
    history.say("case.lapsed", CHEN)
    history.say("case.closed", LIN)
    assert case_of(history).state is CaseState.CLOSED
    assert case_of(history).point == HERE


def positions_to_send(case: Case, parcels: tuple[Parcel, ...], point: str) -> list[int]:
    return [material.position for material in to_send(case, parcels, point)]


def test_what_is_brought_afterwards_travels_after_the_rest_from_where_it_was_brought() -> None:
    history = case_until("correction_noticed")
    packed = parcel(TO_AUTHORITY, positions=(2, 3), at=f"{DAY}01:00:00Z")
    assert positions_to_send(case_of(history), (packed,), HERE) == []
    history.say("case.shown", WU)
    history.say("case.supplemented", LIN, positions=[2], how="brought", at=f"{DAY}02:00:00Z")
    history.say("case.supplemented", WU, positions=[5], how="brought", at=f"{DAY}02:00:00Z")
    case = case_of(history)
    assert positions_to_send(case, (packed,), HERE) == [2]  # the old one is there, not the new
    assert positions_to_send(case, (packed,), ELSEWHERE) == [5]
    assert positions_to_send(case, (packed,), CENTRE) == []
    later = parcel(TO_AUTHORITY, positions=(2, 5), at=f"{DAY}03:00:00Z")
    assert positions_to_send(case, (packed, later), HERE) == []
    assert [t.kind for t in case_tasks(case, (packed,), ELSEWHERE)] == ["send_papers"]


def test_a_paper_that_was_brought_lies_where_it_was_brought_until_it_is_sent() -> None:
    history = case_until("correction_noticed")
    history.say("case.shown", WU)
    history.say("case.supplemented", WU, positions=[5], how="brought", at=f"{DAY}02:00:00Z")
    case = case_of(history)
    brought = next(m for m in case.materials if m.position == 5)
    first = parcel(TO_AUTHORITY, "arrived", positions=(2, 3), at=f"{DAY}01:00:00Z")
    assert place_of(case, brought, (first,), lambda code: code).point == ELSEWHERE
    second = parcel(TO_AUTHORITY, "arrived", positions=(5,), at=f"{DAY}03:00:00Z")
    assert place_of(case, brought, (first, second), lambda code: code).point == CENTRE
