"""The first page: what waits for this person, and how the day has been."""

from __future__ import annotations

from flask import Flask

from node.local import Node
from tests.node.central_says import poster_slip, receipt_slip
from tests.node.conftest import Clock, Desk, sign_in, tell_all
from tests.node.receiving import receive


def test_an_empty_day_says_how_to_begin(clerk: Desk) -> None:
    page = clerk.get("/").text
    assert "现在没有等您办的" in page
    assert "办什么事？" in page
    assert "今天还没有办件" in page


def test_what_was_received_is_counted_and_listed(clerk: Desk) -> None:
    number = receive(clerk)
    receive(clerk, "SCJG-000101")
    page = clerk.get("/").text
    assert "<b>2</b><span>收件" in page
    assert "<b>1</b><span>其中转办" in page
    assert "<b>1</b><span>接待" in page
    assert number in page
    assert "林小梅" not in page, "names are masked"


def test_an_officer_sees_what_was_forwarded(
    clerk: Desk, node: Node, centre: Node, centre_app: Flask
) -> None:
    number = receive(clerk, "SCJG-000101")
    tell_all(node, centre)
    page = sign_in(centre_app, "chen").get("/").text
    assert "受理或不予受理" in page
    assert number in page
    other = sign_in(centre_app, "wei").get("/").text
    assert "受理或不予受理" not in other, "it belongs to another department"


def test_tasks_are_grouped_by_kind_with_the_count(clerk: Desk, node: Node) -> None:
    for _ in range(6):
        receipt_slip(node, receive(clerk))
    page = clerk.get("/").text
    assert '核对寄递单 <span class="count">6</span>' in page
    assert "看全部 6 件" in page


def test_papers_to_post_wait_for_the_mail_desk(clerk: Desk, mailer: Desk) -> None:
    receive(clerk, "SCJG-000101")
    assert "打印面单贴好" in mailer.get("/").text


def test_slips_of_the_last_hour_wait_for_their_case(clerk: Desk, node: Node, clock: Clock) -> None:
    poster_slip(node, name="郑国强")
    assert "郑*强" in clerk.get("/").text
    clock.forward(seconds=3700)
    assert "郑*强" not in clerk.get("/").text
    assert "郑*强" in clerk.get("/slips").text, "the whole day's are on their own page"


def test_a_stranger_sees_no_tasks_and_no_slips(stranger: Desk, clerk: Desk, node: Node) -> None:
    receive(clerk)
    poster_slip(node, name="郑国强")
    page = stranger.get("/").text
    assert "郑*强" not in page
    assert "开始接待" not in page
