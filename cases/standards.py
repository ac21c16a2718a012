"""One set of standards (一套标准): what central publishes, as one value that a table may change.

A table that is imported replaces what it is about: *items* the matters (each keeps its materials
and steps), *materials* the materials of all matters, *points* the address, phone and hours of the
points it names. Every mistake is found before anything is changed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

import msgspec

from cases.calendar import YearTable
from cases.catalogue import Catalogue, MaterialSpec, Matter
from cases.catalogue_tables import (
    bundles_of,
    departments_of,
    licences_of,
    material_of,
    matter_of,
)
from cases.guide import Guide
from cases.guide_tables import guide_of
from cases.points import HOTLINE, Point, ready_for_mail
from cases.reading import BadData

Row = dict[str, str]


@dataclass(frozen=True)
class Standards:
    """Everything that an administrator answers for."""

    catalogue: Catalogue
    points: tuple[Point, ...]
    calendar: tuple[YearTable, ...]
    guide: Guide


class Line(NamedTuple):
    """One row that was imported, with every cell in its proper form, and where it stood."""

    number: int
    cells: Row


Tables = Mapping[str, list[Line]]


def apply(standards: Standards, tables: Tables, *, sample: bool) -> Standards:
    """The standards with these tables in the place of what they are about.

    :raises BadData: they contradict one another; ``cases.standards_check`` says where beforehand.
    """
    old = standards.catalogue
    catalogue = Catalogue(
        matters=_matters(old, tables),
        departments=departments_of(_rows(tables, "departments"))
        if "departments" in tables
        else old.departments,
        licences=licences_of(_rows(tables, "licences")) if "licences" in tables else old.licences,
        bundles=bundles_of(_rows(tables, "bundles")) if "bundles" in tables else old.bundles,
        sample=sample,
    )
    guide = _guide(standards.guide, tables)
    catalogue.require_sound()
    if guide.questions:
        guide.require_sound(catalogue)
    points = _points(standards.points, tables)
    return replace(standards, catalogue=catalogue, points=points, guide=guide)


def finished(standards: Standards) -> Standards:
    """The standards as they may be published: no point is open for mail that lacks its address.

    While the catalogue is a sample, sample addresses will do: nothing of it is real. Of an official
    one no sample is shown: instead of its own phone a point has the city's hotline, named so.
    """
    sample = standards.catalogue.sample
    points = standards.points if sample else tuple(map(_without_samples, standards.points))
    points = tuple(p if ready_for_mail(p, sample=sample) else _closed(p) for p in points)
    return replace(standards, points=points)


def _without_samples(point: Point) -> Point:
    instead = {"address": "", "phone": HOTLINE, "hours": ""}
    left = {name: words for name, words in instead.items() if name in point.sample}
    return msgspec.structs.replace(point, **left)


def _closed(point: Point) -> Point:
    return msgspec.structs.replace(point, open_for_mail=False)


def _rows(tables: Tables, name: str) -> list[Row]:
    return [line.cells for line in tables[name]]


def _matters(old: Catalogue, tables: Tables) -> tuple[Matter, ...]:
    if "items" in tables:
        matters = [_matter(row, old.get(row["code"])) for row in _rows(tables, "items")]
    else:
        matters = list(old.matters)
    if "guide_steps" in tables:
        steps = _by_item(tables["guide_steps"])
        matters = [
            msgspec.structs.replace(m, guide=tuple(row["step"] for row in steps[m.code]))
            for m in matters
        ]
    if "materials" not in tables:
        return tuple(matters)
    papers = _by_item(tables["materials"])
    return tuple(
        msgspec.structs.replace(m, materials=_materials(m, papers[m.code])) for m in matters
    )


def _matter(row: Row, old: Matter | None) -> Matter:
    cells = {**row, "trips": row["trips"] or "0", "fee": row["fee"] or "0"}
    return matter_of(cells, old.materials if old else (), old.guide if old else ())


def _materials(matter: Matter, rows: Iterable[Row]) -> tuple[MaterialSpec, ...]:
    return tuple(material_of(row, matter.result_licence, matter.variant) for row in rows)


def _by_item(lines: Iterable[Line]) -> defaultdict[str, list[Row]]:
    found = defaultdict[str, list[Row]](list)
    for line in lines:
        found[line.cells["item"]].append(line.cells)
    for rows in found.values():
        rows.sort(key=lambda row: int(row["position"]))
    return found


def _guide(old: Guide, tables: Tables) -> Guide:
    if not {"questions", "conditions"} & tables.keys():
        return old
    new = guide_of(
        _rows(tables, "questions") if "questions" in tables else (),
        _rows(tables, "conditions") if "conditions" in tables else (),
    )
    return Guide(new.questions or old.questions, new.conditions or old.conditions)


def _points(old: tuple[Point, ...], tables: Tables) -> tuple[Point, ...]:
    rows = {row["code"]: row for row in _rows(tables, "points")} if "points" in tables else {}
    filled = {code: row for code, row in rows.items() if row["address"]}
    return tuple(_point(p, filled[p.code]) if p.code in filled else p for p in old)


def _point(old: Point, row: Row) -> Point:
    return with_contact(
        old,
        address=row["address"],
        phone=row["phone"],
        hours=row["hours"],
        open_for_mail=row["open_for_mail"] == "1",
        name=row["name"],
    )


def with_contact(
    old: Point, *, address: str, phone: str, hours: str, open_for_mail: bool, name: str = ""
) -> Point:
    """A point with what an administrator filled in; nothing of it is a sample any more.

    :raises BadData: it is to be open for mail, and something of it is missing.
    """
    new = msgspec.structs.replace(
        old, name=name or old.name, address=address, phone=phone, hours=hours,
        open_for_mail=open_for_mail, sample=(),
    )  # fmt: skip
    if open_for_mail and not ready_for_mail(new, sample=False):
        raise BadData("开通邮寄要先填好地址、电话和办公时间")
    return new


def with_matter(standards: Standards, matter: Matter) -> Standards:
    """The standards with one matter changed by hand."""
    matters = tuple(matter if m.code == matter.code else m for m in standards.catalogue.matters)
    catalogue = msgspec.structs.replace(standards.catalogue, matters=matters)
    return replace(standards, catalogue=catalogue)


def with_point(standards: Standards, point: Point) -> Standards:
    """The standards with one point changed by hand."""
    points = tuple(point if p.code == point.code else p for p in standards.points)
    return replace(standards, points=points)


def with_year(standards: Standards, year: YearTable) -> Standards:
    """The standards with the notice of one year, in the place of an earlier one."""
    years = {table.year: table for table in standards.calendar} | {year.year: year}
    return replace(standards, calendar=tuple(table for _, table in sorted(years.items())))
