"""Moments as they are stored, and as people read them.

Stored: UTC, ``2026-11-22T01:31:05Z``, which sorts as text. Shown: Asia/Shanghai, which has been
eight hours ahead of UTC without summer time since 1991, so no time zone data is needed.
"""

import re
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")

DAYS_KEPT = 4_096  # of the times that stand in many cases, as now does

_STORED = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
_WEEKDAYS_ZH = "一二三四五六日"
_WEEKDAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS_EN = (
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
)  # fmt: skip
_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400


class BadTime(ValueError):
    """A stored time that is not one; never worth a retry with the same text."""


def to_text(moment: datetime) -> str:
    """A moment (with its time zone) in the form it is stored in, cut to the second."""
    if moment.tzinfo is None:
        raise BadTime(f"{moment.isoformat()} has no time zone")
    utc = moment.astimezone(UTC)
    return f"{utc.year:04d}-{utc:%m-%dT%H:%M:%S}Z"


def from_text(at: str) -> datetime:
    """The moment of a stored time, in UTC; raises :class:`BadTime`."""
    if not _STORED.fullmatch(at):
        raise BadTime(f"{at[:40]!r} is not a time such as 2026-11-22T01:31:05Z")
    try:
        return datetime.fromisoformat(at)
    except ValueError as error:
        raise BadTime(f"{at!r}: {error}") from None


def in_shanghai(at: str) -> datetime:
    """A stored time as the clocks of the district show it."""
    return from_text(at).astimezone(SHANGHAI)


@lru_cache(maxsize=DAYS_KEPT)
def day_of(at: str) -> date:
    """The day in Shanghai that a stored time belongs to: the day of numbers and legal periods."""
    return in_shanghai(at).date()


def shown_day(day: date, today: date) -> str:
    """``11月22日（周日）``, with the year when it is not this year's."""
    year = "" if day.year == today.year else f"{day.year}年"
    return f"{year}{day.month}月{day.day}日（周{_WEEKDAYS_ZH[day.weekday()]}）"


def shown_day_en(day: date, today: date) -> str:
    """``Sun 22 Nov``, with the year when it is not this year's."""
    year = "" if day.year == today.year else f" {day.year}"
    return f"{_WEEKDAYS_EN[day.weekday()]} {day.day} {_MONTHS_EN[day.month - 1]}{year}"


def shown(at: str, now: str) -> str:
    """``11月22日（周日）15:00``, with the year when it is not this year's."""
    moment = in_shanghai(at)
    return f"{shown_day(moment.date(), day_of(now))}{moment:%H:%M}"


def shown_en(at: str, now: str) -> str:
    """``Sun 22 Nov, 15:00``, with the year when it is not this year's."""
    moment = in_shanghai(at)
    return f"{shown_day_en(moment.date(), day_of(now))}, {moment:%H:%M}"


def duration(seconds: float) -> str:
    """A duration in its one largest unit, rounded down: ``12 分钟``, ``3 小时``, ``2 天``."""
    count, unit = _largest_unit(seconds)
    return f"{count} {('秒', '分钟', '小时', '天')[unit]}"


def _largest_unit(seconds: float) -> tuple[int, int]:
    whole = int(abs(seconds))
    for unit, size in ((3, _DAY), (2, _HOUR), (1, _MINUTE)):
        if whole >= size:
            return whole // size, unit
    return whole, 0


def ago(at: str, now: str) -> str:
    """How long ago (or ahead) a time is: ``刚刚``, ``12 分钟前``, ``3 小时后``."""
    seconds = (from_text(now) - from_text(at)).total_seconds()
    if abs(seconds) < _MINUTE:
        return "刚刚" if seconds >= 0 else "马上"
    return f"{duration(seconds)}{'前' if seconds > 0 else '后'}"
