"""The worklist: whose turn it is, what presses, and finding a case again."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from node import worklist
from node.local import Node
from tests.node.casework import AT_ONCE, FOOD, TWO_DAYS, act, fill_slip, meet, op_in, press
from tests.node.conftest import Clock, Desk, receipt_all, sign_in
from tests.node.receiving import receive

DAY = 24 * 3600


def rows(page: str) -> list[str]:
    """The numbers of the listed cases, in order."""
    return re.findall(r'href="/cases/([^"/?]+)" data-result', page)


def test_the_list_begins_with_what_waits_for_this_person(
    clerk: Desk, officer: Desk, lead: Desk, node: Node, centre: Node
) -> None:
    here, there = receive(lead, AT_ONCE), receive(lead, TWO_DAYS)
    meet(node, centre)
    assert rows(lead.get("/cases").text) == [here]
    assert rows(officer.get("/cases").text) == [there]
    assert rows(clerk.get("/cases").text) == []
    assert "没有等您办的件" in clerk.get("/cases").text
    assert set(rows(clerk.get("/cases?show=all").text)) == {here, there}
    assert "等鼓楼区行政服务中心" in clerk.get("/cases?show=all").text


def test_a_slip_to_check_waits_for_the_counter(clerk: Desk, node: Node) -> None:
    number = receive(clerk, TWO_DAYS)
    fill_slip(node, number)
    page = clerk.get("/cases").text
    assert rows(page) == [number]
    assert "核对寄递单" in page


def test_what_is_late_comes_first_with_a_word_and_a_shape(lead: Desk, clock: Clock) -> None:
    late = receive(lead, AT_ONCE)
    clock.forward(seconds=8 * DAY)
    fresh = receive(lead, AT_ONCE)
    page = lead.get("/cases").text
    assert rows(page) == [late, fresh]
    assert "已视为受理，超期 6 个工作日" in page
    assert "受理还有 5 个工作日" in page
    assert 'data-light="red"' in page
    assert 'data-light="green"' in page


def test_an_officer_of_one_department_is_offered_only_its_cases(
    clerk: Desk, officer: Desk, centre_app: Flask, node: Node, centre: Node
) -> None:
    number = receive(clerk, FOOD)
    meet(node, centre)
    health = sign_in(centre_app, "wei")
    assert rows(health.get("/cases").text) == []
    assert rows(officer.get("/cases?department=SCJG").text) == [number]
    assert rows(officer.get("/cases?department=<script>").text) == [number]


def test_a_state_filters_the_list(lead: Desk) -> None:
    waiting, done = receive(lead, AT_ONCE), receive(lead, AT_ONCE)
    act(lead, done, "at_once", result="none", to="applicant", checked="核对")
    press(lead, done, "close")
    assert rows(lead.get("/cases?show=all&state=received").text) == [waiting]
    assert rows(lead.get("/cases?show=all&state=closed").text) == [done]
    assert "已办完" in lead.get("/cases?show=all&state=closed").text
    assert "这里没有办件" in lead.get("/cases?show=all&state=refused").text


def test_what_is_late_or_in_time_filters_the_list_beside_department_and_state(
    lead: Desk, clock: Clock
) -> None:
    late = receive(lead, AT_ONCE)
    clock.forward(seconds=8 * DAY)
    fresh = receive(lead, AT_ONCE)
    for asked, expected in {
        "light=red": [late],
        "light=green&state=received": [fresh],
        "light=amber": [],
        "light=green&state=closed": [],
        "show=all&light=red&department=RSJ": [late],
        "light=<script>": [late, fresh],
    }.items():
        assert rows(lead.get(f"/cases?{asked}").text) == expected, asked


def test_closed_cases_follow_the_running_ones_over_pages(
    lead: Desk, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worklist, "PAGE_ROWS", 2)
    numbers = [receive(lead, AT_ONCE) for _ in range(4)]
    for done in (numbers[1], numbers[3], numbers[0]):
        act(lead, done, "at_once", result="none", to="applicant", checked="核对")
        press(lead, done, "close")
        clock.forward(seconds=60)
    first, second = lead.get("/cases?show=all").text, lead.get("/cases?show=all&page=2").text
    assert "共 4 件" in first
    assert "第 1 页，共 2 页" in first
    assert rows(first) + rows(second) == [numbers[2], numbers[0], numbers[3], numbers[1]]


def test_an_officer_takes_up_several_at_once_and_sees_whose_is_whose(
    clerk: Desk, officer: Desk, centre_app: Flask, node: Node, centre: Node
) -> None:
    first, second = receive(clerk, TWO_DAYS), receive(clerk, TWO_DAYS)
    meet(node, centre)
    pool = officer.get("/cases?show=pool")
    assert sorted(rows(pool.text)) == sorted([first, second])
    ticked = {"op": op_in(pool), "number": [first, second, "GL031-261123-9999-X"]}
    answer = officer.post("/cases/take-up?show=pool", ticked)
    assert answer.headers["Location"] == "/cases?show=pool"
    page = officer.get("/cases?show=pool").text
    assert "已接手 2 件；没有接手：GL031-261123-9999-X" in page
    assert rows(page) == []
    assert sorted(rows(officer.get("/cases?show=own").text)) == sorted([first, second])
    assert officer.post("/cases/take-up", ticked).status_code == 303  # once more changes nothing
    chief = sign_in(centre_app, "wang")
    assert rows(chief.get("/cases?show=own").text) == []
    assert "陈主任接手" in chief.get("/cases?show=all").text
    assert officer.post("/cases/take-up", {"op": "x"}).status_code == 400


def test_the_desk_and_the_pool_are_the_officers(clerk: Desk, officer: Desk) -> None:
    assert "部门待接手" in officer.get("/cases").text
    assert "部门待接手" not in clerk.get("/cases").text
    assert clerk.get("/cases?show=pool").status_code == 200
    assert "没有待接手的办件" in officer.get("/cases?show=pool").text
    assert "您没有接手的办件" in officer.get("/cases?show=own").text


def test_a_case_is_found_by_name_phone_and_last_four(clerk: Desk) -> None:
    number = receive(clerk, AT_ONCE, name="欧阳𠮷䶮")
    receive(
        clerk, AT_ONCE, name="陈大文", phone="13900002222", document_number="110101199003070038"
    )
    for words in ("𠮷", "欧阳", "13805911234", "1234", "002x"):
        assert rows(clerk.get("/cases", query_string={"q": words}).text) == [number], words
    assert "没有找到" in clerk.get("/cases?q=查无此人").text


def test_a_whole_number_opens_its_case(clerk: Desk) -> None:
    number = receive(clerk, AT_ONCE)
    answer = clerk.get("/cases", query_string={"q": number.lower()})
    assert answer.headers["Location"] == f"/cases/{number}"


def test_a_parcel_is_opened_by_its_number_or_the_carriers(clerk: Desk, node: Node) -> None:
    number = receive(clerk, TWO_DAYS)
    with node.local() as local:
        parcel = local.store.parcels_of(number)[0]
    for words in (parcel.number, parcel.tracking, parcel.tracking.lower()):
        answer = clerk.get("/cases", query_string={"q": words})
        assert answer.headers["Location"] == f"/parcels/{parcel.number}"


def test_names_are_masked_in_the_list(clerk: Desk) -> None:
    receive(clerk, AT_ONCE)
    page = clerk.get("/cases?show=all").text
    assert "林*梅" in page
    assert "林小梅" not in page


def test_a_case_that_is_only_here_is_marked(clerk: Desk, node: Node) -> None:
    receive(clerk, AT_ONCE)
    assert '"amber">待上报' in clerk.get("/cases?show=all").text
    receipt_all(node)
    assert '"amber">待上报' not in clerk.get("/cases?show=all").text


def test_a_search_is_text_and_never_markup(clerk: Desk) -> None:
    page = clerk.get("/cases", query_string={"q": '"><script>alert(1)</script>%_!'}).text
    assert "<script>alert" not in page


def test_many_cases_come_in_pages(lead: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = [receive(lead, AT_ONCE) for _ in range(3)]
    monkeypatch.setattr(worklist, "PAGE_ROWS", 2)
    first, second = lead.get("/cases").text, lead.get("/cases?page=2").text
    assert "第 1 页，共 2 页" in first
    assert sorted(rows(first) + rows(second)) == sorted(numbers)
    assert rows(lead.get("/cases?page=99").text) == rows(second)
    assert lead.get("/cases?page=x").status_code == 200


def test_whose_turn_it_is_stands_in_the_row_and_on_the_page(lead: Desk, clock: Clock) -> None:
    late = receive(lead, AT_ONCE)
    clock.forward(seconds=8 * DAY)
    assert "审批部门负责人" not in lead.get("/cases?show=all&state=completed").text
    for path in ("/cases", f"/cases/{late}"):
        assert "区中心督办" in lead.get(path).text
