"""What the window shows of applications from home: rows of the list, and one application."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from cases.catalogue import MaterialSpec
from cases.fold import WrongState
from cases.folded import Parcel, Scan, Visit
from cases.from_home import Stage, answer_due, answer_light, live_fetch, stage, visit_tasks
from cases.lights import Colour, due_zh
from cases.scans import described
from cases.tasks import Task
from cases.times import ago, shown, shown_day
from courier.app_cards import why_words
from labels.masking import mask_address, mask_id, mask_name, mask_phone
from node import home_visits
from node.local import Local
from node.matter_card import HANDLING_ZH
from node.people_card import NOT_OPEN, Facts, document_zh, opened
from sync import registers

STAGE_ZH = {
    Stage.CHECKING: "等本点看",
    Stage.TO_MEND: "等申请人改",
    Stage.READY: "等快递员上门",
    Stage.COMING: "快递员已接单",
    Stage.MISSED: "上门没取到",
    Stage.CARRIED: "材料在路上",
    Stage.DELIVERED: "材料到了，待清点",
    Stage.THERE: "材料齐了，待收件",
    Stage.RECEIVED: "已收件",
    Stage.DECLINED: "已告知不在这里办",
    Stage.CANCELLED: "已取消",
}
LATEST_MAX = 20


@dataclass(frozen=True)
class HomeRow:
    """One application in the list."""

    number: str
    who: str
    title: str
    stage: str
    advice: str
    when: str
    light: Colour | None
    word: str


@dataclass(frozen=True)
class PhotoRow:
    """One photograph: what an address calls it, and what it is."""

    id: str
    words: str
    here: bool


@dataclass(frozen=True)
class PaperRow:
    """One paper: what becomes of it, its photographs, whether it was fetched."""

    position: int
    name: str
    how: str
    photos: tuple[PhotoRow, ...]
    fetched: str


@dataclass(frozen=True)
class HomeCard:
    """One application as its page shows it."""

    number: str
    title: str
    matter: str
    stage: str
    words: str
    light: Colour | None
    word: str
    advice: str
    who: Facts
    fetch: Facts
    answers: Facts
    papers: tuple[PaperRow, ...]
    problem: str
    parcel: str
    contents: tuple[tuple[int, str, bool], ...]
    case: str
    full: bool
    held: bool
    awaited: int


def rows(local: Local) -> tuple[HomeRow, ...]:
    """Everything that is not over, the most pressing first."""
    found = [_row(local, visit) for visit in home_visits.under_way(local.store)]
    return tuple(sorted(found, key=lambda row: (row.light is None, row.advice == "", row.when)))


def home_tasks(local: Local) -> Iterator[tuple[Task, HomeRow]]:
    """What this point must do next for applications from home, each with its row."""
    for visit in home_visits.under_way(local.store):
        parcels = home_visits.parcels_of(local.store, visit.number)
        received = bool(home_visits.was_received(local.store, visit.number))
        for task in visit_tasks(visit, parcels, received=received):
            yield task, _row(local, visit)


def over(local: Local) -> tuple[HomeRow, ...]:
    """The last applications that are over."""
    found = [
        visit
        for state in ("ended", "declined", "cancelled")
        for visit in registers.newest(local.store.db, "visit", state=state, limit=LATEST_MAX)
        if isinstance(visit, Visit) and visit.applied_event
    ]
    latest = sorted(found, key=lambda visit: visit.changed_at, reverse=True)[:LATEST_MAX]
    return tuple(_row(local, visit) for visit in latest)


def name_of(local: Local, visit: Visit) -> str:
    """Whose application it is, masked."""
    fields = opened(local, visit.applied_event)
    return mask_name(str(fields.get("name", ""))) if fields else NOT_OPEN


def _row(local: Local, visit: Visit) -> HomeRow:
    parcels = home_visits.parcels_of(local.store, visit.number)
    received = bool(home_visits.was_received(local.store, visit.number))
    at = stage(visit, live_fetch(parcels), received=received)
    tasks = visit_tasks(visit, parcels, received=received)
    lit = _light(local, visit, at)
    return HomeRow(
        number=visit.number,
        who=name_of(local, visit),
        title=visit.title,
        stage=STAGE_ZH[at],
        advice=tasks[0].words if tasks else "",
        when=ago(visit.changed_at, local.now()),
        light=lit[0] if lit else None,
        word=lit[1] if lit else "",
    )


def _light(local: Local, visit: Visit, at: Stage) -> tuple[Colour, str] | None:
    if at is not Stage.CHECKING:
        return None
    return answer_light(visit, local.bundle.calendar, local.now())


def card(local: Local, visit: Visit, *, full: bool) -> HomeCard:
    """One application. ``full``: the showing has been noted."""
    parcels = home_visits.parcels_of(local.store, visit.number)
    case = home_visits.was_received(local.store, visit.number)
    parcel = live_fetch(parcels)
    at = stage(visit, parcel, received=bool(case))
    tasks = visit_tasks(visit, parcels, received=bool(case))
    lit, fields, problem = _light(local, visit, at), opened(local, visit.applied_event), ""
    papers: tuple[PaperRow, ...] = ()
    try:
        papers = _papers(local, visit, fields or {})
    except WrongState as gone:
        problem = str(gone)
    return HomeCard(
        number=visit.number,
        title=visit.title,
        matter=visit.matter,
        stage=at.value,
        words=STAGE_ZH[at],
        light=lit[0] if lit else None,
        word=lit[1] if lit else "",
        advice=_advice(local, visit, parcel, at) or (tasks[0].words if tasks else ""),
        who=_who(visit, fields, full=full),
        fetch=_fetch(local, visit, fields or {}, parcel, full=full),
        answers=local.guide.in_words(
            local.guide.answers_of(str((fields or {}).get("answers", "")))
        ),
        papers=papers,
        problem=problem or ("" if fields is not None else NOT_OPEN),
        parcel=parcel.number if parcel else "",
        contents=_contents(parcel),
        case=case,
        full=full,
        held=home_visits.held_here(local.store, visit.number),
        awaited=sum(not photo.here for paper in papers for photo in paper.photos),
    )


def _advice(local: Local, visit: Visit, parcel: Parcel | None, at: Stage) -> str:
    if at is Stage.CHECKING:
        due = answer_due(visit, local.bundle.calendar)
        return f"{due_zh(due, local.today())}前答复申请人：先看，看好之前谁都不用跑"
    if at is Stage.MISSED and parcel:
        return f"快递员报：{why_words(parcel.failure)}。打电话约好，再安排一次"
    return ""


def _who(visit: Visit, fields: Mapping[str, Any] | None, *, full: bool) -> Facts:
    if fields is None:
        return (("申请人", NOT_OPEN),)
    said = {
        name: str(fields.get(name) or "")
        for name in ("name", "document_number", "phone", "contact")
    }
    public = full or visit.applicant_kind == "organization"
    found = (
        ("申请人", said["name"] if public else mask_name(said["name"])),
        (
            document_zh(visit.document),
            said["document_number"] if public else mask_id(said["document_number"]),
        ),
        ("负责人", said["contact"] if full else mask_name(said["contact"])),
        ("电话", said["phone"] if full else mask_phone(said["phone"])),
    )
    return tuple(row for row in found if row[1])


def _fetch(
    local: Local, visit: Visit, fields: Mapping[str, Any], parcel: Parcel | None, *, full: bool
) -> Facts:
    """When and where somebody comes: as asked for, or as agreed on since."""
    if not visit.fetch:
        return (("上门取件", "没有要取的材料"),)
    agreed = opened(local, parcel.packed_event) if parcel else None
    told = {**fields, **(agreed or {})}
    address = str(told.get("address") or "")
    found = (
        ("上门时间", window_words(told, local)),
        ("取件地址", address if full else mask_address(address)),
        ("给快递员的话", str(told.get("note") or "") if full else ""),
        ("结果寄到", "取件地址" if visit.slips else "还没有填寄递单"),
    )
    return tuple(row for row in found if row[1])


def window_words(fields: Mapping[str, Any], local: Local) -> str:
    """A day and a time window in words."""
    hours = home_visits.HOURS_ZH.get(str(fields.get("hours")), "")
    try:
        day = date.fromisoformat(str(fields.get("day") or ""))
    except ValueError:
        return ""
    return f"{shown_day(day, local.today())} {hours}"


def _papers(local: Local, visit: Visit, fields: Mapping[str, Any]) -> tuple[PaperRow, ...]:
    there = home_visits.here_already(local.store, visit.number)
    needed = home_visits.papers(local, visit, fields).needed
    rows = [_paper(local, visit, spec, fetched=spec.position in there) for spec in needed]
    named = {spec.position for spec in needed}
    others = [scan for scan in visit.scans if scan.position not in named]
    if others:
        rows.append(PaperRow(0, "其他照片", "", tuple(_photo(local, s) for s in others), ""))
    return tuple(rows)


def _paper(local: Local, visit: Visit, spec: MaterialSpec, *, fetched: bool) -> PaperRow:
    how = "证件不寄，看照片" if spec.identity else HANDLING_ZH[spec.handling]
    photos = tuple(_photo(local, s) for s in visit.scans if s.position == spec.position)
    state = "已取到" if fetched else "上门取" if spec.travels else ""
    return PaperRow(spec.position, spec.name, how, photos, state)


def _photo(local: Local, scan: Scan) -> PhotoRow:
    words = f"{shown(scan.at, local.now())}，{described(scan.media, scan.size, scan.pages)}"
    here = local.node.blobs.size(scan.blob) is not None
    return PhotoRow(scan.blob.removeprefix("sha256:"), words, here)


def _contents(parcel: Parcel | None) -> tuple[tuple[int, str, bool], ...]:
    """What was to be fetched, by its place, and whether the courier says it was given."""
    if parcel is None:
        return ()
    known = parcel.collected
    return tuple(
        (place, str(content.get("name", "")), known is None or place in known)
        for place, content in enumerate(parcel.contents)
    )
