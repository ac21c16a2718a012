"""Correcting and suspending in a real browser: each form fits the screen and is clean for axe."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

from cases.states import CaseState
from node.app import create_app
from node.local import Node
from tests.browser.test_window_cases import centre, enter, good, node, served
from tests.node.casework import TWO_DAYS, case_of, meet
from tests.node.conftest import sign_in
from tests.node.receiving import receive

__all__ = ["centre", "node"]  # fixtures


def test_an_officer_tells_what_to_correct_and_a_clerk_takes_it_in(
    page: Page, node: Node, centre: Node, artefacts: Path
) -> None:
    number = receive(sign_in(create_app(node), "lin"), TWO_DAYS)
    meet(node, centre)
    with served(centre) as address:
        enter(page, address, "chen")
        page.goto(f"{address}/cases/{number}")
        page.keyboard.press("1")
        page.wait_for_url("**/do/notice_correction")
        page.select_option("#f-reason-1", "unsigned")
        page.fill("#f-words-1", "第二页没有盖章")
        page.locator("#f-whole").check()
        good(page, artefacts, "correct")
        page.keyboard.press("Alt+1")
        page.wait_for_url(f"**/cases/{number}")
        good(page, artefacts, "corrected")
    meet(node, centre)
    with served(node) as address:
        enter(page, address, "lin")
        page.goto(f"{address}/cases/{number}")
        good(page, artefacts, "to-correct")
        page.keyboard.press("2")
        page.wait_for_url("**/do/supplement")
        good(page, artefacts, "supplement")
        page.keyboard.press("Alt+2")
        page.wait_for_url(f"**/cases/{number}")
    case = case_of(node, number)
    assert (case.state, len(case.supplements)) == (CaseState.CORRECTION, 1)
