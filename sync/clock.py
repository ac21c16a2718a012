"""The one place that asks the system for the time."""

from __future__ import annotations

from datetime import UTC, datetime

from cases.times import to_text


def utc_now() -> str:
    """The time now, as events hold it: UTC, whole seconds, ``Z``."""
    return to_text(datetime.now(UTC))
