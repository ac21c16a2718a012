"""The watch list (盯办): parcels that somebody has to see to, each with its owner and next step.

Pure: from a folded parcel, or a case with its parcels, and the time. How long a parcel may be on
its way goes by the province it goes to (``courier/data/mail_regions.csv``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

from cases import originals
from cases.calendar import Calendar
from cases.folded import Case, Parcel
from cases.from_home import is_fetch, is_promised
from cases.papers import TO_AUTHORITY, owed, to_send
from cases.papers import originals as originals_of
from cases.states import ParcelState
from cases.times import day_of, from_text
from cases.tracking import OWN
from courier.parcels import attempts
from courier.postage import posted_on

DAY_SECONDS = 24 * 3600
TAKEN_OVER_WITHIN_SECONDS = DAY_SECONDS
FAILED_MANY = 2
_ON_THE_ROAD = (ParcelState.TAKEN_OVER, ParcelState.OUT)


class Kind(Enum):
    """Why somebody has to look after a parcel."""

    NOT_TAKEN_OVER = "not_taken_over"
    MISSING = "missing"
    IN_TRANSIT = "in_transit"
    FAILED_TWICE = "failed_twice"
    DISPUTED = "disputed"
    LOST = "lost"
    RETURNED = "returned"
    ORIGINAL = "original"


KINDS_ZH = {
    Kind.NOT_TAKEN_OVER: "一天没有揽收",
    Kind.MISSING: "交接单上有、袋里没有",
    Kind.IN_TRANSIT: "在途太久",
    Kind.FAILED_TWICE: "两次没有送到",
    Kind.DISPUTED: "签收了说没收到",
    Kind.LOST: "丢失待补办",
    Kind.RETURNED: "退回来了",
    Kind.ORIGINAL: "原件下落不清",
}
_NEXT = {
    Kind.NOT_TAKEN_OVER: "催投递员来取；今天还不来，改交另一位",
    Kind.MISSING: "在窗口和投递员那里找；答复找到了还是丢失",
    Kind.FAILED_TWICE: "联系收件人核对地址，约好再送，或改到受理点领取",
    Kind.DISPUTED: "看签收人和凭证，问投递员和代收的人，查清后答复",
    Kind.LOST: "补办内件，免费再寄",
    Kind.RETURNED: "核对内件，联系收件人，重新装封寄出",
}


@dataclass(frozen=True)
class Watched:
    """One thing to see to: why, of which parcel or case, since when (UTC), whose, what next."""

    kind: Kind
    subject: str
    since: str
    owner: str
    next: str


def watch(
    parcel: Parcel, now: str, *, days: int, calendar: Calendar, waits: bool = True
) -> tuple[Watched, ...]:
    """Why a parcel is watched; nothing if it need not be.

    :param days: in how many days a parcel to its province should be there.
    :param waits: whether what was in it still has to go out (:func:`goes_again`).
    """
    found = [*_at_the_point(parcel, now, calendar, waits=waits), *_on_its_way(parcel, now, days)]
    return tuple(
        Watched(kind, parcel.number, since, parcel.point, next or _NEXT[kind])
        for kind, since, next in found
    )


def _at_the_point(
    parcel: Parcel, now: str, calendar: Calendar, *, waits: bool
) -> Iterator[tuple[Kind, str, str]]:
    if parcel.missing:
        yield Kind.MISSING, _since(parcel, "parcel.missing"), ""
    elif _lies(parcel) and _let_lie(parcel.packed_at, now, calendar):
        yield Kind.NOT_TAKEN_OVER, parcel.packed_at, ""
    if parcel.disputed_at:
        yield Kind.DISPUTED, parcel.disputed_at, ""
    if parcel.lost and waits:
        yield Kind.LOST, _since(parcel, "parcel.dispute_settled"), ""
    if parcel.state is ParcelState.RETURNED and waits:
        yield Kind.RETURNED, _since(parcel, "parcel.returned"), ""


def _lies(parcel: Parcel) -> bool:
    """Whether it waits for a courier: an errand that one has accepted waits for its day."""
    return parcel.state is ParcelState.PACKED and not is_promised(parcel)


def _let_lie(packed_at: str, now: str, calendar: Calendar) -> bool:
    """Whether a day went by, days on which nobody works left out."""
    waited = (from_text(now) - from_text(packed_at)).total_seconds()
    start, end = day_of(packed_at), day_of(now)
    idle = (end - start).days - max(calendar.working_days_between(start, end), 0)
    return waited - idle * DAY_SECONDS > TAKEN_OVER_WITHIN_SECONDS


def _on_its_way(parcel: Parcel, now: str, days: int) -> Iterator[tuple[Kind, str, str]]:
    since, often = posted_on(parcel), attempts(parcel) >= FAILED_MANY
    once = parcel.state is ParcelState.FAILED and not often and not is_fetch(parcel)
    going = parcel.state in _ON_THE_ROAD or once
    if going and (day_of(now) - day_of(since)).days > days:
        ask = "打电话问投递员" if parcel.carrier == OWN else f"向承运方查件 {parcel.tracking}"
        yield Kind.IN_TRANSIT, since, f"{ask}，问清到哪儿了、哪天送到"
    under_way = (*_ON_THE_ROAD, ParcelState.FAILED)
    if parcel.state in under_way and often:
        yield Kind.FAILED_TWICE, _since(parcel, "parcel.delivery_failed"), ""


def _since(parcel: Parcel, type: str) -> str:
    """When a fact was last stated of a parcel."""
    stated = [step.at for step in parcel.steps if step.type == type and step.verdict == "ok"]
    return stated[-1] if stated else parcel.changed_at


def goes_again(parcel: Parcel, case: Case, parcels: Iterable[Parcel]) -> bool:
    """Whether what a parcel carried of a case has to go out, and no other parcel carries it."""
    parcels = tuple(parcels)
    if parcel.purpose == TO_AUTHORITY:
        return bool(to_send(case, parcels, parcel.point))
    inside = [c.get("position") for c in parcel.contents if c.get("case") == case.number]
    return any(o.position in inside and not o.on_the_way for o in owed(case, parcels))


def watch_originals(case: Case, parcels: Iterable[Parcel], now: str) -> tuple[Watched, ...]:
    """The originals of a case that should have gone on by now and did not; see ``originals``."""
    parcels = tuple(parcels)
    found = []
    for material in originals_of(case):
        if words := originals.missing(case, material, parcels, now):
            last = originals.way(case, material, parcels)[-1]
            carrier = next((p for p in parcels if p.number == last.parcel), None)
            owner = case.holder or case.point
            if carrier is not None:
                owner = carrier.to_point if last.what == "parcel.delivered" else carrier.point
            next_step = f"找到《{material.name}》：{words}"
            found.append(Watched(Kind.ORIGINAL, case.number, last.at, owner, next_step))
    return tuple(found)
