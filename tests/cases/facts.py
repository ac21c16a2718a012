"""Histories for tests: facts stated by a cast, with no more in them than the table asks for.

LIN, at 军门社区, received the case; CHEN, at the district centre, decides it; WU works at a point
that has nothing to do with it; CENTRAL is a process of central (a courier, a resident's phone).
"""

from __future__ import annotations

from datetime import date
from typing import Any

from cases.events import Event, parse, point_of
from cases.fold import fold
from cases.folded import Folded
from cases.numbers import case_number, parcel_number, visit_number
from cases.table import TYPES

LIN = "350102004001.aaaa"
CHEN = "350102000000.bbbb"
WU = "350102005001.cccc"
CENTRAL = "central.dddddddd"
CAST = (LIN, CHEN, WU, CENTRAL)
HERE, CENTRE, ELSEWHERE = point_of(LIN), point_of(CHEN), point_of(WU)

TODAY = date(2026, 11, 22)
CASE = case_number(31, TODAY, 42)
PARCEL = parcel_number(31, TODAY, 7)
VISIT = visit_number(31, TODAY, 3)
DAY = "2026-11-22T"
_EMPTY: dict[type, Any] = {str: "", int: 0, bool: False, list: [], dict: {}}


def least(type: str) -> dict[str, Any]:
    """The fewest open fields that the table lets pass."""
    row = TYPES.get(type)
    fields = row.open.items() if row else ()
    return {name: _EMPTY[kind] for name, kind in fields if not name.endswith("?")}


class History:
    """What happened to one subject, in order; ``say`` adds a fact and gives it back."""

    def __init__(self, subject: str = CASE) -> None:
        self.subject = subject
        self.events: list[Event] = []
        self._n: dict[str, int] = {}

    def say(self, type: str, by: str, *, k: int = 0, at: str = "", **data: Any) -> Event:
        place = k or max((e.k for e in self.events), default=0) + 1
        self._n[by] = self._n.get(by, 0) + 1
        doc = {
            "id": f"{self.subject}:{place:04d}-{by}", "v": 1, "type": type, "author": by,
            "at": at or f"{DAY}{place // 60:02d}:{place % 60:02d}:00Z", "n": self._n[by],
            "actor": "s-1", "data": {**least(type), **data}, "prev": "", "sig": "",
        }  # fmt: skip
        self.events.append(parse(doc))
        return self.events[-1]

    def now(self) -> Folded:
        return fold(self.subject, self.events)


def case_in(state: str, *, deciding: str = CENTRE) -> History:
    """A case that has come to a state by the usual way."""
    told = History()
    decider = CHEN if deciding == CENTRE else LIN
    for step in _WAYS[state].split():
        if step == "forwarded" and deciding == HERE:
            continue
        by = LIN if step in ("received", "forwarded", "closed") else decider
        more = {
            "received": {"deciding": deciding},
            "forwarded": {"to": deciding},
            "suspended": {"kind": "hearing", "days": 20},
        }.get(step, {})
        told.say(f"case.{step}", by, **more)
    return told


_WAYS = {
    "new": "",
    "received": "received",
    "forwarded": "received forwarded",
    "correction": "received forwarded correction_noticed",
    "accepted": "received forwarded accepted",
    "suspended": "received forwarded accepted suspended",
    "approved": "received forwarded accepted approved",
    "refused": "received forwarded accepted refused",
    "not_accepted": "received forwarded not_accepted",
    "withdrawn": "received forwarded withdrawn",
    "lapsed": "received forwarded correction_noticed lapsed",
    "completed": "received forwarded accepted approved completed",
    "closed": "received forwarded accepted approved completed closed",
}


def parcel_in(state: str) -> History:
    """A parcel from 军门社区 to the district centre that has come to a state."""
    told = History(PARCEL)
    for number, step in enumerate(_PARCEL_WAYS[state].split()):
        by = {"packed": LIN, "cancelled": LIN, "arrived": CHEN}.get(step, CENTRAL)
        more = {"op": f"op-{number}"} if "op" in TYPES[f"parcel.{step}"].open else {}
        told.say(f"parcel.{step}", by, **({"to_point": CENTRE} if step == "packed" else more))
    return told


_PARCEL_WAYS = {
    "new": "",
    "packed": "packed",
    "taken_over": "packed taken_over",
    "out": "packed taken_over out_for_delivery",
    "failed": "packed taken_over delivery_failed",
    "delivered": "packed taken_over delivered",
    "arrived": "packed taken_over delivered arrived",
    "returned": "packed taken_over returned",
    "cancelled": "packed cancelled",
}


def visit_in(state: str) -> History:
    """A visit to 军门社区 that has come to a state."""
    told = History(VISIT)
    for step in _VISIT_WAYS[state].split():
        if step == "forgotten":
            told.say("subject.forgotten", CENTRAL)
        elif step == "applied":
            told.say("visit.applied", CENTRAL, point=HERE)
        else:
            told.say(f"visit.{step}", LIN)
    return told


_VISIT_WAYS = {
    "new": "",
    "open": "opened",
    "ended": "opened ended",
    "applied": "applied",
    "to_mend": "applied mending_asked",
    "checked": "applied checked",
    "declined": "applied declined",
    "cancelled": "applied cancelled",
    "forgotten": "forgotten",
}


def store_in(state: str) -> History:
    """LIN's store's own book."""
    told = History(LIN)
    if state == "open":
        told.say("store.opened", LIN)
    return told
