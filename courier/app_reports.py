"""The pages on which a courier reports: taken over, delivered, not delivered, returned.

Each form carries an operation, so that sending it twice counts once. A report cannot be taken
back, and the page says so before it is sent.
"""

from __future__ import annotations

import secrets

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestEntityTooLarge

from cases.fold import WrongState
from cases.folded import Parcel
from courier import fetches
from courier.app_cards import (
    SLUGS,
    card,
    done,
    hands_choices,
    next_choices,
    objections,
    proof_choices,
    step_of,
    why_choices,
)
from courier.app_forms import PICTURE_AGAIN, let_pictures_in, proven, said_in
from courier.app_frame import Pages, again, closed, rider, stop, wrong_in
from courier.app_verdicts import Verdict, verdict, wants_verdict
from courier.desk import NotRecorded
from courier.look import say
from courier.look.forms import Form
from courier.parcels import (
    FETCHED,
    REPORT_ZH,
    Report,
    Said,
    refusal,
)
from courier.proofs import PICTURES

REPORTS = {slug: report for report, slug in SLUGS.items()}
TEMPLATES = {
    Report.DELIVERED: "courier/app_delivered.html",
    Report.FAILED: "courier/app_failed.html",
    Report.RETURNED: "courier/app_returned.html",
}


def add_reports(blueprint: Blueprint, pages: Pages) -> None:
    """Register the pages on the courier's blueprint."""
    blueprint.url_value_preprocessor(let_pictures_in)
    blueprint.register_error_handler(RequestEntityTooLarge, lambda _error: _too_large())

    @blueprint.get("/courier/parcels/<number>/done")
    @rider
    def reported(number: str) -> ResponseReturnValue:
        return _reported(pages, number, request.args.get("op", ""))

    @blueprint.get("/courier/parcels/<number>/<slug>")
    @rider
    def ask(number: str, slug: str) -> ResponseReturnValue:
        report = REPORTS.get(slug)
        if report not in TEMPLATES:
            return redirect(url_for("courier.parcel", number=number))
        return _ask(pages, number, report)

    @blueprint.post("/courier/parcels/<number>/<slug>")
    @rider
    def report(number: str, slug: str) -> ResponseReturnValue:
        kind = REPORTS.get(slug)
        return closed() if kind is None else record(pages, number, kind)


def _too_large() -> ResponseReturnValue:
    number = str((request.view_args or {}).get("number", ""))
    words = "照片太大，没有记下。请把手机相机的照片大小调小一点再拍，或者换一种证明。"
    return stop("没有记下", words, 413, number)


def new_op() -> str:
    """The id of one press of a button."""
    return secrets.token_hex(16)


def _ask(pages: Pages, number: str, report: Report) -> ResponseReturnValue:
    parcel = _to_be_fetched(pages, number, report)
    if parcel is not None:
        return _form(pages, parcel, report, Form({"op": new_op()}))
    parcel, _full = pages.mine(number)
    if parcel is None:
        return closed()
    against = refusal(parcel, report, pages.me().id)
    if against:
        return stop("现在不能报", against, 409, number)
    return _form(pages, parcel, report, Form({"op": new_op()}))


def _to_be_fetched(pages: Pages, number: str, report: Report) -> Parcel | None:
    """Papers that this courier may fetch: what becomes of them then is asked on a page that the
    phone keeps from now on, because there may be no signal between the home and the point.
    """
    parcel = pages.desk().parcel(number)
    theirs = parcel is not None and fetches.may_go(parcel, pages.me().id)
    return parcel if theirs and report in FETCHED else None


def _form(
    pages: Pages, parcel: Parcel, report: Report, form: Form, *, status: int = 400
) -> ResponseReturnValue:
    if wants_verdict():
        return wrong_in(form)
    desk = pages.desk()
    page = render_template(
        TEMPLATES[report],
        card=card(desk, parcel, pages.me().id, full=True),
        form=form,
        hands=hands_choices(parcel),
        proofs=proof_choices(parcel),
        objections=objections(parcel),
        reasons=why_choices(),
        days=next_choices(desk.now()),
    )
    return page, 200 if form.ok else status


def record(
    pages: Pages, number: str, report: Report, *, label: bool = False
) -> ResponseReturnValue:
    """Record what was reported of a parcel, once, and answer with what became of it.

    :param label: the report itself names the parcel by its label, which need not be opened first.
    """
    desk, me = pages.desk(), pages.me().id
    parcel = desk.parcel(number) if label else pages.mine(number)[0]
    if parcel is None:
        parcel = _after_all(pages, number)
    if parcel is None:
        return closed()
    form = Form(request.form)
    said = said_in(form, parcel, report, desk.now())
    if form.error("op") or form.error("when"):
        return stop("没有记下", form.errors[0].message, 400, number)
    step = step_of(parcel, said.op)
    if step is not None:
        return _sent_before(
            pages, number, said, mine=step.actor == me and step.type == report.value
        )
    against = refusal(parcel, report, me)
    if against:
        return stop("没有记下", against, 409, number)
    if not form.ok:
        return _form(pages, parcel, report, form)
    if report is Report.RETURNED and form.value("sure") != "yes":
        return _form(pages, parcel, report, form)
    return _record(pages, parcel, form, said)


def _after_all(pages: Pages, number: str) -> Parcel | None:
    """A parcel that is no longer in hand because this very operation ended its way."""
    parcel = pages.desk().parcel(number)
    step = step_of(parcel, request.form.get("op", "")) if parcel else None
    return parcel if step and step.actor == pages.me().id else None


def _sent_before(pages: Pages, number: str, said: Said, *, mine: bool) -> ResponseReturnValue:
    """The same form again: once is enough. An old page's operation for something else is void."""
    if mine:
        return recorded(pages, number, said.op)
    if wants_verdict():
        return verdict(Verdict.REFUSED, "那一页已经用过了，请打开这件邮件重新报。", status=409)
    say("那一页已经用过了，请在这里重新报。", tone="amber")
    return redirect(url_for("courier.parcel", number=number), 303)


def _record(pages: Pages, parcel: Parcel, form: Form, said: Said) -> ResponseReturnValue:
    number, desk = parcel.number, pages.desk()
    try:
        said = proven(desk, form, parcel, said)
        if not form.ok:
            return _form(pages, parcel, said.report, form)
        desk.report(number, said, pages.me().id)
    except WrongState as refused:
        return stop("没有记下", str(refused), 409, number)
    except NotRecorded:
        if said.proof in PICTURES and not wants_verdict():
            form.fail(said.proof.value, PICTURE_AGAIN)
            return _form(pages, parcel, said.report, form, status=503)
        return again(REPORT_ZH[said.report], number)
    return recorded(pages, number, said.op)


def recorded(pages: Pages, number: str, op: str, then: str = "") -> ResponseReturnValue:
    """Where to read what became of a report, or to go on; a script is told so at once."""
    url = then or url_for("courier.reported", number=number, op=op)
    if not wants_verdict():
        return redirect(url, 303)
    parcel = pages.desk().parcel(number)
    shown = done(pages.desk(), parcel, op) if parcel else None
    if shown is None or not shown.ok:
        return verdict(Verdict.REFUSED, shown.words if shown else "", status=409, url=url)
    return verdict(Verdict.COUNTED, shown.title, url=url)


def _reported(pages: Pages, number: str, op: str) -> ResponseReturnValue:
    parcel = pages.desk().parcel(number)
    step = step_of(parcel, op) if parcel else None
    if parcel is None or step is None or step.actor != pages.me().id:
        return closed()
    return render_template(
        "courier/app_done.html", done=done(pages.desk(), parcel, op), number=number
    )
