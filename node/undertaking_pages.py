"""The worklist of promised papers, and the press that says they came."""

from __future__ import annotations

import re

from flask import Blueprint, abort, redirect, render_template, request
from flask.typing import ResponseReturnValue

from cases.fields import BadField
from cases.fold import WrongState
from courier.look import say
from courier.look.signin import needs
from node import undertakings
from node.case_page import me, new_op
from node.context import local
from node.permissions import NotPermitted
from node.staff import CLERK

blueprint = Blueprint("undertakings", __name__, template_folder="templates")
_OP = re.compile(r"[0-9a-f]{16}")


@blueprint.get("/undertakings")
@needs(*CLERK)
def show() -> ResponseReturnValue:
    """Who owes which papers, by when."""
    return _page()


def _page(problem: str = "", status: int = 200) -> ResponseReturnValue:
    rows = undertakings.rows(local())
    page = render_template("node/undertakings.html", rows=rows, op=new_op(), problem=problem)
    return page, status


@blueprint.post("/undertakings/<number>")
@needs(*CLERK)
def keep(number: str) -> ResponseReturnValue:
    """Papers came."""
    op = request.form.get("op", "")
    if not _OP.fullmatch(op):
        abort(400)
    positions = request.form.getlist("position", type=int)
    try:
        words = undertakings.keep(local(), number, positions, me(), f"{number}:undertaking:{op}")
    except BadField as problem:
        return _page(problem.message_zh, 400)
    except NotPermitted as problem:
        return _page(str(problem), 403)
    except WrongState as problem:
        return _page(str(problem), 409)
    say(words)
    return redirect("/undertakings", 303)
