"""The pages of cases: the worklist, one case, showing personal data; the acts are with them."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cases.numbers import BadNumber, parse_number
from cases.states import STATE_ZH
from courier.look import say
from courier.look.cards import Choice
from courier.look.forms import Form
from courier.look.signin import needs
from node import officer, officer_pages, reveal, status_page, worklist
from node.asides import refused_steps
from node.case_page import ALL_DATA, STAFF, case_page, may_reveal, me, new_op, not_here
from node.context import local
from node.desk_acts import take_up_all
from node.officer_pages import OP
from node.permissions import DECIDING
from sync import lists, registers

blueprint = Blueprint("cases", __name__, template_folder="templates")
blueprint.register_blueprint(officer_pages.blueprint)
blueprint.register_blueprint(status_page.blueprint)


@blueprint.get("/cases")
@needs(*STAFF)
def index() -> ResponseReturnValue:
    """The worklist; a whole number of a case or parcel, or a tracking number, opens it."""
    words = request.args.get("q", "").strip()[:60]
    if (number := _exact(words)) and local().store.case(number):
        return redirect(f"/cases/{number}")
    if parcel := _parcel(words):
        return redirect(f"/parcels/{parcel}")
    found_departments = departments()
    query = worklist.Query(
        show=_choice("show", [choice.value for choice in shows()], worklist.MINE),
        state=_choice("state", [choice.value for choice in STATES], ""),
        department=_choice("department", [c.value for c in found_departments], ""),
        light=_choice("light", [choice.value for choice in LIGHTS], ""),
        words=words,
        page=request.args.get("page", 1, type=int),
    )
    return render_template(
        "node/cases.html",
        found=worklist.listing(local(), me(), query),
        query=query,
        here=_here(query),
        op=new_op(),
        shows=shows(),
        states=STATES,
        lights=LIGHTS,
        departments=found_departments,
    )


STATES = tuple(Choice(state.value, STATE_ZH[state]) for state in worklist.FILTER_STATES)
LIGHTS = (Choice("red", "超期"), Choice("amber", "快到期"), Choice("green", "时间充裕"))


def shows() -> list[Choice]:
    """Whose cases this person can look at: the desk and the pool are an officer's."""
    desk = [Choice(worklist.OWN, "我接手的"), Choice(worklist.POOL, "部门待接手")]
    return [
        Choice(worklist.MINE, "等我办的"),
        *(desk if me().roles & DECIDING else ()),
        Choice(worklist.ALL, "全部办件"),
    ]


def _here(query: worklist.Query) -> str:
    """The address of this list without its page, for the links to other pages of it."""
    asked = {"show": query.show, "state": query.state, "department": query.department,
             "light": query.light, "q": query.words}  # fmt: skip
    return f"/cases?{urlencode({name: value for name, value in asked.items() if value})}"


@blueprint.post("/cases/take-up")
@needs(*STAFF)
def take_up() -> ResponseReturnValue:
    """Take up all that were ticked, in one step."""
    form = Form(request.form)
    op, numbers = form.value("op"), form.values("number")
    if not OP.fullmatch(op):
        abort(400)
    back = url_for("cases.index", show=_choice("show", [c.value for c in shows()], worklist.POOL))
    if not numbers:
        say("还没有勾选要接手的办件")
        return redirect(back, 303)
    say(officer.once(local(), f"take-up:{op}", me(), lambda hand: take_up_all(hand, numbers)))
    return redirect(back, 303)


def departments() -> list[Choice]:
    """The departments whose cases this person can filter by."""
    person = me()
    codes = [code for code in lists.departments(local().store.db) if person.handles(code)]
    names = {d.code: d.short_name for d in local().bundle.catalogue.departments}
    return [Choice(code, names.get(code, code)) for code in codes]


def _choice(name: str, allowed: list[str], otherwise: str) -> str:
    value = request.args.get(name, "")
    return value if value in allowed else otherwise


def _parcel(words: str) -> str:
    """The parcel that a number or a tracking number names, or empty."""
    by_number = _exact(words)
    if by_number and local().store.parcel(by_number):
        return by_number
    tracking = "".join(words.upper().split())
    return registers.parcel_of_tracking(local().store.db, tracking) or ""


def _exact(words: str) -> str:
    try:
        return parse_number(words).text
    except BadNumber:
        return ""


@blueprint.get("/cases/<number>")
@needs(*STAFF)
def show(number: str) -> ResponseReturnValue:
    """One case."""
    case = local().store.case(number)
    if case and not case.received_event and any(refused_steps(local(), number)):
        return redirect("/status#asides")
    if case is None or not case.received_event:
        exact = _exact(number)
        known = exact != number and local().store.case(exact)
        return redirect(f"/cases/{exact}") if known else not_here(number)
    return case_page(case)


@blueprint.post("/cases/<number>/reveal")
@needs(*STAFF)
def show_in_full(number: str) -> ResponseReturnValue:
    """One case with its personal data in full; who looked is noted first."""
    case = local().store.case(number)
    if case is None:
        return not_here(number)
    if problem := may_reveal(case):
        return case_page(case, problem=problem, status=403)
    reveal.note(local(), number, ALL_DATA, me().id)
    return case_page(case, full=True)
