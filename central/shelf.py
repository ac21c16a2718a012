"""The published catalogue as central itself uses it: one file beside the read models.

It holds what the database ``catalogue`` publishes, in force and waiting, and is replaced whole, so
a reader never sees half of it. It may be lost: the jobs fetch it again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from secrets import token_hex
from typing import Any

import msgspec

from cases.times import day_of
from sync.bundle import Bundle
from sync.holding import Shelf, restocked
from sync.ports import Database

FILE = "catalogue.json"


def read_shelf(data: Path) -> Shelf:
    """What is kept here; empty where nothing is, or nothing that can be read."""
    try:
        docs = msgspec.json.decode((data / FILE).read_bytes(), type=list[dict[str, Any]])
    except (FileNotFoundError, msgspec.DecodeError):
        docs = []
    return Shelf.of(docs)


def keep_shelf(data: Path, shelf: Shelf) -> None:
    """Keep a shelf in the place of the one before."""
    spare = data / f".{FILE}.{token_hex(4)}"
    spare.write_bytes(msgspec.json.encode(list(shelf.docs.values())))
    spare.replace(data / FILE)


def restock(data: Path, catalogue: Database, root_key: str, now: str) -> bool:
    """Take over what is published, as a node does. :returns: whether anything was new.

    :raises BadBundle, RemoteError: nothing was taken over.
    """
    new = restocked(read_shelf(data), catalogue, root_key, day_of(now).isoformat())
    if new is not None:
        keep_shelf(data, new)
    return new is not None


class Standing:
    """The bundle in force, for the pages of one process: read anew when file or day change."""

    def __init__(
        self, data: Path, root_key: str, clock: Callable[[], str], otherwise: Bundle
    ) -> None:
        self._data = data
        self._root_key = root_key
        self._clock = clock
        self._otherwise = otherwise
        self._lock = threading.Lock()
        self._known: tuple[tuple[object, str], Bundle] | None = None

    def bundle(self) -> Bundle:
        """The bundle that holds today; what central was opened with where none was published."""
        today = day_of(self._clock()).isoformat()
        mark = (_mark(self._data / FILE), today)
        known = self._known
        if known is None or known[0] != mark:
            with self._lock:
                held = read_shelf(self._data).held(self._root_key, today) or self._otherwise
                same = known is not None and known[1].version == held.version
                known = (mark, known[1] if same and known else held)
                self._known = known
        return known[1]


def _mark(path: Path) -> tuple[int, int, int] | None:
    """What changes when the file is replaced."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size
