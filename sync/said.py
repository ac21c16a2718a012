"""What an applicant has said of themselves, as it counts now: the one place that reads it.

The sealed part of the reception, with what was corrected on the spot since laid over it.
"""

from __future__ import annotations

from typing import Any

from cases.corrected import corrections, overlaid
from cases.folded import Case
from sync.seal import CannotUnseal
from sync.store import Store


def said_of(store: Store, case: Case) -> dict[str, Any]:
    """Name, document, phone and the rest; the newest value of each.

    :raises CannotUnseal: this store cannot open all of it.
    """
    said = _sealed(store, case.received_event)
    for step in corrections(case):
        said = overlaid(said, step, _sealed(store, step.id))
    return said


def said_or_nothing(store: Store, case: Case) -> dict[str, str]:
    """The same as text, whatever a hostile author sealed; empty where this store cannot open it."""
    try:
        said = said_of(store, case)
    except CannotUnseal:
        return {}
    return {name: "" if value is None else str(value) for name, value in said.items()}


def _sealed(store: Store, event_id: str) -> dict[str, Any]:
    event = store.event(event_id)
    if event is None:
        raise CannotUnseal(f"{event_id} is not here")
    return store.unseal(event)
