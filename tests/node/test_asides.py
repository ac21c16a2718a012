"""What did not count is shown where it happened, asks a person, and is answered once."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from cases import aside
from cases.numbers import SubjectKind
from cases.states import CaseState
from node.app import create_app
from node.identity import load_kept, save_kept
from node.local import Node, open_node
from sync import parked, registers
from sync.db import write
from sync.push import outbox_id
from tests.node.casework import AT_ONCE, TWO_DAYS, case_of, meet, op_in, press, say_in_vain
from tests.node.central_says import state as state_as_central
from tests.node.conftest import CENTRE, Clock, Desk, receipt_all, sign_in
from tests.node.receiving import receive

WORDS = "已在 0005 号记录里重新登记，电话说明过"


@pytest.fixture
def number(clerk: Desk) -> str:
    return receive(clerk, AT_ONCE)


def send(desk: Desk, page: str, kind: str, which: str, **typed: Any) -> TestResponse:
    """Send the answer's form of a page."""
    shown = desk.get(page)
    op = typed.pop("op", "") or op_in(shown)
    back = page.rpartition("/")[2] if page != "/status" else ""
    fields = {"kind": kind, "which": which, "op": op, "back": back, "how": "corrected", **typed}
    return desk.post("/asides", fields)


def send_raw(desk: Desk, kind: str, which: str) -> TestResponse:
    """Send an answer that no page offers."""
    desk.get("/status")
    fields = {"kind": kind, "which": which, "op": "0" * 16, "back": "", "how": "corrected"}
    return desk.post("/asides", fields)


def answers(node: Node, number: str) -> list[tuple[str, str]]:
    """(how, who) of each answer to what was set aside in a subject."""
    with node.local() as local:
        subject = local.store.subject(number)
    assert subject is not None
    return [(a.answer.how, a.answer.actor) for a in aside.asides(subject) if a.answer]


def refuse(node: Node, n: int, why: str = "签名不符") -> str:
    """Central refuses an event of this node. :returns: what names it in the form."""
    author = node.identity.author
    data = {"author": author, "n": n, "hash": "sha256:x", "why": why}
    state_as_central(node, "store.refused", author, data)
    return f"{author}:{n}"


def n_of(node: Node, number: str, type: str = "case.received") -> int:
    with node.local() as local:
        return next(e.n for e in local.store.events(number) if e.type == type)


def park(node: Node, id: str, why: str, body: object) -> None:
    with node.local() as local, write(local.store.db):
        local.store.park(id, why, local.now(), body)


# what others offered of this point in vain


def test_what_others_offered_in_vain_is_seen_here_and_asks_nobody_here(
    clerk: Desk, node: Node, number: str
) -> None:
    author, hash = node.identity.author, "sha256:aa"
    offer = {
        "author": author, "n": 7, "hash": hash, "offered_by": CENTRE, "why": "签名不符",
        "what": "case.received", "subject": number,
    }  # fmt: skip
    state_as_central(node, "store.offer_refused", author, offer)
    for page in ("/status", f"/cases/{number}"):
        shown = clerk.get(page).text
        assert "第 7 条，鼓楼区行政服务中心补送：签名不符" in shown
        assert "等区中心答复" in shown
        assert 'name="which"' not in shown
    assert send_raw(clerk, "refused", f"{author}:7:{hash}").status_code == 409
    said = {"author": author, "n": 7, "hash": hash, "how": "handed_on"}
    state_as_central(node, "store.offer_answered", author, said)
    shown = clerk.get("/status").text
    assert "等区中心答复" not in shown
    assert "系统问题，已请技术人员处理（区中心，" in shown
    assert "补送：签名不符" not in clerk.get(f"/cases/{number}").text


# a fact set aside


def test_it_is_shown_with_its_reason_and_answered_on_the_case_page(
    clerk: Desk, node: Node, number: str
) -> None:
    event = say_in_vain(node, number)
    page = clerk.get(f"/cases/{number}").text
    for words in ("没有算数的", "已收件：不能归档", "状态没有因它改变", 'data-key="h"'):
        assert words in page
    answer = send(clerk, f"/cases/{number}", "aside", event, words=WORDS)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/cases/{number}")
    page = clerk.get(f"/cases/{number}").text
    assert "没有算数的" not in page
    assert f"答复：已用新记录改正：{WORDS}（林小燕，" in page
    assert "已收件：不能归档" in page
    assert answers(node, number) == [("corrected", "s-c1")]


def test_a_fact_that_central_carries_says_so(clerk: Desk, node: Node, number: str) -> None:
    """It was signed on a disk that lived twice; it counts, and nobody is asked anything."""
    author = f"{node.point.code}.k3f9"
    original = {
        "id": f"{number}:0002-{author}", "v": 1, "type": "case.withdrawal_requested",
        "at": node.clock(), "author": author, "n": 9, "actor": "s-c1", "data": {}, "prev": "",
        "sig": "ed25519:x",
    }  # fmt: skip
    assert "区中心转录" not in clerk.get(f"/cases/{number}").text
    state_as_central(node, "event.carried", number, {"event": original, "cert": {}})
    page = clerk.get(f"/cases/{number}").text
    assert page.count("区中心转录") == 1
    assert "未被采纳" not in page


def test_it_is_a_task_on_the_first_page_and_in_the_worklist_until_it_is_answered(
    clerk: Desk, node: Node, number: str
) -> None:
    words = "没有被采纳的记录，请核实后答复"
    assert words not in clerk.get("/").text
    event = say_in_vain(node, number)
    home = clerk.get("/").text
    assert words in home
    assert f"归档　{number}" in home
    send(clerk, f"/cases/{number}", "aside", event)
    assert words not in clerk.get("/").text


def test_a_closed_case_asks_all_the_same(lead: Desk, node: Node) -> None:
    number = receive(lead, AT_ONCE)
    lead.get(f"/cases/{number}/do/at_once")
    op = op_in(lead.get(f"/cases/{number}/do/at_once"))
    typed = {"result": "paper", "to": "applicant", "checked": "身份证", "op": op}
    assert lead.post(f"/cases/{number}/do/at_once", typed).status_code == 303
    press(lead, number, "close")
    assert number not in lead.get("/cases").text
    event = say_in_vain(node, number)
    assert "核实没有被采纳的记录" in lead.get("/cases").text
    assert "没有被采纳的记录，请核实后答复" in lead.get("/").text
    send(lead, f"/cases/{number}", "aside", event)
    assert number not in lead.get("/cases").text


def test_sending_twice_answers_once_and_a_colleague_is_told_that_it_is_done(
    clerk: Desk, lead: Desk, node: Node, number: str
) -> None:
    event = say_in_vain(node, number)
    first = send(clerk, f"/cases/{number}", "aside", event, op="0123456789abcdef")
    again = send(clerk, f"/cases/{number}", "aside", event, op="0123456789abcdef", how="told")
    assert [first.status_code, again.status_code] == [303, 303]
    late = send(lead, f"/cases/{number}", "aside", event, how="told", op="a" * 16)
    assert late.status_code == 409
    assert "已经有人答复过了" in late.text
    assert answers(node, number) == [("corrected", "s-c1")]


def test_a_mistake_is_told_where_it_is_and_nothing_typed_is_lost(
    clerk: Desk, node: Node, number: str
) -> None:
    event = say_in_vain(node, number)
    for page in (f"/cases/{number}", "/status"):
        answer = send(clerk, page, "aside", event, how="", words=WORDS)
        assert answer.status_code == 400
        assert "请选怎样处理的" in answer.text
        assert f'value="{WORDS}"' in answer.text
        assert answer.text.count('id="f-how"') == 1
    assert answers(node, number) == []


def test_too_many_words_are_refused_and_kept(clerk: Desk, node: Node, number: str) -> None:
    event = say_in_vain(node, number)
    answer = send(clerk, f"/cases/{number}", "aside", event, words="长" * 2_001)
    assert answer.status_code == 400
    assert "最多 2000 个字" in answer.text
    assert "长" * 2_001 in answer.text


def test_a_form_of_another_site_answers_nothing(clerk: Desk, node: Node, number: str) -> None:
    fields = {"kind": "aside", "which": say_in_vain(node, number), "op": "0123456789abcdef"}
    assert clerk.client.post("/asides", data={**fields, "how": "told"}).status_code == 400
    assert clerk.post("/asides", {**fields, "how": "told", "kind": "x"}).status_code == 400
    assert clerk.post("/asides", {**fields, "how": "told", "op": "x"}).status_code == 400
    assert answers(node, number) == []


def test_a_stranger_answers_nothing(stranger: Desk, node: Node, number: str) -> None:
    fields = {"kind": "aside", "which": say_in_vain(node, number), "op": "0123456789abcdef"}
    assert stranger.post("/asides", {**fields, "how": "told"}).status_code == 403
    assert answers(node, number) == []


def test_what_another_point_stated_is_shown_and_left_to_it(
    clerk: Desk, officer: Desk, node: Node, centre: Node
) -> None:
    number = receive(clerk, TWO_DAYS)
    meet(node, centre)
    event = say_in_vain(centre, number)
    meet(node, centre)
    page = clerk.get(f"/cases/{number}").text
    assert "等鼓楼区行政服务中心答复" in page
    assert 'action="/asides"' not in page
    assert "等您答复" not in clerk.get("/status").text.replace("没有等您答复的", "")
    op = {"op": "0123456789abcdef", "back": number, "how": "told"}
    refused = clerk.post("/asides", {"kind": "aside", "which": event, **op})
    assert refused.status_code == 409
    assert "只有那条记录的作者一方可以答复" in refused.text
    assert send(officer, f"/cases/{number}", "aside", event).status_code == 303
    meet(node, centre)
    page = clerk.get(f"/cases/{number}").text
    assert "答复：已用新记录改正（鼓楼区行政服务中心，" in page
    assert "没有算数的" not in page


def test_a_couriers_late_report_is_answered_on_the_parcels_page(clerk: Desk, node: Node) -> None:
    receive(clerk, TWO_DAYS)
    with node.local() as local:
        (parcel,) = registers.live(local.store.db, "parcel")
    clerk.get(f"/parcels/{parcel.number}")
    press_cancel = {"op": op_in(clerk.get(f"/parcels/{parcel.number}"))}
    assert clerk.post(f"/parcels/{parcel.number}/cancel", press_cancel).status_code == 303
    report = {"op": "late", "when": "2026-11-23T01:00:00Z", "to": "self"}
    event = state_as_central(node, "parcel.delivered", parcel.number, report)
    assert "已取消：不能签收" in clerk.get(f"/parcels/{parcel.number}").text
    answer = send(clerk, f"/parcels/{parcel.number}", "aside", event, how="no_need")
    assert answer.headers["Location"] == f"/parcels/{parcel.number}"
    assert answers(node, parcel.number) == [("no_need", "s-c1")]


def test_what_has_no_page_of_its_own_is_answered_on_the_status_page(
    clerk: Desk, node: Node
) -> None:
    with node.local() as local, local.writing() as w:
        visit = w.new_number(SubjectKind.VISIT)
        w.state("visit.opened", visit, {"window": "1"}, actor="s-c1")
    event = say_in_vain(node, visit, "visit.opened")
    assert "1 条等您答复" in clerk.get("/status").text
    assert send(clerk, "/status", "aside", event).headers["Location"] == "/status"
    page = clerk.get("/status").text
    assert "没有等您答复的" in page
    assert "已答复" in page


def test_what_waits_longest_stands_first_and_what_is_answered_last(
    clerk: Desk, node: Node, number: str, clock: Clock
) -> None:
    events = []
    for type in ("case.closed", "case.completed", "case.approved"):
        events.append(say_in_vain(node, number, type))
        clock.forward(seconds=60)
    send(clerk, "/status", "aside", events[0])
    page = clerk.get("/status").text
    found = re.findall(r'<p class="aside-what"><b>([^<]+)', page)
    assert found == ["办结", "准予", "归档"]


def test_a_fact_set_aside_makes_no_case_read_only(lead: Desk, node: Node) -> None:
    number = receive(lead, AT_ONCE)
    say_in_vain(node, number)
    press(lead, number, "accept")


# what central refused


@pytest.fixture
def taken_on(lead: Desk, node: Node) -> tuple[str, str]:
    """A case whose acceptance central refused. :returns: its number, and what names the refusal."""
    number = receive(lead, AT_ONCE)
    press(lead, number, "accept")
    receipt_all(node)
    return number, refuse(node, n_of(node, number, "case.accepted"))


def test_a_refused_event_is_told_in_plain_words_and_never_called_safe(
    lead: Desk, node: Node, taken_on: tuple[str, str]
) -> None:
    number, which = taken_on
    assert "区中心没有收录的记录，请处理后答复" in lead.get("/").text
    for page in (f"/cases/{number}", "/status"):
        shown = lead.get(page).text
        for words in ("受理", "签名不符", "这条被改动过", "别的受理点看不到它", "再在这里答复"):
            assert words in shown
    assert "1 条区中心没有收录" in lead.get(f"/cases/{number}").text
    answer = send(lead, f"/cases/{number}", "refused", which, how="reported", words=WORDS)
    assert answer.status_code == 303
    page = lead.get(f"/cases/{number}").text
    assert "没有算数的" not in page
    assert "1 条区中心没有收录" in page
    assert f"答复：系统问题，已报区中心：{WORDS}（王站长，" in page
    assert "区中心没有收录的记录，请处理后答复" not in lead.get("/").text


def test_what_central_refused_does_not_count_here_either_and_can_be_done_again(
    lead: Desk, node: Node, taken_on: tuple[str, str]
) -> None:
    number, which = taken_on
    assert case_of(node, number).state is CaseState.RECEIVED
    press(lead, number, "accept")
    assert case_of(node, number).state is CaseState.ACCEPTED
    late = send(lead, f"/cases/{number}", "refused", which, how="restated")
    assert late.status_code == 409
    assert "现在不能按原样重新登记" in late.text
    assert len(case_of(node, number).steps) == 2
    assert send(lead, f"/cases/{number}", "refused", which, how="corrected").status_code == 303


def test_a_refused_reception_is_stated_anew_with_one_press(
    clerk: Desk, node: Node, number: str
) -> None:
    receipt_all(node)
    assert "已上报，区中心已收到" in clerk.get(f"/cases/{number}/safe").text
    which = refuse(node, n_of(node, number))
    assert clerk.get(f"/cases/{number}").headers["Location"] == "/status#asides"
    assert "按原样重新登记一次" in clerk.get("/status").text
    assert send(clerk, "/status", "refused", which, how="restated").status_code == 303
    page = clerk.get(f"/cases/{number}").text
    assert "林*梅" in page
    assert "答复：已按原样重新登记（林小燕，" in page
    assert "待上报：1 条只在本机" in page
    assert case_of(node, number).state is CaseState.RECEIVED
    clerk.get("/status")
    assert "通过：日志完整" in clerk.post("/status/verify").text


def test_refusals_of_what_is_not_here_are_answered_too(clerk: Desk, node: Node) -> None:
    which = refuse(node, 77, "看不懂：x")
    assert "本机没有的记录" in clerk.get("/status").text
    assert send(clerk, "/status", "refused", which).status_code == 303
    late = send(clerk, "/status", "refused", which, op="a" * 16)
    assert late.status_code == 409
    assert "已经有人答复过了" in late.text


@pytest.mark.parametrize("which", ["", "x:1", "{author}:99", "{author}:x"])
def test_what_central_did_not_refuse_is_not_answered(clerk: Desk, node: Node, which: str) -> None:
    refuse(node, 7)
    asked = which.format(author=node.identity.author)
    assert send(clerk, "/status", "refused", asked).status_code == 409


def test_the_store_that_came_after_answers_for_the_one_before(
    node: Node, clerk: Desk, number: str, clock: Clock
) -> None:
    which = refuse(node, n_of(node, number))
    folder: Path = node.config.data
    kept = load_kept(folder)
    assert kept is not None
    save_kept(folder, type(kept)(**{**_fields(kept), "machine": "another PC"}))
    renewed = open_node(node.config, clock)
    assert renewed.identity.author != node.identity.author
    desk = sign_in(create_app(renewed), "lin")
    assert "签名不符" in desk.get("/status").text
    assert send(desk, "/status", "refused", which, how="restated").status_code == 303
    assert case_of(renewed, number).state is CaseState.RECEIVED
    with renewed.local() as local:
        (found,) = [r for b in registers.books(local.store.db, node.point.code)
                    for r in aside.refusals(b)]  # fmt: skip
    assert found.answer is not None
    assert found.answer.by == renewed.identity.author


def _fields(kept: Any) -> dict[str, Any]:
    return {name: getattr(kept, name) for name in kept.__struct_fields__}


# what is parked on this PC


def test_what_was_parked_is_answered_at_this_pc_and_stays_answered(
    clerk: Desk, node: Node, number: str
) -> None:
    with node.local() as local:
        case = local.store.case(number)
        event = local.store.event(case.received_event) if case else None
    assert event is not None
    park(node, f"{node.identity.author}:0000000002", "发件箱拒收：too_large", dict(event.doc))
    park(node, "a-riddle", "收件箱里有看不懂的内容：x", {"id": "a-riddle"})
    page = clerk.get("/status").text
    for words in ("发件箱拒收：too_large", number, "它后面的不受影响", "看不懂的内容"):
        assert words in page
    assert "传不出去或收不进来的，请处理后答复" in clerk.get("/").text
    for which in ("a-riddle", f"{node.identity.author}:0000000002"):
        answer = send(clerk, "/status", "parked", which, how="reported", words=WORDS)
        assert answer.status_code == 303
        assert send(clerk, "/status", "parked", which, op="a" * 16).status_code == 409
    park(node, "a-riddle", "收件箱里有看不懂的内容：x", {"id": "a-riddle"})
    page = clerk.get("/status").text
    assert f"系统问题，已报区中心：{WORDS}（林小燕，" in page
    assert "没有等您答复的" in page
    assert "传不出去或收不进来的，请处理后答复" not in clerk.get("/").text
    with node.local() as local:
        assert [bool(p.answer) for p in parked.listed(local.store.db)] == [True, True]


def test_what_could_not_be_sent_and_was_refused_for_it_is_one_thing_answered_once(
    clerk: Desk, node: Node, number: str
) -> None:
    n = n_of(node, number)
    park(node, outbox_id(node.identity.author, n), "发件箱拒收：too_large", {})
    which = refuse(node, n, "发件箱收不下，受理点只留了占位")
    page = clerk.get("/status").text
    assert "这条太大或者格式不对" in page
    assert "发件箱拒收" not in page
    assert send(clerk, "/status", "refused", which, how="told").status_code == 303
    with node.local() as local:
        assert local.store.parked() == []


def test_an_answer_of_words_is_text_and_never_markup(app: Flask, node: Node) -> None:
    park(node, "<b>x</b>", "<script>x</script>", {})
    desk = sign_in(app, "lin")
    send(desk, "/status", "parked", "<b>x</b>", words="<img src=x>")
    page = desk.get("/status").text
    assert "<script>x" not in page
    assert "<img src=x" not in page
    assert "&lt;img src=x" in page
