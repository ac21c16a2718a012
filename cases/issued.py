"""The papers that a case's facts issue (文书): which fact issues which, its number, its standing.

Nothing is stored for it: a fact that issues a paper bears the paper's number, and what stands with
the fact stands with the paper. What was voided, or was never entitled, is void on paper too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from cases.events import CENTRAL, point_of
from cases.folded import Case, Step
from cases.numbers import parse_paper_number

RESULT_ISSUED = "case.result_issued"


class PaperKind(Enum):
    """The kinds of issued papers."""

    CORRECTION = "correction"
    ACCEPTANCE = "acceptance"
    NON_ACCEPTANCE = "non_acceptance"
    LAPSE = "lapse"
    SPECIAL_PROCEDURE = "special_procedure"
    EXTENSION = "extension"
    APPROVAL = "approval"
    REFUSAL = "refusal"
    DELIVERY = "delivery"
    CERTIFICATE = "certificate"
    APPROVAL_DOCUMENT = "approval_document"


class Standing(Enum):
    """Whether an issued paper holds."""

    VALID = "valid"
    VOID = "void"
    REPLACED = "replaced"


#: The kind of paper that a fact issues; a result says its kind itself.
OF_FACT = {
    "case.correction_noticed": PaperKind.CORRECTION,
    "case.lapsed": PaperKind.LAPSE,
    "case.accepted": PaperKind.ACCEPTANCE,
    "case.suspended": PaperKind.SPECIAL_PROCEDURE,
    "case.extended": PaperKind.EXTENSION,
    "case.not_accepted": PaperKind.NON_ACCEPTANCE,
    "case.approved": PaperKind.APPROVAL,
    "case.refused": PaperKind.REFUSAL,
    "case.handed_out": PaperKind.DELIVERY,
}
DECISIONS = ("case.approved", "case.refused")
RESULT_KINDS = {
    "certificate": PaperKind.CERTIFICATE,
    "approval": PaperKind.APPROVAL_DOCUMENT,
}


@dataclass(frozen=True)
class Issued:
    """One issued paper: its number, the fact that issued it, and whether it holds."""

    kind: PaperKind
    number: str
    event: str
    at: str
    author: str
    standing: Standing = Standing.VALID
    licence: str = ""
    valid_until: str = ""
    replaces: str = ""
    number_before: str = ""
    replaced_by: str = ""

    def issuer(self, case: Case) -> str:
        """The point that issued it; for what central decides by a rule, who it decides for."""
        point = point_of(self.author)
        return case.deciding if point == CENTRAL else point

    @property
    def is_result(self) -> bool:
        """Whether it is the result itself: a certificate or an approval."""
        return self.kind in RESULT_KINDS.values()


def kind_of_fact(type: str, data: Mapping[str, Any]) -> PaperKind | None:
    """The kind of paper that a fact issues, or None: what was decided elsewhere issues none."""
    if type == RESULT_ISSUED:
        return RESULT_KINDS.get(str(data.get("kind")))
    return None if data.get("elsewhere_date") else OF_FACT.get(type)


def papers_of(steps: Sequence[Step]) -> tuple[Issued, ...]:
    """Every paper that facts of a case issued, in their order, the void ones too."""
    found: list[Issued] = []
    decided: Step | None = None
    for step in steps:
        if step.type in DECISIONS and step.verdict in ("ok", "voided"):
            decided = step
        paper = _paper(step, decided)
        if paper is not None:
            found = [_superseded(old, paper) for old in found]
            found.append(paper)
    return tuple(found)


def _paper(step: Step, decided: Step | None) -> Issued | None:
    kind, number = kind_of_fact(step.type, step.data), step.data.get("paper_number")
    counted = step.verdict in ("ok", "voided")
    if kind is None or not counted or parse_paper_number(str(number)) is None:
        return None
    paper = Issued(
        kind=kind,
        number=str(number),
        event=step.id,
        at=step.dated or step.at,
        author=step.author,
        licence=str(step.data.get("licence") or ""),
        valid_until=str(step.data.get("valid_until") or ""),
        replaces=str(step.data.get("replaces") or ""),
        number_before=str(step.data.get("paper_number_before") or ""),
    )
    undone = paper.is_result and (decided is None or decided.verdict == "voided")
    return replace(paper, standing=Standing.VOID) if undone or step.verdict != "ok" else paper


def _superseded(old: Issued, new: Issued) -> Issued:
    if new.replaces != old.event or Standing.VOID in (new.standing, old.standing):
        return old
    return replace(old, standing=Standing.REPLACED, replaced_by=new.number)


def live_result(case: Case) -> Issued | None:
    """The result that holds, or None."""
    results = (p for p in papers_of(case.steps) if p.is_result)
    return next((p for p in results if p.standing is Standing.VALID), None)


def cannot_issue(number: str, steps: Sequence[Step], data: Mapping[str, Any]) -> str:
    """Why a result may not be issued beside what was issued before, or empty.

    One result holds at a time; another one replaces it by name. No number is used twice.
    """
    papers = papers_of(steps)
    if data.get("kind") not in RESULT_KINDS:
        return f"{number}: 结果只能是证照或批文"
    if parse_paper_number(str(data.get("paper_number"))) is None:
        return f"{number}: 结果的文号不对"
    if any(data["paper_number"] in (p.number, p.number_before) for p in papers):
        return f"{number}: 文号 {data['paper_number']} 已经用过，不能再发一次"
    decisions = [s for s in steps if s.type in DECISIONS and s.verdict == "ok"]
    if not decisions or decisions[-1].type != "case.approved":
        return f"{number}: 没有准予决定，不能出证"
    held = [p.event for p in papers if p.is_result and p.standing is Standing.VALID]
    replaces = str(data.get("replaces") or "")
    if held and replaces not in held:
        return f"{number}: 已经出过结果，不能重复出证；要换发请先指明换发哪一份"
    if replaces and replaces not in held:
        return f"{number}: 要换发的那一份已经作废或换发过了"
    return ""
