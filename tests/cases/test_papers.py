"""Where papers and results are, and what is still owed before a case may be closed."""

from __future__ import annotations

from typing import Any

import pytest

from cases.folded import Case, Parcel
from cases.originals import way
from cases.papers import (
    PAPERS_RETURNED,
    RESULT,
    RESULT_TO_POINT,
    TO_AUTHORITY,
    carries,
    given_twice,
    leaves,
    live,
    may_close,
    nothing_left,
    originals,
    owed,
    printed,
    to_send,
    travelling,
)  # fmt: skip
from cases.tasks import case_tasks
from tests.cases.facts import (
    CASE,
    CENTRAL,
    CENTRE,
    CHEN,
    ELSEWHERE,
    HERE,
    LIN,
    PARCEL,
    WU,
    History,
)  # fmt: skip

MATERIALS = [
    {"position": 1, "name": "身份证", "handling": "original_kept", "taken": True, "identity": True},
    {"position": 2, "name": "房产证", "handling": "original_kept", "taken": True},
    {"position": 3, "name": "申请表", "handling": "copy_kept", "taken": True},
    {"position": 4, "name": "户口本", "handling": "looked_at", "taken": True},
    {"position": 5, "name": "照片", "handling": "original_kept", "taken": False},
    {"position": "6", "name": "不成样子"}, "nothing",
]  # fmt: skip


def case_until(*steps: str, result: str = "paper") -> History:
    history = History()
    history.say("case.received", LIN, deciding=CENTRE, materials=MATERIALS)
    history.say("case.forwarded", LIN, to=CENTRE)
    for step in steps:
        by = LIN if step in ("resident_told", "closed", "handed_out") else CHEN
        more: dict[str, Any] = {"result": result} if step == "completed" else {}
        history.say(f"case.{step}", by, **more)
    return history


def case_of(history: History) -> Case:
    case = history.now()
    assert isinstance(case, Case)
    return case


def parcel(purpose: str, *reports: str, positions: tuple[int, ...] = (), at: str = "") -> Parcel:
    history = History(PARCEL)
    contents = [{"case": CASE, "position": p} for p in positions]
    history.say("parcel.packed", CHEN, purpose=purpose, cases=[CASE], contents=contents,
                to_point=CENTRE, at=at)  # fmt: skip
    for number, report in enumerate(reports):
        by = CHEN if report in ("cancelled", "arrived") else CENTRAL
        more = {} if by == CHEN else {"op": f"op-{number}"}
        history.say(f"parcel.{report}", by, **more)
    folded = history.now()
    assert isinstance(folded, Parcel)
    assert folded.set_aside == ()
    return folded


SETTLED = ("accepted", "approved", "completed", "resident_told")


def test_only_what_is_kept_travels_and_identity_documents_never() -> None:
    case = case_of(case_until())
    assert [m.position for m in travelling(case)] == [2, 3]
    assert [m.position for m in originals(case)] == [2]
    assert len(case.materials) == 5


def test_a_completed_case_owes_its_result_and_its_originals() -> None:
    case = case_of(case_until(*SETTLED))
    assert [o.position for o in owed(case, ())] == [0, 2]
    assert may_close(case, ()) == "还没有交到申请人手里：办理结果、房产证"


def test_what_is_in_the_post_is_still_owed_and_known_to_be_on_the_way() -> None:
    case = case_of(case_until(*SETTLED))
    for reports in ((), ("taken_over",), ("taken_over", "delivery_failed")):
        on_the_way = parcel(RESULT, *reports, positions=(2,))
        assert [o.on_the_way for o in owed(case, (on_the_way,))] == [PARCEL, PARCEL]


def test_a_delivered_parcel_settles_what_it_carried() -> None:
    case = case_of(case_until(*SETTLED))
    both = parcel(RESULT, "taken_over", "delivered", positions=(2,))
    assert owed(case, (both,)) == ()
    assert may_close(case, (both,)) is None
    without = parcel(RESULT, "taken_over", "delivered")
    assert [o.position for o in owed(case, (without,))] == [2]


@pytest.mark.parametrize("end", ["cancelled", "returned"])
def test_a_parcel_that_came_to_nothing_settles_nothing(end: str) -> None:
    case = case_of(case_until(*SETTLED))
    gone = parcel(RESULT, end, positions=(2,))
    assert [(o.position, o.on_the_way) for o in owed(case, (gone,))] == [(0, ""), (2, "")]


def test_papers_sent_to_the_authority_are_not_back_with_their_owner() -> None:
    case = case_of(case_until(*SETTLED))
    there = parcel(TO_AUTHORITY, "taken_over", "delivered", positions=(2, 3))
    assert [o.position for o in owed(case, (there,))] == [0, 2]


def test_papers_returned_by_themselves_leave_the_result_owed() -> None:
    case = case_of(case_until(*SETTLED))
    back = parcel(PAPERS_RETURNED, "taken_over", "delivered", positions=(2,))
    assert [o.position for o in owed(case, (back,))] == [0]


@pytest.mark.parametrize("end", ["not_accepted", "withdrawn"])
def test_originals_are_owed_after_a_refusal_to_accept_and_a_withdrawal_too(end: str) -> None:
    history = case_until(end, "resident_told")
    assert may_close(case_of(history), ()) == "还没有交到申请人手里：房产证"
    history.say("case.handed_out", LIN, positions=[2])
    assert may_close(case_of(history), ()) is None


def test_what_is_filed_by_law_is_not_owed() -> None:
    history = case_until(*SETTLED, result="none")
    assert [o.position for o in owed(case_of(history), ())] == [2]
    history.say("case.originals_filed", CHEN, positions=[2, "x"])
    assert owed(case_of(history), ()) == ()


def test_a_case_is_not_closed_before_it_is_settled_told_and_answered() -> None:
    assert may_close(case_of(case_until("accepted")), ()) == "还没有办结"
    untold = case_until("accepted", "approved", "completed", result="none")
    untold.say("case.handed_out", LIN, positions=[2])
    assert may_close(case_of(untold), ()) == "还没有告知申请人"
    asked = case_until("accepted")
    asked.say("case.withdrawal_requested", CENTRAL)
    for step in ("approved", "completed"):  # decided before the request was known there
        asked.say(f"case.{step}", CHEN)
    assert may_close(case_of(asked), ()) == "有未答复的申请"


def test_the_newest_parcel_that_is_not_gone_is_the_live_one() -> None:
    old = parcel(RESULT, at="2026-11-22T01:00:00Z")
    new = parcel(RESULT, at="2026-11-23T01:00:00Z")
    gone = parcel(RESULT, "cancelled", at="2026-11-24T01:00:00Z")
    assert live((old, new, gone), RESULT, CASE) == new
    assert live((gone,), RESULT, CASE) is None
    assert live((old,), RESULT, "another case") is None
    assert live((old,), TO_AUTHORITY, CASE) is None


def test_a_couriers_report_after_the_points_signature_is_kept_and_takes_nothing_back() -> None:
    late = parcel(TO_AUTHORITY, "taken_over", "arrived", "delivered", positions=(2,))
    assert late.state.value == "arrived"
    assert late.set_aside == ()
    assert len(late.operations) == 2


PROMISED = [{"position": 1, "name": "租赁合同", "handling": "copy_kept", "taken": False,
             "undertaken": "2026-12-07"}]  # fmt: skip


def sent_in(by: str, position: int, to: str = CENTRE, purpose: str = TO_AUTHORITY) -> Parcel:
    history = History(PARCEL)
    history.say(
        "parcel.packed", by, purpose=purpose, cases=[CASE], to_point=to,
        contents=[{"case": CASE, "position": position}], at="2026-11-23T01:00:00Z",
    )  # fmt: skip
    folded = history.now()
    assert isinstance(folded, Parcel)
    return folded


@pytest.mark.parametrize("then", [(), ("accepted",), ("accepted", "approved", "completed")])
@pytest.mark.parametrize(("by", "at"), [(LIN, HERE), (WU, ELSEWHERE)])
def test_a_promised_paper_is_sent_in_from_where_it_came(
    by: str, at: str, then: tuple[str, ...]
) -> None:
    history = History()
    history.say("case.received", LIN, deciding=CENTRE, materials=PROMISED)
    history.say("case.forwarded", LIN, to=CENTRE)
    history.say("case.shown", WU)
    for step in then:
        history.say(f"case.{step}", CHEN)
    assert to_send(case_of(history), (), at) == ()
    history.say("case.undertaking_kept", by, positions=[1])
    case = case_of(history)
    assert [[m.position for m in to_send(case, (), p)] for p in (at, CENTRE)] == [[1], []]
    assert "send_papers" in [task.kind for task in case_tasks(case, (), at)]
    parcel = sent_in(by, 1)
    assert to_send(case, [parcel], at) == ()
    (original,) = case.materials
    assert [leg.what for leg in way(case, original, [parcel])] == [
        "case.undertaking_kept", "parcel.packed",
    ]  # fmt: skip


def test_what_was_taken_in_where_the_receipt_was_shown_is_sent_in_from_there() -> None:
    history = case_until()
    history.say("case.shown", WU)
    assert to_send(case_of(history), (), ELSEWHERE) == ()
    history.say("case.papers_received", WU, at="2026-11-22T09:00:00Z")
    case = case_of(history)
    (paper,) = to_send(case, (), ELSEWHERE)
    assert (paper.position, paper.name) == (0, "代收的补充材料")
    parcel = sent_in(WU, 0)
    assert to_send(case, [parcel], ELSEWHERE) == ()
    history.say("case.papers_received", WU, at="2026-11-24T09:00:00Z")
    assert len(to_send(case_of(history), [parcel], ELSEWHERE)) == 1, "more came since"


def test_only_to_who_decides_does_a_point_that_was_shown_the_receipt_send() -> None:
    history = case_until()
    assert not carries(sent_in(WU, 0), case_of(history)), "nobody showed it anything"
    history.say("case.shown", WU)
    case = case_of(history)
    assert carries(sent_in(WU, 0), case)
    assert not carries(sent_in(WU, 0, to="350102005002"), case)
    assert not carries(sent_in(WU, 0, purpose=RESULT), case)


# fetched at a point


def wished(to: str, *steps: str) -> Case:
    """A case that was settled, with a confirmed slip: to be fetched at a point."""
    history = case_until(*(steps or SETTLED))
    slip = history.say("slip.filled", CENTRAL, channel="qr", way="pickup", to_point=to)
    history.say("slip.confirmed", LIN, slip=slip.id, over=[])
    return case_of(history)


@pytest.mark.parametrize(
    ("reports", "at", "on_the_way"),
    [
        ((), "", True),
        (("taken_over",), "", True),
        (("taken_over", "delivered"), "", True),
        (("taken_over", "delivered", "arrived"), CENTRE, False),
        (("arrived",), CENTRE, False),
        (("taken_over", "returned"), "", False),
        (("cancelled",), "", False),
    ],
)
def test_what_was_sent_to_a_point_is_owed_until_it_is_given_there(
    reports: tuple[str, ...], at: str, on_the_way: bool
) -> None:
    sent = parcel(RESULT_TO_POINT, *reports, positions=(0, 2))
    found = owed(wished(CENTRE), [sent])
    assert [(o.position, o.at, bool(o.on_the_way)) for o in found] == [
        (0, at, on_the_way),
        (2, at, on_the_way),
    ]
    assert may_close(wished(CENTRE), [sent]) is not None


def test_given_where_it_was_sent_is_given_once_and_elsewhere_on_its_way_is_twice() -> None:
    history = case_until(*SETTLED)
    history.say("case.handed_out", LIN, result=True, positions=[2])
    case = case_of(history)
    there = parcel(RESULT_TO_POINT, "arrived", positions=(0, 2))
    under_way = parcel(RESULT_TO_POINT, "taken_over", positions=(0, 2))
    assert (given_twice(case, [there]), given_twice(case, [under_way])) == ("", PARCEL)
    assert nothing_left(case, [there])


@pytest.mark.parametrize(
    ("to", "point", "task"),
    [
        (ELSEWHERE, CENTRE, "post_result"),
        (ELSEWHERE, ELSEWHERE, ""),
        (ELSEWHERE, HERE, ""),
        (CENTRE, CENTRE, "hand_out"),
    ],
)
def test_who_has_to_do_something_with_a_result_that_is_fetched(
    to: str, point: str, task: str
) -> None:
    kinds = {t.kind for t in case_tasks(wished(to), [], point)}
    assert kinds & {"post_result", "hand_out"} == {task} - {""}
    assert leaves(wished(to), to) is False


def test_once_it_is_there_that_point_hands_it_out_and_the_sender_has_nothing_left() -> None:
    sent = parcel(RESULT_TO_POINT, "arrived", positions=(0, 2))
    case = wished(CENTRE)
    assert "hand_out" in [t.kind for t in case_tasks(case, [sent], CENTRE)]
    delivered = parcel(RESULT_TO_POINT, "taken_over", "delivered", positions=(0, 2))
    tasks = case_tasks(case, [delivered], CENTRE)
    assert [(t.kind, t.event) for t in tasks if t.kind == "check_papers"] == [
        ("check_papers", PARCEL)
    ]


@pytest.mark.parametrize("reports", [(), ("waybill_printed",), ("taken_over",), ("cancelled",)])
def test_a_slip_is_the_residents_until_the_label_is_printed(reports: tuple[str, ...]) -> None:
    history = History(PARCEL)
    contents = [{"case": CASE, "position": 0}]
    history.say("parcel.packed", CHEN, purpose=RESULT, cases=[CASE], contents=contents)
    for report in reports:
        by = CENTRAL if report == "taken_over" else CHEN
        more = {"op": "o"} if by == CENTRAL else {"copy": 1} if report != "cancelled" else {}
        history.say(f"parcel.{report}", by, **more)
    folded = history.now()
    assert isinstance(folded, Parcel)
    stands = printed(case_of(case_until(*SETTLED)), [folded])
    assert bool(stands) is (reports in (("waybill_printed",), ("taken_over",)))
