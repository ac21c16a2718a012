"""Licences at the counter (免于提交): looked up at central for one form, each once.

What central said is kept sealed on this PC with the form, so that neither a second look nor a
second press of 收件 asks again. Without a line nobody waits: a paper may be waived pending its
check (免交，待核验), but who somebody is must be seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import msgspec

from cases.catalogue import MaterialSpec, Matter
from cases.fields import BadField
from cases.licences import Check, Numbers, Wanted, may_wait, wanted
from cases.people import DocumentKind, check_document
from cases.times import from_text, to_text
from courier.look.cards import Tone
from courier.look.forms import Form
from node import visits
from node.ask import ask_central
from node.local import Local
from node.reception import BY_ANOTHER, LEGAL, ORGANIZATION, PERSON, SELF
from sync.canonical import canonical, decode
from sync.db import write
from sync.errors import RemoteError
from sync.seal import CannotUnseal, new_key, seal, unseal

SCHEMA = """
CREATE TABLE IF NOT EXISTS licence_looks (
  op TEXT PRIMARY KEY, at TEXT NOT NULL, wrap BLOB NOT NULL, sealed BLOB NOT NULL)
  STRICT, WITHOUT ROWID
"""
KEPT_FOR = timedelta(days=2)
LOOK_AGAIN = timedelta(minutes=1)  # after there was no line
FOUND, NONE, DOWN = "found", "none", "down"


class Said(msgspec.Struct, frozen=True):
    """What central said of one licence, or that it could not be asked (``down``)."""

    state: str
    number: str = ""
    issuer: str = ""
    valid_until: str = ""
    at: str = ""


@dataclass(frozen=True)
class LicenceCard:
    """What stands beside a paper that need not be handed in; ``waived``: it need not."""

    position: int
    tag: str
    tone: Tone
    text: str = ""
    waived: bool = False


def numbers_of(local: Local, form: Form, matter: Matter) -> Numbers:
    """Whose numbers the form says so far; one that is not right yet counts as none."""
    kind = form.value("kind") or PERSON
    if matter.applicant != "both":
        kind = matter.applicant.value
    firm = kind == ORGANIZATION
    capacity = (form.value("org_capacity") or LEGAL) if firm else (form.value("capacity") or SELF)
    own = ("org_document", "credit_code") if firm else ("document", "document_number")
    arriving = ("agent_document", "agent_number") if capacity in BY_ANOTHER else ("", "")
    return Numbers(kind, _number(local, form, *own, firm=firm), _number(local, form, *arriving))


def _number(local: Local, form: Form, kind: str, field: str, *, firm: bool = False) -> str:
    try:
        document = DocumentKind(form.value(kind)) if kind else None
        if document is None or document.of_organization is not firm:
            return ""
        return check_document(document, form.value(field), today=local.today())
    except (BadField, ValueError):
        return ""


def known(
    local: Local, form: Form, matter: Matter, specs: Iterable[MaterialSpec], op: str
) -> tuple[dict[int, Said], bool]:
    """What was said of the papers' licences before, by position; and whether more can be asked."""
    looks = wanted(specs, local.bundle.catalogue, numbers_of(local, form, matter))
    kept = _kept(local, op)
    said = {look.position: kept[_key(look)] for look in looks if _key(look) in kept}
    return said, any(_is_due(kept.get(_key(look)), local.now()) for look in looks)


def look_up(
    local: Local, form: Form, matter: Matter, specs: Iterable[MaterialSpec], op: str, actor: str
) -> dict[int, Said]:
    """What central says of the papers' licences, by position. Asked is only what is not known."""
    looks = wanted(specs, local.bundle.catalogue, numbers_of(local, form, matter))
    kept, now = _kept(local, op), local.now()
    due = [look for look in looks if _is_due(kept.get(_key(look)), now)]
    if due:
        kept |= _ask(local, matter, due, actor)
        _keep(local, op, kept)
    return {look.position: kept[_key(look)] for look in looks}


def _is_due(said: Said | None, now: str) -> bool:
    if said is None:
        return True
    return said.state == DOWN and from_text(now) - from_text(said.at) > LOOK_AGAIN


def _key(look: Wanted) -> str:
    return f"{look.licence}:{look.holder}"


def _ask(local: Local, matter: Matter, looks: list[Wanted], actor: str) -> dict[str, Said]:
    visit = visits.current(local.store, actor, local.today())
    asked = {
        "matter": matter.code,
        "purpose": "reception",
        "subject": visit.number if visit else "",
        "actor": actor,
        "looks": [{"licence": look.licence, "holder": look.holder} for look in looks],
    }
    try:
        found = ask_central(local, "licences", asked).get("found")
        said = msgspec.convert(found, list[Said])
        answers = dict(zip(map(_key, looks), said, strict=True))
    except (RemoteError, msgspec.ValidationError, ValueError):
        answers = {_key(look): Said(DOWN) for look in looks}
    now = local.now()
    return {key: msgspec.structs.replace(each, at=now) for key, each in answers.items()}


def waivers(
    specs: Iterable[MaterialSpec], taken: frozenset[int], said: Mapping[int, Said]
) -> dict[int, dict[str, str]]:
    """The papers that were not taken and need not be: by position, as the case notes them."""
    found = {}
    for spec in specs:
        state = said[spec.position].state if spec.position in said else ""
        if spec.position in taken or not _is_waived(spec, state):
            continue
        check = Check.FOUND if state == FOUND else Check.PENDING
        found[spec.position] = {"licence": spec.licence, "check": check.value}
    return found


def _is_waived(spec: MaterialSpec, state: str) -> bool:
    return state == FOUND or (state == DOWN and may_wait(spec))


def card(spec: MaterialSpec, said: Said) -> LicenceCard:
    """What stands beside a paper."""
    if said.state == FOUND:
        until = f"，有效期至 {_day(said.valid_until)}" if said.valid_until else ""
        text = f"{said.issuer} {said.number}{until}".strip()
        return LicenceCard(spec.position, "已查到，免交", "green", text, waived=True)
    if said.state == NONE:
        return LicenceCard(spec.position, "未查到，请提交", "amber")
    if may_wait(spec):
        text = "手上有原件就照常核对打勾；没有也能收件，联网后自动核验"
        return LicenceCard(spec.position, "网络断开，免交待核验", "amber", text, waived=True)
    return LicenceCard(spec.position, "网络断开，查不了，请出示原件", "plain")


def _day(text: str) -> str:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return text
    return f"{day.year}年{day.month}月{day.day}日"


def cards(specs: Iterable[MaterialSpec], said: Mapping[int, Said]) -> dict[int, LicenceCard]:
    """The cards of the papers that something was said of."""
    return {s.position: card(s, said[s.position]) for s in specs if s.position in said}


def _keep(local: Local, op: str, said: Mapping[str, Said]) -> None:
    key, at = new_key(), local.now()
    fields: dict[str, Any] = {name: msgspec.to_builtins(each) for name, each in said.items()}
    row = [op, at, canonical(local.node.box.wrap(key)), canonical(seal(key, op, fields))]
    with write(local.store.db) as db:
        db.execute("DELETE FROM licence_looks WHERE at<?", [to_text(from_text(at) - KEPT_FOR)])
        db.execute("INSERT OR REPLACE INTO licence_looks VALUES (?, ?, ?, ?)", row)


def _kept(local: Local, op: str) -> dict[str, Said]:
    row = local.store.db.execute(
        "SELECT wrap, sealed FROM licence_looks WHERE op=?", [op]
    ).fetchone()
    if row is None:
        return {}
    try:
        key = local.node.box.unwrap([decode(row[0])])
        return msgspec.convert(unseal(key, op, decode(row[1])), dict[str, Said]) if key else {}
    except (CannotUnseal, msgspec.ValidationError):
        return {}
