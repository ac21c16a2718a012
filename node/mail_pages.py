"""The pages of the mail desk: what waits, packing, parcels, waybills."""

from __future__ import annotations

import re
from collections.abc import Callable

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from cases.fields import BadField
from cases.fold import WrongState
from cases.folded import Case, Parcel
from courier.look import say
from courier.look.cards import ErrorCard
from courier.look.errors import error_page
from courier.look.forms import Form
from courier.look.signin import needs
from labels.sheets import formats
from labels.waybill import waybill
from node import bag_card, disputes, mail, print_jobs, reveal
from node.case_card import scene_of
from node.case_page import STAFF, case_page, me, new_op, not_here
from node.context import local
from node.inspecting import CHOICES, blank_form, inspect, looked_in, to_look_at
from node.mail_desk import desk, pack_card
from node.officer import Hand, once
from node.parcel_card import parcel_card
from node.permissions import POSTING, NotPermitted, refusal
from node.sheet_choice import chosen, first_label, remember
from node.waybills import CannotPrint, waybill_of
from sync.store import StoreError

blueprint = Blueprint("mail", __name__, template_folder="templates")
_OP = re.compile(r"[0-9a-f]{16}")
_ITEM = re.compile(r"([0-9A-Za-z-]{8,40}):(\d{1,4})")
SHOWN = "收件人的姓名、电话和地址"

Answer = ResponseReturnValue


@blueprint.get("/mail")
@needs(*STAFF)
def index() -> Answer:
    """What waits at the mail desk."""
    return desk_page()


def desk_page(problem: str = "", status: int = 200, form: Form | None = None) -> Answer:
    """The mail desk as it is now; ``problem`` says why the last try changed nothing, and ``form``
    what was typed in that try."""
    page = render_template(
        "node/mail.html",
        desk=desk(local()),
        to_list=bag_card.to_list(local()),
        bags=bag_card.bag_lines(local(), open_only=True),
        jobs=print_jobs.lately(local()),
        batch_max=print_jobs.BATCH_MAX,
        problem=problem,
        form=form or Form(),
        label_sheets=formats().sheets,
        label_sheet=chosen(),
        op=new_op(),
        may_post=bool(me().roles & POSTING),
    )
    return page, status


def op_of_form() -> str:
    """The operation that a form of the desk names: a form sent twice does it once."""
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
    filled = form or blank_form(items=list(card.ticked))
    page = render_template(
        "node/pack.html",
        card=card,
        form=filled,
        looked=CHOICES,
        op=new_op(),
        problem=problem,
    )
    return page, status


@blueprint.post("/mail/pack/<number>")
@needs(*STAFF)
def do_pack(number: str) -> Answer:
    """Pack a parcel to the resident, once for each form that was shown."""
    case = local().store.case(number)
    if case is None:
        return not_here(number)
    form, op = Form(request.form), f"{number}:pack:{op_of_form()}"
    items = [(m[1], int(m[2])) for v in form.values("items") if (m := _ITEM.fullmatch(v))]
    alone = bool(form.value("alone"))
    try:
        parcel = once(
            local(),
            op,
            me(),
            lambda h: _looked_at(h, mail.pack_for_resident(h, local(), items, alone=alone), form),
        )
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


def _looked_at(hand: Hand, parcel: str, form: Form) -> str:
    inspect(hand, parcel, looked_in(form))
    return parcel


@blueprint.get("/mail/papers/<number>")
@needs(*STAFF)
def ask_papers(number: str) -> Answer:
    """Confirm that a case's papers are packed to the deciding point."""
    case = local().store.case(number)
    if case is None:
        return not_here(number)
    if problem := mail.may_send_papers(scene_of(local(), case)):
        return case_page(case, problem=problem, status=409)
    return _papers_page(case, blank_form())


def _papers_page(case: Case, form: Form, status: int = 200) -> Answer:
    page = render_template(
        "node/send_papers.html",
        case=case,
        to=_deciding(case),
        form=form,
        looked=CHOICES,
        op=new_op(),
    )
    return page, status


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
    form, op = Form(request.form), f"{number}:papers:{op_of_form()}"
    try:
        parcel = once(
            local(),
            op,
            me(),
            lambda h: _looked_at(h, mail.pack_to_authority(h, number, directory), form),
        )
    except BadField as problem:
        form.fail(problem.field, problem.message_zh)
        return _papers_page(case, form, 400)
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
        dispute=disputes.dispute_card(local(), parcel, me()),
        form=form or blank_form(),
        looked=CHOICES,
        label_sheets=formats().sheets,
        label_sheet=chosen(),
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


def look_first(hand: Hand, number: str, form: Form) -> None:
    """Before a waybill is printed: what nobody has looked at is looked at now."""
    parcel = mail.parcel_in(hand, number)
    if to_look_at(parcel) and not mail.may_print(local(), parcel):
        inspect(hand, number, looked_in(form))


def _look_and_print(hand: Hand, number: str) -> str:
    look_first(hand, number, Form(request.form))
    return mail.print_waybill(hand, local(), number)


def _look(hand: Hand, number: str) -> str:
    inspect(hand, number, looked_in(Form(request.form)))
    return "已登记收寄验视"


ACTS: dict[str, Callable[[Hand, str], str]] = {
    "print": _look_and_print,
    "inspect": _look,
    "cancel": mail.cancel,
    "back": mail.came_back,
    "asked": lambda hand, number: disputes.call(hand, number, request.form),
    "settle": lambda hand, number: disputes.settle(hand, number, request.form),
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
        words = once(
            local(), f"{number}:{act}:{op_of_form()}", me(), lambda h: ACTS[act](h, number)
        )
    except NotPermitted as problem:
        return parcel_page(parcel, problem=str(problem), status=403)
    except BadField as problem:
        form.fail(problem.field, problem.message_zh)
        return parcel_page(parcel, form=form, status=400)
    except (WrongState, StoreError) as problem:
        fresh = local().store.parcel(number) or parcel
        return parcel_page(fresh, problem=str(problem), status=409)
    if act == "print":
        sheet = chosen()
        first = first_label(sheet) + 1
        to = f"/parcels/{number}/waybill.pdf?copy={words}&sheet={sheet.code}&first={first}"
        return remember(redirect(to, 303), sheet)
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
        sheet = chosen()
        content = waybill(waybill_of(local(), parcel), sheet, first=first_label(sheet))
        return pdf(content, number)
    except CannotPrint as problem:
        return parcel_page(parcel, problem=str(problem), status=409)


def _unprintable(parcel: Parcel) -> str:
    if refused := refusal(me(), POSTING, "打印面单"):
        return refused
    if problem := mail.may_print(local(), parcel):
        return problem
    return "" if parcel.copies else f"{parcel.number} 的面单还没有打印过，请按“打印面单”"


def pdf(content: bytes, name: str) -> Response:
    """A PDF that the browser opens."""
    answer = make_response(content)
    answer.mimetype = "application/pdf"
    answer.headers["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return answer
