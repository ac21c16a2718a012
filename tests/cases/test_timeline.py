"""The order in which a case's facts are told."""

from __future__ import annotations

from cases.timeline import in_order
from tests.cases.facts import CENTRAL, CHEN, DAY, LIN, WU, History, case_in


def order(history: History) -> list[str]:
    return [step.type.split(".")[1] for step in in_order(history.now().steps)]


def shown_at(history: History, at: str) -> None:
    """A receipt is shown at a point that has not heard of the case."""
    history.say("case.shown", WU, k=1, at=f"{DAY}{at}Z")


def test_a_receipt_shown_where_nothing_was_known_stands_at_its_time() -> None:
    history = case_in("accepted")
    shown_at(history, "00:02:30")
    assert [s.type for s in history.now().steps][:2] != ["case.received", "case.forwarded"]
    assert order(history) == ["received", "forwarded", "shown", "accepted"]


def test_a_slip_that_central_took_before_it_knew_the_case_stands_at_its_time() -> None:
    history = case_in("forwarded")
    history.say("slip.filled", CENTRAL, k=1, at=f"{DAY}09:00:00Z")
    assert order(history) == ["received", "forwarded", "filled"]


def test_what_moves_a_case_keeps_its_order_whatever_a_clock_says() -> None:
    history = case_in("forwarded")
    history.say("case.accepted", CHEN, at=f"{DAY}00:00:01Z")
    history.say("case.approved", CHEN, at=f"{DAY}05:00:00Z")
    assert order(history) == ["received", "forwarded", "accepted", "approved"]


def test_what_came_before_everything_else_stays_first() -> None:
    history = History()
    history.say("case.received", LIN, at=f"{DAY}08:00:00Z")
    shown_at(history, "07:00:00")
    assert order(history) == ["shown", "received"]


def test_what_knew_of_the_case_stays_behind_it_whatever_a_clock_says() -> None:
    history = case_in("forwarded")
    history.say("slip.filled", CENTRAL, at="2026-11-21T00:00:00Z")
    assert order(history) == ["received", "forwarded", "filled"]
