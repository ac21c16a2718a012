"""Issued papers at the window: numbered, offered, printed as their facts say, reprints marked."""

from __future__ import annotations

import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace as replace_fields

from cases.issued import Issued, PaperKind, Standing, papers_of
from cases.numbers import parse_paper_number
from cases.times import day_of
from labels.official import Official
from labels.paper_code import read_paper
from labels.tokens import point_key
from node.app import create_app
from node.issuing import says as what_it_says
from node.issuing import step_of, with_number
from node.local import Node
from sync.writing import writing
from tests.labels import paper
from tests.node.casework import FOOD, TWO_DAYS, act, case_of, meet, op_of, press
from tests.node.central_says import state as state_as_central
from tests.node.conftest import HERE, PORTAL, TOKEN_MASTER, Clock, Desk, make_node, sign_in
from tests.node.receiving import matter, receive

PREPACKED = "SCJG-001801"  # 仅销售预包装食品备案: central decides it by a rule
APPROVED = TWO_DAYS  # its result is a decision, no licence


def issued(node: Node, number: str, kind: PaperKind) -> Issued:
    return [p for p in papers_of(case_of(node, number).steps) if p.kind is kind][-1]


def printed(desk: Desk, number: str, found: Issued) -> bytes:
    answer = desk.get(f"/cases/{number}/papers/{step_of(found)}.pdf")
    assert answer.mimetype == "application/pdf", answer.text
    return answer.data


@pytest.fixture
def forwarded(clerk: Desk, node: Node, centre: Node) -> str:
    number = receive(clerk, FOOD)
    meet(node, centre)
    return number


def test_an_acceptance_is_numbered_offered_printed_as_its_fact_says_and_reprints_are_marked(
    forwarded: str, officer: Desk, centre: Node, clock: Clock
) -> None:
    press(officer, forwarded, "accept")
    found = issued(centre, forwarded, PaperKind.ACCEPTANCE)
    assert found.number == "榕鼓市监受〔2026〕GL001-0001号"
    page = officer.get(f"/cases/{forwarded}").text
    assert "打印受理通知书" in page
    assert found.number in page
    clock.forward(seconds=3 * 86_400)
    pdf = printed(officer, forwarded, found)
    words = paper.text(pdf).replace(" ", "")
    for said in ("受理通知书", found.number, "福州市鼓楼区市场监督管理局", "2026年11月23日"):
        assert said in words, said
    assert "2026年11月26日" not in words, "the day of the fact, not of the print"
    (address,) = paper.all_codes(pdf)
    assert address.startswith(f"{PORTAL.upper()}/V/")
    code = read_paper(address.rpartition("/")[2], lambda point: point_key(TOKEN_MASTER, point))
    assert code.names(parse_paper_number(found.number))
    assert (code.case, code.kind, code.printer) == (forwarded, PaperKind.ACCEPTANCE, 1)
    assert "打印受理通知书" not in officer.get(f"/cases/{forwarded}").text
    assert "印过 1 份" in officer.get(f"/cases/{forwarded}").text
    assert "重印" not in words
    assert "重印 第 2 份" in paper.text(printed(officer, forwarded, found))
    officer.client.head(f"/cases/{forwarded}/papers/{step_of(found)}.pdf")
    with centre.local() as local:
        rows = local.store.db.execute("SELECT copy, actor FROM prints ORDER BY copy").fetchall()
    assert rows == [(1, "s-o1"), (2, "s-o1")]


def test_the_receiving_point_prints_what_the_authority_issued(
    forwarded: str, officer: Desk, clerk: Desk, stranger: Desk, node: Node, centre: Node
) -> None:
    act(
        officer,
        forwarded,
        "not_accept",
        reason="经营场所在台江区",
        where_to_go="台江区中心",
    )
    meet(node, centre)
    found = issued(node, forwarded, PaperKind.NON_ACCEPTANCE)
    assert stranger.get(f"/cases/{forwarded}/papers/{step_of(found)}.pdf").status_code == 403
    assert clerk.get(f"/cases/{forwarded}/papers/0009-{HERE}.zzzz.pdf").status_code == 404
    words = paper.text(printed(clerk, forwarded, found)).replace(" ", "")
    for said in ("不予受理决定书", "GL001-0001号", "经营场所在台江区", "台江区中心"):
        assert said in words, said


def test_what_central_decided_by_a_rule_prints_where_it_was_received_and_decided(
    clerk: Desk, officer: Desk, node: Node, centre: Node
) -> None:
    number = receive(clerk, PREPACKED)
    meet(node, centre)
    rule = {"rule": f"{PREPACKED}@0"}
    for type, word in (("case.accepted", "受"), ("case.approved", "准")):
        said = {**rule, "paper_number": f"榕鼓市监{word}〔2026〕GL000TEST0001-0001号"}
        for at in (node, centre):
            state_as_central(at, type, number, said)
    for desk, at in ((clerk, node), (officer, centre)):
        found = issued(at, number, PaperKind.APPROVAL)
        page = desk.get(f"/cases/{number}").text
        assert "打印准予" in page
        pdf = printed(desk, number, found)
        words = paper.text(pdf).replace(" ", "")
        for said in ("准予", found.number, "福州市鼓楼区市场监督管理局"):
            assert said in words, said
        (address,) = paper.all_codes(pdf)
        code = read_paper(address.rpartition("/")[2], lambda point: point_key(TOKEN_MASTER, point))
        assert code.names(parse_paper_number(found.number))


def test_a_voided_paper_is_shown_and_never_printed(
    forwarded: str, officer: Desk, centre: Node
) -> None:
    press(officer, forwarded, "accept")
    act(officer, forwarded, "approve")
    step = case_of(centre, forwarded).steps[-1].id
    act(officer, forwarded, "void", reason="写错了", event=step)
    found = issued(centre, forwarded, PaperKind.APPROVAL)
    assert found.standing is Standing.VOID
    assert "已作废" in officer.get(f"/cases/{forwarded}").text
    answer = officer.get(f"/cases/{forwarded}/papers/{step_of(found)}.pdf")
    assert answer.status_code == 409
    assert "不能再打印" in answer.text


def test_a_refusal_gives_its_grounds_and_remedies_in_full(
    forwarded: str, officer: Desk, centre: Node
) -> None:
    press(officer, forwarded, "accept")
    act(officer, forwarded, "refuse", grounds="场地不合格。" * 300, remedies="可以依法申请复议。")
    pdf = printed(officer, forwarded, issued(centre, forwarded, PaperKind.REFUSAL))
    words = paper.text(pdf).replace(" ", "")
    assert paper.pages(pdf) == 2
    assert words.count("场地不合格") >= 299  # one may stand across the two pages
    assert "可以依法申请复议。" in words


def test_a_certificate_is_issued_once_then_replaced_by_name(
    forwarded: str, officer: Desk, centre: Node
) -> None:
    press(officer, forwarded, "accept")
    act(officer, forwarded, "approve")
    past = {"op": op_of(officer, forwarded, "issue"), "content": "", "valid_until": "2020-01-01"}
    refused = officer.post(f"/cases/{forwarded}/do/issue", past)
    assert (refused.status_code, "不能早于今天" in refused.text) == (400, True)
    act(officer, forwarded, "issue", content="热食类食品制售", valid_until="2031-11-22")
    first = issued(centre, forwarded, PaperKind.CERTIFICATE)
    words = paper.text(printed(officer, forwarded, first))
    for said in ("热食类食品制售", first.number, "2031年11月22日"):
        assert said in words, said
    again = officer.post(
        f"/cases/{forwarded}/do/issue", {"op": "0123456789abcdef", "content": "", "valid_until": ""}
    )
    assert again.status_code == 400  # another one replaces the first, and must say why
    act(officer, forwarded, "reissue", content="", valid_until="", why="遗失补发")
    second = issued(centre, forwarded, PaperKind.CERTIFICATE)
    assert second.number != first.number
    old = next(p for p in papers_of(case_of(centre, forwarded).steps) if p.event == first.event)
    assert (old.standing, old.replaced_by) == (Standing.REPLACED, second.number)


@settings(max_examples=5)
@given(st.lists(st.tuples(st.booleans(), st.integers(2026, 2028)), min_size=2, max_size=20))
def test_two_stores_of_one_point_never_give_one_number(
    tmp_path_factory: pytest.TempPathFactory, asked: list[tuple[bool, int]]
) -> None:
    node = make_node(tmp_path_factory.mktemp("two"), HERE, Clock())
    other = replace(node.identity, author=f"{HERE}.k3f9", serial_suffix="k3f9")
    found = []
    with node.local() as local:
        for restored, year in asked:
            who = other if restored else node.identity
            with writing(local.store, who, node.clock, day_of) as w:
                found.append(w.paper_number("榕鼓民受", year))
    assert len(set(found)) == len(found)


def test_a_seal_is_printed_only_where_one_is_configured_and_only_by_who_issued(
    forwarded: str, officer: Desk, centre: Node, node: Node, tmp_path: Path
) -> None:
    press(officer, forwarded, "accept")
    meet(node, centre)
    (tmp_path / "SCJG.png").write_bytes(png())
    plain = printed(officer, forwarded, issued(centre, forwarded, PaperKind.ACCEPTANCE))
    assert "盖章处" in paper.text(plain)
    sealed, elsewhere = (
        sign_in(create_app(replace(one, config=replace(one.config, seals=tmp_path))), login)
        for one, login in ((centre, "chen"), (node, "lin"))
    )
    found = issued(centre, forwarded, PaperKind.ACCEPTANCE)
    red = printed(sealed, forwarded, found)
    assert "盖章处" not in paper.text(red)
    assert b"/Subtype /Image" in red
    assert "盖章处" in paper.text(printed(elsewhere, forwarded, found))
    (tmp_path / "SCJG.png").write_bytes(b"no picture")
    broken = sealed.get(f"/cases/{forwarded}/papers/{step_of(found)}.pdf")
    assert broken.status_code == 409
    assert "不是 PNG 图片" in broken.text


def png() -> bytes:
    """A red square, as small as a PNG can be."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")
        )

    head = (1).to_bytes(4, "big") * 2 + b"\x08\x02\0\0\0"
    pixels = zlib.compress(b"\0\xb3\x26\x1e")
    parts = chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def test_an_approval_is_called_as_its_matter_names_it(
    clerk: Desk, officer: Desk, node: Node, centre: Node
) -> None:
    number = receive(clerk, APPROVED)
    meet(node, centre)
    press(officer, number, "accept")
    act(officer, number, "approve")
    act(officer, number, "issue", content="同意移出经营异常名录。", valid_until="")
    found = issued(centre, number, PaperKind.APPROVAL_DOCUMENT)
    result = matter(APPROVED).result
    assert result
    says(officer, number, found, result, "同意移出经营异常名录。", "有效期至：长期")
    assert f"打印{result}" not in officer.get(f"/cases/{number}").text, "it was printed"


def test_the_law_s_other_notices_say_what_their_facts_say(
    forwarded: str, officer: Desk, clerk: Desk, node: Node, centre: Node
) -> None:
    defects = [{"position": 1, "reason": "unsigned"}, {"position": 3, "reason": "missing"}]
    told = {"defects": defects, "whole": True, "days": 5}
    found = state(centre, forwarded, "case.correction_noticed", told, words="请用黑色笔签名")
    said = ("没有签名或盖章", "没有提交", "5个工作日内补正", "请用黑色笔签名")
    says(officer, forwarded, found, "补正告知书", *said, "在手机上看清要补什么")
    meet(node, centre)
    for desk, printer in ((officer, centre), (clerk, node)):
        (address,) = paper.all_codes(printed(desk, forwarded, found))
        code = read_paper(address.rpartition("/")[2], {printer.point.number: printer.token_key}.get)
        assert (code.case, code.kind) == (forwarded, PaperKind.CORRECTION), "wherever it is printed"
    state(centre, forwarded, "case.accepted", {})
    found = state(centre, forwarded, "case.suspended", {"kind": "expert_review", "days": 12})
    says(officer, forwarded, found, "特别程序告知书", "依法需要进行专家评审", "预计需要12个工作日")
    state(centre, forwarded, "case.resumed", {})
    why = {"approver": "陈局长", "reason": "需要进一步核实"}
    found = state(centre, forwarded, "case.extended", {"days": 10}, **why)
    says(officer, forwarded, found, "延期告知书", "审批期限延长10个工作日", "需要进一步核实")


def test_what_was_deemed_accepted_is_accepted_from_the_day_of_its_receipt_on_paper_too(
    forwarded: str, officer: Desk, centre: Node, clock: Clock
) -> None:
    clock.forward(seconds=9 * 86_400)
    press(officer, forwarded, "accept")
    found = issued(centre, forwarded, PaperKind.ACCEPTANCE)
    deemed = "自收到申请材料之日起即为受理"
    says(officer, forwarded, found, deemed)
    act(officer, forwarded, "approve")
    says(officer, forwarded, issued(centre, forwarded, PaperKind.APPROVAL), "2026年11月23日受理")


def test_days_to_correct_are_working_days_whatever_the_matter_counts_in(
    forwarded: str, centre: Node
) -> None:
    told = {"defects": [{"position": 1, "reason": "missing"}], "whole": True, "days": 5}
    found = state(centre, forwarded, "case.correction_noticed", told)
    case = replace_fields(case_of(centre, forwarded), day_unit="calendar")
    with centre.local() as here:
        made = what_it_says(here, case, found)
    assert isinstance(made, Official)
    assert any("告知之日起 5 个工作日内补正" in words for words in made.paragraphs)


def state(centre: Node, number: str, type: str, data: dict[str, Any], **sealed: str) -> Issued:
    with centre.local() as local, local.writing() as w:
        numbered = with_number(w, type, number, data)
        w.state(type, number, numbered, actor="s-o1", sealed=sealed or None)
    return papers_of(case_of(centre, number).steps)[-1]


def says(desk: Desk, number: str, found: Issued, *words: str) -> None:
    text = paper.text(printed(desk, number, found)).replace(" ", "")
    for said in (*words, found.number):
        assert said in text, said
