"""An errand, and a parcel known by its label only: from first to last without a signal."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import Page, expect

from cases.states import ParcelState
from tests.browser.test_courier_app import (
    ADDRESS,
    HELD,
    World,
    home,
    kept,
    looked_at,
    mended,
    no_signal,
    opened,
    phone,
    unsent,
    world,
    written_down,
)
from tests.courier.app_cast import CODE, DAY, HERE, OFFICE, PAPERS, number, pack, token, tracking

__all__ = ["mended", "phone", "world"]  # the phone, central, and what a test broke mended


def open_label(page: Page, world: World, text: str) -> None:
    opened(page, f"{world.portal}/courier/find?q={text}")


def take(page: Page, world: World, text: str) -> None:
    """Scans a label that the phone does not know, and takes its parcel over."""
    open_label(page, world, text)
    page.get_by_role("button", name="揽收").tap()
    show_it(page)
    expect(page.get_by_text("揽收，未发送")).to_be_visible()
    expect(page.get_by_role("button", name="揽收")).to_be_hidden()


def show_it(page: Page) -> None:
    """From the words that it is written down to what it was written of."""
    written_down(page)
    page.get_by_role("link", name="看这件邮件").tap()


def tick(page: Page, paper: str) -> str:
    """Ticks a paper off and reports it collected. :returns: what the phone asked once more."""
    asked: list[str] = []
    page.once("dialog", lambda dialog: (asked.append(dialog.message), dialog.accept()))
    page.locator("#report").get_by_text(paper, exact=True).tap()
    page.get_by_role("button", name="下一步：核对").tap()
    written_down(page)
    return asked[0]


def test_an_errand_is_accepted_run_and_handed_in_without_a_signal_in_between(
    phone: Page, world: World, artefacts: Path
) -> None:
    serial = world.at_home()
    path, in_hand = f"/courier/fetches/{number(serial)}", f"/courier/parcels/{number(serial)}"
    home(phone, world)
    kept(phone, path, "", "/failed")
    kept(phone, in_hand, "/delivered", "/failed")
    with no_signal(phone.context):
        opened(phone, f"{world.portal}/courier/fetches")
        phone.get_by_role("link", name="等快递员接单").tap()
        expect(phone.get_by_role("button", name="下一步：核对")).to_be_hidden()
        phone.get_by_role("button", name="接单，我去取").tap()
        show_it(phone)
        expect(phone.get_by_text("已接单，未发送")).to_be_visible()
        expect(phone.get_by_text("门牌号和电话要有信号才看得到")).to_be_visible()
        expect(phone.get_by_role("button", name="接单，我去取")).to_be_hidden()
        assert ADDRESS not in phone.evaluate(HELD)
        looked_at(phone, artefacts, "errand-accepted")
        phone.get_by_role("link", name="没取到").tap()
        phone.get_by_text("电话打不通", exact=True).tap()
        phone.get_by_label("补充一句").fill("晚上再来")
        phone.get_by_role("button", name="确定没取到").tap()
        show_it(phone)
        expect(phone.get_by_text("没取到：电话打不通，未发送")).to_be_visible()
        phone.get_by_role("button", name="下一步：核对").tap()
        expect(phone.get_by_text("一样也没有取到")).to_be_visible()
        assert f"取到 1 样，还差 1 样没有取到：{PAPERS[1]}" in tick(phone, PAPERS[0])
        phone.get_by_role("link", name="看这件邮件").tap()
        expect(phone.get_by_text("已取到 1 样，未发送")).to_be_visible()
        expect(phone.get_by_role("button", name="下一步：核对")).to_be_hidden()
        phone.get_by_role("link", name="交到受理点了").tap()
        phone.get_by_text("受理点工作人员", exact=True).tap()
        phone.get_by_role("button", name="确定已送达").tap()
        show_it(phone)
        phone.wait_for_url(f"{world.portal}{path}")
        expect(phone.get_by_text("已送达：受理点工作人员，未发送")).to_be_visible()
        expect(phone.get_by_role("link", name="交到受理点了")).to_be_hidden()
        looked_at(phone, artefacts, "errand-unsent")
        unsent(phone, 4)
        world.line.reported.clear()
        assert world.parcel(serial).state is ParcelState.PACKED
    unsent(phone, 0)
    parcel = world.parcel(serial)
    assert (parcel.state, parcel.collected) == (ParcelState.DELIVERED, (0,))
    steps = [f"fetches/{number(serial)}/{slug}" for slug in ("accept", "failed", "collect")]
    assert world.line.reported == [*steps, f"{number(serial)}/delivered"]
    kept(phone, path, "", "/failed", none=True)


def test_the_address_of_an_errand_comes_by_itself_once_its_acceptance_was_sent(
    phone: Page, world: World
) -> None:
    serial = world.at_home()
    path, in_hand = f"/courier/fetches/{number(serial)}", f"/courier/parcels/{number(serial)}"
    home(phone, world)
    kept(phone, path, "")
    with no_signal(phone.context):
        opened(phone, f"{world.portal}{path}")
        phone.get_by_role("button", name="接单，我去取").tap()
        show_it(phone)
        expect(phone.get_by_text("已接单，未发送")).to_be_visible()
    expect(phone.get_by_text(ADDRESS)).to_be_visible()
    kept(phone, in_hand, "/delivered", "/failed")
    with no_signal(phone.context):
        opened(phone, f"{world.portal}{path}")
        expect(phone.get_by_text(ADDRESS)).to_be_visible()
        tick(phone, PAPERS[1])
        phone.get_by_role("link", name="我手上的邮件").tap()
        phone.locator(".unsent summary").tap()
        phone.get_by_role("link", name="已取到 1 样").tap()
        expect(phone.get_by_role("link", name="交到受理点了")).to_be_visible()
        expect(phone.get_by_role("link", name="没取到")).to_be_hidden()
    unsent(phone, 0)
    assert world.parcel(serial).state is ParcelState.TAKEN_OVER


def test_a_parcel_scanned_without_a_signal_is_taken_over_and_delivered_before_there_is_one(
    phone: Page, world: World, artefacts: Path
) -> None:
    one, other, office = world.waiting(), world.waiting(), world.packed + 1
    world.packed = office
    pack(world.desk, office, OFFICE, to_point=HERE)
    home(phone, world)
    kept(phone, "/courier/label", "/delivered", "/failed")
    with no_signal(phone.context):
        take(phone, world, token(one))
        looked_at(phone, artefacts, "label-taken")
        phone.get_by_role("link", name="已送达").tap()
        phone.get_by_text("邻居代收", exact=True).tap()
        expect(phone.get_by_text("拍照", exact=True)).to_be_hidden()
        phone.get_by_text("本人", exact=True).tap()
        expect(phone.get_by_text("签名", exact=True)).to_be_hidden()
        looked_at(phone, artefacts, "label-delivered")
        phone.locator("#f-code").fill(CODE)
        phone.get_by_role("button", name="确定已送达").tap()
        show_it(phone)
        expect(phone.get_by_text("已送达：本人，未发送")).to_be_visible()
        expect(phone.get_by_role("link", name="没送到")).to_be_hidden()
        take(phone, world, tracking(other))
        phone.get_by_role("link", name="没送到").tap()
        phone.get_by_text("家里没有人", exact=True).tap()
        phone.get_by_role("button", name="确定没送到").tap()
        show_it(phone)
        expect(phone.get_by_role("link", name="已送达")).to_be_visible()
        take(phone, world, f"HTTP://PORTAL.TEST/W/{token(office)}")
        open_label(phone, world, token(office))
        phone.get_by_role("link", name="已送达").tap()
        phone.get_by_text("受理点工作人员", exact=True).tap()
        expect(phone.get_by_text("用什么证明送到了")).to_be_hidden()
        phone.get_by_role("button", name="确定已送达").tap()
        written_down(phone)
        unsent(phone, 6)
        world.line.reported.clear()
        assert world.parcel(one).state is ParcelState.PACKED
    unsent(phone, 0)
    states = [world.parcel(serial).state for serial in (one, other, office)]
    assert states == [ParcelState.DELIVERED, ParcelState.FAILED, ParcelState.DELIVERED]
    said = ("label/delivered", "label/failed", "label/delivered")
    assert world.line.reported == [step for words in said for step in ("take", words)]


def test_on_a_page_that_was_kept_yesterday_tomorrow_is_today(phone: Page, world: World) -> None:
    serial = world.in_hand()
    home(phone, world, serial)
    later = phone.context.new_page()
    later.add_init_script("Date.now = (now => () => now() + 24 * 3600e3)(Date.now)")
    with no_signal(phone.context):
        opened(later, f"{world.portal}/courier/parcels/{number(serial)}/failed")
        choices = later.get_by_role("group", name="下次哪天送").locator(".choice:visible")
        expect(choices).to_have_text([re.compile("今天.*周二"), re.compile("明天.*周三")])
        days = choices.locator("input").evaluate_all("all => all.map(each => each.value)")
        assert days == [(DAY + timedelta(days=n)).isoformat() for n in (1, 2)]
        later.close()
