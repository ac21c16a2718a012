"""What would change: two standards side by side, in words, before anything does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from cases.calendar import YearTable
from cases.catalogue import Bundle, Department, Licence, MaterialSpec, Matter
from cases.columns import COLUMNS, shown
from cases.guide import Binding, Question
from cases.points import Point
from cases.standards import Standards
from cases.standards_rows import CELLS

ADDED, REMOVED, CHANGED = "added", "removed", "changed"
UNCONFIRMED = "（初始值）"
Record = Matter | Department | Licence | Bundle | Point | YearTable | Question | Binding


class Field(NamedTuple):
    """One field: its heading, and what stood and would stand there."""

    zh: str
    before: str
    after: str


@dataclass(frozen=True)
class Change:
    """One thing that would be added, removed or changed."""

    how: str
    kind: str
    code: str
    name: str
    fields: tuple[Field, ...] = ()


def changes(before: Standards, after: Standards) -> tuple[Change, ...]:
    """Everything that differs, kind by kind, each in the order of the new standards."""
    old, new = before.catalogue, after.catalogue
    sides: tuple[tuple[str, str, Iterable[Record], Iterable[Record]], ...] = (
        ("事项", "items", old.matters, new.matters),
        ("受理点", "points", before.points, after.points),
        ("节假日", "calendar", before.calendar, after.calendar),
        ("一件事", "bundles", old.bundles, new.bundles),
        ("部门", "departments", old.departments, new.departments),
        ("证照", "licences", old.licences, new.licences),
        ("问题", "questions", before.guide.questions, after.guide.questions),
        ("条件", "conditions", before.guide.conditions, after.guide.conditions),
    )
    found: list[Change] = []
    if old.sample != new.sample:
        words = {True: "标为样例", False: "正式目录"}
        mark = Field("样例标记", words[old.sample], words[new.sample])
        found.append(Change(CHANGED, "目录", "", "整个目录", (mark,)))
    for kind, table, was, will in sides:
        found += _of_kind(kind, table, was, will)
    return tuple(found)


def _of_kind(
    kind: str, table: str, before: Iterable[Record], after: Iterable[Record]
) -> Iterable[Change]:
    old = {_key(record): record for record in before}
    new = {_key(record): record for record in after}
    for key, record in new.items():
        if key not in old:
            yield Change(ADDED, kind, key, _name(record))
        elif old[key] != record:
            fields = tuple(_fields(table, old[key], record))
            yield Change(CHANGED, kind, key, _name(record), fields)
    for key, record in old.items():
        if key not in new:
            yield Change(REMOVED, kind, key, _name(record))


def _key(record: Record) -> str:
    if isinstance(record, YearTable):
        return str(record.year)
    return record.condition if isinstance(record, Binding) else record.code


def _name(record: Record) -> str:
    if isinstance(record, YearTable):
        return f"{record.year} 年"
    if isinstance(record, Binding):
        return record.condition
    return record.text if isinstance(record, Question) else record.name


def _fields(table: str, before: Any, after: Any) -> Iterable[Field]:
    yield from _cells(table, before, after)
    if isinstance(before, Matter):
        yield from _materials(before, after)
        if before.guide != after.guide:
            yield Field("办理步骤", "；".join(before.guide), "；".join(after.guide))


def _cells(table: str, before: Any, after: Any) -> Iterable[Field]:
    cells: Callable[[Any], Mapping[str, str]] = CELLS[table]
    old, new = cells(before), cells(after)
    headings = {c.name: c for c in COLUMNS.get(table, ())}
    for name, value in new.items():
        was, will = _marked(before, name, old[name]), _marked(after, name, value)
        if was != will:
            column = headings.get(name)
            words = (was, will) if column is None else _worded(column, old[name], value)
            marks = (_mark(before, name), _mark(after, name))
            yield Field(column.zh if column else name, words[0] + marks[0], words[1] + marks[1])


def _worded(column: Any, before: str, after: str) -> tuple[str, str]:
    return shown(column, before), shown(column, after)


def _mark(record: Any, name: str) -> str:
    return UNCONFIRMED if name in getattr(record, "sample", ()) else ""


def _marked(record: Any, name: str, value: str) -> str:
    return value + _mark(record, name)


def _materials(before: Matter, after: Matter) -> Iterable[Field]:
    old = {spec.position: spec for spec in before.materials}
    new = {spec.position: spec for spec in after.materials}
    for position in sorted({*old, *new}):
        was, will = old.get(position), new.get(position)
        if was == will:
            continue
        if was is None or will is None or was.name != will.name:
            yield Field(f"材料 {position}", _named(was), _named(will))
        if was and will:
            for field in _cells("materials", was, will):
                if field.zh != "材料名称":
                    yield Field(
                        f"材料 {position} {will.name}：{field.zh}", field.before, field.after
                    )


def _named(spec: MaterialSpec | None) -> str:
    return spec.name if spec else "（没有）"
