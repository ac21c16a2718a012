"""The pages of the mail desk: what waits, packing, parcels, waybills."""

from __future__ import annotations

import re
from collections.abc import Callable

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from cases.fields import BadField
from cases.fold import WrongState
from cases.folded import Case, Parcel
from courier.look import say
from courier.look.cards import ErrorCard
from courier.look.errors import error_page
from courier.look.forms import Form
from courier.look.signin import needs
from labels.waybill import waybill, waybills
from node import mail, reveal
from node.case_card import scene_of
from node.case_page import STAFF, case_page, me, new_op, not_here
from node.context import local
from node.mail_desk import desk, pack_card, parcel_card
from node.officer import Hand, once
from node.permissions import POSTING, NotPermitted, refusal
from node.waybills import CannotPrint, waybill_of
from sync.store import StoreError

blueprint = Blueprint("mail", __name__, template_folder="templates")
_OP = re.compile(r"[0-9a-f]{16}")
_ITEM = re.compile(r"([0-9A-Za-z-]{8,40}):(\d{1,4})")
BATCH_MAX = 100
SHOWN = "收件人的姓名、电话和地址"

Answer = ResponseReturnValue


@blueprint.get("/mail")
@needs(*STAFF)
def index() -> Answer:
    """What waits at the mail desk."""
    return desk_page()


def desk_page(problem: str = "", status: int = 200) -> Answer:
    """The mail desk as it is now; ``problem`` says why the last try changed nothing."""
    page = render_template(
        "node/mail.html",
        desk=desk(local()),
        problem=problem,
        op=new_op(),
        may_post=bool(me().roles & POSTING),
    )
    return page, status


def _op() -> str:
    op = request.form.get("op", "")
    if not _OP.fullmatch(op):
        abort(400)
    return op


# packing


@blueprint.get("/mail/pack/<number>")
@needs(*STAFF)
def ask_pack(number: str) -> Answer:
    """Choose what goes into a parcel to the resident."""
    case = local().store.case(number)
    if case is None:
        return not_here(number)
    return _pack_page(case)


def _pack_page(
    case: Case, form: Form | None = None, problem: str = "", status: int = 200
) -> Answer:
    if refused := refusal(me(), POSTING, "装封邮件"):
        return case_page(case, problem=refused, status=403)
    scene = scene_of(local(), case)
    if stands := mail.may_pack(scene):
        return case_page(case, problem=problem or stands, status=409)
    try:
        card = pack_card(local(), scene)
    except WrongState as unreadable:
        return case_page(case, problem=str(unreadable), status=409)
    filled = form or Form(MultiDict([("items", item) for item in card.ticked]))
    page = render_template("node/pack.html", card=card, form=filled, op=new_op(), problem=problem)
    return page, status


@blueprint.post("/mail/pack/<number>")
@needs(*STAFF)
def do_pack(number: str) -> Answer:
    """Pack a parcel to the resident, once for each form that was shown."""
    case = local().store.case(number)
    if case is None:
        return not_here(number)
    form, op = Form(request.form), f"{number}:pack:{_op()}"
    items = [(m[1], int(m[2])) for v in form.values("items") if (m := _ITEM.fullmatch(v))]
    try:
        parcel = once(local(), op, me(), lambda h: mail.pack_for_resident(h, local(), items))
    except NotPermitted as problem:
        return case_page(case, problem=str(problem), status=403)
    except BadField as problem:
        form.fail(problem.field, problem.message_zh)
        return _pack_page(case, form, status=400)
    except (WrongState, StoreError) as problem:
        fresh = local().store.case(number) or case
        return _pack_page(fresh, form, problem=str(problem), status=409)
    say("已装封，请打印面单")
    return redirect(f"/parcels/{parcel}", 303)


@blueprint.get("/mail/papers/<number>")
@needs(*STAFF)
def ask_papers(number: str) -> Answer:
    """Confirm that a case's papers are packed to the deciding point."""
    case = local().store.case(number)
    if case is None:
        return not_here(number)
    if problem := mail.may_send_papers(scene_of(local(), case)):
        return case_page(case, problem=problem, status=409)
    return render_template("node/send_papers.html", case=case, to=_deciding(case), op=new_op())


def _deciding(case: Case) -> str:
    point = local().bundle.directory.find(case.deciding)
    return point.name if point else case.deciding


@blueprint.post("/mail/papers/<number>")
@needs(*STAFF)
def do_papers(number: str) -> Answer:
    """Pack a case's kept papers to the deciding point."""
    case = local().store.case(number)
    if case is None:
        return not_here(number)
    directory = local().bundle.directory
    op = f"{number}:papers:{_op()}"
    try:
        parcel = once(local(), op, me(), lambda h: mail.pack_to_authority(h, number, directory))
    except NotPermitted as problem:
        return case_page(case, problem=str(problem), status=403)
    except (WrongState, StoreError) as problem:
        return case_page(local().store.case(number) or case, problem=str(problem), status=409)
    say("已装封，请打印面单")
    return redirect(f"/parcels/{parcel}", 303)


# one parcel


@blueprint.get("/parcels/<number>")
@needs(*STAFF)
def show(number: str) -> Answer:
    """One parcel."""
    parcel = local().store.parcel(number)
    return no_parcel() if parcel is None else parcel_page(parcel)


@blueprint.post("/parcels/<number>/reveal")
@needs(*STAFF)
def show_in_full(number: str) -> Answer:
    """One parcel with its recipient in full; who looked is noted first."""
    parcel = local().store.parcel(number)
    if parcel is None:
        return no_parcel()
    if problem := refusal(me(), POSTING, "查看收件人的完整信息"):
        return parcel_page(parcel, problem=problem, status=403)
    reveal.note(local(), number, SHOWN, me().id)
    return parcel_page(parcel, full=True)


def parcel_page(
    parcel: Parcel, *, form: Form | None = None, full: bool = False, problem: str = "",
    status: int = 200,
) -> Answer:  # fmt: skip
    """The page of a parcel as it is now."""
    page = render_template(
        "node/parcel.html",
        card=parcel_card(local(), parcel, me(), full=full),
        form=form or Form(),
        op=new_op(),
        problem=problem,
    )
    return page, status


def no_parcel() -> Answer:
    """The page for a parcel that this node does not hold."""
    return error_page(
        ErrorCard(
            404,
            "本机没有这个邮件",
            "编号可能抄错了，也可能不是本窗口寄出或收取的邮件。",
            "请核对编号，或从邮件台的清单里打开。",
            "去邮件台",
            "/mail",
        )
    )


def _counted() -> list[int]:
    return [int(value) for value in request.form.getlist("contents") if value.isdecimal()]


ACTS: dict[str, Callable[[Hand, str], str]] = {
    "print": lambda hand, number: mail.print_waybill(hand, local(), number),
    "cancel": mail.cancel,
    "back": mail.came_back,
    "arrive": lambda hand, number: mail.take_in(hand, number, _counted()),
}


@blueprint.post("/parcels/<number>/<act>")
@needs(*STAFF)
def do(number: str, act: str) -> Answer:
    """Print, cancel, record a return, or take in: once for each page that was shown."""
    parcel = local().store.parcel(number)
    if parcel is None:
        return no_parcel()
    if act not in ACTS:
        abort(404)
    form = Form(request.form)
    try:
        words = once(local(), f"{number}:{act}:{_op()}", me(), lambda h: ACTS[act](h, number))
    except NotPermitted as problem:
        return parcel_page(parcel, problem=str(problem), status=403)
    except BadField as problem:
        form.fail(problem.field, problem.message_zh)
        return parcel_page(parcel, form=form, status=400)
    except (WrongState, StoreError) as problem:
        fresh = local().store.parcel(number) or parcel
        return parcel_page(fresh, problem=str(problem), status=409)
    if act == "print":
        return redirect(f"/parcels/{number}/waybill.pdf?copy={words}", 303)
    say(words)
    return redirect(f"/parcels/{number}", 303)


# waybills


@blueprint.get("/parcels/<number>/waybill.pdf")
@needs(*STAFF)
def waybill_pdf(number: str) -> Answer:
    """The waybill in the copy that was last stated as printed."""
    parcel = local().store.parcel(number)
    if parcel is None:
        return no_parcel()
    if problem := _unprintable(parcel):
        return parcel_page(parcel, problem=problem, status=409)
    try:
        return _pdf(waybill(waybill_of(local(), parcel)), number)
    except CannotPrint as problem:
        return parcel_page(parcel, problem=str(problem), status=409)


def _unprintable(parcel: Parcel) -> str:
    if refused := refusal(me(), POSTING, "打印面单"):
        return refused
    if problem := mail.may_print(local(), parcel):
        return problem
    return "" if parcel.copies else f"{parcel.number} 的面单还没有打印过，请按“打印面单”"


@blueprint.post("/mail/print")
@needs(*STAFF)
def print_batch() -> Answer:
    """State the first copy of several waybills as printed, in one transaction."""
    numbers = list(dict.fromkeys(request.form.getlist("parcels")))[:BATCH_MAX]
    if not numbers:
        return desk_page("请先勾选要打印的邮件", 400)

    def work(hand: Hand) -> str:
        for number in numbers:
            mail.print_waybill(hand, local(), number, first=True)
        return ",".join(numbers)

    try:
        done = once(local(), f"mail:print:{_op()}", me(), work)
    except NotPermitted as problem:
        return desk_page(str(problem), 403)
    except WrongState as problem:
        return desk_page(str(problem), 409)
    return redirect(f"/mail/waybills.pdf?parcels={done}", 303)


@blueprint.get("/mail/waybills.pdf")
@needs(*STAFF)
def batch_pdf() -> Answer:
    """Several waybills in one file, each in its first copy."""
    numbers = request.args.get("parcels", "").split(",")[:BATCH_MAX]
    parcels = [parcel for number in numbers if (parcel := local().store.parcel(number))]
    if not parcels:
        return no_parcel()
    for parcel in parcels:
        if problem := _unprintable(parcel):
            return desk_page(problem, 409)
        if parcel.copies > 1:
            return desk_page(f"{parcel.number} 已经重印过，请打开这个邮件单独打印", 409)
    try:
        return _pdf(waybills([waybill_of(local(), p) for p in parcels]), "waybills")
    except CannotPrint as problem:
        return desk_page(str(problem), 409)


def _pdf(content: bytes, name: str) -> Response:
    answer = make_response(content)
    answer.mimetype = "application/pdf"
    answer.headers["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return answer
