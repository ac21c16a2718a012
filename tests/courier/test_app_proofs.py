"""What proves a delivery: a code, a document, a signature, a photo; and what needs consent."""

from __future__ import annotations

from io import BytesIO
from itertools import product

import pytest
from flask import Flask

from cases.papers import PAPERS_RETURNED, RESULT
from cases.states import ParcelState
from courier.desk import MemoryDesk
from courier.parcels import Hands, Proof
from courier.proofs import WRONG_MAX, Answer, against, objection, proofs_for
from tests.courier.app_cast import (
    CODE,
    HUA,
    MENG,
    OFFICE,
    Clock,
    Phone,
    make_desk,
    number,
    pack,
    sign_in,
)

PNG = b"\x89PNG\r\n\x1a\n and then the strokes"
JPEG = b"\xff\xd8\xff and then the door"
SIGNED = Proof.SIGNATURE
OTHERS = (Hands.FAMILY, Hands.NEIGHBOUR, Hands.LOCKER, Hands.PROPERTY)


@pytest.fixture
def desk() -> MemoryDesk:
    desk = make_desk(Clock())
    pack(desk, 1)
    pack(desk, 2, consent=("locker", "neighbour"))
    pack(desk, 3, OFFICE, to_point="350102000000")
    pack(desk, 4, purpose=PAPERS_RETURNED)
    return desk


@pytest.fixture
def meng(app: Flask, desk: MemoryDesk) -> Phone:
    phone = sign_in(app, "meng")
    for serial in (1, 2, 3, 4):
        phone.take(serial)
    return phone


def page(serial: int) -> str:
    return f"/courier/parcels/{number(serial)}/delivered"


def is_home(desk: MemoryDesk, serial: int) -> bool:
    parcel = desk.parcel(number(serial))
    assert parcel
    return parcel.state is ParcelState.DELIVERED


def sealed(desk: MemoryDesk, serial: int) -> dict[str, object]:
    parcel = desk.parcel(number(serial))
    assert parcel
    return dict(desk.sealed[parcel.steps[-1].data["op"]])


def wrong(phone: Phone, serial: int, **typed: object) -> str:
    """Say it is delivered, and be refused. :returns: why."""
    answer = phone.say(serial, "delivered", **typed)  # type: ignore[arg-type]
    assert answer.status_code == 400
    return answer.text


# the rules


@pytest.mark.parametrize("proof", Proof)
def test_a_result_is_the_recipient_s_own_by_code_or_document_only(
    desk: MemoryDesk, proof: Proof
) -> None:
    result, papers = desk.parcel(number(1)), desk.parcel(number(4))
    assert result
    assert papers
    assert result.purpose == RESULT
    fits = proof in (Proof.CODE, Proof.ID)
    assert (objection(result, Hands.SELF, proof) is None) is fits
    assert (objection(papers, Hands.SELF, proof) is None) is (proof is not Proof.NONE)


@pytest.mark.parametrize(("to", "proof"), list(product(OTHERS, Proof)))
def test_others_than_family_need_the_recipient_s_consent_or_code(
    desk: MemoryDesk, to: Hands, proof: Proof
) -> None:
    for serial in (1, 2):
        parcel = desk.parcel(number(serial))
        assert parcel
        asked = to is Hands.FAMILY or to.value in parcel.consent or proof is Proof.CODE
        fits = proof in proofs_for(parcel, to) and asked
        assert (objection(parcel, to, proof) is None) is fits


def test_every_wrong_answer_has_its_words_at_its_field() -> None:
    for proof, answer in product((Proof.CODE, Proof.ID), Answer):
        said = against(proof, answer)
        assert (said is None) is (answer is Answer.FITS)
        assert said is None or said[0] == {"code": "code", "id": "id4"}[proof.value]


# on the phone


def test_the_code_proves_the_recipient_and_stands_on_no_page_of_the_courier(
    meng: Phone, desk: MemoryDesk
) -> None:
    for path in ("/courier/", page(1), f"/courier/parcels/{number(1)}"):
        assert CODE not in meng.get(path).text
    done = meng.say(1, "delivered", to="self", code=CODE)
    assert "已送达：本人" in done.text
    assert CODE not in done.text
    parcel = desk.parcel(number(1))
    assert parcel
    assert (parcel.proof, sealed(desk, 1)) == ("code", {})
    assert CODE not in str(parcel.steps)


def test_after_five_wrong_codes_only_other_proofs_are_left(meng: Phone, desk: MemoryDesk) -> None:
    desk.documents[number(1)] = "392X"
    for guess in ("0000", "0001", "0002", "0003", "0004"):
        assert "签收码不对" in wrong(meng, 1, to="self", code=guess)
    assert "不能再用签收码" in wrong(meng, 1, to="self", code=CODE)
    assert not is_home(desk, 1)
    meng.say(2, "delivered", to="self", code=CODE)
    meng.say(1, "delivered", to="self", id4="392x")
    assert is_home(desk, 1)
    assert is_home(desk, 2)
    assert sealed(desk, 1) == {"id4": "392X"}


def test_a_document_that_is_another_s_is_refused(meng: Phone, desk: MemoryDesk) -> None:
    desk.documents[number(1)] = "392X"
    assert "对不上" in wrong(meng, 1, to="self", id4="1234")
    meng.say(1, "delivered", to="family", receiver="儿子", id4="1234")
    assert is_home(desk, 1)


def test_a_document_that_nobody_can_check_proves_nothing_and_the_code_is_asked_for(
    meng: Phone, desk: MemoryDesk
) -> None:
    for guess in range(WRONG_MAX + 1):  # it is no guess: nothing is counted, nothing locked
        assert "请收件人报四位签收码" in wrong(meng, 1, to="self", id4=f"777{guess}")
    assert not is_home(desk, 1)
    meng.say(1, "delivered", to="self", code=CODE)
    assert is_home(desk, 1)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"to": "self"}, "请选用什么证明送到了"),
        ({"to": "self", "proof": "signature"}, "要核对签收码或身份证件"),
        ({"to": "self", "proof": "none"}, "请选用什么证明送到了"),
        ({"to": "self", "code": "12"}, "四位数字"),
        ({"to": "self", "proof": "code"}, "四位数字"),
        ({"to": "self", "id4": "12"}, "最后四位"),
        ({"to": "self", "proof": "magic", "code": CODE}, "用什么证明"),
        ({"to": "family"}, "请选用什么证明送到了"),
        ({"to": "family", "proof": "photo"}, "请拍一张照片"),
        ({"to": "neighbour", "receiver": "郑阿姨", "id4": "1234"}, "没有事先同意由邻居代收"),
        ({"to": "locker", "receiver": "A12", "proof": "photo"}, "没有事先同意放快递柜"),
        ({"to": "neighbour", "code": CODE}, "请写代收人"),
        ({"to": "point", "code": CODE}, "请选交给了谁"),
    ],
)
def test_a_delivery_that_is_not_proven_says_what_is_lacking(
    meng: Phone, desk: MemoryDesk, typed: dict[str, str], words: str
) -> None:
    assert words in wrong(meng, 1, **typed)
    assert not is_home(desk, 1)


def test_whether_the_recipient_agreed_stands_at_each_choice(meng: Phone) -> None:
    assert meng.get(page(1)).text.count("没有事先同意，凭签收码") == 3
    agreed = meng.get(page(2)).text
    assert (agreed.count("没有事先同意，凭签收码"), agreed.count("填单时同意了")) == (1, 2)


def test_what_proves_a_delivery_is_not_called_optional(meng: Phone) -> None:
    form = meng.get(page(1)).text
    assert "签收码" in form
    assert "选填" not in form


def test_a_photo_at_the_locker_that_was_agreed_to_is_kept_sealed(
    meng: Phone, desk: MemoryDesk
) -> None:
    photo = (BytesIO(JPEG), "IMG_1.jpg")
    meng.say(2, "delivered", to="locker", receiver="A12", photo=photo)  # type: ignore[arg-type]
    parcel = desk.parcel(number(2))
    assert parcel
    data = parcel.steps[-1].data
    assert (data["proof"], data["media"], data["size"]) == ("photo", "image/jpeg", len(JPEG))
    assert desk.pictures[data["blob"]] == JPEG
    assert sealed(desk, 2) == {"receiver": "A12", "key": "key"}


@pytest.mark.parametrize("body", [b"<svg onload=alert(1)>", b"%PDF-1.7", b"GIF89a", b"\x89PN"])
def test_what_is_no_picture_is_not_kept_whatever_it_is_called(
    meng: Phone, desk: MemoryDesk, body: bytes
) -> None:
    file = (BytesIO(body), "photo.jpg", "image/jpeg")
    assert "这不是照片" in wrong(meng, 4, to="self", proof="photo", photo=file)
    assert desk.pictures == {}


def test_a_picture_that_is_too_large_says_so_and_a_longer_form_is_not_even_read(
    meng: Phone, desk: MemoryDesk
) -> None:
    parts = {"op": "7" * 32, "to": "family", "proof": "photo", "csrf_token": meng.csrf}
    body = b"".join(
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in parts.items()
    )
    body += b'--b\r\nContent-Disposition: form-data; name="photo"; filename="p.jpg"\r\n\r\n'
    for size, status in ((1024 * 1024 + 1, 400), (5 * 1024 * 1024, 413)):
        file = JPEG + bytes(size - len(JPEG))
        kind = "multipart/form-data; boundary=b"
        sent = meng.client.post(page(4), data=body + file + b"\r\n--b--\r\n", content_type=kind)
        assert (sent.status_code, "照片太大" in sent.text) == (status, True)
    assert not is_home(desk, 4)


def test_a_signature_that_met_a_broken_line_is_asked_for_again_and_counts_once(
    meng: Phone, desk: MemoryDesk
) -> None:
    typed = {"op": "8" * 32, "to": "self", "proof": "signature"}
    desk.broken = True
    answer = meng.post(page(4), {**typed, "signature": (BytesIO(PNG), "s.png")})
    assert (answer.status_code, "再选一次照片" in answer.text) == (503, True)
    assert typed["op"] in answer.text
    desk.broken = False
    for _ in range(2):
        sent = meng.post(page(4), {**typed, "signature": (BytesIO(PNG), "s.png")})
        assert sent.status_code == 303
    parcel = desk.parcel(number(4))
    assert parcel
    assert (parcel.proof, len(parcel.operations), len(desk.pictures)) == ("signature", 2, 1)


def test_at_a_point_nothing_is_to_be_proven(meng: Phone, desk: MemoryDesk) -> None:
    assert "用什么证明" not in meng.get(page(3)).text
    meng.say(3, "delivered", to="point")
    parcel = desk.parcel(number(3))
    assert parcel
    assert (parcel.delivered_to, parcel.proof) == ("point", "none")


def test_a_script_is_told_what_is_lacking(meng: Phone, desk: MemoryDesk) -> None:
    typed = {"op": "9" * 32, "to": "self", "code": "9999"}
    unknown = {"op": "8" * 32, "to": "self", "id4": "7777"}  # kept on the phone, sent later
    for told, words in ((typed, "签收码不对"), (unknown, "请收件人报四位签收码")):
        answer = meng.post(page(1), told, headers={"Accept": "application/json"})
        assert (answer.status_code, answer.json["verdict"]) == (400, "refused")  # type: ignore[index]
        assert words in answer.json["words"]  # type: ignore[index]
    assert not is_home(desk, 1)


def test_one_courier_s_guesses_count_for_the_parcel_whoever_goes_on(
    app: Flask, meng: Phone, desk: MemoryDesk
) -> None:
    for guess in range(5):
        wrong(meng, 1, to="self", code=f"900{guess}")
    meng.say(1, "failed", why="no_answer")
    hua = sign_in(app, "hua")
    hua.take(1)
    assert "不能再用签收码" in wrong(hua, 1, to="self", code=CODE)
    assert {HUA, MENG} == {step.actor for step in desk.parcel(number(1)).steps[1:]}  # type: ignore[union-attr]
