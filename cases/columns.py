"""The columns of the tables that an administrator fills in: their headings, and what a cell may be.

A heading is the Chinese words of the office or the short name of ``sync/data``; so is a value.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from cases.reading import BadData

TEXT_CHARS_MAX = 2_000
NUMBER_MAX = 1_000_000
YES, NO = "1", "0"
_YES = frozenset({"1", "是", "有", "√", "y", "yes", "true"})
_NO = frozenset({"", "0", "否", "无", "×", "n", "no", "false"})
_BETWEEN = re.compile(r"[;；、,，\n]")

LEVELS = {"district": "区级", "subdistrict": "街道级", "community": "社区级"}
APPLICANTS = {"person": "个人", "organization": "单位", "both": "个人和单位"}
TIMINGS = {"immediate": "即办", "promised": "承诺办"}
BASES = {
    "registered_residence": "户籍地",
    "residence": "居住地",
    "business_place": "经营场所",
    "property_place": "房产或土地所在地",
}
ACCEPTINGS = {"deciding": "审批部门", "receiving_point": "受理点"}
DAY_UNITS = {"working": "工作日", "calendar": "自然日"}
HANDLINGS = {
    "looked_at": "核对后退还",
    "copy_kept": "收复印件",
    "original_kept": "收原件",
    "electronic": "电子材料",
}
FORMS = {"original": "原件", "copy": "复印件", "electronic": "电子"}
SOURCES = {"applicant": "申请人", "government": "政府部门", "third_party": "第三方"}
NEEDS = {"always": "必要", "conditional": "视情况"}


@dataclass(frozen=True)
class Column:
    """One column. ``kind``: text, number, yes, list, or choice of ``words`` (value to Chinese)."""

    name: str
    zh: str
    kind: str = "text"
    filled: bool = False
    optional: bool = False
    words: Mapping[str, str] = field(default_factory=dict)


def _choice(name: str, zh: str, words: Mapping[str, str], *, optional: bool = False) -> Column:
    return Column(name, zh, "choice", filled=not optional, optional=optional, words=words)


def _must(name: str, zh: str) -> Column:
    return Column(name, zh, filled=True)


def _number(name: str, zh: str, *, optional: bool = False) -> Column:
    return Column(name, zh, "number", filled=not optional, optional=optional)


def _more(name: str, zh: str, kind: str = "text") -> Column:
    return Column(name, zh, kind, optional=True)


TITLES = {
    "items": "事项表",
    "materials": "材料表",
    "guide_steps": "办理步骤表",
    "departments": "部门表",
    "licences": "证照表",
    "bundles": "一件事表",
    "conditions": "条件表",
    "questions": "问题表",
    "points": "受理点表",
}
COLUMNS: dict[str, tuple[Column, ...]] = {
    "items": (
        _must("code", "事项编码"), _must("name", "事项名称"), _must("matter", "主项名称"),
        _more("variant", "情形"), _more("category", "事项类型"), _choice("level", "层级", LEVELS),
        _must("department", "部门代码"), _choice("applicant", "申请人类型", APPLICANTS),
        _choice("handling", "办件类型", TIMINGS), _number("statutory_days", "法定时限"),
        _number("promised_days", "承诺时限"), _number("trips", "跑动次数", optional=True),
        _more("commitment", "告知承诺", "yes"), _more("instant", "秒批", "yes"),
        _more("kiosk", "自助办", "yes"), _more("delegated", "委托社区", "yes"),
        _number("fee", "收费（元）", optional=True), _more("result", "结果名称"),
        _more("result_licence", "结果证照代码"), _more("themes", "主题", "list"),
        _more("aliases", "别名", "list"), _more("summary", "简介"), _more("tips", "提醒"),
        _choice("basis", "管辖依据", BASES, optional=True),
        _choice("accepting", "由谁受理", ACCEPTINGS, optional=True),
        _choice("day_unit", "时限单位", DAY_UNITS, optional=True), _more("legal_basis", "法律依据"),
        _number("extension_days", "最长延期", optional=True),
        _more("fee_reference", "缴款项目编码"),
    ),
    "materials": (
        _must("item", "事项编码"), _number("position", "序号"), _must("name", "材料名称"),
        _choice("form", "材料形式", FORMS), _number("copies", "份数"),
        _choice("source", "来源", SOURCES), _more("licence", "证照代码"),
        _choice("required", "是否必要", NEEDS), _more("condition", "何时需要"),
        _more("sample_note", "填报须知"), _choice("handling", "处理方式", HANDLINGS, optional=True),
    ),
    "guide_steps": (
        _must("item", "事项编码"), _number("position", "步骤序号"), _must("step", "步骤"),
    ),
    "departments": (
        _must("code", "部门代码"), _must("name", "部门名称"), _must("short_name", "部门简称"),
        _choice("level", "部门层级", LEVELS),
    ),
    "licences": (
        _must("code", "证照代码"), _must("name", "证照名称"), _must("issuer", "发证机关"),
        _choice("holder", "持证人类型", APPLICANTS),
    ),
    "bundles": (
        _must("code", "一件事编码"), _must("name", "一件事名称"), _more("theme", "一件事主题"),
        Column("items", "包含事项", "list", filled=True), _more("summary", "一件事简介"),
    ),
    "conditions": (_must("condition", "条件"), _must("when", "对应的回答")),
    "questions": (
        _must("code", "问题代码"), _must("id", "问题标识"), _must("about", "问题范围"),
        Column("many", "可多选", "yes"), _must("text", "问题"), _more("help", "问题说明"),
        _must("answers", "回答"), _must("text_en", "问题（英文）"),
        _must("answers_en", "回答（英文）"),
    ),
    "points": (
        _must("code", "受理点编码"), _more("name", "受理点名称"), Column("address", "地址"),
        Column("phone", "电话"), Column("hours", "办公时间"),
        Column("open_for_mail", "开通邮寄", "yes"),
    ),
}  # fmt: skip


class Problem(NamedTuple):
    """One mistake in what was imported: where it stands, and a sentence that says what to do."""

    table: str
    row: int
    column: str
    words: str

    def __str__(self) -> str:
        place = f"{self.table}第 {self.row} 行" if self.row else self.table
        return f"{place}“{self.column}”：{self.words}" if self.column else f"{place}：{self.words}"


def column_of(table: str, name: str) -> Column:
    """A column of a table by its short name."""
    return next(column for column in COLUMNS[table] if column.name == name)


def heading(text: str) -> str:
    """A heading as it is compared: without blanks, stars and case, in half width."""
    plain = unicodedata.normalize("NFKC", text).replace("*", "")
    return "".join(plain.split()).lower()


def _names(table: str) -> dict[str, Column]:
    return {heading(name): c for c in COLUMNS[table] for name in (c.name, c.zh)}


def table_of(headings: Iterable[str]) -> str:
    """Which table has these headings: the one of which nothing that is needed is missing.

    Where that is none, the one most of whose headings are there; empty if hardly any is known.
    """
    there = {heading(text) for text in headings if text.strip()}

    def fits(table: str) -> tuple[int, int]:
        found = [c for c in COLUMNS[table] if {heading(c.name), heading(c.zh)} & there]
        lacking = [c for c in COLUMNS[table] if not c.optional and c not in found]
        return -len(lacking), len(found)

    complete = [table for table in COLUMNS if fits(table)[0] == 0]
    if complete:
        return max(complete, key=lambda table: fits(table)[1])
    best = max(COLUMNS, key=lambda table: fits(table)[1])
    return best if fits(best)[1] >= 2 else ""


def columns_at(table: str, headings: Iterable[str], title: str) -> tuple[
    list[Column | None], list[Problem]
]:  # fmt: skip
    """Which column stands at each place of the heading row, and what is wrong with that row."""
    names, problems = _names(table), list[Problem]()
    found: list[Column | None] = []
    for text in headings:
        column = names.get(heading(text))
        if column and column in found:
            problems.append(Problem(title, 1, column.zh, "这一列出现了两次，请删去一列"))
        elif column is None and text.strip():
            problems.append(Problem(title, 1, text.strip(), "不认识这一列，请改成模板的列名或删去"))
        found.append(column)
    problems += [
        Problem(title, 1, column.zh, "缺少这一列，请按模板补上")
        for column in COLUMNS[table]
        if column not in found and not column.optional
    ]
    return found, problems


def clean_cell(column: Column, text: str) -> str:
    """A cell in the form that ``sync/data`` has; raises :class:`BadData` with what to do."""
    cell = text.strip()
    if len(cell) > TEXT_CHARS_MAX:
        raise BadData(f"有 {len(cell)} 个字，最多 {TEXT_CHARS_MAX} 个")
    if not cell and column.filled:
        raise BadData("没有填")
    if column.kind == "yes":
        return _yes(cell)
    if not cell:
        return ""
    if column.kind == "number":
        return _whole(cell)
    if column.kind == "list":
        return ";".join(part.strip() for part in _BETWEEN.split(cell) if part.strip())
    return _one_of(column, cell) if column.kind == "choice" else cell


def _yes(cell: str) -> str:
    plain = cell.lower()
    if plain not in _YES | _NO:
        raise BadData(f"写的是“{cell[:20]}”，请写“是”或“否”")
    return YES if plain in _YES else NO


def _whole(cell: str) -> str:
    plain = unicodedata.normalize("NFKC", cell)
    if not (plain.isascii() and plain.isdigit()) or int(plain) > NUMBER_MAX:
        raise BadData(f"写的是“{cell[:20]}”，请写 0 到 {NUMBER_MAX} 的整数，不带单位")
    return str(int(plain))


def _one_of(column: Column, cell: str) -> str:
    plain = heading(cell)
    for value, words in column.words.items():
        if plain in (value, heading(words)):
            return value
    known = "、".join(column.words.values())
    raise BadData(f"写的是“{cell[:20]}”，请写其中一个：{known}")


def shown(column: Column, value: str) -> str:
    """A cleaned cell in the words of the office."""
    if column.kind == "yes":
        return "是" if value == YES else "否"
    if column.kind == "list":
        return "；".join(value.split(";"))
    return column.words.get(value, value)
