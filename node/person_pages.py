"""Who is at the window: noting it, if they like, and what they were told before, at any window."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, abort, redirect, render_template, request
from flask.typing import ResponseReturnValue

from cases.fields import BadField
from courier.look import say
from courier.look.signin import needs
from node import bundle_card, recall, visits
from node.context import local, staff
from node.staff import CLERK

blueprint = Blueprint("person", __name__, template_folder="templates")


@blueprint.post("/matters/<code>/person")
@needs(*CLERK)
def note(code: str) -> ResponseReturnValue:
    """Note whose matter it is with the visit, which begins with it."""
    here, actor = local(), staff().id
    if here.bundle.catalogue.get(code) is None:
        abort(404)
    try:
        with here.writing() as w:
            visit = visits.ensure_open(w, actor)
            recall.identify(w, here, visit, request.form.get("person_number", "")[:60], actor)
    except BadField as problem:
        say(problem.message_zh, tone="amber")
    return redirect(f"/matters/{code}#person", 303)


@blueprint.post("/matters/<code>/earlier")
@needs(*CLERK)
def earlier(code: str) -> ResponseReturnValue:
    """The fragment of what is known of who stands in the form or was noted: here, then there."""
    if local().bundle.catalogue.get(code) is None:
        abort(404)
    return _known((code,), request.path)


@blueprint.post("/bundles/<code>/earlier")
@needs(*CLERK)
def earlier_of_bundle(code: str) -> ResponseReturnValue:
    """The same for every matter of a bundle (一件事) that is ticked."""
    bundle = local().bundle.catalogue.bundle(code)
    if bundle is None:
        abort(404)
    it = bundle_card.chosen_of(local(), bundle, request.form)
    return _known(tuple(matter.code for matter in it.matters), request.path)


def _known(matters: Sequence[str], address: str) -> str:
    here, actor = local(), staff().id
    visit = visits.current(here.store, actor, here.today())
    numbers = recall.typed_numbers(here, request.form) or recall.of_visit(here, visit)
    if not numbers or not matters:
        return render_template("node/earlier_now.html", known=None, address=address)
    asks = request.args.get("where") == "district"
    if asks and visit is None:
        with here.writing() as w:
            number = visits.ensure_open(w, actor)
    else:
        number = visit.number if visit else ""
    known = recall.card(here, matters, numbers, number, actor if asks else "")
    return render_template("node/earlier_now.html", known=known, address=address)
