"""What is reported of a parcel by its label alone, as from a phone without a signal."""

from __future__ import annotations

import io
from itertools import product

import pytest

from cases.folded import Parcel
from cases.papers import PURPOSES_ZH
from cases.states import ParcelState
from courier.app_cards import any_hands, any_objections
from courier.app_labels import UNHEARD_DAYS_MAX
from courier.desk import MemoryDesk
from courier.parcels import Hands, Proof
from courier.proofs import PICTURE_BYTES_MAX, WITH_CONSENT, may_receive, objection
from tests.courier.app_cast import (
    CODE,
    DAY,
    MENG,
    NOW,
    OFFICE,
    RESIDENT,
    Clock,
    Phone,
    make_desk,
    number,
    pack,
    token,
    tracking,
)
from tests.courier.test_app_proofs import JPEG
from tests.courier.test_app_queue import LABEL_FORMS, OP, OTHER, said, send, state

TAKE, (DELIVERED, FAILED) = "/courier/take", LABEL_FORMS
THIRD = "c" * 32


@pytest.fixture
def desk(clock: Clock) -> MemoryDesk:
    desk = make_desk(clock)
    pack(desk, 1)
    pack(desk, 2, OFFICE, to_point="350102000000")
    return desk


@pytest.mark.parametrize("named", ["token", "address", "tracking", "number"])
def test_a_label_scanned_without_a_signal_is_taken_over_later(
    meng: Phone, desk: MemoryDesk, clock: Clock, named: str
) -> None:
    texts = {
        "token": token(1), "address": f"HTTP://PORTAL.TEST/W/{token(1)}",
        "tracking": tracking(1), "number": number(1),
    }  # fmt: skip
    clock.forward(days=1)
    answers = [send(meng, "/courier/take", q=texts[named], op=OP, when=NOW) for _ in range(2)]
    assert [said(a) for a in answers] == [(200, "counted")] * 2
    parcel = desk.parcel(number(1))
    assert parcel
    assert (parcel.state, parcel.operations) == (ParcelState.TAKEN_OVER, (OP,))
    assert parcel.steps[-1].data["when"] == NOW


def test_a_form_may_take_a_label_over_too(meng: Phone, desk: MemoryDesk) -> None:
    answer = meng.post("/courier/take", {"q": token(1), "op": OP}, follow_redirects=True)
    assert "已揽收" in answer.text
    assert state(desk, 1) is ParcelState.TAKEN_OVER


@pytest.mark.parametrize("q", ["A" * 32, "1234", "", "DS01700000011", "https://elsewhere.test/x"])
def test_what_is_no_label_of_ours_is_refused(meng: Phone, q: str) -> None:
    answer = send(meng, "/courier/take", q=q, op=OP)
    assert said(answer) == (400, "refused")
    assert answer.json["words"]  # type: ignore[index]


@pytest.mark.parametrize("named", ["token", "tracking"])
def test_a_label_that_nobody_has_heard_of_is_waited_for_some_days(
    meng: Phone, desk: MemoryDesk, clock: Clock, named: str
) -> None:
    fields = {"q": {"token": token(9), "tracking": tracking(9)}[named], "op": OP, "when": NOW}
    assert said(send(meng, "/courier/take", **fields)) == (503, "again")
    pack(desk, 9)
    assert said(send(meng, "/courier/take", **fields)) == (200, "counted")
    fields["q"] = {"token": token(8), "tracking": tracking(8)}[named]
    clock.forward(days=UNHEARD_DAYS_MAX)
    assert said(send(meng, "/courier/take", **fields)) == (404, "refused")


def test_too_many_typed_numbers_wait_and_are_not_refused(meng: Phone, desk: MemoryDesk) -> None:
    desk.typed[MENG] = 60
    assert said(send(meng, "/courier/take", q=tracking(1), op=OP)) == (429, "again")
    assert meng.post("/courier/take", {"q": tracking(1), "op": OP}).status_code == 429
    assert said(send(meng, "/courier/take", q=token(1), op=OP)) == (200, "counted")


def test_a_parcel_s_whole_way_is_told_by_its_label_a_day_later_and_counts_once(
    meng: Phone, desk: MemoryDesk, clock: Clock
) -> None:
    clock.forward(days=1)
    label = {"q": token(1), "when": NOW}
    way = (
        (TAKE, {"op": OP}),
        (FAILED, {"op": OTHER, "why": "nobody_home", "next": DAY.isoformat()}),
        (DELIVERED, {"op": THIRD, "to": "self", "code": CODE}),
    )
    for _ in range(2):
        answers = [send(meng, path, **label, **fields) for path, fields in way]
        assert [said(answer) for answer in answers] == [(200, "counted")] * 3
        assert {number(1) in answer.json["url"] for answer in answers} == {True}  # type: ignore[index]
    parcel = desk.parcel(number(1))
    assert parcel
    assert (parcel.state, parcel.operations) == (ParcelState.DELIVERED, (OP, OTHER, THIRD))
    assert {step.data["when"] for step in parcel.steps if "when" in step.data} == {NOW}


def test_papers_to_a_point_are_handed_over_by_their_label(meng: Phone, desk: MemoryDesk) -> None:
    for path, fields in ((TAKE, {"op": OP}), (DELIVERED, {"op": OTHER, "to": "point"})):
        assert said(send(meng, path, q=tracking(2), **fields)) == (200, "counted")
    assert state(desk, 2) is ParcelState.DELIVERED


def test_a_photo_comes_with_a_label_too(meng: Phone, desk: MemoryDesk) -> None:
    meng.take(1)
    fields = {"q": token(1), "op": OP, "to": "family", "proof": "photo"}
    photo = (io.BytesIO(JPEG.ljust(PICTURE_BYTES_MAX)), "photo.jpg")
    answer = meng.post(DELIVERED, {**fields, "photo": photo}, follow_redirects=True)
    assert "已送达：家人" in answer.text
    assert len(desk.pictures) == 1


@pytest.mark.parametrize("slug", ["delivered", "failed"])
def test_who_has_not_taken_it_over_can_say_nothing_of_it_by_its_label(
    meng: Phone, hua: Phone, desk: MemoryDesk, slug: str
) -> None:
    typed = {"q": token(1), "op": OP, "to": "self", "code": CODE, "why": "no_answer"}
    assert said(send(meng, f"/courier/label/{slug}", **typed)) == (409, "refused")
    meng.take(1)
    answer = send(hua, f"/courier/label/{slug}", **typed)
    assert said(answer) == (409, "refused")
    assert "另一位快递员" in answer.json["words"]  # type: ignore[index]
    assert RESIDENT.name not in answer.text
    assert state(desk, 1) is ParcelState.TAKEN_OVER


def test_what_is_in_hand_already_and_taken_over_once_more_is_no_refusal(
    meng: Phone, desk: MemoryDesk
) -> None:
    meng.take(1)
    before = desk.parcel(number(1))
    answer = send(meng, TAKE, q=token(1), op=OP)
    assert said(answer) == (200, "counted")
    assert answer.json["url"] == f"/courier/parcels/{number(1)}"  # type: ignore[index]
    assert desk.parcel(number(1)) == before
    assert "不用再揽收" in meng.post(TAKE, {"q": token(1), "op": OP}).text


def test_a_delivery_waits_with_the_label_that_nobody_has_heard_of(
    meng: Phone, desk: MemoryDesk
) -> None:
    fields = {"q": token(9), "op": OP, "when": NOW, "to": "self", "code": CODE}
    assert said(send(meng, DELIVERED, **fields)) == (503, "again")


def test_the_forms_for_any_parcel_say_nothing_of_any(meng: Phone) -> None:
    meng.take(1)
    for path in LABEL_FORMS:
        page = meng.get(path).text
        assert not [word for word in (*RESIDENT, tracking(1), number(1)) if word in page]
    for verb in (meng.get, meng.post):
        assert verb("/courier/label/returned").status_code in (302, 404)


def test_what_the_form_for_any_parcel_offers_central_takes_of_every_parcel() -> None:
    offered = {choice.value for choice in any_hands()}
    against, tried = any_objections(), 0
    consents = [(), *((hands.value,) for hands in WITH_CONSENT)]
    for purpose, to_point, consent in product(PURPOSES_ZH, ("", "350102000000"), consents):
        parcel = Parcel(number=number(1), purpose=purpose, to_point=to_point, consent=consent)
        for hands, proof in product(may_receive(parcel), Proof):
            assert hands.value in offered
            if proof.value not in against[hands.value]:
                assert objection(parcel, hands, proof) is None
                tried += 1
    assert tried
    for hands in Hands:
        assert len(against[hands.value]) < len(Proof), "something may be shown for everybody"
