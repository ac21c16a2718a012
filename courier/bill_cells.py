"""The cells of a carrier's bill, as carriers write them: numbers, days, weights, amounts. Pure.

Full-width digits, separators of thousands, units, numbers as text: all are read. What cannot be
told for sure is never guessed: :class:`Unreadable` says why, for a person to look.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation

AMOUNT_FEN_MAX = 10_000_000
WEIGHT_G_MAX = 100_000
TRACKING_CHARS = (6, 32)
_SCIENTIFIC = re.compile(r"([1-9])(?:\.([0-9]+))?E\+?([0-9]{1,2})")
_TRACKING = re.compile(r"[0-9A-Z]+")
_WHOLE = re.compile(r"([0-9]+)\.0+")
_DAY = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?(?:[ T].*)?")
_SHORT_DAY = re.compile(r"([0-9]{1,2})[-/.月]([0-9]{1,2})日?")
_PACKED_DAY = re.compile(r"(20[0-9]{2})([01][0-9])([0-3][0-9])(?:[0-9]{6})?")
_SERIAL = re.compile(r"([345][0-9]{4})(?:\.[0-9]+)?")
_SERIAL_FROM = date(1899, 12, 30)
_UNITS_G = (("千克", 1000), ("公斤", 1000), ("KG", 1000), ("克", 1), ("G", 1))
_HAIR = Decimal("0.000001")


class Unreadable(ValueError):
    """A cell that cannot be told for sure; the message says why."""


def plain(text: str) -> str:
    """A cell without what only looks: full-width forms, blanks, an apostrophe before a number."""
    folded = unicodedata.normalize("NFKC", text).replace("\u200b", "").strip()
    return folded.lstrip("'`").strip().upper()


def tracking_of(text: str) -> str:
    """A tracking number; raises :class:`Unreadable`. Empty where nothing stands."""
    cell = re.sub(r"[\s-]", "", plain(text))
    if whole := _WHOLE.fullmatch(cell):
        cell = whole[1]
    if short := _SCIENTIFIC.fullmatch(cell):
        digits, length = short[1] + (short[2] or ""), int(short[3]) + 1
        if len(digits) != length:
            raise Unreadable(f"单号写成了 {cell}，后面的数字丢了，认不出是哪一件")
        cell = digits
    if not cell:
        return ""
    least, most = TRACKING_CHARS
    if not _TRACKING.fullmatch(cell) or not least <= len(cell) <= most or not _digits(cell):
        raise Unreadable(f"“{text.strip()[:24]}”不像单号")
    return cell


def _digits(cell: str) -> bool:
    return sum(letter.isdigit() for letter in cell) >= 4


def could_be(text: str, tracking: str) -> bool:
    """Whether a number in scientific form may have been this one, before it was rounded."""
    short = _SCIENTIFIC.fullmatch(plain(text))
    if not short or not tracking.isdigit() or len(tracking) != int(short[3]) + 1:
        return False
    known = short[1] + (short[2] or "")
    step = Decimal(10) ** (len(tracking) - len(known))
    return abs(Decimal(tracking) - Decimal(known) * step) * 2 <= step


def fen_of(text: str) -> int:
    """An amount in fen, negative for a credit; raises :class:`Unreadable`."""
    cell = re.sub(r"[\s,¥￥]|RMB|CNY|元$", "", plain(text))
    if cell.startswith("(") and cell.endswith(")"):
        cell = f"-{cell[1:-1]}"
    if not cell:
        raise Unreadable("没有金额")
    fen = _number(cell, text) * 100
    rounded = int(fen.to_integral_value())
    if abs(fen - rounded) > _HAIR * 100:
        raise Unreadable(f"金额“{text.strip()[:24]}”比分还细")
    if abs(rounded) > AMOUNT_FEN_MAX:
        raise Unreadable(f"金额“{text.strip()[:24]}”大得不像一件邮件的资费")
    return rounded


def _number(cell: str, text: str) -> Decimal:
    try:
        number = Decimal(cell)
    except InvalidOperation:
        raise Unreadable(f"“{text.strip()[:24]}”不是数") from None
    if not number.is_finite() or abs(number) > 10**9:
        raise Unreadable(f"“{text.strip()[:24]}”不是数")
    return number


def weight_of(text: str, unit_g: int) -> int:
    """A weight in grams, 0 where nothing stands; raises :class:`Unreadable`.

    :param unit_g: what one of the column is in grams, where the cell does not say it.
    """
    cell = plain(text).replace(",", "")
    for unit, grams in _UNITS_G:
        if cell.endswith(unit):
            cell, unit_g = cell.removesuffix(unit).strip(), grams
            break
    if not cell:
        return 0
    grams_of = _number(cell, text) * unit_g
    if not 0 <= grams_of <= WEIGHT_G_MAX:
        raise Unreadable(f"重量“{text.strip()[:24]}”不像一件邮件的重量")
    return int(grams_of.to_integral_value())


def unit_of(heading: str, cells: list[str]) -> int:
    """What one of a weight column is in grams: by its heading, else by how large its values are."""
    head = plain(heading)
    for unit, grams in _UNITS_G:
        if unit in head:
            return grams
    numbers = [
        float(cell) for cell in map(plain, cells) if re.fullmatch(r"[0-9]+(\.[0-9]+)?", cell)
    ]
    return 1000 if numbers and max(numbers) <= 50 else 1


def day_in(text: str, year: int) -> date | None:
    """A day, None where nothing stands; raises :class:`Unreadable`. A day without year is of it."""
    cell = plain(text)
    if not cell:
        return None
    try:
        if found := _DAY.fullmatch(cell) or _PACKED_DAY.fullmatch(cell):
            return date(int(found[1]), int(found[2]), int(found[3]))
        if found := _SHORT_DAY.fullmatch(cell):
            return date(year, int(found[1]), int(found[2]))
    except ValueError:
        raise Unreadable(f"没有“{text.strip()[:24]}”这一天") from None
    if found := _SERIAL.fullmatch(cell):
        return _SERIAL_FROM + timedelta(days=int(found[1]))
    raise Unreadable(f"日期“{text.strip()[:24]}”看不懂")
