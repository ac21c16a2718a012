"""The portal: looking a case up, its page in plain words, and what strangers are told."""

from __future__ import annotations

import gzip

import pytest
from flask import Flask

from central.limits import WRONG_FROM_ADDRESS
from central.qr import revoke
from labels.tokens import Purpose
from tests.central.world import Browser, Central, Clock, MemoryDistrict, Point


@pytest.fixture
def number(point: Point, central: Central) -> str:
    number = point.receive()
    central.carry()
    return number


def look_up(browser: Browser, number: str, four: str) -> str:
    browser.get("/")
    return browser.post("/lookup", {"number": number, "last_four": four}).text


@pytest.mark.parametrize("four", ["392X", "5678"])
def test_number_and_last_four_open_the_same_page_as_the_qr(
    resident: Browser, number: str, four: str
) -> None:
    assert "已收件" in look_up(resident, number, four)
    assert resident.get(f"/case/{number}").status_code == 200


def test_the_number_is_forgiven_how_it_is_typed(resident: Browser, number: str) -> None:
    typed = number.lower().replace("-", " ").replace("0", "o")
    typed = typed[:2] + typed[2:].replace("o", "O")
    assert "已收件" in look_up(resident, typed, "３９２ｘ")


def test_a_wrong_four_and_an_unknown_number_are_told_the_same(
    stranger: Browser, point: Point, number: str
) -> None:
    unknown = point.new_case_number()
    answers = [look_up(stranger, n, "0000") for n in (number, unknown)]
    cleaned = [a.replace(number, "N").replace(unknown, "N") for a in answers]
    words = [a[a.index("error-summary") : a.index("</main>")] for a in cleaned]
    assert "没有找到" in words[0]
    assert _without_token(words[0]) == _without_token(words[1])


def _without_token(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if "csrf_token" not in line)


def test_unknown_numbers_are_locked_like_known_ones(
    stranger: Browser, point: Point, number: str
) -> None:
    for each in (number, point.new_case_number()):
        for _try in range(5):
            look_up(stranger, each, "0000")
        assert "试的次数太多" in look_up(stranger, each, "392X")


def test_one_address_cannot_try_number_after_number(
    stranger: Browser, point: Point, number: str
) -> None:
    for _try in range(WRONG_FROM_ADDRESS.free):
        look_up(stranger, point.new_case_number(), "0000")
    assert "试的次数太多" in look_up(stranger, number, "392X")


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "还没有填编号"),
        ("GL031", "编号长度不对"),
        ("GL031-261123-0041-A", "对不上"),
        ("随便写", "不能出现在编号里"),
        ("x" * 500, "太长"),
    ],
)
def test_a_number_that_is_none_is_named_and_kept(
    resident: Browser, number: str, typed: str, words: str
) -> None:
    page = look_up(resident, typed, "392X")
    assert words in page
    assert typed[:40] in page


def test_a_parcel_s_number_is_not_a_case_s(resident: Browser, point: Point, number: str) -> None:
    assert "不是办件编号" in look_up(resident, point.post(number), "392X")


def test_a_look_up_is_good_for_a_while_and_for_that_case_alone(
    resident: Browser, point: Point, central: Central, clock: Clock, number: str
) -> None:
    other = point.receive()
    central.carry()
    look_up(resident, number, "392X")
    assert "我的事办到哪一步了" in resident.get(f"/case/{other}").text
    clock.forward(minutes=21)
    assert "我的事办到哪一步了" in resident.get(f"/case/{number}").text
    assert resident.get(f"/case/{number}/slip").status_code == 403


def test_after_a_look_up_the_slip_can_be_filled_in(
    resident: Browser, central: Central, number: str
) -> None:
    look_up(resident, number, "392X")
    assert "寄递单填好了" in resident.fill(f"/case/{number}").text


def test_every_step_stands_there_with_its_time(
    resident: Browser, point: Point, centre: Point, central: Central, clock: Clock
) -> None:
    number = point.receive(deciding=centre.code)
    point.state("case.forwarded", number, {"to": centre.code, "department": "SCJG"})
    central.carry()
    clock.forward(minutes=60)
    centre.ks[number] = 2
    centre.decide(number)
    central.carry()
    clock.forward(minutes=60)
    point.ks[number] = 5
    parcel = point.post(number)
    central.carry()
    page = resident.get(f"/T/{point.token(number)}").text
    for words in (
        "已办结", "11月23日（周一）09:31", "11月23日（周一）10:31", "11月23日（周一）11:31",
        "受理", "准予", "办结", "转办", "装封", "鼓楼区", "单号", "已经装好，等快递员来取",
    ):  # fmt: skip
        assert words in page, words
    assert parcel not in page


def test_a_slip_is_asked_for_only_until_the_label_is_printed(
    resident: Browser, point: Point, central: Central, number: str
) -> None:
    point.decide(number)
    central.carry()
    page = f"/T/{point.token(number)}"
    assert "填寄递单" in resident.get(page).text
    parcel = point.post(number)
    point.state("parcel.waybill_printed", parcel, {"copy": 1})
    central.carry()
    assert "填寄递单" not in resident.get(page).text


def test_a_refusal_names_the_way_on_and_its_grounds_only_to_the_applicant(
    stranger: Browser, point: Point, central: Central, number: str
) -> None:
    point.decide(number, approve=False)
    central.carry()
    base = f"/T/{point.token(number)}"
    page = stranger.get(base).text
    assert "复议" in page
    assert "材料与事实不符" not in page
    stranger.get(f"{base}/prove")
    assert "对不上" in stranger.post(f"{base}/prove", {"last_four": "9999"}).text
    opened = stranger.post(f"{base}/prove", {"last_four": "392X"}).text
    assert "材料与事实不符" in opened
    assert "六十日内复议" in opened


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_page_by_qr_shows_personal_data_in_full(
    stranger: Browser, point: Point, number: str, lang: str
) -> None:
    page = stranger.get(f"/T/{point.token(number)}?lang={lang}").text
    for secret in ("林小梅", "13805915678", "35010219490312392X", "5678", "392X<"):
        assert secret not in page
    assert ("Papers received" if lang == "en" else "已收件") in page


def test_english_is_kept_from_page_to_page(resident: Browser, point: Point, number: str) -> None:
    resident.get(f"/T/{point.token(number)}?lang=en")
    page = resident.get(f"/T/{point.token(number)}/slip")
    assert "How should the result reach you?" in page.text
    assert "Enter four characters" in look_up(resident, number, "12")


class TestCodes:
    """Codes that open nothing, and say nothing about anybody."""

    def quiet(self, browser: Browser, path: str, words: str, code: int) -> None:
        answer = browser.get(path)
        assert answer.status_code == code
        assert words in answer.text
        for secret in ("林", "GL031", "军门", "公司登记", "1380591"):
            assert secret not in answer.text

    def test_an_altered_one(self, stranger: Browser, point: Point, number: str) -> None:
        token = point.token(number)
        other = "B" if token[5] != "B" else "C"
        for bad in (token[:5] + other + token[6:], token[:-1], token + "A", "x", "%00", "🙂" * 32):
            self.quiet(stranger, f"/T/{bad}", "这个二维码用不了", 404)
            self.quiet(stranger, f"/T/{bad}/slip/who", "这个二维码用不了", 404)

    def test_an_expired_one(
        self, stranger: Browser, point: Point, clock: Clock, number: str
    ) -> None:
        token = point.token(number, days=1)
        clock.forward(days=9)
        self.quiet(stranger, f"/T/{token}", "过期了", 410)

    def test_a_waybill_s_scanned_by_a_stranger(
        self, stranger: Browser, point: Point, number: str
    ) -> None:
        token = point.token(point.post(number), Purpose.WAYBILL)
        self.quiet(stranger, f"/T/{token}", "给快递员用的码", 404)

    def test_a_poster_s_where_a_receipt_s_is_needed(self, stranger: Browser, point: Point) -> None:
        self.quiet(stranger, f"/T/{point.poster()}/prove", "这个二维码用不了", 404)

    @pytest.mark.parametrize("by", ["token", "number"])
    def test_a_revoked_one(
        self, stranger: Browser, point: Point, district: MemoryDistrict, number: str, by: str
    ) -> None:
        token = point.token(number)
        revoke(district.config.data, token.lower() if by == "token" else number)
        self.quiet(stranger, f"/T/{token}", "已经停用", 410)
        assert stranger.get(f"/T/{point.token(point.new_case_number())}").status_code == 200


def test_a_post_without_the_form_token_is_refused(app: Flask, point: Point) -> None:
    answer = app.test_client().post(f"/T/{point.poster()}/slip/who", data={"name": "x"})
    assert answer.status_code == 400


def test_health_says_how_far_the_read_model_is(app: Flask, central: Central) -> None:
    client = app.test_client()
    assert client.get("/health").json == {
        "ok": True, "now": "2026-11-23T01:31:05Z", "read_model_at": "",
    }  # fmt: skip
    central.carry()
    assert client.get("/health").json["read_model_at"] == "2026-11-23T01:31:05Z"


def test_two_apps_live_in_one_process(district: MemoryDistrict, app: Flask) -> None:
    from central.web import create_app

    other = create_app(district)
    assert other.extensions["author"].author != app.extensions["author"].author


def test_static_files_go_out_small_to_who_takes_it(app: Flask) -> None:
    client = app.test_client()
    with client.get("/look/static/base.css") as plain:
        size = len(plain.data)
    for _again in range(2):
        with client.get("/look/static/base.css", headers={"Accept-Encoding": "gzip"}) as packed:
            assert packed.headers["Content-Encoding"] == "gzip"
            assert len(packed.data) < size / 2
    first = client.get("/", headers={"Accept-Encoding": "gzip"})
    assert first.headers["Content-Encoding"] == "gzip"
    assert "<style>" in gzip.decompress(first.data).decode()
    again = client.get("/", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in again.headers, "what bears a cookie may hold a secret"
    assert "<style>" not in again.text
    typed = app.test_client().get("/?q=x", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in typed.headers, "nor what shows something typed"
