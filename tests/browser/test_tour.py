"""Every page of the program, opened once with something in it: it fits, and axe finds nothing.

The lists of pages are held against the program's own routes, so that a new page is noticed here.
`make tour` makes the pictures of docs/tour.md from the same run.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page

from central.web import create_app as central_app
from node.actions import ACTIONS
from node.app import create_app
from sync.bundle import load_bundle
from tests.browser.conftest import DESKTOP
from tests.browser.courier_days import fetch_papers, report, sign_for_a_bag, without_a_signal
from tests.browser.days import ELSEWHERE, SUPPORT, Board, Windows, acts_in
from tests.browser.district import IMAGES, ROOT, on_tour, save_half, save_small
from tests.browser.home_days import apply_on_a_phone
from tests.browser.test_look import axe_findings
from tests.browser.test_portal import World, world
from tests.central.world import HERE, PASSWORD, PIN
from tests.node.receiving import ELDERS_CARD
from tests.serving import served

__all__ = ["world"]  # the fixture of central
FOOD = "SCJG-001701"
NOT_PAGES = {
    "line": "a part of every page", "cases.safe": "a part of the page after reception",
    "scans.since": "a part of the case's page", "reception.route": "a part of the form",
    "draft_scans.show": "a part of the form", "draft_scans.small": "a picture",
    "scans.small": "a picture", "scans.show": "a picture or a PDF",
    "proofs.show": "a picture",
    "from_home.photo": "a picture or a PDF",
    "receipts.safe": "a part of the page after reception", "health": "for machines",
    "status.show": "the same page as cases.status.show",
    "courier.give_pass": "for the phone's queue", "courier.bag": "for the phone's queue",
    "courier.worker": "a script",
    "courier.opened": "leads to the parcel", "slip.start": "leads to the first question",
    "slip.paste": "answers with the first question or the last",
    "slip.prove": "leads to the proof", "standards.table": "a file",
    "bills.coming": "goes on by itself: test_bill_pages", "bills.findings": "a file",
    "post.points_csv": "a file", "post.statement_sheet": "a file", "post.table": "a file",
}  # fmt: skip
#: Forms that nothing of this day leads to.
NOT_ASKED: dict[str, str] = {}
SHOWN = (ROOT / "docs" / "tour.md").read_text(encoding="utf-8")
ONE_LINE = 60
BUNDLE = load_bundle().catalogue.bundles[0].code
#: The pages that docs/tour.md shows in full; all others stand there at half their size.
FULL = {
    "window-home", "window-from-home-one", "window-matter", "window-reception", "window-bundle",
    "window-received",
    "window-cases", "window-undertakings", "window-slip-new", "window-shown-wait",
    "centre-case-accepted", "act-notice_correction", "window-pickup", "window-originals",
    "window-mail", "centre-bag", "window-status", "board-overview", "board-second",
    "board-licences", "board-standards", "board-watch", "board-bill",
    "phone-progress", "phone-correct",
    "phone-guide", "phone-apply-check", "phone-applied", "phone-slip-check", "phone-paper",
    "courier-delivered", "courier-unsent",
}  # fmt: skip


TWICE = """() => {
  const keys = [...document.querySelectorAll('[data-key]')]
    .filter(el => el.dataset.key && el.offsetParent !== null && !el.disabled)
    .map(el => el.dataset.key);
  return [...new Set(keys.filter((key, at) => keys.indexOf(key) !== at))];
}"""


LONG = "12 件待上报（网络断开 45 分钟；磁盘快满了）"
ROW = """words => {
  document.querySelector('#line-state a').textContent = words;
  return document.querySelector('header.top').offsetHeight;
}"""


class Album:
    """Opens pages, keeps their pictures, and remembers what was wrong with them."""

    def __init__(self, folder: Path, page: Page, address: str) -> None:
        self.folder, self.page, self.address = folder, page, address
        self.opened: list[str] = []
        self.wrong: list[str] = []

    def open(self, name: str, path: str) -> None:
        answer = self.page.goto(f"{self.address}{path}")
        assert answer is not None
        self.opened.append(path.partition("?")[0])
        if answer.status != 200:
            self.wrong.append(f"{name} {path}: {answer.status}")
        self.look(name)

    def look(self, name: str) -> None:
        """At the page that is open."""
        page = self.page
        self.opened.append(urlsplit(page.url).path)
        if f"(images/tour-{name}.png)" not in SHOWN:
            self.wrong.append(f"{name}: not in docs/tour.md")
        if on_tour():
            picture = page.screenshot(animations="disabled")
            (self.folder / f"tour-{name}.png").write_bytes(picture)
            save = save_small if name in FULL else save_half
            save(picture, IMAGES / f"tour-{name}.png")
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if wide > 0:
            self.wrong.append(f"{name}: {wide} px too wide")
        self.wrong += [f"{name}: the key {key} means two things" for key in page.evaluate(TWICE)]
        self.wrong += [f"{name}: {finding}" for finding in axe_findings(page)]

    def sign_in(self, name: str, door: str, login: str, secret: str) -> None:
        self.open(name, door)
        self.page.fill("#f-login", login)
        self.page.fill("#f-password", secret)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")


def never_opened(app: Flask, opened: list[str]) -> set[str]:
    """The pages of a program that none of these paths is."""
    rules = [r for r in app.url_map.iter_rules() if "GET" in (r.methods or ())]
    pages = {r.endpoint for r in rules if not r.rule.endswith((".pdf", ":filename>"))}
    adapter = app.url_map.bind("localhost")
    seen = {adapter.match(path)[0] for path in opened}
    return {str(page) for page in pages - seen} - set(NOT_PAGES)


@pytest.fixture
def second_desk(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport=DESKTOP, locale="zh-CN", timezone_id="Asia/Shanghai")
    yield context
    context.close()


def test_every_page_of_a_window(
    page: Page, second_desk: BrowserContext, tmp_path: Path, artefacts: Path
) -> None:
    day = Windows(tmp_path)
    case = day.cases
    with served(create_app(day.here)) as here, served(create_app(day.centre)) as there:
        ours = Album(artefacts, page, here)
        ours.sign_in("window-signin", "/signin/", "wang", PASSWORD)
        for name, path in (
            ("home", "/"), ("search", "/matters?q=敬老卡"), ("themes", "/matters"),
            ("matter", f"/matters/{SUPPORT}"), ("matter-card", f"/matters/{ELDERS_CARD}"),
            ("reception", f"/reception/{FOOD}?op={day.op}"),
            ("reception-card", f"/reception/{ELDERS_CARD}"),
            ("received", f"/cases/{case['accepted']}/received"),
            ("received-own", f"/cases/{case['owing']}/received"),
            ("bundle", f"/bundles/{BUNDLE}"), ("cases", "/cases"), ("cases-all", "/cases?show=all"),
            *((f"case-{name}", f"/cases/{case[name]}") for name in (
                "own", "accepted", "correct", "fetch", "instant", "owing", "at_once", "halted")),
            ("slips", "/slips"), ("slip-new", f"/cases/{case['accepted']}/slip/new"),
            ("pickup", "/pickup"), ("originals", "/originals"),
            ("undertakings", "/undertakings"), ("status", "/status"), ("mail", "/mail"),
            ("parcel-papers", f"/parcels/{case['papers']}"),
            ("papers", f"/mail/papers/{case['halted']}"),
            ("from-home", "/fromhome"), ("from-home-one", f"/fromhome/{day.home}"),
            ("shown", f"/shown?code={ELSEWHERE}"), ("shown-wait", f"/shown/{ELSEWHERE}"),
        ):  # fmt: skip
            ours.open(f"window-{name}", path)
        assert page.evaluate(ROW, LONG) < ONE_LINE, "the header is one line, whatever it says"
        theirs = Album(artefacts, second_desk.new_page(), there)
        theirs.sign_in("centre-signin", "/signin/", "wang", PASSWORD)
        for name, path in (
            ("home", "/"), ("cases", "/cases"), ("mail", "/mail"),
            ("pack", f"/mail/pack/{case['pack']}"), ("parcel", f"/parcels/{case['parcel']}"),
            ("bags", "/manifests"), ("bag", f"/manifests/{day.bag}"), ("batch", day.batch),
            *((f"case-{name}", f"/cases/{case[name]}") for name in (
                "new", "accepted", "halted", "correct", "lapsed", "granted", "back", "posted")),
        ):  # fmt: skip
            theirs.open(f"centre-{name}", path)
        asked = {name for name, action in ACTIONS.items() if action.form} - set(NOT_ASKED)
        for number in case.values():
            for person, album in ((day.clerk, ours), (day.officer, theirs)):
                for act in sorted(acts_in(person, number) & asked):
                    album.open(f"act-{act}", f"/cases/{number}/do/{act}")
                    asked -= {act}
    wrong = ours.wrong + theirs.wrong
    assert not wrong, "\n".join(wrong)
    assert asked == set(), "forms that nothing leads to"
    assert never_opened(create_app(day.here), ours.opened + theirs.opened) == set()


def test_every_page_of_central(world: World, page: Page, phone_page: Page, artefacts: Path) -> None:
    day = Board(world)
    board = Album(artefacts, page, world.url)
    hand = Album(artefacts, phone_page, world.url)
    _at_the_board(board, day)
    _on_a_phone(hand, day)
    wrong = board.wrong + hand.wrong
    assert not wrong, "\n".join(wrong)
    assert never_opened(central_app(world.district), board.opened + hand.opened) == set()


def _at_the_board(board: Album, day: Board) -> None:
    board.sign_in("board-signin", "/signin/", "biao", PASSWORD)
    for name, path in (
        ("overview", ""), ("late", "late"), ("cases", "cases"), ("case", f"cases/{day.case}"),
        ("tasks", "tasks"), ("parcels", "parcels"), ("parcel", f"parcels/{day.parcel}"),
        ("points", "points"), ("point", f"points/{HERE}"), ("second", "second"),
        ("aside", "aside"), ("refused", "refused"), ("own", "own"), ("licences", "licences"),
        ("couriers", "couriers"), ("watch", "mail"), ("month", "mail/accounts?month=2026-11"),
        ("bills", "bills"), ("tables", "mail/tables"),
        ("carriers", "carriers"), ("carrier-fetch", "carriers/hand-over"),
        ("carrier-reports", "carriers/reports"),
        ("standards", "standards/"), ("import", "standards/import"),
        ("matters", "standards/matters"), ("matter", f"standards/matters/{ELDERS_CARD}"),
        ("standards-points", "standards/points"), ("calendar", "standards/calendar"),
        ("standards-point", f"standards/points/{HERE}"),
        ("changes", "standards/changes"), ("versions", "standards/versions"),
    ):  # fmt: skip
        board.open(f"board-{name}", f"/board/{path}")
    board.open("board-own-one", day.own)
    board.open("board-imported", day.imported)
    board.open("board-bill", day.bill)


def _on_a_phone(hand: Album, day: Board) -> None:
    fresh = f"/T/{day.fresh}/slip"
    for name, path in (
        ("portal", "/"), ("progress", f"/T/{day.receipt}"), ("guide", day.guide),
        ("paper", f"/V/{day.paper}"), ("privacy", "/privacy"),
        ("slip-way", f"{fresh}/way"), ("slip-point", f"{fresh}/point"),
        ("slip-who", f"{fresh}/who"),
    ):  # fmt: skip
        hand.open(f"phone-{name}", path)
    page = hand.page
    page.goto(f"{hand.address}{fresh}/who")
    page.fill("#f-name", "林小梅")
    page.fill("#f-phone", "13805915678")
    page.click("form .button.wide")
    hand.open("phone-slip-place", f"{fresh}/place")
    page.fill("#f-q", "gl")
    page.press("#f-q", "Enter")
    page.click("button[value='350102'] >> nth=0")
    hand.open("phone-slip-street", f"{fresh}/street")
    page.fill("#f-street", "东街街道军门社区12号楼3单元502室")
    page.click("form .button.wide")
    page.wait_for_url("**/check")
    hand.open("phone-slip-check", f"{fresh}/check")
    page.click("form .button.wide")
    page.wait_for_url("**/done*")
    hand.look("phone-slip-done")
    hand.open("phone-slip-cancel", f"{fresh}/cancel")
    page.goto(f"{hand.address}/")
    page.fill("#f-number", day.wrong)
    page.fill("#f-last_four", "392X")
    page.click("form .button.wide")
    hand.open("phone-case", f"/case/{day.wrong}")
    for name, path in (("", ""), ("-one", "/1"), ("-words", "/1/words"), ("-fetch", "/fetch"),
                       ("-points", "/points")):  # fmt: skip
        hand.open(f"phone-correct{name}", f"/case/{day.wrong}/correct{path}")
    page.goto(f"{hand.address}/")
    page.fill("#f-number", day.never)
    page.fill("#f-last_four", "392X")
    page.click("form .button.wide")
    hand.open("phone-not-come", day.not_come)
    hand.open("phone-prove", f"/case/{day.case}/prove")
    hand.open("phone-applied", apply_on_a_phone(hand, HERE))
    errand = day.errand(page.inner_text("h1 + .number"))
    hand.sign_in("courier-signin", "/courier/in/", "1001", PIN)
    for name, path in (("home", ""), ("scan", "scan")):
        hand.open(f"courier-{name}", f"/courier/{path}")
    sign_for_a_bag(hand, day.bag_code)
    report(hand, day.in_hand[0])
    fetch_papers(hand, errand)
    without_a_signal(hand, day.in_hand[1])
