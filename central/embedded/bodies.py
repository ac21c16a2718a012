"""The contents of documents, in a table where nothing moves: added at the end, blanked in place."""

from __future__ import annotations

from collections.abc import Iterable

from central.embedded.file import Connection


def add(conn: Connection, body: bytes) -> int:
    """Store `body`. Returns its key."""
    return int(conn.execute("insert into bodies (content) values (?)", (body,)).lastrowid)


def blank(conn: Connection, keys: Iterable[int]) -> None:
    """Overwrite bodies with zeros of the same length, where they stand."""
    rows = [(key,) for key in keys]
    conn.executemany("insert into dead select key, length(content) from bodies where key = ?", rows)
    conn.executemany("update bodies set content = zeroblob(length(content)) where key = ?", rows)
