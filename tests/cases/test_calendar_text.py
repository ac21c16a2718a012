"""A year's notice as an administrator types it."""

from __future__ import annotations

import pytest

from cases.calendar import calendar_of, read_calendar
from cases.calendar_text import read_year, year_text
from tests.cases.reference import DATA

YEARS = read_calendar(p.read_text("utf-8") for p in sorted((DATA / "calendar").iterdir())).years


@pytest.mark.parametrize("year", sorted(YEARS))
def test_a_published_year_comes_back_as_it_is_typed(year: int) -> None:
    table = YEARS[year]
    assert read_year(year, table.notice, year_text(table)) == (table, [])


def test_dates_may_be_written_as_people_write_them() -> None:
    text = (
        "元旦 2027年1月1日 至 2027年1月3日\n\n"
        "春节，2027/2/5，2027/2/11，上班 2027.1.30、2027.2.13\n端午 2027-06-09"
    )
    table, problems = read_year(2027, "通知", text)
    assert problems == []
    assert [str(h.last) for h in table.holidays] == ["2027-01-03", "2027-02-11", "2027-06-09"]
    assert [str(day) for day in table.holidays[1].work] == ["2027-01-30", "2027-02-13"]
    assert calendar_of([table]).published(2027)


def test_every_line_that_is_wrong_is_told_with_its_number() -> None:
    text = (
        "元旦\n春节 2027-02-30\n国庆 2027-10-01 2027-10-31\n端午 2027-06-09 上班 2027-06-10\n"
        "中秋 2029-09-25\n清明 2027-04-03 2027-04-05 上班 2027-04-04\n2027-01-01 2027-01-02"
    )
    assert read_year(2027, "通知", text)[1] == [
        "第 1 行：要写成“名称 第一天 最后一天”，只放一天假的写一个日期",
        "第 2 行：“2027-02-30”不是日期，请写成 2027-01-01 这样",
        "第 3 行：2027-10-01 到 2027-10-31 不是 1 到 16 天，请核对",
        "第 4 行：2027-06-10 本来就是工作日，只有周末才需要补班",
        "第 5 行：2029-09-25 不在 2027 年前后，请核对",
        "第 6 行：2027-04-04 既放假又上班，请核对",
        "第 7 行：要写成“名称 第一天 最后一天”，只放一天假的写一个日期",
    ]
    assert read_year(2027, "通知", " \n")[1] == ["一个节日也没有填"]
