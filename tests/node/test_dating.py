"""A PC whose clock is wrong: what it states is marked, and a person confirms the day."""

from __future__ import annotations

from cases.dates import BEHIND, CLOCK
from cases.folded import Case
from cases.times import day_of
from node.local import Node
from tests.node.casework import act, case_of, send
from tests.node.conftest import NOW, Clock, Desk
from tests.node.receiving import receive

DEAD = "2026-06-01T00:07:00Z"
REPAIRED = "2026-11-27T02:00:00Z"


def received_by_a_dead_clock(clerk: Desk, clock: Clock) -> str:
    """Its battery is empty: the PC says that it is June, and nobody looked."""
    receive(clerk)
    clock.now = DEAD
    number = receive(clerk, document_number="110105194912310046", name="王小强")
    clock.now = REPAIRED
    return number


def received_on(case: Case) -> str:
    return day_of(case.received_at).isoformat()


def test_what_a_dead_clock_dated_is_marked_and_a_person_confirms_the_day(
    clerk: Desk, lead: Desk, node: Node, clock: Clock
) -> None:
    number = received_by_a_dead_clock(clerk, clock)
    case = case_of(node, number)
    assert case.steps[0].data[CLOCK] == BEHIND
    assert received_on(case) == day_of(NOW).isoformat()
    page = clerk.get(f"/cases/{number}").text
    for words in ("核对日期", "日期待核对"):
        assert words in page
    assert "电脑时钟不准时登记的，请核对日期" in clerk.get("/").text
    form = clerk.get(f"/cases/{number}/do/confirm_date").text
    assert "“收件”登记时这台电脑的时钟不准" in form
    act(clerk, number, "confirm_date", day="2026-11-26", words="申请书上的日期",
        event=case.steps[0].id)  # fmt: skip
    case = case_of(node, number)
    assert received_on(case) == "2026-11-26"
    assert case.decision is not None, "a rule approved it at the same moment, so it is dated alike"
    assert day_of(case.decision.at).isoformat() == "2026-11-26"
    page = lead.get(f"/cases/{number}").text
    for words in ("11月26日（周四）（登记时电脑的时间是11月23日", "经办人核对", "申请书上的日期"):
        assert words in page, words
    assert "日期待核对" not in page
    assert "请核对日期" not in clerk.get("/").text
    assert clerk.get(f"/cases/{number}/do/confirm_date").status_code == 409


def test_a_day_before_what_was_recorded_or_after_today_is_refused(
    clerk: Desk, node: Node, clock: Clock
) -> None:
    number = received_by_a_dead_clock(clerk, clock)
    event = case_of(node, number).steps[0].id
    for day, why in (
        ("2026-11-22", "不能早于电脑登记的日期"),
        ("2026-11-28", "不能晚于今天"),
        ("昨天", "日期不对"),
        ("", "请填写收件的日期"),
    ):
        answer = send(clerk, number, "confirm_date", day=day, event=event)
        assert answer.status_code == 400, day
        assert why in answer.text, day
    assert not case_of(node, number).steps[0].dated


def test_a_clock_that_is_right_marks_nothing(clerk: Desk, node: Node, clock: Clock) -> None:
    number = receive(clerk)
    clock.forward(seconds=-300)  # set right by a time service, a little back
    again = receive(clerk, document_number="110105194912310046", name="王小强")
    for each in (number, again):
        assert CLOCK not in case_of(node, each).steps[0].data
    assert clerk.get(f"/cases/{number}/do/confirm_date").status_code == 409
