"""The worklist: which cases, in what order, as rows a table prints."""

from __future__ import annotations

from dataclasses import dataclass

from cases.escalation import height, turn
from cases.folded import Case
from cases.lights import Light, light
from cases.states import STATE_ZH, CaseState
from cases.tasks import DOUBLE_ISSUE, aside_tasks
from cases.times import ago
from node.actions import OF_TASK, Scene, offered, primary
from node.case_card import scene_of
from node.journal_reads import subjects_of_ids, unsafe_ids
from node.local import Local
from node.people_card import applicant
from node.permissions import POSTING, Person
from node.steps_card import point_name
from sync import registers

LIVE_MAX = 2_000
FOUND_MAX = 200
PAGE_ROWS = 50
MINE, ALL = "mine", "all"
FILTER_STATES = tuple(state for state in CaseState if state is not CaseState.NEW)
_COLOURS = {"red": 0, "amber": 1, "green": 2}
_MAIL_TASKS = frozenset(
    {"send_papers", "check_papers", "post_result", "return_papers", DOUBLE_ISSUE}
)


@dataclass(frozen=True)
class Query:
    """What is asked for: ``show`` is mine, all or a state; a department; words; a page from 1."""

    show: str = MINE
    department: str = ""
    words: str = ""
    page: int = 1


@dataclass(frozen=True)
class CaseRow:
    """One line of the worklist."""

    number: str
    url: str
    title: str
    applicant: str
    state: str
    task: str
    idle: str
    since: str
    light: Light | None
    turn: str
    here_only: bool


@dataclass(frozen=True)
class Listing:
    """One page of the worklist: the rows, how many there are in all, and the pages."""

    rows: tuple[CaseRow, ...]
    total: int
    page: int
    pages: int
    capped: bool = False


@dataclass(frozen=True)
class _Found:
    case: Case
    task: str
    light: Light | None

    @property
    def rank(self) -> tuple[int, int, str]:
        """Whoever must see to it highest up first, then by colour, then the longest waiting."""
        colour = _COLOURS[self.light.colour] if self.light else len(_COLOURS)
        return -height(self.light), colour, self.case.received_at


def listing(local: Local, person: Person, query: Query) -> Listing:
    """The worklist of one person: what presses most first; settled cases newest first."""
    cases = _candidates(local, query)
    found = [_judged(local, case, person) for case in cases if _wanted(case, query)]
    if query.show == MINE and not query.words:
        found = [f for f in found if f.task]
    if query.show != CaseState.CLOSED.value:
        found.sort(key=lambda f: f.rank)
    pages = max(1, -(-len(found) // PAGE_ROWS))
    page = min(max(query.page, 1), pages)
    unsafe = subjects_of_ids(unsafe_ids(local.store, local.identity.author))
    shown = found[(page - 1) * PAGE_ROWS : page * PAGE_ROWS]
    rows = tuple(_row(local, f, f.case.number in unsafe) for f in shown)
    return Listing(rows, len(found), page, pages, len(cases) >= LIVE_MAX)


def _candidates(local: Local, query: Query) -> list[Case]:
    db = local.store.db
    if query.words:
        numbers = registers.find(db, query.words, limit=FOUND_MAX)
        subjects = [registers.subject(db, number) for number in numbers]
    elif query.show == MINE:
        waiting = registers.not_answered(db, limit=LIVE_MAX)
        found = {s.number: s for s in (*registers.live(db, "case", limit=LIVE_MAX), *waiting)}
        subjects = list(found.values())
    elif query.show == ALL:
        subjects = list(registers.newest(db, "case", limit=LIVE_MAX))
    else:
        subjects = list(registers.newest(db, "case", state=query.show, limit=LIVE_MAX))
    return [s for s in subjects if isinstance(s, Case) and s.state is not CaseState.NEW]


def _wanted(case: Case, query: Query) -> bool:
    return not query.department or case.department == query.department


def _judged(local: Local, case: Case, person: Person) -> _Found:
    scene = scene_of(local, case)
    lit = light(case, scene.calendar, scene.now, scene.parcels)
    return _Found(case, task_for(scene, person), lit)


def task_for(scene: Scene, person: Person) -> str:
    """What this person can do next for a case, in words, or empty."""
    case = scene.case
    if case.state is CaseState.CLOSED or case.read_only:
        return _review(case, scene.point)
    tasks = scene.tasks()
    open_to = offered(scene, person)
    names = {action.name for action in open_to}
    for task in tasks:
        mail = task.kind in _MAIL_TASKS and person.roles & POSTING
        if mail or names & set(OF_TASK.get(task.kind, ())):
            return task.words
    chosen = primary(scene, open_to)
    return chosen.zh if chosen else _review(case, scene.point)


def _review(case: Case, point: str) -> str:
    return "核实没有被采纳的记录" if aside_tasks(case, point) else ""


def _idle(local: Local, case: Case) -> str:
    """Whom a case waits for when it does not wait for this person."""
    if case.state is CaseState.CLOSED:
        return "已办完"
    if case.holder == local.point.code:
        return "等同事办"
    return f"等{point_name(local, case.holder)}"


def _row(local: Local, found: _Found, here_only: bool) -> CaseRow:
    case = found.case
    return CaseRow(
        number=case.number,
        url=f"/cases/{case.number}",
        title=case.title,
        applicant=applicant(local, case),
        state=STATE_ZH[case.state],
        task=found.task,
        idle=_idle(local, case),
        since=ago(case.changed_at, local.now()),
        light=found.light,
        turn=turn(found.light),
        here_only=here_only,
    )
