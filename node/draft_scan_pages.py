"""Scans during reception: chosen, dropped or photographed, seen small, taken back."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, render_template, request
from flask.typing import ResponseReturnValue

from cases.catalogue import Matter
from cases.fields import BadField
from courier.look.files import let_files_in
from courier.look.signin import needs
from node import draft_scans, hand_offs, scans
from node.context import local, staff
from node.draft_scans import DraftScan
from node.phone_code import NO_PHONES, qr_of
from node.reception_form import OP
from node.scan_pages import POSITIONS_MAX
from node.scans import OTHER
from node.staff import CLERK
from sync import scan_files
from sync.seal import CannotUnseal

blueprint = Blueprint("draft_scans", __name__, template_folder="templates")
let_files_in(blueprint, "attach", bytes_max=scans.SCAN_BYTES_MAX)


@blueprint.get("/reception/<code>/scans/<op>")
@needs(*CLERK)
def show(code: str, op: str) -> ResponseReturnValue:
    """The scans of a draft now, for the page that stays open."""
    return listed(_matter(code), _op(op))


@blueprint.post("/reception/<code>/scans/<op>")
@needs(*CLERK)
def attach(code: str, op: str) -> ResponseReturnValue:
    """Keep a scan with the draft."""
    matter, came = _matter(code), request.files.get("file")
    if came is None or not came.filename:
        return listed(matter, _op(op), "还没有选文件。"), 400
    position = min(request.form.get("position", 0, type=int), POSITIONS_MAX)
    try:
        draft_scans.keep(
            local(), _op(op), staff().id, plain=came.stream, file=came.filename, position=position
        )
    except BadField as problem:
        return listed(matter, op, problem.message_zh), 400
    except OSError as error:
        return listed(matter, op, f"没有存好（{error.strerror}），请清理磁盘后再试。"), 400
    return listed(matter, op)


@blueprint.post("/reception/<code>/scans/<op>/<id>/remove")
@needs(*CLERK)
def remove(code: str, op: str, id: str) -> ResponseReturnValue:
    """Take a scan back."""
    draft_scans.remove(local(), _op(op), staff().id, id)
    return listed(_matter(code), op)


@blueprint.get("/reception/<code>/scans/<op>/<id>")
@needs(*CLERK)
def small(code: str, op: str, id: str) -> ResponseReturnValue:
    """A scan of one's own draft, small."""
    found = next(
        (s for s in draft_scans.of_draft(local(), _op(op), staff().id) if s.id == id), None
    )
    if found is None or not found.is_picture:
        abort(404)
    try:
        plain = draft_scans.plain_of(local(), found)
    except (CannotUnseal, OSError):
        abort(404)
    return Response(scan_files.thumbnail(plain), mimetype=scan_files.JPEG)


@blueprint.post("/reception/<code>/scans/<op>/phone")
@needs(*CLERK)
def phone(code: str, op: str) -> ResponseReturnValue:
    """A code for a phone that will give scans of this draft."""
    matter = _matter(code)
    position = min(request.form.get("position", 0, type=int), POSITIONS_MAX)
    code_card = qr_of(hand_offs.DRAFT + _op(op), position)
    return render_template(
        "node/phone_code.html", **card(matter, op), qr=code_card, problem=NO_PHONES, watch=""
    )


def listed(matter: Matter, op: str, problem: str = "") -> str:
    """The list, as the page and every change of it show it."""
    return render_template(
        "node/draft_scans.html", **card(matter, op), problem=problem, beside=False
    )


def card(matter: Matter, op: str) -> dict[str, Any]:
    """What the list shows."""
    names = {spec.position: spec.name for spec in matter.materials}
    found: tuple[DraftScan, ...] = draft_scans.of_draft(local(), op, staff().id)
    return {
        "matter_code": matter.code,
        "op": op,
        "draft_scans": [(scan, names.get(scan.position, OTHER)) for scan in found],
        "watching": hand_offs.is_open(local(), hand_offs.DRAFT + op, staff().id),
    }


def _matter(code: str) -> Matter:
    matter = local().bundle.catalogue.get(code)
    if matter is None:
        abort(404)
    return matter


def _op(op: str) -> str:
    if not OP.fullmatch(op):
        abort(400)
    return op
