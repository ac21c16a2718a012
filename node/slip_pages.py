"""The slips that wait, and attaching one to a case."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, request
from flask.typing import ResponseReturnValue

from cases.fold import WrongState
from courier.look import say
from courier.look.signin import needs
from node import slips, visits
from node.context import local, staff
from node.search_pages import case_item
from node.staff import CLERK
from sync.store import StoreError

CASES_MAX = 3

blueprint = Blueprint("slips", __name__, template_folder="templates")


@blueprint.get("/slips")
@needs(*CLERK)
def show() -> ResponseReturnValue:
    """The slips of today that belong to no case, and the last cases they could belong to."""
    here = local()
    visit = visits.current(here.store, staff().id, here.today())
    cases = visits.cases_of(here.store, visit.number) if visit else ()
    open_cases = [case for case in cases if not case.slips]
    return render_template(
        "node/slips.html",
        slips=slips.waiting(here, all_day=True),
        unknown=slips.of_unknown_cases(here),
        cases=[(case.number, case_item(here, case).title) for case in open_cases[-CASES_MAX:]],
        cases_max=CASES_MAX,
    )


@blueprint.post("/cases/<number>/slip")
@needs(*CLERK)
def attach(number: str) -> ResponseReturnValue:
    """Attach a waiting slip to a case; it counts as confirmed by the clerk."""
    here = local()
    if here.store.case(number) is None:
        abort(404)
    try:
        slips.attach(here, number, request.form.get("visit", ""), staff().id)
    except (WrongState, StoreError) as error:
        say(str(error), tone="red")
    else:
        say("寄递单已关联并核对，结果出来后寄到家。")
    return redirect(f"/cases/{number}/received", 303)
