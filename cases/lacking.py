"""缺件收件: a case is received although a paper is missing, and one notice asks for all that is.

What an application lacks is told at once or within five working days, all of it in one notice, and
no application is turned away for it (行政许可法第三十二条第一款第（四）项). Who applies may also
come again with everything; that stays the advice. Nothing is received so that is decided on the
spot: there would be no time in which the paper could come.
"""

from __future__ import annotations

from collections.abc import Iterable

from cases.catalogue import MaterialSpec, Matter
from cases.folded import Case, Material
from cases.proceedings import outstanding
from cases.states import CaseState

MISSING = "missing"
#: The notice has not been given yet.
_BEFORE = (CaseState.RECEIVED, CaseState.FORWARDED)


def may_lack(matter: Matter, spec: MaterialSpec) -> bool:
    """Whether a case of a matter may be received without a paper; who it is, is always proved."""
    return not (matter.immediate or matter.instant or spec.identity)


def lacking(case: Case) -> tuple[Material, ...]:
    """The papers that a case was received without and that no notice has asked for yet."""
    if case.state not in _BEFORE:
        return ()
    return tuple(m for m in case.materials if m.lacking and not m.taken)


def still_missing_zh(cases: Iterable[Case]) -> str:
    """For the receipt: which papers are still missing, and who says until when; or empty."""
    left = [(case, m.name) for case in cases for m in (*lacking(case), *_asked_for(case))]
    if not left:
        return ""
    names = "、".join(dict.fromkeys(name for _, name in left))
    if all(case.correction for case, _ in left):
        return f"还缺：{names}。已一次告知补正，哪天前补、怎样补，见补正告知书。"
    return f"还缺：{names}。5 个工作日内一次告知哪天前补齐；可拍照、预约上门取，或交到任一受理点。"


def _asked_for(case: Case) -> tuple[Material, ...]:
    """What was lacking and the notice asked for, while nothing has been given for it."""
    if case.state is not CaseState.CORRECTION:
        return ()
    asked = {defect.position for defect in outstanding(case)}
    return tuple(m for m in case.materials if m.lacking and m.position in asked)


def names_zh(case: Case) -> str:
    """The papers that are lacking, by name, or empty."""
    return "、".join(m.name for m in lacking(case))
