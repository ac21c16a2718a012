"""A few subjects in every state, so that no page of the demonstration is empty.

They are made as everything else: by people at their pages.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import NamedTuple

from cases.people import id_check_character
from central.demo.paper import read_paper
from central.demo.person import Person
from central.demo.plan import CENTRE, DONGJIE, JUNMEN, Plan
from central.demo.story import (
    LOOKED,
    Resident,
    Typed,
    act,
    at_window,
    close,
    code_on,
    count_papers,
    courier,
    fill_in_slip,
    find_parcel,
    next_please,
    print_waybill,
    receipt,
    receive,
    release_phone,
    report,
    sees_state,
    take_over,
    until,
)

FORKLIFT = "特种设备安全管理和作业人员资格认定（复审）"
SENIOR_CARD = "老年人优待证办理（申领）"
NAMES = (
    "陈秀英",
    "林志鹏",
    "王䶮",
    "吴美华",
    "郑国强",
    "欧阳雪",
    "黄丽珍",
    "张𠮷",
    "刘建平",
    "李婉如",
    "古丽·买买提",
    "何永福",
    "许文清",
)
STREET = "东街街道津泰路 {} 号 {} 座 {}02 室"
GROUNDS = {"grounds": "复审申请材料与系统登记的作业项目不一致。"}
REASON = {"reason": "申请的项目不属于复审范围，请按取证办理。"}

Steps = tuple[tuple[str, Typed], ...]
ACCEPT: Steps = (("受理", {}),)
APPROVE: Steps = (*ACCEPT, ("准予", {}))
AT_WINDOW: Steps = (*APPROVE, ("办结", {"result": "paper", "delivery": "window"}))
BY_MAIL: Steps = (*APPROVE, ("办结", {"result": "paper", "delivery": "mail"}))


@dataclass(frozen=True)
class Cast:
    """Who makes the samples, each at a browser of their own."""

    plan: Plan
    clerk: Person
    neighbour: Person
    officer: Person
    rider: Person
    resident: Person

    def close(self) -> None:
        """Everybody closes their browser."""
        for each in (self.clerk, self.neighbour, self.officer, self.rider, self.resident):
            each.close()
        release_phone(self.plan)  # whoever tries the demonstration signs in on a phone of theirs


def assemble(plan: Plan) -> Cast:
    """Everybody signs in."""
    return Cast(
        plan,
        clerk=at_window(plan, JUNMEN, "lin"),
        neighbour=at_window(plan, DONGJIE, "chen"),
        officer=at_window(plan, CENTRE, "zheng"),
        rider=courier(plan),
        resident=Person("居民", plan.portal),
    )


Errand = Callable[[Cast, Resident], str]


class Made(NamedTuple):
    """A sample that is made: the how many-th, what it is, its case ("" none) and whose it is."""

    nth: int
    words: str
    number: str
    who: Resident

    @property
    def example(self) -> bool:
        """Whether it is the one to look up: it has been through everything."""
        return ERRANDS[self.nth - 1][1] is to_the_end


def residents() -> list[Resident]:
    """The sample residents; their numbers are of the right form and belong to nobody we know."""
    found = []
    for place, name in enumerate(NAMES):
        digits = f"35010219{60 + place:02d}0{1 + place % 9}1{place % 10}00{place % 10}"
        found.append(
            Resident(
                name,
                digits + id_check_character(digits),
                f"1380591{1200 + 37 * place:04d}",
                street=STREET.format(80 + place, 1 + place % 4, 1 + place % 6),
            )
        )
    return found


def seed(plan: Plan, done: int = 0) -> Generator[Made, None, None]:
    """Make the samples that are not made yet."""
    cast = assemble(plan)
    try:
        for place in range(done, SAMPLES):
            (words, errand), who = ERRANDS[place], residents()[place]
            number = errand(cast, who)
            next_please(cast.clerk)
            yield Made(place + 1, words, number, who)
    finally:
        cast.close()


def decided(steps: Steps, papers: Callable[[Cast, str], None]) -> Errand:
    """A case of another body's: what is done with it there, and how its papers fare."""

    def errand(cast: Cast, who: Resident) -> str:
        number = receive(cast.clerk, "叉车证复审", FORKLIFT, who)
        _settle(cast, number, steps)
        papers(cast, find_parcel(cast.clerk, number, "材料转送"))
        return number

    return errand


def _settle(cast: Cast, number: str, steps: Steps) -> None:
    until("审批窗口看到办件", lambda: sees_state(cast.officer, number, "已转办"))
    for action, typed in steps:
        act(cast.officer, number, action, typed)


def stay(cast: Cast, parcel: str) -> None:
    """Nobody has fetched it yet."""


def cancel(cast: Cast, parcel: str) -> None:
    """Packed for nothing."""
    cast.clerk.open(f"/parcels/{parcel}")
    cast.clerk.press("取消交寄")


def fetch(cast: Cast, parcel: str, sender: Person | None = None) -> None:
    """Print the waybill; the courier scans it and takes the parcel over."""
    sender = sender or cast.clerk
    sender.open(f"/parcels/{parcel}")
    take_over(cast.rider, print_waybill(sender), parcel)


def deliver(cast: Cast, parcel: str) -> None:
    """It lies at the deciding point, not counted yet."""
    fetch(cast, parcel)
    report(cast.rider, parcel, "已送达", {"to": "point"})


def hand_over(cast: Cast, parcel: str) -> None:
    """It was counted at the deciding point."""
    deliver(cast, parcel)
    count_papers(cast.officer, parcel)


def take_back(cast: Cast, parcel: str) -> None:
    """The courier brings it back to the point that sent it."""
    fetch(cast, parcel)
    report(cast.rider, parcel, "退回")


def _posted(cast: Cast, who: Resident) -> tuple[str, str, str]:
    """A case with a slip, approved, its result with the courier. :returns: case, parcel, code."""
    number = receive(cast.clerk, "叉车证复审", FORKLIFT, who)
    paper = receipt(cast.clerk, number)
    cast.resident.open(paper.qr[0])
    fill_in_slip(cast.resident, who)
    until("窗口看到寄递单", lambda: sees_state(cast.clerk, number, "核对寄递单"))
    act(cast.clerk, number, "核对无误")
    hand_over(cast, find_parcel(cast.clerk, number, "材料转送"))
    _settle(cast, number, BY_MAIL)
    until("可以装封", lambda: number in cast.officer.open("/mail"))
    cast.officer.open(f"/mail/pack/{number}")
    cast.officer.press("装封", LOOKED)
    result = find_parcel(cast.officer, number, "结果寄递")
    fetch(cast, result, cast.officer)
    return number, result, code_on(paper)


def nobody_home(cast: Cast, who: Resident) -> str:
    """The result is with the courier, who found nobody at home."""
    number, result, _code = _posted(cast, who)
    report(cast.rider, result, "没送到", {"why": "nobody_home"})
    return number


def to_the_end(cast: Cast, who: Resident) -> str:
    """The result is home, the applicant told, the case closed."""
    number, result, code = _posted(cast, who)
    report(cast.rider, result, "已送达", {"to": "self", "code": code})
    until("受理点看到办结", lambda: sees_state(cast.clerk, number, "已办结"))
    act(cast.clerk, number, "告知申请人", {"how": "phone"})
    close(cast.clerk, number)
    return number


def own_matter(cast: Cast, who: Resident) -> str:
    """A matter of the point's own, just received."""
    return receive(cast.clerk, "敬老卡", SENIOR_CARD, who, {"area": JUNMEN.code})


def at_once(cast: Cast, who: Resident) -> str:
    """A matter of the point's own, settled and handed out on the spot."""
    number = receive(cast.clerk, "敬老卡", SENIOR_CARD, who, {"area": JUNMEN.code})
    act(cast.clerk, number, "当场办结")
    close(cast.clerk, number)
    return number


def at_the_neighbours(cast: Cast, who: Resident) -> str:
    """Received at the subdistrict centre, forwarded like any other."""
    return receive(cast.neighbour, "叉车证复审", FORKLIFT, who)


def while_queuing(cast: Cast, who: Resident) -> str:
    """A slip filled in from the poster on the counter, waiting for its case."""
    cast.resident.open(read_paper(cast.clerk.fetch("/poster.pdf")).qr[0])
    fill_in_slip(cast.resident, who)
    return ""


ERRANDS: tuple[tuple[str, Errand], ...] = (
    ("已转办，待受理；材料等快递员来取", decided((), stay)),
    ("已受理，办理中；材料在路上", decided(ACCEPT, fetch)),
    ("不予受理；材料取消交寄", decided((("不予受理", REASON),), cancel)),
    ("准予，待办结；材料已清点签收", decided(APPROVE, hand_over)),
    ("不予许可；材料已送到，等清点", decided((*ACCEPT, ("不予许可", GROUNDS)), deliver)),
    ("已办结，等申请人到窗口领取", decided(AT_WINDOW, hand_over)),
    ("已撤回；材料退回受理点", decided((("撤回", {}),), take_back)),
    ("结果已寄出，第一次没送到", nobody_home),
    ("结果送到家，已告知、已归档", to_the_end),
    ("本点自己办的事项：已收件", own_matter),
    ("本点自己办的事项：当场办结、归档", at_once),
    ("东街街道也收了一件", at_the_neighbours),
    ("一位居民排队时扫海报填了寄递单", while_queuing),
)
SAMPLES = len(ERRANDS)
