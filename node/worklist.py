"""The worklist: which cases, in what order, as rows a table prints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cases.case_rows import UNDECIDED
from cases.escalation import turn
from cases.folded import Case
from cases.lights import Light
from cases.states import STATE_ZH, CaseState
from cases.times import ago
from node import judging, staff
from node.journal_reads import subjects_of_ids, unsafe_ids
from node.judging import LIVE_MAX, Judged, Rank, rank
from node.local import Local
from node.people_card import applicant
from node.permissions import DECIDING, Person
from node.steps_card import point_name
from sync import lists, registers

FOUND_MAX = 200
PAGE_ROWS = 50
MINE, OWN, POOL, ALL = "mine", "own", "pool", "all"
FILTER_STATES = tuple(state for state in CaseState if state is not CaseState.NEW)


@dataclass(frozen=True)
class Query:
    """What is asked for: whose, in which state, of which department and light; words; a page.

    ``show``: what waits for this person (mine), what they took up (own), what nobody of their
    department has taken up (pool), or all.
    """

    show: str = MINE
    state: str = ""
    department: str = ""
    light: str = ""
    words: str = ""
    page: int = 1


@dataclass(frozen=True)
class CaseRow:
    """One line of the worklist. ``may_take``: it lies in this person's department's pool."""

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
    officer: str
    may_take: bool
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
class Found:
    """A case as it concerns one person: what they can do next, and the light that goes by."""

    judged: Judged
    task: str
    light: Light | None
    rank: Rank


def listing(local: Local, person: Person, query: Query) -> Listing:
    """The worklist of one person: what presses most first, the closed at the end, newest first."""
    if query.words:
        numbers = registers.find(local.store.db, query.words, limit=FOUND_MAX)
        judged = judging.of(local, numbers)
        closed = 0
    else:
        judged = judging.live(local)
        closed = _closed_too(local, query)
        judged = [j for j in judged if j.case.state is not CaseState.CLOSED or not closed]
    found = [f for j in judged if _wanted(f := found_for(j, person), local, person, query)]
    found.sort(key=lambda f: f.rank)
    total = len(found) + closed
    pages = max(1, -(-total // PAGE_ROWS))
    page = min(max(query.page, 1), pages)
    chosen = _page(local, person, query, found, (page - 1) * PAGE_ROWS, total)
    return Listing(_rows(local, person, chosen), total, page, pages, len(judged) >= LIVE_MAX)


def _closed_too(local: Local, query: Query) -> int:
    """How many closed cases the list goes on with after those that are not closed."""
    if query.show != ALL or query.light or query.state not in ("", CaseState.CLOSED.value):
        return 0
    return lists.count_closed(local.store.db, query.department)


def found_for(judged: Judged, person: Person) -> Found:
    """A case as it concerns a person."""
    doable = judged.next_of(person)
    if doable is None:
        return Found(judged, "", judged.light, judged.rank)
    if doable.light is None:
        return Found(judged, doable.words, judged.light, judged.rank)
    return Found(judged, doable.words, doable.light, rank(judged.case, doable.light))


def _wanted(found: Found, local: Local, person: Person, query: Query) -> bool:
    case = found.judged.case
    if query.department and query.department not in _departments(case, local.point.code):
        return False
    if query.state and case.state.value != query.state:
        return False
    if query.light and (found.light is None or found.light.colour != query.light):
        return False
    if query.words or query.show == ALL:
        return True
    if query.show == OWN:
        return case.officer == person.id and case.state is not CaseState.CLOSED
    return in_pool(found.judged, local, person) if query.show == POOL else bool(found.task)


def _departments(case: Case, point: str) -> set[str]:
    """On whose worklists here a case is: of who decides, and of who is asked."""
    return {case.department, *(o.department for o in case.opinions if o.to == point)}


def in_pool(judged: Judged, local: Local, person: Person) -> bool:
    """Whether a case waits for anybody of this person's department to take it up."""
    case = judged.case
    here = not judged.read_only and case.holder == case.deciding == local.point.code
    mine = bool(person.roles & DECIDING) and person.handles(case.department)
    return here and mine and not case.officer and case.state in UNDECIDED


def _page(
    local: Local, person: Person, query: Query, found: Sequence[Found], start: int, total: int
) -> list[Found]:
    """The rows of a page: out of what was ranked, and on from there out of the closed ones."""
    chosen = list(found[start : start + PAGE_ROWS])
    if (left := min(PAGE_ROWS, total - start) - len(chosen)) > 0:
        after = max(start - len(found), 0)
        numbers = lists.closed_numbers(local.store.db, query.department, limit=left, after=after)
        chosen += [found_for(judged, person) for judged in judging.of(local, numbers)]
    return chosen


def _rows(local: Local, person: Person, chosen: Sequence[Found]) -> tuple[CaseRow, ...]:
    unsafe = subjects_of_ids(unsafe_ids(local.store, local.identity.author))
    names = staff.names(local.store, local.point.code)
    return tuple(
        CaseRow(
            number=case.number,
            url=f"/cases/{case.number}",
            title=case.title,
            applicant=applicant(local, case),
            state=STATE_ZH[case.state],
            task=f.task,
            idle=_idle(local, case),
            since=ago(f.judged.changed_at, local.now()),
            light=f.light,
            turn=turn(f.light),
            officer=names.get(case.officer, ""),
            may_take=in_pool(f.judged, local, person),
            here_only=case.number in unsafe,
        )
        for f in chosen
        for case in [f.judged.case]
    )


def _idle(local: Local, case: Case) -> str:
    """Whom a case waits for when it does not wait for this person."""
    if case.state is CaseState.CLOSED:
        return "已办完"
    if case.holder == local.point.code:
        return "等同事办"
    return f"等{point_name(local, case.holder)}"
