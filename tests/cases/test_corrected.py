"""What is corrected on the spot: which fields, by whom, until when, and what counts of it."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from cases.corrected import CORRECTED, FIELDS_ZH, correctable, corrections, names_zh, overlaid
from cases.fold import WrongState, fold, permit
from cases.folded import Case
from tests.cases.facts import CASE, CHEN, LIN, WU, History, case_in

AGENT = {"agent_document": "resident_id"}


def received(**said: Any) -> History:
    told = History()
    told.say("case.received", LIN, deciding="350102000000", **said)
    return told


def case_of(history: History) -> Case:
    found = history.now()
    assert isinstance(found, Case)
    return found


def test_only_what_the_form_asked_for_can_be_corrected() -> None:
    person, agent = case_of(received()), case_of(received(**AGENT))
    firm = case_of(received(applicant_kind="organization"))
    assert correctable(person) == ("name", "phone", "note")
    assert correctable(agent) == ("name", "phone", "agent_name", "agent_phone", "note")
    assert correctable(firm) == ("name", "phone", "contact", "note")


@pytest.mark.parametrize(
    "fields",
    [[], ["document_number"], ["matter"], ["phone", "area"], ["agent_phone"], [7], [["phone"]]],
)
def test_a_document_matter_or_area_needs_a_new_reception(fields: list[Any]) -> None:
    told = received()
    with pytest.raises(WrongState, match="要重新收件"):
        permit(told.now(), CORRECTED, LIN, {"fields": fields})
    told.say(CORRECTED, LIN, fields=fields)
    assert told.now().steps[-1].verdict == "set_aside"
    assert corrections(case_of(told)) == ()


def test_after_acceptance_nothing_is_corrected_on_the_spot() -> None:
    told = case_in("accepted")
    with pytest.raises(WrongState, match="不能当场更正"):
        permit(told.now(), CORRECTED, CHEN, {"fields": ["phone"]})


def test_only_the_receiver_and_the_holder_correct_and_the_state_stays() -> None:
    told = case_in("forwarded")
    before = told.now().state
    for author, verdict in ((LIN, "ok"), (CHEN, "ok"), (WU, "set_aside")):
        told.say(CORRECTED, author, fields=["phone"])
        assert told.now().steps[-1].verdict == verdict, author
    assert told.now().state is before
    assert len(corrections(case_of(told))) == 2


def test_the_newest_value_counts_whatever_came_first() -> None:
    told = received(**AGENT)
    first = told.say(CORRECTED, LIN, fields=["phone", "note"])
    second = told.say(CORRECTED, LIN, fields=["phone", "agent_name"])
    sealed = {
        first.id: {"phone": "13800000001", "note": "加急"},
        second.id: {"phone": "13800000002", "agent_name": "陈强", "name": "旁人"},
    }
    for order in permutations(told.events):
        case = fold(CASE, order)
        assert isinstance(case, Case)
        said: dict[str, Any] = {"name": "林小梅", "phone": "1", "note": "急", "agent_name": "陈"}
        for step in corrections(case):
            said = overlaid(said, step, sealed[step.id])
        assert said == {
            "name": "林小梅", "phone": "13800000002", "note": "加急", "agent_name": "陈强"
        }, "what is sealed beside the named fields corrects nothing"  # fmt: skip


def test_a_note_can_be_taken_away_and_a_name_cannot() -> None:
    told = received()
    told.say(CORRECTED, LIN, fields=["name", "note"])
    (step,) = corrections(case_of(told))
    assert overlaid({"name": "林小梅", "note": "急"}, step, {}) == {"name": "林小梅", "note": ""}


def test_fields_are_named_in_the_order_of_the_form() -> None:
    assert names_zh(["note", "name", "agent_number"]) == "申请人姓名或名称、备注"
    assert names_zh(None) == ""
    assert names_zh(list(FIELDS_ZH)).count("、") == len(FIELDS_ZH) - 1
