"""A matter that the receiving point is empowered to take on (受理点受理), at its window."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from cases.catalogue import Accepting
from cases.issued import papers_of
from cases.states import CaseState
from labels.issuer import issuing_body
from node.app import create_app
from node.issuing import says
from node.local import Node
from tests.node.casework import TWO_DAYS, act, case_of, meet, press, send
from tests.node.conftest import CENTRE, Desk, sign_in
from tests.node.receiving import receive


@pytest.fixture
def empowered(node: Node) -> Node:
    """This point, under standards that let it take on the matter it passes on."""
    catalogue = node.bundle.catalogue
    matters = tuple(
        msgspec.structs.replace(m, accepting=Accepting.RECEIVING_POINT) if m.code == TWO_DAYS else m
        for m in catalogue.matters
    )
    changed = msgspec.structs.replace(catalogue, matters=matters)
    return replace(node, bundle=replace(node.bundle, catalogue=changed))


@pytest.fixture
def desk(empowered: Node) -> Desk:
    """The clerk at that point's window."""
    return sign_in(create_app(empowered), "lin")


def test_the_clerk_takes_it_on_and_the_district_decides(
    desk: Desk, empowered: Node, centre: Node, officer: Desk
) -> None:
    number = receive(desk, TWO_DAYS)
    assert "由本点受理：打开办件受理，再转审批部门" in desk.get(f"/cases/{number}/received").text
    assert case_of(empowered, number).state is CaseState.RECEIVED
    press(desk, number, "accept")
    case = case_of(empowered, number)
    assert (case.state, case.holder) == (CaseState.ACCEPTED, CENTRE)
    meet(empowered, centre)
    act(officer, number, "approve")
    assert case_of(centre, number).state is CaseState.APPROVED


def test_the_notice_of_acceptance_is_the_points(desk: Desk, empowered: Node) -> None:
    number = receive(desk, TWO_DAYS)
    press(desk, number, "accept")
    case = case_of(empowered, number)
    (paper,) = papers_of(case.steps)
    assert "GL031" in paper.number
    with empowered.local() as local:
        body = says(local, case, paper).body
        department = issuing_body(case, local.bundle.directory, local.bundle.catalogue)
        assert body == f"{local.point.name}（受{department}委托）"


def test_the_counter_may_say_what_is_missing_but_not_decide(desk: Desk, empowered: Node) -> None:
    number = receive(desk, TWO_DAYS)
    page = desk.get(f"/cases/{number}").text
    for words in ("一次告知补正", "不予受理"):
        assert words in page
    assert "登记其他系统的决定" not in page
    assert send(desk, number, "approve").status_code == 409
    act(desk, number, "not_accept", reason="不属于本机关职权")
    assert case_of(empowered, number).state is CaseState.NOT_ACCEPTED
