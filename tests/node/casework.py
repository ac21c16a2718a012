"""What an officer or a mail clerk does at the window, as tests say it in one line."""

from __future__ import annotations

import re
from typing import Any

from werkzeug.test import TestResponse

from cases.folded import Case, Parcel
from labels.tokens import Purpose, read, token_in
from node.local import Node
from tests.node.conftest import CENTRE, Desk, tell_all

AT_ONCE = "RSJ-080200"  # 社会保障卡即时补换协办: a community's own matter, settled on the spot
TWO_DAYS = "SCJG-001400"  # 经营异常名录移出: the district decides; original 1 and copy 2 are kept
FOOD = "SCJG-001701"  # 食品经营许可（新办）: the district decides; originals 1, 3 and 4 are kept
DISTRICT = CENTRE[:6]
SLIP = {
    "name": "林小梅",
    "phone": "13805911234",
    "province": "福建省",
    "city": "福州市",
    "county": "鼓楼区",
    "region": "350102",
    "street": "东街街道军门社区12号楼3单元502室",
}


def op_in(answer: TestResponse) -> str:
    """The operation that a page's form will carry out."""
    found = re.search(r'name="op" value="([0-9a-f]{16})"', answer.text)
    assert found, answer.text
    return found[1]


def op_of(desk: Desk, number: str, name: str) -> str:
    return op_in(desk.get(f"/cases/{number}/do/{name}"))


def hidden(desk: Desk, number: str, name: str, field: str) -> str:
    """What a hidden field of an act's form holds."""
    page = desk.get(f"/cases/{number}/do/{name}").text
    found = re.search(rf'name="{field}" value="([^"]*)"', page)
    assert found, page
    return found[1]


def send(desk: Desk, number: str, name: str, /, *, op: str = "", **fields: Any) -> TestResponse:
    """Send the form of an act without looking at the page first."""
    typed = {**fields, "op": op or "0123456789abcdef"}
    return desk.post(f"/cases/{number}/do/{name}", typed)


def act(desk: Desk, number: str, name: str, /, **fields: Any) -> TestResponse:
    """Open the form of an act, send it, and expect it to be done."""
    op = op_in(desk.get(f"/cases/{number}/do/{name}"))
    answer = send(desk, number, name, op=op, **fields)
    assert answer.status_code == 303, answer.text
    return answer


def press(desk: Desk, number: str, name: str, which: str = "") -> TestResponse:
    """Press the button of an act that asks nothing."""
    op = op_in(desk.get(f"/cases/{number}"))
    answer = send(desk, number, name, op=op, which=which)
    assert answer.status_code == 303, answer.text
    return answer


def case_of(node: Node, number: str) -> Case:
    with node.local() as local:
        case = local.store.case(number)
    assert case is not None
    return case


def parcel_of(node: Node, number: str) -> Parcel:
    with node.local() as local:
        parcel = local.store.parcel(number)
    assert parcel is not None
    return parcel


def fill_slip(node: Node, number: str, **changed: str) -> str:
    """Somebody fills in a slip for a case. :returns: its event."""
    with node.local() as local, local.writing() as w:
        event = w.state(
            "slip.filled", number, {"channel": "window"}, actor="s-c1", sealed={**SLIP, **changed}
        )
    return event.id


def confirm(node: Node, number: str, slip: str) -> None:
    with node.local() as local, local.writing() as w:
        w.state("slip.confirmed", number, {"slip": slip}, actor="s-c1")


def say_in_vain(node: Node, number: str, type: str = "case.closed") -> str:
    """This point states something that the fold sets aside. :returns: the event."""
    with node.local() as local, local.writing() as w:
        event = w._sign(type, number, {}, "s-c1", None)
        w._keep(event)
        subject = local.store.subject(number)
    assert subject is not None
    assert event.id in [step.id for step in subject.set_aside]
    return event.id


def ask_back(node: Node, number: str, reason: str = "想改天再办") -> str:
    """The applicant asks to withdraw. :returns: the request's event."""
    with node.local() as local, local.writing() as w:
        event = w.state(
            "case.withdrawal_requested", number, {}, actor="s-c1", sealed={"reason": reason}
        )
    return event.id


def meet(node: Node, centre: Node) -> None:
    """Both nodes hear everything of each other, as by central."""
    tell_all(node, centre)
    tell_all(centre, node)


def decided(officer: Desk, number: str, **outcome: Any) -> None:
    """The officer takes a case on, approves and completes it."""
    press(officer, number, "accept")
    act(officer, number, "approve")
    act(officer, number, "complete", **{"result": "paper", "delivery": "mail", **outcome})


def token_of(address: str, node: Node) -> Any:
    """What the QR of a waybill says, read as central reads it."""
    with node.local() as local:
        today = local.today()
    token = read(token_in(address), today, lambda point: node.token_key)
    assert token.purpose is Purpose.WAYBILL
    return token
