"""What is wrong with imported tables: every mistake, with its row and column, before any change."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from cases.columns import COLUMNS, TITLES, Column, Problem, clean_cell, column_of
from cases.initial import is_identity_document
from cases.reading import BadData
from cases.standards import Line, Row, Standards, Tables

_PHONE = re.compile(r"[0-9+][0-9 \-转/]{4,39}")
DAYS_MAX = 3_660
KEYS = {
    "items": ("code",),
    "materials": ("item", "position"),
    "guide_steps": ("item", "position"),
    "departments": ("code",),
    "licences": ("code",),
    "bundles": ("code",),
    "conditions": ("condition",),
    "questions": ("id",),
    "points": ("code",),
}
Raw = tuple[int, list[str]]
Say = Callable[[str, str], None]


def check_row(
    table: str, columns: Iterable[Column | None], raw: Raw, title: str
) -> tuple[Line, list[Problem]]:
    """One row in its proper form, and everything that is wrong with it alone."""
    number, cells = raw
    row = {column.name: "" for column in COLUMNS[table]}
    problems: list[Problem] = []
    for column, text in zip(columns, cells, strict=False):
        if column is None:
            continue
        try:
            row[column.name] = clean_cell(column, text)
        except BadData as wrong:
            problems.append(Problem(title, number, column.zh, str(wrong)))
    if not problems and table in _ROW_RULES:

        def say(column: str, words: str) -> None:
            problems.append(Problem(title, number, column_of(table, column).zh, words))

        _ROW_RULES[table](row, say)
    return Line(number, row), problems


def _item(row: Row, say: Say) -> None:
    for name in ("statutory_days", "promised_days", "extension_days"):
        if int(row[name] or 0) > DAYS_MAX:
            say(name, f"{row[name]} 天太长了，最多 {DAYS_MAX} 天")
    if row["handling"] == "immediate":
        if int(row["promised_days"]) > 1:
            say("promised_days", "即办件当天办结，请写 0")
        if int(row["extension_days"] or 0):
            say("extension_days", "即办件不能延期，请写 0 或留空")
    elif int(row["promised_days"]) > int(row["statutory_days"]) > 0:
        say("promised_days", f"比法定时限 {row['statutory_days']} 天还长，请核对")
    if row["delegated"] == "1" and row["level"] != "community":
        say("level", "委托社区办的事项，层级要写社区级")
    if row["fee_reference"] and int(row["fee"] or 0) == 0:
        say("fee_reference", "不收费的事项不用填缴款项目编码，请核对收费")


def _material(row: Row, say: Say) -> None:
    if not 1 <= int(row["position"]) <= 999:
        say("position", "请写 1 到 999")
    if not 1 <= int(row["copies"]) <= 99:
        say("copies", "请写 1 到 99")
    if row["required"] == "conditional" and not row["condition"]:
        say("condition", "“视情况”的材料要写清楚何时需要")
    if row["required"] == "always" and row["condition"]:
        say("condition", "“必要”的材料不写何时需要；有条件的请把“是否必要”改成“视情况”")
    identity = is_identity_document(row["name"], row["licence"])
    if identity and row["handling"] not in ("", "looked_at"):
        say("handling", "身份证件只能核对后当场退还")


def _point(row: Row, say: Say) -> None:
    lacking = [name for name in ("address", "phone", "hours") if not row[name]]
    if len(lacking) == 3 and row["open_for_mail"] != "1":
        return  # a line of the table as it was handed out: nobody has filled it in yet
    for name in lacking:
        say(name, "没有填；地址、电话、办公时间要一起填好，才能开通邮寄")
    if row["phone"] and not _PHONE.fullmatch(row["phone"]):
        say("phone", f"“{row['phone'][:20]}”不像电话号码，例如 0591-87654321")


_ROW_RULES: Mapping[str, Callable[[Row, Say], None]] = {
    "items": _item,
    "materials": _material,
    "points": _point,
}


def cross_check(standards: Standards, tables: Tables) -> list[Problem]:
    """Everything that is wrong with the tables together, and against what they do not replace."""
    found: list[Problem] = []
    for table, lines in tables.items():
        found += _twice(table, lines)
    known = _known(standards, tables)
    for table, lines in tables.items():
        for line in lines:
            found += [
                Problem(TITLES[table], line.number, column_of(table, column).zh, words)
                for column, words in _lost(table, line.cells, known)
            ]
    return found + _left_behind(standards, tables, known["items"])


def _twice(table: str, lines: Iterable[Line]) -> list[Problem]:
    first: dict[tuple[str, ...], int] = {}
    problems = []
    for line in lines:
        key = tuple(line.cells[name] for name in KEYS[table])
        if key in first:
            words = f"“{' '.join(key)}”和第 {first[key]} 行重复"
            problems.append(Problem(TITLES[table], line.number, _zh(table, KEYS[table]), words))
        first.setdefault(key, line.number)
    return problems


def _zh(table: str, names: Iterable[str]) -> str:
    return "、".join(column_of(table, name).zh for name in names)


def _known(standards: Standards, tables: Tables) -> dict[str, frozenset[str]]:
    """The codes that there will be, by the table they come from."""
    catalogue, guide = standards.catalogue, standards.guide
    old: dict[str, Iterable[str]] = {
        "items": (matter.code for matter in catalogue.matters),
        "departments": (department.code for department in catalogue.departments),
        "licences": (licence.code for licence in catalogue.licences),
        "conditions": (binding.condition for binding in guide.conditions),
    }
    found = {name: frozenset(codes) for name, codes in old.items()}
    for name in found:
        if name in tables:
            found[name] = frozenset(line.cells[KEYS[name][0]] for line in tables[name])
    return {**found, "points": frozenset(point.code for point in standards.points)}


def _lost(table: str, row: Row, known: Mapping[str, frozenset[str]]) -> Iterable[tuple[str, str]]:
    """The cells of a row that name something there is not, each with a sentence."""
    for column, kind, words in _NAMES.get(table, ()):
        for code in filter(None, row[column].split(";")):
            if code not in known[kind]:
                yield column, words.format(code)
    condition = row["condition"] if table == "materials" else ""
    if condition and condition not in known["conditions"]:
        words = f"没有问题能判断“{condition}”，请先在条件表里写明对应的回答"
        yield "condition", words


_NO_MATTER = "没有编码为“{}”的事项，请核对，或同时导入事项表"
_NO_LICENCE = "没有代码为“{}”的证照，请核对，或同时导入证照表"
_NAMES: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    "items": (
        ("department", "departments", "没有代码为“{}”的部门，请核对，或同时导入部门表"),
        ("result_licence", "licences", _NO_LICENCE),
    ),
    "materials": (("item", "items", _NO_MATTER), ("licence", "licences", _NO_LICENCE)),
    "guide_steps": (("item", "items", _NO_MATTER),),
    "bundles": (("items", "items", _NO_MATTER),),
    "points": (("code", "points", "没有编码为“{}”的受理点；增减受理点不在这里办"),),
}


def _left_behind(standards: Standards, tables: Tables, matters: frozenset[str]) -> list[Problem]:
    """What is not imported and would name something that is gone."""
    if "bundles" in tables:
        return []
    return [
        Problem(
            TITLES["bundles"], 0, "包含事项",
            f"“{bundle.name}”里有事项 {code}，新的事项表里没有；请留着它，或同时导入一件事表",
        )
        for bundle in standards.catalogue.bundles
        for code in bundle.matters
        if code not in matters
    ]  # fmt: skip
