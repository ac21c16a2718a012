"""收好了: what the clerk sees after a reception, and the receipt as PDF."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flask import Blueprint, Response, abort, render_template, request
from flask.typing import ResponseReturnValue

from cases.catalogue import Handling
from cases.folded import Case
from cases.lacking import lacking, names_zh, still_missing_zh
from cases.papers import TO_AUTHORITY, live, originals, travelling
from cases.proceedings import NOTICED
from cases.states import CaseState
from cases.times import shown
from courier.look.signin import needs
from labels import receipt as paper
from labels.tokens import delivery_code
from node import bundle_receipts, prints, slips, staff, undertakings, visits
from node import context as ctx
from node.actions import offered
from node.asides import refused_steps
from node.case_card import scene_of
from node.case_page import me, new_op
from node.context import local
from node.local import Local
from node.matter_card import fee_due
from node.parcels import not_open
from node.people_card import applicant
from node.printed_codes import token_address
from node.proceeding_forms import missing_fields
from node.search_pages import applicant_name
from node.served import SAMPLE_NOTE
from sync.groups import group_cases
from sync.writing import tracking_carrier

blueprint = Blueprint("receipts", __name__, template_folder="templates")


@dataclass(frozen=True)
class ReceivedCard:
    """What was just received, as the page shows it."""

    number: str
    title: str
    name: str
    at: str
    safe: bool
    words: str
    steps: tuple[str, ...]
    copies: int
    parcel: str
    deciding: str
    forwarded: bool


@blueprint.get("/cases/<number>/received")
@needs(*staff.CLERK)
def received(number: str) -> ResponseReturnValue:
    """The page after 收件: number, receipt, slip, what comes next."""
    here, case = local(), _case(number)
    waiting = slips.waiting(here) if not case.slips else ()
    best = slips.best(here, case, waiting)
    visit = visits.current(here.store, ctx.staff().id, here.today())
    return render_template(
        "node/received.html",
        card=_card(here, case),
        group=bundle_receipts.group_card(here, case),
        slip=best,
        slips=[s for s in waiting if s != best],
        attached=bool(case.slips),
        promised=undertakings.owed_papers(here, case),
        promise_url=undertakings.paper_url(case),
        notices=_notices(here, group_cases(here.store, case) if case.group else [case]),
        in_visit=bool(visit and visit.number == case.visit),
    )


@dataclass(frozen=True)
class NoticeCard:
    """A correction notice that can be given at once: of which case and what, and its form."""

    number: str
    title: str
    names: str
    fields: tuple[tuple[str, str], ...]


def _notices(here: Local, cases: Iterable[Case]) -> list[NoticeCard]:
    """The notices of what is lacking that whoever stands here may give."""
    return [
        NoticeCard(
            case.number,
            case.title,
            names_zh(case),
            (*missing_fields(case), ("whole", "yes"), ("op", new_op())),
        )
        for case in cases
        if lacking(case) and any(a.type == NOTICED for a in offered(scene_of(here, case), me()))
    ]


@blueprint.get("/cases/<number>/safe")
@needs()
def safe(number: str) -> ResponseReturnValue:
    """Whether the case has reached central, for the page that stays open."""
    return render_template("node/safe.html", card=_card(local(), _case(number)))


@blueprint.get("/cases/<number>/receipt.pdf")
@needs(*staff.CLERK)
def receipt_pdf(number: str) -> ResponseReturnValue:
    """The receipt. Every printing is noted; from the second on it says that it is a reprint."""
    here, case = local(), _case(number)
    if case.point != here.point.code:
        abort(404)
    if case.group:
        return _one_for_all(here, case)
    made = make_receipt(here, case)
    copy = 1
    if request.method == "GET":
        copy = prints.note_print(here, number, ctx.staff().id)
    return pdf(paper.receipt(made, copy=copy), f"{number}.pdf")


def _one_for_all(here: Local, case: Case) -> Response:
    """The receipt of everything that was received at once, whichever of the cases is open."""
    first, *_ = cases = group_cases(here.store, case)
    copy = 1
    if request.method == "GET":
        copy = prints.note_print(here, first.number, ctx.staff().id)
    address = token_address(here, first.number)
    note = SAMPLE_NOTE if first.of_sample else ""
    decided = [decided_by(here, each) for each in cases]
    made = bundle_receipts.receipt_of(here, first, address, decided, note, copy)
    return pdf(made, f"{first.number}.pdf")


def pdf(body: bytes, name: str) -> Response:
    """A PDF that the browser opens in its viewer."""
    response = Response(body, mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return response


def _case(number: str) -> Case:
    case = local().store.case(number)
    if case is None or case.state is CaseState.NEW:
        abort(404)
    return case


def make_receipt(here: Local, case: Case) -> paper.Receipt:
    """Everything that the receipt of a case says."""
    event = here.store.event(case.received_event)
    names = staff.names(here.store, here.point.code)
    return paper.Receipt(
        number=case.number,
        address=token_address(here, case.number),
        matter=case.title,
        applicant=applicant_name(here, case),
        point=here.point.name,
        received_at=shown(case.received_at, here.now()),
        decided_by=decided_by(here, case),
        papers=[
            paper.Paper(m.name, paper.Handling(m.handling), m.copies)
            for m in case.materials
            if m.taken
        ],
        next_steps=next_steps(here, case),
        clerk=names.get(event.actor if event else "", ""),
        phone=here.point.phone,
        organisation=case.applicant_kind == "organization",
        code=delivery_code(here.node.token_key, case.number),
        note=SAMPLE_NOTE if case.of_sample else "",
    )


def decided_by(here: Local, case: Case) -> str:
    """Who decides, as the applicant should know it."""
    point = here.bundle.directory.find(case.deciding)
    name = point.name if point else case.deciding
    return f"{case.department_name}（{name}）" if case.level == "district" else name


def next_steps(here: Local, case: Case) -> tuple[str, ...]:
    """What happens now, in sentences for the applicant."""
    point = here.bundle.directory.find(case.deciding)
    who = point.name if point else case.department_name
    what = "材料" if travelling(case) else "申请"
    first = f"{what}转到{who}，由其决定是否受理。" if case.forwarded else "由本受理点办理。"
    if case.accepted_by_receiver:
        first = f"由本受理点决定是否受理；受理后{what}转到{who}审批。"
    unit = "个工作日" if case.day_unit == "working" else "天"
    when = (
        "受理后当场办结" if case.immediate else f"受理之日起 {case.promised_days} {unit}内作出决定"
    )
    when = "；".join(part for part in (when, fee_due(here, case)) if part) + "。"
    asked = "快递员送来问签收码时再报"  # ours ask for it, a carrier's do not
    slip = f"要寄到家：用手机扫上面的码填寄递单，寄送免费，{asked}；也可以回窗口领取。"
    back = "收存的原件，办完后依法归档，或者随结果一起退还给您。"
    ask = "查进度：扫码，或报办件编号和证件（或手机号）后四位。"
    if missing := still_missing_zh((case,)):
        first = f"{first}{missing}"
    return (first, when, slip, *((back,) if originals(case) else ()), ask)


def _where_it_is(here: Local, case: Case, *, safe: bool) -> str:
    if any(step.type == "case.received" for step in refused_steps(here, case.number)):
        return "区中心没有收录这件，请打开办件看原因"
    return "已上报，区中心已收到" if safe else "已存好，目前只在本机，待上报"


def _card(here: Local, case: Case) -> ReceivedCard:
    event = here.store.event(case.received_event)
    is_safe = event is not None and here.store.is_safe(event)
    parcel = live(here.store.parcels_of(case.number), TO_AUTHORITY, case.number)
    gone = case.forwarded and not case.waits_at_receiver
    point = here.bundle.directory.find(case.deciding)
    return ReceivedCard(
        number=case.number,
        title=case.title,
        name=applicant(here, case),
        at=shown(case.received_at, here.now()),
        safe=is_safe,
        words=_where_it_is(here, case, safe=is_safe),
        steps=bundle_receipts.clerk_steps(here, case)
        if case.group
        else _clerk_steps(here, case, parcel is not None),
        copies=prints.copies(here, case.number),
        parcel=parcel.number if parcel else "",
        deciding=point.name if point else case.deciding,
        forwarded=gone,
    )


def _why_not_packed(here: Local, case: Case) -> str:
    if closed := not_open(here.bundle.directory, here.point.code, case.deciding):
        return f"{closed}。"
    words = (
        "面单号段用完了" if tracking_carrier(here.store, here.identity.author) else "还没有面单号"
    )
    return f"{words}：材料先保管好，联网领到号以后在“邮件”里装封。"


def _clerk_steps(here: Local, case: Case, packed: bool) -> tuple[str, ...]:
    back = [m.name for m in case.materials if m.taken and m.handling == Handling.LOOKED_AT]
    kept = [m.name for m in travelling(case)]
    found = ["打印收件凭证，交给申请人。"]
    if missing := names_zh(case):
        who = "本点审批人员" if case.holder == here.point.code else "审批部门"
        found.append(f"还缺{missing}：由{who}一次告知补正。")
    if due := fee_due(here, case):
        found.append(f"{due}。")
    if back:
        found.append(f"当场退还：{'、'.join(back)}。")
    if packed:
        found.append(f"装袋寄出：{'、'.join(kept)}。面单在“邮件”里打印。")
    elif case.forwarded and kept and not case.waits_at_receiver:
        found.append(_why_not_packed(here, case))
    if case.waits_at_receiver:
        found.append("由本点受理：打开办件受理，再转审批部门。")
    if not case.forwarded:
        found.append("由本点受理：打开办件继续办理。")
    return tuple(found)
