"""What a clerk does with the slips of a case: chooses one, fills one in, takes one back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cases.fold import WrongState
from cases.papers import nothing_left, printed
from cases.slips import CONFIRMED, FILLED, newest, standing, to_check
from node.bundle_slips import share_slip
from node.officer import Hand
from node.permissions import RECEIVING, require

WINDOW = "window"


def confirm_slip(hand: Hand, number: str, which: str) -> str:
    """Confirm a slip over those beside it. ``which``: its event, then those that were shown too."""
    scene = hand.begin("confirm_slip", number)
    chosen, *beside = which.split() or [""]
    stand = {slip.event for slip in standing(scene.case)}
    unseen = {slip.event for slip in to_check(scene.case)} - {chosen, *beside}
    if chosen not in stand or unseen:
        raise WrongState(f"{number} 又收到了一张更新的寄递单，或者有一张取消了，请再看一遍")
    _confirm(hand, number, chosen, sorted(stand & set(beside)))
    share_slip(hand.w, scene.siblings, chosen, hand.person.id)
    return "寄递单已核对"


def _confirm(hand: Hand, number: str, slip: str, over: list[str]) -> None:
    hand.state(CONFIRMED, number, slip=slip, over=over)


def fill_in(
    hand: Hand, number: str, data: Mapping[str, Any], sealed: Mapping[str, str], *, checked: bool
) -> str:
    """Fill in a slip for somebody at the window; ``checked``: read over with them, so confirmed."""
    require(hand.person, RECEIVING, "代填寄递单")
    scene = hand.scene(number)
    if nothing_left(scene.case, scene.parcels):
        raise WrongState(f"{number} 没有要给申请人的了，不用再填寄递单")
    before = newest(scene.case)
    replaces = {"replaces": before.event} if before else {}
    hand.state(FILLED, number, sealed=dict(sealed), channel=WINDOW, **replaces, **data)
    filled = newest(hand.scene(number).case)
    if filled is None or not checked:
        return "寄递单已填好，请和申请人核对"
    over = [slip.event for slip in standing(scene.case)]
    _confirm(hand, number, filled.event, over)
    share_slip(hand.w, scene.siblings, filled.event, hand.person.id)
    return "寄递单已填好并核对"


def take_back(hand: Hand, number: str, slip: str) -> str:
    """Take back the slip on the resident's word: what comes is fetched at the window."""
    require(hand.person, RECEIVING, "取消寄递单")
    scene = hand.scene(number)
    case = scene.case
    if parcel := printed(case, scene.parcels):
        raise WrongState(f"面单已经打印：请先取消邮件 {parcel.number}，再取消寄递单")
    if all(each.event != slip for each in standing(case)):
        raise WrongState(f"{number} 这张寄递单已经取消了")
    hand.state("slip.cancelled", number, slip=slip)
    return "寄递单已取消"
