"""In which order a subject's facts are told: as they count, and what knew nothing, by its time.

A point that has not heard of a case may state that its receipt was shown, and central that a slip
was filled: such a fact has a place at the very beginning of the history, whenever it came.
"""

from __future__ import annotations

from collections.abc import Iterable

from cases.folded import Step
from cases.states import CaseState
from cases.table import TYPES


def in_order(steps: Iterable[Step]) -> tuple[Step, ...]:
    """The facts as a person reads them, oldest first."""
    ordered = sorted(steps, key=lambda step: step.id)
    found = [step for step in ordered if not _may_know_nothing(step)]
    for step in sorted(filter(_may_know_nothing, ordered), key=lambda step: step.at):
        before = (n for n in range(len(found), 0, -1) if _precedes(found[n - 1], step))
        found.insert(next(before, 0), step)
    return tuple(found)


def _precedes(other: Step, step: Step) -> bool:
    """Whether another fact stands before one that may have known nothing: what it did know of
    does, whatever a clock says."""
    knew_of_it = _place(other) < _place(step) and not _may_know_nothing(other)
    return knew_of_it or other.at <= step.at


def _place(step: Step) -> str:
    """Its id without its author: of the same place, neither knew of the other."""
    return step.id.rpartition("-")[0]


def _may_know_nothing(step: Step) -> bool:
    row = TYPES.get(step.type)
    return row is not None and row.to is None and CaseState.NEW in row.states
