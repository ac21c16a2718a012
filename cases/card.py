"""An identity card as a reader gives it: a line of text that it types, or the answer of a program.

Whatever comes is data from outside: the number is judged by its own rule, everything else is
optional, and what does not fit is refused with a sentence for the person who put the card there.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from cases.documents import DocumentKind, birth_date, check_document, is_female
from cases.fields import BadField
from cases.people import check_name

LINE_CHARS_MAX = 400
_SEPARATORS = re.compile(r"[|,;^~\t\s]+")
_NUMBER = re.compile(r"[1-9][0-9]{16}[0-9X]")
_NUMBER_AT_END = re.compile(r"([1-9][0-9]{16}[0-9X])\Z")
_NAME = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff·]{2,}")
#: What else stands on a card in characters of its own, and is nobody's name.
_NO_NAME = frozenset({"男性", "女性", "居民身份证"})


class NoCard(ValueError):
    """The reader works, and no card lies on it."""


class BadCard(ValueError):
    """What was read cannot be a card; the message says what to do."""


@dataclass(frozen=True)
class Card:
    """Whose card it is. ``name`` may be empty: some readers give the number alone."""

    kind: DocumentKind
    number: str
    name: str = ""


def card_of_line(line: str, today: date) -> Card | None:
    """The card in a line that a reader typed (``林小梅|女|…|350102…``), or None if it is none.

    The fields may stand in any order and behind any usual separator, as readers' makers like it.
    """
    if len(line) > LINE_CHARS_MAX:
        return None
    parts = [part for part in _SEPARATORS.split(_plain(line)) if part]
    number = next((part for part in parts if _NUMBER.fullmatch(part)), "")
    if not number and len(parts) == 1 and (end := _NUMBER_AT_END.search(parts[0])):
        number, parts = end[1], [parts[0][: end.start()]]
    if not number or (kind := _kind(number, today)) is None:
        return None
    return Card(kind, number, next((part for part in parts if _is_name(part)), ""))


def card_of_answer(answer: Any, number_at: str, name_at: str, today: date) -> Card:
    """The card in a program's answer (JSON): where its fields stand, dots lead inwards.

    :raises NoCard: there is no number in it. :raises BadCard: it is no answer of a reader's.
    """
    if not isinstance(answer, Mapping):
        raise BadCard("读卡器的回答看不懂：请重新放卡再读；还是不行，请手工填写并告诉管理员。")
    number = _plain(_at(answer, number_at))
    if not number:
        raise NoCard("没有放卡，或者卡没有放好：请把身份证放平再读一次。")
    kind = _kind(number, today)
    if kind is None:
        raise BadCard("读出来的证件号码不对，没有填进去：请重新放卡再读，或者照证件手工填写。")
    return Card(kind, number, _name(_at(answer, name_at)))


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().upper()


def _at(answer: Mapping[str, Any], path: str) -> str:
    found: Any = answer
    for name in path.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found if isinstance(found, str) and len(found) <= LINE_CHARS_MAX else ""


def _name(text: str) -> str:
    try:
        return check_name(text)
    except BadField:
        return ""


def _is_name(part: str) -> bool:
    return bool(_NAME.fullmatch(part)) and part not in _NO_NAME and bool(_name(part))


def _kind(number: str, today: date) -> DocumentKind | None:
    """Which card has such a number, if the number can be one."""
    kinds = (
        DocumentKind.HK_MACAO_TAIWAN_RESIDENCE,
        DocumentKind.RESIDENT_ID,
        DocumentKind.FOREIGN_RESIDENT,
    )
    for kind in kinds:
        try:
            check_document(kind, number, today=today)
        except BadField:
            continue
        return kind
    return None


@dataclass(frozen=True)
class Facts:
    """What a card's number says by itself: sex, day of birth, age in whole years."""

    female: bool
    born: date
    age: int

    @property
    def zh(self) -> str:
        """``女，1949年12月31日出生，76 周岁``."""
        sex = "女" if self.female else "男"
        day = f"{self.born.year}年{self.born.month}月{self.born.day}日"
        return f"{sex}，{day}出生，{self.age} 周岁"


def facts_of(kind: str, text: str, today: date) -> Facts | None:
    """The facts in a document's number, or None: another document, or not a whole number yet."""
    try:
        number = check_document(DocumentKind(kind), text, today=today)
    except ValueError:
        return None
    born = birth_date(number) if _NUMBER.fullmatch(number) else None
    if born is None:
        return None
    age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    return Facts(is_female(number), born, age)
