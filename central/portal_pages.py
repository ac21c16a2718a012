"""The portal for residents: a scanned code, a look-up by number, a case's page."""

from __future__ import annotations

from typing import cast

from flask import Blueprint, current_app, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cases.folded import Case, Correction
from cases.numbers import BadNumber, SubjectKind, parse_number
from cases.people import last_four
from cases.proceedings import paper_name, words_of
from cases.states import CaseState
from central import lookup
from central.context import bundle, now, store
from central.delivery_codes import code_of
from central.progress import (
    SEALED_REASONS,
    ProgressCard,
    Seen,
    SlipCard,
    called,
    is_coming,
    progress_card,
    sibling_card,
)
from central.qr import open_code
from central.slip_desk import CentralSlipDesk, newest_slip
from courier.look import show_address
from courier.look.errors import error_page
from courier.look.forms import Form
from courier.look.words import _
from courier.slip_desk import NotOpen, TooMany
from labels.masking import mask_address, mask_name, mask_phone
from labels.tokens import Purpose
from sync.groups import siblings_of
from sync.said import said_or_nothing

blueprint = Blueprint("portal", __name__, template_folder="templates")
TYPED_MAX = 64


@blueprint.get("/")
def home() -> ResponseReturnValue:
    """The portal's first page: scan, or look up by number."""
    return render_template("resident/portal_home.html", form=Form())


@blueprint.post("/lookup")
def look_up() -> ResponseReturnValue:
    """Open a case by its number and a last four; nothing is learned from a wrong pair."""
    form = Form(request.form)
    number = form.checked("number", _case_number, form.value("number")) or ""
    typed = last_four(form.value("last_four")[:TYPED_MAX])
    if len(typed) < 4:
        form.fail("last_four", "请填四位：身份证号或手机号的最后四位", "Enter four characters")
    status = 400
    if form.ok:
        try:
            if lookup.prove(number, typed):
                return redirect(_after_proof(number), code=303)
            form.fail(
                "last_four",
                "没有找到：编号和后四位对不上。请看着收件凭证再核对一遍；"
                "刚收的件，受理点联网后才查得到。",
                "Nothing found: number and last four do not fit together. Please compare with"
                " your receipt; a case taken in just now can be found once its point is online.",
            )
        except TooMany as wait:
            status = 429
            minutes = (wait.wait_seconds + 59) // 60
            form.fail(
                "last_four",
                f"试的次数太多，先停一停，请过 {minutes} 分钟再试。",
                f"Too many tries. Please wait {minutes} minutes.",
            )
    show_address(url_for("portal.home"))
    return make_response(render_template("resident/portal_home.html", form=form), status)


def _after_proof(number: str) -> str:
    if parse_number(number).kind is SubjectKind.VISIT:
        return url_for("followed.show", door="case", key=number)
    return url_for("portal.case", number=number)


def _case_number(text: str) -> str:
    """A case's number, or that of an application from home."""
    number = parse_number(text)
    if number.kind not in (SubjectKind.CASE, SubjectKind.VISIT):
        raise BadNumber(
            "这不是办件编号。办件编号印在收件凭证上方，例如 GL017-261122-0042-X。",
            "This is no case number: it stands at the top of your receipt, as in"
            " GL017-261122-0042-X.",
        )
    return number.text


@blueprint.get("/case/<number>")
def case(number: str) -> ResponseReturnValue:
    """A case's page after a look-up, for a while."""
    if not lookup.granted(number):
        return redirect(url_for("portal.home"))
    return _page("case", number, number)


@blueprint.get("/<any(T,t):door>/<key>")
def scanned(door: str, key: str) -> ResponseReturnValue:
    """A code from a receipt (the case's page) or from a poster (a slip for that point)."""
    try:
        token = open_code(key, Purpose.RECEIPT, Purpose.POSTER, Purpose.HOME)
        if token.purpose is Purpose.POSTER:
            view = current_app.ensure_sync(current_app.view_functions["slip.start"])
            return cast(ResponseReturnValue, view(door=door, key=key))
        if token.purpose is Purpose.HOME:
            return redirect(url_for("followed.show", door=door, key=key))
        return _page(door, key, token.target)
    except NotOpen as stop:
        return error_page(stop.card)


def _page(door: str, key: str, number: str) -> ResponseReturnValue:
    found = store().case(number)
    slip = _slip(door, key, found, number)
    known = found is not None and bool(found.received_at)
    card = _known(found, slip) if found and known else _unknown(number, slip)
    page = render_template(
        "resident/portal_case.html",
        card=card,
        prove_url=url_for(".prove", door=door, key=key),
        correct_url=url_for("correction.show", door=door, key=key) if card.corrections else "",
        here=f"/{door}/{key}",
    )
    return make_response(page)


def _known(found: Case, slip: SlipCard) -> ProgressCard:
    bound = bundle()
    received = said_or_nothing(store(), found)
    reasons = _reasons(found)
    may = lookup.granted(found.number)
    if may and reasons:
        lookup.note_showing(found.number, "reasons")
    seen = Seen(bound.directory, bound.calendar, now())
    parcels = store().parcels_of(found.number)
    return progress_card(
        found,
        parcels,
        seen,
        code=_code(found) if may and is_coming(parcels) else "",
        applicant=mask_name(received.get("name", "")),
        slip=slip,
        reasons=reasons if may else (),
        reasons_locked=bool(reasons) and not may,
        siblings=tuple(
            sibling_card(each, store().parcels_of(each.number), seen)
            for each in siblings_of(store(), found)
        ),
    )


def _code(found: Case) -> str:
    """What the courier asks for at the door; that it was shown is logged."""
    lookup.note_showing(found.number, "delivery code")
    return code_of(found)


def _unknown(number: str, slip: SlipCard) -> ProgressCard:
    point = bundle().directory.by_number(parse_number(number).point_number)
    return ProgressCard(number, "", point.name, point.phone, heard_of=False, slip=slip)


def _reasons(found: Case) -> tuple[tuple[str, str], ...]:
    """Grounds of a decision, what can be done about it, words on what to correct: all sealed."""
    if found.state is CaseState.CORRECTION and found.correction is not None:
        return _words_on_correction(found, found.correction)
    decision = found.decision
    if decision is None or decision.approved:
        return ()
    fields = lookup.sealed_of(store().event(decision.event))
    names = {
        "reason": _("原因"),
        "grounds": _("理由"),
        "remedies": _("不服怎么办"),
        "where_to_go": _("可以去哪里办"),
    }
    return tuple((names[name], fields[name]) for name in SEALED_REASONS if fields.get(name))


def _words_on_correction(found: Case, notice: Correction) -> tuple[tuple[str, str], ...]:
    sealed = lookup.sealed_of(store().event(notice.event))
    said = words_of(sealed.get("words", ""))
    names = (paper_name(found, d.position) for d in notice.defects)
    return tuple((called(name), said[name]) for name in names if said.get(name))


def _slip(door: str, key: str, found: Case | None, number: str) -> SlipCard:
    url = _slip_url(door, key)
    newest = newest_slip(found, number)
    if not newest:
        return SlipCard(url=url)
    fields = lookup.sealed_of(store().event(newest))
    masked = _masked(fields, full_address=lookup.granted(number)) if fields else ""
    confirmed = found is not None and found.confirmed_slip == newest
    words = _("受理点已核对。") if confirmed else _("等受理点核对。")
    if found is None or not found.received_at:
        words = _("受理点的线路暂时不通，您填的内容已收下，线路恢复后自动送到受理点。")
    said = next((s for s in found.slips if s.event == newest), None) if found else None
    cancel = url_for("slip.cancel", door=door, key=key) if url else ""
    if said is None:
        return SlipCard(True, masked, words, url, cancel_url=cancel)
    point = bundle().directory.find(said.to_point)
    return SlipCard(
        True, masked, words, url, point.name if point else "", _away_words(said.consent), cancel
    )


def _away_words(consent: tuple[str, ...]) -> str:
    """Where the courier may leave it when nobody is at home."""
    words = {"locker": _("放快递柜"), "neighbour": _("交给邻居"), "property": _("交给物业")}
    return _("、").join(words[place] for place in consent)


def _slip_url(door: str, key: str) -> str:
    """Where a slip is filled in or changed; empty once nothing is to come or a label is printed."""
    try:
        CentralSlipDesk().target(door, key)
    except NotOpen:
        return ""
    return url_for("slip.start", door=door, key=key)


def _masked(fields: dict[str, str], *, full_address: bool) -> str:
    """A slip as anybody may see it who photographed the receipt: its last four prove nothing."""
    address = fields.get("region", "")
    if full_address:
        address = mask_address(address + fields.get("street", ""))
    phone = mask_phone(fields.get("phone", ""), paper=True)
    return f"{mask_name(fields.get('name', ''))} {phone} {address}"


@blueprint.route("/<any(T,t,case):door>/<key>/prove", methods=["GET", "POST"])
def prove(door: str, key: str) -> ResponseReturnValue:
    """Ask for the last four, then show the reasons of a decision too."""
    try:
        purposes = (Purpose.RECEIPT, Purpose.HOME)
        number = key if door == "case" else open_code(key, *purposes).target
    except NotOpen as stop:
        return error_page(stop.card)
    case_url = back = f"/{door}/{key}"
    if request.args.get("then") == "correct":
        back = _correction(door, key)
    if parcel := request.args.get("not_come"):
        back = url_for("dispute.ask", door=door, key=key, number=parcel)
    if request.args.get("then") == "home":
        case_url = back = url_for("followed.show", door=door, key=key)
    if lookup.granted(number):
        return redirect(back)
    form, status = Form(request.form if request.method == "POST" else None), 200
    if request.method == "POST":
        status = _try(form, number)
        if status == 303:
            return redirect(back, code=303)
    page = render_template("resident/portal_prove.html", form=form, back_url=case_url)
    return make_response(page, status)


def _correction(door: str, key: str) -> str:
    """What of a correction was wanted: one paper, to be fetched, or all of it."""
    at, position = request.args.get("at"), request.args.get("position", type=int)
    if position is not None:
        page = "words" if at == "words" else "defect"
        return url_for(f"correction.{page}", door=door, key=key, position=position)
    page = "fetch" if at == "fetch" else "show"
    return url_for(f"correction.{page}", door=door, key=key)


def _try(form: Form, number: str) -> int:
    typed = last_four(form.value("last_four")[:TYPED_MAX])
    try:
        if len(typed) == 4 and lookup.prove(number, typed):
            return 303
    except TooMany as wait:
        minutes = (wait.wait_seconds + 59) // 60
        form.fail(
            "last_four",
            f"试的次数太多，先停一停，请过 {minutes} 分钟再试。",
            f"Too many tries. Please wait {minutes} minutes.",
        )
        return 429
    form.fail(
        "last_four", "对不上。请填办件人身份证号（或手机号）的最后四位",
        "That does not match. Enter the last four of the applicant's ID or phone",
    )  # fmt: skip
    return 400
