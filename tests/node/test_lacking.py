"""缺件收件: received although a paper is missing, and one notice asks for it."""

from __future__ import annotations

import re
from typing import Any

from cases.lacking import lacking, may_lack
from cases.states import CaseState
from node.local import Node
from sync.bundle import load_bundle
from tests.labels.paper import text
from tests.node import test_bundles as at_once
from tests.node.casework import FOOD, case_of, meet
from tests.node.conftest import Desk
from tests.node.receiving import ELDERS_CARD, receive, send, typed

HARDSHIP = "SQ-001500"  # 困难居民慰问申报: a community's own, five days; paper 3 is its proof
PROOF = "困难情况说明材料"


def without(code: str, *missing: str, **changed: Any) -> dict[str, Any]:
    """What is typed where some papers are missing."""
    there = [p for p in typed(code)["paper"] if p not in missing]
    return typed(code, paper=there, **changed)


def received_without(desk: Desk, code: str, *missing: str) -> str:
    answer = send(desk, code, without(code, *missing, lack=list(missing)))
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"].split("/")[2])


def test_nothing_that_is_decided_on_the_spot_and_no_identity_document_may_be_missing() -> None:
    may = [
        (matter, spec)
        for matter in load_bundle().catalogue.matters
        for spec in matter.materials
        if may_lack(matter, spec)
    ]
    assert len(may) > 1000
    assert not any(m.immediate or m.instant or spec.identity for m, spec in may)


def test_a_missing_paper_is_still_refused_while_nobody_asks_for_the_notice(clerk: Desk) -> None:
    answer = send(clerk, HARDSHIP, without(HARDSHIP, "3"))
    assert answer.status_code == 422
    assert f"还缺“{PROOF}”" in answer.text
    assert "缺，收件后一次告知补正" in answer.text
    assert 'data-tick-all="lack" data-key="k"' in answer.text


def test_the_point_that_decides_gives_the_notice_of_exactly_these_papers_in_one_press(
    lead: Desk, node: Node
) -> None:
    number = received_without(lead, HARDSHIP, "3")
    case = case_of(node, number)
    assert [m.name for m in lacking(case)] == [PROOF]
    receipt = text(lead.get(f"/cases/{number}/receipt.pdf").data)
    assert f"还缺：{PROOF}。" in receipt.replace("\n", "")
    page = lead.get(f"/cases/{number}/received").text
    form = re.search(
        r'<form method="post" action="(/cases/[^"]*/notice_correction)".*?</form>', page, re.S
    )
    assert form
    fields = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form[0]))
    assert lead.post(form[1], fields).status_code == 303
    noticed = case_of(node, number)
    assert noticed.state is CaseState.CORRECTION
    assert noticed.correction
    assert [(d.position, d.reason) for d in noticed.correction.defects] == [(3, "missing")]
    assert "打印补正" in lead.get(f"/cases/{number}").text
    assert "还缺的材料" not in lead.get(f"/cases/{number}/received").text


def test_who_decides_elsewhere_sees_it_first_with_the_defects_in_the_form(
    clerk: Desk, officer: Desk, node: Node, centre: Node
) -> None:
    number = received_without(clerk, FOOD, "4")
    page = clerk.get(f"/cases/{number}/received").text
    assert "：由审批部门一次告知补正" in page
    assert "notice_correction" not in page, "the point that only received it gives no notice"
    (parcel,) = _parcels(node, number)
    assert 4 not in [content["position"] for content in parcel.contents]
    meet(node, centre)
    shown = officer.get(f"/cases/{number}").text
    name = next(m.name for m in case_of(centre, number).materials if m.position == 4)
    assert f"一次告知补正：收件时缺{name}" in officer.get("/").text
    assert re.search(r'class="button primary"[^>]*do/notice_correction', shown) or re.search(
        r'href="/cases/[^"]*do/notice_correction"[^>]*class="button primary"', shown
    )
    form = officer.get(f"/cases/{number}/do/notice_correction").text
    chosen = re.findall(r'<select[^>]*name="reason-(\d+)".*?</select>', form, re.S)
    filled = re.findall(
        r'<select[^>]*name="reason-(\d+)"(?:(?!</select>).)*value="missing" selected', form, re.S
    )
    assert len(chosen) > 1
    assert filled == ["4"]


def _parcels(node: Node, number: str) -> Any:
    with node.local() as local:
        return local.store.parcels_of(number)


def test_what_is_done_on_the_spot_waits_for_no_paper(clerk: Desk) -> None:
    page = send(clerk, ELDERS_CARD, without(ELDERS_CARD, "2", lack=["1", "2", "3"]))
    assert page.status_code == 422
    assert 'name="lack"' not in page.text


def test_a_paper_that_is_there_after_all_is_not_missing(lead: Desk, node: Node) -> None:
    number = receive(lead, HARDSHIP, lack=["3"])
    assert lacking(case_of(node, number)) == ()


def test_a_bundle_is_received_without_a_paper_and_each_matter_that_needs_it_says_so(
    clerk: Desk, node: Node
) -> None:
    fields = at_once.typed(at_once.EATERY, ["SCJG-001701", "ZJJ-000801"])
    page = clerk.post(f"/bundles/{at_once.EATERY}/now", {**fields, "op": "0" * 16}).text
    place = re.findall(r'name="lack" value="(\d+)"', page)[0]
    fields["paper"] = [p for p in fields["paper"] if p != place]
    assert at_once.send(clerk, at_once.EATERY, fields).status_code == 422
    answer = at_once.send(clerk, at_once.EATERY, {**fields, "lack": [place]})
    assert answer.status_code == 303
    found = at_once.cases(node)
    assert sum(bool(lacking(case)) for case in found) >= 1
    number = found[0].number
    assert "还缺：" in text(clerk.get(f"/cases/{number}/receipt.pdf").data)
