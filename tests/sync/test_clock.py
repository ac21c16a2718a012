"""The clock: the system's, and a demonstration's, which alone can be moved on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cases.times import from_text
from sync.clock import DAYS_AHEAD_MAX, DEMO_CLOCK, DEMO_MARK, clock_of, set_days_ahead, utc_now

A_BIT = timedelta(minutes=1)


def ahead(clock: object) -> timedelta:
    assert callable(clock)
    return from_text(str(clock())) - datetime.now(UTC)


def test_a_demonstrations_clock_is_moved_on_while_its_programs_run(tmp_path: Path) -> None:
    (tmp_path / DEMO_MARK).write_text("{}")
    node, central = (clock_of(tmp_path / key) for key in ("junmen", "central"))
    assert abs(ahead(node)) < A_BIT
    for days in (9, 10):
        set_days_ahead(tmp_path, days)
        for clock in (node, central):
            assert abs(ahead(clock) - timedelta(days=days)) < A_BIT


def test_no_other_programs_clock_can_be_moved(tmp_path: Path) -> None:
    set_days_ahead(tmp_path, 9)
    clock = clock_of(tmp_path / "node")
    assert clock is utc_now
    assert abs(ahead(clock)) < A_BIT


@pytest.mark.parametrize(
    ("said", "days"), [("", 0), ("-3", 0), ("x", 0), ("9" * 9, DAYS_AHEAD_MAX)]
)
def test_nonsense_moves_nothing_and_no_clock_ever_goes_back(
    tmp_path: Path, said: str, days: int
) -> None:
    (tmp_path / DEMO_MARK).write_text("{}")
    (tmp_path / DEMO_CLOCK).write_text(said)
    assert abs(ahead(clock_of(tmp_path / "node")) - timedelta(days=days)) < A_BIT
