"""The mail desk: what waits, packing, waybills, taking in, and what stands in the way."""

from __future__ import annotations

import re
from typing import Any

import pytest

from cases.papers import PAPERS_RETURNED, RESULT, TO_AUTHORITY
from cases.states import ParcelState
from node.local import Node
from node.waybills import waybill_of
from sync.db import write
from tests.labels.paper import all_codes
from tests.node.casework import (
    FOOD,
    SLIP,
    TWO_DAYS,
    act,
    ask_back,
    case_of,
    confirm,
    decided,
    fill_slip,
    meet,
    op_in,
    parcel_of,
    token_of,
)
from tests.node.central_says import AUTHOR
from tests.node.central_says import state as state_as_central
from tests.node.conftest import CENTRE, HERE, NOW, Desk
from tests.node.mailing import LOOKED
from tests.node.receiving import receive


def forwarded(clerk: Desk, node: Node, centre: Node, code: str = TWO_DAYS, **more: Any) -> str:
    number = receive(clerk, code, **more)
    meet(node, centre)
    return number


def papers_of(node: Node, number: str) -> str:
    """The parcel with a case's papers."""
    with node.local() as local:
        return local.store.parcels_of(number)[0].number


def take_in(centre: Node, number: str) -> None:
    with centre.local() as local, local.writing() as w:
        w.state("parcel.arrived", number, {}, actor="s-m1")


@pytest.fixture
def to_post(clerk: Desk, officer: Desk, node: Node, centre: Node) -> str:
    """A case whose result waits to be posted: completed, with a confirmed slip."""
    number = forwarded(clerk, node, centre)
    take_in(centre, papers_of(node, number))
    confirm(node, number, fill_slip(node, number))
    meet(node, centre)
    decided(officer, number)
    return number


def pack(desk: Desk, number: str, *items: str) -> str:
    """Pack a case's parcel through the page. :returns: the parcel's number."""
    page = desk.get(f"/mail/pack/{number}")
    ticked = re.findall(r'name="items" value="([^"]+)"[^>]* checked', page.text)
    data = {"op": op_in(page), "items": list(items) or ticked, **LOOKED}
    answer = desk.post(f"/mail/pack/{number}", data)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"].rsplit("/", 1)[1])


def press_parcel(desk: Desk, number: str, name: str, **more: Any) -> Any:
    op = op_in(desk.get(f"/parcels/{number}"))
    return desk.post(f"/parcels/{number}/{name}", {"op": op, **LOOKED, **more})


def report(node: Node, number: str, type: str, **data: str) -> None:
    """What central says about a parcel after a courier's scan."""
    state_as_central(node, type, number, {"op": f"op-{type}", "when": NOW, **data})


def test_a_result_goes_with_its_originals_to_the_confirmed_address(
    poster: Desk, to_post: str, centre: Node
) -> None:
    assert to_post in poster.get("/mail").text
    parcel = parcel_of(centre, pack(poster, to_post))
    assert parcel.purpose == RESULT
    assert [c["position"] for c in parcel.contents] == [0, 1]
    with centre.local() as local:
        event = local.store.event(parcel.packed_event)
        assert event
        fields = local.store.unseal(event)
    assert fields["name"] == "林小梅"
    assert fields["address"] == "福建省福州市鼓楼区东街街道军门社区12号楼3单元502室"
    assert parcel.slip == case_of(centre, to_post).confirmed_slip


def test_packing_twice_makes_one_parcel(poster: Desk, to_post: str, centre: Node) -> None:
    page = poster.get(f"/mail/pack/{to_post}")
    data = {"op": op_in(page), "items": f"{to_post}:0", **LOOKED}
    first = poster.post(f"/mail/pack/{to_post}", data).headers["Location"]
    assert poster.post(f"/mail/pack/{to_post}", data).headers["Location"] == first
    with centre.local() as local:
        assert len(local.store.parcels_of(to_post)) == 2  # the papers' and this one


def test_what_nobody_looked_at_is_not_sealed_and_all_that_was_typed_is_kept(
    poster: Desk, to_post: str
) -> None:
    typed = {"op": "0" * 16, "items": f"{to_post}:1", "handed_in_by": "林小梅", "grams": "350"}
    page = poster.post(f"/mail/pack/{to_post}", typed)
    assert page.status_code == 400
    assert 'href="#f-looked">还没有验视：内件与清单一致' in page.text
    assert re.findall(r'value="([^"]+)"[^>]* checked', page.text) == [f"{to_post}:1"]
    assert 'value="林小梅"' in page.text
    assert 'value="350"' in page.text
    assert "等装封" in poster.get("/mail").text


def test_nothing_ticked_packs_nothing(poster: Desk, to_post: str) -> None:
    answer = poster.post(f"/mail/pack/{to_post}", {"op": "0" * 16, **LOOKED})
    assert answer.status_code == 400
    assert "请勾选要装进去的东西" in answer.text


def test_what_is_not_owed_cannot_be_packed(poster: Desk, to_post: str) -> None:
    for item in (f"{to_post}:2", f"{to_post}:99", "GL017-261122-0042-K:0"):
        answer = poster.post(f"/mail/pack/{to_post}", {"op": "1" * 16, "items": item})
        assert answer.status_code == 409, item


def test_what_is_packed_already_cannot_be_packed_again(poster: Desk, to_post: str) -> None:
    pack(poster, to_post)
    answer = poster.post(f"/mail/pack/{to_post}", {"op": "2" * 16, "items": f"{to_post}:0"})
    assert answer.status_code == 409
    assert "现在没有要寄给申请人的" in answer.text


def test_a_slip_nobody_checked_is_not_posted_to(
    clerk: Desk, officer: Desk, poster: Desk, node: Node, centre: Node
) -> None:
    number = forwarded(clerk, node, centre)
    decided(officer, number)
    assert "申请人还没有填寄递单" in poster.get("/mail").text
    fill_slip(node, number)
    meet(node, centre)
    answer = poster.get(f"/mail/pack/{number}")
    assert answer.status_code == 409
    assert "寄递单还没有核对" in answer.text


def test_nothing_is_posted_while_a_late_request_is_open(
    clerk: Desk, officer: Desk, poster: Desk, node: Node, centre: Node
) -> None:
    number = forwarded(clerk, node, centre)
    confirm(node, number, fill_slip(node, number))
    meet(node, centre)
    decided(officer, number)
    packed = pack(poster, number)
    ask_back(node, number)  # stated where the decision was not known yet
    meet(node, centre)
    answer = press_parcel(poster, packed, "print")
    assert answer.status_code == 409
    assert "有未答复的申请，答复之前不能寄出" in answer.text
    assert press_parcel(poster, packed, "cancel").status_code == 303
    assert poster.get(f"/mail/pack/{number}").status_code == 409
    assert "有未答复的申请" in poster.get("/mail").text


def test_papers_are_not_posted_while_a_request_is_open(
    mailer: Desk, clerk: Desk, node: Node, centre: Node
) -> None:
    number = forwarded(clerk, node, centre)
    ask_back(node, number)
    answer = press_parcel(mailer, papers_of(node, number), "print")
    assert answer.status_code == 409
    assert "有未答复的申请，答复之前不能寄出" in answer.text


def test_a_changed_address_stops_the_old_waybill(
    poster: Desk, to_post: str, node: Node, centre: Node
) -> None:
    parcel = pack(poster, to_post)
    meet(node, centre)
    slip = fill_slip(node, to_post, street="温泉街道金汤社区1号")
    meet(node, centre)
    unchecked = press_parcel(poster, parcel, "print")
    assert unchecked.status_code == 409
    assert "寄递单还没有核对，不能打印面单" in unchecked.text
    confirm(node, to_post, slip)
    meet(node, centre)
    old = press_parcel(poster, parcel, "print")
    assert "地址在装封以后改过了" in old.text
    assert press_parcel(poster, parcel, "cancel").status_code == 303
    fresh = pack(poster, to_post)
    assert press_parcel(poster, fresh, "print").status_code == 303


def test_a_new_address_that_cannot_be_opened_here_stops_the_waybill(
    poster: Desk, to_post: str, centre: Node
) -> None:
    parcel = pack(poster, to_post)
    sealed_elsewhere = state_as_central(
        centre, "slip.filled", to_post, {"channel": "qr"}, dict(SLIP)
    )
    confirm(centre, to_post, sealed_elsewhere)
    with centre.local() as local, write(local.store.db) as db:
        db.execute("DELETE FROM keys WHERE author=?", [AUTHOR])
    assert parcel in poster.get("/mail").text
    answer = press_parcel(poster, parcel, "print")
    assert answer.status_code == 409
    assert "寄递单在本机打不开" in answer.text


def test_the_waybill_is_masked_and_its_codes_can_be_read(
    poster: Desk, to_post: str, centre: Node
) -> None:
    number = pack(poster, to_post)
    answer = press_parcel(poster, number, "print")
    pdf = poster.get(answer.headers["Location"])
    assert pdf.mimetype == "application/pdf"
    parcel = parcel_of(centre, number)
    found = all_codes(pdf.data)
    assert parcel.tracking in found
    address = next(text for text in found if "/W/" in text)
    assert token_of(address, centre).target == number
    with centre.local() as local:
        w = waybill_of(local, parcel)
    assert (w.certificates, w.documents) == (1, 1)
    assert w.route == "福州市 鼓楼区"


def test_a_reprint_counts_its_copies(poster: Desk, to_post: str, centre: Node) -> None:
    number = pack(poster, to_post)
    press_parcel(poster, number, "print")
    assert "重印面单（第 2 份）" in poster.get(f"/parcels/{number}").text
    press_parcel(poster, number, "print")
    assert parcel_of(centre, number).copies == 2


def test_the_same_print_sent_twice_is_one_copy(poster: Desk, to_post: str, centre: Node) -> None:
    number = pack(poster, to_post)
    for _ in range(2):
        poster.post(f"/parcels/{number}/print", {"op": "3" * 16, **LOOKED})
    assert parcel_of(centre, number).copies == 1


def test_a_waybill_is_not_shown_before_it_was_printed(poster: Desk, to_post: str) -> None:
    number = pack(poster, to_post)
    answer = poster.get(f"/parcels/{number}/waybill.pdf")
    assert answer.status_code == 409
    assert "面单还没有打印过" in answer.text


def test_waybills_print_in_one_go(mailer: Desk, clerk: Desk, node: Node, centre: Node) -> None:
    numbers = [papers_of(node, forwarded(clerk, node, centre)) for _ in range(3)]
    page = mailer.get("/mail")
    answer = mailer.post("/mail/print", {"op": op_in(page), "parcels": numbers, **LOOKED})
    assert answer.status_code == 303, answer.text
    pdf = mailer.get(answer.headers["Location"])
    assert pdf.mimetype == "application/pdf"
    assert {parcel_of(node, n).copies for n in numbers} == {1}
    again = mailer.post("/mail/print", {"op": "4" * 16, "parcels": numbers})
    assert again.status_code == 409
    assert "已经打印过" in again.text
    assert mailer.post("/mail/print", {"op": "5" * 16}).status_code == 400


def test_several_cases_of_one_recipient_share_a_parcel(
    clerk: Desk, officer: Desk, poster: Desk, node: Node, centre: Node
) -> None:
    first, second, other = (forwarded(clerk, node, centre) for _ in range(3))
    for number in (first, second):
        confirm(node, number, fill_slip(node, number))
    confirm(node, other, fill_slip(node, other, street="别处1号"))
    meet(node, centre)
    for number in (first, second, other):
        decided(officer, number)
    desk = poster.get("/mail").text
    assert desk.count("同一收件人，一起寄") == 1
    page = poster.get(f"/mail/pack/{first}").text
    assert f"{second}:0" in page
    assert page.count('name="items"') == len(re.findall('name="items"[^>]* checked', page))
    assert f"{other}:0" not in page
    parcel = parcel_of(centre, pack(poster, first, f"{first}:0", f"{second}:0"))
    assert set(parcel.cases) == {first, second}
    mixed = poster.post(
        f"/mail/pack/{other}", {"op": "6" * 16, "items": [f"{other}:0", f"{first}:0"]}
    )
    assert mixed.status_code == 409


def test_different_recipients_do_not_share_a_parcel(
    clerk: Desk, officer: Desk, poster: Desk, node: Node, centre: Node
) -> None:
    first, second = (forwarded(clerk, node, centre) for _ in range(2))
    confirm(node, first, fill_slip(node, first))
    confirm(node, second, fill_slip(node, second, name="陈大文"))
    meet(node, centre)
    for number in (first, second):
        decided(officer, number)
    answer = poster.post(
        f"/mail/pack/{first}", {"op": "7" * 16, "items": [f"{first}:0", f"{second}:0"]}
    )
    assert answer.status_code == 409
    assert "收件人或地址不一样" in answer.text


def test_arrived_papers_are_counted_before_they_are_signed_for(
    clerk: Desk, poster: Desk, node: Node, centre: Node
) -> None:
    number = forwarded(clerk, node, centre, FOOD)
    parcel = papers_of(node, number)
    assert parcel in poster.get("/mail").text
    one = press_parcel(poster, parcel, "arrive", contents=["0"])
    assert one.status_code == 400
    assert "还没有点到：" in one.text
    every = [str(n) for n in range(len(parcel_of(centre, parcel).contents))]
    assert press_parcel(poster, parcel, "arrive", contents=every).status_code == 303
    assert parcel_of(centre, parcel).state is ParcelState.ARRIVED
    assert "在本窗口" in poster.get(f"/cases/{number}").text


def test_identity_documents_are_never_in_a_parcel(clerk: Desk, node: Node, centre: Node) -> None:
    number = forwarded(clerk, node, centre, FOOD)
    parcel = parcel_of(node, papers_of(node, number))
    assert parcel.purpose == TO_AUTHORITY
    assert not any("身份证" in c["name"] for c in parcel.contents)


def test_only_the_destination_signs_for_papers(
    mailer: Desk, clerk: Desk, node: Node, centre: Node
) -> None:
    number = papers_of(node, forwarded(clerk, node, centre))
    every = [str(n) for n in range(len(parcel_of(node, number).contents))]
    answer = press_parcel(mailer, number, "arrive", contents=every)
    assert answer.status_code == 409
    assert "只有收件点可以收件点签收" in answer.text


def test_a_cancelled_parcel_is_packed_anew(
    mailer: Desk, clerk: Desk, node: Node, centre: Node
) -> None:
    number = forwarded(clerk, node, centre)
    old = papers_of(node, number)
    assert press_parcel(mailer, old, "cancel").status_code == 303
    assert f"/mail/papers/{number}" in mailer.get("/mail").text
    page = mailer.get(f"/mail/papers/{number}")
    answer = mailer.post(f"/mail/papers/{number}", {"op": op_in(page), **LOOKED})
    fresh = answer.headers["Location"].rsplit("/", 1)[1]
    assert parcel_of(node, fresh).to_point == CENTRE
    assert parcel_of(node, fresh).tracking != parcel_of(node, old).tracking
    assert mailer.get(f"/mail/papers/{number}").status_code == 409


def test_a_failed_delivery_says_what_to_do_and_what_came_back_is_packed_again(
    poster: Desk, to_post: str, centre: Node
) -> None:
    number = pack(poster, to_post)
    early = press_parcel(poster, number, "back")
    assert early.status_code == 409
    report(centre, number, "parcel.taken_over")
    report(centre, number, "parcel.delivery_failed", why="nobody_home")
    desk = poster.get("/mail").text
    assert "要处理的邮件" in desk
    assert "请联系收件人" in desk
    assert "家里没有人" in poster.get(f"/parcels/{number}").text
    assert press_parcel(poster, number, "back").status_code == 303
    assert "重新装封" in poster.get("/mail").text
    assert pack(poster, to_post) != number


def test_what_came_back_of_a_case_that_was_withdrawn_goes_nowhere_again(
    clerk: Desk, officer: Desk, node: Node, centre: Node
) -> None:
    number = forwarded(clerk, node, centre)
    papers = papers_of(node, number)
    for type in ("parcel.taken_over", "parcel.returned"):
        report(node, papers, type)
    assert "再重新装封寄出" in clerk.get("/mail").text
    act(officer, number, "withdraw")
    meet(node, centre)
    assert "要处理的邮件" not in clerk.get("/mail").text
    page = clerk.get(f"/parcels/{papers}").text
    assert "不用再这样寄" in page
    assert "再重新装封寄出" not in page


def test_what_a_phone_told_late_says_when_it_happened_and_when_we_heard(
    poster: Desk, to_post: str, centre: Node
) -> None:
    number = pack(poster, to_post)
    report(centre, number, "parcel.taken_over")
    page = poster.get(f"/parcels/{number}").text
    assert "发生在" not in page
    report(centre, number, "parcel.delivered", to="family", when="2026-11-22T23:05:00Z")
    page = poster.get(f"/parcels/{number}").text
    assert "收件：家人；发生在11月23日（周一）07:05" in page


def of_china_post(node: Node) -> None:
    """From now on the point's numbers are China Post's."""
    block = {
        "id": "b-ems", "carrier": "ems", "format": "s10", "head": "EA", "tail": "CN",
        "first": 12345678, "last": 12345999, "author": node.identity.author, "at": "2027",
    }  # fmt: skip
    with node.local() as local, write(local.store.db):
        local.store.set_document("block:b-ems", block)


def test_a_parcel_goes_with_the_carrier_of_its_number_and_shows_its_track(
    poster: Desk, to_post: str, centre: Node
) -> None:
    of_china_post(centre)
    number = pack(poster, to_post)
    found = parcel_of(centre, number)
    assert (found.carrier, found.tracking) == ("ems", "EA123456785CN")
    told = {"carrier": "ems"}
    report(centre, number, "parcel.taken_over", code="203", **told)
    report(centre, number, "parcel.passed", code="954", kind="reached", when=NOW, **told)
    page = poster.get(f"/parcels/{number}").text
    for words in ("中国邮政 EMS", "EA123456785CN", "途经", "到达", "发生在"):
        assert words in page
    assert "中国邮政 EMS" in poster.get("/status").text


def test_an_original_alone_is_returned_as_papers(
    clerk: Desk, officer: Desk, poster: Desk, node: Node, centre: Node
) -> None:
    number = forwarded(clerk, node, centre)
    take_in(centre, papers_of(node, number))
    confirm(node, number, fill_slip(node, number))
    meet(node, centre)
    act(officer, number, "not_accept", reason="不归本区")
    parcel = parcel_of(centre, pack(poster, number))
    assert parcel.purpose == PAPERS_RETURNED
    assert [c["position"] for c in parcel.contents] == [1]


def test_the_recipient_is_masked_until_the_showing_is_noted(
    poster: Desk, to_post: str, centre: Node
) -> None:
    number = pack(poster, to_post)
    page = poster.get(f"/parcels/{number}").text
    assert "502室" not in page
    assert "13805911234" not in page
    full = poster.post(f"/parcels/{number}/reveal").text
    assert "502室" in full
    with centre.local() as local:
        rows = local.store.db.execute("SELECT actor, subject FROM showings").fetchall()
    assert ("s-m1", number) in rows


def test_a_character_that_no_label_can_show_is_to_be_written_in(
    clerk: Desk, officer: Desk, poster: Desk, node: Node, centre: Node
) -> None:
    number = forwarded(clerk, node, centre)
    confirm(node, number, fill_slip(node, number, name=f"林小{chr(0x323AF)}"))
    meet(node, centre)
    decided(officer, number)
    page = poster.get(f"/parcels/{pack(poster, number)}").text
    assert f"没有“{chr(0x323AF)}”这个字，面单上印成〓，请用笔补写" in page


def test_an_officer_does_not_pack_or_print(officer: Desk, to_post: str, poster: Desk) -> None:
    assert officer.get(f"/mail/pack/{to_post}").status_code == 403
    refused = officer.post(f"/mail/pack/{to_post}", {"op": "8" * 16, "items": f"{to_post}:0"})
    assert refused.status_code == 403
    assert "装封邮件要由窗口人员、寄递人员、负责人来做" in refused.text
    number = pack(poster, to_post)
    for name in ("print", "cancel", "back"):
        assert officer.post(f"/parcels/{number}/{name}", {"op": "9" * 16}).status_code == 403
    assert officer.post(f"/parcels/{number}/reveal").status_code == 403
    assert "面单要由" in officer.get(f"/parcels/{number}/waybill.pdf").text


def test_a_stranger_sees_no_mail(stranger: Desk) -> None:
    for path in ("/mail", "/parcels/PGL031-261123-0001-G", "/mail/prints/0000000000000000"):
        assert stranger.get(path).status_code == 403


def test_another_points_parcel_is_not_printed_here(
    clerk: Desk, poster: Desk, node: Node, centre: Node
) -> None:
    number = papers_of(node, forwarded(clerk, node, centre))
    answer = press_parcel(poster, number, "print")
    assert answer.status_code == 409
    assert "不是本窗口寄的" in answer.text
    assert parcel_of(node, number).point == HERE


def test_an_unknown_parcel_is_not_found(mailer: Desk) -> None:
    assert mailer.get("/parcels/PGL031-261123-0099-X").status_code == 404
    assert mailer.get("/mail/prints/0000000000000000").status_code == 404


def test_an_empty_desk_says_so(mailer: Desk) -> None:
    assert "邮件台上没有东西" in mailer.get("/mail").text


def test_what_is_collected_at_the_window_is_not_posted(
    clerk: Desk, officer: Desk, poster: Desk, node: Node, centre: Node
) -> None:
    number = forwarded(clerk, node, centre)
    confirm(node, number, fill_slip(node, number))
    meet(node, centre)
    decided(officer, number, delivery="window")
    assert poster.get(f"/mail/pack/{number}").status_code == 409
    assert "办理结果" in officer.get(f"/cases/{number}/do/hand_out").text
