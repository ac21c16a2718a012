"""What one press of a button says of several parcels: a point's bag taken over, all taken out.

Each parcel has an operation of its own, derived from the form's. So a form that is sent again,
also one whose line broke in the middle, goes on where it stopped and counts once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cases.fields import BadField
from cases.fold import WrongState
from cases.folded import Parcel
from cases.manifests import bag
from cases.times import day_of
from courier.app_cards import Row, row, split, step_of
from courier.app_forms import checked
from courier.app_frame import Pages, again, rider, stop
from courier.app_grants import granted, note, noted
from courier.app_reports import new_op
from courier.app_verdicts import Verdict, verdict, wants_verdict
from courier.desk import CourierDesk, NotRecorded
from courier.look import say
from courier.look.forms import Form
from courier.parcels import (
    Report,
    Said,
    Standing,
    check_op,
    check_when,
    op_for,
    refusal,
    standing,
    to_go_out,
)

COUNT_MAX = 999


@dataclass(frozen=True)
class Bag:
    """A point's bag: what is to be found in it, and what of its manifest is settled already."""

    manifest: str
    sender: str
    rows: tuple[Row, ...]
    mine: int
    gone: tuple[str, ...]


@dataclass(frozen=True)
class Taken:
    """What one press has done: how many were taken over, the last digits of those missing."""

    taken: int
    missing: tuple[str, ...]
    refused: tuple[str, ...]


def add_bags(blueprint: Blueprint, pages: Pages) -> None:
    """Register the pages on the courier's blueprint."""

    @blueprint.post("/courier/out")
    @rider
    def all_out() -> ResponseReturnValue:
        return _all_out(pages)

    @blueprint.get("/courier/bags/<manifest>")
    @rider
    def bag_of(manifest: str) -> ResponseReturnValue:
        return _opened(pages, manifest, lambda listed: _page(pages, manifest, listed, Form()))

    @blueprint.post("/courier/bags/<manifest>")
    @rider
    def take_bag(manifest: str) -> ResponseReturnValue:
        return _opened(pages, manifest, lambda listed: _take(pages, manifest, listed))

    @blueprint.get("/courier/bags/<manifest>/done")
    @rider
    def bag_taken(manifest: str) -> ResponseReturnValue:
        op = request.args.get("op", "")
        return _opened(pages, manifest, lambda listed: _done(pages, manifest, listed, op))


def _opened(
    pages: Pages, manifest: str, answer: Callable[[Sequence[Parcel]], ResponseReturnValue]
) -> ResponseReturnValue:
    """Only who has the manifest before them sees what it lists, and only for a while."""
    if not _may_open(pages, manifest):
        return stop("请先扫交接单", "整袋签收，要先扫这一袋的交接单上的二维码。", 404)
    listed = pages.desk().on_manifest(manifest)
    if not listed:
        return stop(
            "还不能整袋签收",
            "交接单是真的，但打印它的受理点还没联上网，清单还没有传到区中心。"
            "请过一会儿再扫；急着走的，请一件一件扫面单，联网后会自动补上。",
            404,
            manifest,
        )
    return answer(listed)


def _may_open(pages: Pages, manifest: str) -> bool:
    """By the manifest just scanned, or by the note in a form that was opened by it."""
    me, now = pages.me().id, pages.desk().now()
    try:
        when = check_when(request.form.get("when", ""), now)
    except BadField:
        when = now
    return bool(granted(me, manifest, now)) or noted(
        me, manifest, request.form.get("opened", ""), when
    )


def _page(pages: Pages, manifest: str, listed: Sequence[Parcel], form: Form) -> ResponseReturnValue:
    desk, me = pages.desk(), pages.me().id
    if wants_verdict():
        return verdict(Verdict.REFUSED, form.errors[0].message, status=400)
    if not form.ok:
        op, ticked = form.value("op"), set(form.values("parcel"))
    else:
        op, ticked = new_op(), {parcel.number for parcel in listed}
    card = _bag(desk, manifest, listed, me)
    opened = note(me, manifest, desk.now())
    page = render_template(
        "courier/app_bag.html", card=card, form=form, op=op, ticked=ticked, opened=opened
    )
    return page, 200 if form.ok else 400


def _bag(desk: CourierDesk, manifest: str, listed: Sequence[Parcel], me: str) -> Bag:
    waiting = bag(listed, manifest)
    others = [parcel for parcel in listed if parcel not in waiting]
    mine = [parcel for parcel in others if standing(parcel, me) is Standing.MINE]
    return Bag(
        manifest,
        desk.sender(listed[0]).name,
        tuple(row(desk, parcel) for parcel in waiting),
        len(mine),
        tuple(_gone(parcel, me) for parcel in others if parcel not in mine),
    )


def _gone(parcel: Parcel, me: str) -> str:
    why = refusal(parcel, Report.TAKEN_OVER, me) or "不在这一袋的清单上了，请单独扫面单。"
    return f"尾号 {split(parcel)[1]}：{why}"


def _take(pages: Pages, manifest: str, listed: Sequence[Parcel]) -> ResponseReturnValue:
    desk, form = pages.desk(), Form(request.form)
    op = checked(form, "op", check_op) or ""
    when = checked(form, "when", lambda text: check_when(text, desk.now())) or desk.now()
    begun = [parcel for parcel in listed if step_of(parcel, op_for(op, parcel.number))]
    waiting = bag(listed, manifest)
    ticked = set(form.choices("parcel", [parcel.number for parcel in listed]))
    if not begun:
        _counted(form, len(ticked), len(waiting))
    if not form.ok:
        return _page(pages, manifest, listed, form)
    reports = [
        Said(
            Report.TAKEN_OVER if parcel.number in ticked else Report.MISSING,
            op_for(op, parcel.number), when, manifest=manifest,
        )
        for parcel in waiting
    ]  # fmt: skip
    if not _record(desk, pages.me().id, [*zip(waiting, reports, strict=True)]):
        return again("整袋签收")
    url = url_for("courier.bag_taken", manifest=manifest, op=op)
    if not wants_verdict():
        return redirect(url, 303)
    told = _what_was_done(desk.on_manifest(manifest), op, pages.me().id)
    if told is None:
        return verdict(Verdict.REFUSED, "这一袋没有可以签收的了。", status=409, url=url)
    return verdict(Verdict.COUNTED, _words(told), url=url)


def _counted(form: Form, ticked: int, listed: int) -> None:
    """What was counted in the bag, and what was ticked on the list, must be the same."""
    count = form.checked("count", _whole, form.value("count"))
    if count is None or count == ticked:
        return
    if count > ticked == listed:
        form.fail(
            "count",
            f"您数了 {count} 件，清单上只有 {listed} 件。多出来的请拿出来，一件一件扫面单；"
            "受理点刚打印的，也可能还没传到区中心。",
        )
    else:
        form.fail("count", f"您数了 {count} 件，勾了 {ticked} 件。不在袋里的请去掉勾，再核对一遍。")


def _whole(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text[:6]) > COUNT_MAX:
        raise BadField("count", "请数一数袋里有几件，填个数字。", "count what is in the bag")
    return int(text)


def _record(desk: CourierDesk, me: str, reports: Sequence[tuple[Parcel, Said]]) -> bool:
    """Record one report a parcel; one that cannot be is left to the page that tells what was done.

    :returns: whether all were tried; the line broke otherwise, and the same form goes on.
    """
    for parcel, said in reports:
        try:
            desk.report(parcel.number, said, me)
        except WrongState:
            continue
        except NotRecorded:
            return False
    return True


def _what_was_done(listed: Sequence[Parcel], op: str, me: str) -> Taken | None:
    taken, missing, refused = 0, [], []
    for parcel in listed:
        step = step_of(parcel, op_for(op, parcel.number))
        if step is None or step.actor != me:
            continue
        if step.verdict != "ok":
            refused.append(f"尾号 {split(parcel)[1]}：{step.reason}")
        elif step.type == Report.MISSING.value:
            missing.append(split(parcel)[1])
        else:
            taken += 1
    found = Taken(taken, tuple(missing), tuple(refused))
    return found if taken or missing or refused else None


def _done(pages: Pages, manifest: str, listed: Sequence[Parcel], op: str) -> ResponseReturnValue:
    told = _what_was_done(listed, op, pages.me().id)
    if told is None:
        return redirect(url_for("courier.bag_of", manifest=manifest))
    return render_template("courier/app_bag_done.html", told=told, words=_words(told))


def _words(told: Taken) -> str:
    missing = f"，{len(told.missing)} 件不在袋里" if told.missing else ""
    return f"已揽收 {told.taken} 件{missing}"


def _all_out(pages: Pages) -> ResponseReturnValue:
    desk, me, form = pages.desk(), pages.me().id, Form(request.form)
    op = checked(form, "op", check_op) or ""
    when = checked(form, "when", lambda text: check_when(text, desk.now())) or desk.now()
    if not form.ok:
        return stop("没有记下", form.errors[0].message, 400)
    in_hand = desk.in_hand(me)
    begun = sum(step_of(p, op_for(op, p.number)) is not None for p in in_hand)
    going = [
        (parcel, Said(Report.OUT, op_for(op, parcel.number), when))
        for parcel in to_go_out(in_hand, me, day_of(desk.now()))
        if step_of(parcel, op_for(op, parcel.number)) is None
    ]
    if not _record(desk, me, going):
        return again("全部派送")
    words = f"{begun + len(going)} 件开始派送"
    if wants_verdict():
        return verdict(Verdict.COUNTED, words, url=url_for("courier.home"))
    say(words)
    return redirect(url_for("courier.home"), 303)
