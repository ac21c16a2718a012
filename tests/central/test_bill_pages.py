"""A carrier's bill on the board: sent, held against our mail, settled by people, kept whole."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
from werkzeug.test import TestResponse

from cases.numbers import parcel_number
from central.bill_db import decisions, open_bill_db
from central.sheets import read_sheets
from tests.central.world import DAY, PIN, Browser, Central, Clock, MemoryDistrict, Point

HEAD = "中国邮政 账单,,,,\n邮件号,收寄日期,寄达地,计费重量,金额\n"
GOOD = "1051234567801,2026-11-20,福建,300克,10.00\n"
DEAR = "1051234567802,2026-11-20,福建,300克,30.00\n"
STRANGE = "1051234567899,2026-11-20,北京,300克,20.00\n"


@pytest.fixture
def mail(point: Point, central: Central, clock: Clock) -> list[str]:
    """Three parcels of November that EMS took over; it is December now."""
    clock.now = "2026-11-20T01:00:00Z"
    numbers = sent_by_ems(point, central)
    clock.now = "2026-12-02T01:00:00Z"
    return numbers


def sent_by_ems(point: Point, central: Central) -> list[str]:
    numbers = [post(point, n) for n in (1, 2, 3)]
    central.carry()
    for number in numbers:
        said = {"op": f"take-{number}", "when": point.clock()}
        central.author.state(central.router, "parcel.taken_over", number, said, actor="carrier:ems")
        central.carry()
    return numbers


def post(point: Point, n: int) -> str:
    case, number = point.receive(), parcel_number(point.number, DAY, n)
    data = {
        "purpose": "result_to_resident", "cases": [case], "carrier": "ems",
        "tracking": f"10512345678{n:02d}", "contents": [{"case": case, "position": 0}],
    }  # fmt: skip
    point.state("parcel.packed", number, data, name="林小梅", phone="13805915678",
                address="东街88号", region="福建省福州市鼓楼区")  # fmt: skip
    return number


def bill(*lines: str, coding: str = "gbk") -> bytes:
    return (HEAD + "".join(lines)).encode(coding)


def send(browser: Browser, content: bytes, name: str = "十一月.csv", **more: str) -> TestResponse:
    browser.get("/board/bills")
    form = {"carrier": "ems", "month": "2026-11", **more, "file": (BytesIO(content), name)}
    return browser.post("/board/bills", form, content_type="multipart/form-data")


def take_in(browser: Browser, content: bytes, **more: str) -> str:
    """Send a bill and go through its steps. :returns: its address."""
    page = send(browser, content, **more)
    while "正在对账" in page.text:
        found = re.search(r'hx-post="([^"]+)"', page.text)
        assert found
        page = browser.post(found[1])
    return page.request.path


def settle(browser: Browser, url: str, how: str, *keys: str, words: str = "核对过") -> TestResponse:
    page = browser.get(f"{url}?which=all").text
    fields = {name: found[1] for name in ("op", "seen")
              if (found := re.search(rf'name="{name}" value="([^"]+)"', page))}  # fmt: skip
    return browser.post(url, {**fields, "key": list(keys), "how": how, "words": words})


def test_a_bill_is_held_against_our_mail_and_each_line_settled_by_a_person(
    supervisor: Browser, mail: list[str], district: MemoryDistrict
) -> None:
    url = take_in(supervisor, bill(GOOD, DEAR, STRANGE))
    page = supervisor.get(url).text
    assert "多收 20.00 元" in page
    assert "这个单号不是我们寄的" in page
    assert "账单里没有这一件" in page
    assert "样例资费" in page
    assert "1051234567801" not in page, "what fits is not to be settled"
    assert "1051234567801" in supervisor.get(f"{url}?kind=matched&which=all").text
    assert "60.00" in page
    answer = settle(supervisor, url, "disputed", "differs:1051234567802", words="电话核对")
    assert "已处理 1 条" in answer.text
    assert "电话核对" in (settled := supervisor.get(f"{url}?which=all").text)
    assert "管淑芬" in settled
    settle(supervisor, url, "accepted", "not_ours:1051234567899")
    with open_bill_db(district.config.data) as db:
        made = decisions(db, url.rpartition("/")[2])
    assert [(d.key, d.how.value) for d in made] == [
        ("differs:1051234567802", "disputed"), ("not_ours:1051234567899", "accepted")
    ]  # fmt: skip
    ((_, rows, _),) = read_sheets("", supervisor.get(f"{url}/findings.xlsx").data)
    assert rows[-1][1][4] == "40", "10 that fit, 10 without doubt, 20 accepted"


def test_who_settles_must_say_why_and_tick_something(supervisor: Browser, mail: list[str]) -> None:
    url = take_in(supervisor, bill(DEAR))
    answer = settle(supervisor, url, "accepted", words="")
    assert answer.status_code == 422
    assert "还没有勾选" in answer.text
    assert "请写明依据" in answer.text


def test_pressed_twice_it_is_settled_once_and_nobody_overwrites_what_they_did_not_see(
    supervisor: Browser, mail: list[str], district: MemoryDistrict
) -> None:
    url = take_in(supervisor, bill(DEAR, STRANGE))
    form = {"op": "0" * 16, "seen": "0", "key": ["differs:1051234567802"], "how": "accepted",
            "words": "一"}  # fmt: skip
    assert supervisor.post(url, form).status_code == 200
    assert supervisor.post(url, form).status_code == 200
    late = supervisor.post(url, {**form, "op": "1" * 16, "words": "二"})
    assert late.status_code == 409
    assert "别人刚刚处理了" in late.text
    with open_bill_db(district.config.data) as db:
        assert [d.words for d in decisions(db, url.rpartition("/")[2])] == ["一"]


def test_the_same_bill_is_recognised_also_in_another_file(
    supervisor: Browser, mail: list[str]
) -> None:
    url = take_in(supervisor, bill(GOOD, DEAR))
    for coding in ("gbk", "utf-8-sig"):
        again = send(supervisor, bill(DEAR, GOOD, coding=coding), name="又一份.csv")
        assert again.request.path == url
        assert "已经导入过" in again.text


def test_what_an_earlier_bill_charged_is_charged_twice_until_that_one_is_withdrawn(
    supervisor: Browser, mail: list[str]
) -> None:
    first = take_in(supervisor, bill(GOOD))
    second = take_in(supervisor, bill(GOOD, DEAR))
    assert "已经收过一次" in supervisor.get(second).text
    assert supervisor.post(f"{first}/withdraw", {"why": ""}).status_code == 422
    assert "导错了" in supervisor.post(f"{first}/withdraw", {"why": "导错了月份"}).text
    supervisor.post(f"{second}/again")
    assert supervisor.page is not None
    step = re.search(r'hx-post="([^"]+)"', supervisor.page.text)
    assert step
    assert "已经收过一次" not in supervisor.post(step[1]).text
    assert settle(supervisor, first, "accepted", "x").status_code in (400, 409)


BROKEN = (
    (b"PK\x03\x04 broken", "文件已损坏"),
    ("姓名,电话\n张三,138\n".encode(), "找不到列名那一行"),
    (HEAD.encode(), "没有一行是邮件"),
    (b"", "里面没有内容"),
    (b"\xd0\xcf\x11\xe0 an old one", "另存为 XLSX"),
)


def test_a_broken_file_is_refused_in_words_and_nothing_is_kept(
    supervisor: Browser, district: MemoryDistrict
) -> None:
    for content, words in BROKEN:
        answer = send(supervisor, content)
        assert answer.status_code == 422
        assert words in answer.text
    with open_bill_db(district.config.data) as db:
        for table in ("bills", "charges", "imports"):
            assert not db.execute(f"SELECT 1 FROM {table}").fetchall()  # noqa: S608 - our own names


def test_who_goes_away_in_between_leaves_no_bill(
    supervisor: Browser, mail: list[str], district: MemoryDistrict
) -> None:
    page = send(supervisor, bill(GOOD))
    with open_bill_db(district.config.data) as db:
        assert not db.execute("SELECT 1 FROM bills").fetchall()
    found = re.search(r'action="([^"]+/drop)"', page.text)
    assert found
    assert "什么都没有变" in supervisor.post(found[1]).text


def test_the_form_says_what_is_missing_and_what_is_no_bill_is_none(supervisor: Browser) -> None:
    for url in ("0000000000000000", "import/x"):
        assert supervisor.get(f"/board/bills/{url}").status_code == 404
    supervisor.get("/board/bills")
    answer = supervisor.post("/board/bills", {"carrier": "own", "month": "2026-13"})
    assert answer.status_code == 422
    for words in ("请选承运方", "请选月份", "还没有选文件"):
        assert words in answer.text


def test_couriers_and_strangers_see_no_bill(stranger: Browser) -> None:
    assert "区中心登录" in stranger.get("/board/bills").text
    stranger.get("/courier/in/")
    stranger.post("/courier/in/", {"login": "1001", "password": PIN})
    assert "区中心登录" in stranger.get("/board/bills").text
    assert stranger.get("/board/bills/0000000000000000").request.path == "/signin/"
