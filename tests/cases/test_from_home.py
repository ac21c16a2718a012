"""From home: how far it is, who must do what, whatever came in whatever order."""

from __future__ import annotations

import random
from datetime import date

import pytest

from cases.calendar import Calendar
from cases.catalogue import Handling
from cases.folded import Parcel, Visit
from cases.from_home import (
    Stage,
    answer_light,
    live_fetch,
    may_cancel,
    must_photograph,
    not_collected,
    stage,
    to_fetch,
    visit_tasks,
    was_collected,
)
from cases.papers import PAPERS_FETCHED
from cases.tasks import parcel_tasks
from sync.bundle import load_bundle
from tests.cases.facts import CENTRAL, HERE, LIN, PARCEL, VISIT, History, visit_in

VISIT_STEPS = ("applied", "checked", "mending_asked", "declined", "cancelled", "ended")
PARCEL_STEPS = (
    "fetch_accepted", "taken_over", "delivery_failed", "delivered", "arrived", "returned",
    "cancelled", "out_for_delivery",
)  # fmt: skip
LIST = [{"case": "", "position": 2, "name": "近期病历"}, {"case": "", "position": 3, "name": "表"}]


def applied(*steps: str, fetch: bool = True) -> Visit:
    told = History(VISIT)
    for step in steps:
        by = CENTRAL if step in ("applied", "cancelled") else LIN
        more = {"point": HERE, "fetch": fetch} if step == "applied" else {}
        told.say(f"visit.{step}", by, **more)
    visit = told.now()
    assert isinstance(visit, Visit)
    return visit


def fetch(*steps: str, collected: list[int] | None = None) -> Parcel:
    told = History(PARCEL)
    told.say("parcel.packed", LIN, purpose=PAPERS_FETCHED, to_point=HERE, visit=VISIT,
             contents=LIST)  # fmt: skip
    for n, step in enumerate(steps):
        by = LIN if step in ("arrived", "cancelled") else CENTRAL
        more = {"collected": collected} if step == "taken_over" and collected is not None else {}
        op = {} if step in ("arrived", "cancelled") else {"op": f"op-{n}"}
        told.say(f"parcel.{step}", by, **op, **more)
    parcel = told.now()
    assert isinstance(parcel, Parcel)
    return parcel


@pytest.mark.parametrize(("visit", "parcel", "at", "task"), [
    ("applied", None, Stage.CHECKING, "check_application"),
    ("applied mending_asked", None, Stage.TO_MEND, ""),
    ("applied mending_asked applied", None, Stage.CHECKING, "check_application"),
    ("applied checked", None, Stage.READY, "plan_fetch"),
    ("applied checked", "", Stage.READY, ""),
    ("applied checked", "fetch_accepted", Stage.COMING, ""),
    ("applied checked", "fetch_accepted delivery_failed", Stage.MISSED, "fetch_missed"),
    ("applied checked", "fetch_accepted delivery_failed returned", Stage.READY, "plan_fetch"),
    ("applied checked", "fetch_accepted taken_over", Stage.CARRIED, ""),
    ("applied checked", "taken_over delivery_failed", Stage.CARRIED, ""),
    ("applied checked", "taken_over out_for_delivery", Stage.CARRIED, ""),
    ("applied checked", "taken_over delivered", Stage.DELIVERED, "count_fetched"),
    ("applied checked", "taken_over delivered arrived", Stage.THERE, "receive_from_home"),
    ("applied checked ended", "taken_over arrived", Stage.RECEIVED, ""),
    ("applied declined", None, Stage.DECLINED, ""),
    ("applied checked cancelled", "fetch_accepted", Stage.CANCELLED, "call_off_fetch"),
    ("applied checked cancelled", "cancelled", Stage.CANCELLED, ""),
])  # fmt: skip
def test_every_stage_has_its_one_next_step(
    visit: str, parcel: str | None, at: Stage, task: str
) -> None:
    found = applied(*visit.split())
    parcels = [] if parcel is None else [fetch(*parcel.split())]
    assert stage(found, live_fetch(parcels)) is at
    assert [each.kind for each in visit_tasks(found, parcels)] == ([task] if task else [])
    for each in parcels:
        assert parcel_tasks(each, HERE) == (), "it stands with the application, not twice"


def test_where_nothing_is_kept_nobody_comes() -> None:
    found = applied("applied", "checked", fetch=False)
    assert stage(found, None) is Stage.THERE
    assert [task.kind for task in visit_tasks(found, ())] == ["receive_from_home"]


def test_whatever_comes_in_whatever_order_has_a_stage_and_no_taking_back_of_papers() -> None:
    dice = random.Random(5)  # noqa: S311 - a game of chance
    for _ in range(1_500):
        steps = [dice.choice(VISIT_STEPS) for _ in range(dice.randint(0, 6))]
        visit = applied("applied", *steps)
        parcel = fetch(*(dice.choice(PARCEL_STEPS) for _ in range(dice.randint(0, 6))))
        at = stage(visit, live_fetch([parcel]))
        assert isinstance(at, Stage)
        assert len(visit_tasks(visit, [parcel])) <= 1
        if was_collected(parcel):
            assert not may_cancel(at, [parcel])


def test_what_was_not_there_is_known_by_name() -> None:
    assert not_collected(fetch("taken_over", collected=[1])) == ("近期病历",)
    assert not_collected(fetch("taken_over", collected=[0, 1])) == ()
    assert not_collected(fetch("taken_over", collected=["no", True, 0, 1])) == ()  # type: ignore[list-item]
    assert not_collected(fetch("taken_over")) == (), "an older app does not tell"
    kept = fetch("taken_over", "delivery_failed", collected=[0])
    assert kept.collected == (0,)


def test_identity_documents_and_what_is_only_looked_at_never_travel() -> None:
    for matter in load_bundle().catalogue.matters:
        for spec in to_fetch(matter.materials):
            assert not spec.identity
            assert spec.handling in (Handling.COPY_KEPT, Handling.ORIGINAL_KEPT)
        assert all(must_photograph(s) for s in matter.materials if s.identity)


def test_the_answer_is_due_on_the_next_working_day() -> None:
    calendar: Calendar = load_bundle().calendar
    found = visit_in("applied").now()
    assert isinstance(found, Visit)
    assert date.fromisoformat(found.applied_at[:10]) == date(2026, 11, 22), "a Sunday"
    assert answer_light(found, calendar, "2026-11-23T01:00:00Z") == ("amber", "今天到期")
    assert answer_light(found, calendar, "2026-11-25T01:00:00Z")[0] == "red"
