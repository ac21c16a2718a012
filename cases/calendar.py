"""Working days: weekdays, less the holidays, plus the make-up days of the State Council's notices.

A notice comes out late in the year before. Until it does, a year is counted by its weekends alone
and every date that depends on it is *provisional*.
"""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

import msgspec

from cases.reading import BadData

PERIOD_DAYS_MAX = 3_660
COUNTS_KEPT = 4_096  # a list of cases asks for the same few days again and again
_ONE_DAY = timedelta(days=1)


class Holiday(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One holiday of a notice: the first and last day off, and the weekend days worked for it."""

    name: str
    first: date
    last: date
    work: tuple[date, ...] = ()


class YearTable(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one notice says about one year."""

    year: int
    notice: str
    holidays: tuple[Holiday, ...]


class Due(NamedTuple):
    """A day something is due; provisional while it rests on a year without a notice."""

    day: date
    provisional: bool


class Calendar:
    """Which days are worked."""

    def __init__(self, years: Mapping[int, YearTable]) -> None:
        self.years = dict(years)
        self._off: set[date] = set()
        self._work: set[date] = set()
        for table in self.years.values():
            for holiday in table.holidays:
                self._off.update(_days(holiday))
                self._work.update(holiday.work)

    def published(self, year: int) -> bool:
        """Whether the notice for this year is known here."""
        return year in self.years

    def is_working(self, day: date) -> bool:
        """Whether offices work on this day."""
        if day in self._work:
            return True
        return day.weekday() < 5 and day not in self._off

    def add_working_days(self, day: date, n: int) -> Due:
        """The ``n``-th working day after ``day``, not counting ``day`` (民法典第二百零一条)."""
        _require_days(n)
        return _working_end(self, day, n)

    def next_working_day(self, day: date) -> Due:
        """``day`` itself if it is worked, else the first one after it."""
        provisional = not self.published(day.year)
        while not self.is_working(day):
            day += _ONE_DAY
            provisional = provisional or not self.published(day.year)
        return Due(day, provisional)

    def working_days_between(self, start: date, end: date) -> int:
        """Working days after ``start`` up to and with ``end``; negative when ``end`` is before.

        No more than ``PERIOD_DAYS_MAX`` days are looked at: a date centuries off, from a clock
        that is plainly wrong, gives a large number and no error.
        """
        if end < start:
            return -self.working_days_between(end, start)
        return _working_between(self, start, min((end - start).days, PERIOD_DAYS_MAX))


@lru_cache(maxsize=COUNTS_KEPT)
def _working_end(calendar: Calendar, day: date, n: int) -> Due:
    provisional = False
    while n:
        day += _ONE_DAY
        provisional = provisional or not calendar.published(day.year)
        n -= calendar.is_working(day)
    return Due(day, provisional)


@lru_cache(maxsize=COUNTS_KEPT)
def _working_between(calendar: Calendar, start: date, days: int) -> int:
    return sum(calendar.is_working(start + timedelta(days=n)) for n in range(1, days + 1))


def _require_days(days: int) -> None:
    if not 0 <= days <= PERIOD_DAYS_MAX:
        raise ValueError(f"a period of {days} days is not in 0..{PERIOD_DAYS_MAX}")


def _days(holiday: Holiday) -> Iterable[date]:
    return (
        holiday.first + timedelta(days=n) for n in range((holiday.last - holiday.first).days + 1)
    )


def read_calendar(texts: Iterable[str]) -> Calendar:
    """The calendar from the JSON texts of its years; raises :class:`BadData` with the mistake."""
    try:
        return calendar_of([msgspec.json.decode(text, type=YearTable) for text in texts])
    except msgspec.DecodeError as error:
        raise BadData(f"calendar: {error}") from error


def calendar_of(tables: Iterable[YearTable]) -> Calendar:
    """The calendar from the tables of its years; raises :class:`BadData` with the mistake."""
    years: dict[int, YearTable] = {}
    for table in tables:
        if table.year in years:
            raise BadData(f"calendar: the year {table.year} stands twice")
        for holiday in table.holidays:
            _require_sound(holiday, table.year)
        years[table.year] = table
    return Calendar(years)


def _require_sound(holiday: Holiday, year: int) -> None:
    where = f"calendar {year} {holiday.name}"
    if not 0 <= (holiday.last - holiday.first).days <= 15:
        raise BadData(f"{where}: {holiday.first} to {holiday.last} is not one to sixteen days")
    for day in holiday.work:
        if day.weekday() < 5:
            raise BadData(f"{where}: {day} is a weekday, only weekends are worked instead")
        if holiday.first <= day <= holiday.last:
            raise BadData(f"{where}: {day} is both off and worked")
    for day in (holiday.first, holiday.last, *holiday.work):
        if abs(day.year - year) > 1:
            raise BadData(f"{where}: {day} is not near that year")
