"""承诺待补: the papers that were promised in writing, by when, and recording that they came."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cases.fields import BadField
from cases.fold import WrongState
from cases.folded import Case
from cases.lights import Light
from cases.times import shown_day
from cases.undertakings import KEPT, day_owed, light_of, pending
from node import officer
from node.local import Local
from node.people_card import applicant
from node.permissions import RECEIVING, Person, require
from sync import registers

KEEP = "补齐承诺材料"
CASES_MAX = 2_000


@dataclass(frozen=True)
class OwedPaper:
    """One promised paper: its position, its name, by when in words."""

    position: int
    name: str
    by: str


@dataclass(frozen=True)
class OwedRow:
    """A case that owes papers, as the worklist shows it."""

    number: str
    title: str
    applicant: str
    papers: tuple[OwedPaper, ...]
    light: Light


def owed_papers(here: Local, case: Case) -> tuple[OwedPaper, ...]:
    """The papers that a case owes, the soonest first."""
    today = here.today()
    days = ((m, day_owed(m)) for m in pending(case))
    return tuple(
        OwedPaper(m.position, m.name, shown_day(day, today) if day else m.undertaken)
        for m, day in days
    )


def paper_url(case: Case) -> str:
    """Where the undertaking (告知承诺书) for what a case owes is printed."""
    asked = "&".join(f"owed={m.position}" for m in pending(case))
    return f"/cases/{case.number}/undertaking.pdf?{asked}"


def rows(here: Local) -> tuple[OwedRow, ...]:
    """The cases received here that owe papers, the most pressing first."""
    found = []
    for case in registers.live(here.store.db, "case", limit=CASES_MAX):
        if isinstance(case, Case) and case.point == here.point.code and not case.read_only:
            lit = light_of(case, here.bundle.calendar, here.today())
            if lit:
                found.append((lit.due, case, lit))
    found.sort(key=lambda row: (row[0], row[1].received_at))
    return tuple(
        OwedRow(case.number, case.title, applicant(here, case), owed_papers(here, case), lit)
        for _, case, lit in found
    )


def keep(local: Local, number: str, positions: Iterable[int], person: Person, op: str) -> str:
    """Record that promised papers were handed in. :returns: what to tell the person.

    :raises NotPermitted: this person may not. :raises BadField: nothing was chosen.
    :raises WrongState: the case does not owe them now.
    """
    chosen = sorted(set(positions))

    def work(hand: officer.Hand) -> str:
        case = hand.scene(number).case
        require(person, RECEIVING, KEEP, case)
        if not chosen:
            raise BadField("position", "请勾选补来了哪些材料。", "Choose what was handed in.")
        if not set(chosen) <= {m.position for m in pending(case)}:
            raise WrongState(f"{number} 有的材料已经补过或不用补了，下面是现在的情况")
        hand.state(KEPT, number, positions=chosen)
        return "已记录补齐，谢谢跟进"

    return officer.once(local, op, person, work)
