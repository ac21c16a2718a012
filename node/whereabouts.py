"""Where each paper of a case is now: pure, from the case and its parcels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cases.folded import Case, Material, Parcel
from cases.licences import Check
from cases.papers import (
    OUTGOING,
    RESULT_TO_POINT,
    SETTLED,
    Owed,
    holds,
    is_gone,
    originals,
    owed,
    stays,
    taken_along,
    taken_at,
)
from cases.slips import is_posted, pickup_at
from cases.states import STATE_ZH, CaseState, ParcelState

HANDLING_ZH = {
    "looked_at": "当场核验退回",
    "copy_kept": "收复印件",
    "original_kept": "收原件",
    "electronic": "电子材料",
}

WAIVED_ZH: dict[str, str] = {
    Check.FOUND: "免交，电子证照已查到",
    Check.PENDING: "免交，等区中心核验",
    Check.NOT_FOUND: "没有查到，等申请人补交",
}

NameOf = Callable[[str], str]


@dataclass(frozen=True)
class Place:
    """Where a paper is, in words; ``point`` holds it, or ``parcel`` carries it."""

    words: str
    point: str = ""
    parcel: str = ""


def place_of(case: Case, material: Material, parcels: tuple[Parcel, ...], name_of: NameOf) -> Place:
    """Where one paper of a case is now."""
    if not material.taken:
        return Place(WAIVED_ZH.get(material.check, "没有收"))
    if not stays(material):
        return Place("电子文件" if material.handling == "electronic" else "已核验，当场退回申请人")
    if material.position in case.handed_out:
        return Place("已当面退还申请人")
    if material.position in case.filed:
        return Place("已依法归档")
    return _on_its_way_back(case, material, parcels, name_of) or _kept_at(
        case, material, parcels, name_of
    )


def _on_its_way_back(
    case: Case, material: Material, parcels: tuple[Parcel, ...], name_of: NameOf
) -> Place | None:
    for parcel in sorted(parcels, key=lambda p: p.packed_at, reverse=True):
        gone = is_gone(parcel) and not parcel.lost
        if gone or parcel.purpose not in OUTGOING:
            continue
        if holds(parcel, case, material):
            if parcel.lost:  # whoever sent it owes it
                return Place("寄还时丢失，由寄件点补办", point=parcel.point, parcel=parcel.number)
            return _to_resident(parcel, name_of)
    return None


def _to_resident(parcel: Parcel, name_of: NameOf) -> Place:
    """Where a parcel has taken it: towards the resident's door, or to where they fetch it."""
    if parcel.purpose != RESULT_TO_POINT:
        return Place(f"随邮件寄还申请人：{STATE_ZH[parcel.state]}", parcel=parcel.number)
    where = name_of(parcel.to_point)
    if parcel.state is ParcelState.ARRIVED:
        return Place(f"在{where}，等申请人来领", point=parcel.to_point)
    return Place(f"随邮件送往{where}：{STATE_ZH[parcel.state]}", parcel=parcel.number)


def _kept_at(case: Case, material: Material, parcels: tuple[Parcel, ...], name_of: NameOf) -> Place:
    sent = taken_along(case, material, parcels)
    if sent is None or sent.state is ParcelState.NEW:
        point = taken_at(case, material)
        return Place(f"在{name_of(point)}", point=point)
    if sent.state is ParcelState.PACKED:
        return Place(f"已装封，等快递员来取（寄往{name_of(sent.to_point)}）", parcel=sent.number)
    if sent.state is ParcelState.ARRIVED:
        return Place(f"在{name_of(sent.to_point)}", point=sent.to_point)
    if sent.state is ParcelState.DELIVERED:
        return Place(f"已送到{name_of(sent.to_point)}，等清点", point=sent.to_point)
    return Place(f"{STATE_ZH[sent.state]}（寄往{name_of(sent.to_point)}）", parcel=sent.number)


def here_to_give(case: Case, parcels: tuple[Parcel, ...], point: str) -> tuple[Owed, ...]:
    """What this point still has to give the resident: the result, and originals it holds.

    Nothing before the case is settled. What a parcel took to a point is given there. Else a result
    is given by the deciding point, or by the receiving one unless it is to leave by mail; an
    electronic one also where the receipt was shown; an original only where it lies.
    """
    if case.state not in (*SETTLED, CaseState.CLOSED):  # closed: a parcel may have been lost
        return ()
    held = {
        m.position
        for m in originals(case)
        if place_of(case, m, parcels, lambda code: code).point == point
    }
    return tuple(
        o
        for o in owed(case, parcels)
        if not o.on_the_way
        and (o.position in held or (o.position == 0 and _gives_result(case, o.at, point)))
    )


def to_hand_out(case: Case, parcels: tuple[Parcel, ...], point: str) -> tuple[Owed, ...]:
    """What this point may give in person: a result only until the case is closed."""
    here = here_to_give(case, parcels, point)
    return tuple(o for o in here if o.position or case.state is not CaseState.CLOSED)


def _gives_result(case: Case, at: str, point: str) -> bool:
    """Whether a point gives the result; ``at``: where a parcel took it."""
    if at or point == case.holder:
        return point == (at or case.holder)
    electronic, to = case.result == "electronic", pickup_at(case)
    asked_here = point == case.point or (electronic and point in (*case.shown_to, to))
    return asked_here and (electronic or not to) and not is_posted(case)


@dataclass(frozen=True)
class Elsewhere:
    """What the resident asks for where it does not lie: in words, and whether it can be sent."""

    words: str
    may_come: bool


def lies_elsewhere(
    case: Case, parcels: tuple[Parcel, ...], point: str, name_of: NameOf
) -> Elsewhere | None:
    """What is owed and cannot be given where the receipt was shown, and where it is; None if
    nothing is."""
    if point not in case.shown_to or case.state not in (*SETTLED, CaseState.CLOSED):
        return None
    here = {o.position for o in here_to_give(case, parcels, point)}
    left = [o for o in owed(case, parcels) if o.position not in here]
    if not left:
        return None
    places: dict[str, list[str]] = {}
    for thing in left:
        places.setdefault(_where(case, thing, parcels, name_of), []).append(thing.name)
    words = "；".join(f"{'、'.join(names)}{place}" for place, names in places.items())
    asked = pickup_at(case) == point
    goes_on = case.state is not CaseState.CLOSED  # else no slip is taken any more
    may_come = goes_on and not asked and any(not thing.on_the_way for thing in left)
    then = "要在这里领的，请点“送到本窗口领”。" if may_come else ""
    then = "已经约好送到本窗口，到了再交给申请人。" if asked else then
    return Elsewhere(f"{words}。{then}", may_come)


def _where(case: Case, thing: Owed, parcels: tuple[Parcel, ...], name_of: NameOf) -> str:
    parcel = next((p for p in parcels if p.number == thing.on_the_way), None)
    if parcel is not None:
        to = name_of(parcel.to_point) if parcel.to_point else "申请人"
        return f"随邮件 {parcel.number} 寄往{to}：{STATE_ZH[parcel.state]}"
    material = next((m for m in originals(case) if m.position == thing.position), None)
    if material is not None:
        return place_of(case, material, parcels, name_of).words
    place = f"在{name_of(thing.at or case.holder)}"
    return f"{place}，要寄给申请人" if is_posted(case) and not thing.at else place
