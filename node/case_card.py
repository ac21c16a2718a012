"""The case page as one frozen card: what a template needs, decided."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from cases.clocks import Clock, decision_clock
from cases.desks import VIEWS_ZH, open_opinions
from cases.escalation import turn
from cases.folded import Case, Material, Parcel
from cases.lights import Light, due_zh, in_words, light, opinion_light
from cases.originals import late_at
from cases.papers import (
    PURPOSES_ZH,
    SETTLED,
    UNDONE,
    earlier_originals,
    given_twice,
    may_close,
    owed,
    stays,
)
from cases.slips import pickup_at
from cases.states import STATE_ZH, CaseState
from cases.times import ago, shown
from courier.look.cards import StepCard
from node import staff
from node.actions import (
    Action,
    Scene,
    offered,
    primary,
)
from node.asides import AsideRow, of_subject
from node.issued_rows import IssuedRow, issued_rows, to_print
from node.local import Local
from node.mail import may_pack, to_post
from node.people_card import Facts, applicant_facts
from node.permissions import Person
from node.slip_cards import SlipCard, slip_cards
from node.steps_card import StepRow, point_name, timeline
from node.whereabouts import HANDLING_ZH, Elsewhere, lies_elsewhere, place_of
from sync.groups import siblings_of

_STATIONS = ("收件", "转办", "受理", "决定", "办结", "送达", "归档")
_TAKEN_ON_FIRST = ("收件", "受理", "转办", "决定", "办结", "送达", "归档")
_NEXT_STATION = {
    CaseState.RECEIVED: "受理",
    CaseState.FORWARDED: "受理",
    CaseState.CORRECTION: "受理",
    CaseState.ACCEPTED: "决定",
    CaseState.SUSPENDED: "决定",
    CaseState.APPROVED: "办结",
    CaseState.REFUSED: "办结",
    CaseState.COMPLETED: "送达",
    CaseState.NOT_ACCEPTED: "送达",
    CaseState.WITHDRAWN: "送达",
    CaseState.LAPSED: "送达",
}


@dataclass(frozen=True)
class PaperRow:
    """One paper: what it is, how it was handled, where it is now."""

    name: str
    handling: str
    place: str
    kept: bool


@dataclass(frozen=True)
class ParcelRow:
    """One parcel of the case."""

    number: str
    purpose: str
    state: str
    tracking: str
    to: str


@dataclass(frozen=True)
class MailLink:
    """Something of this case for the mail desk to do, and where."""

    words: str
    url: str


@dataclass(frozen=True)
class OpinionRow:
    """Another department's opinion: what it said and when, or how pressing the answer is."""

    department: str
    asked: str
    view: str
    given: str
    light: Light | None


@dataclass(frozen=True)
class CaseCard:
    """Everything the case page says."""

    number: str
    title: str
    state: str
    holder: str
    light: Light | None
    deadline: str
    turn: str
    facts: Facts
    person_facts: Facts
    papers: tuple[PaperRow, ...]
    not_taken: tuple[str, ...]
    owed: tuple[str, ...]
    not_yet: str
    slips: tuple[SlipCard, ...]
    parcels: tuple[ParcelRow, ...]
    requests: tuple[str, ...]
    steps: tuple[StepRow, ...]
    actions: tuple[Action, ...]
    primary: Action | None
    here_only: int
    refused: int
    asides: tuple[AsideRow, ...]
    read_only: bool
    closed: bool
    full: bool
    progress: tuple[StepCard, ...]
    mail: tuple[MailLink, ...]
    issued: tuple[IssuedRow, ...] = ()
    to_print: IssuedRow | None = None
    opinions: tuple[OpinionRow, ...] = ()
    elsewhere: Elsewhere | None = None


def scene_of(local: Local, case: Case) -> Scene:
    """The case with its parcels, seen from this node."""
    parcels = local.store.parcels_of(case.number)
    author, calendar = local.identity.author, local.bundle.calendar
    return Scene(case, parcels, author, calendar, local.now(), siblings_of(local.store, case))


def case_card(local: Local, case: Case, person: Person, *, full: bool = False) -> CaseCard:
    """The card of a case for one person. ``full``: the showing has been noted."""
    scene = scene_of(local, case)
    open_to = offered(scene, person)
    now = local.now()
    lit = light(case, local.bundle.calendar, now, scene.parcels)
    steps = timeline(local, case)
    issued = issued_rows(local, case)
    return CaseCard(
        number=case.number,
        title=case.title,
        state=STATE_ZH[case.state],
        holder=_holder(local, scene),
        light=lit,
        deadline=in_words(lit, local.today()) if lit else "",
        turn=turn(lit),
        facts=_facts(local, case, now),
        person_facts=applicant_facts(local, case, full=full),
        papers=_papers(local, scene),
        not_taken=tuple(
            m.name
            for m in case.materials
            if not (m.taken or m.licence or m.undertaken or m.lacking)
        ),
        owed=tuple(_owed(scene)) if case.state in SETTLED else (),
        not_yet=_not_yet(scene),
        slips=slip_cards(local, case, may_check=_may_check(open_to), full=full),
        parcels=tuple(parcel_row(local, p) for p in reversed(scene.parcels)),
        requests=(*_twice(scene), *_unanswered(local, case)),
        steps=steps,
        actions=open_to,
        primary=primary(scene, open_to),
        here_only=sum(step.here_only for step in steps),
        refused=sum(step.refused for step in steps),
        asides=of_subject(local, case),
        read_only=case.read_only,
        closed=case.state is CaseState.CLOSED,
        full=full,
        progress=_progress(scene),
        mail=mail_links(scene),
        issued=issued,
        to_print=to_print(issued),
        opinions=_opinions(scene),
        elsewhere=_elsewhere(local, scene),
    )


def mail_links(scene: Scene) -> tuple[MailLink, ...]:
    """What the mail desk of this point can do for the case now."""
    case = scene.case
    links = []
    for task in scene.tasks():
        if task.kind == "check_papers" and task.event:
            links.append(MailLink("清点收到的邮件", f"/parcels/{task.event}"))
        elif task.kind == "send_papers":
            links.append(MailLink("把材料装封寄出", f"/mail/papers/{case.number}"))
    if may_pack(scene) == "":
        words = "装封送到领取点" if pickup_at(case) else "装封寄给申请人"
        words = words if to_post(scene) else "送到收件的受理点领取"
        links.append(MailLink(words, f"/mail/pack/{case.number}"))
    return tuple(links)


def _progress(scene: Scene) -> tuple[StepCard, ...]:
    """Where the case stands between reception and closing; what was skipped is left out."""
    case = scene.case
    skipped = set() if case.forwarded else {"转办"}
    order = _TAKEN_ON_FIRST if case.accepted_by_receiver else _STATIONS
    if case.state in UNDONE:
        skipped |= {"决定", "办结"}
    stations = [name for name in order if name not in skipped]
    to_pass_on = CaseState.ACCEPTED if case.waits_at_receiver else CaseState.RECEIVED
    at_receiver = case.waits_at_receiver or not case.accepted_by_receiver
    coming = "转办" if case.forwarded and at_receiver and case.state is to_pass_on else ""
    coming = coming or _NEXT_STATION.get(case.state, "")
    if coming == "送达" and may_close(case, scene.parcels) is None:
        coming = "归档"
    at = stations.index(coming) if coming else len(stations)
    return tuple(
        StepCard(name, "done" if place < at else "now" if place == at else "next")
        for place, name in enumerate(stations)
    )


def _elsewhere(local: Local, scene: Scene) -> Elsewhere | None:
    point = scene.point
    return lies_elsewhere(scene.case, scene.parcels, point, lambda code: point_name(local, code))


def _holder(local: Local, scene: Scene) -> str:
    case = scene.case
    late = late_at(case, scene.parcels)
    if scene.point in late:
        return "已经归档，后来才知道本点还收着原件，请退还"
    if late:
        where = "、".join(point_name(local, code) for code in late)
        return f"已经归档，后来才知道{where}还收着原件，由那里退还"
    if case.state is CaseState.CLOSED:
        return "已经归档，没有要办的了"
    words = f"现在由{point_name(local, case.holder)}经办"
    if not case.officer or case.holder != local.point.code:
        return words
    return f"{words}，{officer_name(local, case)}已接手"


def officer_name(local: Local, case: Case) -> str:
    """Who has taken a case up, by name where it is one of this point's."""
    return staff.names(local.store, local.point.code).get(case.officer, "同事")


def _opinions(scene: Scene) -> tuple[OpinionRow, ...]:
    """Whom the department asked (征求意见), the latest first; what fell away says so."""
    case, now = scene.case, scene.now
    awaited = {o.event for o in open_opinions(case)}
    return tuple(
        OpinionRow(
            department=o.department_name,
            asked=shown(o.at, now),
            view=VIEWS_ZH.get(o.view, "") if o.view or o.event in awaited else "不用再答复",
            given=shown(o.given_at, now) if o.given_at else "",
            light=opinion_light(o, scene.calendar, now) if o.event in awaited else None,
        )
        for o in reversed(case.opinions)
    )


def _facts(local: Local, case: Case, now: str) -> Facts:
    legal = decision_clock(case, local.bundle.calendar, now, statutory=True)
    counts = case.state in (CaseState.ACCEPTED, CaseState.SUSPENDED) and not case.immediate
    rows = [
        ("收件", f"{shown(case.received_at, now)}，{point_name(local, case.point)}"),
        ("审批部门", case.department_name),
        ("审批地点", point_name(local, case.deciding)),
        ("承诺时限", _promise(case)),
        ("法定期限", _day(legal, local.today()) if counts else ""),
        ("事项编码", case.matter + ("（示例目录）" if case.version.startswith("sample") else "")),
    ]
    return tuple((term, value) for term, value in rows if value)


def _day(running: Clock, today: date) -> str:
    return due_zh(running, today)


def _promise(case: Case) -> str:
    unit = "个自然日" if case.day_unit == "calendar" else "个工作日"
    return "即办件，当场办结" if case.immediate else f"受理后 {case.promised_days} {unit}"


def _papers(local: Local, scene: Scene) -> tuple[PaperRow, ...]:
    def name_of(code: str) -> str:
        return point_name(local, code)

    return tuple(
        PaperRow(
            name=m.name,
            handling=HANDLING_ZH.get(m.handling, m.handling) if m.taken else _not_taken(m),
            place=place_of(scene.case, m, scene.parcels, name_of).words,
            kept=stays(m),
        )
        for m in (*scene.case.materials, *earlier_originals(scene.case))
        if m.taken or m.licence or m.lacking
    )


def _not_taken(material: Material) -> str:
    return "收件时缺，要补正" if material.lacking else "没有收，免交"


def _owed(scene: Scene) -> list[str]:
    return [
        f"{o.name}（在邮件 {o.on_the_way} 中）" if o.on_the_way else o.name
        for o in owed(scene.case, scene.parcels)
    ]


def _not_yet(scene: Scene) -> str:
    if scene.case.state not in SETTLED:
        return ""
    return may_close(scene.case, scene.parcels) or ""


def _may_check(open_to: tuple[Action, ...]) -> bool:
    return any(action.name == "confirm_slip" for action in open_to)


def parcel_row(local: Local, parcel: Parcel) -> ParcelRow:
    """One parcel in words."""
    return ParcelRow(
        parcel.number,
        PURPOSES_ZH.get(parcel.purpose, parcel.purpose),
        STATE_ZH[parcel.state],
        parcel.tracking,
        point_name(local, parcel.to_point) if parcel.to_point else "申请人",
    )


def _twice(scene: Scene) -> tuple[str, ...]:
    """What is said loudly where a result was both posted and given by hand."""
    parcel = given_twice(scene.case, scene.parcels)
    words = f"结果已经当面交付，又装进了邮件 {parcel}：没寄走就取消它，寄走了请联系收件人追回。"
    return (words,) if parcel else ()


def _request(local: Local, type: str, at: str, now: str) -> str:
    what = {
        "case.withdrawal_requested": "申请人要求撤回",
        "case.papers_received": "申请人在别的受理点补交了材料，见历史",
        "case.supplemented": "申请人补正了材料，见经过",
    }.get(type, "申请人的申请")
    return f"{what}（{ago(at, now)}提出），答复之前不能作决定、办结或寄出"


def _unanswered(local: Local, case: Case) -> tuple[str, ...]:
    """What waits for an answer before the case may go on: it does not once it is closed."""
    waiting = () if case.state is CaseState.CLOSED else case.requests
    return tuple(_request(local, r.type, r.at, local.now()) for r in waiting)
