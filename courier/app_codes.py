"""What a courier scanned or typed, and which parcel that means."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from cases.folded import Parcel
from cases.numbers import (
    BadNumber,
    SubjectKind,
    check_tracking,
    parse_manifest_number,
    parse_number,
)
from cases.times import day_of
from courier.desk import CourierDesk
from courier.parcels import LAST_DIGITS_MIN
from labels.tokens import (
    KEY_BYTES_MIN,
    TOKEN_CHARS,
    Altered,
    Expired,
    Purpose,
    Token,
    TokenError,
    mint,
    read,
    token_in,
)

TEXT_CHARS_MAX = 300
OWN_PREFIX = "DS"
MANIFEST_PREFIX = "M"
OWN_DIGITS = 11
#: 65 of the 67 bits that a label's code says before its expiry.
STEM_CHARS = 13


class BadCode(ValueError):
    """What was scanned or typed opens no parcel; the words say why and what to do."""

    def __init__(self, message_zh: str, title: str = "打不开这张面单") -> None:
        super().__init__(message_zh)
        self.message_zh = message_zh
        self.title = title


class TypedTooOften(BadCode):
    """So many numbers were typed that they may be guesses: the same one may be typed later."""


@dataclass(frozen=True)
class Found:
    """Where a text leads: a label's code, or parcels.

    ``label``: it was read off the label whole, so the label is before somebody's eyes.
    """

    token: str = ""
    number: str = ""
    manifest: str = ""
    parcels: Sequence[Parcel] = ()
    label: bool = False


def look_for(text: str, desk: CourierDesk, courier: str) -> Found:
    """What a scanned or typed text means.

    A label's address or code, a tracking number (the letters may be left out), a parcel's number,
    a manifest's; fewer digits are the last ones of a parcel that this courier has in hand.

    :raises BadCode: nothing of ours, with words for the courier.
    :raises BadNumber: a number of ours with a mistake in it.
    """
    typed = "".join(unicodedata.normalize("NFKC", text).split())
    if not typed or len(typed) > TEXT_CHARS_MAX:
        raise BadCode("请输入邮件号的后 4 位，或整个邮件号。")
    if len(token_in(typed)) == TOKEN_CHARS:
        return Found(token=token_in(typed))
    if re.fullmatch(rf"[0-9]{{{LAST_DIGITS_MIN},{OWN_DIGITS - 1}}}", typed):
        return _by_last(typed, desk, courier)
    if typed.isdigit() and len(typed) < LAST_DIGITS_MIN:
        raise BadCode(f"请至少输入后 {LAST_DIGITS_MIN} 位。")
    if typed.isdigit() and len(typed) == OWN_DIGITS:
        typed = OWN_PREFIX + typed
    if desk.typed_too_often(courier):
        raise TypedTooOften("输入的号码太多了，请过一会儿再输，或者直接扫面单。", "先停一停")
    if typed.upper().startswith(MANIFEST_PREFIX):
        return Found(manifest=parse_manifest_number(typed).text)
    if typed.upper().startswith(OWN_PREFIX):
        parcel = desk.with_tracking(check_tracking(typed))
        return Found(parcels=[parcel] if parcel else (), label=True)
    return _by_number(typed, desk)


def _by_last(digits: str, desk: CourierDesk, courier: str) -> Found:
    fitting = [p for p in desk.in_hand(courier) if p.tracking.endswith(digits)]
    if not fitting:
        raise BadCode(f"您手上没有尾号 {digits} 的邮件。还没揽收的，请扫面单或输入整个邮件号。")
    return Found(parcels=fitting)


def _by_number(text: str, desk: CourierDesk) -> Found:
    try:
        number = parse_number(text)
    except BadNumber:
        raise BadCode("这不是本平台的邮件。请扫面单上的二维码，或输入 DS 开头的邮件号。") from None
    if number.kind is not SubjectKind.PARCEL:
        raise BadCode("这是办件的编号，不是邮件号。请看面单上 DS 开头的那一行。")
    parcel = desk.parcel(number.text)
    return Found(number=number.text, parcels=[parcel] if parcel else (), label=True)


def label_stem(number: str) -> str:
    """How every label of a parcel begins, whenever it was printed: what comes later is the expiry
    and the proof. So a phone without a signal finds a scanned label among the parcels in hand.
    """
    any_key, any_day = bytes(KEY_BYTES_MIN), parse_number(number).day
    return mint(any_key, Purpose.WAYBILL, number, any_day)[:STEM_CHARS]


def parcel_of_token(token: str, desk: CourierDesk) -> str:
    """The number of the parcel that a waybill's code names. :raises BadCode: with words."""
    found = proven(token, desk)
    if found.purpose is not Purpose.WAYBILL:
        raise BadCode("这是回执、海报或交接单上的码，不是面单。请扫贴在邮件上的面单。", "扫错了码")
    return found.target


def proven(token: str, desk: CourierDesk) -> Token:
    """What a code of a courier's says, a waybill's or a manifest's. :raises BadCode: with words."""
    try:
        found = read(token, day_of(desk.now()), desk.token_key)
    except Altered:
        raise BadCode(
            "这个码对不上，可能被改过，也可能不是本平台打印的。请不要揽收，问一下寄件的受理点。",
            "面单核对不上",
        ) from None
    except Expired:
        raise BadCode("这张单子过期了，请让寄件的受理点重新打印一张。", "过期了") from None
    except TokenError:
        raise BadCode("这不是本平台的面单。请扫贴在邮件上的面单。", "不是我们的面单") from None
    if found.purpose not in (Purpose.WAYBILL, Purpose.MANIFEST):
        raise BadCode(
            "这是办件回执或柜台海报上的码，不是面单。请扫贴在邮件上的面单，或者交接单。", "扫错了码"
        )
    return found
