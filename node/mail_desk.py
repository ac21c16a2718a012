"""The mail desk as cards: what waits to be packed, printed, taken in or put right."""

from __future__ import annotations

from dataclasses import dataclass, replace

from cases.folded import Case, Parcel
from cases.papers import PURPOSES_ZH, TO_AUTHORITY, live
from cases.states import STATE_ZH, ParcelState
from cases.tasks import awaiting
from cases.times import ago
from courier.look.cards import Choice
from node.actions import Scene
from node.asides import AsideRow, of_subject
from node.case_card import scene_of
from node.local import Local
from node.mail import (
    Recipient,
    as_slip,
    hindrance,
    may_print,
    may_send_papers,
    recipient_of,
    to_pack,
    to_post,
)
from node.people_card import Slip, applicant, masked, opened
from node.permissions import POSTING, Person
from node.proofs import ProofCard, proof_card
from node.steps_card import StepRow, point_name, timeline
from sync import registers

CASES_MAX = 2_000
PARCELS_MAX = 1_000
DELIVERED_MAX = 200


@dataclass(frozen=True)
class Waiting:
    """A case of which something waits to be posted; ``why_not`` says what it still waits for."""

    number: str
    title: str
    applicant: str
    what: str
    why_not: str
    url: str
    words: str


@dataclass(frozen=True)
class ParcelLine:
    """One parcel in a list of the desk."""

    number: str
    what: str
    to: str
    state: str
    since: str
    tracking: str
    may_print: bool
    advice: str


@dataclass(frozen=True)
class Desk:
    """Everything on the mail desk, what a person can do now first."""

    ready: tuple[Waiting, ...]
    papers: tuple[Waiting, ...]
    to_print: tuple[ParcelLine, ...]
    arriving: tuple[ParcelLine, ...]
    trouble: tuple[ParcelLine, ...]
    blocked: tuple[Waiting, ...]
    underway: tuple[ParcelLine, ...]

    @property
    def empty(self) -> bool:
        """Whether nothing at all is on the desk."""
        return not any(
            (self.ready, self.papers, self.to_print, self.arriving, self.trouble, self.blocked,
             self.underway)
        )  # fmt: skip


def desk(local: Local) -> Desk:
    """The mail desk now."""
    scenes = [
        scene_of(local, case)
        for case in registers.live(local.store.db, "case", limit=CASES_MAX)
        if isinstance(case, Case)
    ]
    posting = [_posting(local, scene) for scene in scenes if to_post(scene)]
    papers = [_papers(local, s) for s in scenes if not may_send_papers(s)]
    mine, coming = _parcels(local)
    unprinted = [p for p in mine if p.state is ParcelState.PACKED and not p.copies]
    failed = [p for p in mine if p.state is ParcelState.FAILED or _to_resend(local, p)]
    rest = [
        p
        for p in mine
        if (p.state is ParcelState.PACKED and p.copies)
        or p.state in (ParcelState.TAKEN_OVER, ParcelState.OUT)
    ]
    return Desk(
        ready=tuple(w for w in posting if not w.why_not),
        papers=tuple(papers),
        to_print=_lines(local, unprinted),
        arriving=_lines(local, coming),
        trouble=_lines(local, failed),
        blocked=tuple(w for w in posting if w.why_not),
        underway=_lines(local, rest),
    )


def _posting(local: Local, scene: Scene) -> Waiting:
    case = scene.case
    return Waiting(
        number=case.number,
        title=case.title,
        applicant=applicant(local, case),
        what="、".join(o.name for o in to_post(scene)),
        why_not=hindrance(case) or (awaiting(scene.awaited) if scene.awaited else ""),
        url=f"/mail/pack/{case.number}",
        words="装封",
    )


def _papers(local: Local, scene: Scene) -> Waiting:
    case = scene.case
    return Waiting(
        number=case.number,
        title=case.title,
        applicant=applicant(local, case),
        what=f"收存的材料，寄往{point_name(local, case.deciding)}",
        why_not="",
        url=f"/mail/papers/{case.number}",
        words="装封",
    )


def _parcels(local: Local) -> tuple[list[Parcel], list[Parcel]]:
    """(sent from here and not settled, coming here and not yet taken in)."""
    db, here = local.store.db, local.point.code
    alive = [p for p in registers.live(db, "parcel", limit=PARCELS_MAX) if isinstance(p, Parcel)]
    arrived = registers.newest(db, "parcel", state=ParcelState.DELIVERED.value, limit=DELIVERED_MAX)
    done = (ParcelState.RETURNED, ParcelState.CANCELLED)
    delivered = [p for p in arrived if isinstance(p, Parcel) and p.to_point == here]
    on_the_way = [p for p in alive if p.to_point == here and p.state not in done]
    return [p for p in alive if p.point == here], [*delivered, *on_the_way]


def _to_resend(local: Local, parcel: Parcel) -> bool:
    """Whether a returned parcel's contents still wait for another one."""
    if parcel.state is not ParcelState.RETURNED:
        return False
    scenes = [scene_of(local, c) for n in parcel.cases if (c := local.store.case(n))]
    if parcel.purpose == TO_AUTHORITY:
        return any(live(s.parcels, TO_AUTHORITY, s.case.number) is None for s in scenes)
    return any(to_post(scene) for scene in scenes)


def _lines(local: Local, parcels: list[Parcel]) -> tuple[ParcelLine, ...]:
    return tuple(
        ParcelLine(
            number=p.number,
            what=PURPOSES_ZH.get(p.purpose, p.purpose),
            to=_other_end(local, p),
            state=STATE_ZH[p.state],
            since=ago(p.changed_at, local.now()),
            tracking=p.tracking,
            may_print=not may_print(local, p),
            advice=advice(local, p),
        )
        for p in parcels
    )


def _other_end(local: Local, parcel: Parcel) -> str:
    """Where a parcel of ours goes, or where one for us comes from."""
    if parcel.to_point == local.point.code:
        return point_name(local, parcel.point)
    return point_name(local, parcel.to_point) if parcel.to_point else _masked_to(local, parcel)


def _masked_to(local: Local, parcel: Parcel) -> str:
    found = recipient(local, parcel)
    return masked(found).name if found else "申请人"


def recipient(local: Local, parcel: Parcel) -> Slip | None:
    """Who a parcel goes to, in full, or None where this store cannot open it."""
    fields = opened(local, parcel.packed_event)
    if fields is None:
        return None
    return Slip(*(str(fields.get(name) or "") for name in ("name", "phone", "address")))


def advice(local: Local, parcel: Parcel) -> str:
    """What to do with a parcel next, in one sentence."""
    if parcel.to_point == local.point.code:
        return _advice_here(parcel)
    if problem := may_print(local, parcel):
        return problem if parcel.point == local.point.code else ""
    words = {
        ParcelState.PACKED: "面单贴好了，等投递员来取。"
        if parcel.copies
        else "打印面单，贴在邮件上，等投递员来取。",
        ParcelState.TAKEN_OVER: "投递员已取走，不用做什么。",
        ParcelState.OUT: "投递员正在派送，不用做什么。",
        ParcelState.FAILED: "请联系收件人，核对地址和在家的时间；投递员会再送一次。"
        "地址要改的，请收件人重新填寄递单，等邮件退回后重新装封。",
        ParcelState.RETURNED: "请核对内件，联系收件人，再重新装封寄出。",
        ParcelState.DELIVERED: "已送到，不用做什么。",
        ParcelState.ARRIVED: "对方已清点签收，不用做什么。",
        ParcelState.CANCELLED: "已取消，内件要寄的请重新装封。",
    }
    return words.get(parcel.state, "")


def _advice_here(parcel: Parcel) -> str:
    if parcel.state in (ParcelState.ARRIVED, ParcelState.CANCELLED, ParcelState.RETURNED):
        return ""
    if parcel.state is ParcelState.DELIVERED:
        return "已送到本窗口，请拆封清点后签收。"
    return "正在寄来；邮件到了手上就可以清点签收。"


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
    why_not_print: str
    proof: ProofCard | None
    can: frozenset[str]


def parcel_card(local: Local, parcel: Parcel, person: Person, *, full: bool) -> ParcelCard:
    """The card of a parcel for one person. ``full``: the showing has been noted."""
    to = recipient(local, parcel)
    office = bool(parcel.to_point)
    return ParcelCard(
        number=parcel.number,
        purpose=PURPOSES_ZH.get(parcel.purpose, parcel.purpose),
        state=STATE_ZH[parcel.state],
        tracking=parcel.tracking,
        carrier=parcel.carrier,
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
        advice=advice(local, parcel),
        why_not_print=may_print(local, parcel),
        proof=proof_card(parcel),
        can=frozenset(_possible(local, parcel, person)),
    )


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
        "back": sent and state in on_the_way[1:],
        "arrive": parcel.to_point == here
        and (posts or "officer" in person.roles)
        and state in (*on_the_way, ParcelState.DELIVERED),
        "reveal": posts and not parcel.to_point,
    }
    return [name for name, allowed in may.items() if allowed]


@dataclass(frozen=True)
class PackCard:
    """The packing of what one recipient gets: the choice of things, and to whom."""

    number: str
    title: str
    to: Slip
    to_point: str
    options: tuple[Choice, ...]
    ticked: tuple[str, ...]


def pack_card(local: Local, scene: Scene) -> PackCard:
    """What may go into the parcel of a case: its own things, and those of the same recipient.

    :raises WrongState: the confirmed slip cannot be opened here.
    """
    who = recipient_of(local, scene.case)
    own = _options(scene)
    others = [
        choice
        for other in _same_recipient(local, scene)
        if recipient_of(local, other.case) == who
        for choice in _options(other)
    ]
    return PackCard(
        number=scene.case.number,
        title=scene.case.title,
        to=_to(local, who),
        to_point=who.to_point,
        options=(*own, *others),
        ticked=tuple(choice.value for choice in own),
    )


def _to(local: Local, who: Recipient) -> Slip:
    """Whom it is for, masked; a point's address is no secret."""
    shown = as_slip(local, who)
    return replace(masked(shown), address=shown.address) if who.to_point else masked(shown)


def _same_recipient(local: Local, scene: Scene) -> list[Scene]:
    found = []
    for case in registers.live(local.store.db, "case", limit=CASES_MAX):
        if isinstance(case, Case) and case.number != scene.case.number and case.confirmed_slip:
            other = scene_of(local, case)
            opens = slip_opens(local, case)
            if opens and to_post(other) and not hindrance(case):
                found.append(other)
    return found


def slip_opens(local: Local, case: Case) -> bool:
    """Whether the confirmed slip of a case can be read here."""
    return opened(local, case.confirmed_slip) is not None


def _options(scene: Scene) -> list[Choice]:
    case = scene.case
    return [
        Choice(f"{case.number}:{o.position}", o.name, f"{case.number}　{case.title}")
        for o in to_pack(scene)
    ]
