"""Cases from reception to decision, as the law has it: each story is one case."""

from __future__ import annotations

from central.demo.crew import CaseCrew
from central.demo.days import after, in_words, today
from central.demo.lawful import (
    FOOD,
    accepted_case,
    due_in,
    food_case,
    must_not_offer,
    must_refuse,
    must_say,
    opens_correction,
    printed,
    show_paper,
    verifies,
)
from central.demo.paper import Paper
from central.demo.person import Person
from central.demo.story import act, close, every, must, receipt, sees_state, until

DEFECTS = {"reason-1": "unsigned", "words-1": "请在第二页签名", "reason-3": "incomplete"}


def correct_once(crew: CaseCrew) -> None:
    """Told once what to correct, given at another point, accepted, decided, handed out, closed."""
    who = crew.resident("周一鸣")
    number = food_case(crew, who)
    due_in(crew.officer, number, "受理期限", 5)
    act(crew.officer, number, "一次告知补正", {**DEFECTS, "whole": "yes"})
    day = due_in(crew.officer, number, "补正期限", 10)
    notice = printed(crew.officer, number, "补正告知书")
    must_say(notice, who.name, "1. 食品经营许可申请书：没有签名或盖章", "请在第二页签名")
    must_say(notice, "2. 经营场所平面布局图：页数或内容不全", "10 个工作日内补正")
    must("3." not in notice.words, "补正告知书只有两项")
    asked = ("没有签名或盖章", "页数或内容不全", "请在第二页签名", in_words(day))
    until("受理点看到补正", lambda: sees_state(crew.clerk, number, "已告知补正"))
    for copy in (notice, printed(crew.clerk, number, "补正告知书")):
        opens_correction(crew, copy, *asked)
    on_phone = crew.passer_by()
    on_phone.open(receipt(crew.clerk, number).qr[0])
    on_phone.must_see("要补材料", *asked[:2], in_words(day))
    must("请在第二页签名" not in on_phone.words, "只有收件凭证的，看不到说明")
    must_not_offer(crew.officer, number, "一次告知补正")
    crew.say(f"1 {number} 一次告知补正 2 项，补正到 {day}，纸和手机上一样，不能再告知一次")
    _given_elsewhere(crew, number, notice)
    _decided_and_handed_out(crew, number, who.name)


def _given_elsewhere(crew: CaseCrew, number: str, notice: Paper) -> None:
    show_paper(crew.neighbour, notice, number)
    act(crew.neighbour, number, "收补正材料", {"how": "brought"})
    until("审批窗口看到补正", lambda: sees_state(crew.officer, number, "申请人补正了材料"))
    due_in(crew.officer, number, "受理期限", 5)
    act(crew.officer, number, "答复申请", {"granted": "yes"})
    day = due_in(crew.officer, number, "办结期限", 5)
    crew.officer.must_see("已受理，办理中", f"法定期限{in_words(after(today(), 10))}")
    must_say(printed(crew.officer, number, "受理通知书"), FOOD, "5 个工作日内作出决定")
    crew.say(f"1 在{crew.neighbour.name}凭补正告知书收下补正，随即受理；承诺 {day} 前办结")


def _decided_and_handed_out(crew: CaseCrew, number: str, name: str) -> None:
    act(crew.officer, number, "准予")
    act(crew.officer, number, "出证", {"content": "热食类食品制售", "valid_until": "2099-12-31"})
    due_in(crew.officer, number, "送达期限", 10)
    result = printed(crew.officer, number, "食品经营许可证")
    must_say(result, name, "热食类食品制售", "2099年12月31日")
    must_say(printed(crew.officer, number, "准予行政许可决定书"), name, FOOD)
    verifies(crew, result, "是真的，现在有效").must_see("食品经营许可证", "周*鸣", "2099年12月31日")
    act(crew.officer, number, "办结", {"result": "paper", "delivery": "window"})
    crew.counter.open("/pickup")
    crew.counter.must_see(number, "办理结果")
    act(crew.counter, number, "当面交付", {"to": "applicant", "checked": "核对居民身份证原件"})
    must(number not in crew.counter.open("/pickup"), "领走的不在窗口领取里")
    must_refuse(crew.counter, number, "hand_out", number)
    must_say(printed(crew.counter, number, "送达回证"), name)
    until("受理点看到办结", lambda: sees_state(crew.clerk, number, "已办结"))
    act(crew.clerk, number, "告知申请人", {"how": "phone"})
    close(crew.clerk, number)
    crew.say("1 准予、出证（扫码查验是真的）、窗口领取一次、送达回证、归档")


def not_accepted(crew: CaseCrew) -> None:
    """Not accepted, with where to go."""
    who = crew.resident("何去来")
    number = food_case(crew, who)
    act(crew.officer, number, "不予受理",
        {"reason": "经营场所在台江区", "where_to_go": "台江区行政服务中心"})  # fmt: skip
    paper = printed(crew.officer, number, "不予受理决定书")
    must_say(paper, who.name, "经营场所在台江区", "台江区行政服务中心")
    anybody = verifies(crew, paper, "是真的，现在有效")
    anybody.follow("看办理详情")
    anybody.press("确定", {"last_four": who.last_four})
    anybody.must_see("台江区行政服务中心")
    crew.say(f"2 {number} 不予受理，决定书和居民页面都写着去哪里办")


def ask_the_departments(crew: CaseCrew) -> None:
    """Taken up, two departments asked at once; no decision over their heads; given back."""
    number, officer = accepted_case(crew, crew.resident("文众议")), crew.officer
    act(officer, number, "接手")
    officer.open(f"/cases/{number}")
    officer.follow("征求部门意见")
    asked = every(officer, "征求部门意见", "departments")[:2]
    officer.press("征求部门意见", {"question": "排烟道能不能用", "days": "3", "departments": asked})
    due_in(officer, number, "办结期限", 5)
    officer.must_see("征求意见", "还有 3 个工作日")
    officer.follow("准予")
    officer.press("准予")
    must(officer.status >= 400 and officer.sees("还没有答复征求的意见"), "没等意见，要写明不等")
    for _ in asked:
        act(officer, number, "答复征求意见", {"view": "agree"})
    act(officer, number, "移交", {"to": "pool"})
    act(officer, number, "准予")
    crew.say(f"10 {number} 接手后同时征求两个部门的意见，都答复了才准予；中间移交回待办")


def asked_back(crew: CaseCrew) -> None:
    """A withdrawal asked for after acceptance is settled by the holder; so is what came late."""
    number = accepted_case(crew, crew.resident("单回心"))
    until("受理点看到受理", lambda: sees_state(crew.clerk, number, "已受理"))
    act(crew.clerk, number, "代收补充材料", {"papers": "消防检查意见 1 份（复印件）"})
    until("审批窗口看到补充", lambda: sees_state(crew.officer, number, "补交了材料"))
    must_not_offer(crew.officer, number, "准予")
    act(crew.officer, number, "答复申请", {"granted": "no", "words": "用不着这一份"})
    act(crew.clerk, number, "代收补充材料", {"papers": "排烟设施照片 2 张"})
    until("审批窗口看到第二次补充", lambda: _must_answer(crew.officer, number))
    act(crew.officer, number, "答复申请", {"granted": "yes"})
    crew.officer.must_see("已收下补充材料", "已受理，办理中")
    act(crew.clerk, number, "代申请人提出撤回", {"reason": "不开店了"})
    until("审批窗口看到撤回申请", lambda: sees_state(crew.officer, number, "申请人要求撤回"))
    must_not_offer(crew.officer, number, "准予")
    act(crew.officer, number, "答复申请", {"granted": "yes"})
    until("受理点看到撤回", lambda: sees_state(crew.clerk, number, "已撤回"))
    crew.say(f"10 {number} 晚到的材料和撤回都由经办方答复，答复前不能作决定；同意撤回即撤回")


def _must_answer(officer: Person, number: str) -> bool:
    officer.open(f"/cases/{number}")
    return any(said.startswith("答复申请") for said, _ in officer.page.links)


def void_a_decision(crew: CaseCrew) -> None:
    """A decision is voided: its paper verifies as void and is printed no more."""
    number = accepted_case(crew, crew.resident("包写错"))
    act(crew.officer, number, "准予")
    paper = printed(crew.officer, number, "准予行政许可决定书")
    verifies(crew, paper, "是真的，现在有效")
    act(crew.officer, number, "作废上一步", {"reason": "名称写错"})
    crew.officer.open(f"/cases/{number}")
    crew.officer.must_see("已受理，办理中", "已作废")
    verifies(crew, paper, "已作废")
    crew.say(f"10 {number} 准予后作废：回到办理中，旧决定书查验显示已作废")


def refuse_with_grounds(crew: CaseCrew) -> None:
    """Refused with grounds and remedies; another is recorded as decided elsewhere."""
    who = crew.resident("卜合规")
    number = accepted_case(crew, who)
    crew.officer.open(f"/cases/{number}")
    crew.officer.follow("不予许可")
    crew.officer.press("不予许可", {"grounds": "加工场所面积不符合食品安全法第三十三条"})
    paper = printed(crew.officer, number, "不予行政许可决定书")
    must_say(paper, who.name, "面积不符合食品安全法第三十三条", "行政复议", "行政诉讼")
    until("受理点看到不予许可", lambda: sees_state(crew.clerk, number, "不予许可"))
    there = food_case(crew, crew.resident("区外决"))
    elsewhere = {"approved": "yes", "system": "福建省网上办事大厅", "number": "FJ2026-001",
                 "day": today().isoformat()}  # fmt: skip
    act(crew.officer, there, "登记其他系统的决定", elsewhere)
    crew.officer.open(f"/cases/{there}")
    crew.officer.must_see("准予，待办结", "福建省网上办事大厅")
    must_not_offer(crew.officer, there, "出证")
    crew.say(f"11 {number} 不予许可，写明理由和救济；{there} 登记了别的系统作的决定")


def forbidden(crew: CaseCrew) -> None:
    """A few moves that the table forbids are refused, each with its sentence."""
    number = food_case(crew, crew.resident("秦勿动"))
    for who, name, words in (
        (crew.officer, "approve", "不能准予"),
        (crew.officer, "resume", "不能"),
        (crew.officer, "lapse", "不能"),
        (crew.officer, "issue", "不能"),
        (crew.clerk, "accept", "只有有审批权的部门可以受理"),
        (crew.clerk, "close", "不能"),
    ):
        must_refuse(who, number, name, number, words)
    act(crew.officer, number, "受理")
    must_refuse(crew.officer, number, "notice_correction", "不能")
    must_refuse(crew.officer, number, "not_accept", "不能")
    crew.say(f"13 {number} 上 8 种不许的动作都被拒绝，各有一句话")
