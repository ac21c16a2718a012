"""The pages of cases: the worklist, one case, showing personal data; the acts are with them."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from cases.numbers import BadNumber, parse_number
from cases.states import STATE_ZH
from courier.look.cards import Choice
from courier.look.signin import needs
from node import officer_pages, reveal, status_page, worklist
from node.asides import refused_steps
from node.case_page import ALL_DATA, STAFF, case_page, may_reveal, me, not_here
from node.context import local
from sync import registers

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
    query = worklist.Query(
        show=_choice("show", [choice.value for choice in SHOW], worklist.MINE),
        department=_choice("department", [c.value for c in departments()], ""),
        words=words,
        page=request.args.get("page", 1, type=int),
    )
    found = worklist.listing(local(), me(), query)
    return render_template(
        "node/cases.html", found=found, query=query, shows=SHOW, departments=departments()
    )


SHOW = (
    Choice(worklist.MINE, "等我办的"),
    Choice(worklist.ALL, "全部办件"),
    *(Choice(state.value, STATE_ZH[state]) for state in worklist.FILTER_STATES),
)


def departments() -> list[Choice]:
    """The departments whose cases this person can filter by."""
    person = me()
    rows = local().store.db.execute(
        "SELECT DISTINCT department FROM subjects WHERE kind='case' AND department<>'' ORDER BY 1"
    )
    codes = [code for (code,) in rows.fetchall() if person.handles(code)]
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
