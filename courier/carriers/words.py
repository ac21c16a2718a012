"""What people read of what a carrier told: in Chinese, for the window and the board. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cases.times import BadTime, shown
from courier.carriers import carrier_zh
from courier.carriers.codes import UNSAID
from courier.carriers.ports import Kind
from courier.parcels import HANDS_ZH

ACTOR = "carrier:"
KINDS_ZH: Mapping[str, str] = {
    Kind.TAKEN_OVER.value: "收寄",
    Kind.OUT.value: "安排投递",
    Kind.DELIVERED.value: "妥投",
    Kind.FAILED.value: "未妥投",
    Kind.RETURNED.value: "退回妥投",
    Kind.REACHED.value: "到达",
    Kind.LEFT.value: "离开，运输中",
    Kind.HELD.value: "在网点等收件人自取",
    Kind.RETURNING.value: "退回途中",
}
_HANDS = {**{hands.value: words for hands, words in HANDS_ZH.items()}, UNSAID: "承运方没有写明"}


def hands_zh(to: str) -> str:
    """Who took a parcel, as far as it was said; what a later version knows stays as it is."""
    return _HANDS.get(to, to)


def actor_zh(actor: str) -> str:
    """The carrier that told something, or empty where it was a person or a program."""
    return carrier_zh(actor.removeprefix(ACTOR)) if actor.startswith(ACTOR) else ""


def passed_zh(data: Mapping[str, Any]) -> str:
    """What happened on the way, in our words, or in the carrier's code."""
    return KINDS_ZH.get(str(data.get("kind")), str(data.get("code", "")))


def happened_zh(data: Mapping[str, Any], now: str) -> str:
    """When what a carrier told happened; when we heard of it stands elsewhere."""
    try:
        return f"发生在{shown(str(data.get('when', '')), now)}"
    except BadTime:
        return ""
