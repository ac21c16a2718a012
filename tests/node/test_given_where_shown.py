"""A result is asked for where only the receipt was shown: given, or told where it lies and sent."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from cases.folded import Case, Parcel
from cases.papers import RESULT, RESULT_TO_POINT
from cases.states import CaseState
from node.local import Node
from node.whereabouts import Elsewhere, here_to_give, lies_elsewhere
from tests.cases.facts import CENTRAL, CHEN, ELSEWHERE, PARCEL, WU, History, case_in, least
from tests.node.casework import act, case_of, confirm, fill_slip, meet, op_in, parcel_of, send
from tests.node.conftest import CENTRE, HERE, Desk, sign_in
from tests.node.receiving import receive
from tests.node.test_mail import pack, press_parcel, report
from tests.node.test_shown import code_of

MEDIATION = "SCJG-080300"  # a community's own matter, whose register form is kept
CENTRE_NAME = "鼓楼区行政服务中心"
GIVEN = {"positions": "0", "to": "applicant", "checked": "核对身份证"}


def completed(result: str, delivery: str = "window", *, slip: dict[str, Any] | None = None) -> Case:
    """Decided at the centre, completed; the receipt was shown at 贤南社区."""
    history = case_in("approved")
    history.say("case.completed", CHEN, result=result, delivery=delivery)
    history.say("case.shown", WU)
    if slip is not None:
        filled = history.say("slip.filled", CENTRAL, channel="qr", **slip)
        history.say("slip.confirmed", WU, slip=filled.id, over=[])
    case = history.now()
    assert isinstance(case, Case)
    return case


def parcel_with(case: Case, purpose: str, *reports: str, to: str = "") -> tuple[Parcel, ...]:
    told = History(PARCEL)
    contents = [{"case": case.number, "position": 0, "name": "办理结果"}]
    told.say("parcel.packed", CHEN, purpose=purpose, cases=[case.number], contents=contents,
             **({"to_point": to} if to else {}))  # fmt: skip
    for type in reports:
        told.say(f"parcel.{type}", WU if type == "arrived" else CENTRAL, op=type)
    parcel = told.now()
    assert isinstance(parcel, Parcel)
    return (parcel,)


def asked(case: Case, parcels: tuple[Parcel, ...] = (), at: str = ELSEWHERE) -> Elsewhere | None:
    return lies_elsewhere(case, parcels, at, lambda code: f"<{code}>")


def test_what_lies_elsewhere_is_said_and_can_be_sent_for() -> None:
    for case, words in (
        (completed("paper"), f"办理结果在<{CENTRE}>。"),
        (completed("paper", "mail"), f"办理结果在<{CENTRE}>，要寄给申请人。"),
        (completed("electronic", "mail"), f"办理结果在<{CENTRE}>，要寄给申请人。"),
    ):
        assert asked(case) == Elsewhere(f"{words}要在这里领的，请点“送到本窗口领”。", may_come=True)
        assert here_to_give(case, (), ELSEWHERE) == ()


def test_what_can_be_given_here_or_is_asked_for_by_nobody_here_is_not_said() -> None:
    assert asked(completed("electronic")) is None
    assert asked(completed("none")) is None
    assert asked(completed("paper"), at=HERE) is None, "nobody showed a receipt there"
    undecided = case_in("accepted")
    undecided.say("case.shown", WU)
    assert asked(undecided.now()) is None  # type: ignore[arg-type]
    assert (
        asked(completed("electronic", "mail", slip={"way": "pickup", "to_point": ELSEWHERE}))
        is None
    )


@pytest.mark.parametrize(
    ("reports", "said", "gives"),
    [
        ((), "寄往<350102005001>：已装封，待揽收", False),
        (("taken_over",), "寄往<350102005001>", False),
        (("taken_over", "delivered"), "寄往<350102005001>", False),
        (("taken_over", "delivered", "arrived"), "", True),
    ],
)
def test_sent_here_it_is_told_how_far_it_is_and_given_once_it_has_arrived(
    reports: tuple[str, ...], said: str, gives: bool
) -> None:
    case = completed("paper", slip={"way": "pickup", "to_point": ELSEWHERE})
    waiting = asked(case)
    assert waiting is not None
    assert not waiting.may_come
    assert "已经约好送到本窗口" in waiting.words
    parcels = parcel_with(case, RESULT_TO_POINT, *reports, to=ELSEWHERE)
    found = asked(case, parcels)
    assert bool(here_to_give(case, parcels, ELSEWHERE)) is gives
    assert (found is None) is gives
    if found is not None:
        assert said in found.words
        assert not found.may_come


def test_posted_it_is_on_its_way_and_cannot_be_sent_for() -> None:
    case = completed("paper", "mail", slip={})
    found = asked(case, parcel_with(case, RESULT, "taken_over"))
    assert found is not None
    assert "寄往申请人" in found.words
    assert not found.may_come
    assert asked(case, parcel_with(case, RESULT, "taken_over", "delivered")) is None


@pytest.fixture
def other(centre_app: Flask) -> Desk:
    """A clerk at the district centre, where the resident comes with 军门社区's receipt."""
    return sign_in(centre_app, "wang")


def shown_when_completed(clerk: Desk, node: Node, other: Desk, centre: Node, result: str) -> str:
    """Received, decided and completed at 军门社区; then the receipt was shown at the centre."""
    number = receive(clerk)
    done = {"result": result, "delivery": "window", "filed": []}
    for type, data in (("accepted", {}), ("approved", {}), ("completed", done)):
        with node.local() as local, local.writing() as w:
            w.state(f"case.{type}", number, data, actor="s-o1")
    other.post("/shown", {"code": code_of(node, number)})
    meet(node, centre)
    meet(centre, node)
    return number


def test_an_electronic_result_is_given_there_with_its_check_exactly_once(
    clerk: Desk, mailer: Desk, node: Node, other: Desk, centre: Node
) -> None:
    number = shown_when_completed(clerk, node, other, centre, "electronic")
    assert "不在本窗口" not in other.get(f"/cases/{number}").text
    unchecked = send(other, number, "hand_out", **{**GIVEN, "checked": ""})
    assert unchecked.status_code == 400
    act(other, number, "hand_out", **GIVEN)
    assert send(other, number, "hand_out", **GIVEN).status_code in (400, 409), "not twice there"
    meet(node, centre)
    meet(centre, node)
    assert send(clerk, number, "hand_out", **GIVEN).status_code in (400, 409), "nor at home"
    assert mailer.get(f"/mail/pack/{number}").status_code == 409, "nor by post"
    case = case_of(node, number)
    assert (case.result_handed_out, case.set_aside) == (True, ())


def test_a_paper_is_sent_for_and_given_where_it_was_asked_for_after_it_arrived(
    clerk: Desk, mailer: Desk, node: Node, other: Desk, centre: Node, centre_app: Flask
) -> None:
    number = shown_when_completed(clerk, node, other, centre, "paper")
    page = other.get(f"/cases/{number}").text
    assert "办理结果在军门社区" in page.replace("鼓楼区东街街道", "")
    assert "送到本窗口领" in page
    assert send(other, number, "hand_out", **GIVEN).status_code in (400, 409)
    form = other.get(f"/cases/{number}/slip/new?to=here")
    slip = {"way": "pickup", "to_point": CENTRE, "name": "林小梅", "phone": "13805911234"}
    assert f'value="{CENTRE}" selected' in form.text
    answer = other.post(f"/cases/{number}/slip/new", {"op": op_in(form), **slip})
    assert answer.status_code == 303, answer.text
    assert "已经约好送到本窗口" in other.get(f"/cases/{number}").text
    meet(node, centre)
    meet(centre, node)
    parcel = pack(mailer, number)
    assert parcel_of(node, parcel).to_point == CENTRE
    press_parcel(mailer, parcel, "print")
    for type in ("parcel.taken_over", "parcel.delivered"):
        report(node, parcel, type)
    meet(node, centre)
    assert send(other, number, "hand_out", **GIVEN).status_code in (400, 409), "not counted yet"
    press_parcel(sign_in(centre_app, "zhang"), parcel, "arrive", contents=["0"])
    act(other, number, "hand_out", **GIVEN)
    assert send(other, number, "hand_out", **GIVEN).status_code in (400, 409)
    meet(centre, node)
    assert case_of(node, number).result_handed_out


def closed_meanwhile(desk: Desk, node: Node, centre: Node, shown: Desk, *, mailed: bool) -> str:
    """A case closed here, its register form filed, while 区中心 took a better one in unheard."""
    number = receive(desk, MEDIATION)
    with node.local() as local, local.writing() as w:
        w.state("case.correction_noticed", number, least("case.correction_noticed"), actor="s-o1")
    shown.post("/shown", {"code": code_of(node, number)})
    meet(node, centre)
    with centre.local() as local, local.writing() as w:
        brought = {"positions": [1], "how": "brought"}
        w.state("case.supplemented", number, brought, actor="s-w1")
    if mailed:
        confirm(node, number, fill_slip(node, number))
    done = {"result": "none", "delivery": "mail" if mailed else "none", "filed": [1]}
    done["brought"] = [""]
    for type, data in (("accepted", {}), ("approved", {}), ("completed", done), ("closed", {})):
        with node.local() as local, local.writing() as w:
            w.state(f"case.{type}", number, data, actor="s-o1")
    meet(node, centre)
    case = case_of(centre, number)
    assert (case.state, case.filed) == (CaseState.CLOSED, (1001,))
    return number


def tasks_on(desk: Desk) -> str:
    home = desk.get("/").text
    return home[home.index("下一步做什么") :]


def nothing_is_left(number: str, *desks: Desk) -> None:
    for desk in desks:
        assert number not in desk.get("/originals").text
        assert "原件" not in tasks_on(desk)
        assert "已经归档，没有要办的了" in desk.get(f"/cases/{number}").text


def test_a_paper_brought_without_a_line_to_a_case_closed_meanwhile_is_given_back_there(
    clerk: Desk, node: Node, other: Desk, centre: Node
) -> None:
    number = closed_meanwhile(clerk, node, centre, other, mailed=False)
    for desk, where in ((clerk, CENTRE_NAME), (other, "本点")):
        page = desk.get(f"/cases/{number}").text
        assert f"后来才知道{where}还收着原件" in page
        assert "答复之前不能" not in page, "nothing waits for an answer any more"
        assert "代填寄递单" not in page, "nor is a slip taken"
        assert number in desk.get("/originals").text
    assert "当面退还归档后才知道的原件" in tasks_on(other)
    assert "当面退还归档后才知道的原件" not in tasks_on(clerk)
    assert f"/cases/{number}/do/hand_out" in other.get(f"/pickup?q={number}").text
    assert send(other, number, "hand_out", **GIVEN).status_code in (400, 409), "no result any more"
    act(other, number, "hand_out", **{**GIVEN, "positions": "1"})
    assert case_of(centre, number).handed_out == (1,)
    meet(node, centre)
    assert case_of(node, number).set_aside == ()
    nothing_is_left(number, clerk, other)


def test_it_is_mailed_back_from_there_where_a_slip_was_chosen_before(
    clerk: Desk, node: Node, other: Desk, centre: Node, centre_app: Flask
) -> None:
    number = closed_meanwhile(clerk, node, centre, other, mailed=True)
    posting = sign_in(centre_app, "zhang")
    assert "退还收存的原件" in tasks_on(posting)
    assert number in posting.get("/mail").text
    parcel = pack(posting, number, f"{number}:1")
    press_parcel(posting, parcel, "print")
    report(centre, parcel, "parcel.taken_over")
    report(centre, parcel, "parcel.delivered", to="self", when="2026-11-22T23:05:00Z")
    meet(node, centre)
    nothing_is_left(number, clerk, other)
