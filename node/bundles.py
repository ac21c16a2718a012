"""Receiving a bundle (一件事): one form, several cases, one durable transaction.

Every case is stated as if it had been received alone, each with its own route, parcel and clock;
what makes them one reception is the group in their open data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from werkzeug.datastructures import MultiDict

from cases.bundles import group_of, paper_key
from cases.catalogue import Basis, Bundle, Matter
from courier.look.forms import Form
from node import drafts, reception, visits
from node.local import Local
from node.reception import Reception
from sync.writing import Writing

_TRANSLATED = ("paper", "promise", "lack", "area")


@dataclass(frozen=True)
class BundleReception:
    """Everything of one reception of several matters, checked."""

    op: str
    bundle: Bundle
    receptions: tuple[Reception, ...]
    together: bool


def receive(local: Local, r: BundleReception, actor: str) -> str:
    """Receive every case of a bundle, or none; doing it twice does it once.

    :returns: the number of the first case.
    :raises WrongState, StoreError, UnfitEvent: nothing was written.
    """
    op = f"bundle:{r.op}"
    with local.writing() as w:
        known = w.once(op)
        if known is not None:
            return known
        told = {
            "code": r.bundle.code,
            "group": group_of(visits.ensure_open(w, actor), r.op),
            "size": len(r.receptions),
            "together": r.together,
        }
        numbers = [
            reception.state(w, local, replace(each, bundle=told), actor, packs=False)
            for each in r.receptions
        ]
        _pack(w, local, numbers, actor)
        drafts.drop(local, r.op)
        w.done(op, numbers[0])
    return numbers[0]


def _pack(w: Writing, local: Local, numbers: list[str], actor: str) -> None:
    """Pack the papers that travel, one parcel for each point that decides."""
    going: dict[str, list[str]] = {}
    for number in numbers:
        case = w.store.case(number)
        if case is not None and case.forwarded:
            going.setdefault(case.deciding, []).append(number)
    for together in going.values():
        reception.pack_kept(w, together, actor, local.bundle.directory)


def area_field(basis: Basis) -> str:
    """The field that asks for the area of all matters of one basis."""
    return f"area-{basis.value}"


def sub_form(typed: MultiDict[str, str], matter: Matter, places: Mapping[str, int]) -> Form:
    """The form of a bundle as one of its matters would have been given it."""
    own: MultiDict[str, str] = MultiDict(
        (name, value)
        for name, values in typed.lists()
        for value in values
        if name not in _TRANSLATED and not name.startswith("due-")
    )
    for spec in matter.materials:
        place = str(places[paper_key(spec)])
        for name in ("paper", "promise", "lack"):
            if place in typed.getlist(name):
                own.add(name, str(spec.position))
        own.add(f"due-{spec.position}", typed.get(f"due-{place}", ""))
    own["area"] = typed.get(area_field(matter.basis), "")
    return Form(own)


def carry_errors(form: Form, sub: Form, matter: Matter, places: Mapping[str, int]) -> None:
    """Say at the bundle's own fields what is wrong with one of its matters."""
    fields = {"area": area_field(matter.basis)}
    for spec in matter.materials:
        place = places[paper_key(spec)]
        fields |= {f"{name}-{spec.position}": f"{name}-{place}" for name in ("paper", "due")}
    for error in sub.errors:
        form.fail(fields.get(error.field, error.field), error.message)
