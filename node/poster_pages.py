"""The poster on the counter, as PDF."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint
from flask.typing import ResponseReturnValue

from courier.look.signin import needs
from labels import tokens
from labels.poster import Poster, poster
from node.context import local
from node.receipt_pages import pdf

blueprint = Blueprint("poster", __name__)
VALID_DAYS = 365


@blueprint.get("/poster.pdf")
@needs()
def show() -> ResponseReturnValue:
    """One A4 page with this point's QR, valid for a year."""
    here = local()
    number = f"{here.point.number:03d}"
    until = here.today() + timedelta(days=VALID_DAYS)
    token = tokens.mint(here.node.token_key, tokens.Purpose.POSTER, number, until)
    made = Poster(
        point=here.point.name,
        point_number=number,
        address=tokens.url(here.node.config.central.portal_url, token),
        valid_until=f"{until.year}年{until.month}月{until.day}日",
        phone=here.point.phone,
    )
    return pdf(poster(made), f"poster-{number}.pdf")
