"""A delivered parcel that its recipient says never came (没收到): what is stated, and what of it.

The resident says so on the case's page; that changes no state. The point that sent it finds out:
it was in other hands (``found``), or it is lost, and then what was in it is owed once more. Until
then it counts as under way, so that neither is the case closed nor anything posted twice.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from cases.events import Event
from cases.folded import Call, Parcel
from cases.states import ParcelState

DISPUTED = "parcel.disputed"
CALLED = "parcel.dispute_called"
SETTLED = "parcel.dispute_settled"
FOUND, LOST = "found", "lost"
HOW_ZH = {FOUND: "找到了", LOST: "确实丢失"}
#: To whom a parcel goes that a resident may say of that it never came.
_TO_RESIDENTS = ("result_to_resident", "papers_returned")


def may_dispute(parcel: Parcel) -> bool:
    """Whether its recipient may say now that it never came."""
    delivered = parcel.state is ParcelState.DELIVERED and not parcel.lost
    ours = parcel.purpose in _TO_RESIDENTS and not parcel.to_point
    return delivered and ours and not parcel.disputed_at and not parcel.read_only


def disputed(parcel: Parcel, event: Event) -> Parcel:
    """The first saying stands until it is settled; an operation counts once."""
    op = str(event.data.get("op") or event.id)
    if op in parcel.operations or parcel.disputed_at:
        return parcel
    return replace(
        parcel, disputed_at=event.at, dispute_calls=(), operations=(*parcel.operations, op)
    )


def called(parcel: Parcel, event: Event) -> Parcel:
    """The sender rang somebody up about it."""
    again = str(event.data.get("next") or "")
    call = Call(event.id, event.at, event.author, event.data["reached"], "dispute", again)
    return replace(parcel, dispute_calls=(*parcel.dispute_calls, call))


def settled(parcel: Parcel, event: Event) -> Parcel:
    """What was found out; a parcel given up as lost may turn up after all."""
    return replace(parcel, disputed_at="", lost=event.data["how"] == LOST)


EFFECTS: dict[str, Callable[[Parcel, Event], Parcel]] = {
    DISPUTED: disputed,
    CALLED: called,
    SETTLED: settled,
}
