"""The mail desk as cards: what waits to be packed, printed, taken in or put right."""

from __future__ import annotations

from dataclasses import dataclass, replace

from cases.fold import WrongState
from cases.folded import Case, Parcel
from cases.from_home import is_fetch
from cases.manifests import inspected, open_difference
from cases.papers import PURPOSES_ZH, TO_AUTHORITY, to_send
from cases.states import STATE_ZH, ParcelState
from cases.tasks import awaiting
from cases.times import ago
from courier.look.cards import Choice
from node.actions import Scene
from node.case_card import scene_of
from node.local import Local
from node.mail import (
    CASES_IN_ONE_MAX,
    NOT_ALONE,
    Recipient,
    as_slip,
    hindrance,
    may_print,
    may_send_papers,
    recipient_of,
    to_pack,
    to_post,
)
from node.parcels import not_open
from node.people_card import Slip, applicant, masked, opened
from node.steps_card import point_name
from sync import registers

CASES_MAX = 2_000
PARCELS_MAX = 1_000
DELIVERED_MAX = 200
DISPUTED_ZH = "申请人说没有收到：问投递员和代收的人，查清后答复。"
LOST_ZH = "已确认丢失：内件补办后重新装封寄出。"
BACK_ZH = "内件回来了，不用再这样寄：请核对收好，要退还申请人的，按办件里的提示办。"


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
    others: tuple[str, ...] = ()
    """What else waits for the same person at the same address, and goes along."""


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
    inspected: bool


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
    failed = [
        p
        for p in mine
        if p.state is ParcelState.FAILED
        or open_difference(p)
        or p.disputed_at
        or to_resend(local, p)
    ]
    rest = [p for p in mine if p.state in (ParcelState.TAKEN_OVER, ParcelState.OUT)]
    return Desk(
        ready=_by_recipient(local, [w for w in posting if not w.why_not]),
        papers=tuple(papers),
        to_print=_lines(local, unprinted),
        arriving=_lines(local, coming),
        trouble=_lines(local, failed),
        blocked=tuple(w for w in posting if w.why_not),
        underway=_lines(local, rest),
    )


def _by_recipient(local: Local, ready: list[Waiting]) -> tuple[Waiting, ...]:
    """One line for what goes to the same person at the same address: it goes in one parcel."""
    grouped: dict[Recipient | str, list[Waiting]] = {}
    for waiting in ready:
        grouped.setdefault(_recipient_or_number(local, waiting.number), []).append(waiting)
    return tuple(
        replace(
            first,
            what="；".join(w.what for w in (first, *more)),
            others=tuple(w.number for w in more),
        )
        for first, *more in grouped.values()
    )


def _recipient_or_number(local: Local, number: str) -> Recipient | str:
    case = local.store.case(number)
    if case is None:
        return number
    try:
        return recipient_of(local, case)
    except WrongState:
        return number  # it cannot be opened here: the page that packs says so


def _posting(local: Local, scene: Scene) -> Waiting:
    case = scene.case
    return Waiting(
        number=case.number,
        title=case.title,
        applicant=applicant(local, case),
        what="、".join(o.name for o in to_post(scene)),
        why_not=hindrance(case)
        or (awaiting(scene.awaited) if scene.awaited else "")
        or not_open(local.bundle.directory, local.point.code),
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
    parcels = (p for p in arrived if isinstance(p, Parcel))
    delivered = [p for p in parcels if p.to_point == here and not is_fetch(p)]
    coming = [p for p in alive if p.to_point == here and not is_fetch(p)]
    on_the_way = [p for p in coming if p.state not in done]
    return [p for p in alive if p.point == here], [*delivered, *on_the_way]


def to_resend(local: Local, parcel: Parcel) -> bool:
    """Whether the contents of a parcel that came back, or was lost, still wait for another one."""
    if parcel.state is not ParcelState.RETURNED and not parcel.lost:
        return False
    scenes = [scene_of(local, c) for n in parcel.cases if (c := local.store.case(n))]
    if parcel.purpose == TO_AUTHORITY:
        return any(to_send(s.case, s.parcels, parcel.point) for s in scenes)
    return any(to_post(scene) for scene in scenes)


def _lines(local: Local, parcels: list[Parcel]) -> tuple[ParcelLine, ...]:
    return tuple(_parcel_line(local, parcel) for parcel in parcels)


def _parcel_line(local: Local, p: Parcel) -> ParcelLine:
    problem = may_print(local, p)
    return ParcelLine(
        number=p.number,
        what=PURPOSES_ZH.get(p.purpose, p.purpose),
        to=_other_end(local, p),
        state=STATE_ZH[p.state],
        since=ago(p.changed_at, local.now()),
        tracking=p.tracking,
        may_print=not problem,
        advice=advice(local, p, problem),
        inspected=inspected(p) is not None,
    )


def _other_end(local: Local, parcel: Parcel) -> str:
    """Where a parcel of ours goes, or where one for us comes from."""
    if is_fetch(parcel):
        return _masked_to(local, parcel)
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


def advice(local: Local, parcel: Parcel, problem: str) -> str:
    """What to do with a parcel next, in one sentence. ``problem``: why it cannot be printed."""
    if is_fetch(parcel):
        return "上门取件：接下来做什么，看这份在家申请。面单可以打印给快递员，也可以不打印。"
    if parcel.to_point == local.point.code:
        return _advice_here(parcel)
    if problem:
        return problem if parcel.point == local.point.code else ""
    if open_difference(parcel):
        return "快递员说不在袋里，请核实后答复。"
    if parcel.disputed_at or parcel.lost:
        return DISPUTED_ZH if parcel.disputed_at else LOST_ZH
    if parcel.state is ParcelState.RETURNED and not to_resend(local, parcel):
        return BACK_ZH
    words = {
        ParcelState.PACKED: "面单贴好了，列入交接单，等投递员来取。"
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
class PackCard:
    """The packing of what one recipient gets: the choice of things, and to whom."""

    number: str
    title: str
    to: Slip
    to_point: str
    options: tuple[Choice, ...]
    ticked: tuple[str, ...]
    waits: str = ""
    """What the results should be waiting for, to be posted together (一件事)."""


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
        ticked=_ticked((*own, *others)),
        waits=f"{awaiting(scene.awaited)}。{NOT_ALONE}。" if scene.awaited else "",
    )


def _to(local: Local, who: Recipient) -> Slip:
    """Whom it is for, masked; a point's address is no secret."""
    shown = as_slip(local, who)
    return replace(masked(shown), address=shown.address) if who.to_point else masked(shown)


def _ticked(options: tuple[Choice, ...]) -> tuple[str, ...]:
    """All of them, as far as they go in one parcel."""
    cases = list(dict.fromkeys(choice.value.partition(":")[0] for choice in options))
    going = set(cases[:CASES_IN_ONE_MAX])
    return tuple(c.value for c in options if c.value.partition(":")[0] in going)


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
