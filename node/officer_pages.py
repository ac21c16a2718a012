"""The pages on which a case is acted on: one form an act, or one button where nothing is asked."""

from __future__ import annotations

import re
from collections.abc import Callable

from flask import Blueprint, abort, redirect, render_template, request
from flask.typing import ResponseReturnValue

from cases.fields import BadField
from cases.fold import WrongState
from cases.folded import Case
from cases.states import STATE_ZH
from courier.look import say
from courier.look.forms import Form
from courier.look.signin import needs
from node import desk_acts, officer, proceeding, reveal, slip_acts
from node.act_fields import Asked, Work
from node.act_forms import asked
from node.actions import ACTIONS, Action, refused_to, stands_against
from node.case_card import scene_of
from node.case_page import STAFF, case_page, me, new_op, not_here
from node.context import case_url, local
from node.people_card import applicant
from node.permissions import NotPermitted
from sync.canonical import UnfitEvent
from sync.store import StoreError

blueprint = Blueprint("officer", __name__, template_folder="templates")
OP = re.compile(r"[0-9a-f]{16}")

Answer = ResponseReturnValue
PRESSED: dict[str, Callable[[officer.Hand, str, str], str]] = {
    "accept": lambda hand, number, which: officer.accept(hand, number),
    "forward": lambda hand, number, which: officer.forward(hand, number),
    "take_up": lambda hand, number, which: desk_acts.take_up(hand, number),
    "resume": lambda hand, number, which: proceeding.resume(hand, number),
    "close": lambda hand, number, which: officer.close(hand, number),
    "confirm_slip": slip_acts.confirm_slip,
}


@blueprint.get("/cases/<number>/do/<name>")
@needs(*STAFF)
def ask(number: str, name: str) -> Answer:
    """The form of an act."""
    case, action = _found(number, name)
    if case is None:
        return not_here(number)
    scene = scene_of(local(), case)
    if problem := refused_to(action, case, me()):
        return case_page(case, problem=problem, status=403)
    if (problem := stands_against(action, scene)) or not action.form:
        return case_page(case, problem=problem, status=409 if problem else 200)
    wanted = asked(local(), action, scene)
    if wanted.shows:
        reveal.note(local(), number, wanted.shows, me().id)
    return act_page(case, action, wanted, wanted.blank())


@blueprint.post("/cases/<number>/do/<name>")
@needs(*STAFF)
def do(number: str, name: str) -> Answer:
    """Carry out an act, once for each form that was shown."""
    case, action = _found(number, name)
    if case is None:
        return not_here(number)
    form = Form(request.form)
    op = form.value("op")
    if not OP.fullmatch(op):
        abort(400)
    if not action.form:
        return _pressed(case, action, form.value("which"), op)
    wanted = asked(local(), action, scene_of(local(), case))
    work = wanted.read(form)
    if not form.ok and not _was_done(case, action, op):
        return act_page(case, action, wanted, form, status=400)
    return _carried_out(case, action, wanted, form, work)


def _was_done(case: Case, action: Action, op: str) -> bool:
    row = (
        local()
        .store.db.execute(
            "SELECT 1 FROM operations WHERE op=?", [op_id(case.number, action.name, op)]
        )
        .fetchone()
    )
    return row is not None


def op_id(number: str, name: str, op: str) -> str:
    """The operation of one form, bound to its case and act."""
    return f"{number}:{name}:{op}"


def _found(number: str, name: str) -> tuple[Case | None, Action]:
    action = ACTIONS.get(name)
    if action is None:
        abort(404)
    return local().store.case(number), action


def _pressed(case: Case, action: Action, which: str, op: str) -> Answer:
    press = PRESSED[action.name]
    try:
        words = officer.once(
            local(),
            op_id(case.number, action.name, op),
            me(),
            lambda hand: press(hand, case.number, which),
        )
    except NotPermitted as problem:
        return case_page(case, problem=str(problem), status=403)
    except (WrongState, StoreError) as problem:
        return case_page(_fresh(case), problem=str(problem), status=409)
    say(words)
    return redirect(case_url(case.number), 303)


def _carried_out(case: Case, action: Action, wanted: Asked, form: Form, work: Work) -> Answer:
    op = op_id(case.number, action.name, form.value("op"))
    try:
        words = officer.once(local(), op, me(), work)
    except NotPermitted as problem:
        return case_page(case, problem=str(problem), status=403)
    except BadField as problem:
        form.fail(problem.field, problem.message_zh)
        return act_page(case, action, wanted, form, status=400)
    except (WrongState, StoreError) as problem:
        return act_page(_fresh(case), action, wanted, form, problem=str(problem), status=409)
    except UnfitEvent as problem:
        return act_page(case, action, wanted, form, problem=str(problem), status=422)
    say(words)
    return redirect(case_url(case.number), 303)


def _fresh(case: Case) -> Case:
    return local().store.case(case.number) or case


def act_page(
    case: Case, action: Action, wanted: Asked, form: Form, *, problem: str = "", status: int = 200
) -> Answer:
    """The form of an act with what was typed, and what stands in the way."""
    page = render_template(
        "node/act.html",
        case=case,
        state=STATE_ZH[case.state],
        applicant=applicant(local(), case),
        action=action,
        asked=wanted,
        form=form,
        op=form.value("op") if status == 400 else new_op(),
        problem=problem,
        back=case_url(case.number),
    )
    return page, status
