"""The bell: one document a point, by which central hears who has written, and the board when
each point was last heard from."""

from __future__ import annotations

from typing import Any

from sync.errors import Conflict, RemoteUnavailable
from sync.ports import Database

NAME = "bell"
ATTEMPTS_MAX = 3


def ring(
    bell: Database,
    point: str,
    *,
    author: str,
    n: int,
    at: str,
    software: str,
    left: int = -1,
    carrier: str = "",
    safe: int = 0,
    lost: str = "",
) -> tuple[str, str]:
    """Say: author ``author`` of this point has written up to ``n``; its clock shows ``at``.

    ``left`` is how many tracking numbers it still holds; -1 where none are used; ``carrier`` is
    whose they are, empty where it never had any. ``safe`` is up to
    where it has central's receipt: a journal that holds less was restored. ``lost`` names a journal
    that was found to lack what it had given, though it bore that name before.

    Another process of the point may ring at the same moment, of less: then it is rung again.

    :returns: the document's revision before ("" if there was none) and after.
    :raises RemoteUnavailable: others keep ringing it.
    """
    doc: dict[str, Any] = {
        "_id": point, "author": author, "n": n, "at": at, "software": software,
        "left": left, "carrier": carrier, "safe": safe, "lost": lost,
    }  # fmt: skip
    for _ in range(ATTEMPTS_MAX):
        known = bell.get(point)
        try:
            rev = bell.put({**doc, "_rev": known["_rev"]} if known else doc)
        except Conflict:
            continue
        return (str(known["_rev"]) if known else "", rev)
    raise RemoteUnavailable(f"{NAME}/{point}: others keep ringing it; try again later")
