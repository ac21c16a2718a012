"""The resident's slip pages: a few short questions on a phone, then one look over all of it.

``/T/<token>/slip/…`` from a QR and ``/case/<number>/slip/…`` after a look-up. What was typed is
kept between the pages for this browser alone, so that going back, reloading or a lost line loses
nothing. Every page works without JavaScript.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import wraps

from flask import Blueprint, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from cases.people import BadField, check_name, check_phone, last_four
from cases.points import Point
from cases.slips import CONSENTS, PICKUP, POST
from courier.look import say
from courier.look.cards import Choice
from courier.look.errors import error_page
from courier.look.forms import Form
from courier.look.surface import current_language
from courier.look.words import _
from courier.pasted import split_pasted
from courier.slip_desk import NotOpen, Sent, SlipDesk, Target, TooMany, TryAgain
from courier.slip_frame import after, settled, show, step_url, unsure_of, way_of
from courier.slip_places import place, point, region_of
from courier.slips import (
    TYPED,
    Slip,
    check_note,
    check_slip,
    check_street,
    check_way,
    phone_inside,
)

_STEP_OF = {"way": "way", "to_point": "point", "name": "who", "phone": "who", "county": "place",
            "street": "street", "note": "street"}  # fmt: skip
_OPERATION = re.compile(r"[A-Za-z0-9_-]{16,64}")


def slip_blueprint(desk: Callable[[], SlipDesk]) -> Blueprint:
    """The pages, for an app that gives each request its desk. Endpoints are ``slip.<step>``."""
    blueprint = Blueprint(
        "slip",
        __name__,
        template_folder="templates",
        static_folder="static",
        static_url_path="/slip/static",
    )
    blueprint.add_url_rule(
        "/privacy", "privacy", lambda: render_template("resident/slip_privacy.html")
    )
    views = {
        "": ("start", _start), "way": ("way", _way), "point": ("point", point),
        "who": ("who", _who), "place": ("place", place), "paste": ("paste", _paste),
        "street": ("street", _street), "check": ("check", _check),
        "done": ("done", _done), "prove": ("prove", _prove), "cancel": ("cancel", _cancel),
    }  # fmt: skip
    for path, (name, view) in views.items():
        rule = f"/<any(T,t,case):door>/<key>/slip{'/' if path else ''}{path}"
        methods = ["GET"] if name in ("start", "done") else ["GET", "POST"]
        blueprint.add_url_rule(rule, name, _guarded(desk, view), methods=methods)
    return blueprint


def _guarded(
    desk: Callable[[], SlipDesk], view: Callable[[SlipDesk, Target], ResponseReturnValue]
) -> Callable[..., ResponseReturnValue]:
    """Find out what the address leads to; ask for the last four where something is filled in."""

    @wraps(view)
    def guarded(door: str, key: str) -> ResponseReturnValue:
        """The view, or why it is not open."""
        found = desk()
        try:
            target = found.target(door, key)
            if target.must_prove and view not in (_prove, _done):
                then = "cancel" if view is _cancel else None
                return redirect(step_url("prove", target, then=then))
            return view(found, target)
        except NotOpen as stop:
            return error_page(stop.card)

    return guarded


def _start(desk: SlipDesk, target: Target) -> ResponseReturnValue:
    """The first step itself: to be sent on to it takes most of a second over a slow line."""
    return _check(desk, target) if target.filled else _way(desk, target)


def _way(desk: SlipDesk, target: Target) -> ResponseReturnValue:
    """The first question: to the door, or to a point where it is fetched."""
    draft = desk.draft(target)
    form = Form(request.form if request.method == "POST" else draft)
    if request.method == "POST":
        way = form.checked("way", check_way, form.value("way"))
        if way:
            desk.keep_draft(target, {**draft, "way": way})
            return after("way", target, way)
    return show("way", target, form, draft, status=200 if form.ok else 400)


def _paste(desk: SlipDesk, target: Target) -> ResponseReturnValue:
    """Cut a whole address into the fields, and show them all to be looked over."""
    if request.method != "POST":
        return redirect(step_url("who", target))
    form = Form(request.form)
    found = split_pasted(form.value("pasted"), desk.regions)
    draft = desk.draft(target)
    if not (found.phone or found.county or found.choices):
        form.fail(
            "pasted", "没有认出电话和地址。请把姓名、电话、地址一起贴进来，或者在下面自己填。",
            "No phone and no address were found. Paste name, phone and address together, or fill"
            " in the fields below.",
        )  # fmt: skip
        return show("who", target, form, draft, status=400, unsure=())
    desk.keep_draft(target, {**draft, **found.typed()})
    return redirect(step_url("check", target), code=303)


def _who(desk: SlipDesk, target: Target) -> ResponseReturnValue:
    draft = desk.draft(target)
    unsure = unsure_of(draft, "name", "phone")
    if request.method != "POST":
        return show("who", target, Form(draft), draft, unsure=unsure)
    form = Form(request.form)
    draft |= {"name": form.value("name"), "phone": form.value("phone")}
    form.text(
        "name", check_name,
        missing_zh="还没有填收件人的姓名", missing_en="Fill in who receives the mail",
    )  # fmt: skip
    form.text(
        "phone", check_phone,
        missing_zh="还没有填手机号码", missing_en="Fill in a phone number for the courier",
    )  # fmt: skip
    desk.keep_draft(target, settled(draft, "name", "phone"))
    if form.ok:
        return after("who", target, way_of(draft))
    return show("who", target, form, draft, status=400, unsure=unsure)


def _street(desk: SlipDesk, target: Target) -> ResponseReturnValue:
    draft = desk.draft(target)
    region = region_of(desk, draft)
    if not region:
        return redirect(step_url("place", target))
    if request.method != "POST":
        return show("street", target, Form(draft), draft, region=region)
    form = Form(request.form)
    draft |= {"street": form.value("street"), "note": form.value("note")}
    street = form.text(
        "street", check_street, chars_max=300,
        missing_zh="还没有填详细地址", missing_en="Fill in the street and number",
    )  # fmt: skip
    form.text("note", check_note, required=False)
    if street and phone_inside(street):
        form.fail(
            "street", "地址里有手机号码，会印在面单上被人看见，请删掉。",
            "There is a phone number in the address, where everybody could read it: take it out.",
        )  # fmt: skip
    desk.keep_draft(target, settled(draft, "street"))
    if form.ok:
        return after("street", target, way_of(draft))
    return show("street", target, form, draft, status=400, region=region)


def _check(desk: SlipDesk, target: Target) -> ResponseReturnValue:
    op = request.form.get("op", "")
    if request.method == "POST" and (known := _sent(desk, op)):
        return _finished(desk, target, known)
    draft = desk.draft(target)
    if request.method == "POST":
        draft["consent"] = ",".join(c for c in CONSENTS if c in request.form.getlist("consent"))
    try:
        slip = check_slip(draft, desk.divisions, desk.pickups.codes, desk.postage)
    except BadField as wrong:
        return redirect(_missing(target, draft, _STEP_OF.get(wrong.field, "who")))
    if request.method != "POST":
        return _look_over(desk, target, draft, slip, draft["op"])
    if not _OPERATION.fullmatch(op):
        op = draft["op"]
    desk.keep_draft(target, draft)
    try:
        return _finished(desk, target, desk.send(target, op, slip, current_language()))
    except TryAgain:
        trouble = _(
            "现在连不上系统，还没有保存成功。您填的内容都还在，请过一会儿再按一次，不用重填。"
        )
        return _look_over(desk, target, draft, slip, op, trouble=trouble, status=503)
    except TooMany as wait:
        trouble = _wait_words(wait)
        return _look_over(desk, target, draft, slip, op, trouble=trouble, status=429)


def _look_over(
    desk: SlipDesk, target: Target, draft: Mapping[str, str], slip: Slip, op: str,
    *, trouble: str = "", status: int = 200,
) -> ResponseReturnValue:  # fmt: skip
    """Everything that was chosen, on one page."""
    form = Form(MultiDict([("consent", consent) for consent in slip.consent]))
    return show(
        "check", target, form, draft, status=status, slip=slip, op=op, trouble=trouble,
        unsure=unsure_of(draft, *TYPED), point=_point(desk, slip.to_point), away=_away(),
    )  # fmt: skip


def _away() -> tuple[Choice, ...]:
    """Where the courier may leave it when nobody is at home."""
    words = {"locker": _("放快递柜"), "neighbour": _("交给邻居"), "property": _("交给物业")}
    return tuple(Choice(consent, words[consent]) for consent in CONSENTS)


def _point(desk: SlipDesk, code: str) -> Point | None:
    return next((p for p in desk.pickups.points if p.code == code), None)


def _missing(target: Target, draft: Mapping[str, str], step: str) -> str:
    """Where what is missing is filled in; what was pasted is looked over again afterwards."""
    if not any(draft.get(name) for name in TYPED):
        return step_url("way", target)
    pasted = {"then": "check"} if "unsure" in draft else {}
    if step == "place" and draft.get("within"):
        pasted["in"] = draft["within"]
    return step_url(step, target, **pasted)


def _sent(desk: SlipDesk, op: str) -> Sent | None:
    return desk.sent(op) if _OPERATION.fullmatch(op) else None


def _finished(desk: SlipDesk, target: Target, sent: Sent) -> ResponseReturnValue:
    way = PICKUP if way_of(desk.draft(target)) == PICKUP else None
    desk.drop_draft(target)
    return redirect(step_url("done", target, code=sent.code or None, way=way), code=303)


def _done(desk: SlipDesk, target: Target) -> ResponseReturnValue:
    code = re.sub(r"\D", "", request.args.get("code", ""))[:4]
    way = PICKUP if request.args.get("way") == PICKUP else POST
    return render_template(
        "resident/slip_done.html",
        target=target,
        code=code,
        way=way,
        again_url=step_url("way", target),
    )


def _cancel(desk: SlipDesk, target: Target) -> ResponseReturnValue:
    """Take the slip back: nothing is sent by it any more."""
    if not target.filled or not target.case:
        return redirect(target.back_url)
    op, trouble, status = request.form.get("op", ""), "", 200
    if request.method == "POST" and _OPERATION.fullmatch(op):
        try:
            desk.cancel(target, op)
            desk.drop_draft(target)
            say(_("寄递单已取消。"))
            return redirect(target.back_url, code=303)
        except TryAgain:
            trouble, status = _("现在连不上系统，还没有取消成功。请过一会儿再按一次。"), 503
        except TooMany as wait:
            trouble, status = _wait_words(wait), 429
    page = render_template(
        "resident/slip_cancel.html", target=target, op=op or desk.new_op("cancel"),
        trouble=trouble, check_url=step_url("check", target), here=step_url("cancel", target),
    )  # fmt: skip
    return make_response(page, status)


def _prove(desk: SlipDesk, target: Target) -> ResponseReturnValue:
    then = "cancel" if request.args.get("then") == "cancel" else "check"
    if not target.must_prove:
        return redirect(step_url(then, target))
    form = Form(request.form if request.method == "POST" else None)
    if request.method != "POST":
        return render_template("resident/slip_prove.html", form=form, target=target)
    typed = last_four(form.value("last_four")) if len(form.value("last_four")) < 40 else ""
    status = 400
    if len(typed) < 4:
        form.fail("last_four", "请填四位：身份证号或手机号的最后四位", "Enter four characters")
    else:
        try:
            if desk.prove(target, typed):
                return redirect(step_url(then, target), code=303)
            form.fail(
                "last_four", "对不上。请填办件人身份证号（或手机号）的最后四位",
                "That does not match. Enter the last four of the applicant's ID or phone",
            )  # fmt: skip
        except TooMany as wait:
            status = 429
            form.fail("last_four", _wait_words(wait))
    page = render_template("resident/slip_prove.html", form=form, target=target)
    return make_response(page, status)


def _wait_words(wait: TooMany) -> str:
    minutes = (wait.wait_seconds + 59) // 60
    return _(
        "试的次数太多，为了保护您的信息先停一停，请过 %(n)s 分钟再试。"
        "着急的话，带身份证到受理点办。",
        n=minutes,
    )


__all__ = ["Slip", "slip_blueprint"]
