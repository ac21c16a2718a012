from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.times import (
    BadTime,
    ago,
    day_of,
    duration,
    from_text,
    in_shanghai,
    shown,
    shown_en,
    to_text,
)

AT = "2026-11-22T07:00:05Z"
moments = st.datetimes(datetime(1992, 1, 1), datetime(2199, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 hypothesis adds the time zone


def test_a_time_is_shown_as_the_clocks_of_the_district_show_it() -> None:
    assert shown(AT, "2026-12-31T15:59:59Z") == "11月22日（周日）15:00"
    assert shown_en(AT, "2026-12-31T15:59:59Z") == "Sun 22 Nov, 15:00"


def test_the_year_is_shown_when_it_is_not_this_year_in_shanghai() -> None:
    assert shown(AT, "2026-12-31T16:00:00Z") == "2026年11月22日（周日）15:00"
    assert shown_en(AT, "2026-12-31T16:00:00Z") == "Sun 22 Nov 2026, 15:00"


def test_the_day_changes_at_midnight_in_shanghai() -> None:
    assert day_of("2026-11-22T15:59:59Z") == date(2026, 11, 22)
    assert day_of("2026-11-22T16:00:00Z") == date(2026, 11, 23)


@given(moments)
def test_a_moment_survives_being_stored_to_the_second(moment: datetime) -> None:
    assert from_text(to_text(moment)) == moment.replace(microsecond=0)
    assert (
        in_shanghai(to_text(moment)).utcoffset()
        == moment.astimezone(ZoneInfo("Asia/Shanghai")).utcoffset()
    )


@given(moments, moments)
def test_stored_times_sort_as_their_moments_do(one: datetime, other: datetime) -> None:
    if one.replace(microsecond=0) < other.replace(microsecond=0):
        assert to_text(one) < to_text(other)


@pytest.mark.parametrize(
    "text",
    ["", "2026-11-22", "2026-11-22T01:31:05", "2026-11-22T01:31:05+08:00", "2026-11-22 01:31:05Z",
     "2026-13-22T01:31:05Z", "2026-02-29T01:31:05Z", "2026-11-22T24:31:05Z",
     "２０２６-11-22T01:31:05Z", "2026-11-22T01:31:05.5Z"],
)  # fmt: skip
def test_anything_else_is_no_stored_time(text: str) -> None:
    with pytest.raises(BadTime):
        from_text(text)


def test_a_moment_without_a_time_zone_is_never_stored() -> None:
    with pytest.raises(BadTime, match="no time zone"):
        to_text(datetime(2026, 11, 22))  # noqa: DTZ001 the mistake under test


@pytest.mark.parametrize(
    ("seconds", "zh"),
    [
        (0, "刚刚"),
        (59, "刚刚"),
        (60, "1 分钟前"),
        (12 * 60 + 59, "12 分钟前"),
        (3600, "1 小时前"),
        (86_399, "23 小时前"),
        (86_400 * 2, "2 天前"),
        (-30, "马上"),
        (-3 * 3600, "3 小时后"),
    ],
)
def test_how_long_ago_is_said_in_words(seconds: int, zh: str) -> None:
    now = to_text(from_text(AT) + timedelta(seconds=seconds))
    assert ago(AT, now) == zh


def test_a_duration_is_rounded_down_to_its_largest_unit() -> None:
    assert duration(59.9) == "59 秒"
    assert duration(7200) == "2 小时"
