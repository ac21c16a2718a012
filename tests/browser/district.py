"""The demonstration's district for browser tests, and people who sit or stand at its pages.

Real processes on free ports; the community point reaches central over a line that can be cut.
"""

from __future__ import annotations

import io
import os
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pypdfium2
from PIL import Image
from playwright.sync_api import (
    APIResponse,
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    Response,
    Route,
    expect,
)

from central.demo.paper import Paper, read_paper
from central.demo.plan import PASSWORD, Place, Plan, free_port_block
from central.demo.route import Line
from central.demo.run import running, take_folder
from central.demo.seed import seed
from central.demo.story import until
from tests.browser.conftest import DESKTOP, PHONE, ROOT, WAIT_MS, attentive
from tests.browser.test_look import axe_findings

IMAGES = ROOT / "docs" / "images"
IMAGE_BYTES_MAX = 150_000
HALF_COLOURS = 48
PAPER_SCALE = 2.2
PRINTED = re.compile(r"\.pdf$|/print$")


class District:
    """Central and three points, up; ``line`` is the community point's way to central."""

    def __init__(self, plan: Plan, line: Line) -> None:
        self.plan = plan
        self.line = line

    def spool(self) -> str:
        """Every notice that waits to be sent, as text."""
        folder = self.plan.data("central") / "spool"
        return "\n".join(file.read_text(encoding="utf-8") for file in sorted(folder.glob("*.json")))


@contextmanager
def a_district(folder: Path) -> Iterator[District]:
    """Start it in a folder of its own; for a tour with samples in every state."""
    plan = Plan(folder, free_port_block())
    take_folder(plan, reset=False)
    line = Line(("127.0.0.1", plan.port + 2))
    try:
        with running(plan, threading.Event(), say=lambda _words: None, couch=line.url):
            if on_tour():
                for _ in seed(plan):
                    pass
            yield District(plan, line)
    finally:
        line.cut()


def on_tour() -> bool:
    """Whether the pictures of the README are to be made from this run: ``make tour``."""
    return bool(os.environ.get("DOORSTEP_TOUR"))


#: With a tour's many samples a list goes on under the bar, where one scrolls.
BELOW = """() => document.querySelectorAll(".actions-bar").forEach(bar => {
  bar.style.position = "static"; })"""


class Album:
    """The pictures of a journey, numbered; a tour also keeps some of them for the README."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.taken = 0
        for old in folder.glob("journey-*.png"):
            old.unlink()

    def keep(self, name: str, png: bytes, tour: str = "") -> None:
        """Keep a picture."""
        self.taken += 1
        (self.folder / f"journey-{self.taken:02d}-{name}.png").write_bytes(png)
        if tour and on_tour():
            save_small(png, IMAGES / f"{tour}.png")

    def page(self, page: Page, name: str, tour: str = "") -> None:
        """Keep what a page shows; it must fit its screen, and axe must find nothing in it."""
        page.wait_for_load_state()
        self.keep(name, page.screenshot(animations="disabled"), tour)
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, f"{name}: {wide} px too wide"
        if on_tour():
            page.evaluate(BELOW)
        findings = axe_findings(page)
        assert findings == [], f"{name}: {findings}"

    def paper(self, pdf: bytes, name: str, tour: str = "") -> None:
        """Keep the first page of a printed document."""
        document = pypdfium2.PdfDocument(pdf)
        try:
            image = document[0].render(scale=PAPER_SCALE).to_pil()
        finally:
            document.close()
        png = io.BytesIO()
        image.save(png, "PNG")
        self.keep(name, png.getvalue(), tour)


def save_small(png: bytes, path: Path) -> None:
    """With a palette of as many colours as fit into the size."""
    path.parent.mkdir(parents=True, exist_ok=True)
    for colours in (256, 128, 64, 32):
        image = Image.open(io.BytesIO(png)).convert("RGB")
        image.quantize(colours, dither=Image.Dither.NONE).save(path, optimize=True)
        if path.stat().st_size <= IMAGE_BYTES_MAX:
            return
    raise AssertionError(f"{path.name} is {path.stat().st_size} bytes")


def save_half(png: bytes, path: Path) -> None:
    """At half its size, for pages of which many stand side by side."""
    image = Image.open(io.BytesIO(png)).convert("RGB")
    half = image.resize((image.width // 2, image.height // 2), Image.Resampling.LANCZOS)
    half.quantize(HALF_COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)


class Watch:
    """What browsers complained about, and whom they asked, in every page of some contexts."""

    def __init__(self, hosts: set[str]) -> None:
        self.hosts = hosts
        self.complaints: list[str] = []
        self.strangers: list[str] = []

    def over(self, context: BrowserContext) -> BrowserContext:
        """Watch a context."""
        context.on("console", self._said)
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        context.on("request", self._asked)
        context.on("response", self._answered)
        return context

    def _said(self, message: ConsoleMessage) -> None:
        of_an_answer = message.text.startswith("Failed to load resource")
        if message.type in ("error", "warning") and not of_an_answer:
            self.complaints.append(f"{message.location.get('url')}: {message.text}")

    def _answered(self, response: Response) -> None:
        """A page may say no, with its words; nothing else may be missing, and nothing may break."""
        of_a_page = response.request.resource_type == "document"
        if response.status >= (500 if of_a_page else 400):
            self.complaints.append(f"{response.url}: {response.status}")

    def _asked(self, request: Request) -> None:
        at = urlsplit(request.url)
        if at.scheme not in ("data", "blob") and at.netloc not in self.hosts:
            self.strangers.append(request.url)


class People:
    """Gives people their browsers: a desk with a keyboard, or a phone in the hand."""

    def __init__(self, browser: Browser, district: District) -> None:
        self.browser = browser
        self.plan = district.plan
        ports = district.plan.ports
        self.watch = Watch({f"127.0.0.1:{port}" for port in ports})
        self.contexts: list[BrowserContext] = []

    def at_a_desk(self) -> Page:
        """1366×768, as at a counter's PC."""
        return self._page(self.browser.new_context(
            viewport=DESKTOP, locale="zh-CN", timezone_id="Asia/Shanghai"
        ))  # fmt: skip

    def on_a_phone(self, language: str = "zh-CN") -> Page:
        """390×844, touch."""
        return self._page(self.browser.new_context(
            viewport=PHONE, is_mobile=True, has_touch=True,
            locale=language, timezone_id="Asia/Shanghai",
        ))  # fmt: skip

    def _page(self, context: BrowserContext) -> Page:
        self.contexts.append(self.watch.over(context))
        context.set_default_timeout(WAIT_MS)
        return context.new_page()

    def at_window(self, place: Place, login: str) -> Page:
        """Somebody of a point's staff, who signs in without touching the mouse."""
        page = self.at_a_desk()
        page.goto(self.plan.window(place))
        sign_in(page, login)
        page.wait_for_url(f"{self.plan.window(place)}/")
        return page

    def close(self) -> None:
        """Everybody goes home."""
        for context in self.contexts:
            context.close()


def sign_in(page: Page, login: str, secret: str = PASSWORD) -> None:
    """By keyboard: the first field is where one types at once."""
    attentive(page).keyboard.type(login)
    page.keyboard.press("Tab")
    page.keyboard.type(secret)
    page.keyboard.press("Enter")


def press(page: Page, key: str) -> None:
    """One of the page's keys, as shown on its button, with Alt: it works everywhere."""
    page.keyboard.press(f"Alt+{key}")


def wait_to_see(page: Page, url: str, words: str, seconds: float = 30) -> None:
    """Look again until a page says something."""

    def is_there() -> bool:
        page.goto(url)
        return page.get_by_text(words).first.is_visible()

    until(words, is_there, seconds)


def printed(page: Page, do: Callable[[], None]) -> tuple[bytes, Paper]:
    """What a button or link prints: the PDF, and what is read from the rendered page.

    The document goes to us instead of the browser's own viewer.
    """
    answers: list[APIResponse] = []

    def take(route: Route) -> None:
        answers.append(route.fetch())
        route.fulfill(content_type="text/plain", body="printed")

    page.context.route(PRINTED, take)
    with page.context.expect_page() as opened:
        do()
    opened.value.wait_for_load_state()
    opened.value.close()
    page.context.unroute(PRINTED)
    (answer,) = answers
    assert answer.headers["content-type"] == "application/pdf"
    return answer.body(), read_paper(answer.body())


def expect_toast(page: Page, words: str) -> None:
    """The page says what was done."""
    expect(page.locator(".toast")).to_contain_text(words)
