"""What is reported of a parcel that its courier has named by its label only.

Where no signal is, a label can be scanned, but only central knows what it stands on. So a parcel is
taken over by its label, and delivered or not by a form for any parcel, which every phone keeps: it
says nothing of anybody, and offers what would do for the strictest of parcels. Central looks at
each report when it is sent, in the order in which they were made.
"""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cases.fields import BadField
from cases.folded import Parcel
from cases.numbers import BadNumber
from cases.times import from_text
from courier.app_cards import (
    any_hands,
    any_objections,
    any_proofs,
    next_choices,
    step_of,
    why_choices,
)
from courier.app_codes import BadCode, TypedTooOften, look_for, parcel_of_token
from courier.app_frame import Pages, closed, rider, stop
from courier.app_reports import REPORTS, TEMPLATES, record
from courier.app_verdicts import Verdict, verdict, wants_verdict
from courier.desk import CourierDesk
from courier.look.forms import Form
from courier.parcels import Report, Standing, check_when, standing

#: So long a label that nobody has heard of is waited for: its point may be without a line.
UNHEARD_DAYS_MAX = 3
#: The forms for any parcel. It goes back to its point by its own page, which names that point.
FORMS = ("delivered", "failed")


def add_labels(blueprint: Blueprint, pages: Pages) -> None:
    """Register what is reported by a label on the courier's blueprint."""

    @blueprint.post("/courier/take")
    @rider
    def take() -> ResponseReturnValue:
        return _report(pages, Report.TAKEN_OVER)

    @blueprint.get("/courier/label/<slug>")
    @rider
    def ask_of_label(slug: str) -> ResponseReturnValue:
        return _form(pages, REPORTS[slug]) if slug in FORMS else redirect(url_for("courier.home"))

    @blueprint.post("/courier/label/<slug>")
    @rider
    def report_of_label(slug: str) -> ResponseReturnValue:
        return _report(pages, REPORTS[slug]) if slug in FORMS else closed()


def _form(pages: Pages, report: Report) -> str:
    """The form for any parcel; of which one it speaks, the phone reads off its own address."""
    return render_template(
        TEMPLATES[report],
        card=None,
        form=Form(),
        hands=any_hands(),
        proofs=any_proofs(),
        objections=any_objections(),
        reasons=why_choices(),
        days=next_choices(pages.desk().now()),
    )


def _report(pages: Pages, report: Report) -> ResponseReturnValue:
    """Record what is said of the parcel that a label's code or number names."""
    desk, me = pages.desk(), pages.me().id
    try:
        number = _named(request.form.get("q", ""), desk, me)
    except TypedTooOften as problem:
        if wants_verdict():
            return verdict(Verdict.AGAIN, problem.message_zh, status=429)
        return stop(problem.title, problem.message_zh, 429)
    except (BadCode, BadNumber) as problem:
        return stop("没有记下", problem.message_zh, 400)
    parcel = desk.parcel(number)
    if parcel is None:
        return _unheard(desk)
    if report is Report.TAKEN_OVER and wants_verdict() and _is_there(parcel, me):
        url = url_for("courier.parcel", number=number)
        return verdict(Verdict.COUNTED, "已经在您手上", url=url)
    return record(pages, number, report, label=True)


def _is_there(parcel: Parcel, courier: str) -> bool:
    """Taken over already, in a bag or by a label scanned twice: the phone could not know."""
    again = step_of(parcel, request.form.get("op", "")) is not None
    return standing(parcel, courier) is Standing.MINE and not again


def _named(text: str, desk: CourierDesk, courier: str) -> str:
    """The number of the parcel whose label this is; empty for a tracking number nobody knows.

    :raises BadCode: it is no label's.
    """
    found = look_for(text, desk, courier)
    if found.token:
        return parcel_of_token(found.token, desk)
    if not found.label:
        raise BadCode("要扫面单，或输入整个邮件号。")
    return found.parcels[0].number if found.parcels else found.number


def _unheard(desk: CourierDesk) -> ResponseReturnValue:
    """A label whose parcel nobody has heard of: its point is offline, or it is a mistake."""
    try:
        when = check_when(request.form.get("when", ""), desk.now())
    except BadField as problem:
        return stop("没有记下", problem.message_zh, 400)
    waited = from_text(desk.now()) - from_text(when)
    if wants_verdict() and waited.days < UNHEARD_DAYS_MAX:
        words = "受理点还没联上网，区中心还没收到这件邮件的信息，收到以后自动记下。"
        return verdict(Verdict.AGAIN, words, status=503)
    return stop("没有记下", "区中心一直没有收到这件邮件的信息，请问一下寄件的受理点。", 404)
