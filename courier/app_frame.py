"""What the courier's views share: who is signed in, which parcels they may see, the stop page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import render_template, request
from flask.typing import ResponseReturnValue

from cases.folded import Parcel
from cases.times import from_text
from courier.app_grants import SCANNED, granted
from courier.app_verdicts import Verdict, verdict, wants_verdict
from courier.desk import CourierDesk
from courier.look.accounts import Account
from courier.look.forms import Form
from courier.look.signin import current_account, needs
from courier.look.surface import Surface
from courier.parcels import Standing, done_by, ended_at, standing

DOOR = "rider"
ROLE = "courier"
#: For ``init_look(surfaces=…)``: the pages of these blueprints are the courier's.
SURFACES: Mapping[str, Surface] = {"courier": "courier", DOOR: "courier"}
PLACE = "快递员"
LOOK_BACK = timedelta(days=7)

P = ParamSpec("P")
R = TypeVar("R")


def rider(view: Callable[P, R]) -> Callable[P, R | ResponseReturnValue]:
    """Only for a courier who is signed in; a report that a script sent is told to wait for one."""
    guarded = needs(ROLE, door=DOOR)(view)

    @wraps(view)
    def answered(*args: P.args, **kwargs: P.kwargs) -> R | ResponseReturnValue:
        if wants_verdict() and current_account(DOOR) is None:
            return verdict(Verdict.SIGN_IN, "请先登录，记在手机里的会接着发送。", status=401)
        return guarded(*args, **kwargs)

    return answered


class Pages:
    """The desk of this request, and what whoever is signed in may see there."""

    def __init__(self, desk: Callable[[], CourierDesk]) -> None:
        self.desk = desk

    def me(self) -> Account:
        """Who is signed in; the view is behind :data:`rider`."""
        account = current_account(DOOR)
        if account is None:
            raise PermissionError("this view needs a courier")
        return account

    def mine(self, number: str) -> tuple[Parcel | None, bool]:
        """(parcel, whole address?) if this courier may see it.

        That is: it is in their hands, they have lately ended its way, or they have its label before
        them (then the whole address if it is there to be taken over).
        """
        desk, me = self.desk(), self.me().id
        parcel = desk.parcel(number)
        if parcel is None:
            return None, False
        at, how = standing(parcel, me), granted(me, number, desk.now())
        if at is Standing.MINE:
            return parcel, True
        if how:
            return parcel, how == SCANNED and at in (Standing.FREE, Standing.LEFT)
        return (parcel, False) if self._lately_mine(parcel) else (None, False)

    def _lately_mine(self, parcel: Parcel) -> bool:
        """Ended by this courier, and heard of within a week: later facts prolong nothing."""
        ended = ended_at(parcel)
        if done_by(parcel) != self.me().id or not ended:
            return False
        return from_text(self.desk().now()) - from_text(ended) <= LOOK_BACK


def closed() -> ResponseReturnValue:
    """The answer for a parcel that is neither in hand nor opened by its label."""
    return stop("请先扫这件邮件的面单", "只有在您手上的邮件，或刚扫过面单的邮件，才能打开。", 404)


def wrong_in(form: Form) -> ResponseReturnValue:
    """What a script is told of a form that cannot be recorded as it is."""
    if form.ok:
        words = "这一页不完整，请打开这件邮件重新报。"
        return verdict(Verdict.REFUSED, words, status=400)
    wrong = form.errors[0]
    return verdict(Verdict.REFUSED, wrong.message, status=400, field=wrong.field)


def again(words: str, number: str = "") -> ResponseReturnValue:
    """The answer while nothing can be recorded: what was typed, to be sent once more."""
    if wants_verdict():
        return verdict(Verdict.AGAIN, "系统暂时连不上，会自动再发。", status=503)
    page = render_template(
        "courier/app_again.html",
        words=words,
        number=number,
        action=request.path,
        kept=[(k, v) for k, v in request.form.items(multi=True) if k != "csrf_token"],
    )
    return page, 503


def stop(title: str, words: str, status: int, number: str = "") -> ResponseReturnValue:
    """A page that says why it does not go on, with the scan button under the thumb."""
    if wants_verdict():
        return verdict(Verdict.REFUSED, words, status=status)
    page = render_template("courier/app_stop.html", title=title, words=words, number=number)
    return page, status
