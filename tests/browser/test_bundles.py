"""一件事 and a correction in a real browser: by keyboard at the counter, by thumb on a phone."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.test_portal import World, shot, world
from tests.browser.test_window import address, axe_findings, fits, node, window
from tests.central.test_notice_code import code, notice
from tests.node.pictures import jpeg
from tests.node.receiving import ID

__all__ = ["address", "node", "window", "world"]  # the fixtures of a window and of central


def test_several_matters_are_received_at_once_by_keyboard(window: Page, artefacts: Path) -> None:
    window.goto(f"{window.url}bundles/YJS02")
    expect(window.locator("#f-document_number")).to_be_focused()
    for place, text in enumerate((ID, "林小梅", "13805911234")):
        if place:
            window.keyboard.press("Tab")
        window.keyboard.type(text)
    window.locator("#f-matter-YBJ-001002").focus()
    expect(window.locator("#bundle-now.htmx-request")).to_have_count(0)
    window.locator("#f-matter-YBJ-001002").focus()
    window.keyboard.press("Space")
    expect(window.locator("#bundle-matters")).to_contain_text("收 7 件")
    window.keyboard.press("2")
    expect(window.locator("#questions")).to_contain_text("都问清楚了")
    for field in ("residence", "registered_residence"):
        window.locator(f"#f-area-{field}").select_option(index=1)
        expect(window.locator("#bundle-now.htmx-request")).to_have_count(0)
    expect(window.locator("#bundle-matters")).not_to_contain_text("看户籍在哪个")
    window.keyboard.press("Alt+a")
    window.screenshot(path=artefacts / "window-bundle.png", full_page=True)
    assert axe_findings(window) == []
    fits(window)
    window.keyboard.press("Alt+r")
    window.wait_for_url("**/received")
    expect(window.locator("h1")).to_have_text("收好了 7 件")
    window.screenshot(path=artefacts / "window-bundle-received.png")
    assert axe_findings(window) == []
    fits(window)


def test_a_notice_is_corrected_on_a_phone(
    phone_page: Page, world: World, artefacts: Path, tmp_path: Path
) -> None:
    number = world.point.receive()
    notice(world.point, number)
    world.central.carry()
    picture = tmp_path / "IMG_1.jpg"
    picture.write_bytes(jpeg(noted=True))
    phone_page.goto(f"{world.url}/V/{code(world.point, number)}")
    expect(phone_page.locator(".case-now h2")).to_have_text("还有 2 样要补")
    shot(phone_page, artefacts, "phone-correct")
    phone_page.get_by_text("查验这份文书").click()
    shot(phone_page, artefacts, "phone-correct-checked")
    phone_page.get_by_text("看要补什么").click()
    phone_page.get_by_text("补这一样").first.click()
    phone_page.locator("#f-last_four").fill("392X")
    phone_page.get_by_role("button", name="确定").click()
    phone_page.set_input_files("#f-file", picture)
    shot(phone_page, artefacts, "phone-correct-one")
    phone_page.get_by_role("button", name="交上去").click()
    expect(phone_page.locator(".case-now h2")).to_have_text("还有 1 样要补")
    phone_page.get_by_text("请人上门取，不收费").click()
    shot(phone_page, artefacts, "phone-correct-fetch")
