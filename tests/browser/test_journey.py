"""The main job in a real Chromium, from the first page to the closed case, on real processes.

Each test is one step of the same day and goes on where the one before it ended. The clerk, the
officer and the mail desk use the keyboard only; the residents and the courier use a thumb.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from central.demo.hub import serve_hub
from central.demo.plan import CENTRE, COURIER, JUNMEN, PIN, SUPERVISOR
from central.demo.story import code_on
from tests.browser.conftest import attentive
from tests.browser.district import (
    Album,
    District,
    People,
    a_district,
    expect_toast,
    press,
    printed,
    sign_in,
    wait_to_see,
)

pytestmark = pytest.mark.xdist_group("journey")

NAME, NUMBER, PHONE_NUMBER = "林𠮷梅", "350102199003078516", "13812345678"
VISITOR, VISITOR_NUMBER, VISITOR_PHONE = "翁㛃龘", "350103194609082011", "13905911234"
FORKLIFT = "特种设备安全管理和作业人员资格认定（复审）"
SENIOR_CARD = "老年人优待证办理（申领）"


@dataclass
class Day:
    """The people of this day, and what they hold in their hands."""

    district: District
    people: People
    album: Album
    clerk: Page
    resident: Page
    officer: Page
    rider: Page
    board: Page
    failed_before: int
    _held: dict[str, str] = field(default_factory=dict)

    def keep(self, name: str, value: str) -> None:
        """Note something for the steps to come."""
        self._held[name] = value

    def __getitem__(self, name: str) -> str:
        return self._held[name]

    def window(self, path: str = "/") -> str:
        """An address at the community point's window."""
        return f"{self.district.plan.window(JUNMEN)}{path}"

    def centre(self, path: str = "/") -> str:
        """An address at the district centre's window."""
        return f"{self.district.plan.window(CENTRE)}{path}"

    def portal(self, path: str = "/") -> str:
        """An address at central."""
        return f"{self.district.plan.portal}{path}"


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory) -> Iterator[District]:
    with a_district(tmp_path_factory.mktemp("journey") / "district") as district:
        yield district


@pytest.fixture(scope="module")
def day(
    district: District, browser: Browser, artefacts: Path, request: pytest.FixtureRequest
) -> Iterator[Day]:
    people = People(browser, district)
    yield Day(
        district,
        people,
        Album(artefacts),
        clerk=people.at_window(JUNMEN, "lin"),
        resident=people.on_a_phone(),
        officer=people.at_window(CENTRE, "zheng"),
        rider=people.on_a_phone(),
        board=people.at_a_desk(),
        failed_before=request.session.testsfailed,
    )
    people.close()


@pytest.fixture(autouse=True)
def in_its_turn(day: Day, request: pytest.FixtureRequest) -> None:
    """Each step needs those before it: after one that failed, the others say nothing more."""
    if request.session.testsfailed > day.failed_before:
        pytest.skip("an earlier step of this day failed")


def test_the_first_page_shows_every_door(day: Day) -> None:
    with serve_hub(day.district.plan):
        page = day.people.at_a_desk()
        page.goto(day.district.plan.hub)
        expect(page.locator(".door a.button")).to_have_count(6)
        day.album.page(page, "first-page")
        phone = day.people.on_a_phone()
        phone.goto(day.district.plan.hub)
        day.album.page(phone, "first-page-phone")
        page.close()
        phone.close()


def test_1_with_the_line_cut_the_clerk_finds_a_matter_by_what_people_call_it(day: Day) -> None:
    day.district.line.cut()
    page = day.clerk
    page.goto(day.window())
    expect(page.locator("#f-q")).to_be_focused()
    for words in ("laonian", "lnyd", "敬老卡"):
        page.keyboard.press("Control+a")
        page.keyboard.type(words)
        expect(page.locator("#results")).to_have_attribute("data-of", words)
        expect(page.locator("#results")).to_contain_text(SENIOR_CARD)
    expect(page.locator("#line-state")).to_contain_text("断开", timeout=30_000)
    day.album.page(page, "search", tour="window-search")


def test_1_a_mistake_is_named_and_what_was_typed_is_kept(day: Day) -> None:
    page = day.clerk
    page.keyboard.press("Control+a")
    page.keyboard.type("叉车证复审")
    expect(page.locator("#results a").first).to_contain_text(FORKLIFT)
    page.keyboard.press("Enter")
    page.wait_for_url(day.window("/matters/*"))
    day.album.page(page, "matter")
    page.keyboard.press("r")
    expect(page.locator("#f-document_number")).to_be_focused()
    attentive(page)
    for typed in (NUMBER, NAME):
        page.keyboard.type(typed)
        page.keyboard.press("Tab")
    page.keyboard.type(PHONE_NUMBER)
    press(page, "a")
    expect(page.locator("#draft-state")).to_contain_text("已自动存草稿")
    day.album.page(page, "reception", tour="window-reception")
    page.locator("#f-document_number").press("End")
    page.keyboard.press("Backspace")
    page.keyboard.type("0")
    press(page, "r")
    expect(page.locator(".error-summary")).to_be_focused()
    expect(page.locator("#f-name")).to_have_value(NAME)
    day.album.page(page, "reception-mistake")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#f-document_number")).to_be_focused()
    attentive(page)
    page.keyboard.press("Control+a")
    page.keyboard.type(NUMBER)


def test_1_the_case_is_received_and_exists_only_here(day: Day) -> None:
    page = day.clerk
    press(page, "r")
    page.wait_for_url(day.window("/cases/*/received"))
    expect(page.locator("h1")).to_have_text("收好了")
    expect(page.locator("#safe")).to_contain_text("只在本机")
    day.album.page(page, "received", tour="window-received")
    day.keep("case", page.locator(".big-number").inner_text())
    pdf, paper = printed(page, lambda: press(page, "p"))
    day.album.paper(pdf, "receipt")
    assert day["case"] in paper.words
    assert NUMBER not in paper.words
    day.keep("receipt", paper.qr[0])
    day.keep("code", code_on(paper))


def test_3_the_resident_scans_the_receipt_and_fills_in_the_slip_while_the_line_is_cut(
    day: Day,
) -> None:
    page = day.resident
    page.goto(day["receipt"])
    expect(page.locator("main")).to_contain_text("线路暂时不通")
    day.album.page(page, "scanned-receipt")
    page.get_by_role("link", name="填寄递单").tap()
    day.album.page(page, "slip-way")
    page.get_by_role("button", name="寄到家").tap()
    page.get_by_label("收件人姓名").fill(NAME)
    page.get_by_label("手机号码").fill("138 1234 5678")
    day.album.page(page, "slip-who", tour="phone-slip")
    page.get_by_role("button", name="下一步").tap()
    page.get_by_label("输入区县名称").fill("gulou")
    page.get_by_role("button", name="查找").tap()
    expect(page.get_by_role("heading", name="找到的区县")).to_be_visible()
    day.album.page(page, "slip-place")
    page.locator("button[value='350102']").first.tap()
    page.locator("#f-street").fill("东街街道津泰路 88 号 3 座 502 室")
    day.album.page(page, "slip-street")
    page.get_by_role("button", name="下一步").tap()
    expect(page.get_by_role("heading", name="对不对")).to_be_visible()
    day.album.page(page, "slip-check")
    page.get_by_role("button", name="没有错").tap()
    expect(page.get_by_role("heading", name="寄递单填好了")).to_be_visible()
    day.album.page(page, "slip-done")


def test_3_another_scans_the_poster_while_queuing_and_reads_english(day: Day) -> None:
    page = day.clerk
    page.goto(day.window("/slips"))
    day.album.page(page, "slips")
    link = page.get_by_role("link", name="打印柜台海报").first
    pdf, poster = printed(page, lambda: link.press("Enter"))
    day.album.paper(pdf, "poster")
    phone = day.people.on_a_phone("en")
    phone.goto(poster.qr[0])
    expect(phone.locator("html")).to_have_attribute("lang", "en")
    phone.locator("button[value='post']").tap()
    phone.locator("#f-name").fill(VISITOR)
    phone.locator("#f-phone").fill(VISITOR_PHONE)
    day.album.page(phone, "poster-slip-en")
    phone.get_by_role("button", name="Next").tap()
    phone.locator("#f-q").fill("gl")
    phone.locator("#f-q").press("Enter")
    phone.locator("button[value='350102']").first.tap()
    phone.locator("#f-street").fill("安泰街道通湖路 5 号")
    phone.locator("form .button.wide").tap()
    phone.locator("form .button.wide").tap()
    expect(phone.locator(".big-code")).to_be_visible()
    day.album.page(phone, "poster-code-en")
    phone.context.close()


def test_2_the_line_returns_and_the_officer_has_the_whole_case_within_seconds(day: Day) -> None:
    day.district.line.mend()
    case = f"/cases/{day['case']}"
    wait_to_see(day.officer, day.centre(case), "已转办，待受理")
    expect(day.officer.locator(".case-side")).to_contain_text("收件")
    expect(day.officer.locator(".case-side")).to_contain_text("转办")
    day.album.page(day.officer, "officer", tour="window-officer")
    wait_to_see(day.clerk, day.window(case), "已上报")


def test_3_the_clerk_checks_the_slip_with_one_key(day: Day) -> None:
    page = day.clerk
    wait_to_see(page, day.window(f"/cases/{day['case']}"), "核对寄递单")
    day.album.page(page, "slip-at-the-window")
    press(page, "k")
    expect_toast(page, "寄递单已核对")


def test_2_the_papers_travel_under_a_waybill(day: Day) -> None:
    page, rider = day.clerk, day.rider
    page.locator(".case-main a[href^='/parcels/']").first.press("Enter")
    page.wait_for_url(day.window("/parcels/*"))
    papers = page.url.rsplit("/", 1)[1]
    expect(page.locator("main")).not_to_contain_text("身份证")
    press(page, "y")
    _, paper = printed(page, lambda: press(page, "p"))
    assert len(paper.code128) == 1
    rider.goto(paper.qr[0])
    expect(rider.get_by_role("heading", name="邮件面单")).to_be_visible()
    day.album.page(rider, "waybill-to-a-stranger")
    rider.get_by_role("link", name="我是快递员").tap()
    rider.get_by_label("账号").fill(COURIER.login)
    rider.get_by_label("PIN 码").fill(PIN)
    day.album.page(rider, "courier-sign-in")
    rider.get_by_role("button", name="登录").tap()
    rider.wait_for_url(day.portal("/courier/parcels/*"))
    _take_over_and_deliver(day, "受理点工作人员")
    wait_to_see(day.officer, day.centre(f"/parcels/{papers}"), "已签收")
    for box in day.officer.locator("input[name=contents]").all():
        box.press("Space")
    day.album.page(day.officer, "papers-counted")
    press(day.officer, "a")
    expect(day.officer.locator("main")).to_contain_text("收件点已签收")


def _take_over_and_deliver(day: Day, hands: str) -> None:
    rider = day.rider
    rider.get_by_role("button", name="揽收").tap()
    expect(rider.get_by_role("heading", name="已揽收")).to_be_visible()
    rider.get_by_role("link", name="看这件邮件").tap()
    rider.get_by_role("link", name="已送达").tap()
    rider.get_by_text(hands, exact=True).tap()
    rider.get_by_role("button", name="确定已送达").tap()
    expect(rider.get_by_role("heading", name=f"已送达：{hands}")).to_be_visible()


def test_4_the_officer_accepts_approves_and_completes_by_keyboard(day: Day) -> None:
    page = day.officer
    page.goto(day.centre(f"/cases/{day['case']}"))
    press(page, "a")
    expect(page.locator(".case-state")).to_contain_text("已受理")
    press(page, "y")
    page.wait_for_url(day.centre("/cases/*/do/approve"))
    page.get_by_label("备注").type("材料齐全")
    day.album.page(page, "approve")
    press(page, "y")
    expect(page.locator(".case-state")).to_contain_text("准予")
    press(page, "f")
    page.wait_for_url(day.centre("/cases/*/do/complete"))
    day.album.page(page, "complete")
    press(page, "f")
    expect(page.locator(".case-state")).to_contain_text("已办结")


def test_4_the_receiving_point_is_asked_to_tell_the_resident(day: Day) -> None:
    page = day.clerk
    wait_to_see(page, day.window(f"/cases/{day['case']}"), "已办结")
    wait_to_see(page, day.window(), "告知申请人结果")
    day.album.page(page, "what-to-do-next")
    page.goto(day.window(f"/cases/{day['case']}"))
    press(page, "t")
    page.wait_for_url(day.window("/cases/*/do/tell"))
    press(page, "t")
    page.wait_for_url(day.window(f"/cases/{day['case']}"))


def test_5_the_mail_desk_packs_the_result_and_prints_the_waybill(day: Day) -> None:
    page = day.officer
    wait_to_see(page, day.centre("/mail"), "等装封：寄给申请人")
    day.album.page(page, "mail-desk")
    page.goto(day.centre(f"/mail/pack/{day['case']}"))
    day.album.page(page, "pack")
    press(page, "y")
    press(page, "p")
    page.wait_for_url(day.centre("/parcels/*"))
    day.keep("parcel", page.url.rsplit("/", 1)[1])
    pdf, paper = printed(page, lambda: press(page, "p"))
    day.album.paper(pdf, "waybill", tour="waybill")
    for hidden in (NAME, NUMBER, PHONE_NUMBER):
        assert hidden not in paper.words
    day.keep("waybill", paper.qr[0])
    page.reload()
    expect(page.locator("main")).to_contain_text(paper.code128[0])
    day.album.page(page, "parcel")


def test_5_the_courier_tries_once_in_vain_and_then_delivers(day: Day) -> None:
    rider = day.rider
    wait_to_see(rider, day["waybill"], "揽收")
    day.album.page(rider, "courier-parcel", tour="phone-courier")
    rider.get_by_role("button", name="揽收").tap()
    rider.get_by_role("link", name="看这件邮件").tap()
    rider.get_by_role("link", name="没送到").tap()
    rider.get_by_text("家里没有人", exact=True).tap()
    day.album.page(rider, "courier-failed")
    rider.get_by_role("button", name="确定没送到").tap()
    expect(rider.get_by_role("heading", name="没送到")).to_be_visible()
    rider.get_by_role("link", name="我手上的邮件").tap()
    expect(rider.get_by_role("heading", name="我手上的邮件")).to_be_visible()
    day.album.page(rider, "courier-home")
    rider.goto(day.portal(f"/courier/parcels/{day['parcel']}"))
    rider.get_by_role("link", name="已送达").tap()
    rider.get_by_text("本人", exact=True).tap()
    rider.locator("input[name=proof][value=code]").check(force=True)
    rider.locator("#f-code").fill(day["code"])
    day.album.page(rider, "courier-delivered-proof")
    rider.get_by_role("button", name="确定已送达").tap()
    expect(rider.get_by_role("heading", name="已送达：本人")).to_be_visible()
    day.album.page(rider, "courier-delivered")


def test_a_matter_of_the_point_s_own_is_settled_at_once_with_the_poster_slip(day: Day) -> None:
    page = day.clerk
    page.goto(day.window())
    attentive(page).keyboard.type("敬老卡")
    expect(page.locator("#results a").first).to_contain_text(SENIOR_CARD)
    page.keyboard.press("Enter")
    page.wait_for_url(day.window("/matters/*"))
    page.keyboard.press("r")
    expect(page.locator("#f-document_number")).to_be_focused()
    attentive(page)
    for typed in (VISITOR_NUMBER, VISITOR, VISITOR_PHONE):
        page.keyboard.type(typed)
        page.keyboard.press("Tab")
    press(page, "q")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#route")).to_contain_text("本点直接办")
    press(page, "a")
    press(page, "r")
    page.wait_for_url(day.window("/cases/*/received"))
    press(page, "g")
    expect_toast(page, "寄递单已关联")
    day.album.page(page, "poster-slip-attached")
    press(page, "o")
    page.wait_for_url(day.window("/cases/*"))
    press(page, "d")
    page.wait_for_url(day.window("/cases/*/do/at_once"))
    day.album.page(page, "at-once")
    press(page, "d")
    expect(page.locator(".case-state")).to_contain_text("已办结")
    day.album.page(page, "settled-at-once")


def test_6_the_resident_sees_every_step_in_both_languages(day: Day) -> None:
    page = day.resident
    wait_to_see(page, day["receipt"], "已签收")
    for step in ("收件", "受理", "办结"):
        expect(page.locator(".timeline")).to_contain_text(step)
    day.album.page(page, "progress", tour="phone-progress")
    page.get_by_role("link", name="English").tap()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    day.album.page(page, "progress-en", tour="phone-progress-en")
    page.get_by_role("link", name="中文").tap()


def test_6_anybody_may_look_it_up_by_number_and_last_four_and_a_guess_tells_nothing(
    day: Day,
) -> None:
    page = day.people.on_a_phone()
    page.goto(day.portal())
    day.album.page(page, "look-up")
    for four in ("0000", PHONE_NUMBER[-4:]):
        page.get_by_label("办件编号").fill(day["case"].lower().replace("-", " "))
        page.get_by_label("最后四位").fill(four)
        page.get_by_role("button", name="查询").tap()
        if four == "0000":
            expect(page.locator(".error-summary")).to_be_visible()
            expect(page.locator("body")).not_to_contain_text(FORKLIFT)
            day.album.page(page, "look-up-refused")
    expect(page.locator("h1")).to_contain_text(FORKLIFT)
    for hidden in (NAME, NUMBER, PHONE_NUMBER):
        expect(page.locator("body")).not_to_contain_text(hidden)
    page.context.close()


def test_6_the_supervisor_sees_what_stands_where_and_who_was_not_heard_from(day: Day) -> None:
    page = day.board
    page.goto(day.portal("/board/"))
    sign_in(page, SUPERVISOR.login)
    expect(page.locator("h1")).to_have_text("总览")
    day.album.page(page, "board", tour="board")
    wait_to_see(page, day.portal("/board/cases?state=completed"), day["case"])
    day.album.page(page, "board-completed")
    page.goto(day.portal("/board/points"))
    for words in ("军门社区", "从未联系"):
        expect(page.locator("main")).to_contain_text(words)
    day.album.page(page, "board-points")
    page.goto(day.portal("/board/aside?which=all"))
    expect(page.locator("main")).to_contain_text("没有未被采纳的记录")


def test_4_the_case_is_closed_when_everything_is_in_the_right_hands(day: Day) -> None:
    page = day.clerk
    url = day.window(f"/cases/{day['case']}")
    wait_to_see(page, url, "归档")
    press(page, "l")
    expect(page.locator(".case-state")).to_contain_text("已归档")
    day.album.page(page, "closed")


def test_notices_wait_to_be_sent_and_say_nothing_they_need_not(day: Day) -> None:
    said = day.district.spool()
    for kind in ("received", "decided", "posted"):
        assert f'"{kind}"' in said
    assert NUMBER not in said


def test_no_page_of_this_day_complained_or_asked_another_host(day: Day) -> None:
    assert day.people.watch.complaints == []
    assert day.people.watch.strangers == []
