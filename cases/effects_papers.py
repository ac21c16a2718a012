"""What events about single papers change in their case: scans of them, promises to bring them."""

from __future__ import annotations

from typing import Any, TypeVar

from msgspec.structs import replace

from cases.events import Event
from cases.folded import Case, Scan, Visit
from cases.scans import names_a_blob

Scanned = TypeVar("Scanned", Case, Visit)


def is_whole(value: Any) -> bool:
    """Whether a value is a whole number: true and false, with which Python counts, are none."""
    return isinstance(value, int) and not isinstance(value, bool)


def scanned(subject: Scanned, event: Event) -> Scanned:
    """The scan is offered, if its event names a possible blob."""
    data = event.data
    if not names_a_blob(data):
        return subject
    scan = Scan(
        event=event.id,
        blob=data["blob"],
        size=data["size"],
        media=data["media"],
        at=event.at,
        by=event.author,
        position=data["position"] if is_whole(data.get("position")) else 0,
        pages=data["pages"] if is_whole(data.get("pages")) else 0,
    )
    return replace(subject, scans=(*subject.scans, scan))


def scan_removed(case: Case, event: Event) -> Case:
    """The scan is offered no more, nor its blob; that it was there stays in the history."""
    left = tuple(scan for scan in case.scans if scan.event != event.data["scan"])
    return replace(case, scans=left)


def undertaking_kept(case: Case, event: Event) -> Case:
    """Promised papers were handed in: from now on they are taken, and lie where they came."""
    kept = {p for p in event.data["positions"] if is_whole(p)}
    materials = tuple(
        replace(m, taken=True, brought_at=event.at, brought_to=event.point)
        if m.undertaken and not m.taken and m.position in kept
        else m
        for m in case.materials
    )
    return replace(case, materials=materials)
