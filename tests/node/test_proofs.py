"""The photo or signature of a delivery at the point that sent the parcel: noted, fetched, shown."""

from __future__ import annotations

from io import BytesIO

import pytest

from node import reveal
from node.local import Node
from sync.blobs.memory import MemoryBlobs
from sync.blobs.seal import new_blob_key, seal_blob
from tests.node.casework import TWO_DAYS
from tests.node.central_says import state as central_says
from tests.node.conftest import NOW, Desk, receipt_all
from tests.node.receiving import receive
from tests.node.scanning import carry

SIGNATURE = b"\x89PNG\r\n\x1a\n strokes"


@pytest.fixture
def central() -> MemoryBlobs:
    return MemoryBlobs()


@pytest.fixture
def parcel(clerk: Desk, node: Node, central: MemoryBlobs) -> str:
    """A parcel of this point's whose receiver signed on the courier's phone."""
    case = receive(clerk, TWO_DAYS)
    with node.local() as local:
        number = local.store.parcels_of(case)[0].number
    deliver(node, central, number)
    receipt_all(node)
    return number


def deliver(node: Node, central: MemoryBlobs, number: str) -> None:
    key = new_blob_key()
    blob, size = node.blobs.keep(seal_blob(key, number, BytesIO(SIGNATURE)))
    with node.blobs.open(blob) as sealed_bytes:
        central.whole[blob] = sealed_bytes.read()
    node.blobs.drop(blob)
    data = {"op": "o", "when": NOW, "to": "point", "proof": "signature",
            "blob": blob, "media": "image/png", "size": size}  # fmt: skip
    central_says(node, "parcel.delivered", number, data, {"key": key})


def showings(node: Node, number: str) -> list[tuple[str, str]]:
    with node.local() as local:
        return [(s.actor, s.what) for s in reveal.of_subject(local, number)]


def test_it_is_noted_fetched_on_demand_and_shown(
    mailer: Desk, node: Node, central: MemoryBlobs, parcel: str
) -> None:
    page = mailer.get(f"/parcels/{parcel}").text
    assert "收件人签了名" in page
    assert "看照片或签名" in page
    asked = mailer.post(f"/parcels/{parcel}/proof")
    assert showings(node, parcel) == [("s-m1", "签收的照片或签名")]
    path = asked.headers["Location"]
    waiting = mailer.get(path)
    assert "正在从区中心取" in waiting.text
    assert f'href="/parcels/{parcel}"' in waiting.text
    carry(node, central)
    assert mailer.get(path, headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"
    shown = mailer.get(path)
    assert (shown.data, shown.mimetype) == (SIGNATURE, "image/png")
    assert len(showings(node, parcel)) == 1


def test_a_link_alone_opens_nothing_and_who_does_not_post_may_not(
    mailer: Desk, lead: Desk, clerk: Desk, node: Node, parcel: str
) -> None:
    path = mailer.post(f"/parcels/{parcel}/proof").headers["Location"]
    base = path.rpartition("/")[0]
    assert mailer.get(base).status_code == 405
    assert mailer.get(f"{base}/0").headers["Location"] == f"/parcels/{parcel}"
    assert lead.get(path).headers["Location"] == f"/parcels/{parcel}"  # noted for somebody else


def test_a_delivery_without_a_picture_offers_none(clerk: Desk, mailer: Desk, node: Node) -> None:
    case = receive(clerk, TWO_DAYS)
    with node.local() as local:
        number = local.store.parcels_of(case)[0].number
    data = {"op": "o", "when": NOW, "to": "point", "proof": "id"}
    central_says(node, "parcel.delivered", number, data, {"id4": "392X"})
    page = mailer.get(f"/parcels/{number}").text
    assert "核对了身份证件" in page
    assert "看照片或签名" not in page
    assert "392X" not in page
    assert mailer.post(f"/parcels/{number}/proof").status_code == 404


def test_without_its_key_it_is_said(mailer: Desk, node: Node, clerk: Desk) -> None:
    case = receive(clerk, TWO_DAYS)
    with node.local() as local:
        number = local.store.parcels_of(case)[0].number
    blob, size = node.blobs.keep(seal_blob(new_blob_key(), number, BytesIO(SIGNATURE)))
    data = {"op": "o", "when": NOW, "to": "point", "proof": "photo",
            "blob": blob, "media": "image/png", "size": size}  # fmt: skip
    central_says(node, "parcel.delivered", number, data)
    path = mailer.post(f"/parcels/{number}/proof").headers["Location"]
    answer = mailer.get(path)
    assert (answer.status_code, "密钥" in answer.text) == (409, True)
