"""Where a case's papers and its result are, and what is still owed to the resident.

Joins a case with its parcels. A case is not closed until every original is filed by law or back
with its owner, and the result is in the right hands.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import replace as moved
from typing import Any

from msgspec.structs import replace

from cases.events import point_of
from cases.folded import Case, Material, Parcel
from cases.slips import is_posted, pickup_at
from cases.states import CaseState, ParcelState

TO_AUTHORITY = "papers_to_authority"
RESULT = "result_to_resident"
RESULT_TO_POINT = "result_to_point"
PAPERS_RETURNED = "papers_returned"
PAPERS_FETCHED = "papers_fetched"
PURPOSES_ZH = {
    TO_AUTHORITY: "材料转送",
    RESULT: "结果寄递",
    RESULT_TO_POINT: "送到领取点",
    PAPERS_RETURNED: "材料退还",
    PAPERS_FETCHED: "上门取件",
}
#: No matter has so many papers: above it stand those that were there before another came.
EARLIER = 1000
KEPT = ("original_kept", "copy_kept")
_GONE = (ParcelState.CANCELLED, ParcelState.RETURNED)
_DONE = (ParcelState.DELIVERED, ParcelState.ARRIVED)
#: What leaves for the resident: to their door, or to the point where they fetch it.
OUTGOING = (RESULT, RESULT_TO_POINT, PAPERS_RETURNED)
#: Something of a case in these may have to be given once more, should a parcel turn out lost.
GIVEN_IN = (CaseState.COMPLETED, CaseState.CLOSED)
DECIDED = (
    CaseState.APPROVED,
    CaseState.REFUSED,
    CaseState.NOT_ACCEPTED,
    CaseState.COMPLETED,
    CaseState.WITHDRAWN,
    CaseState.LAPSED,
)
#: While a case is in these, what is kept of it travels to where it is decided.
_SENT_IN = (
    CaseState.FORWARDED,
    CaseState.CORRECTION,
    CaseState.ACCEPTED,
    CaseState.SUSPENDED,
)
#: What was promised may come until the case is closed, and is checked by who decided.
_PROMISED_IN = (*_SENT_IN, CaseState.APPROVED, CaseState.COMPLETED)
PAPERS_TAKEN_IN = "代收的补充材料"
#: A case in these has ended, and only what is owed keeps it open.
SETTLED = (CaseState.NOT_ACCEPTED, CaseState.COMPLETED, CaseState.WITHDRAWN, CaseState.LAPSED)
#: It ended without a decision: what was kept goes back.
UNDONE = (CaseState.NOT_ACCEPTED, CaseState.WITHDRAWN, CaseState.LAPSED)


@dataclass(frozen=True)
class Owed:
    """Something not yet in the right hands: the result (position 0) or an original.

    ``on_the_way``: the number of the live parcel that carries it. ``at``: the point where it lies,
    if a parcel took it there to be fetched; else it is where it was made or taken in.
    """

    position: int
    name: str
    on_the_way: str = ""
    at: str = ""


def stays(material: Material) -> bool:
    """Whether a paper was taken in to be kept; an identity document never is."""
    return material.taken and material.handling in KEPT and not material.identity


def travelling(case: Case) -> tuple[Material, ...]:
    """The papers that are kept and so travel to the deciding point; never identity documents.

    An original travels also when a better one has come: it is owed to its owner all the same.
    """
    return tuple(m for m in (*case.materials, *earlier_originals(case)) if stays(m))


def earlier_originals(case: Case) -> tuple[Material, ...]:
    """The originals that were kept before another came in their place."""
    return tuple(m for m in case.earlier if m.handling == "original_kept")


def originals(case: Case) -> tuple[Material, ...]:
    """The originals that were kept and must be filed by law or come back."""
    return tuple(m for m in travelling(case) if m.handling == "original_kept")


def carries(parcel: Parcel, case: Case | None) -> bool:
    """Whether a parcel that names a case is one of it: only its parties can have packed it.

    Anybody can write a number into a parcel; with that alone nobody gets to see the case, nor does
    the case get a parcel. A point that was only shown the receipt sends in what it took in there,
    and gives back what was brought to it.
    """
    if case is None or not case.point or case.number not in parcel.cases:
        return False
    if parcel.point in (case.point, case.deciding, *case.holders, *case.pickup_points):
        return True
    if parcel.purpose in OUTGOING and parcel.point in brought_to(case):
        return True
    to_decider = parcel.purpose == TO_AUTHORITY and parcel.to_point == case.deciding
    return to_decider and parcel.point in case.shown_to


def brought_to(case: Case) -> tuple[str, ...]:
    """The points to which a paper that is kept was brought afterwards."""
    return tuple({m.brought_to for m in originals(case)} - {""})


def is_gone(parcel: Parcel) -> bool:
    """Whether what was in a parcel has to go out again: called off, come back, or lost."""
    return parcel.state in _GONE or parcel.lost


def is_home(parcel: Parcel) -> bool:
    """Whether a parcel is where it was to go, and its recipient does not say otherwise."""
    return parcel.state in _DONE and not parcel.lost and not parcel.disputed_at


def live(parcels: Iterable[Parcel], purpose: str, case: str) -> Parcel | None:
    """The newest parcel of a purpose for a case that was not cancelled, returned or lost."""
    fitting = [p for p in parcels if p.purpose == purpose and case in p.cases and not is_gone(p)]
    return max(fitting, key=lambda p: p.packed_at, default=None)


def taken_along(case: Case, material: Material, parcels: Iterable[Parcel]) -> Parcel | None:
    """The newest live parcel that takes a paper to the deciding body."""
    fitting = [
        p
        for p in parcels
        if p.purpose == TO_AUTHORITY and not is_gone(p) and holds(p, case, material)
    ]
    return max(fitting, key=lambda p: p.packed_at, default=None)


def holds(parcel: Parcel, case: Case, material: Material) -> bool:
    """Whether a parcel holds just this paper, and not another one that had its place.

    Which one of a place it is, the parcel says (``originals.brought``). Where it does not: a paper
    that nobody had brought yet is in none; of several that had, what a point sends in is what was
    taken in there, as two points may not have heard of each other; what goes back is the newest.
    """
    place = material.position % EARLIER
    every = (*case.earlier, *case.materials)
    of_place = [m for m in every if m.position % EARLIER == place] or [material]
    said = _said_of(parcel, case, place)
    if any(m.brought_at in said for m in of_place):
        return material.brought_at in said
    if material.place and _holds(parcel, case, material.position):
        return True
    if not _holds(parcel, case, place):
        return False
    there = [m for m in of_place if m.brought_at <= parcel.packed_at]
    if parcel.purpose == TO_AUTHORITY:
        there = [m for m in there if taken_at(case, m) == parcel.point] or there
    return bool(there) and there[-1] == material


def taken_at(case: Case, material: Material) -> str:
    """The point where a paper was taken in."""
    return material.brought_to or case.point


def to_send(case: Case, parcels: Iterable[Parcel], point: str) -> tuple[Material, ...]:
    """The papers that lie at a point and that nothing takes to the body that decides elsewhere."""
    parcels = tuple(parcels)
    if point == case.deciding or case.waits_at_receiver:
        return ()
    return tuple(
        m
        for m in (*travelling(case), *_untitled(case, point))
        if _travels_now(case, m)
        and taken_at(case, m) == point
        and taken_along(case, m, parcels) is None
    )


def _travels_now(case: Case, material: Material) -> bool:
    if case.state is CaseState.RECEIVED:
        return case.holder == case.deciding
    return case.state in (_PROMISED_IN if material.undertaken else _SENT_IN)


def _untitled(case: Case, point: str) -> tuple[Material, ...]:
    """What a point that was shown the receipt took in (代收补充材料): what, only its words tell."""
    if point == case.point or point not in case.shown_to:
        return ()
    came = [
        step.at
        for step in case.steps
        if (step.type, step.verdict) == ("case.papers_received", "ok")
        and point_of(step.author) == point
    ]
    paper = Material(0, PAPERS_TAKEN_IN, "copy_kept", taken=True, brought_to=point)
    return (replace(paper, brought_at=came[-1]),) if came else ()


def owed(case: Case, parcels: Iterable[Parcel]) -> tuple[Owed, ...]:
    """What still has to reach the resident (or the file) before the case may be closed."""
    parcels = tuple(parcels)
    result = _owed_result(case, parcels)
    return (*((result,) if result else ()), *_owed_originals(case, parcels))


def result_owed(case: Case, parcels: Iterable[Parcel]) -> bool:
    """Whether a completed case's result is not in the resident's hands yet."""
    return _owed_result(case, tuple(parcels)) is not None


def _owed_result(case: Case, parcels: tuple[Parcel, ...]) -> Owed | None:
    if case.state not in GIVEN_IN or case.result == "none" or case.result_handed_out:
        return None
    if case.state is CaseState.CLOSED and not any(p.lost for p in parcels):
        return None
    return _owed_in(Owed(0, "办理结果"), outgoing(case, 0, parcels))


def _owed_originals(case: Case, parcels: tuple[Parcel, ...]) -> tuple[Owed, ...]:
    settled = {*case.filed, *case.handed_out}
    kept = (m for m in originals(case) if m.position not in settled)
    found = (_owed_in(Owed(m.position, m.name), sent_back(case, m, parcels)) for m in kept)
    return tuple(each for each in found if each is not None)


def outgoing(case: Case, position: int, parcels: Iterable[Parcel]) -> Parcel | None:
    """The newest live parcel that takes a thing of a case to the resident, or to be fetched."""
    return _newest_out(
        case,
        (
            p
            for p in parcels
            if _holds(p, case, position) or (position == 0 and p.purpose == RESULT)
        ),
    )


def sent_back(case: Case, material: Material, parcels: Iterable[Parcel]) -> Parcel | None:
    """The newest live parcel that takes just this paper back to its owner, or to be fetched."""
    return _newest_out(case, (p for p in parcels if holds(p, case, material)))


def _newest_out(case: Case, parcels: Iterable[Parcel]) -> Parcel | None:
    out = [
        p for p in parcels if p.purpose in OUTGOING and not is_gone(p) and case.number in p.cases
    ]
    return max(out, key=lambda p: p.packed_at, default=None)


def _holds(parcel: Parcel, case: Case, position: int) -> bool:
    return any(
        (c.get("case"), c.get("position")) == (case.number, position) for c in parcel.contents
    )


def _said_of(parcel: Parcel, case: Case, place: int) -> list[Any]:
    """When the papers came that a parcel says to hold of a place; it may not say."""
    inside = (c for c in parcel.contents if c.get("case") == case.number)
    named = ((c.get("position"), c.get("brought")) for c in inside)
    return [at for p, at in named if isinstance(p, int) and p % EARLIER == place]


def _owed_in(thing: Owed, parcel: Parcel | None) -> Owed | None:
    """Where a thing is that a parcel takes away: None when it is in the resident's hands."""
    if parcel is None:
        return thing
    if parcel.purpose != RESULT_TO_POINT:
        return None if is_home(parcel) else moved(thing, on_the_way=parcel.number)
    if parcel.state is ParcelState.ARRIVED:
        return moved(thing, at=parcel.to_point)
    return moved(thing, on_the_way=parcel.number)


def waiting_at(case: Case, parcels: Iterable[Parcel], point: str) -> tuple[Owed, ...]:
    """What is owed and is to leave a point: that it decided or keeps, or that was sent there."""
    parcels = tuple(parcels)
    brought = (m for m in originals(case) if m.brought_to)
    lying = {m.position: lies_at(case, m, parcels) for m in brought}
    return tuple(
        o
        for o in owed(case, parcels)
        if not o.on_the_way and (o.at or lying.get(o.position, case.holder)) == point
    )


def lies_at(case: Case, material: Material, parcels: Iterable[Parcel]) -> str:
    """The point where a kept paper lies before it goes back; empty while a parcel takes it in."""
    sent = taken_along(case, material, parcels)
    if sent is None or sent.state is ParcelState.NEW:
        return taken_at(case, material)
    return sent.to_point if sent.state in _DONE else ""


def leaves(case: Case, point: str) -> bool:
    """Whether what lies at a point leaves it by mail: for the resident's door, or for the point
    where they fetch it. What is fetched where it lies does not."""
    to = pickup_at(case)
    if to:
        return to != point
    return case.state not in GIVEN_IN or is_posted(case)


def nothing_left(case: Case, parcels: Iterable[Parcel]) -> bool:
    """Whether nothing of a case will leave for the resident any more, so that no slip helps."""
    return case.state in (*SETTLED, CaseState.CLOSED) and not owed(case, parcels)


def printed(case: Case, parcels: Iterable[Parcel]) -> Parcel | None:
    """The parcel to the resident whose waybill is on it and that has not come to them yet.

    Until then a resident may change or cancel the slip; afterwards only the sender can call it off.
    """
    parcels = tuple(parcels)
    due = {o.on_the_way for o in owed(case, parcels)} - {""}
    fetched = {p.number for p in parcels if p.state is ParcelState.ARRIVED and _was_fetched(p)}
    left = fetched if any(o.at for o in owed(case, parcels)) else set()
    bound = [p for p in parcels if p.number in due | left and not is_gone(p)]
    done = [p for p in bound if p.copies or p.state is not ParcelState.PACKED]
    return max(done, key=lambda p: p.packed_at, default=None)


def given_twice(case: Case, parcels: Iterable[Parcel]) -> str:
    """The parcel that carries a result which was also given by hand, or empty.

    Two parties can do so while neither has heard of the other: one of the two has to come back.
    """
    if not case.result_handed_out:
        return ""
    carried = [p for p in parcels if not is_gone(p) and not _was_fetched(p) and _holds(p, case, 0)]
    return carried[-1].number if carried else ""


def _was_fetched(parcel: Parcel) -> bool:
    """What was sent to a point to be fetched is given by hand there."""
    return parcel.purpose == RESULT_TO_POINT and parcel.state is ParcelState.ARRIVED


def may_close(case: Case, parcels: Iterable[Parcel]) -> str | None:
    """None when the case may be closed, else the sentence that says what is missing."""
    if case.state not in SETTLED:
        return "还没有办结"
    if case.requests:
        return "有未答复的申请"
    if not case.told_at:
        return "还没有告知申请人"
    promised = [m.name for m in case.materials if m.undertaken and not m.taken]
    if promised and case.state is CaseState.COMPLETED:
        return f"承诺的材料还没有补：{'、'.join(promised)}"
    missing = owed(case, parcels)
    return f"还没有交到申请人手里：{'、'.join(o.name for o in missing)}" if missing else None
