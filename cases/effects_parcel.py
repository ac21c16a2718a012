"""What each type of event changes in a parcel, once the fold has let it count."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from msgspec.structs import replace

from cases import slips
from cases.effects_papers import is_whole
from cases.events import Event
from cases.folded import Parcel
from cases.manifests import How
from cases.states import ParcelState
from cases.table import TYPES


def _packed(parcel: Parcel, event: Event) -> Parcel:
    data = event.data
    return replace(
        parcel,
        point=event.point,
        state=_to(event),
        purpose=data["purpose"],
        cases=tuple(c for c in data["cases"] if isinstance(c, str)),
        to_point=str(data.get("to_point") or ""),
        carrier=data["carrier"],
        tracking=data["tracking"],
        contents=tuple(dict(c) for c in data["contents"] if isinstance(c, Mapping)),
        slip=str(data.get("slip") or ""),
        consent=slips.agreed_to(data.get("consent")),
        visit=str(data.get("visit") or ""),
        packed_event=event.id,
        packed_at=event.at,
    )


def _printed(parcel: Parcel, event: Event) -> Parcel:
    return replace(parcel, copies=max(parcel.copies, event.data["copy"]))


def _to(event: Event) -> Any:
    return TYPES[event.type].to


def _reported(parcel: Parcel, event: Event) -> Parcel:
    """A courier's report. A repeated operation changes nothing.

    One that comes after the point it went to has signed for the parcel is kept as what it tells,
    and does not take that back.
    """
    op = str(event.data.get("op") or event.id)
    if op in parcel.operations:
        return parcel
    state = parcel.state if parcel.state is ParcelState.ARRIVED else _to(event) or parcel.state
    return replace(parcel, state=state, operations=(*parcel.operations, op))


def _taken_over(parcel: Parcel, event: Event) -> Parcel:
    """Whoever has it in hand has found it: it is missing no more.

    Of what was fetched from a home: which papers were there, by their place in the list.
    """
    done, found = _reported(parcel, event), event.data.get("collected")
    if done is parcel:
        return parcel
    known = tuple(sorted({p for p in found if is_whole(p)})) if isinstance(found, list) else None
    return replace(done, missing="", collected=done.collected if known is None else known)


def _missing(parcel: Parcel, event: Event) -> Parcel:
    """It was on the list and not in the bag; where it is, no courier can say."""
    done = _reported(parcel, event)
    return done if done is parcel else replace(done, missing=event.id)


def _missing_answered(parcel: Parcel, event: Event) -> Parcel:
    """The point has it in hand again, or called it off; one that is lost is still missing."""
    found = event.data["missing"] == parcel.missing and event.data["how"] != How.LOST.value
    return replace(parcel, missing="") if found else parcel


def _as_it_was(parcel: Parcel, event: Event) -> Parcel:
    """Nothing changes but the history, where ``manifests`` reads it."""
    return parcel


def _delivered(parcel: Parcel, event: Event) -> Parcel:
    done = _reported(parcel, event)
    if done is parcel:
        return parcel
    data = event.data
    return replace(
        done,
        delivered_to=data["to"],
        delivered_at=data["when"],
        delivered_event=event.id,
        proof=str(data.get("proof") or ""),
    )


def _failed(parcel: Parcel, event: Event) -> Parcel:
    done = _reported(parcel, event)
    return done if done is parcel else replace(done, failure=event.data["why"])


def _moved(parcel: Parcel, event: Event) -> Parcel:
    return replace(parcel, state=_to(event))


#: The effect of each type of event on a parcel.
EFFECTS: dict[str, Callable[[Any, Event], Any]] = {
    "parcel.packed": _packed,
    "parcel.waybill_printed": _printed,
    "parcel.inspected": _as_it_was,
    "parcel.listed": _as_it_was,
    "parcel.fetch_accepted": _reported,
    "parcel.taken_over": _taken_over,
    "parcel.missing": _missing,
    "parcel.missing_answered": _missing_answered,
    "parcel.passed": _reported,
    "parcel.out_for_delivery": _reported,
    "parcel.delivered": _delivered,
    "parcel.delivery_failed": _failed,
    "parcel.returned": _reported,
    "parcel.arrived": _moved,
    "parcel.cancelled": _moved,
}
