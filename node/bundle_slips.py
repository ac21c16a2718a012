"""One slip for a whole reception (一件事): what was filled in and checked once holds for all."""

from __future__ import annotations

from collections.abc import Iterable

from cases.folded import Case
from cases.slips import open_fields, standing
from sync.writing import Writing


def share_slip(w: Writing, others: Iterable[Case], slip: str, actor: str) -> None:
    """Let a slip that was just confirmed hold for the whole reception: it was filled in once.

    A case that has a slip of its own keeps it.
    """
    event = w.store.event(slip)
    waiting = [each for each in others if not standing(each)]
    case = w.store.case(event.subject) if event else None
    shared = next((s for s in case.slips if s.event == slip), None) if case else None
    if event is None or shared is None or not waiting:
        return
    sealed = w.store.unseal(event)
    for each in waiting:
        data = {"channel": "bundle", **open_fields(shared)}
        filled = w.state("slip.filled", each.number, data, actor=actor, sealed=sealed)
        w.state("slip.confirmed", each.number, {"slip": filled.id}, actor=actor)
