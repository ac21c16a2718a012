"""收件 on one screen: the applicant, the competent area, the route, the papers."""

from __future__ import annotations

import secrets
from contextlib import suppress
from dataclasses import dataclass, replace

from flask import Blueprint, abort, redirect, render_template, request
from flask.typing import ResponseReturnValue
from pysqlite3 import dbapi2 as sqlite3
from werkzeug.datastructures import MultiDict

from cases.catalogue import Matter
from cases.fold import WrongState
from cases.people import PERSON_DOCUMENTS
from cases.routing import OUTSIDE, OutsideDistrict, Route, needs_area
from cases.times import in_shanghai
from courier.look import show_address
from courier.look.forms import Form
from courier.look.signin import needs
from node import (
    card_pages,
    draft_scan_pages,
    draft_scans,
    drafts,
    guide_card,
    hand_offs,
    home_visits,
    licences,
    matter_card,
    recall,
    reception,
    reception_form,
    troubles,
    visit_answers,
    visits,
)
from node.begun import begun
from node.context import local, staff
from node.local import Local
from node.staff import CLERK
from sync.errors import DoorstepError, StorageError
from sync.seal import CannotUnseal

blueprint = Blueprint("reception", __name__, template_folder="templates")
NOT_KEPT = {"csrf_token", "op", "seen"}


@dataclass(frozen=True)
class Trouble:
    """Why a reception was not saved although nothing on the form is wrong."""

    title: str
    text: str


@blueprint.get("/reception/<code>")
@needs(*CLERK)
def fill_in(code: str) -> ResponseReturnValue:
    """The form: a new one, the draft that ``op`` names, or (``same``) for the same applicant."""
    matter = _matter(code)
    op = request.args.get("op", "")
    if not reception_form.OP.fullmatch(op):
        more = {"same": "1"} if request.args.get("same") else {}
        query = "&".join(f"{k}={v}" for k, v in {"op": new_op(), **more}.items())
        return redirect(f"/reception/{matter.code}?{query}", 303)
    if known := done(local(), op):  # somebody pressed "back" after receiving
        return redirect(f"/cases/{known}/received", 303)
    draft = drafts.find(local(), op, staff().id)
    same = request.args.get("same") == "1"
    typed = draft.fields if draft else begun(local(), staff().id, same=same)
    return _page(matter, form_of(typed), op)


@blueprint.post("/reception/<code>")
@needs(*CLERK)
def receive(code: str) -> ResponseReturnValue:
    """Check everything and receive the case, or say what is missing and keep what was typed."""
    here, matter, op = local(), _matter(code), request.form.get("op", "")
    if not reception_form.OP.fullmatch(op):
        abort(400)
    form = Form(request.form)
    if known := done(here, op):
        return _sent_again(here, matter, form, known)
    route = reception.route_of(here, matter, form.value("area"))
    if isinstance(route, OutsideDistrict):
        return _outside(here, matter, op)
    ready = read(here, matter, form, route, op)
    if ready is None:
        _keep_typed(here, matter, op)
        return _page(matter, form, op), 422
    if unseen := _running_unseen(here, matter):
        _keep_typed(here, matter, op)
        words = f"{'、'.join(unseen)} 还没有办完，见下面。是同一件就不用再收。"
        return _page(matter, form, op, Trouble("这位的同一事项正在办理", words)), 409
    try:
        number = reception.receive(here, ready, staff().id)
    except (StorageError, sqlite3.DatabaseError) as error:
        what, advice = troubles.words(error)
        return _page(matter, form, op, Trouble("没有保存成功", f"{what}。{advice}")), 503
    except (WrongState, DoorstepError) as error:
        return _page(matter, form, op, Trouble("没有收件", str(error))), 409
    hand_offs.end(here, hand_offs.DRAFT + op)
    _remember(here, matter, form)
    return redirect(f"/cases/{number}/received", 303)


def _running_unseen(here: Local, matter: Matter) -> list[str]:
    """The running cases of the same person and matter that the page has not shown yet."""
    seen = request.form.getlist("seen")
    numbers = recall.typed_numbers(here, request.form) if seen else []
    found = recall.here(here, matter.code, numbers, "") if numbers else None
    return [case.number for case in found.running if case.number not in seen] if found else []


def read(
    here: Local, matter: Matter, form: Form, route: Route, op: str, *, again: bool = False
) -> reception.Reception | None:
    """The checked reception. ``again``: it was received once, so no licence is looked up anew."""
    given = guide_card.reception_answers(here, form, matter, staff().id)
    papers = here.guide.resolve(matter.materials, given)
    taken = reception_form.taken_of(form, papers)
    missing = [spec for spec in papers.needed if spec.position not in taken]
    said, more = licences.known(here, form, matter, missing, op)
    new = {}
    if more and not again:
        looked = licences.look_up(here, form, matter, missing, op, staff().id)
        new = {p: each for p, each in looked.items() if p not in said}
        said = {p: each for p, each in looked.items() if p in said}
    ready = reception_form.read(form, matter, route, op, here.today(), papers, said, new)
    answers = here.guide.code_of(guide_card.concerned(here, matter, given))
    return ready and replace(ready, answers=answers, home=home_of(here, form))


def home_of(here: Local, form: Form) -> str:
    """The application from home that a form receives, or empty."""
    visit = home_visits.find(here.store, form.value("home"))
    return visit.number if visit else ""


def _sent_again(here: Local, matter: Matter, form: Form, number: str) -> ResponseReturnValue:
    """A form that was received already: the same again is that case, another text is not."""
    route = reception.route_of(here, matter, form.value("area"))
    again = read(here, matter, form, route, form.value("op"), again=True)
    try:
        same = again is not None and reception.is_what_was_received(here, number, again)
    except CannotUnseal:
        same = True  # nobody can tell any more; a second case would be worse
    if same:
        return redirect(f"/cases/{number}/received", 303)
    words = f"这张表已经收过一件：{number}。现在填的和它不一样，还没有收件；是另一件事，请核对。"
    op = new_op()
    _keep_typed(here, matter, op)
    return _page(matter, form, op, Trouble("这一件还没有收", words)), 409


def _keep_typed(here: Local, matter: Matter, op: str) -> None:
    """Keep a form that was not received, for who goes on and then back. The page comes anyway."""
    with suppress(sqlite3.DatabaseError):
        drafts.keep(here, op, staff().id, matter.code, typed_fields())


@blueprint.post("/reception/<code>/papers")
@needs(*CLERK)
def papers(code: str) -> ResponseReturnValue:
    """The questions still open and the papers that follow, for the page that stays open."""
    here, matter, op = local(), _matter(code), request.form.get("op", "")
    if not reception_form.OP.fullmatch(op):
        abort(400)
    form = Form(request.form)
    _remember(here, matter, form)
    if not request.headers.get("HX-Request"):
        return _page(matter, form, op)
    return render_template(
        "node/guide_now.html", form=form, guide=_guide(here, matter, form, op), ticks=True, act=""
    )


@blueprint.post("/reception/<code>/licences")
@needs(*CLERK)
def look_up(code: str) -> ResponseReturnValue:
    """Look up the licences of the papers, for the page that stays open: what to put beside each."""
    here, matter, op = local(), _matter(code), request.form.get("op", "")
    if not reception_form.OP.fullmatch(op) or not request.headers.get("HX-Request"):
        abort(400)
    form = Form(request.form)
    given = guide_card.reception_answers(here, form, matter, staff().id)
    needed = here.guide.resolve(matter.materials, given).needed
    said = licences.look_up(here, form, matter, needed, op, staff().id)
    return render_template("node/licences_now.html", cards=licences.cards(needed, said))


def _guide(here: Local, matter: Matter, form: Form, op: str) -> guide_card.GuideCard:
    given = guide_card.reception_answers(here, form, matter, staff().id)
    known = frozenset(guide_card.known_of(here, form, matter))
    card = guide_card.guide_card(here, matter, given, elsewhere=known)
    needed = here.guide.resolve(matter.materials, given).needed
    said, more = licences.known(here, form, matter, needed, op)
    beside = licences.cards(needed, said)
    papers = tuple(replace(paper, licence=beside.get(paper.position)) for paper in card.needed)
    return replace(card, needed=papers, looks=more)


def _remember(here: Local, matter: Matter, form: Form) -> None:
    """Keep what was answered for the visit being served, if there is one, and who comes."""
    visit = visits.current(here.store, staff().id, here.today())
    if visit:
        told = guide_card.told(here, form, matter, staff().id)
        visit_answers.keep(here, visit.number, matter.code, told)


@blueprint.get("/reception/<code>/route")
@needs(*CLERK)
def route(code: str) -> ResponseReturnValue:
    """The computed route for a chosen area, for the page that stays open."""
    here, matter = local(), _matter(code)
    found = reception.route_of(here, matter, request.args.get("area", ""))
    return render_template("node/route.html", route=matter_card.route_card(here, matter, found))


@blueprint.post("/drafts/<op>")
@needs(*CLERK)
def autosave(op: str) -> ResponseReturnValue:
    """Keep what was typed so far."""
    here, code = local(), request.args.get("matter", "")
    known = here.bundle.catalogue.get(code) or here.bundle.catalogue.bundle(code)
    if not reception_form.OP.fullmatch(op) or known is None:
        abort(400)
    if done(here, op):
        return "", 204
    kept = drafts.keep(here, op, staff().id, known.code, typed_fields())
    clock = in_shanghai(here.now()).strftime("%H:%M:%S")
    return f"已自动存草稿 {clock}" if kept else "内容太多，草稿没有存"


@blueprint.post("/drafts/<op>/drop")
@needs(*CLERK)
def drop(op: str) -> ResponseReturnValue:
    """Throw a draft away."""
    drafts.throw_away(local(), op, staff().id)
    draft_scans.drop_all(local(), op, staff().id)
    hand_offs.end(local(), hand_offs.DRAFT + op)
    return redirect("/", 303)


def org_documents() -> list[tuple[str, str]]:
    """What an organisation is known by; one that is being founded, by its head's document."""
    head, *others = reception_form.ORG_DOCUMENTS
    founded = [(kind.value, f"新设立，还没有代码：负责人的{kind.zh}") for kind in others]
    return [(head.value, head.zh), *founded]


def new_op() -> str:
    """A name for an operation that is to be done once."""
    return secrets.token_hex(8)


def typed_fields() -> dict[str, list[str]]:
    """What stands in the form that was sent, without its tokens."""
    return {name: values for name, values in request.form.lists() if name not in NOT_KEPT}


def _matter(code: str) -> Matter:
    matter = local().bundle.catalogue.get(code)
    if matter is None:
        abort(404)
    return matter


def form_of(typed: dict[str, list[str]]) -> Form:
    """A form with what a draft holds."""
    return Form(MultiDict((name, value) for name, values in typed.items() for value in values))


def done(here: Local, op: str) -> str | None:
    """The (first) case that a form has become, or None."""
    row = here.store.db.execute(
        "SELECT answer FROM operations WHERE op IN (?, ?)", [f"receive:{op}", f"bundle:{op}"]
    ).fetchone()
    return str(row[0]) if row else None


def _outside(here: Local, matter: Matter, op: str) -> ResponseReturnValue:
    """Not ours: say where to go, count it as a question, and keep what was typed."""
    drafts.keep(here, op, staff().id, matter.code, typed_fields())
    with here.writing() as w:
        if w.once(f"outside:{op}") is None:
            w.done(f"outside:{op}", visits.ask(w, matter, staff().id))
    back = f"/reception/{matter.code}?op={op}"
    show_address(back)
    return render_template(
        "node/outside.html",
        matter=matter_card.matter_card(here, matter),
        guide=_guide(here, matter, Form(request.form), op),
        question=matter_card.area_question(matter),
        where=matter_card.where_to_go(matter),
        back=back,
        op=op,
    )


def _page(matter: Matter, form: Form, op: str, trouble: Trouble | None = None) -> str:
    here = local()
    show_address(f"/reception/{matter.code}?op={op}")
    found = reception.route_of(here, matter, form.value("area"))
    asks = needs_area(matter)
    kinds = reception_form.kinds(matter)
    visit = visits.current(here.store, staff().id, here.today())
    numbers = recall.typed_numbers(here, {n: form.value(n) for n in recall.FIELDS})
    numbers = numbers or recall.of_visit(here, visit)
    served = visit.number if visit else ""
    return render_template(
        "node/reception.html",
        known=recall.card(here, (matter.code,), numbers, served) if numbers else None,
        form=form,
        op=op,
        trouble=trouble,
        matter=matter_card.matter_card(here, matter),
        guide=_guide(here, matter, form, op),
        ticks=True,
        act="",
        route=matter_card.route_card(here, matter, found),
        asks_area=asks,
        areas=matter_card.area_groups(here, matter) if asks else (),
        question=matter_card.area_question(matter),
        outside=OUTSIDE,
        basis=matter_card.BASIS_ZH[matter.basis],
        kinds=kinds,
        documents=[(kind.value, kind.zh) for kind in PERSON_DOCUMENTS],
        org_documents=org_documents(),
        others=[d for d in drafts.of_actor(here, staff().id) if _other(d, matter, op)],
        facts=card_pages.facts_zh(form),
        earlier=card_pages.earlier_of(form) if not form.value("phone") else None,
        contact=None,
        scans=draft_scan_pages.card(matter, op),
        phones=bool(here.node.config.phone.url),
        reader=bool(here.node.config.reader.url),
        same=bool(visit and visits.cases_of(here.store, visit.number)) and not form.value("name"),
    )


def _other(draft: drafts.Draft, matter: Matter, op: str) -> bool:
    return draft.matter == matter.code and draft.op != op
