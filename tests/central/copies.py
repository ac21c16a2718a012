"""A CouchDB short of copies: its writes are answered 202, and what they wrote may be lost again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from sync.ports import Server


class ShortOfCopies:
    """Stands before the embedded store as the rest of a cluster would.

    While `short` names a database, its writes are carried out by one copy only and answered 202;
    `lose` takes that copy away. Other databases, and readings, are answered as ever.
    """

    def __init__(self, app: Callable[..., Iterable[bytes]]) -> None:
        self._app = app
        self.short: set[str] = set()
        self.lost: dict[str, dict[str, list[str]]] = {}

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        database = environ["PATH_INFO"].split("/")[1]
        if database not in self.short or environ["REQUEST_METHOD"] not in ("PUT", "POST"):
            return self._app(environ, start_response)
        said: list[Any] = []
        body = b"".join(self._app(environ, lambda *head: said.extend(head)))
        status, headers = said
        if status.startswith("201"):
            status = "202 Accepted"
            told = json.loads(body)
            for row in told if isinstance(told, list) else [told]:
                if row.get("ok"):
                    self.lost.setdefault(database, {})[row["id"]] = [row["rev"]]
        start_response(status, headers)
        return [body]

    def lose(self, server: Server) -> int:
        """The copy that held it is gone for good. Gives how many documents went with it."""
        number, short, self.short = 0, self.short, set()
        for database, revs in self.lost.items():
            server.database(database).purge(revs)
            number += len(revs)
        self.lost.clear()
        self.short = short
        return number
