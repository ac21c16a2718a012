"""Waiting longer after each failure, never for ever, and not in step with other stores."""

from __future__ import annotations

import itertools
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.pace import Pace


def longest(base_s: float = 0.5, ceiling_s: float = 60) -> Pace:
    """A pace that always waits as long as it may."""
    return Pace(base_s, ceiling_s, random=lambda: 1.0)


def test_the_longest_wait_doubles_up_to_the_ceiling() -> None:
    pace = longest()

    waits = [pace.failed() for _ in range(9)]

    assert waits == [0.5, 1, 2, 4, 8, 16, 32, 60, 60]


def test_a_month_of_failures_still_waits_no_longer_than_the_ceiling() -> None:
    pace = longest()

    waits = [pace.failed() for _ in range(50_000)]

    assert max(waits) == waits[-1] == 60
    assert pace.failures == 50_000


def test_a_success_begins_anew() -> None:
    pace = longest()
    for _ in range(5):
        pace.failed()

    pace.succeeded()

    assert pace.failures == 0
    assert pace.failed() == 0.5


def test_somebody_who_asks_does_not_wait() -> None:
    pace = longest()
    for _ in range(20):
        pace.failed()

    assert pace.at_once() == 0
    assert [pace.failed(), pace.failed()] == [0.5, 1]


def test_eighty_one_points_do_not_come_back_in_the_same_second() -> None:
    paces = [Pace(random=Random(at).random) for at in range(81)]  # noqa: S311  # no secret
    for _ in range(8):
        waits = [pace.failed() for pace in paces]

    busiest = max(len(list(group)) for _, group in itertools.groupby(sorted(map(int, waits))))
    assert busiest <= 6
    assert len(set(waits)) == 81


@given(
    failures=st.integers(1, 200),
    chance=st.floats(0, 1, exclude_max=True),
    base_s=st.floats(0.001, 10),
    ceiling_s=st.floats(10, 3600),
)
def test_a_wait_is_never_negative_and_never_above_the_ceiling(
    failures: int, chance: float, base_s: float, ceiling_s: float
) -> None:
    pace = Pace(base_s, ceiling_s, random=lambda: chance)

    waits = [pace.failed() for _ in range(failures)]

    assert all(0 <= wait <= ceiling_s for wait in waits)
    assert waits == sorted(waits)


@pytest.mark.parametrize(("base_s", "ceiling_s"), [(0, 60), (-1, 60), (2, 1)])
def test_a_pace_that_could_spin_is_refused(base_s: float, ceiling_s: float) -> None:
    with pytest.raises(ValueError, match="base_s"):
        Pace(base_s, ceiling_s, random=lambda: 0.0)
