"""The notice on a year's holidays as an administrator types it: one holiday a line.

``春节 2027-02-05 2027-02-11 上班 2027-01-30 2027-02-13``: its name, the first and the last day off,
and the weekend days that are worked instead.
"""

from __future__ import annotations

import re
from datetime import date

from cases.calendar import Holiday, YearTable
from cases.reading import BadData

LINES_MAX = 30
DAYS_MAX = 16
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_FIGURE = re.compile(r"\d")
_AROUND = " \t,，、;；"
_BETWEEN = re.compile(r"[\s,，、;；至~—]+")


def year_text(table: YearTable) -> str:
    """A year's table as it is typed."""
    return "\n".join(_line(holiday) for holiday in table.holidays)


def _line(holiday: Holiday) -> str:
    work = ["上班", *map(str, holiday.work)] if holiday.work else []
    return " ".join([holiday.name, str(holiday.first), str(holiday.last), *work])


def read_year(year: int, notice: str, text: str) -> tuple[YearTable, list[str]]:
    """The table that was typed, and everything that is wrong with it, line by line."""
    holidays, problems = [], list[str]()
    lines = [line.strip() for line in text.splitlines()]
    if len(lines) > LINES_MAX:
        problems.append(f"有 {len(lines)} 行，最多 {LINES_MAX} 行")
    for number, line in enumerate(lines[:LINES_MAX], 1):
        if not line:
            continue
        try:
            holidays.append(_holiday(line, year))
        except BadData as wrong:
            problems.append(f"第 {number} 行：{wrong}")
    if not holidays and not problems:
        problems.append("一个节日也没有填")
    return YearTable(year=year, notice=notice, holidays=tuple(holidays)), problems


def _holiday(line: str, year: int) -> Holiday:
    head, _, tail = line.partition("上班")
    begin = _FIGURE.search(head)
    name = head[: begin.start()].strip(_AROUND) if begin else ""
    days = [_day(word, year) for word in _BETWEEN.split(head[len(name) :]) if word] if name else []
    work = tuple(_day(word, year) for word in _BETWEEN.split(tail) if word)
    if not 1 <= len(days) <= 2:
        raise BadData("要写成“名称 第一天 最后一天”，只放一天假的写一个日期")
    first, last = days[0], days[-1]
    if not 0 <= (last - first).days < DAYS_MAX:
        raise BadData(f"{first} 到 {last} 不是 1 到 {DAYS_MAX} 天，请核对")
    for day in work:
        if day.weekday() < 5:
            raise BadData(f"{day} 本来就是工作日，只有周末才需要补班")
        if first <= day <= last:
            raise BadData(f"{day} 既放假又上班，请核对")
    return Holiday(name=name, first=first, last=last, work=work)


def _day(word: str, year: int) -> date:
    found = _DATE.fullmatch(word)
    try:
        day = date(*map(int, found.groups())) if found else None
    except ValueError:
        day = None
    if day is None:
        raise BadData(f"“{word[:20]}”不是日期，请写成 {year}-01-01 这样")
    if abs(day.year - year) > 1:
        raise BadData(f"{day} 不在 {year} 年前后，请核对")
    return day
