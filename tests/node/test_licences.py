"""Papers waived at the counter while there is no line: what may wait, and what the case notes."""

from __future__ import annotations

from typing import Any

import pytest

from cases.guide import asked_of
from node.local import Node
from sync.bundle import load_bundle
from tests.node.conftest import Clock, Desk, line_down
from tests.node.receiving import form_op, matter, receive, send, typed

CODE = "ZRZY-001400"  # 个人住房信息查询证明: card; marriage and household register if asked for


def materials(node: Node, number: str) -> dict[str, Any]:
    with node.local() as here:
        case = here.store.case(number)
        assert case is not None
        return {m.name: m for m in case.materials}


def needing(code: str, name: str) -> dict[str, Any]:
    """A form answered so that a conditional paper is needed; ``missing`` is its position."""
    of, guide = matter(code), load_bundle().guide
    spec = next(m for m in of.materials if m.name == name)
    when = guide.when(spec)
    assert when is not None
    fields = typed(code)
    for met in asked_of(when):
        fields[f"q-{met.question}"] = sorted(met.answers)[:1]
    given = guide.read_answers(
        {q.id: fields.get(f"q-{q.id}", []) for q in guide.questions}
        | {"kind": ["person"], "here": ["self"]}
    )
    needed = guide.resolve(of.materials, given).needed
    papers = [str(p.position) for p in needed]
    return {**fields, "paper": papers, "missing": str(spec.position)}


def without(fields: dict[str, Any], position: str) -> dict[str, Any]:
    return {**fields, "paper": [p for p in fields["paper"] if p != position]}


def test_without_a_line_a_licence_is_waived_until_it_is_checked(
    clerk: Desk, node: Node, clock: Clock
) -> None:
    line_down(node, clock.now)
    fields = needing(CODE, "结婚证")
    short, op = without(fields, fields.pop("missing")), form_op(clerk, CODE)
    shown = send(clerk, CODE, short, op)
    assert shown.status_code == 422  # nobody has seen yet that it is waived
    assert "网络断开，免交待核验" in shown.text
    number = send(clerk, CODE, short, op).headers["Location"].split("/")[2]
    paper = materials(node, number)["结婚证"]
    assert (paper.taken, paper.licence, paper.check) == (False, "JHZ", "pending")
    page = clerk.get(f"/cases/{number}").text
    assert "免交，等区中心核验" in page
    assert "免交待核验" in clerk.get("/").text


def test_who_somebody_is_must_be_seen_even_without_a_line(clerk: Desk, node: Node) -> None:
    fields = typed(CODE)
    answer = send(clerk, CODE, without(fields, "1"))
    assert answer.status_code == 422
    assert "还缺“申请人居民身份证”" in answer.text
    assert "网络断开，查不了，请出示原件" in answer.text


def test_a_paper_that_no_licence_replaces_is_still_missing(clerk: Desk) -> None:
    fields = typed("JD-004601")
    answer = send(clerk, "JD-004601", {**fields, "paper": []})
    assert answer.status_code == 422
    assert "还缺“夫妻双方居民身份证”" in answer.text  # nobody knows whose number to ask with


def test_the_page_looks_once_for_what_the_form_names(clerk: Desk, node: Node) -> None:
    fields = needing(CODE, "结婚证")
    op = form_op(clerk, CODE)
    hx = {"HX-Request": "true"}
    url = f"/reception/{CODE}"
    page = clerk.post(f"{url}/papers", {**fields, "op": op}, headers=hx).text
    assert f'hx-post="{url}/licences"' in page
    said = clerk.post(f"{url}/licences", {**fields, "op": op}, headers=hx).text
    assert said.count('hx-swap-oob="true"') == 2
    assert "网络断开，免交待核验" in said
    assert "data-waived" in said
    again = clerk.post(f"{url}/papers", {**fields, "op": op}, headers=hx).text
    assert f'hx-post="{url}/licences"' not in again
    assert "网络断开，免交待核验" in again


@pytest.mark.parametrize("number", ["", "12", "110105194912310020"])
def test_nothing_is_looked_up_with_a_number_that_is_not_right(clerk: Desk, number: str) -> None:
    op = form_op(clerk, CODE)
    fields = {**typed(CODE), "document_number": number, "op": op}
    page = clerk.post(f"/reception/{CODE}/papers", fields, headers={"HX-Request": "true"}).text
    assert "/licences" not in page


def test_a_paper_that_was_shown_is_taken_and_not_waived(clerk: Desk, node: Node) -> None:
    fields = needing(CODE, "结婚证")
    number = receive(clerk, CODE, **fields)
    paper = materials(node, number)["结婚证"]
    assert (paper.taken, paper.licence) == (True, "")


def test_the_same_form_sent_twice_is_one_case(clerk: Desk, node: Node) -> None:
    fields = needing(CODE, "结婚证")
    short = without(fields, fields.pop("missing"))
    op = form_op(clerk, CODE)
    assert send(clerk, CODE, short, op).status_code == 422
    first = send(clerk, CODE, short, op)
    again = send(clerk, CODE, short, op)
    assert first.headers["Location"] == again.headers["Location"]
    more = send(clerk, CODE, fields, op)
    assert more.status_code == 409
