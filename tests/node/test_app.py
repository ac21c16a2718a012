"""The window's frame: who gets in, and what the header says about the line."""

from __future__ import annotations

from flask import Flask

from node.app import create_app
from node.local import Node
from tests.node.conftest import Clock, Desk, line_down, receipt_all, sign_in


def test_nobody_sees_anything_before_signing_in(app: Flask) -> None:
    answer = app.test_client().get("/")
    assert answer.status_code == 302
    assert "/signin/" in answer.headers["Location"]


def test_staff_sign_in_with_the_accounts_that_central_sent(app: Flask) -> None:
    assert "林小燕" in sign_in(app, "lin").get("/").text


def test_two_windows_live_in_one_process(node: Node, centre: Node) -> None:
    here, there = create_app(node), create_app(centre)
    assert "军门社区" in sign_in(here, "lin").get("/").text
    assert "鼓楼区行政服务中心" in sign_in(there, "chen").get("/").text


def test_before_the_first_contact_the_header_says_so(clerk: Desk) -> None:
    assert "1 件待上报（还没有连上区中心）" in clerk.get("/line").text


def test_a_line_that_is_down_is_said_in_minutes(clerk: Desk, node: Node, clock: Clock) -> None:
    line_down(node, clock.now)
    clock.forward(seconds=12 * 60)
    assert "1 件待上报（网络断开 12 分钟）" in clerk.get("/line").text


def test_when_central_has_everything_the_header_says_so(clerk: Desk, node: Node) -> None:
    receipt_all(node)
    assert "已上报" in clerk.get("/").text
    assert "待上报" not in clerk.get("/").text


def test_cookies_outlive_a_restart_of_the_window(app: Flask, node: Node) -> None:
    assert create_app(node).secret_key == app.secret_key
