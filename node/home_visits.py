"""Applications from home at the chosen point: looked at first, fetched, then received.

Nobody travels before the form and the photographs were looked at here. What a courier fetched is
counted against the list; the case is then received by the same form as at the window, filled in
beforehand, and states the application as its visit.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from cases.calendar import Calendar, Due
from cases.catalogue import MaterialSpec, Matter
from cases.fields import BadField
from cases.fold import WrongState
from cases.folded import Parcel, Scan, Visit
from cases.from_home import (
    DECLINED_ZH,
    Stage,
    given_answers,
    is_fetch,
    is_from_home,
    live_fetch,
    not_collected,
    stage,
    to_fetch,
    was_collected,
)
from cases.guide import Resolved
from cases.papers import PAPERS_FETCHED
from cases.proceedings import DEFECTS_ZH
from cases.states import ParcelState, VisitState
from node.local import Local
from node.officer import Hand, needed, short
from node.parcels import pack
from node.people_card import opened
from node.permissions import POSTING, RECEIVING, require
from node.slips import SEALED
from sync import registers
from sync.store import Store, StoreError
from sync.writing import Writing

LOOK = "看在家申请"
VISITS_MAX = 500
WORDS_MAX = 500
HOURS_ZH = {"9-12": "上午 9 点到 12 点", "14-18": "下午 2 点到 6 点"}
DAYS_AHEAD = 7
_OPEN = (VisitState.APPLIED, VisitState.TO_MEND, VisitState.CHECKED)


def parcels_of(store: Store, number: str) -> tuple[Parcel, ...]:
    """The parcels that fetch the papers of an application, oldest first."""
    found = (store.parcel(other) for other in sorted(registers.linked(store.db, number)))
    mine = [p for p in found if p is not None and is_fetch(p) and p.visit == number]
    return tuple(sorted(mine, key=lambda parcel: parcel.packed_at))


def was_received(store: Store, number: str) -> str:
    """The case that came of an application, or empty."""
    cases = (store.case(other) for other in sorted(registers.linked(store.db, number)))
    return next((c.number for c in cases if c is not None and c.visit == number), "")


def under_way(store: Store) -> tuple[Visit, ...]:
    """The applications that are not over, and those whose parcel is to be called off yet."""
    found = [
        visit
        for state in _OPEN
        for visit in registers.newest(store.db, "visit", state=state.value, limit=VISITS_MAX)
    ]
    known = {visit.number for visit in found}
    for parcel in registers.live(store.db, "parcel", limit=VISITS_MAX):
        if isinstance(parcel, Parcel) and is_fetch(parcel) and parcel.visit not in known:
            found += [v for v in [registers.subject(store.db, parcel.visit)] if v is not None]
    return tuple(v for v in found if isinstance(v, Visit) and is_from_home(v))


def find(store: Store, number: str) -> Visit | None:
    """An application by its number."""
    visit = registers.subject(store.db, number)
    return visit if isinstance(visit, Visit) and is_from_home(visit) else None


def stage_of(store: Store, visit: Visit) -> Stage:
    """How far an application is."""
    received = bool(was_received(store, visit.number))
    return stage(visit, live_fetch(parcels_of(store, visit.number)), received=received)


def papers(local: Local, visit: Visit, fields: Mapping[str, Any]) -> Resolved:
    """The papers that follow from what was answered, as at the window."""
    matter = matter_of(local, visit)
    given = given_answers(
        local.guide,
        matter,
        kind=visit.applicant_kind,
        document=visit.document,
        number=str(fields.get("document_number") or ""),
        code=str(fields.get("answers") or ""),
        today=local.today(),
    )
    return local.guide.resolve(matter.materials, given)


def matter_of(local: Local, visit: Visit) -> Matter:
    """The matter that is applied for. :raises WrongState: this point's catalogue has it no more."""
    matter = local.bundle.catalogue.get(visit.matter)
    if matter is None:
        raise WrongState(f"目录里没有事项 {visit.matter}，请联系区中心")
    return matter


def private(local: Local, visit: Visit) -> dict[str, Any]:
    """What was filled in. :raises WrongState: this store cannot open it."""
    fields = opened(local, visit.applied_event)
    if fields is None:
        raise WrongState(f"{visit.number} 的内容在本机打不开，请联系区中心")
    return fields


def held_here(store: Store, number: str) -> bool:
    """Whether papers of it were given to a courier: then they are accounted for in a case."""
    return any(was_collected(parcel) for parcel in parcels_of(store, number))


def _visit(hand: Hand, number: str) -> Visit:
    visit = find(hand.w.store, number)
    if visit is None:
        raise WrongState(f"本机没有在家申请 {number}")
    return visit


def accept_form(hand: Hand, local: Local, number: str) -> str:
    """The form and the photographs are in order: a courier may go."""
    require(hand.person, RECEIVING, LOOK)
    visit = _visit(hand, number)
    hand.state("visit.checked", number)
    if not visit.fetch or not missing(local, hand.w.store, visit, private(local, visit)):
        return "看过了，可以办。没有要取的材料，现在就能收件"
    try:
        _pack(hand, local, visit, {})
    except StoreError as problem:
        return f"看过了，可以办。取件单没有开出来：{problem}"
    return "看过了，可以办。已开取件单，等快递员上门"


def plan(hand: Hand, local: Local, number: str, day: str, hours: str) -> str:
    """Make up the list for the courier (once more), for a time agreed on by phone."""
    require(hand.person, RECEIVING | POSTING, "安排上门取件")
    visit, today = _visit(hand, number), hand.w.day
    if visit.state is not VisitState.CHECKED or stage_of(hand.w.store, visit) is not Stage.READY:
        raise WrongState(f"{number} 现在不用安排上门取件")
    if live_fetch(parcels_of(hand.w.store, number)) is not None:
        raise WrongState(f"{number} 已经有取件单在等快递员")
    if day not in {due.day.isoformat() for due in coming_days(today, hand.calendar)}:
        raise BadField("day", "请选哪一天。", "Choose a day.")
    if hours not in HOURS_ZH:
        raise BadField("hours", "请选时段。", "Choose a time.")
    _pack(hand, local, visit, {"day": day, "hours": hours})
    return "已开取件单，等快递员上门"


def coming_days(today: date, calendar: Calendar) -> tuple[Due, ...]:
    """The working days on which a courier may be sent."""
    first = calendar.next_working_day(today)
    later = (calendar.add_working_days(today, n) for n in range(1, DAYS_AHEAD))
    return tuple(dict.fromkeys((first, *later)))


def _pack(hand: Hand, local: Local, visit: Visit, agreed: Mapping[str, str]) -> str:
    """The parcel that fetches what is kept and is not here yet; its address is the home's."""
    fields = {**private(local, visit), **agreed}
    wanted = missing(local, hand.w.store, visit, fields)
    if not wanted:
        raise WrongState(f"{visit.number} 没有要取的材料")
    words = {name: str(fields.get(name) or "") for name in ("day", "hours", "note")}
    return pack(
        hand.w,
        directory=local.bundle.directory,
        actor=hand.person.id,
        purpose=PAPERS_FETCHED,
        cases=(),
        contents=[{"case": "", "position": s.position, "name": s.name} for s in wanted],
        recipient={
            "name": str(fields.get("contact") or fields["name"]),
            "phone": str(fields["phone"]),
            "address": str(fields.get("address") or ""),
            "region": str(fields.get("region") or ""),
            **{name: value for name, value in words.items() if value},
        },
        to_point=local.point.code,
        visit=visit.number,
    )


def missing(
    local: Local, store: Store, visit: Visit, fields: Mapping[str, Any]
) -> tuple[MaterialSpec, ...]:
    """The papers that are kept and that nobody has brought here yet."""
    there = here_already(store, visit.number)
    return tuple(
        s for s in to_fetch(papers(local, visit, fields).needed) if s.position not in there
    )


def here_already(store: Store, number: str) -> frozenset[int]:
    """The positions of the papers that were fetched and counted here."""
    found = set()
    for parcel in parcels_of(store, number):
        if parcel.state is ParcelState.ARRIVED:
            lacking = set(not_collected(parcel))
            found |= {
                int(content["position"])
                for content in parcel.contents
                if isinstance(content.get("position"), int) and content.get("name") not in lacking
            }
    return frozenset(found)


def ask_to_mend(hand: Hand, number: str, chosen: Iterable[tuple[int, str]], words: str) -> str:
    """Tell the applicant everything that is to be mended, at once."""
    require(hand.person, RECEIVING, LOOK)
    _visit(hand, number)
    defects = [
        {"position": position, "reason": reason}
        for position, reason in chosen
        if reason in DEFECTS_ZH
    ]
    said = short("words", words, WORDS_MAX)
    if not defects and not said:
        raise BadField("defects", "请选哪里要改，或者写明怎么改。", "Choose what is to be mended.")
    hand.state("visit.mending_asked", number, defects=defects, sealed={"words": said})
    return "已请申请人改，手机上看得到"


def decline(hand: Hand, number: str, why: str, words: str) -> str:
    """Say that it is not for here, and where to go instead."""
    require(hand.person, RECEIVING, LOOK)
    _visit(hand, number)
    if why not in DECLINED_ZH:
        raise BadField("why", "请选原因。", "Choose why.")
    said = needed("why_words", words, "去哪里办或怎么办", WORDS_MAX)
    if held_here(hand.w.store, number):
        raise WrongState("材料已经取来，不能在这里了结：请收件，再按不予受理办，材料才退得回去")
    hand.state("visit.declined", number, why=why, sealed={"words": said})
    return "已告知申请人"


def cancel(hand: Hand, number: str) -> str:
    """Call it off for somebody who asks for it by phone."""
    require(hand.person, RECEIVING, "取消在家申请")
    _visit(hand, number)
    if held_here(hand.w.store, number):
        raise WrongState("材料已经取来，不能取消：请收件，再按撤回办，材料才退得回去")
    hand.state("visit.cancelled", number)
    return "已取消"


def call_off_fetch(hand: Hand, number: str) -> str:
    """Take back the list for the courier: nobody goes there, or goes there in vain."""
    require(hand.person, RECEIVING | POSTING, "取消上门取件")
    parcel = live_fetch(parcels_of(hand.w.store, number))
    if parcel is None:
        raise WrongState(f"{number} 没有取件单")
    if was_collected(parcel):
        raise WrongState(f"{number} 的材料快递员已经取到，不能取消")
    if parcel.state is ParcelState.PACKED:
        hand.state("parcel.cancelled", parcel.number)
    else:
        hand.state("parcel.returned", parcel.number, when=hand.w.at)
    return "已取消这次上门取件"


def count(hand: Hand, number: str, ticked: Iterable[int]) -> str:
    """Count what the courier brought against the list (清点): what was collected must be there."""
    require(hand.person, RECEIVING | POSTING, "清点取来的材料")
    parcel = live_fetch(parcels_of(hand.w.store, number))
    if parcel is None or parcel.state is ParcelState.PACKED:
        raise WrongState(f"{number} 的材料还没有取来")
    lacking, seen = set(not_collected(parcel)), set(ticked)
    absent = [
        str(content.get("name", ""))
        for place, content in enumerate(parcel.contents)
        if place not in seen and content.get("name") not in lacking
    ]
    if absent:
        raise BadField(
            "contents",
            f"快递员取到的“{'、'.join(absent)}”还没有点到。少了先找快递员，不要签收。",
            "",
        )
    hand.state("parcel.arrived", parcel.number)
    return "已清点" + (f"，没有取到：{'、'.join(sorted(lacking))}" if lacking else "，材料齐了")


def close(w: Writing, local: Local, number: str, case: str, actor: str) -> None:
    """The case was received: the application ends, and its slip holds for the case."""
    visit = find(w.store, number)
    if visit is None or visit.point != local.point.code:
        raise WrongState(f"本机没有在家申请 {number}")
    w.state("visit.ended", number, {}, actor=actor)
    fields = opened(local, visit.slips[-1].event) if visit.slips else None
    if fields:
        data = {"visit": number, "slip": visit.slips[-1].event}
        sealed = {name: fields[name] for name in SEALED if fields.get(name)}
        event = w.state("slip.attached", case, data, actor=actor, sealed=sealed)
        w.state("slip.confirmed", case, {"slip": event.id}, actor=actor)


def draft_op(number: str, actor: str) -> str:
    """The operation of the draft in which somebody receives an application: always the same."""
    return hashlib.sha256(f"{number} {actor}".encode()).hexdigest()[:16]


def latest_photos(visit: Visit, most: int) -> tuple[Scan, ...]:
    """The photographs that the case gets: the newest ones, in the order of their taking."""
    return visit.scans[-most:]


def typed_for(local: Local, visit: Visit, fields: Mapping[str, Any]) -> dict[str, list[str]]:
    """What a reception's form begins with: who applies, and the papers that are here."""
    there = here_already(local.store, visit.number)
    photographed = {scan.position for scan in visit.scans}
    taken = [
        str(spec.position)
        for spec in papers(local, visit, fields).needed
        if spec.position in (there if spec.travels else photographed)
    ]
    said = {name: str(fields.get(name) or "") for name in ("name", "document_number", "phone")}
    if visit.applicant_kind == "organization":
        who = {
            "org_name": said["name"],
            "org_document": visit.document,
            "credit_code": said["document_number"],
            "org_phone": said["phone"],
            "contact": str(fields.get("contact") or ""),
        }
    else:
        who = {**said, "document": visit.document}
    typed = {"home": visit.number, "kind": visit.applicant_kind, **who}
    return {**{name: [value] for name, value in typed.items() if value}, "paper": taken}
