"""What the events of a visit change in it: at a window, and from home."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from msgspec.structs import replace

from cases import effects_papers
from cases.effects_papers import is_whole
from cases.events import Event
from cases.folded import Defect, Visit
from cases.forgotten import FORGOTTEN
from cases.states import VisitState


def _opened(visit: Visit, event: Event) -> Visit:
    return replace(
        visit,
        point=event.point,
        state=VisitState.OPEN,
        window=event.data["window"],
        opened_at=event.at,
    )


def _asked(visit: Visit, event: Event) -> Visit:
    return replace(visit, asked=(*visit.asked, event.data["matter"]))


def _identified(visit: Visit, event: Event) -> Visit:
    return replace(visit, identified=(*visit.identified, event.id))


def _ended(visit: Visit, event: Event) -> Visit:
    return replace(visit, state=VisitState.ENDED, ended_at=event.at)


def _applied(visit: Visit, event: Event) -> Visit:
    """The form, sent for the first time or mended: what was wrong with it before is over."""
    data = event.data
    return replace(
        visit,
        state=VisitState.APPLIED,
        point=visit.point or data["point"],
        matter=data["matter"],
        title=data["title"],
        applicant_kind=data["applicant_kind"],
        document=data["document"],
        fetch=data["fetch"],
        applied_at=event.at,
        applied_event=event.id,
        defects=(),
    )


def _checked(visit: Visit, event: Event) -> Visit:
    return replace(visit, state=VisitState.CHECKED, answered_at=event.at, answer_event=event.id)


def _mending_asked(visit: Visit, event: Event) -> Visit:
    defects = (_defect(value) for value in event.data["defects"])
    return replace(
        visit,
        state=VisitState.TO_MEND,
        answered_at=event.at,
        answer_event=event.id,
        defects=tuple(defect for defect in defects if defect is not None),
    )


def _defect(value: Any) -> Defect | None:
    if not isinstance(value, Mapping) or not is_whole(value.get("position")):
        return None
    return Defect(value["position"], str(value.get("reason", "")))


def _declined(visit: Visit, event: Event) -> Visit:
    why = event.data["why"]
    return replace(
        visit,
        state=VisitState.DECLINED,
        answered_at=event.at,
        answer_event=event.id,
        declined=why,
    )


def _cancelled(visit: Visit, event: Event) -> Visit:
    return replace(visit, state=VisitState.CANCELLED, ended_at=event.at)


def _forgotten(visit: Visit, event: Event) -> Visit:
    """Said twice, as two processes of central may, it is the same."""
    return replace(visit, state=VisitState.FORGOTTEN)


EFFECTS: Mapping[str, Callable[[Any, Event], Any]] = {
    "visit.opened": _opened,
    "visit.asked": _asked,
    "visit.identified": _identified,
    "visit.ended": _ended,
    "visit.applied": _applied,
    "visit.scanned": effects_papers.scanned,
    "visit.checked": _checked,
    "visit.mending_asked": _mending_asked,
    "visit.declined": _declined,
    "visit.cancelled": _cancelled,
    FORGOTTEN: _forgotten,
}
