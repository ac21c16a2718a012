"""The list of a one-time notice on a phone: what to bring, for what was answered at a window.

The address holds a matter and codes of answers, nothing of anybody: no case, no name, no secret.
So it needs no proof, and may be handed on.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, abort, make_response, render_template
from flask.typing import ResponseReturnValue

from cases.catalogue import Handling, MaterialSpec, Matter
from cases.guide import Guide
from cases.points import Point
from central.context import bundle
from central.paper_names import kind_in_english
from central.sample_cards import sample_of
from courier.look.cards import SampleCard
from courier.look.surface import current_language
from courier.look.words import _
from sync.bundle import load_bundle

blueprint = Blueprint("guide", __name__, template_folder="templates")
POINT_MAX = 999


@dataclass(frozen=True)
class PaperCard:
    """One paper to bring: its name, its kind in English, what becomes of it, what to mind."""

    name: str
    kind: str
    handling: str
    note: str
    picture: SampleCard


@dataclass(frozen=True)
class ListCard:
    """Everything that the page says."""

    title: str
    papers: tuple[PaperCard, ...]
    open_questions: tuple[str, ...]
    open_papers: tuple[str, ...]
    answers: tuple[tuple[str, str], ...]
    facts: tuple[tuple[str, str], ...]
    steps: tuple[str, ...]
    tips: str
    place: str
    phone: str
    sample: bool
    apply_url: str


@blueprint.get("/<any(G,g):door>/<point>/<code>/<answers>")
def papers(door: str, point: str, code: str, answers: str) -> ResponseReturnValue:
    """The list for a matter and answers, as a notice's QR names them."""
    matter = bundle().catalogue.get(code.upper())
    if matter is None:
        abort(404)
    page = render_template("resident/portal_guide.html", card=_card(matter, answers, _point(point)))
    return make_response(page)


def _point(number: str) -> Point | None:
    known = number.isascii() and number.isdigit() and int(number[:3]) <= POINT_MAX
    points = bundle().directory.points if known else ()
    return next((p for p in points if p.number == int(number[:3])), None)


def guide_in_use() -> Guide:
    """The guide in use; the product's own where the one in use has no questions yet."""
    guide = bundle().guide
    return guide if guide.questions else load_bundle().guide


def _card(matter: Matter, code: str, point: Point | None) -> ListCard:
    guide, english = guide_in_use(), current_language() == "en"
    given = guide.answers_of(code)
    if matter.applicant != "both":
        given["kind"] = frozenset({matter.applicant.value})
    concerned = {q.id: given[q.id] for q in guide.concerned(matter) if q.id in given}
    found = guide.resolve(matter.materials, given)
    return ListCard(
        title=matter.name,
        papers=tuple(_paper(spec) for spec in found.needed),
        open_questions=tuple(q.english if english else q.text for q in found.questions),
        open_papers=tuple(spec.name for spec in found.open),
        answers=guide.in_words(concerned, english=english),
        facts=((_("时限"), days_of(matter)), (_("收费"), fee_of(matter))),
        steps=matter.guide,
        tips=matter.tips,
        place=point.name if point else "",
        phone=point.phone if point else "",
        sample=bundle().catalogue.sample,
        apply_url=f"/apply/{matter.code}",
    )


def _paper(spec: MaterialSpec) -> PaperCard:
    handling = {
        Handling.LOOKED_AT: _("核对后当场退还"),
        Handling.COPY_KEPT: _("收复印件"),
        Handling.ORIGINAL_KEPT: _("收原件"),
        Handling.ELECTRONIC: _("电子材料"),
    }[spec.handling]
    if spec.copies > 1:
        handling = _("%(how)s，%(n)s 份", how=handling, n=spec.copies)
    kind = kind_in_english(spec.name) if current_language() == "en" else ""
    return PaperCard(spec.name, kind, handling, spec.note, sample_of(spec))


def days_of(matter: Matter) -> str:
    """How long it takes."""
    if matter.immediate:
        return _("当场办结")
    if matter.day_unit == "working":
        return _("承诺 %(n)s 个工作日", n=matter.promised_days)
    return _("承诺 %(n)s 天", n=matter.promised_days)


def fee_of(matter: Matter) -> str:
    """What it costs, and how that is paid."""
    if not matter.fee_yuan:
        return _("不收费")
    if matter.fee_reference:
        paid = {"n": matter.fee_yuan, "code": matter.fee_reference}
        return _("%(n)s 元，缴款项目 %(code)s，扫码缴款，窗口不收现金", **paid)
    return _("%(n)s 元，扫码缴款，窗口不收现金", n=matter.fee_yuan)
