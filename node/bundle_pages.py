"""一件事 at the window: several matters ticked, asked about and received on one screen."""

from __future__ import annotations

from contextlib import suppress

from flask import Blueprint, abort, redirect, render_template, request
from flask.typing import ResponseReturnValue
from pysqlite3 import dbapi2 as sqlite3

from cases.catalogue import Bundle, Matter
from cases.fold import WrongState
from cases.people import PERSON_DOCUMENTS
from cases.routing import OutsideDistrict
from courier.look import show_address
from courier.look.forms import Form
from courier.look.signin import needs
from node import (
    bundle_card,
    bundles,
    card_pages,
    drafts,
    guide_card,
    matter_card,
    recall,
    reception,
    reception_form,
    reception_pages,
    troubles,
    visit_answers,
    visits,
)
from node.begun import begun
from node.bundle_card import Chosen
from node.context import local, staff
from node.local import Local
from node.reception import Reception
from node.reception_pages import Trouble
from node.staff import CLERK
from sync.errors import DoorstepError, StorageError

blueprint = Blueprint("bundles", __name__, template_folder="templates")


@blueprint.get("/bundles/<code>")
@needs(*CLERK)
def fill_in(code: str) -> ResponseReturnValue:
    """A bundle's page, which is its form: a new one, or the draft that ``op`` names."""
    here, bundle, op = local(), _bundle(code), request.args.get("op", "")
    if not reception_form.OP.fullmatch(op):
        more = "&same=1" if request.args.get("same") else ""
        return redirect(f"/bundles/{bundle.code}?op={reception_pages.new_op()}{more}", 303)
    if known := reception_pages.done(here, op):
        return redirect(f"/cases/{known}/received", 303)
    draft = drafts.find(here, op, staff().id)
    same = request.args.get("same") == "1"
    typed = draft.fields if draft else begun(here, staff().id, same=same)
    return _page(bundle, reception_pages.form_of(typed), op)


@blueprint.post("/bundles/<code>/now")
@needs(*CLERK)
def now(code: str) -> ResponseReturnValue:
    """What follows from what was ticked and answered, for the page that stays open."""
    here, bundle, op = local(), _bundle(code), _op()
    it = bundle_card.chosen_of(here, bundle, request.form)
    _remember(here, it)
    if not request.headers.get("HX-Request"):
        return _page(bundle, Form(request.form), op)
    card = bundle_card.bundle_now(here, it, request.form, staff().id)
    return render_template(
        "node/bundle_now.html", form=Form(request.form), now=card, guide=card.guide, ticks=True,
        act="",
    )  # fmt: skip


@blueprint.post("/bundles/<code>")
@needs(*CLERK)
def receive(code: str) -> ResponseReturnValue:
    """Check everything and receive every ticked matter, or none and say what is missing."""
    here, bundle, op = local(), _bundle(code), _op()
    form = Form(request.form)
    if known := reception_pages.done(here, op):
        return redirect(f"/cases/{known}/received", 303)
    it = bundle_card.chosen_of(here, bundle, request.form)
    if not it.matters:
        form.fail("matter", "一个事项也没有勾，请勾上要办的。")
    ready = [_read_one(here, it, matter, form, op) for matter in it.matters]
    checked = tuple(each for each in ready if each is not None)
    if not form.ok or len(checked) < len(ready):
        _keep(here, bundle, op)
        return _page(bundle, form, op), 422
    if unseen := _running_unseen(here, it):
        _keep(here, bundle, op)
        words = f"{'、'.join(unseen)} 还没有办完。是同一件就去掉那个事项；不是，再按一次“收件”。"
        return _page(bundle, form, op, Trouble("这位的同一事项正在办理", words), unseen), 409
    return _receive(here, bundle, it, form, bundles.BundleReception(
        op, bundle, checked, request.form.get("together") == "yes"
    ))  # fmt: skip


def _receive(
    here: Local, bundle: Bundle, it: Chosen, form: Form, ready: bundles.BundleReception
) -> ResponseReturnValue:
    try:
        number = bundles.receive(here, ready, staff().id)
    except (StorageError, sqlite3.DatabaseError) as error:
        what, advice = troubles.words(error)
        trouble = Trouble("没有保存成功，一件也没有收", f"{what}。{advice}")
        return _page(bundle, form, ready.op, trouble), 503
    except (WrongState, DoorstepError) as error:
        return _page(bundle, form, ready.op, Trouble("一件也没有收", str(error))), 409
    _remember(here, it)
    return redirect(f"/cases/{number}/received", 303)


def _read_one(here: Local, it: Chosen, matter: Matter, form: Form, op: str) -> Reception | None:
    """One matter's reception by its own rules; what is wrong stands at the bundle's fields."""
    sub = bundles.sub_form(request.form, matter, it.places)
    route = reception.route_of(here, matter, sub.value("area"))
    if isinstance(route, OutsideDistrict):
        where = matter_card.where_to_go(matter)
        form.fail(f"matter-{matter.code}", f"“{matter.name}”不归鼓楼区办，去掉它再收。{where}")
        return None
    found = reception_pages.read(here, matter, sub, route, op)
    bundles.carry_errors(form, sub, matter, it.places)
    return found


def _running_unseen(here: Local, it: Chosen) -> list[str]:
    """The running cases of the same person that the page has not shown yet."""
    seen, numbers = request.form.getlist("seen"), recall.typed_numbers(here, request.form)
    running = [
        case.number
        for matter in it.matters
        for case in (recall.here(here, matter.code, numbers, "").running if numbers else ())
    ]
    return [number for number in running if number not in seen]


def _known(here: Local, it: Chosen, visit: str) -> recall.Card | None:
    """What this point knows of who stands in the form, for the page without scripts."""
    numbers = recall.typed_numbers(here, request.form)
    codes = tuple(matter.code for matter in it.matters)
    return recall.card(here, codes, numbers, visit) if numbers and codes else None


def _remember(here: Local, it: Chosen) -> None:
    """Keep what was answered for the visit being served, if there is one."""
    visit = visits.current(here.store, staff().id, here.today())
    for matter in it.matters if visit else ():
        sub = bundles.sub_form(request.form, matter, it.places)
        told = guide_card.told(here, sub, matter, staff().id)
        visit_answers.keep(here, visit.number, matter.code, told)  # type: ignore[union-attr] # there is one


def _keep(here: Local, bundle: Bundle, op: str) -> None:
    with suppress(sqlite3.DatabaseError):
        drafts.keep(here, op, staff().id, bundle.code, reception_pages.typed_fields())


def _op() -> str:
    op = request.form.get("op", "")
    if not reception_form.OP.fullmatch(op):
        abort(400)
    return op


def _bundle(code: str) -> Bundle:
    bundle = local().bundle.catalogue.bundle(code)
    if bundle is None:
        abort(404)
    return bundle


def _page(
    bundle: Bundle,
    form: Form,
    op: str,
    trouble: Trouble | None = None,
    seen: list[str] | None = None,
) -> str:
    here = local()
    show_address(f"/bundles/{bundle.code}?op={op}")
    typed = form.typed
    it = bundle_card.chosen_of(here, bundle, typed)
    card = bundle_card.bundle_now(here, it, typed, staff().id)
    visit = visits.current(here.store, staff().id, here.today())
    has_cases = bool(visit and visits.cases_of(here.store, visit.number))
    return render_template(
        "node/bundle.html",
        bundle=bundle,
        form=form,
        op=op,
        trouble=trouble,
        seen=[*form.values("seen"), *(seen or [])],
        now=card,
        guide=card.guide,
        ticks=True,
        act="",
        kinds=bundle_card.all_kinds(it),
        documents=[(kind.value, kind.zh) for kind in PERSON_DOCUMENTS],
        org_documents=reception_pages.org_documents(),
        facts=card_pages.facts_zh(form),
        known=_known(here, it, visit.number if visit else ""),
        earlier=None,
        contact=None,
        reader=bool(here.node.config.reader.url),
        same=has_cases and not form.value("name"),
        sample=here.bundle.catalogue.sample,
    )
