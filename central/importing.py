"""An import on its way: read, then checked in bounded steps, with every mistake kept.

Nothing is changed before all of it is checked and a person has seen what would change.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from cases.columns import TITLES, Column, Problem, column_of, columns_at, table_of
from cases.reading import BadData
from cases.standards import Line, Standards, apply
from cases.standards_check import check_row, cross_check
from central.sheets import Sheet, read_sheets

STEP_ROWS = 1_000
PROBLEMS_MAX = 2_000


class Part(msgspec.Struct):
    """One table of an import: its rows as they came, and those that were checked."""

    title: str
    table: str
    columns: list[str]
    rows: list[tuple[int, list[str]]]
    lines: list[tuple[int, dict[str, str]]] = []


class Import(msgspec.Struct):
    """What was sent, and how far it is checked. ``sample``: whether it is still a sample."""

    names: list[str]
    sample: bool
    parts: list[Part]
    problems: list[Problem] = []
    done: bool = False

    @property
    def count(self) -> int:
        """How many rows there are to check."""
        return sum(len(part.rows) + len(part.lines) for part in self.parts)

    @property
    def checked(self) -> int:
        """How many rows have been checked."""
        return sum(len(part.lines) for part in self.parts)


class File(NamedTuple):
    """One file as it was sent."""

    name: str
    content: bytes


def begin(files: Iterable[File], *, sample: bool) -> Import:
    """Read the files and see which tables are in them."""
    new = Import([], sample, [])
    for file in files:
        new.names.append(file.name)
        try:
            sheets = read_sheets(file.name, file.content)
        except BadData as wrong:
            new.problems.append(Problem(file.name, 0, "", str(wrong)))
            continue
        if not sheets:
            new.problems.append(Problem(file.name, 0, "", "里面没有内容"))
        for sheet in sheets:
            _add(new, file.name, sheet, alone=len(sheets) == 1)
    return new


def _add(new: Import, file: str, sheet: Sheet, *, alone: bool) -> None:
    title = file if alone else f"{file}·{sheet.name}"
    (_, headings), *rows = sheet.rows
    table = table_of(headings)
    if not table:
        words = "认不出是哪张表：第一行要是模板的列名，请先下载模板对照"
        new.problems.append(Problem(title, 0, "", words))
    elif any(part.table == table for part in new.parts):
        new.problems.append(Problem(title, 0, "", f"{TITLES[table]}出现了两次，请合成一张再导入"))
    else:
        columns, problems = columns_at(table, headings, title)
        new.problems += problems
        names = [column.name if column else "" for column in columns]
        new.parts.append(Part(title, table, names, rows))


def step(found: Import, standards: Standards) -> None:
    """Check the next rows; after the last of them, what they say together."""
    left = STEP_ROWS
    for part in found.parts:
        taken, part.rows = part.rows[:left], part.rows[left:]
        left -= len(taken)
        columns: list[Column | None] = [
            column_of(part.table, name) if name else None for name in part.columns
        ]
        for raw in taken:
            line, problems = check_row(part.table, columns, raw, part.title)
            part.lines.append((line.number, line.cells))
            found.problems += problems
    if any(part.rows for part in found.parts):
        return
    if not found.problems:
        titles = {TITLES[part.table]: part.title for part in found.parts}
        for problem in cross_check(standards, _tables(found)):
            title = titles.get(problem.table, problem.table)
            found.problems.append(problem._replace(table=title))
    if not found.problems and found.parts:
        _try(found, standards)
    found.done = True


def _try(found: Import, standards: Standards) -> None:
    try:
        applied(found, standards)
    except (BadData, ValueError) as wrong:
        found.problems.append(Problem("全部表", 0, "", f"合在一起对不上：{wrong}"))


def applied(found: Import, standards: Standards) -> Standards:
    """The standards with what was imported; raises :class:`BadData` if it does not fit any more."""
    return apply(standards, _tables(found), sample=found.sample)


def _tables(found: Import) -> dict[str, list[Line]]:
    return {
        part.table: [Line(number, cells) for number, cells in part.lines] for part in found.parts
    }
