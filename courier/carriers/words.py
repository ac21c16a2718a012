"""What people read of what a carrier or a courier told: in Chinese, at the window and the board.

Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cases.folded import Step
from cases.times import BadTime, from_text, shown
from courier.carriers import carrier_zh
from courier.carriers.codes import UNSAID
from courier.carriers.ports import Kind
from courier.parcels import HANDS_ZH, PROOF_ZH, WHY_ZH

ACTOR = "carrier:"
AT_ONCE_SECONDS = 60  # heard of so soon after, one time says both
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
_WHY = {why.value: words for why, words in WHY_ZH.items()}
_HANDS = {**{hands.value: words for hands, words in HANDS_ZH.items()}, UNSAID: "承运方没有写明"}


def hands_zh(to: str) -> str:
    """Who took a parcel, as far as it was said; what a later version knows stays as it is."""
    return _HANDS.get(to, to)


def delivered_zh(data: Mapping[str, Any]) -> str:
    """To whom it was handed, and what proves it."""
    to, proof = str(data.get("to", "")), PROOF_ZH.get(str(data.get("proof")), "")
    return f"收件：{hands_zh(to)}{f'，{proof}' if proof else ''}"


def failed_zh(data: Mapping[str, Any]) -> str:
    """Why it could not be delivered, and when it is tried again."""
    why, again = str(data.get("why", "")), str(data.get("next") or "")
    words = _WHY.get(why, why)
    return f"{words}，{again} 再送" if again else words


def actor_zh(actor: str) -> str:
    """The carrier that told something, or empty where it was a person or a program."""
    return carrier_zh(actor.removeprefix(ACTOR)) if actor.startswith(ACTOR) else ""


def passed_zh(data: Mapping[str, Any]) -> str:
    """What happened on the way, in our words, or in the carrier's code."""
    return KINDS_ZH.get(str(data.get("kind")), str(data.get("code", "")))


def happened_zh(step: Step, now: str) -> str:
    """When a report's fact happened; when we heard of it stands elsewhere, and is much the same
    where a courier's phone had a signal.
    """
    said = str(step.data.get("when", ""))
    try:
        apart = (from_text(step.at) - from_text(said)).total_seconds()
        told = bool(step.data.get("carrier")) or apart > AT_ONCE_SECONDS
        return f"发生在{shown(said, now)}" if told else ""
    except BadTime:
        return ""
