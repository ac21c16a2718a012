"""What is corrected on the spot (当场更正) after a case was received, and what counts of it.

行政许可法第三十二条第一款第（三）项: 申请材料存在可以当场更正的错误的，应当允许申请人当场更正.
A slip of the pen is mended where the applicant stands, with no notice and no second trip. Whose
case it is, what for and where is no slip of the pen: another document, matter or area is another
reception.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cases.folded import Case, Step

CORRECTED = "case.corrected_on_spot"
NOTE = "note"  # the one field that may be left empty
FIELDS_ZH = {
    "name": "申请人姓名或名称",
    "phone": "联系电话",
    "contact": "法定代表人",
    "agent_name": "代办人姓名",
    "agent_phone": "代办人电话",
    NOTE: "备注",
}
_OF_AN_AGENT = {"agent_name", "agent_phone"}
_OF_AN_ORGANISATION = {"contact"}


def correctable(case: Case) -> tuple[str, ...]:
    """The fields of a case's application that can be corrected on the spot."""
    without: set[str] = set() if case.agent_document else set(_OF_AN_AGENT)
    if case.applicant_kind != "organization":
        without |= _OF_AN_ORGANISATION
    return tuple(name for name in FIELDS_ZH if name not in without)


def cannot_correct(case: Case, data: Mapping[str, Any]) -> str:
    """Why a correction does not count, or empty."""
    named = data["fields"]
    if not named or any(name not in correctable(case) for name in named):
        return f"{case.number}: 当场更正只能改{names_zh(correctable(case))}；证件、事项要重新收件"
    return ""


def corrections(case: Case) -> tuple[Step, ...]:
    """The corrections that count, in order."""
    return tuple(s for s in case.steps if s.type == CORRECTED and s.verdict == "ok")


def overlaid(said: Mapping[str, Any], step: Step, sealed: Mapping[str, Any]) -> dict[str, Any]:
    """What the application says after one more correction; only a note can be taken away."""
    named = [name for name in FIELDS_ZH if name in step.data["fields"]]
    new = {name: str(sealed.get(name) or "") for name in named}
    return {**said, **{name: text for name, text in new.items() if text or name == NOTE}}


def names_zh(fields: Any) -> str:
    """The fields in words, in the order of the form; without their values."""
    named = fields if isinstance(fields, list | tuple) else ()
    return "、".join(words for name, words in FIELDS_ZH.items() if name in named)
