"""A courier's day on a phone, page by page: a bag, the forms, an errand, no signal."""

from __future__ import annotations

from typing import Protocol

from playwright.sync_api import Page, expect

from tests.browser.test_courier_app import INSTALLED, drawn, kept, no_signal, unsent

GO = "button[form=report]"


class Looks(Protocol):
    """What opens a page under a name, or looks at the one that is open."""

    page: Page
    address: str

    def open(self, name: str, path: str) -> None: ...

    def look(self, name: str) -> None: ...


def sign_for_a_bag(hand: Looks, code: str) -> None:
    """Scan a manifest of three, and find two of them in the bag."""
    page = hand.page
    hand.open("courier-bag", f"/courier/find?q={code}")
    page.locator("input[name=parcel]").last.uncheck()
    page.fill("#f-count", "2")
    page.click(GO)
    page.wait_for_url("**/done?*")
    hand.look("courier-bag-done")


def report(hand: Looks, parcel: str) -> None:
    """Look at the forms for a parcel in hand, with a signature on the glass; send one."""
    page, base = hand.page, f"/courier/parcels/{parcel}"
    for name, path in (("parcel", ""), ("returned", "/returned"), ("delivered", "/delivered")):
        hand.open(f"courier-{name}", f"{base}{path}")
    page.get_by_text("家人", exact=True).tap()
    page.get_by_text("签名", exact=True).tap()
    drawn(page)
    hand.look("courier-signature")
    hand.open("courier-failed", f"{base}/failed")
    page.get_by_text("家里没有人", exact=True).tap()
    page.click(GO)
    page.wait_for_url("**/done?*")
    hand.look("courier-reported")


def fetch_papers(hand: Looks, parcel: str) -> None:
    """Take on an errand to a home, and look at what may come of it."""
    page, base = hand.page, f"/courier/fetches/{parcel}"
    hand.open("courier-fetches", "/courier/fetches")
    page.goto(f"{hand.address}{base}")
    page.click("button.big")
    expect(page.locator("#f-collected")).to_be_visible()
    hand.open("courier-fetch", base)
    hand.open("courier-fetch-failed", f"{base}/failed")


def without_a_signal(hand: Looks, parcel: str) -> None:
    """Report in a lift: it waits in the phone and goes by itself when there is a signal."""
    page, base = hand.page, f"/courier/parcels/{parcel}"
    page.goto(f"{hand.address}/courier/")
    assert page.evaluate(INSTALLED)
    kept(page, base)
    with no_signal(page.context):
        page.goto(f"{hand.address}{base}/failed")
        page.get_by_text("家里没有人", exact=True).tap()
        page.click(GO)
        expect(page.get_by_role("heading", name="已记在手机里")).to_be_visible()
        hand.look("courier-kept")
        page.goto(f"{hand.address}/courier/")
        page.locator(".unsent summary").tap()
        hand.look("courier-unsent")
        hand.open("courier-offline", "/courier/offline")
    hand.open("courier-label", "/courier/label/delivered?q=DS01700000011")
    page.goto(f"{hand.address}/courier/")
    unsent(page, 0)
