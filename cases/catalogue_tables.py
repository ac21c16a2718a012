"""The catalogue from its six tables, each given as the text of a CSV file."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from typing import TypeVar

from cases.catalogue import (
    Accepting,
    Applicant,
    Basis,
    Bundle,
    Catalogue,
    DayUnit,
    Department,
    Form,
    Handling,
    Level,
    Licence,
    MaterialSpec,
    Matter,
    Source,
    Timing,
)
from cases.initial import (
    accepting_body,
    basis_of_competence,
    handling_of,
    is_identity_document,
    longest_extension,
)
from cases.reading import BadData, read_rows, split_list, whole_number, yes_or_no

TABLES = ("items", "materials", "departments", "licences", "bundles", "guide_steps")

# fmt: off
_ITEMS = (
    "code", "name", "matter", "variant", "category", "level", "department", "applicant", "handling",
    "statutory_days", "promised_days", "trips", "commitment", "instant", "kiosk", "delegated",
    "fee", "result", "result_licence", "themes", "aliases", "summary", "tips",
)
_MATERIALS = (
    "item", "position", "name", "form", "copies", "source", "licence", "required", "condition",
    "sample_note",
)
_DEPARTMENTS = ("code", "name", "short_name", "level")
_LICENCES = ("code", "name", "issuer", "holder")
_BUNDLES = ("code", "name", "theme", "items", "summary")
# fmt: on

Row = dict[str, str]
E = TypeVar("E", bound=Enum)


def read_catalogue(texts: Mapping[str, str], *, sample: bool = True) -> Catalogue:
    """The catalogue from the texts of its tables, by the names in ``TABLES``.

    Optional columns: ``basis``, ``accepting``, ``day_unit``, ``legal_basis``, ``extension_days``
    and ``fee_reference`` of items, ``handling`` of materials. Raises :class:`BadData`
    naming the table, the row and the mistake.
    """
    materials = _by_item("materials", texts["materials"], _MATERIALS)
    steps = _by_item("guide_steps", texts["guide_steps"], ["item", "position", "step"])
    items = read_rows("items", texts["items"], _ITEMS)
    _require_items({row["code"] for row in items}, materials, "materials")
    _require_items({row["code"] for row in items}, steps, "guide_steps")
    catalogue = Catalogue(
        matters=tuple(
            matter_of(
                row,
                [material_of(m, row["result_licence"], row["variant"]) for m in materials[code]],
                [step["step"] for step in steps[code]],
            )
            for row in items
            if (code := row["code"])
        ),
        departments=departments_of(read_rows("departments", texts["departments"], _DEPARTMENTS)),
        licences=licences_of(read_rows("licences", texts["licences"], _LICENCES)),
        bundles=bundles_of(read_rows("bundles", texts["bundles"], _BUNDLES)),
        sample=sample,
    )
    catalogue.require_sound()
    return catalogue


def _by_item(table: str, text: str, columns: Sequence[str]) -> defaultdict[str, list[Row]]:
    rows = defaultdict(list)
    for row in read_rows(table, text, columns):
        rows[row["item"]].append(row)
    for item, of_item in rows.items():
        of_item.sort(key=lambda row: whole_number(table, item, row, "position"))
    return rows


def _require_items(codes: set[str], rows: Mapping[str, list[Row]], table: str) -> None:
    for code in rows:
        if code not in codes:
            raise BadData(f"{table}: no matter {code}")


def _choice(kind: type[E], table: str, key: str, row: Row, column: str) -> E:
    try:
        return kind(row[column])
    except ValueError:
        known = ", ".join(str(member.value) for member in kind)
        raise BadData(f"{table} {key}: {column} is {row[column]!r}, not one of {known}") from None


def matter_of(row: Row, materials: Iterable[MaterialSpec], steps: Iterable[str]) -> Matter:
    """One row of ``items`` as a matter; what it is silent on has its initial value."""
    code = row["code"]
    given, sample = _with_initial(row, _initial_of_matter(row))
    timing = _choice(Timing, "items", code, row, "handling")
    promised = whole_number("items", code, row, "promised_days")
    return Matter(
        code=code,
        name=row["name"],
        main_name=row["matter"],
        variant=row["variant"],
        category=row["category"],
        level=_choice(Level, "items", code, row, "level"),
        department=row["department"],
        applicant=_choice(Applicant, "items", code, row, "applicant"),
        timing=timing,
        statutory_days=whole_number("items", code, row, "statutory_days"),
        promised_days=0 if timing is Timing.IMMEDIATE else promised,  # 即办 is today, not in a day
        day_unit=_choice(DayUnit, "items", code, given, "day_unit"),
        trips=whole_number("items", code, row, "trips"),
        commitment=yes_or_no("items", code, row, "commitment"),
        instant=yes_or_no("items", code, row, "instant"),
        kiosk=yes_or_no("items", code, row, "kiosk"),
        delegated=yes_or_no("items", code, row, "delegated"),
        fee_yuan=whole_number("items", code, row, "fee"),
        result=row["result"],
        result_licence=row["result_licence"],
        themes=split_list(row["themes"]),
        aliases=split_list(row["aliases"]),
        summary=row["summary"],
        tips=row["tips"],
        basis=_choice(Basis, "items", code, given, "basis"),
        accepting=_choice(Accepting, "items", code, given, "accepting"),
        legal_basis=given["legal_basis"],
        extension_days=whole_number("items", code, given, "extension_days"),
        fee_reference=given.get("fee_reference", ""),
        materials=tuple(materials),
        guide=tuple(steps),
        sample=sample,
    )


def _with_initial(row: Row, initial: Row) -> tuple[Row, tuple[str, ...]]:
    """The row with initial values where it is silent, and the names of those fields."""
    silent = tuple(name for name in initial if not row.get(name))
    return {**row, **{name: initial[name] for name in silent}}, silent


def _initial_of_matter(row: Row) -> Row:
    code = row["code"]
    applicant = _choice(Applicant, "items", code, row, "applicant")
    themes = frozenset(split_list(row["themes"]))
    delegated = yes_or_no("items", code, row, "delegated")
    basis = basis_of_competence(row["department"], applicant, themes, delegated)
    immediate = row["handling"] == Timing.IMMEDIATE
    initial = {
        "basis": basis.value,
        "accepting": accepting_body().value,
        "day_unit": DayUnit.WORKING.value,
        "legal_basis": "",
        "extension_days": str(longest_extension(row["category"], immediate=immediate)),
    }
    return {**initial, "fee_reference": ""} if row["fee"] != "0" else initial


def material_of(row: Row, result_licence: str, variant: str) -> MaterialSpec:
    """One row of ``materials``, for a matter with this result and of this variant."""
    key = f"{row['item']} {row['position']}"
    if row["required"] not in ("always", "conditional"):
        raise BadData(f"materials {key}: required is {row['required']!r}")
    form = _choice(Form, "materials", key, row, "form")
    source = _choice(Source, "materials", key, row, "source")
    identity = is_identity_document(row["name"], row["licence"])
    handling = handling_of(
        identity=identity,
        form=form,
        source=source,
        licence=row["licence"],
        result_licence=result_licence,
        variant=variant,
    )
    given, sample = _with_initial(row, {"handling": handling.value})
    return MaterialSpec(
        position=whole_number("materials", key, row, "position"),
        name=row["name"],
        form=form,
        copies=whole_number("materials", key, row, "copies"),
        source=source,
        licence=row["licence"],
        required=row["required"] == "always",
        condition=row["condition"],
        note=row["sample_note"],
        handling=Handling.LOOKED_AT
        if identity
        else _choice(Handling, "materials", key, given, "handling"),
        identity=identity,
        sample=sample,
    )


def departments_of(rows: Iterable[Row]) -> tuple[Department, ...]:
    """The rows of ``departments``."""
    return tuple(
        Department(
            code=row["code"],
            name=row["name"],
            short_name=row["short_name"],
            level=_choice(Level, "departments", row["code"], row, "level"),
        )
        for row in rows
    )


def licences_of(rows: Iterable[Row]) -> tuple[Licence, ...]:
    """The rows of ``licences``."""
    return tuple(
        Licence(
            code=row["code"],
            name=row["name"],
            issuer=row["issuer"],
            holder=_choice(Applicant, "licences", row["code"], row, "holder"),
        )
        for row in rows
    )


def bundles_of(rows: Iterable[Row]) -> tuple[Bundle, ...]:
    """The rows of ``bundles``."""
    return tuple(
        Bundle(
            code=row["code"],
            name=row["name"],
            theme=row["theme"],
            matters=split_list(row["items"]),
            summary=row["summary"],
        )
        for row in rows
    )
