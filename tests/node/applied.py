"""What central says of an application from home, and of the courier who fetches its papers."""

from __future__ import annotations

import secrets
from io import BytesIO
from typing import Any

from cases.folded import Parcel, Visit
from cases.numbers import visit_number
from cases.times import day_of
from node.local import Node
from sync import registers
from sync.blobs.seal import new_blob_key, seal_blob
from sync.bundle import load_bundle
from sync.scan_files import facts_of, prepared
from tests.node.central_says import SLIP, state
from tests.node.conftest import Desk
from tests.node.pictures import jpeg
from tests.node.receiving import ID

CARE = "YBJ-080600"  # 长期护理保险申请协办: an ID to photograph, a medical record to fetch
CARE_TITLE = load_bundle().catalogue.matter(CARE).name
SAID = {
    "name": "林小梅", "document_number": ID, "phone": "13805911234", "region": "福建省福州市鼓楼区",
    "address": "东街街道军门社区12号楼3单元502室", "day": "2026-11-25", "hours": "9-12",
    "note": "门铃坏了",
}  # fmt: skip


def apply(node: Node, *, photographs: bool = True, again: str = "", **changed: Any) -> str:
    """Somebody applies for CARE at this point. :returns: the visit's number."""
    number = again or visit_number(node.point.number, day_of(node.clock()), 700, "h0me")
    if photographs:
        key = new_blob_key()
        scan = prepared(BytesIO(jpeg()))
        blob, size = node.blobs.keep(seal_blob(key, number, scan.plain))
        sealed = {"file": "IMG_1.jpg", "key": key}
        state(node, "visit.scanned", number, facts_of(scan, blob, size, 1), sealed)
    state(node, "slip.filled", number, {"channel": "home"},
          {"name": "林小梅", "phone": "13805911234", **SLIP})  # fmt: skip
    data = {
        "point": node.point.code, "matter": CARE, "title": CARE_TITLE, "applicant_kind": "person",
        "document": "resident_id", "fetch": True,
    }  # fmt: skip
    state(node, "visit.applied", number, data, {**SAID, **changed})
    return number


def report(node: Node, parcel: str, type: str, **more: Any) -> None:
    """A courier reports."""
    said = {"op": secrets.token_hex(16), "when": node.clock(), **more}
    state(node, f"parcel.{type}", parcel, said)


def press(desk: Desk, number: str, act: str, **typed: Any) -> Any:
    """Press a button of the application's page."""
    desk.get(f"/fromhome/{number}")
    op = secrets.token_hex(8)
    return desk.post(f"/fromhome/{number}/{act}", {"op": op, **typed}, follow_redirects=True)


def visit_at(node: Node, number: str) -> Visit:
    with node.local() as local:
        visit = registers.subject(local.store.db, number)
    assert isinstance(visit, Visit)
    return visit


def fetches(node: Node, number: str) -> list[Parcel]:
    """The parcels that fetch an application's papers, oldest first."""
    with node.local() as local:
        others = sorted(registers.linked(local.store.db, number))
        return [parcel for other in others if (parcel := local.store.parcel(other))]
