"""秒批 at the point that itself decides, and the checks an officer sees done (辅助审批)."""

from __future__ import annotations

from cases.folded import Case
from cases.people import id_check_character
from cases.states import CaseState
from node.local import Node
from tests.node.casework import act, hidden
from tests.node.conftest import Desk
from tests.node.receiving import ELDERS_CARD, ID, form_op, receive, send, typed

DIGITS = "35010219490312392"
ELDER = DIGITS + id_check_character(DIGITS)
FORKLIFT = "SCJG-002502"


def case_of(node: Node, number: str) -> Case:
    with node.local() as here:
        case = here.store.case(number)
        assert case is not None
        return case


def test_an_elders_card_is_approved_as_soon_as_it_is_received(clerk: Desk, node: Node) -> None:
    number = receive(clerk, document_number=ELDER)
    case = case_of(node, number)
    assert case.state is CaseState.APPROVED
    assert [(s.type, s.actor, s.verdict) for s in case.steps[1:]] == [
        ("case.accepted", "auto", "ok"), ("case.approved", "auto", "ok"),
    ]  # fmt: skip
    with node.local() as here:
        event = here.store.event(case.steps[-1].id)
        assert event is not None
        assert str(event.data["rule"]).startswith(f"{ELDERS_CARD}@")
        facts = here.store.unseal(event)["facts"]
    assert "年满 60 周岁" in [fact["words"] for fact in facts]
    assert ELDER not in str(event.data)
    page = clerk.get(f"/cases/{number}").text
    for words in ("系统自动审批（秒批）", case.rule, "✓ 符合", "老年人权益保障法第二条"):
        assert words in page


def test_somebody_too_young_is_refused_by_nobody_and_goes_to_a_person(
    clerk: Desk, lead: Desk, node: Node
) -> None:
    number = receive(clerk, document_number=ID)
    assert case_of(node, number).state is CaseState.RECEIVED
    page = lead.get(f"/cases/{number}").text
    assert "辅助审批" in page
    assert "✗ 不符合" in page
    assert "由人审批" in page


def test_a_second_one_while_the_first_runs_goes_to_a_person(clerk: Desk, node: Node) -> None:
    first = receive(clerk, document_number=ID)
    again = receive(clerk, document_number=ID)
    assert case_of(node, again).state is CaseState.RECEIVED
    assert clerk.get(f"/cases/{again}").text.count("✗ 不符合") == 2
    done = receive(clerk, document_number=ELDER)
    assert case_of(node, done).state is CaseState.APPROVED
    assert first != again


def test_a_case_that_others_decide_is_not_the_nodes_to_approve(clerk: Desk, node: Node) -> None:
    number = receive(clerk, document_number=ELDER, area="350102004003")
    assert case_of(node, number).state is CaseState.FORWARDED
    assert case_of(node, number).instant


def test_what_a_rule_approved_is_finished_at_once(clerk: Desk, lead: Desk, node: Node) -> None:
    number = receive(clerk, document_number=ELDER)
    assert "当场办结" in lead.get(f"/cases/{number}").text
    act(lead, number, "at_once", result="paper", to="applicant", checked="身份证")
    case = case_of(node, number)
    assert case.state is CaseState.COMPLETED
    assert [s.type for s in case.steps].count("case.approved") == 1
    assert case.result_handed_out
    assert case.told_at


def test_a_person_takes_back_what_a_rule_did(clerk: Desk, lead: Desk, node: Node) -> None:
    number = receive(clerk, document_number=ELDER)
    event = hidden(lead, number, "void", "event")
    act(lead, number, "void", event=event, reason="证件是别人的")
    assert case_of(node, number).state is CaseState.ACCEPTED
    assert "由人审批" not in lead.get(f"/cases/{number}").text


def test_the_form_sent_twice_is_approved_once(clerk: Desk, node: Node) -> None:
    op = form_op(clerk, ELDERS_CARD)
    fields = typed(ELDERS_CARD, document_number=ELDER)
    numbers = {send(clerk, ELDERS_CARD, fields, op).headers["Location"] for _ in range(2)}
    (where,) = numbers
    case = case_of(node, where.split("/")[2])
    assert [s.type for s in case.steps].count("case.approved") == 1


def test_the_officer_sees_the_same_checks_done_for_any_case(
    clerk: Desk, officer: Desk, node: Node, centre: Node, tell: object
) -> None:
    number = receive(clerk, FORKLIFT, document_number=ELDER)
    tell(node, centre)  # type: ignore[operator]
    page = officer.get(f"/cases/{number}").text
    for words in (
        "辅助审批",
        "材料齐全",
        "申请人证件号码校验正确",
        "没有同一事项正在办理",
        "✓ 符合",
    ):
        assert words in page
