"""What a carrier's tracking numbers look like: the formats as data, and numbers made of them. Pure.

A number is a head, a serial, perhaps a check digit, and a tail; a range that a carrier assigned
(号段) has one head and tail. So one table tells what a number of each format must be, and every
part of the product makes, checks and cuts ranges by it alone.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from cases.numbers import BadNumber, mod_11_10_digit, s10_check_digit

OWN, EMS = "own", "ems"
DS, S10, EMS13 = "own", "s10", "ems13"
TEXT_LENGTH_MAX = 40


class Place(NamedTuple):
    """Where a number stands: its format, what is around its serial, and the serial."""

    format: str
    head: str
    serial: int
    tail: str = ""


@dataclass(frozen=True)
class Format:
    """One form of tracking number.

    ``pattern``: its groups are head, serial, check digit (if there is one) and tail.
    ``check``: the check digit, of head and serial; None where the carrier publishes no rule.
    """

    code: str
    zh: str
    pattern: re.Pattern[str]
    serial_digits: int
    example: str
    check: Callable[[str, str], str] | None = None

    def number(self, place: Place) -> str:
        """The number that stands at a place, check digit included."""
        serial = f"{place.serial:0{self.serial_digits}d}"
        digit = self.check(place.head, serial) if self.check else ""
        text = f"{place.head}{serial}{digit}{place.tail}"
        if not self.pattern.fullmatch(text):
            raise ValueError(f"{text!r} is not a number of the format {self.code}")
        return text

    def place(self, text: str) -> Place:
        """Where a number stands; raises :class:`BadNumber` with what is wrong of it."""
        compact = plain(text)
        match = self.pattern.fullmatch(compact)
        if match is None:
            raise BadNumber(
                f"“{compact}”不是{self.zh}，应当像 {self.example}。",
                f"{compact!r} is not a number as {self.example}",
            )
        part = {"check": "", "tail": "", **{k: v or "" for k, v in match.groupdict().items()}}
        if self.check and (digit := self.check(part["head"], part["serial"])) != part["check"]:
            raise BadNumber(
                f"“{compact}”的校验位应当是 {digit}，不是 {part['check']}，请逐位核对。",
                f"the check digit of {compact} should be {digit}",
            )
        return Place(self.code, part["head"], int(part["serial"]), part["tail"])


#: The formats, by their code. UPU S10: standard S10-12 of the Universal Postal Union. The thirteen
#: digits of a domestic EMS waybill have no check rule that China Post publishes.
FORMATS: Mapping[str, Format] = {
    format.code: format
    for format in (
        Format(
            DS,
            "本区投递员的邮件号",
            re.compile(r"(?P<head>DS[0-9]{3})(?P<serial>[0-9]{7})(?P<check>[0-9])"),
            7,
            "DS01700000422",
            lambda head, serial: mod_11_10_digit(head[2:] + serial),
        ),
        Format(
            S10,
            "万国邮联 S10 邮件号",
            re.compile(
                r"(?P<head>[A-Z]{2})(?P<serial>[0-9]{8})(?P<check>[0-9])(?P<tail>[A-Z]{2})"
            ),
            8,
            "EA123456785CN",
            lambda _, serial: s10_check_digit(serial),
        ),
        Format(EMS13, "国内 EMS 13 位邮件号", re.compile(r"(?P<serial>[0-9]{13})(?P<head>)"), 13,
               "1060123456789"),
    )
}  # fmt: skip


def plain(text: str) -> str:
    """A number as it is printed, from what was typed, scanned or sent: no blanks, upper case."""
    return "".join(unicodedata.normalize("NFKC", text[: 4 * TEXT_LENGTH_MAX]).upper().split())[
        :TEXT_LENGTH_MAX
    ]


def place_of(text: str) -> Place | None:
    """Where a number stands, whichever of the formats it is of; None where it is none of them."""
    for format in FORMATS.values():
        try:
            return format.place(text)
        except BadNumber:
            continue
    return None


class Block(NamedTuple):
    """Numbers leased to one author: a carrier's, from ``first`` to ``last``, both included."""

    carrier: str
    format: str
    head: str
    first: int
    last: int
    tail: str = ""

    def number(self, serial: int) -> str:
        """The number of a serial of the block."""
        return FORMATS[self.format].number(Place(self.format, self.head, serial, self.tail))


def block_of(doc: Mapping[str, Any]) -> Block | None:
    """A block from the document that leases it; None for one of a later version.

    One that names no carrier is of our own couriers', as all were once.
    """
    if "prefix" in doc:
        return Block(OWN, DS, f"DS{doc['prefix']:03d}", doc["first"], doc["last"])
    if doc.get("format") not in FORMATS:
        return None
    names = ("carrier", "format", "head", "first", "last", "tail")
    return Block(*(doc[name] for name in names))
