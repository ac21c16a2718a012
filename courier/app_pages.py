"""The courier's pages: scan or type, take over, say what became of it. For a thumb, in the sun.

Nothing here knows where parcels are kept: a :class:`courier.desk.CourierDesk` does. Every page
works without JavaScript, except that the camera needs it; typing the number is always there.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Flask, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cases.numbers import BadNumber
from cases.times import day_of
from courier import fetches
from courier.app_bags import add_bags
from courier.app_cards import Row, card, done_row, row
from courier.app_codes import BadCode, Found, look_for, proven
from courier.app_frame import DOOR, PLACE, ROLE, Pages, closed, rider, stop
from courier.app_grants import KEY as OPENED
from courier.app_grants import SCANNED, TYPED, grant
from courier.app_labels import add_labels
from courier.app_queue import add_queue
from courier.app_reports import add_reports, new_op
from courier.app_shell import add_shell
from courier.desk import CourierDesk
from courier.fetch_pages import add_fetches
from courier.look import allow_wasm, show_place
from courier.look.accounts import Accounts
from courier.look.devices import Devices
from courier.look.forms import Form
from courier.look.signin import current_account, signin_blueprint
from courier.parcels import Standing, standing, to_go_out
from labels.tokens import Purpose


def add_courier(
    app: Flask,
    desk: Callable[[], CourierDesk],
    accounts: Accounts,
    *,
    hint: str = "",
    devices: Devices | None = None,
) -> None:
    """Give an app the courier's pages, under ``/courier`` and ``/W``, and their sign-in by PIN.

    The app's ``init_look`` must be given :data:`courier.app_frame.SURFACES`.
    """
    pages = Pages(desk)
    blueprint = Blueprint(
        "courier",
        __name__,
        static_folder="static",
        static_url_path="/courier/static",
        template_folder="templates",
    )
    blueprint.before_request(lambda: show_place(PLACE))
    _add_pages(blueprint, pages)
    add_reports(blueprint, pages)
    add_bags(blueprint, pages)
    add_queue(blueprint, pages)
    add_labels(blueprint, pages)
    add_fetches(blueprint, pages)
    add_shell(blueprint)
    door = signin_blueprint(
        accounts,
        title="快递员登录",
        landing_endpoint="courier.home",
        pin=True,
        stay=True,
        name=DOOR,
        url_prefix="/courier/in",
        hint=hint,
        template="courier/app_signin.html",
        devices=devices,
        forgets=(OPENED,),
    )
    door.before_request(lambda: show_place(PLACE))
    app.register_blueprint(blueprint)
    app.register_blueprint(door)


def _add_pages(blueprint: Blueprint, pages: Pages) -> None:
    @blueprint.get("/courier/")
    @rider
    def home() -> ResponseReturnValue:
        return _home(pages, Form())

    @blueprint.get("/courier/scan")
    @rider
    @allow_wasm
    def scan() -> ResponseReturnValue:
        return render_template("courier/app_scan.html")

    @blueprint.get("/courier/find")
    @rider
    def find() -> ResponseReturnValue:
        return _find(pages, request.args.get("q", ""))

    @blueprint.get("/W/<token>")
    @blueprint.get("/w/<token>")
    def opened(token: str) -> ResponseReturnValue:
        account = current_account(DOOR)
        if account is None or ROLE not in account.roles:
            return render_template("courier/app_stranger.html", next=request.path)
        return _open_token(pages, token)

    @blueprint.get("/courier/parcels/<number>")
    @rider
    def parcel(number: str) -> ResponseReturnValue:
        return _parcel(pages, number)

    @blueprint.post("/courier/parcels/<number>/phone")
    @rider
    def phone(number: str) -> ResponseReturnValue:
        return _parcel(pages, number, reveal=True)


def _home(pages: Pages, form: Form, *, found: list[Row] | None = None) -> ResponseReturnValue:
    desk, me = pages.desk(), pages.me().id
    now = desk.now()
    in_hand = desk.in_hand(me)
    today = [p for p in desk.done(me) if day_of(p.changed_at) == day_of(now)]
    page = render_template(
        "courier/app_home.html",
        form=form,
        found=found,
        rows=[row(desk, parcel) for parcel in in_hand],
        to_go_out=len(to_go_out(in_hand, me, day_of(now))),
        op=new_op(),
        done=[done_row(parcel, now) for parcel in today],
    )
    return page, 200 if form.ok else 400


def _find(pages: Pages, text: str) -> ResponseReturnValue:
    """A label's code or number, or the last digits of a parcel in hand."""
    desk, me = pages.desk(), pages.me().id
    form = Form({"q": text})
    try:
        found = look_for(text, desk, me)
    except (BadCode, BadNumber) as problem:
        form.fail("q", problem.message_zh)
        return _home(pages, form)
    if found.token:
        return _open_token(pages, found.token)
    if found.manifest:
        return _open_bag(pages, found.manifest, TYPED)
    if not found.parcels:
        return _not_known(found)
    if len(found.parcels) > 1:
        return _home(pages, form, found=[row(desk, parcel) for parcel in found.parcels])
    number = found.parcels[0].number
    if found.label:
        grant(me, number, TYPED, desk.now())
    return redirect(url_for("courier.parcel", number=number))


def _open_token(pages: Pages, token: str) -> ResponseReturnValue:
    desk, me = pages.desk(), pages.me().id
    try:
        code = proven(token, desk)
    except BadCode as problem:
        return stop(problem.title, problem.message_zh, 400)
    number = code.target
    if code.purpose is Purpose.MANIFEST:
        return _open_bag(pages, number, SCANNED)
    if desk.parcel(number) is None:
        return _not_known(Found(number=number))
    grant(me, number, SCANNED, desk.now())
    return redirect(url_for("courier.parcel", number=number))


def _open_bag(pages: Pages, manifest: str, how: str) -> ResponseReturnValue:
    grant(pages.me().id, manifest, how, pages.desk().now())
    return redirect(url_for("courier.bag_of", manifest=manifest))


def _not_known(found: Found) -> ResponseReturnValue:
    if not found.number:
        return stop(
            "没有这个邮件号",
            "区中心没有这个号的邮件。请逐位核对面单；如果面单没错，多半是受理点还没联上网，过一会儿再查。",
            404,
        )
    return stop(
        "还不能揽收",
        "面单是真的，但寄件的受理点还没联上网，区中心还没收到这件邮件的信息。"
        "请让受理点联网以后再扫一次。",
        404,
        found.number,
    )


def _parcel(pages: Pages, number: str, *, reveal: bool = False) -> ResponseReturnValue:
    parcel, full = pages.mine(number)
    if parcel is None:
        return closed()
    if fetches.is_open(parcel):
        return redirect(url_for("courier.fetch", number=number))
    desk, me = pages.desk(), pages.me().id
    reveal = reveal and standing(parcel, me) is Standing.MINE
    if full and not parcel.to_point:
        desk.note_showing(number, "地址、电话" if reveal else "地址", me)
    shown = card(desk, parcel, me, full=full, reveal=reveal)
    return render_template("courier/app_parcel.html", card=shown, op=new_op())
