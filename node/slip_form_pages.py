"""The pages on which a clerk fills in a slip, takes over an earlier one, or takes one back."""

from __future__ import annotations

import re
from collections.abc import Callable

from flask import Blueprint, abort, redirect, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from cases.fold import WrongState
from cases.folded import Case
from cases.papers import nothing_left
from cases.slips import PICKUP
from courier.look import say
from courier.look.forms import Form
from courier.look.signin import needs
from node import earlier, slip_acts, slip_form
from node.case_card import scene_of
from node.case_page import STAFF, case_page, me, new_op, not_here
from node.context import case_url, local
from node.officer import Hand, once
from node.people_card import applicant
from node.permissions import RECEIVING, NotPermitted, refusal
from sync.store import StoreError

blueprint = Blueprint("slip_form", __name__, template_folder="templates")
_OP = re.compile(r"[0-9a-f]{16}")


@blueprint.get("/cases/<number>/slip/new")
@needs(*STAFF)
def ask(number: str) -> ResponseReturnValue:
    """The form, with the applicant's name and phone to begin with; ``to=here``: fetched here."""
    case = local().store.case(number)
    if case is None:
        return not_here(number)
    if refused := refusal(me(), RECEIVING, "代填寄递单"):
        return case_page(case, problem=refused, status=403)
    if nothing_left(case, scene_of(local(), case).parcels):
        return case_page(case, problem="没有要给申请人的了，不用再填寄递单", status=409)
    known = slip_form.applicant_in(local(), case, me().id)
    here = {"way": PICKUP, "to_point": local().point.code}
    fetched = request.args.get("to") == "here"
    return _form_page(case, Form(MultiDict({**known, **here} if fetched else known)))


def _form_page(
    case: Case,
    form: Form,
    *,
    problem: str = "",
    choices: tuple[object, ...] = (),
    status: int = 200,
) -> ResponseReturnValue:
    known = slip_form.earlier_of(local(), case)
    page = render_template(
        "node/slip_form.html",
        case=case,
        applicant=applicant(local(), case),
        form=form,
        ways=slip_form.WAYS_ZH,
        away=slip_form.AWAY_ZH,
        points=slip_form.points_of(local()),
        choices=choices,
        earlier=known,
        op=new_op(),
        problem=problem,
    )
    return page, status


@blueprint.post("/cases/<number>/slip/new")
@needs(*STAFF)
def fill_in(number: str) -> ResponseReturnValue:
    """Fill the slip in; the clerk has read it over with whoever stands there."""
    case = local().store.case(number)
    if case is None:
        return not_here(number)
    form = Form(request.form)
    found = slip_form.read(local(), form)
    slip = found.slip
    if slip is None:
        return _form_page(case, form, choices=found.choices, status=400)

    def work(hand: Hand) -> str:
        return slip_acts.fill_in(hand, number, slip.opened(), slip.sealed(), checked=True)

    return _done(case, "slip", work)


@blueprint.post("/cases/<number>/slip/earlier")
@needs(*STAFF)
def use_earlier(number: str) -> ResponseReturnValue:
    """Make a slip of the last one of the same person, who agreed; it is read over next."""
    case = local().store.case(number)
    if case is None:
        return not_here(number)
    if refused := refusal(me(), RECEIVING, "代填寄递单"):
        return case_page(case, problem=refused, status=403)
    found = slip_form.earlier_of(local(), case)
    taken = earlier.slip_agreed(local(), found, me().id) if found else None
    if taken is None:
        return case_page(case, problem="没有找到这个人以前的寄递单", status=409)
    data, sealed = taken
    return _done(
        case, "earlier", lambda hand: slip_acts.fill_in(hand, number, data, sealed, checked=False)
    )


@blueprint.post("/cases/<number>/slip/cancel")
@needs(*STAFF)
def cancel(number: str) -> ResponseReturnValue:
    """Take a slip back on the resident's word."""
    case = local().store.case(number)
    if case is None:
        return not_here(number)
    slip = request.form.get("slip", "")
    return _done(case, "cancel", lambda hand: slip_acts.take_back(hand, number, slip))


def _done(case: Case, act: str, work: Callable[[Hand], str]) -> ResponseReturnValue:
    op = request.form.get("op", "")
    if not _OP.fullmatch(op):
        abort(400)
    try:
        words = once(local(), f"{case.number}:{act}:{op}", me(), work)
    except NotPermitted as problem:
        return case_page(case, problem=str(problem), status=403)
    except (WrongState, StoreError) as problem:
        fresh = local().store.case(case.number) or case
        return case_page(fresh, problem=str(problem), status=409)
    say(words)
    return redirect(case_url(case.number), 303)
