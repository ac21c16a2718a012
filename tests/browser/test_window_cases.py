"""Deciding and posting in a real browser: by keyboard, at 1366×768, clean for axe."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from cases.states import CaseState
from node.app import create_app
from node.local import Node
from tests.browser.conftest import attentive
from tests.browser.test_look import axe_findings
from tests.node.casework import (
    AT_ONCE,
    FOOD,
    TWO_DAYS,
    act,
    ask_back,
    case_of,
    confirm,
    decided,
    fill_slip,
    meet,
    press,
)
from tests.node.conftest import CENTRE, HERE, PASSWORD, Clock, make_node, sign_in
from tests.node.receiving import receive
from tests.serving import served as app_served


@contextmanager
def served(node: Node) -> Iterator[str]:
    """A node's window."""
    with app_served(create_app(node)) as address:
        yield address


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return make_node(tmp_path / "here", HERE, Clock())


@pytest.fixture
def centre(tmp_path: Path) -> Node:
    return make_node(tmp_path / "centre", CENTRE, Clock())


def enter(page: Page, address: str, login: str) -> None:
    page.goto(address)
    attentive(page).keyboard.type(login)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{address}/")


def good(page: Page, artefacts: Path, name: str) -> None:
    """It fits the screen, axe finds nothing, and a picture of it is kept."""
    page.screenshot(path=artefacts / f"window-{name}.png")
    assert page.evaluate("document.documentElement.scrollWidth") <= 1366
    assert axe_findings(page) == []


def test_an_immediate_matter_is_settled_with_five_keys(
    page: Page, node: Node, artefacts: Path
) -> None:
    number = receive(sign_in(create_app(node), "wang"), AT_ONCE)
    with served(node) as address:
        enter(page, address, "wang")
        page.locator("body").press("Alt+c")
        page.wait_for_url("**/cases")
        good(page, artefacts, "cases")
        page.keyboard.press("1")
        page.wait_for_url(f"**/cases/{number}")
        good(page, artefacts, "case")
        page.keyboard.press("d")
        page.wait_for_url("**/do/at_once")
        good(page, artefacts, "at-once")
        page.keyboard.press("d")
        page.wait_for_url(f"**/cases/{number}")
        expect(page.locator(".toast")).to_contain_text("当场办结")
        page.keyboard.press("l")
        expect(page.locator(".case-state")).to_contain_text("已归档")
        good(page, artefacts, "case-closed")
    assert case_of(node, number).state is CaseState.CLOSED


def test_an_officer_decides_and_the_mail_desk_posts(
    page: Page, node: Node, centre: Node, artefacts: Path
) -> None:
    clerk = sign_in(create_app(node), "lin")
    number, other, late = (receive(clerk, code) for code in (TWO_DAYS, FOOD, FOOD))
    confirm(node, number, fill_slip(node, number))
    ask_back(node, late)
    meet(node, centre)
    officer = sign_in(create_app(centre), "chen")
    decided(officer, number, filed="1")
    act(officer, other, "ask_opinion", question="能否办？", days="3",
        departments=[f"WJ@{CENTRE}", f"GAJ@{CENTRE}"])  # fmt: skip
    press(officer, other, "take_up")
    with served(centre) as address:
        enter(page, address, "wang")
        for path, name in (
            ("/cases", "officer-cases"),
            (f"/cases/{other}", "officer-case"),
            (f"/cases/{other}/do/ask_opinion", "officer-ask"),
            (f"/cases/{other}/do/give_opinion", "officer-answer"),
            (f"/cases/{other}/do/hand_over", "officer-hand-over"),
            (f"/cases/{other}/do/not_accept", "officer-not-accept"),
            (f"/cases/{other}/do/elsewhere", "officer-elsewhere"),
            (f"/cases/{late}", "officer-request"),
            (f"/cases/{late}/do/settle_request", "officer-settle"),
            ("/mail", "mail"),
            ("/pickup", "pickup"),
            ("/originals", "originals"),
            (f"/mail/pack/{number}", "pack"),
            ("/status", "status"),
        ):
            page.goto(f"{address}{path}")
            good(page, artefacts, name)
        page.goto(f"{address}/cases/{number}")
        with page.context.expect_page() as printed:
            page.keyboard.press("0")
        printed.value.close()
        page.reload()
        expect(page.locator("#papers")).to_contain_text("印过 1 份")
        good(page, artefacts, "issued-papers")
        page.goto(f"{address}/mail")
        page.keyboard.press("p")
        page.wait_for_url("**/mail/pack/**")
        page.keyboard.press("y")
        page.keyboard.press("p")
        page.wait_for_url("**/parcels/**")
        good(page, artefacts, "parcel")
        with page.context.expect_page() as opened:
            page.keyboard.press("p")
        opened.value.close()
        page.reload()
        expect(page.locator("main")).to_contain_text("重印面单（第 2 份）")


def test_a_slip_is_checked_with_one_key(page: Page, node: Node, artefacts: Path) -> None:
    number = receive(sign_in(create_app(node), "lin"), TWO_DAYS)
    slip = fill_slip(node, number)
    with served(node) as address:
        enter(page, address, "lin")
        page.goto(f"{address}/cases/{number}")
        good(page, artefacts, "slip-to-check")
        page.keyboard.press("k")
        expect(page.locator(".toast")).to_contain_text("寄递单已核对")
        page.keyboard.press("i")
        expect(page.get_by_text("这次查看已记录")).to_be_visible()
        good(page, artefacts, "case-in-full")
        assert case_of(node, number).confirmed_slip == slip
        rival = fill_slip(node, number, phone="13900007777", street="温泉街道金汤社区1号楼502")
        page.goto(f"{address}/cases/{number}")
        expect(page.locator(".slip-rival")).to_have_count(2)
        good(page, artefacts, "slip-rivals")
        page.keyboard.press("k")
        expect(page.locator(".toast")).to_contain_text("寄递单已核对")
    assert case_of(node, number).confirmed_slip == rival


def test_a_mistake_is_told_where_it_is_and_nothing_is_lost(
    page: Page, node: Node, centre: Node, artefacts: Path
) -> None:
    number = receive(sign_in(create_app(node), "lin"), FOOD)
    meet(node, centre)
    with served(centre) as address:
        enter(page, address, "chen")
        page.goto(f"{address}/cases/{number}/do/elsewhere")
        page.get_by_label("系统名称").fill("省网上办事大厅")
        page.keyboard.press("Alt+e")
        expect(page.locator(".error-summary")).to_be_focused()
        expect(page.get_by_label("系统名称")).to_have_value("省网上办事大厅")
        good(page, artefacts, "officer-errors")


def test_a_worklist_is_worked_through_by_keys(page: Page, node: Node, artefacts: Path) -> None:
    desk = sign_in(create_app(node), "wang")
    numbers = [receive(desk, AT_ONCE) for _ in range(3)]
    with served(node) as address:
        enter(page, address, "wang")
        page.goto(f"{address}/cases?show=pool")
        good(page, artefacts, "pool")
        expect(page.locator("#case-rows [data-result]").first).to_be_focused()
        page.keyboard.press("j")
        page.keyboard.press("Space")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Space")
        page.keyboard.press("k")
        page.keyboard.press("t")
        expect(page.locator(".toast")).to_contain_text("已接手 2 件")
        page.keyboard.press("t")  # none is ticked: the one that the cursor is at
        expect(page.locator(".toast")).to_contain_text("已接手 1 件")
        page.goto(f"{address}/cases?show=own")
        good(page, artefacts, "own")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/cases/{numbers[1]}")
        good(page, artefacts, "taken-up")
    assert [case_of(node, number).officer for number in numbers] == ["s-l1"] * 3
