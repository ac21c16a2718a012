"""Answering what did not count, from the page that shows it: a case, a parcel, this node."""

from __future__ import annotations

import re

from flask import Blueprint, abort, redirect, request
from flask.typing import ResponseReturnValue

from cases.aside import HOW_ZH, RESTATED
from cases.fields import BadField
from cases.fold import WrongState
from courier.look import say
from courier.look.forms import Form
from courier.look.signin import needs
from node.answers import answer
from node.asides import ASIDE, PARKED, REFUSED
from node.case_page import STAFF, case_page, me
from node.context import local
from node.mail_pages import parcel_page
from node.officer import TEXT_MAX, once
from node.status_page import status_page
from sync.canonical import UnfitEvent
from sync.store import StoreError

blueprint = Blueprint("asides", __name__, template_folder="templates")
_OP = re.compile(r"[0-9a-f]{16}")

Answer = ResponseReturnValue


@blueprint.post("/asides")
@needs(*STAFF)
def do() -> Answer:
    """Answer one thing, once for each form that was shown."""
    form = Form(request.form)
    kind, which, op = form.value("kind"), form.value("which"), form.value("op")
    if kind not in (ASIDE, REFUSED, PARKED) or not _OP.fullmatch(op):
        abort(400)
    how = form.choice("how", [*HOW_ZH, RESTATED], missing_zh="请选怎样处理的")
    words = form.text("words", required=False, chars_max=TEXT_MAX)
    if not form.ok:
        return _shown(form, status=400)
    name = f"aside:{which}:{op}"
    try:
        said = once(local(), name, me(), lambda h: answer(h, kind, which, how=how, words=words))
    except BadField as problem:
        form.fail(problem.field, problem.message_zh)
        return _shown(form, status=400)
    except (WrongState, StoreError) as problem:
        return _shown(form, problem=str(problem), status=409)
    except UnfitEvent as problem:
        return _shown(form, problem=str(problem), status=422)
    say(said)
    return redirect(_back(form), 303)


def _back(form: Form) -> str:
    """The page that showed the form."""
    number = form.value("back")
    if local().store.case(number):
        return f"/cases/{number}"
    return f"/parcels/{number}" if local().store.parcel(number) else "/status"


def _shown(form: Form, *, problem: str = "", status: int) -> Answer:
    """That page again, with what was typed, and what stands in the way."""
    number = form.value("back")
    if case := local().store.case(number):
        return case_page(case, form=form, problem=problem, status=status)
    if parcel := local().store.parcel(number):
        return parcel_page(parcel, form=form, problem=problem, status=status)
    return status_page(form=form, problem=problem, status=status)
