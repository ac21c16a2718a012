"""Instant decisions (秒批): rules that name every fact and its source, and approve or ask a person.

A rule is data: for each fact what it is, who says it, the condition, and the law. A fact is true,
false or *unknown*; a source that does not answer leaves it unknown. All true approves; anything
else goes to a person, with the reason in words. No rule refuses.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property
from hashlib import sha256
from typing import Any

import msgspec

from cases.catalogue import Catalogue, Matter
from cases.documents import DocumentKind, birth_date, check_document, is_female
from cases.fields import BadField
from cases.folded import Case
from cases.guide import Answers, holds, parse_expression
from cases.lacking import lacking
from cases.licences import Check, not_found, pending
from cases.proceedings import outstanding
from cases.reading import BadData, read_rows, whole_number
from cases.states import CaseState

COLUMNS = ("matter", "position", "fact", "source", "condition", "words", "basis")
SYSTEM = "auto"  # who acts where no person does
GENERAL = "*"  # the checks that an officer sees done for every case

#: By sex (female, male): below the first nobody has reached the statutory age of retirement, from
#: the second on everybody has. 国务院关于渐进式延迟法定退休年龄的办法 (2024).
_RETIREMENT = {True: (50, 58), False: (60, 63)}


class Source(StrEnum):
    """Who says a fact."""

    APPLICATION = "application"
    CATALOGUE = "catalogue"
    JOURNAL = "journal"
    LIBRARY = "library"
    POLICE = "police"
    MARKET = "market"
    LABOUR = "labour"
    MEDICAL = "medical"
    TAX = "tax"
    ESTATE = "estate"
    FUND = "fund"
    INVESTMENT = "investment"

    @property
    def zh(self) -> str:
        """Its name."""
        return _SOURCES_ZH[self]

    @property
    def outside(self) -> bool:
        """Whether it is a register that this program does not hold."""
        return self not in _OWN


_SOURCES_ZH = {
    Source.APPLICATION: "申请和收件登记",
    Source.CATALOGUE: "事项目录",
    Source.JOURNAL: "本系统的办件",
    Source.LIBRARY: "证照库",
    Source.POLICE: "公安人口和户籍登记",
    Source.MARKET: "市场监管登记系统",
    Source.LABOUR: "人社业务系统",
    Source.MEDICAL: "医保业务系统",
    Source.TAX: "税务系统",
    Source.ESTATE: "不动产登记系统",
    Source.FUND: "公积金业务系统",
    Source.INVESTMENT: "投资项目在线审批监管平台",
}
_OWN = frozenset({Source.APPLICATION, Source.CATALOGUE, Source.JOURNAL, Source.LIBRARY})


class FactCheck(msgspec.Struct, frozen=True, kw_only=True):
    """One check: a fact, who says it, what must hold, in words, and by which law."""

    fact: str
    source: Source
    condition: str
    words: str
    basis: str


class Rule(msgspec.Struct, frozen=True, dict=True):
    """All checks of one matter."""

    matter: str
    checks: tuple[FactCheck, ...]

    @cached_property
    def name(self) -> str:
        """What an event calls it: the matter and the rule's version."""
        return f"{self.matter}@{sha256(msgspec.json.encode(self)).hexdigest()[:8]}"

    @property
    def of_the_node(self) -> bool:
        """Whether a node that decides has all it needs: nothing from outside, no library."""
        return not any(c.source.outside or c.source is Source.LIBRARY for c in self.checks)


#: What is known: by fact, its value; a fact that is absent, or None, is unknown.
Facts = Mapping[str, Any]


@dataclass(frozen=True)
class Checked:
    """One check as it came out: true, false, or None for unknown."""

    check: FactCheck
    holds: bool | None


@dataclass(frozen=True)
class Approve:
    """Every fact is there and as it must be."""

    rule: Rule
    checked: tuple[Checked, ...]


@dataclass(frozen=True)
class ToPerson:
    """A person decides: something is unknown, or not as it must be."""

    rule: Rule
    checked: tuple[Checked, ...]

    @property
    def reasons(self) -> tuple[str, ...]:
        """What, in words."""
        return tuple(
            f"{c.check.words}：{'不符合' if c.holds is False else '查不到'}（{c.check.source.zh}）"
            for c in self.checked
            if c.holds is not True
        )


def evaluate(rule: Rule, facts: Facts) -> Approve | ToPerson:
    """Approve, or say why a person must look. A rule without checks approves nothing."""
    checked = tuple(Checked(c, judge(c, facts.get(c.fact))) for c in rule.checks)
    good = bool(checked) and all(c.holds is True for c in checked)
    return Approve(rule, checked) if good else ToPerson(rule, checked)


def said_facts(outcome: Approve) -> list[dict[str, str]]:
    """What an approval says of its facts, in words, for the sealed part of its event."""
    return [
        {"words": c.check.words, "source": c.check.source.zh, "basis": c.check.basis}
        for c in outcome.checked
    ]


_COMPARED = re.compile(r"(>=|<=|<|>)(\d{1,5})")
_ORDER: dict[str, Callable[[int, int], bool]] = {
    ">=": lambda a, b: a >= b,
    "<=": lambda a, b: a <= b,
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
}


def judge(check: FactCheck, value: Any) -> bool | None:
    """Whether a fact is as it must be; None where it, or whether it is, is unknown."""
    if check.fact == "answers":
        return holds(parse_expression(check.condition), value if value is not None else {})
    if value is None:
        return None
    if compared := _COMPARED.fullmatch(check.condition):
        return _ORDER[compared[1]](int(value), int(compared[2]))
    return str(value) in check.condition.removeprefix("=").split(",")


def read_rules(text: str) -> dict[str, Rule]:
    """The rules from the text of their table, by matter; raises :class:`BadData`."""
    rows: dict[str, list[tuple[int, FactCheck]]] = {}
    for row in read_rows("instant_rules", text, COLUMNS):
        key = f"{row['matter']} {row['position']}"
        place = whole_number("instant_rules", key, row, "position")
        rows.setdefault(row["matter"], []).append((place, _check(key, row)))
    return {
        matter: Rule(matter, tuple(check for _, check in sorted(found, key=lambda pair: pair[0])))
        for matter, found in rows.items()
    }


def _check(key: str, row: dict[str, str]) -> FactCheck:
    try:
        source = Source(row["source"])
    except ValueError:
        raise BadData(f"instant_rules {key}: no source {row['source']!r}") from None
    fits = row["condition"].startswith("=") or _COMPARED.fullmatch(row["condition"])
    if row["fact"] == "answers":
        parse_expression(row["condition"])
    elif not fits:
        raise BadData(f"instant_rules {key}: {row['condition']!r} is no condition")
    if not row["words"] or not row["basis"]:
        raise BadData(f"instant_rules {key}: no words, or no basis")
    return FactCheck(
        fact=row["fact"], source=source, condition=row["condition"], words=row["words"],
        basis=row["basis"],
    )  # fmt: skip


# the facts


@dataclass(frozen=True)
class Known:
    """What the facts of a case are found in: itself, its sealed part, and what was looked up."""

    case: Case
    sealed: Mapping[str, Any]
    today: date
    answers: Answers
    doubles: int | None = None
    """How many other running cases there are of the same person and matter; None: nobody looked."""
    licences: Mapping[str, bool] | None = None
    """By type, whether a library has one of the applicant's in force; None: none was asked."""


def facts_of(known: Known, matter: Matter | None) -> dict[str, Any]:
    """The facts that the application, the catalogue, the journal and a library give of a case."""
    case = known.case
    facts: dict[str, Any] = {
        "papers": _papers(case),
        "kind": case.applicant_kind or None,
        "here": case.capacity or None,
        "answers": known.answers,
        "doubles": known.doubles,
        "matter": "instant" if matter is not None and matter.instant else None,
        "area": "district" if case.deciding else None,
    }
    facts |= {f"licence:{k}": "found" if v else "none" for k, v in (known.licences or {}).items()}
    return facts | _of_number(case, str(known.sealed.get("document_number") or ""), known.today)


def _papers(case: Case) -> str | None:
    """Whether all papers that are needed were taken or replaced: reception lets no other pass.

    What a correction asks for is lacking; what came for it is not known to do until it is answered.
    """
    corrects = case.state is CaseState.CORRECTION
    if not_found(case) or lacking(case) or (corrects and outstanding(case)):
        return "lacking"
    if corrects or pending(case):
        return None
    return "complete" if any(m.taken or m.check == Check.FOUND for m in case.materials) else None


def _of_number(case: Case, number: str, today: date) -> dict[str, Any]:
    if not number:
        return {}
    try:
        kind = DocumentKind(case.document)
        check_document(kind, number, today=today)
    except (BadField, ValueError):
        return {"number": "wrong"}
    facts: dict[str, Any] = {"number": "right", "document": case.document}
    born = birth_date(number) if kind is DocumentKind.RESIDENT_ID else None
    if born is None:
        return facts
    age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    low, high = _RETIREMENT[is_female(number)]
    retired = "before" if age < low else "after" if age >= high else None
    return {**facts, "age": age, "age_days": (today - born).days, "retirement": retired}


#: Every fact that :func:`facts_of` can give, with who says it.
OWN_FACTS: dict[str, Source] = {
    "papers": Source.APPLICATION,
    "kind": Source.APPLICATION,
    "here": Source.APPLICATION,
    "answers": Source.APPLICATION,
    "number": Source.APPLICATION,
    "document": Source.APPLICATION,
    "age": Source.APPLICATION,
    "age_days": Source.APPLICATION,
    "retirement": Source.APPLICATION,
    "matter": Source.CATALOGUE,
    "area": Source.CATALOGUE,
    "doubles": Source.JOURNAL,
}


def require_sound(rules: Mapping[str, Rule], catalogue: Catalogue) -> None:
    """Raise :class:`BadData` unless every instant matter has a rule whose facts somebody says."""
    instant = {matter.code for matter in catalogue.matters if matter.instant}
    if missing := sorted(instant - rules.keys()):
        raise BadData(f"instant_rules: no rule for {missing[0]}")
    for rule in rules.values():
        if rule.matter not in instant and rule.matter != GENERAL:
            raise BadData(f"instant_rules: {rule.matter} is not an instant matter")
        _require_facts(rule, {licence.code for licence in catalogue.licences})


def _require_facts(rule: Rule, licences: Iterable[str]) -> None:
    known = {**OWN_FACTS, **{f"licence:{code}": Source.LIBRARY for code in licences}}
    for check in rule.checks:
        own = known.get(check.fact)
        if not (check.source.outside if own is None else own is check.source):
            raise BadData(f"instant_rules {rule.matter}: {check.source} does not say {check.fact}")
