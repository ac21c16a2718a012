"""When something happened, as carriers write it: with or without a zone, as a spreadsheet's number.

Pure. What has no zone is the clock of Shanghai, as all of China's carriers mean it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from cases.times import SHANGHAI, from_text, to_text

AHEAD_MAX = timedelta(minutes=30)
AGO_MAX = timedelta(days=120)
_FROM_DAYS = datetime(1899, 12, 30, tzinfo=SHANGHAI)
_DAYS = re.compile(r"[45][0-9]{4}(?:\.[0-9]+)?")
_PACKED = re.compile(r"(20[0-9]{2})([01][0-9])([0-3][0-9])([0-9]{2})([0-9]{2})([0-9]{2})?")
_EPOCH = re.compile(r"1[0-9]{9}(?:[0-9]{3})?")
_WRITTEN = re.compile(
    r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?[T ]*([0-9]{1,2})[:时]([0-9]{2})"
    r"(?:[:分]([0-9]{2})(?:\.[0-9]+)?秒?)? *(Z|[+-][0-9]{2}:?[0-9]{2})?分?"
)


class NoMoment(ValueError):
    """What stands there is no time, or cannot be one; the message says why."""


def moment_of(text: str, heard: str) -> str:
    """The stored form of when something happened, no later than when we heard of it.

    :raises NoMoment: with what is wrong.
    """
    cell = unicodedata.normalize("NFKC", text).strip().lstrip("'").upper()
    if not cell:
        raise NoMoment("没有写时间")
    try:
        found = _moment(cell)
    except (ValueError, OverflowError):
        found = None
    if found is None:
        raise NoMoment(f"“{cell[:30]}”不是一个时间")
    now = from_text(heard)
    if found > now + AHEAD_MAX:
        raise NoMoment(f"“{cell[:30]}”还没有到")
    if found < now - AGO_MAX:
        raise NoMoment(f"“{cell[:30]}”过去太久了")
    return min(to_text(found), heard)


def _moment(cell: str) -> datetime | None:
    if match := _WRITTEN.fullmatch(cell):
        *parts, zone = match.groups()
        return _of(parts) - _offset(zone)
    if match := _PACKED.fullmatch(cell):
        return _of(match.groups()) - _offset(None)
    if _EPOCH.fullmatch(cell):
        return datetime.fromtimestamp(int(cell[:10]), UTC)
    if _DAYS.fullmatch(cell):
        return _FROM_DAYS + timedelta(seconds=round(float(cell) * 86_400))
    return None


def _of(parts: Sequence[str | None]) -> datetime:
    year, month, day, hour, minute, second = (int(part or 0) for part in parts)
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)


def _offset(zone: str | None) -> timedelta:
    if zone is None:
        return timedelta(hours=8)
    if zone == "Z":
        return timedelta()
    digits = zone[1:].replace(":", "")
    ahead = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return -ahead if zone[0] == "-" else ahead
