"""The bell: one document a point, by which central hears who has written, and the board when
each point was last heard from."""

from __future__ import annotations

from typing import Any

from sync.errors import Conflict
from sync.ports import Database

NAME = "bell"


def ring(
    bell: Database,
    point: str,
    *,
    author: str,
    n: int,
    at: str,
    software: str,
    left: int = -1,
    safe: int = 0,
) -> None:
    """Say: author ``author`` of this point has written up to ``n``; its clock shows ``at``.

    ``left`` is how many tracking numbers it still holds; -1 where none are used. ``safe`` is up to
    where it has central's receipt: a journal that holds less was restored.

    A concurrent ring of another process of the point wins just as well.
    """
    doc: dict[str, Any] = {
        "_id": point, "author": author, "n": n, "at": at, "software": software,
        "left": left, "safe": safe,
    }  # fmt: skip
    known = bell.get(point)
    if known is not None:
        doc["_rev"] = known["_rev"]
    try:
        bell.put(doc)
    except Conflict:
        return
