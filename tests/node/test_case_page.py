"""The case page: what it says, what it keeps masked, and what it notes when it shows more."""

from __future__ import annotations

import pytest
from flask import Flask

from node import reveal
from node.local import Node
from tests.node.casework import (
    AT_ONCE,
    FOOD,
    SLIP,
    TWO_DAYS,
    case_of,
    confirm,
    fill_slip,
    meet,
    op_in,
    press,
    send,
)
from tests.node.central_says import state as state_as_central
from tests.node.conftest import Desk, receipt_all, sign_in
from tests.node.receiving import AGENT, ID, receive


@pytest.fixture
def direct(clerk: Desk) -> str:
    return receive(clerk, AT_ONCE, **AGENT, paper=["1", "2", "3"])


def showings(node: Node, number: str) -> list[tuple[str, str]]:
    with node.local() as local:
        return [(s.actor, s.what) for s in reveal.of_subject(local, number)]


def test_a_case_says_where_it_stands_and_who_holds_it(clerk: Desk, direct: str) -> None:
    page = clerk.get(f"/cases/{direct}").text
    for words in (
        "社会保障卡即时补换协办",
        direct,
        "已收件",
        "现在由本窗口经办",
        "区人力资源和社会保障局",
    ):
        assert words in page


def test_personal_data_is_masked_until_the_showing_is_noted(
    clerk: Desk, direct: str, node: Node
) -> None:
    page = clerk.get(f"/cases/{direct}").text
    for private in ("林小梅", ID, "13805911234", "王代办", "110105194912310046", "13900001111"):
        assert private not in page
    assert "林*梅" in page
    assert showings(node, direct) == []
    full = clerk.post(f"/cases/{direct}/reveal").text
    for private in ("林小梅", ID, "13805911234", "王代办", "110105194912310046", "13900001111"):
        assert private in full
    assert showings(node, direct) == [("s-c1", "申请人、代办人和寄递单的完整信息")]


def test_who_is_responsible_sees_who_looked(clerk: Desk, lead: Desk, direct: str) -> None:
    clerk.get(f"/cases/{direct}")
    clerk.post(f"/cases/{direct}/reveal")
    assert "谁看过完整信息" not in clerk.get(f"/cases/{direct}").text
    page = lead.get(f"/cases/{direct}").text
    assert "谁看过完整信息" in page
    assert "林小燕　申请人、代办人和寄递单的完整信息" in page


def test_a_showing_is_never_asked_for_by_a_link(clerk: Desk, direct: str) -> None:
    assert clerk.get(f"/cases/{direct}/reveal").status_code == 405
    assert ID not in clerk.get(f"/cases/{direct}?reveal=1").text


def test_the_mail_desk_and_other_departments_do_not_see_who_applied(
    app: Flask, centre_app: Flask, clerk: Desk, node: Node, centre: Node
) -> None:
    number = receive(clerk, TWO_DAYS)
    meet(node, centre)
    for desk, place in ((sign_in(app, "zhang"), node), (sign_in(centre_app, "wei"), centre)):
        desk.get(f"/cases/{number}")
        answer = desk.post(f"/cases/{number}/reveal")
        assert answer.status_code == 403
        assert ID not in answer.text
        assert showings(place, number) == []


def test_the_newest_slip_is_shown_for_checking_and_confirmed_with_one_key(
    clerk: Desk, direct: str, node: Node
) -> None:
    slip = fill_slip(node, direct)
    page = clerk.get(f"/cases/{direct}").text
    assert SLIP["street"] in page
    assert 'data-key="k"' in page
    assert showings(node, direct) == [("s-c1", "寄递单的姓名、电话和地址（核对）")]
    press(clerk, direct, "confirm_slip", slip)
    assert case_of(node, direct).confirmed_slip == slip
    assert SLIP["street"] not in clerk.get(f"/cases/{direct}").text


def test_a_slip_that_was_replaced_meanwhile_is_not_confirmed(
    clerk: Desk, direct: str, node: Node
) -> None:
    old = fill_slip(node, direct)
    op = op_in(clerk.get(f"/cases/{direct}"))
    fill_slip(node, direct, street="温泉街道金汤社区1号")
    answer = send(clerk, direct, "confirm_slip", op=op, which=old)
    assert answer.status_code == 409
    assert "更新的寄递单" in answer.text
    assert "温泉街道金汤社区" in answer.text
    assert case_of(node, direct).confirmed_slip == ""


def test_every_slip_is_listed_with_what_became_of_it(clerk: Desk, direct: str, node: Node) -> None:
    confirm(node, direct, fill_slip(node, direct))
    fill_slip(node, direct)
    page = clerk.get(f"/cases/{direct}").text
    assert "之前核对过，又来了别的" in page
    assert "共 2 张" in page


def test_the_mail_desk_does_not_check_slips(app: Flask, direct: str, node: Node) -> None:
    slip = fill_slip(node, direct)
    mailer = sign_in(app, "zhang")
    assert SLIP["street"] not in mailer.get(f"/cases/{direct}").text
    assert send(mailer, direct, "confirm_slip", which=slip).status_code == 403


def test_papers_say_how_they_were_handled_and_where_they_are(
    clerk: Desk, officer: Desk, node: Node, centre: Node
) -> None:
    number = receive(clerk, FOOD)
    page = clerk.get(f"/cases/{number}").text
    assert "已装封，等快递员来取（寄往鼓楼区行政服务中心）" in page
    assert "已核验，当场退回申请人" in page
    assert "本次不需要：" in page
    meet(node, centre)
    assert "寄往本窗口" in officer.get(f"/cases/{number}").text


def test_a_fact_that_is_only_here_says_so_until_central_has_it(
    clerk: Desk, direct: str, node: Node
) -> None:
    assert "只在本机" in clerk.get(f"/cases/{direct}").text
    receipt_all(node)
    page = clerk.get(f"/cases/{direct}").text
    assert "只在本机" not in page
    assert "已上报" in page


def test_a_fact_set_aside_is_shown_with_its_reason(clerk: Desk, direct: str, node: Node) -> None:
    state_as_central(node, "case.accepted", direct, {})
    page = clerk.get(f"/cases/{direct}").text
    assert "未被采纳" in page
    assert "只有有审批权的部门可以受理" in page
    assert case_of(node, direct).state.value == "received"


def test_a_case_of_a_newer_version_is_only_looked_at(lead: Desk, node: Node) -> None:
    number = receive(lead, AT_ONCE)
    state_as_central(node, "case.teleported", number, {"to": "moon"})
    page = lead.get(f"/cases/{number}").text
    assert "只能查看，不能办理" in page
    assert "新版本的记录（case.teleported）" in page
    assert "/do/" not in page
    answer = send(lead, number, "accept")
    assert answer.status_code == 409
    assert "请先升级软件" in answer.text


def test_a_name_is_text_and_never_markup(clerk: Desk, direct: str, node: Node) -> None:
    fill_slip(node, direct, name="<img src=x onerror=alert(1)>", street='"><script>x</script>')
    page = clerk.get(f"/cases/{direct}").text
    assert "<img src=x" not in page
    assert "<script>x" not in page
    assert "&lt;img src=x" in page


def test_a_number_is_found_however_it_is_typed(clerk: Desk, direct: str) -> None:
    answer = clerk.get(f"/cases/{direct.lower().replace('-', '')}")
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"/cases/{direct}"


@pytest.mark.parametrize("number", ["GL017-261122-0042-K", "nonsense", "..", "V" * 300])
def test_a_case_that_is_not_here_says_what_to_do(clerk: Desk, number: str) -> None:
    answer = clerk.get(f"/cases/{number}")
    assert answer.status_code == 404


def test_what_is_shown_is_not_kept_by_the_browser(clerk: Desk, direct: str) -> None:
    assert clerk.post(f"/cases/{direct}/reveal").headers["Cache-Control"] == "no-store"
