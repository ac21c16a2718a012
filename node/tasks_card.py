"""待办 for the first page: what waits for this person, grouped, the most pressing first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from cases.folded import Case, Parcel
from cases.lights import Light
from cases.numbers import SubjectKind, kind_of
from cases.states import CaseState
from cases.tasks import (
    AFTER_CLOSING,
    CONFIRM_DATE,
    DOUBLE_ISSUE,
    GIVE_BACK,
    RESEND,
    REVIEW_ASIDE,
    REVIEW_REFUSED,
    SETTLE_DISPUTE,
    Task,
    parcel_tasks,
)
from cases.times import ago
from cases.undertakings import OVERDUE
from courier.look.cards import WorkItem
from node import judging
from node.asides import ASIDE, PARKED, REFUSED, AsideRow, to_answer
from node.home_visit_card import HomeRow, home_tasks
from node.local import Local
from node.mail_desk import to_resend
from node.people_card import applicant
from node.permissions import ANYBODY, DECIDING, POSTING, RECEIVING, Person
from sync import registers

SUBJECTS_MAX = 2_000
SHOWN_MAX = 4

_ROLES = {
    "settle_request": DECIDING | RECEIVING,
    "accept": DECIDING,
    "notice_missing": DECIDING,
    "decide": DECIDING,
    "complete": DECIDING,
    "give_opinion": DECIDING,
    "resume": DECIDING,
    "lapse": DECIDING,
    "tell_correction": RECEIVING,
    "fetch_papers": RECEIVING,
    CONFIRM_DATE: DECIDING | RECEIVING,
    "forward": RECEIVING,
    "confirm_slip": RECEIVING,
    "tell_resident": RECEIVING,
    "hand_out": RECEIVING,
    GIVE_BACK: RECEIVING,
    "close": RECEIVING,
    "ask_paper": RECEIVING,
    "check_licence": RECEIVING,
    "send_papers": POSTING,
    "check_papers": POSTING,
    "post_result": POSTING,
    "return_papers": POSTING,
    "print_waybill": POSTING,
    "answer_missing": POSTING,
    "mend_delivery": POSTING,
    RESEND: POSTING,
    SETTLE_DISPUTE: POSTING,
    "double_tracking": POSTING,
    DOUBLE_ISSUE: POSTING | RECEIVING,
    OVERDUE: RECEIVING,
    "check_application": RECEIVING,
    "plan_fetch": RECEIVING | POSTING,
    "fetch_missed": RECEIVING | POSTING,
    "call_off_fetch": RECEIVING | POSTING,
    "count_fetched": RECEIVING | POSTING,
    "receive_from_home": RECEIVING,
}
_REVIEW_PARKED = "review_parked"
_KIND_OF = {ASIDE: REVIEW_ASIDE, REFUSED: REVIEW_REFUSED, PARKED: _REVIEW_PARKED}
#: Of these each task has words of its own, and the group has these.
_GROUP_WORDS = {
    REVIEW_ASIDE: "没有被采纳的记录，请核实后答复",
    REVIEW_REFUSED: "区中心没有收录的记录，请处理后答复",
    _REVIEW_PARKED: "传不出去或收不进来的，请处理后答复",
}
_MAIL = {DOUBLE_ISSUE, "send_papers", "check_papers", "post_result", "return_papers"}
_COLOURS = {"red": 0, "amber": 1, "green": 2}


@dataclass(frozen=True)
class TaskGroup:
    """Tasks of one kind: the words once, the most pressing few, and where all of them are."""

    words: str
    count: int
    items: tuple[WorkItem, ...]
    url: str


@dataclass(frozen=True)
class _Waiting:
    task: Task
    case: Case | None = None
    light: Light | None = None
    row: AsideRow | None = None
    home: HomeRow | None = None

    @property
    def rank(self) -> tuple[int, str]:
        """The most pressing first, and of these the longest waiting; what has no light is amber."""
        lit = self.light.colour if self.light else self.home.light if self.home else None
        return _COLOURS[lit or "amber"], self.task.since


def groups(here: Local, person: Person) -> tuple[TaskGroup, ...]:
    """What this person can do next, grouped by kind; the group with the most pressing first."""
    by_kind: defaultdict[str, list[_Waiting]] = defaultdict(list)
    for waiting in _waiting(here, person):
        by_kind[waiting.task.kind].append(waiting)
    for found in by_kind.values():
        found.sort(key=lambda w: w.rank)
    ordered = sorted(by_kind.values(), key=lambda found: found[0].rank)
    return tuple(_group(here, found) for found in ordered)


def _waiting(here: Local, person: Person) -> Iterator[_Waiting]:
    db, point = here.store.db, here.point.code
    for judged in judging.live(here):
        closed = judged.case.state is CaseState.CLOSED
        for task, lit in judged.tasks:
            if _of_work(task, person) and (not closed or task.kind in AFTER_CLOSING):
                yield _Waiting(task, judged.case, lit)
    doubled = registers.doubled(db)
    for parcel in registers.live(db, "parcel", limit=SUBJECTS_MAX):
        if isinstance(parcel, Parcel):
            tasks = parcel_tasks(parcel, point, doubled=parcel.number in doubled)
            again = to_resend(here, parcel)
            work = (t for t in tasks if _of_work(t, person) and (t.kind != RESEND or again))
            yield from map(_Waiting, work)
    waiting = ((task, row) for task, row in home_tasks(here) if _of_work(task, person))
    yield from (_Waiting(task, home=row) for task, row in waiting)
    if person.roles & ANYBODY:
        yield from map(_not_counted, to_answer(here))


def _not_counted(row: AsideRow) -> _Waiting:
    """What did not count, in a subject of whatever kind and state."""
    task = Task(_KIND_OF[row.kind], row.number, row.reason, row.since)
    return _Waiting(task, row=row)


def _of_work(task: Task, person: Person) -> bool:
    """Whether a task is this person's, and of the work on the subject itself."""
    return task.kind != REVIEW_ASIDE and _mine(task, person)


def _mine(task: Task, person: Person) -> bool:
    roles = _ROLES.get(task.kind, ANYBODY)
    if not person.roles & roles:
        return False
    return roles is not DECIDING or person.handles(task.department)


def _group(here: Local, found: list[_Waiting]) -> TaskGroup:
    kind = found[0].task.kind
    if kind in _GROUP_WORDS:
        items = tuple(_item(here, w) for w in found[:SHOWN_MAX])
        return TaskGroup(_GROUP_WORDS[kind], len(found), items, "/status")
    if kind == OVERDUE:
        items = tuple(_item(here, w) for w in found[:SHOWN_MAX])
        return TaskGroup(found[0].task.words, len(found), items, "/undertakings")
    if found[0].home:
        items = tuple(_item(here, w) for w in found[:SHOWN_MAX])
        return TaskGroup(found[0].task.words, len(found), items, "/fromhome")
    mail = kind in _MAIL or kind_of(found[0].task.subject) is SubjectKind.PARCEL
    return TaskGroup(
        words=found[0].task.words,
        count=len(found),
        items=tuple(_item(here, w) for w in found[:SHOWN_MAX]),
        url="/mail" if mail else "/cases",
    )


def _item(here: Local, waiting: _Waiting) -> WorkItem:
    task, case = waiting.task, waiting.case
    when = ago(task.since, here.now()) if task.since else ""
    if waiting.row:
        title = f"{waiting.row.what}　{waiting.row.number}".strip()
        return WorkItem(title, waiting.row.url or "/status", task.words, when)
    if home := waiting.home:
        url, lit_word = f"/fromhome/{home.number}", home.word
        title = f"{home.who} · {home.title}"
        return WorkItem(title, url, home.number, when, home.light, lit_word)
    if case is None:
        return WorkItem(task.subject, f"/parcels/{task.subject}", task.words, when)
    lit = waiting.light
    return WorkItem(
        f"{applicant(here, case)} · {case.title}",
        f"/cases/{case.number}",
        f"{case.number}　{task.note}".strip(),
        when,
        lit.colour if lit else None,
        lit.word if lit else "",
    )
