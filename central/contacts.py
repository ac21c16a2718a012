"""When each point was last heard from: its document in the database ``bell``."""

from __future__ import annotations

from dataclasses import dataclass

from cases.points import Directory, Point
from cases.times import BadTime, ago, from_text
from courier.look.cards import Light
from sync import bell
from sync.errors import RemoteError
from sync.ports import Server
from sync.store import Store

QUIET_SECONDS = 15 * 60  # a node rings every five minutes: three are missing
SILENT_SECONDS = 2 * 3600
DOCS_MAX = 1000


@dataclass(frozen=True)
class Contact:
    """A point, when it was last heard from, and how that is to be judged."""

    point: Point
    at: str = ""
    words: str = "从未联系"
    light: Light | None = None
    light_word: str = ""
    software: str = ""
    behind: int = 0


def contacts(
    server: Server, store: Store, directory: Directory, now: str
) -> tuple[tuple[Contact, ...], bool]:
    """Every point, the longest silent first; and whether the bells could be read."""
    try:
        docs = server.database(bell.NAME).range("", "~", limit=DOCS_MAX)
    except RemoteError:
        return tuple(Contact(p, words="现在查不到") for p in directory.points), False
    bells = {str(d["_id"]): d for d in docs}
    found = [_contact(p, bells.get(p.code), store, now) for p in directory.points]
    order = {"red": 0, "amber": 1, "green": 2, None: 3}
    return tuple(sorted(found, key=lambda c: (order[c.light], c.at, c.point.number))), True


def _contact(point: Point, doc: dict[str, object] | None, store: Store, now: str) -> Contact:
    at = str(doc.get("at", "")) if doc else ""
    if doc is None or not _is_time(at):
        return Contact(point)
    light, word = judged(at, now)
    n, author = doc.get("n"), str(doc.get("author", ""))
    behind = max(n - store.head(author)[0], 0) if isinstance(n, int) else 0
    return Contact(point, at, ago(at, now), light, word, str(doc.get("software", "")), behind)


def _is_time(at: str) -> bool:
    """Whether a bell says a time. What stands in the database ``bell`` is written by points."""
    try:
        from_text(at)
    except BadTime:
        return False
    return True


def judged(at: str, now: str) -> tuple[Light, str]:
    """How a point stands that was last heard from at a time."""
    silent = (from_text(now) - from_text(at)).total_seconds()
    if silent <= QUIET_SECONDS:
        return "green", "在线"
    return ("amber", "断线") if silent <= SILENT_SECONDS else ("red", "断线较久")
