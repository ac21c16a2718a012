"""Slips (寄递单) of a case: which stand, which wait for a person, where the confirmed one leads.

A slip is a track of its own: filling one in, changing it or taking it back never moves the case.
All stay in the history. Who fills one in with the right to change an earlier one *replaces* it;
what came by another hand or another channel is a *rival*, and a person at the window decides which
one holds. A waybill prints only that one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from msgspec.structs import replace

from cases.events import Event
from cases.folded import Case, Slip, Subject
from cases.states import CaseState

FILLED = "slip.filled"
ATTACHED = "slip.attached"
CONFIRMED = "slip.confirmed"
CANCELLED = "slip.cancelled"

POST = "post"
PICKUP = "pickup"
WAYS = (POST, PICKUP)
#: Where a courier may leave the mail when nobody is at home, if the resident agrees.
CONSENTS = ("locker", "neighbour", "property")
CONSENTS_ZH = {"locker": "快递柜", "neighbour": "邻居", "property": "物业"}

#: What the open part of a slip says besides how it came; a missing ``way`` is the post.
OPEN_FIELDS: dict[str, type] = {"way?": str, "to_point?": str, "consent?": list}
#: Its sealed part: who fetches at a point needs no address.
SEALED_FIELDS = "name phone province? city? county? street? region? note?"


def standing(subject: Subject) -> tuple[Slip, ...]:
    """The slips that nobody has taken back, in the order in which they came."""
    return tuple(slip for slip in subject.slips if not slip.cancelled)


def newest(subject: Subject) -> Slip | None:
    """The slip that came last and stands."""
    return next(reversed(standing(subject)), None)


def confirmed(case: Case) -> Slip | None:
    """The slip that a person at the window has confirmed, if it stands."""
    return next((slip for slip in standing(case) if slip.event == case.confirmed_slip), None)


def to_check(case: Case) -> tuple[Slip, ...]:
    """The slips on which nobody has decided yet, without those that a later one replaces."""
    stand = standing(case)
    replaced = {slip.replaces for slip in stand}
    return tuple(
        s
        for s in stand
        if not s.settled and s.event not in replaced and s.event != case.confirmed_slip
    )


def rivals(case: Case) -> tuple[Slip, ...]:
    """What is shown side by side for the choice: the slips to check, and the confirmed one."""
    waiting = to_check(case)
    kept = confirmed(case)
    shown = (*((kept,) if kept else ()), *waiting) if waiting else ()
    return tuple(dict.fromkeys(shown))


def pickup_at(case: Case) -> str:
    """The point where the resident fetches what comes of the case, by the confirmed slip."""
    slip = confirmed(case)
    return slip.to_point if slip is not None and slip.way == PICKUP else ""


def is_posted(case: Case) -> bool:
    """Whether a completed case's result goes by post: as it was completed, unless a slip that was
    confirmed says otherwise. One confirmed since then has the last word."""
    slip = confirmed(case)
    if slip is None:
        return case.delivery == "mail"
    if slip.way == PICKUP:
        return False
    later = case.state is CaseState.COMPLETED and case.confirmed_at > case.completed_at
    return case.delivery == "mail" or (case.delivery == "window" and later)


def taken_back(case: Case, slip: str) -> frozenset[str]:
    """The events of a slip and of all that it replaced: they go together."""
    replaces = {each.event: each.replaces for each in case.slips}
    found: list[str] = []
    while slip in replaces and slip not in found:
        found.append(slip)
        slip = replaces[slip]
    return frozenset(found)


# effects


def _slip(event: Event, channel: str, *, replaces: str = "", visit: str = "") -> Slip:
    data = event.data
    way = PICKUP if data.get("way") == PICKUP and data.get("to_point") else POST
    return Slip(
        event.id,
        channel,
        event.at,
        visit=visit,
        replaces=replaces,
        by=event.author,
        actor=event.actor,
        way=way,
        to_point=str(data.get("to_point") or "") if way == PICKUP else "",
        consent=agreed_to(data.get("consent")) if way == POST else (),
    )


def open_fields(slip: Slip) -> dict[str, Any]:
    """What the open part of an event says that repeats a slip, besides how it comes."""
    said: dict[str, Any] = {"way": slip.way, "to_point": slip.to_point}
    said["consent"] = list(slip.consent)
    return {name: value for name, value in said.items() if value and value != POST}


def agreed_to(value: Any) -> tuple[str, ...]:
    """The places that an open list of consents names, as far as this version knows them."""
    return tuple(c for c in CONSENTS if c in value) if isinstance(value, list) else ()


def filled(subject: Subject, event: Event) -> Subject:
    """A slip came."""
    slip = _slip(event, event.data["channel"], replaces=str(event.data.get("replaces") or ""))
    return replace(subject, slips=(*subject.slips, slip))


def attached(case: Case, event: Event) -> Case:
    """A slip from the poster was put to the case."""
    return replace(case, slips=(*case.slips, _slip(event, "poster", visit=event.data["visit"])))


def confirm(case: Case, event: Event) -> Case:
    """A person chose one, over those that stood beside it; what comes later asks again."""
    chosen = event.data["slip"]
    if all(slip.event != chosen for slip in standing(case)):
        return case
    settled = {chosen, *_passed_over(case, chosen, event.data.get("over"))}
    case = _settle(case, settled)
    slip = next(s for s in case.slips if s.event == chosen)
    points = case.pickup_points
    if slip.to_point and slip.to_point not in points:
        points = (*points, slip.to_point)
    return replace(case, confirmed_slip=chosen, confirmed_at=event.at, pickup_points=points)


def _passed_over(case: Case, chosen: str, over: Any) -> Iterable[str]:
    """What the person saw beside it; before that was stated, only the newest was ever confirmed."""
    if isinstance(over, list):
        return [event for event in over if isinstance(event, str)]
    known = [slip.event for slip in case.slips]
    return known[: known.index(chosen)]


def _settle(case: Case, events: Iterable[str]) -> Case:
    done = frozenset(events)
    slips = tuple(replace(s, settled=True) if s.event in done else s for s in case.slips)
    return replace(case, slips=slips)


def cancelled(subject: Subject, event: Event) -> Subject:
    """A slip was taken back, with what it replaced: nothing goes by it any more."""
    if not isinstance(subject, Case):
        return subject
    gone = taken_back(subject, event.data["slip"])
    slips = tuple(replace(s, cancelled=True) if s.event in gone else s for s in subject.slips)
    kept = "" if subject.confirmed_slip in gone else subject.confirmed_slip
    return replace(subject, slips=slips, confirmed_slip=kept)


#: The effect of each type of this module on its subject.
EFFECTS: dict[str, Callable[[Any, Event], Any]] = {
    FILLED: filled,
    ATTACHED: attached,
    CONFIRMED: confirm,
    CANCELLED: cancelled,
}
