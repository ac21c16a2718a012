"""上门取件: whose errand it is, what may be said of it at the door. Pure.

Until papers are in somebody's hands there is no parcel to scan. So a courier first says that they
go (接单); from then on they, and nobody else, see the address. What is there is ticked off.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import Enum

from cases.folded import Parcel
from cases.from_home import is_fetch, is_promised, was_collected
from cases.states import ParcelState
from cases.times import shown_day
from cases.tracking import OWN

HOURS_ZH = {"9-12": "上午 9 点到 12 点", "14-18": "下午 2 点到 6 点"}
#: What is said at the door, before anything is taken along.
RULE = "身份证件不收：要看就看一眼，当面还给本人。"


class Errand(Enum):
    """How an errand stands to one courier."""

    FREE = "free"
    MINE = "mine"
    ANOTHERS = "anothers"
    OVER = "over"  # collected, or called off


@dataclass(frozen=True)
class Home:
    """Where a courier goes, when, and what was said to them."""

    name: str
    phone: str
    region: str
    address: str
    day: str
    hours: str
    note: str = ""


def waits(parcel: Parcel) -> bool:
    """Whether somebody still has to go to a home for it, whichever carrier does."""
    there = parcel.state in (ParcelState.PACKED, ParcelState.FAILED)
    return is_fetch(parcel) and there and not was_collected(parcel)


def is_open(parcel: Parcel) -> bool:
    """Whether one of our couriers has to go there.

    Another carrier is told in the list of what it fetches (``central.carrier_hand_over``).
    """
    return parcel.carrier == OWN and waits(parcel)


def when_zh(day: str, hours: str, today: date) -> str:
    """When they are expected: ``11月25日（周三） 上午 9 点到 12 点``; or empty."""
    try:
        return f"{shown_day(date.fromisoformat(day), today)} {HOURS_ZH.get(hours, '')}".strip()
    except ValueError:
        return ""


def goer(parcel: Parcel) -> str:
    """The account of who said that they go, or was there last; empty if nobody did."""
    types = ("parcel.fetch_accepted", "parcel.delivery_failed")
    steps = (step for step in reversed(parcel.steps) if step.verdict == "ok")
    return next((step.actor for step in steps if step.type in types), "")


def standing(parcel: Parcel, courier: str) -> Errand:
    """How an errand stands to the courier with this account.

    One that was in vain may be taken up by another; until then it stays with who was there.
    """
    if not is_open(parcel):
        return Errand.OVER
    if goer(parcel) == courier:
        return Errand.MINE
    return Errand.ANOTHERS if is_promised(parcel) else Errand.FREE


def may_go(parcel: Parcel, courier: str) -> bool:
    """Whether this courier may go there, having said so or not yet."""
    return standing(parcel, courier) in (Errand.FREE, Errand.MINE)


def refusal(parcel: Parcel, courier: str, *, accepts: bool) -> str:
    """Why this courier may not say that they go (``accepts``) or were there; empty if they may."""
    at = standing(parcel, courier)
    if at is Errand.OVER:
        return "这次上门取件已经取到，或者已经取消，不用去了。"
    if at is Errand.ANOTHERS:
        return "另一位快递员已经接单，请不要去。"
    if accepts and at is Errand.MINE:
        return "您已经接单，按约好的时间去就行。"
    if not accepts and at is Errand.FREE:
        return "请先接单，再报取件的结果。"
    return ""
