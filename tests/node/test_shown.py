"""A receipt scanned at another point: the case is sent for, and papers are taken in meanwhile."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask

from cases.folded import Case
from cases.issued import PaperKind
from cases.numbers import PaperNumber
from labels.paper_code import PaperCode, mint_paper, paper_url
from labels.tokens import Purpose, mint, url
from node.actions import ACTIONS, Scene, stands_against
from node.local import Node
from node.whereabouts import here_to_give
from sync.bundle import load_bundle
from tests.cases.facts import CHEN, ELSEWHERE, WU, History, case_in
from tests.node.casework import act, case_of, op_in
from tests.node.conftest import NOW, PORTAL, Desk, line_down, receipt_all, sign_in
from tests.node.mailing import LOOKED
from tests.node.receiving import receive

ELSEWHERE_S = "2026-11-23T01:20:00Z"


@pytest.fixture
def other(centre_app: Flask) -> Desk:
    """A clerk at the district centre, where the resident comes with 军门社区's receipt."""
    return sign_in(centre_app, "wang")


def code_of(node: Node, number: str, purpose: Purpose = Purpose.RECEIPT) -> str:
    """What a scanner types for a receipt that this node printed."""
    return url(PORTAL, mint(node.token_key, purpose, number, date(2027, 5, 1)))


def notice_of(node: Node, number: str, kind: PaperKind = PaperKind.CORRECTION) -> str:
    """What a scanner types for a notice of correction, or another paper, that it printed."""
    by = node.point.number
    code = PaperCode(number, kind, PaperNumber("", 2026, by, 1), by)
    return paper_url(PORTAL, mint_paper(node.token_key, code))


def shown_at(node: Node, number: str) -> tuple[str, ...]:
    return case_of(node, number).shown_to


def test_a_scanned_receipt_is_stated_once_with_its_code_sealed(
    clerk: Desk, node: Node, other: Desk, centre: Node
) -> None:
    number = receive(clerk)
    code = code_of(node, number)
    for _twice in range(2):
        answer = other.post("/shown", {"code": code})
        assert answer.headers["Location"] == f"/shown/{number}"
    with centre.local() as local:
        (event,) = local.store.events(number)
        assert event.type == "case.shown"
        assert event.data == {}
        assert local.store.unseal(event)["token"] in code
    assert shown_at(centre, number) == ("350102000000",)


def test_the_notice_of_what_to_correct_is_as_good_as_the_receipt(
    clerk: Desk, node: Node, other: Desk, centre: Node
) -> None:
    number = receive(clerk)
    code = notice_of(node, number)
    there = other.get("/matters", query_string={"q": code}).headers["Location"]
    assert f'value="{code}"' in other.get(there).text
    assert other.post("/shown", {"code": code}).headers["Location"] == f"/shown/{number}"
    with centre.local() as local:
        (event,) = local.store.events(number)
        assert local.store.unseal(event) == {"token": code.rpartition("/")[2]}
    at_home = clerk.get("/shown", query_string={"code": code})
    assert at_home.headers["Location"] == f"/cases/{number}"


def test_while_the_line_is_down_the_page_says_so_and_takes_papers_in(
    clerk: Desk, node: Node, other: Desk, centre: Node, tell: Callable[[Node, Node], None]
) -> None:
    number = receive(clerk)
    line_down(centre, ELSEWHERE_S)
    other.post("/shown", {"code": code_of(node, number)})
    page = other.get(f"/shown/{number}")
    assert "网络断开：已记下，恢复后自动取" in page.text
    assert "军门社区收的件" in page.text
    sent = {"op": op_in(page), "papers": "户口簿复印件 1 份"}
    for _twice in range(2):
        other.post(f"/shown/{number}/papers", sent)
    assert other.get(f"/shown/{number}").text.count("户口簿复印件 1 份") == 1
    assert f'href="/shown/{number}"' in other.get("/").text
    assert number not in other.get("/cases?show=all").text, "it is no case of ours yet"
    tell(node, centre)
    case = case_of(centre, number)
    assert (case.state.value, case.set_aside) == ("received", ())
    assert len(case.requests) == 1
    tell(centre, node)
    assert "申请人在别的受理点补交了材料" in clerk.get(f"/cases/{number}").text
    assert "户口簿复印件 1 份" in clerk.get(f"/cases/{number}").text
    assert case_of(node, number) == case


def test_the_page_that_waits_opens_the_case_when_it_is_here(
    clerk: Desk, node: Node, other: Desk, centre: Node, tell: Callable[[Node, Node], None]
) -> None:
    number = receive(clerk)
    receipt_all(centre, NOW)
    other.post("/shown", {"code": code_of(node, number)})
    again = {"HX-Request": "true"}
    assert "正在取，约几秒" in other.get(f"/shown/{number}", headers=again).text
    tell(node, centre)
    assert other.get(f"/shown/{number}", headers=again).headers["HX-Redirect"] == f"/cases/{number}"
    assert other.get(f"/shown/{number}").headers["Location"] == f"/cases/{number}"
    assert other.post("/shown", {"code": number}).headers["Location"] == f"/cases/{number}"
    assert "代收补充材料" in other.get(f"/cases/{number}").text
    act(other, number, "take_papers", papers="租赁合同原件 1 份")
    assert len(case_of(centre, number).requests) == 1


def test_the_own_point_s_receipt_opens_its_case_and_states_nothing(clerk: Desk, node: Node) -> None:
    number = receive(clerk)
    before: Case = case_of(node, number)
    assert clerk.post("/shown", {"code": code_of(node, number)}).headers["Location"] == (
        f"/cases/{number}"
    )
    assert case_of(node, number) == before


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "编号"),
        ("敬老卡", "编号"),
        ("mistyped", "对不上"),
        ("a visit", "不是办件编号"),
        ("poster", "不是收件凭证上的码"),
        ("certificate", "不是收件凭证上的码"),
        ("expired", "过期了"),
        ("number", "请扫凭证上的码；没带凭证的，再填"),
    ],
)
def test_what_is_no_receipt_is_told_apart(
    clerk: Desk, node: Node, other: Desk, centre: Node, typed: str, words: str
) -> None:
    number = receive(clerk)
    old = mint(node.token_key, Purpose.RECEIPT, number, date(2026, 1, 1))
    poster = mint(node.token_key, Purpose.POSTER, "031", date(2027, 1, 1))
    mistyped = number[:-1] + ("0" if number[-1] != "0" else "1")
    certificate = notice_of(node, number, PaperKind.CERTIFICATE)
    codes = {
        "poster": poster,
        "certificate": certificate,
        "expired": old,
        "number": number,
        "mistyped": mistyped,
    }
    code = {**codes, "a visit": case_of(node, number).visit}.get(typed, typed)
    answer = other.post("/shown", {"code": code})
    assert answer.status_code == 422
    assert re.search(words, answer.text)
    with centre.local() as local:
        assert local.store.case(number) is None


def test_only_who_receives_may_scan(clerk: Desk, node: Node, mailer: Desk) -> None:
    number = receive(clerk)
    for answer in (
        mailer.get("/shown"),
        mailer.post("/shown", {"code": code_of(node, number)}),
        mailer.get(f"/shown/{number}"),
        mailer.post(f"/shown/{number}/papers", {"papers": "x"}),
    ):
        assert answer.status_code == 403
    assert clerk.get("/shown/GL031-261123-0099-0").status_code == 404


def test_a_code_scanned_into_the_box_that_stands_ready_finds_its_way(
    clerk: Desk, node: Node, other: Desk
) -> None:
    number = receive(clerk)
    code = code_of(node, number)
    there = other.get("/matters", query_string={"q": code})
    assert there.status_code == 302
    page = other.get(there.headers["Location"]).text
    assert f'value="{code}"' in page, "one more Enter sends it"
    at_home = clerk.get("/shown", query_string={"code": code})
    assert at_home.headers["Location"] == f"/cases/{number}"
    old = mint(node.token_key, Purpose.RECEIPT, number, date(2026, 1, 1))
    assert other.get("/shown", query_string={"code": old}).status_code == 200


@pytest.mark.parametrize(
    ("result", "delivery", "gives"),
    [("electronic", "window", True), ("paper", "window", False), ("electronic", "mail", False)],
)
def test_an_electronic_result_is_given_where_the_receipt_was_shown(
    result: str, delivery: str, gives: bool
) -> None:
    history = case_in("approved")
    history.say("case.completed", CHEN, result=result, delivery=delivery)
    assert here_to_give(now(history), (), ELSEWHERE) == ()
    history.say("case.shown", WU)
    assert bool(here_to_give(now(history), (), ELSEWHERE)) is gives


def test_where_the_receipt_was_shown_a_correction_is_answered() -> None:
    history = case_in("correction")
    history.say("case.shown", WU)
    supplement, take = ACTIONS["supplement"], ACTIONS["take_papers"]
    scene = scene_at_wu(history)
    assert stands_against(supplement, scene) == ""
    assert stands_against(take, scene), "one way, not two"
    assert stands_against(supplement, scene_at_wu(case_in("correction")))


def scene_at_wu(history: History) -> Scene:
    return Scene(now(history), (), WU, load_bundle().calendar, NOW)


def now(history: History) -> Case:
    case = history.now()
    assert isinstance(case, Case)
    return case


def test_papers_taken_in_where_the_receipt_was_shown_travel_to_who_decides(
    clerk: Desk, node: Node, other: Desk, centre: Node, tell: Callable[[Node, Node], None]
) -> None:
    number = receive(clerk)
    other.post("/shown", {"code": code_of(node, number)})
    page = other.get(f"/shown/{number}")
    other.post(f"/shown/{number}/papers", {"op": op_in(page), "papers": "户口簿复印件 1 份"})
    tell(node, centre)
    assert f'href="/mail/papers/{number}"' in other.get(f"/cases/{number}").text
    assert "军门社区" in other.get("/mail").text
    answer = other.post(f"/mail/papers/{number}", {"op": "0123456789abcdef", **LOOKED})
    assert answer.status_code == 303, answer.text
    tell(centre, node)
    with node.local() as local:
        (parcel,) = local.store.parcels_of(number)
        assert (parcel.point, parcel.to_point) == ("350102000000", node.point.code)
        assert [c["name"] for c in parcel.contents] == ["代收的补充材料"]
    assert f'href="/mail/papers/{number}"' not in other.get(f"/cases/{number}").text
