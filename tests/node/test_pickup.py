"""The pick-up window, results that are never given twice, and where each original lies."""

from __future__ import annotations

import pytest
from flask import Flask

from cases.issued import PaperKind
from cases.papers import given_twice
from node.local import Node
from node.pickup import ledger, waiting
from tests.labels import paper
from tests.node.casework import (
    TWO_DAYS,
    act,
    case_of,
    decided,
    meet,
    op_in,
    op_of,
    parcel_of,
    send,
)
from tests.node.conftest import Clock, Desk, sign_in
from tests.node.receiving import receive
from tests.node.test_mail import forwarded, pack, papers_of, press_parcel, report, take_in, to_post
from tests.node.test_papers import issued, printed

__all__ = ["to_post"]  # the fixture
DAY_S = 86_400
GIVEN = {"positions": "0", "to": "applicant", "checked": "核对身份证"}


@pytest.fixture
def to_fetch(clerk: Desk, officer: Desk, node: Node, centre: Node) -> str:
    """Completed, to be fetched at 军门社区."""
    number = forwarded(clerk, node, centre)
    take_in(centre, papers_of(node, number))
    meet(node, centre)
    decided(officer, number, delivery="window")
    meet(node, centre)
    return number


def test_what_waits_is_listed_until_an_agent_who_was_checked_has_signed_for_it(
    clerk: Desk, node: Node, to_fetch: str, clock: Clock
) -> None:
    page = clerk.get("/pickup").text
    for said in (to_fetch, "办理结果", "还没有告知", f"/cases/{to_fetch}/do/hand_out"):
        assert said in page, said
    assert to_fetch in clerk.get(f"/pickup?q={to_fetch}").text
    assert "没有等着领的" in clerk.get("/pickup?q=GL017-261123-0999-X").text
    tones = []
    for days in (0, 8, 31):
        clock.forward(seconds=days * DAY_S)
        with node.local() as local:
            (row,) = waiting(local)
        tones.append((row.tone, row.waited))
    assert tones == [("green", "新到"), ("amber", "请催领"), ("red", "久未领取")]
    assert "怎样核对的身份" in clerk.get(f"/cases/{to_fetch}/do/hand_out").text
    agent = {"to": "agent", "receiver": "王代办", "checked": "核对原件"}
    act(clerk, to_fetch, "hand_out", positions="0", **agent)
    assert to_fetch not in clerk.get("/pickup").text
    assert "打印送达回证" in clerk.get(f"/cases/{to_fetch}").text
    found = issued(node, to_fetch, PaperKind.DELIVERY)
    words = paper.text(printed(clerk, to_fetch, found)).replace(" ", "")
    for said in (
        "送达回证",
        found.number,
        "代理人王代办",
        "核对原件",
        "直接送达",
        "代收人",
        "准予",
    ):
        assert said in words, said


def test_what_was_packed_cannot_be_handed_out_and_the_courier_reports_its_service(
    clerk: Desk, officer: Desk, poster: Desk, centre: Node, to_post: str
) -> None:
    assert to_post not in clerk.get("/pickup").text
    op = op_of(officer, to_post, "hand_out")
    parcel = pack(poster, to_post)
    assert send(officer, to_post, "hand_out", op=op, **GIVEN).status_code in (400, 409)
    assert not case_of(centre, to_post).result_handed_out
    url = f"/cases/{to_post}/served/{parcel}.pdf"
    assert url not in officer.get(f"/cases/{to_post}").text
    assert officer.get(url).status_code == 404
    report(centre, parcel, "parcel.taken_over")
    report(centre, parcel, "parcel.delivered", to="family")
    assert url in officer.get(f"/cases/{to_post}").text
    words = paper.text(officer.get(url).data).replace(" ", "")
    tracking = parcel_of(centre, parcel).tracking
    for said in ("送达回证", "邮寄送达", tracking, "2026年11月23日", "准予"):
        assert said in words, said
    assert "重印第2份" in paper.text(officer.get(url).data).replace(" ", "")


def test_a_result_is_given_once_by_two_windows_and_of_two_points_the_first_counts(
    clerk: Desk, officer: Desk, app: Flask, node: Node, centre: Node, to_fetch: str
) -> None:
    other = sign_in(app, "wang")
    one, two = op_of(clerk, to_fetch, "hand_out"), op_of(other, to_fetch, "hand_out")
    assert send(clerk, to_fetch, "hand_out", op=one, **GIVEN).status_code == 303
    assert send(other, to_fetch, "hand_out", op=two, **GIVEN).status_code in (400, 409)
    act(officer, to_fetch, "hand_out", **GIVEN)  # which has not heard of it
    meet(node, centre)
    for each in (node, centre):
        given = [s for s in case_of(each, to_fetch).steps if s.type == "case.handed_out"]
        assert sorted(s.verdict for s in given) == ["ok", "set_aside"]
    pages = officer.get(f"/cases/{to_fetch}").text + clerk.get(f"/cases/{to_fetch}").text
    assert "不能再交付一次" in pages


def test_what_was_handed_out_cannot_be_packed(
    officer: Desk, poster: Desk, centre: Node, to_post: str
) -> None:
    page = poster.get(f"/mail/pack/{to_post}")
    act(officer, to_post, "hand_out", **GIVEN)
    late = poster.post(f"/mail/pack/{to_post}", {"op": op_in(page), "items": f"{to_post}:0"})
    assert late.status_code == 409
    with centre.local() as local:
        assert len(local.store.parcels_of(to_post)) == 1  # the papers' own


def test_posted_and_given_by_hand_is_said_loudly_and_its_waybill_is_refused(
    officer: Desk, poster: Desk, centre: Node, to_post: str
) -> None:
    parcel = pack(poster, to_post)
    with centre.local() as local, local.writing() as w:
        w.state(
            "case.handed_out", to_post, {"result": True, "positions": [], "to": "applicant"},
            actor="s-o1",
        )  # fmt: skip
        assert given_twice(local.store.case(to_post), local.store.parcels_of(to_post)) == parcel
    page = officer.get(f"/cases/{to_post}").text
    assert "又装进了邮件" in page
    assert "请取消这个邮件" in press_parcel(poster, parcel, "print").text
    assert parcel_of(centre, parcel).copies == 0
    assert "追回一份" in poster.get("/").text


def test_each_originals_place_and_way_is_told_until_it_is_back(
    clerk: Desk, officer: Desk, node: Node, centre: Node, clock: Clock
) -> None:
    number = receive(clerk, TWO_DAYS)
    parcel = papers_of(node, number)
    report(node, parcel, "parcel.taken_over")
    report(node, parcel, "parcel.delivered", to="point")
    with node.local() as local:
        (row,) = ledger(local)
    assert [leg.rpartition(" ")[2] for leg in row.legs] == [
        "窗口收下",
        "装封",
        "快递员取走",
        "送到",
    ]
    assert not row.missing
    clock.forward(seconds=3 * DAY_S)
    assert "还没有清点签收" in clerk.get("/originals").text
    meet(node, centre)
    take_in(centre, parcel)
    page = officer.get("/originals").text
    assert "在本窗口" in page
    assert "没有清点" not in page
    decided(officer, number, delivery="window")
    clock.forward(seconds=11 * DAY_S)
    assert "还没有归档或退还" in officer.get("/originals").text
    act(officer, number, "hand_out", positions="1", to="applicant", checked="核对身份证")
    assert "没有要对账的原件" in officer.get("/originals").text


def test_the_undertaking_names_what_is_owed_and_is_signed_by_hand(clerk: Desk) -> None:
    answer = clerk.get(f"/matters/{TWO_DAYS}/undertaking.pdf?owed=1")
    words = paper.text(answer.data)
    assert paper.pages(answer.data) == 1
    for said in ("告知承诺书", "申请人（签名或盖章）", "承诺不实的法律责任"):
        assert said in words, said
    assert clerk.get(f"/matters/{TWO_DAYS}/undertaking.pdf").status_code == 404
    number = receive(clerk, TWO_DAYS)
    url = f"/cases/{number}/undertaking.pdf?owed=1"
    first, again = (paper.text(clerk.get(url).data).replace(" ", "") for _ in range(2))
    assert number in first
    assert "林小梅" in first or "公司" in first, "whose promise it is"
    assert "重印第2份" in again
