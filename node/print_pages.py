"""Printing many waybills at once: a batch, how far it is, its file; and the label paper chosen."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from cases.fields import BadField
from cases.fold import WrongState
from cases.times import shown
from courier.look.cards import ErrorCard
from courier.look.errors import error_page
from courier.look.forms import Form
from courier.look.signin import needs
from labels.sheets import Sheet, formats
from node import mail, print_jobs
from node.case_page import STAFF, me
from node.context import local
from node.mail_pages import desk_page, look_first, op_of_form, pdf
from node.officer import Hand, once
from node.permissions import POSTING, NotPermitted, refusal, require
from node.print_loop import AT_ONCE_MAX
from node.sheet_choice import chosen, first_label, remember

blueprint = Blueprint("prints", __name__, template_folder="templates")
LOOK_AGAIN_S = 1

Answer = ResponseReturnValue


@blueprint.post("/mail/print")
@needs(*STAFF)
def print_batch() -> Answer:
    """State the first copy of several waybills as printed, in one transaction with their batch."""
    numbers = list(dict.fromkeys(request.form.getlist("parcels")))
    if not numbers:
        return desk_page("请先勾选要打印的邮件", 400)
    if len(numbers) > print_jobs.BATCH_MAX:
        return desk_page(f"一次最多打印 {print_jobs.BATCH_MAX} 张，请分两次", 400)
    sheet, op, form = chosen(), op_of_form(), Form(request.form)
    try:
        once(local(), f"mail:print:{op}", me(), lambda h: _begin(h, op, sheet, numbers, form))
    except NotPermitted as problem:
        return desk_page(str(problem), 403)
    except BadField as problem:
        form.fail(problem.field, problem.message_zh)
        return desk_page(status=400, form=form)
    except WrongState as problem:
        return desk_page(str(problem), 409)
    job = print_jobs.job(local(), op)
    if job and not job.done and len(job.parcels) <= AT_ONCE_MAX:
        print_jobs.draw(local(), job)
        job = print_jobs.job(local(), op)
    ready = job and job.done and not job.problem
    return remember(redirect(f"/mail/prints/{op}{'/waybills.pdf' if ready else ''}", 303), sheet)


def _begin(hand: Hand, op: str, sheet: Sheet, numbers: list[str], form: Form) -> str:
    require(hand.person, POSTING, "打印面单")
    for number in numbers:
        look_first(hand, number, form)
        mail.print_waybill(hand, local(), number, first=True)
    first = first_label(sheet)
    print_jobs.begin(hand.w, op, hand.person.id, sheet.code, first, numbers)
    return op


@blueprint.get("/mail/prints/<op>")
@needs(*STAFF)
def show(op: str) -> Answer:
    """How far a batch is; asked again by itself until its file can be opened."""
    job = print_jobs.job(local(), op)
    if job is None:
        return _over()
    again = request.headers.get("HX-Request") == "true"
    if again and job.done:
        return Response(status=204, headers={"HX-Refresh": "true"})
    return render_template(
        f"node/{'print_waiting' if again else 'print_wait'}.html",
        job=job,
        when=shown(job.at, local().now()),
        label_sheet=formats().sheet(job.sheet),
        seconds=LOOK_AGAIN_S,
        url=request.path,
    )


@blueprint.get("/mail/prints/<op>/waybills.pdf")
@needs(*STAFF)
def file(op: str) -> Answer:
    """The file of a batch that is drawn."""
    if refused := refusal(me(), POSTING, "打印面单"):
        return desk_page(refused, 403)
    job = print_jobs.job(local(), op)
    path = print_jobs.file_of(local().node, op) if job else None
    if job is None or path is None or not path.exists():
        return redirect(f"/mail/prints/{op}", 303) if job and not job.done else _over()
    return pdf(path.read_bytes(), "waybills")


def _over() -> Answer:
    return error_page(
        ErrorCard(
            404,
            "这一批面单的文件不在了",
            "成批面单的文件在本机保存一天，时间过了就删掉。",
            "要补打的，请在邮件台打开那个邮件，按“重印面单”。",
            "去邮件台",
            "/mail",
        )
    )
