"""没收到 at the point that sent it: a task, calls that are logged, an answer; what is lost goes."""

from __future__ import annotations

import pytest

from node.local import Node
from tests.node.casework import meet, parcel_of
from tests.node.conftest import Desk
from tests.node.test_mail import pack, press_parcel, report, to_post

__all__ = ["to_post"]  # the fixture


@pytest.fixture
def parcel(poster: Desk, to_post: str, centre: Node) -> str:
    """A result that was delivered to a neighbour, and that its recipient says never came."""
    number = pack(poster, to_post, f"{to_post}:0", f"{to_post}:1")
    report(centre, number, "parcel.taken_over")
    report(centre, number, "parcel.delivered", to="neighbour")
    report(centre, number, "parcel.disputed")
    return number


def test_it_is_a_task_of_the_sender_alone_whose_calls_are_logged_with_the_next_try(
    poster: Desk, clerk: Desk, parcel: str, centre: Node
) -> None:
    assert "申请人说没有收到，查清后答复" in poster.get("/").text
    assert "问投递员和代收的人" in poster.get("/mail").text
    page = poster.get(f"/parcels/{parcel}").text
    assert "邻居代收" in page
    assert "办件不能归档" in page
    assert "怎么查清的" not in clerk.get(f"/parcels/{parcel}").text
    typed = {"reached": "no", "next": "2026-12-30", "said": "邻居电话没人接"}
    assert press_parcel(poster, parcel, "asked", **typed).status_code == 303
    (call,) = parcel_of(centre, parcel).dispute_calls
    assert (call.reached, call.next) == (False, "2026-12-30")
    page = poster.get(f"/parcels/{parcel}").text
    assert "没有打通，下次 2026-12-30" in page
    assert "邻居电话没人接" in page
    wrong = press_parcel(poster, parcel, "asked", reached="no", next="2020-01-01")
    assert wrong.status_code == 400
    assert "不能早于今天" in wrong.text
    assert press_parcel(poster, parcel, "asked").status_code == 400


def test_what_was_found_is_settled_once_with_words(
    poster: Desk, parcel: str, centre: Node, to_post: str
) -> None:
    assert "还没有填" in press_parcel(poster, parcel, "settle", how="found").text
    assert press_parcel(poster, parcel, "settle", how="found", why="在物业").status_code == 303
    found = parcel_of(centre, parcel)
    assert (found.disputed_at, found.lost) == ("", False)
    stale = {"op": "0" * 16, "how": "lost", "why": "不在"}
    again = poster.post(f"/parcels/{parcel}/settle", stale)
    assert again.status_code == 409
    assert "已经答复过" in again.text
    assert "申请人说没有收到" not in poster.get("/").text


def test_what_is_lost_is_packed_again_and_the_task_goes(
    poster: Desk, parcel: str, centre: Node, to_post: str
) -> None:
    press_parcel(poster, parcel, "settle", how="lost", why="问过快递员和邻居")
    page = poster.get(f"/parcels/{parcel}").text
    assert f'href="/mail/pack/{to_post}"' in page
    assert "邮件丢失，把内件补办后再寄" in poster.get("/").text
    second = pack(poster, to_post)
    assert [c["position"] for c in parcel_of(centre, second).contents] == [0, 1]
    assert "邮件丢失，把内件补办后再寄" not in poster.get("/").text
    report(centre, second, "parcel.taken_over")
    report(centre, second, "parcel.delivered", to="self")
    assert press_parcel(poster, parcel, "settle", how="found", why="后来在物业").status_code == 303


def test_a_closed_case_gets_what_was_lost_once_more(
    poster: Desk, to_post: str, centre: Node, node: Node
) -> None:
    number = pack(poster, to_post, f"{to_post}:0", f"{to_post}:1")
    report(centre, number, "parcel.taken_over")
    report(centre, number, "parcel.delivered", to="self")
    meet(node, centre)
    with node.local() as local, local.writing() as w:
        w.state("case.closed", to_post, {}, actor="s-1")
    meet(node, centre)
    report(centre, number, "parcel.disputed")
    press_parcel(poster, number, "settle", how="lost", why="问过快递员")
    assert [c["position"] for c in parcel_of(centre, pack(poster, to_post)).contents] == [0, 1]
