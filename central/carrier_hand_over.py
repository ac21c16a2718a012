"""What a carrier is to fetch at a point, as the file its desk opens: names and addresses in full.

Made when it is asked for, never kept; each is logged, with who had it made and of which parcels.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlite_utils import Database

from cases.folded import Parcel
from cases.points import Point
from cases.states import ParcelState
from cases.times import shown
from courier.carriers.ports import Carrier, Handed, HandOver
from labels.wording import contents
from sync import registers
from sync.bundle import Bundle
from sync.db import write
from sync.seal import CannotUnseal
from sync.store import Store

PARCELS_MAX = 2_000
LOGGED = "交寄清单"


class Waiting(NamedTuple):
    """How many parcels a carrier is to fetch at a point."""

    point: Point
    parcels: int


def to_fetch(store: Store, carrier: str) -> list[Parcel]:
    """The parcels that wait for a carrier, the oldest first."""
    packed = registers.newest(store.db, "parcel", state=ParcelState.PACKED.value, limit=PARCELS_MAX)
    found = [p for p in packed if isinstance(p, Parcel) and p.carrier == carrier]
    return sorted(found, key=lambda parcel: parcel.packed_at)


def waiting(store: Store, bundle: Bundle, carrier: str) -> list[Waiting]:
    """The points where something waits, those with most first."""
    counts: dict[str, int] = {}
    for parcel in to_fetch(store, carrier):
        counts[parcel.point] = counts.get(parcel.point, 0) + 1
    points = ((bundle.directory.find(code), count) for code, count in counts.items())
    found = [Waiting(point, count) for point, count in points if point is not None]
    return sorted(found, key=lambda each: (-each.parcels, each.point.code))


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
    return Handed(
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
