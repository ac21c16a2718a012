"""Reception in a real browser, as a clerk with a queue does it: by keyboard, at 1366×768."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from node.app import create_app
from node.local import Node
from tests.browser.conftest import attentive
from tests.browser.test_look import axe_findings
from tests.node.central_says import poster_slip
from tests.node.conftest import HERE, PASSWORD, Clock, line_down, make_node
from tests.serving import served


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return make_node(tmp_path / "here", HERE, Clock())


@pytest.fixture
def address(node: Node) -> Iterator[str]:
    with served(create_app(node)) as address:
        yield address


@pytest.fixture
def window(page: Page, address: str, node: Node) -> Page:
    line_down(node, "2026-11-23T01:19:00Z")
    page.goto(address)
    attentive(page).keyboard.type("lin")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{address}/")
    return page


def fits(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= 1366


def test_a_clerk_receives_a_case_without_touching_the_mouse(
    window: Page, node: Node, artefacts: Path
) -> None:
    poster_slip(node, name="林小梅", phone="13805911234")
    poster_slip(node, name="郑国强", phone="13700002222")
    window.reload()
    window.screenshot(path=artefacts / "window-home-empty.png")
    expect(window.locator("#f-q")).to_be_focused()
    window.keyboard.type("敬老卡")
    expect(window.locator("#results a").first).to_contain_text("老年人优待证")
    window.screenshot(path=artefacts / "window-search.png")
    fits(window)
    window.keyboard.press("Enter")
    window.wait_for_url("**/matters/MZJ-080101")
    window.screenshot(path=artefacts / "window-matter.png")
    assert axe_findings(window) == []
    window.keyboard.press("r")
    expect(window.locator("#f-document_number")).to_be_focused()
    window.screenshot(path=artefacts / "window-reception-empty.png")
    assert axe_findings(window) == []
    fits(window)
    attentive(window).keyboard.type("11010519491231002X")
    window.keyboard.press("Tab")
    window.keyboard.type("林小梅")
    window.keyboard.press("Tab")
    window.keyboard.type("13805911234")
    window.keyboard.press("Alt+q")
    window.keyboard.press("ArrowDown")
    expect(window.locator("#route")).to_contain_text("本点直接办")
    window.keyboard.press("Alt+a")
    expect(window.locator("#draft-state")).to_contain_text("已自动存草稿")
    window.screenshot(path=artefacts / "window-reception-filled.png")
    window.keyboard.press("Alt+r")
    window.wait_for_url("**/received")
    window.screenshot(path=artefacts / "window-received.png")
    assert axe_findings(window) == []
    fits(window)
    window.keyboard.press("g")
    expect(window.locator(".toast")).to_contain_text("寄递单已关联")
    window.screenshot(path=artefacts / "window-slip-attached.png")
    window.keyboard.press("n")
    expect(window.locator("#f-q")).to_be_focused()
    window.screenshot(path=artefacts / "window-home.png")
    assert axe_findings(window) == []


def test_mistakes_are_told_at_the_top_and_at_their_fields(window: Page, artefacts: Path) -> None:
    window.goto(f"{window.url}reception/SCJG-000101")
    window.screenshot(path=artefacts / "window-reception-organisation.png")
    attentive(window).keyboard.type("91350100M000100Y44")
    window.keyboard.press("Alt+r")
    expect(window.locator(".error-summary")).to_be_focused()
    window.screenshot(path=artefacts / "window-reception-errors.png", full_page=True)
    assert axe_findings(window) == []


def test_going_back_to_a_form_that_told_a_mistake_finds_what_was_typed(window: Page) -> None:
    home = window.url
    window.goto(f"{home}reception/MZJ-080101")
    window.fill("#f-name", "翁㛃龘")
    window.keyboard.press("Alt+r")
    window.wait_for_selector(".error-summary")
    window.goto(home)
    window.go_back()
    expect(window.locator("#f-name")).to_have_value("翁㛃龘")


def test_who_stands_at_the_window_decides_the_fields(window: Page, artefacts: Path) -> None:
    window.goto(f"{window.url}reception/MZJ-080101")
    expect(window.locator("#f-agent_name")).to_be_hidden()
    window.get_by_label("代办人（受委托）").check()
    expect(window.locator("#f-agent_name")).to_be_visible()
    expect(window.locator("#guide").get_by_text("代办人居民身份证")).to_be_visible()
    window.screenshot(path=artefacts / "window-reception-agent.png")
    fits(window)
