"""What a carrier is to fetch, as the file its desk opens: names and addresses in full.

Parcels are fetched at a point; papers from a home there, at the time that was agreed on, and
brought to the point. Made when it is asked for, never kept; each is logged, with who had it made
and of which parcels.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple

from sqlite_utils import Database

from cases.folded import Parcel
from cases.points import Point
from cases.states import ParcelState
from cases.times import day_of, shown
from courier.carriers.ports import Carrier, Handed, HandOver
from courier.fetches import RULE, waits, when_zh
from labels.wording import contents
from sync import registers
from sync.bundle import Bundle
from sync.db import write
from sync.seal import CannotUnseal
from sync.store import Store

PARCELS_MAX = 2_000
LOGGED = "交寄清单"


class Waiting(NamedTuple):
    """How many parcels of a point a carrier is to fetch, how many of them at homes, and how many
    of those stand in no list yet."""

    point: Point
    parcels: int
    homes: int
    untold: int


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


def untold(log: Database, parcels: Iterable[Parcel]) -> set[str]:
    """Those of the parcels to be fetched at a home that the carrier was not told of yet."""
    rows = log.execute("SELECT DISTINCT subject FROM showings WHERE what=?", [LOGGED])
    return {p.number for p in parcels if waits(p)} - {subject for (subject,) in rows.fetchall()}


def waiting(store: Store, bundle: Bundle, log: Database, carrier: str) -> list[Waiting]:
    """The points where something waits: those with a home to be told of, then those with most."""
    parcels = to_fetch(store, carrier)
    of_point: dict[str, list[Parcel]] = {}
    for parcel in parcels:
        of_point.setdefault(parcel.point, []).append(parcel)
    new = untold(log, parcels)
    found = [
        Waiting(point, len(own), sum(map(waits, own)), sum(p.number in new for p in own))
        for code, own in of_point.items()
        if (point := bundle.directory.find(code)) is not None
    ]
    return sorted(found, key=lambda each: (-each.untold, -each.parcels, each.point.code))


def hand_over(
    store: Store, bundle: Bundle, log: Database, carrier: Carrier, point: Point, *, who: str,
    now: str,
) -> HandOver:  # fmt: skip
    """The file of a point's parcels for a carrier, which is noted in ``log`` first."""
    parcels = [p for p in to_fetch(store, carrier.code) if p.point == point.code]
    with write(log) as db:
        for parcel in parcels:
            db.execute(
                "INSERT INTO showings VALUES (?, ?, ?, ?)", [now, who, parcel.number, LOGGED]
            )
    handed = [_handed(parcel, point, _opened(store, parcel), now) for parcel in parcels]
    return carrier.hand_over(f"{point.number:03d}-{now[:10]}", handed)


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
