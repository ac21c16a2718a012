"""The mail desk's acts: what waits to be posted, packing, printing, taking in, calling off.

A waybill prints only a slip that the clerk confirmed, and nothing is mailed while a request is
open: the fold cannot see across subjects, so it is judged here, inside the transaction.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cases.fields import BadField
from cases.fold import WrongState
from cases.folded import Case, Parcel
from cases.originals import brought
from cases.papers import (
    PAPERS_RETURNED,
    RESULT,
    RESULT_TO_POINT,
    TO_AUTHORITY,
    Owed,
    given_twice,
    leaves,
    to_send,
)
from cases.points import Directory
from cases.proceedings import given
from cases.slips import CONSENTS, confirmed, pickup_at, standing, to_check
from cases.states import CaseState, ParcelState
from cases.tasks import awaiting
from node.actions import Scene
from node.local import Local
from node.officer import Hand
from node.parcels import office, pack, pack_papers
from node.people_card import Slip, opened, said, slip_of
from node.permissions import POSTING, require
from node.whereabouts import here_to_give

_SEALED = ("name", "phone", "address", "region")
Item = tuple[str, int]  # a case's number and the position of a paper; 0 is the result
CASES_IN_ONE_MAX = 20
NOT_ALONE = "等齐再一起寄；申请人要先拿这一件的，请勾选“先寄这一件”"


@dataclass(frozen=True)
class Recipient:
    """Who a parcel goes to, as it is sealed into it."""

    name: str
    phone: str
    address: str
    region: str
    to_point: str = ""

    def sealed(self, directory: Directory) -> dict[str, str]:
        """The sealed part of ``parcel.packed``: a point's own where it is fetched there."""
        if self.to_point:
            return office(directory, self.to_point)
        return {
            "name": self.name,
            "phone": self.phone,
            "address": self.address,
            "region": self.region,
        }


def to_post(scene: Scene) -> tuple[Owed, ...]:
    """What this point has to send for a case: the result, originals it holds.

    To the resident's door, or to the point where they fetch it; an electronic result needs no mail
    to be given there.
    """
    case, point = scene.case, scene.point
    if not leaves(case, point):
        return ()
    here = here_to_give(case, scene.parcels, point)
    own = point == case.holder and not (pickup_at(case) and case.result == "electronic")
    return tuple(o for o in here if o.position or o.at == point or own)


def to_receiver(scene: Scene) -> tuple[Owed, ...]:
    """What may be sent to the point that received a case, where the resident is to fetch it.

    A paper that was completed "to be fetched" lies where it was decided until somebody asks for it
    at the receiving point.
    """
    case = scene.case
    here = scene.point == case.holder and scene.point != case.point
    asked = case.result == "paper" and case.delivery == "window" and not case.confirmed_slip
    if not here or not asked or case.requests or case.state is not CaseState.COMPLETED:
        return ()
    return here_to_give(case, scene.parcels, scene.point)


def to_pack(scene: Scene) -> tuple[Owed, ...]:
    """What may go into a parcel of a case now."""
    return to_post(scene) or to_receiver(scene)


def hindrance(case: Case) -> str:
    """Why nothing may be posted for a case yet, or empty."""
    if case.read_only:
        return "含有新版本的记录，本机只能查看"
    if case.requests and case.state is not CaseState.CLOSED:
        return "有未答复的申请，答复之前不能寄出"
    if not standing(case):
        return "申请人还没有填寄递单" if not case.slips else "申请人取消了寄递单"
    if to_check(case):
        return "寄递单还没有核对"
    if not case.confirmed_slip:
        return "核对过的寄递单申请人取消了，请和申请人另选一张"
    return ""


def may_pack(scene: Scene) -> str:
    """Why a parcel to the resident cannot be packed now, or empty."""
    if not to_pack(scene):
        return f"{scene.case.number} 现在没有要寄给申请人的"
    if not to_post(scene) and not scene.case.read_only:
        return ""
    problem = hindrance(scene.case)
    return f"{scene.case.number} {problem}" if problem else ""


def may_send_papers(scene: Scene) -> str:
    """Why the kept papers cannot be packed to the deciding point now, or empty."""
    case = scene.case
    if len(case.requests) > len(given(case)):  # what was given must go where it is judged
        return f"{case.number} 有未答复的申请，答复之前不能寄出"
    if not to_send(case, scene.parcels, scene.point):
        return f"{case.number} 现在没有要寄给审批部门的材料"
    return ""


def recipient_of(local: Local, case: Case) -> Recipient:
    """Who the confirmed slip names; without one, who fetches it where it was received.

    :raises WrongState: this store cannot open it.
    """
    if not case.confirmed_slip and case.delivery == "window":
        who = said(local, case) or {}
        return Recipient(str(who.get("name")), str(who.get("phone")), "", "", case.point)
    slip = slip_of(local, case.confirmed_slip)
    fields = opened(local, case.confirmed_slip)
    if slip is None or fields is None:
        raise WrongState(f"{case.number} 的寄递单在本机打不开，不能装封，请联系区中心")
    if to := pickup_at(case):
        return Recipient(slip.name, slip.phone, "", "", to)
    return Recipient(slip.name, slip.phone, slip.address, str(fields.get("region") or ""))


def as_slip(local: Local, recipient: Recipient) -> Slip:
    """The recipient as a page shows one; where it is fetched, its address is the point's."""
    to = local.bundle.directory.find(recipient.to_point)
    address = f"{to.name}（{to.address}）" if to else recipient.address
    return Slip(recipient.name, recipient.phone, address)


def pack_for_resident(
    hand: Hand, local: Local, items: Iterable[Item], *, alone: bool = False
) -> str:
    """Pack results and originals of one recipient's cases. :returns: the parcel's number.

    :param alone: also a result that was to wait for others of its reception (一件事).
    """
    require(hand.person, POSTING, "装封邮件")
    chosen = sorted(set(items))
    if not chosen:
        raise BadField("items", "请勾选要装进去的东西。", "Choose what goes in.")
    numbers = sorted({number for number, _ in chosen})
    if len(numbers) > CASES_IN_ONE_MAX:
        raise BadField("items", f"一个邮件最多装 {CASES_IN_ONE_MAX} 件。", "Too many cases.")
    contents: list[dict[str, str | int]] = []
    recipients = set()
    for number in numbers:
        scene = hand.scene(number)
        if problem := may_pack(scene):
            raise WrongState(problem)
        if (number, 0) in chosen and scene.awaited and not alone:
            words = f"{number} {awaiting(scene.awaited)}。{NOT_ALONE}"
            raise BadField("alone", words, "The others are to go along.")
        contents += _contents(scene, {p for n, p in chosen if n == number})
        recipients.add(recipient_of(local, scene.case))
    if len(recipients) > 1:
        raise WrongState("这几件的收件人或地址不一样，不能装在一个邮件里")
    to, directory = recipients.pop(), local.bundle.directory
    return pack(
        hand.w,
        directory=directory,
        actor=hand.person.id,
        purpose=_purpose(to, {position for _, position in chosen}),
        cases=numbers,
        contents=contents,
        recipient=to.sealed(directory),
        to_point=to.to_point,
        slip=hand.scene(numbers[0]).case.confirmed_slip,
        consent=_agreed(hand, numbers),
    )


def _purpose(to: Recipient, positions: set[int]) -> str:
    if to.to_point:
        return RESULT_TO_POINT
    return RESULT if 0 in positions else PAPERS_RETURNED


def _agreed(hand: Hand, numbers: Iterable[str]) -> tuple[str, ...]:
    """Where the courier may leave it: what the slips of all its cases agree to."""
    slips = [confirmed(hand.scene(number).case) for number in numbers]
    return tuple(c for c in CONSENTS if all(slip and c in slip.consent for slip in slips))


def _contents(scene: Scene, positions: set[int]) -> list[dict[str, str | int]]:
    due = {o.position: o.name for o in to_pack(scene)}
    if not positions <= due.keys():
        raise WrongState(f"{scene.case.number} 有的东西已经寄出、交付或不在本窗口，请刷新后再试")
    within, number = sorted(positions), scene.case.number
    return [
        {"case": number, "position": position, "name": due[position], "brought": since}
        for position, since in zip(within, brought(scene.case, within), strict=True)
    ]


def pack_to_authority(hand: Hand, number: str, directory: Directory) -> str:
    """Pack a forwarded case's kept papers once more. :returns: the parcel's number."""
    require(hand.person, POSTING, "装封邮件")
    scene = hand.scene(number)
    if problem := may_send_papers(scene):
        raise WrongState(problem)
    parcel = pack_papers(hand.w, number, actor=hand.person.id, directory=directory)
    if parcel is None:
        raise WrongState(f"{number} 没有要寄的材料")
    return parcel


def parcel_in(hand: Hand, number: str) -> Parcel:
    """A parcel as it is now. :raises WrongState: it is not here."""
    parcel = hand.w.store.parcel(number)
    if parcel is None:
        raise WrongState(f"本机没有邮件 {number}")
    return parcel


def may_print(local: Local, parcel: Parcel) -> str:
    """Why a waybill cannot be printed now, or empty. What is on its way may always be reprinted."""
    if parcel.read_only:
        return f"{parcel.number} 含有新版本的记录，本机只能查看"
    if parcel.point != local.point.code:
        return f"{parcel.number} 不是本窗口寄的，不能打印面单"
    if parcel.state is not ParcelState.PACKED:
        return ""
    for number in parcel.cases:
        case = local.store.case(number)
        if problem := _stale(local, parcel, case) if case else "":
            return problem
    return ""


def _stale(local: Local, parcel: Parcel, case: Case) -> str:
    if case.requests:
        return f"{case.number} 有未答复的申请，答复之前不能寄出"
    if parcel.purpose == TO_AUTHORITY:
        return ""
    if given_twice(case, [parcel]):
        return f"{case.number} 的结果已经当面交付，请取消这个邮件"
    if parcel.to_point == case.point and not parcel.slip and not standing(case):
        return ""
    if to_check(case) or not case.confirmed_slip:
        return _not_confirmed(parcel, case)
    if case.confirmed_slip == parcel.slip:
        return ""
    try:
        same = _goes_to(local, parcel, recipient_of(local, case))
    except WrongState as unreadable:
        return str(unreadable)
    return "" if same else f"{case.number} 的地址在装封以后改过了，请取消这个邮件，重新装封"


def _not_confirmed(parcel: Parcel, case: Case) -> str:
    """A waybill that is printed stays; a first one is not printed for a slip in question."""
    if parcel.copies:
        return ""
    if not standing(case):
        return f"{case.number} 的寄递单申请人取消了，请取消这个邮件"
    return f"{case.number} 的寄递单还没有核对，不能打印面单"


def _goes_to(local: Local, parcel: Parcel, to: Recipient) -> bool:
    if parcel.to_point or to.to_point:
        return parcel.to_point == to.to_point
    fields = opened(local, parcel.packed_event)
    return fields is not None and {n: str(fields.get(n) or "") for n in _SEALED} == to.sealed(
        local.bundle.directory
    )


def print_waybill(hand: Hand, local: Local, number: str, *, first: bool = False) -> str:
    """State that the next copy of a waybill is printed. ``first``: only if none was yet."""
    require(hand.person, POSTING, "打印面单")
    parcel = parcel_in(hand, number)
    if problem := may_print(local, parcel):
        raise WrongState(problem)
    if first and parcel.copies:
        raise WrongState(f"{number} 的面单已经打印过，要重印请打开这个邮件")
    copy = parcel.copies + 1
    hand.state("parcel.waybill_printed", number, copy=copy)
    return str(copy)


def take_in(hand: Hand, number: str, ticked: Iterable[int]) -> str:
    """Take in a parcel that arrived, after its contents were counted (清点签收)."""
    require(hand.person, POSTING | {"officer"}, "清点签收")
    parcel = parcel_in(hand, number)
    missing = [c for place, c in enumerate(parcel.contents) if place not in set(ticked)]
    if missing:
        names = "、".join(str(c.get("name", "")) for c in missing)
        raise BadField(
            "contents", f"还没有点到：{names}。少了的请先联系寄出的受理点，不要签收。", "Not all."
        )
    hand.state("parcel.arrived", number)
    return "已清点签收"


def cancel(hand: Hand, number: str) -> str:
    """Call off a parcel that no courier has taken over; its contents wait to be packed again."""
    require(hand.person, POSTING, "取消交寄")
    parcel_in(hand, number)
    hand.state("parcel.cancelled", number)
    return "已取消交寄"


def came_back(hand: Hand, number: str) -> str:
    """Record that a parcel was returned to this point (退回寄件点)."""
    require(hand.person, POSTING, "登记退回")
    if parcel_in(hand, number).state is ParcelState.PACKED:
        raise WrongState(f"{number} 还没有交给快递员，不能登记退回；不寄了请取消交寄")
    hand.state("parcel.returned", number, when=hand.w.at)
    return "已登记退回，可以重新装封"
