"""上门取件 on the courier's phone: what waits, one errand, the list of papers to tick off."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cases.fold import WrongState
from cases.folded import Parcel
from cases.states import ParcelState
from cases.times import day_of
from courier.app_cards import next_choices, split, step_of, why_words
from courier.app_frame import Pages, again, rider, stop, wrong_in
from courier.app_reports import new_op, recorded
from courier.app_verdicts import wants_verdict
from courier.desk import NotRecorded
from courier.fetches import RULE, Errand, Home, is_open, may_go, refusal, standing, when_zh
from courier.look.cards import Choice
from courier.look.forms import Form
from courier.parcels import (
    NOTE_CHARS_MAX,
    WHY_AT_THE_DOOR,
    WHY_ZH,
    Report,
    Said,
    Why,
    check_next,
    check_op,
    check_when,
    dialable,
)
from labels.masking import mask_address, mask_name, mask_phone


@dataclass(frozen=True)
class FetchRow:
    """An errand in the list: when, roughly where."""

    number: str
    when: str
    place: str
    words: str
    mine: bool


@dataclass(frozen=True)
class FetchCard:
    """One errand. The whole address only for who said that they go."""

    number: str
    head: str
    tail: str
    when: str
    name: str
    region: str
    place: str
    phone: str
    tel: str
    note: str
    papers: tuple[tuple[str, str], ...]
    to: str
    mine: bool
    words: str


def add_fetches(blueprint: Blueprint, pages: Pages) -> None:
    """Register the pages on the courier's blueprint."""

    @blueprint.get("/courier/fetches")
    @rider
    def fetches() -> ResponseReturnValue:
        return _list(pages)

    @blueprint.get("/courier/fetches/<number>")
    @rider
    def fetch(number: str) -> ResponseReturnValue:
        return _open(pages, number, lambda parcel: _page(pages, parcel))

    @blueprint.post("/courier/fetches/<number>/phone")
    @rider
    def fetch_phone(number: str) -> ResponseReturnValue:
        return _open(pages, number, lambda parcel: _page(pages, parcel, reveal=True))

    @blueprint.post("/courier/fetches/<number>/accept")
    @rider
    def fetch_accept(number: str) -> ResponseReturnValue:
        return _open(pages, number, lambda parcel: _accept(pages, parcel))

    @blueprint.post("/courier/fetches/<number>/collect")
    @rider
    def fetch_collect(number: str) -> ResponseReturnValue:
        return _open(pages, number, lambda parcel: _collect(pages, parcel))

    @blueprint.route("/courier/fetches/<number>/failed", methods=["GET", "POST"])
    @rider
    def fetch_failed(number: str) -> ResponseReturnValue:
        return _open(pages, number, lambda parcel: _failed(pages, parcel))


def _open(
    pages: Pages, number: str, view: Callable[[Parcel], ResponseReturnValue]
) -> ResponseReturnValue:
    """An errand that is open, or what has become of it."""
    desk = pages.desk()
    parcel = desk.parcel(number)
    op = request.form.get("op", "")
    step = step_of(parcel, op) if parcel is not None and op else None
    if step is not None and step.actor == pages.me().id:  # the same press again
        return _recorded(pages, number, op)
    if parcel is not None and not is_open(parcel) and pages.mine(number)[0]:
        return _collected(number)
    if parcel is None or not is_open(parcel):
        return stop("不用上门了", "这次上门取件已经取到，或者受理点取消了。", 404)
    return view(parcel)


def _collected(number: str) -> ResponseReturnValue:
    """What was fetched is a parcel in hand."""
    if request.method == "POST":
        return stop("已经取到了", "这次上门取件已经取到，请打开这件邮件看看。", 409, number)
    return redirect(url_for("courier.parcel", number=number))


def _list(pages: Pages) -> ResponseReturnValue:
    desk, me = pages.desk(), pages.me().id
    rows = [_row(pages, parcel) for parcel in desk.fetches() if may_go(parcel, me)]
    rows.sort(key=lambda row: (not row.mine, row.when))
    return render_template("courier/app_fetches.html", rows=rows)


def _row(pages: Pages, parcel: Parcel) -> FetchRow:
    home = pages.desk().home(parcel)
    mine = standing(parcel, pages.me().id) is Errand.MINE
    place = mask_address(home.address) if home else "（已不保存）"
    return FetchRow(parcel.number, _when(pages, home), place, _words(parcel, mine=mine), mine)


def _when(pages: Pages, home: Home | None) -> str:
    today = day_of(pages.desk().now())
    return (when_zh(home.day, home.hours, today) if home else "") or "时间问受理点"


def _words(parcel: Parcel, *, mine: bool) -> str:
    if parcel.state is ParcelState.FAILED:
        return f"上次没取到：{why_words(parcel.failure)}"
    return "您已接单" if mine else "等快递员接单"


def _page(
    pages: Pages, parcel: Parcel, *, reveal: bool = False, form: Form | None = None,
    step: str = "ask",
) -> ResponseReturnValue:  # fmt: skip
    if wants_verdict():
        return wrong_in(form or Form())
    desk, me = pages.desk(), pages.me().id
    mine = standing(parcel, me) is Errand.MINE
    if mine:
        desk.note_showing(parcel.number, "地址、电话" if reveal else "地址", me)
    form = form or Form({"op": new_op()})
    page = render_template(
        "courier/app_fetch.html", card=_card(pages, parcel, mine=mine, reveal=reveal and mine),
        form=form, step=step, rule=RULE,
    )  # fmt: skip
    return page, 200 if form.ok else 400


def _card(pages: Pages, parcel: Parcel, *, mine: bool, reveal: bool) -> FetchCard:
    desk = pages.desk()
    home = desk.home(parcel) or Home("（已不保存）", "", "", "（已不保存）", "", "")
    head, tail = split(parcel)
    names = (str(content.get("name", "")) for content in parcel.contents)
    return FetchCard(
        number=parcel.number,
        head=head,
        tail=tail,
        when=_when(pages, home),
        name=mask_name(home.name),
        region=home.region,
        place=home.address if mine else mask_address(home.address),
        phone=home.phone if reveal else mask_phone(home.phone),
        tel=dialable(home.phone) if reveal else "",
        note=home.note if mine else "",
        papers=tuple((str(place), name) for place, name in enumerate(names)),
        to=desk.sender(parcel).name,
        mine=mine,
        words=_words(parcel, mine=mine),
    )


def _accept(pages: Pages, parcel: Parcel) -> ResponseReturnValue:
    form = Form(request.form)
    said = _said(form, pages, Report.FETCH_ACCEPTED)
    if said is None:
        return stop("没有记下", form.errors[0].message, 400)
    if against := refusal(parcel, pages.me().id, accepts=True):
        return stop("没有接单", against, 409)
    return _record(pages, parcel, said)


def _said(form: Form, pages: Pages, report: Report) -> Said | None:
    now = pages.desk().now()
    op = form.checked("op", check_op, form.value("op"))
    when = form.checked("when", lambda text: check_when(text, now), form.value("when"))
    return Said(report, op or "", when or now) if form.ok else None


def _collect(pages: Pages, parcel: Parcel) -> ResponseReturnValue:
    form = Form(request.form)
    said = _said(form, pages, Report.TAKEN_OVER)
    if said is None:
        return stop("没有记下", form.errors[0].message, 400)
    if against := refusal(parcel, pages.me().id, accepts=False):
        return stop("没有记下", against, 409)
    there = {str(place) for place in range(len(parcel.contents))}
    found = tuple(sorted(int(place) for place in form.values("collected") if place in there))
    if not found:
        form.fail("collected", "一样也没有取到？请按“没取到”。")
        return _page(pages, parcel, form=form)
    if form.value("sure") != "yes":
        return _page(pages, parcel, form=form, step="sure")
    collected = Said(said.report, said.op, said.when, collected=found)
    return _record(pages, parcel, collected)


def _failed(pages: Pages, parcel: Parcel) -> ResponseReturnValue:
    me = pages.me().id
    if request.method != "POST" and may_go(parcel, me):  # the phone keeps it for after accepting
        return _failed_form(pages, parcel, Form({"op": new_op()}))
    if against := refusal(parcel, me, accepts=False):
        return stop("现在不能报", against, 409)
    form = Form(request.form)
    said = _said(form, pages, Report.FAILED)
    why = form.choice("why", [w.value for w in WHY_AT_THE_DOOR], missing_zh="请选没取到的原因")
    when = said.when if said else pages.desk().now()
    day = form.checked("next", lambda text: check_next(text, when), form.value("next"))
    note = form.text("note", required=False, chars_max=NOTE_CHARS_MAX)
    if why == Why.OTHER.value and not note:
        form.fail("note", "选了“其他原因”，请写一句是什么原因")
    if said is None or not form.ok:
        return _failed_form(pages, parcel, form)
    told = Said(said.report, said.op, said.when, why=Why(why), next=day, note=note)
    return _record(pages, parcel, told)


def _failed_form(pages: Pages, parcel: Parcel, form: Form) -> ResponseReturnValue:
    if wants_verdict():
        return wrong_in(form)
    head, tail = split(parcel)
    page = render_template(
        "courier/app_fetch_failed.html",
        number=parcel.number,
        head=head,
        tail=tail,
        form=form,
        reasons=[Choice(why.value, _why(why)) for why in WHY_AT_THE_DOOR],
        days=next_choices(pages.desk().now()),
    )
    return page, 200 if form.ok else 400


def _why(why: Why) -> str:
    return "约了改天再来" if why is Why.LATER else WHY_ZH[why]


def _record(pages: Pages, parcel: Parcel, said: Said) -> ResponseReturnValue:
    try:
        pages.desk().report(parcel.number, said, pages.me().id)
    except WrongState as refused:
        return stop("没有记下", str(refused), 409)
    except NotRecorded:
        return again("上门取件", parcel.number)
    return _recorded(pages, parcel.number, said.op)


def _recorded(pages: Pages, number: str, op: str) -> ResponseReturnValue:
    """Whoever goes there sees the address next."""
    accepted = request.path == url_for("courier.fetch_accept", number=number)
    then = url_for("courier.fetch", number=number) if accepted else ""
    return recorded(pages, number, op, then)
