"""A matter's questions at its page, and the one-time notice (一次性告知书) that ends them."""

from __future__ import annotations

import hmac

from flask import Blueprint, abort, redirect, render_template, request
from flask.typing import ResponseReturnValue

from cases.catalogue import Matter
from cases.guide import Answers
from cases.times import shown
from courier.look import say
from courier.look.forms import Form
from courier.look.signin import needs
from labels import notice as paper
from node import guide_card, prints, visit_answers, visits
from node import staff as roles
from node.context import local, staff
from node.local import Local
from node.matter_card import HANDLING_ZH, days, fee
from node.receipt_pages import pdf
from node.served import SAMPLE_NOTE
from node.staff import CLERK

blueprint = Blueprint("guide", __name__, template_folder="templates")


@blueprint.post("/matters/<code>/answers")
@needs(*CLERK)
def answer(code: str) -> ResponseReturnValue:
    """Keep what was answered for the visit, which begins with it, and show what follows."""
    here, matter, form = local(), _matter(code), Form(request.form)
    given = guide_card.chosen(here, form, matter, staff().id)
    with here.writing() as w:
        visit = visits.ensure_open(w, staff().id)
    visit_answers.keep(here, visit, matter.code, given)
    if not request.headers.get("HX-Request"):
        return redirect(f"/matters/{matter.code}", 303)
    card = guide_card.matter_guide(here, matter, staff().id)
    act = f"/matters/{matter.code}/answers"
    return render_template("node/guide_now.html", form=form, guide=card, ticks=False, act=act)


@blueprint.get("/matters/<code>/notice.pdf")
@needs(*CLERK)
def notice_pdf(code: str) -> ResponseReturnValue:
    """The notice. What was told is recorded with the visit; every printing is noted."""
    here, matter, who = local(), _matter(code), staff().id
    given = guide_card.matter_answers(here, matter, who)
    found = here.guide.resolve(matter.materials, given)
    if found.open:
        say("还有问题没有问清楚：答完了才能打印告知书。", tone="amber")
        return redirect(f"/matters/{matter.code}", 303)
    copy = 1
    if request.method == "GET":
        visit = _record(here, matter, given, who)
        copy = prints.note_print(here, f"{visit}:{matter.code}", who)
    return pdf(paper.notice(make_notice(here, matter, given), copy=copy), f"{matter.code}.pdf")


def _record(here: Local, matter: Matter, given: Answers, actor: str) -> str:
    """Record once a visit that this was told. :returns: the visit's number."""
    told = here.guide.code_of(guide_card.concerned(here, matter, given))
    papers = [spec.name for spec in here.guide.resolve(matter.materials, given).needed]
    with here.writing() as w:
        visit = visits.ensure_open(w, actor)
        proof = hmac.digest(here.node.token_key, told.encode(), "sha256").hex()[:16]
        op = f"notice:{visit}:{matter.code}:{proof}"  # not the answers in clear
        if w.once(op) is None:
            w.done(op, visits.ask(w, matter, actor, told, papers))
    return visit


def _matter(code: str) -> Matter:
    matter = local().bundle.catalogue.get(code)
    if matter is None:
        abort(404)
    return matter


def make_notice(here: Local, matter: Matter, given: Answers) -> paper.Notice:
    """Everything that the notice says."""
    guide = here.guide
    told = guide_card.concerned(here, matter, given)
    names = roles.names(here.store, here.point.code)
    address = paper.guide_url(
        here.node.config.central.portal_url, here.point.number, matter.code, guide.code_of(told)
    )
    return paper.Notice(
        matter=matter.name,
        code=matter.code,
        address=address,
        papers=[
            paper.NoticePaper(spec.name, HANDLING_ZH[spec.handling], spec.copies, spec.note)
            for spec in guide.resolve(matter.materials, given).needed
        ],
        answers=guide.in_words(told),
        days=days(matter),
        fee=f"收费 {fee(matter)}" if matter.fee_yuan else "不收费",
        tips=matter.tips,
        point=here.point.name,
        printed_at=shown(here.now(), here.now()),
        clerk=names.get(staff().id, ""),
        phone=here.point.phone,
        note=SAMPLE_NOTE if here.bundle.catalogue.sample else "",
    )
