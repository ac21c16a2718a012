"""The guide in a real browser: choice cards by number keys, the notice, the list on a phone."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from labels.notice import guide_url
from sync.bundle import load_bundle
from tests.browser.test_portal import World, shot, world
from tests.browser.test_window import address, axe_findings, fits, node, window

__all__ = ["address", "node", "window", "world"]  # the fixtures of a window and of central
SUPPORT = "YBJ-001200"  # 困难群众参加居民医保资助: asks who comes, income, disability


def test_a_clerk_settles_the_papers_with_number_keys(window: Page, artefacts: Path) -> None:
    window.goto(f"{window.url}matters/{SUPPORT}")
    expect(window.locator("#questions")).to_contain_text("还差 3 个问题")
    window.screenshot(path=artefacts / "window-guide-open.png")
    assert axe_findings(window) == []
    for key, left in (("1", "还差 2 个问题"), ("1", "还差 1 个问题"), ("3", "都问清楚了")):
        window.keyboard.press(key)
        expect(window.locator("#questions")).to_contain_text(left)
    papers = window.locator(".papers")
    expect(papers).to_contain_text("最低生活保障证")
    expect(papers.locator(".spared")).to_contain_text("残疾人证")
    window.screenshot(path=artefacts / "window-guide-settled.png")
    assert axe_findings(window) == []
    fits(window)
    window.keyboard.press("r")
    expect(window.locator("#questions")).to_contain_text("都问清楚了")
    expect(window.locator("#guide")).to_contain_text("最低生活保障证")


def test_the_papers_follow_who_comes_and_how_old_the_applicant_is(
    window: Page, artefacts: Path
) -> None:
    window.goto(f"{window.url}reception/GAJ-001501")
    guide = window.locator("#guide")
    expect(guide.locator(".waiting")).to_contain_text("监护人居民身份证")
    window.locator("#f-document_number").fill("110105201501010033")
    window.keyboard.press("Tab")
    expect(guide.locator(".questions")).to_have_count(0)
    expect(guide.locator("ul")).to_contain_text("监护人居民身份证")
    window.screenshot(path=artefacts / "window-reception-guide.png")
    assert axe_findings(window) == []
    fits(window)


def test_without_javascript_a_button_brings_the_list(window: Page) -> None:
    plain = window.context.browser.new_context(  # type: ignore[union-attr]
        java_script_enabled=False, storage_state=window.context.storage_state()
    )
    page = plain.new_page()
    page.goto(f"{window.url}matters/{SUPPORT}")
    for question, answer in (("here", "self"), ("income", "tekun"), ("disability", "severe")):
        page.locator(f'[name="q-{question}"][value="{answer}"]').check()
    page.get_by_role("button", name="更新材料清单").click()
    expect(page.locator("#questions")).to_contain_text("都问清楚了")
    expect(page.locator(".papers .paper-list")).to_contain_text("残疾人证")
    plain.close()


def test_themes_open_their_matters(window: Page, artefacts: Path) -> None:
    window.goto(f"{window.url}matters")
    window.get_by_role("link", name="养老").first.click()
    expect(window.locator("#results")).to_contain_text("老年人优待证")
    window.screenshot(path=artefacts / "window-themes.png")
    assert axe_findings(window) == []
    fits(window)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_list_on_a_phone(
    world: World, phone_page: Page, artefacts: Path, language: str
) -> None:
    guide = load_bundle().guide
    said = {"here": frozenset({"agent"}), "income": frozenset({"dibao"}),
            "disability": frozenset({"other"})}  # fmt: skip
    url = guide_url(world.url, 31, SUPPORT, guide.code_of(said))
    phone_page.goto(f"{url}?lang={language}")
    shot(phone_page, artefacts, f"phone-guide-{language}")
    first = phone_page.locator(".bring input").first
    first.check()
    expect(first).to_be_checked()
    sample = phone_page.locator(".bring .sample").first
    picture = sample.locator("img")
    assert picture.evaluate("img => img.complete && img.naturalWidth") in (0, False)
    sample.locator("summary").click()
    expect(picture).to_be_visible()
    phone_page.wait_for_function("() => document.querySelector('.sample img').naturalWidth > 0")
    phone_page.evaluate("scrollTo(0, 0)")
    shot(phone_page, artefacts, f"phone-guide-sample-{language}")
