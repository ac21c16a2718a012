"""The courier at central itself: signed in with a PIN, over parcels that points really sent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask

from cases.states import ParcelState
from central.web import create_app
from labels.tokens import Purpose
from tests.central.test_progress import NOTICE
from tests.central.world import (
    HERE,
    PASSWORD,
    PIN,
    Browser,
    Central,
    Clock,
    MemoryDistrict,
    Point,
    make_district,
)


@dataclass
class World:
    """Central with one packed parcel, and its web."""

    district: MemoryDistrict
    central: Central
    point: Point
    app: Flask
    parcel: str

    @property
    def label(self) -> str:
        return f"/W/{self.point.token(self.parcel, Purpose.WAYBILL)}"

    @property
    def page(self) -> str:
        return f"/courier/parcels/{self.parcel}"

    def state(self) -> ParcelState:
        self.central.carry()
        store = self.district.open_store()
        try:
            parcel = store.parcel(self.parcel)
        finally:
            store.close()
        assert parcel
        return parcel.state


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    district = make_district(tmp_path / "central", Clock())
    central = Central(district)
    point = Point(district, HERE, district.clock)
    parcel = point.post(point.receive())
    central.carry()
    yield World(district, central, point, create_app(district), parcel)
    central.close()


@pytest.fixture
def courier(world: World) -> Browser:
    browser = Browser(world.app.test_client())
    browser.get("/courier/")
    browser.post("/courier/in/", {"login": "1001", "password": PIN})
    return browser


def press(browser: Browser, page: str, slug: str, **typed: str) -> str:
    """Send a report's form as its page gives it. :returns: the page that answers."""
    text = browser.get(page if slug == "take" else f"{page}/{slug}").text
    op = text.partition('name="op" value="')[2][:32]
    return browser.post(f"{page}/{slug}", {"op": op, "sure": "yes", **typed}).text


def test_a_parcel_is_scanned_taken_over_missed_and_delivered(
    world: World, courier: Browser
) -> None:
    assert "军门社区12号楼" in courier.get(world.label).text
    assert "已揽收" in press(courier, world.page, "take")
    assert world.state() is ParcelState.TAKEN_OVER
    assert "没送到" in press(courier, world.page, "failed", why="no_answer", note="打了两次")
    assert world.state() is ParcelState.FAILED
    assert "已送达：家人" in press(courier, world.page, "delivered", to="family", id4="392X")
    assert world.state() is ParcelState.DELIVERED


def test_what_a_phone_tells_late_stands_where_it_happened_and_under_its_courier_s_name(
    world: World, courier: Browser
) -> None:
    store = world.district.open_store()
    parcel = store.parcel(world.parcel)
    store.close()
    assert parcel
    case, clock = parcel.cases[0], world.district.clock
    clock.forward(minutes=35)
    world.point.state("case.correction_noticed", case, NOTICE)
    clock.forward(minutes=60)
    courier.get(world.label)
    press(courier, world.page, "take", when="2026-11-23T01:40:00Z")
    told = {"why": "no_answer", "next": "2026-11-24", "when": "2026-11-23T01:50:00Z"}
    press(courier, world.page, "failed", **told)
    world.central.carry()
    boss = Browser(world.app.test_client())
    boss.get("/signin/")
    boss.post("/signin/", {"login": "guan", "password": PASSWORD})
    page = boss.get(f"/board/parcels/{world.parcel}").text
    assert "区中心 · 阿强" in page
    assert "电话打不通，2026-11-24 再送，发生在11月23日（周一）09:50" in page
    assert "c-1001" not in page
    seen = Browser(world.app.test_client()).get(f"/T/{world.point.token(case)}").text
    assert seen.rindex("10:06") < seen.rindex("09:50") < seen.rindex("09:40")
    assert "11:06" not in seen


def test_every_step_follows_at_once_though_the_journal_has_not_heard_of_the_last(
    world: World, courier: Browser
) -> None:
    courier.get(world.label)
    press(courier, world.page, "take")
    assert "1 件" in courier.get("/courier/").text
    press(courier, world.page, "failed", why="refused")
    assert "第 1 次没送到：收件人拒收" in courier.get("/courier/").text
    press(courier, world.page, "returned")
    assert "手上没有邮件" in courier.get("/courier/").text
    assert world.state() is ParcelState.RETURNED


def test_a_phone_s_reports_by_a_label_follow_each_other_before_the_journal_hears_of_any(
    world: World, courier: Browser
) -> None:
    label = {"q": world.label}
    courier.get("/courier/")
    courier.post("/courier/take", {**label, "op": "5" * 32})
    courier.post("/courier/label/failed", {**label, "op": "6" * 32, "why": "no_answer"})
    told = {**label, "op": "7" * 32, "to": "family", "id4": "392X"}
    assert "已送达：家人" in courier.post("/courier/label/delivered", told).text
    assert world.state() is ParcelState.DELIVERED


def test_when_couchdb_does_not_answer_the_report_is_kept_to_be_sent_again(
    world: World, courier: Browser
) -> None:
    courier.get(world.label)
    op = "5" * 32
    world.central.cut_line()
    assert "还没有记下" in courier.post(f"{world.page}/take", {"op": op}).text
    world.central.mend_line()
    assert "已揽收" in courier.post(f"{world.page}/take", {"op": op}).text
    assert world.state() is ParcelState.TAKEN_OVER


def test_a_supervisor_is_no_courier_and_a_courier_no_supervisor(
    world: World, courier: Browser
) -> None:
    assert "区中心登录" in courier.get("/board").text
    guan = Browser(world.app.test_client())
    guan.get("/courier/in/")
    answer = guan.post("/courier/in/", {"login": "guan", "password": "open the door"})
    assert answer.status_code == 401


def test_a_stranger_learns_nothing_from_a_label(world: World) -> None:
    stranger = Browser(world.app.test_client())
    told = stranger.get(world.label).text
    assert "只给快递员用" in told
    for secret in ("林小梅", "林*梅", "军门社区12号楼", world.parcel):
        assert secret not in told


def test_a_courier_who_is_shut_out_is_out_at_once(world: World, courier: Browser) -> None:
    from central.accounts import FILE

    assert "手上没有邮件" in courier.get("/courier/").text
    (world.district.config.data / FILE).unlink()
    assert "快递员登录" in courier.get("/courier/").text
