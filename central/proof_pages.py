"""The board's view of the photo or signature of a delivery: noted first, then shown."""

from __future__ import annotations

import structlog
from flask import Blueprint, Response, abort, url_for
from flask.typing import ResponseReturnValue

from central import proofs
from central.accounts import SUPERVISOR
from central.context import now, portal_db, store
from courier.look import show_place
from courier.look.cards import ErrorCard
from courier.look.errors import error_page
from courier.look.signin import current_account, refuse
from sync.db import write
from sync.seal import CannotUnseal

log = structlog.get_logger()
SHOWN = "签收的照片或签名"
blueprint = Blueprint("proofs", __name__, url_prefix="/board/parcels")


@blueprint.before_request
def guard() -> ResponseReturnValue | None:
    """Supervisors only."""
    show_place("区中心监督看板")
    return refuse(SUPERVISOR, door="signin")


@blueprint.post("/<number>/proof")
def show(number: str) -> ResponseReturnValue:
    """The picture; that it was shown, and to whom, is noted before."""
    parcel, me = store().parcel(number), current_account("signin")
    if parcel is None or me is None or not proofs.card(parcel):
        abort(404)
    with write(portal_db()) as db:
        db.execute("INSERT INTO showings VALUES (?, ?, ?, ?)", [now(), me.id, number, SHOWN])
    try:
        media, body = proofs.picture(parcel)
    except (LookupError, OSError, CannotUnseal) as problem:
        log.warning("a proof cannot be shown", parcel=number, why=str(problem))
        words = "照片不在这台服务器上，或者收件信息已经不再保存。"
        back = url_for("board.parcel", number=number)
        return error_page(ErrorCard(404, "打不开这张照片", words, "", "回这件邮件", back))
    return Response(body, mimetype=media, headers={"Content-Disposition": "inline"})
