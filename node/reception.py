"""Receiving a case (收件): from what was checked on the form to one durable transaction.

The route is computed, never chosen. When another point decides, forwarding and the parcel with
the papers that are kept belong to the same transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cases.catalogue import Accepting, MaterialSpec, Matter
from cases.numbers import SubjectKind
from cases.people import DocumentKind
from cases.points import Directory
from cases.routing import Forward, KeepHere, NeedsArea, OutsideDistrict, Route, route
from node import draft_scans, drafts, home_visits, instant, visits
from node.local import Local
from node.parcels import pack_papers
from sync.store import StoreError
from sync.writing import Writing

PERSON, ORGANIZATION = "person", "organization"
SELF, AGENT, GUARDIAN, LEGAL = "self", "agent", "guardian", "legal_representative"
BY_ANOTHER = (AGENT, GUARDIAN)
CAPACITIES = {PERSON: (SELF, AGENT, GUARDIAN), ORGANIZATION: (LEGAL, AGENT)}
CAPACITY_ZH = {
    SELF: "本人到场",
    AGENT: "代办人到场",
    GUARDIAN: "监护人到场",
    LEGAL: "法定代表人到场",
}


@dataclass(frozen=True)
class Agent:
    """Who stands at the window in the applicant's place."""

    name: str
    document: DocumentKind
    number: str
    phone: str


@dataclass(frozen=True)
class Applicant:
    """Whose matter it is. ``contact`` is an organisation's legal representative."""

    kind: str
    capacity: str
    document: DocumentKind
    number: str
    name: str
    phone: str
    contact: str = ""
    agent: Agent | None = None


@dataclass(frozen=True)
class Reception:
    """Everything of one 收件, checked. ``taken`` holds the positions of the papers shown."""

    op: str
    matter: Matter
    area: str
    applicant: Applicant
    taken: frozenset[int]
    note: str = ""
    waived: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    """Papers that need not be handed in, by position: the licence, and how far its check is."""
    promised: tuple[tuple[int, str], ...] = ()
    """The papers that an undertaking stands for (告知承诺), each with the day it is owed by."""
    lacking: frozenset[int] = frozenset()
    """The papers that are missing and that one notice will ask for (``cases.lacking``)."""
    answers: str = ""
    """The guide's code of what was answered: why some papers were not needed."""
    home: str = ""
    """The application from home that it comes of."""
    bundle: Mapping[str, Any] | None = None
    """With what else it was applied for at once (一件事)."""


def receive(local: Local, reception: Reception, actor: str) -> str:
    """Receive a case. It is durable when this returns; doing it twice does it once.

    :returns: the case's number.
    :raises WrongState, StoreError, UnfitEvent: nothing was written.
    """
    op = f"receive:{reception.op}"
    scans = draft_scans.moving(local, reception.op, actor)
    try:
        with local.writing() as w:
            known = w.once(op)
            if known is not None:
                return known
            number = state(w, local, reception, actor)
            scans.state(w, number, actor)
            drafts.drop(local, reception.op)
            w.done(op, number)
    except BaseException:
        scans.undone()
        raise
    scans.done()
    return number


def is_what_was_received(local: Local, number: str, r: Reception) -> bool:
    """Whether a case was received from just this form, or from one that said something else."""
    case = local.store.case(number)
    event = local.store.event(case.received_event) if case else None
    if event is None:
        return False
    said = {
        "matter": r.matter.code,
        "area": r.area,
        "applicant_kind": r.applicant.kind,
        "capacity": r.applicant.capacity,
        "document": r.applicant.document.value,
        "materials": [_material(spec, r) for spec in r.matter.materials],
    }
    same = all(event.data.get(name) == value for name, value in said.items())
    return same and local.store.unseal(event) == sealed_fields(r)


def state(w: Writing, local: Local, reception: Reception, actor: str, *, packs: bool = True) -> str:
    """State one case and what follows from its route. :returns: its number.

    :param packs: the papers go in a parcel of their own.
    """
    directory = local.bundle.directory
    decided = route(reception.matter, local.point.code, reception.area or None, directory)
    if isinstance(decided, NeedsArea | OutsideDistrict):
        raise ValueError(f"{reception.matter.code} is not decided in this district: {decided}")
    visit = reception.home or visits.ensure_open(w, actor)
    number = w.new_number(SubjectKind.CASE)
    data = open_fields(local, reception, decided, visit)
    w.state("case.received", number, data, actor=actor, sealed=sealed_fields(reception))
    if reception.home:
        home_visits.close(w, local, reception.home, number, actor)
    if "accepting" in data:
        return number  # it is passed on when it has been taken on here
    if isinstance(decided, Forward):
        to = {"to": decided.to, "department": decided.department}
        w.state("case.forwarded", number, to, actor=actor)
        if packs:
            pack_kept(w, [number], actor, directory)
    else:
        instant.approve_at_once(w, local, number, sealed_fields(reception))
    return number


def pack_kept(w: Writing, numbers: list[str], actor: str, directory: Directory) -> None:
    """Pack the papers that travel; a point without tracking numbers still receives cases."""
    try:
        pack_papers(w, *numbers, actor=actor, directory=directory)
    except StoreError:
        return  # the task "send the papers" stays until the point has numbers again


def open_fields(
    local: Local, r: Reception, decided: KeepHere | Forward, visit: str
) -> dict[str, Any]:
    """What of a reception stands in clear: codes, numbers and terms of the catalogue only."""
    matter, who = r.matter, r.applicant
    deciding = decided.deciding if isinstance(decided, KeepHere) else decided.to
    data: dict[str, Any] = {
        "matter": matter.code,
        "title": matter.name,
        "version": local.bundle.catalogue.version,
        "level": matter.level.value,
        "department": matter.department,
        "department_name": local.bundle.catalogue.department(matter.department).name,
        "deciding": deciding,
        "area": r.area,
        "applicant_kind": who.kind,
        "capacity": who.capacity,
        "document": who.document.value,
        "immediate": matter.immediate,
        "statutory_days": matter.statutory_days,
        "promised_days": matter.promised_days,
        "day_unit": matter.day_unit.value,
        "materials": [_material(spec, r) for spec in matter.materials],
        "visit": visit,
        "instant": matter.instant,
    }
    if accepts_here(matter, decided):
        data["accepting"] = matter.accepting.value
    if who.agent:
        data["agent_document"] = who.agent.document.value
    if "extension_days" not in matter.sample:  # a value nobody has confirmed binds nobody
        data["extension_days"] = matter.extension_days
    if r.bundle:
        data["bundle"] = dict(r.bundle)
    return data


def accepts_here(matter: Matter, decided: Route) -> bool:
    """Whether this point is empowered to take on (受理) what another one decides.

    An instant matter is passed on at once: a rule takes it on in the decider's name.
    """
    empowered = matter.accepting is Accepting.RECEIVING_POINT and not matter.instant
    return empowered and isinstance(decided, Forward)


def _material(spec: MaterialSpec, r: Reception) -> dict[str, Any]:
    material: dict[str, Any] = {
        "position": spec.position,
        "name": spec.name,
        "handling": spec.handling.value,
        "taken": spec.position in r.taken,
        "identity": spec.identity,
        "copies": spec.copies,
        "source": spec.source.value,
    }
    if spec.position in r.waived:
        material["waived"] = dict(r.waived[spec.position])
    elif spec.position in dict(r.promised):
        material["undertaken"] = dict(r.promised)[spec.position]
    elif spec.position in r.lacking:
        material["lacking"] = True
    return material


def sealed_fields(r: Reception) -> dict[str, str]:
    """What of a reception names a person or is free text."""
    who = r.applicant
    sealed = {
        "name": who.name,
        "document_number": who.number,
        "phone": who.phone,
        "contact": who.contact,
        "note": r.note,
        "answers": r.answers,
    }
    if who.agent:
        sealed |= {
            "agent_name": who.agent.name,
            "agent_number": who.agent.number,
            "agent_phone": who.agent.phone,
        }
    return {name: value for name, value in sealed.items() if value}


def route_of(local: Local, matter: Matter, area: str) -> Route:
    """Where a matter received here is decided, for what is known of its area."""
    return route(matter, local.point.code, area or None, local.bundle.directory)
