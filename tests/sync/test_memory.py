"""What the memory twin has beyond the contract: a line that tests can break."""

from __future__ import annotations

import pytest

from sync.errors import NotAllowed, RemoteUnavailable
from sync.memory import MemoryServer


def broken(verb: str, database: str) -> None:
    raise RemoteUnavailable(f"{verb} {database}: the line is down")


def test_a_line_cut_before_the_request_leaves_nothing_behind() -> None:
    server = MemoryServer()
    server.create("outbox")
    server.before = broken

    with pytest.raises(RemoteUnavailable, match="bulk outbox"):
        server.database("outbox").bulk([{"_id": "a"}])

    assert server.connect().database("outbox").get("a") is None


def test_an_answer_lost_after_the_request_leaves_it_written() -> None:
    server = MemoryServer()
    server.create("outbox")
    server.after = broken

    with pytest.raises(RemoteUnavailable):
        server.database("outbox").bulk([{"_id": "a"}])

    assert server.connect().database("outbox").get("a") is not None


def test_only_the_connection_that_was_broken_is_broken() -> None:
    server = MemoryServer()
    server.create("outbox")
    server.database("outbox").secure(["point"])
    point = server.as_user("point")

    point.before = broken

    with pytest.raises(RemoteUnavailable):
        point.database("outbox").get("a")
    assert server.database("outbox").get("a") is None


def test_a_user_taken_on_trust_is_still_held_to_its_databases() -> None:
    server = MemoryServer()
    server.create("outbox")

    with pytest.raises(NotAllowed):
        server.as_user("point").database("outbox").get("a")


def test_what_was_read_may_be_changed_without_changing_what_is_stored() -> None:
    server = MemoryServer()
    server.create("outbox")
    database = server.database("outbox")
    database.put({"_id": "a", "list": [1]})

    doc = database.get("a")
    assert doc is not None
    doc["list"].append(2)

    assert database.fetch(["a"])["a"]["list"] == [1]
