"""Batches of waybills: one file, drawn in the background, each copy stated once whatever dies."""

from __future__ import annotations

import re
import threading
from typing import Any

import pytest

from labels.sheets import formats
from node import print_jobs
from node.local import Local, Node
from node.print_loop import run_prints
from node.sheet_choice import COOKIE
from sync.loop import Retry
from tests.labels import paper
from tests.node.casework import op_in, parcel_of
from tests.node.conftest import Clock, Desk
from tests.node.mailing import LOOKED, draw, packed

MANY = 24  # more than the window draws itself
OP = "00000000000000aa"


class Killed(BaseException):
    """A process that is no more."""


def order(desk: Desk, numbers: list[str], **more: Any) -> str:
    """Press 打印勾选的面单. :returns: where that leads."""
    answer = desk.post("/mail/print", {"op": OP, "parcels": numbers, **LOOKED, **more})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"])


def copies(node: Node, numbers: list[str]) -> list[int]:
    """How often each parcel's waybill was stated as printed."""
    return [
        sum(step.type == "parcel.waybill_printed" for step in parcel_of(node, number).steps)
        for number in numbers
    ]


def test_all_that_waits_is_ticked_and_printed_as_one_file(mailer: Desk, node: Node) -> None:
    numbers = packed(node, MANY)
    page = mailer.get("/mail").text
    assert set(re.findall(r'name="parcels" value="([^"]+)"[^>]* checked', page)) == set(numbers)
    at = order(mailer, numbers)
    waits = mailer.get(at).text
    assert f"正在做 {MANY} 张面单" in waits
    assert f"已做好 0 / {MANY} 张" in waits
    assert '<noscript><meta http-equiv="refresh"' in waits
    assert mailer.get(f"{at}/waybills.pdf").headers["Location"] == at
    draw(node)
    assert mailer.get(at, headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"
    assert f"{MANY} 张面单做好了" in mailer.get(at).text
    pdf = mailer.get(f"{at}/waybills.pdf").data
    assert paper.pages(pdf) == MANY
    trackings = [parcel_of(node, number).tracking for number in numbers]
    assert paper.codes(pdf, 7)["Code 128"] == trackings[7]
    assert "已验视" in paper.text(pdf)
    assert "重印" not in paper.text(pdf)
    assert copies(node, numbers) == [1] * MANY


def test_no_more_is_ticked_than_one_batch_takes(
    mailer: Desk, node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(print_jobs, "BATCH_MAX", 3)
    packed(node, 5)
    page = mailer.get("/mail").text
    assert len(re.findall(r'name="parcels" value="[^"]+"[^>]* checked', page)) == 3
    assert "一次最多 3 个" in page


def test_a_few_are_drawn_while_one_waits(mailer: Desk, node: Node) -> None:
    at = order(mailer, packed(node, 2))
    assert at.endswith("/waybills.pdf")
    assert paper.pages(mailer.get(at).data) == 2


def test_the_fragment_that_is_asked_again_is_no_whole_page(mailer: Desk, node: Node) -> None:
    at = order(mailer, packed(node, MANY))
    part = mailer.get(at, headers={"HX-Request": "true"}).text
    assert "<html" not in part
    assert f'hx-get="{at}"' in part


def test_whoever_dies_while_drawing_the_next_one_makes_the_same_file(
    mailer: Desk, node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = packed(node, MANY)
    at = order(mailer, numbers)

    def die(local: Local, op: str, what: str, values: list[object]) -> None:
        if what == "drawn=?":
            raise Killed
        tell(local, op, what, values)

    tell = print_jobs._tell
    with monkeypatch.context() as patched:
        patched.setattr(print_jobs, "_tell", die)
        with pytest.raises(Killed):
            draw(node)
    assert f"正在做 {MANY} 张面单" in mailer.get(at).text
    draw(node)
    assert paper.pages(mailer.get(f"{at}/waybills.pdf").data) == MANY
    assert order(mailer, numbers).startswith(at), "the same form, sent again, is the same batch"
    assert copies(node, numbers) == [1] * MANY


def test_a_window_that_dies_while_it_states_has_stated_nothing(
    mailer: Desk, node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = packed(node, 3)
    begin = print_jobs.begin

    def die(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(print_jobs, "begin", die)
        with pytest.raises(Killed):
            order(mailer, numbers)
    assert copies(node, numbers) == [0] * 3
    assert print_jobs.begin is begin
    order(mailer, numbers)
    assert copies(node, numbers) == [1] * 3


def test_a_batch_that_brings_its_process_down_does_so_three_times_at_most(
    mailer: Desk, node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = order(mailer, packed(node, MANY))

    def die(*_: object, **__: object) -> bytes:
        raise Killed

    monkeypatch.setattr(print_jobs, "waybills", die)
    for _ in range(print_jobs.TRIES_MAX):
        with pytest.raises(Killed):
            draw(node)
    draw(node)
    page = mailer.get(at).text
    assert "请打开每个邮件单独打印" in page
    assert "打开来打印" not in page


def test_what_was_called_off_meanwhile_is_left_out_and_named(mailer: Desk, node: Node) -> None:
    numbers = packed(node, MANY)
    at = order(mailer, numbers)
    op = op_in(mailer.get(f"/parcels/{numbers[3]}"))
    mailer.post(f"/parcels/{numbers[3]}/cancel", {"op": op})
    draw(node)
    page = mailer.get(at).text
    assert f"{numbers[3]} 已取消" in page
    assert paper.pages(mailer.get(f"{at}/waybills.pdf").data) == MANY - 1


def test_the_agent_draws_what_the_window_entered(
    mailer: Desk, node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    at, stop = order(mailer, packed(node, MANY)), threading.Event()
    draw_one = print_jobs.draw

    def draw_and_stop(local: Local, one: print_jobs.Job) -> None:
        draw_one(local, one)
        stop.set()

    monkeypatch.setattr(print_jobs, "draw", draw_and_stop)
    run_prints(node, stop, Retry(stop))
    assert f"{MANY} 张面单做好了" in mailer.get(at).text


def test_a_batch_beyond_the_limit_is_refused_whole(mailer: Desk, node: Node) -> None:
    numbers = [*packed(node, 1), *(f"PGL031-261122-{n:04d}-X" for n in range(500))]
    answer = mailer.post("/mail/print", {"op": OP, "parcels": numbers})
    assert answer.status_code == 400
    assert "一次最多打印 500 张" in answer.text
    assert copies(node, numbers[:1]) == [0]


def test_a_batch_that_nobody_looked_at_says_where_and_keeps_what_was_chosen(
    mailer: Desk, node: Node
) -> None:
    numbers = packed(node, 3)
    sheet = formats().sheets[-1].code
    typed = {"op": OP, "parcels": numbers[:2], "sheet": sheet, "first": "3"}
    answer = mailer.post("/mail/print", typed)
    assert answer.status_code == 400
    assert 'href="#f-looked">还没有验视' in answer.text
    ticked = re.findall(r'name="parcels" value="([^"]+)"[^>]* checked', answer.text)
    assert sorted(ticked) == sorted(numbers[:2])
    assert f'<option value="{sheet}" selected' in answer.text
    assert 'name="first" value="3"' in answer.text
    assert copies(node, numbers) == [0, 0, 0]


def test_an_old_batch_and_its_file_are_forgotten(mailer: Desk, node: Node, clock: Clock) -> None:
    at = order(mailer, packed(node, MANY))
    draw(node)
    assert at in mailer.get("/mail").text
    clock.forward(seconds=90_000)
    draw(node)
    assert mailer.get(at).status_code == 404
    assert mailer.get(f"{at}/waybills.pdf").status_code == 404
    assert list((node.config.data / print_jobs.FOLDER).iterdir()) == []


def test_who_may_not_post_prints_no_batch(stranger: Desk, officer: Desk, centre: Node) -> None:
    assert stranger.get(f"/mail/prints/{OP}").status_code == 403
    answer = officer.post("/mail/print", {"op": OP, "parcels": packed(centre, 1)})
    assert answer.status_code == 403
    assert officer.get(f"/mail/prints/{OP}/waybills.pdf").status_code == 403


@pytest.mark.parametrize("sheet", formats().sheets, ids=lambda sheet: sheet.code)
def test_the_label_paper_is_chosen_on_the_page_and_remembered(
    mailer: Desk, node: Node, sheet: Any
) -> None:
    at = order(mailer, packed(node, 5), sheet=sheet.code, first="2")
    first = 1 if sheet.labels > 1 else 0
    assert paper.pages(mailer.get(at).data) == -(-(5 + first) // sheet.labels)
    number = packed(node, 1)[0]
    page = mailer.get(f"/parcels/{number}").text
    assert f'<option value="{sheet.code}" selected' in page
    answer = mailer.post(f"/parcels/{number}/print", {"op": op_in(mailer.get("/mail")), **LOOKED})
    pdf = mailer.get(answer.headers["Location"]).data
    assert paper.size_mm(pdf) == pytest.approx(sheet.page, abs=0.1)


def test_a_paper_that_is_offered_no_more_is_the_usual_one(mailer: Desk, node: Node) -> None:
    mailer.client.set_cookie(COOKIE, "no-such-paper")
    page = mailer.get(f"/parcels/{packed(node, 1)[0]}").text
    assert f'<option value="{formats().sheets[0].code}" selected' in page
