"""Checking an issued paper by its QR (查验真伪): what anybody may know of it, and nothing more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cases.documents import DocumentKind
from cases.folded import Case
from cases.issued import Issued, PaperKind, Standing
from cases.numbers import CENTRAL_NUMBER, parse_paper_number
from cases.points import UnknownPoint
from cases.states import CaseState
from cases.times import day_of, shown_day, shown_day_en
from central.context import bundle, store, today
from central.correction_desk import is_open
from central.notice_code import notice_of, paper_in
from central.qr import key_of
from courier.look.cards import ErrorCard
from courier.look.errors import error_page
from courier.look.surface import current_language
from courier.look.words import _
from labels.issuer import issuing_body, title_of
from labels.masking import mask_name
from labels.paper_code import PaperCode, read_paper
from labels.texts import wording
from labels.tokens import TokenError
from sync.said import said_or_nothing

blueprint = Blueprint("verify", __name__, template_folder="templates")
SET_ASIDE = "set_aside"


@dataclass(frozen=True)
class VerifyCard:
    """The finished page: whether the paper holds, and what stands on it."""

    verdict: str
    meaning: str
    tone: str
    title: str
    number: str
    facts: tuple[tuple[str, str], ...]
    case_url: str = ""
    correct_url: str = ""


@blueprint.get("/<any(V,v):door>/<code>")
def paper(door: str, code: str) -> ResponseReturnValue:
    """What a paper's code says: whose it is stays masked; a forged one learns nothing.

    That of a correction notice opens what it asks for; with ``check`` it is checked all the same.
    """
    try:
        read = read_paper(code, key_of)
    except TokenError:
        return error_page(_forged())
    if "check" not in request.args and notice_of(code):
        return redirect(url_for("correction.show", door=door, key=code), 303)
    case = store().case(read.case)
    found = paper_in(case, read) if case else None
    if case is not None and found is not None:
        card = _known(case, found, code)
    elif case is not None and _set_aside(case, read):
        card = _unheard(read, *_does_not_count())
    else:
        card = _unheard(read, *_follows(read.kind))
    return render_template("resident/portal_verify.html", card=card)


def _set_aside(case: Case, read: PaperCode) -> bool:
    return any(
        step.verdict == SET_ASIDE
        and read.names(parse_paper_number(str(step.data.get("paper_number"))))
        for step in case.steps
    )


def _known(case: Case, found: Issued, code: str) -> VerifyCard:
    verdict, meaning, tone = _verdict(case, found)
    rows = (
        (_("发出机关"), issuing_body(case, bundle().directory, bundle().catalogue, found)),
        (_("日期"), _day(day_of(found.at))),
        (_("办理事项"), case.title),
        (_("持有人") if found.is_result else _("申请人"), _holder(case)),
        (_("有效期至"), _until(found) if found.is_result else ""),
        (_("换发后的文号"), found.replaced_by),
        (_("印在纸上的原文号"), found.number_before),
    )
    return VerifyCard(
        verdict,
        meaning,
        tone,
        title_of(case, found, bundle().catalogue),
        found.number,
        tuple((term, value) for term, value in rows if value),
        url_for("portal.prove", door="case", key=case.number),
        url_for("correction.show", door="V", key=code) if notice_of(code) else "",
    )


def _verdict(case: Case, found: Issued) -> tuple[str, str, str]:
    if found.standing is Standing.VOID:
        return (
            _("已作废"),
            _("这份文书是我们发出的，后来作废了，不能再用。"),
            "red",
        )
    if found.standing is Standing.REPLACED:
        return (
            _("已换发，这一份失效了"),
            _("这份文书是我们发出的，后来换发了新的一份，请看新的那份。"),
            "red",
        )
    if found.kind is PaperKind.CORRECTION and not is_open(case):
        return _answered(case)
    if found.valid_until and found.valid_until < today().isoformat():
        return _("是真的，但已经过期"), _("这份文书是我们发出的，有效期已经过了。"), "amber"
    return (
        _("是真的，现在有效"),
        _("这份文书是我们发出的。请核对下面的内容和纸上的是不是一样。"),
        "green",
    )


def _answered(case: Case) -> tuple[str, str, str]:
    """Of a notice that asks for nothing any more."""
    if case.state is CaseState.LAPSED:
        return (
            _("是真的，但这次申请已经终止"),
            _("到期没有收到要补的材料，不能再补了。收下的原件会还给您。"),
            "amber",
        )
    return _("是真的，现在没有要补的"), _("要补的已经收到，或者已经在办了。"), "green"


def _follows(kind: PaperKind) -> tuple[str, str, str]:
    verdict = _("是我们的受理点印的，详情随后就到")
    if kind is PaperKind.CORRECTION:
        words = _(
            "二维码是真的。发出它的受理点线路暂时不通，恢复后扫码就能在手机上补。"
            "不想等，照纸上写的送到任何一个受理点也可以。"
        )
        return verdict, words, "amber"
    words = _(
        "二维码是真的。发出它的受理点线路暂时不通，恢复后这里会显示它是不是有效，请过一会儿再扫。"
    )
    return verdict, words, "amber"


def _does_not_count() -> tuple[str, str, str]:
    return (
        _("不算数"),
        _("这份文书是我们的受理点印的，但登记时没有被采纳，不能作为凭证。请联系印它的受理点。"),
        "red",
    )


def _unheard(read: PaperCode, verdict: str, meaning: str, tone: str) -> VerifyCard:
    """A paper whose fact is not known here or does not count: only what its code proves."""
    issuer, printer = _name(read.number.point_number), _name(read.printer)
    rows = ((_("发出的受理点"), issuer), (_("印它的受理点"), printer))
    number = read.number._replace(series="…").text
    return VerifyCard(verdict, meaning, tone, wording().of(read.kind).title, number, rows)


def _name(point_number: int) -> str:
    if point_number == CENTRAL_NUMBER:
        return _("区政务服务中心的自动审批")
    try:
        return bundle().directory.by_number(point_number).name
    except UnknownPoint:
        return _("不知道的受理点")


def _holder(case: Case) -> str:
    name = said_or_nothing(store(), case).get("name", "")
    return name if case.document == DocumentKind.CREDIT_CODE else mask_name(name)


def _until(found: Issued) -> str:
    if not found.valid_until:
        return _("长期有效")
    try:
        return _day(date.fromisoformat(found.valid_until))
    except ValueError:
        return found.valid_until


def _day(day: date) -> str:
    shown = shown_day_en if current_language() == "en" else shown_day
    return shown(day, today())


def _forged() -> ErrorCard:
    return ErrorCard(
        404,
        _("查不到这份文书"),
        _("这个二维码不是我们印的，或者没有扫完整。"),
        _("请把纸放平，对准二维码再扫一次；还是这样，请不要相信这份文书，打电话问发出它的机关。"),
        _("去首页"),
        "/",
    )
