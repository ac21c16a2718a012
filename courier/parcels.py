"""The courier's rules: whose a parcel is, what may be reported of it, what a report amounts to.

Pure. The states and who may state what stand in ``cases.table``; here is what that table cannot
know: that only the courier who has a parcel in hand may say what became of it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from typing import Any

from cases.fields import BadField
from cases.folded import Parcel, Step
from cases.from_home import is_fetch
from cases.states import ParcelState
from cases.times import BadTime, day_of, from_text
from cases.tracking import OWN
from courier import fetches
from courier.carriers import carrier_zh

OP_CHARS = 32
AHEAD_SECONDS_MAX = 5 * 60
LATE_DAYS_MAX = 30
NEXT_DAYS_MAX = 7
RECEIVER_CHARS_MAX = 60
NOTE_CHARS_MAX = 200
LAST_DIGITS_MIN = 4

_OP = re.compile(rf"[0-9a-f]{{{OP_CHARS}}}")


class Report(Enum):
    """What a courier reports; the value is the type of the event."""

    FETCH_ACCEPTED = "parcel.fetch_accepted"
    TAKEN_OVER = "parcel.taken_over"
    MISSING = "parcel.missing"
    OUT = "parcel.out_for_delivery"
    DELIVERED = "parcel.delivered"
    FAILED = "parcel.delivery_failed"
    RETURNED = "parcel.returned"


REPORT_ZH = {
    Report.FETCH_ACCEPTED: "接单",
    Report.TAKEN_OVER: "揽收",
    Report.MISSING: "交接时不在袋里",
    Report.OUT: "派送",
    Report.DELIVERED: "已送达",
    Report.FAILED: "没送到",
    Report.RETURNED: "退回",
}


class Hands(Enum):
    """Who took a parcel at the door. With consent only, where it is not the recipient."""

    SELF = "self"
    FAMILY = "family"
    NEIGHBOUR = "neighbour"
    LOCKER = "locker"
    PROPERTY = "property"
    POINT = "point"


HANDS_ZH = {
    Hands.SELF: "本人",
    Hands.FAMILY: "家人",
    Hands.NEIGHBOUR: "邻居代收",
    Hands.LOCKER: "快递柜",
    Hands.PROPERTY: "物业代收",
    Hands.POINT: "受理点工作人员",
}


class Proof(Enum):
    """What shows that a parcel was handed over."""

    CODE = "code"
    ID = "id"
    SIGNATURE = "signature"
    PHOTO = "photo"
    NONE = "none"


PROOF_ZH = {
    Proof.CODE.value: "收件人报了签收码",
    Proof.ID.value: "核对了身份证件",
    Proof.SIGNATURE.value: "收件人签了名",
    Proof.PHOTO.value: "拍了照片",
}


class Why(Enum):
    """Why a delivery did not succeed."""

    NOBODY_HOME = "nobody_home"
    NO_ANSWER = "no_answer"
    LATER = "later"
    NO_ENTRY = "no_entry"
    WRONG_ADDRESS = "wrong_address"
    MOVED = "moved"
    REFUSED = "refused"
    DAMAGED = "damaged"
    PAPERS_LACKING = "papers_lacking"
    OTHER = "other"


WHY_ZH = {
    Why.NOBODY_HOME: "家里没有人",
    Why.NO_ANSWER: "电话打不通",
    Why.LATER: "要求改天送",
    Why.NO_ENTRY: "进不了小区",
    Why.WRONG_ADDRESS: "地址不对",
    Why.MOVED: "收件人搬走",
    Why.REFUSED: "收件人拒收",
    Why.DAMAGED: "邮件破损",
    Why.PAPERS_LACKING: "材料没有准备好",
    Why.OTHER: "其他原因",
}
#: Why papers could not be fetched from a home; and why a parcel could not be delivered.
WHY_AT_THE_DOOR = (
    Why.NOBODY_HOME, Why.NO_ANSWER, Why.LATER, Why.NO_ENTRY, Why.WRONG_ADDRESS,
    Why.PAPERS_LACKING, Why.OTHER,
)  # fmt: skip
WHY_NOT_DELIVERED = tuple(why for why in Why if why is not Why.PAPERS_LACKING)
#: In these somebody has it: whoever reported of it last.
HELD = frozenset({ParcelState.TAKEN_OVER, ParcelState.OUT, ParcelState.FAILED})
#: After these, going there again would be in vain: the next step is to take the parcel back.
GIVE_UP = frozenset({Why.WRONG_ADDRESS, Why.MOVED, Why.REFUSED, Why.DAMAGED})

#: What may become of papers that were fetched: they go to the point, whatever happens on the way.
FETCHED = (Report.DELIVERED, Report.FAILED)


class Standing(Enum):
    """How a parcel stands to one courier."""

    FREE = "free"  # waits to be taken over, by anybody
    LEFT = "left"  # another courier could not deliver it: it may be taken over from them
    MINE = "mine"
    ANOTHERS = "anothers"
    ELSEWHERE = "elsewhere"  # a carrier's, which our couriers neither fetch nor deliver
    OVER = "over"  # delivered, returned, cancelled


@dataclass(frozen=True)
class Picture:
    """A photo or a signature that was kept, sealed: its blob, what it is, the key that opens it."""

    blob: str
    media: str
    size: int
    key: str


@dataclass(frozen=True)
class Said:
    """One report, checked: an operation counts once, however often it is sent."""

    report: Report
    op: str
    when: str
    to: Hands | None = None
    receiver: str = ""
    why: Why | None = None
    next: date | None = None
    note: str = ""
    proof: Proof | None = None
    id4: str = ""
    picture: Picture | None = None
    manifest: str = ""
    collected: tuple[int, ...] | None = None
    """Of papers fetched from a home: which of the list were there, by their place in it."""


def counted(parcel: Parcel) -> Iterator[Step]:
    """The couriers' reports that count, oldest first; a repeated operation counts once."""
    types = {report.value for report in Report}
    seen: set[str] = set()
    for step in parcel.steps:
        op = str(step.data.get("op") or step.id)
        if step.type in types and step.verdict == "ok" and op not in seen:
            seen.add(op)
            yield step


def holder(parcel: Parcel) -> str:
    """The account of the courier who has the parcel in hand; empty if nobody has."""
    if parcel.state not in HELD or fetches.is_open(parcel):
        return ""
    return _last_actor(parcel)


def done_by(parcel: Parcel) -> str:
    """The account of who ended a parcel's way by a report; empty while it is under way."""
    ended = parcel.state in (ParcelState.DELIVERED, ParcelState.RETURNED)
    return _last_actor(parcel) if ended else ""


def _last_actor(parcel: Parcel) -> str:
    """Who reported last; that something is missing says nothing of who has it."""
    reports = (step for step in counted(parcel) if step.type != Report.MISSING.value)
    return next((step.actor for step in reversed(list(reports))), "")


def ended_at(parcel: Parcel) -> str:
    """When we heard that a parcel's way has ended; empty while it is under way."""
    ends = (Report.DELIVERED.value, Report.RETURNED.value)
    return max((step.at for step in counted(parcel) if step.type in ends), default="")


def standing(parcel: Parcel, courier: str) -> Standing:
    """How a parcel stands to the courier with this account."""
    if parcel.state is not ParcelState.PACKED and parcel.state not in HELD:
        return Standing.OVER
    if parcel.carrier != OWN:
        return Standing.ELSEWHERE
    if parcel.state is ParcelState.PACKED:
        return Standing.FREE
    if holder(parcel) == courier:
        return Standing.MINE
    return Standing.LEFT if parcel.state is ParcelState.FAILED else Standing.ANOTHERS


def choices(parcel: Parcel, courier: str) -> tuple[Report, ...]:
    """What this courier may report now, the likeliest first."""
    at = standing(parcel, courier)
    if fetches.is_open(parcel):  # it has pages of its own
        return ()
    if at in (Standing.FREE, Standing.LEFT):
        return (Report.TAKEN_OVER,)
    if at is not Standing.MINE:
        return ()
    if is_fetch(parcel):
        return FETCHED
    if parcel.state is ParcelState.FAILED and parcel.failure in {why.value for why in GIVE_UP}:
        return (Report.RETURNED, Report.DELIVERED, Report.FAILED)
    out = () if parcel.state is ParcelState.OUT else (Report.OUT,)
    return (*out, Report.DELIVERED, Report.FAILED, Report.RETURNED)


def refusal(parcel: Parcel, report: Report, courier: str) -> str:
    """Why this courier may not report this now, as a sentence for them; empty if they may."""
    at = standing(parcel, courier)
    if report in choices(parcel, courier):
        return ""
    if fetches.is_open(parcel):
        return "这是上门取件，请在“上门取件”里接单、报结果。"
    if at is Standing.MINE and report is Report.OUT:
        return _not_out(parcel)
    if at is Standing.MINE:
        return "这件邮件已经在您手上，不用再揽收。"
    if at is Standing.FREE:
        return f"这件邮件还没有揽收，要先揽收才能报“{REPORT_ZH[report]}”。"
    if at is Standing.LEFT:
        return "这件邮件不在您手上。要接手，请先揽收。"
    if at is Standing.ANOTHERS:
        return "这件邮件在另一位快递员手上，只有那位快递员能报结果。"
    if at is Standing.ELSEWHERE:
        return f"这件由{carrier_zh(parcel.carrier)}揽收和投递，请不要取走。"
    return _over(parcel)


def _not_out(parcel: Parcel) -> str:
    if parcel.state is ParcelState.OUT:
        return "这件邮件已经在派送，不用再报。"
    return "这件邮件送不出去，请退回寄件的受理点。"


def to_go_out(parcels: Iterable[Parcel], courier: str, today: date) -> list[Parcel]:
    """What a courier sets out with today: not what is out already, nor is to be tried later."""
    return [
        parcel
        for parcel in parcels
        if Report.OUT in choices(parcel, courier) and _next_attempt(parcel) <= today.isoformat()
    ]


def _next_attempt(parcel: Parcel) -> str:
    if parcel.state is not ParcelState.FAILED:
        return ""
    tries = [step for step in counted(parcel) if step.type == Report.FAILED.value]
    return str(tries[-1].data.get("next") or "") if tries else ""


def op_for(op: str, number: str) -> str:
    """The operation of one parcel where one press of a button is about several."""
    return hashlib.sha256(f"{op}:{number}".encode()).hexdigest()[:OP_CHARS]


def _over(parcel: Parcel) -> str:
    return {
        ParcelState.CANCELLED: "这件邮件已经取消交寄，请不要揽收；在您手边的请交还寄件的受理点。",
        ParcelState.RETURNED: "这件邮件已经退回寄件点，不能再报。",
        ParcelState.NEW: "这件邮件还没有装封，请问一下寄件的受理点。",
    }.get(parcel.state, "这件邮件已经签收，不能再报。")


def facts(said: Said) -> tuple[dict[str, Any], dict[str, Any]]:
    """The open and the sealed part of the event that a report amounts to."""
    data: dict[str, Any] = {"op": said.op, "when": said.when}
    if said.to:
        data["to"] = said.to.value
    if said.why:
        data["why"] = said.why.value
    if said.next:
        data["next"] = said.next.isoformat()
    if said.collected is not None:
        data["collected"] = list(said.collected)
    if said.manifest:
        data["manifest"] = said.manifest
    if said.proof:
        data["proof"] = said.proof.value
    sealed = {"receiver": said.receiver, "note": said.note, "id4": said.id4}
    if said.picture:
        data |= {"blob": said.picture.blob, "media": said.picture.media, "size": said.picture.size}
        sealed["key"] = said.picture.key
    return data, {name: words for name, words in sealed.items() if words}


def check_op(text: str) -> str:
    """An operation's id as our pages and apps make them; raises :class:`BadField`."""
    if not _OP.fullmatch(text):
        raise BadField("op", "这一页不完整，请重新打开这件邮件。", "the operation id is malformed")
    return text


def check_when(text: str, now: str) -> str:
    """When it happened, as the phone says: not ahead of now, not too long ago. Empty is now.

    :raises BadField: no such time, or one that cannot be.
    """
    if not text:
        return now
    try:
        seconds = (from_text(now) - from_text(text)).total_seconds()
    except BadTime:
        raise BadField("when", "手机报来的时间看不懂。", "the time is malformed") from None
    if not -AHEAD_SECONDS_MAX <= seconds <= LATE_DAYS_MAX * 86_400:
        raise BadField(
            "when", "手机的时间不对，请在手机设置里改成自动校时。", "the phone's clock is wrong"
        )
    return min(text, now)


def check_next(text: str, now: str) -> date | None:
    """The day of the next attempt, from today to a week ahead; raises :class:`BadField`."""
    if not text:
        return None
    today = day_of(now)
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise BadField("next", "请选下次投递的日子。", "choose a day") from None
    if not today <= day <= today + timedelta(days=NEXT_DAYS_MAX):
        raise BadField("next", "下次投递请在一周之内。", "within a week, please")
    return day


def attempts(parcel: Parcel) -> int:
    """How many deliveries did not succeed so far."""
    return sum(step.type == Report.FAILED.value for step in counted(parcel))


def dialable(phone: str) -> str:
    """A phone number as a ``tel:`` address takes it; an extension is dialled after a pause."""
    number, _, extension = phone.partition("转")
    digits = re.sub(r"[^0-9+]", "", number)
    return f"{digits},{extension}" if extension.isdigit() else digits
