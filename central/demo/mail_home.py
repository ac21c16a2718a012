"""What goes another way: papers fetched from a home, a result fetched at another point."""

from __future__ import annotations

import re

from central.demo.mail_crew import MailCrew, closed, labelled, packed, settled
from central.demo.paper import photograph
from central.demo.person import Person
from central.demo.plan import DONGJIE, JUNMEN
from central.demo.story import (
    Resident,
    act,
    count_papers,
    every,
    must,
    next_please,
    report,
    sees_state,
    take_over,
    until,
)

CARE = "长期护理保险申请协办"
CARE_CODE = "YBJ-080600"


def fetched_elsewhere(crew: MailCrew) -> None:
    """The resident fetches the result at another point: it travels there, and is given once."""
    number, paper, who = settled(crew, "别处领", slip=False)
    phone = crew.passer_by()
    phone.open(paper.qr[0])
    phone.follow("/slip")
    phone.choose("way", "pickup")
    phone.press("查找", {"q": "东街"})
    phone.choose("to_point", DONGJIE.code)
    phone.press("下一步", {"name": who.name, "phone": who.phone})
    phone.press("没有错")
    phone.must_see("填好了")
    until("窗口看到寄递单", lambda: sees_state(crew.clerk, number, "核对寄递单"))
    act(crew.clerk, number, "核对无误")
    parcel = packed(crew, number, "送到领取点")
    take_over(crew.rider, labelled(crew.clerk, parcel, who), parcel)
    report(crew.rider, parcel, "已送达", {"to": "point"})
    count_papers(crew.neighbour, parcel)
    until("领取窗口有它", lambda: number in crew.neighbour.open("/pickup"))
    by_card = {"to": "applicant", "checked": "核对居民身份证原件"}
    act(crew.neighbour, number, "当面交付", by_card)
    must(number not in crew.neighbour.open("/pickup"), "领走的不在窗口领取里")
    until("受理点看到交付", lambda: sees_state(crew.clerk, number, "当面交付"))
    closed(crew, number)
    crew.say(f"6 {number} 的结果寄到东街街道，在那里核对身份证领走一次，受理点归档")


def from_home(crew: MailCrew) -> None:
    """Applied for on a phone at home; looked at first, then fetched, counted, and received."""
    who = crew.resident("宅在家")
    phone = crew.passer_by()
    number = _apply(crew, phone, who)
    progress = phone.url
    parcel = _looked_at(crew, number)
    _fetched(crew.rider, parcel)
    report(crew.rider, parcel, "已送达", {"to": "point"})
    address = f"/fromhome/{number}"
    until("取来的材料到了", lambda: "材料到了，待清点" in crew.clerk.open(address))
    crew.clerk.press("清点好了", {"contents": every(crew.clerk, "清点好了", "contents")})
    next_please(crew.clerk)
    until("照片也到了", lambda: _opens_reception(crew.clerk, address))
    form, _ = crew.clerk.form("收件")
    must(dict(form.values())["name"] == who.name, "收件表已经填好")
    crew.clerk.press("收件", {"area": JUNMEN.code})
    crew.clerk.must_see("收好了")
    case = crew.clerk.url.split("/")[-2]
    until("居民看到办件编号", lambda: case in phone.open(progress))
    crew.say(
        f"7 {number} 在家申请：先看照片，快递员按清单取来，清点后收件 {case}，像在窗口办的一样"
    )


def _apply(crew: MailCrew, phone: Person, who: Resident) -> str:
    phone.open("/apply")
    phone.press("查找", {"q": "长期护理保险"})
    phone.follow(CARE)
    phone.follow("开始")
    phone.press("下一步", {"name": who.name, "document_number": who.document_number,
                        "phone": who.phone})  # fmt: skip
    phone.open(f"/apply/{CARE_CODE}/point?in={DONGJIE.code}")
    phone.choose("point", JUNMEN.code)
    phone.follow("拍照")
    phone.send_file("收下这张", "IMG_1.jpg", photograph(crew.clerk.fetch("/poster.pdf")))
    phone.open(f"/apply/{CARE_CODE}/photos")
    phone.press("拍好了，下一步")
    first = {name: every(phone, "下一步", name)[0] for name in ("day", "hours")}
    phone.press("下一步", first)
    phone.press("下一步", {"address": "东街街道军门社区12号楼3单元502室", "note": "门铃坏了"})
    phone.press("没有错，交给受理点")
    found = re.search(r"VGL\d{3}-[0-9A-Z-]+", phone.words)
    must(found is not None, f"申请有编号：{phone.words[:200]}")
    return found[0] if found else ""


def _looked_at(crew: MailCrew, number: str) -> str:
    """The clerk looks at it before anyone travels. :returns: the parcel that fetches the papers."""
    until("在家申请到了窗口", lambda: _is_listed(crew.clerk, number))
    crew.clerk.open(f"/fromhome/{number}")
    crew.clerk.press("看过了，可以办")
    return crew.clerk.link("取件单和面单").rsplit("/", 1)[1]


def _is_listed(clerk: Person, number: str) -> bool:
    clerk.open("/fromhome")
    return any(number in address for _, address in clerk.page.links)


def _fetched(rider: Person, parcel: str) -> None:
    address = f"/courier/fetches/{parcel}"
    until("快递员看到上门取件", lambda: rider.open(address) != "" and rider.status == 200)
    must("502" not in rider.words, "接单以前看不到门牌")
    rider.press("我去取")
    rider.open(address)
    rider.must_see("502", "门铃坏了")
    rider.press("下一步：核对", {"collected": every(rider, "下一步：核对", "collected")})
    rider.press("确定取到")
    rider.must_see("已揽收")


def _opens_reception(clerk: Person, address: str) -> bool:
    clerk.open(address)
    clerk.press("收件", of="/receive")
    return "/reception/" in clerk.url
