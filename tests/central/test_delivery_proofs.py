"""What proves a delivery, at central: codes and documents compared, pictures sealed and shown."""

from __future__ import annotations

from contextlib import closing
from io import BytesIO
from pathlib import Path
from secrets import token_hex

import pytest
from flask import Flask
from PIL import Image

from cases.states import ParcelState
from central.blob_desk import BlobDesk
from central.blob_index import FOLDER, open_index
from central.portal_db import open_portal_db
from labels.tokens import Purpose, delivery_code
from sync.blobs.folder import BlobFolder
from tests.central.world import PIN, Browser, Central, Clock, MemoryDistrict, Point

TAIL = "392X"  # of the applicant's document


def picture(kind: str = "JPEG") -> BytesIO:
    made = BytesIO()
    Image.new("RGB", (40, 30), "navy").save(made, kind, comment=b"where it was taken")
    made.seek(0)
    return made


@pytest.fixture
def rider(app: Flask) -> Browser:
    rider = Browser(app.test_client())
    rider.get("/courier/")
    rider.post("/courier/in/", {"login": "1001", "password": PIN})
    return rider


@pytest.fixture
def case(point: Point) -> str:
    return point.receive(name="林小梅")


@pytest.fixture
def parcel(point: Point, central: Central, rider: Browser, case: str) -> str:
    """A result in the courier's hands."""
    return in_hand(point, central, rider, case)


def in_hand(point: Point, central: Central, rider: Browser, case: str, purpose: str = "") -> str:
    number = point.post(case, **({"purpose": purpose} if purpose else {}))
    central.carry()
    rider.get(f"/W/{point.token(number, Purpose.WAYBILL)}")
    rider.post(f"/courier/parcels/{number}/take", {"op": token_hex(16)})
    central.carry()
    return number


def say(rider: Browser, number: str, op: int = 1, **typed: object) -> str:
    path = f"/courier/parcels/{number}/delivered"
    rider.get(path)
    return rider.post(path, {"op": f"{op:032x}", **typed}).text


def state(central: Central, number: str) -> ParcelState:
    central.carry()
    found = central.jobs.store.parcel(number)
    assert found
    return found.state


def test_who_came_for_it_is_told_by_name_and_sealed(parcel: str, central: Central) -> None:
    store = central.jobs.store
    (taken,) = (e for e in store.events(parcel) if e.type == "parcel.taken_over")
    assert store.unseal(taken) == {"courier": "阿强"}
    assert (taken.actor, "阿强" in str(taken.data)) == ("c-1001", False)


def test_the_code_of_the_case_is_taken_and_no_other(
    point: Point, central: Central, rider: Browser, parcel: str, case: str
) -> None:
    right = delivery_code(point.district.secrets.token_key(point.number), case)
    wrong = next(f"{n:04d}" for n in range(9) if f"{n:04d}" != right)
    assert "签收码不对" in say(rider, parcel, to="self", code=wrong)
    assert "已送达：本人" in say(rider, parcel, to="self", code=right)
    assert state(central, parcel) is ParcelState.DELIVERED


def test_five_wrong_codes_close_it_for_the_day_and_it_opens_again_tomorrow(
    point: Point, central: Central, rider: Browser, parcel: str, case: str, clock: Clock
) -> None:
    right = delivery_code(point.district.secrets.token_key(point.number), case)
    others = [f"{n:04d}" for n in range(9) if f"{n:04d}" != right]
    assert all("签收码不对" in say(rider, parcel, to="self", code=c) for c in others[:5])
    assert "不能再用签收码" in say(rider, parcel, to="self", code=right)
    clock.forward(days=1)
    assert "已送达：本人" in say(rider, parcel, to="self", code=right)


def test_right_codes_are_no_guesses(
    point: Point, central: Central, rider: Browser, parcel: str, case: str
) -> None:
    right = delivery_code(point.district.secrets.token_key(point.number), case)
    for op in range(2, 9):  # the receiver is not named: the code is asked again each time
        assert "请写代收人" in say(rider, parcel, op, to="locker", code=right)
    assert "已送达" in say(rider, parcel, to="locker", receiver="A12", code=right)


def test_a_document_is_compared_with_the_applicant_s_own(
    central: Central, rider: Browser, parcel: str
) -> None:
    assert "对不上" in say(rider, parcel, to="self", id4="1234")
    assert "已送达：本人" in say(rider, parcel, to="self", id4=TAIL.lower())
    assert state(central, parcel) is ParcelState.DELIVERED


def test_whose_document_nobody_knows_proves_themselves_by_the_code(
    point: Point, central: Central, rider: Browser
) -> None:
    case = point.receive(name="林大树")
    number = in_hand(point, central, rider, case)  # it goes to 林小梅
    assert "没有登记过这位收件人的证件号" in say(rider, number, to="self", id4="7777")
    assert state(central, number) is ParcelState.TAKEN_OVER
    code = delivery_code(point.district.secrets.token_key(point.number), case)
    assert "已送达：本人" in say(rider, number, to="self", code=code)
    assert state(central, number) is ParcelState.DELIVERED


def test_the_document_of_who_receives_it_for_another_is_kept_sealed(
    central: Central, rider: Browser, parcel: str
) -> None:
    assert "已送达：家人" in say(rider, parcel, to="family", id4="7777")
    central.carry()
    store = central.jobs.store
    found = store.parcel(parcel)
    assert found
    event = store.event(found.delivered_event)
    assert event
    assert store.unseal(event) == {"id4": "7777"}
    assert "7777" not in str(event.data)


def test_a_photo_is_sealed_told_of_nothing_but_its_pixels_and_shown_to_who_is_noted(
    district: MemoryDistrict, central: Central, rider: Browser, parcel: str, supervisor: Browser,
    stranger: Browser,
) -> None:  # fmt: skip
    assert "已送达：家人" in say(rider, parcel, to="family", photo=(picture(), "IMG_2026.jpg"))
    central.carry()
    found = central.jobs.store.parcel(parcel)
    assert found
    assert (found.state, found.proof) == (ParcelState.DELIVERED, "photo")
    data = found.steps[-1].data
    folder = BlobFolder(district.config.data / FOLDER)
    with folder.open(data["blob"]) as sealed:
        assert b"JFIF" not in sealed.read()
    page = supervisor.get(f"/board/parcels/{parcel}").text
    assert "拍了照片" in page
    shown = supervisor.post(f"/board/parcels/{parcel}/proof")
    assert shown.mimetype == "image/jpeg"
    assert b"where it was taken" not in shown.data
    assert Image.open(BytesIO(shown.data)).size == (40, 30)
    with closing(open_portal_db(district.config.data)) as db:
        rows = db.execute("SELECT who, what FROM showings WHERE subject=?", [parcel]).fetchall()
    assert ("c-guan", "签收的照片或签名") in rows
    for somebody in (rider, stranger):
        somebody.get("/courier/")
        refused = somebody.post(f"/board/parcels/{parcel}/proof")
        assert refused.mimetype == "text/html"


def test_its_parties_get_the_blob_nobody_else_does_and_cleaning_leaves_it(
    district: MemoryDistrict, central: Central, point: Point, rider: Browser, clock: Clock,
    case: str,
) -> None:  # fmt: skip
    number = in_hand(point, central, rider, case, "papers_returned")
    signature = (picture("PNG"), "s.png")
    assert "已送达：本人" in say(rider, number, to="self", proof="signature", signature=signature)
    central.carry()
    found = central.jobs.store.parcel(number)
    assert found
    blob = found.steps[-1].data["blob"]
    clock.forward(days=40)
    folder = BlobFolder(district.config.data / FOLDER)
    with closing(open_index(district.config.data)) as index:
        desk = BlobDesk(folder, index, central.jobs.store, clock())
        named = desk.named(blob)
        desk.clean()
    assert point.code in named.parties
    assert "350102005005" not in named.parties
    assert named.sizes == {found.steps[-1].data["size"]}
    assert folder.is_intact(blob)


def test_a_picture_that_is_gone_says_so(
    district: MemoryDistrict, central: Central, rider: Browser, parcel: str, supervisor: Browser
) -> None:
    say(rider, parcel, to="family", photo=(picture(), "p.jpg"))
    central.carry()
    found = central.jobs.store.parcel(parcel)
    assert found
    blob = found.steps[-1].data["blob"]
    BlobFolder(district.config.data / FOLDER).drop(blob)
    supervisor.get("/board")
    assert "打不开这张照片" in supervisor.post(f"/board/parcels/{parcel}/proof").text


def test_what_is_no_picture_leaves_no_file(
    district: MemoryDistrict, rider: Browser, parcel: str
) -> None:
    before = blobs(district.config.data)
    for body in (b"%PDF-1.4 nothing", b"\xff\xd8\xff half a picture", b"<svg/>"):
        said = say(rider, parcel, to="family", proof="photo", photo=(BytesIO(body), "p.jpg"))
        assert "已送达" not in said.partition("<h1")[2].partition("</h1>")[0]
    assert blobs(district.config.data) == before


def blobs(data: Path) -> list[str]:
    return sorted(BlobFolder(data / FOLDER).names())
