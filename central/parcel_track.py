"""A parcel's way as its resident follows it: by whom it goes, and where it has been, with times.

What a carrier wrote of a place is not shown here: whoever holds the receipt may open this page.
"""

from __future__ import annotations

from collections.abc import Callable

from cases.folded import Parcel, Step
from cases.tracking import EMS, OWN
from courier.carriers.decide import MOVES, PASSED
from courier.carriers.ports import Kind
from courier.look.cards import Happening
from courier.look.words import _


def carrier_name(code: str) -> str:
    """What residents call a carrier; one that a later version knows stays as it is."""
    return {OWN: _("家门口投递员"), EMS: _("中国邮政 EMS")}.get(code, code)


def track(parcel: Parcel, when: Callable[[Step], str]) -> tuple[Happening, ...]:
    """What its carrier told of its way, the last to have happened first; ours tell in their app.

    :param when: when a step happened, as the reader writes it.
    """
    told = [s for s in parcel.steps if s.verdict == "ok" and s.data.get("carrier") and _kind(s)]
    told.sort(key=lambda step: (str(step.data.get("when", "")), step.id), reverse=True)
    return tuple(Happening(_words(step), when(step)) for step in told)


def _kind(step: Step) -> str:
    """The kind of what was told: of a move by its type, else as it says."""
    if step.type == PASSED:
        return str(step.data.get("kind", ""))
    return next((kind.value for kind, type in MOVES.items() if type == step.type), "")


def _words(step: Step) -> str:
    known = {
        Kind.TAKEN_OVER.value: _("邮局已收寄"),
        Kind.LEFT.value: _("运输中"),
        Kind.REACHED.value: _("到了一个处理中心"),
        Kind.OUT.value: _("投递员出门派送"),
        Kind.HELD.value: _("在邮局网点等您去取"),
        Kind.FAILED.value: _("投递没有成功"),
        Kind.DELIVERED.value: _("已经签收"),
        Kind.RETURNING.value: _("正在退回寄件点"),
        Kind.RETURNED.value: _("已退回寄件点"),
    }
    return known.get(_kind(step), "")
