"""一件事: received at once, followed as one, one slip for all, results in one parcel."""

from __future__ import annotations

from datetime import date
from functools import partial

from central.demo.crew import CaseCrew
from central.demo.days import in_words
from central.demo.lawful import FOOD, FOOD_ANSWERS, FOOD_CODE, due_in, must_not_offer, must_say
from central.demo.paper import Paper
from central.demo.person import Person
from central.demo.plan import CENTRE, DONGJIE
from central.demo.story import (
    LOOKED,
    Resident,
    act,
    at_window,
    every,
    fill_in_slip,
    find_parcel,
    must,
    print_waybill,
    receipt,
    sees_state,
    until,
)

EATERY, EATERY_NAME = "YJS01", "开办小餐馆一件事"
SIGN, SIGN_CODE = "临街门店招牌设置登记", "JD-007700"
DRAIN, DRAIN_CODE = "污水排入排水管网许可（新办）", "ZJJ-000801"
ASK_AGAIN = "更新要问的和材料清单"


def several_at_once(crew: CaseCrew) -> None:
    """一件事: received at once with one receipt; each case has its own route and its own days."""
    who = crew.resident("梅一事")
    business = {"area-business_place": DONGJIE.code}
    first = _receive(crew.clerk, who, FOOD_CODE, SIGN_CODE, **business)
    paper = receipt(crew.clerk, first)
    food, sign = _numbers(crew.clerk, len(first), FOOD, SIGN)
    must(len(paper.qr) == 1, "一张凭证只有一个码，能读出")
    must_say(paper, EATERY_NAME, "共 2 件", "梅*事", food, sign, FOOD, SIGN, CENTRE.name,
             DONGJIE.name, "受理后 5 个工作日内", "受理后 2 个工作日内")  # fmt: skip
    must(paper.words.count("营业执照") == 1, "两件都用的材料，凭证上只有一次")
    wu = crew.meet(at_window(crew.plan, DONGJIE, "wu"))
    for officer, number in ((crew.officer, food), (wu, sign)):
        until("决定的地方看到", partial(sees_state, officer, number, "已转办，待受理"))
        due_in(officer, number, "受理期限", 5)
    act(wu, sign, "受理")
    day = due_in(wu, sign, "办结期限", 2)
    due_in(crew.officer, food, "受理期限", 5)
    _followed_as_one(crew, paper, day)
    crew.say(f"14 一件事一次收下 {food}（到区）和 {sign}（到街道），一张凭证一个码，"
             f"各有各的期限，手机上一起看")  # fmt: skip


def _receive(clerk: Person, who: Resident, *matters: str, **typed: str) -> str:
    """Receive some of the bundle's matters by its one form. :returns: the first case's number."""
    clerk.open(f"/bundles/{EATERY}")
    clerk.press(ASK_AGAIN, {"matter": list(matters)})
    clerk.press(ASK_AGAIN, {**FOOD_ANSWERS, **typed})
    clerk.must_see("收 2 件", "转办到鼓楼区行政服务中心")
    if SIGN_CODE in matters:
        clerk.must_see(f"转办到{DONGJIE.name}")
    clerk.press("收件", {"document_number": who.document_number, "name": who.name,
                       "phone": who.phone, "paper": every(clerk, "收件", "paper")})  # fmt: skip
    clerk.must_see("收好了 2 件", EATERY_NAME)
    return clerk.url.split("/")[-2]


def _numbers(clerk: Person, length: int, *titles: str) -> list[str]:
    """The numbers of the cases of these matters, from the page of any of them."""
    return [f"GL{clerk.words.partition(f'{title} GL')[2]}"[:length] for title in titles]


def _followed_as_one(crew: CaseCrew, paper: Paper, day: date) -> None:
    phone = crew.passer_by()
    until("手机上一起看", lambda: in_words(day) in phone.open(paper.qr[0]))
    phone.must_see("一起申请的其他几件", FOOD, SIGN)


def posted_together(crew: CaseCrew) -> None:
    """One slip, filled in once, holds for all; the results wait for each other: one parcel."""
    who = crew.resident("毛同寄")
    first = _receive(crew.clerk, who, FOOD_CODE, DRAIN_CODE, together="yes")
    code = receipt(crew.clerk, first).qr[0]
    numbers = _numbers(crew.clerk, len(first), FOOD, DRAIN)
    _one_slip(crew, who, code, first, numbers)
    for number in numbers:
        until("审批窗口看到办件", partial(sees_state, crew.officer, number, "已转办，待受理"))
    early, late = numbers
    _settled(crew.officer, early)
    until("先办结的等着", lambda: "等同一件事的其他结果，还差 1 件" in crew.officer.open("/mail"))
    _settled(crew.officer, late)
    _one_parcel(crew.officer, early, late)
    crew.say(f"14 {early} 和 {late} 一张寄递单；先办结的等后办结的，两份结果装进一个邮件")


def _one_slip(crew: CaseCrew, who: Resident, code: str, first: str, numbers: list[str]) -> None:
    """Filled in by the receipt's code, checked once at the window: it is every case's."""
    phone = crew.passer_by()
    until("手机打开凭证", lambda: first in phone.open(code))
    fill_in_slip(phone, who)
    until("窗口看到寄递单", lambda: sees_state(crew.clerk, first, "核对寄递单"))
    act(crew.clerk, first, "核对无误")
    for number in numbers:
        must_not_offer(crew.clerk, number, "核对无误")
        crew.clerk.must_see("已核对")


def _settled(officer: Person, number: str) -> None:
    act(officer, number, "受理")
    act(officer, number, "准予")
    act(officer, number, "办结", {"result": "paper", "delivery": "mail"})


def _one_parcel(officer: Person, early: str, late: str) -> None:
    officer.open(f"/mail/pack/{early}")
    items = [item for item in every(officer, "装封", "items") if item.endswith(":0")]
    must({item.partition(":")[0] for item in items} == {early, late}, "两份结果可以装在一起")
    officer.press("装封", {"items": items, **LOOKED})
    parcels = {find_parcel(officer, number, "结果寄递") for number in (early, late)}
    must(len(parcels) == 1, "两件的结果在同一个邮件里")
    officer.open(f"/parcels/{parcels.pop()}")
    waybill = print_waybill(officer)
    must(len(waybill.qr) == 1 and len(waybill.code128) == 1, "面单的二维码和条码都能读出")
