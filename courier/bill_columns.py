"""Which column of a carrier's bill is which: by the words carriers use, listed as data. Pure.

The heading row may stand anywhere near the top, under title rows, and may be two rows, the upper
one merged over several columns of the lower.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from cases.reading import BadData, read_rows, whole_number
from courier.bill_cells import plain

TRACKING, DAY, PLACE, WEIGHT, AMOUNT = "tracking", "day", "place", "weight", "amount"
COLUMNS_ZH = {
    TRACKING: "邮件号",
    DAY: "收寄日期",
    PLACE: "寄达地",
    WEIGHT: "重量",
    AMOUNT: "金额",
}
NEEDED = (TRACKING, AMOUNT)
LOOKED_AT_MAX = 40  # rows from the top: what comes later is no heading
_NOT = "not"
_PART = 100  # a word that is only a part of a heading counts for less
_BESIDE = re.compile(r"[(\[【].*?[)\]】]|[\s:*/\\]")
_NUMBER = re.compile(r"[-0-9.,]+")
Row = tuple[int, list[str]]


@dataclass(frozen=True)
class Words:
    """What each column may be called, with its rank, and what rules a heading out."""

    ranks: Mapping[str, Mapping[str, int]]
    never: frozenset[str]


@dataclass(frozen=True)
class Heading:
    """Where the columns are: the rows of the heading, and each column's place and words."""

    first: int
    last: int
    places: Mapping[str, int]
    words: Mapping[str, str]


def read_words(text: str) -> Words:
    """The words from the text of ``bill_columns.csv``; raises :class:`BadData`."""
    ranks: dict[str, dict[str, int]] = {column: {} for column in COLUMNS_ZH}
    never = set()
    for row in read_rows("bill_columns", text, ["column", "word", "rank"]):
        column, word = row["column"], heading_of(row["word"])
        if column == _NOT:
            never.add(word)
        elif column not in ranks or not word:
            raise BadData(f"bill_columns: {column!r} {word!r} is no column and its word")
        else:
            ranks[column][word] = whole_number("bill_columns", word, row, "rank")
    return Words(ranks, frozenset(never))


@lru_cache(maxsize=1)
def initial_words() -> Words:
    """The words that the product carries."""
    return read_words((files("courier") / "data" / "bill_columns.csv").read_text("utf-8"))


def heading_of(text: str) -> str:
    """A heading without blanks, and without what stands beside it in brackets."""
    return _BESIDE.sub("", plain(text))


def find_heading(rows: Sequence[Row], words: Words) -> Heading | None:
    """The heading of a table, or None. :raises BadData: two columns fit equally well."""
    for at in range(min(len(rows), LOOKED_AT_MAX)):
        number, cells = rows[at]
        if at + 1 < len(rows) and _goes_on(cells, rows[at + 1][1], words):
            below, under = rows[at + 1]
            if found := _placed(_joined(cells, under), words):
                return Heading(number, below, found, _called(found, _joined(cells, under)))
        if found := _placed(cells, words):
            return Heading(number, number, found, _called(found, cells))
    return None


def _called(found: Mapping[str, int], cells: Sequence[str]) -> dict[str, str]:
    return {column: cells[place] for column, place in found.items()}


def _goes_on(cells: Sequence[str], under: Sequence[str], words: Words) -> bool:
    """Whether the row under a heading is its second half: words only, and none for the number."""
    tracking = next((i for i, c in enumerate(cells) if _rank(c, TRACKING, words)), None)
    if tracking is None or (tracking < len(under) and under[tracking]):
        return False
    said = [cell for cell in under if cell]
    return bool(said) and not any(_NUMBER.fullmatch(plain(cell)) for cell in said)


def _joined(cells: Sequence[str], under: Sequence[str]) -> list[str]:
    """Two heading rows as one: what stands above reaches over to the right."""
    whole, above = [], ""
    for place in range(max(len(cells), len(under))):
        own = cells[place] if place < len(cells) else ""
        below = under[place] if place < len(under) else ""
        above = own or (above if below else "")
        whole.append(f"{above}{below}" if below else own)
    return whole


def _placed(cells: Sequence[str], words: Words) -> dict[str, int] | None:
    """Where each column stands in a heading row, or None: it is none."""
    found: dict[str, int] = {}
    for column in COLUMNS_ZH:
        fitting = [(r, i) for i, cell in enumerate(cells) if (r := _rank(cell, column, words))]
        if not fitting:
            continue
        best, place = min(fitting)
        alike = [cells[i] for r, i in fitting if r == best]
        if len(alike) > 1 and column in NEEDED:
            names = "、".join(f"“{name}”" for name in alike)
            raise BadData(f"有几列都像{COLUMNS_ZH[column]}：{names}，请只留一列再导入")
        found[column] = place
    return found if all(column in found for column in NEEDED) else None


def _rank(cell: str, column: str, words: Words) -> int:
    """How well a heading fits a column, the less the better; 0 if not at all."""
    head, known = heading_of(cell), words.ranks[column]
    if not head or len(head) > 20:
        return 0
    if head in known:
        return known[head]
    if any(word in head for word in words.never):
        return 0
    parts = [rank + _PART for word, rank in known.items() if len(word) > 1 and word in head]
    return min(parts, default=0)
