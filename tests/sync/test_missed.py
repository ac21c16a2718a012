"""What lies in a restored inbox behind a node's cursor: nothing else tells of it."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sync import missed
from sync.db import write
from sync.memory import MemoryServer
from sync.missed import begin_again, is_rewound, lacking, look_once, note_bell, take_again
from sync.ports import Database
from sync.pull import pull_once
from sync.store import envelope_doc
from sync.word import CURSOR, LOST, OFFER
from tests.cases.facts import ELSEWHERE
from tests.sync.cast import Desk, desk


@pytest.fixture
def server() -> MemoryServer:
    server = MemoryServer()
    server.create("inbox")
    return server


@pytest.fixture
def inbox(server: MemoryServer) -> Database:
    return server.database("inbox")


@pytest.fixture
def wu(tmp_path: Path) -> Iterator[Desk]:
    with desk(tmp_path / "wu.db", point=ELSEWHERE, suffix="cccc") as made:
        yield made


def backup(server: MemoryServer) -> Callable[[], None]:
    kept = copy.deepcopy(server._store.bases)

    def restore() -> None:
        server._store.bases.clear()
        server._store.bases.update(copy.deepcopy(kept))

    return restore


def deliver(inbox: Database, to: Desk, *desks: Desk) -> None:
    """Everything of these desks, as delivery puts it: what is there stays."""
    inbox.bulk([envelope_doc(e.event.id, e) for each in desks for e in each.envelopes(to.box)])


def pull(to: Desk, inbox: Database) -> None:
    while not pull_once(to.store, inbox).caught_up:
        pass


def test_what_was_put_behind_the_cursor_of_a_restored_inbox_is_found_and_taken(
    lin: Desk, wu: Desk, chen: Desk, server: MemoryServer, inbox: Database
) -> None:
    deliver(inbox, chen, lin)
    restore = backup(server)
    number = lin.receive()
    lin.receive()
    deliver(inbox, chen, lin)
    pull(chen, inbox)
    restore()
    inside = wu.receive()
    deliver(inbox, chen, wu, lin)
    pull(chen, inbox)
    assert chen.store.subject(number) is not None
    assert chen.store.subject(inside) is None  # it is answered "nothing new" for ever

    found = look_once(chen.store, inbox)
    assert found == tuple(sorted(e.event.id for e in wu.envelopes(chen.box)))
    take_again(chen.store)
    pull(chen, inbox)
    assert chen.store.subject(inside) is not None
    assert lacking(chen.store, inbox, found) == look_once(chen.store, inbox) == ()


def test_a_long_inbox_is_compared_by_pages_and_then_from_the_start(
    lin: Desk, chen: Desk, inbox: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(missed, "PAGE", 3)
    for _ in range(6):
        lin.receive()
    deliver(inbox, chen, lin)
    every = sorted(e.event.id for e in lin.envelopes(chen.box))
    pages = [look_once(chen.store, inbox) for _ in range(4)]
    assert pages == [tuple(every[:3]), tuple(every[3:6]), tuple(every[6:]), tuple(every[:3])]


def test_what_is_held_put_aside_or_kept_beside_is_not_lacking(
    lin: Desk, chen: Desk, inbox: Database
) -> None:
    deliver(inbox, chen, lin)
    inbox.bulk([
        {"_id": "moon:0001-base", "event": {"id": "moon"}}, {"_id": "weather", "sun": 1},
        {"_id": "mailbox", "made": "a"}, {"_id": f"receipt:{chen.author}", "n": 0, "hash": ""},
        {"_id": "staff:350102000000", "accounts": []},
    ])  # fmt: skip
    pull(chen, inbox)
    assert chen.store.parked() != []
    assert look_once(chen.store, inbox) == ()


def test_a_staff_list_that_changed_behind_the_cursor_is_found(chen: Desk, inbox: Database) -> None:
    id = f"staff:{chen.point}"
    inbox.put({"_id": id, "accounts": ["lin"]})
    pull(chen, inbox)
    with write(chen.store.db):
        chen.store.set_document(id, {"id": id, "accounts": []})
    assert look_once(chen.store, inbox) == (id,)


def test_a_bell_that_went_back_has_all_taken_and_offered_again(chen: Desk) -> None:
    with write(chen.store.db):
        chen.store.set_document("mailbox", {"made": "a", "journal": "first"})
        chen.store.set_cursor(CURSOR, "90-x")
    assert not note_bell(chen.store, "", "1-a")
    assert not note_bell(chen.store, "4-a", "5-b")  # another PC of the point rang meanwhile
    assert not is_rewound(chen.store)
    for before, after in (("3-c", "4-d"), ("", "1-e")):
        assert note_bell(chen.store, before, after)
        assert is_rewound(chen.store)
        begin_again(chen.store)
        assert not is_rewound(chen.store)
        told = [chen.store.cursor(name) for name in (CURSOR, OFFER, LOST)]
        assert told == ["0", "0", "first"]
