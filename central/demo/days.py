"""Counting days by the published calendars alone, so that the dates of the product are checked
by something that is not the product's own count: the notices of the State Council, day by day."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

SATURDAY = 5


def today() -> date:
    """The day it is in the district."""
    return datetime.now(ZoneInfo("Asia/Shanghai")).date()


@cache
def published() -> tuple[frozenset[date], frozenset[date]]:
    """The days off, and the weekend days that are worked, of every year that is published."""
    off: set[date] = set()
    worked: set[date] = set()
    for year in (files("sync") / "data" / "calendar").iterdir():
        if not year.name.endswith(".json"):
            continue
        for holiday in json.loads(year.read_text("utf-8"))["holidays"]:
            first, last = (date.fromisoformat(holiday[end]) for end in ("first", "last"))
            off |= {first + timedelta(days=n) for n in range((last - first).days + 1)}
            worked |= {date.fromisoformat(day) for day in holiday.get("work", ())}
    return frozenset(off), frozenset(worked)


@cache
def years() -> frozenset[int]:
    """The years whose notice is published; of another one, every date is provisional."""
    folder = files("sync") / "data" / "calendar"
    return frozenset(int(f.name[:4]) for f in folder.iterdir() if f.name.endswith(".json"))


def mark(since: date, day: date) -> str:
    """What must stand beside the last day of a period that a year without a notice is part of."""
    first = since + timedelta(days=1)
    return "" if set(range(first.year, day.year + 1)) <= years() else "暂定"


def is_worked(day: date) -> bool:
    """Whether offices are open on a day."""
    off, worked = published()
    return day in worked or (day.weekday() < SATURDAY and day not in off)


def after(day: date, working_days: int) -> date:
    """The last day of a period: its first day is not counted."""
    while working_days:
        day += timedelta(days=1)
        working_days -= is_worked(day)
    return day


def between(first: date, last: date) -> int:
    """The days of work after the first, up to the last."""
    days = ((first + timedelta(days=n)) for n in range(1, (last - first).days + 1))
    return sum(map(is_worked, days))


def in_words(day: date, now: date | None = None) -> str:
    """As pages write a day: with its year where that is not this one's."""
    year = "" if day.year == (now or today()).year else f"{day.year}年"
    return f"{year}{day.month}月{day.day}日"


def on_paper(day: date) -> str:
    """As papers write a day."""
    return f"{day.year}年{day.month}月{day.day}日"
