"""The pick-up window and the ledger of originals, as pages."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from courier.look.signin import needs
from node import pickup
from node.case_page import STAFF
from node.context import local

blueprint = Blueprint("pickup", __name__, template_folder="templates")
WORDS_MAX = 60


@blueprint.get("/pickup")
@needs(*STAFF)
def index() -> ResponseReturnValue:
    """What waits here to be fetched; a number, a name or the last four find one."""
    words = request.args.get("q", "").strip()[:WORDS_MAX]
    rows = pickup.waiting(local(), words)
    late = sum(row.tone == "red" for row in rows)
    return render_template("node/pickup.html", rows=rows, words=words, late=late)


@blueprint.get("/originals")
@needs(*STAFF)
def originals() -> ResponseReturnValue:
    """Where each original lies now."""
    rows = pickup.ledger(local())
    return render_template(
        "node/originals.html",
        rows=rows,
        here=sum(row.here for row in rows),
        missing=sum(bool(row.missing) for row in rows),
    )
