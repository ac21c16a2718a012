"""What only days bring: a procedure that takes its time, a case that lapses.

The demonstration's clock is moved on while its programs run; the days are counted independently.
"""

from __future__ import annotations

from datetime import date, timedelta

from central.demo.case_law import DEFECTS
from central.demo.case_windows import SENIOR_CARD
from central.demo.crew import CaseCrew
from central.demo.days import after, between, in_words
from central.demo.lawful import (
    accepted_case,
    due_in,
    food_case,
    must_not_offer,
    must_refuse,
    must_say,
    printed,
    verifies,
)
from central.demo.plan import JUNMEN
from central.demo.story import act, must, next_please, receipt, receive, sees_state, until

LASTS = 4  # working days
LAPSED = "逾期未补正，已终止"


def stop_the_clock(crew: CaseCrew) -> None:
    """A special procedure stops the clock for days; one extension moves it, a second is refused."""
    who, officer = crew.resident("田路远"), crew.officer
    began = crew.plan.today
    number = accepted_case(crew, who)
    before = due_in(officer, number, "办结期限", 5, began)
    act(officer, number, "启动特别程序",
        {"kind": "expert_review", "days": "7", "words": "请专家评审布局"})  # fmt: skip
    expected = due_in(officer, number, "专家评审预计到", 7, began)
    officer.must_see("期限暂停", "审批期限暂停计算")
    must_not_offer(officer, number, "准予")
    notice = printed(officer, number, "特别程序告知书", began)
    must_say(notice, who.name, "专家评审", "7 个工作日")
    now = _days_pass(crew, after(began, LASTS))
    due_in(officer, number, "专家评审预计到", 7, began, now)
    act(officer, number, "恢复计算期限")
    lasted = between(began, now)
    moved = due_in(officer, number, "办结期限", 5 + lasted, began, now)
    crew.say(f"4 {number} 专家评审预计到 {expected}，{now} 恢复：扣掉 {lasted} 个工作日，"
             f"期限从 {before} 移到 {moved}")  # fmt: skip
    _extended_once(crew, number, began, lasted, who.name)


def _extended_once(crew: CaseCrew, number: str, began: date, lasted: int, name: str) -> None:
    officer, now = crew.officer, crew.plan.today
    longer = {"days": "10", "approver": "局长 郑国梁", "reason": "需要核实经营场所"}
    act(officer, number, "延长审批期限", longer)
    day = due_in(officer, number, "办结期限", 15 + lasted, began, now)
    notice = printed(officer, number, "延期告知书", now)
    must_say(notice, name, "10 个工作日", longer["reason"])
    must_refuse(officer, number, "extend", "只能延长一次", "第四十二条")
    crew.say(f"4 {number} 延长一次到 {day}，第二次被拒绝")


def not_supplemented(crew: CaseCrew) -> None:
    """Nothing came: not ended on the last day, ended on the next, its paper printed and true."""
    who, officer = crew.resident("安迟迟"), crew.officer
    began = crew.plan.today
    number = food_case(crew, who)
    act(officer, number, "一次告知补正", {**DEFECTS, "days": "3", "whole": "yes"})
    day = due_in(officer, number, "补正期限", 3, began)
    asked = printed(officer, number, "补正告知书", began)
    must_refuse(officer, number, "lapse", in_words(day, began), "还没有过，不能终止")
    _days_pass(crew, day)
    must_refuse(officer, number, "lapse", in_words(day, day), "还没有过，不能终止")
    now = _days_pass(crew, day + timedelta(days=1))
    act(officer, number, "终止（逾期未补正）")
    officer.open(f"/cases/{number}")
    officer.must_see(LAPSED)
    must_not_offer(officer, number, "受理")
    until("受理点看到终止", lambda: sees_state(crew.clerk, number, LAPSED))
    for window in (officer, crew.clerk):
        notice = printed(window, number, "终止办理通知书", now)
        must_say(notice, who.name, in_words(day, now), "材料原件免费退还")
    anybody = verifies(crew, notice, "是真的，现在有效")
    anybody.must_see("终止办理通知书")
    anybody.follow("看办理详情")
    anybody.press("确定", {"last_four": who.last_four})
    anybody.must_see("已终止", "到期没有收到要补的材料")
    verifies(crew, asked, "是真的，但这次申请已经终止")
    crew.say(f"3 {number} 补正到 {day}：当天还不能终止，{now} 终止，通知书两边都印得出、查得到")


def deemed_accepted(crew: CaseCrew) -> None:
    """Nobody spoke within five working days: taken for accepted from the day of receipt, loudly."""
    who, officer = crew.resident("言不至"), crew.officer
    began = crew.plan.today
    number = food_case(crew, who)
    day = due_in(officer, number, "受理期限", 5, began)
    _days_pass(crew, day)
    must("视为受理" not in officer.open(f"/cases/{number}"), "最后一天还不算视为受理")
    now = _days_pass(crew, day + timedelta(days=1))
    due_in(officer, number, "办结期限", 5, began, now)
    officer.must_see("已视为受理", "依法自收件之日起视为受理")
    must_refuse(officer, number, "notice_correction", "已依法视为受理")
    must_refuse(officer, number, "not_accept", "已依法视为受理")
    phone = crew.passer_by()
    phone.open(receipt(crew.clerk, number).qr[0])
    phone.must_see("已视为受理")
    until("看板上是红的", lambda: number in crew.board.open("/board/cases?light=red"))
    crew.say(f"3 {number} 到 {day} 没有受理也没有告知：{now} 起按收件之日视为受理，不能再告知补正")


def unclaimed(crew: CaseCrew) -> None:
    """A result that nobody fetches is asked about after a week, and stands out after a month."""
    who = crew.resident("齐不取", born="19490312")
    next_please(crew.clerk)
    number = receive(crew.clerk, "敬老卡", SENIOR_CARD, who, {"area": JUNMEN.code})
    crew.clerk.open(f"/cases/{number}")
    crew.clerk.follow("/do/complete")
    crew.clerk.press("办结", {"result": "paper", "delivery": "window"})
    began = crew.plan.today
    for days, words in ((0, "新到"), (8, "请催领"), (31, "久未领取")):
        _days_pass(crew, began + timedelta(days=days))
        must(number in crew.clerk.open("/pickup"), "等着领取")
        crew.clerk.must_see(words)
    act(crew.clerk, number, "当面交付", {"to": "applicant", "checked": "核对居民身份证原件"})
    must(number not in crew.clerk.open("/pickup"), "领走的不在窗口领取里")
    crew.say(f"15 {number} 的结果没人来领：一周后催领，一个月后标红；核对身份证领走一次")


def _days_pass(crew: CaseCrew, to: date) -> date:
    """Let another day begin. :returns: it."""
    crew.plan.move_to(to)
    return crew.plan.today
