"""Applications from home at the window: the list, one of them, what is done with it."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cases.catalogue import Matter
from cases.fields import BadField
from cases.fold import WrongState
from cases.folded import Scan, Visit
from cases.from_home import CAPACITY, DECLINED_ZH, Stage
from cases.lights import due_zh
from cases.proceedings import APPLICATION, DEFECTS_ZH
from courier.look import say
from courier.look.cards import ErrorCard
from courier.look.errors import error_page
from courier.look.forms import Form
from courier.look.signin import needs
from node import draft_scans, drafts, guide_card, home_visits, reveal, scans
from node.case_page import STAFF, me, new_op
from node.context import local, staff
from node.home_visit_card import card, over, rows
from node.local import Local
from node.officer import Hand, once
from node.permissions import RECEIVING, NotPermitted, refusal
from node.scan_pages import file_answer, is_looking_again
from node.staff import CLERK
from sync.blobs.book import BlobBook
from sync.seal import CannotUnseal
from sync.store import StoreError

blueprint = Blueprint("from_home", __name__, template_folder="templates")
ALL_DATA = "在家申请的姓名、证件号、电话和地址"
_OP = re.compile(r"[0-9a-f]{16}")
#: Of a defect a clerk sees in a photograph; that an original must be shown is asked at the door.
REASONS = {code: words for code, words in DEFECTS_ZH.items() if code != "original"}


@blueprint.get("/fromhome")
@needs(*STAFF)
def index() -> ResponseReturnValue:
    """What was applied for from home, and what each waits for."""
    here = local()
    return render_template("node/from_home_list.html", rows=rows(here), over=over(here))


def _found(number: str) -> Visit:
    visit = home_visits.find(local().store, number)
    if visit is None:
        abort(404)
    return visit


@blueprint.get("/fromhome/<number>")
@needs(*STAFF)
def show(number: str) -> ResponseReturnValue:
    """One application; its photographs are sent for as it is opened."""
    visit = _found(number)
    _want_photos(local(), visit)
    return _page(visit)


@blueprint.post("/fromhome/<number>/reveal")
@needs(*STAFF)
def show_in_full(number: str) -> ResponseReturnValue:
    """The same with personal data in full; who looked is noted first."""
    visit = _found(number)
    if problem := refusal(me(), RECEIVING, "查看完整信息"):
        return _page(visit, problem=problem, status=403)
    reveal.note(local(), number, ALL_DATA, me().id)
    return _page(visit, full=True)


def _page(
    visit: Visit, *, form: Form | None = None, full: bool = False, problem: str = "",
    status: int = 200,
) -> ResponseReturnValue:  # fmt: skip
    here = local()
    found = card(here, visit, full=full)
    today = here.today()
    days = home_visits.coming_days(today, here.bundle.calendar)
    page = render_template(
        "node/from_home.html",
        card=found,
        form=form or Form(),
        op=new_op(),
        problem=problem or found.problem,
        receives=bool(me().roles & RECEIVING),
        application=APPLICATION,
        reasons=list(REASONS.items()),
        whys=list(DECLINED_ZH.items()),
        days=[(due.day.isoformat(), due_zh(due, today)) for due in days],
        hours=list(home_visits.HOURS_ZH.items()),
    )
    return page, status


def _want_photos(here: Local, visit: Visit) -> None:
    """Send for every photograph that is not here: whoever checks the form looks at them."""
    for scan in visit.scans:
        if here.node.blobs.size(scan.blob) is None:
            BlobBook(here.store).want(scan.blob, scan.size, here.now())


def _mend(hand: Hand, number: str) -> str:
    chosen = [
        (int(name.removeprefix("reason-")), value)
        for name, value in request.form.items()
        if re.fullmatch(r"reason-\d{1,3}", name) and value
    ]
    return home_visits.ask_to_mend(hand, number, chosen, request.form.get("words", ""))


def _decline(hand: Hand, number: str) -> str:
    why, words = request.form.get("why", ""), request.form.get("why_words", "")
    return home_visits.decline(hand, number, why, words)


def _plan(hand: Hand, number: str) -> str:
    day, hours = request.form.get("day", ""), request.form.get("hours", "")
    return home_visits.plan(hand, local(), number, day, hours)


def _count(hand: Hand, number: str) -> str:
    ticked = [int(v) for v in request.form.getlist("contents") if v.isdecimal()]
    return home_visits.count(hand, number, ticked)


ACTS: dict[str, Callable[[Hand, str], str]] = {
    "accept": lambda hand, number: home_visits.accept_form(hand, local(), number),
    "mend": _mend,
    "decline": _decline,
    "plan": _plan,
    "calloff": home_visits.call_off_fetch,
    "count": _count,
    "cancel": home_visits.cancel,
}


@blueprint.post("/fromhome/<number>/<act>")
@needs(*STAFF)
def do(number: str, act: str) -> ResponseReturnValue:
    """One step of it, once for each page that was shown."""
    visit, op = _found(number), request.form.get("op", "")
    if act not in ACTS:
        abort(404)
    if not _OP.fullmatch(op):
        abort(400)
    form = Form(request.form)
    try:
        words = once(local(), f"{number}:{act}:{op}", me(), lambda h: ACTS[act](h, number))
    except NotPermitted as problem:
        return _page(visit, problem=str(problem), status=403)
    except BadField as problem:
        form.fail(problem.field, problem.message_zh)
        return _page(visit, form=form, status=400)
    except (WrongState, StoreError) as problem:
        return _page(_found(number), form=form, problem=str(problem), status=409)
    say(words)
    return redirect(f"/fromhome/{number}", 303)


# photographs


@blueprint.post("/fromhome/<number>/photos/<id>")
@needs(*STAFF)
def ask_to_open(number: str, id: str) -> ResponseReturnValue:
    """Note who opens a photograph, then lead there."""
    visit, scan = _photo(number, id)
    if problem := refusal(me(), RECEIVING, "查看照片"):
        return _page(visit, problem=problem, status=403)
    noted = reveal.note(local(), number, _named(scan), me().id)
    return redirect(url_for("from_home.photo", number=number, id=id, noted=noted), 303)


@blueprint.get("/fromhome/<number>/photos/<id>/<noted>")
@needs(*STAFF)
def photo(number: str, id: str, noted: str) -> ResponseReturnValue:
    """A photograph, or the page that waits for it and opens it by itself."""
    visit, scan = _photo(number, id)
    showing, back = reveal.noted(local(), noted), f"/fromhome/{number}"
    asked = (me().id, number, _named(scan))
    if showing is None or (showing.actor, showing.subject, showing.what) != asked:
        return redirect(back)
    try:
        found = scans.open_scan(local(), visit, scan)
    except CannotUnseal as problem:
        return _page(visit, problem=str(problem), status=409)
    if isinstance(found, scans.AwaitedScan):
        part = "scan_waiting" if is_looking_again() else "scan_wait"
        more: dict[str, Any] = {"number": number, "title": visit.title, "url": request.path}
        return render_template(f"node/{part}.html", card=found, back=back, **more)
    return file_answer(found)


def _photo(number: str, id: str) -> tuple[Visit, Scan]:
    visit = _found(number)
    scan = scans.find(visit, id)
    if scan is None:
        abort(404)
    return visit, scan


def _named(scan: Scan) -> str:
    return f"在家拍的照片 {scans.id_of(scan)[:12]}"


# receiving


@blueprint.post("/fromhome/<number>/receive")
@needs(*CLERK)
def receive(number: str) -> ResponseReturnValue:
    """Open the form of a reception, filled in with all that is known: a draft of one's own."""
    here, visit = local(), _found(number)
    if home_visits.stage_of(here.store, visit) is not Stage.THERE:
        return _page(visit, problem="现在还不能收件：材料没有齐，或者已经收过了。", status=409)
    awaited = [s for s in visit.scans if here.node.blobs.size(s.blob) is None]
    if awaited:
        _want_photos(here, visit)
        words = f"还有 {len(awaited)} 张照片没有从区中心取到，取到以后再收件，照片才跟得上。"
        return _page(visit, problem=words, status=409)
    try:
        op = _begin(here, visit, home_visits.matter_of(here, visit))
    except (WrongState, CannotUnseal) as problem:
        return _page(visit, problem=str(problem), status=409)
    except BadField as problem:
        return _page(visit, problem=problem.message_zh, status=409)
    except OSError:
        words = "本机磁盘出了问题，没有做成。请检查磁盘后再试一次"
        return error_page(ErrorCard(503, "没有保存成功", words, "", "返回", f"/fromhome/{number}"))
    return redirect(f"/reception/{visit.matter}?op={op}", 303)


def _begin(here: Local, visit: Visit, matter: Matter) -> str:
    """Keep the draft with its photographs; the one that was begun before goes on."""
    op = home_visits.draft_op(visit.number, staff().id)
    if drafts.find(here, op, staff().id) is not None:
        return op
    fields = home_visits.private(here, visit)
    reveal.note(here, visit.number, ALL_DATA, staff().id)
    draft_scans.drop_all(here, op, staff().id)
    for scan in home_visits.latest_photos(visit, draft_scans.SCANS_MAX):
        found = scans.open_scan(here, visit, scan)
        if isinstance(found, scans.OpenScan):
            plain = BytesIO(b"".join(found.pieces))
            draft_scans.keep(
                here, op, staff().id, plain=plain, file=found.file, position=scan.position
            )
    typed = home_visits.typed_for(here, visit, fields)
    answers = here.guide.answers_of(str(fields.get("answers") or ""))
    asked = {f"{guide_card.FIELD}{question}": sorted(given) for question, given in answers.items()}
    capacity = "org_capacity" if visit.applicant_kind == "organization" else "capacity"
    typed |= {capacity: [CAPACITY[visit.applicant_kind]], **asked}
    drafts.keep(here, op, staff().id, matter.code, typed)
    return op
