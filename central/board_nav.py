"""The navigation of the pages at central's desk, for who is signed in there."""

from __future__ import annotations

from flask import request, url_for

from central.accounts import ADMIN, SUPERVISOR
from courier.look import here
from courier.look.cards import NavItem
from courier.look.signin import current_account

STANDARDS = ("standards", "imports", "values", "carriers")
WITH_NAV = ("board", "answers", "licences", "riders", "bills", "post", *STANDARDS)


def nav() -> tuple[NavItem, ...]:
    """The board's navigation, for who is signed in there."""
    account = current_account("signin") if request.blueprint in WITH_NAV else None
    if account is None:
        return ()
    entries = (
        ("总览", "overview", "1"), ("时限", "late", "2"), ("办件", "cases", "3"),
        ("待办", "tasks", "4"), ("受理点", "points", "5"), ("邮件", "parcels", "6"),
        ("第二次来访", "second", "7"),
    )  # fmt: skip
    found = []
    if SUPERVISOR in account.roles:
        found = [
            NavItem(label, url_for(f"board.{view}"), key, here=_is_here(view))
            for label, view, key in entries
        ]
        licences = url_for("licences.show")
        found.append(NavItem("免于提交", licences, "8", here=here("licences.show")))
    if ADMIN in account.roles:
        in_standards = request.blueprint in STANDARDS
        found.append(NavItem("标准", url_for("standards.overview"), "9", here=in_standards))
    return tuple(found)


def _is_here(view: str) -> bool:
    """Whether the page is a view of the board, or belongs to the mail beside it."""
    return here(f"board.{view}") or (view == "parcels" and request.blueprint in ("bills", "post"))
