"""How many long-polls may be held at once."""

from __future__ import annotations

import threading

from central.embedded.errors import CouchError


class Polls:
    """Places for polls: each poll held takes a thread of the server. 503 when all are taken."""

    def __init__(self, number_max: int) -> None:
        self._free = threading.BoundedSemaphore(number_max)

    def __enter__(self) -> None:
        if not self._free.acquire(blocking=False):
            reason = "As many polls are held as this server can; ask again later."
            raise CouchError(503, "service_unavailable", reason)

    def __exit__(self, *_: object) -> None:
        self._free.release()
