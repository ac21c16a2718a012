"""What a courier's forms say: read, checked, and proven where something must be shown.

In every form ``op`` and ``when``; in a delivery ``to``, ``receiver``, ``proof`` with ``code``,
``id4`` or the files ``signature`` and ``photo``; in a failed one ``why``, ``next``, ``note``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import request
from werkzeug.datastructures import FileStorage

from cases.fields import BadField
from cases.folded import Parcel
from courier.desk import CourierDesk
from courier.look.files import BODY_BYTES_MAX
from courier.look.forms import Form
from courier.parcels import (
    GIVE_UP,
    NOTE_CHARS_MAX,
    RECEIVER_CHARS_MAX,
    Hands,
    Proof,
    Report,
    Said,
    Why,
    check_next,
    check_op,
    check_when,
)
from courier.proofs import (
    NAMED,
    PICTURE_BYTES_MAX,
    PICTURES,
    against,
    check_code,
    check_id4,
    may_receive,
    objection,
)

PICTURE_AGAIN = "系统暂时连不上，还没有记下。请过一会儿再选一次照片，再按一次；按几次都只算一次。"
TOO_LARGE = "照片太大（最多 1 MB），没有记下。请拍小一点，或者换一种证明。"


def let_pictures_in(endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Only a delivery's form may be longer than a form: it must be known before it is read."""
    delivered = (values or {}).get("slug") == "delivered"
    if delivered and endpoint in ("courier.report", "courier.report_of_label"):
        request.max_content_length = 2 * PICTURE_BYTES_MAX + BODY_BYTES_MAX


def said_in(form: Form, parcel: Parcel, report: Report, now: str) -> Said:
    """The report that was filled in; what is wrong with it is noted in the form."""
    op = checked(form, "op", check_op) or ""
    when = checked(form, "when", lambda text: check_when(text, now)) or now
    if report is Report.DELIVERED:
        return _delivered(form, parcel, Said(report, op, when))
    if report is Report.FAILED:
        return _failed(form, Said(report, op, when))
    return Said(report, op, when)


def checked(form: Form, name: str, check: Callable[[str], str]) -> str | None:
    """A field as a checker makes it; what is wrong with it is noted in the form."""
    return form.checked(name, check, form.value(name))


def _delivered(form: Form, parcel: Parcel, said: Said) -> Said:
    to = form.choice("to", [h.value for h in may_receive(parcel)], missing_zh="请选交给了谁")
    hands = Hands(to) if to else None
    receiver = form.text("receiver", required=False, chars_max=RECEIVER_CHARS_MAX)
    if hands in NAMED and not receiver and not form.error("receiver"):
        form.fail("receiver", "请写代收人的姓名或柜号")
    proof = _proof(form, parcel)
    if hands and proof and (wrong := objection(parcel, hands, proof)):
        form.fail(*wrong)
    return replace(said, to=hands, receiver=receiver, proof=proof)


def _failed(form: Form, said: Said) -> Said:
    why = form.choice("why", [w.value for w in Why], missing_zh="请选没送到的原因")
    day = form.checked("next", lambda text: check_next(text, said.when), form.value("next"))
    note = form.text("note", required=False, chars_max=NOTE_CHARS_MAX)
    reason = Why(why) if why else None
    if reason is Why.OTHER and not note:
        form.fail("note", "选了“其他原因”，请写一句是什么原因")
    return replace(said, why=reason, next=None if reason in GIVE_UP else day, note=note)


def _proof(form: Form, parcel: Parcel) -> Proof | None:
    """What was chosen, or else what was filled in."""
    if parcel.to_point:
        return Proof.NONE
    filled = [p for p in Proof if (_file(p) if p in PICTURES else form.value(_FIELDS.get(p, "")))]
    if not form.value("proof"):
        return filled[0] if filled else Proof.NONE
    chosen = form.choice("proof", [p.value for p in Proof], missing_zh="请选用什么证明送到了")
    return Proof(chosen) if chosen else None


_FIELDS = {Proof.CODE: "code", Proof.ID: "id4"}


def _file(proof: Proof) -> FileStorage | None:
    file = request.files.get(proof.value)
    return file if file is not None and file.filename else None


def proven(desk: CourierDesk, form: Form, parcel: Parcel, said: Said) -> Said:
    """The delivery with what proves it, once that was looked at; else it is noted in the form.

    :raises NotRecorded: a picture could not be kept now.
    """
    if said.proof is Proof.CODE:
        code = checked(form, "code", check_code)
        if code:
            _ask(desk, form, parcel, said.proof, code)
    elif said.proof is Proof.ID:
        id4 = checked(form, "id4", check_id4) or ""
        if id4 and said.to is Hands.SELF:
            _ask(desk, form, parcel, said.proof, id4)
        return replace(said, id4=id4)
    elif said.proof in PICTURES:
        return _with_picture(desk, form, parcel, said, said.proof)
    return said


def _ask(desk: CourierDesk, form: Form, parcel: Parcel, proof: Proof, digits: str) -> None:
    wrong = against(proof, desk.proves(parcel, proof, digits))
    if wrong:
        form.fail(*wrong)


def _with_picture(desk: CourierDesk, form: Form, parcel: Parcel, said: Said, proof: Proof) -> Said:
    file = _file(proof)
    if file is None:
        words = "请收件人签名" if proof is Proof.SIGNATURE else "请拍一张照片"
        form.fail(proof.value, words)
        return said
    size = file.stream.seek(0, 2)
    file.stream.seek(0)
    if size > PICTURE_BYTES_MAX:
        form.fail(proof.value, TOO_LARGE)
        return said
    try:
        return replace(said, picture=desk.keep_picture(parcel.number, file.stream))
    except BadField as wrong:
        form.fail(proof.value, wrong.message_zh)
        return said
