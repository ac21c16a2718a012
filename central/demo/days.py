"""Counting days by the published calendars alone, so that the dates of the product are checked
by something that is not the product's own count: the notices of the State Council, day by day."""

from __future__ import annotations

import json
from datetime import date, timedelta
from functools import cache
from importlib.resources import files

SATURDAY = 5


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


def in_words(day: date) -> str:
    """As pages write a day of this year."""
    return f"{day.month}月{day.day}日"


def on_paper(day: date) -> str:
    """As papers write a day."""
    return f"{day.year}年{day.month}月{day.day}日"
