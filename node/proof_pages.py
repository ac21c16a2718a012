"""Opening the photo or signature of a delivery: noted first, then shown, fetched if need be."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from courier.look.signin import needs
from node import proofs, reveal
from node.case_page import STAFF, me
from node.context import local
from node.mail_pages import no_parcel, parcel_page
from node.permissions import POSTING, refusal
from node.scan_pages import file_answer
from node.scans import AwaitedScan
from sync.seal import CannotUnseal

blueprint = Blueprint("proofs", __name__, template_folder="templates")


@blueprint.post("/parcels/<number>/proof")
@needs(*STAFF)
def ask_to_open(number: str) -> ResponseReturnValue:
    """Note who looks, then lead there: the page may be shown again, it is noted once."""
    parcel = local().store.parcel(number)
    if parcel is None or proofs.picture_of(parcel) is None:
        return no_parcel()
    if problem := refusal(me(), POSTING, "查看签收的照片或签名"):
        return parcel_page(parcel, problem=problem, status=403)
    noted = reveal.note(local(), number, proofs.SHOWN, me().id)
    return redirect(url_for("proofs.show", number=number, noted=noted), 303)


@blueprint.get("/parcels/<number>/proof/<noted>")
@needs(*STAFF)
def show(number: str, noted: str) -> ResponseReturnValue:
    """The picture, or the page that waits for it and opens it by itself."""
    parcel = local().store.parcel(number)
    picture = proofs.picture_of(parcel) if parcel else None
    if parcel is None or picture is None:
        return no_parcel()
    showing = reveal.noted(local(), noted)
    asked = (me().id, number, proofs.SHOWN)
    if showing is None or (showing.actor, showing.subject, showing.what) != asked:
        return redirect(url_for("mail.show", number=number))
    try:
        found = proofs.open_picture(local(), parcel, picture)
    except CannotUnseal as problem:
        return parcel_page(parcel, problem=str(problem), status=409)
    looking_again = request.headers.get("HX-Request") == "true"
    if isinstance(found, AwaitedScan):
        part = "scan_waiting" if looking_again else "scan_wait"
        return render_template(
            f"node/{part}.html",
            card=found, number=number, title=proofs.SHOWN, url=request.path,
            back=url_for("mail.show", number=number),
        )  # fmt: skip
    if looking_again:
        found.pieces.close()
        return Response(status=204, headers={"HX-Refresh": "true"})
    return file_answer(found)
