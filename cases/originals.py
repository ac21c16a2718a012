"""The way of each original (原件台账): pure, from a case and its parcels.

Taken in at a window, sent in a parcel, counted in where it is decided, filed by law or back with
its owner. Every leg is a fact that somebody stated; what should have happened by now and did not
is said in words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from cases.folded import Case, Material, Parcel, Step
from cases.papers import (
    EARLIER,
    SETTLED,
    TO_AUTHORITY,
    carries,
    holds,
    lies_at,
    originals,
    owed,
)
from cases.states import CaseState
from cases.times import day_of

#: What each leg is called.
LEG_ZH = {
    "case.received": "窗口收下",
    "case.supplemented": "补交收下",
    "case.undertaking_kept": "承诺补齐收下",
    "parcel.packed": "装封",
    "parcel.cancelled": "取消交寄",
    "parcel.taken_over": "快递员取走",
    "parcel.out_for_delivery": "派送",
    "parcel.delivery_failed": "投递未成功",
    "parcel.delivered": "送到",
    "parcel.arrived": "清点签收",
    "parcel.returned": "退回寄件点",
    "parcel.disputed": "申请人说没有收到",
    "parcel.dispute_settled": "查明下落",
    "case.originals_filed": "归档",
    "case.completed": "归档",
    "case.handed_out": "当面退还",
}
#: After so many days a leg should have been followed by another: what is said then.
OVERDUE = {
    "parcel.packed": (3, "装封 {days} 天了还没有揽收"),
    "parcel.taken_over": (5, "在途 {days} 天了还没有送到"),
    "parcel.out_for_delivery": (2, "派送 {days} 天了还没有结果"),
    "parcel.delivery_failed": (3, "投递未成功 {days} 天了还没有再送"),
    "parcel.delivered": (2, "送到 {days} 天了还没有清点签收"),
    "parcel.disputed": (2, "申请人说没有收到，{days} 天了还没有查清"),
}
#: With these a paper comes in; each came with one of them alone.
_CAME = ("case.supplemented", "case.undertaking_kept")
SETTLED_DAYS_MAX = 10
#: The open field in which a fact says when the papers came that it names, see ``brought``.
SINCE = "brought"


@dataclass(frozen=True)
class Leg:
    """One fact on an original's way: what, when (UTC), in which parcel."""

    what: str
    at: str
    parcel: str = ""


def way(case: Case, material: Material, parcels: Iterable[Parcel]) -> tuple[Leg, ...]:
    """The legs of one original, in the order in which they were stated."""
    legs = [Leg(s.type, s.at) for s in case.steps if _concerns(s, case, material)]
    for parcel in parcels:
        if carries(parcel, case) and holds(parcel, case, material):
            legs += [
                Leg(s.type, s.at, parcel.number)
                for s in parcel.steps
                if s.verdict == "ok" and s.type in LEG_ZH
            ]
    return tuple(sorted(legs, key=lambda leg: leg.at))


def _concerns(step: Step, case: Case, material: Material) -> bool:
    if step.verdict != "ok" or step.type not in LEG_ZH:
        return False
    if step.type == "case.received":
        return not material.brought_at  # else it came afterwards
    named = step.data.get("filed", step.data.get("positions"))
    if not isinstance(named, list):
        return False
    place = material.place or material.position
    if step.type in _CAME:
        return place in named and step.at == material.brought_at
    if step.data.get(SINCE):
        return material.position in meant(case, step.data)
    until = _followed_at(case, material)
    then = material.brought_at <= step.at and (not until or step.at < until)
    return material.position in named or (place in named and then)


def _followed_at(case: Case, material: Material) -> str:
    """When the next one came for the place of an earlier paper, or empty: it is the newest."""
    if not material.place:
        return ""
    of_place = [m for m in case.earlier if m.place == material.place]
    of_place += [m for m in case.materials if m.position == material.place]
    return of_place[of_place.index(material) + 1].brought_at


def brought(case: Case, positions: Iterable[int]) -> list[str]:
    """When each paper came that is filed, given or packed (``Material.brought_at``).

    It names the one that is meant: where there is no line, a better one may have come elsewhere
    for the same place, and have its position by the time when both are known.
    """
    since = {m.position: m.brought_at for m in (*case.earlier, *case.materials)}
    return [since.get(position, "") for position in positions]


def meant(case: Case, data: Mapping[str, Any]) -> tuple[int, ...]:
    """The papers that a fact names as filed or given, by the positions that they have now."""
    named = data.get("filed", data.get("positions", []))
    since = (data.get(SINCE) or [])[: len(named)]
    return tuple(_meant(case, p, at) for p, at in zip_longest(named, since) if type(p) is int)


def _meant(case: Case, position: int, brought_at: str | None) -> int:
    place = position % EARLIER  # at two stores, as many may have come there in another order
    of_place = (m for m in (*case.earlier, *case.materials) if m.position % EARLIER == place)
    return next((m.position for m in of_place if m.brought_at == brought_at), position)


def came_late(case: Case) -> bool:
    """Whether an original was brought, without a line, for a case that others closed meanwhile.

    It is owed to its owner all the same. (That it went back by mail, only its parcel knows.)
    """
    if case.state is not CaseState.CLOSED or not case.unheard:
        return False
    settled = {*case.filed, *case.handed_out}
    return any(m.brought_at in case.unheard and m.position not in settled for m in originals(case))


def late_at(case: Case, parcels: Iterable[Parcel]) -> tuple[str, ...]:
    """The points from which what came late has to go back still."""
    if not came_late(case):
        return ()
    parcels = tuple(parcels)
    due = {o.position: o.at for o in owed(case, parcels) if not o.on_the_way}
    kept = (m for m in originals(case) if m.position in due)
    points = (due[m.position] or lies_at(case, m, parcels) for m in kept)
    return tuple(dict.fromkeys(point for point in points if point))


def missing(case: Case, material: Material, parcels: Iterable[Parcel], now: str) -> str:
    """What should have happened to an original by now and did not, in words, or empty."""
    parcels = tuple(parcels)
    legs = way(case, material, parcels)
    if not legs or all(o.position != material.position for o in owed(case, parcels)):
        return ""
    last = legs[-1]
    days, words = OVERDUE.get(last.what, (0, ""))
    waited = (day_of(now) - day_of(last.at)).days
    to_owner = last.parcel and _purpose(last.parcel, parcels) != TO_AUTHORITY
    if words and waited > days and not (last.what == "parcel.delivered" and to_owner):
        return words.format(days=waited)
    since = _settled_at(case)
    idle = (day_of(now) - day_of(since)).days if since else 0
    if idle > SETTLED_DAYS_MAX and not last.parcel:
        return f"已经办完 {idle} 天，还没有归档或退还"
    return ""


def _purpose(number: str, parcels: Iterable[Parcel]) -> str:
    return next((p.purpose for p in parcels if p.number == number), "")


def _settled_at(case: Case) -> str:
    if case.state not in SETTLED and not came_late(case):
        return ""
    ends = ("case.completed", "case.not_accepted", "case.withdrawn", "case.lapsed")
    return max((s.at for s in case.steps if s.type in ends and s.verdict == "ok"), default="")
