"""The slip that a clerk fills in for somebody without a phone: what was typed becomes a slip.

Name, phone and address may be typed in one go: they are cut as on the resident's own pages.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from cases.divisions import Divisions
from cases.fields import BadField
from cases.folded import Case
from cases.slips import CONSENTS, POST, WAYS
from courier.look.cards import Choice
from courier.look.forms import Form
from courier.pasted import Pasted, split_pasted
from courier.pickups import Pickups
from courier.regions import Regions
from courier.slips import Slip, check_slip, phone_inside
from node import earlier, reveal
from node.local import Local
from node.people_card import opened, said

FILLED_IN = "申请人的姓名和电话（代填寄递单）"
WAYS_ZH = (Choice(POST, "寄到家", "免费"), Choice(WAYS[1], "到受理点领取", "送到申请人选的受理点"))
AWAY_ZH = (
    Choice("locker", "放快递柜"),
    Choice("neighbour", "交给邻居"),
    Choice("property", "交给物业"),
)


@dataclass(frozen=True)
class Read:
    """What was typed, cut into fields; ``choices``: the counties that it could be."""

    slip: Slip | None
    choices: tuple[Choice, ...] = ()


@lru_cache(maxsize=1)
def _regions(divisions: Divisions) -> Regions:
    """The reader of addresses, laid out once for a list of divisions."""
    return Regions(divisions)


def points_of(local: Local) -> tuple[Choice, ...]:
    """Where a result can be fetched, the near ones first."""
    pickups = Pickups(local.bundle.directory)
    near = pickups.near(local.point.code)
    rest = (p for p in pickups.points if p not in near)
    return tuple(Choice(p.code, p.name) for p in (*near, *rest))


def applicant_in(local: Local, case: Case, actor: str) -> dict[str, str]:
    """Name and phone of whoever stands there, to begin with; that they are shown is noted."""
    fields = said(local, case) or {}
    reveal.note(local, case.number, FILLED_IN, actor)
    name = fields.get("agent_name") or fields.get("name")
    phone = fields.get("agent_phone") or fields.get("phone")
    return {"name": str(name or ""), "phone": str(phone or ""), "way": POST}


def read(local: Local, form: Form) -> Read:
    """The slip that a form holds; what is wrong stands in the form."""
    form.choice("way", list(WAYS), missing_zh="请选怎么给申请人")
    if form.value("way") != POST:
        return Read(_checked(local, form, _typed(form)))
    found = split_pasted(form.value("address"), _regions(local.bundle.divisions))
    county = form.value("county") if form.value("county") in found.choices else found.county
    choices = _choices(local.bundle.divisions, found)
    if not county:
        form.fail("county" if choices else "address", "认不出是哪个省、市、区县，请写全或选一处")
        return Read(None, choices)
    typed = _typed(form)
    _take_over(form, typed, found)
    typed |= {"county": county, "street": found.street}
    if phone_inside(found.street):
        form.fail("address", "地址里有手机号码，会印在面单上被人看见，请删掉")
    return Read(_checked(local, form, typed), choices)


def _take_over(form: Form, typed: dict[str, str], found: Pasted) -> None:
    """Name and phone out of what was pasted, where their own fields are empty."""
    said = {"name": found.name, "phone": found.phone}
    if any(value and typed[name] and typed[name] != value for name, value in said.items()):
        other = " ".join(value for value in said.values() if value)
        form.fail(
            "address",
            f"地址里还有“{other}”，和上面的收件人、电话不一样：用它就把上面两格清空，不用就从地址里删掉",
        )
    typed |= {name: typed[name] or value for name, value in said.items()}


def _typed(form: Form) -> dict[str, str]:
    fields = {name: form.value(name) for name in ("way", "to_point", "name", "phone", "note")}
    return {**fields, "consent": ",".join(form.choices("consent", list(CONSENTS)))}


def _checked(local: Local, form: Form, typed: dict[str, str]) -> Slip | None:
    try:
        slip = check_slip(typed, local.bundle.divisions, Pickups(local.bundle.directory).codes)
    except BadField as wrong:
        field = "address" if wrong.field in ("street", "county") else wrong.field
        form.fail(field, wrong.message_zh)
        return None
    return slip if form.ok else None


def _choices(divisions: Divisions, found: Pasted) -> tuple[Choice, ...]:
    return tuple(Choice(code, divisions.full_name(code)) for code in found.choices)


def earlier_of(local: Local, case: Case) -> earlier.Earlier | None:
    """The earlier cases of the same person at this point, if one of them has an address."""
    number = str((opened(local, case.received_event) or {}).get("document_number") or "")
    if not number:
        return None
    return earlier.with_slip(local, case.document, number, but=case.number)
