"""The one place that asks the system for the time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cases.times import to_text

DEMO_MARK = "demo.json"
DEMO_CLOCK = "days-ahead"
DAYS_AHEAD_MAX = 366


def utc_now() -> str:
    """The time now, as events hold it: UTC, whole seconds, ``Z``."""
    return to_text(datetime.now(UTC))


def clock_of(data: Path) -> Callable[[], str]:
    """The clock of the programs over a data folder: the system's.

    A demonstration shows what days bring, so its programs may be some days ahead, all of them
    alike: as many as a file beside its mark says, now. No other program looks for such a file.
    """
    folder = data.absolute().parent
    if not (folder / DEMO_MARK).is_file():
        return utc_now
    return lambda: to_text(datetime.now(UTC) + timedelta(days=days_ahead(folder)))


def days_ahead(folder: Path) -> int:
    """How many days a demonstration's clock is ahead."""
    try:
        said = (folder / DEMO_CLOCK).read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return 0
    return min(int(said), DAYS_AHEAD_MAX) if said.isdecimal() else 0


def set_days_ahead(folder: Path, days: int) -> None:
    """Move the clock of a running demonstration on."""
    written = folder / f"{DEMO_CLOCK}.new"
    written.write_text(f"{days}\n", encoding="ascii")
    written.replace(folder / DEMO_CLOCK)
