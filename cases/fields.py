"""What is wrong with something a person filled in, and the forgiving first step of every check."""

import unicodedata
from datetime import date

TEXT_LENGTH_MAX = 100
_SEPARATORS = dict.fromkeys(map(ord, "-‐‑‒–—―−－_ー"), None)


class BadField(ValueError):
    """A field that cannot be right as it was filled in; never worth a retry with the same text."""

    def __init__(self, field: str, message_zh: str, message_en: str) -> None:
        super().__init__(f"{field}: {message_en}")
        self.field = field
        self.message_zh = message_zh
        self.message_en = message_en


def plain_text(field: str, text: str) -> str:
    """Half-width, without spaces, hyphens and invisible characters."""
    if len(text) > TEXT_LENGTH_MAX:
        raise BadField(field, "填得太长了，请检查。", "This is too long, please check.")
    plain = unicodedata.normalize("NFKC", text).translate(_SEPARATORS)
    return "".join(c for c in plain if not c.isspace() and unicodedata.category(c) != "Cf")


def past_day(field: str, text: str, today: date) -> date:
    """A day that is not in the future. :raises BadField: it is none, or it is."""
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        raise BadField(
            field, "日期不对，请按 2026-11-22 的格式填写。", "Not a date such as 2026-11-22."
        ) from None
    if day > today:
        raise BadField(field, "日期不能晚于今天。", "The date lies in the future.")
    if day.year < 2000:
        raise BadField(field, "日期太早了，请检查年份。", "The date is too long ago.")
    return day
