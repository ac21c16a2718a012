"""The resident's pages on a phone and the board on a desk and on a wall, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Error, Page, Response, expect

from cases.issued import PaperKind
from cases.numbers import parse_paper_number
from central.web import create_app
from labels.paper_code import PaperCode, mint_paper
from sync import bell
from tests.browser.conftest import attentive
from tests.browser.test_look import axe_findings
from tests.central.world import CENTRE, HERE, PASSWORD, Central, Clock, Point, make_district
from tests.serving import served

WEIGHT_MAX = 60_000
#: Slips that were begun so many hours ago, as ``slip.js`` keeps them.
KEPT_FOR_HOURS = """(slips) => {
  for (const [name, hours] of Object.entries(slips)) {
    const kept = { values: {}, at: Date.now() - hours * 3600e3 };
    localStorage.setItem(`doorstep-slip:${name}`, JSON.stringify(kept));
  }
}"""
FIRST_FLIGHT = 14_600  # what a server sends before it has heard back once (RFC 6928: ten segments)


class World:
    """A running central with a point, at ``url``."""

    def __init__(self, folder: Path, running: ExitStack) -> None:
        self.clock = Clock()
        self.district = make_district(folder, self.clock)
        self.central = Central(self.district)
        self.point = Point(self.district, HERE, self.clock)
        self.centre = Point(self.district, CENTRE, self.clock)
        running.callback(self.central.close)
        self.url = running.enter_context(served(create_app(self.district)))


PAPER = "榕鼓市监准〔2026〕GL031-0001号"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with ExitStack() as running:
        yield World(tmp_path / "central", running)


def shot(page: Page, artefacts: Path, name: str) -> None:
    page.wait_for_load_state()
    page.screenshot(path=artefacts / f"{name}.png", full_page=True)
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0, f"{name}: {wide} px too wide"
    assert axe_findings(page) == [], name


def blocking(page: Page) -> list[str]:
    """The style sheets that the browser fetched before it drew the page."""
    names = page.evaluate(
        "[...document.querySelectorAll('link[rel=stylesheet]:not([media=print])')].map(l => l.href)"
    )
    return [str(name).rpartition("/")[2].partition("?")[0] for name in names]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_resident_fills_in_the_slip_with_a_thumb(
    world: World, phone_page: Page, artefacts: Path, language: str
) -> None:
    number = world.point.receive()
    world.central.carry()
    page, token = phone_page, world.point.token(number)
    page.goto(f"{world.url}/T/{token}?lang={language}")
    shot(page, artefacts, f"resident-{language}-case-new")
    page.click("a.button.wide")
    shot(page, artefacts, f"resident-{language}-slip-way")
    page.click("button[value='post']")
    shot(page, artefacts, f"resident-{language}-slip-who")
    page.click("form .button.wide")
    shot(page, artefacts, f"resident-{language}-slip-who-wrong")
    page.fill("#f-name", "林小梅")
    page.fill("#f-phone", "138 0591 5678")
    page.click("form .button.wide")
    shot(page, artefacts, f"resident-{language}-slip-place")
    page.click("text=福建省")
    page.click("text=福州市 >> visible=true")
    shot(page, artefacts, f"resident-{language}-slip-place-county")
    page.fill("#f-q", "gl")
    page.press("#f-q", "Enter")
    shot(page, artefacts, f"resident-{language}-slip-place-found")
    page.click("button[value='350102'] >> nth=0")
    page.fill("#f-street", "东街街道军门社区12号楼3单元502室")
    shot(page, artefacts, f"resident-{language}-slip-street")
    page.click("form .button.wide")
    shot(page, artefacts, f"resident-{language}-slip-check")
    page.click("form .button.wide")
    shot(page, artefacts, f"resident-{language}-slip-done")
    world.central.carry()
    parcel = settle(world, number)
    page.goto(f"{world.url}/t/{token.lower()}")
    expect(page.locator("main")).to_contain_text("已办结" if language == "zh" else "Completed")
    assert parcel
    shot(page, artefacts, f"resident-{language}-case-posted")
    page.goto(f"{world.url}/V/{code_on_paper(world, number)}")
    expect(page.locator("main")).to_contain_text(PAPER)
    shot(page, artefacts, f"resident-{language}-verify")
    page.goto(world.url)
    shot(page, artefacts, f"resident-{language}-home")
    page.goto(f"{world.url}/privacy")
    shot(page, artefacts, f"resident-{language}-privacy")
    page.goto(f"{world.url}/T/{token}/slip")
    shot(page, artefacts, f"resident-{language}-refused")


def code_on_paper(world: World, number: str) -> str:
    bare = parse_paper_number(PAPER)
    assert bare is not None
    point = world.point
    code = PaperCode(number, PaperKind.APPROVAL, bare._replace(series=""), point.number)
    return mint_paper(point.district.secrets.token_key(point.number), code)


def settle(world: World, number: str) -> str:
    for minutes, step in ((50, "case.accepted"), (300, "case.approved")):
        world.clock.forward(minutes=minutes)
        paper = {"paper_number": PAPER} if step == "case.approved" else {}
        world.point.state(step, number, paper)
    world.point.state(
        "case.completed", number, {"result": "paper", "delivery": "mail", "filed": []}
    )
    parcel = world.point.post(number)
    world.point.state("parcel.waybill_printed", parcel, {"copy": 1})
    world.central.carry()
    return parcel


def test_a_poster_slip_ends_with_a_code_that_can_be_called_out(
    world: World, phone_page: Page, artefacts: Path
) -> None:
    page = phone_page
    page.goto(f"{world.url}/T/{world.point.poster()}")
    page.click("button[value='post']")
    page.fill("#f-name", "买买提·吐尔逊")
    page.fill("#f-phone", "13805915678")
    page.click("form .button.wide")
    page.fill("#f-q", "changle")
    page.press("#f-q", "Enter")
    page.click("button[value='350112'] >> nth=0")
    page.fill("#f-street", "航城街道龙门新村3号楼201")
    page.click("form .button.wide")
    page.click("form .button.wide")
    assert re.fullmatch(r"\d{4}", page.inner_text(".big-code"))
    shot(page, artefacts, "resident-zh-poster-done")


def test_a_slip_needs_no_script_and_weighs_little(
    world: World, browser: Chromium, artefacts: Path
) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN")
    page, token = context.new_page(), world.point.token(world.point.new_case_number())
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))
    page.goto(f"{world.url}/T/{token}/slip")
    page.wait_for_load_state("networkidle")
    weight = sum(int(a.headers.get("content-length", "0")) for a in answers)
    assert 1_000 < weight < WEIGHT_MAX
    assert {a.url.split("/")[2] for a in answers} == {world.url.split("/")[2]}
    first = next(a for a in answers if a.request.resource_type == "document" and a.ok)
    assert int(first.headers["content-length"]) < FIRST_FLIGHT
    assert blocking(page) == [], "the first page is drawn from one answer"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(245, 247, 248)"
    page.reload()
    assert blocking(page) == ["base.css", "parts.css", "resident.css"], "kept for the next pages"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(245, 247, 248)"
    context.close()
    plain = browser.new_context(java_script_enabled=False, locale="zh-CN")
    page = plain.new_page()
    page.goto(f"{world.url}/T/{token}/slip")
    page.click("button[value='post']")
    page.fill("#f-name", "林小梅")
    page.fill("#f-phone", "13805915678")
    page.click("form .button.wide")
    page.click("text=福建省")
    page.click("a.place-option:has-text('福州市')")
    page.click("button[value='350102']")
    page.fill("#f-street", "东街88号502室")
    page.click("form .button.wide")
    page.click("form .button.wide")
    expect(page.locator("main")).to_contain_text("线路暂时不通")
    plain.close()


def test_going_back_and_reloading_lose_nothing(world: World, phone_page: Page) -> None:
    page = phone_page
    page.goto(f"{world.url}/T/{world.point.token(world.point.new_case_number())}/slip")
    page.click("button[value='post']")
    page.fill("#f-name", "林小梅")
    page.fill("#f-phone", "13805915678")
    page.click("form .button.wide")
    page.wait_for_url("**/slip/place")
    page.go_back()
    page.reload()
    expect(page.locator("#f-name")).to_have_value("林小梅")
    page.goto(page.url.replace("/who", ""))
    page.click("button[value='post']")
    expect(page.locator("#f-phone")).to_have_value("13805915678")


def test_a_lost_line_and_a_closed_page_lose_nothing_that_was_typed(
    world: World, phone_page: Page
) -> None:
    page, context = phone_page, phone_page.context
    address = f"{world.url}/T/{world.point.token(world.point.new_case_number())}/slip/who"
    page.goto(address)
    page.fill("#f-name", "翁㛃龘")
    page.evaluate(KEPT_FOR_HOURS, {"/T/A": 11, "/T/B": 13})
    page.close()
    page = context.new_page()
    page.goto(address)
    expect(page.locator("#f-name"), "the tab was closed unsent").to_have_value("翁㛃龘")
    kept = page.evaluate("Object.keys(localStorage).map((name) => name.slice(-4))")
    assert "/T/A" in kept
    assert "/T/B" not in kept, "half a day has gone by, and nobody came back to that slip"
    page.fill("#f-phone", "13805915678")
    context.set_offline(True)
    with suppress(Error):
        page.click("form .button.wide", timeout=2_000)
    context.set_offline(False)
    page = context.new_page()
    page.goto(address)
    expect(page.locator("#f-phone"), "the line broke").to_have_value("13805915678")


def test_without_a_line_the_slip_says_so_and_keeps_what_was_pasted(
    world: World, phone_page: Page, artefacts: Path
) -> None:
    page, context = phone_page, phone_page.context
    address = f"{world.url}/T/{world.point.token(world.point.new_case_number())}/slip/who"
    page.goto(address)
    pasted = "翁㛃龘 13805915678 福州市鼓楼区东街街道八一七北路1号"
    context.set_offline(True)
    page.fill("#f-pasted", pasted)
    page.dispatch_event("#f-pasted", "paste")
    expect(page.get_by_text("您填的都留在这部手机上")).to_be_visible()
    page.screenshot(path=artefacts / "slip-no-line.png")
    page.close()
    context.set_offline(False)
    page = context.new_page()
    page.goto(address)
    expect(page.locator("#f-pasted")).to_have_value(pasted)
    context.set_offline(True)
    page.click("form .button.wide")
    expect(page.get_by_text("现在没有网络")).to_be_visible()
    context.set_offline(False)
    expect(page.get_by_text("现在没有网络")).to_be_hidden()
    page.click("form:has(#f-pasted) button")
    expect(page.locator("main")).to_contain_text("八一七北路1号")
    expect(page.locator("main")).to_contain_text("翁㛃龘")


def test_going_back_to_a_page_that_told_a_mistake_opens_it_again(
    world: World, phone_page: Page
) -> None:
    page = phone_page
    page.goto(f"{world.url}/T/{world.point.token(world.point.new_case_number())}/slip")
    page.click("button[value='post']")
    page.fill("#f-name", "翁㛃龘")
    page.fill("#f-phone", "1380591567")
    page.click("form .button.wide")
    attentive(page).wait_for_selector(".error-summary")
    page.fill("#f-phone", "13805915678")
    page.click("form .button.wide")
    page.wait_for_url("**/slip/place")
    page.go_back()
    expect(page.locator("#f-name")).to_have_value("翁㛃龘")
    expect(page.locator("#f-phone")).to_have_value("13805915678")


def test_going_back_to_a_look_up_that_found_nothing_asks_again(
    world: World, phone_page: Page
) -> None:
    page = phone_page
    page.goto(world.url)
    page.fill("#f-number", "GL017-261122-0042-X")
    page.click("form .button.wide")
    attentive(page).wait_for_selector(".error-summary")
    page.goto(f"{world.url}/privacy")
    page.go_back()
    expect(page.locator("#f-number")).to_be_visible()


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (1920, 1080)])
def test_the_board_reads_at_a_desk_and_on_a_wall(
    world: World, browser: Chromium, artefacts: Path, width: int, height: int
) -> None:
    busy(world)
    context = browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN")
    page = context.new_page()
    problems: list[str] = []
    page.on("console", lambda m: problems.append(m.text) if m.type == "error" else None)
    page.goto(f"{world.url}/board/")
    shot(page, artefacts, f"board-{width}-signin")
    page.fill("#f-login", "guan")
    page.fill("#f-password", PASSWORD)
    page.click("main button")
    expect(page.locator("h1")).to_have_text("总览")
    page.screenshot(path=artefacts / f"board-{width}-first.png")
    for name in ("overview", "late", "cases", "tasks", "points", "parcels", "aside", "refused"):
        page.goto(f"{world.url}/board/{'' if name == 'overview' else name}")
        shot(page, artefacts, f"board-{width}-{name}")
    page.goto(f"{world.url}/board/late")
    page.click("tbody a >> nth=0")
    shot(page, artefacts, f"board-{width}-case")
    page.goto(f"{world.url}/board/points/{HERE}")
    shot(page, artefacts, f"board-{width}-point")
    assert problems == []
    context.close()


def busy(world: World) -> None:
    """A district with cases in many states, some late, a point that fell silent."""
    here, clock = world.point, world.clock
    clock.now = "2026-11-09T01:00:00Z"
    for minutes in (0, 40, 90):
        clock.forward(minutes=minutes)
        here.receive()
    accepted = here.receive()
    here.state("case.accepted", accepted, {})
    server = world.district.connect()
    bells = server.database(bell.NAME)
    clock.now = "2026-11-22T23:55:00Z"
    bell.ring(bells, CENTRE, author=world.centre.author, n=0, at=clock.now, software="0.1.0")
    clock.now = "2026-11-23T01:02:00Z"
    forwarded = here.receive(deciding=CENTRE)
    here.state("case.forwarded", forwarded, {"to": CENTRE, "department": "SCJG"})
    world.centre.state("case.approved", forwarded, {})
    done = here.receive()
    here.decide(done)
    here.post(done)
    refused = here.receive()
    here.decide(refused, approve=False, delivery="window")
    clock.now = "2026-11-23T01:31:05Z"
    bell.ring(bells, HERE, author=here.author, n=here.n, at=clock.now, software="0.1.0")
    world.central.carry()
    clock.forward(minutes=1)


def test_a_resident_has_it_sent_to_a_point_then_takes_it_back(
    world: World, phone_page: Page, artefacts: Path
) -> None:
    number = world.point.receive()
    world.central.carry()
    page, base = phone_page, f"{world.url}/T/{world.point.token(number)}"
    page.goto(f"{base}/slip")
    page.click("button[value='pickup']")
    shot(page, artefacts, "resident-zh-slip-point")
    page.fill("#f-q", "jm")
    page.press("#f-q", "Enter")
    page.click(f"button[value='{world.point.code}']")
    page.fill("#f-name", "林小梅")
    page.fill("#f-phone", "13805915678")
    page.click("form .button.wide")
    shot(page, artefacts, "resident-zh-slip-check-pickup")
    page.click("form .button.wide")
    world.central.carry()
    page.goto(base)
    expect(page.locator("main")).to_contain_text("到受理点取")
    shot(page, artefacts, "resident-zh-case-pickup")
    page.click("text=取消（要填后四位）")
    page.fill("#f-last_four", "392X")
    page.click("form .button.wide")
    shot(page, artefacts, "resident-zh-slip-cancel")
    page.click("form .button.wide")
    expect(page.locator("#toasts")).to_contain_text("寄递单已取消")
    expect(page.get_by_role("link", name="填寄递单")).to_be_visible()
