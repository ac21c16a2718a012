"""没收到 at the point that sent it: whom was asked, what was found out. In an open transaction.

Until it is settled the case stays open; what is lost is made anew and posted again, free.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from cases.disputes import CALLED, FOUND, HOW_ZH, LOST, SETTLED
from cases.fields import BadField
from cases.fold import WrongState
from cases.folded import Parcel
from cases.times import shown
from courier.look.cards import Choice
from courier.parcels import HANDS_ZH
from node.case_card import scene_of
from node.local import Local
from node.mail import may_pack, parcel_in
from node.officer import Hand, needed, one_of, short
from node.permissions import POSTING, Person, require

REACHED = {"yes": "打通了", "no": "没有打通"}
HOWS = (
    Choice(FOUND, "找到了", "写明在谁手里、怎么交到的"),
    Choice(LOST, "确实丢失", "内件补办后免费再寄；写明问过谁"),
)
_HANDS = {hands.value: words for hands, words in HANDS_ZH.items()}


@dataclass(frozen=True)
class DisputeCard:
    """What the page of a disputed parcel shows: since when, who is said to have it, the calls.

    ``again``: (case, why not yet) of what a lost parcel held and has to go out once more.
    """

    since: str
    receiver: str
    calls: tuple[str, ...]
    lost: bool
    may_settle: bool
    again: tuple[tuple[str, str], ...]
    hows: tuple[Choice, ...]
    reached: tuple[Choice, ...] = tuple(Choice(*each) for each in REACHED.items())


def dispute_card(local: Local, parcel: Parcel, person: Person) -> DisputeCard | None:
    """The card of a parcel that its recipient says never came, or that is lost; None of others."""
    if not parcel.disputed_at and not parcel.lost:
        return None
    mine = parcel.point == local.point.code and bool(person.roles & POSTING)
    now = local.now()
    return DisputeCard(
        since=shown(parcel.disputed_at, now) if parcel.disputed_at else "",
        receiver=_HANDS.get(parcel.delivered_to, parcel.delivered_to),
        calls=tuple(_call(call.at, call.reached, call.next, now) for call in parcel.dispute_calls),
        lost=parcel.lost,
        may_settle=mine and not parcel.read_only,
        again=_again(local, parcel) if parcel.lost and mine else (),
        hows=HOWS[:1] if parcel.lost else HOWS,
    )


def _call(at: str, reached: bool, again: str, now: str) -> str:
    words = f"{shown(at, now)} {REACHED['yes' if reached else 'no']}"
    return f"{words}，下次 {again}" if again else words


def _again(local: Local, parcel: Parcel) -> tuple[tuple[str, str], ...]:
    cases = [case for number in parcel.cases if (case := local.store.case(number))]
    return tuple((case.number, may_pack(scene_of(local, case))) for case in cases)


def call(hand: Hand, number: str, typed: Mapping[str, str]) -> str:
    """Log that somebody was rung up about it (the courier, the neighbour, the recipient)."""
    _require_open(hand, number)
    reached = one_of("reached", typed.get("reached", ""), REACHED)
    again = _day(typed.get("next", ""), hand.w.day)
    hand.state(
        CALLED, number, sealed={"words": short("said", typed.get("said", ""))},
        reached=reached == "yes", **({"next": again} if again else {}),
    )  # fmt: skip
    return "已记录电话"


def _day(text: str, today: date) -> str:
    if not text:
        return ""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise BadField("next", "日期不对。", "Not a day.") from None
    if day < today:
        raise BadField("next", "下次联系的日期不能早于今天。", "This day is over.")
    return day.isoformat()


def settle(hand: Hand, number: str, typed: Mapping[str, str]) -> str:
    """Say what was found out. What was given up as lost may turn up later."""
    _require_open(hand, number)
    how = one_of("how", typed.get("how", ""), HOW_ZH)
    words = needed("why", typed.get("why", ""), "是怎么查清的")
    hand.state(SETTLED, number, sealed={"words": words}, how=how)
    return "已记下：找到了" if how == FOUND else "已记下：丢失。请补办内件，再装封寄出"


def _require_open(hand: Hand, number: str) -> None:
    require(hand.person, POSTING, "答复没收到")
    parcel = parcel_in(hand, number)
    if not parcel.disputed_at and not parcel.lost:
        raise WrongState(f"{number} 没有人说没收到，或者已经答复过")
