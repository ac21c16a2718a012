"""A practised clerk receives common cases in a real Chromium: keys, waits, and a model of hands.

What is measured: the keys beyond typed data, and how long the clerk waits for the program, which is
the server, the line within the PC and the drawing of the page. What is assumed: how fast a hand
types and a head decides, by the keystroke-level model (Card, Moran, Newell, Communications of the
ACM 23(7), 1980), for who types as well as an average secretary (55 words a minute) and as well as
an average other person (40). Talking, and looking at each paper, take their own time with any
system: neither is counted.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter

from playwright.sync_api import Page, expect, sync_playwright

from cases.people import id_check_character
from tests.benchmarks.report import Report
from tests.benchmarks.stage import at_percent
from tests.benchmarks.window import Clerk, node_command, node_config
from tests.browser.conftest import ARGUMENTS, DESKTOP, chromium
from tests.browser.test_window_cases import enter

KEY_MS = 120
KEYS_MAX = 15
SECONDS_MAX = 60
ROUNDS = 3

AVERAGE_SECRETARY, AVERAGE_OTHER = 0.20, 0.28  # seconds for a key
AT_RANDOM = 0.50  # for a key of digits that are read off a card
PREPARE = 1.35
TO_THE_KEYBOARD = 0.40


@dataclass(frozen=True)
class Common:
    """A common case: what is typed to find it, and what it asks."""

    what: str
    typed: str
    matter: str
    answers: tuple[str, ...] = ()


COMMON = (
    Common("the seniors' card, approved by a rule", "jlk", "MZJ-080101"),
    Common("aid to health insurance, two questions", "knqzcj", "YBJ-001200", ("1", "3")),
    Common("a first social security card", "sbk", "RSJ-004501"),
)
NAME, PINYIN = "林小梅", "linxiaomei "  # the blank takes the proposal of the input method


@dataclass
class Hands:
    """A clerk's hands and head at one keyboard, counted."""

    page: Page
    letters: int = 0
    digits: int = 0
    keys: int = 0
    shifts: int = 0
    thoughts: int = 0
    waits: list[float] = field(default_factory=list)

    def think(self) -> None:
        """Before each thing that is decided, not before each key."""
        self.thoughts += 1

    def type(self, text: str) -> None:
        """Data, as it is read off a card or heard."""
        self.think()
        self.digits += sum(sign.isdecimal() for sign in text)
        self.letters += sum(not sign.isdecimal() for sign in text)
        self.page.keyboard.type(text, delay=KEY_MS)

    def type_name(self) -> None:
        """Characters, by their sounds."""
        self.think()
        self.letters += len(PINYIN)
        self.page.wait_for_timeout(KEY_MS * len(PINYIN))
        self.page.keyboard.insert_text(NAME)

    def press(self, keys: str, *, decided: bool = True) -> None:
        """A key that is no data; Alt and another one are one press and two keys."""
        if decided:
            self.think()
        self.keys += 1
        self.shifts += keys.count("+")
        self.page.wait_for_timeout(KEY_MS)
        self.page.keyboard.press(keys)

    def wait(self, is_there: Callable[[], object]) -> None:
        """Until the program has done its part."""
        began = perf_counter()
        is_there()
        self.waits.append(perf_counter() - began)

    def seconds(self, key: float) -> float:
        """By the model, with the waits that were measured."""
        keyed = key * (self.letters + self.keys + self.shifts) + AT_RANDOM * self.digits
        return keyed + PREPARE * self.thoughts + TO_THE_KEYBOARD + sum(self.waits)


def measure(report: Report, folder: Path) -> None:
    """Each of the common cases, several times, at a node under its own command."""
    report.head("a practised clerk at the window, in Chromium")
    with node_command(node_config(folder)) as command, sync_playwright() as playwright:
        port = re.search(r"port = (\d+)\n$", command.config.read_text())
        assert port
        browser = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        page = browser.new_page(viewport=DESKTOP, locale="zh-CN", timezone_id="Asia/Shanghai")
        home = f"http://127.0.0.1:{port[1]}"
        Clerk(home)  # it has started when somebody could sign in
        enter(page, home, "lin")
        for common in COMMON:
            _receive(page, home, common, "1949")  # the first one finds cold caches
            rounds = [_receive(page, home, common, f"195{n}") for n in range(ROUNDS)]
            _tell(report, common.what, rounds)
        browser.close()


def _tell(report: Report, what: str, rounds: list[tuple[Hands, float]]) -> None:
    hands = [each for each, _ in rounds]
    report.at_most(f"{what}: keys beyond data", max(h.keys for h in hands), "", KEYS_MAX)
    data = hands[0].letters + hands[0].digits
    report.say(f"{what}: keys of data (of them 29 digits)", data, "")
    waited = [wait * 1000 for h in hands for wait in h.waits]
    report.say(f"{what}: one wait for the program, median", median(waited), "ms")
    report.say(f"{what}: one wait, p95", at_percent(waited, 95), "ms")
    report.say(f"{what}: all waits of a case", median(sum(h.waits) for h in hands), "s")
    report.say(f"{what}: typed at {KEY_MS} ms a key, no pause", median(t for _, t in rounds), "s")
    for who, key in (("as a secretary", AVERAGE_SECRETARY), ("as others", AVERAGE_OTHER)):
        took = median(h.seconds(key) for h in hands)
        report.at_most(f"{what}: by the model, typing {who}", took, "s", SECONDS_MAX)


def _receive(page: Page, home: str, common: Common, born: str) -> tuple[Hands, float]:
    """From the first page to the printed receipt. :returns: the hands, and the seconds it took."""
    page.goto(home)
    page.locator(":focus").first.wait_for()
    hands, began = Hands(page), perf_counter()
    hands.type(common.typed)
    hands.wait(lambda: page.wait_for_selector(f'#results[data-of="{common.typed}"]'))
    rows = page.locator("#results a[href^='/matters/']").evaluate_all("all => all.map(a => a.href)")
    for _ in range(next(n for n, at in enumerate(rows) if at.endswith(common.matter))):
        hands.press("ArrowDown", decided=False)
    hands.press("Enter")
    hands.wait(lambda: page.wait_for_url(f"**/matters/{common.matter}*"))
    hands.press("r")
    hands.wait(lambda: page.wait_for_selector("#f-document_number:focus"))
    _fill_in(hands, common, born)
    hands.press("Alt+r")
    hands.wait(lambda: page.wait_for_url("**/received"))
    with page.context.expect_page() as paper:
        hands.press("p")
    hands.wait(lambda: paper.value)
    took = perf_counter() - began
    paper.value.close()
    return hands, took


def _fill_in(hands: Hands, common: Common, born: str) -> None:
    page = hands.page
    digits = f"350102{born}0312{int.from_bytes(os.urandom(2), 'big') % 1000:03d}"
    hands.type(digits + id_check_character(digits))
    hands.press("Tab", decided=False)
    hands.type_name()
    hands.press("Tab", decided=False)
    hands.type("13805911234")
    for answer in common.answers:
        said = page.locator("#questions .panel-head")
        before = said.inner_text()
        hands.press(f"Alt+{answer}")
        hands.wait(partial(expect(said).not_to_have_text, before))
    if page.locator("#f-area").count():
        hands.press("Alt+q")
        hands.press("ArrowDown", decided=False)
    hands.press("Alt+a")
