"""From reception to decision at two windows: correction, lapse, procedures, extension, calls."""

from __future__ import annotations

from typing import Any

import pytest

from cases.states import CaseState
from node.local import Node
from tests.node.casework import TWO_DAYS, act, case_of, hidden, meet, op_of, press, send
from tests.node.conftest import Clock, Desk
from tests.node.receiving import receive

DAY = 86_400
NOTICE = {
    "reason-1": "unsigned", "words-1": "第二页没有盖章", "reason-0": "wrong", "days": "3",
    "whole": "yes",
}  # fmt: skip


@pytest.fixture
def forwarded(clerk: Desk, node: Node, centre: Node) -> str:
    """A case that the district decides, known to both."""
    number = receive(clerk, TWO_DAYS)
    meet(node, centre)
    return number


@pytest.fixture
def noticed(forwarded: str, officer: Desk, node: Node, centre: Node) -> str:
    """The same, once the officer has told what to correct."""
    act(officer, forwarded, "notice_correction", **NOTICE)
    meet(node, centre)
    return forwarded


def sealed_of(node: Node, number: str) -> dict[str, Any]:
    with node.local() as local:
        return local.store.unseal(local.store.events(number)[-1])


def supplemented(clerk: Desk, number: str, node: Node, centre: Node) -> None:
    act(clerk, number, "supplement", positions=["1", "0"], how="brought", words="盖好章了")
    meet(node, centre)


def settled(officer: Desk, number: str, granted: str, **more: str) -> None:
    request = hidden(officer, number, "settle_request", "request")
    act(officer, number, "settle_request", granted=granted, request=request, **more)


def test_everything_that_is_wrong_is_told_at_once_and_stands_on_both_pages(
    noticed: str, officer: Desk, clerk: Desk, centre: Node
) -> None:
    case = case_of(centre, noticed)
    assert case.correction is not None
    assert [(d.position, d.reason) for d in case.correction.defects] == [
        (0, "wrong"), (1, "unsigned"),
    ]  # fmt: skip
    for desk in (officer, clerk):
        page = desk.get(f"/cases/{noticed}").text
        assert "第二页没有盖章" in page
        assert "共 2 项（填写有误、没有签名或盖章），3 个工作日内补正" in page
        assert "申请人补正期限 11月26日（周四）" in page
    assert "/do/notice_correction" not in officer.get(f"/cases/{noticed}").text


NOT_WHOLE = [
    ({"whole": ""}, "只能告知一次"),
    ({"reason-1": "", "reason-0": "", "words-1": ""}, "请至少给一份材料选出问题"),
    ({"reason-1": ""}, "请选出是什么问题"),
    ({"reason-1": "other", "words-1": ""}, "这一项必须填写"),
    ({"reason-1": "ugly"}, "请选一项"),
    ({"days": "0"}, "请填 1 到 60 天"),
    ({"days": "soon"}, "请填 1 到 60 天"),
    ({"days": ""}, "请填写天数"),
]


def test_a_notice_that_is_not_whole_is_not_given_and_what_was_typed_stays(
    forwarded: str, officer: Desk, centre: Node
) -> None:
    for changed, words in NOT_WHOLE:
        answer = send(officer, forwarded, "notice_correction", **{**NOTICE, **changed})
        assert answer.status_code == 400
        assert words in answer.text, changed
        assert "wrong" in answer.text
    assert case_of(centre, forwarded).state is CaseState.FORWARDED


def test_a_second_notice_is_refused_with_its_sentence(
    noticed: str, officer: Desk, centre: Node
) -> None:
    answer = send(officer, noticed, "notice_correction", **NOTICE)
    assert answer.status_code == 409
    assert "补正的内容只能一次告知" in answer.text
    assert len(case_of(centre, noticed).steps) == 3


def test_what_was_missing_is_taken_in_at_the_window_and_taken_on_by_the_officer(
    noticed: str, clerk: Desk, officer: Desk, node: Node, centre: Node
) -> None:
    assert "告知申请人要补正什么" in clerk.get("/").text
    supplemented(clerk, noticed, node, centre)
    page = officer.get(f"/cases/{noticed}/do/settle_request").text
    assert "齐全，予以受理" in page
    settled(officer, noticed, "yes")
    case = case_of(centre, noticed)
    assert case.state is CaseState.ACCEPTED
    assert case.requests == ()


def test_what_is_still_not_right_is_said_with_words_and_the_case_waits_on(
    noticed: str, clerk: Desk, officer: Desk, node: Node, centre: Node
) -> None:
    supplemented(clerk, noticed, node, centre)
    settled(officer, noticed, "no", words="盖的是财务章")
    case = case_of(centre, noticed)
    assert (case.state, case.supplements[0].answer) == (CaseState.CORRECTION, "denied")
    meet(node, centre)
    assert "盖的是财务章" in clerk.get(f"/cases/{noticed}").text


def test_a_clerk_takes_in_only_what_was_asked_for(noticed: str, clerk: Desk, node: Node) -> None:
    answer = send(clerk, noticed, "supplement", positions="2", how="brought")
    assert answer.status_code == 400
    answer = send(clerk, noticed, "supplement", how="brought")
    assert "请勾选补交了哪些" in answer.text
    assert case_of(node, noticed).requests == ()


def test_nothing_came_in_time_so_the_case_lapses_and_its_papers_go_back(
    noticed: str, officer: Desk, clerk: Desk, node: Node, centre: Node, clock: Clock
) -> None:
    answer = send(officer, noticed, "lapse", reason="逾期")
    assert answer.status_code == 409
    assert "补正期限到11月26日（周四），还没有过" in answer.text
    clock.forward(seconds=4 * DAY)
    assert "逾期没有补正，终止" in officer.get("/").text
    assert "申请人没有提交补正材料" in officer.get(f"/cases/{noticed}/do/lapse").text
    act(officer, noticed, "lapse", reason="补正期限届满，没有补正。")
    meet(node, centre)
    assert case_of(node, noticed).state is CaseState.LAPSED
    page = clerk.get(f"/cases/{noticed}").text
    assert "逾期未补正，已终止" in page
    assert "告知申请人" in page


def test_a_supplement_given_in_time_and_heard_of_late_revives_the_case(
    noticed: str, officer: Desk, clerk: Desk, node: Node, centre: Node, clock: Clock
) -> None:
    act(clerk, noticed, "supplement", positions=["1"], how="brought")
    clock.forward(seconds=4 * DAY)
    act(officer, noticed, "lapse", reason="没有补正")
    meet(node, centre)
    assert case_of(centre, noticed).state is CaseState.LAPSED
    page = officer.get(f"/cases/{noticed}/do/settle_request").text
    assert "终止随即作废" in page
    settled(officer, noticed, "yes")
    meet(node, centre)
    for each in (node, centre):
        assert case_of(each, noticed).state is CaseState.ACCEPTED


def test_a_hearing_stops_the_clock_and_its_end_lets_it_run(
    forwarded: str, officer: Desk, centre: Node, clock: Clock
) -> None:
    press(officer, forwarded, "accept")
    act(officer, forwarded, "suspend", kind="hearing", days="10", words="12月4日开听证会")
    page = officer.get(f"/cases/{forwarded}").text
    assert "听证预计到 12月7日（周一），审批期限暂停计算" in page
    assert "听证，预计 10 个工作日" in page
    assert "/do/approve" not in page
    clock.forward(seconds=10 * DAY)
    press(officer, forwarded, "resume")
    page = officer.get(f"/cases/{forwarded}").text
    assert "办结期限 12月7日（周一）" in page  # two working days, and nine that did not count


def test_a_procedure_that_the_law_does_not_name_is_not_offered(
    forwarded: str, officer: Desk, centre: Node
) -> None:
    press(officer, forwarded, "accept")
    answer = send(officer, forwarded, "suspend", kind="holiday", days="10")
    assert answer.status_code == 400
    assert case_of(centre, forwarded).state is CaseState.ACCEPTED


def test_a_period_is_extended_once_with_who_approved_it_and_why(
    forwarded: str, officer: Desk, centre: Node
) -> None:
    press(officer, forwarded, "accept")
    answer = send(officer, forwarded, "extend", days="11", approver="陈局长", reason="情况复杂")
    assert answer.status_code == 400
    assert "请填 1 到 10 天" in answer.text
    act(officer, forwarded, "extend", days="10", approver="陈局长", reason="情况复杂")
    page = officer.get(f"/cases/{forwarded}").text
    assert "批准人：陈局长" in page
    assert "办结期限 12月9日（周三）" in page
    answer = send(officer, forwarded, "extend", days="1", approver="陈局长", reason="还要")
    assert answer.status_code == 409
    assert "只能延长一次" in answer.text


def test_a_period_that_is_over_is_not_extended(forwarded: str, officer: Desk, clock: Clock) -> None:
    press(officer, forwarded, "accept")
    clock.forward(seconds=3 * DAY)
    answer = send(officer, forwarded, "extend", days="1", approver="陈局长", reason="忘了")
    assert answer.status_code == 409
    assert "已经届满" in answer.text


def test_after_five_days_of_silence_the_case_is_accepted_and_cannot_be_turned_away(
    forwarded: str, officer: Desk, centre: Node, clock: Clock
) -> None:
    stale = op_of(officer, forwarded, "notice_correction")
    clock.forward(seconds=8 * DAY)
    for path in ("/cases", f"/cases/{forwarded}", "/"):
        assert "已视为受理" in officer.get(path).text
    for name in ("notice_correction", "not_accept"):
        assert f"/do/{name}" not in officer.get(f"/cases/{forwarded}").text
    answer = send(officer, forwarded, "notice_correction", op=stale, **NOTICE)
    assert answer.status_code == 409
    assert "已依法视为受理" in answer.text
    press(officer, forwarded, "accept")
    assert case_of(centre, forwarded).state is CaseState.ACCEPTED
    assert "已视为受理" not in officer.get("/cases").text


def test_calls_are_logged_and_the_one_that_tells_the_decision_is_the_telling(
    forwarded: str, officer: Desk, clerk: Desk, node: Node, centre: Node
) -> None:
    act(officer, forwarded, "not_accept", reason="不归本区")
    meet(node, centre)
    act(clerk, forwarded, "call", reached="no", about="decision", next="2026-11-25")
    assert "打过 1 次没有打通，下次 2026-11-25" in clerk.get("/").text
    assert not case_of(node, forwarded).told_at
    act(clerk, forwarded, "call", reached="yes", about="decision", words="说明了去哪里办")
    case = case_of(node, forwarded)
    assert case.told_at
    assert [call.reached for call in case.calls] == [False, True]
    page = clerk.get(f"/cases/{forwarded}").text
    assert "办理结果：没有打通，下次 2026-11-25" in page
    assert "说明了去哪里办" in page


def test_reaching_the_applicant_about_a_correction_ends_the_task(noticed: str, clerk: Desk) -> None:
    act(clerk, noticed, "call", reached="yes", about="correction")
    assert "告知申请人要补正什么" not in clerk.get("/").text


def test_a_day_for_the_next_call_that_is_over_is_refused(noticed: str, clerk: Desk) -> None:
    answer = send(clerk, noticed, "call", reached="no", about="correction", next="2026-11-20")
    assert answer.status_code == 400
    assert "不能早于今天" in answer.text
    answer = send(clerk, noticed, "call", reached="no", about="correction", next="tomorrow")
    assert "日期不对" in answer.text


def test_a_notice_is_not_voided(noticed: str, officer: Desk) -> None:
    assert "/do/void" not in officer.get(f"/cases/{noticed}").text
    answer = send(officer, noticed, "void", event=noticed, reason="手误")
    assert answer.status_code == 409
