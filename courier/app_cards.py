"""What the courier's pages show of a parcel: finished, frozen cards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from cases.folded import Parcel, Step
from cases.papers import PURPOSES_ZH
from cases.states import STATE_ZH, ParcelState
from cases.times import day_of, shown, shown_day
from courier import fetches
from courier.carriers import carrier_zh
from courier.desk import Addressee, CourierDesk
from courier.look.cards import Choice, Happening, Light
from courier.parcels import (
    GIVE_UP,
    HANDS_ZH,
    REPORT_ZH,
    WHY_NOT_DELIVERED,
    WHY_ZH,
    Hands,
    Proof,
    Report,
    Standing,
    attempts,
    choices,
    counted,
    dialable,
    standing,
)
from courier.proofs import (
    PROOF_CHOICE_ZH,
    WITH_CONSENT,
    agreed,
    may_receive,
    objection,
    strictest,
)
from labels.masking import mask_address, mask_name, mask_phone
from labels.wording import contents

MOVING = (ParcelState.TAKEN_OVER, ParcelState.OUT)
GONE = Addressee("（已不保存）", "", "（收件信息已不保存）")
SLUGS = {
    Report.FETCH_ACCEPTED: "accept",
    Report.TAKEN_OVER: "take",
    Report.OUT: "out",
    Report.DELIVERED: "delivered",
    Report.FAILED: "failed",
    Report.RETURNED: "returned",
}


@dataclass(frozen=True)
class Row:
    """A parcel in a list: enough to find it in the bag, no room number."""

    number: str
    head: str
    tail: str
    place: str
    name: str
    light: Light
    words: str


@dataclass(frozen=True)
class Act:
    """One thing that may be reported now."""

    slug: str
    words: str


@dataclass(frozen=True)
class Card:
    """A parcel's own page."""

    number: str
    head: str
    tail: str
    light: Light
    words: str
    standing: str
    advice: str
    name: str
    region: str
    place: str
    full: bool
    phone: str
    tel: str
    sender: str
    sender_place: str
    sender_phone: str
    sender_tel: str
    inside: str
    purpose: str
    acts: tuple[Act, ...]
    steps: tuple[Happening, ...]


@dataclass(frozen=True)
class Done:
    """The answer to a report: what was recorded, and what comes next."""

    ok: bool
    title: str
    words: str
    when: str
    next: str


def split(parcel: Parcel) -> tuple[str, str]:
    """A tracking number with its last four apart: they are what people read out."""
    return parcel.tracking[:-4], parcel.tracking[-4:]


def row(desk: CourierDesk, parcel: Parcel) -> Row:
    """A parcel in a list."""
    to = desk.recipient(parcel) or GONE
    head, tail = split(parcel)
    public = bool(parcel.to_point)
    place = to.address if public else mask_address(to.address)
    name = to.name if public else mask_name(to.name)
    return Row(parcel.number, head, tail, place, name, _light(parcel), _words(parcel))


def done_row(parcel: Parcel, now: str) -> Row:
    """A parcel whose way has ended: nothing about its recipient any more."""
    head, tail = split(parcel)
    last = _last(parcel)
    when = _when(last, now) if last else ""
    return Row(parcel.number, head, tail, when, "", _light(parcel), _words(parcel))


def card(
    desk: CourierDesk, parcel: Parcel, courier: str, *, full: bool, reveal: bool = False
) -> Card:
    """A parcel's own page.

    :param full: the room number too. A point's address is public, so it is always whole.
    :param reveal: the whole phone number; the caller has noted the showing.
    """
    to = _seen(desk, parcel, full)
    sender = desk.sender(parcel)
    head, tail = split(parcel)
    at = standing(parcel, courier)
    public = bool(parcel.to_point)
    return Card(
        number=parcel.number,
        head=head,
        tail=tail,
        light=_light(parcel),
        words=_words(parcel),
        standing=at.value,
        advice=_advice(parcel, at),
        name=to.name if public else mask_name(to.name),
        region=to.region,
        place=to.address,
        full=full or public,
        phone=to.phone if reveal or public else mask_phone(to.phone),
        tel=dialable(to.phone) if reveal or public else "",
        sender=sender.name,
        sender_place=sender.address,
        sender_phone=sender.phone,
        sender_tel=dialable(sender.phone),
        inside="、".join(_inside(parcel)),
        purpose=PURPOSES_ZH.get(parcel.purpose, "邮件"),
        acts=tuple(Act(SLUGS[r], REPORT_ZH[r]) for r in choices(parcel, courier)),
        steps=tuple(_happening(step, desk.now()) for step in reversed(list(counted(parcel)))),
    )


def _seen(desk: CourierDesk, parcel: Parcel, full: bool) -> Addressee:
    """The recipient as far as this courier sees the address."""
    to = desk.recipient(parcel) or GONE
    region = "" if to.address.startswith(to.region) else to.region
    whole = full or bool(parcel.to_point)
    return to._replace(region=region, address=to.address if whole else mask_address(to.address))


def _inside(parcel: Parcel) -> list[str]:
    """Neutral words for what is inside: position 0 is a case's result."""
    results = sum(content.get("position") == 0 for content in parcel.contents)
    return contents(results, len(parcel.contents) - results)


def _light(parcel: Parcel) -> Light:
    if parcel.state in (ParcelState.DELIVERED, ParcelState.ARRIVED, *MOVING):
        return "green"
    return "red" if parcel.state is ParcelState.CANCELLED else "amber"


def _words(parcel: Parcel) -> str:
    if parcel.state is ParcelState.FAILED:
        return f"第 {attempts(parcel)} 次没送到：{why_words(parcel.failure)}"
    if parcel.state is ParcelState.DELIVERED:
        return f"已送达：{hands_words(parcel.delivered_to)}"
    return STATE_ZH[parcel.state]


def _advice(parcel: Parcel, at: Standing) -> str:
    if at is Standing.ANOTHERS:
        return "已由另一位快递员揽收。如果要转给您，请对方先报“没送到”，您再扫一次。"
    if at is Standing.LEFT:
        return "上一位快递员没有送到。您揽收以后，由您接着送。"
    if at is Standing.ELSEWHERE:
        return f"这件由{carrier_zh(parcel.carrier)}揽收和投递，请不要取走。"
    if parcel.state is ParcelState.CANCELLED:
        return "寄件的受理点已取消交寄，请不要揽收；在您手边的请交还受理点。"
    return ""


def why_words(code: object) -> str:
    """The words of a reason; a newer one that is not known here is shown as it is."""
    known = {why.value: words for why, words in WHY_ZH.items()}
    return known.get(str(code), str(code))


def hands_words(code: object) -> str:
    """The words for who took a parcel."""
    known = {hands.value: words for hands, words in HANDS_ZH.items()}
    return known.get(str(code), str(code))


def _happening(step: Step, now: str) -> Happening:
    report = Report(step.type)
    text = ""
    if report is Report.DELIVERED:
        text = hands_words(step.data.get("to"))
    if report is Report.FAILED:
        text = why_words(step.data.get("why"))
    return Happening(REPORT_ZH[report], _when(step, now), text=text)


def _when(step: Step, now: str) -> str:
    """When it happened, as the courier said; when we heard of it where that cannot be read."""
    try:
        return shown(str(step.data.get("when")), now)
    except ValueError:
        return shown(step.at, now)


def _last(parcel: Parcel) -> Step | None:
    return next(reversed(list(counted(parcel))), None)


def step_of(parcel: Parcel, op: str) -> Step | None:
    """What an operation has stated about a parcel, whether or not it counts."""
    return next((step for step in parcel.steps if step.data.get("op") == op), None)


def done(desk: CourierDesk, parcel: Parcel, op: str) -> Done:
    """The answer to a report that was sent with this operation."""
    step = step_of(parcel, op)
    if step is None or step.type not in {report.value for report in Report}:
        return Done(False, "没有这条记录", "这件邮件还没有收到您的这次报告。", "", "请再报一次。")
    if step.verdict != "ok":
        return Done(False, "没有算数", step.reason, "", "请打开这件邮件看看现在的状态。")
    words, next = _after(desk, parcel, step)
    return Done(True, words, parcel.tracking, _when(step, desk.now()), next)


def _after(desk: CourierDesk, parcel: Parcel, step: Step) -> tuple[str, str]:
    report = Report(step.type)
    if report is Report.FETCH_ACCEPTED:
        return "已接单", "请按约好的时间上门。"
    if report is Report.FAILED and fetches.is_open(parcel):
        return "没取到", "还没有取到材料：您可以按约好的时间再去，或者由受理点重新约。"
    if report is Report.TAKEN_OVER:
        return "已揽收", "从现在起由您负责送到。"
    if report is Report.OUT:
        return "派送中", "收件人查得到正在派送。"
    if report is Report.DELIVERED:
        return f"已送达：{hands_words(step.data.get('to'))}", "这件邮件办完了，不用再管。"
    if report is Report.RETURNED:
        return "已退回", f"请把邮件当面交还{desk.sender(parcel).name}。"
    if str(step.data.get("why")) in {why.value for why in GIVE_UP}:
        return "没送到", f"邮件还在您手上，请退回{desk.sender(parcel).name}。"
    day = str(step.data.get("next") or "")
    if not day:
        return "没送到", "邮件还在您手上：再送一次，或者退回寄件的受理点。"
    when = shown_day(date.fromisoformat(day), day_of(desk.now()))
    return "没送到", f"邮件还在您手上，{when}再送。"


def hands_choices(parcel: Parcel) -> list[Choice]:
    """Who may take this parcel, as choice cards: where consent is needed, whether it was given."""
    return [Choice(h.value, HANDS_ZH[h], _consent(parcel, h)) for h in may_receive(parcel)]


def _consent(parcel: Parcel, to: Hands) -> str:
    if to not in WITH_CONSENT:
        return ""
    return "填单时同意了" if agreed(parcel, to) else "没有事先同意，凭签收码"


def proof_choices(parcel: Parcel) -> list[Choice]:
    """What may show that it was handed over, as choice cards; nothing is asked at a point."""
    return [] if parcel.to_point else any_proofs()


def objections(parcel: Parcel) -> dict[str, dict[str, tuple[str, str]]]:
    """What stands against handing it to whom with which proof: the field, a sentence.

    A phone without a signal says it while its courier is still at the door.
    """
    return {
        hands.value: {
            proof.value: wrong for proof in Proof if (wrong := objection(parcel, hands, proof))
        }
        for hands in may_receive(parcel)
    }


def any_hands() -> list[Choice]:
    """Who may take some parcel, of which this page knows nothing."""
    hints = {Hands.SELF: "凭签收码或证件", Hands.POINT: "寄到受理点的"}
    hints |= dict.fromkeys(WITH_CONSENT, "凭签收码")
    return [Choice(hands.value, HANDS_ZH[hands], hints.get(hands, "")) for hands in Hands]


def any_proofs() -> list[Choice]:
    """All that may show that something was handed over."""
    return [Choice(proof.value, *words) for proof, words in PROOF_CHOICE_ZH.items()]


def any_objections() -> dict[str, dict[str, tuple[str, str]]]:
    """What might stand against a proof, of a parcel of which this page knows nothing."""
    words = "这件邮件的信息还没到手机上，这样证明不一定算数，请换一种。"
    return {
        hands.value: {
            proof.value: ("proof", words)
            for proof in Proof
            if objection(strictest(hands), hands, proof)
        }
        for hands in Hands
    }


def why_choices() -> list[Choice]:
    """The reasons, as choice cards."""
    return [Choice(why.value, WHY_ZH[why]) for why in WHY_NOT_DELIVERED]


def next_choices(now: str) -> list[Choice]:
    """The days of the next attempt: today, tomorrow, the day after."""
    today = day_of(now)
    days = [(today + timedelta(days=n), words) for n, words in enumerate(("今天", "明天", "后天"))]
    return [Choice(day.isoformat(), words, _weekday(day)) for day, words in days]


def _weekday(day: date) -> str:
    """周一: all of a day that fits beside two others on a phone."""
    return shown_day(day, day).partition("（")[2].rstrip("）")
