"""The district's wording of its papers, in ``data/papers.toml``; checked when read."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from string import Formatter
from typing import Final

import msgspec

from cases.issued import PaperKind
from cases.numbers import PaperNumber, parse_paper_number

#: What a paragraph may name.
VALUES: Final = frozenset(
    (
        "applicant",
        "matter",
        "received_on",
        "accepted_on",
        "deemed",
        "days",
        "body",
        "case",
        "point",
        "phone",
        "reason",
        "where_to_go",
        "grounds",
        "remedies",
        "defects",
        "words",
        "given_days",
        "procedure",
        "more_days",
        "owed",
    )
)
UNDERTAKING: Final = "undertaking"
_DATA: Final = "papers.toml"


class BadWording(ValueError):
    """The wording cannot be used; the message says where and why. Mend the file."""


class PaperText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One paper's wording: title, word in a number, paragraphs with places for values."""

    title: str
    english: str
    paragraphs: tuple[str, ...]
    word: str = ""

    def filled(self, values: Mapping[str, str]) -> tuple[str, ...]:
        """The paragraphs with their values; one whose value is not there is left out."""
        return tuple(
            paragraph.format_map(values)
            for paragraph in self.paragraphs
            if all(values.get(name) for name in _names(paragraph))
        )


class Wording(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All of it: the district's word and place, the departments' words, the papers."""

    district: str
    other: str
    place: str
    departments: dict[str, str]
    papers: dict[str, PaperText]

    def of(self, kind: PaperKind, *, licensing: bool = True) -> PaperText:
        """The wording of a kind of paper; another one where the matter is no licence (行政许可)."""
        other = None if licensing else self.papers.get(f"{kind.value}_other")
        return other or self.papers[kind.value]

    def series(self, kind: PaperKind, department: str) -> str:
        """What stands before the year in a number: 榕鼓市监受."""
        return f"{self.district}{self.departments.get(department, self.other)}{self.of(kind).word}"

    def body(self, department_name: str) -> str:
        """A department's name in full: 福州市鼓楼区市场监督管理局."""
        return self.place + department_name if department_name[:1] == "区" else department_name


def _names(paragraph: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(paragraph) if name is not None}


def read_wording(text: str) -> Wording:
    """The wording in ``text`` (TOML). :raises BadWording: something in it cannot be used."""
    try:
        wording = msgspec.convert(tomllib.loads(text), Wording)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise BadWording(f"papers: {error}") from error
    for name in (*(kind.value for kind in PaperKind), UNDERTAKING):
        if name not in wording.papers:
            raise BadWording(f"papers: no [papers.{name}]")
    for name, paper in wording.papers.items():
        _require_fit(name, paper)
    _require_apart(wording)
    return wording


def _require_apart(wording: Wording) -> None:
    """No two departments or kinds may share the words before the year: their numbers would meet."""
    seen: set[str] = set()
    for department in (*wording.departments, ""):
        for kind in PaperKind:
            series = wording.series(kind, department)
            if series in seen or parse_paper_number(PaperNumber(series, 2026, 1, 1).text) is None:
                raise BadWording(f"papers: {series} cannot stand before two kinds of numbers")
            seen.add(series)


def _require_fit(name: str, paper: PaperText) -> None:
    for paragraph in paper.paragraphs:
        try:
            unknown = _names(paragraph) - VALUES
        except ValueError as error:
            raise BadWording(f"papers.{name}: {error} in {paragraph[:40]!r}") from error
        if unknown:
            raise BadWording(f"papers.{name}: no value {{{min(unknown)}}} is known")


@cache
def wording() -> Wording:
    """The wording that the product carries."""
    return read_wording((files("labels") / "data" / _DATA).read_text(encoding="utf-8"))
