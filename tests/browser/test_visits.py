"""Nobody sent home twice, in a real browser: what was told before, and another point's receipt."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from playwright.sync_api import Page, expect

from cases.numbers import case_number
from labels.tokens import Purpose, mint, url
from tests.browser.conftest import attentive
from tests.browser.test_window import address, axe_findings, fits, node, window

__all__ = ["address", "node", "window"]  # the fixtures of a window
CARD, ID = "MZJ-080101", "11010519491231002X"
ELSEWHERE = case_number(17, date(2026, 11, 20), 3)


def test_what_was_told_is_on_the_page_while_the_number_is_typed(
    window: Page, artefacts: Path
) -> None:
    home = window.url
    window.goto(f"{home}matters/{CARD}")
    window.keyboard.press("v")
    window.keyboard.type(ID)
    window.keyboard.press("Enter")
    expect(window.locator("#person")).to_contain_text("已记下证件号")
    window.keyboard.press("Alt+1")
    expect(window.locator("#questions")).to_contain_text("都问清楚了")
    assert window.request.get(f"{home}matters/{CARD}/notice.pdf").ok
    window.goto(home)
    window.get_by_role("button", name="下一位").click()
    expect(window.locator(".visit-now")).to_contain_text("等下一位")
    window.goto(f"{home}reception/{CARD}")
    window.locator("#f-document_number").fill(ID)
    window.keyboard.press("Tab")
    expect(window.locator(".earlier")).to_contain_text("给过一次性告知书")
    expect(window.locator("#f-name")).to_be_focused()
    window.screenshot(path=artefacts / "window-earlier-notice.png")
    assert axe_findings(window) == []
    fits(window)


def test_a_receipt_of_another_point_is_scanned_and_papers_are_taken_in(
    window: Page, artefacts: Path
) -> None:
    code = mint(b"a key of another point, 32 bytes", Purpose.RECEIPT, ELSEWHERE, date(2036, 1, 1))
    window.goto(window.url)
    attentive(window).keyboard.type(url("http://portal.test", code))
    window.keyboard.press("Enter")
    window.wait_for_url(lambda at: "/shown?" in at)
    attentive(window).keyboard.press("Enter")
    window.wait_for_url(f"**/shown/{ELSEWHERE}")
    expect(window.locator("main")).to_contain_text("恢复后自动取")
    window.locator("#f-papers").fill("户口簿复印件 1 份")
    window.keyboard.press("Alt+r")
    expect(window.locator(".taken")).to_contain_text("户口簿复印件 1 份")
    window.screenshot(path=artefacts / "window-receipt-awaited.png")
    assert axe_findings(window) == []
    fits(window)
