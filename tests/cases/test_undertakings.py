"""Papers promised in writing: which may be, by when, what is owed, and when somebody must ask."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from cases.fields import BadField
from cases.undertakings import (
    OVERDUE,
    check_day,
    light_of,
    may_promise,
    pending,
    undertaking_tasks,
    usual_day,
)
from sync.bundle import load_bundle
from tests.cases.facts import CENTRE, CHEN, HERE, LIN, History

TODAY = date(2026, 11, 23)
CALENDAR = load_bundle().calendar
PAPERS = [
    {"position": 1, "name": "营业执照", "handling": "copy_kept", "taken": True},
    {"position": 2, "name": "租赁合同", "handling": "copy_kept", "taken": False,
     "undertaken": "2026-12-07"},
    {"position": 3, "name": "平面图", "handling": "copy_kept", "taken": False,
     "undertaken": "2026-11-25"},
]  # fmt: skip


def promised() -> History:
    history = History()
    history.say("case.received", LIN, deciding=CENTRE, materials=PAPERS)
    history.say("case.forwarded", LIN, to=CENTRE)
    return history


def test_what_is_owed_stands_soonest_first_until_it_is_kept() -> None:
    history = promised()
    assert [m.position for m in pending(history.now())] == [3, 2]
    history.say("case.undertaking_kept", LIN, positions=[3, 1, 99, True])
    case = history.now()
    assert [m.position for m in pending(case)] == [2]
    assert [m.position for m in case.materials if m.taken] == [1, 3]
    history.say("case.undertaking_kept", LIN, positions=[2])
    assert pending(history.now()) == ()


def test_a_case_received_before_there_were_promises_owes_nothing() -> None:
    history = History()
    history.say("case.received", LIN, materials=PAPERS[:1])
    assert pending(history.now()) == ()
    assert light_of(history.now(), CALENDAR, TODAY) is None


def test_what_is_over_owes_nothing_and_what_was_granted_still_does() -> None:
    history = promised()
    history.say("case.withdrawn", CHEN)
    assert pending(history.now()) == ()
    granted = promised()
    for step in ("accepted", "approved", "completed"):
        granted.say(f"case.{step}", CHEN)
    assert len(pending(granted.now())) == 2


@pytest.mark.parametrize(
    ("day", "colour"),
    [
        ("2026-11-23", "green"),
        ("2026-11-24", "amber"),
        ("2026-11-25", "amber"),
        ("2026-11-26", "red"),
    ],
)
def test_the_light_is_that_of_the_paper_owed_next(day: str, colour: str) -> None:
    lit = light_of(promised().now(), CALENDAR, date.fromisoformat(day))
    assert lit is not None
    assert lit.colour == colour


def test_a_day_that_has_passed_is_a_task_of_the_point_that_received() -> None:
    case = promised().now()
    assert undertaking_tasks(case, HERE, date(2026, 11, 25)) == ()
    (task,) = undertaking_tasks(case, HERE, date(2026, 11, 26))
    assert (task.kind, task.subject) == (OVERDUE, case.number)
    assert undertaking_tasks(case, CENTRE, date(2026, 11, 26)) == ()


def test_a_day_that_is_none_is_owed_and_breaks_nothing() -> None:
    history = History()
    odd = [{**PAPERS[1], "undertaken": odd} for odd in ("soon", "2026-13-01")]
    history.say("case.received", LIN, materials=odd)
    assert len(pending(history.now())) == 2
    assert light_of(history.now(), CALENDAR, TODAY) is None
    assert undertaking_tasks(history.now(), HERE, TODAY) == ()


def test_ten_working_days_are_usual_and_another_day_may_be_said() -> None:
    assert usual_day(TODAY, CALENDAR) == date(2026, 12, 7)
    assert check_day(" 2026-12-01 ", TODAY, field="due-2") == "2026-12-01"
    wrong = ["", "soon", "2026-11-23", "2026-11-22", (TODAY + timedelta(days=367)).isoformat()]
    for text in wrong:
        with pytest.raises(BadField) as told:
            check_day(text, TODAY, field="due-2")
        assert told.value.field == "due-2"


def test_what_proves_who_somebody_is_cannot_be_promised() -> None:
    for matter in load_bundle().catalogue.matters:
        for spec in matter.materials:
            assert may_promise(matter, spec) is (matter.commitment and not spec.identity)
