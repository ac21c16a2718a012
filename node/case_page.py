"""One case as a page, for whoever shows it: after opening, after an act, after a refusal."""

from __future__ import annotations

import secrets

from flask import render_template
from flask.typing import ResponseReturnValue

from cases.folded import Case
from cases.papers import nothing_left, printed
from cases.slips import confirmed, newest
from cases.states import CaseState
from cases.times import shown
from courier.look.cards import ErrorCard
from courier.look.errors import error_page
from courier.look.forms import Form
from node import reveal, scans, undertakings
from node.actions import Action
from node.bundle_receipts import group_card
from node.case_card import CaseCard, case_card
from node.context import local, staff
from node.instant import checks_card
from node.permissions import ANYBODY, LEAD, POSTING, RECEIVING, Person, person_of, refusal
from node.staff import names as staff_names

STAFF = tuple(sorted(ANYBODY))
CHECKED_SLIP = "寄递单的姓名、电话和地址（核对）"
ALL_DATA = "申请人、代办人和寄递单的完整信息"


def me() -> Person:
    """Who is signed in, as the rules see them."""
    return person_of(staff())


def new_op() -> str:
    """The id of an operation that a form will carry out once."""
    return secrets.token_hex(8)


def may_reveal(case: Case) -> str:
    """Why who is signed in may not see personal data in full, or empty."""
    return refusal(me(), RECEIVING, "查看完整信息", case)


def case_page(
    case: Case,
    *,
    full: bool = False,
    form: Form | None = None,
    problem: str = "",
    status: int = 200,
) -> ResponseReturnValue:
    """The page of a case as it is now; ``problem`` says why the last try changed nothing."""
    card = case_card(local(), case, me(), full=full)
    if not full and [slip.content is None for slip in card.slips if slip.to_check] == [False]:
        reveal.note(local(), case.number, CHECKED_SLIP, me().id)
    page = render_template(
        "node/case.html",
        card=card,
        checks=checks_card(local(), case),
        op=new_op(),
        form=form or Form(),
        problem=problem,
        others=_others(card),
        group=group_card(local(), case),
        may_reveal=not may_reveal(case),
        scans=scans.rows(local(), case, me()),
        may_scan=not scans.may_attach(local(), case, me()),
        scan_papers=[(m.position, m.name) for m in case.materials if m.taken or m.licence],
        promised=undertakings.owed_papers(local(), case),
        phones=bool(local().node.config.phone.url),
        may_post=bool(me().roles & POSTING),
        may_fill=_may_fill(case),
        to_cancel=_to_cancel(case),
        showings=_showings(case.number) if LEAD in me().roles else (),
    )
    return page, status


def _may_fill(case: Case) -> bool:
    """Whether a slip may be filled in for somebody at the window."""
    if case.read_only or case.state is CaseState.CLOSED or not me().roles & RECEIVING:
        return False
    return not nothing_left(case, local().store.parcels_of(case.number))


def _to_cancel(case: Case) -> str:
    """The slip that holds now, while it can be taken back; empty if there is none."""
    slip = confirmed(case) or newest(case)
    if slip is None or printed(case, local().store.parcels_of(case.number)):
        return ""
    return slip.event


def _others(card: CaseCard) -> tuple[Action, ...]:
    return tuple(a for a in card.actions if a is not card.primary and a.name != "confirm_slip")


def _showings(number: str) -> tuple[str, ...]:
    """Who saw personal data of a case in full, for whoever is responsible here."""
    names = staff_names(local().store, local().point.code)
    return tuple(
        f"{shown(s.at, local().now())}　{names.get(s.actor, s.actor)}　{s.what}"
        for s in reveal.of_subject(local(), number)
    )


def not_here(number: str) -> ResponseReturnValue:
    """The page for a case that this node does not hold."""
    return error_page(
        ErrorCard(
            404,
            "本机没有这件",
            "编号可能抄错了；也可能是别的受理点收的件，本窗口不是经办方，所以没有它的资料。",
            "请核对编号，或按姓名、证件后四位在办件列表里查找。",
            "去办件列表",
            "/cases?show=all",
        )
    )
