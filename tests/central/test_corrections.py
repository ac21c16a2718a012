"""补正 on the resident's phone: exactly the defects, four ways to give, nothing lost, once each."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

import pytest

from central import limits
from central.blob_index import FOLDER
from sync.blobs.folder import BlobFolder
from sync.blobs.seal import unseal_blob
from tests.central.test_portal import look_up
from tests.central.test_progress import NOTICE, WORDS
from tests.central.world import Browser, Central, Clock, MemoryDistrict, Point
from tests.node.pictures import jpeg

WISH = {"hours": "9-12", "address": "东街街道军门社区12号楼502室"}


@pytest.fixture
def number(point: Point, central: Central) -> str:
    number = point.receive()
    point.state("case.correction_noticed", number, NOTICE, words=WORDS)
    central.carry()
    return number


@pytest.fixture
def base(resident: Browser, point: Point, number: str) -> str:
    """Where the correction is, for a resident who has given the last four."""
    look_up(resident, number, "392X")
    return f"/T/{point.token(number)}/correct"


def op_on(browser: Browser) -> str:
    assert browser.page is not None
    found = re.search(r'name="op" value="([^"]+)"', browser.page.text)
    assert found, browser.page.text
    return found[1]


def give(browser: Browser, url: str, file: bytes, op: str = "", name: str = "IMG_1.jpg") -> Any:
    browser.get(url)
    data = {"op": op or op_on(browser), "file": (BytesIO(file), name)}
    return browser.post(url, data, content_type="multipart/form-data")


def events(central: Central, district: MemoryDistrict, number: str) -> list[Any]:
    central.carry()
    store = district.open_store()
    try:
        return [e for e in store.events(number) if e.author.startswith("central")]
    finally:
        store.close()


def case_of(central: Central, district: MemoryDistrict, number: str) -> Any:
    central.carry()
    store = district.open_store()
    try:
        return store.case(number)
    finally:
        store.close()


def test_a_stranger_with_the_notice_sees_nothing_before_the_last_four(
    stranger: Browser, resident: Browser, point: Point, number: str, base: str
) -> None:
    page = stranger.get(base).text
    assert "最后四位" in page
    assert "门牌号" not in page
    assert stranger.post(f"{base}/0/words", {"words": "我来改"}).text.count("最后四位")
    opened = stranger.post(f"/T/{point.token(number)}/prove?then=correct", {"last_four": "392X"})
    assert "还有 2 样要补" in opened.text


def test_the_case_s_page_leads_there_and_says_by_when(
    resident: Browser, point: Point, number: str, base: str
) -> None:
    page = resident.get(base.removesuffix("/correct")).text
    assert f'href="{base}"' in page
    assert "前补齐" in page
    seen = resident.get(base).text
    for words in ("居民身份证", "没有签名或盖章", "申请本身", "还有 2 样要补", "前补齐"):
        assert words in seen
    assert "地址写到门牌号" in resident.get(f"{base}/0").text


def test_each_thing_to_correct_shows_a_sample_of_how_it_should_be(
    resident: Browser, base: str
) -> None:
    assert "/samples/id_card.svg" in resident.get(f"{base}/1").text
    assert "/samples/form.svg" in resident.get(f"{base}/0").text, "of the application itself"
    assert "/samples/id_card.svg" in resident.get(f"{base}/1?lang=en").text


def test_a_photograph_is_sealed_kept_and_named_once(
    resident: Browser, central: Central, district: MemoryDistrict, number: str, base: str
) -> None:
    url, picture = f"{base}/1", jpeg(noted=True)
    resident.get(url)
    op = op_on(resident)
    first = give(resident, url, picture, op)
    assert "还有 1 样要补" in first.text
    assert "收到了" in first.text
    give(resident, url, picture, op)
    found = events(central, district, number)
    assert [e.type for e in found] == ["case.scanned", "case.supplemented"]
    case = case_of(central, district, number)
    (scan,) = case.scans
    assert (scan.position, scan.media) == (1, "image/jpeg")
    store = district.open_store()
    sealed = store.unseal(store.event(scan.event))
    store.close()
    assert sealed["file"] == "IMG_1.jpg"
    with BlobFolder(district.config.data / FOLDER).open(scan.blob) as blob:
        plain = b"".join(unseal_blob(sealed["key"], number, blob))
    assert plain.startswith(b"\xff\xd8\xff")
    assert b"Exif" not in plain, "where it was taken stays with who took it"
    (given,) = case.supplements
    assert (given.how, given.positions) == ("photographed", (1,))


def test_a_second_photograph_of_the_same_paper_asks_nobody_twice(
    resident: Browser, central: Central, district: MemoryDistrict, number: str, base: str
) -> None:
    for _ in range(2):
        give(resident, f"{base}/1", jpeg(noted=True))
    case = case_of(central, district, number)
    assert (len(case.scans), len(case.supplements)) == (2, 1)


def test_what_is_no_picture_or_pdf_is_refused_by_its_content(
    resident: Browser, central: Central, district: MemoryDistrict, number: str, base: str
) -> None:
    for file in (b"", b"<html>", b"%PDF-1.4 broken", b"GIF89a"):
        answer = give(resident, f"{base}/1", file)
        assert answer.status_code == 400, file
        assert "居民身份证" in answer.text
    assert events(central, district, number) == []


def test_words_are_sealed_and_survive_a_cut_line(
    resident: Browser, central: Central, district: MemoryDistrict, number: str, base: str
) -> None:
    resident.get(f"{base}/0/words")
    typed = {"op": op_on(resident), "words": "门牌是12号楼502室"}
    central.cut_line()
    cut = resident.post(f"{base}/0/words", typed)
    assert cut.status_code == 503
    assert "门牌是12号楼502室" in cut.text
    assert op_on(resident) == typed["op"]
    central.mend_line()
    assert "还有 1 样要补" in resident.post(f"{base}/0/words", typed).text
    resident.post(f"{base}/0/words", typed)
    (event,) = events(central, district, number)
    assert (event.data["how"], event.data["positions"]) == ("answered", [0])
    assert "门牌" not in str(event.doc["data"])
    store = district.open_store()
    assert store.unseal(event)["words"] == "门牌是12号楼502室"
    store.close()


def test_a_wish_to_be_fetched_gives_nothing_yet_and_tells_the_point(
    resident: Browser, central: Central, district: MemoryDistrict, number: str, base: str
) -> None:
    page = resident.get(f"{base}/fetch").text
    day = re.search(r'name="day" value="(2026-[0-9-]+)"', page)
    assert day
    wish = {**WISH, "day": day[1], "op": op_on(resident)}
    assert resident.post(f"{base}/fetch", {**wish, "address": ""}).status_code == 400
    seen = resident.post(f"{base}/fetch", wish).text
    assert "上门取件已经记下" in seen
    assert "还有 2 样要补" in seen
    resident.post(f"{base}/fetch", wish)
    (event,) = events(central, district, number)
    assert event.type == "case.pickup_wished"
    assert event.data["positions"] == [1, 0]
    assert "军门" not in str(event.doc["data"])
    case = case_of(central, district, number)
    assert len(case.pickups) == 1
    assert not case.requests


def test_every_point_takes_papers_and_the_own_one_comes_first(
    resident: Browser, point: Point, base: str, district: MemoryDistrict
) -> None:
    page = resident.get(f"{base}/points").text
    names = [p.name for p in district.bundle.directory.points]
    assert all(name in page for name in names)
    own = district.bundle.directory.by_code(point.code).name
    assert min(page.index(name) for name in names) == page.index(own)


def test_when_all_is_given_it_says_what_follows_by_when(resident: Browser, base: str) -> None:
    give(resident, f"{base}/1", jpeg(noted=True))
    resident.get(f"{base}/0/words")
    done = resident.post(f"{base}/0/words", {"op": op_on(resident), "words": "改好了"}).text
    assert "都收到了" in done
    assert re.search(r"最晚1[12]月\d+日（周.）前", done)


def test_late_is_said_and_still_taken_and_lapsed_is_not(
    resident: Browser, central: Central, point: Point, number: str, base: str, clock: Clock
) -> None:
    clock.forward(days=40)
    look_up(resident, number, "392X")
    assert "期限已经过了。现在交也收" in resident.get(base).text
    assert "暂定" in resident.get(f"{base}/fetch").text, "the working days of 2027 are not known"
    assert "收到了" in give(resident, f"{base}/1", jpeg(noted=True)).text
    point.state("case.lapsed", number, {}, reason="没有补正")
    central.carry()
    ended = resident.get(base)
    assert "这次申请已经终止" in ended.text
    assert "重新申请" in ended.text


def test_nobody_fills_a_case_with_files(
    resident: Browser, base: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "GIVEN_FOR_CASE", limits.Limit(1, 600))
    give(resident, f"{base}/1", jpeg(noted=True))
    assert "交得太快太多" in give(resident, f"{base}/1", jpeg(noted=True)).text


def test_a_case_without_a_notice_has_nothing_to_correct(
    resident: Browser, point: Point, central: Central
) -> None:
    number = point.receive()
    central.carry()
    look_up(resident, number, "392X")
    assert "现在没有要补的" in resident.get(f"/case/{number}/correct").text
