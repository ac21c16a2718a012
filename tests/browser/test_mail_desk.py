"""The mail desk in a real browser, by keyboard: one recipient, a batch, a bag of parcels."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from node.app import create_app
from node.local import Node
from tests.browser.test_window_cases import enter, good
from tests.node.casework import TWO_DAYS, confirm, decided, fill_slip, meet, parcel_of
from tests.node.conftest import CENTRE, HERE, Clock, make_node, sign_in
from tests.node.mailing import draw, packed
from tests.node.receiving import receive
from tests.node.test_bags import missing, taken
from tests.node.test_mail import papers_of, take_in
from tests.serving import served

MANY = 30


@pytest.fixture
def centre(tmp_path: Path) -> Node:
    """The district centre: two results for one recipient, and many papers with no waybill."""
    clock = Clock()
    here, centre = (make_node(tmp_path / code, code, clock) for code in (HERE, CENTRE))
    clerk, officer = (sign_in(create_app(node), "wang") for node in (here, centre))
    cases = [receive(clerk, TWO_DAYS) for _ in range(2)]
    meet(here, centre)
    for number in cases:
        take_in(centre, papers_of(here, number))
        confirm(here, number, fill_slip(here, number))
    meet(here, centre)
    for number in cases:
        decided(officer, number)
    packed(centre, MANY)
    return centre


def test_a_day_at_the_mail_desk_by_keyboard(page: Page, centre: Node, artefacts: Path) -> None:
    with served(create_app(centre)) as address:
        enter(page, address, "wang")
        page.goto(f"{address}/mail")
        good(page, artefacts, "mail-desk")
        pack_by_key(page, centre, artefacts)
        page.goto(f"{address}/mail")
        print_by_key(page, centre, artefacts)
        page.goto(f"{address}/mail")
        good(page, artefacts, "mail-desk-printed")
        hand_over_by_key(page, centre, artefacts)
        page.goto(f"{address}/manifests")
        good(page, artefacts, "mail-bags")


def pack_by_key(page: Page, centre: Node, artefacts: Path) -> None:
    """One line for the one recipient, all their things ticked: P, Y, P and it is in one parcel."""
    expect(page.get_by_text("同一收件人，一起寄")).to_have_count(1)
    page.keyboard.press("p")
    page.wait_for_url("**/mail/pack/*")
    good(page, artefacts, "mail-pack")
    expect(page.locator("input[name=items]:checked")).to_have_count(4)
    page.keyboard.press("p")
    page.locator("[role=alert]").wait_for()
    expect(page.locator("input[name=items]:checked")).to_have_count(4)
    expect(page.locator("input[name=looked]:checked")).to_have_count(0)
    page.keyboard.press("y")
    expect(page.locator("input[name=looked]:checked")).to_have_count(4)
    good(page, artefacts, "mail-pack-looked")
    page.keyboard.press("p")
    page.wait_for_url("**/parcels/*")
    good(page, artefacts, "mail-parcel")
    assert len(parcel_of(centre, page.url.rpartition("/")[2]).cases) == 2


def print_by_key(page: Page, centre: Node, artefacts: Path) -> None:
    """All are ticked; the batch says how far it is, and opens by itself when the agent is done."""
    expect(page.get_by_text(f"勾选了 {MANY + 1} 个")).to_be_visible()
    page.get_by_label("全部勾选").first.uncheck()
    expect(page.get_by_text("勾选了 0 个")).to_be_visible()
    page.get_by_label("全部勾选").first.check()
    page.keyboard.press("y")
    with page.expect_popup() as opened:
        page.keyboard.press("i")
    batch = opened.value
    expect(batch.get_by_role("progressbar")).to_be_visible()
    good(batch, artefacts, "mail-batch-waits")
    draw(centre)
    expect(batch.get_by_role("link", name="打开来打印")).to_be_visible()
    good(batch, artefacts, "mail-batch")
    batch.close()


def hand_over_by_key(page: Page, centre: Node, artefacts: Path) -> None:
    """A bag is listed; one parcel is not in it, and that is answered."""
    page.keyboard.press("l")
    page.wait_for_url("**/manifests/*")
    manifest = page.url.rpartition("/")[2]
    listed = [row.inner_text() for row in page.locator("td[data-label=邮件] a").all()]
    assert len(listed) == MANY + 1
    taken(centre, listed[0], manifest)
    missing(centre, listed[1], manifest)
    page.reload()
    good(page, artefacts, "mail-bag")
    page.get_by_label(f"{listed[1]} 怎么处理").select_option("found_here")
    page.get_by_role("button", name="答复").press("Enter")
    expect(page.get_by_text("差异已处理")).to_be_visible()
