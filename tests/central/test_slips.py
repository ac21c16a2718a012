"""A resident fills in the slip: by the receipt's QR, by the poster's, with the line down."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pysqlite3 import dbapi2 as sqlite3

from cases.folded import Visit
from cases.states import VisitState
from central import context
from central.config import CouchAt
from central.district import District
from central.limits import FILLED_FOR_CASE, WRONG_FOR_SUBJECT
from central.web import create_app
from tests.central.world import TYPED, Browser, Central, Clock, MemoryDistrict, Point

PASTED = "林小梅 13805915678 福建省福州市鼓楼区东街街道军门社区12号楼3单元502室"


def slips_of(central: Central, number: str) -> list[dict[str, str]]:
    central.carry()
    store = central.jobs.store
    return [store.unseal(e) for e in store.events(number) if e.type == "slip.filled"]


def test_a_slip_reaches_the_case_sealed(resident: Browser, point: Point, central: Central) -> None:
    number = point.receive()
    central.carry()
    page = resident.fill(f"/T/{point.token(number)}", note="放门卫")
    assert "寄递单填好了" in page.text
    assert slips_of(central, number) == [
        {
            "name": "林小梅", "phone": "13805915678", "province": "350000", "city": "350100",
            "county": "350102", "street": "东街街道军门社区12号楼3单元502室",
            "region": "福建省福州市鼓楼区", "note": "放门卫",
        }
    ]  # fmt: skip
    filled = central.jobs.store.events(number)[-1]
    assert (filled.data["channel"], filled.data["language"]) == ("qr", "zh")
    assert filled.actor == "resident"


def test_a_slip_is_taken_before_central_has_heard_of_the_case(
    resident: Browser, point: Point, central: Central
) -> None:
    number = point.new_case_number()
    token = point.token(number)
    assert "还没有收到这件的记录" in resident.get(f"/t/{token.lower()}").text
    page = resident.fill(f"/t/{token.lower()}")
    assert "线路暂时不通，您填的内容已收下" in page.text
    assert len(slips_of(central, number)) == 1
    point.receive(number)
    central.carry()
    case = central.jobs.store.case(number)
    assert case is not None
    assert len(case.slips) == 1
    assert not case.set_aside
    assert "已收件" in resident.get(f"/T/{token}").text


def test_before_central_has_heard_of_the_case_only_the_sender_may_mend_the_slip(
    resident: Browser, stranger: Browser, point: Point, central: Central
) -> None:
    number = point.new_case_number()
    slip = f"/T/{point.token(number)}/slip"
    resident.fill(f"/T/{point.token(number)}")
    assert "结果怎么拿" in resident.get(slip).text
    assert "先对一下是不是您本人" in stranger.get(slip).text
    point.receive(number)
    central.carry()
    assert "先对一下是不是您本人" in resident.get(slip).text


def test_a_poster_slip_becomes_a_visit_the_clerk_can_recognise(
    resident: Browser, point: Point, central: Central
) -> None:
    page = resident.fill(f"/T/{point.poster()}")
    code = re.search(r'aria-label="(\d{4})"', page.text)
    assert code, page.text
    central.carry()
    rows = central.jobs.store.db.execute("SELECT number FROM subjects WHERE kind='visit'")
    (number,) = [n for (n,) in rows]
    visit = central.jobs.store.subject(number)
    assert isinstance(visit, Visit)
    assert visit.state is VisitState.NEW
    assert visit.slips[0].channel == "poster"
    assert number[-6:-2] == code[1]
    assert central.jobs.store.home_of(number) == point.code


def test_a_poster_slip_filled_in_anew_by_the_same_phone_is_the_same_visit(
    resident: Browser, stranger: Browser, point: Point, central: Central
) -> None:
    base = f"/T/{point.poster()}"
    called = []
    for street in ("津泰路88号", "津泰路99号"):
        called.append(re.findall(r'aria-label="(\d{4})"', resident.fill(base, street=street).text))
        central.carry()
    resident.fill(base, name="陈秀英")  # another recipient is no change of the first
    stranger.fill(base)  # nor is another phone
    central.carry()
    rows = central.jobs.store.db.execute("SELECT number FROM subjects WHERE kind='visit'")
    visits = [central.jobs.store.subject(number) for (number,) in rows]
    slips = sorted((v.slips for v in visits if isinstance(v, Visit)), key=len)
    assert [len(each) for each in slips] == [1, 1, 2]
    assert slips[2][1].replaces == slips[2][0].event
    assert called[0] == called[1], "the four digits to be called out stay"


def test_the_same_form_sent_twice_is_one_slip(
    resident: Browser, point: Point, central: Central
) -> None:
    for target in (point.poster(), point.token(point.new_case_number())):
        resident.fill_in(f"/T/{target}")
        assert resident.page
        op = re.findall(r'name="op" value="([^"]+)"', resident.page.text)[0]
        for _again in range(3):
            assert resident.post(f"/T/{target}/slip/check", {"op": op}).status_code == 200
    central.carry()
    count = central.jobs.store.db.execute(
        "SELECT count(*) FROM events WHERE type='slip.filled'"
    ).fetchone()
    assert count == (2,)


def test_a_lost_answer_keeps_what_was_typed_and_makes_no_second_slip(
    resident: Browser, point: Point, central: Central, district: MemoryDistrict
) -> None:
    number = point.receive()
    central.carry()
    base = f"/T/{point.token(number)}"
    resident.fill_in(base)

    def answer_lost(verb: str, database: str) -> None:
        central.cut_line()
        district.memory.before("", "")

    shared = district.memory
    shared.after = answer_lost
    page = resident.send(base)
    shared.after = lambda verb, database: None
    assert page.status_code == 503
    assert "还没有保存成功" in page.text
    assert "12号楼3单元502室" in page.text
    central.mend_line()
    assert "寄递单填好了" in resident.send(base).text
    assert len(slips_of(central, number)) == 1


def test_only_a_press_of_the_button_sends_a_slip(
    resident: Browser, point: Point, central: Central
) -> None:
    """A browser or a messenger may look ahead at an address with HEAD; nobody decided anything."""
    number = point.receive()
    base = f"/T/{point.token(number)}"
    resident.fill_in(base)
    for step in ("who", "place", "street", "check"):
        assert resident.client.head(f"{base}/slip/{step}").status_code == 200, step
    assert slips_of(central, number) == []
    assert "13805915678" in resident.get(f"{base}/slip/check").text


def test_with_the_store_away_nothing_typed_is_lost(
    resident: Browser, point: Point, central: Central
) -> None:
    base = f"/T/{point.poster()}"
    resident.fill_in(base)
    central.cut_line()
    page = resident.send(base)
    assert page.status_code == 503
    assert "13805915678" in page.text
    central.mend_line()
    assert "填好了" in resident.send(base).text


@pytest.fixture
def hanging(district: MemoryDistrict) -> Iterator[District]:
    """The same district over a store that takes every call and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        at = CouchAt(port=silent.getsockname()[1])
        config = replace(district.config, couchdb=at)
        yield District(config, district.secrets, district.bundle, district.clock, patience_s=0.2)


def test_with_the_store_hanging_the_resident_is_answered(hanging: District, point: Point) -> None:
    resident, base = Browser(create_app(hanging).test_client()), f"/T/{point.poster()}"
    resident.fill_in(base)
    page = resident.send(base)
    assert page.status_code == 503
    assert "现在连不上系统" in page.text
    assert "13805915678" in page.text


def test_pages_wait_seconds_for_the_store_and_not_a_minute(district: MemoryDistrict) -> None:
    with create_app(district).app_context():
        assert context.district().patience_s <= 10


WRONG = [
    ("who", {"name": "", "phone": "13805915678"}, "还没有填收件人的姓名"),
    ("who", {"name": "林小梅", "phone": "1380591"}, "手机号码应为 11 位，现在是 7 位"),
    ("who", {"name": "<script>", "phone": "13805915678"}, "姓名里不能有"),
    ("who", {"name": "林" * 70, "phone": "13805915678"}, "太长"),
    ("place", {"county": "350100"}, "还没有选到区、县"),
    ("place", {"county": "abc"}, "还没有选到区、县"),
    ("place", {}, "还没有选到区、县"),
    ("street", {"street": "", "note": ""}, "还没有填详细地址"),
    ("street", {"street": "88", "note": ""}, "地址太短"),
    ("street", {"street": "东街88号 13805915678", "note": ""}, "地址里有手机号码"),
    ("street", {"street": "东街88号", "note": "长" * 61}, "备注太长"),
]


@pytest.mark.parametrize(("step", "typed", "words"), WRONG)
def test_each_mistake_is_named_and_what_was_typed_stays(
    resident: Browser, point: Point, step: str, typed: dict[str, str], words: str
) -> None:
    base = f"/T/{point.token(point.new_case_number())}"
    resident.fill_in(base)
    page = resident.post(f"{base}/slip/{step}", typed)
    assert page.status_code == 400
    assert words in page.text
    for name in ("phone", "note"):
        assert typed.get(name, "") in page.text
    assert "<script>" not in page.text.replace("<script src", "")


@pytest.mark.parametrize("name", ["𠮷野", "䶮", "㛃龘", "买买提·吐尔逊", "Mary O'Neil"])
def test_rare_names_survive(resident: Browser, point: Point, central: Central, name: str) -> None:
    number = point.new_case_number()
    resident.fill(f"/T/{point.token(number)}", name=name)
    assert [s["name"] for s in slips_of(central, number)] == [name]


def test_a_step_opened_too_early_leads_to_what_is_missing(resident: Browser, point: Point) -> None:
    base = f"/T/{point.poster()}"
    assert "结果怎么拿" in resident.get(f"{base}/slip/check").text
    resident.post(f"{base}/slip/way", {"way": "post"})
    assert "谁来收" in resident.get(f"{base}/slip/check").text
    assert "寄到哪里" in resident.get(f"{base}/slip/street").text


def test_places_are_found_by_pinyin_and_by_going_down(resident: Browser, point: Point) -> None:
    base = f"/T/{point.poster()}/slip/place"
    found = resident.get(f"{base}?q=changle").text
    assert 'value="350112"' in found
    assert "没有找到" in resident.get(f"{base}?q=qqqq").text
    assert f"{base}?in=350100" in resident.get(f"{base}?in=350000").text
    assert 'value="110105"' in resident.get(f"{base}?in=110000").text
    assert resident.get(f"{base}?in=nonsense").status_code == 200


class TestChanging:
    """A filled slip, seen by somebody who may have only photographed the receipt."""

    @pytest.fixture
    def filled(self, resident: Browser, point: Point, central: Central) -> str:
        number = point.receive()
        central.carry()
        resident.fill(f"/T/{point.token(number)}")
        central.carry()
        return number

    def test_a_stranger_sees_it_masked_and_cannot_change_it(
        self, stranger: Browser, point: Point, filled: str
    ) -> None:
        base = f"/T/{point.token(filled)}"
        page = stranger.get(base).text
        for secret in ("林小梅", "13805915678", "5678", "12号楼", "392X"):
            assert secret not in page
        assert "林*梅" in page
        for step in ("", "/way", "/point", "/who", "/place", "/street", "/check", "/cancel"):
            assert "先对一下是不是您本人" in stranger.get(f"{base}/slip{step}").text
        stranger.post(f"{base}/slip/who", {"name": "坏人", "phone": "13900000000"})
        stranger.post(f"{base}/slip/check", {"op": "x" * 20})
        assert "先对一下是不是您本人" in stranger.page.text if stranger.page else False

    @pytest.mark.parametrize("four", ["392X", "5678", "３９２ｘ", " 39 2x "])
    def test_the_last_four_open_it_with_what_was_typed(
        self, stranger: Browser, point: Point, central: Central, filled: str, four: str
    ) -> None:
        base = f"/T/{point.token(filled)}"
        stranger.get(f"{base}/slip")
        page = stranger.post(f"{base}/slip/prove", {"last_four": four})
        assert "看一看，对不对" in page.text
        assert "林小梅" in page.text
        stranger.fill(base, street="新的地址99号")
        new = slips_of(central, filled)[-1]
        assert new["street"] == "新的地址99号"
        case = central.jobs.store.case(filled)
        assert case is not None
        assert case.slips[-1].replaces == case.slips[0].event
        shown = stranger.client.application.extensions["district"].config.data / "portal.db"
        with sqlite3.connect(shown) as db:
            assert db.execute("SELECT count(*) FROM showings").fetchone()[0] >= 1
        db.close()

    def test_even_who_has_just_sent_it_is_asked_for_the_last_four(
        self, resident: Browser, point: Point, filled: str
    ) -> None:
        page = resident.get(f"/T/{point.token(filled)}/slip")
        assert "先对一下是不是您本人" in page.text

    def test_guessing_is_stopped_and_forgiven_later(
        self, stranger: Browser, point: Point, clock: Clock, filled: str
    ) -> None:
        url = f"/T/{point.token(filled)}/slip/prove"
        stranger.get(url)
        for _try in range(WRONG_FOR_SUBJECT.free):
            assert stranger.post(url, {"last_four": "0000"}).status_code == 400
        page = stranger.post(url, {"last_four": "392x"})
        assert page.status_code == 429
        assert "15 分钟" in page.text
        clock.forward(minutes=16)
        assert "看一看，对不对" in stranger.post(url, {"last_four": "392x"}).text

    @pytest.mark.parametrize("four", ["", "123", "x" * 300, "12345"])
    def test_what_is_not_four_characters_is_said_so(
        self, stranger: Browser, point: Point, filled: str, four: str
    ) -> None:
        url = f"/T/{point.token(filled)}/slip/prove"
        stranger.get(url)
        assert stranger.post(url, {"last_four": four}).status_code in (400, 200)

    def test_a_slip_is_changed_until_the_label_is_printed_and_then_the_point_is_called(
        self, resident: Browser, point: Point, central: Central, filled: str
    ) -> None:
        point.decide(filled)
        parcel = point.post(filled)
        central.carry()
        base = f"/T/{point.token(filled)}"
        assert "先对一下是不是您本人" in resident.get(f"{base}/slip").text
        point.state("parcel.waybill_printed", parcel, {"copy": 1})
        central.carry()
        for step in ("", "/check", "/cancel"):
            page = resident.get(f"{base}/slip{step}")
            assert page.status_code == 409
            assert "面单已经打印" in page.text
            assert "0591-12345" in page.text, "whom to call"
        assert "/slip/cancel" not in resident.get(base).text

    def test_a_closed_case_takes_no_slip(
        self, resident: Browser, point: Point, central: Central, filled: str
    ) -> None:
        point.decide(filled, delivery="window")
        point.state("case.resident_told", filled, {"how": "phone"})
        point.state("case.closed", filled, {})
        central.carry()
        assert "已经办完归档" in resident.get(f"/T/{point.token(filled)}/slip").text


def test_one_case_cannot_be_flooded_with_slips(
    resident: Browser, point: Point, central: Central
) -> None:
    base = f"/T/{point.token(point.new_case_number())}"
    for _slip in range(FILLED_FOR_CASE.free):
        assert resident.fill(base).status_code == 200
    assert resident.fill(base).status_code == 429


def test_nothing_a_resident_typed_lies_in_clear_on_central_s_disk(
    resident: Browser, point: Point, central: Central, district: MemoryDistrict
) -> None:
    number = point.receive()
    central.carry()
    resident.fill_in(f"/T/{point.poster()}", name="阿依古丽", street="隐秘巷77号")
    resident.fill(f"/T/{point.token(number)}", name="阿依古丽", street="隐秘巷77号")
    central.carry()
    files = [f for f in Path(district.config.data).rglob("*") if f.is_file()]
    assert any(f.name == "portal.db" for f in files)
    for file in files:
        if "spool" in file.parts:
            continue
        for secret in ("阿依古丽", "隐秘巷77号", TYPED["phone"], "13805915678", "林小梅"):
            assert secret.encode() not in file.read_bytes(), f"{secret} in {file.name}"


class TestAWholeAddressPasted:
    """智能粘贴 on the pages, as it works without JavaScript."""

    def paste(self, resident: Browser, point: Point, pasted: str) -> str:
        base = f"/T/{point.token(point.new_case_number())}"
        resident.get(f"{base}/slip")
        return resident.post(f"{base}/slip/paste", {"pasted": pasted}).text

    def test_it_fills_the_slip_and_is_looked_over_before_it_is_sent(
        self, resident: Browser, point: Point, central: Central
    ) -> None:
        number = point.receive()
        central.carry()
        base = f"/T/{point.token(number)}"
        resident.get(f"{base}/slip")
        resident.post(f"{base}/slip/paste", {"pasted": PASTED})
        assert resident.page is not None
        assert "看一看，对不对" in resident.page.text
        assert slips_of(central, number) == []
        resident.send(base)
        (slip,) = slips_of(central, number)
        assert slip["street"] == TYPED["street"]
        assert (slip["name"], slip["phone"], slip["county"]) == ("林小梅", "13805915678", "350102")

    def test_what_is_not_sure_is_marked(self, resident: Browser, point: Point) -> None:
        page = self.paste(resident, point, PASTED.replace("福建省福州市鼓楼区", "福州鼓楼"))
        assert 'class="unsure"><dt>地区' in page
        assert "请核对：地区" in page

    def test_what_is_missing_is_asked_for_and_then_all_is_looked_over(
        self, resident: Browser, point: Point
    ) -> None:
        page = self.paste(resident, point, PASTED.replace("13805915678", ""))
        assert "谁来收" in page
        assert "请核对：电话" in page
        assert 'value="林小梅"' in page
        assert resident.page is not None
        who = resident.page.request.path
        page = resident.post(f"{who}?then=check", {"name": "林小梅", "phone": "13805915678"}).text
        assert "看一看，对不对" in page
        assert "请核对" not in page

    def test_a_county_of_another_city_is_asked_about(self, resident: Browser, point: Point) -> None:
        page = self.paste(resident, point, PASTED.replace("鼓楼区", "思明区"))
        assert "您贴的地址是下面哪一处" in page
        assert 'value="350203"' in page

    def test_a_city_alone_opens_the_list_of_its_counties(
        self, resident: Browser, point: Point
    ) -> None:
        page = self.paste(resident, point, PASTED.replace("福州市鼓楼区", "厦门市"))
        assert "最后选区县" in page
        assert 'value="350203"' in page

    def test_what_is_no_address_is_said_so_and_stays(self, resident: Browser, point: Point) -> None:
        page = self.paste(resident, point, "今天天气很好")
        assert "没有认出电话和地址" in page
        assert "今天天气很好" in page
