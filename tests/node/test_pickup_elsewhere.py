"""A result that is fetched at another point: packed, counted in there, handed out once."""

from __future__ import annotations

import pytest
from flask import Flask

from cases.papers import RESULT_TO_POINT, owed
from cases.states import CaseState, ParcelState
from node.local import Node
from node.waybills import waybill_of
from tests.node.casework import act, case_of, confirm, decided, meet, op_of, parcel_of, press, send
from tests.node.central_says import state
from tests.node.conftest import CENTRE, HERE, Desk, sign_in
from tests.node.test_mail import forwarded, pack, papers_of, press_parcel, report, take_in

GIVEN = {"positions": ["0", "1"], "to": "applicant", "checked": "核对身份证"}
WHO = {"name": "林小梅", "phone": "13805911234"}


def to_fetch_at(node: Node, number: str, point: str) -> None:
    """A slip by phone: to be fetched at a point; the clerk at 军门社区 has confirmed it."""
    data = {"channel": "qr", "way": "pickup", "to_point": point}
    confirm(node, number, state(node, "slip.filled", number, data, WHO))


@pytest.fixture
def wished(clerk: Desk, officer: Desk, node: Node, centre: Node) -> str:
    """Completed at the centre, to be fetched at 军门社区."""
    number = forwarded(clerk, node, centre)
    take_in(centre, papers_of(node, number))
    to_fetch_at(node, number, HERE)
    meet(node, centre)
    decided(officer, number)
    meet(node, centre)
    return number


@pytest.fixture
def sent(poster: Desk, wished: str, node: Node, centre: Node) -> str:
    """It was packed, and is on its way. :returns: the parcel."""
    parcel = pack(poster, wished)
    press_parcel(poster, parcel, "print")
    meet(node, centre)
    for each in (node, centre):
        report(each, parcel, "parcel.taken_over")
    return parcel


def test_it_is_packed_for_that_point_with_the_originals_and_nobodys_address_on_it(
    poster: Desk, wished: str, centre: Node
) -> None:
    assert "装封送到领取点" in poster.get(f"/cases/{wished}").text
    page = poster.get(f"/mail/pack/{wished}").text
    assert "东街街道军门社区" in page
    parcel = parcel_of(centre, pack(poster, wished))
    assert (parcel.purpose, parcel.to_point) == (RESULT_TO_POINT, HERE)
    assert [c["position"] for c in parcel.contents] == [0, 1]
    with centre.local() as local:
        label = waybill_of(local, parcel)
    assert "林" not in label.to.name
    assert "军门社区" in label.to.name


def test_while_it_is_on_its_way_nobody_hands_it_out(
    clerk: Desk, officer: Desk, wished: str, sent: str
) -> None:
    for desk in (clerk, officer):
        assert send(desk, wished, "hand_out", **GIVEN).status_code in (400, 409)
    assert wished not in clerk.get("/pickup").text
    assert sent in clerk.get("/mail").text, "it is expected"


def test_it_is_counted_in_waits_at_the_pick_up_window_and_is_given_once(
    clerk: Desk, officer: Desk, app: Flask, wished: str, sent: str, node: Node, centre: Node
) -> None:
    report(node, sent, "parcel.delivered", to="point")
    assert "清点送来给申请人领的结果" in clerk.get("/cases?show=all").text + clerk.get("/").text
    mailer = sign_in(app, "zhang")
    assert press_parcel(mailer, sent, "arrive", contents=["0", "1"]).status_code == 303
    assert wished in clerk.get("/pickup").text
    assert "来领" in clerk.get(f"/cases/{wished}").text
    op = op_of(clerk, wished, "hand_out")
    wrong = send(clerk, wished, "hand_out", op=op, **{**GIVEN, "checked": ""})
    assert wrong.status_code == 400, "nobody is given anything without an identity check"
    act(clerk, wished, "hand_out", **GIVEN)
    assert send(clerk, wished, "hand_out", op="9" * 16, **GIVEN).status_code in (400, 409)
    meet(node, centre)
    for each in (node, centre):
        with each.local() as local:
            case = local.store.case(wished)
            assert case is not None
            assert owed(case, local.store.parcels_of(wished)) == ()
    for desk in (clerk, officer):
        assert "又装进了邮件" not in desk.get(f"/cases/{wished}").text
    act(clerk, wished, "tell", how="in_person")
    press(clerk, wished, "close")
    assert case_of(node, wished).state is CaseState.CLOSED


def test_fetched_where_it_was_decided_it_needs_no_parcel(
    clerk: Desk, officer: Desk, poster: Desk, node: Node, centre: Node
) -> None:
    number = forwarded(clerk, node, centre)
    take_in(centre, papers_of(node, number))
    to_fetch_at(node, number, CENTRE)
    meet(node, centre)
    decided(officer, number)
    assert poster.get(f"/mail/pack/{number}").status_code == 409
    assert number in officer.get("/pickup").text
    meet(node, centre)
    assert number not in clerk.get("/pickup").text
    assert send(clerk, number, "hand_out", **GIVEN).status_code in (400, 409)
    act(officer, number, "hand_out", **GIVEN)
    assert case_of(centre, number).result_handed_out


def test_an_electronic_result_is_given_there_without_a_parcel(
    clerk: Desk, officer: Desk, node: Node, centre: Node
) -> None:
    number = forwarded(clerk, node, centre)
    take_in(centre, papers_of(node, number))
    to_fetch_at(node, number, HERE)
    meet(node, centre)
    decided(officer, number, result="electronic", filed="1")
    meet(node, centre)
    act(clerk, number, "hand_out", **{**GIVEN, "positions": "0"})
    assert case_of(node, number).result_handed_out


def test_one_that_came_back_is_packed_anew(
    poster: Desk, wished: str, sent: str, centre: Node
) -> None:
    report(centre, sent, "parcel.returned")
    again = pack(poster, wished)
    assert again != sent
    assert parcel_of(centre, again).to_point == HERE


def test_another_wish_after_packing_stops_a_first_print_and_leaves_a_printed_label(
    poster: Desk, wished: str, node: Node, centre: Node
) -> None:
    parcel = pack(poster, wished)
    data = {"channel": "qr", "way": "pickup", "to_point": CENTRE}
    slip = state(centre, "slip.filled", wished, data, WHO)
    assert "还没有核对" in press_parcel(poster, parcel, "print").text
    confirm(centre, wished, slip)
    assert "装封以后改过了" in press_parcel(poster, parcel, "print").text
    assert parcel_of(centre, parcel).copies == 0
    press_parcel(poster, parcel, "cancel")
    assert parcel_of(centre, parcel).state is ParcelState.CANCELLED


def test_a_rival_after_printing_is_shown_and_the_printed_parcel_stays(
    officer: Desk, poster: Desk, wished: str, centre: Node
) -> None:
    parcel = pack(poster, wished)
    press_parcel(poster, parcel, "print")
    slip = state(centre, "slip.filled", wished, {"channel": "qr"}, {**WHO, "street": "x"})
    state(centre, "slip.cancelled", wished, {"slip": slip, "op": "o"})
    state(centre, "slip.filled", wished, {"channel": "qr"}, {**WHO, "street": "y"})
    assert "待核对" in officer.get(f"/cases/{wished}").text
    assert press_parcel(poster, parcel, "print").status_code == 303
    assert parcel_of(centre, parcel).copies == 2


def test_a_paper_to_be_fetched_where_it_was_received_is_sent_there_on_request(
    clerk: Desk, officer: Desk, poster: Desk, node: Node, centre: Node
) -> None:
    number = forwarded(clerk, node, centre)
    take_in(centre, papers_of(node, number))
    meet(node, centre)
    decided(officer, number, delivery="window")
    page = poster.get(f"/cases/{number}").text
    assert "送到收件的受理点领取" in page
    parcel = pack(poster, number)
    assert (parcel_of(centre, parcel).to_point, parcel_of(centre, parcel).purpose) == (
        HERE, RESULT_TO_POINT,
    )  # fmt: skip
    meet(node, centre)
    assert send(clerk, number, "hand_out", **GIVEN).status_code in (400, 409)
    with node.local() as local, local.writing() as w:
        w.state("parcel.arrived", parcel, {}, actor="s-m1")
    act(clerk, number, "hand_out", **GIVEN)
