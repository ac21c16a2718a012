"""The state of the node in words, and its proof at a press of a button."""

from __future__ import annotations

from node.local import Node
from sync.db import write
from tests.node.casework import AT_ONCE
from tests.node.central_says import state as state_as_central
from tests.node.conftest import Clock, Desk, line_down, receipt_all
from tests.node.receiving import receive


def test_what_waits_is_counted_and_the_line_described(
    clerk: Desk, node: Node, clock: Clock
) -> None:
    receive(clerk, AT_ONCE)
    line_down(node, clock.now)
    clock.forward(seconds=720)
    page = clerk.get("/status").text
    assert "网络断开 12 分钟" in page
    assert "3 条" in page
    assert "0.1.0" in page


def test_after_the_receipt_nothing_waits(clerk: Desk, node: Node, clock: Clock) -> None:
    receipt_all(node, clock.now)
    page = clerk.get("/status").text
    assert "0 条" in page
    assert "到第 1 条，11月23日（周一）09:31" in page
    assert "没有。所有记录都已采纳" in page


def test_a_sound_store_is_proven(clerk: Desk) -> None:
    receive(clerk, AT_ONCE)
    clerk.get("/status")
    assert "通过：日志完整，签名无误，台账一致。" in clerk.post("/status/verify").text


def test_a_damaged_store_is_told_line_by_line(clerk: Desk, node: Node) -> None:
    number = receive(clerk, AT_ONCE)
    with node.local() as local, write(local.store.db) as db:
        db.execute("UPDATE subjects SET body=CAST(replace(body, 'received', 'accepted') AS BLOB)")
    clerk.get("/status")
    page = clerk.post("/status/verify").text
    assert "没有通过" in page
    assert number in page


def test_what_was_parked_or_set_aside_is_shown_with_its_reason(clerk: Desk, node: Node) -> None:
    number = receive(clerk, AT_ONCE)
    state_as_central(node, "case.accepted", number, {})
    with node.local() as local, write(local.store.db):
        local.store.park("x:0001-a", "内容太大", local.now(), {"id": "x"})
    page = clerk.get("/status").text
    assert "内容太大" in page
    assert "没有被采纳的记录" in page
    assert f'href="/cases/{number}"' in page


def test_what_central_refused_is_shown(clerk: Desk, node: Node) -> None:
    author = node.identity.author
    state_as_central(
        node,
        "store.refused",
        author,
        {"author": author, "n": 7, "hash": "sha256:x", "why": "签名不符"},
    )
    assert "第 7 条：签名不符" in clerk.get("/status").text


def test_a_stranger_is_told_nothing(stranger: Desk) -> None:
    assert stranger.get("/status").status_code == 403
    assert stranger.post("/status/verify").status_code == 403
