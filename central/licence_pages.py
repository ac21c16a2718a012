"""The supervisors' page of waived papers (免于提交): how many matters, calls, and licences found.

Every figure opens its list; a call shows who looked, for which case and purpose, never whose
licence it was.
"""

from __future__ import annotations

from contextlib import closing

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cases.catalogue import Matter
from cases.licences import has_waivable, is_waivable
from cases.numbers import SubjectKind, kind_of
from cases.times import shown
from central import licence_calls
from central.accounts import SUPERVISOR
from central.board_cards import Listing, Row, as_of, name_of
from central.board_pages import REFRESH_SECONDS
from central.context import bundle, district, now, store
from central.licence_calls import PURPOSES_ZH, RESULTS_ZH, Call, Counts
from central.licence_db import open_licence_db
from courier.look import show_place
from courier.look.cards import Light as Colour
from courier.look.cards import Stat
from courier.look.signin import refuse

blueprint = Blueprint(
    "licences", __name__, url_prefix="/board/licences", template_folder="templates"
)


@blueprint.before_request
def guard() -> ResponseReturnValue | None:
    """Supervisors only."""
    show_place("区中心监督看板")
    return refuse(SUPERVISOR, door="signin")


@blueprint.get("")
def show() -> ResponseReturnValue:
    """The figures, and the list behind one of them: matters, calls, or what was found."""
    which = request.args.get("which", "calls")
    if which not in ("calls", "found", "matters"):
        abort(404)
    with closing(open_licence_db(district().config.data)) as db:
        counts, by_matter = licence_calls.counts(db), licence_calls.by_matter(db)
        result = licence_calls.FOUND if which == "found" else ""
        calls = licence_calls.newest(db, result=result, matter=request.args.get("matter", ""))
    waivable = [m for m in bundle().catalogue.matters if has_waivable(m)]
    words, stale = as_of()
    return render_template(
        "central/board_licences.html",
        as_of=words,
        stale=stale,
        refresh=REFRESH_SECONDS,
        stats=_stats(len(waivable), counts),
        listing=_matters(waivable, by_matter) if which == "matters" else _calls(calls, which),
    )


def _stats(matters: int, counts: Counts) -> list[Stat]:
    share = f"{100 * counts.found // counts.calls}%" if counts.calls else "还没有调用"
    return [
        Stat(str(matters), "有可免交材料的事项", url_for("licences.show", which="matters")),
        Stat(str(counts.calls), "证照调用次数", url_for("licences.show")),
        Stat(str(counts.found), f"调用成功（{share}）", url_for("licences.show", which="found")),
    ]


def _matters(found: list[Matter], by_matter: dict[str, Counts]) -> Listing:
    none = Counts(0, 0)
    ordered = sorted(found, key=lambda m: (-by_matter.get(m.code, none).calls, m.code))
    return Listing(
        "有可免交材料的事项",
        ("事项", "名称", "可免交的材料", "调用", "成功"),
        tuple(_matter(m, by_matter.get(m.code, none)) for m in ordered),
        f"共 {len(found)} 个事项，调用多的在前",
        "没有可免交材料的事项",
    )


def _matter(matter: Matter, counts: Counts) -> Row:
    papers = "、".join(dict.fromkeys(m.name for m in matter.materials if is_waivable(m)))
    cells = (matter.name, papers, str(counts.calls), str(counts.found))
    return Row(matter.code, url_for("licences.show", matter=matter.code), cells)


def _calls(calls: list[Call], which: str) -> Listing:
    found = which == "found"
    return Listing(
        "查到的证照调用" if found else "证照调用",
        ("办件或来访", "证照", "事项", "用途", "谁查的", "时间"),
        tuple(_call(call) for call in calls),
        f"最近 {len(calls)} 次，新的在前；看不到是谁的证照",
        "还没有查到过证照" if found else "还没有调用过",
    )


def _call(call: Call) -> Row:
    catalogue = bundle().catalogue
    matter = catalogue.get(call.matter)
    types = {licence.code: licence.name for licence in catalogue.licences}
    who = "系统" if call.actor == "auto" else f"{name_of(call.point)} {call.actor}"
    cells = (
        types.get(call.licence, call.licence),
        matter.name if matter else call.matter,
        PURPOSES_ZH.get(call.purpose, call.purpose),
        who,
        shown(call.at, now()),
    )
    light: Colour = "green" if call.result == licence_calls.FOUND else "amber"
    word = RESULTS_ZH.get(call.result, "")
    return Row(call.subject or "—", _case_url(call.subject), cells, light, word)


def _case_url(subject: str) -> str:
    """The page of a case that is known; a visit has none."""
    if not subject or kind_of(subject) is not SubjectKind.CASE or store().case(subject) is None:
        return ""
    return url_for("board.case", number=subject)
