"""What is to be looked after in the mail, and a month's accounts, as the board shows them."""

from __future__ import annotations

import re

import pypdfium2
import pytest

from central.sheets import read_sheets
from tests.central.test_bill_pages import DEAR, GOOD, bill, sent_by_ems, take_in
from tests.central.world import CENTRE, HERE, PIN, Browser, Central, Clock, Point

ACCOUNTS = "/board/mail/accounts"


@pytest.fixture
def november(point: Point, central: Central, clock: Clock) -> dict[str, str]:
    """Three parcels with EMS; of our couriers one that is said not to have come, one that waits."""
    clock.now = "2026-11-20T01:00:00Z"
    sent_by_ems(point, central)
    said_not, waits = posted(point), posted(point)
    central.carry()
    clock.now = "2026-11-22T01:00:00Z"
    for type, more in (("taken_over", {}), ("delivered", {"to": "neighbour"}), ("disputed", {})):
        data = {"op": type, "when": clock.now, **more}
        central.author.state(central.router, f"parcel.{type}", said_not, data, actor="c-1001")
        central.carry()
    handed_out = point.receive()
    point.decide(handed_out, delivery="window")
    central.carry()
    clock.now = "2026-12-02T01:00:00Z"
    return {"said_not": said_not, "waits": waits}


def posted(point: Point) -> str:
    case = point.receive()
    point.decide(case)
    return point.post(case)


def rows(page: str) -> list[str]:
    return re.findall(r"<tr><td.*?</tr>", page)


def make_accounts(browser: Browser, month: str = "2026-11") -> str:
    browser.get(f"{ACCOUNTS}?month={month}")
    page = browser.post(f"{ACCOUNTS}/{month}").text
    while "正在统计" in page:
        page = browser.post(f"{ACCOUNTS}/{month}/step").text
    return page


def test_every_figure_of_the_watch_list_opens_that_many_lines_each_with_owner_and_next_step(
    supervisor: Browser, november: dict[str, str]
) -> None:
    page = supervisor.get("/board/mail").text
    figures = re.findall(r'<li><a href="([^"]+)"><b>(\d+)</b><span>([^<]+)', page)
    assert {words: int(count) for _, count, words in figures} == {
        "一天没有揽收": 1, "交接单上有、袋里没有": 0, "在途太久": 3, "两次没有送到": 0,
        "签收了说没收到": 1, "丢失待补办": 0, "退回来了": 0, "原件下落不清": 2,
    }  # fmt: skip
    for url, count, words in figures:
        listed = rows(supervisor.get(url).text)
        assert len(listed) == int(count)
        assert all(words in row and "军门社区" in row for row in listed)
    assert november["said_not"] in page
    assert november["waits"] in page
    assert 'href="/board/mail"><b>7</b>' in supervisor.get("/board/").text


def test_a_month_is_counted_in_steps_and_says_what_was_posted_where_and_for_how_much(
    supervisor: Browser, november: dict[str, str]
) -> None:
    assert "这个月还没有统计" in supervisor.get(f"{ACCOUNTS}?month=2026-11").text
    page = make_accounts(supervisor)
    assert "3 份里 2 份" in page, "the third is fetched at the window"
    assert "样例资费" in page
    assert "30.00" in page
    assert "区级统一承担" in page
    assert re.search(r"福建省</td>.*?0 天", page)
    take_in(supervisor, bill(GOOD, DEAR))
    assert "40.00" in supervisor.get(f"{ACCOUNTS}?month=2026-11").text
    lines = supervisor.get(f"{ACCOUNTS}/2026-11/points.csv").data.decode("utf-8-sig").splitlines()
    assert lines[1:] == [f"{HERE},军门社区,4,30.00,40.00,3,2"]


def test_a_point_s_statement_has_every_parcel_and_its_sums_in_a_sheet_and_on_paper(
    supervisor: Browser, november: dict[str, str]
) -> None:
    make_accounts(supervisor)
    take_in(supervisor, bill(GOOD, DEAR))
    ((_, lines, _),) = read_sheets("", supervisor.get(f"{ACCOUNTS}/2026-11/{HERE}.xlsx").data)
    cells = [row for _, row in lines]
    assert cells[3][:4] == ["序号", "邮件编号", "快递单号", "交出日期"]
    body = [row for row in cells[4:] if row[0]]
    assert len(body) == 4
    dear = next(row for row in body if row[2] == "1051234567802")
    assert dear[3:] == ["2026-11-20", "中国邮政 EMS", "福建省", "结果寄递", "300", "10", "30",
                        "区级统一承担", "已揽收，在途", "金额等不同"]  # fmt: skip
    assert cells[-1][1:3] == ["合计", "4 件"]
    assert cells[-1][8:10] == ["30", "40"]
    assert any("收件人说没收到" in "".join(row) for row in body)
    answer = supervisor.get(f"{ACCOUNTS}/2026-11/{HERE}.pdf")
    assert answer.mimetype == "application/pdf"
    words = pypdfium2.PdfDocument(answer.data)[0].get_textpage().get_text_bounded()
    for said in ("2026 年 11 月寄递对账单", "1051234567802", "按承运方", "样例资费"):
        assert said in words
    assert "林小梅" not in words


def test_a_point_that_sent_nothing_has_an_empty_statement(supervisor: Browser) -> None:
    make_accounts(supervisor)
    assert supervisor.get(f"{ACCOUNTS}/2026-11/{CENTRE}.pdf").data.startswith(b"%PDF")
    ((_, lines, _),) = read_sheets("", supervisor.get(f"{ACCOUNTS}/2026-11/{CENTRE}.xlsx").data)
    assert lines[-1][1][1:3] == ["合计", "0 件"]


def test_what_there_is_not_is_said_so(supervisor: Browser) -> None:
    for path in ("?kind=x", "/accounts?month=2026-13", "/accounts/2026-11/points.csv",
                 f"/accounts/2026-11/{HERE}.xlsx", f"/accounts/x/{HERE}.pdf"):  # fmt: skip
        assert supervisor.get(f"/board/mail{path}").status_code == 404, path


def test_couriers_and_strangers_see_none_of_it(stranger: Browser) -> None:
    for path in ("", "/accounts", f"/accounts/2026-11/{HERE}.xlsx"):
        assert "区中心登录" in stranger.get(f"/board/mail{path}").text
    stranger.get("/courier/in/")
    stranger.post("/courier/in/", {"login": "1001", "password": PIN})
    assert "区中心登录" in stranger.get("/board/mail").text
