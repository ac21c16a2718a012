"""The page kit in a real browser: seen, used by keyboard and by thumb, and checked by axe."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import attentive
from tests.courier.look.gallery import make_gallery
from tests.serving import served

AXE = Path(__file__).parent / "vendor" / "axe.min.js"
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
#: Only what is wrong is gathered: describing what is well took two thirds of the time.
FIND = """async tags => {
  const what = {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']};
  return (await axe.run(document, what)).violations;
}"""


@pytest.fixture(scope="module")
def gallery() -> Iterator[str]:
    with served(make_gallery()) as address:
        yield address


@pytest.fixture
def window(page: Page, gallery: str) -> Page:
    page.goto(f"{gallery}/window")
    attentive(page).keyboard.type("linmei")
    page.keyboard.press("Tab")
    page.keyboard.type("door")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{gallery}/window")
    return page


def axe_findings(page: Page) -> list[str]:
    # Playwright's own channel carries the script in, so the page's policy stays as strict as it is.
    page.evaluate(AXE.read_text())
    violations = page.evaluate(FIND, STANDARDS)
    return [
        f"{rule['id']}: {node['html'][:120]} {node.get('failureSummary', '')}"
        for rule in violations
        for node in rule["nodes"]
    ]


def test_the_window_fits_a_counter_s_screen_and_is_clean_for_axe(
    window: Page, artefacts: Path
) -> None:
    window.screenshot(path=artefacts / "look-window.png")
    sizes = window.evaluate("[document.documentElement.scrollWidth, innerHeight, scrollY]")
    assert sizes[0] <= 1366
    expect(window.get_by_role("button", name="收件")).to_be_in_viewport()
    assert axe_findings(window) == []


@pytest.mark.parametrize("surface", ["resident", "courier", "board", "kiosk"])
def test_every_surface_is_clean_for_axe_on_a_phone_and_never_scrolls_sideways(
    phone_page: Page, gallery: str, artefacts: Path, surface: str
) -> None:
    phone_page.goto(f"{gallery}/{surface}/")
    phone_page.screenshot(path=artefacts / f"look-{surface}-phone.png")
    assert phone_page.evaluate("document.documentElement.scrollWidth") <= 390
    assert axe_findings(phone_page) == []


@pytest.mark.parametrize("url", ["/signin/", "/board/", "/nowhere", "/board/?theme=contrast"])
def test_other_pages_are_clean_for_axe_at_a_desk(
    page: Page, gallery: str, artefacts: Path, url: str
) -> None:
    page.goto(gallery + url)
    page.screenshot(path=artefacts / f"look{url.replace('/', '-').replace('?', '-')}.png")
    assert axe_findings(page) == []


def test_nothing_is_refused_by_the_policy_and_nothing_is_asked_of_another_host(
    page: Page, gallery: str
) -> None:
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    for url in ("/signin/", "/resident/", "/courier/", "/board/", "/kiosk/"):
        page.goto(gallery + url)
    assert said == []
    assert all(url.startswith(gallery) for url in asked)


def test_sizes_are_what_each_surface_s_people_need(phone_page: Page, gallery: str) -> None:
    phone_page.goto(f"{gallery}/resident/")
    assert phone_page.evaluate("getComputedStyle(document.body).fontSize") == "20px"
    phone_page.goto(f"{gallery}/courier/")
    for button in phone_page.locator("main .button, .actions-bar .button, .nav a").all():
        box = button.bounding_box()
        assert box is not None
        assert box["height"] >= 56


def test_a_clerk_finds_and_saves_without_a_mouse(window: Page) -> None:
    window.keyboard.press("/")
    expect(window.locator("#f-q")).to_be_focused()
    window.keyboard.type("敬老卡")
    expect(window.locator("#results [data-result]").first).to_contain_text("敬老卡")
    window.keyboard.press("ArrowDown")
    window.keyboard.press("ArrowDown")
    expect(window.locator("#results [data-result]").nth(1)).to_be_focused()
    window.keyboard.press("ArrowUp")
    window.keyboard.press("ArrowUp")
    expect(window.locator("#f-q")).to_be_focused()
    window.keyboard.press("Enter")
    window.wait_for_url("**/window?item=0")
    window.keyboard.press("Alt+s")
    expect(window.locator(".toast")).to_contain_text("已收件")


def test_a_letter_typed_into_a_field_is_a_letter_and_no_shortcut(window: Page) -> None:
    window.locator("#f-number").fill("")
    window.locator("#f-number").press_sequentially("sw")
    expect(window.locator("#f-number")).to_have_value("sw")
    assert window.url.endswith("/window")


def test_an_error_summary_takes_the_reader_to_the_field(phone_page: Page, gallery: str) -> None:
    phone_page.goto(f"{gallery}/resident/")
    phone_page.fill("#f-number", "123")
    phone_page.get_by_role("button", name="下一步").tap()
    expect(phone_page.locator(".error-summary")).to_be_focused()
    phone_page.get_by_role("link", name="身份证号的最后一位不对").tap()
    expect(phone_page.locator("#f-number")).to_be_focused()
    expect(phone_page.locator("#f-number")).to_have_value("123")
    assert axe_findings(phone_page) == []


def test_changing_the_language_loses_nothing_that_was_typed(phone_page: Page, gallery: str) -> None:
    phone_page.goto(f"{gallery}/resident/")
    phone_page.fill("#f-name", "𠮷·林")
    phone_page.get_by_label("免费寄到家").check()
    phone_page.get_by_role("link", name="English").tap()
    expect(phone_page.locator("html")).to_have_attribute("lang", "en")
    expect(phone_page.locator("#f-name")).to_have_value("𠮷·林")
    expect(phone_page.get_by_label("免费寄到家")).to_be_checked()
    assert phone_page.evaluate("sessionStorage.getItem('doorstep-typed')") is None


def test_a_form_pressed_twice_is_sent_once(phone_page: Page, gallery: str) -> None:
    sent: list[str] = []
    phone_page.goto(f"{gallery}/resident/")
    phone_page.on("request", lambda r: sent.append(r.url) if r.method == "POST" else None)
    phone_page.evaluate(
        "() => { const b = document.querySelector('main .button'); b.click(); b.click(); }"
    )
    phone_page.wait_for_selector(".error-summary")
    assert len(sent) == 1


def test_a_toast_goes_away_by_itself(window: Page) -> None:
    window.clock.install()
    window.keyboard.press("Alt+s")
    expect(window.locator(".toast")).to_be_visible()
    window.clock.run_for(9000)
    expect(window.locator(".toast")).to_have_count(0)


def test_paper_shows_the_words_and_not_the_controls(window: Page, artefacts: Path) -> None:
    window.emulate_media(media="print")
    window.screenshot(path=artefacts / "look-print.png", full_page=True)
    for control in (".nav", ".actions-bar", ".work-list", ".foot"):
        expect(window.locator(control)).to_be_hidden()
    expect(window.locator(".timeline").first).to_be_visible()


def test_a_resident_without_scripts_can_fill_in_the_form(gallery: str, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False, locale="zh-CN")
    page = context.new_page()
    page.goto(f"{gallery}/resident/")
    page.fill("#f-number", "11010519491231002X")
    page.click("text=下一步")
    page.wait_for_selector("text=请填写收件人姓名")
    expect(page.locator("#f-number")).to_have_value("11010519491231002X")
    context.close()
