"""扫回执: opening another point's case, and taking papers in before it is here."""

from __future__ import annotations

from flask import Blueprint, Response, abort, redirect, render_template, request
from flask.typing import ResponseReturnValue

from cases.fields import BadField
from cases.fold import WrongState
from courier.look.forms import Form
from courier.look.signin import needs
from node import officer, shown
from node.case_page import me, new_op
from node.context import case_url, local
from node.permissions import NotPermitted
from node.staff import CLERK

blueprint = Blueprint("shown", __name__, template_folder="templates")


@blueprint.get("/shown")
@needs(*CLERK)
def ask() -> ResponseReturnValue:
    """The form on a page of its own; a case that is here is opened at once."""
    code = request.args.get("code", "")
    if (number := shown.case_in(code)) and shown.is_here(local(), number):
        return redirect(case_url(number), 303)
    return _form(Form({"code": code}), 200)


@blueprint.post("/shown")
@needs(*CLERK)
def scanned() -> ResponseReturnValue:
    """A code was scanned, or a number typed: open the case, or send for it."""
    form, here = Form(request.form), local()
    try:
        found = shown.read(here, form.value("code"))
    except BadField as problem:
        form.fail("code", problem.message_zh, problem.message_en)
        return _form(form, 422)
    if shown.is_here(here, found.number):
        return redirect(case_url(found.number), 303)
    try:
        if not found.code:
            found = shown.with_code(here, found, form.value("last_four"), me())
        shown.show(here, found, me())
    except BadField as problem:
        form.fail(problem.field, problem.message_zh, problem.message_en)
        return _form(form, 422)
    return redirect(f"/shown/{found.number}", 303)


def _form(form: Form, status: int) -> ResponseReturnValue:
    return render_template("node/shown.html", form=form), status


@blueprint.get("/shown/<number>")
@needs(*CLERK)
def wait(number: str) -> ResponseReturnValue:
    """The page that waits for the case and opens it by itself."""
    return _waiting(number, Form(), 200)


def _waiting(number: str, form: Form, status: int) -> ResponseReturnValue:
    looks_again = request.headers.get("HX-Request") == "true" and request.method == "GET"
    if shown.is_here(local(), number):
        if looks_again:
            return Response(status=204, headers={"HX-Redirect": case_url(number)})
        return redirect(case_url(number), 303)
    card = shown.card(local(), number)
    if card is None:
        abort(404)
    part = "shown_waiting" if looks_again else "shown_wait"
    return render_template(f"node/{part}.html", card=card, form=form, op=new_op()), status


@blueprint.post("/shown/<number>/papers")
@needs(*CLERK)
def take_papers(number: str) -> ResponseReturnValue:
    """Record papers for a case that is not here yet, once for each form that was shown."""
    form = Form(request.form)
    papers = form.text(
        "papers", lines=True, chars_max=officer.TEXT_MAX, missing_zh="请写收了什么。"
    )
    if local().store.case(number) is None:
        abort(404)
    if not form.ok:
        return _waiting(number, form, 422)
    op = f"{number}:papers:{form.value('op')[:32]}"
    try:
        officer.once(
            local(), op, me(), lambda hand: officer.take_papers(hand, number, papers=papers)
        )
    except (NotPermitted, WrongState) as problem:
        form.fail("papers", str(problem))
        return _waiting(number, form, 409)
    return redirect(f"/shown/{number}", 303)
