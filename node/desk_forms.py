"""The forms of the acts of ``desk_acts``: to whom a case may go, whom to ask, what is answered."""

from __future__ import annotations

from collections.abc import Callable

from cases.catalogue import Level
from cases.desks import OPINION_DAYS, VIEWS_ZH, cannot_ask, open_opinions, opinions_of
from cases.desks import OPINION_DAYS_MAX as DAYS_MAX
from cases.folded import Case
from cases.points import PointKind
from courier.look.cards import Choice
from courier.look.forms import Form
from node import desk_acts, staff
from node.act_fields import Asked, Field, Work, area, choices, days_in, reason
from node.actions import Scene
from node.desk_acts import Seat
from node.local import Local
from node.people_card import opened
from node.permissions import DECIDING, person_of

_SEATED = {
    PointKind.DISTRICT_CENTRE: Level.DISTRICT,
    PointKind.SUBDISTRICT_CENTRE: Level.SUBDISTRICT,
    PointKind.COMMUNITY_POINT: Level.COMMUNITY,
}
_POOL, _OFFICER, _DEPARTMENT = "pool", "officer:", "department:"


def seats_at(local: Local, code: str) -> tuple[Seat, ...]:
    """The departments that sit at a point."""
    point = local.bundle.directory.find(code)
    level = _SEATED.get(point.kind) if point else None
    if point is None or level is None:
        return ()
    whose = "" if level is Level.DISTRICT else point.area_name
    return tuple(
        Seat(d.code, d.name if not whose else f"{whose}（{d.short_name}）", code)
        for d in local.bundle.catalogue.departments
        if d.level is level
    )


def may_be_asked(local: Local, case: Case) -> dict[str, Seat]:
    """Who can be asked about a case: the district's departments, and those of the case's area."""
    directory = local.bundle.directory
    area = directory.find(case.area) if case.area else None
    points = [directory.centre.code, *((area.parent, area.code) if area else ())]
    seats = (seat for code in dict.fromkeys(points) for seat in seats_at(local, code))
    return {
        f"{seat.department}@{seat.to}": seat
        for seat in seats
        if not cannot_ask(case, seat.department, seat.to)
    }


def still_awaited(case: Case) -> tuple[tuple[Field, ...], str]:
    """What the form of a decision says and asks while departments have not answered."""
    names = "、".join(o.department_name for o in open_opinions(case))
    if not names:
        return (), ""
    hint = "不等这些意见，直接作出决定。作出决定后，它们不用再答复。"
    return (Field("tick", "unheard", "未等回复", hint),), f"{names}还没有答复征求的意见。"


def _hand_over(local: Local, scene: Scene) -> Asked:
    case = scene.case
    people, seats = _colleagues(local, case), {}
    if open_to_departments(scene):
        others = (s for s in seats_at(local, scene.point) if s.department != case.department)
        seats = {_DEPARTMENT + seat.department: seat for seat in others}
    options = {_POOL: "部门待办，谁都可以接手", **people}
    options |= {key: seat.name for key, seat in seats.items()}

    def read(form: Form) -> Work:
        to = form.choice("to", options, missing_zh="请选交给谁")
        note = area(form, "note", required=to != _POOL)
        if to == _POOL:
            return lambda hand: desk_acts.hand_back(hand, case.number, note=note)
        if to in seats:
            return lambda hand: desk_acts.hand_to_department(
                hand, case.number, seats[to], note=note
            )
        officer = to.removeprefix(_OFFICER)
        return lambda hand: desk_acts.hand_to_officer(hand, case.number, officer, note=note)

    fields = (
        Field("select", "to", "交给", options=choices(options)),
        Field("area", "note", "说明", "给接手的人看：办到哪一步、要注意什么。", False, rows=3),
    )
    return Asked(fields, (), read)


def open_to_departments(scene: Scene) -> bool:
    """Whether a case may still go to another department: before it is decided."""
    return scene.case.decision is None


def _colleagues(local: Local, case: Case) -> dict[str, str]:
    """The officers of this point who handle the case's department, but for who has it."""
    people = (person_of(account) for account in staff.accounts(local.store, local.point.code))
    return {
        _OFFICER + person.id: person.name
        for person in people
        if person.roles & DECIDING and person.handles(case.department) and person.id != case.officer
    }


def _ask_opinion(local: Local, scene: Scene) -> Asked:
    case, seats = scene.case, may_be_asked(local, scene.case)
    options = tuple(Choice(key, seat.name) for key, seat in seats.items())
    fields = (
        reason("question", "要征求意见的问题", "各部门看到的是同一段话，写清要答复什么。"),
        Field("number", "days", "答复期限（工作日）", f"最多 {DAYS_MAX} 天。"),
        Field("ticks", "departments", "征求哪些部门", options=options, columns=2),
    )

    def read(form: Form) -> Work:
        question = area(form, "question")
        given = days_in(form, DAYS_MAX)
        chosen = form.choices("departments", list(seats), at_least=1, missing_zh="请至少选一个部门")
        return lambda hand: desk_acts.ask_opinion(
            hand, case.number, [seats[key] for key in chosen], days=given, question=question
        )

    intro = "可以同时征求几个部门，各自答复；本件的审批期限不停。"
    return Asked(fields, (("days", str(OPINION_DAYS)),), read, intro)


def _give_opinion(local: Local, scene: Scene) -> Asked:
    waiting = opinions_of(scene.case, scene.point)
    number = scene.case.number
    options = {o.event: o.department_name for o in waiting}
    which = (
        Field("select", "request", "答复哪个部门收到的", options=choices(options))
        if len(options) > 1
        else Field("hidden", "request")
    )
    fields = (
        which,
        Field("choice", "view", "意见", options=choices(VIEWS_ZH), columns=3),
        Field("area", "words", "内容和依据", "同意的可以不填。", False, rows=3),
    )

    def read(form: Form) -> Work:
        request = form.value("request")
        view = form.choice("view", VIEWS_ZH, missing_zh="请选一项意见")
        words = area(form, "words", required=bool(view) and view != "agree")
        return lambda hand: desk_acts.give_opinion(
            hand, number, request=request, view=view, words=words
        )

    said = [(opened(local, o.event) or {}).get("question", "") for o in waiting]
    intro = "；".join(dict.fromkeys(f"问：{words}" for words in said if words))
    first = next(iter(options), "")
    return Asked(fields, (("request", first),), read, intro)


FORMS: dict[str, Callable[[Local, Scene], Asked]] = {
    "hand_over": _hand_over,
    "ask_opinion": _ask_opinion,
    "give_opinion": _give_opinion,
}
