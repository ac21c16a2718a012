from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.calendar import PERIOD_DAYS_MAX, Calendar, Due, read_calendar
from cases.catalogue import DayUnit
from cases.deadlines import add_period
from cases.reading import BadData
from tests.cases.reference import DATA

TEXTS = [path.read_text("utf-8") for path in sorted((DATA / "calendar").glob("*.json"))]
CALENDAR = read_calendar(TEXTS)
days = st.dates(date(2024, 1, 1), date(2029, 12, 31))


@pytest.mark.parametrize(("year", "off", "made_up"), [(2025, 28, 5), (2026, 33, 6)])
def test_a_year_has_the_days_of_its_notice(year: int, off: int, made_up: int) -> None:
    holidays = CALENDAR.years[year].holidays
    assert sum((h.last - h.first).days + 1 for h in holidays) == off
    assert sum(len(h.work) for h in holidays) == made_up
    whole = [date(year, 1, 1) + timedelta(days=n) for n in range(365)]
    assert sum(map(CALENDAR.is_working, whole)) == 248


@pytest.mark.parametrize(
    "day", ["2026-01-02", "2026-02-16", "2026-02-23", "2026-06-19", "2026-10-07", "2025-10-08"]
)
def test_a_weekday_in_a_holiday_is_not_worked(day: str) -> None:
    assert not CALENDAR.is_working(date.fromisoformat(day))


@pytest.mark.parametrize(
    "day", ["2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"]
)
def test_a_weekend_day_made_up_for_is_worked(day: str) -> None:
    assert date.fromisoformat(day).weekday() >= 5
    assert CALENDAR.is_working(date.fromisoformat(day))


def test_the_first_day_of_a_period_is_not_counted() -> None:
    assert CALENDAR.add_working_days(date(2026, 11, 23), 1) == Due(date(2026, 11, 24), False)
    assert CALENDAR.add_working_days(date(2026, 11, 23), 0) == Due(date(2026, 11, 23), False)


def test_five_working_days_over_the_spring_festival() -> None:
    # 12 Feb is Thursday; 13 and 14 are worked, 15 to 23 off, then 24, 25, 26.
    assert CALENDAR.add_working_days(date(2026, 2, 12), 5) == Due(date(2026, 2, 26), False)


def test_a_period_into_a_year_without_notice_is_provisional_and_counts_weekends() -> None:
    assert CALENDAR.add_working_days(date(2026, 12, 31), 1) == Due(date(2027, 1, 1), True)
    assert CALENDAR.add_working_days(date(2026, 12, 30), 1) == Due(date(2026, 12, 31), False)
    assert not CALENDAR.published(2027)


@given(days, st.integers(0, 300))
def test_a_period_ends_on_a_working_day_and_counts_back(start: date, n: int) -> None:
    due = CALENDAR.add_working_days(start, n)
    assert CALENDAR.working_days_between(start, due.day) == n
    assert CALENDAR.working_days_between(due.day, start) == -n
    assert n == 0 or CALENDAR.is_working(due.day)
    assert due.provisional == (n > 0 and any(
        not CALENDAR.published(year)
        for year in range((start + timedelta(days=1)).year, due.day.year + 1)
    ))  # fmt: skip


@given(days, st.integers(0, 100), st.integers(0, 100))
def test_two_periods_in_a_row_are_one(start: date, one: int, other: int) -> None:
    halfway = CALENDAR.add_working_days(start, one).day
    assert CALENDAR.add_working_days(halfway, other).day == (
        CALENDAR.add_working_days(start, one + other).day
    )


@pytest.mark.parametrize("n", [-1, PERIOD_DAYS_MAX + 1])
def test_a_period_without_measure_is_refused(n: int) -> None:
    with pytest.raises(ValueError, match="period"):
        CALENDAR.add_working_days(date(2026, 1, 1), n)
    with pytest.raises(ValueError, match="period"):
        add_period(date(2026, 1, 1), n, DayUnit.CALENDAR, CALENDAR)


def test_a_date_from_a_wrong_clock_counts_without_error() -> None:
    years_late = CALENDAR.working_days_between(date(2026, 1, 1), date(9999, 1, 1))
    assert 2_000 < years_late < PERIOD_DAYS_MAX
    assert CALENDAR.working_days_between(date(9999, 1, 1), date(2026, 1, 1)) == -years_late


def test_a_period_in_calendar_days_ends_on_the_next_working_day() -> None:
    # 30 days after 2 September is 2 October, in the holiday that ends on the 7th.
    start = date(2026, 9, 2)
    assert add_period(start, 30, DayUnit.CALENDAR, CALENDAR) == Due(date(2026, 10, 8), False)
    assert add_period(start, 1, DayUnit.WORKING, CALENDAR) == Due(date(2026, 9, 3), False)


def test_no_year_at_all_still_counts() -> None:
    assert Calendar({}).add_working_days(date(2026, 11, 20), 1) == Due(date(2026, 11, 23), True)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('"year": 2026', '"year": 2025', "2025 stands twice"),
        ('"2026-01-04"', '"2026-01-05"', "is a weekday"),
        ('"2026-01-04"', '"2026-01-03"', "both off and worked"),
        ('"last": "2026-01-03"', '"last": "2026-02-03"', "one to sixteen days"),
        ('"last": "2026-01-03"', '"last": "2025-12-03"', "one to sixteen days"),
        ('"last": "2026-01-03"', '"last": "2026-02-30"', "calendar"),
        ('"notice"', '"note"', "calendar"),
        ('"2026-01-04"', '"2036-01-05"', "not near"),
        ("{", "", "calendar"),
    ],
)
def test_a_mistake_in_a_year_is_named(old: str, new: str, says: str) -> None:
    assert old in TEXTS[1]
    with pytest.raises(BadData, match=says):
        read_calendar([TEXTS[0], TEXTS[1].replace(old, new, 1)])
