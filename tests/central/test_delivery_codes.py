"""The four digits that the recipient alone has: on the progress page, once somebody proved it."""

from __future__ import annotations

from contextlib import closing

import pytest

from central.portal_db import open_portal_db
from labels.tokens import delivery_code
from tests.central.world import Browser, Central, MemoryDistrict, Point

LAST_FOUR = "5678"


@pytest.fixture
def number(point: Point, central: Central) -> str:
    number = point.receive()
    point.post(number)
    central.carry()
    return number


def code(point: Point, what: str) -> str:
    return delivery_code(point.district.secrets.token_key(point.number), what)


def prove(browser: Browser, number: str) -> str:
    browser.get(f"/case/{number}/prove")
    return browser.post(f"/case/{number}/prove", {"last_four": LAST_FOUR}).text


def test_only_who_proved_the_last_four_sees_it_and_the_showing_is_logged(
    point: Point, resident: Browser, stranger: Browser, number: str, district: MemoryDistrict
) -> None:
    scanned = stranger.get(f"/T/{point.token(number)}").text
    assert "看签收码（要填身份证号或手机号后四位）" in scanned
    assert code(point, number) not in scanned
    shown = prove(resident, number)
    assert f"<b>{code(point, number)}</b>" in shown
    with closing(open_portal_db(district.config.data)) as db:
        rows = db.execute("SELECT subject, what FROM showings").fetchall()
    assert (number, "delivery code") in rows


def test_nothing_is_shown_while_nothing_is_on_its_way(
    point: Point, central: Central, resident: Browser
) -> None:
    number = point.receive()
    point.post(number, purpose="papers_to_authority")
    central.carry()
    page = prove(resident, number)
    assert "签收码" not in page


def test_cases_received_at_once_have_one_code_as_they_have_one_receipt(
    point: Point, central: Central, resident: Browser
) -> None:
    group = {"code": "XSE", "group": "VGL017-261122-0007.ab12cd34", "size": 2}
    numbers = [point.receive(bundle=group) for _ in range(2)]
    for number in numbers:
        point.post(number)
    central.carry()
    pages = [prove(resident, number) for number in numbers]
    assert all(f"<b>{code(point, str(group['group']))}</b>" in page for page in pages)
