"""The supervisors' board: what is late, where, whose; every figure opens the list behind it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cases.aside import NotCounted
from cases.lights import in_words, light
from cases.papers import PURPOSES_ZH
from cases.states import STATE_ZH, CaseState, ParcelState
from cases.tasks import case_tasks
from cases.timely import has_lapsed
from cases.times import day_of, shown
from central import board, proofs, second_cards
from central.accounts import ADMIN, SUPERVISOR
from central.board import Picture
from central.board_cards import (
    TASKS_ZH,
    Listing,
    as_of,
    aside_row,
    case_row,
    contact_row,
    happenings,
    late_row,
    mail_links,
    name_of,
    own_row,
    parcel_row,
    pressing,
    refusal_row,
    stats,
    task_row,
    task_stats,
    waited,
)
from central.carrier_pages import carrier_alerts
from central.contacts import contacts
from central.context import bundle, now, server, store
from central.unheard_slips import unheard_slips
from courier.carriers import carrier_zh
from courier.look import show_place
from courier.look.signin import current_account, refuse

REFRESH_SECONDS = 30
SHOWN_MAX = 6

blueprint = Blueprint(
    "board",
    __name__,
    url_prefix="/board",
    template_folder="templates",
    static_folder="static",
    static_url_path="/static",
)


@blueprint.before_request
def guard() -> ResponseReturnValue | None:
    """Supervisors only; files of the style are nobody's secret."""
    show_place("区中心监督看板")
    if request.endpoint == "board.static":
        return None
    if request.endpoint == "board.overview" and _only_keeps_standards():
        return redirect(url_for("standards.overview"))
    return refuse(SUPERVISOR, door="signin")


def _only_keeps_standards() -> bool:
    """Whether who is signed in is an administrator, and no supervisor."""
    account = current_account("signin")
    return account is not None and ADMIN in account.roles and SUPERVISOR not in account.roles


def _render(template: str, **cards: object) -> str:
    words, stale = as_of()
    return render_template(
        f"central/{template}.html", as_of=words, stale=stale, refresh=REFRESH_SECONDS, **cards
    )


def _picture() -> Picture:
    return board.picture(store(), bundle().calendar, now())


# the overview


@blueprint.get("")
@blueprint.get("/")
def overview() -> ResponseReturnValue:
    """Everything at a glance."""
    seen = _picture()
    found, _known = contacts(server(), store(), bundle().directory, now())
    return _render(
        "board_overview",
        pressing=pressing(seen, found),
        cases=stats(seen.cases, CaseState, "board.cases"),
        parcels=stats(seen.parcels, ParcelState, "board.parcels"),
        tasks=task_stats(seen.tasks),
        late=[late_row(x) for x in seen.late[:SHOWN_MAX]],
        late_count=len(seen.late),
        points=[contact_row(c, seen) for c in found if c.light in ("red", "amber")][:SHOWN_MAX],
        truncated=seen.truncated,
        alerts=carrier_alerts(),
    )


# what is late


@blueprint.get("/late")
def late() -> ResponseReturnValue:
    """The cases whose period has run out, or nearly has."""
    seen, soon = _picture(), request.args.get("which") == "soon"
    chosen = seen.soon if soon else seen.late
    listing = Listing(
        "快到期的办件" if soon else "超期的办件",
        ("办件", "事项", "该谁办", "期限", "该谁过问"),
        tuple(late_row(x) for x in chosen[: board.LIST_MAX]),
        f"共 {len(chosen)} 件",
        "没有快到期的办件" if soon else "没有超期的办件",
    )
    other = (
        ("看超期的", url_for(".late")) if soon else ("看快到期的", url_for(".late", which="soon"))
    )
    return _render("board_list", listing=listing, links=(other,))


# cases


@blueprint.get("/cases")
def cases() -> ResponseReturnValue:
    """The cases in a state, or of a point."""
    state, point = request.args.get("state", ""), request.args.get("point", "")
    if state and state not in {s.value for s in CaseState}:
        abort(404)
    live_only = bool(point)
    found = board.cases_in(store(), state, point=point, live_only=live_only)
    count = board.how_many(store(), state, point=point, live_only=live_only)
    what = STATE_ZH[CaseState(state)] if state else "全部办件"
    title = f"{name_of(point)}经办的办件" if point else what
    listing = Listing(
        title,
        ("办件", "事项", "状态", "经办方", "最后一步"),
        tuple(case_row(c, bundle().calendar) for c in found),
        f"共 {count} 件" + (f"，只列最近 {len(found)} 件" if count > len(found) else ""),
        "没有这样的办件",
    )
    links = [
        (STATE_ZH[s], url_for(".cases", state=s.value)) for s in CaseState if s is not CaseState.NEW
    ]
    return _render("board_list", listing=listing, links=[("全部", url_for(".cases")), *links])


@blueprint.get("/cases/<number>")
def case(number: str) -> ResponseReturnValue:
    """One case: where it stands, whose it is, every step. No personal data."""
    found = store().case(number)
    if found is None:
        abort(404)
    parcels = store().parcels_of(number)
    lit = light(found, bundle().calendar, now(), parcels)
    people = dict.fromkeys((found.holder, found.point, found.deciding))
    over = has_lapsed(found, bundle().calendar, now())
    tasks = [
        (t, name_of(p)) for p in people if p for t in case_tasks(found, parcels, p, lapsed=over)
    ]
    decides = f"{name_of(found.deciding)}（{found.department_name}）" if found.deciding else "—"
    facts = [
        ("状态", STATE_ZH[found.state]),
        ("事项", found.title or "—"),
        ("收件", name_of(found.point) if found.point else "—"),
        ("审批", decides),
        ("现在该谁办", name_of(found.holder) if found.holder else "—"),
    ]
    return _render(
        "board_case",
        number=number,
        title=found.title or number,
        facts=facts,
        light=lit,
        due=in_words(lit, day_of(now())) if lit else "",
        tasks=[(words.words, place, waited(words.since)) for words, place in tasks],
        happenings=happenings(found, store()),
        parcels=[parcel_row(p) for p in parcels],
    )


# tasks, parcels, points


@blueprint.get("/tasks")
def tasks() -> ResponseReturnValue:
    """What waits for somebody, the longest waiting first."""
    kind, point = request.args.get("kind", ""), request.args.get("point", "")
    seen = _picture()
    fitting = [w for w in seen.tasks if kind in ("", w.task.kind) and point in ("", w.point)]
    listing = Listing(
        TASKS_ZH.get(kind, "全部待办"),
        ("办件或邮件", "要做什么", "在哪里", "从什么时候起"),
        tuple(task_row(w) for w in fitting[: board.LIST_MAX]),
        f"共 {len(fitting)} 项",
        "没有待办",
    )
    counts = Counter(w.task.kind for w in seen.tasks)
    links = [
        (f"{words} {counts[k]}", url_for(".tasks", kind=k))
        for k, words in TASKS_ZH.items()
        if counts[k]
    ]
    return _render("board_list", listing=listing, links=[("全部", url_for(".tasks")), *links])


@blueprint.get("/parcels")
def parcels() -> ResponseReturnValue:
    """The parcels in a state."""
    state = request.args.get("state", "")
    if state and state not in {s.value for s in ParcelState}:
        abort(404)
    found = board.parcels_in(store(), state)
    listing = Listing(
        STATE_ZH[ParcelState(state)] if state else "全部邮件",
        ("邮件", "单号", "用途", "状态", "寄件点", "最后一步"),
        tuple(parcel_row(p) for p in found),
        f"共 {len(found)} 件" + ("，只列最近的" if len(found) >= board.LIST_MAX else ""),
        "没有这样的邮件",
    )
    states = [s for s in ParcelState if s is not ParcelState.NEW]
    links = [(STATE_ZH[s], url_for(".parcels", state=s.value)) for s in states]
    return _render("board_list", listing=listing, links=[*mail_links(), *links])


@blueprint.get("/parcels/<number>")
def parcel(number: str) -> ResponseReturnValue:
    """One parcel: what it carries for which cases, every step. No personal data."""
    found = store().parcel(number)
    if found is None:
        abort(404)
    facts = [
        ("状态", STATE_ZH[found.state]),
        ("用途", PURPOSES_ZH.get(found.purpose, found.purpose)),
        ("单号", found.tracking or "—"),
        ("承运", carrier_zh(found.carrier)),
        ("寄件点", name_of(found.point)),
        ("收件", name_of(found.to_point) if found.to_point else "申请人"),
    ]
    links = [(n, url_for(".case", number=n)) for n in found.cases]
    own = [(t.words, name_of(found.point), waited(t.since)) for t in board.tasks_of(store(), found)]
    return _render(
        "board_parcel", number=number, facts=facts, cases=links, tasks=own,
        happenings=happenings(found, store()), proof=proofs.card(found),
    )  # fmt: skip


@blueprint.get("/points")
def points() -> ResponseReturnValue:
    """Every point and when it was last heard from."""
    seen = _picture()
    found, known = contacts(server(), store(), bundle().directory, now())
    listing = Listing(
        "受理点",
        ("受理点", "最近联系", "待收录", "在办", "超期"),
        tuple(contact_row(c, seen) for c in found),
        f"共 {len(found)} 个，从未联系的排在最后"
        if known
        else "现在连不上数据库，看不到各点最近什么时候联系过，请稍后再看",
    )
    return _render("board_list", listing=listing, links=())


@blueprint.get("/points/<code>")
def point(code: str) -> ResponseReturnValue:
    """One point: its line, what it has in hand, what waits there."""
    found = bundle().directory.find(code)
    if found is None:
        abort(404)
    seen = _picture()
    all_contacts, _known = contacts(server(), store(), bundle().directory, now())
    contact = next(c for c in all_contacts if c.point.code == code)
    mine = [w for w in seen.tasks if w.point == code]
    heard = f"{contact.words}（{shown(contact.at, now())}）" if contact.at else contact.words
    facts = [
        ("编号", f"{found.number:03d}"),
        ("最近联系", heard),
        ("软件版本", contact.software or "—"),
        ("已写未收录", f"{contact.behind} 条" if contact.at else "—"),
        ("电话", found.phone + ("（样例）" if "phone" in found.sample else "")),
    ]
    return _render(
        "board_point", point=found, facts=facts, contact=contact,
        cases=[case_row(c, bundle().calendar) for c in
               board.cases_in(store(), "", point=code, live_only=True)[:50]],
        cases_count=seen.live_by_point.get(code, 0), cases_url=url_for(".cases", point=code),
        tasks=[task_row(w) for w in mine[:50]], tasks_count=len(mine),
        tasks_url=url_for(".tasks", point=code),
        late=[late_row(x) for x in seen.late if x.case.holder == code], unheard=unheard_slips(code),
    )  # fmt: skip


# second visits


@blueprint.get("/second")
def second() -> ResponseReturnValue:
    """The second visits of one person for one matter, two notices side by side."""
    return _render("board_second", **second_cards.page(request.args.get("which") == "all"))


# what did not count


@blueprint.get("/aside")
def aside() -> ResponseReturnValue:
    """Facts that somebody not entitled stated, or that came too late."""
    every = request.args.get("which") == "all"
    found = board.asides_in(store(), answered=every)
    listing = Listing(
        "未被采纳的记录",
        ("对象", "谁记的什么", "为什么", "从什么时候起", "答复"),
        tuple(aside_row(a) for a in found),
        _how_many(found),
        "没有未被采纳的记录" if every else "没有等人答复的记录",
    )
    return _render("board_list", listing=listing, links=_answered_too(".aside"))


@blueprint.get("/refused")
def refused() -> ResponseReturnValue:
    """Events that central refused to journal: damaged, forged, or out of their chain."""
    every = request.args.get("which") == "all"
    found = board.refusals_in(store(), answered=every)
    listing = Listing(
        "拒收的记录",
        ("受理点", "节点和位置", "为什么", "从什么时候起", "答复"),
        tuple(refusal_row(r) for r in found),
        _how_many(found),
        "没有拒收的记录" if every else "没有等人答复的记录",
    )
    links = (*_answered_too(".refused"), ("看等区中心答复的", url_for(".own")))
    return _render("board_list", listing=listing, links=links)


@blueprint.get("/own")
def own() -> ResponseReturnValue:
    """What the district's supervisors answer themselves: see ``board.own_in``."""
    settled = request.args.get("which") == "done"
    found = board.own_in(store(), answered=settled)
    listing = Listing(
        "区中心已答复的" if settled else "等区中心答复的",
        ("对象", "什么记录", "为什么", "是谁的", "从什么时候起", "答复"),
        tuple(own_row(one) for one in found),
        f"共 {len(found)} 条；点开一条看详情" if settled else _how_many(found),
        "还没有答复过" if settled else "没有等区中心答复的记录",
    )
    links = (("等区中心答复的", url_for(".own")), ("区中心已答复的", url_for(".own", which="done")))
    return _render("board_list", listing=listing, links=links)


def _how_many(found: Sequence[NotCounted]) -> str:
    waiting = sum(1 for x in found if x.answer is None)
    done = f"，已答复 {len(found) - waiting} 条" if len(found) > waiting else ""
    return f"待答复 {waiting} 条，等得最久的在前{done}"


def _answered_too(view: str) -> tuple[tuple[str, str], ...]:
    return (
        ("只看待答复的", url_for(view)),
        ("连已答复的一起看", url_for(view, which="all")),
    )
