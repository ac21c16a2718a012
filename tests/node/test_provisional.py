"""Near the end of a year whose next one is not published: wherever a last day is shown, it says so.

The calendar that is shipped ends with 2026.
"""

from __future__ import annotations

import re

from werkzeug.test import TestResponse

from cases.lights import PROVISIONAL_ZH
from node.local import Node
from sync.bundle import load_bundle
from tests.labels.paper import text
from tests.node.casework import FOOD, act, confirm, fill_slip, meet, press, send
from tests.node.conftest import Clock, Desk
from tests.node.receiving import receive

LATE_IN_DECEMBER = "2026-12-30T02:00:00Z"
NEXT_YEAR = re.compile(r"2027年\d+月\d+日(?:（周.）)?(.{0,14})")
EVERY_PAGE = ("/", "/cases?show=all", "/mail", "/pickup", "/originals", "/undertakings")


def days_shown(answer: TestResponse) -> list[str]:
    """What follows each day of the next year on a page."""
    found: list[str] = NEXT_YEAR.findall(re.sub(r"<[^>]+>", "", answer.text))
    return found


def walk(desk: Desk, *pages: str) -> int:
    """Every day of the next year on these pages is provisional. :returns: how many there are."""
    count = 0
    for page in (*EVERY_PAGE, *pages):
        followed = days_shown(desk.get(page))
        assert [words for words in followed if not words.startswith(PROVISIONAL_ZH)] == [], page
        count += len(followed)
    return count


def papers_of(desk: Desk, number: str) -> list[str]:
    page = desk.get(f"/cases/{number}").text
    found = re.findall(rf'href="(/cases/{number}/papers/[^"]+\.pdf)"', page)
    return [text(desk.get(address).data) for address in found]


def test_a_last_day_of_an_unpublished_year_is_provisional_on_every_page_and_paper(
    clerk: Desk, officer: Desk, node: Node, centre: Node, clock: Clock
) -> None:
    assert not load_bundle().calendar.published(2027)
    clock.now = LATE_IN_DECEMBER
    number, other = receive(clerk, FOOD), receive(clerk, FOOD)
    confirm(node, number, fill_slip(node, number))
    meet(node, centre)
    every = [f"/cases/{each}" for each in (number, other)]
    assert walk(clerk, *every), "the day by which it is to be taken on"
    notice = {"reason-1": "unsigned", "days": "10", "whole": "yes"}
    act(officer, other, "notice_correction", **notice)
    refused = send(officer, other, "lapse", reason="没有补")
    assert refused.status_code == 409
    assert f"{PROVISIONAL_ZH}，还没有过" in refused.text
    press(officer, number, "accept")
    act(officer, number, "ask_opinion", question="能否办？", days="5",
        departments=["WJ@350102000000"])  # fmt: skip
    assert walk(officer, *every)
    act(officer, number, "suspend", kind="hearing", days="20")
    assert walk(officer, *every)
    papers = [*papers_of(officer, number), *papers_of(officer, other)]
    assert len(papers) >= 3
    meet(node, centre)
    papers += [text(clerk.get(f"/cases/{each}/receipt.pdf").data) for each in (number, other)]
    assert not any("2027年" in said for said in papers), (
        "papers give days to count, and no last day"
    )
    clock.now = "2027-02-26T02:00:00Z"
    form = officer.get(f"/cases/{other}/do/lapse").text
    assert f"{PROVISIONAL_ZH}，申请人没有提交" in form, "it goes on a paper, as the reason"


def test_a_published_year_is_never_called_provisional(clerk: Desk, node: Node) -> None:
    number = receive(clerk, FOOD)
    for page in (*EVERY_PAGE, f"/cases/{number}"):
        assert "暂定" not in clerk.get(page).text
