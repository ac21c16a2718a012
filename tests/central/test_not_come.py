"""没收到: a resident says that a delivered parcel never came; once, proved, told what follows."""

from __future__ import annotations

import pytest

from cases.folded import Parcel
from tests.central.test_corrections import op_on
from tests.central.test_portal import look_up
from tests.central.world import Browser, Central, Clock, MemoryDistrict, Point


@pytest.fixture
def case(point: Point, central: Central) -> str:
    case = point.receive()
    point.decide(case)
    central.carry()
    return case


@pytest.fixture
def parcel(point: Point, central: Central, clock: Clock, case: str) -> str:
    """A result that a neighbour took."""
    number = point.post(case)
    central.carry()
    for type, more in (("taken_over", {}), ("delivered", {"to": "neighbour"})):
        said = {"op": type, "when": clock.now, **more}
        central.author.state(central.router, f"parcel.{type}", number, said, actor="c-1001")
        central.carry()
    return number


@pytest.fixture
def page(resident: Browser, point: Point, case: str, parcel: str) -> str:
    """Where a resident who has given the last four says so."""
    look_up(resident, case, "392X")
    return f"/T/{point.token(case)}/not-come/{parcel}"


def parcel_now(central: Central, district: MemoryDistrict, number: str) -> Parcel:
    central.carry()
    store = district.open_store()
    try:
        found = store.parcel(number)
    finally:
        store.close()
    assert found
    return found


def test_it_is_said_on_the_case_s_page_and_then_told_what_follows(
    resident: Browser, page: str, parcel: str, central: Central, district: MemoryDistrict
) -> None:
    case_page = page.partition("/not-come")[0]
    assert f'href="{page}"' in resident.get(case_page).text
    asked = resident.get(page).text
    for words in ("邻居代收。", "请先问问家里人", "查清后给您打电话", "免费补办"):
        assert words in asked
    done = resident.post(page, {"op": op_on(resident)}).text
    assert "记下了，在帮您查" in done
    found = parcel_now(central, district, parcel)
    assert found.disputed_at
    assert found.steps[-1].verdict == "ok"
    shown = resident.get(case_page).text
    assert "您说没有收到，寄出的受理点在查" in shown
    assert page not in shown
    assert "不用报没收到" in resident.get(page).text


def test_pressed_twice_it_counts_once(
    resident: Browser, page: str, parcel: str, central: Central, district: MemoryDistrict
) -> None:
    resident.get(page)
    op = op_on(resident)
    for _ in range(2):
        assert "记下了" in resident.post(page, {"op": op}).text
    found = parcel_now(central, district, parcel)
    assert sum(step.type == "parcel.disputed" for step in found.steps) == 1


def test_a_line_that_breaks_notes_nothing_and_says_to_press_again(
    resident: Browser, page: str, parcel: str, central: Central, district: MemoryDistrict
) -> None:
    resident.get(page)
    op = op_on(resident)
    central.cut_line()
    broken = resident.post(page, {"op": op})
    assert broken.status_code == 503
    assert "还没有记下" in broken.text
    assert op_on(resident) == op
    central.mend_line()
    assert "记下了" in resident.post(page, {"op": op}).text
    found = parcel_now(central, district, parcel)
    assert sum(step.type == "parcel.disputed" for step in found.steps) == 1


def test_whoever_only_has_the_receipt_is_asked_for_the_last_four(
    stranger: Browser, point: Point, case: str, parcel: str
) -> None:
    page = f"/T/{point.token(case)}/not-come/{parcel}"
    asked = stranger.get(page)
    assert "最后四位" in asked.text
    assert "最后四位" in stranger.post(page, {"op": "0" * 20}).text
    proved = f"/T/{point.token(case)}/prove?not_come={parcel}"
    assert "没收到邮件？" in stranger.post(proved, {"last_four": "392X"}).text


def test_what_is_no_parcel_of_the_case_cannot_be_said_of(resident: Browser, page: str) -> None:
    other = f"{page.rpartition('/')[0]}/PGL031-261123-9999-9"
    assert resident.get(other).status_code == 404
    assert resident.get("/T/X/not-come/PGL031-261123-0001-5").status_code == 404


def test_in_english_too(resident: Browser, page: str) -> None:
    assert "Has the parcel not come?" in resident.get(f"{page}?lang=en").text
