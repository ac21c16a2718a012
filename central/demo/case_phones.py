"""What comes to those who decide from elsewhere: a bundle, a scan, what a phone gives."""

from __future__ import annotations

from central.demo.case_law import DEFECTS
from central.demo.crew import CaseCrew
from central.demo.lawful import (
    FOOD_ANSWERS,
    FOOD_CODE,
    due_in,
    food_case,
    must_not_offer,
    must_say,
    opens_correction,
    printed,
)
from central.demo.paper import codes_on, photograph
from central.demo.person import Person
from central.demo.story import (
    act,
    every,
    must,
    sees_state,
    until,
)

EATERY, EATERY_NAME = "YJS01", "开办小餐馆一件事"
SIGN, SIGN_CODE = "临街门店招牌设置登记", "JD-007700"
JPEG = b"\xff\xd8\xff"
ASK_AGAIN = "更新要问的和材料清单"
WORDS = "平面图第二页是后厨，已经重新量过"


def seen_at_the_other_point(crew: CaseCrew) -> None:
    """A scan added while papers are taken in is opened by the officer at the other point."""
    who, clerk = crew.resident("苏扫描"), crew.clerk
    clerk.open(f"/matters/{FOOD_CODE}")
    picture = photograph(clerk.fetch(clerk.link("打印一次性告知书")))
    clerk.open(f"/reception/{FOOD_CODE}")
    form_page = clerk.url
    clerk.drop_file("scan-form", "scan.jpg", picture)
    clerk.must_see("JPEG")
    clerk.open(form_page)
    clerk.must_see("JPEG")
    clerk.press("收件", {"document_number": who.document_number, "name": who.name,
                       "phone": who.phone, **FOOD_ANSWERS,
                       "paper": every(clerk, "收件", "paper")})  # fmt: skip
    if not clerk.sees("收好了"):
        clerk.press("收件", {"paper": every(clerk, "收件", "paper")})
    clerk.must_see("收好了")
    number = clerk.url.split("/")[-2]
    until("审批窗口看到扫描件", lambda: sees_state(crew.officer, number, "共 1 份，打开会记录"))
    _opens_scan(crew.officer, picture)
    crew.say(f"15 {number} 收件时附的扫描件，审批窗口取来打开，上面的码读得出")


def _opens_scan(officer: Person, original: bytes) -> None:
    """Open the only scan of the case page; wait while it is on its way; its code is read."""
    officer.press("打开", of="/scans/")
    scan = officer.url
    until("扫描件取到", lambda: officer.open(scan) == "" and officer.body.startswith(JPEG))
    must(codes_on(officer.body) == codes_on(original) != (), "扫描件上的码和原件的一样")


def answered_on_phone(crew: CaseCrew) -> None:
    """A correction given on the resident's phone, a photo and words, is seen and granted."""
    who = crew.resident("施手机")
    number = food_case(crew, who)
    act(crew.officer, number, "一次告知补正", {**DEFECTS, "whole": "yes"})
    notice = printed(crew.officer, number, "补正告知书")
    must_say(notice, "扫描下方二维码，在手机上看清要补什么、当场补交")
    phone = opens_correction(crew, notice, "请在第二页签名")
    picture = photograph(crew.clerk.fetch(f"/cases/{number}/receipt.pdf"))
    phone.follow("补这一样")
    must("交上去" not in phone.words, "交之前先对后四位")
    phone.press("确定", {"last_four": who.last_four})
    phone.must_see("请在第二页签名")
    phone.send_file("交上去", "IMG_1.jpg", picture)
    phone.must_see("还有 1 样要补")
    phone.follow("补这一样")
    phone.follow("写一段说明")
    phone.press("交上去", {"words": WORDS})
    phone.must_see("都收到了")
    _granted(crew, number, picture)


def _granted(crew: CaseCrew, number: str, picture: bytes) -> None:
    officer = crew.officer
    until("审批窗口看到补正", lambda: sees_state(officer, number, "共 1 份，打开会记录"))
    until("审批窗口看到说明，补齐了", lambda: sees_state(officer, number, "受理期限"))
    officer.must_see("申请人补正了材料")
    due_in(officer, number, "受理期限", 5)
    officer.press("显示完整信息")
    officer.must_see(WORDS)
    officer.open(f"/cases/{number}")
    officer.must_see("申请人用手机交的")
    _opens_scan(officer, picture)
    act(officer, number, "答复申请", {"granted": "yes"})
    due_in(officer, number, "办结期限", 5)
    officer.must_see("已受理，办理中")
    must_not_offer(officer, number, "一次告知补正")
    crew.say(f"16 {number} 在手机上补了一张照片和一段说明，审批人看得到，同意后随即受理")
