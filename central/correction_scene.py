"""Whose correction it is: by the case's own page, or by the code on the notice itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from cases.folded import Case
from cases.issued import Issued
from cases.states import CaseState
from central import correction_desk as desk
from central import lookup
from central.context import store
from central.notice_code import notice_of
from central.qr import open_code
from courier.look.cards import ErrorCard
from courier.look.errors import Elsewhere, error_page
from courier.look.words import _
from courier.slip_desk import NotOpen
from labels.tokens import Purpose


@dataclass(frozen=True)
class Scene:
    """Whose correction it is, and by which address it was reached; ``paper``: the notice itself."""

    case: Case
    door: str
    key: str
    paper: Issued | None = None

    @property
    def back(self) -> str:
        """The case's own page."""
        if self.paper is None:
            return f"/{self.door}/{self.key}"
        return url_for("portal.prove", door="case", key=self.case.number)

    def url(self, page: str = "show", **more: Any) -> str:
        """An address of these pages."""
        return url_for(f"correction.{page}", door=self.door, key=self.key, **more)


def scene_at(door: str, key: str, *, reads: bool = False) -> Scene:
    """The case that is to be corrected.

    :param reads: nothing is given here, so that whoever scanned the notice itself, which says all
        of it, needs no last four.
    :raises Elsewhere: it cannot be corrected, or not by this browser.
    """
    if door in ("V", "v"):
        scene = _noticed(door, key)
        if not reads and not lookup.granted(scene.case.number):
            raise Elsewhere(_prove("case", scene.case.number))
        return scene
    try:
        number = key if door == "case" else open_code(key, Purpose.RECEIPT).target
    except NotOpen as stop:
        raise Elsewhere(error_page(stop.card)) from None
    if not lookup.granted(number):
        raise Elsewhere(_prove(door, key))
    case = store().case(number)
    if case is None or not desk.is_open(case):
        raise Elsewhere(error_page(_nothing(case, f"/{door}/{key}")))
    return Scene(case, door, key)


def _noticed(door: str, code: str) -> Scene:
    """Whoever scanned a notice that stands. :raises Elsewhere: to where any other is checked."""
    notice = notice_of(code)
    if notice is None:
        raise Elsewhere(redirect(url_for("verify.paper", door=door, code=code), 303))
    return Scene(notice.case, door, code, notice.paper)


def _prove(door: str, key: str) -> ResponseReturnValue:
    """Ask for the last four, then come back to what was wanted."""
    at = (request.endpoint or "").rpartition(".")[2]
    position = (request.view_args or {}).get("position")
    prove = url_for("portal.prove", door=door, key=key, then="correct", at=at, position=position)
    return redirect(prove, 303)


def _nothing(case: Case | None, back: str) -> ErrorCard:
    if case is not None and case.state is CaseState.LAPSED:
        return ErrorCard(
            410,
            _("这次申请已经终止"),
            _("到期没有收到要补的材料，不能再补了。收下的原件会还给您。"),
            _("材料齐了随时可以重新申请；觉得不对，请打电话给受理点。"),
            _("看办到哪一步了"),
            back,
        )
    return ErrorCard(
        404,
        _("这件现在没有要补的"),
        _("要补的已经收到，或者已经在办了。"),
        _("有疑问请打电话给受理点。"),
        _("看办到哪一步了"),
        back,
    )
