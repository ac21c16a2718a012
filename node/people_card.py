"""Personal data as a page may show it: masked, or in full after the showing was noted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cases.documents import DocumentKind
from cases.events import Event
from cases.folded import Case
from cases.proceedings import wished_pickups
from labels.masking import mask_address, mask_id, mask_name, mask_phone
from node.local import Local
from sync.said import said_of
from sync.seal import CannotUnseal

NOT_OPEN = "（本机没有密钥，看不到）"
CAPACITY_ZH = {
    "self": "本人办理",
    "agent": "委托代理人办理",
    "guardian": "监护人代办",
    "legal_representative": "法定代表人（负责人）办理",
}
Facts = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Slip:
    """A slip's content: who gets the mail, where; in words how, and what holds with nobody home."""

    name: str
    phone: str
    address: str
    note: str = ""
    way: str = ""
    away: str = ""


def opened(local: Local, event_id: str) -> dict[str, Any] | None:
    """The sealed part of an event, or None where this store cannot open it."""
    event = local.store.event(event_id) if event_id else None
    return None if event is None else opened_event(local, event)


def opened_event(local: Local, event: Event) -> dict[str, Any] | None:
    """The same, for an event in hand."""
    try:
        return local.store.unseal(event)
    except CannotUnseal:
        return None


def said(local: Local, case: Case) -> dict[str, Any] | None:
    """What the applicant said of themselves, as it counts now; None where it cannot be opened."""
    try:
        return said_of(local.store, case)
    except CannotUnseal:
        return None


def is_organisation(case: Case) -> bool:
    """Whether the applicant is an organisation, whose name is public."""
    return case.document == DocumentKind.CREDIT_CODE


def applicant(local: Local, case: Case) -> str:
    """The applicant's name as a list shows it: masked, unless an organisation."""
    fields = said(local, case)
    return NOT_OPEN if fields is None else _name(case, fields, full=False)


def _name(case: Case, fields: Mapping[str, Any], *, full: bool) -> str:
    name = str(fields.get("name") or "")
    return name if full or is_organisation(case) else mask_name(name)


def document_zh(kind: str) -> str:
    """The name of a kind of document; an unknown one by its own word."""
    try:
        return DocumentKind(kind).zh
    except ValueError:
        return kind or "证件"


def applicant_facts(local: Local, case: Case, *, full: bool) -> Facts:
    """Name, document, phone of the applicant, and of the agent if there is one."""
    fields = said(local, case)
    if fields is None:
        return (("申请人", NOT_OPEN),)
    number, phone = _text(fields, "document_number"), _text(fields, "phone")
    public = full or is_organisation(case)
    rows = [
        ("申请人", _name(case, fields, full=full)),
        (document_zh(case.document), number if public else mask_id(number)),
        ("联系电话", phone if full else mask_phone(phone)),
        ("联系人", _text(fields, "contact") if full else mask_name(_text(fields, "contact"))),
        ("办理方式", CAPACITY_ZH.get(case.capacity, case.capacity)),
        *_agent_facts(case, fields, full=full),
        ("备注", _text(fields, "note")),
        *_pickup_facts(local, case, full=full),
    ]
    return tuple((term, value) for term, value in rows if value)


def _pickup_facts(local: Local, case: Case, *, full: bool) -> list[tuple[str, str]]:
    """Where somebody is to come for papers that are still missing."""
    wishes = wished_pickups(case)
    fields = opened(local, wishes[-1].event) if wishes else None
    address = _text(fields, "address") if fields else ""
    return [("上门取件到", address if full else mask_address(address))] if address else []


def _agent_facts(case: Case, fields: Mapping[str, Any], *, full: bool) -> list[tuple[str, str]]:
    name, number = _text(fields, "agent_name"), _text(fields, "agent_number")
    phone = _text(fields, "agent_phone")
    if not name:
        return []
    return [
        ("代办人", name if full else mask_name(name)),
        (f"代办人{document_zh(case.agent_document)}", number if full else mask_id(number)),
        ("代办人电话", phone if full else mask_phone(phone)),
    ]


def _text(fields: Mapping[str, Any], name: str) -> str:
    return str(fields.get(name) or "")


def slip_of(local: Local, event_id: str) -> Slip | None:
    """A slip in full, or None where this store cannot open it."""
    fields = opened(local, event_id)
    if fields is None:
        return None
    return Slip(
        _text(fields, "name"),
        _text(fields, "phone"),
        address_of(local, fields),
        _text(fields, "note"),
    )


def address_of(local: Local, fields: Mapping[str, Any]) -> str:
    """One line from province to room. The region is a county's code, or its name in full."""
    region, street = _text(fields, "region"), _text(fields, "street")
    county = region or _text(fields, "county")
    try:
        return local.bundle.divisions.full_name(county) + street
    except LookupError:
        names = (_text(fields, level) for level in ("province", "city", "county"))
        return (region or "".join(dict.fromkeys(names))) + street


def masked(slip: Slip) -> Slip:
    """A slip as a page shows it before it is asked for in full."""
    address = mask_address(slip.address) if slip.address else ""
    return Slip(mask_name(slip.name), mask_phone(slip.phone), address, "", slip.way, slip.away)
