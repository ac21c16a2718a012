"""Who may take a parcel at the door, and what must show that it was handed over. Pure.

快递暂行条例 第二十五条: a parcel goes to the agreed address, to the recipient or to whom the
recipient has named, who may look at it first. Family at the address that the recipient gave is
taken as named; a neighbour, a property office or a locker only where the recipient has agreed
(快递市场管理办法, 2024, 第二十八条: nothing may be left in a locker or at a station, and nobody may
sign for somebody, without the recipient's consent). The recipient agrees on the slip, or by telling
the courier the code that only the recipient has.
"""

from __future__ import annotations

import re
from enum import Enum

from cases.fields import BadField
from cases.folded import Parcel
from cases.papers import RESULT
from courier.parcels import HANDS_ZH, Hands, Proof

WRONG_MAX = 5  # codes for one parcel and day: then only a document, or others who sign
PICTURE_BYTES_MAX = 1024 * 1024
WITH_CONSENT = frozenset({Hands.NEIGHBOUR, Hands.LOCKER, Hands.PROPERTY})
NAMED = frozenset({Hands.NEIGHBOUR, Hands.LOCKER, Hands.PROPERTY})
PICTURES = frozenset({Proof.SIGNATURE, Proof.PHOTO})
PROOF_CHOICE_ZH = {
    Proof.CODE: ("签收码", "收件人手里的四位数"),
    Proof.ID: ("看身份证件", "填证件号后四位"),
    Proof.SIGNATURE: ("签名", "在手机上签"),
    Proof.PHOTO: ("拍照", "拍邮件放好的样子"),
}
_CODE = re.compile(r"[0-9]{4}")
_ID4 = re.compile(r"[0-9A-Z]{4}")


class Answer(Enum):
    """What central says of a code or of the last four of a document."""

    FITS = "fits"
    WRONG = "wrong"
    LOCKED = "locked"
    UNKNOWN = "unknown"  # central knows no document of whoever is to get the parcel


def may_receive(parcel: Parcel) -> tuple[Hands, ...]:
    """Who may take a parcel at the door: at a point its staff, at a home anybody but them."""
    if parcel.to_point:
        return (Hands.POINT,)
    return tuple(hands for hands in Hands if hands is not Hands.POINT)


def agreed(parcel: Parcel, to: Hands) -> bool:
    """Whether the recipient has agreed beforehand that it is left there."""
    return to not in WITH_CONSENT or to.value in parcel.consent


def proofs_for(parcel: Parcel, to: Hands) -> tuple[Proof, ...]:
    """What shows that it was handed to them; 本人签收 of a result: the code or a document."""
    if to is Hands.POINT:
        return (Proof.NONE,)
    if to is Hands.LOCKER:
        return (Proof.CODE, Proof.PHOTO)
    if to is Hands.SELF and parcel.purpose == RESULT:
        return (Proof.CODE, Proof.ID)
    return (Proof.CODE, Proof.ID, Proof.SIGNATURE, Proof.PHOTO)


def objection(parcel: Parcel, to: Hands, proof: Proof) -> tuple[str, str] | None:
    """What stands against handing a parcel over like this: the field, a sentence; or None."""
    if to not in may_receive(parcel):
        return "to", "请选交给了谁"
    if proof not in proofs_for(parcel, to):
        return "proof", _other_proof(to, proof)
    if not agreed(parcel, to) and proof is not Proof.CODE:
        return "to", (
            f"收件人没有事先同意{_left(to)}。请打电话问收件人：同意的，会把签收码报给您，凭签收码交；"
            "不同意的，请报“没送到”。"
        )
    return None


def _left(to: Hands) -> str:
    return "放快递柜" if to is Hands.LOCKER else f"由{HANDS_ZH[to]}"


def _other_proof(to: Hands, proof: Proof) -> str:
    if proof is Proof.NONE:
        return "请选用什么证明送到了"
    if to is Hands.SELF:
        return (
            "办理结果写“本人”签收的，要核对签收码或身份证件，不能只签名或拍照。"
            "其他人收的，请选实际收件的人。"
        )
    return "放快递柜的，请用签收码或照片证明"


def strictest(to: Hands) -> Parcel:
    """What is asked of this one, whoever takes it, does for every parcel: a result, no consent."""
    return Parcel(number="", purpose=RESULT, to_point="-" if to is Hands.POINT else "")


def check_code(text: str) -> str:
    """A delivery code as it was told; raises :class:`BadField`."""
    if not _CODE.fullmatch(text):
        raise BadField("code", "签收码是四位数字，请再问一遍收件人。", "the code is four digits")
    return text


def check_id4(text: str) -> str:
    """The last four of a document; raises :class:`BadField`."""
    found = text.upper()
    if not _ID4.fullmatch(found):
        raise BadField("id4", "请填证件号的最后四位。", "the last four of the document")
    return found


def against(proof: Proof, answer: Answer) -> tuple[str, str] | None:
    """What to say of a code or document that does not prove it: the field, a sentence; or None."""
    if answer is Answer.FITS:
        return None
    if proof is Proof.CODE and answer is Answer.LOCKED:
        return "code", (
            "这件邮件今天签收码错得太多，不能再用签收码。请核对身份证件，"
            "或者选实际收件的人，再签名或拍照。"
        )
    if proof is Proof.CODE:
        where = "它在收件凭证上，也在收件人手机的进度页上"
        return "code", f"签收码不对。{where}；错 {WRONG_MAX} 次当天不能再试。"
    if answer is Answer.LOCKED:
        return "id4", "这件邮件今天证件号错得太多，不能再试。请核对签收码，或者报“没送到”。"
    if answer is Answer.UNKNOWN:
        return "id4", (
            "没有登记过这位收件人的证件号，核对不了。请收件人报四位签收码：它在收件凭证上，"
            "也在收件人手机的进度页上。报不出的，选这里列出的其他证明，或者报“没送到”。"
        )
    return "id4", "和收件人登记的证件号对不上。请看清证件；不是本人的，请选实际收件的人。"
