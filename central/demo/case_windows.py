"""What happens at the windows: who came before, what runs already, papers nobody needs to bring."""

from __future__ import annotations

import time

from central.demo.crew import CaseCrew, doorstep
from central.demo.days import after, in_words, on_paper, today
from central.demo.lawful import (
    FOOD,
    FOOD_ANSWERS,
    FOOD_CODE,
    food_case,
    must_say,
    printed,
    spaceless,
    verifies,
)
from central.demo.paper import Paper, read_paper
from central.demo.person import Person
from central.demo.plan import DONGJIE, JUNMEN
from central.demo.story import (
    Resident,
    Typed,
    act,
    at_window,
    every,
    must,
    next_please,
    receipt,
    receive,
    sees_state,
    until,
)

SENIOR_CARD = "老年人优待证办理（申领）"
BIRTH, BIRTH_CODE = "生育登记（首次登记）", "JD-004601"
HOUSING_CODE = "ZRZY-001400"
LICENCE_COLUMNS = "licence,document_number,number,issuer,valid_until"


def approved_by_rule(crew: CaseCrew) -> None:
    """秒批 at the point that decides itself, and at central; the officer may void either."""
    old = crew.resident("翁高寿", born="19490312")
    number = receive(crew.clerk, "敬老卡", SENIOR_CARD, old, {"area": JUNMEN.code})
    crew.clerk.open(f"/cases/{number}")
    crew.clerk.must_see("准予，待办结", "系统自动审批（秒批）", "年满 60 周岁", "规则 MZJ-080101@")
    paper = printed(crew.clerk, number, "准予办理决定书")
    must_say(paper, old.name, SENIOR_CARD)
    verifies(crew, paper, "是真的，现在有效")
    young = receive(crew.clerk, "敬老卡", SENIOR_CARD, crew.resident("年尚轻"),
                    {"area": JUNMEN.code})  # fmt: skip
    crew.clerk.open(f"/cases/{young}")
    crew.clerk.must_see("✗ 不符合", "由人审批")
    act(crew.clerk, number, "作废上一步", {"reason": "照片不是本人"})
    verifies(crew, paper, "已作废")
    crew.say(f"5 {number} 在本点秒批，年纪不够的 {young} 交给人；经办人可以作废")
    _at_central(crew)


def _at_central(crew: CaseCrew) -> None:
    who = crew.resident("喜临门", born="19930815")
    take_in(crew, f"JHZ,{who.document_number},J350102-2019-000{who.last_four},鼓楼区民政局,")
    number = receive(crew.clerk, "生育登记", BIRTH, who, {"area": DONGJIE.code})
    officer = crew.meet(at_window(crew.plan, DONGJIE, "wu"))
    until("区中心按规则准予", lambda: sees_state(officer, number, "准予，待办结"))
    officer.must_see("系统自动审批（秒批）", f"规则 {BIRTH_CODE}@", "证照库")
    until("受理点看到准予", lambda: sees_state(crew.clerk, number, "准予，待办结"))
    for window in (officer, crew.clerk):
        paper = printed(window, number, "准予办理决定书")
        must_say(paper, who.name, BIRTH, "GL000")
        verifies(crew, paper, "是真的，现在有效")
    act(officer, number, "作废上一步", {"reason": "结婚证已注销"})
    officer.open(f"/cases/{number}")
    officer.must_see("已作废")
    verifies(crew, paper, "已作废")
    crew.say(f"5 {number} 到区中心后以街道名义秒批（查证照库），两边都印出决定书；作废后由人办")


def take_in(crew: CaseCrew, *rows: str) -> None:
    """An administrator takes licences into the library, by the command."""
    file = crew.plan.folder / "licences.csv"
    file.write_text("\n".join((LICENCE_COLUMNS, *rows)) + "\n", encoding="utf-8")
    doorstep("licences", "--config", str(crew.plan.config("central")), str(file))


def paper_not_asked(crew: CaseCrew) -> None:
    """免于提交: a licence found replaces the paper; with no line it is waived and checked later."""
    who = crew.resident("江有证")
    take_in(
        crew,
        f"SFZ,{who.document_number},{who.document_number},福州市公安局鼓楼分局,2040-01-01",
        f"JHZ,{who.document_number},J350102-2015-000{who.last_four},鼓楼区民政局,",
    )
    answers: Typed = {"q-search_scope": ["self"]}
    said = _received_without(crew.clerk, who, answers, "免交。核对后再按一次")
    number = _number(crew.clerk)
    crew.clerk.open(f"/cases/{number}")
    crew.clerk.must_see("免交，电子证照已查到")
    must(who.document_number not in said, "页面上不出现整个证照编号")
    crew.line.cut()
    try:
        until("本机知道断网", lambda: "断开" in crew.clerk.open("/"))
        answers = {"q-search_scope": ["self", "family"], "paper": ["1"]}
        _received_without(crew.clerk, who, answers, "网络断开，免交待核验")
        pending = _number(crew.clerk)
        crew.clerk.open(f"/cases/{pending}")
        crew.clerk.must_see("免交，等区中心核验")
    finally:
        crew.line.mend()
    until("核验回来", lambda: sees_state(crew.clerk, pending, "免交，电子证照已查到"))
    crew.say(f"6 {number} 查到电子证照，身份证免交；断网时 {pending} 先免交待核验，恢复后核验了")


def _received_without(clerk: Person, who: Resident, typed: Typed, words: str) -> str:
    """Receive without a paper: once to see why, then again. :returns: what was seen."""
    clerk.open(f"/reception/{HOUSING_CODE}")
    fields = {"document_number": who.document_number, "name": who.name, "phone": who.phone}
    said = clerk.press("收件", {**fields, **typed})
    clerk.must_see(words)
    clerk.press("收件")
    if clerk.sees("这位的同一事项正在办理"):
        clerk.press("收件")
    clerk.must_see("收好了")
    return said


def _number(clerk: Person) -> str:
    return clerk.url.split("/")[-2]


def come_again(crew: CaseCrew) -> None:
    """A visit without a case; at another window the earlier notice is seen, and on the board."""
    who = crew.resident("余再来")
    next_please(crew.clerk)
    notice = _told(crew.clerk, who, "no")
    told_at = int(time.time())
    must_say(notice, FOOD, "食品经营许可申请书", "负责人居民身份证")
    must("健康证明" not in notice.words, "告知书上只有要的材料")
    on_phone = crew.passer_by()
    on_phone.open(notice.qr[0])
    on_phone.must_see("食品经营许可申请书", "负责人居民身份证")
    next_please(crew.clerk)
    until("这次来访上报", lambda: "待上报" not in crew.clerk.open("/"))
    next_please(crew.neighbour)
    until("另一窗口看到上次告知", lambda: _earlier(crew.neighbour, who).sees("军门社区", "申请书"))
    # visits are told apart by the second, and nobody walks to another window within one
    until("走到另一个窗口", lambda: int(time.time()) > told_at)
    must_say(_told(crew.neighbour, who, "yes"), "健康证明")
    next_please(crew.neighbour)
    until(
        "看板列出第二次来访", lambda: "第一次告知漏了：健康证明" in crew.board.open("/board/second")
    )
    crew.board.must_see("军门社区", "东街街道", FOOD)
    must(who.name not in crew.board.words, "看板不点居民的名")
    crew.say("7 没办成的来访记下告知书，手机上是同一份清单；换窗口看到上次告知；看板列出漏了什么")


def _told(clerk: Person, who: Resident, contact: str) -> Paper:
    """Answer the questions of somebody who only asks, note who it is, print the notice."""
    clerk.open(f"/matters/{FOOD_CODE}")
    clerk.press("更新材料清单", {"q-commitment": "no", "q-food_contact": contact})
    _note(clerk, who)
    paper = read_paper(clerk.fetch(clerk.link("打印一次性告知书")))
    must(len(paper.qr) == 1, "告知书的二维码能读出")
    return paper


def _note(clerk: Person, who: Resident) -> None:
    clerk.open(f"/matters/{FOOD_CODE}")
    clerk.press("记下并查", {"person_number": who.document_number})


def _earlier(clerk: Person, who: Resident) -> Person:
    _note(clerk, who)
    clerk.wait()
    return clerk


def runs_already(crew: CaseCrew) -> None:
    """A case that already runs for the same person and matter is shown before reception."""
    who = crew.resident("从重复")
    number = food_case(crew, who)
    crew.clerk.open(f"/reception/{FOOD_CODE}")
    form, _ = crew.clerk.form("收件")
    papers = [c.value for c in form.controls if c.name == "paper"]
    fields: dict[str, str | list[str]] = {
        "document_number": who.document_number, "name": who.name, "phone": who.phone,
        **FOOD_ANSWERS, "paper": papers,
    }  # fmt: skip
    crew.clerk.press("收件", fields)
    must(crew.clerk.status == 409, "同一人同一事项先停一停")
    crew.clerk.must_see("这位的同一事项正在办理", number)
    crew.clerk.press("不办了")
    next_please(crew.neighbour)
    until("另一窗口看到正在办的", lambda: _earlier(crew.neighbour, who).sees(number))
    next_please(crew.neighbour)
    crew.say(f"8 {number} 正在办：本窗口和别的窗口再收之前都看到")


def promised(crew: CaseCrew) -> None:
    """告知承诺: the undertaking is printed, what is owed has a day, and is kept later."""
    who = crew.resident("言有信")
    crew.clerk.open(f"/reception/{FOOD_CODE}")
    day = after(today(), 10)
    typed: Typed = {"q-commitment": "yes", "paper": ["1", "2", "4", "5"], "promise": "3"}
    crew.clerk.press("收件", {"document_number": who.document_number, "name": who.name,
                            "phone": who.phone, **FOOD_ANSWERS, **typed})  # fmt: skip
    if not crew.clerk.sees("收好了"):
        form, _ = crew.clerk.form("收件")
        more = [c.value for c in form.controls if c.name == "paper" and c.value != "3"]
        crew.clerk.press("收件", {"paper": more, "promise": "3"})
    crew.clerk.must_see("收好了", in_words(day))
    number = _number(crew.clerk)
    paper = read_paper(crew.clerk.fetch(crew.clerk.link("打印告知承诺书")))
    must_say(paper, "告知承诺书", who.name, number, "经营场所平面布局图", on_paper(day))
    crew.clerk.open("/undertakings")
    crew.clerk.must_see(number, in_words(day), "经营场所平面布局图")
    crew.clerk.press("补来了", of=number)
    must(number not in crew.clerk.open("/undertakings"), "补来了就不在待补里")
    crew.clerk.open(f"/cases/{number}")
    must("承诺" in spaceless(crew.clerk.words), "经过里有补交")
    crew.say(f"9 {number} 书面承诺 {day} 前补平面图：承诺书印好，列入待补，补来后销掉")


def received_without(crew: CaseCrew) -> None:
    """缺件收件: a paper is missing, the case is received all the same, one notice asks for it."""
    who = crew.resident("全不慌")
    crew.clerk.open(f"/reception/{FOOD_CODE}")
    there = [p for p in every(crew.clerk, "收件", "paper") if p != "3"]
    typed: Typed = {"name": who.name, "phone": who.phone, "paper": there, "lack": "3"}
    crew.clerk.press("收件", {"document_number": who.document_number, **FOOD_ANSWERS, **typed})
    crew.clerk.must_see("收好了", "还缺经营场所平面布局图：由审批部门一次告知补正")
    number = _number(crew.clerk)
    must_say(receipt(crew.clerk, number), "还缺：经营场所平面布局图")
    until("审批窗口看到办件", lambda: sees_state(crew.officer, number, "已转办，待受理"))
    act(crew.officer, number, "一次告知补正", {"whole": "yes"})
    notice = printed(crew.officer, number, "补正告知书")
    must_say(notice, who.name, "1. 经营场所平面布局图：没有提交")
    must("2." not in notice.words, "补正告知书只有缺的一项")
    crew.say(f"9 {number} 缺一份也收下：凭证上写着，审批人按缺的一次告知补正")
