"""What an officer does with a case: every act done, and refused with its sentence."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from cases.states import CaseState
from node.actions import ACTIONS
from node.local import Node
from tests.node.casework import (
    AT_ONCE,
    TWO_DAYS,
    act,
    ask_back,
    case_of,
    decided,
    hidden,
    meet,
    op_of,
    press,
    send,
)
from tests.node.conftest import Clock, Desk, sign_in
from tests.node.receiving import receive


@pytest.fixture
def direct(clerk: Desk) -> str:
    """A case that this point decides itself."""
    return receive(clerk, AT_ONCE)


@pytest.fixture
def forwarded(clerk: Desk, node: Node, centre: Node) -> str:
    """A case that the district decides, known to both."""
    number = receive(clerk, TWO_DAYS)
    meet(node, centre)
    return number


def sealed_of(node: Node, number: str) -> dict[str, Any]:
    with node.local() as local:
        return local.store.unseal(local.store.events(number)[-1])


def test_the_direct_route_goes_from_reception_to_the_file(lead: Desk, node: Node) -> None:
    number = receive(lead, AT_ONCE)
    press(lead, number, "accept")
    act(lead, number, "approve")
    act(lead, number, "complete", result="paper", delivery="window")
    act(lead, number, "hand_out", positions="0", to="applicant", checked="核对身份证")
    act(lead, number, "tell", how="in_person")
    press(lead, number, "close")
    assert case_of(node, number).state is CaseState.CLOSED


def test_an_immediate_matter_is_settled_on_one_page(lead: Desk, node: Node) -> None:
    number = receive(lead, AT_ONCE)
    assert "当场办结" in lead.get(f"/cases/{number}").text
    act(lead, number, "at_once", result="paper", to="applicant", checked="核对身份证")
    case = case_of(node, number)
    assert case.state is CaseState.COMPLETED
    assert case.result_handed_out
    assert case.told_at
    press(lead, number, "close")
    assert case_of(node, number).state is CaseState.CLOSED


def test_settling_at_once_is_all_or_nothing(lead: Desk, node: Node) -> None:
    number = receive(lead, AT_ONCE)
    op = op_of(lead, number, "at_once")
    answer = send(lead, number, "at_once", op=op, result="paper", to="agent", checked="核对")
    assert answer.status_code == 400
    assert "请填写代理人姓名" in answer.text
    assert case_of(node, number).state is CaseState.RECEIVED


def test_a_forwarded_case_is_decided_by_the_district(
    officer: Desk, forwarded: str, node: Node, centre: Node
) -> None:
    decided(officer, forwarded, filed="1")
    meet(node, centre)
    case = case_of(node, forwarded)
    assert case.state is CaseState.COMPLETED
    assert case.filed == (1,)
    assert (case.result, case.delivery) == ("paper", "mail")


def test_not_accepting_asks_for_the_reason_and_keeps_what_was_typed(
    officer: Desk, forwarded: str, centre: Node
) -> None:
    op = op_of(officer, forwarded, "not_accept")
    answer = send(officer, forwarded, "not_accept", op=op, where_to_go="台江区行政服务中心")
    assert answer.status_code == 400
    assert "这一项必须填写" in answer.text
    assert "台江区行政服务中心" in answer.text
    act(officer, forwarded, "not_accept", reason="不归本区", where_to_go="台江区行政服务中心")
    assert case_of(centre, forwarded).state is CaseState.NOT_ACCEPTED
    assert sealed_of(centre, forwarded)["where_to_go"] == "台江区行政服务中心"


def test_a_refusal_has_grounds_and_remedies_already_filled_in(
    officer: Desk, forwarded: str, centre: Node
) -> None:
    press(officer, forwarded, "accept")
    page = officer.get(f"/cases/{forwarded}/do/refuse").text
    assert "60 日内" in page
    assert "6 个月内" in page
    answer = send(officer, forwarded, "refuse", remedies="可以申请复议")
    assert answer.status_code == 400
    assert "可以申请复议" in answer.text
    act(officer, forwarded, "refuse", grounds="不符合条件", remedies="可以申请复议")
    assert case_of(centre, forwarded).state is CaseState.REFUSED


def test_a_decision_made_elsewhere_is_recorded_with_its_number_and_day(
    officer: Desk, forwarded: str, centre: Node
) -> None:
    act(
        officer, forwarded, "elsewhere", approved="yes", system="省网上办事大厅",
        number="FJ-2026-7", day="2026-11-20",
    )  # fmt: skip
    case = case_of(centre, forwarded)
    assert case.state is CaseState.APPROVED
    assert case.accepted_at
    assert case.decision
    assert case.decision.elsewhere_date == "2026-11-20"
    assert sealed_of(centre, forwarded)["elsewhere_number"] == "FJ-2026-7"
    assert "FJ-2026-7" in officer.get(f"/cases/{forwarded}").text


@pytest.mark.parametrize(
    ("day", "words"),
    [
        ("2026-11-24", "日期不能晚于今天"),
        ("昨天", "日期不对"),
        ("", "请填写作出决定的日期"),
        ("1026-11-20", "日期太早了"),
    ],
)
def test_a_day_that_cannot_be_is_told(
    officer: Desk, forwarded: str, centre: Node, day: str, words: str
) -> None:
    answer = send(
        officer, forwarded, "elsewhere", approved="yes", system="省网上办事大厅", number="7",
        day=day,
    )  # fmt: skip
    assert answer.status_code == 400
    assert words in answer.text
    assert "省网上办事大厅" in answer.text
    assert case_of(centre, forwarded).state is CaseState.FORWARDED


def test_a_refusal_elsewhere_needs_its_grounds(officer: Desk, forwarded: str) -> None:
    answer = send(
        officer, forwarded, "elsewhere", approved="no", system="甲", number="7", day="2026-11-20"
    )
    assert answer.status_code == 400
    assert 'href="#f-grounds"' in answer.text


def test_what_was_sent_back_is_forwarded_again(
    officer: Desk, clerk: Desk, forwarded: str, node: Node, centre: Node
) -> None:
    act(officer, forwarded, "send_back", reason="申请表没有签名")
    meet(node, centre)
    page = clerk.get(f"/cases/{forwarded}").text
    assert "申请表没有签名" in page
    press(clerk, forwarded, "forward")
    assert case_of(node, forwarded).state is CaseState.FORWARDED


def test_a_withdrawal_is_asked_for_at_the_counter_and_granted_by_the_holder(
    officer: Desk, clerk: Desk, forwarded: str, node: Node, centre: Node
) -> None:
    act(clerk, forwarded, "ask_withdrawal", reason="不办了")
    meet(node, centre)
    page = officer.get(f"/cases/{forwarded}").text
    assert "申请人要求撤回" in page
    assert "申请人说：不办了" in officer.get(f"/cases/{forwarded}/do/settle_request").text
    request = hidden(officer, forwarded, "settle_request", "request")
    act(officer, forwarded, "settle_request", granted="yes", request=request)
    assert case_of(centre, forwarded).state is CaseState.WITHDRAWN


def test_an_open_request_stops_the_decision_until_it_is_answered(
    officer: Desk, forwarded: str, node: Node, centre: Node
) -> None:
    press(officer, forwarded, "accept")
    meet(node, centre)
    ask_back(node, forwarded)
    op = op_of(officer, forwarded, "approve")
    meet(node, centre)
    answer = send(officer, forwarded, "approve", op=op)
    assert answer.status_code == 409
    assert "有未答复的申请" in answer.text
    request = hidden(officer, forwarded, "settle_request", "request")
    refused = send(officer, forwarded, "settle_request", granted="no", request=request)
    assert refused.status_code == 400
    act(officer, forwarded, "settle_request", granted="no", words="已在办理", request=request)
    act(officer, forwarded, "approve")


def test_after_the_decision_a_withdrawal_cannot_be_granted(
    officer: Desk, forwarded: str, node: Node, centre: Node
) -> None:
    press(officer, forwarded, "accept")
    act(officer, forwarded, "approve")
    meet(node, centre)
    request = ask_back(node, forwarded)
    meet(node, centre)
    answer = send(officer, forwarded, "settle_request", granted="yes", request=request)
    assert answer.status_code == 400
    assert "已经作出决定，不能再撤回" in answer.text


def test_the_holder_withdraws_at_the_counter(lead: Desk, node: Node) -> None:
    number = receive(lead, AT_ONCE)
    act(lead, number, "withdraw")
    assert case_of(node, number).state is CaseState.WITHDRAWN


def test_the_last_step_can_be_voided_with_a_reason(
    officer: Desk, forwarded: str, centre: Node
) -> None:
    press(officer, forwarded, "accept")
    act(officer, forwarded, "approve")
    event = hidden(officer, forwarded, "void", "event")
    assert send(officer, forwarded, "void", event=event).status_code == 400
    act(officer, forwarded, "void", event=event, reason="点错了")
    assert case_of(centre, forwarded).state is CaseState.ACCEPTED
    page = officer.get(f"/cases/{forwarded}").text
    assert "已作废" in page
    assert "点错了" in page


def test_only_the_step_that_was_seen_is_voided(officer: Desk, forwarded: str, centre: Node) -> None:
    press(officer, forwarded, "accept")
    seen = hidden(officer, forwarded, "void", "event")
    act(officer, forwarded, "approve")
    answer = send(officer, forwarded, "void", event=seen, reason="点错了")
    assert answer.status_code == 409
    assert "又有变化" in answer.text
    assert case_of(centre, forwarded).state is CaseState.APPROVED


def test_what_the_resident_was_told_is_not_voided(lead: Desk, node: Node) -> None:
    number = receive(lead, AT_ONCE)
    act(lead, number, "at_once", result="paper", to="applicant", checked="核对身份证")
    answer = lead.get(f"/cases/{number}/do/void")
    assert answer.status_code == 409
    assert case_of(node, number).state is CaseState.COMPLETED


def test_an_original_of_an_application_not_accepted_is_handed_back(
    officer: Desk, clerk: Desk, forwarded: str, node: Node, centre: Node
) -> None:
    papers = [p.number for p in _parcels(node, forwarded)]
    with centre.local() as local, local.writing() as w:
        w.state("parcel.arrived", papers[0], {}, actor="s-m1")
    act(officer, forwarded, "not_accept", reason="不归本区")
    meet(node, centre)
    assert "当面交付" not in clerk.get(f"/cases/{forwarded}").text
    desk_answer = officer.get(f"/cases/{forwarded}/do/hand_out")
    assert "移出经营异常名录申请表" in desk_answer.text
    act(officer, forwarded, "hand_out", positions="1", to="applicant", checked="核对身份证")
    meet(node, centre)
    act(clerk, forwarded, "tell", how="phone")
    press(clerk, forwarded, "close")
    assert case_of(node, forwarded).state is CaseState.CLOSED


def _parcels(node: Node, number: str) -> tuple[Any, ...]:
    with node.local() as local:
        return local.store.parcels_of(number)


def test_an_original_can_be_filed_where_it_lies(
    officer: Desk, forwarded: str, node: Node, centre: Node
) -> None:
    with centre.local() as local, local.writing() as w:
        w.state("parcel.arrived", _parcels(centre, forwarded)[0].number, {}, actor="s-m1")
    act(officer, forwarded, "not_accept", reason="不归本区")
    act(officer, forwarded, "file_originals", positions="1")
    assert case_of(centre, forwarded).filed == (1,)


def test_a_case_is_not_closed_while_something_is_owed(lead: Desk, node: Node) -> None:
    number = receive(lead, AT_ONCE)
    press(lead, number, "accept")
    act(lead, number, "approve")
    act(lead, number, "complete", result="paper", delivery="window")
    act(lead, number, "tell", how="phone")
    page = lead.get(f"/cases/{number}").text
    assert "归档前还差：还没有交到申请人手里：办理结果" in page
    answer = send(lead, number, "close")
    assert answer.status_code == 409
    assert case_of(node, number).state is CaseState.COMPLETED


def test_handing_out_names_who_was_checked(lead: Desk, node: Node) -> None:
    number = receive(lead, AT_ONCE)
    press(lead, number, "accept")
    act(lead, number, "approve")
    act(lead, number, "complete", result="paper", delivery="window")
    nothing = send(lead, number, "hand_out", to="applicant", checked="核对身份证")
    assert "请勾选这次交付了什么" in nothing.text
    unchecked = send(lead, number, "hand_out", positions="0", to="applicant", checked="")
    assert "请填写怎样核对的身份" in unchecked.text
    nobody = send(lead, number, "hand_out", positions="0", to="agent", checked="核对")
    assert "请填写代理人姓名" in nobody.text
    act(lead, number, "hand_out", positions="0", to="agent", receiver="王代办", checked="核对")
    assert sealed_of(node, number) == {"receiver": "王代办", "checked": "核对"}


# twice, stale, altered


def test_sending_a_form_twice_does_it_once(officer: Desk, forwarded: str, centre: Node) -> None:
    press(officer, forwarded, "accept")
    op = op_of(officer, forwarded, "approve")
    assert send(officer, forwarded, "approve", op=op).status_code == 303
    assert send(officer, forwarded, "approve", op=op).status_code == 303
    types = [step.type for step in case_of(centre, forwarded).steps]
    assert types.count("case.approved") == 1


def test_pressing_a_button_twice_does_it_once(officer: Desk, forwarded: str, centre: Node) -> None:
    op = op_of(officer, forwarded, "not_accept")
    assert send(officer, forwarded, "accept", op=op).status_code == 303
    assert send(officer, forwarded, "accept", op=op).status_code == 303
    assert [s.verdict for s in case_of(centre, forwarded).steps] == ["ok"] * 3


def test_a_stale_page_changes_nothing_and_shows_how_things_stand(
    officer: Desk, forwarded: str, centre: Node
) -> None:
    press(officer, forwarded, "accept")
    stale = op_of(officer, forwarded, "refuse")
    act(officer, forwarded, "approve")
    answer = send(officer, forwarded, "refuse", op=stale, grounds="不符合", remedies="可以复议")
    assert answer.status_code == 409
    assert "不能不予许可" in answer.text
    assert "不符合" in answer.text
    assert "准予，待办结" in answer.text
    assert case_of(centre, forwarded).state is CaseState.APPROVED


def test_a_stale_button_shows_the_case_as_it_is(
    officer: Desk, forwarded: str, centre: Node
) -> None:
    act(officer, forwarded, "not_accept", reason="不归本区")
    answer = send(officer, forwarded, "accept")
    assert answer.status_code == 409
    assert "不能受理" in answer.text


@pytest.mark.parametrize("op", ["", "nonsense", "../../etc"])
def test_a_form_without_a_proper_operation_is_refused(
    officer: Desk, forwarded: str, centre: Node, op: str
) -> None:
    answer = officer.post(f"/cases/{forwarded}/do/accept", {"op": op})
    assert answer.status_code == 400
    assert case_of(centre, forwarded).state is CaseState.FORWARDED


def test_a_form_without_the_pages_token_is_refused(officer: Desk, forwarded: str) -> None:
    answer = officer.client.post(f"/cases/{forwarded}/do/accept", data={"op": "0" * 16})
    assert answer.status_code == 400


# who may not


def test_the_receiving_point_cannot_decide_what_it_forwarded(
    lead: Desk, forwarded: str, node: Node
) -> None:
    answer = send(lead, forwarded, "accept")
    assert answer.status_code == 409
    assert "只有有审批权的部门可以受理" in answer.text
    assert "不予受理" not in lead.get(f"/cases/{forwarded}").text
    assert case_of(node, forwarded).state is CaseState.FORWARDED


@pytest.mark.parametrize("name", [n for n, a in ACTIONS.items() if a.departmental])
def test_an_officer_of_another_department_decides_nothing(
    centre_app: Flask, forwarded: str, centre: Node, name: str
) -> None:
    health = sign_in(centre_app, "wei")
    page = health.get(f"/cases/{forwarded}").text
    assert f"/do/{name}" not in page
    answer = send(health, forwarded, name, reason="理由", approved="yes")
    assert answer.status_code in (400, 403, 409)
    assert case_of(centre, forwarded).state is CaseState.FORWARDED


def test_an_officer_of_another_department_is_told_whose_case_it_is(
    centre_app: Flask, forwarded: str
) -> None:
    health = sign_in(centre_app, "wei")
    answer = send(health, forwarded, "accept")
    assert answer.status_code == 403
    assert "不在您负责的部门内" in answer.text


@pytest.mark.parametrize("login", ["lin", "zhang"])
def test_counter_and_mail_desk_do_not_decide(
    app: Flask, direct: str, node: Node, login: str
) -> None:
    desk = sign_in(app, login)
    answer = send(desk, direct, "accept")
    assert answer.status_code == 403
    assert "要由审批人员、负责人来做" in answer.text
    assert case_of(node, direct).state is CaseState.RECEIVED


def test_the_mail_desk_does_not_tell_the_resident(app: Flask, lead: Desk, node: Node) -> None:
    number = receive(lead, AT_ONCE)
    act(lead, number, "at_once", result="none", to="applicant", checked="核对")
    mailer = sign_in(app, "zhang")
    answer = send(mailer, number, "close")
    assert answer.status_code == 403
    assert case_of(node, number).state is CaseState.COMPLETED


def test_a_stranger_sees_no_case_and_does_nothing(stranger: Desk, direct: str, node: Node) -> None:
    assert stranger.get("/cases").status_code == 403
    assert stranger.get(f"/cases/{direct}").status_code == 403
    assert send(stranger, direct, "accept").status_code == 403
    assert case_of(node, direct).state is CaseState.RECEIVED


def test_nobody_acts_without_signing_in(app: Flask, direct: str, node: Node) -> None:
    desk = Desk(app.test_client())
    desk.get("/signin/")
    assert desk.get(f"/cases/{direct}").status_code == 302
    assert send(desk, direct, "accept").status_code == 401
    assert case_of(node, direct).state is CaseState.RECEIVED


def test_an_unknown_act_or_case_is_not_found(lead: Desk, direct: str) -> None:
    assert lead.get(f"/cases/{direct}/do/destroy").status_code == 404
    assert lead.get("/cases/GL017-261122-0042-K/do/accept").status_code == 404


def test_a_long_reason_is_refused_before_anything_is_written(
    officer: Desk, forwarded: str, centre: Node
) -> None:
    answer = send(officer, forwarded, "not_accept", reason="长" * 2001)
    assert answer.status_code == 400
    assert "最多 2000 个字" in answer.text
    assert case_of(centre, forwarded).state is CaseState.FORWARDED


def test_what_officers_type_is_text_and_never_markup(
    officer: Desk, forwarded: str, clock: Clock
) -> None:
    act(officer, forwarded, "not_accept", reason='<script>alert(1)</script>"><b>')
    page = officer.get(f"/cases/{forwarded}").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page
