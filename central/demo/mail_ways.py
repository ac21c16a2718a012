"""What can become of a parcel to a resident: every way of it, told by the people it happens to."""

from __future__ import annotations

from central.demo.mail_crew import (
    MailCrew,
    Posted,
    Queue,
    closed,
    labelled,
    packed,
    posted,
    sees_parcel,
    taken,
)
from central.demo.paper import photograph, read_paper
from central.demo.person import Lost
from central.demo.story import must, report, until


def failed_then_delivered(crew: MailCrew) -> None:
    """Nobody at home; the next day it is in their own hands, by the code that only they have."""
    sent = posted(crew, "高再投")
    taken(crew, sent)
    report(crew.rider, sent.parcel, "派送")
    report(crew.rider, sent.parcel, "没送到", {"why": "nobody_home"})
    until("寄件点看到没送到", lambda: sees_parcel(crew.clerk, sent.parcel, "家里没有人"))
    crew.rider.open(f"/courier/parcels/{sent.parcel}")
    must(sent.code not in crew.rider.words, "快递员的页面上没有签收码")
    report(crew.rider, sent.parcel, "派送")
    _refused(crew, sent.parcel, {"to": "self", "proof": "none"})
    wrong = f"{(int(sent.code) + 1) % 10_000:04d}"
    _refused(crew, sent.parcel, {"to": "self", "proof": "code", "code": wrong})
    report(crew.rider, sent.parcel, "已送达", {"to": "self", "proof": "code", "code": sent.code})
    until("寄件点看到签收", lambda: sees_parcel(crew.clerk, sent.parcel, "已签收"))
    closed(crew, sent.case)
    crew.say(f"1 {sent.tracking} 第一次没人在家，第二次凭签收码本人签收；没有码、码不对都不算数")


def _refused(crew: MailCrew, parcel: str, typed: dict[str, str]) -> None:
    """What a courier may not say is not taken down."""
    try:
        report(crew.rider, parcel, "已送达", typed)
    except Lost:
        return
    raise Lost(f"{parcel} 不该收下：{typed}")


def refused_and_returned(crew: MailCrew) -> None:
    """The recipient does not take it: it goes back, and may be packed anew."""
    sent = posted(crew, "拒先生")
    taken(crew, sent)
    report(crew.rider, sent.parcel, "没送到", {"why": "refused"})
    crew.rider.open(f"/courier/parcels/{sent.parcel}")
    crew.rider.must_see("退回")
    report(crew.rider, sent.parcel, "退回")
    until("寄件点看到退回", lambda: sees_parcel(crew.clerk, sent.parcel, "已退回"))
    again = packed(crew, sent.case)
    must(again != sent.parcel, "退回的重新装封，是另一个邮件")
    waybill = labelled(crew.clerk, again, sent.who)
    must(waybill.code128[0] != sent.tracking, "邮件号不用第二次")
    crew.clerk.open(f"/parcels/{again}")
    crew.clerk.press("取消交寄")
    crew.clerk.must_see("已取消")
    crew.say(f"2 {sent.tracking} 拒收，退回寄件点；重新装封用新号 {waybill.code128[0]}，再取消交寄")


def left_with_consent(crew: MailCrew) -> None:
    """Nobody at home: it is left where the resident agreed on the slip, and nowhere else."""
    ways = {
        "neighbour": ("邻小姐", {"receiver": "对门陈姐", "proof": "id", "id4": "0021"}, "邻居代收"),
        "property": ("物先生", {"receiver": "物业小黄", "proof": "id", "id4": "307X"}, "物业代收"),
        "locker": ("柜女士", {"receiver": "3 号柜 12 格", "proof": "photo"}, "快递柜"),
    }  # fmt: skip
    sent = {to: posted(crew, name, to) for to, (name, _, _) in ways.items()}
    for to, (_, said, words) in ways.items():
        parcel = sent[to].parcel
        taken(crew, sent[to])
        for other in ways.keys() - {to}:
            _left(crew, parcel, {"to": other, **ways[other][1]})
            crew.rider.must_see("收件人没有事先同意", "不同意的，请报“没送到”")
        _left(crew, parcel, {"to": to, **said})
        _signed_by(crew, parcel, words)
        closed(crew, sent[to].case)
    crew.say("2 三位填单时各同意一处代收：邻居、物业、快递柜各收到一件，没同意的两处都不让交")


def _signed_by(crew: MailCrew, parcel: str, hands: str) -> None:
    until("寄件点看到签收", lambda: sees_parcel(crew.clerk, parcel, "已签收", hands))


def _left(crew: MailCrew, parcel: str, said: dict[str, str]) -> None:
    """The courier says where it was left, with a photo where that is the proof."""
    crew.rider.open(f"/courier/parcels/{parcel}/delivered")
    if said["proof"] == "photo":
        door = photograph(crew.clerk.fetch("/poster.pdf"))
        crew.rider.send_file("确定", "IMG_1.jpg", door, said, into="photo")
    else:
        crew.rider.press("确定", said)


def a_day_without_signal(crew: MailCrew) -> None:
    """The courier reports all day with no signal; in the evening everything counts, once."""
    first, second = posted(crew, "信号弱"), posted(crew, "梯里人")
    for sent in (first, second):
        _heard_of(crew, sent)
    queue = Queue(crew.rider, crew.plan)
    for hours, sent in ((9.0, first), (8.9, second)):
        queue.press("/courier/take", hours, q=sent.waybill.qr[0])
    ways = [f"/courier/parcels/{sent.parcel}" for sent in (first, second)]
    queue.press(f"{ways[0]}/failed", 7, why="no_answer")
    queue.press(f"{ways[0]}/delivered", 3, to="self", proof="code", code=first.code)
    queue.press(
        f"{ways[1]}/delivered", 2, to="family", receiver="女儿", proof="code", code=second.code
    )
    queue.press(f"{ways[1]}/failed", 1, why="moved")
    said = queue.send()
    must(all(words.startswith("counted") for words in said[:5]), f"都算数：{said}")
    must(said[5].startswith("refused") and "签收" in said[5], f"送到了就不能再报没送到：{said[5]}")
    must(queue.send()[:5] == said[:5], "再发一遍还是一次")
    until("寄件点看到", lambda: sees_parcel(crew.clerk, first.parcel, "已签收", "电话打不通"))
    until("寄件点看到", lambda: sees_parcel(crew.clerk, second.parcel, "已签收", "家人"))
    crew.say("3 快递员一天没有信号，晚上六条一起报上来：五条各算一次，自相矛盾的那条说明白了不收")


def _heard_of(crew: MailCrew, sent: Posted) -> None:
    """Central knows the parcel: its label can be scanned."""
    until("区中心知道邮件", lambda: "还不能揽收" not in crew.rider.open(sent.waybill.qr[0]))


def never_came(crew: MailCrew) -> None:
    """Delivered, says the courier; it never came, says the resident: the point finds out."""
    sent = posted(crew, "梅收到")
    taken(crew, sent)
    by_code = {"to": "family", "receiver": "邻家小孩", "proof": "code", "code": sent.code}
    report(crew.rider, sent.parcel, "已送达", by_code)
    phone = crew.passer_by()
    until("查询页写着签收", lambda: "邮件已签收" in phone.open(sent.qr))
    phone.follow("没收到")
    phone.press("确定", {"last_four": sent.who.last_four})
    phone.press("请帮我查")
    must(phone.status == 200, f"报了没收到：{phone.words[:200]}")
    until("寄件点要查", lambda: sees_parcel(crew.clerk, sent.parcel, "申请人说没有收到"))
    until("看板看着它", lambda: sent.parcel in crew.board.open("/board/mail"))
    crew.clerk.open(f"/parcels/{sent.parcel}")
    crew.clerk.press("记下这次电话", {"reached": "yes", "said": "问了收件人，在孙子书包里"})
    crew.clerk.press("答复", {"how": "found", "why": "收件人找到了"})
    until("看板不用再看", lambda: sent.parcel not in crew.board.open("/board/mail"))
    closed(crew, sent.case)
    crew.say(f"4 {sent.tracking} 报了签收，居民按“没收到”：寄件点打电话查清，看板看到查清为止")


def a_bag(crew: MailCrew) -> None:
    """A point's whole bag with one scan; one parcel is not in it, and the point says why."""
    sent = [posted(crew, name) for name in ("袋一", "袋二", "袋三")]
    crew.clerk.open("/mail")
    crew.clerk.press("做交接单", {"parcels": [each.parcel for each in sent]}, of="/mail/manifest")
    manifest = crew.clerk.url.rsplit("/", 1)[1]
    paper = read_paper(crew.clerk.print_from("打印交接单"))
    must(all(each.tracking in paper.words for each in sent), "交接单上逐件列着单号")
    must(len(paper.qr) == 1 + len(sent), "交接单上整袋一个码，每件一个码")
    code = next(code for code in paper.qr if code not in [each.waybill.qr[0] for each in sent])
    until("清单到了区中心", lambda: "签收这一袋" in crew.rider.open(code))
    in_bag = [each.parcel for each in sent[:2]]
    crew.rider.press("签收这一袋", {"count": "3", "parcel": in_bag})
    must(crew.rider.status == 400, "数目不符要再数")
    crew.rider.press("签收这一袋", {"count": "2", "parcel": in_bag})
    crew.rider.must_see(sent[2].tracking[-4:])
    until("寄件点看到差一件", lambda: "不在袋里" in crew.clerk.open(f"/manifests/{manifest}"))
    crew.clerk.press("答复", {"how": "handed_over"}, of="/answer")
    taken(crew, sent[2])
    until("交接清楚", lambda: "要答复" not in crew.clerk.open(f"/manifests/{manifest}"))
    crew.rider.open("/courier/")
    crew.rider.press("全部派送")
    for each in sent:
        by_code = {"to": "self", "proof": "code", "code": each.code}
        report(crew.rider, each.parcel, "已送达", by_code)
    crew.say(
        f"5 交接单 {manifest} 一次扫走三件里的两件，差的一件由受理点答复后补交；各凭各的码送到"
    )
