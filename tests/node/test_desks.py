"""Among the people of a department, and among departments: through the window's pages."""

from __future__ import annotations

import pytest
from flask import Flask

from cases.states import CaseState
from node.local import Node
from tests.node.casework import AT_ONCE, TWO_DAYS, act, case_of, meet, press, send
from tests.node.conftest import CENTRE, Clock, Desk, sign_in
from tests.node.receiving import receive
from tests.node.test_worklist import rows

HEALTH, OPTION = f"WJ@{CENTRE}", f'value="WJ@{CENTRE}"'


@pytest.fixture
def number(clerk: Desk, node: Node, centre: Node) -> str:
    """A case that waits at the centre for the market department."""
    made = receive(clerk, TWO_DAYS)
    meet(node, centre)
    return made


@pytest.fixture
def health(centre_app: Flask) -> Desk:
    """卫科长, of the health department alone."""
    return sign_in(centre_app, "wei")


@pytest.fixture
def chief(centre_app: Flask) -> Desk:
    return sign_in(centre_app, "wang")


def ask(desk: Desk, number: str, *departments: str) -> None:
    act(
        desk, number, "ask_opinion", question="经营场所能否办这个业务？", days="3",
        departments=list(departments or (HEALTH,)),
    )  # fmt: skip


def test_a_case_that_is_taken_up_is_decided_by_whoever_has_it_or_the_lead(
    officer: Desk, chief: Desk, number: str, centre: Node
) -> None:
    press(officer, number, "take_up")
    assert case_of(centre, number).officer == "s-o1"
    page = officer.get(f"/cases/{number}").text
    assert "陈主任已接手" in page
    assert "do/take_up" not in page
    act(officer, number, "hand_over", to="pool")
    press(chief, number, "take_up")
    answer = send(officer, number, "accept")
    assert answer.status_code == 403
    assert "本件已由同事接手" in answer.text
    act(chief, number, "hand_over", to="pool", note="下午开会")
    press(officer, number, "take_up")
    press(chief, number, "accept")
    assert case_of(centre, number).state is CaseState.ACCEPTED


def test_a_case_is_handed_to_a_colleague_with_a_note(
    officer: Desk, chief: Desk, number: str, centre: Node
) -> None:
    press(officer, number, "take_up")
    page = officer.get(f"/cases/{number}/do/hand_over").text
    assert "officer:s-l1" in page
    assert "officer:s-o1" not in page  # who has it already
    assert "officer:s-o2" not in page  # who has nothing to do with this department
    for to in ("officer:s-c1", "department:SCJG", "department:JD", "s-l1"):
        assert send(officer, number, "hand_over", to=to, note="x").status_code == 400, to
    act(officer, number, "hand_over", to="officer:s-l1", note="材料齐了，差现场核查")
    assert case_of(centre, number).officer == "s-l1"
    page = chief.get(f"/cases/{number}").text
    assert "交给王站长" in page
    assert "材料齐了，差现场核查" in page


def test_another_department_finds_what_was_handed_over_to_it(
    officer: Desk, health: Desk, number: str, centre: Node
) -> None:
    assert rows(health.get("/cases").text) == []
    press(officer, number, "take_up")
    act(officer, number, "hand_over", to="department:WJ", note="属于食品卫生")
    case = case_of(centre, number)
    assert (case.department, case.officer) == ("WJ", "")
    assert rows(health.get("/cases").text) == [number]
    assert "转给区卫生健康局" in health.get(f"/cases/{number}").text


def test_a_department_that_is_asked_finds_the_question_and_answers_once(
    officer: Desk, health: Desk, number: str, centre: Node
) -> None:
    ask(officer, number)
    assert rows(health.get("/cases").text) == [number]
    assert "答复征求意见" in health.get("/").text
    page = health.get(f"/cases/{number}/do/give_opinion").text
    assert "经营场所能否办这个业务？" in page
    answer = send(health, number, "give_opinion", request="x", view="object", words="不行")
    assert answer.status_code == 409
    request = case_of(centre, number).opinions[0].event
    missing = send(health, number, "give_opinion", op="0" * 16, request=request, view="object")
    assert missing.status_code == 400
    act(health, number, "give_opinion", request=request, view="object", words="缺消防验收")
    page = officer.get(f"/cases/{number}").text
    assert "不同意" in page
    assert "缺消防验收" in page
    again = send(health, number, "give_opinion", op="1" * 16, request=request, view="agree")
    assert again.status_code == 409
    assert rows(health.get("/cases").text) == []


def test_only_a_department_that_was_asked_answers(
    officer: Desk, health: Desk, clerk: Desk, number: str, centre: Node, centre_app: Flask
) -> None:
    ask(officer, number, f"GAJ@{CENTRE}")
    request = case_of(centre, number).opinions[0].event
    answer = send(health, number, "give_opinion", request=request, view="agree")
    assert answer.status_code == 403
    assert "没有征求您负责的部门的意见" in answer.text
    at_the_counter = sign_in(centre_app, "lin")
    answer = send(at_the_counter, number, "give_opinion", request=request, view="agree")
    assert answer.status_code == 403
    assert send(clerk, number, "give_opinion", request=request, view="agree").status_code == 409


def test_a_decision_goes_on_without_an_opinion_only_if_somebody_says_so(
    officer: Desk, number: str, centre: Node
) -> None:
    press(officer, number, "accept")
    ask(officer, number, HEALTH, f"GAJ@{CENTRE}")
    assert "还有 2 个部门没有答复意见" in officer.get("/").text
    page = officer.get(f"/cases/{number}/do/approve").text
    assert "未等回复" in page
    assert "福州市公安局鼓楼分局、区卫生健康局还没有答复" in page
    answer = send(officer, number, "approve")
    assert answer.status_code == 400
    assert "不等回复的请勾选" in answer.text
    for_want = send(officer, number, "refuse", op="2" * 16, grounds="缺", remedies="复议")
    assert for_want.status_code == 400
    act(officer, number, "approve", unheard="1")
    page = officer.get(f"/cases/{number}").text
    assert "未等 2 个部门的意见" in page
    assert "不用再答复" in page


def test_what_is_awaited_is_not_asked_again_turns_red_and_falls_away_with_a_withdrawal(
    officer: Desk, health: Desk, number: str, clock: Clock
) -> None:
    page = officer.get(f"/cases/{number}/do/ask_opinion").text
    assert OPTION in page
    assert f"SCJG@{CENTRE}" not in page
    ask(officer, number)
    assert OPTION not in officer.get(f"/cases/{number}/do/ask_opinion").text
    answer = send(officer, number, "ask_opinion", question="再问", days="3", departments=[HEALTH])
    assert answer.status_code == 400
    clock.forward(seconds=9 * 24 * 3600)
    page = officer.get(f"/cases/{number}").text
    assert 'data-light="red"' in page.split('id="opinions"')[1].split("</section>")[0]
    assert rows(health.get("/cases").text) == [number]
    act(officer, number, "withdraw")
    assert rows(health.get("/cases").text) == []
    answer = send(health, number, "give_opinion", request="x", view="agree")
    assert answer.status_code == 409


def test_a_case_settled_on_the_spot_asks_nobody(lead: Desk) -> None:
    number = receive(lead, AT_ONCE)
    assert "do/ask_opinion" not in lead.get(f"/cases/{number}").text
    typed = {"question": "?", "days": "3", "departments": [HEALTH]}
    assert send(lead, number, "ask_opinion", **typed).status_code == 409
