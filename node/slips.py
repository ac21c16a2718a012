"""Slips that people filled in from the poster while queuing, and putting one to a case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from cases.folded import Case, Slip, Visit
from cases.forgotten import POSTER_KEPT_FOR
from cases.numbers import parse_number
from cases.slips import ATTACHED, open_fields, standing
from cases.states import VisitState
from cases.times import ago, from_text, to_text
from labels.masking import mask_address, mask_name, mask_phone
from node.bundle_slips import share_slip
from node.local import Local
from sync import registers
from sync.groups import siblings_of
from sync.said import said_or_nothing
from sync.seal import CannotUnseal
from sync.store import StoreError

WAITING_FOR = timedelta(hours=1)
WAITING_MAX = 50
SEALED = ("name", "phone", "province", "city", "county", "street", "region", "note")


@dataclass(frozen=True)
class WaitingSlip:
    """A slip that waits for its case: what a clerk needs to tell whose it is, masked."""

    visit: str
    event: str
    name: str
    phone: str
    code: str
    """The four digits on the sender's phone, to be called out at the window."""
    address: str
    when: str


@dataclass(frozen=True)
class UnknownSlip:
    """A slip for a case that is not known here: by which number, whose (masked), since when."""

    case: str
    whose: str
    when: str


def waiting(here: Local, *, all_day: bool = False) -> tuple[WaitingSlip, ...]:
    """The slips of the last hour (or day) that belong to no case yet, newest first."""
    kept_for = POSTER_KEPT_FOR if all_day else WAITING_FOR
    since = to_text(from_text(here.now()) - kept_for)
    rows = here.store.db.execute(
        "SELECT number FROM subjects WHERE kind='visit' AND state=? AND changed_at>=?"
        " ORDER BY changed_at DESC LIMIT ?",
        [VisitState.NEW.value, since, WAITING_MAX],
    ).fetchall()
    found = (_waiting(here, number) for (number,) in rows)
    return tuple(slip for slip in found if slip is not None)


def of_unknown_cases(here: Local) -> tuple[UnknownSlip, ...]:
    """The slips for cases of this point of which this PC holds no record, the oldest first."""
    rows = here.store.db.execute(
        "SELECT number FROM subjects WHERE kind='case' AND state='new' AND home=?"
        " ORDER BY changed_at LIMIT ?",
        [here.point.code, WAITING_MAX],
    ).fetchall()
    found = (here.store.case(number) for (number,) in rows)
    return tuple(
        UnknownSlip(case.number, _whose(here, slips[-1]), ago(slips[-1].at, here.now()))
        for case in found
        if case and (slips := standing(case))
    )


def _whose(here: Local, slip: Slip) -> str:
    fields = fields_of(here, slip) or {}
    name, phone = str(fields.get("name", "")), str(fields.get("phone", ""))
    return f"{mask_name(name)}　{mask_phone(phone)}" if name else ""


def _waiting(here: Local, number: str) -> WaitingSlip | None:
    visit = registers.subject(here.store.db, number)
    if not isinstance(visit, Visit) or not visit.slips:
        return None
    slip = visit.slips[-1]
    if _is_taken(here, number, slip):
        return None
    fields = fields_of(here, slip)
    if fields is None:
        return None
    return WaitingSlip(
        visit=number,
        event=slip.event,
        name=mask_name(str(fields.get("name", ""))),
        phone=mask_phone(str(fields.get("phone", ""))),
        code=f"{parse_number(number).serial:04d}",
        address=f"{fields.get('region', '')}{mask_address(str(fields.get('street', '')))}",
        when=ago(slip.at, here.now()) + _changed(len(visit.slips) - 1),
    )


def _changed(times: int) -> str:
    """That its sender filled it in anew: the newest is shown, the clerk knows of the others."""
    return "" if not times else "，改过一次" if times == 1 else f"，改过 {times} 次"


def _is_taken(here: Local, visit: str, slip: Slip) -> bool:
    """Whether a case already has this slip; one that was changed since waits again."""
    linked = (here.store.case(number) for number in registers.linked(here.store.db, visit))
    return any(_has(case, slip) for case in linked if case)


def _has(case: Case, slip: Slip) -> bool:
    return any(s.type == ATTACHED and s.data.get("slip") == slip.event for s in case.steps)


def fields_of(here: Local, slip: Slip) -> dict[str, Any] | None:
    """What was filled in, or None where this node cannot open it."""
    event = here.store.event(slip.event)
    if event is None:
        return None
    try:
        return here.store.unseal(event)
    except CannotUnseal:
        return None


def best(here: Local, case: Case, found: tuple[WaitingSlip, ...]) -> WaitingSlip | None:
    """The slip that is the applicant's by phone or name, or None: others are chosen by hand."""
    who = said_or_nothing(here.store, case)
    if not found or not who:
        return None
    phones = {who.get("phone"), who.get("agent_phone")} - {None, ""}
    names = {who.get("name"), who.get("agent_name")} - {None, ""}
    return next((s for s in found if _fits(here, s, phones, names)), None)


def _fits(here: Local, slip: WaitingSlip, phones: set[Any], names: set[Any]) -> bool:
    visit = registers.subject(here.store.db, slip.visit)
    fields = fields_of(here, visit.slips[-1]) if visit else None
    if not fields:
        return False
    return fields.get("phone") in phones or fields.get("name") in names


def attach(here: Local, case_number: str, visit_number: str, actor: str) -> None:
    """Put a poster slip to a case and confirm it, in one transaction.

    :raises StoreError: the slip is not here, or already belongs to a case.
    :raises WrongState: the case takes no slip now.
    """
    with here.writing() as w:  # read in here: it may be forgotten at this very moment
        visit = registers.subject(here.store.db, visit_number)
        slip = visit.slips[-1] if isinstance(visit, Visit) and visit.slips else None
        fields = fields_of(here, slip) if slip else None
        if slip is None or fields is None:
            raise StoreError("这张寄递单不在本机，请申请人重新扫码填一张")
        if _is_taken(here, visit_number, slip):
            raise StoreError("这张寄递单已经关联到别的办件了")
        sealed = {name: fields[name] for name in SEALED if fields.get(name)}
        case = w.store.case(case_number)
        over = [each.event for each in standing(case)] if case else []
        data = {"visit": visit_number, "slip": slip.event, **open_fields(slip)}
        event = w.state("slip.attached", case_number, data, actor=actor, sealed=sealed)
        w.state("slip.confirmed", case_number, {"slip": event.id, "over": over}, actor=actor)
        others = siblings_of(w.store, case) if case else ()
        share_slip(w, others, event.id, actor)
