"""Carried facts (转录): what an author signed where the journal has another fact in its place.

A disk that lived twice wrote two facts in one place. Where central was restored in between, its
journal may hold the one while other points still hold the other. Central then carries that one: a
fact of its own has the whole original in it, as its author signed it. The fold takes the original
out and judges it as if it stood in its own place; carried twice, or carried and there, it is one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from msgspec.structs import replace

from cases.events import CENTRAL, Event, NotAnEvent, parse

CARRIED = "event.carried"
CARRIED_ZH = "区中心转录"  # how a history shows a fact that is there as it was carried


def told(event: Event) -> Event:
    """The fact that an event tells: of central's carrier what it carries, else the event itself."""
    if event.type != CARRIED or event.point != CENTRAL:
        return event
    inner = carried(event.subject, event.data)
    return replace(inner, carrier=event.id) if inner else event


def carried(subject: str, data: Mapping[str, Any]) -> Event | None:
    """The fact of a subject in a carrier's data, or None if there is none that can be read."""
    try:
        inner = parse(data.get("event"))
    except NotAnEvent:
        return None
    return inner if inner.subject == subject and inner.type != CARRIED else None


def facts(events: Iterable[Event]) -> list[Event]:
    """The facts that a subject's events tell, each once.

    One whose id another fact has is known by its carrier's id, and so is it to what the same
    author says of it in what is carried.
    """
    given = list(events)
    if all(event.type != CARRIED for event in given):
        return given
    found: dict[tuple[str, str], Event] = {}
    for event in sorted(map(told, given), key=lambda e: (e.carrier, e.id)):
        found.setdefault((str(event.doc["id"]), event.sig), event)
    times = Counter(event.id for event in found.values())
    named = [
        replace(event, id=event.carrier) if event.carrier and times[event.id] > 1 else event
        for event in found.values()
    ]
    renamed: dict[tuple[str, str], str] = {}
    for event in named:
        if event.id == event.carrier:
            renamed.setdefault((event.author, str(event.doc["id"])), event.id)
    return [_following(event, renamed) if event.carrier else event for event in named]


def _following(event: Event, renamed: Mapping[tuple[str, str], str]) -> Event:
    """A carried fact whose open fields name by its new name what its author's other facts are."""
    data = {
        name: renamed.get((event.author, value), value) if isinstance(value, str) else value
        for name, value in event.data.items()
    }
    return replace(event, data=data)
