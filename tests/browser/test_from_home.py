"""From home, in a real browser: what follows an application (the tour fills one in).

The resident's page and the courier's on one phone, and the window of the point that was chosen.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page, expect

from central.web import create_app
from labels.tokens import Purpose
from node.app import create_app as window_app
from tests.browser.home_days import SUPPORT
from tests.browser.test_portal import World, shot, world
from tests.central.applying import AtHome
from tests.central.test_from_home import fetch
from tests.central.world import HERE, PASSWORD, PIN, Browser
from tests.node.applied import apply, fetches, press, report
from tests.node.conftest import Clock, make_node, sign_in
from tests.serving import served

__all__ = ["world"]  # the fixture of central


@dataclass
class Looked:
    """Opens pages under a name: they fit, axe finds nothing, and a picture is kept."""

    page: Page
    address: str
    artefacts: Path

    def open(self, name: str, path: str) -> None:
        self.page.goto(f"{self.address}{path}")
        shot(self.page, self.artefacts, name)


def test_a_courier_fetches_and_the_resident_follows(
    world: World, phone_page: Page, artefacts: Path
) -> None:
    hand = Looked(phone_page, world.url, artefacts)
    phone_page.goto(f"{world.url}/apply/{SUPPORT}/who")
    phone_page.fill("#f-name", "林小")
    phone_page.goto(f"{world.url}/apply/{SUPPORT}/who")
    expect(phone_page.locator("#f-name"), "typed and not sent").to_have_value("林小")
    number = AtHome(Browser(create_app(world.district).test_client())).apply()
    followed = f"/T/{world.point.token(number, Purpose.HOME)}/home"
    world.central.carry()
    parcel = fetch(world.point, number)
    world.central.carry()
    hand.open("phone-applied-ready", followed)
    expect(phone_page.locator("main")).to_contain_text("等快递员上门")
    _fetch_them(hand, parcel)
    world.central.carry()
    phone_page.goto(f"{world.url}{followed}?lang=en")
    expect(phone_page.locator("main")).to_contain_text("on their way")


def _fetch_them(hand: Looked, parcel: str) -> None:
    """A courier on the same phone: says that they go, ticks off the list, has it."""
    page = hand.page
    page.goto(f"{hand.address}/courier/in/")
    page.fill("#f-login", "1001")
    page.fill("#f-password", PIN)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    hand.open("courier-fetches", "/courier/fetches")
    page.goto(f"{hand.address}/courier/fetches/{parcel}")
    page.click("button.big")
    expect(page.locator("#f-collected")).to_be_visible()
    shot(page, hand.artefacts, "courier-fetch-mine")
    hand.open("courier-fetch-failed", f"/courier/fetches/{parcel}/failed")
    page.goto(f"{hand.address}/courier/fetches/{parcel}")
    page.check("#f-collected")
    page.once("dialog", lambda dialog: dialog.accept())
    page.click("button.big")
    expect(page.get_by_role("heading", name="已揽收")).to_be_visible()


def test_a_clerk_looks_counts_and_receives(page: Page, tmp_path: Path, artefacts: Path) -> None:
    node = make_node(tmp_path / "here", HERE, Clock())
    number = apply(node)
    app = window_app(node)
    other = sign_in(app, "wang")
    with served(app) as address:
        window = Looked(page, address, artefacts)
        page.goto(f"{address}/signin/")
        page.fill("#f-login", "lin")
        page.fill("#f-password", PASSWORD)
        with page.expect_navigation():
            page.keyboard.press("Enter")
        page.goto(f"{address}/fromhome/{number}")
        with page.expect_navigation():
            page.keyboard.press("a")
        shot(page, artefacts, "window-from-home-ready")
        (parcel,) = fetches(node, number)
        report(node, parcel.number, "fetch_accepted")
        report(node, parcel.number, "taken_over", collected=[0])
        report(node, parcel.number, "delivered", to="point")
        window.open("window-from-home-count", f"/fromhome/{number}")
        press(other, number, "count", contents="0")
        page.goto(f"{address}/fromhome/{number}")
        with page.expect_navigation():
            page.keyboard.press("r")
        page.select_option("#f-area", index=1)
        with page.expect_navigation():
            page.keyboard.press("Alt+r")
        page.wait_for_url("**/received")
