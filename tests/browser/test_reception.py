"""Receiving by keyboard alone: few keys, two windows at once, a card's reader, and a power cut."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, Route, expect

from node import drafts
from node.app import create_app
from node.config import Reader
from node.local import Node
from tests.browser.conftest import DESKTOP, ROOT, attentive
from tests.browser.test_look import axe_findings
from tests.browser.test_window import address, fits, node, window
from tests.browser.test_window_cases import enter
from tests.node.receiving import ELDERS_CARD, ID
from tests.node.test_card import GOOD, said, stand_in
from tests.node.test_lacking import HARDSHIP
from tests.serving import free_port, served
from tests.system.processes import until

__all__ = ["address", "node", "window"]  # the fixtures of a window
SUPPORT = "YBJ-001200"  # 困难群众参加居民医保资助: asks who comes, income, disability
KEYS_MAX = 15
KEYLESS = """() => [...document.querySelectorAll('main .button, .actions-bar .button')]
  .filter((b) => b.offsetParent !== null && !b.querySelector('kbd') && !b.closest('li'))
  .map((b) => b.outerHTML.slice(0, 120))"""


class Hands:
    """A clerk's hands at one keyboard: what is data is typed, every other key is counted."""

    def __init__(self, page: Page) -> None:
        self.page = attentive(page)
        self.keys = 0

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.keys += 1
            self.page.keyboard.press(key)

    def name_by_three_fields(self, number: str, name: str, phone: str) -> None:
        for place, text in enumerate((number, name, phone)):
            if place:
                self.press("Tab")
            self.type(text)


def good(page: Page, artefacts: Path, name: str) -> None:
    """Every button (but a list's rows') shows its key, it fits, axe finds nothing; a picture."""
    page.screenshot(path=artefacts / f"window-{name}.png")
    fits(page)
    assert page.evaluate(KEYLESS) == []
    assert axe_findings(page) == []


def test_a_common_case_takes_at_most_fifteen_keys_beyond_what_is_typed(
    window: Page, artefacts: Path
) -> None:
    hands = Hands(window)
    hands.type("困难群众参加居民医保资助")
    expect(window.locator("#results a").first).to_contain_text("困难群众")
    expect(window.locator("#results")).to_have_attribute("data-of", "困难群众参加居民医保资助")
    hands.press("Enter")
    window.wait_for_url("**/matters/YBJ-*")
    good(window, artefacts, "keys-matter")
    hands.press("r")
    expect(window.locator("#f-document_number")).to_be_focused()
    attentive(window)
    hands.name_by_three_fields(ID, "林小梅", "13805911234")
    expect(window.locator("#card-facts")).to_contain_text("女，1985年6月1日出生，41 周岁")
    questions = window.locator("#questions")
    hands.press("Alt+1")
    expect(questions).to_contain_text("还差 1 个问题")
    hands.press("Alt+3")
    expect(questions).to_contain_text("都问清楚了")
    if window.locator("#f-area").count():
        hands.press("Alt+q", "ArrowDown")
    hands.press("Alt+a")
    good(window, artefacts, "keys-reception")
    hands.press("Alt+r")
    window.wait_for_url("**/received")
    good(window, artefacts, "keys-received")
    with window.context.expect_page(), window.context.expect_event("request") as paper:
        hands.press("p")
    assert "/receipt.pdf" in paper.value.url
    assert hands.keys <= KEYS_MAX


def test_a_question_mark_lists_the_keys_of_the_page(window: Page, artefacts: Path) -> None:
    home = window.url
    window.goto(f"{home}reception/{ELDERS_CARD}")
    attentive(window).keyboard.type("a?")
    expect(window.locator("dialog")).to_have_count(0)
    window.keyboard.press("Alt+Shift+?")
    keys = window.locator("dialog.keys")
    for words in ("收件", "谁到场", "备注", "都已核对", "首页"):
        expect(keys).to_contain_text(words)
    window.screenshot(path=artefacts / "window-keys.png")
    assert axe_findings(window) == []
    window.keyboard.press("r")
    assert window.url.startswith(f"{home}reception/"), "no key works behind the list"
    window.keyboard.press("Escape")
    expect(keys).to_have_count(0)
    good(window, artefacts, "reception-with-keys")


def test_two_keys_receive_a_case_without_the_papers_that_are_not_ticked(
    window: Page, artefacts: Path
) -> None:
    window.goto(f"{window.url}reception/{HARDSHIP}")
    hands = Hands(window)
    window.locator("#f-document_number").focus()
    hands.name_by_three_fields(ID, "林小梅", "13805911234")
    hands.press("Alt+q", "ArrowDown")
    window.locator("#f-paper-1").check()
    window.locator("#f-paper-2").check()
    hands.press("Alt+k")
    expect(window.locator(".lack:visible input")).to_have_count(1)
    expect(window.locator(".lack:visible input")).to_be_checked()
    good(window, artefacts, "reception-lacking")
    hands.press("Alt+r")
    window.wait_for_url("**/received")
    expect(window.locator("main")).to_contain_text("还缺困难情况说明材料：由")
    good(window, artefacts, "received-lacking")


def test_what_is_answered_and_ticked_while_a_list_is_on_its_way_is_kept(window: Page) -> None:
    window.goto(f"{window.url}reception/{SUPPORT}")
    hands = Hands(window)

    def answer(route: Route) -> None:
        hands.press("Alt+1")
        route.continue_()

    def tick(route: Route) -> None:
        window.locator("#f-paper-1").check()
        route.continue_()

    window.route("**/papers", answer, times=1)
    hands.name_by_three_fields(ID, "林小梅", "13805911234")
    expect(window.locator("#questions")).to_contain_text("还差 1 个问题")
    window.route("**/papers", tick, times=1)
    hands.press("Alt+3")
    expect(window.locator("#questions")).to_contain_text("都问清楚了")
    expect(window.locator("#f-paper-1")).to_be_checked()


OUTSIDE_OF_FIELDS = ("#f-document", "#f-capacity", "")
# As fast as a reader types, however slow this machine is.
KEYS = """keys => keys.forEach((key) => (document.activeElement || document.body).dispatchEvent(
  new KeyboardEvent('keydown', {key, bubbles: true, cancelable: true,
    code: /[0-9]/.test(key) ? 'Digit' + key : 'Key' + key.toUpperCase()})))"""


def card(page: Page) -> list[str]:
    return [page.input_value(f"#f-{name}") for name in ("document_number", "name", "phone")]


def test_a_reader_that_types_fills_the_card_wherever_its_line_falls(window: Page) -> None:
    home = window.url
    for at in ("#f-name", "#f-phone", "#f-document_number", "#f-document", "#f-capacity", ""):
        window.goto(f"{home}reception/{ELDERS_CARD}")
        attentive(window)
        if at:
            window.locator(at).focus()
        else:
            window.evaluate("document.activeElement.blur()")
        if at in OUTSIDE_OF_FIELDS:
            window.evaluate(KEYS, [*f"LIN MEI|F|{ID}", "Enter"])
        else:
            window.keyboard.type(f"LIN MEI|F|{ID}")
            window.keyboard.press("Enter")
        expect(window.locator("#f-document_number")).to_have_value(ID)
        expect(window.locator("#f-phone")).to_have_value("")
        expect(window.locator("#card-facts")).to_contain_text("41 周岁")
        assert window.url.startswith(f"{home}reception/"), f"{at}: no key of it was a shortcut"
        expect(window.locator(".error-summary")).to_have_count(0)
    window.get_by_label("代办人（受委托）").check()
    window.locator("#f-agent_phone").fill("13900001111")
    window.locator("#f-agent_name").focus()
    window.keyboard.insert_text("王代办|110105194912310046")
    expect(window.locator("#f-agent_name")).to_have_value("王代办")
    expect(window.locator("#f-agent_number")).to_have_value("110105194912310046")
    expect(window.locator("#f-agent_phone")).to_have_value("13900001111")
    expect(window.locator("#f-document_number"), "the applicant stays").to_have_value(ID)


def test_a_reader_with_a_program_of_its_own_is_asked_with_one_key(
    page: Page, node: Node, artefacts: Path
) -> None:
    said_once = said(json.dumps(GOOD).encode())
    with stand_in(said_once) as url:
        reader = Reader(url, 5, "data.idNumber", "data.name")
        with served(create_app(replace(node, config=replace(node.config, reader=reader)))) as here:
            enter(page, here, "lin")
            page.goto(f"{here}/reception/{ELDERS_CARD}")
            attentive(page).keyboard.press("Alt+i")
            expect(page.locator("#f-name")).to_have_value("林小梅")
            assert card(page) == [ID, "林小梅", ""]
            expect(page.locator("#f-phone")).to_be_focused()
            good(page, artefacts, "reception-card")


def test_two_windows_of_one_point_never_mix(browser: Browser, address: str, node: Node) -> None:
    pages = []
    for login in ("lin", "wang"):
        context = browser.new_context(viewport=DESKTOP, locale="zh-CN")
        context.set_default_timeout(15_000)
        pages.append(context.new_page())
        enter(pages[-1], address, login)
    people = (("林小梅", ID), ("王小强", "110105194912310046"))
    for page in pages:
        page.goto(f"{address}/reception/{ELDERS_CARD}")
    for step in range(3):  # field by field, now at one window and now at the other
        for page, (name, number) in zip(pages, people, strict=True):
            fields = (("document_number", number), ("name", name), ("phone", "13805911234"))
            page.fill(f"#f-{fields[step][0]}", fields[step][1])
    for page, (name, _) in zip(pages, people, strict=True):
        page.locator("#f-area").select_option(index=1)
        page.keyboard.press("Alt+a")
        until(lambda of=name: keeps(node, name=[of], paper=SOME), "the draft is kept")
        page.reload()
        expect(page.locator("#f-name")).to_have_value(name)
    for page in reversed(pages):
        page.keyboard.press("Alt+r")
    numbers = []
    for page in pages:
        expect(page.locator("main")).to_contain_text("收好了")
        numbers.append(page.url.split("/")[-2])
        page.context.close()
    with node.local() as local:
        cases = [local.store.case(number) for number in numbers]
        names = [local.store.unseal(local.store.event(c.received_event))["name"] for c in cases]
        left = local.store.db.execute("SELECT count(*) FROM drafts").fetchone()[0]
    assert len(set(numbers)) == len({c.visit for c in cases}) == 2
    assert names == [name for name, _ in people]
    assert left == 0


def test_a_power_cut_brings_the_form_back_as_it_was(
    browser: Browser, node: Node, tmp_path: Path, artefacts: Path
) -> None:
    port, config = free_port(), tmp_path / "node.toml"
    config.write_text(
        f'[node]\ndata = "{node.config.data}"\n[node.window]\nport = {port}\n[node.central]\n'
        'couchdb_url = "http://127.0.0.1:9"\nportal_url = "http://127.0.0.1:9"\n'
    )
    here = f"http://127.0.0.1:{port}"
    running = started(config, port)
    try:
        page = browser.new_context(viewport=DESKTOP, locale="zh-CN").new_page()
        enter(page, here, "lin")
        page.goto(f"{here}/reception/{SUPPORT}")
        hands = Hands(page)
        hands.name_by_three_fields(ID, "翁㛃龘", "13805911234")
        for key in ("Alt+1", "Alt+3"):
            left = page.locator("#questions .panel-head").inner_text()
            hands.press(key)
            expect(page.locator("#questions .panel-head")).not_to_have_text(left)
        page.locator('[name="paper"]').first.check()
        page.locator("summary").first.click()
        page.locator("#f-note").press_sequentially("腿脚不便，结果", delay=5)
        page.locator("#f-note").press_sequentially("寄到家", delay=5)
        until(lambda: keeps(node, note=["腿脚不便，结果寄到家"], paper=SOME), "the draft is kept")
        before = page.evaluate(FILLED)
        running.send_signal(signal.SIGKILL)
        page.context.close()
        running.wait()
        running = started(config, port)
        page = browser.new_context(viewport=DESKTOP, locale="zh-CN").new_page()
        enter(page, here, "lin")
        expect(page.locator("main .button").first).to_contain_text("继续未完成的收件")
        good(page, artefacts, "home-unfinished")
        page.keyboard.press("Alt+g")
        page.wait_for_url(f"{here}/reception/{SUPPORT}?op=*")
        assert page.evaluate(FILLED) == before
        page.context.close()
    finally:
        running.kill()
        running.wait()


class Some:
    """Whatever is there."""

    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        return bool(other)


SOME: Any = Some()


def keeps(node: Node, **fields: object) -> bool:
    """Whether the node keeps a draft with these fields."""
    with node.local() as local:
        kept = [d.fields for actor in ("s-c1", "s-l1") for d in drafts.of_actor(local, actor)]
    return any(all(draft.get(name) == value for name, value in fields.items()) for draft in kept)


FILLED = """() => [...new FormData(document.getElementById('reception'))]
  .filter(([name]) => name !== 'csrf_token').map(String)"""


def started(config: Path, port: int) -> subprocess.Popen[bytes]:
    """The window's own process, listening."""
    command = [sys.executable, "-m", "node.window", "--config", str(config)]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)  # noqa: S603 - ours
    until(lambda: listens(port), "the window listens")
    return process


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
