"""The issued papers of a case as PDF (文书)."""

from __future__ import annotations

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue

from cases.folded import Material
from cases.issued import PaperKind
from cases.undertakings import day_owed
from courier.look.signin import needs
from labels.official import official
from node import issuing, prints, reveal, served
from node.case_page import STAFF, case_page, may_reveal, me, not_here
from node.context import local
from node.issued_rows import served_key
from node.people_card import said
from node.receipt_pages import pdf

HOLDER_SHOWN = "证照上的证件号码（打印）"
blueprint = Blueprint("papers", __name__, template_folder="templates")


@blueprint.get("/cases/<number>/papers/<step>.pdf")
@needs(*STAFF)
def paper_pdf(number: str, step: str) -> ResponseReturnValue:
    """One paper. Every printing is noted; from the second on it says that it is a reprint."""
    here = local()
    case = here.store.case(number)
    paper = issuing.find(case, step) if case else None
    if case is None or paper is None:
        return not_here(number)
    if problem := may_reveal(case):
        return case_page(case, problem=problem, status=403)
    try:
        made = issuing.says(here, case, paper)
    except issuing.CannotPrint as problem:
        return case_page(case, problem=str(problem), status=409)
    copy = 1
    if request.method == "GET":
        if paper.kind is PaperKind.CERTIFICATE:
            reveal.note(here, number, HOLDER_SHOWN, me().id)
        copy = prints.note_print(here, paper.event, me().id)
    return pdf(issuing.render(made, copy=copy), f"{number}-{step}.pdf")


@blueprint.get("/cases/<number>/served/<parcel>.pdf")
@needs(*STAFF)
def served_pdf(number: str, parcel: str) -> ResponseReturnValue:
    """The acknowledgement of service for what a parcel brought its recipient."""
    here = local()
    case = here.store.case(number)
    found = [p for p in here.store.parcels_of(number) if p.number == parcel and served.posted(p)]
    if case is None or not found:
        return not_here(number)
    if problem := may_reveal(case):
        return case_page(case, problem=problem, status=403)
    fields = said(here, case)
    if fields is None:
        return case_page(case, problem="本机看不到申请人，不能打印", status=409)
    made = served.by_mail(here, case, found[0], str(fields.get("name") or ""))
    copy = 1
    if request.method == "GET":
        copy = prints.note_print(here, served_key(case, found[0]), me().id)
    return pdf(official(made, copy=copy), f"{number}-{parcel}.pdf")


@blueprint.get("/matters/<code>/undertaking.pdf")
@needs(*STAFF)
def undertaking_pdf(code: str) -> ResponseReturnValue:
    """The undertaking for papers of a matter that are owed (``owed``: their positions)."""
    matter = local().bundle.catalogue.get(code)
    positions = set(request.args.getlist("owed", type=int))
    owed = [m.name for m in matter.materials if m.position in positions] if matter else []
    if matter is None or not owed:
        abort(404)
    made = issuing.undertaking(local(), matter, owed)
    return pdf(official(made), f"undertaking-{code}.pdf")


@blueprint.get("/cases/<number>/undertaking.pdf")
@needs(*STAFF)
def case_undertaking_pdf(number: str) -> ResponseReturnValue:
    """The undertaking for papers that a case still owes (``owed``: their positions)."""
    here = local()
    case = here.store.case(number)
    if case is None:
        return not_here(number)
    if problem := may_reveal(case):
        return case_page(case, problem=problem, status=403)
    matter = here.bundle.catalogue.get(case.matter)
    positions = set(request.args.getlist("owed", type=int))
    owed = [_owed(m) for m in case.materials if m.position in positions]
    fields = said(here, case)
    if matter is None or not owed or fields is None:
        abort(404)
    who = str(fields.get("name") or "")
    made = issuing.undertaking(here, matter, owed, case=case, who=who)
    copy = 1
    if request.method == "GET":
        copy = prints.note_print(here, f"{number}:undertaking", me().id)
    return pdf(official(made, copy=copy), f"undertaking-{number}.pdf")


def _owed(material: Material) -> str:
    day = day_owed(material)
    return f"{material.name}（最迟 {served.zh_day(day)}）" if day else material.name
