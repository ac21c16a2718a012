"""The check's own count of days, made from the notices alone, against the product's calendar."""

from __future__ import annotations

from datetime import date, timedelta

from cases.lights import due_zh
from central.demo import days
from sync.bundle import load_bundle

CALENDAR = load_bundle().calendar
PUBLISHED = [
    date(year, 1, 1) + timedelta(days=n) for year in sorted(CALENDAR.years) for n in range(330)
]


def test_two_counts_that_know_nothing_of_each_other_agree() -> None:
    for day in PUBLISHED:
        for working_days in (1, 5, 10):
            assert days.after(day, working_days) == CALENDAR.add_working_days(day, working_days).day


def test_a_holiday_and_a_weekend_that_is_worked_are_those_of_the_notice() -> None:
    assert not days.is_worked(date(2026, 2, 16)), "a Monday of the Spring Festival"
    assert days.is_worked(date(2026, 2, 28)), "a Saturday that is worked instead"


def test_near_the_end_of_the_last_published_year_both_counts_and_words_agree() -> None:
    last = date(max(CALENDAR.years), 12, 31)
    for n in range(-40, 40):
        since = last + timedelta(days=n)
        for working_days in (1, 5, 7, 10, 25):
            due = CALENDAR.add_working_days(since, working_days)
            day = days.after(since, working_days)
            assert day == due.day
            assert bool(days.mark(since, day)) is due.provisional, since
            assert days.mark(since, day) in due_zh(due, since)
            assert due_zh(due, since).startswith(days.in_words(day, since)), since
