"""What a list says of a case, judged once for each content and day, however often it is asked for.

A case's light, its tasks and what may be done follow from its events and those of its parcels, the
day and the calendar, and from nothing else. So what was judged stands while these are the same,
whichever process wrote them (``lists.marks``), and nothing needs to be told of a change.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from msgspec.structs import replace

from cases.calendar import Calendar
from cases.desks import opinions_of
from cases.escalation import height
from cases.folded import Case
from cases.lights import Light, light, opinion_light
from cases.originals import late_at
from cases.papers import SETTLED
from cases.states import CaseState
from cases.tasks import DOUBLE_ISSUE, GIVE_OPINION, Task, aside_tasks
from cases.times import day_of
from cases.undertakings import light_of, undertaking_tasks
from node.actions import ACTIONS, AFTER_SETTLING, OF_TASK, Action, Scene, refused_to, stands_against
from node.local import Local
from node.permissions import POSTING, Person
from sync import lists

LIVE_MAX = 5_000
MAIL_TASKS = frozenset(
    {"send_papers", "check_papers", "post_result", "return_papers", DOUBLE_ISSUE}
)
COLOURS = ("red", "amber", "green")
Rank = tuple[int, int, str, str, str]
REVIEW = "核实没有被采纳的记录"


@dataclass(frozen=True)
class Doable:
    """Something to do next: the words, the acts that the case allows, whether it is the mail's."""

    words: str
    acts: tuple[Action, ...]
    mail: bool = False
    light: Light | None = None


@dataclass(frozen=True)
class Judged:
    """A case as lists need it: without its steps and papers, which no list shows."""

    case: Case
    changed_at: str
    light: Light | None
    tasks: tuple[tuple[Task, Light | None], ...]
    doable: tuple[Doable, ...]
    review: str
    rank: Rank
    read_only: bool

    def next_of(self, person: Person) -> Doable | None:
        """The most pressing thing that this person can do, or None."""
        for each in self.doable:
            if each.mail and person.roles & POSTING:
                return each
            if any(not refused_to(act, self.case, person) for act in each.acts):
                return each
        return Doable(self.review, ()) if self.review else None


class Kept(NamedTuple):
    """What was judged, and by which mark of the case, on which day, with which calendar."""

    mark: str
    day: date
    calendar: Calendar
    judged: Judged


def live(local: Local) -> list[Judged]:
    """Every case that is not closed, or of which something waits for an answer."""
    db, kept = local.store.db, local.node.judged
    waiting = lists.not_answered(db, LIVE_MAX)
    numbers = list(dict.fromkeys([*lists.live_numbers(db, LIVE_MAX), *waiting]))
    for gone in kept.keys() - set(numbers):
        kept.pop(gone, None)
    return of(local, numbers)


def of(local: Local, numbers: Iterable[str]) -> list[Judged]:
    """These cases in their order, each judged unless that was done before."""
    db, kept, calendar, now = local.store.db, local.node.judged, local.bundle.calendar, local.now()
    day, marks = day_of(now), lists.marks(db, numbers)
    found = {
        number: known.judged
        for number, mark in marks.items()
        if (known := kept.get(number))
        and (known.mark, known.day) == (mark, day)
        and known.calendar is calendar
    }
    for case, parcels in lists.cases(db, marks.keys() - found.keys()):
        scene = Scene(case, parcels, local.identity.author, calendar, now)
        found[case.number] = judge(scene)
        kept[case.number] = Kept(marks[case.number], day, calendar, found[case.number])
    return [found[number] for number in marks if number in found]


def judge(scene: Scene) -> Judged:
    """What a list says of a case as it is now."""
    case = scene.case
    lit = light(case, scene.calendar, scene.now, scene.parcels)
    return Judged(
        case=replace(case, steps=(), slips=(), materials=(), scans=(), calls=()),
        changed_at=case.changed_at,
        light=lit,
        tasks=tuple(_tasks(scene, lit)),
        doable=tuple(_doable(scene)),
        review=REVIEW if aside_tasks(case, scene.point) else "",
        rank=rank(case, lit),
        read_only=case.read_only,
    )


def rank(case: Case, lit: Light | None) -> Rank:
    """Whoever must see to it highest up first, then by colour, the day due, the longest wait."""
    colour = COLOURS.index(lit.colour) if lit else len(COLOURS)
    due = lit.due.isoformat() if lit else ""
    return -height(lit), colour, due, case.received_at, case.number


def _tasks(scene: Scene, lit: Light | None) -> Iterable[tuple[Task, Light | None]]:
    asked = _asked(scene)
    for task in scene.tasks():
        yield task, asked.get(task.event, lit)
    late = undertaking_tasks(scene.case, scene.point, day_of(scene.now))
    owed = light_of(scene.case, scene.calendar, day_of(scene.now)) if late else None
    yield from ((task, owed) for task in late)


def _asked(scene: Scene) -> dict[str, Light]:
    """The light of each opinion that is awaited of this point."""
    waiting = opinions_of(scene.case, scene.point)
    return {o.event: opinion_light(o, scene.calendar, scene.now) for o in waiting}


def _doable(scene: Scene) -> Iterable[Doable]:
    case = scene.case
    late = scene.point in late_at(case, scene.parcels)
    if (case.state is CaseState.CLOSED and not late) or case.read_only:
        return
    asked = _asked(scene)
    for task in scene.tasks():
        acts = _open(scene, OF_TASK.get(task.kind, ()))
        if acts or task.kind in MAIL_TASKS:
            lit = asked.get(task.event) if task.kind == GIVE_OPINION else None
            yield Doable(task.words, acts, task.kind in MAIL_TASKS, lit)
    if case.state in SETTLED or late:
        yield from (Doable(act.zh, (act,)) for act in _open(scene, AFTER_SETTLING))


def _open(scene: Scene, names: Iterable[str]) -> tuple[Action, ...]:
    """Those of the acts that the case allows now; whether a person may is asked later."""
    acts = (ACTIONS[name] for name in names)
    return tuple(act for act in acts if not stands_against(act, scene))
