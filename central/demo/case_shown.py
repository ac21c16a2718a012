"""A point that was only shown the receipt: it takes papers in, and hands the result out once."""

from __future__ import annotations

from functools import partial

from central.demo.crew import CaseCrew
from central.demo.lawful import (
    accepted_case,
    due_in,
    must_not_offer,
    must_refuse,
    must_say,
    printed,
    show_paper,
    verifies,
)
from central.demo.mail_crew import labelled
from central.demo.person import Person
from central.demo.story import (
    LOOKED,
    act,
    close,
    count_papers,
    courier,
    find_parcel,
    must,
    receipt,
    report,
    sees_state,
    take_over,
    until,
)

GRANTED = {"content": "热食类食品制售", "valid_until": "2099-12-31"}
BY_CARD = {"to": "applicant", "checked": "核对居民身份证原件"}
LICENCE = "食品经营许可证"


def given_where_shown(crew: CaseCrew) -> None:
    """An electronic result: printed and handed out where the receipt was shown, by nobody again."""
    who, window = crew.resident("戴凭证"), crew.neighbour
    number = accepted_case(crew, who)
    show_paper(window, receipt(crew.clerk, number), number)
    must_not_offer(window, number, "当面交付")
    act(window, number, "代收补充材料", {"papers": "排烟设施照片 2 张"})
    until("审批窗口看到补充", lambda: sees_state(crew.officer, number, "补交了材料"))
    must_not_offer(crew.officer, number, "准予")
    act(crew.officer, number, "答复申请", {"granted": "yes"})
    _granted(crew, number, "electronic")
    until("出示凭证的窗口看到办结", lambda: sees_state(window, number, "已办结"))
    result = printed(window, number, LICENCE)
    must_say(result, who.name, GRANTED["content"], "2099年12月31日")
    verifies(crew, result, "是真的，现在有效").must_see(LICENCE)
    _handed_out(window, number, who.name)
    must_refuse(window, number, "hand_out", number)
    for other in (crew.clerk, crew.counter):
        until("别处看到交付", partial(sees_state, other, number, "送达回证"))
        must_refuse(other, number, "hand_out", number)
    crew.counter.open(f"/mail/pack/{number}")
    must(crew.counter.status == 409, "当面交付了的不能再寄")
    _filed(crew, number)
    crew.say(f"17 {number} 在{window.name}只出示了凭证：代收补充材料，打印电子证照，核对后交付一次")


def sent_where_shown(crew: CaseCrew) -> None:
    """A paper lies where it was decided: told so, sent for, and handed out after it arrived."""
    who, window = crew.resident("纸在远"), crew.neighbour
    number = accepted_case(crew, who)
    _granted(crew, number, "paper")
    show_paper(window, receipt(crew.clerk, number), number)
    until("出示凭证的窗口看到办结", lambda: sees_state(window, number, "已办结"))
    window.must_see("有要交给申请人的不在本窗口", "办理结果在鼓楼区行政服务中心")
    must_refuse(window, number, "hand_out", number)
    window.open(f"/cases/{number}")
    window.follow("送到本窗口领")
    window.press("念给申请人听过")
    window.must_see("已经约好送到本窗口")
    _carried(crew, number)
    must(number in window.open("/pickup"), "到了，在窗口领取里")
    _handed_out(window, number, who.name)
    must_refuse(window, number, "hand_out", number)
    until("审批地点看到交付", lambda: sees_state(crew.counter, number, "送达回证"))
    must_refuse(crew.counter, number, "hand_out", number)
    until("受理点看到交付", lambda: sees_state(crew.clerk, number, "送达回证"))
    _filed(crew, number)
    crew.say(f"17 {number} 的纸质证照不在{window.name}：写明在哪里，寄来以后核对身份证交付一次")


def _granted(crew: CaseCrew, number: str, result: str) -> None:
    act(crew.officer, number, "准予")
    act(crew.officer, number, "出证", GRANTED)
    due_in(crew.officer, number, "送达期限", 10)
    act(crew.officer, number, "办结", {"result": result, "delivery": "window"})


def _handed_out(window: Person, number: str, name: str) -> None:
    """Not without a check of who it is; the acknowledgement says who took it, and when."""
    window.open(f"/cases/{number}")
    window.follow("当面交付")
    window.press("当面交付", {**BY_CARD, "checked": ""})
    must(window.status >= 400 and window.sees("怎样核对的身份"), "没有核对身份不能交付")
    act(window, number, "当面交付", BY_CARD)
    must(number not in window.open("/pickup"), "领走的不在窗口领取里")
    must_say(printed(window, number, "送达回证"), name)


def _carried(crew: CaseCrew, number: str) -> None:
    """The deciding point packs it for that window, a courier takes it there, it is counted in."""
    desk, window, rider = crew.counter, crew.neighbour, crew.meet(courier(crew.plan))
    until("审批地点要装封", lambda: sees_state(desk, number, "装封送到领取点"))
    desk.follow("装封送到领取点")
    desk.press("装封", LOOKED)
    parcel = find_parcel(desk, number, "送到领取点")
    take_over(rider, labelled(desk, parcel, crew.resident("纸在远")), parcel)
    until("窗口看到在路上", lambda: sees_state(window, number, "寄往"))
    must_refuse(window, number, "hand_out", number)
    report(rider, parcel, "已送达", {"to": "point"})
    count_papers(window, parcel)


def _filed(crew: CaseCrew, number: str) -> None:
    act(crew.clerk, number, "告知申请人", {"how": "phone"})
    close(crew.clerk, number)
