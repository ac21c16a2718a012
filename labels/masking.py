"""How personal data is shortened where a stranger may read it.

Pure text in, text out. On a screen a phone number keeps its ends (138****5678). On paper, which
anyone can photograph together with its QR, six digits are hidden and so are the last four, because
those open what the QR names.
"""

import re
import unicodedata
from typing import Final

MASK: Final = "*"
PAPER_DIGITS_HIDDEN_MIN: Final = 6  # what the postal rules on electronic waybills ask for

_FULL_WIDTH: Final = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_NUMERAL: Final = r"[0-9A-Za-z零〇一二三四五六七八九十百甲乙丙丁-]"
# "3单元", "12层", "二楼"; but "12号楼" is the building the courier must find, and 百层镇 a town.
_UNIT: Final = re.compile(
    rf"{_NUMERAL}+\s*(?:单元|号房|号室|[梯室房户层楼])(?![镇乡村街路巷坊寨区县市岭山])"
)
_BUILDING: Final = re.compile(r"号楼|号院|[栋幢座号弄里]|小区|公寓|大厦|大楼|花园|广场|新村")
_ROOM_LIKE: Final = re.compile(r"[0-9A-Za-z一二三四五六七八九十]")
_TAIL_NUMBER: Final = re.compile(r"[\s#-]*[A-Za-z]?\d{3,}(?:\s*[-/]\s*\d+)*\s*$")
_DASHED: Final = re.compile(r"\d+\s*[-/]\s*\d+")
_LONG_NUMBER: Final = re.compile(r"\d{7,}")


def mask_name(name: str) -> str:
    """林小梅 → 林*梅, 李四 → 李*, 买买提·吐尔逊 → 买**·**逊, Mary Smith → M*** ****h."""
    shown = _characters(name.strip())
    if len(shown) < 2:
        return MASK * len(shown)
    last = len(shown) - 1 if len(shown) > 2 else len(shown)
    return "".join(
        character if place in (0, last) or character in "·• " else MASK
        for place, character in enumerate(shown)
    )


def mask_phone(phone: str, *, paper: bool = False) -> str:
    """13812345678 → 138****5678, on paper 138******78 (six hidden, the last four incomplete).

    What has fewer than eight digits is hidden whole.
    """
    digits = "".join(str(int(sign)) for sign in phone if sign.isdecimal())
    hidden = PAPER_DIGITS_HIDDEN_MIN if paper else 4
    if len(digits) < 8:
        return MASK * len(digits)
    tail = min(2 if paper else 4, (len(digits) - hidden + 1) // 2)
    return digits[: len(digits) - hidden - tail] + MASK * hidden + digits[len(digits) - tail :]


def mask_id(number: str) -> str:
    """350102194903121234 → 350***************: the last four, which open a slip, are hidden too."""
    shown = number.strip()
    head = min(3, len(shown) // 3)
    return shown[:head] + MASK * (len(shown) - head)


def mask_address(address: str) -> str:
    """军门社区12号楼3单元502室 → 军门社区12号楼***: what is behind the building is hidden.

    A number that could be a room is taken for one, and a phone number inside is hidden as well.
    """
    text = address.translate(_FULL_WIDTH).strip()
    cut = min(_unit_place(text), _behind_building(text), _tail_place(text))
    text = text[:cut].rstrip(" ,#-") + (MASK * 3 if cut < len(text) else "")
    return _LONG_NUMBER.sub(lambda match: MASK * len(match[0]), text)


def _characters(text: str) -> list[str]:
    """Characters as a person counts them: marks and variation selectors stay with their base."""
    shown: list[str] = []
    for character in text:
        if shown and unicodedata.category(character) in ("Mn", "Me", "Cf"):
            shown[-1] += character
        else:
            shown.append(character)
    return shown


def _unit_place(text: str) -> int:
    match = _UNIT.search(text)
    return match.start() if match else len(text)


def _behind_building(text: str) -> int:
    """Where a room begins behind the first building named that has a number behind it."""
    for match in _BUILDING.finditer(text):
        rest = text[match.end() :]
        numbered = text[match.start() - 1 : match.start()].isalnum()
        if numbered and _ROOM_LIKE.match(rest.lstrip(" ,#-")) and not _BUILDING.search(rest):
            return match.end()
    return len(text)


def _tail_place(text: str) -> int:
    places = [match.start() for match in (_TAIL_NUMBER.search(text), _DASHED.search(text)) if match]
    return min(places, default=len(text))
