"""没收到: the resident says of a delivered parcel that it never came, and what happens then.

Nothing is taken before the last four were given. Works without JavaScript; pressed twice, or on a
line that broke, it counts once.
"""

from __future__ import annotations

import re
import secrets

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cases.disputes import DISPUTED, may_dispute
from cases.fold import WrongState
from cases.folded import Parcel
from central import limits, lookup
from central.context import author, bundle, now, portal_db, server, store
from central.progress_words import receiver_words
from central.qr import open_code
from central.slip_desk import ACTOR
from courier.look import show_address
from courier.look.cards import ErrorCard
from courier.look.errors import Elsewhere, error_page
from courier.look.forms import Form
from courier.look.words import _
from courier.slip_desk import NotOpen, TooMany
from labels.tokens import Purpose
from sync.errors import RemoteError

blueprint = Blueprint("dispute", __name__, template_folder="templates")
DOOR = "/<any(T,t,case):door>/<key>/not-come/<number>"
_OP = re.compile(r"[A-Za-z0-9_-]{16,64}")
Answer = ResponseReturnValue


def _parcel(door: str, key: str, number: str) -> Parcel:
    """The parcel of this case. :raises Elsewhere: there is none, or not for this browser."""
    try:
        case = key if door == "case" else open_code(key, Purpose.RECEIPT).target
    except NotOpen as stop:
        raise Elsewhere(error_page(stop.card)) from None
    if not lookup.granted(case):
        prove = url_for("portal.prove", door=door, key=key, not_come=number)
        raise Elsewhere(redirect(prove, 303))
    found = {parcel.number: parcel for parcel in store().parcels_of(case)}
    if number not in found:
        raise Elsewhere(error_page(_nothing(f"/{door}/{key}")))
    return found[number]


def _nothing(back: str) -> ErrorCard:
    return ErrorCard(
        404,
        _("这件邮件现在不用报没收到"),
        _("它还没有签收，或者已经报过、在查了。"),
        _("有疑问请打电话给受理点。"),
        _("看办到哪一步了"),
        back,
    )


@blueprint.get(DOOR)
def ask(door: str, key: str, number: str) -> Answer:
    """Who signed for it, where else it may be, and what happens if it is said not to have come."""
    parcel = _parcel(door, key, number)
    if not may_dispute(parcel):
        return error_page(_nothing(f"/{door}/{key}"))
    return _page(parcel, f"/{door}/{key}", Form())


def _page(parcel: Parcel, back: str, form: Form, status: int = 200) -> Answer:
    op = request.form.get("op", "")
    place = bundle().directory.find(parcel.point)
    show_address(request.path)
    page = render_template(
        "resident/not_come.html",
        form=form,
        back=back,
        tracking=parcel.tracking,
        receiver=receiver_words(parcel.delivered_to),
        place=place.name if place else "",
        phone=place.phone if place else "",
        op=op if _OP.fullmatch(op) else secrets.token_urlsafe(18),
    )
    return make_response(page, status)


@blueprint.post(DOOR)
def say_so(door: str, key: str, number: str) -> Answer:
    """State it, once for each page that was shown."""
    parcel, op, back = _parcel(door, key, number), request.form.get("op", ""), f"/{door}/{key}"
    form = Form(request.form)
    if not _OP.fullmatch(op):
        return redirect(request.path, 303)
    try:
        _require_not_too_many(number)
        said = {"when": now()}
        author().state_once(portal_db(), store(), op, DISPUTED, number, said, actor=ACTOR)
        author().ring(server())
    except WrongState:
        return error_page(_nothing(back))
    except TooMany as wait:
        minutes = (wait.wait_seconds + 59) // 60
        form.fail(
            "op", f"按的次数太多，请过 {minutes} 分钟再试。", f"Please wait {minutes} minutes."
        )
        return _page(parcel, back, form, 429)
    except RemoteError:
        form.fail(
            "op",
            "线路断了，还没有记下。请过一会儿再按一次；按两次也只算一次。",
            "The line broke; nothing was noted yet. Press again in a while: it counts once.",
        )
        return _page(parcel, back, form, 503)
    place = bundle().directory.find(parcel.point)
    show_address(back)
    return render_template(
        "resident/not_come_done.html",
        back=back,
        place=place.name if place else "",
        phone=place.phone if place else "",
    )


def _require_not_too_many(number: str) -> None:
    hour = now()[:13]
    tries = {
        f"not come:{number}:{hour}": limits.FILLED_FOR_CASE,
        f"not come:{request.remote_addr}:{hour}": limits.FILLED_FROM_ADDRESS,
    }
    if wait := limits.take_try(portal_db(), now(), tries):
        raise TooMany(wait)
