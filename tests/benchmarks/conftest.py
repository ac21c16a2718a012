"""A stopwatch that prints what it measured: ``make bench``."""

from __future__ import annotations

import sys
from collections.abc import Callable
from time import perf_counter

import pytest

Measure = Callable[[str, int, Callable[[], object]], float]


@pytest.fixture
def measure() -> Measure:
    """Run once, print `count` things per second; gives the seconds."""

    def run(what: str, count: int, work: Callable[[], object]) -> float:
        started = perf_counter()
        work()
        seconds = perf_counter() - started
        sys.stdout.write(
            f"\n  {what}: {count} in {seconds:.2f} s, {count / seconds:,.0f} per second"
        )
        return seconds

    return run
