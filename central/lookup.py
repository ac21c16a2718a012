"""Who may see or change more than the bare QR shows: the last four of the ID number or phone.

Wrong ones are counted for the subject and for the address they come from, alike for numbers that
exist and that do not, so that nothing can be learned by asking.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from hmac import compare_digest
from typing import Any

from flask import request, session

from cases.events import Event
from cases.folded import Case
from cases.people import last_four
from cases.times import from_text, to_text
from central import limits
from central.context import now, portal_db, store
from courier.slip_desk import TooMany
from sync.db import write
from sync.said import said_or_nothing
from sync.seal import CannotUnseal

GRANTED_FOR = timedelta(minutes=20)
GRANTS_MAX = 5
_OF_A_CASE = ("document_number", "phone", "agent_number", "agent_phone")
_PROVING = {
    "visit.applied": ("document_number", "phone"),
    "slip.filled": ("phone",),
}


def prove(number: str, typed: str) -> bool:
    """Whether ``typed`` is a last four of the case; this browser may then see more for a while.

    :raises TooMany: locked after too many wrong ones.
    """
    moment, db = now(), portal_db()
    subject, address = f"wrong:{number}", f"wrong:{request.remote_addr}:{moment[:13]}"
    tries = {subject: limits.WRONG_FOR_SUBJECT, address: limits.WRONG_FROM_ADDRESS}
    wait = limits.take_try(db, moment, tries)
    if wait:
        raise TooMany(wait)
    if not fits(number, typed):
        return False
    limits.forget(db, subject)
    limits.give_back(db, moment, address, limits.WRONG_FROM_ADDRESS)
    grant(number)
    return True


def fits(number: str, typed: str) -> bool:
    """Whether ``typed`` is a last four of the applicant or agent.

    While central has not heard of the case, those of the phone on the slip count instead.
    """
    wanted = last_four(typed)
    known = proofs(number)
    matches = [compare_digest(wanted, each) for each in known]
    return len(wanted) == 4 and any(matches)


def proofs(number: str) -> set[str]:
    """Every last four that proves somebody's right to a case; none for an unknown number.

    Only facts that count are asked: what somebody not entitled wrote proves nobody's right, nor
    does a phone that was corrected since.
    """
    folded = store().subject(number)
    if isinstance(folded, Case) and folded.received_event:
        said = said_or_nothing(store(), folded)
        if of_case := set(_fours(said, _OF_A_CASE)):
            return of_case
    counted = {step.id for step in folded.steps if step.verdict == "ok"} if folded else set()
    events = [event for event in store().events(number) if event.id in counted]
    for type in _PROVING:
        found = {
            four
            for event in events
            if event.type == type
            for four in _fours(sealed_of(event), _PROVING[type])
        }
        if found:
            return found
    return set()


def _fours(fields: Mapping[str, Any], names: tuple[str, ...]) -> list[str]:
    fours = (last_four(str(fields.get(name) or "")) for name in names)
    return [four for four in fours if len(four) == 4]


def sealed_of(event: Event | None) -> dict[str, str]:
    """The sealed part of an event, empty where it cannot be opened."""
    if event is None:
        return {}
    try:
        return {name: str(value) for name, value in store().unseal(event).items()}
    except CannotUnseal:
        return {}


def grant(number: str) -> None:
    """Let this browser see more of a case for twenty minutes."""
    until = to_text(from_text(now()) + GRANTED_FOR)
    others = {n: at for n, at in _grants().items() if n != number and at > now()}
    session["grants"] = dict([*others.items(), (number, until)][-GRANTS_MAX:])


def granted(number: str) -> bool:
    """Whether this browser has proved its right to a case lately."""
    return _grants().get(number, "") > now()


def _grants() -> dict[str, str]:
    found = session.get("grants")
    return found if isinstance(found, dict) else {}


def note_showing(number: str, what: str) -> None:
    """Log that personal data was shown in full: when, to whom, of what."""
    with write(portal_db()) as db:
        who = f"resident {request.remote_addr}"
        db.execute("INSERT INTO showings VALUES (?, ?, ?, ?)", [now(), who, number, what])
