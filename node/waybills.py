"""From a parcel to its printed waybill."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from cases.folded import Parcel
from cases.from_home import is_fetch
from cases.manifests import GRAMS_MAX, inspected
from cases.papers import (
    PAPERS_FETCHED,
    PAPERS_RETURNED,
    RESULT,
    RESULT_TO_POINT,
    TO_AUTHORITY,
)
from cases.times import shown
from courier.carriers import carrier_zh
from labels.addressee import Addressee, Office, Person
from labels.addressee import shown as on_paper
from labels.fonts import missing
from labels.tokens import Purpose, mint, url
from labels.waybill import Waybill
from node.local import Local
from node.people_card import opened

VALID_FOR = timedelta(days=180)
KINDS = {
    TO_AUTHORITY: "寄送申请材料",
    RESULT: "寄送办理结果",
    RESULT_TO_POINT: "转送待领结果",
    PAPERS_RETURNED: "退还申请材料",
    PAPERS_FETCHED: "上门取申请材料",
}


class CannotPrint(LookupError):
    """This store cannot open what a waybill must say; the message is for a person."""


def waybill_of(local: Local, parcel: Parcel) -> Waybill:
    """What the last copy of a parcel's waybill says.

    :raises CannotPrint: its address cannot be opened here.
    """
    fields = opened(local, parcel.packed_event)
    if fields is None:
        raise CannotPrint(f"{parcel.number} 的收件地址在本机打不开，不能打印面单，请联系区中心")
    point = local.point
    here = Office(point.name, point.phone, point.address)
    results = sum(c.get("position") == 0 for c in parcel.contents)
    return Waybill(
        number=parcel.number,
        tracking=parcel.tracking,
        address=_qr(local, parcel),
        kind=KINDS.get(parcel.purpose, "政务材料"),
        carrier=carrier_zh(parcel.carrier),
        route=route_of(local, parcel, str(fields.get("region") or "")),
        to=here if is_fetch(parcel) else _addressee(parcel, fields),
        sender=_addressee(parcel, fields) if is_fetch(parcel) else here,
        point=point.name,
        made_at=shown(parcel.packed_at, local.now()),
        certificates=results,
        documents=max(len(parcel.contents) - results, 0 if results else 1),
        service_phone=point.phone,
        grams=weighed(parcel),
        inspected=inspected_at(local, parcel),
        copy=max(parcel.copies, 1),
    )


def to_write_in(local: Local, parcel: Parcel) -> str:
    """What of the name and address on a label no typeface has: somebody writes it in by hand."""
    fields = opened(local, parcel.packed_event)
    return missing("".join(on_paper(_addressee(parcel, fields)))) if fields else ""


def weighed(parcel: Parcel) -> int:
    """What a parcel weighs in grams, where somebody weighed it; 0 otherwise."""
    looked = inspected(parcel)
    grams = looked.data.get("grams") if looked else 0
    return grams if isinstance(grams, int) and 0 < grams <= GRAMS_MAX else 0


def inspected_at(local: Local, parcel: Parcel) -> str:
    """When a parcel was looked at before it was sealed (收寄验视), or empty."""
    looked = inspected(parcel)
    return shown(looked.at, local.now()) if looked else ""


def _qr(local: Local, parcel: Parcel) -> str:
    node = local.node
    token = mint(node.token_key, Purpose.WAYBILL, parcel.number, local.today() + VALID_FOR)
    return url(node.config.central.portal_url, token)


def _addressee(parcel: Parcel, fields: Mapping[str, Any]) -> Addressee:
    kind = Office if parcel.to_point and not is_fetch(parcel) else Person
    name, phone, address = (str(fields.get(n) or "") for n in ("name", "phone", "address"))
    return kind(name, phone, address)


def route_of(local: Local, parcel: Parcel, region: str) -> str:
    """The few big words that sorting needs: ``福州市 鼓楼区``; to a point, the area it serves."""
    if parcel.to_point:
        to = local.bundle.directory.find(parcel.to_point)
        return f"鼓楼 · {to.area_name}" if to else "鼓楼"
    divisions = local.bundle.divisions
    try:
        county, city = divisions.name_of(region), divisions.name_of(f"{region[:4]}00")
    except LookupError:
        return _without_province(local, region) or "请看地址"
    return county if city == county else f"{city} {county}"


def _without_province(local: Local, region: str) -> str:
    names = (p.name for p in local.bundle.divisions.provinces())
    province = next((name for name in names if region.startswith(name)), "")
    return region.removeprefix(province) or region
