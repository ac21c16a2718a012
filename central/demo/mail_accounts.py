"""What China Post carries: its status table taken in, its month's bill held against our mail."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from central.demo.lawful import spaceless
from central.demo.mail_crew import RESULT, MailCrew, labelled, sees_parcel
from central.demo.paper import Paper, read_paper
from central.demo.person import Person
from central.demo.plan import DONGJIE
from central.demo.story import (
    LOOKED,
    Resident,
    act,
    at_window,
    every,
    fill_in_slip,
    find_parcel,
    must,
    next_please,
    receipt,
    receive,
    sees_state,
    until,
)

BIRTH = "生育登记（首次登记）"
STRANGE = "1234567890123"


def by_post(crew: MailCrew) -> None:
    """A point that sends by China Post: its numbers are printed, its status table is taken in."""
    officer = crew.meet(at_window(crew.plan, DONGJIE, "wu"))
    for name in ("邮甲一", "邮乙二", "邮丙三", "邮丁四"):
        waybill, parcel = _sent(crew, officer, crew.resident(name, born="19930815"))
        crew.posted[waybill.code128[0]] = parcel
    one, two, three, four = crew.posted
    until("区中心知道这些邮件", lambda: _waits(crew.board, four))
    now = crew.plan.now
    rows = [f"{each},已收寄,{now:%Y-%m-%d %H:%M:%S},福州鼓楼" for each in (four, three, two, one)]
    rows += [
        f"{two},无人在家,{now + timedelta(seconds=5):%Y-%m-%d %H:%M:%S},福州仓山",
        f"{one},本人签收,{now + timedelta(seconds=5):%Y-%m-%d %H:%M:%S},福州鼓楼",
        f"{one},本人签收,{now + timedelta(seconds=5):%Y-%m-%d %H:%M:%S},福州鼓楼",
        f"{three},从未听说的状态,{now:%Y-%m-%d %H:%M:%S},福州",
        f"{STRANGE},妥投,{now:%Y-%m-%d %H:%M:%S},厦门",
    ]
    table = "\r\n".join(("中国邮政邮件状态表", "邮件号,状态,时间,机构", *rows)).encode("gb18030")
    for _ in range(2):  # sent twice, it counts once
        crew.board.open("/board/carriers/reports")
        crew.board.send_file("上传", "状态.csv", table)
        must(crew.board.status == 200, f"收下状态表：{crew.board.words[:300]}")
    until("寄件点看到签收", lambda: sees_parcel(officer, crew.posted[one], "已签收"))
    until("寄件点看到没送到", lambda: sees_parcel(officer, crew.posted[two], "家里没有人"))
    until("认不出的给人看", lambda: STRANGE in crew.board.open("/board/carriers/reports"))
    crew.board.must_see("从未听说的状态")
    crew.rider.open(waybill.qr[0])
    must("请不要取走" in crew.rider.words, f"本区的快递员不取：{crew.rider.words[:300]}")
    crew.say(f"8 东街街道由中国邮政寄 {one} 等 4 件；状态表传两遍算一次，认不出的两条给人看")


def _sent(crew: MailCrew, officer: Person, who: Resident) -> tuple[Paper, str]:
    """A result of the subdistrict's, packed. :returns: its waybill, and the parcel."""
    next_please(crew.neighbour)
    number = receive(crew.neighbour, "生育登记", BIRTH, who, {"area": DONGJIE.code})
    phone = crew.passer_by()
    phone.open(receipt(crew.neighbour, number).qr[0])
    fill_in_slip(phone, who)
    until("窗口看到寄递单", lambda: sees_state(crew.neighbour, number, "核对寄递单"))
    act(crew.neighbour, number, "核对无误")
    act(officer, number, "受理")
    act(officer, number, "准予", {"remark": "材料齐全"})
    act(officer, number, "办结", {"result": "paper", "delivery": "mail"})
    officer.open(f"/mail/pack/{number}")
    officer.press("装封", LOOKED)
    parcel = find_parcel(officer, number, RESULT)
    waybill = labelled(officer, parcel, who)
    must(re.fullmatch(r"\d{13}", waybill.code128[0]) is not None, "面单上是中国邮政的 13 位号")
    return waybill, parcel


def _waits(board: Person, tracking: str) -> bool:
    return tracking in board.open(f"/board/parcels?q={tracking}")


def the_months_bill(crew: MailCrew) -> None:
    """A bill as a carrier sends it, with errors planted: all are found, a person settles them."""
    one, two, three, four = crew.posted
    today = crew.plan.now
    lines = [
        "中国邮政速递物流股份有限公司福州市分公司",
        f"{today:%Y}年{today:%m}月邮费清单（鼓楼区政务服务中心）",
        "序号,收寄日期,邮件号,寄达省,计费重量(克),应收金额(元)",
        f"1,{today:%Y/%m/%d},'{one},福建,200,10.00",
        f"2,{today:%Y/%m/%d},'{two},福建,200,18.00",
        f"3,{today:%Y/%m/%d},'{three},福建,200,10.00",
        f"4,{today:%Y/%m/%d},'{three},福建,200,10.00",
        f"5,{today:%Y/%m/%d},'{STRANGE},福建,200,10.00",
        f"6,{today:%Y/%m/%d},{float(four):.4E},福建,200,10.00",
        "合计,,,,,68.00",
    ]
    crew.board.open("/board/bills")
    crew.board.press("导入并对账", {"month": f"{today:%Y-%m}", "carrier": "ems"})
    crew.board.send_file("导入并对账", "账单.csv", "\r\n".join(lines).encode("gbk"))
    until("对账做完", lambda: "对上了" in _goes_on(crew.board))
    for found in ("1 对上了", "1 重复收费", "1 金额等不同", "1 账单有、我们没有",
                  "1 我们有、账单没有", "1 认不出的行"):  # fmt: skip
        must(found.replace(" ", "") in spaceless(crew.board.words), f"账单里找出：{found}")
    crew.board.must_see(f"{two} 金额等不同", "多收 8.00 元", "收了 2 次", STRANGE)
    crew.board.press("处理勾选的", {"key": every(crew.board, "处理勾选的", "key"),
                               "how": "disputed", "words": "已发函请承运方核对"})  # fmt: skip
    crew.board.must_see("没有待处理的")
    crew.say(f"9 {today.month} 月账单里埋的 5 处错全部找出，由人处理；数字写成科学计数法的给人认")
    _statement(crew, today)


def _goes_on(board: Person) -> str:
    """The page steps on by itself; without a script, by a button."""
    return board.press("继续对账") if board.sees("继续对账") else board.words


def _statement(crew: MailCrew, today: datetime) -> None:
    """The month's statement of the point: a table and a paper, with every parcel."""
    crew.board.open(f"/board/mail/accounts?month={today:%Y-%m}")
    crew.board.press("统计这个月")
    until("账统计好", lambda: ".pdf" in _address(crew.board))
    paper = read_paper(crew.board.fetch(_address(crew.board)))
    for tracking in crew.posted:
        must(tracking in paper.words, f"东街街道的月账上有 {tracking}")
    crew.say(
        f"9 东街街道 {today.month} 月的寄递账：{len(crew.posted)} 件，逐件列出谁承担、应付多少"
    )


def _address(board: Person) -> str:
    if board.sees("继续统计"):
        board.press("继续统计")
    return next((a for _, a in board.page.links if DONGJIE.code in a and a.endswith(".pdf")), "")
