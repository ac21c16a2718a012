"""Who works on a case inside the deciding department, and other departments' opinions (并联).

Taking up, handing back and handing over move a case among people, never between points: whoever
decides stays the holder, and the fold lets a second hand that came unknowingly change nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from msgspec.structs import replace

from cases.case_rows import UNDECIDED
from cases.events import Event, point_of
from cases.folded import Case, Opinion

TAKEN_UP, HANDED_BACK, HANDED_OVER = "case.taken_up", "case.handed_back", "case.handed_over"
OPINION_ASKED, OPINION_GIVEN = "case.opinion_asked", "case.opinion_given"
OPINION_DAYS, OPINION_DAYS_MAX = 5, 20
#: What a department that was asked says.
VIEWS_ZH = {
    "agree": "同意",
    "conditions": "有条件同意",
    "object": "不同意",
    "not_ours": "不属于本部门职责",
}


def open_opinions(case: Case) -> tuple[Opinion, ...]:
    """What was asked and is not answered. With a decision, or the end of a case, it falls away."""
    if case.state not in UNDECIDED:
        return ()
    return tuple(opinion for opinion in case.opinions if not opinion.view)


def opinions_of(case: Case, point: str) -> tuple[Opinion, ...]:
    """What a point is asked and has not answered."""
    return tuple(opinion for opinion in open_opinions(case) if opinion.to == point)


def out_of_place(case: Case, type: str, author: str, data: Mapping[str, Any]) -> str:
    """What stands against a fact about people and departments, whatever else is known; or empty."""
    if type == HANDED_OVER:
        return _cannot_hand_over(case, data)
    if type == OPINION_ASKED and not 1 <= data["days"] <= OPINION_DAYS_MAX:
        return f"征求意见的期限是 1 到 {OPINION_DAYS_MAX} 个工作日"
    if type == OPINION_GIVEN:
        return _cannot_give(case, point_of(author), data)
    return ""


def _cannot_hand_over(case: Case, data: Mapping[str, Any]) -> str:
    officer, department = data.get("officer"), data.get("department")
    if bool(officer) is bool(department):
        return "只能交给一位同事，或转给一个部门"
    if department and case.state not in UNDECIDED:
        return "已经作出决定，不能再转给别的部门"
    return ""


def _cannot_give(case: Case, point: str, data: Mapping[str, Any]) -> str:
    """What stands against an answer: it was not asked here, or is given already. Or empty."""
    asked = next((o for o in case.opinions if o.event == data["request"]), None)
    if asked is None or asked.to != point:
        return "没有向本方征求过这条意见"
    if asked.view:
        return "这条意见已经答复过了"
    return "" if data["view"] in VIEWS_ZH else "答复不在可选的范围内"


def cannot_ask(case: Case, department: str, to: str) -> str:
    """Why a department need not be asked: it decides itself, or its answer is awaited. Or empty."""
    if department == case.department and to == case.deciding:
        return "本件就由这个部门审批，不用征求自己的意见"
    if any((o.department, o.to) == (department, to) for o in open_opinions(case)):
        return "已经征求这个部门的意见，还在等答复"
    return ""


# effects


def taken_up(case: Case, event: Event) -> Case:
    """The first who takes a case up has it; a second one who did not know changes nothing."""
    return case if case.officer else replace(case, officer=event.actor)


def handed_back(case: Case, event: Event) -> Case:
    """The case lies in the department's pool again."""
    return replace(case, officer="")


def handed_over(case: Case, event: Event) -> Case:
    """To a colleague, or onto the worklist of another department at the same seat."""
    data = event.data
    if officer := data.get("officer"):
        return replace(case, officer=str(officer))
    name = str(data.get("department_name") or "")
    return replace(case, officer="", department=data["department"], department_name=name)


def opinion_asked(case: Case, event: Event) -> Case:
    """Another department is asked, beside those that are asked already."""
    data = event.data
    asked = Opinion(
        event.id, event.at, data["department"], data["department_name"], data["to"], data["days"]
    )
    return replace(case, opinions=(*case.opinions, asked))


def opinion_given(case: Case, event: Event) -> Case:
    """The answer to one of them."""
    said = event.data["view"]
    return replace(
        case,
        opinions=tuple(
            replace(o, view=said, given_at=event.at) if o.event == event.data["request"] else o
            for o in case.opinions
        ),
    )


EFFECTS: dict[str, Callable[[Case, Event], Case]] = {
    TAKEN_UP: taken_up,
    HANDED_BACK: handed_back,
    HANDED_OVER: handed_over,
    OPINION_ASKED: opinion_asked,
    OPINION_GIVEN: opinion_given,
}
