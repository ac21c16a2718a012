"""From home on a phone: filled in once, nothing lost, sealed, followed, mended, called off."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask

from cases.folded import Visit
from cases.numbers import own_tracking, parcel_number
from cases.states import VisitState
from central.blob_index import FOLDER, open_index, upload
from sync.blobs.folder import BlobFolder
from sync.blobs.seal import unseal_blob
from tests.central.applying import CARE, HOME, LIN, AtHome
from tests.central.world import DAY, HERE, PIN, Browser, Central, MemoryDistrict, Point


@pytest.fixture
def lin(resident: Browser) -> AtHome:
    return AtHome(resident)


def visit_of(central: Central, district: MemoryDistrict, number: str) -> tuple[Visit, list[Any]]:
    central.carry()
    store = district.open_store()
    try:
        visit = store.subject(number)
        assert isinstance(visit, Visit)
        return visit, [
            (event, store.unseal(event)) for event in store.events(number) if event.sealed
        ]
    finally:
        store.close()


def test_a_matter_is_found_by_what_residents_call_it(stranger: Browser) -> None:
    page = stranger.get("/apply?q=敬老卡").text
    assert 'href="/apply/MZJ-080101"' in page
    assert "没有找到" in stranger.get("/apply?q=xyzzyxyzzy").text
    assert "在家申请" in stranger.get("/").text


def test_all_of_it_is_sealed_and_stands_on_a_visit_of_the_chosen_point(
    lin: AtHome, central: Central, district: MemoryDistrict
) -> None:
    number = lin.apply()
    visit, sealed = visit_of(central, district, number)
    assert (visit.state, visit.point, visit.matter) == (VisitState.APPLIED, HERE, CARE)
    assert (visit.applicant_kind, visit.document, visit.fetch) == ("person", "resident_id", True)
    said = {event.type: fields for event, fields in sealed}
    assert said["visit.applied"]["document_number"] == LIN["document_number"].upper()
    assert said["visit.applied"]["phone"] == "13805915678"
    assert said["visit.applied"]["address"] == HOME["address"]
    assert said["visit.applied"]["day"] == lin.day
    assert said["slip.filled"]["street"] == HOME["address"], "the result goes home too"
    clear = str([event.data for event, _ in sealed])
    for personal in ("林小梅", "11010519491231002", "13805915678", "502室", lin.day):
        assert personal not in clear


def test_the_point_is_found_by_its_name_or_by_its_subdistrict(lin: AtHome) -> None:
    lin.say("who", **LIN)
    for typed in ("军门", "junmen"):
        assert f'value="{HERE}"' in lin.browser.get(f"{lin.url('point')}?q={typed}").text
    assert f'value="{HERE}"' in lin.browser.get(f"{lin.url('point')}?in=350102004000").text
    assert "没有找到" in lin.browser.get(f"{lin.url('point')}?q=xyzzy").text
    assert lin.say("point", point=HERE).request.path == lin.url("photos")


def test_before_a_photograph_is_taken_a_sample_shows_how(lin: AtHome) -> None:
    lin.fill_in()
    assert "/samples/id_card.svg" in lin.browser.get(lin.url("photo/1")).text


def test_a_photograph_is_sealed_for_the_chosen_point_alone(
    lin: AtHome, central: Central, district: MemoryDistrict
) -> None:
    number = lin.apply()
    visit, sealed = visit_of(central, district, number)
    (scan,) = visit.scans
    (key,) = [fields["key"] for event, fields in sealed if event.type == "visit.scanned"]
    with BlobFolder(district.config.data / FOLDER).open(scan.blob) as blob:
        plain = b"".join(unseal_blob(key, number, blob))
    assert plain.startswith(b"\xff\xd8\xff")
    assert b"Exif" not in plain
    index = open_index(district.config.data)
    noted = upload(index, scan.blob)
    index.close()
    assert noted is not None
    assert noted.point == HERE


def test_what_is_missing_is_asked_for_and_nothing_typed_is_lost(lin: AtHome) -> None:
    assert lin.browser.get(lin.url("check")).request.path == lin.url("who")
    wrong = lin.say("who", **{**LIN, "document_number": "110105194912310021"})
    assert wrong.status_code == 400
    assert "林小梅" in wrong.text
    lin.say("who", **LIN)
    assert lin.browser.get(lin.url("photos")).request.path == lin.url("point")
    lin.say("point", point=HERE)
    unready = lin.say("photos")
    assert unready.status_code == 400
    assert "还没有拍“申请人居民身份证”" in unready.text
    assert "证件不寄" in unready.text
    assert "快递员上门取复印件" in unready.text
    lin.photograph(1)
    lin.say("photos")
    assert "地址里有手机号码" in lin.say("where", address="东街88号502室13805915678").text
    assert "东街88号502室13805915678" in lin.browser.get(lin.url("where")).text


def test_a_cut_line_loses_nothing_and_twice_sent_is_once(
    lin: AtHome, central: Central, district: MemoryDistrict
) -> None:
    lin.fill_in()
    lin.browser.get(lin.url("check"))
    op = lin.op
    central.cut_line()
    cut = lin.browser.post(lin.url("check"), {"op": op})
    assert cut.status_code == 503
    assert "线路断了" in cut.text
    central.mend_line()
    number = lin.apply_again(op)
    assert lin.apply_again(op) == number
    visit, _ = visit_of(central, district, number)
    assert [step.type for step in visit.steps] == ["visit.scanned", "slip.filled", "visit.applied"]
    assert visit.set_aside == ()


def test_another_point_chosen_late_gets_the_photographs_under_its_own_number(
    lin: AtHome, central: Central, district: MemoryDistrict
) -> None:
    lin.fill_in()
    lin.say("point", point="350102000000")
    number = re.search(r"VGL\d{3}-[0-9A-Z-]+", lin.send().text)
    assert number is not None
    visit, sealed = visit_of(central, district, number[0])
    (scan,) = visit.scans
    (key,) = [fields["key"] for event, fields in sealed if event.type == "visit.scanned"]
    with BlobFolder(district.config.data / FOLDER).open(scan.blob) as blob:
        assert b"".join(unseal_blob(key, number[0], blob))


def answered(point: Point, number: str, type: str, data: dict[str, Any], **sealed: str) -> None:
    point.ks[number] = 10
    point.state(type, number, data, **sealed)


def told(district: MemoryDistrict) -> list[str]:
    """The notices that went to phones."""
    spool = sorted((district.config.data / "spool").glob("*.json"), key=lambda p: p.stat().st_mtime)
    return [path.read_text(encoding="utf-8") for path in spool]


def follow(browser: Browser, number: str) -> str:
    """Look it up like any case: by its number and a last four."""
    browser.get("/")
    return browser.post("/lookup", {"number": number, "last_four": "002X"}).text


def test_the_page_says_how_far_it_is_and_nothing_more_to_a_stranger(
    lin: AtHome, stranger: Browser, central: Central, district: MemoryDistrict
) -> None:
    number = lin.apply()
    assert "已经收下，正在送到受理点" in lin.browser.page.text
    central.carry()
    token = re.search(r"/T/([A-Z2-7]{32})/home", lin.browser.page.request.path)
    assert token is not None
    page = stranger.get(f"/T/{token[1]}").text
    assert "正在看" in page
    assert "最晚" in page
    for personal in ("林小梅", "林*梅", "军门社区12号楼", "取消这份申请"):
        assert personal not in page
    mine = follow(stranger, number)
    assert "林*梅" in mine
    assert "502室" not in mine
    assert "取消这份申请" in mine
    assert "data-no-line" in mine, "it is said there too that nothing was sent"


def test_what_is_wrong_is_mended_on_the_phone_and_sent_again(
    lin: AtHome, stranger: Browser, point: Point, central: Central, district: MemoryDistrict
) -> None:
    number = lin.apply()
    central.carry()
    defects = [{"position": 1, "reason": "unclear"}, {"position": 0, "reason": "wrong"}]
    answered(point, number, "visit.mending_asked", {"defects": defects}, words="门牌写错了")
    central.carry()
    assert "要改" in told(district)[-1], "they are sent word of it"
    page = follow(stranger, number)
    for words in ("有 2 处要改一改", "看不清，请换一份清楚的", "门牌写错了", "现在就改"):
        assert words in page
    mend = AtHome(stranger, key=number)
    assert HOME["address"] in stranger.get(mend.url("check")).text
    assert "看不清" in stranger.get(mend.url("photos")).text
    mend.photograph(1)
    mend.say("where", **{**HOME, "address": "东街街道军门社区12号楼3单元503室"})
    mend.send()
    visit, sealed = visit_of(central, district, number)
    assert (visit.state, visit.defects, len(visit.scans)) == (VisitState.APPLIED, (), 2)
    assert sealed[-1][1]["address"].endswith("503室")
    assert visit.set_aside == ()


def test_it_is_called_off_until_a_courier_has_the_papers(
    lin: AtHome, point: Point, central: Central, district: MemoryDistrict
) -> None:
    number = lin.apply()
    central.carry()
    follow(lin.browser, number)
    lin.browser.post(f"/case/{number}/home/cancel", {"op": lin.op})
    central.carry()
    visit, _ = visit_of(central, district, number)
    assert visit.state is VisitState.CANCELLED
    assert "已经取消" in follow(lin.browser, number)


def test_the_application_leads_on_to_its_case(
    lin: AtHome, point: Point, central: Central, stranger: Browser
) -> None:
    number = lin.apply()
    central.carry()
    answered(point, number, "visit.checked", {})
    case = point.receive(visit=number)
    point.state("visit.ended", number, {})
    central.carry()
    page = follow(stranger, number)
    assert "已经收件" in page
    assert case in page
    link = re.search(r'href="(/T/[A-Z2-7]{32})"', page)
    assert link is not None
    assert case in stranger.get(link[1]).text


def fetch(point: Point, visit: str) -> str:
    """The point has looked at it, and made up the list for the courier. :returns: the parcel."""
    answered(point, visit, "visit.checked", {})
    number = parcel_number(point.number, DAY, 70)
    data = {
        "purpose": "papers_fetched", "cases": [], "to_point": HERE, "visit": visit,
        "carrier": "own", "tracking": own_tracking(point.number, 70),
        "contents": [{"case": "", "position": 2, "name": "近期病历"}],
    }  # fmt: skip
    home = {"name": "林小梅", "phone": "13805915678", "region": "", "address": HOME["address"]}
    point.state("parcel.packed", number, data, **home, day="2026-11-25", hours="9-12")
    return number


def test_a_courier_goes_there_and_the_resident_sees_how_far_it_is(
    lin: AtHome, app: Flask, point: Point, central: Central, stranger: Browser
) -> None:
    number = lin.apply()
    central.carry()
    parcel = fetch(point, number)
    central.carry()
    page = follow(stranger, number)
    for words in ("等快递员上门", "近期病历", "身份证件不要交给快递员", "取消这份申请"):
        assert words in page
    courier = Browser(app.test_client())
    courier.get("/courier/")
    courier.post("/courier/in/", {"login": "1001", "password": PIN})
    one = f"/courier/fetches/{parcel}"
    assert "502室" not in courier.get("/courier/fetches").text
    courier.get(one)
    assert "502室" in courier.post(f"{one}/accept", {"op": op_of(courier)}).text
    central.carry()
    assert "快递员已经接单" in follow(stranger, number)
    courier.get(one)
    collected = {"op": op_of(courier), "collected": "0", "sure": "yes"}
    assert "已揽收" in courier.post(f"{one}/collect", collected).text
    central.carry()
    page = follow(stranger, number)
    assert "材料在路上" in page
    assert "取消这份申请" not in page
    assert (
        "不能在这里取消"
        in stranger.post(f"/case/{number}/home/cancel", {"op": "a-cancelling-of-a-moment-ago"}).text
    )
    point.ks[parcel] = 10
    point.state("parcel.arrived", parcel, {})
    central.carry()
    assert "材料齐了，正在收件" in follow(stranger, number)


def op_of(browser: Browser) -> str:
    assert browser.page is not None
    found = re.search(r'name="op" value="([^"]+)"', browser.page.text)
    assert found, browser.page.text
    return found[1]
