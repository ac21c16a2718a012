"""Opening and ending a visit, and recording what was asked about."""

from __future__ import annotations

from flask import Blueprint, abort, redirect
from flask.typing import ResponseReturnValue

from courier.look import say
from courier.look.signin import needs
from node import visit_answers, visits
from node.context import local, staff
from node.staff import CLERK

blueprint = Blueprint("visits", __name__, template_folder="templates")


@blueprint.post("/visits")
@needs(*CLERK)
def begin() -> ResponseReturnValue:
    """Open a visit unless one is open."""
    with local().writing() as w:
        visits.ensure_open(w, staff().id)
    return redirect("/", 303)


@blueprint.post("/visits/end")
@needs(*CLERK)
def end() -> ResponseReturnValue:
    """End the visit being served: the next person's turn."""
    with local().writing() as w:
        ended = visits.end(w, staff().id)
    if ended:
        visit_answers.forget(local(), ended)
    say("这位办完了，请叫下一位。" if ended else "现在没有正在接待的人。")
    return redirect("/", 303)


@blueprint.post("/matters/<code>/asked")
@needs(*CLERK)
def asked(code: str) -> ResponseReturnValue:
    """Record that a matter was only asked about."""
    matter = local().bundle.catalogue.get(code)
    if matter is None:
        abort(404)
    with local().writing() as w:
        visits.ask(w, matter, staff().id)
    say(f"已记下：咨询“{matter.name}”。")
    return redirect(f"/matters/{code}", 303)
