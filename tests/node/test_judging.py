"""What lists judged before is what they would judge now, whoever wrote and whatever day it is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from cases.fold import WrongState
from cases.folded import Case
from cases.lights import light
from cases.numbers import SubjectKind
from cases.states import CaseState
from cases.tasks import aside_tasks
from cases.times import from_text, to_text
from node import judging, worklist
from node.actions import OF_TASK, offered, primary
from node.case_card import scene_of
from node.judging import MAIL_TASKS, REVIEW
from node.local import Local, Node
from node.permissions import POSTING, Person
from sync import lists
from sync.store import StoreError
from tests.cases.facts import least
from tests.node.conftest import CENTRE, HERE, Clock

PEOPLE = (
    Person("s-1", "a", frozenset({"clerk"})),
    Person("s-2", "b", frozenset({"officer"})),
    Person("s-3", "c", frozenset({"officer"}), frozenset({"WJ"})),
    Person("s-4", "d", frozenset({"mail"})),
    Person("s-5", "e", frozenset({"lead"})),
)
WAY: dict[str, dict[str, Any]] = {
    "case.accepted": {},
    "case.not_accepted": {},
    "case.correction_noticed": {"defects": [{"position": 1, "reason": "missing"}], "days": 3},
    "case.suspended": {"kind": "hearing", "days": 4},
    "case.resumed": {},
    "case.approved": {},
    "case.refused": {},
    "case.completed": {"result": "paper", "delivery": "mail"},
    "case.withdrawal_requested": {},
    "case.taken_up": {},
    "case.handed_back": {},
    "case.handed_over": {"department": "WJ", "department_name": "区卫生健康局"},
    "case.opinion_asked": {"department": "WJ", "department_name": "卫健", "to": HERE, "days": 2},
    "case.resident_told": {},
    "case.closed": {},
    "slip.filled": {"channel": "qr"},
    "case.originals_filed": {},
}
SEALED = dict.fromkeys(
    ("reason", "grounds", "remedies", "question", "name", "document_number", "phone", "province",
     "city", "county", "street", "region"),
    "x",
)  # fmt: skip
MATERIALS = [{"position": 1, "name": "合同", "handling": "original_kept", "taken": True}]


class Office:
    """A point where things happen by chance, written through a store of its own each time."""

    def __init__(self, node: Node, clock: Clock, seed: int) -> None:
        self.node, self.clock, self.rolls = node, clock, Random(seed)  # noqa: S311 - what happens by chance is no secret
        self.numbers: list[str] = []

    def receive(self, w: Any) -> None:
        number = w.new_number(SubjectKind.CASE)
        self.numbers.append(number)
        more = {
            "deciding": self.rolls.choice((HERE, HERE, HERE, CENTRE)),
            "promised_days": self.rolls.choice((1, 3, 20)),
            "department": self.rolls.choice(("WJ", "SCJG")),
            "immediate": self.rolls.random() < 0.2,
            "materials": MATERIALS if self.rolls.random() < 0.5 else [],
            "day_unit": self.rolls.choice(("working", "calendar")),
        }
        w.state("case.received", number, {**least("case.received"), **more},
                actor="s-1", sealed=SEALED)  # fmt: skip

    def go_on(self, w: Any) -> None:
        number, type = self.rolls.choice(self.numbers), self.rolls.choice(list(WAY))
        data = {**least(type), **WAY[type]}
        actor = self.rolls.choice(("s-2", "s-3"))
        if self.rolls.random() < 0.05:  # what the fold will set aside
            w._keep(w._sign(type, number, data, actor, None))
            return
        w.state(type, number, data, actor=actor, sealed=SEALED)

    def pack(self, w: Any) -> None:
        case, parcel = self.rolls.choice(self.numbers), w.new_number(SubjectKind.PARCEL)
        purpose = self.rolls.choice(("papers", "result"))
        data = {"purpose": purpose, "cases": [case], "carrier": "own", "to_point": CENTRE,
                "tracking": parcel}  # fmt: skip
        w.state("parcel.packed", parcel, {**least("parcel.packed"), **data},
                actor="s-4", sealed={**SEALED, "address": "x"})  # fmt: skip

    def happens(self) -> None:
        what: Callable[[Any], None] = self.rolls.choices(
            (self.receive, self.go_on, self.pack), (2, 9, 1)
        )[0]
        if not self.numbers:
            what = self.receive
        with self.node.local() as other:
            try:
                with other.writing() as w:
                    what(w)
            except (WrongState, StoreError):
                pass
        if self.rolls.random() < 0.15:
            hours = timedelta(hours=self.rolls.choice((1, 9, 30, 100)))
            self.clock.now = to_text(from_text(self.clock.now) + hours)


def plainly(local: Local, case: Case, person: Person) -> str:
    """What this person can do next, asked of every act there is."""
    scene = scene_of(local, case)
    if case.state is CaseState.CLOSED or case.read_only:
        return REVIEW if aside_tasks(case, scene.point) else ""
    open_to = offered(scene, person)
    names = {action.name for action in open_to}
    for task in scene.tasks():
        mail = task.kind in MAIL_TASKS and person.roles & POSTING
        if mail or names & set(OF_TASK.get(task.kind, ())):
            return task.words
    chosen = primary(scene, open_to)
    return chosen.zh if chosen else REVIEW if aside_tasks(case, scene.point) else ""


def all_plainly(local: Local) -> dict[str, Any]:
    """What a list says of every case that runs or waits for an answer, each judged anew."""
    rows = local.store.db.execute("SELECT number FROM subjects WHERE kind='case' ORDER BY 1")
    found = {}
    for (number,) in rows.fetchall():
        case = local.store.case(number)
        assert case is not None
        scene = scene_of(local, case)
        if case.state is not CaseState.CLOSED or aside_tasks(case, HERE):
            words = tuple(plainly(local, case, person) for person in PEOPLE)
            lit = light(case, scene.calendar, scene.now, scene.parcels)
            found[number] = words, lit, scene.tasks(), case.changed_at
    return found


def all_kept(local: Local) -> dict[str, Any]:
    return {
        j.case.number: (
            tuple(worklist.found_for(j, person).task for person in PEOPLE),
            j.light,
            tuple(task for task, _ in j.tasks if task.kind != "undertaking_overdue"),
            j.changed_at,
        )
        for j in judging.live(local)
    }


@pytest.mark.parametrize("seed", range(2))
def test_what_was_kept_is_what_would_be_judged_now(node: Node, clock: Clock, seed: int) -> None:
    office = Office(node, clock, seed)
    seen: set[str] = set()
    with node.local() as window:
        for _ in range(80):
            office.happens()
            plain = all_plainly(window)
            assert all_kept(window) == plain
            seen |= {word for words, *_ in plain.values() for word in words}
    assert len(seen) > 8, seen  # enough has happened to tell them apart


def test_what_did_not_change_is_not_judged_again(
    node: Node, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = Office(node, clock, 1)
    for _ in range(40):
        office.happens()
    judged: list[str] = []
    judge = judging.judge

    def counted(scene: Any) -> judging.Judged:
        judged.append(scene.case.number)
        return judge(scene)

    monkeypatch.setattr(judging, "judge", counted)
    with node.local() as window:
        running = len(judging.live(window))
        assert len(judged) == running > 5
        judging.live(window)
        assert len(judged) == running
        number = judging.live(window)[0].case.number
        with node.local() as other, other.writing() as w:
            w.state("case.called", number, least("case.called"), actor="s-1")
        judging.live(window)
        assert judged[running:] == [number]
        clock.forward(seconds=24 * 3600)
        judging.live(window)
        assert len(judged) == 2 * running + 1


def test_lists_of_registers_tell_closed_cases_apart_by_department(node: Node, clock: Clock) -> None:
    office = Office(node, clock, 2)
    for _ in range(110):
        office.happens()
    with node.local() as here:
        db = here.store.db
        stored = [s for n in office.numbers if (s := here.store.case(n)) is not None]
        closed = [c for c in stored if c.state is CaseState.CLOSED]
        assert closed
        assert lists.count_closed(db) == len(closed)
        for code in lists.departments(db):
            ours = {c.number for c in closed if c.department == code}
            assert set(lists.closed_numbers(db, code, limit=100, after=0)) == ours
            assert lists.count_closed(db, code) == len(ours)
        assert set(lists.departments(db)) == {c.department for c in stored}
        running = {c.number for c in stored if c.state is not CaseState.CLOSED}
        assert set(lists.live_numbers(db, 1000)) == running
