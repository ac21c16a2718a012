"""秒批 at a point that itself decides: a rule that needs nothing from outside, right at reception.

And the same checks as an officer sees them done, for every case (辅助审批).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cases.folded import Case
from cases.guide import Answers
from cases.instant import (
    GENERAL,
    SYSTEM,
    Approve,
    Checked,
    Known,
    ToPerson,
    evaluate,
    facts_of,
    said_facts,
)
from cases.licences import Check, waived
from node.issuing import with_number
from node.local import Local
from node.people_card import opened, said
from sync.doubles import running_doubles
from sync.rules import load_rules
from sync.writing import Writing


def approve_at_once(w: Writing, local: Local, number: str, sealed: Mapping[str, Any]) -> bool:
    """Take a case on and approve it by its matter's rule, if every fact is there and right.

    :returns: whether it was; otherwise nothing was stated, and a person decides.
    """
    case = w.store.case(number)
    rule = load_rules().get(case.matter) if case and case.instant else None
    if case is None or rule is None or not rule.of_the_node:
        return False
    outcome = _evaluated(local, case, sealed)
    if not isinstance(outcome, Approve):
        return False
    facts = {"facts": said_facts(outcome)}
    for type, sealed_part in (("case.accepted", None), ("case.approved", facts)):
        data = with_number(w, type, number, {"rule": rule.name})
        w.state(type, number, data, actor=SYSTEM, sealed=sealed_part)
    return True


def _evaluated(local: Local, case: Case, sealed: Mapping[str, Any]) -> Approve | ToPerson:
    rules = load_rules()
    rule = rules.get(case.matter) if case.instant else None
    answers: Answers = local.guide.answers_of(str(sealed.get("answers") or ""))
    known = Known(
        case=case,
        sealed=sealed,
        today=local.today(),
        answers=answers,
        doubles=running_doubles(local.store, case, str(sealed.get("document_number") or "")),
        licences={m.licence: m.check == Check.FOUND for m in waived(case) if m.check != "pending"},
    )
    facts = facts_of(known, local.bundle.catalogue.get(case.matter))
    return evaluate(rule or rules[GENERAL], facts)


@dataclass(frozen=True)
class CheckRow:
    """One check as an officer sees it: what, how it came out, who says so, by which law."""

    words: str
    mark: str
    tone: str
    source: str
    basis: str


@dataclass(frozen=True)
class ChecksCard:
    """The checks done for a case. ``rule``: by which it was, or would be, decided at once."""

    title: str
    text: str
    rows: tuple[CheckRow, ...]


def checks_card(local: Local, case: Case) -> ChecksCard | None:
    """The checks of a case, or None where nobody here can open what they look at."""
    sealed = said(local, case)
    if sealed is None:
        return None
    done = _done(local, case)
    if done is not None:
        return ChecksCard("系统自动审批（秒批）", f"规则 {case.rule}，当时的核查结果如下。", done)
    outcome = _evaluated(local, case, sealed)
    rows = (*(_row(c) for c in outcome.checked), *_licences(case))
    text = "系统核查，供审批参考；不替您作决定。"
    if case.instant:
        wrong = len([c for c in outcome.checked if c.holds is not True])
        text = (
            f"秒批事项：有 {wrong} 项不符合或查不到，由人审批。"
            if wrong
            else "秒批事项：全部符合。"
        )
    return ChecksCard("辅助审批", text, rows)


def _done(local: Local, case: Case) -> tuple[CheckRow, ...] | None:
    """What was found when a rule approved the case; None if a person did, or nobody yet."""
    if not case.rule or case.decision is None:
        return None
    facts = (opened(local, case.decision.event) or {}).get("facts")
    listed = facts if isinstance(facts, list) else []
    return tuple(
        CheckRow(str(f.get("words", "")), "✓ 符合", "green", str(f.get("source", "")),
                 str(f.get("basis", "")))
        for f in listed
        if isinstance(f, Mapping)
    )  # fmt: skip


_MARKS = {True: ("✓ 符合", "green"), False: ("✗ 不符合", "red"), None: ("? 查不到", "amber")}


def _row(checked: Checked) -> CheckRow:
    mark, tone = _MARKS[checked.holds]
    check = checked.check
    return CheckRow(check.words, mark, tone, check.source.zh, check.basis)


def _licences(case: Case) -> tuple[CheckRow, ...]:
    """One row for each paper that was waived."""
    holds = {Check.FOUND.value: True, Check.NOT_FOUND.value: False}
    rows = []
    for paper in waived(case):
        mark, tone = _MARKS[holds.get(paper.check)]
        rows.append(CheckRow(f"免交的“{paper.name}”电子证照", mark, tone, "证照库", "免于提交"))
    return tuple(rows)
