"""A new set of standards at the window: old cases stay as they were received, mail waits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import msgspec

from cases.catalogue import Catalogue, Matter
from cases.points import Directory
from labels.receipt import Receipt
from node.app import create_app
from node.local import Node
from node.receipt_pages import make_receipt
from tests.labels.paper import text
from tests.node.conftest import CENTRE, Desk, sign_in
from tests.node.mailing import LOOKED
from tests.node.receiving import receive

WEDDING, COMPANY = "MZJ-000800", "SCJG-000101"


def with_catalogue(node: Node, change: Callable[[Catalogue], Catalogue]) -> Node:
    return replace(node, bundle=replace(node.bundle, catalogue=change(node.bundle.catalogue)))


def receipt(node: Node, number: str) -> Receipt:
    with node.local() as local:
        case = local.store.case(number)
        assert case is not None
        return make_receipt(local, case)


def official(catalogue: Catalogue, matters: tuple[Matter, ...]) -> Catalogue:
    return msgspec.structs.replace(catalogue, matters=matters, bundles=(), sample=False)


def test_a_receipt_printed_again_says_what_held_when_the_case_was_received(
    clerk: Desk, node: Node
) -> None:
    number = receive(clerk, WEDDING)
    others = with_catalogue(
        node, lambda c: official(c, tuple(m for m in c.matters if m.code != WEDDING))
    )
    assert [receipt(at, number) for at in (node, others)] == [receipt(node, number)] * 2
    assert 3 in [paper.copies for paper in receipt(others, number).papers]
    assert "示例数据" in receipt(others, number).note
    page = sign_in(create_app(others), "lin").get(f"/cases/{number}/receipt.pdf")
    assert "内地居民结婚登记" in text(page.data)


def test_only_an_extension_that_somebody_confirmed_binds_a_case(clerk: Desk, node: Node) -> None:
    def confirmed(catalogue: Catalogue) -> Catalogue:
        matter = catalogue.matter(COMPANY)
        known = msgspec.structs.replace(matter, extension_days=3, sample=())
        return official(catalogue, (known,))

    first = receive(clerk, COMPANY)
    second = receive(
        sign_in(create_app(with_catalogue(node, confirmed)), "lin"),
        COMPANY,
        org_name="另一家公司",
    )
    with node.local() as local:
        found = [local.store.case(number) for number in (first, second)]
    assert [case and case.extension_days for case in found] == [None, 3]


def test_papers_wait_here_while_their_point_is_not_open_for_mail(clerk: Desk, node: Node) -> None:
    points = [
        msgspec.structs.replace(p, open_for_mail=p.code != CENTRE)
        for p in node.bundle.directory.points
    ]
    closed = replace(node, bundle=replace(node.bundle, directory=Directory(points)))
    desk = sign_in(create_app(closed), "lin")
    number = receive(desk, COMPANY)
    assert "鼓楼区行政服务中心还没有开通邮寄" in desk.get(f"/cases/{number}/received").text
    mailer = sign_in(create_app(closed), "wang")
    answer = mailer.post(f"/mail/papers/{number}", {"op": "0123456789abcdef"})
    assert answer.status_code == 409
    assert "还没有开通邮寄" in answer.text
    with node.local() as local:
        assert not local.store.parcels_of(number)
    opened = sign_in(create_app(node), "wang")
    assert (
        opened.post(f"/mail/papers/{number}", {"op": "1123456789abcdef", **LOOKED}).status_code
        == 303
    )


def test_nothing_is_posted_from_a_point_that_is_not_open_for_mail(clerk: Desk, node: Node) -> None:
    points = [
        msgspec.structs.replace(p, open_for_mail=p.code != node.point.code)
        for p in node.bundle.directory.points
    ]
    closed = replace(node, bundle=replace(node.bundle, directory=Directory(points)))
    number = receive(sign_in(create_app(closed), "lin"), COMPANY)
    mailer = sign_in(create_app(closed), "wang")
    answer = mailer.post(f"/mail/papers/{number}", {"op": "0123456789abcdef"})
    assert answer.status_code == 409
    assert f"{node.point.name}还没有开通邮寄" in answer.text
    with node.local() as local:
        assert not local.store.parcels_of(number)


def test_a_matters_page_says_who_accepts_and_marks_what_nobody_confirmed(
    clerk: Desk, node: Node
) -> None:
    page = clerk.get(f"/matters/{COMPANY}").text
    assert "由审批部门受理（初始值，待核对）" in page
    paid = next(m for m in node.bundle.catalogue.matters if m.fee_yuan)
    assert "窗口不收现金" in clerk.get(f"/matters/{paid.code}").text
