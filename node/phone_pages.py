"""What a phone at the counter sees: one form that gives a photograph, and nothing else.

It is served on a port of its own over the point's Wi-Fi, by plain HTTP: the phone's own camera is
asked for by the form, so that the page needs no right to it. Nothing of a case is ever shown here.
"""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, Flask, redirect, render_template, request
from flask.typing import ResponseReturnValue
from pysqlite3 import dbapi2 as sqlite3

from cases.fields import BadField
from cases.fold import WrongState
from courier.look import init_look
from courier.look.files import let_files_in
from courier.look.words import _
from node import context, draft_scans, hand_offs, scans
from node.case_page import new_op
from node.context import local
from node.hand_offs import HandOff
from node.local import Node
from node.permissions import NotPermitted, person_of
from node.staff import StaffAccounts

blueprint = Blueprint("phone", __name__, template_folder="templates")
_OP = re.compile(r"[0-9a-f]{16}")


def create_phone_app(node: Node, session_key: bytes) -> Flask:
    """The application of the phones' port: the hand-off and nothing else."""
    app = Flask("node.phone")
    context.bind(app, node)
    init_look(
        app,
        surface="resident",
        secret_key=session_key,
        product_place=node.point.name,
        cookie_name=f"doorstep_phone_{node.point.number:03d}",
        languages=("zh", "en"),
    )
    app.register_blueprint(blueprint)
    return app


def too_large() -> ResponseReturnValue:
    """The photograph is larger than one may be."""
    return _page(_("照片太大，没有收下。请退后一点重新拍，或者换一张。"), 413)


let_files_in(blueprint, "give", bytes_max=scans.SCAN_BYTES_MAX, too_large=too_large)


@blueprint.get("/up/<token>")
def ask(token: str) -> ResponseReturnValue:
    """The form."""
    if hand_offs.read(local(), token) is None:
        return _over()
    return _page()


@blueprint.post("/up/<token>")
def give(token: str) -> ResponseReturnValue:
    """A photograph comes."""
    found, came = hand_offs.read(local(), token), request.files.get("file")
    if found is None:
        return _over()
    if came is None or not came.filename:
        return _page(_("还没有拍照或选照片。"), 400)
    if not _OP.fullmatch(request.form.get("op", "")) or not hand_offs.use(local(), found):
        return _over()
    try:
        _keep(found, came)
    except BadField as problem:
        return _page(_("这个文件不能用：请拍一张照片，或者选一份 PDF。"), 400, problem.message_zh)
    except (WrongState, NotPermitted):
        return _over()
    except (OSError, sqlite3.DatabaseError):
        return _page(_("没有存好，请再试一次；还是不行，请告诉窗口人员。"), 503)
    return redirect(f"/up/{token}?given=1", 303)


def _keep(found: HandOff, came: Any) -> None:
    here, name = local(), "手机拍照"
    if found.draft:
        draft_scans.keep(
            here, found.draft, found.actor,
            plain=came.stream, file=name, position=found.position,
        )  # fmt: skip
        return
    account = StaffAccounts(lambda: here.store, here.point.code).by_id(found.actor)
    case = here.store.case(found.case)
    if account is None or case is None:
        raise NotPermitted("这位工作人员或这件已经不在了")
    op = f"{case.number}:phone:{request.form['op']}"
    scans.attach(
        here, case, person_of(account), op,
        plain=came.stream, file=name, position=found.position,
    )  # fmt: skip


def _page(problem: str = "", status: int = 200, detail: str = "") -> ResponseReturnValue:
    given = not problem and request.args.get("given") == "1"
    page = render_template(
        "node/resident/phone.html", problem=problem, detail=detail, given=given, op=new_op()
    )
    return page, status


def _over() -> ResponseReturnValue:
    return render_template("node/resident/phone_over.html"), 410
