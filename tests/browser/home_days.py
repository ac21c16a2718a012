"""Somebody applies from home, page by page, in a real browser."""

from __future__ import annotations

from typing import Protocol

from playwright.sync_api import Page

from tests.node.pictures import jpeg
from tests.node.receiving import ID

SUPPORT = "YBJ-001200"  # 困难群众参加居民医保资助: asks about income and disability
NEAR = "350102004000"  # 东街街道, whose points are chosen from
GO = "main form .button.wide"


class Opens(Protocol):
    """What opens a page under a name, and looks at it."""

    page: Page
    address: str

    def open(self, name: str, path: str) -> None: ...


def apply_on_a_phone(hand: Opens, point: str) -> str:
    """Go through all of it, opening every page. :returns: where it is followed."""
    page, base = hand.page, f"/apply/{SUPPORT}"
    hand.open("phone-apply", "/apply?q=困难群众医保")
    hand.open("phone-apply-start", base)
    hand.open("phone-apply-who", f"{base}/who")
    page.fill("#f-name", "林小梅")
    page.fill("#f-document_number", ID)
    page.fill("#f-phone", "13805915678")
    page.click(GO)
    hand.open("phone-apply-questions", f"{base}/questions")
    answers(page)
    hand.open("phone-apply-point", f"{base}/point?in={NEAR}")
    page.click(f"button[value='{point}']")
    page.wait_for_url("**/photos")
    hand.open("phone-apply-photo", f"{base}/photo/1")
    photograph(page)
    hand.open("phone-apply-photos", f"{base}/photos")
    page.click(GO)
    hand.open("phone-apply-when", f"{base}/when")
    page.check("#f-day")
    page.check("#f-hours")
    page.click(GO)
    hand.open("phone-apply-where", f"{base}/where")
    page.fill("#f-address", "东街街道军门社区12号楼3单元502室")
    page.click(GO)
    hand.open("phone-apply-check", f"{base}/check")
    page.click("#f-send")
    page.wait_for_url("**/home?sent=1")
    return page.url.removeprefix(hand.address)


def answers(page: Page) -> None:
    """Give the last answer to every question that is asked."""
    while "/questions" in page.url:
        page.locator("input[name=answer]").last.check()
        with page.expect_navigation():
            page.click(GO)


def photograph(page: Page) -> None:
    """Give a photograph of the paper that is open."""
    picture = {"name": "IMG_1.jpg", "mimeType": "image/jpeg", "buffer": jpeg(600, 800)}
    page.set_input_files("#f-file", [picture])  # type: ignore[list-item]
    with page.expect_navigation():
        page.click(GO)
