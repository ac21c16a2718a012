"""Who people are, as they write it: names, phones, documents (``cases/documents.py``).

Every check forgives how something is typed (full-width characters, spaces, hyphens, a lower-case
x) and returns the one form that is stored. What cannot be right raises :class:`BadField`, whose
words say what is wrong and what to do.
"""

import re
import unicodedata

from cases.documents import (
    PERSON_DOCUMENTS,
    DocumentKind,
    birth_date,
    check_document,
    credit_check_character,
    id_check_character,
    is_female,
)
from cases.fields import TEXT_LENGTH_MAX, BadField, plain_text

__all__ = [
    "PERSON_DOCUMENTS",
    "BadField",
    "DocumentKind",
    "birth_date",
    "check_document",
    "check_name",
    "check_phone",
    "credit_check_character",
    "id_check_character",
    "is_female",
    "last_four",
]

NAME_LENGTH_MAX = 60

_HAN = "\u2e80-\u2fdf\u3005\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003fffd"
_BETWEEN_HAN = re.compile(f"(?<=[{_HAN}]) (?=[{_HAN}])")
_DOT_BETWEEN_HAN = re.compile(f"(?<=[{_HAN}]) ?[.．] ?(?=[{_HAN}])")
_IS_HAN = re.compile(f"[{_HAN}]")
_MIDDLE_DOTS = str.maketrans(dict.fromkeys("•‧∙⋅・･᛫●﹒", "·"))
_WORD = frozenset({"Lu", "Ll", "Nd"})
_UNUSABLE = frozenset({"Cc", "Cs", "Cn", "Co", "So"})
_MARKUP = frozenset('<>{}\\|"`')

_BRACKETS = str.maketrans("", "", "()")
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−－ー", "-"))
_AREA = r"0(?:10|2[0-9]|[3-9][0-9]{2})"
_WITH_EXTENSION = re.compile(
    rf"((?:\+?86-?)?\(?{_AREA}\)?-?[2-8][0-9]{{2,3}}-?[0-9]{{4}})(?:-|转|分机|#|\*|,|X)([0-9]{{1,6}})"
)
_LANDLINE = re.compile(rf"({_AREA})-?([2-8][0-9]{{6,7}})")
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_ABROAD = re.compile(
    r"(?:(852)([2-9][0-9]{7})|(853)([2689][0-9]{7})|(886)0?(9[0-9]{8}|[2-8][0-9]{7,8}))"
)


def check_phone(text: str, *, field: str = "phone") -> str:
    """A phone number in its stored form; raises :class:`BadField`.

    ``13805911234``, ``0591-87654321``, ``0591-87654321转801``, ``+852 91234567`` (and 853, 886).
    """
    typed, extension = _without_extension(text)
    number = plain_text(field, typed).translate(_BRACKETS)
    number = re.sub(r"^00(?=8)", "+", number)
    number = _without_86(number)
    if not number:
        raise BadField(field, "还没有填电话号码。", "Please fill in a phone number.")
    if _MOBILE.fullmatch(number) and not extension:
        return number
    if match := _LANDLINE.fullmatch(number):
        return f"{match[1]}-{match[2]}{extension}"
    if match := _ABROAD.fullmatch(number.removeprefix("+")):
        country, local = (part for part in match.groups() if part)
        return f"+{country} {local}{extension}"
    raise _bad_phone(number, field)


def _without_86(number: str) -> str:
    """Without the country's code; a landline gets back the 0 that is left out behind it."""
    match = re.fullmatch(r"\+?86(0?[1-9][0-9]{8,11})", number)
    if not match:
        return number
    return match[1] if _MOBILE.fullmatch(match[1]) else f"0{match[1].lstrip('0')}"


def _without_extension(text: str) -> tuple[str, str]:
    """The number and its extension in stored form: ``0591-87654321-801`` has ``转801``."""
    if len(text) > TEXT_LENGTH_MAX:
        return text, ""
    plain = "".join(unicodedata.normalize("NFKC", text).translate(_DASHES).upper().split())
    match = _WITH_EXTENSION.fullmatch(plain)
    return (match[1], f"转{match[2]}") if match else (plain, "")


def _bad_phone(number: str, field: str) -> BadField:
    if number.startswith(("+", "852", "853", "886")):
        return BadField(
            field,
            "境外号码不对：请填 +852、+853 或 +886 加号码；其他地区请留一个内地号码。",
            "This number abroad does not fit: give +852, +853 or +886 and the number; from"
            " elsewhere, please give a number on the mainland.",
        )
    if re.fullmatch(r"[2-8][0-9]{6,7}", number):
        return BadField(
            field,
            "座机号码请加上区号，例如 0591-87654321。",
            "Please add the area code to a landline number, as in 0591-87654321.",
        )
    if number.startswith("1") and number.isdigit() and len(number) != 11:
        return BadField(
            field,
            f"手机号码应为 11 位，现在是 {len(number)} 位，请检查有没有漏填或多填。",
            f"A mobile number has 11 digits, here are {len(number)}: please check.",
        )
    return BadField(
        field,
        "电话号码不对：请填 11 位手机号码，或带区号的座机号码，例如 0591-87654321。",
        "This is no phone number: please give an 11-digit mobile number, or a landline with its"
        " area code, as in 0591-87654321.",
    )


def check_name(text: str, *, field: str = "name", length_max: int = NAME_LENGTH_MAX) -> str:
    """A person's or organisation's name in its stored form (NFC); raises :class:`BadField`.

    Rare characters (𠮷, 䶮, 㛃) are kept as they are. Chinese names lose spaces between characters
    and have one kind of middle dot: 买买提·吐尔逊.
    """
    if len(text) > 10 * length_max:
        raise _too_long(field, len(text), length_max)
    name = unicodedata.normalize("NFC", text).translate(_MIDDLE_DOTS)
    name = " ".join("".join(c for c in name if unicodedata.category(c) != "Cf").split())
    for character in name:
        _check_name_character(character, field)
    name = _one_form(name)
    if not name:
        raise BadField(field, "还没有填姓名或名称。", "Please fill in the name.")
    if len(name) > length_max:
        raise _too_long(field, len(name), length_max)
    if not any(c.isalpha() or _IS_HAN.match(c) for c in name):
        raise BadField(field, "姓名里要有文字，请检查。", "A name has letters: please check.")
    return name


def _too_long(field: str, length: int, length_max: int) -> BadField:
    return BadField(
        field,
        f"姓名或名称太长：有 {length} 个字，最多 {length_max} 个。",
        f"{length} characters are too many for a name: at most {length_max}.",
    )


def _one_form(name: str) -> str:
    """Ordinary Latin letters and digits, one middle dot, no spaces between Chinese characters."""
    name = "".join(_half_width(character) for character in name)
    name = _DOT_BETWEEN_HAN.sub("·", name)
    return _BETWEEN_HAN.sub("", re.sub(" ?· ?", "·", name))


def _half_width(character: str) -> str:
    """Full-width letters and digits become ordinary ones; Chinese punctuation stays."""
    if "０" <= character <= "ｚ" and unicodedata.category(character) in _WORD:
        return chr(ord(character) - 0xFEE0)
    return character


def _check_name_character(character: str, field: str) -> None:
    if character in _MARKUP:
        raise BadField(
            field,
            f"姓名里不能有“{character}”，请检查。",
            f"{character!r} cannot stand in a name: please check.",
        )
    # Python's Unicode tables may be older than the newest blocks of rare characters.
    if unicodedata.category(character) in _UNUSABLE and not _IS_HAN.match(character):
        raise BadField(
            field,
            f"姓名里有不能用的字符（U+{ord(character):04X}），请删掉重新输入。",
            f"The name holds a character that cannot be used (U+{ord(character):04X}): please"
            " type it again.",
        )


def last_four(text: str) -> str:
    """The last four letters or digits, upper case: what residents prove themselves with."""
    plain = unicodedata.normalize("NFKC", text).upper()
    return "".join(c for c in plain if c.isascii() and c.isalnum())[-4:]
