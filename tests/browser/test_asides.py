"""What did not count, in a real browser: answered by keyboard at the window, seen on the board."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from central.web import create_app as central_app
from node.app import create_app
from node.local import Node
from tests.browser.conftest import attentive
from tests.browser.test_window_cases import enter, good
from tests.central.test_answers import offer_in_vain
from tests.central.test_board import spoil
from tests.central.world import PASSWORD, Central, Point, make_district
from tests.central.world import Clock as CentralClock
from tests.node.casework import AT_ONCE, TWO_DAYS, meet, press, say_in_vain
from tests.node.conftest import CENTRE, HERE, Clock, make_node, sign_in
from tests.node.receiving import receive
from tests.node.test_asides import answers, n_of, park, refuse
from tests.serving import served

ELSEWHERE = "350102005001"


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return make_node(tmp_path / "here", HERE, Clock())


def test_a_clerk_answers_by_keyboard(page: Page, node: Node, artefacts: Path) -> None:
    lead = sign_in(create_app(node), "wang")
    number = receive(lead, AT_ONCE)
    press(lead, number, "accept")
    say_in_vain(node, number)
    refuse(node, n_of(node, number, "case.accepted"))
    park(node, "a-riddle", "收件箱里有看不懂的内容：x", {"id": "a-riddle"})
    with served(create_app(node)) as address:
        enter(page, address, "wang")
        good(page, artefacts, "asides-home")
        page.goto(f"{address}/status")
        good(page, artefacts, "asides-status")
        page.goto(f"{address}/cases/{number}")
        good(page, artefacts, "asides-case")
        page.keyboard.press("h")
        expect(page.get_by_label("按原样重新登记一次（推荐）")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator(".error-summary")).to_contain_text("请选怎样处理的")
        good(page, artefacts, "asides-mistake")
        page.keyboard.press("Alt+h")
        page.keyboard.press("Space")
        page.keyboard.press("Tab")
        page.keyboard.type("已打电话说明")
        page.keyboard.press("Enter")
        expect(page.locator(".toast")).to_contain_text("已答复：已按原样重新登记")
        page.keyboard.press("h")
        page.keyboard.press("Space")
        page.keyboard.press("Enter")
        expect(page.locator(".toast")).to_contain_text("已答复：已用新记录改正")
        good(page, artefacts, "asides-answered")
    assert answers(node, number) == [("corrected", "s-l1")]


def test_what_waits_for_another_point_says_so(
    page: Page, node: Node, tmp_path: Path, artefacts: Path
) -> None:
    centre = make_node(tmp_path / "centre", CENTRE, Clock())
    number = receive(sign_in(create_app(node), "wang"), TWO_DAYS)
    meet(node, centre)
    say_in_vain(centre, number)
    meet(node, centre)
    with served(create_app(node)) as address:
        enter(page, address, "wang")
        page.goto(f"{address}/cases/{number}")
        expect(page.locator(".case-asides")).to_contain_text("等鼓楼区行政服务中心答复")
        good(page, artefacts, "asides-of-another")


def answer_an_offer(page: Page, address: str, artefacts: Path) -> None:
    """A supervisor opens what was offered in vain, looks into it, and answers by keyboard."""
    page.goto(f"{address}/board/own")
    good(page, artefacts, "answers-board-own")
    page.locator("tbody a").first.click()
    expect(page.locator("body")).not_to_contain_text("林小梅")
    good(page, artefacts, "answers-board-one")
    page.get_by_role("button", name="显示完整内容").click()
    expect(page.locator("body")).to_contain_text("林小梅")
    good(page, artefacts, "answers-board-opened")
    page.get_by_label("已与申请人说明").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.type("打过电话")
    page.keyboard.press("Alt+a")
    expect(page.locator(".toast")).to_contain_text("已答复：已与申请人说明")


def test_a_supervisor_sees_what_waits_and_what_was_answered(
    page: Page, tmp_path: Path, artefacts: Path
) -> None:
    clock = CentralClock()
    district = make_district(tmp_path / "central", clock)
    central = Central(district)
    try:
        here, centre = Point(district, HERE, clock), Point(district, CENTRE, clock)
        first, second = here.receive(), here.receive()
        here.receive()
        spoil(central, 4)
        lost = Point(district, ELSEWHERE, clock)
        lost.receive()
        offer_in_vain(central, lost, party=HERE)
        vain = here.state("case.closed", first, {})
        clock.forward(days=1)
        centre.state("case.closed", second, {})
        here.state("aside.answered", first, {"event": vain, "how": "no_need"}, words="点错了")
        central.carry()
        with served(central_app(district)) as address:
            page.goto(f"{address}/signin/")
            attentive(page).keyboard.type("guan")
            page.keyboard.press("Tab")
            page.keyboard.type(PASSWORD)
            page.keyboard.press("Enter")
            page.wait_for_url(f"{address}/board/")
            for path in ("", "aside?which=all", "refused"):
                page.goto(f"{address}/board/{path}")
                good(page, artefacts, f"asides-board-{path.partition('?')[0] or 'overview'}")
            page.goto(f"{address}/board/aside")
            expect(page.locator("tbody tr")).to_have_count(1)
            page.get_by_text("连已答复的一起看").click()
            expect(page.locator("tbody tr")).to_have_count(2)
            answer_an_offer(page, address, artefacts)
            central.carry()
            page.goto(f"{address}/board/own?which=done")
            expect(page.locator("tbody tr")).to_contain_text("已与申请人说明（区中心 c-guan")
    finally:
        central.close()
