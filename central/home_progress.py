"""Following an application from home: how far it is, what to mend, calling it off.

``/T/<token>/home`` from the link or code shown when it was sent, ``/case/<number>/home`` after a
look-up. Both say how far it is; what was wrong, mending and calling it off need the last four.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cases.fold import WrongState
from cases.folded import Parcel, Visit
from cases.from_home import Stage, answer_due, is_promised, not_collected
from cases.numbers import BadNumber, SubjectKind, parse_number
from cases.states import VisitState
from central import home_desk, lookup
from central.context import bundle, district, now, store
from central.home_cards import hours_words
from central.progress import Seen
from central.progress_words import defect_words
from central.qr import open_code
from courier.look.cards import StepCard
from courier.look.errors import error_page
from courier.look.words import _
from courier.slip_desk import NotOpen
from labels.codes import qr
from labels.masking import mask_address, mask_name
from labels.tokens import Purpose, url
from sync.errors import RemoteError

blueprint = Blueprint("followed", __name__, template_folder="templates")
DOOR = "/<any(T,t,case):door>/<key>/home"
_TONES = {
    Stage.TO_MEND: "amber", Stage.MISSED: "amber", Stage.RECEIVED: "green",
    Stage.DECLINED: "red", Stage.CANCELLED: "amber",
}  # fmt: skip
_ORDER = (Stage.CHECKING, Stage.READY, Stage.CARRIED, Stage.RECEIVED)
_AT = {
    Stage.CHECKING: 0, Stage.TO_MEND: 0, Stage.READY: 1, Stage.COMING: 1, Stage.MISSED: 1,
    Stage.CARRIED: 2, Stage.DELIVERED: 2, Stage.THERE: 3, Stage.RECEIVED: 4,
}  # fmt: skip


@dataclass(frozen=True)
class FollowedCard:
    """The finished page."""

    number: str
    title: str
    place: str
    phone: str
    tone: str
    standing: str
    meaning: str
    steps: tuple[StepCard, ...]
    wrong: tuple[tuple[str, str], ...]
    facts: tuple[tuple[str, str], ...]
    papers: tuple[str, ...]
    missing: tuple[str, ...]
    locked: bool
    mend_url: str
    cancel: bool
    case_url: str
    case: str


@dataclass(frozen=True)
class QrCard:
    """A code as the page draws it."""

    side: int
    path: str


@blueprint.get(DOOR)
def show(door: str, key: str) -> ResponseReturnValue:
    """How far it is."""
    try:
        number = _number(door, key)
    except NotOpen as stop:
        return error_page(stop.card)
    if door == "case" and not lookup.granted(number):
        return redirect(url_for("portal.home"), 303)
    return _page(door, key, number)


def _number(door: str, key: str) -> str:
    if door != "case":
        return open_code(key, Purpose.HOME).target
    try:
        parsed = parse_number(key)
    except BadNumber:
        return ""
    return parsed.text if parsed.kind is SubjectKind.VISIT else ""


def _page(
    door: str, key: str, number: str, problem: str = "", status: int = 200
) -> ResponseReturnValue:
    found = home_desk.following(number)
    sent = request.args.get("sent") == "1" or request.args.get("saved") == "1"
    page = render_template(
        "resident/home_progress.html",
        card=_card(found),
        problem=problem,
        prove_url=url_for("portal.prove", door=door, key=key, then="home"),
        cancel_url=url_for(".cancel", door=door, key=key),
        op=home_desk.new_op(),
        sent=sent,
        code=_code(number) if sent else None,
    )
    return page, status


def _code(number: str) -> QrCard:
    address = url(district().config.web.public_url, home_desk.token_of(number))
    drawn = qr(address)
    path = "".join(f"M{b.x} {b.y}h{b.width}v{b.height}h-{b.width}z" for b in drawn.bars)
    return QrCard(drawn.width, path)


def _card(found: home_desk.Following) -> FollowedCard:
    at, visit, may = found.stage, found.visit, lookup.granted(found.number)
    point = bundle().directory.by_number(parse_number(found.number).point_number)
    standing, meaning = _words(found, point.name)
    mends = visit is not None and at is Stage.TO_MEND
    case = found.case
    return FollowedCard(
        number=found.number,
        title=visit.title if visit else "",
        place=point.name,
        phone=point.phone,
        tone=_TONES.get(at, "accent"),
        standing=standing,
        meaning=meaning,
        steps=_steps(at, fetches=visit is None or visit.fetch),
        wrong=_wrong(visit, may=may) if visit and mends else (),
        facts=_facts(visit, found.parcel) if visit and may and case is None else (),
        papers=_to_hand_over(found.parcel)
        if at in (Stage.READY, Stage.COMING, Stage.MISSED)
        else (),
        missing=not_collected(found.parcel) if found.parcel and case is None else (),
        locked=not may and (mends or at is Stage.DECLINED or found.may_cancel),
        mend_url=url_for("apply.check", key=found.number) if mends and may else "",
        cancel=may and found.may_cancel,
        case_url=f"/T/{home_desk.token_of(case.number, Purpose.RECEIPT)}" if case else "",
        case=case.number if case else "",
    )


def _steps(at: Stage, *, fetches: bool) -> tuple[StepCard, ...]:
    """The way of it; where nothing is fetched nobody comes."""
    words = {
        Stage.CHECKING: _("受理点看您填的和拍的"),
        Stage.READY: _("快递员上门取材料"),
        Stage.CARRIED: _("材料送到受理点"),
        Stage.RECEIVED: _("收件，开始办理"),
    }
    if at not in _AT:
        return ()
    order = [s for s in _ORDER if fetches or s in (Stage.CHECKING, Stage.RECEIVED)]
    return tuple(
        StepCard(
            words[s], state="done" if _AT[s] < _AT[at] else "now" if _AT[s] == _AT[at] else "next"
        )
        for s in order
    )


def _words(found: home_desk.Following, place: str) -> tuple[str, str]:
    """What the stage means, and what comes next."""
    visit, parcel = found.visit, found.parcel
    if visit is None or found.ahead:
        return (
            _("已经收下，正在送到受理点"),
            _("您不用再做什么。受理点一个工作日内看完，请留意这一页或电话。"),
        )
    seen = Seen(bundle().directory, bundle().calendar, now())
    last = answer_due(visit, bundle().calendar)
    due = seen.last_day(last.day, provisional=last.provisional)
    missed = _missed(parcel)
    return {
        Stage.CHECKING: (
            _("%(place)s正在看", place=place),
            _("最晚%(day)s前告诉您：行，还是要改哪里。看好之前，谁都不用跑。", day=due),
        ),
        Stage.TO_MEND: (
            _("有 %(n)s 处要改一改", n=max(len(visit.defects), 1)),
            _("在手机上改好再交一次就行，填过的都在。"),
        ),
        Stage.READY: (
            _("看过了，没问题，等快递员上门"),
            _("请按约好的时间在家，把下面的材料准备好，当面交给快递员。取件不收费。"),
        ),
        Stage.COMING: (
            _("快递员已经接单，会按约好的时间上门"),
            _("请把下面的材料准备好。证件不用交，快递员要看的话给他看一眼就行。"),
        ),
        Stage.MISSED: (_("快递员来过，没有取到"), missed),
        Stage.CARRIED: (_("材料在路上"), _("快递员取到了材料，正送往%(place)s。", place=place)),
        Stage.DELIVERED: (_("材料到了受理点"), _("正在清点，点好就收件。")),
        Stage.THERE: (_("材料齐了，正在收件"), _("收件以后，这里会有办件编号。")),
        Stage.RECEIVED: (
            _("已经收件，和到窗口办的一样"),
            _("请记下办件编号。往后办到哪一步，看办件的页面。"),
        ),
        Stage.DECLINED: (_("这件事不在这里办"), _declined(visit.declined)),
        Stage.CANCELLED: (_("已经取消"), _("没有收走任何材料。想办的时候可以重新申请。")),
    }[found.stage]


def _missed(parcel: Parcel | None) -> str:
    why = {
        "nobody_home": _("家里没有人。"),
        "no_answer": _("电话没有打通。"),
        "later": _("约了改天来。"),
        "no_entry": _("进不了小区或楼门。"),
        "wrong_address": _("地址不对，找不到。"),
        "papers_lacking": _("材料还没有准备好。"),
    }.get(parcel.failure if parcel else "", "")
    return why + _("会再和您联系，约好时间再来，请留意电话。")


def _declined(why: str) -> str:
    return {
        "elsewhere": _("它不归鼓楼区的部门办。受理点写了可以去哪里办。"),
        "in_person": _("这件事要本人到场。请带上材料到任何一个受理点。"),
        "not_needed": _("按您的情况不用办这件事。"),
    }.get(why, _("受理点写了原因。"))


def _wrong(visit: Visit, *, may: bool) -> tuple[tuple[str, str], ...]:
    """What is to be mended; the words of whoever looked at it only after the last four."""
    matter = bundle().catalogue.get(visit.matter)
    names = {s.position: s.name for s in matter.materials} if matter else {}
    rows = [(names.get(d.position, _("填的内容")), defect_words(d.reason)) for d in visit.defects]
    said = lookup.sealed_of(store().event(visit.answer_event)).get("words", "") if may else ""
    if said:
        lookup.note_showing(visit.number, "reasons")
    return (*rows, *([(_("受理点说"), said)] if said else []))


def _facts(visit: Visit, parcel: Parcel | None) -> tuple[tuple[str, str], ...]:
    """What was asked for, masked; where words were written for the resident, those."""
    fields = lookup.sealed_of(store().event(visit.applied_event))
    rows = [(_("申请人"), mask_name(fields.get("name", "")))]
    if visit.fetch:
        rows += [
            (_("上门取件"), _when(fields)),
            (_("取件地址"), mask_address(fields.get("address", ""))),
        ]
    if visit.state is VisitState.DECLINED:
        said = lookup.sealed_of(store().event(visit.answer_event)).get("words", "")
        rows += [(_("受理点说"), said)] if said else []
    if parcel is not None and is_promised(parcel):
        rows.append((_("取件单号"), parcel.tracking))
    return tuple(row for row in rows if row[1])


def _when(fields: Mapping[str, str]) -> str:
    seen = Seen(bundle().directory, bundle().calendar, now())
    try:
        day = seen.day(date.fromisoformat(fields.get("day", "")))
    except ValueError:
        return ""
    return f"{day} {hours_words(fields.get('hours', ''))}"


def _to_hand_over(parcel: Parcel | None) -> tuple[str, ...]:
    return tuple(str(content.get("name", "")) for content in parcel.contents) if parcel else ()


@blueprint.post(f"{DOOR}/cancel")
def cancel(door: str, key: str) -> ResponseReturnValue:
    """Call it off, while nothing was fetched."""
    try:
        number = _number(door, key)
    except NotOpen as stop:
        return error_page(stop.card)
    if not lookup.granted(number):
        return redirect(url_for("portal.prove", door=door, key=key, then="home"), 303)
    try:
        done = home_desk.cancel(home_desk.following(number), request.form.get("op", ""))
    except RemoteError:
        words = _("线路断了，还没有取消。请过一会儿再按一次；按两次也只算一次。")
        return _page(door, key, number, words, 503)
    except WrongState:
        done = False
    if not done:
        words = _(
            "快递员已经取到材料，或者受理点已经收件，不能在这里取消。要撤回请打电话给受理点。"
        )
        return _page(door, key, number, words, 409)
    return redirect(url_for(".show", door=door, key=key), 303)
