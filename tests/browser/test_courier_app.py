"""The courier's app in a real Chromium: cut off, killed, in two tabs, a day late; all is kept."""

from __future__ import annotations

import io
import os
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Error, Page, Playwright, expect

from cases.folded import Parcel
from cases.numbers import manifest_number
from cases.states import ParcelState
from courier.desk import MemoryDesk
from labels.tokens import Purpose, mint, point_key
from tests.browser.conftest import ARGUMENTS, PHONE, WAIT_MS
from tests.browser.test_look import axe_findings
from tests.courier.app_cast import (
    CODE,
    DAY,
    HUA,
    MASTER,
    MENG,
    NOW,
    PIN,
    POINT,
    RESIDENT,
    Clock,
    errand,
    make_app,
    make_desk,
    number,
    pack,
    token,
    tracking,
)
from tests.serving import served

AUTHOR = "central.mem00001"
ADDRESS, PHONE_NUMBER = "军门社区12号楼3单元502室", RESIDENT.phone
LOOKS: dict[str, Any] = {
    "viewport": PHONE, "device_scale_factor": 2, "is_mobile": True, "has_touch": True,
    "locale": "zh-CN", "timezone_id": "Asia/Shanghai",
}  # fmt: skip
#: Waits until the phone keeps all the pages of a parcel, or none of them.
PARCEL_ENDS = ("", "/delivered", "/failed", "/returned")
KEEPS = """async ([path, all, ends]) => {
  const pages = ends.map(end => location.origin + path + end);
  for (let tries = 0; tries < 500; tries++) {
    const known = [];
    for (const name of (await caches.keys()).filter(name => name.startsWith('courier-pages')))
      for (const page of await (await caches.open(name)).keys()) known.push(page.url);
    if (pages.filter(page => known.includes(page)).length === (all ? pages.length : 0)) return true;
    await new Promise(done => setTimeout(done, 30));
  }
  return false;
}"""
INSTALLED = """() => Promise.race([
  navigator.serviceWorker.ready.then(() => true), new Promise(done => setTimeout(done, 15000))])"""
#: What the driver says of a page that was left by itself while another was asked for.
LEAVING = ("is interrupted by another navigation", "net::ERR_ABORTED")
FULL = "() => { IDBObjectStore.prototype.add = () => { throw new DOMException('full'); }; }"
#: Every text that the phone's caches and its queue hold.
HELD = """async () => {
  const texts = [];
  for (const name of await caches.keys()) {
    if (!name.startsWith('courier-pages')) continue;
    const cache = await caches.open(name);
    for (const request of await cache.keys()) texts.push(await (await cache.match(request)).text());
  }
  return texts.join(' ');
}"""
TARGETS = """[...document.querySelectorAll('main a, main button, .unsent summary, .unsent button,'
  + '.refused button, .actions-bar a, .actions-bar button')]
  .filter(e => e.offsetParent && e.offsetHeight < 56).map(e => e.outerHTML.slice(0, 90))"""


@dataclass
class Line:
    """The way to central: notes what was reported, and loses answers on request."""

    app: Callable[..., Any]
    reported: list[str] = field(default_factory=list)
    lose: int = 0

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Any:
        path = str(environ["PATH_INFO"])
        if environ["REQUEST_METHOD"] != "POST" or "/in/" in path:
            return self.app(environ, start)
        self.reported.append(path.removeprefix("/courier/").removeprefix("parcels/"))
        answer = self.app(environ, start)
        if self.lose:
            self.lose -= 1
            environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)  # it died, having recorded
        return answer


@dataclass
class World:
    """Central with parcels in 孟师傅's hands, over a line that can lose an answer."""

    desk: MemoryDesk
    clock: Clock
    line: Line
    portal: str = ""
    packed: int = 0

    def in_hand(self, courier: str = MENG) -> int:
        """A new parcel that a courier has taken over."""
        serial = self.waiting()
        data = {"op": f"{serial:032x}", "when": NOW}
        desk = self.desk
        desk.state("parcel.taken_over", number(serial), data, author=AUTHOR, actor=courier)
        return serial

    def waiting(self) -> int:
        """A new parcel that waits at its point."""
        self.packed += 1
        pack(self.desk, self.packed)
        return self.packed

    def at_home(self) -> int:
        """A new errand: papers that wait at a resident's home."""
        self.packed += 1
        errand(self.desk, self.packed)
        return self.packed

    def picture(self, serial: int) -> bytes:
        """What central kept with a delivery."""
        return self.desk.pictures[str(self.parcel(serial).steps[-1].data["blob"])]

    def parcel(self, serial: int) -> Parcel:
        parcel = self.desk.parcel(number(serial))
        assert parcel
        return parcel


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    clock = Clock()
    desk = make_desk(clock)
    app = make_app(desk)
    line = Line(app.wsgi_app)
    app.wsgi_app = line  # type: ignore[method-assign]
    world = World(desk, clock, line)
    with served(app) as world.portal:
        yield world


def sign_in(page: Page, world: World, login: str = "meng") -> None:
    page.get_by_label("账号").fill(login)
    page.get_by_label("PIN 码").fill(PIN)
    page.get_by_role("button", name="登录").tap()
    page.wait_for_url(f"{world.portal}/courier/")


@pytest.fixture(scope="module")
def phone(browser: Browser, world: World) -> Iterator[Page]:
    """孟师傅's phone, the same for all of these tests."""
    context = browser.new_context(**LOOKS)
    context.set_default_timeout(WAIT_MS)
    page = context.new_page()
    opened(page, f"{world.portal}/courier/")
    sign_in(page, world)
    assert page.evaluate(INSTALLED)
    yield page
    context.close()


@pytest.fixture(autouse=True)
def mended(world: World) -> Iterator[None]:
    """Whatever a test broke is whole again for the next one."""
    yield
    world.desk.broken, world.line.lose = False, 0
    world.line.reported.clear()


def opened(page: Page, url: str) -> None:
    """Opens a page, also where the one before is just leaving for another by itself."""
    for _ in range(20):
        try:
            page.goto(url)
        except Error as error:
            if not any(words in str(error) for words in LEAVING):
                raise
            page.wait_for_load_state()
            if page.url == url:
                return
        else:
            return
    raise AssertionError(f"always left again: {url}")


def closed(page: Page) -> None:
    """Closes a page once it has nothing more to do."""
    opened(page, "about:blank")
    page.close()


def home(page: Page, world: World, *serials: int) -> None:
    """Opens the first page and waits until the worker has kept what is in hand."""
    opened(page, f"{world.portal}/courier/")
    for serial in serials:
        keeps(page, serial)


def keeps(page: Page, serial: int, *, none: bool = False) -> None:
    """Waits until the phone keeps all of a parcel's pages, or none any more."""
    kept(page, f"/courier/parcels/{number(serial)}", none=none)


def kept(page: Page, path: str, *ends: str, none: bool = False) -> None:
    """Waits until the phone keeps the pages of a path with these ends, or none of them."""
    for _ in range(5):
        with suppress(Error):  # the page opened itself anew meanwhile
            assert page.evaluate(KEEPS, [path, not none, ends or PARCEL_ENDS])
            return
    raise AssertionError(f"never came to rest: {path}")


@contextmanager
def no_signal(context: BrowserContext) -> Iterator[None]:
    context.set_offline(True)
    try:
        yield
    finally:
        context.set_offline(False)


def deliver(page: Page, world: World, serial: int) -> None:
    """Reports a parcel delivered, up to the words that it is written down."""
    opened(page, f"{world.portal}/courier/parcels/{number(serial)}/delivered")
    page.get_by_text("本人", exact=True).tap()
    page.locator("#f-code").fill(CODE)
    page.get_by_role("button", name="确定已送达").tap()


def fail(page: Page, world: World, serial: int) -> None:
    opened(page, f"{world.portal}/courier/parcels/{number(serial)}/failed")
    page.get_by_text("家里没有人", exact=True).tap()
    page.get_by_role("button", name="确定没送到").tap()


def written_down(page: Page) -> None:
    expect(page.get_by_role("heading", name="已记在手机里")).to_be_visible()


def unsent(page: Page, count: int) -> None:
    if count:
        expect(page.locator("[data-unsent] [data-count]")).to_have_text(f"{count} 件未发送")
    else:
        expect(page.locator("[data-unsent]")).to_have_count(0)


def looked_at(page: Page, artefacts: Path, name: str) -> None:
    page.screenshot(path=artefacts / f"courier-app-{name}.png")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], name
    assert axe_findings(page) == [], name
    assert page.evaluate(TARGETS) == [], name


def test_what_is_in_hand_opens_in_a_lift_and_nobody_s_phone_number_is_kept(
    phone: Page, world: World, artefacts: Path
) -> None:
    one, other = world.in_hand(), world.in_hand()
    page = f"{world.portal}/courier/parcels/{number(one)}"
    opened(phone, page)
    phone.get_by_role("button", name="显示电话").tap()
    expect(phone.get_by_role("link", name="拨打")).to_be_visible()
    home(phone, world, one, other)
    with no_signal(phone.context):
        phone.get_by_role("link", name=tracking(other)[-4:]).tap()
        expect(phone.get_by_text(ADDRESS)).to_be_visible()
        expect(phone.get_by_text("没有信号，这是")).to_be_visible()
        looked_at(phone, artefacts, "parcel")
        opened(phone, f"{world.portal}/courier/find?q={token(one)}")
        phone.wait_for_url(page)
        opened(phone, f"{world.portal}/courier/find?q={tracking(other)[-4:]}")
        phone.wait_for_url(f"{world.portal}/courier/parcels/{number(other)}")
        phone.get_by_role("button", name="显示电话").tap()
        expect(phone.get_by_role("heading", name="没有信号")).to_be_visible()
        looked_at(phone, artefacts, "no-signal")
        opened(phone, f"{world.portal}/courier/scan")
        expect(phone.get_by_text("没有找到相机")).to_be_visible()
    held = phone.evaluate(HELD)
    assert ADDRESS in held
    assert PHONE_NUMBER not in held


def test_a_report_is_written_down_shown_and_sent_by_itself_when_the_signal_returns(
    phone: Page, world: World, artefacts: Path
) -> None:
    serial = world.in_hand()
    home(phone, world, serial)
    with no_signal(phone.context):
        opened(phone, f"{world.portal}/courier/parcels/{number(serial)}/delivered")
        phone.get_by_role("button", name="确定已送达").tap()
        expect(phone.get_by_text("请选：交给了谁")).to_be_visible()
        phone.get_by_text("本人", exact=True).tap()
        phone.get_by_role("button", name="确定已送达").tap()
        expect(phone.get_by_text("签收码是四位数字")).to_be_visible()
        looked_at(phone, artefacts, "delivered")
        phone.locator("#f-code").fill(CODE)
        phone.get_by_role("button", name="确定已送达").tap()
        written_down(phone)
        unsent(phone, 1)
        looked_at(phone, artefacts, "written-down")
        phone.get_by_role("link", name="看这件邮件").tap()
        expect(phone.get_by_text("已送达：本人，未发送")).to_be_visible()
        expect(phone.get_by_role("link", name="没送到")).to_be_hidden()
        looked_at(phone, artefacts, "parcel-unsent")
        phone.get_by_role("link", name="我手上的邮件").tap()
        row = phone.get_by_role("link", name=tracking(serial)[-4:])
        expect(row).to_contain_text("已送达：本人，未发送")
        phone.locator(".unsent summary").tap()
        looked_at(phone, artefacts, "home-unsent")
        assert world.parcel(serial).state is ParcelState.TAKEN_OVER
    unsent(phone, 0)
    parcel = world.parcel(serial)
    assert (parcel.state, parcel.delivered_to) == (ParcelState.DELIVERED, "self")
    expect(phone.get_by_role("link", name=tracking(serial)[-4:])).to_contain_text("已送达：本人")
    keeps(phone, serial, none=True)


def test_reports_of_a_day_go_in_their_order_and_one_that_waits_holds_back_only_its_parcel(
    phone: Page, world: World
) -> None:
    first, second = world.in_hand(), world.in_hand()
    home(phone, world, first, second)
    with no_signal(phone.context):
        fail(phone, world, first)
        written_down(phone)
        fail(phone, world, second)
        written_down(phone)
        deliver(phone, world, first)
        written_down(phone)
        opened(phone, f"{world.portal}/courier/scan")
        unsent(phone, 3)
        world.desk.broken = True
        world.line.reported.clear()
    expect(phone.locator("[data-unsent] [data-why]")).to_contain_text("暂时收不下")
    failed = [f"{number(serial)}/failed" for serial in (first, second)]
    assert world.line.reported[:2] == failed
    assert set(world.line.reported) == set(failed)
    world.desk.broken = False
    phone.evaluate("dispatchEvent(new Event('online'))")
    unsent(phone, 0)
    assert world.line.reported[-1] == f"{number(first)}/delivered"
    assert set(world.line.reported[:-1]) == set(failed)
    assert world.parcel(first).state is ParcelState.DELIVERED


def test_an_answer_that_is_lost_on_the_way_leads_to_no_second_report(
    phone: Page, world: World
) -> None:
    serial = world.in_hand()
    home(phone, world, serial)
    world.line.reported.clear()
    world.line.lose = 1
    deliver(phone, world, serial)
    expect(phone.get_by_role("heading", name="已送达：本人")).to_be_visible()
    assert world.line.reported == [f"{number(serial)}/delivered"] * 2
    assert len(world.parcel(serial).operations) == 2
    assert len(world.parcel(serial).steps) == 3


def test_a_wrong_code_brings_the_form_back_as_it_was_filled_in(
    phone: Page, world: World, artefacts: Path
) -> None:
    serial = world.in_hand()
    page = f"{world.portal}/courier/parcels/{number(serial)}/delivered"
    opened(phone, page)
    phone.get_by_text("本人", exact=True).tap()
    phone.locator("#f-code").fill("0001")
    phone.get_by_role("button", name="确定已送达").tap()
    expect(phone.get_by_text("签收码不对")).to_be_visible()
    expect(phone.locator("#f-code")).to_have_value("0001")
    assert phone.url == page
    looked_at(phone, artefacts, "wrong-code")
    unsent(phone, 0)
    phone.locator("#f-code").fill(CODE)
    phone.get_by_role("button", name="确定已送达").tap()
    expect(phone.get_by_role("heading", name="已送达：本人")).to_be_visible()


def drawn(page: Page) -> None:
    """A finger on the glass."""
    canvas = page.locator(".sign-pad canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box
    page.mouse.move(box["x"] + 40, box["y"] + 60)
    page.mouse.down()
    for step in range(1, 12):
        page.mouse.move(box["x"] + 40 + step * 18, box["y"] + 60 + (step % 3) * 40)
    page.mouse.up()


def test_a_signature_on_the_glass_and_a_photo_made_small_go_with_their_reports(
    phone: Page, world: World, artefacts: Path, tmp_path: Path
) -> None:
    signed, pictured = world.in_hand(), world.in_hand()
    home(phone, world, signed, pictured)
    large = tmp_path / "photo.jpg"
    Image.effect_noise((3000, 2000), 90).convert("RGB").save(large, quality=95)
    with no_signal(phone.context):
        opened(phone, f"{world.portal}/courier/parcels/{number(signed)}/delivered")
        phone.get_by_text("家人", exact=True).tap()
        phone.get_by_text("签名", exact=True).tap()
        phone.get_by_role("button", name="确定已送达").tap()
        expect(phone.get_by_text("请收件人签名")).to_be_visible()
        drawn(phone)
        phone.get_by_role("button", name="撤一笔").tap()
        expect(phone.get_by_role("button", name="重签")).to_be_disabled()
        drawn(phone)
        looked_at(phone, artefacts, "signature")
        phone.get_by_role("button", name="确定已送达").tap()
        written_down(phone)
        opened(phone, f"{world.portal}/courier/parcels/{number(pictured)}/delivered")
        phone.get_by_text("家人", exact=True).tap()
        phone.get_by_text("拍照", exact=True).tap()
        phone.locator("#f-photo").set_input_files(large)
        expect(phone.get_by_text("拍好了")).to_be_visible()
        looked_at(phone, artefacts, "photo")
        phone.get_by_role("button", name="确定已送达").tap()
        written_down(phone)
    unsent(phone, 0)
    signature, photo = (world.picture(serial) for serial in (signed, pictured))
    with Image.open(io.BytesIO(signature)) as png:
        assert (png.format, min(png.convert("L").getextrema())) == ("PNG", 0)
    with Image.open(io.BytesIO(photo)) as jpeg:
        assert (jpeg.format, max(jpeg.size) <= 1600) == ("JPEG", True)
    assert len(signature) <= 60_000
    assert len(photo) <= 300_000


def test_a_bag_is_signed_for_and_all_is_taken_out_without_a_signal(
    phone: Page, world: World, artefacts: Path
) -> None:
    bag = manifest_number(17, DAY, 1)
    serials = [world.waiting() for _ in range(2)]
    for serial in serials:
        data = {"manifest": bag}
        world.desk.state("parcel.listed", number(serial), data, author=POINT, actor="s-m1")
    label = mint(point_key(MASTER, 17), Purpose.MANIFEST, bag, DAY + timedelta(days=9))
    opened(phone, f"{world.portal}/courier/find?q={label}")
    with no_signal(phone.context):
        phone.get_by_label("数一数").fill("2")
        phone.get_by_role("button", name="签收这一袋").tap()
        written_down(phone)
        looked_at(phone, artefacts, "bag")
        assert world.parcel(serials[0]).state is ParcelState.PACKED
    expect(phone.get_by_role("heading", name="已揽收 2 件")).to_be_visible()
    home(phone, world, *serials)
    with no_signal(phone.context):
        phone.get_by_role("button", name="全部派送").tap()
        written_down(phone)
        phone.get_by_role("link", name="我手上的邮件").tap()
        expect(phone.get_by_role("button", name="全部派送")).to_be_hidden()
    unsent(phone, 0)
    assert {world.parcel(serial).state for serial in serials} == {ParcelState.OUT}


def test_two_tabs_send_each_report_once(phone: Page, world: World) -> None:
    first, second = world.in_hand(), world.in_hand()
    home(phone, world, first, second)
    other = phone.context.new_page()
    with no_signal(phone.context):
        deliver(phone, world, first)
        written_down(phone)
        opened(other, f"{world.portal}/courier/parcels/{number(first)}")
        expect(other.get_by_role("link", name="已送达")).to_be_hidden()
        deliver(other, world, second)
        written_down(other)
        unsent(phone, 2)
        world.line.reported.clear()
    unsent(phone, 0)
    unsent(other, 0)
    assert sorted(world.line.reported) == [f"{number(s)}/delivered" for s in (first, second)]
    closed(other)


def test_where_a_browser_has_no_locks_a_report_still_counts_once(phone: Page, world: World) -> None:
    serial = world.in_hand()
    pages = [phone.context.new_page() for _ in range(2)]
    for page in pages:
        page.add_init_script("Object.defineProperty(navigator, 'locks', {value: undefined})")
        page.add_init_script("delete window.BroadcastChannel")
    home(pages[0], world, serial)
    with no_signal(phone.context):
        deliver(pages[0], world, serial)
        written_down(pages[0])
        opened(pages[1], f"{world.portal}/courier/")
        unsent(pages[1], 1)
    unsent(pages[1], 0)
    assert len(world.parcel(serial).operations) == 2
    for page in pages:
        closed(page)


def test_a_refusal_is_shown_at_its_parcel_until_it_was_read(
    phone: Page, world: World, artefacts: Path
) -> None:
    serial = world.in_hand()
    home(phone, world, serial)
    with no_signal(phone.context):
        deliver(phone, world, serial)
        written_down(phone)
        data = {"op": "f" * 32, "when": NOW}
        world.desk.state("parcel.returned", number(serial), data, author=AUTHOR, actor=MENG)
    expect(phone.get_by_text("没有算数：这件邮件已经退回")).to_be_visible()
    opened(phone, f"{world.portal}/courier/parcels/{number(serial)}")
    refused = phone.locator("[data-refused]")
    expect(refused).to_contain_text("这件邮件已经退回寄件点，不能再报")
    looked_at(phone, artefacts, "refused")
    refused.get_by_role("button", name="知道了").tap()
    expect(refused).to_have_count(0)
    phone.reload()
    expect(phone.get_by_text("已退回").first).to_be_visible()
    expect(refused).to_have_count(0)


def test_a_label_scanned_without_a_signal_is_taken_over_later(
    phone: Page, world: World, artefacts: Path
) -> None:
    serial, taken = world.waiting(), world.in_hand(HUA)
    home(phone, world)
    with no_signal(phone.context):
        opened(phone, f"{world.portal}/courier/find?q={token(serial)}")
        looked_at(phone, artefacts, "take")
        phone.get_by_role("button", name="揽收").tap()
        written_down(phone)
        opened(phone, f"{world.portal}/courier/find?q={tracking(taken)}")
        phone.get_by_role("button", name="揽收").tap()
        written_down(phone)
        opened(phone, f"{world.portal}/courier/find?q=abcd")
        expect(phone.get_by_text("您手上没有这件邮件。")).to_be_visible()
    refused = phone.locator("[data-refused]")
    expect(refused).to_contain_text("另一位快递员")
    refused.get_by_role("button", name="知道了").tap()
    assert world.parcel(serial).state is ParcelState.TAKEN_OVER
    home(phone, world, serial)


def test_where_the_phone_cannot_write_it_down_that_is_said_and_it_can_be_sent_at_once(
    phone: Page, world: World
) -> None:
    serial = world.in_hand()
    opened(phone, f"{world.portal}/courier/parcels/{number(serial)}/delivered")
    phone.evaluate(FULL)
    phone.get_by_text("本人", exact=True).tap()
    phone.locator("#f-code").fill(CODE)
    phone.get_by_role("button", name="确定已送达").tap()
    expect(phone.get_by_text("手机里记不下来，这次还没有记")).to_be_visible()
    assert world.parcel(serial).state is ParcelState.TAKEN_OVER
    phone.get_by_role("button", name="直接发送").tap()
    expect(phone.get_by_role("heading", name="已送达：本人")).to_be_visible()


def test_signed_out_in_between_everything_waits_for_its_own_courier(
    phone: Page, world: World, artefacts: Path
) -> None:
    serial = world.in_hand()
    home(phone, world, serial)
    with no_signal(phone.context):
        deliver(phone, world, serial)
        written_down(phone)
        asked: list[str] = []
        phone.once("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
        phone.get_by_role("button", name="退出").tap()
        assert asked[0].startswith("还有 1 件未发送")
        phone.context.clear_cookies()
    expect(phone.locator("[data-unsent] [data-why]")).to_have_text("登录后会自动发送")
    opened(phone, f"{world.portal}/courier/")
    unsent(phone, 1)
    looked_at(phone, artefacts, "sign-in")
    keeps(phone, serial, none=True)
    sign_in(phone, world, "hua")
    expect(phone.locator("[data-unsent] [data-why]")).to_have_text("要孟师傅登录后才会发送")
    assert world.parcel(serial).state is ParcelState.TAKEN_OVER
    phone.get_by_role("button", name="退出").tap()
    sign_in(phone, world)
    unsent(phone, 0)
    assert world.parcel(serial).state is ParcelState.DELIVERED


def pids_of(profile: Path) -> list[int]:
    """The processes of the browser that lives in this profile."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            found += [int(entry.name)] * (f"--user-data-dir={profile}".encode() in words)
    return found


def test_a_browser_killed_a_day_before_it_has_a_signal_again_has_lost_nothing(
    playwright: Playwright, chromium_path: str, world: World, tmp_path: Path
) -> None:
    def switched_on() -> BrowserContext:
        context = playwright.chromium.launch_persistent_context(
            tmp_path, executable_path=chromium_path, args=ARGUMENTS, **LOOKS
        )
        context.set_default_timeout(WAIT_MS)
        # Only pages live by a clock that a test can set, so only they send here.
        context.add_init_script("delete ServiceWorkerRegistration.prototype.sync")
        context.clock.set_fixed_time(world.clock.now)
        return context

    serial = world.in_hand()
    context = switched_on()
    page = context.pages[0]
    opened(page, f"{world.portal}/courier/")
    sign_in(page, world)
    home(page, world, serial)
    context.set_offline(True)
    deliver(page, world, serial)
    written_down(page)
    for pid in pids_of(tmp_path):
        os.kill(pid, signal.SIGKILL)
    with suppress(Error):  # the driver may have noticed already
        context.close()
    world.clock.forward(days=1)
    context = switched_on()
    page = context.pages[0]
    opened(page, f"{world.portal}/courier/")
    if page.get_by_label("PIN 码").is_visible():  # the cookie had not reached the disk
        unsent(page, 1)
        sign_in(page, world)
    unsent(page, 0)
    context.close()
    parcel = world.parcel(serial)
    assert parcel.state is ParcelState.DELIVERED
    assert parcel.steps[-1].data["when"] == NOW
