"""The tables of postage that an administrator completes: what carriers ask, who bears it, and where
free mail reaches.

They are sent as people fill them in, in words and yuan, checked cell by cell, and kept in
``bills.db`` under who answers for them. Until then the product's own hold, marked as samples.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from contextlib import closing
from io import StringIO
from typing import cast

from flask import g

from cases.divisions import Divisions
from cases.papers import PURPOSES_ZH
from cases.reading import BadData
from central import bill_db
from central.bill_db import open_bill_db
from central.context import bundle, district
from central.sheets import read_sheets
from courier.bill_cells import Unreadable, fen_of, plain
from courier.carriers import NAMES_ZH, carrier_zh
from courier.postage import (
    ANY,
    BEARERS_ZH,
    DAYS_MAX,
    TABLES,
    Postage,
    initial_texts,
    province_in,
    read_postage,
)

TITLES = {"tariffs": "资费表", "bearers": "谁承担邮费", "mail_regions": "寄到哪里、几天送到"}
SAMPLED = ("tariffs", "mail_regions")  # whose rows say whether anybody has confirmed them
YES_ZH = {"1": "是", "0": "否"}
ELSEWHERE_ZH = "其他"
HEADINGS = {
    "tariffs": ("承运方", "省份", "首重（克）", "首重（元）", "续重（克）", "续重（元）"),
    "bearers": ("用途", "审批部门编码", "谁承担"),
    "mail_regions": ("省份", "免费寄到", "几天送到"),
}
_KEYS = {
    "tariffs": ("carrier", "region", "first_g", "first_fen", "more_g", "more_fen", "sample"),
    "bearers": ("purpose", "department", "bearer"),
    "mail_regions": ("region", "free", "days", "sample"),
}
ROWS_MAX = 2_000
Problem = tuple[int, str, str]


class Wrong(Exception):
    """A table cannot be taken; ``problems`` says where: row, column, words."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = tuple(problems)


def postage() -> Postage:
    """The tables as they hold, once a request."""
    if "postage" not in g:
        g.postage = read_postage({name: _text(name) for name in TABLES})
    return cast(Postage, g.postage)


def kept() -> dict[str, tuple[str, str, str]]:
    """The tables that somebody at central answers for: (text, when, who)."""
    with closing(open_bill_db(district().config.data)) as db:
        return bill_db.tables(db)


def _text(name: str) -> str:
    if "mail_tables" not in g:
        g.mail_tables = kept()
    found = cast(dict[str, tuple[str, str, str]], g.mail_tables).get(name)
    return found[0] if found else initial_texts()[name]


def as_filled_in(name: str) -> str:
    """A table as people fill it in: CSV in words and yuan."""
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow(HEADINGS[name])
    for row in csv.DictReader(StringIO(_text(name))):
        writer.writerow(_TO_WORDS[name](row, bundle().divisions))
    return out.getvalue()


def _tariff_words(row: dict[str, str], divisions: Divisions) -> list[str]:
    region = ELSEWHERE_ZH if row["region"] == ANY else divisions.name_of(row["region"])
    first, more = (f"{int(row[key]) / 100:.2f}" for key in ("first_fen", "more_fen"))
    return [carrier_zh(row["carrier"]), region, row["first_g"], first, row["more_g"], more]


def _bearer_words(row: dict[str, str], _divisions: Divisions) -> list[str]:
    purpose = ELSEWHERE_ZH if row["purpose"] == ANY else PURPOSES_ZH.get(row["purpose"])
    department = ELSEWHERE_ZH if row["department"] == ANY else row["department"]
    return [purpose or row["purpose"], department, BEARERS_ZH[row["bearer"]]]


def _region_words(row: dict[str, str], divisions: Divisions) -> list[str]:
    region = ELSEWHERE_ZH if row["region"] == ANY else divisions.name_of(row["region"])
    return [region, YES_ZH[row["free"]], row["days"]]


_TO_WORDS: dict[str, Callable[[dict[str, str], Divisions], list[str]]] = {
    "tariffs": _tariff_words,
    "bearers": _bearer_words,
    "mail_regions": _region_words,
}


def read_filled_in(name: str, file: str, content: bytes) -> str:
    """The table's text out of a file. :raises Wrong: with every mistake."""
    try:
        sheets = read_sheets(file, content)
    except BadData as wrong:
        raise Wrong([(0, "", str(wrong))]) from None
    rows = sheets[0].rows if sheets else []
    headings = HEADINGS[name]
    if not rows or tuple(map(plain, rows[0][1][: len(headings)])) != tuple(map(plain, headings)):
        raise Wrong([(1, "", f"第一行要是：{'、'.join(headings)}；请先下载现在的表再改")])
    problems, read = list[Problem](), list[list[str]]()
    for number, cells in rows[1 : ROWS_MAX + 1]:
        filled = [*cells, *[""] * len(headings)][: len(headings)]
        read.append(_read(name, number, filled, problems))
    if not problems:
        problems = _together(name, read)
    if problems:
        raise Wrong(problems)
    return _written(name, read)


def _read(name: str, number: int, cells: list[str], problems: list[Problem]) -> list[str]:
    found = []
    for heading, cell in zip(HEADINGS[name], cells, strict=True):
        try:
            found.append(_CELLS[heading](cell))
        except Unreadable as wrong:
            problems.append((number, heading, str(wrong)))
            found.append("")
    return [*found, "0"] if name in SAMPLED else found


def _one_of(cell: str, known: dict[str, str]) -> str:
    words = plain(cell)
    for value, name in known.items():
        if words in (plain(value), plain(name)):
            return value
    raise Unreadable(f"写的是“{cell[:20]}”，请写其中一个：{'、'.join(known.values())}")


def _region(cell: str) -> str:
    if plain(cell) in (ELSEWHERE_ZH, ANY):
        return ANY
    if code := province_in(cell, bundle().divisions):
        return code
    raise Unreadable(f"没有“{cell[:20]}”这个省份；其余省份写“{ELSEWHERE_ZH}”")


def _grams(cell: str) -> str:
    digits = plain(cell)
    if not (digits.isascii() and digits.isdigit()) or not 0 < int(digits) <= 100_000:
        raise Unreadable(f"写的是“{cell[:20]}”，请写 1 到 100000 的整数")
    return str(int(digits))


def _days(cell: str) -> str:
    digits = plain(cell)
    if not (digits.isascii() and digits.isdigit()) or not 0 < int(digits) <= DAYS_MAX:
        raise Unreadable(f"写的是“{cell[:20]}”，请写 1 到 {DAYS_MAX} 的整数")
    return str(int(digits))


def _fen(cell: str) -> str:
    fen = fen_of(cell)
    if fen < 0:
        raise Unreadable("金额不能是负数")
    return str(fen)


def _department(cell: str) -> str:
    return ANY if plain(cell) in (ELSEWHERE_ZH, ANY, "") else plain(cell)


_CELLS: dict[str, Callable[[str], str]] = {
    "承运方": lambda cell: _one_of(cell, dict(NAMES_ZH)),
    "省份": _region,
    "首重（克）": _grams,
    "首重（元）": _fen,
    "续重（克）": _grams,
    "续重（元）": _fen,
    "用途": lambda cell: _one_of(cell, {**PURPOSES_ZH, ANY: ELSEWHERE_ZH}),
    "审批部门编码": _department,
    "免费寄到": lambda cell: _one_of(cell, YES_ZH),
    "几天送到": _days,
    "谁承担": lambda cell: _one_of(cell, BEARERS_ZH),
}


def _together(name: str, read: Sequence[Sequence[str]]) -> list[Problem]:
    """What the rows say together: none twice, and one for everything else."""
    keys = [tuple(row[: 1 if name == "mail_regions" else 2]) for row in read]
    if twice := sorted({key for key in keys if keys.count(key) > 1}):
        return [(0, "", f"有几行说的是同一个：{'、'.join('/'.join(key) for key in twice[:5])}")]
    if name == "bearers" and (ANY, ANY) not in keys:
        return [(0, "", f"还差一行：用途“{ELSEWHERE_ZH}”、部门“{ELSEWHERE_ZH}”由谁承担")]
    if name == "mail_regions" and (ANY,) not in keys:
        return [(0, "", f"还差一行：省份“{ELSEWHERE_ZH}”，说没有列出的省份")]
    return [] if read else [(0, "", "表里没有内容")]


def _written(name: str, read: Sequence[Sequence[str]]) -> str:
    out = StringIO()
    csv.writer(out, lineterminator="\n").writerows([_KEYS[name], *read])
    return out.getvalue()
