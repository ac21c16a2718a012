"""Who stands at the window, read from a card: typed by a reader, asked of its program, or known.

The browser asks this node and nobody else; this node asks the reader's program on this PC.
"""

from __future__ import annotations

from flask import Blueprint, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from cases.card import Card, card_of_line, facts_of
from cases.documents import DocumentKind, check_document
from courier.look.forms import Form
from courier.look.signin import needs
from node import earlier
from node.context import local, staff
from node.reader import ReaderTrouble, read_card
from node.staff import CLERK

blueprint = Blueprint("card", __name__, template_folder="templates")
NOT_A_CARD = "读卡器打出来的这一行看不懂，没有填进去：请重新放卡再读，或者照证件手工填写。"


@blueprint.post("/card/line")
@needs(*CLERK)
def line() -> ResponseReturnValue:
    """The card in what a reader typed."""
    card = card_of_line(request.form.get("line", ""), local().today())
    return _told(card) if card else (jsonify(problem=NOT_A_CARD), 422)


@blueprint.post("/card/read")
@needs(*CLERK)
def card() -> ResponseReturnValue:
    """The card that lies on the reader now."""
    try:
        return _told(read_card(local().node.config.reader, local().today()))
    except ReaderTrouble as problem:
        return jsonify(problem=str(problem)), 422


def _told(card: Card) -> ResponseReturnValue:
    return jsonify(document=card.kind.value, number=card.number, name=card.name)


@blueprint.post("/card/facts")
@needs(*CLERK)
def facts() -> ResponseReturnValue:
    """What the applicant's number says by itself, for the page that stays open."""
    form = Form(request.form)
    known = None if form.value("phone") else earlier_of(form)
    return render_template("node/card.html", facts=facts_zh(form), earlier=known, contact=None)


@blueprint.post("/card/earlier")
@needs(*CLERK)
def use_earlier() -> ResponseReturnValue:
    """The resident agreed: fill in the phone of the last case, and show its address."""
    form = Form(request.form)
    found = earlier_of(form)
    contact = earlier.agreed(local(), found, staff().id) if found else None
    return render_template("node/card.html", facts=facts_zh(form), earlier=found, contact=contact)


def earlier_of(form: Form) -> earlier.Earlier | None:
    """The earlier cases of the applicant in the form, if the number is a whole one."""
    kind = form.value("document")
    try:
        number = check_document(DocumentKind(kind), form.value("document_number"))
    except ValueError:
        return None
    return earlier.find(local(), kind, number)


def facts_zh(form: Form) -> str:
    """Sex, birth and age in words, or empty."""
    found = facts_of(form.value("document"), form.value("document_number"), local().today())
    return found.zh if found else ""
