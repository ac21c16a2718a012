"""The administrator's pages of the carriers: numbers come in, lists go out, odd things are seen."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from io import BytesIO, StringIO

import pytest
from werkzeug.test import TestResponse

from cases.numbers import parcel_number, visit_number
from cases.papers import PAPERS_FETCHED
from central.accounts import add_account
from central.carrier_alerts import POOL_LOW
from central.carrier_db import Given, Standing
from central.carriers import open_carrier_db
from central.config import Mail
from central.context import portal_db
from central.leases import LEASES, Range, add_ranges, lease_of_ranges, ranges
from central.setup import declare_restored, epoch
from central.web import create_app
from tests.central.world import (
    DAY,
    HERE,
    PASSWORD,
    Browser,
    Central,
    MemoryDistrict,
    Point,
    cheap_accounts,
)

NUMBERS, REPORTS = "/board/carriers", "/board/carriers/reports"
NUMBER = "1060123456789"
FETCH = f"{NUMBERS}/hand-over"
POSTS = (
    "", "/hand-over/350102004001", "/hand-over/given/1/file", "/hand-over/given/1/undo",
    "/reports", "/reports/x/settle",
)  # fmt: skip


@pytest.fixture
def with_ems(district: MemoryDistrict) -> MemoryDistrict:
    """The same district, whose mail goes by China Post: as it is unless somebody says otherwise."""
    return replace(district, config=replace(district.config, mail=Mail()))


def sign_in(district: MemoryDistrict) -> Browser:
    with cheap_accounts():
        add_account(district.config.data, login="biao", display="标准员", roles=["admin"],
                    secret=PASSWORD, id="c-biao")  # fmt: skip
    browser = Browser(create_app(district).test_client())
    browser.get("/signin/")
    browser.post("/signin/", {"login": "biao", "password": PASSWORD})
    return browser


@pytest.fixture
def admin(with_ems: MemoryDistrict, central: Central) -> Browser:
    return sign_in(with_ems)


def as_csv(*rows: Sequence[str], coding: str = "gbk") -> bytes:
    text = StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode(coding)


def send(browser: Browser, path: str, content: bytes, **typed: str) -> TestResponse:
    file = (BytesIO(content), "表.csv")
    return browser.post(path, {"file": file, **typed}, content_type="multipart/form-data")


def imported(central: Central) -> list[tuple[str, int, int]]:
    found = ranges(central.server.database(LEASES))
    return [(r.head, r.first, r.last) for r in found]


def test_who_may_finds_them_beside_the_other_pages_of_the_mail(
    with_ems: MemoryDistrict, central: Central, supervisor: Browser
) -> None:
    assert REPORTS not in supervisor.get("/board/mail").text
    with cheap_accounts():
        add_account(with_ems.config.data, login="both", display="管淑芬",
                    roles=["admin", "supervisor"], secret=PASSWORD)  # fmt: skip
    both = Browser(create_app(with_ems).test_client())
    both.get("/signin/")
    both.post("/signin/", {"login": "both", "password": PASSWORD})
    assert REPORTS in both.get("/board/mail").text


def test_only_an_administrator_comes_in(supervisor: Browser, stranger: Browser) -> None:
    for page in ("", "/hand-over", "/reports"):
        assert supervisor.get(f"/board/carriers{page}").status_code == 403
        assert "区中心登录" in stranger.get(f"/board/carriers{page}").text
    for post in POSTS:
        assert supervisor.post(f"/board/carriers{post}").status_code == 403


# numbers


def test_nobody_misses_that_there_are_no_numbers_and_what_to_do(
    admin: Browser, central: Central, supervisor: Browser, with_ems: MemoryDistrict
) -> None:
    page = admin.get(NUMBERS).text
    assert "没有可发的中国邮政 EMS面单号" in page
    assert "收件照常" in page
    assert "还没有导入号段" in page
    central.jobs.district = with_ems
    central.jobs.count_numbers()
    for first_page in (admin.get("/board/standards/"), supervisor.get("/board/")):
        assert "没有可发的中国邮政 EMS面单号" in first_page.text
    add_ranges(central.server.database(LEASES), [Range("ems", "s10", "EA", 0, 2 * POOL_LOW, "CN")])
    central.jobs.count_numbers()
    assert "面单号" not in supervisor.get("/board/").text


def test_a_typed_range_is_imported_and_what_is_leased_of_it_is_counted(
    admin: Browser, central: Central
) -> None:
    answer = admin.post(NUMBERS, {"first": "ea 0000 0000 5cn", "last": "EA000099994CN"})
    assert "已导入 1 段，10000 个号" in answer.text
    assert imported(central) == [("EA", 0, 9_999)]
    lease_of_ranges(central.server.database(LEASES), "ems", "x", lambda a, b: False)
    page = admin.get(NUMBERS).text
    assert "EA000000005CN — EA000099994CN" in page
    assert ">500<" in page
    assert ">9500<" in page
    assert "标准员" in page


WRONG_RANGES = (
    ("", "1", "请填首号"), ("1060123456789", "", "请填末号"),
    ("EA000000004CN", "EA000099994CN", "校验位应当是 5，不是 4"),
    ("EA000000005CN", "EB000099994CN", "不是同一种号"), ("EA000000005CN", NUMBER, "不是同一种号"),
    ("106012345678", "106012345679", "应当像 1060123456789"),
    (NUMBER, "1060123456788", "末号比首号小"),
    ("1000000000000", "1999999999999", "一段最多"), ("DS01700000420", "DS01700000420", "不是"),
    ("1.06012E+12", NUMBER, "后面的数字丢了"),
)  # fmt: skip


def test_a_range_that_cannot_be_is_refused_with_the_reason(
    admin: Browser, central: Central
) -> None:
    for first, last, words in WRONG_RANGES:
        answer = admin.post(NUMBERS, {"first": first, "last": last})
        assert answer.status_code == 422
        assert words in answer.text
    assert imported(central) == []


def test_a_table_with_one_mistake_imports_nothing_and_each_row_is_named(
    admin: Browser, central: Central
) -> None:
    rows = [
        ["福州邮政号段分配表", ""], ["首号", "末号"], ["1060123450000", "1060123459999"],
        ["EA000000004CN", "EA000099994CN"], ["", ""], ["1060123455000", "1060123455999"],
    ]  # fmt: skip
    answer = send(admin, NUMBERS, as_csv(*rows))
    assert answer.status_code == 422
    assert "第 4 行：" in answer.text
    assert "第 6 行：和第 3 行有重复的号" in answer.text
    assert imported(central) == []
    assert "已导入 1 段" in send(admin, NUMBERS, as_csv(*rows[:3], coding="utf-8-sig")).text
    again = send(admin, NUMBERS, as_csv(rows[1], rows[5]))
    assert again.status_code == 409
    assert "第 2 行：和已经导入的 1060123450000 — 1060123459999 有重复的号" in again.text
    assert "认不出这张表" in send(admin, NUMBERS, as_csv(["电费"])).text


def test_after_a_restore_somebody_must_answer_for_a_range_that_may_have_been_there_before(
    admin: Browser, central: Central
) -> None:
    declare_restored(central.server, epoch(central.server)["journal"])
    typed = {"first": "1060123450000", "last": "1060123459999"}
    answer = admin.post(NUMBERS, typed)
    assert answer.status_code == 422
    assert "恢复备份以前没有导入过这些号" in answer.text
    assert "已导入 1 段" in admin.post(NUMBERS, {**typed, "unused": "1"}).text


def test_own_couriers_are_a_choice_that_the_page_explains(
    district: MemoryDistrict, central: Central
) -> None:
    page = sign_in(district).get(NUMBERS).text
    assert "邮政法第五十五条" in page
    assert "没有可发的" not in page


def test_with_no_line_the_page_says_so(admin: Browser, central: Central) -> None:
    central.cut_line()
    answer = admin.get(NUMBERS)
    assert answer.status_code == 200
    assert "连不上数据库" in answer.text


# what is to be fetched


@contextmanager
def posted(point: Point, central: Central) -> Iterator[str]:
    case = point.receive()
    point.decide(case)
    number = point.post(case, ems=NUMBER)
    labelled(point, number)
    labelled(point, point.post(case))  # by our own couriers
    central.carry()
    yield number


def labelled(point: Point, number: str, *, looked: bool = True) -> None:
    """The waybill is printed, after somebody has looked at what is sent."""
    if looked:
        point.state("parcel.inspected", number, {"looked": ["contents", "allowed", "sealed"]})
    point.state("parcel.waybill_printed", number, {"copy": 1})


def hand_over(admin: Browser, number: int) -> TestResponse:
    """Make the next list of the point, and download it. :returns: the file."""
    assert f"第 {number} 次交寄" in admin.post(f"{FETCH}/{HERE}").text
    return admin.post(f"{FETCH}/given/{number}/file")


def test_the_list_of_what_is_to_be_fetched_is_made_for_the_carriers_desk_and_logged(
    admin: Browser, point: Point, central: Central, with_ems: MemoryDistrict
) -> None:
    assert "没有等中国邮政 EMS来取的邮件" in admin.get(f"{NUMBERS}/hand-over").text
    with posted(point, central) as number:
        page = admin.get(f"{NUMBERS}/hand-over").text
        assert "1 件" in page
        assert "林小梅" not in page
        file = hand_over(admin, 1)
        assert file.headers["Content-Disposition"].startswith('attachment; filename="ems-031-')
        rows = list(csv.reader(StringIO(file.data.decode("gb18030"))))
        assert [row[:3] for row in rows[1:]] == [[NUMBER, "林小梅", "13805915678"]]
        assert rows[1][8] == "文件"
        with admin.client.application.app_context():
            shown = portal_db().execute("SELECT who, subject, what FROM showings").fetchall()
        assert shown == [("c-biao", number, "交寄清单")] * 2, "when it was made, and downloaded"
        assert admin.post(f"{NUMBERS}/hand-over/000000000000").status_code == 404


def test_a_parcel_goes_into_one_hand_over_only_and_each_can_be_had_again_as_it_was(
    admin: Browser, point: Point, central: Central
) -> None:
    with posted(point, central):
        first = hand_over(admin, 1)
        assert "没有等中国邮政 EMS来取的邮件" in admin.get(FETCH).text
        assert "没有新的邮件要交" in admin.post(f"{FETCH}/{HERE}").text
        labelled(point, point.post(point.receive(), ems="1060123456790"))
        central.carry()
        second = hand_over(admin, 2)
    assert NUMBER.encode() in first.data
    assert NUMBER.encode() not in second.data
    assert first.headers["Content-Disposition"] != second.headers["Content-Disposition"]
    page = admin.get(FETCH).text
    assert page.index("下载第 2 次") < page.index("下载第 1 次")
    assert "标准员" in page
    again = admin.post(f"{FETCH}/given/1/file")
    assert (again.data, again.headers["Content-Disposition"]) == (
        first.data, first.headers["Content-Disposition"],
    )  # fmt: skip
    assert admin.post(f"{FETCH}/given/3/file").status_code == 404


def test_what_has_no_label_or_was_not_looked_at_is_left_out_and_the_page_says_why(
    admin: Browser, point: Point, central: Central
) -> None:
    point.post(point.receive(), ems="1060123456790")
    labelled(point, point.post(point.receive(), ems="1060123456791"), looked=False)
    central.carry()
    page = admin.get(FETCH).text
    assert "1 件还没有收寄验视；1 件面单还没有打印" in page
    assert "受理点打印、验视以后才能交" in page
    assert "没有新的邮件要交" in admin.post(f"{FETCH}/{HERE}").text
    with posted(point, central):
        assert hand_over(admin, 1).data.count(b"10601234567") == 1


def test_a_file_that_never_reached_the_carrier_is_undone_and_its_parcels_wait_again(
    admin: Browser, point: Point, central: Central
) -> None:
    with posted(point, central):
        hand_over(admin, 1)
        assert "第 1 次交寄已撤回" in admin.post(f"{FETCH}/given/1/undo").text
        assert "没有交到，已撤回（标准员" in admin.get(FETCH).text
        assert admin.post(f"{FETCH}/given/1/file").status_code == 404
        assert "先前已经撤过" in admin.post(f"{FETCH}/given/1/undo").text, "pressed twice"
        assert admin.post(f"{FETCH}/given/2/undo").status_code == 404
        assert NUMBER.encode() in hand_over(admin, 2).data


def test_what_two_people_hand_over_at_once_goes_into_one_list(
    with_ems: MemoryDistrict, central: Central
) -> None:
    with closing(open_carrier_db(with_ems)) as db:
        given = Given(1, "ems", HERE, "2026-11-23T01:00:00Z", "标准员", 1, "a.csv", "gb18030")
        assert db.hand_over(given, [("P1", "")], b"x")
        assert not db.hand_over(given, [("P2", "")], b"y")
        assert not db.hand_over(given._replace(number=2), [("P1", "")], b"y")
        assert db.file_of(1) == b"x"
        db.forget_old("2026-12-24T01:00:00Z")
        assert db.file_of(1) == b""
        assert db.handed(["P1", "P2"]) == {("P1", "")}, "not twice, however long ago"


def test_a_file_of_the_version_before_learns_of_hand_overs(
    with_ems: MemoryDistrict, central: Central
) -> None:
    with closing(open_carrier_db(with_ems)) as db:
        for table in ("hand_overs", "handed"):
            db.db.execute(f"DROP TABLE {table}")
        db.db.execute("PRAGMA user_version=1")
    with closing(open_carrier_db(with_ems)) as db:
        assert (db.next_hand_over(), db.handed([NUMBER])) == (1, set())


def to_a_home(point: Point, central: Central) -> str:
    """Papers that China Post is to fetch at a home. :returns: the parcel's number."""
    number = parcel_number(point.number, DAY, 71)
    data = {
        "purpose": PAPERS_FETCHED, "cases": [], "to_point": HERE,
        "visit": visit_number(point.number, DAY, 70), "carrier": "ems", "tracking": NUMBER,
        "contents": [{"case": "", "position": 2, "name": "近期病历"}],
    }  # fmt: skip
    home = {"name": "林小梅", "phone": "13805915678", "region": "鼓楼区", "address": "津泰路88号"}
    said = {"day": "2026-11-25", "hours": "9-12", "note": "门铃坏了"}
    point.state("parcel.packed", number, data, **home, **said)
    central.carry()
    central.jobs.count_homes()
    return number


def test_china_post_is_told_to_go_to_a_home_and_somebody_is_told_until_it_is(
    admin: Browser, point: Point, central: Central, supervisor: Browser
) -> None:
    to_a_home(point, central)
    assert "1 次上门取件还没有告诉中国邮政 EMS" in supervisor.get("/board/").text
    page = admin.get(f"{NUMBERS}/hand-over").text
    assert "1 件上门取（还没有告诉中国邮政 EMS）" in page
    assert "津泰路" not in page
    file = hand_over(admin, 1).data.decode("gb18030")
    (row,) = csv.DictReader(StringIO(file))
    assert (row["寄件人"], row["寄件人地址"]) == ("林小梅", "鼓楼区津泰路88号")
    assert "军门社区" in row["收件人姓名"]
    assert "津泰路" not in row["收件人地址"]
    for words in ("11月25日（周三） 上午 9 点到 12 点", "近期病历", "门铃坏了", "身份证件不收"):
        assert words in row["上门揽收"]
    assert "还没有告诉" not in admin.get(FETCH).text
    assert "上门取件还没有告诉" not in supervisor.get("/board/").text


def test_a_home_where_china_post_was_in_vain_stays_in_the_list_until_it_has_the_papers(
    admin: Browser, point: Point, central: Central
) -> None:
    number = to_a_home(point, central)
    hand_over(admin, 1)
    told = (("无人在家", "failed", True), ("已收寄", "taken_over", False))
    for hour, (status, state, listed) in enumerate(told, 9):
        rows = (["邮件号", "状态", "时间"], [NUMBER, status, f"2026-11-23 {hour:02}:00"])
        send(admin, REPORTS, as_csv(*rows))
        central.carry()
        central.carry()
        parcel = central.jobs.store.parcel(number)
        assert parcel is not None
        assert parcel.state.value == state
        assert ("1 件上门取" in admin.get(f"{NUMBERS}/hand-over").text) == listed


# what carriers tell


def test_a_file_is_taken_in_and_said_twice_counts_once(
    admin: Browser, point: Point, central: Central
) -> None:
    with posted(point, central) as number:
        rows = (["邮件号", "状态", "时间"], [NUMBER, "妥投", "2026-11-23 09:00"])
        assert "收下 1 条，正在登记" in send(admin, REPORTS, as_csv(*rows)).text
        central.carry()
        central.carry()
        found = central.jobs.store.parcel(number)
        assert found is not None
        assert found.state.value == "delivered"
        assert "收下 0 条，正在登记；1 条以前收过" in send(admin, REPORTS, as_csv(*rows)).text
    for wrong in (b"", as_csv(["电费"]), b"\xd0\xcf\x11\xe0"):
        assert send(admin, REPORTS, wrong).status_code == 422
    assert admin.post(REPORTS).status_code == 422


def test_what_waits_for_a_person_is_listed_as_it_came_and_leaves_when_it_is_dealt_with(
    admin: Browser, central: Central, with_ems: MemoryDistrict
) -> None:
    assert "没有要人看的" in admin.get(REPORTS).text
    rows = (["邮件号", "状态码", "时间"], [NUMBER, "999", "2026-11-23 09:00"],
            ["1060123456790", "704", "2026-11-23 09:00"], [NUMBER, "704", "昨天"])  # fmt: skip
    send(admin, REPORTS, as_csv(*rows))
    central.jobs.step()
    page = admin.get(REPORTS).text
    for words in (
        "看不懂的状态码",
        "不是我们的号",
        "读不了的行",
        "状态码：999",
        "“昨天”不是一个时间",
    ):
        assert words in page
    with closing(open_carrier_db(with_ems)) as db:
        (kept,) = db.in_state(Standing.UNKNOWN)
    admin.post(f"{REPORTS}/{kept.report.op}/settle")
    assert "看不懂的状态码" not in admin.get(REPORTS).text
    assert admin.post(f"{REPORTS}/{kept.report.op}/settle").status_code == 404


def test_a_carrier_that_stays_silent_is_said_on_the_page(
    admin: Browser, with_ems: MemoryDistrict
) -> None:
    with closing(open_carrier_db(with_ems)) as db:
        asked = db.poll("ems")._replace(
            tried="2026-11-23T01:00:00Z", succeeded="2026-11-22T01:00:00Z", failures=9,
            next="2026-11-23T02:00:00Z", words="回答 500",
        )  # fmt: skip
        db.note_poll(asked)
    page = admin.get(REPORTS).text
    assert "很久没有回答了" in page
    assert "连续 9 次没有问到（回答 500）" in page
