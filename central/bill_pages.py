"""The board's pages of carriers' bills: sent, held against our mail, settled line by line."""

from __future__ import annotations

import re
import secrets

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cases.reading import BadData
from cases.times import shown
from central import bill_db, bill_desk
from central.accounts import ADMIN, SUPERVISOR
from central.bill_cards import bill_page, findings_table, head_rows
from central.bill_db import Body, Decision, Head, Overtaken
from central.bill_desk import Coming, SameBill, at_db, me
from central.board_cards import mail_links
from central.context import now, today
from central.mail_tables import postage
from central.sheets import FILE_BYTES_MAX
from central.workbook import TYPE, workbook
from courier.bills import How
from courier.carriers import carrier_zh
from courier.look import say, show_address, show_place
from courier.look.cards import ErrorCard
from courier.look.errors import error_page
from courier.look.files import let_files_in
from courier.look.forms import Form
from courier.look.signin import refuse

WORDS_CHARS_MAX = 300
TICKED_MAX = 500
MONTHS_OFFERED = 12
_OP = re.compile(r"[0-9a-f]{16}")
Answer = ResponseReturnValue

blueprint = Blueprint("bills", __name__, url_prefix="/board/bills", template_folder="templates")


@blueprint.before_request
def guard() -> Answer | None:
    """Supervisors and administrators: there are no names in it, but it is the district's money."""
    show_place("区中心监督看板")
    return refuse(SUPERVISOR, ADMIN, door="signin")


def too_large() -> Answer:
    """The file is larger than a bill may be."""
    return error_page(
        ErrorCard(
            413,
            "文件太大，没有导入",
            f"账单最多 {FILE_BYTES_MAX // 1_000_000} MB，什么都没有变。",
            "请删去表里的图片，或者分开导入。",
            "回到账单",
            url_for(".index"),
        )
    )


let_files_in(blueprint, "send", bytes_max=FILE_BYTES_MAX, too_large=too_large)


@blueprint.get("")
def index() -> Answer:
    """Every bill, and where to send the next one."""
    return _index(Form({"month": months()[1], "carrier": postage().billing()[0]}))


def months() -> list[str]:
    """The months that may be chosen, this one first."""
    year, month = today().year, today().month
    found = []
    for _ in range(MONTHS_OFFERED):
        found.append(f"{year}-{month:02d}")
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
    return found


def month_zh(month: str) -> str:
    """``2026 年 11 月``."""
    return f"{month[:4]} 年 {int(month[5:7])} 月"


def _index(form: Form, status: int = 200) -> Answer:
    page = render_template(
        "central/bills.html",
        form=form,
        rows=head_rows(at_db(bill_db.bills)),
        carriers=[(code, carrier_zh(code)) for code in postage().billing()],
        months=[(month, month_zh(month)) for month in months()],
        size=FILE_BYTES_MAX // 1_000_000,
        links=mail_links(),
    )
    return page, status


@blueprint.post("")
def send() -> Answer:
    """Read a bill; holding it against our mail follows in steps."""
    form, file = Form(request.form), request.files.get("file")
    carrier = form.choice("carrier", postage().billing(), missing_zh="请选承运方")
    month = form.choice("month", months(), missing_zh="请选月份")
    show_address(url_for(".index"))
    if file is None or not file.filename:
        form.fail("file", "还没有选文件。请选承运方发来的 XLSX 或 CSV")
    if not form.ok or file is None:
        return _index(form, 422)
    try:
        id = bill_desk.begin(str(file.filename), file.stream.read(), carrier, month)
    except BadData as wrong:
        form.fail("file", f"没有导入：{wrong}")
        return _index(form, 422)
    except SameBill as known:
        return _known(known)
    return redirect(url_for(".coming", id=id), 303)


def _known(known: SameBill) -> Answer:
    say("这份账单已经导入过，就是这一份，没有再导入")
    return redirect(url_for(".show", id=known.id), 303)


# a bill on its way


@blueprint.get("/import/<id>")
def coming(id: str) -> Answer:
    """How far it is."""
    return render_template("central/bill_coming.html", id=id, found=_coming(id))


def _coming(id: str) -> Coming:
    return bill_desk.find(id) or abort(404)


@blueprint.post("/import/<id>/step")
def step(id: str) -> Answer:
    """Hold it against the next parcels."""
    try:
        bill = bill_desk.step(id, found := _coming(id))
    except SameBill as known:
        return _known(known)
    quick = bool(request.headers.get("HX-Request"))
    if not bill:
        if quick:
            return render_template("central/bill_progress.html", id=id, found=found)
        return redirect(url_for(".coming", id=id), 303)
    url = url_for(".show", id=bill)
    return ("", 200, {"HX-Redirect": url}) if quick else redirect(url, 303)


@blueprint.post("/import/<id>/drop")
def drop(id: str) -> Answer:
    """Throw it away."""
    bill_desk.forget_import(id)
    say("没有导入，什么都没有变")
    return redirect(url_for(".index"), 303)


# one bill


@blueprint.get("/<id>")
def show(id: str) -> Answer:
    """What was found in a bill, and what is settled of it."""
    return _page(*_bill(id), Form())


def _bill(id: str) -> tuple[Head, Body]:
    return at_db(bill_db.read_bill, id) or abort(404)


def _page(head: Head, body: Body, form: Form, problem: str = "", status: int = 200) -> Answer:
    made = at_db(bill_db.decisions, head.id)
    page = render_template(
        "central/bill.html",
        card=bill_page(head, body, made, kind=_kind(), waiting=request.args.get("which") != "all"),
        form=form,
        problem=problem,
        op=form.value("op") or secrets.token_hex(8),
        seen=len(made),
        month=month_zh(head.month),
    )
    return page, status


def _kind() -> str:
    return request.args.get("kind", "")


@blueprint.post("/<id>")
def settle(id: str) -> Answer:
    """Settle what was ticked: all in one way, with words, by whoever is signed in."""
    head, body = _bill(id)
    form, op = Form(request.form), request.form.get("op", "")
    seen = request.form.get("seen", "")
    if not _OP.fullmatch(op) or not seen.isdecimal():
        abort(400)
    known = {found.key for found in body.findings if found.kind != "matched"}
    keys = [key for key in dict.fromkeys(form.values("key")) if key in known][:TICKED_MAX]
    if not keys:
        form.fail("key", "还没有勾选要处理的")
    how = form.choice("how", [each.value for each in How], missing_zh="请选怎样处理")
    words = form.text("words", chars_max=WORDS_CHARS_MAX, missing_zh="请写明依据，例如和谁核对过")
    if head.withdrawn:
        return _page(head, body, form, "这份账单已经作废，不能再处理。", 409)
    if not form.ok:
        return _page(head, body, form, status=422)
    made = [Decision(key, How(how), words, now(), me()) for key in keys]
    try:
        at_db(bill_db.decide, id, op, made, seen=int(seen))
    except Overtaken:
        fresh = Form({"how": how, "words": words})
        words = "别人刚刚处理了这份账单里的几条。请看过现在的情况，再勾选一次；您写的字还在。"
        return _page(head, body, fresh, words, 409)
    say(f"已处理 {len(keys)} 条")
    return redirect(url_for(".show", id=id, **request.args.to_dict()), 303)  # type: ignore[arg-type] # kind and which


@blueprint.post("/<id>/again")
def again(id: str) -> Answer:
    """Hold a bill against our mail anew; what was settled of the same findings stays settled."""
    head, body = _bill(id)
    if head.withdrawn:
        return _page(head, body, Form(), "这份账单已经作废，不能再对。", 409)
    return redirect(url_for(".coming", id=bill_desk.again(head, body)), 303)


@blueprint.post("/<id>/withdraw")
def withdraw(id: str) -> Answer:
    """Let a bill that was taken in by mistake stand no more; it stays in the list, with why."""
    head, body = _bill(id)
    form = Form(request.form)
    why = form.text("why", chars_max=WORDS_CHARS_MAX, missing_zh="请写明为什么作废")
    if not form.ok:
        return _page(head, body, form, status=422)
    if at_db(bill_db.withdraw, id, f"{why}（{me()} {shown(now(), now())}）"):
        say("已作废，里面的收费不再算进别的账单")
    return redirect(url_for(".show", id=id), 303)


@blueprint.get("/<id>/findings.xlsx")
def findings(id: str) -> Answer:
    """Everything that was found, with what was settled: for the carrier, or for the file."""
    head, body = _bill(id)
    content = workbook(findings_table(head, body, at_db(bill_db.decisions, id)))
    answer = Response(content, mimetype=TYPE)
    name = f"bill-{head.carrier}-{head.month}.xlsx"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
