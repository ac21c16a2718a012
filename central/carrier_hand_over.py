"""What a carrier is to fetch, as the file its desk opens: names and addresses in full.

Parcels are fetched at a point; papers from a home there, at the time that was agreed on, and
brought to the point. Each file is a numbered hand-over: a parcel goes into one only, it is kept as
it went out for a while, and undone if it never reached the carrier. Who sees it is logged, with
the parcels.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple

from sqlite_utils import Database

from cases.folded import Parcel
from cases.manifests import inspected
from cases.points import Point
from cases.states import ParcelState
from cases.times import day_of, shown
from central.carrier_db import CarrierDb, Given
from courier.carriers.ports import Carrier, Handed
from courier.fetches import RULE, waits, when_zh
from courier.look.signin import Account
from labels.wording import contents
from sync import registers
from sync.bundle import Bundle
from sync.db import write
from sync.seal import CannotUnseal
from sync.store import Store

PARCELS_MAX = 2_000
LOGGED = "交寄清单"
FAILED = "parcel.delivery_failed"


class Waiting(NamedTuple):
    """How many parcels of a point go into the next hand-over, how many of them are at homes, and
    why others are left out."""

    point: Point
    parcels: int
    homes: int
    left_out: tuple[str, ...]


def to_fetch(store: Store, carrier: str) -> list[Parcel]:
    """The parcels that wait for a carrier, the oldest first."""
    states = (ParcelState.PACKED, ParcelState.FAILED)
    known = [
        parcel
        for state in states
        for parcel in registers.newest(store.db, "parcel", state=state.value, limit=PARCELS_MAX)
        if isinstance(parcel, Parcel) and parcel.carrier == carrier
    ]
    found = [p for p in known if p.state is ParcelState.PACKED or waits(p)]
    return sorted(found, key=lambda parcel: parcel.packed_at)


def untold(db: CarrierDb, parcels: Iterable[Parcel]) -> list[Parcel]:
    """Those of which the carrier was not told, or not since it went in vain."""
    found = list(parcels)
    handed = db.handed(parcel.number for parcel in found)
    return [parcel for parcel in found if _attempt(parcel) not in handed]


def _attempt(parcel: Parcel) -> tuple[str, str]:
    """What a hand-over holds: a parcel once, and a home once more after each failed attempt."""
    failed = [step.id for step in parcel.steps if step.type == FAILED and step.verdict == "ok"]
    return parcel.number, failed[-1] if failed and waits(parcel) else ""


def why_not(parcel: Parcel) -> str:
    """Why a parcel cannot be handed over yet, or empty. Papers at a home have no label."""
    if waits(parcel):
        return ""
    if not parcel.copies:
        return "面单还没有打印"
    return "" if inspected(parcel) else "还没有收寄验视"


def waiting(store: Store, bundle: Bundle, db: CarrierDb, carrier: str) -> list[Waiting]:
    """The points where something waits: those with homes first, then those with most."""
    of_point: dict[str, list[Parcel]] = {}
    for parcel in untold(db, to_fetch(store, carrier)):
        of_point.setdefault(parcel.point, []).append(parcel)
    found = []
    for code, own in of_point.items():
        reasons = Counter(why for parcel in own if (why := why_not(parcel)))
        left_out = tuple(f"{count} 件{why}" for why, count in sorted(reasons.items()))
        if point := bundle.directory.find(code):
            ready = len(own) - reasons.total()
            found.append(Waiting(point, ready, sum(map(waits, own)), left_out))
    return sorted(found, key=lambda each: (-each.homes, -each.parcels, each.point.code))


def hand_over(
    store: Store, db: CarrierDb, log: Database, carrier: Carrier, point: Point, *, who: Account,
    now: str,
) -> Given | None:  # fmt: skip
    """Make the next hand-over of a point's parcels, which is noted in ``log`` first; None where
    nothing waits, or somebody else has just made it."""
    parcels = [
        p
        for p in untold(db, to_fetch(store, carrier.code))
        if p.point == point.code and not why_not(p)
    ]
    if not parcels:
        return None
    note(log, [p.number for p in parcels], who.id, now)
    handed = [_handed(parcel, point, _opened(store, parcel), now) for parcel in parcels]
    number = db.next_hand_over()
    file = carrier.hand_over(f"{point.number:03d}-{day_of(now)}-{number}", handed)
    given = Given(
        number, carrier.code, point.code, now, who.display, len(parcels), file.name, file.encoding
    )
    return given if db.hand_over(given, [_attempt(p) for p in parcels], file.content) else None


def note(log: Database, parcels: Iterable[str], who: str, now: str) -> None:
    """Note who sees the recipients of these parcels."""
    with write(log) as db:
        for parcel in parcels:
            db.execute("INSERT INTO showings VALUES (?, ?, ?, ?)", [now, who, parcel, LOGGED])


def _opened(store: Store, parcel: Parcel) -> Mapping[str, Any]:
    packed = store.event(parcel.packed_event)
    try:
        return store.unseal(packed) if packed else {}
    except CannotUnseal:
        return {}  # its number stands in the list all the same: the point knows whose it is


def _handed(parcel: Parcel, point: Point, fields: Mapping[str, Any], now: str) -> Handed:
    name, phone, region, address = (
        str(fields.get(each) or "") for each in ("name", "phone", "region", "address")
    )
    results = sum(content.get("position") == 0 for content in parcel.contents)
    inside = contents(results, len(parcel.contents) - results)
    handed = Handed(
        number=parcel.number,
        tracking=parcel.tracking,
        name=name,
        phone=phone,
        region=region,
        address=address,
        sender=point.name,
        sender_phone=point.phone,
        sender_address=point.address,
        contents="、".join(inside),
        packed=shown(parcel.packed_at, now),
    )
    return _from_home(handed, parcel, fields, day_of(now)) if waits(parcel) else handed


def _from_home(handed: Handed, parcel: Parcel, fields: Mapping[str, Any], today: date) -> Handed:
    """Fetched where the address is, and brought to the point that asked for it."""
    when = when_zh(str(fields.get("day", "")), str(fields.get("hours", "")), today)
    papers = "、".join(str(content.get("name", "")) for content in parcel.contents)
    note = str(fields.get("note") or "")
    said = (when or "时间问受理点", f"取：{papers}", *([note] if note else []), RULE)
    return replace(
        handed,
        name=handed.sender,
        phone=handed.sender_phone,
        region="",
        address=handed.sender_address,
        sender=handed.name,
        sender_phone=handed.phone,
        sender_address=handed.region + handed.address,
        fetch="；".join(said),
    )
