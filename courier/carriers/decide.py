"""What a carrier's report amounts to for one of our parcels: a move, or only told. Pure.

Reports come late, twice, in any order, and contradict one another. One moves its parcel only if it
fits where the parcel stands and nothing later is known; else it is kept as what the carrier told
(``parcel.passed``), and where it contradicts what we know a person is to look.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cases.folded import Parcel
from cases.states import ParcelState
from cases.table import TYPES
from courier.carriers.ports import Kind, Meaning, Report

PASSED = "parcel.passed"
MOVES = {
    Kind.TAKEN_OVER: "parcel.taken_over",
    Kind.OUT: "parcel.out_for_delivery",
    Kind.DELIVERED: "parcel.delivered",
    Kind.FAILED: "parcel.delivery_failed",
    Kind.RETURNED: "parcel.returned",
}
_OVER = (ParcelState.DELIVERED, ParcelState.ARRIVED, ParcelState.RETURNED, ParcelState.CANCELLED)
_ORDER = {kind: place for place, kind in enumerate(
    (Kind.TAKEN_OVER, Kind.LEFT, Kind.REACHED, Kind.OUT, Kind.HELD, Kind.FAILED, Kind.DELIVERED,
     Kind.RETURNING, Kind.RETURNED)
)}  # fmt: skip


@dataclass(frozen=True)
class Decided:
    """What is to be stated, and why a person should look, if one should."""

    type: str
    data: dict[str, Any]
    sealed: dict[str, Any]
    contrary: str = ""


def order(report: Report, meaning: Meaning) -> tuple[str, int]:
    """By what reports of one parcel are dealt with: when they happened, then as they follow."""
    return report.when, _ORDER[meaning.kind]


def decide(parcel: Parcel, report: Report, meaning: Meaning) -> Decided | None:
    """What to state; None where the same report has been stated already."""
    if report.op in parcel.operations:
        return None
    open_part = {"op": report.op, "when": report.when, "carrier": report.carrier}
    sealed = {"raw": report.raw, **({"place": report.place} if report.place else {})}
    type = MOVES.get(meaning.kind)
    contrary = _contrary(parcel, report, meaning)
    if type is None or contrary or not _moves(parcel, type, report):
        told = {**open_part, "code": report.code, "kind": meaning.kind.value}
        return Decided(PASSED, told, sealed, contrary)
    data = {**open_part, "code": report.code}
    if meaning.to:
        data["to"] = meaning.to
    if meaning.why:
        data["why"] = meaning.why
    return Decided(type, data, sealed)


def _moves(parcel: Parcel, type: str, report: Report) -> bool:
    return parcel.state in TYPES[type].states and report.when >= _last(parcel)


def _last(parcel: Parcel) -> str:
    """When the last counted report happened that moved the parcel; empty where none did."""
    times = [
        str(step.data.get("when", ""))
        for step in parcel.steps
        if step.verdict == "ok" and step.type in MOVES.values()
    ]
    return max(times, default="")


def _contrary(parcel: Parcel, report: Report, meaning: Meaning) -> str:
    """Why a report cannot be true together with what is known; empty where it can.

    What happened before the parcel's way ended is only late.
    """
    if meaning.kind not in MOVES or parcel.state not in _OVER:
        return ""
    if parcel.state is ParcelState.CANCELLED:
        return "这件已经取消交寄，承运方却报了状态"
    if report.when < _last(parcel) or MOVES[meaning.kind] == _ended_by(parcel):
        return ""
    if parcel.state is ParcelState.ARRIVED:
        return "" if meaning.kind is Kind.DELIVERED else "收件点已经签收，承运方又报了别的"
    ended = "签收" if parcel.state is ParcelState.DELIVERED else "退回"
    return f"已经报过{ended}，承运方又报“{meaning.words}”"


def _ended_by(parcel: Parcel) -> str:
    return {
        ParcelState.DELIVERED: "parcel.delivered", ParcelState.RETURNED: "parcel.returned",
    }.get(parcel.state, "")  # fmt: skip
