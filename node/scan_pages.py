"""Attaching a scan to a case, and opening one: noted first, then shown, fetched if need be."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cases.fields import BadField
from cases.fold import WrongState
from cases.folded import Case, Scan
from courier.look import say
from courier.look.cards import ErrorCard
from courier.look.errors import error_page
from courier.look.files import let_files_in
from courier.look.signin import needs
from node import hand_offs, reveal, scans, troubles
from node.case_page import STAFF, case_page, may_reveal, me, not_here
from node.context import case_url, local
from node.permissions import NotPermitted
from node.phone_code import NO_PHONES, qr_of
from sync import scan_files
from sync.seal import CannotUnseal

blueprint = Blueprint("scans", __name__, template_folder="templates")
POSITIONS_MAX = 1_000


def too_large() -> ResponseReturnValue:
    """The file is larger than a scan may be."""
    number = str((request.view_args or {}).get("number", ""))
    card = ErrorCard(
        413,
        "文件太大，没有收下",
        f"一份扫描件最多 {scans.SCAN_BYTES_MAX // 1024 // 1024} MB。本件没有变化。",
        "请用 150 到 200 dpi、灰度或黑白重新扫描，或者分成几份附上。",
        "回到本件",
        case_url(number),
    )
    return error_page(card)


let_files_in(blueprint, "attach", bytes_max=scans.SCAN_BYTES_MAX, too_large=too_large)


@blueprint.post("/cases/<number>/scans")
@needs(*STAFF)
def attach(number: str) -> ResponseReturnValue:
    """Attach a scan, once for each form that was shown."""
    case = local().store.case(number)
    if case is None:
        return not_here(number)
    came = request.files.get("file")
    if came is None or not came.filename:
        return case_page(case, problem="还没有选文件。请先选一份扫描件，再按“附上”。", status=400)
    if (came.stream.seek(0, 2) or 0) > scans.SCAN_BYTES_MAX:
        return too_large()
    came.stream.seek(0)
    op = f"{number}:scan:{request.form.get('op', '')[:32]}"
    position = min(request.form.get("position", 0, type=int), POSITIONS_MAX)
    return _attached(case, op, came, position)


def _attached(case: Case, op: str, came: Any, position: int) -> ResponseReturnValue:
    try:
        words = scans.attach(
            local(), case, me(), op, plain=came.stream, file=came.filename, position=position
        )
    except BadField as problem:
        return case_page(case, problem=problem.message_zh, status=400)
    except NotPermitted as problem:
        return case_page(case, problem=str(problem), status=403)
    except WrongState as problem:
        return case_page(local().store.case(case.number) or case, problem=str(problem), status=409)
    except OSError as error:
        return troubles.not_saved(error)
    newest = (local().store.case(case.number) or case).scans[-1:]
    undo = [url_for("scans.remove", number=case.number, id=scans.id_of(s)) for s in newest]
    say(words, undo_url=undo[0] if undo else None)
    return redirect(case_url(case.number), 303)


@blueprint.post("/cases/<number>/scans/phone")
@needs(*STAFF)
def phone(number: str) -> ResponseReturnValue:
    """A code for a phone that will give scans of this case."""
    case = local().store.case(number)
    if case is None or scans.may_attach(local(), case, me()):
        abort(403)
    position = min(request.form.get("position", 0, type=int), POSITIONS_MAX)
    return render_template(
        "node/phone_code.html",
        qr=qr_of(hand_offs.CASE + number, position),
        problem=NO_PHONES,
        matter_code="",
        watch=f"/cases/{number}/scans/since/{len(case.scans)}",
    )


@blueprint.get("/cases/<number>/scans/since/<int:had>")
@needs(*STAFF)
def since(number: str, had: int) -> ResponseReturnValue:
    """Whether something came since a page was made: then it is made anew."""
    case = local().store.case(number)
    came = case is not None and len(case.scans) != had
    return Response(status=204, headers={"HX-Refresh": "true"} if came else {})


@blueprint.post("/cases/<number>/scans/<id>/remove")
@needs(*STAFF)
def remove(number: str, id: str) -> ResponseReturnValue:
    """Take back a scan that was attached by mistake."""
    case = local().store.case(number)
    scan = scans.find(case, id) if case else None
    if case is None:
        return not_here(number)
    if scan is None:
        return case_page(case, problem="这份扫描件已经撤下了。", status=409)
    try:
        words = scans.remove(local(), case, scan, me(), f"{number}:unscan:{scan.event}")
    except NotPermitted as problem:
        return case_page(case, problem=str(problem), status=403)
    except WrongState as problem:
        return case_page(case, problem=str(problem), status=409)
    say(words)
    return redirect(case_url(number), 303)


@blueprint.get("/cases/<number>/scans/<id>/small")
@needs(*STAFF)
def small(number: str, id: str) -> ResponseReturnValue:
    """A small picture of a scan, for who attached it: to others it would be a showing."""
    case, scan = _found(number, id)
    if may_reveal(case) or not scans.attached_by(local(), scan, me()):
        abort(403)
    try:
        found = scans.open_scan(local(), case, scan)
    except CannotUnseal:
        abort(404)
    if isinstance(found, scans.AwaitedScan):
        abort(404)
    plain = BytesIO(b"".join(found.pieces))
    return Response(scan_files.thumbnail(plain), mimetype=scan_files.JPEG)


@blueprint.post("/cases/<number>/scans/<id>")
@needs(*STAFF)
def ask_to_open(number: str, id: str) -> ResponseReturnValue:
    """Note who opens a scan, then lead there: the page may be shown again, it is noted once."""
    case, scan = _found(number, id)
    if problem := may_reveal(case):
        return case_page(case, problem=problem, status=403)
    noted = reveal.note(local(), number, scans.named(case, scan), me().id)
    return redirect(url_for("scans.show", number=number, id=id, noted=noted), 303)


@blueprint.get("/cases/<number>/scans/<id>/<noted>")
@needs(*STAFF)
def show(number: str, id: str, noted: str) -> ResponseReturnValue:
    """A scan, or the page that waits for it and opens it by itself."""
    case, scan = _found(number, id)
    showing = reveal.noted(local(), noted)
    asked = (me().id, number, scans.named(case, scan))
    if showing is None or (showing.actor, showing.subject, showing.what) != asked:
        return redirect(case_url(number))
    if problem := may_reveal(case):
        return case_page(case, problem=problem, status=403)
    try:
        found = scans.open_scan(local(), case, scan)
    except CannotUnseal as problem:
        return case_page(case, problem=str(problem), status=409)
    if isinstance(found, scans.AwaitedScan):
        part = "scan_waiting" if is_looking_again() else "scan_wait"
        return render_template(
            f"node/{part}.html",
            card=found,
            number=number,
            title=case.title,
            url=request.path,
            back=case_url(number),
        )
    if is_looking_again():
        found.pieces.close()
        return Response(status=204, headers={"HX-Refresh": "true"})
    return file_answer(found)


def is_looking_again() -> bool:
    """Whether the page that waits asks, and not a person: it opens the scan by loading itself."""
    return request.headers.get("HX-Request") == "true"


def file_answer(found: scans.OpenScan) -> Response:
    """What was opened, as a browser shows it by itself."""
    response = Response(found.pieces, mimetype=found.media)
    response.headers["Content-Disposition"] = f"inline; filename*=UTF-8''{quote(found.file)}"
    return response


def _found(number: str, id: str) -> tuple[Case, Scan]:
    case = local().store.case(number)
    scan = scans.find(case, id) if case else None
    if case is None or scan is None:
        abort(404)
    return case, scan
