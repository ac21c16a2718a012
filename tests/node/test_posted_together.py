"""Results of one reception that are to be posted together: the first is not packed by mistake."""

from __future__ import annotations

from flask import Flask

from node.local import Node
from tests.node.casework import FOOD, confirm, decided, fill_slip, meet, op_in
from tests.node.conftest import Desk, sign_in
from tests.node.mailing import LOOKED
from tests.node.test_bundles import EATERY, cases, receive

DRAIN = "ZJJ-000801"


def test_a_result_that_waits_for_others_is_not_packed_alone_by_mistake(
    clerk: Desk, node: Node, centre: Node, centre_app: Flask
) -> None:
    early = receive(clerk, EATERY, ticked=[FOOD, DRAIN])
    late = next(c.number for c in cases(node) if c.number != early)
    for number in (early, late):
        confirm(node, number, fill_slip(node, number))
    meet(node, centre)
    officer, poster = sign_in(centre_app, "chen"), sign_in(centre_app, "wang")
    decided(officer, early)
    page = poster.get(f"/mail/pack/{early}")
    for words in ("申请人要结果等齐一起寄", "还差 1 件", "先寄这一件"):
        assert words in page.text, words
    data = {"op": op_in(page), "items": f"{early}:0", **LOOKED}
    answer = poster.post(f"/mail/pack/{early}", data)
    assert answer.status_code == 400
    assert "等齐再一起寄" in answer.text
    assert not scene_parcels(centre, early)
    answer = poster.post(f"/mail/pack/{early}", {**data, "alone": "yes"})
    assert answer.status_code == 303
    decided(officer, late)
    page = poster.get(f"/mail/pack/{late}")
    assert "等齐一起寄" not in page.text, "there is nobody left to wait for"
    data = {"op": op_in(page), "items": f"{late}:0", **LOOKED}
    assert poster.post(f"/mail/pack/{late}", data).status_code == 303


def scene_parcels(node: Node, number: str) -> list[str]:
    with node.local() as local:
        return [p.number for p in local.store.parcels_of(number) if p.purpose == "result"]
