"""A real Chromium for the tests: the one that `make test` found or fetched."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Error, Page, Playwright, expect, sync_playwright

ROOT = Path(__file__).parents[2]
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESKTOP = {"width": 1366, "height": 768}
PHONE = {"width": 390, "height": 844}
WAIT_MS = 15_000


def chromium() -> str:
    """The browser to run: DOORSTEP_CHROMIUM, else the one in .cache, else Debian's, or empty."""
    wishes = (
        os.environ.get("DOORSTEP_CHROMIUM", ""),
        str(ROOT / ".cache/chromium/chromium"),
        "/usr/bin/chromium-headless-shell",
        "/usr/bin/chromium",
    )
    return next((wish for wish in wishes if wish and Path(wish).exists()), "")


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """The browser to run."""
    if path := chromium():
        return path
    pytest.fail("no Chromium found: run `make test`, which gets one, or set DOORSTEP_CHROMIUM")


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """The one driver of a worker: a second one beside it cannot be started."""
    expect.set_options(timeout=WAIT_MS)
    with sync_playwright() as playwright, pytest.MonkeyPatch.context() as patch:
        patch.setattr(Page, "screenshot", pictured)
        yield playwright


_screenshot = Page.screenshot


def pictured(page: Page, **how: Any) -> bytes:
    """What a page shows, as a picture. A busy browser may have none to give: it is asked again."""
    for _ in range(4):
        try:
            return _screenshot(page, **how)
        except Error as error:
            if "Unable to capture" not in error.message:
                raise
    return _screenshot(page, **how)


@pytest.fixture(scope="session")
def browser(playwright: Playwright, chromium_path: str) -> Iterator[Browser]:
    """One browser for the whole run; each test gets a fresh context of it."""
    browser = playwright.chromium.launch(executable_path=chromium_path, args=ARGUMENTS)
    yield browser
    browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page on a desk: 1366×768, as at a counter's PC."""
    context = browser.new_context(viewport=DESKTOP, locale="zh-CN", timezone_id="Asia/Shanghai")
    context.set_default_timeout(WAIT_MS)
    yield context.new_page()
    context.close()


@pytest.fixture
def phone_page(browser: Browser) -> Iterator[Page]:
    """A page on a phone: 390×844, touch."""
    context = browser.new_context(
        viewport=PHONE,
        device_scale_factor=2,
        is_mobile=True,
        has_touch=True,
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
    )
    context.set_default_timeout(WAIT_MS)
    yield context.new_page()
    context.close()


def attentive(page: Page) -> Page:
    """The page, once it takes what is typed: autofocus comes with the first frame that is drawn,
    which on a busy machine is after the load, or before the scripts that listen."""
    expect(page.locator(":focus").first).to_be_attached()
    page.wait_for_load_state()
    return page


@pytest.fixture(scope="session")
def artefacts() -> Path:
    """Where screenshots are kept for whoever looks at a run."""
    folder = ROOT / "artefacts" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
