"""The main job, step by step, as a clerk, two residents, an officer, a courier and a supervisor
live it. Every step raises ``Lost`` where the product does not do what it must."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from central.demo.crew import Crew
from central.demo.paper import read_paper
from central.demo.person import Person
from central.demo.plan import JUNMEN, Plan
from central.demo.route import Line
from central.demo.story import (
    LOOKED,
    Resident,
    act,
    close,
    code_on,
    count_papers,
    courier,
    fill_in_slip,
    find_parcel,
    must,
    print_waybill,
    receipt,
    receive,
    report,
    sees_state,
    take_over,
    until,
)

LIN = Resident("林𠮷梅", "350102199003078516", "13812345678")
WENG = Resident("翁㛃龘", "350103194609082011", "13905911234")
FORKLIFT = "特种设备安全管理和作业人员资格认定（复审）"
SENIOR_CARD = "老年人优待证办理（申领）"


class Journey(Crew):
    """One run of the main job over a running demonstration."""

    def __init__(self, plan: Plan, line: Line, say: Callable[[str], None]) -> None:
        super().__init__(plan, line, say)
        self.courier = self.meet(courier(plan))
        self.resident = self.meet(Person("居民林", plan.portal))
        self.queuing = self.meet(Person("居民翁", plan.portal))
        self.number = ""
        self.papers = ""
        self.result = ""
        self.card = ""
        self.qr = ""

    def receive_with_no_line(self) -> None:
        """1. Receive a case while the point has no line; it is on the disk, and only there."""
        self.line.cut()
        self.say("断开军门社区到区中心的线路")
        for words in ("敬老卡", "laonian", "lnyd"):
            self.clerk.open(f"/matters?q={words}")
            self.clerk.must_see(SENIOR_CARD)
        self.clerk.open("/")
        self.clerk.press("开始接待")
        self._mistype()
        self.number = receive(self.clerk, "叉车证复审", FORKLIFT, LIN)
        self.clerk.must_see("只在本机")
        paper = receipt(self.clerk, self.number)
        must(self.number in paper.words, "收件凭证上有编号")
        must(LIN.document_number not in paper.words, "收件凭证上不印证件号码")
        must(len(paper.qr) == 1 and paper.qr[0].startswith("HTTP"), "收件凭证的二维码能读出")
        self.qr, self.code = paper.qr[0], code_on(paper)
        self.say(f"断网收件 {self.number}，凭证二维码读出 {self.qr}")

    def _mistype(self) -> None:
        """A wrong digit is named, and what was typed is kept."""
        self.clerk.open("/")
        self.clerk.press("查找", {"q": "叉车证复审"})
        self.clerk.follow(FORKLIFT)
        self.clerk.follow("收件")
        wrong = LIN.document_number[:-1] + "0"
        self.clerk.press("收件", {"document_number": wrong, "name": LIN.name, "phone": LIN.phone})
        self.clerk.must_see("请改正", "校验")
        form, _ = self.clerk.form("收件")
        kept = dict(form.values())
        must(kept["name"] == LIN.name and kept["document_number"] == wrong, "填错时保留所填")
        self.clerk.press("不办了")

    def fill_in_slips_with_no_line(self) -> None:
        """3. Two residents fill in slips: one from the receipt, one from the poster."""
        self.resident.open(self.qr)
        self.resident.must_see(self.number)
        fill_in_slip(self.resident, LIN)
        self.say("居民扫凭证填好寄递单；区中心此时还没收到这件办件")
        poster = read_paper(self.clerk.fetch("/poster.pdf"))
        must(len(poster.qr) == 1, "海报的二维码能读出")
        self.queuing.open(poster.qr[0])
        fill_in_slip(self.queuing, WENG)
        self.say("另一位居民排队时扫海报填好寄递单")

    def mend_the_line(self) -> None:
        """2. The line returns: within seconds the case is at the deciding point, whole."""
        self.line.mend()
        self.say("恢复线路")
        waited = until(
            "审批窗口看到办件", lambda: sees_state(self.officer, self.number, "已转办，待受理")
        )
        self.officer.must_see("收件", "转办", "材料 4 份")
        self.say(f"{waited:.1f} 秒后审批窗口看到全部经过")
        until("本机显示已上报", lambda: sees_state(self.clerk, self.number, "已上报"))
        self.papers = find_parcel(self.clerk, self.number, "材料转送")
        self.clerk.open(f"/parcels/{self.papers}")
        must("身份证" not in self.clerk.words, "身份证件不在邮寄清单里")

    def confirm_the_slips(self) -> None:
        """3. The clerk sees both slips; changing a filled one needs the last four."""
        until("窗口看到寄递单", lambda: sees_state(self.clerk, self.number, "核对寄递单"))
        act(self.clerk, self.number, "核对无误")
        stranger = self.passer_by()
        stranger.open(self.qr)
        for hidden in (LIN.phone, LIN.name, LIN.document_number):
            must(hidden not in stranger.words, "路人看不到个人信息")
        stranger.open(f"{stranger.url.rstrip('/')}/slip/who")
        stranger.press("确定", {"last_four": "0000"})
        must(stranger.status != 200 or stranger.sees("最后四位"), "不知道后四位改不了寄递单")
        daughter = self.meet(Person("居民林的女儿", self.plan.portal))
        daughter.open(f"{self.qr}/slip/who")
        daughter.press("确定", {"last_four": LIN.last_four})
        daughter.must_see("对不对")
        self.say("寄递单到了窗口，经办人核对；没有后四位改不了")

    def carry_the_papers(self) -> None:
        """2. The kept papers travel to the deciding point under a waybill."""
        self._print_and_take_over(self.clerk, self.papers)
        report(self.courier, self.papers, "已送达", {"to": "point"})
        count_papers(self.officer, self.papers)
        self.say("材料由快递员送到审批窗口，清点签收")

    def _print_and_take_over(self, sender: Person, number: str) -> None:
        sender.open(f"/parcels/{number}")
        paper = print_waybill(sender)
        sender.open(f"/parcels/{number}")
        must(len(paper.qr) == 1 and len(paper.code128) == 1, "面单的二维码和条码都能读出")
        must(paper.code128[0] in sender.words, "条码就是邮件号")
        for hidden in (LIN.name, LIN.phone, LIN.document_number):
            must(hidden not in paper.words, "面单上的个人信息是遮挡的")
        must(paper.code128[0] not in self.resident.open(paper.qr[0]), "路人扫面单什么也看不到")
        take_over(self.courier, paper, number)
        self.say(f"面单 {paper.code128[0]} 读出，快递员揽收")

    def decide(self) -> None:
        """4. The officer accepts, approves and completes; the receiving point follows up."""
        act(self.officer, self.number, "受理")
        act(self.officer, self.number, "准予", {"remark": "材料齐全"})
        act(self.officer, self.number, "办结", {"result": "paper", "delivery": "mail"})
        until("受理点看到办结", lambda: sees_state(self.clerk, self.number, "已办结"))
        self.clerk.open("/")
        self.clerk.must_see("告知申请人结果")
        act(self.clerk, self.number, "告知申请人", {"how": "phone"})
        self.say("受理、准予、办结；受理点得到待办并告知申请人")

    def post_the_result(self) -> None:
        """5. The result and the original go into one parcel, to the confirmed slip's address."""
        until(
            "寄递台可以装封",
            lambda: "等装封：寄给申请人" in self.officer.open("/mail"),
        )
        self.officer.open(f"/cases/{self.number}")
        self.officer.open(f"/mail/pack/{self.number}")
        self.officer.press("装封", LOOKED)
        self.result = find_parcel(self.officer, self.number, "结果寄递")
        self._print_and_take_over(self.officer, self.result)

    def deliver_the_result(self) -> None:
        """5. Nobody at home at first; then it is delivered, and to whom."""
        report(self.courier, self.result, "没送到", {"why": "nobody_home"})
        self.courier.open(f"/courier/parcels/{self.result}")
        must(self.code not in self.courier.words, "快递员的页面上没有签收码")
        report(self.courier, self.result, "派送")
        report(self.courier, self.result, "已送达", {"to": "self", "code": self.code})
        self.say("第一次没人在家，第二次本人凭签收码签收")

    def take_the_short_route(self) -> None:
        """A matter that the point itself decides: received, decided, handed out at the window."""
        self.card = receive(self.clerk, "敬老卡", SENIOR_CARD, WENG, {"area": JUNMEN.code})
        until("海报寄递单到了窗口", lambda: "翁*龘" in self.clerk.open("/slips"))
        self.clerk.press(SENIOR_CARD)
        act(self.clerk, self.card, "当场办结")
        self.clerk.open(f"/cases/{self.card}")
        self.clerk.must_see("已办结")
        self.say(f"本点有权的事项 {self.card}：当场办结、当面交付；海报寄递单一键关联")

    def look_it_up(self) -> None:
        """6. The resident sees every step in plain words, by number and last four."""
        anyone = self.meet(Person("居民", self.plan.portal))

        def delivered() -> bool:
            anyone.open("/")
            anyone.press("查", {"number": self.number, "last_four": LIN.last_four})
            return anyone.sees(self.number, "签收")

        until("居民查到签收", delivered)
        anyone.must_see("收件", "受理", "办结")
        stranger = self.passer_by()
        stranger.open("/")
        stranger.press("查", {"number": self.number, "last_four": "0000"})
        must(not stranger.sees(FORKLIFT), "后四位不对查不到")
        notices = [json.loads(f.read_text()) for f in self._spool()]
        kinds = {str(n.get("kind")) for n in notices}
        must({"received", "decided", "posted"} <= kinds, f"通知都进了待发箱（{kinds}）")
        self.say("居民查到每一步；收件、决定、寄出的通知都在待发箱")

    def _spool(self) -> list[Path]:
        return sorted((self.plan.data("central") / "spool").glob("*.json"))

    def watch_the_board(self) -> None:
        """6. The board lists the cases by state, and the points with when they were last heard."""
        self.board.open("/board/cases?state=completed")
        self.board.must_see(self.number)
        self.board.open("/board/points")
        self.board.must_see("军门社区", "东街街道", "从未联系")
        self.board.open("/board/aside?which=all")
        self.board.must_see("没有未被采纳的记录")
        self.say("看板：各状态办件、各点最近联系；没有一条记录未被采纳")

    def close_the_case(self) -> None:
        """4. Result and originals are in the right hands: the case may be closed."""
        close(self.clerk, self.number)
        until("区中心收齐", lambda: "待上报" not in self.clerk.open("/"))
        self.say("结果和原件都到了，归档")
