"""The documents that say who an applicant is, each checked by its own rule.

Resident IDs are judged by checksum and birth date only. Lists of county codes reject people from
places that were renamed, and holders of residence permits from Hong Kong, Macao and Taiwan.
"""

import re
from collections.abc import Callable
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from cases.fields import BadField, plain_text

AGE_YEARS_MAX = 150

_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"
_CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)


class DocumentKind(StrEnum):
    """The document that says who an applicant is."""

    RESIDENT_ID = "resident_id"
    HK_MACAO_TAIWAN_RESIDENCE = "hk_macao_taiwan_residence"
    HK_MACAO_PERMIT = "hk_macao_permit"
    TAIWAN_PERMIT = "taiwan_permit"
    FOREIGN_RESIDENT = "foreign_resident"
    PASSPORT = "passport"
    CREDIT_CODE = "credit_code"

    @property
    def zh(self) -> str:
        """Its name in Chinese."""
        return _KINDS[self].zh

    @property
    def en(self) -> str:
        """Its name in English."""
        return _KINDS[self].en

    @property
    def of_organization(self) -> bool:
        """Whether it names an organisation, not a person."""
        return self is DocumentKind.CREDIT_CODE


class _Wrong(Exception):
    """The words for what is wrong, before it is known which field they are about."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh = zh
        self.en = en


class _Kind(NamedTuple):
    zh: str
    en: str
    check: Callable[[str, date | None], None]


def check_document(
    kind: DocumentKind, text: str, *, field: str = "document_number", today: date | None = None
) -> str:
    """The number of a document in its stored form; raises :class:`BadField`.

    With ``today`` given, a birth date after it or more than 150 years before it is refused too.
    """
    number = plain_text(field, text).upper()
    if not number:
        raise BadField(
            field,
            f"还没有填{kind.zh}号码。",
            f"Please fill in the number of the {kind.en}.",
        )
    try:
        _KINDS[kind].check(number, today)
    except _Wrong as wrong:
        raise BadField(field, wrong.zh, wrong.en) from None
    return number


def id_check_character(digits: str) -> str:
    """The 18th character for the first 17 digits of a resident ID (GB 11643-1999)."""
    pairs = zip(_ID_WEIGHTS, digits, strict=True)
    return _ID_CHECKS[sum(weight * int(digit) for weight, digit in pairs) % 11]


def birth_date(number: str) -> date | None:
    """The birth date in an 18-character resident or residence permit number, or None."""
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def is_female(number: str) -> bool:
    """The sex in an 18-character resident or residence permit number: its 17th digit is even."""
    return int(number[16]) % 2 == 0


def _check_resident_id(number: str, today: date | None) -> None:
    if len(number) == 15 and number.isdigit():
        raise _Wrong(
            "这是 15 位的旧号码，早已停用：请看身份证正面，填 18 位的新号码。",
            "This is an old 15-digit number, no longer in use: please fill in the 18 characters"
            " on the card.",
        )
    if len(number) != 18:
        raise _Wrong(
            f"身份证号码应为 18 位，现在是 {len(number)} 位，请检查有没有漏填或多填。",
            f"A resident ID number has 18 characters, here are {len(number)}: please check for"
            " missing or extra ones.",
        )
    if number.startswith("9"):
        raise _Wrong(
            "以 9 开头的是外国人永久居留身份证号码，请改选证件类型。",
            "A number beginning with 9 is that of a foreign permanent resident ID card: please"
            " choose that kind.",
        )
    _check_18(number, today)


def _check_18(number: str, today: date | None) -> None:
    if not re.fullmatch(r"[0-9]{17}[0-9X]", number):
        raise _Wrong(
            "号码前 17 位应为数字，最后一位是数字或 X，请检查。",
            "The number is 17 digits and then a digit or X: please check.",
        )
    _check_birth_date(number, today)
    if id_check_character(number[:17]) != number[17]:
        raise _Wrong(
            "号码校验不对，多半有一位填错了，请对照证件逐位核对。",
            "The check character does not fit, so one digit is probably wrong: please compare"
            " with the card digit by digit.",
        )


def _check_birth_date(number: str, today: date | None) -> None:
    born = birth_date(number)
    digits = number[6:14]
    if born is None or born.year < 1800:
        raise _Wrong(
            f"号码里的出生日期 {digits} 不存在，请核对第 7 到 14 位。",
            f"The birth date {digits} in the number does not exist: please check characters"
            " 7 to 14.",
        )
    if today is not None and not (today.year - AGE_YEARS_MAX <= born.year and born <= today):
        raise _Wrong(
            f"号码里的出生日期 {digits} 不可能，请核对第 7 到 14 位。",
            f"The birth date {digits} in the number cannot be: please check characters 7 to 14.",
        )


def _check_hk_macao_taiwan_residence(number: str, today: date | None) -> None:
    _check_resident_id(number, today)
    if number[:2] not in ("81", "82", "83"):
        raise _Wrong(
            "港澳台居民居住证号码以 81、82 或 83 开头；如果是居民身份证，请改选证件类型。",
            "A residence permit for Hong Kong, Macao and Taiwan residents begins with 81, 82 or"
            " 83; if this is a resident ID card, please choose that kind.",
        )


def _check_hk_macao_permit(number: str, today: date | None) -> None:
    if not re.fullmatch(r"[HM][0-9]{8}(?:[0-9]{2})?", number):
        raise _Wrong(
            "港澳居民来往内地通行证号码应为 H 或 M 加 8 位数字，请对照证件核对。",
            "The number is H or M and 8 digits: please compare with the permit.",
        )


def _check_taiwan_permit(number: str, today: date | None) -> None:
    if not re.fullmatch(r"[0-9]{8}", number):
        raise _Wrong(
            "台湾居民来往大陆通行证号码应为 8 位数字，请对照证件核对。",
            "The number has 8 digits: please compare with the permit.",
        )


def _check_foreign_resident(number: str, today: date | None) -> None:
    if re.fullmatch(r"[A-Z]{3}[0-9]{12}", number):
        return
    if len(number) == 18 and number.startswith("9"):
        _check_18(number, today)
        return
    raise _Wrong(
        "外国人永久居留身份证号码应为以 9 开头的 18 位，或旧版的 3 个字母加 12 位数字，请核对。",
        "The number has 18 characters beginning with 9, or on older cards 3 letters and 12"
        " digits: please check.",
    )


def _check_passport(number: str, today: date | None) -> None:
    if not re.fullmatch(r"[0-9A-Z]{5,17}", number) or not re.search("[0-9]", number):
        raise _Wrong(
            "护照号码应为 5 到 17 位字母和数字，请对照护照资料页核对。",
            "A passport number has 5 to 17 letters and digits: please compare with the passport.",
        )


def credit_check_character(first17: str) -> str:
    """The 18th character of a unified social credit code (GB 32100-2015)."""
    pairs = zip(_CREDIT_WEIGHTS, first17, strict=True)
    total = sum(weight * _CREDIT_ALPHABET.index(character) for weight, character in pairs)
    return _CREDIT_ALPHABET[(31 - total % 31) % 31]


def _check_credit_code(number: str, today: date | None) -> None:
    if len(number) == 15:
        raise _Wrong(
            "这是 15 位的旧注册号，早已停用：请填营业执照上 18 位的统一社会信用代码。",
            "This is an old 15-digit registration number: please fill in the 18-character unified"
            " social credit code on the licence.",
        )
    if len(number) != 18:
        raise _Wrong(
            f"统一社会信用代码应为 18 位，现在是 {len(number)} 位，请检查有没有漏填或多填。",
            f"A unified social credit code has 18 characters, here are {len(number)}: please"
            " check for missing or extra ones.",
        )
    strange = [character for character in number if character not in _CREDIT_ALPHABET]
    if strange:
        raise _Wrong(
            f"统一社会信用代码里不会有“{strange[0]}”（没有字母 I、O、S、V、Z），请核对。",
            f"{strange[0]!r} cannot stand in a unified social credit code (the letters I, O, S,"
            " V and Z do not occur): please check.",
        )
    if credit_check_character(number[:17]) != number[17]:
        raise _Wrong(
            "统一社会信用代码校验不对，多半有一位填错了，请对照证照逐位核对。",
            "The check character does not fit, so one character is probably wrong: please"
            " compare with the licence.",
        )


_KINDS = {
    DocumentKind.RESIDENT_ID: _Kind("居民身份证", "resident ID card", _check_resident_id),
    DocumentKind.HK_MACAO_TAIWAN_RESIDENCE: _Kind(
        "港澳台居民居住证",
        "residence permit for Hong Kong, Macao and Taiwan residents",
        _check_hk_macao_taiwan_residence,
    ),
    DocumentKind.HK_MACAO_PERMIT: _Kind(
        "港澳居民来往内地通行证",
        "mainland travel permit for Hong Kong and Macao residents",
        _check_hk_macao_permit,
    ),
    DocumentKind.TAIWAN_PERMIT: _Kind(
        "台湾居民来往大陆通行证",
        "mainland travel permit for Taiwan residents",
        _check_taiwan_permit,
    ),
    DocumentKind.FOREIGN_RESIDENT: _Kind(
        "外国人永久居留身份证", "foreign permanent resident ID card", _check_foreign_resident
    ),
    DocumentKind.PASSPORT: _Kind("护照", "passport", _check_passport),
    DocumentKind.CREDIT_CODE: _Kind(
        "统一社会信用代码", "unified social credit code", _check_credit_code
    ),
}
PERSON_DOCUMENTS = tuple(kind for kind in DocumentKind if not kind.of_organization)
