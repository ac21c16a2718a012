"""The standards as the rows of their tables: what is handed out to be filled in and sent back.

A cell that holds an initial value nobody has confirmed is empty in a table that is handed out, and
so keeps its initial value, and its mark, when the table comes back unchanged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from cases.calendar import Holiday, YearTable
from cases.catalogue import Bundle, Department, Licence, MaterialSpec, Matter
from cases.columns import COLUMNS, shown
from cases.guide import Binding, Question
from cases.points import Point
from cases.standards import Row, Standards


def _flag(value: bool) -> str:
    return "1" if value else "0"


def matter_cells(matter: Matter) -> Row:
    """A matter as a row of ``items``."""
    return {
        "code": matter.code, "name": matter.name, "matter": matter.main_name,
        "variant": matter.variant, "category": matter.category, "level": matter.level.value,
        "department": matter.department, "applicant": matter.applicant.value,
        "handling": matter.timing.value, "statutory_days": str(matter.statutory_days),
        "promised_days": str(matter.promised_days), "trips": str(matter.trips),
        "commitment": _flag(matter.commitment), "instant": _flag(matter.instant),
        "kiosk": _flag(matter.kiosk), "delegated": _flag(matter.delegated),
        "fee": str(matter.fee_yuan), "result": matter.result,
        "result_licence": matter.result_licence, "themes": ";".join(matter.themes),
        "aliases": ";".join(matter.aliases), "summary": matter.summary, "tips": matter.tips,
        "basis": matter.basis.value, "accepting": matter.accepting.value,
        "day_unit": matter.day_unit.value, "legal_basis": matter.legal_basis,
        "extension_days": str(matter.extension_days), "fee_reference": matter.fee_reference,
    }  # fmt: skip


def material_cells(spec: MaterialSpec) -> Row:
    """A material as a row of ``materials``, without its matter."""
    return {
        "position": str(spec.position), "name": spec.name, "form": spec.form.value,
        "copies": str(spec.copies), "source": spec.source.value, "licence": spec.licence,
        "required": "always" if spec.required else "conditional", "condition": spec.condition,
        "sample_note": spec.note, "handling": spec.handling.value,
    }  # fmt: skip


def _department_cells(department: Department) -> Row:
    return {
        "code": department.code, "name": department.name, "short_name": department.short_name,
        "level": department.level.value,
    }  # fmt: skip


def _licence_cells(licence: Licence) -> Row:
    return {
        "code": licence.code, "name": licence.name, "issuer": licence.issuer,
        "holder": licence.holder.value,
    }  # fmt: skip


def _bundle_cells(bundle: Bundle) -> Row:
    return {
        "code": bundle.code, "name": bundle.name, "theme": bundle.theme,
        "items": ";".join(bundle.matters), "summary": bundle.summary,
    }  # fmt: skip


def point_cells(point: Point) -> Row:
    """A point as a row of ``points``."""
    return {
        "code": point.code, "name": point.name, "address": point.address, "phone": point.phone,
        "hours": point.hours, "open_for_mail": _flag(point.open_for_mail),
    }  # fmt: skip


def _question_cells(question: Question) -> Row:
    return {
        "code": question.code, "id": question.id,
        "about": "person" if question.personal else "case", "many": _flag(question.many),
        "text": question.text, "help": question.help,
        "answers": ";".join(f"{a.id}={a.text}" for a in question.answers),
        "text_en": question.english, "answers_en": ";".join(a.english for a in question.answers),
    }  # fmt: skip


def _binding_cells(binding: Binding) -> Row:
    return {"condition": binding.condition, "when": binding.when}


def _year_cells(year: YearTable) -> Row:
    return {"通知": year.notice, "安排": "；".join(_in_words(h) for h in year.holidays)}


def _in_words(holiday: Holiday) -> str:
    work = f"，上班 {'、'.join(map(str, holiday.work))}" if holiday.work else ""
    return f"{holiday.name} {holiday.first}至{holiday.last}{work}"


CELLS: Mapping[str, Callable[[Any], Row]] = {
    "items": matter_cells,
    "materials": material_cells,
    "departments": _department_cells,
    "licences": _licence_cells,
    "bundles": _bundle_cells,
    "points": point_cells,
    "questions": _question_cells,
    "conditions": _binding_cells,
    "calendar": _year_cells,
}


def table_rows(standards: Standards, table: str) -> Iterator[list[str]]:
    """A table as it is handed out: the heading row, then every row, in the words of the office."""
    columns = COLUMNS[table]
    yield [column.zh for column in columns]
    for row in _rows_of(standards, table):
        yield [shown(column, row[column.name]) if row[column.name] else "" for column in columns]


def _rows_of(standards: Standards, table: str) -> Iterable[Row]:
    catalogue, guide = standards.catalogue, standards.guide
    if table == "materials":
        for matter in catalogue.matters:
            for spec in matter.materials:
                yield {"item": matter.code, **_open(spec, material_cells(spec))}
    elif table == "guide_steps":
        for matter in catalogue.matters:
            for n, step in enumerate(matter.guide, 1):
                yield {"item": matter.code, "position": str(n), "step": step}
    else:
        records: Mapping[str, Iterable[Any]] = {
            "items": catalogue.matters, "departments": catalogue.departments,
            "licences": catalogue.licences, "bundles": catalogue.bundles,
            "points": standards.points, "questions": guide.questions,
            "conditions": guide.conditions,
        }  # fmt: skip
        for record in records[table]:
            yield _open(record, CELLS[table](record))


def _open(record: Any, row: Row) -> Row:
    """The row with nothing where only an initial value stands."""
    unconfirmed = getattr(record, "sample", ())
    if isinstance(record, MaterialSpec) and record.identity:
        unconfirmed = (*unconfirmed, "handling")
    return {name: "" if name in unconfirmed else value for name, value in row.items()}
