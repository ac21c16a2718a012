"""A slip of the pen is mended at the window, and from then on the new value is read everywhere."""

from __future__ import annotations

from node.local import Node
from tests.labels.paper import text
from tests.node.casework import AT_ONCE, act, case_of, send
from tests.node.conftest import Desk, tell_all
from tests.node.receiving import AGENT, receive

FIRM = "SCJG-000101"

WRONG, RIGHT = "13805911234", "13805914321"


def test_a_wrong_phone_and_name_are_corrected_and_read_everywhere(
    clerk: Desk, lead: Desk, officer: Desk, node: Node, centre: Node
) -> None:
    number = receive(clerk, FIRM)
    tell_all(node, centre)
    page = clerk.get(f"/cases/{number}").text
    assert f"/cases/{number}/do/correct_here" in page
    form = clerk.get(f"/cases/{number}/do/correct_here").text
    for words in (
        'value="福州某某餐饮管理有限公司"',
        'value="0591-87654321"',
        "请撤回本件，重新收件",
    ):
        assert words in form, words
    assert "document_number" not in form
    act(clerk, number, "correct_here", name="福州某某饮食管理有限公司", phone=RIGHT,
        contact="陈建国", note="")  # fmt: skip
    step = case_of(node, number).steps[-1]
    assert step.data["fields"] == ["name", "phone"], "only what was changed is stated"
    page = clerk.get(f"/cases/{number}").text
    assert "改了申请人姓名或名称、联系电话" in page
    assert RIGHT not in page, "the history names the fields, the panel masks the value"
    assert "福州某某饮食管理有限公司" in text(clerk.get(f"/cases/{number}/receipt.pdf").data)
    assert number in clerk.get(f"/cases?show=all&q={RIGHT}").text
    assert "当场更正" in lead.get(f"/cases/{number}").text, "that it was shown in full was noted"
    tell_all(node, centre)
    full = officer.post(f"/cases/{number}/reveal").text
    assert RIGHT in full, "the deciding department reads the new one"


def test_mistakes_are_listed_and_nothing_is_stated(clerk: Desk, node: Node) -> None:
    number = receive(clerk, AT_ONCE, **AGENT, paper=["1", "2", "3"])
    steps = case_of(node, number).steps
    same = {"name": "林小梅", "phone": WRONG, "agent_name": "王代办", "agent_phone": "13900001111"}
    for changed, words in (
        ({}, "还没有改动"),
        ({"phone": "12"}, "电话"),
        ({"agent_name": ""}, "代办人姓名不能空着"),
        ({"name": "", "agent_phone": "x"}, "申请人姓名或名称不能空着"),
    ):
        answer = send(clerk, number, "correct_here", **{**same, **changed})
        assert answer.status_code == 400, changed
        assert words in answer.text, changed
    assert case_of(node, number).steps == steps


def test_the_same_form_sent_twice_corrects_once(clerk: Desk, node: Node) -> None:
    number = receive(clerk, FIRM)
    said = {"name": "福州某某餐饮管理有限公司", "phone": RIGHT, "contact": "陈建国"}
    for _ in range(2):
        assert send(clerk, number, "correct_here", **said).status_code == 303
    assert [s.type for s in case_of(node, number).steps].count("case.corrected_on_spot") == 1


def test_a_mail_clerk_does_not_correct_and_after_acceptance_nobody_does(
    clerk: Desk, mailer: Desk, officer: Desk, node: Node, centre: Node
) -> None:
    number = receive(clerk, FIRM)
    mailer.get(f"/cases/{number}")
    said = {"name": "别家公司", "phone": RIGHT, "contact": "陈建国"}
    assert send(mailer, number, "correct_here", **said).status_code == 403
    tell_all(node, centre)
    with centre.local() as local, local.writing() as w:
        w.state("case.accepted", number, {}, actor="s-o1")
    tell_all(centre, node)
    answer = clerk.get(f"/cases/{number}/do/correct_here")
    assert answer.status_code == 409
    assert "不能当场更正" in answer.text
