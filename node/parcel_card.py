"""The page of one parcel as a card: what is in it, where it goes, what can be done with it now."""

from __future__ import annotations

from dataclasses import dataclass

from cases.folded import Parcel
from cases.from_home import is_fetch
from cases.manifests import current, inspected, open_difference
from cases.papers import PURPOSES_ZH
from cases.states import STATE_ZH, ParcelState
from cases.times import shown
from courier.carriers import carrier_zh
from node.asides import AsideRow, of_subject
from node.inspecting import to_look_at
from node.local import Local
from node.mail import may_print
from node.mail_desk import advice, recipient
from node.people_card import Slip, masked
from node.permissions import POSTING, Person
from node.proofs import ProofCard, proof_card
from node.steps_card import StepRow, timeline
from node.waybills import to_write_in


@dataclass(frozen=True)
class ContentRow:
    """One thing in a parcel."""

    place: int
    name: str
    case: str
    known: bool


@dataclass(frozen=True)
class ParcelCard:
    """Everything the parcel page says."""

    number: str
    purpose: str
    state: str
    tracking: str
    carrier: str
    copies: int
    to: Slip | None
    office: bool
    full: bool
    contents: tuple[ContentRow, ...]
    steps: tuple[StepRow, ...]
    asides: tuple[AsideRow, ...]
    advice: str
    proof: ProofCard | None
    can: frozenset[str]
    looked_at: str
    manifest: str
    write_in: str
    """What of name and address the label's typefaces lack, and somebody writes in by hand."""
    answer_on: str
    """The manifest whose page answers that it was not in the bag, or empty."""
    visit: str
    """The application from home whose papers it fetches, or empty."""


def parcel_card(local: Local, parcel: Parcel, person: Person, *, full: bool) -> ParcelCard:
    """The card of a parcel for one person. ``full``: the showing has been noted."""
    to = recipient(local, parcel)
    office = bool(parcel.to_point) and not is_fetch(parcel)
    problem, difference = may_print(local, parcel), open_difference(parcel)
    return ParcelCard(
        number=parcel.number,
        purpose=PURPOSES_ZH.get(parcel.purpose, parcel.purpose),
        state=STATE_ZH[parcel.state],
        tracking=parcel.tracking,
        carrier=carrier_zh(parcel.carrier),
        copies=parcel.copies,
        to=to if to is None or full or office else masked(to),
        office=office,
        full=full,
        contents=tuple(
            ContentRow(
                place, str(c.get("name", "")), str(c.get("case", "")), _known(local, c.get("case"))
            )
            for place, c in enumerate(parcel.contents)
        ),
        steps=timeline(local, parcel),
        asides=of_subject(local, parcel),
        advice=advice(local, parcel, problem),
        proof=proof_card(parcel),
        can=frozenset(_possible(local, parcel, person)),
        looked_at=_looked_at(local, parcel),
        manifest=current(parcel),
        write_in=to_write_in(local, parcel),
        answer_on=difference.manifest if difference else "",
        visit=parcel.visit if is_fetch(parcel) else "",
    )


def _looked_at(local: Local, parcel: Parcel) -> str:
    """That it was looked at, when, and how heavy it is where it was weighed."""
    looked = inspected(parcel)
    if looked is None:
        return ""
    grams = looked.data.get("grams")
    weight = f"，{grams} 克" if isinstance(grams, int) else ""
    return f"已验视（{shown(looked.at, local.now())}）{weight}"


def _known(local: Local, number: object) -> bool:
    return isinstance(number, str) and local.store.case(number) is not None


def _possible(local: Local, parcel: Parcel, person: Person) -> list[str]:
    if parcel.read_only:
        return []
    here, state, posts = local.point.code, parcel.state, bool(person.roles & POSTING)
    sent = parcel.point == here and posts
    on_the_way = (
        ParcelState.PACKED, ParcelState.TAKEN_OVER, ParcelState.OUT, ParcelState.FAILED
    )  # fmt: skip
    may = {
        "print": sent and state in on_the_way and not may_print(local, parcel),
        "cancel": sent and state is ParcelState.PACKED,
        "inspect": sent and to_look_at(parcel),
        "back": sent and state in on_the_way[1:] and not is_fetch(parcel),
        "arrive": parcel.to_point == here
        and not is_fetch(parcel)
        and (posts or "officer" in person.roles)
        and state in (*on_the_way, ParcelState.DELIVERED),
        "reveal": posts and (not parcel.to_point or is_fetch(parcel)),
    }
    return [name for name, allowed in may.items() if allowed]
