"""The oracle's own reading of the rules: what a subject's events come to.

Written from the words of the design, not from the product: it imports nothing of it. It knows the
types that the simulated people state, and is asked for states and verdicts only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

RUNNING = {"received", "forwarded", "accepted", "approved", "refused"}
SETTLED = {"not_accepted", "completed", "withdrawn"}
DECIDED = {"approved", "refused", *SETTLED}
ON_THE_WAY = {"packed", "taken_over", "out", "failed"}

#: type: (who may, from which states, to which)
RULES: dict[str, tuple[str, set[str], str]] = {
    "visit.opened": ("receiver", {"new"}, "open"),
    "visit.asked": ("receiver", {"open"}, ""),
    "visit.ended": ("receiver", {"open", "checked"}, "ended"),
    "visit.applied": ("central", {"new", "to_mend"}, "applied"),
    "visit.checked": ("receiver", {"applied"}, "checked"),
    "visit.mending_asked": ("receiver", {"applied", "checked"}, "to_mend"),
    "visit.declined": ("receiver", {"applied", "to_mend", "checked"}, "declined"),
    "visit.cancelled": ("central receiver", {"applied", "to_mend", "checked"}, "cancelled"),
    "case.received": ("receiver", {"new"}, "received"),
    "case.forwarded": ("holder", {"received"}, "forwarded"),
    "case.sent_back": ("holder", {"forwarded"}, "received"),
    "case.accepted": ("decider", {"received", "forwarded"}, "accepted"),
    "case.not_accepted": ("decider", {"received", "forwarded"}, "not_accepted"),
    "case.approved": ("decider", {"accepted"}, "approved"),
    "case.refused": ("decider", {"accepted"}, "refused"),
    "case.completed": ("decider", {"approved", "refused"}, "completed"),
    "case.taken_up": ("decider", RUNNING, ""),
    "case.opinion_asked": ("decider", {"received", "forwarded", "accepted"}, ""),
    "case.opinion_given": ("asked", RUNNING | SETTLED | {"closed"}, ""),
    "case.withdrawn": ("holder", {"received", "forwarded", "accepted"}, "withdrawn"),
    "case.closed": ("receiver", SETTLED, "closed"),
    "case.date_confirmed": ("central", RUNNING | SETTLED, ""),
    "case.voided": ("holder", RUNNING | SETTLED, ""),
    "case.withdrawal_requested": ("party central", RUNNING, ""),
    "case.request_settled": ("holder", RUNNING | SETTLED | {"closed"}, ""),
    "case.resident_told": ("receiver", DECIDED, ""),
    "case.handed_out": ("party", DECIDED | {"closed"}, ""),
    "slip.filled": ("party central", {"new"} | RUNNING | SETTLED, ""),
    "slip.confirmed": ("party", RUNNING | SETTLED, ""),
    "slip.cancelled": ("party central", {"new"} | RUNNING | SETTLED, ""),
    "parcel.packed": ("receiver", {"new"}, "packed"),
    "parcel.waybill_printed": ("receiver", ON_THE_WAY, ""),
    "parcel.inspected": ("receiver", {"packed"}, ""),
    "parcel.listed": ("receiver", {"packed"}, ""),
    "parcel.missing_answered": (
        "receiver",
        ON_THE_WAY | {"delivered", "arrived", "returned", "cancelled"},
        "",
    ),
    "parcel.fetch_accepted": ("central", {"packed", "failed"}, ""),
    "parcel.taken_over": ("central", {"packed", "failed", "arrived"}, "taken_over"),
    "parcel.passed": (
        "central",
        ON_THE_WAY | {"delivered", "arrived", "returned", "cancelled"},
        "",
    ),
    "parcel.missing": ("central", ON_THE_WAY | {"arrived"}, ""),
    "parcel.out_for_delivery": ("central", {"packed", "taken_over", "failed", "arrived"}, "out"),
    "parcel.delivered": ("central", ON_THE_WAY | {"arrived"}, "delivered"),
    "parcel.delivery_failed": ("central", ON_THE_WAY | {"arrived"}, "failed"),
    "parcel.returned": ("central receiver", ON_THE_WAY, "returned"),
    "parcel.arrived": ("destination", ON_THE_WAY | {"delivered"}, "arrived"),
    "parcel.cancelled": ("receiver", {"packed"}, "cancelled"),
    "parcel.disputed": ("central", {"delivered"}, ""),
    "parcel.dispute_called": ("receiver", {"delivered"}, ""),
    "parcel.dispute_settled": ("receiver", {"delivered"}, ""),
    "store.opened": ("self", {"new"}, "open"),
    "store.refused": ("central", {"new", "open"}, ""),
    "store.offer_refused": ("central", {"new", "open"}, ""),
    "store.offer_answered": ("central", {"new", "open"}, ""),
}
CARRIED = "event.carried"
REPORTS = {
    "parcel.taken_over", "parcel.missing", "parcel.out_for_delivery", "parcel.delivered",
    "parcel.delivery_failed", "parcel.returned", "parcel.passed", "parcel.fetch_accepted",
}  # fmt: skip


@dataclass(frozen=True)
class Standing:
    """Where a subject stands, by whose hands it went, and how each of its events counts."""

    state: str = "new"
    point: str = ""
    holder: str = ""
    holders: frozenset[str] = frozenset()
    deciding: str = ""
    to_point: str = ""
    cases: tuple[str, ...] = ()
    operations: frozenset[str] = frozenset()
    refused: frozenset[int] = frozenset()
    offers: frozenset[tuple[int, str]] = frozenset()
    asked: Mapping[str, str] = field(default_factory=dict)
    answered: frozenset[str] = frozenset()
    verdicts: Mapping[str, str] = field(default_factory=dict)


def point_of(author: str) -> str:
    """The point an author writes for, or ``central``."""
    return author.partition(".")[0]


def facts_of(docs: Iterable[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """The facts that a subject's events tell, by the name that each goes by.

    That is its id, or, where another fact has it, the id of central's event that carries it; what
    its author carries along says so of it too. What is there and carried as well is one fact.
    """
    every = sorted(docs, key=lambda d: str(d["id"]))
    found = {d["id"]: d for d in every if d["type"] != CARRIED}
    carried: dict[tuple[str, str], tuple[str, Mapping[str, Any]]] = {}
    for carrier in (d for d in every if d["type"] == CARRIED):
        inner = carrier["data"]["event"]
        if inner["sig"] != found.get(inner["id"], {}).get("sig"):
            carried.setdefault((inner["id"], inner["sig"]), (carrier["id"], inner))
    ids = [*found, *(id for id, _ in carried)]
    names: dict[tuple[str, str], str] = {}
    for (id, _), (name, inner) in carried.items():
        if ids.count(id) > 1:
            names.setdefault((inner["author"], id), name)
    for (id, _), (name, inner) in carried.items():
        author = inner["author"]
        data = {
            field: names.get((author, value), value) if isinstance(value, str) else value
            for field, value in inner["data"].items()
        }
        goes_by = name if ids.count(id) > 1 else id
        found[goes_by] = {**inner, "id": goes_by, "data": data, "of": id, "carrier": name}
    return found


def stand(subject: str, events: Iterable[Mapping[str, Any]]) -> Standing:
    """What the events of a subject come to, in the order of their ids."""
    now, counted, verdicts = Standing(), [], {}
    stated: dict[tuple[str, str], bool] = {}
    facts = facts_of(events).values()
    for event in sorted(facts, key=lambda e: (str(e.get("of", e["id"])), str(e["id"]))):
        same = point_of(str(event["author"])), str(event["actor"])
        told_again = "restates" in event["data"] or "carrier" in event
        again = same in stated and (stated[same] or told_again)
        if again or not _counts(subject, now, event, counted):
            verdicts[event["id"]] = "set_aside"
            continue
        verdicts[event["id"]] = "ok"
        stated[same] = told_again
        counted.append(event)
        if event["type"] == "case.voided":
            gone = event["data"]["event"]
            verdicts[gone] = "voided"
            counted = [e for e in counted if e["id"] != gone]
            now = Standing()
            for each in counted:
                now = _after(now, each)
        else:
            now = _after(now, event)
    return replace(now, verdicts=verdicts)


def _counts(
    subject: str, now: Standing, event: Mapping[str, Any], counted: list[Mapping[str, Any]]
) -> bool:
    who, states, _ = RULES[event["type"]]
    if not any(_may(each, subject, now, str(event["author"])) for each in who.split()):
        return False
    if event["type"] in REPORTS and event["data"].get("op") in now.operations:
        return True
    if now.state not in states:
        return False
    if event["type"] == "store.offer_answered":
        data = event["data"]
        return data["author"] == subject and (data["n"], data["hash"]) in now.offers
    if event["type"] == "case.opinion_given":
        request, point = event["data"]["request"], point_of(str(event["author"]))
        return now.asked.get(request) == point and request not in now.answered
    if event["type"] == "case.date_confirmed":
        about = next((e for e in counted if e["id"] == event["data"]["event"]), None)
        return about is not None and event["data"]["on"] < about["at"]
    return event["type"] != "case.voided" or _voids(event, counted)


def _may(who: str, subject: str, now: Standing, author: str) -> bool:
    point = point_of(author)
    return {
        "receiver": point == now.point if now.point else point != "central",
        "holder": bool(now.holder) and point == now.holder,
        "decider": bool(now.holder) and point == now.holder == now.deciding,
        "party": point in {now.point, now.deciding, *now.holders, *now.asked.values()},
        "asked": point in now.asked.values(),
        "destination": bool(now.to_point) and point == now.to_point,
        "central": point == "central",
        "self": author == subject,
    }[who]


def _voids(event: Mapping[str, Any], counted: list[Mapping[str, Any]]) -> bool:
    """Only one's own last step may be voided, and never the reception."""
    moves = [e for e in counted if RULES[e["type"]][2]]
    last = moves[-1] if moves else None
    return (
        last is not None
        and last["id"] == event["data"]["event"]
        and point_of(last["author"]) == point_of(event["author"])
        and last["type"] != "case.received"
    )


def _after(now: Standing, event: Mapping[str, Any]) -> Standing:
    type, data, point = event["type"], event["data"], point_of(event["author"])
    to = RULES[type][2]
    if type in ("case.received", "visit.opened", "parcel.packed", "store.opened"):
        now = replace(now, point=point)
    if type == "visit.applied":
        now = replace(now, point=now.point or data["point"])
    if type == "case.received":
        now = replace(now, deciding=data["deciding"], holder=point, holders=frozenset({point}))
    if type == "case.forwarded":
        here = data["to"]
        now = replace(now, holder=here, deciding=here, holders=now.holders | {here})
    if type == "case.sent_back":
        now = replace(now, holder=now.point)
    if type == "parcel.packed":
        now = replace(now, to_point=data.get("to_point", ""), cases=tuple(data["cases"]))
    if type in REPORTS:
        op = data.get("op") or event["id"]
        if op in now.operations:
            return now
        to = "" if now.state == "arrived" else to
        now = replace(now, operations=now.operations | {op})
    return replace(now, state=to) if to else _noted(now, event)


def _noted(now: Standing, event: Mapping[str, Any]) -> Standing:
    """What changes no state, and is looked up by later facts."""
    type, data = event["type"], event["data"]
    if type == "store.refused":
        return replace(now, refused=now.refused | {data["n"]})
    if type == "store.offer_refused":
        return replace(now, offers=now.offers | {(data["n"], data["hash"])})
    if type == "case.opinion_asked":
        return replace(now, asked={**now.asked, event["id"]: data["to"]})
    if type == "case.opinion_given":
        return replace(now, answered=now.answered | {data["request"]})
    return now


def parties(standing: Standing, home: str) -> set[str]:
    """Who must hold a subject by its own events alone."""
    deciding = standing.deciding if standing.holders else ""
    found = {home, standing.point, standing.to_point, deciding, *standing.holders}
    found |= set(standing.asked.values())
    return found - {"", "central"}
