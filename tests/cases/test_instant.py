"""The rules of the 26 instant matters: each fact has its source, and no rule refuses."""

from __future__ import annotations

import itertools
import re
from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace

from cases.folded import Case, Correction, Defect, Material, Supplement
from cases.instant import (
    GENERAL,
    OWN_FACTS,
    Approve,
    FactCheck,
    Known,
    Rule,
    Source,
    ToPerson,
    evaluate,
    facts_of,
    judge,
    read_rules,
    require_sound,
    said_facts,
)
from cases.people import id_check_character
from cases.reading import BadData
from cases.states import CaseState
from sync.bundle import load_bundle
from sync.rules import load_rules

CATALOGUE = load_bundle().catalogue
RULES = load_rules()
INSTANT = sorted(m.code for m in CATALOGUE.matters if m.instant)
TODAY = date(2026, 11, 23)
HEAD = "matter,position,fact,source,condition,words,basis\n"


def good_value(check: FactCheck) -> Any:
    """A value that meets a condition."""
    if found := re.fullmatch(r"(>=|<=|<|>)(\d+)", check.condition):
        return int(found[2]) + {">": 1, "<": -1}.get(found[1], 0)
    return check.condition.removeprefix("=").split(",")[0]


def bad_value(check: FactCheck) -> Any:
    """A value that does not."""
    if found := re.fullmatch(r"(>=|<=|<|>)(\d+)", check.condition):
        return int(found[2]) + {">=": -1, "<=": 1}.get(found[1], 0)
    return "something else"


def good(rule: Rule) -> dict[str, Any]:
    """Facts that meet every condition of a rule, also where two are about one fact."""
    facts: dict[str, Any] = {}
    for fact, checks in itertools.groupby(
        sorted(rule.checks, key=lambda c: c.fact), key=lambda c: c.fact
    ):
        of_fact = list(checks)
        values = [good_value(c) for c in of_fact]
        facts[fact] = next(v for v in values if all(judge(c, v) for c in of_fact))
    return facts


def test_all_twenty_six_instant_matters_have_a_rule_that_names_its_sources() -> None:
    assert len(INSTANT) == 26
    assert set(RULES) == {*INSTANT, GENERAL}
    require_sound(RULES, CATALOGUE)
    for rule in RULES.values():
        assert all(check.words and check.basis for check in rule.checks)
        assert {"number", "papers", "doubles"} <= {check.fact for check in rule.checks}


@pytest.mark.parametrize("code", INSTANT)
def test_a_rule_approves_on_good_facts_and_asks_a_person_on_any_other(code: str) -> None:
    rule = RULES[code]
    facts = good(rule)
    approved = evaluate(rule, facts)
    assert isinstance(approved, Approve)
    assert len(said_facts(approved)) == len(rule.checks)
    for check in rule.checks:
        for value in (None, bad_value(check)):
            asked = evaluate(rule, {**facts, check.fact: value})
            assert isinstance(asked, ToPerson), (check, value)
            assert any(check.words in reason for reason in asked.reasons)
            word = "查不到" if value is None else "不符合"
            assert any(word in reason for reason in asked.reasons)
        absent = {name: value for name, value in facts.items() if name != check.fact}
        assert isinstance(evaluate(rule, absent), ToPerson)


def test_no_rule_can_do_anything_but_approve_or_ask_a_person() -> None:
    for rule in RULES.values():
        for facts in ({}, good(rule), {c.fact: bad_value(c) for c in rule.checks}):
            assert type(evaluate(rule, facts)) in (Approve, ToPerson)
    nothing = Rule("X", ())
    assert isinstance(evaluate(nothing, {}), ToPerson)


def test_a_source_outside_leaves_its_facts_unknown_so_a_person_decides() -> None:
    outside = [r for r in RULES.values() if any(c.source.outside for c in r.checks)]
    assert len(outside) == 22
    for rule in outside:
        own = {c.fact: good(rule)[c.fact] for c in rule.checks if not c.source.outside}
        assert isinstance(evaluate(rule, own), ToPerson)
    assert RULES["MZJ-080101"].of_the_node
    assert not RULES["SCJG-001801"].of_the_node  # it asks the licence library, at central


def test_a_rules_name_changes_with_what_it_says() -> None:
    rule = RULES["MZJ-080101"]
    assert re.fullmatch(r"MZJ-080101@[0-9a-f]{8}", rule.name)
    younger = tuple(replace(c, condition=">=55") if c.fact == "age" else c for c in rule.checks)
    assert replace(rule, checks=younger).name != rule.name


def id_number(born: str, sex: int = 1) -> str:
    digits = f"350102{born}00{sex}"
    return digits + id_check_character(digits)


def facts(number: str, **changed: Any) -> dict[str, Any]:
    shown = Material(position=1, name="身份证", handling="looked_at", taken=True)
    case = Case(
        number="GL031-261122-0042-K", matter="MZJ-080101", document="resident_id",
        applicant_kind="person", capacity="self", deciding="350102004001", materials=(shown,),
    )  # fmt: skip
    known = Known(replace(case, **changed), {"document_number": number}, TODAY, {}, doubles=0)
    return facts_of(known, CATALOGUE.matter("MZJ-080101"))


@pytest.mark.parametrize(
    ("born", "age"),
    [("19661123", 60), ("19661124", 59), ("19661122", 60), ("20261122", 0), ("19500101", 76)],
)
def test_age_is_of_the_day_and_the_elders_card_begins_at_sixty(born: str, age: int) -> None:
    found = facts(id_number(born))
    assert found["age"] == age
    outcome = evaluate(RULES["MZJ-080101"], found)
    assert isinstance(outcome, Approve) is (age >= 60)


@pytest.mark.parametrize(
    ("born", "sex", "retirement"),
    [
        ("19800101", 2, "before"), ("19700101", 2, None), ("19650101", 2, "after"),
        ("19700101", 1, "before"), ("19650101", 1, None), ("19600101", 1, "after"),
    ],
)  # fmt: skip
def test_between_two_ages_nobody_can_tell_from_a_number_whether_somebody_retired(
    born: str, sex: int, retirement: str | None
) -> None:
    assert facts(id_number(born, sex))["retirement"] == retirement


def test_a_wrong_number_a_missing_paper_and_a_pending_check_are_no_yes() -> None:
    number = id_number("19500101")
    assert facts(number[:-1] + ("0" if number[-1] != "0" else "1"))["number"] == "wrong"
    assert "age" not in facts("E12345678", document="passport")
    assert facts("")["papers"] == "complete"
    waived = Material(position=2, name="户口簿", handling="looked_at", taken=False, licence="HKB")
    for check, papers in (("found", "complete"), ("pending", None), ("not_found", "lacking")):
        found = facts(number, materials=(replace(waived, check=check),))
        assert found["papers"] == papers
        approves = isinstance(evaluate(RULES["MZJ-080101"], found), Approve)
        assert approves is (check == "found")


def test_papers_that_a_correction_asks_for_are_lacking_until_they_are_judged() -> None:
    notice = Correction("e", "2026-11-23T01:00:00Z", "a", 10, (Defect(1, "unclear"),))
    open_ = {"state": CaseState.CORRECTION, "correction": notice}
    assert facts("", **open_)["papers"] == "lacking"
    came = Supplement("s", "2026-11-24T01:00:00Z", "a", "photographed", (1,))
    assert facts("", **open_, supplements=(came,))["papers"] is None
    assert facts("", **{**open_, "state": CaseState.ACCEPTED})["papers"] == "complete"


def test_every_fact_of_our_own_can_be_given_and_is_said_by_whom_the_rules_say() -> None:
    given = facts(id_number("19500101"))
    assert given.keys() == OWN_FACTS.keys()
    assert not any(source.outside for source in OWN_FACTS.values())
    assert Source.POLICE.outside


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("X,1,age,nobody,>=60,年龄,法", "no source"),
        ("X,1,age,application,old,年龄,法", "no condition"),
        ("X,1,age,application,>=60,,法", "no words"),
        ("X,1,age,application,>=60,年龄,", "no basis"),
        ("X,one,age,application,>=60,年龄,法", "whole number"),
    ],
)
def test_a_rule_that_cannot_be_read_is_refused(row: str, why: str) -> None:
    with pytest.raises(BadData, match=why):
        read_rules(HEAD + row + "\n")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda rules: rules.pop("MZJ-080101"), "no rule for MZJ-080101"),
        (lambda rules: rules.update(X=Rule("X", ())), "not an instant matter"),
    ],
)
def test_a_table_that_lacks_a_matter_or_has_another_is_refused(change: Any, why: str) -> None:
    rules = dict(RULES)
    change(rules)
    with pytest.raises(BadData, match=why):
        require_sound(rules, CATALOGUE)


def test_a_fact_from_a_source_that_does_not_say_it_is_refused() -> None:
    rule = RULES["MZJ-080101"]
    wrong = replace(rule.checks[0], fact="age", source=Source.LIBRARY)
    with pytest.raises(BadData, match="does not say age"):
        require_sound({**RULES, "MZJ-080101": replace(rule, checks=(wrong,))}, CATALOGUE)
