"""The pages of manifests (交接单): making one, what came of it, its paper, its differences."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from cases.fields import BadField
from cases.fold import WrongState
from courier.look import say
from courier.look.cards import ErrorCard
from courier.look.errors import error_page
from courier.look.signin import needs
from labels.manifest import manifest as draw
from node import bag_card, bags, prints
from node.case_page import STAFF, me, new_op
from node.context import local
from node.mail_pages import desk_page, op_of_form, pdf
from node.officer import once
from node.permissions import POSTING, NotPermitted, refusal, require
from node.waybills import CannotPrint

blueprint = Blueprint("bags", __name__, template_folder="templates")

Answer = ResponseReturnValue


@blueprint.post("/mail/manifest")
@needs(*STAFF)
def make() -> Answer:
    """List the ticked parcels on a new manifest, once for each page that was shown."""
    numbers = request.form.getlist("parcels")
    op = f"mail:manifest:{op_of_form()}"
    try:
        number = once(local(), op, me(), lambda h: bags.list_parcels(h, local(), numbers))
    except NotPermitted as problem:
        return desk_page(str(problem), 403)
    except BadField as problem:
        return desk_page(problem.message_zh, 400)
    except WrongState as problem:
        return desk_page(str(problem), 409)
    say("交接单做好了，请打印")
    return redirect(f"/manifests/{number}", 303)


@blueprint.get("/manifests")
@needs(*STAFF)
def index() -> Answer:
    """The last manifests of this point."""
    return render_template("node/manifests.html", lines=bag_card.bag_lines(local()))


@blueprint.get("/manifests/<number>")
@needs(*STAFF)
def show(number: str) -> Answer:
    """One manifest: what it lists and what came of it."""
    return _page(number)


def _page(number: str, problem: str = "", status: int = 200) -> Answer:
    if not bag_card.known(local(), number):
        return _unknown()
    page = render_template(
        "node/manifest.html",
        card=bag_card.bag_card(local(), number),
        answers=bag_card.ANSWERS,
        problem=problem,
        op=new_op(),
        may_post=bool(me().roles & POSTING),
    )
    return page, status


def _unknown() -> Answer:
    return error_page(
        ErrorCard(
            404,
            "本机没有这张交接单",
            "编号可能抄错了，也可能不是本窗口做的交接单。",
            "请核对编号，或从交接单的清单里打开。",
            "看交接单",
            "/manifests",
        )
    )


@blueprint.post("/manifests/<number>/print")
@needs(*STAFF)
def print_one(number: str) -> Answer:
    """Note a copy of the manifest as printed; the next one says that it is a reprint."""
    if not bag_card.known(local(), number):
        return _unknown()
    try:
        require(me(), POSTING, "打印交接单")
    except NotPermitted as problem:
        return _page(number, str(problem), 403)
    if not bags.bag_of(local(), number):
        return _page(number, "这张交接单上的邮件都取消或改列了，不用打印", 409)
    copy = prints.note_print(local(), number, me().id)
    return redirect(f"/manifests/{number}/manifest.pdf?copy={copy}", 303)


@blueprint.get("/manifests/<number>/manifest.pdf")
@needs(*STAFF)
def paper(number: str) -> Answer:
    """The manifest in the copy that was last noted as printed."""
    if not bag_card.known(local(), number):
        return _unknown()
    if refused := refusal(me(), POSTING, "打印交接单"):
        return _page(number, refused, 403)
    copies = prints.copies(local(), number)
    if not copies:
        return _page(number, "还没有打印过，请按“打印交接单”", 409)
    try:
        return pdf(draw(bag_card.manifest_of(local(), number), copy=copies), number)
    except (CannotPrint, ValueError) as problem:
        return _page(number, str(problem), 409)


@blueprint.post("/manifests/<number>/answer")
@needs(*STAFF)
def answer(number: str) -> Answer:
    """Answer one difference, once for each page that was shown."""
    parcel, how = request.form.get("parcel", ""), request.form.get("how", "")
    op = f"{number}:answer:{parcel}:{op_of_form()}"
    try:
        words = once(local(), op, me(), lambda h: bags.answer(h, parcel, how))
    except NotPermitted as problem:
        return _page(number, str(problem), 403)
    except BadField:
        return _page(number, "请选一种处理结果", 400)
    except WrongState as problem:
        return _page(number, str(problem), 409)
    say(words)
    return redirect(f"/manifests/{number}", 303)
