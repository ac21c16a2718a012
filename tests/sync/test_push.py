"""Push: in order, as often as need be, and never over another store's events."""

from __future__ import annotations

import pytest

from sync.canonical import digest
from sync.db import write
from sync.errors import Conflict, Missing, NotAllowed, RemoteRefused, RemoteUnavailable
from sync.memory import MemoryServer
from sync.ports import Database
from sync.push import CopiedStore, Pushed, outbox_id, push_once
from sync.seal import Box
from sync.store import Receipt, read_envelope
from tests.sync.cast import CENTRAL_BOX, SEALED, Desk


@pytest.fixture
def server() -> MemoryServer:
    server = MemoryServer()
    server.create("outbox")
    return server


@pytest.fixture
def outbox(server: MemoryServer) -> Database:
    return server.database("outbox")


def push(lin: Desk, outbox: Database, after: int = 0, batch: int = 200) -> Pushed:
    return push_once(lin.store, lin.author, outbox, CENTRAL_BOX.public, after=after, batch=batch)


def sent(outbox: Database) -> list[int]:
    docs = outbox.range("", "~", limit=10_000)
    return [doc["event"]["n"] for doc in docs if "parked" not in doc["event"]]


def test_every_event_goes_in_its_place_with_a_key_for_central_alone(
    lin: Desk, outbox: Database
) -> None:
    number = lin.receive()
    assert push(lin, outbox) == Pushed(2, 2, True)
    docs = outbox.range("", "~", limit=10)
    assert [doc["_id"] for doc in docs] == [outbox_id(lin.author, 1), outbox_id(lin.author, 2)]
    envelope = read_envelope(docs[1])
    assert digest(envelope.event.doc) == lin.store.head(lin.author)[1]
    assert envelope.event.subject == number
    assert CENTRAL_BOX.unwrap(envelope.keys) == lin.store.subject_key(number, lin.author)
    assert Box.new().unwrap(envelope.keys) is None
    assert not any(value in str(docs) for value in SEALED.values())


def test_nothing_waits_means_no_request(lin: Desk, server: MemoryServer, outbox: Database) -> None:
    def fail(verb: str, name: str) -> None:
        raise AssertionError(verb)

    server.before = fail
    assert push(lin, outbox, after=1) == Pushed(0, 1, True)


def test_many_events_go_in_batches_in_order(lin: Desk, outbox: Database) -> None:
    for _ in range(6):
        lin.receive()
    after, steps = 0, 0
    while True:
        done = push(lin, outbox, after, batch=3)
        after, steps = done.last, steps + 1
        if done.caught_up:
            break
    assert (steps, sent(outbox)) == (3, [1, 2, 3, 4, 5, 6, 7])


def test_a_push_repeated_sends_nothing_twice(lin: Desk, outbox: Database) -> None:
    lin.receive()
    assert push(lin, outbox) == push(lin, outbox) == Pushed(2, 2, True)
    assert sent(outbox) == [1, 2]
    assert all(doc["_rev"].startswith("1-") for doc in outbox.range("", "~", limit=10))


@pytest.mark.parametrize("moment", ["before", "after"])
def test_an_answer_that_is_lost_loses_nothing(
    lin: Desk, server: MemoryServer, outbox: Database, moment: str
) -> None:
    lin.receive()

    def cut(verb: str, name: str) -> None:
        raise RemoteUnavailable("the line is cut")

    setattr(server, moment, cut)
    with pytest.raises(RemoteUnavailable):
        push(lin, outbox)
    setattr(server, moment, lambda verb, name: None)
    assert push(lin, outbox) == Pushed(2, 2, True)
    assert sent(outbox) == [1, 2]


def test_what_a_receipt_covers_is_not_sent_again(lin: Desk, outbox: Database) -> None:
    lin.receive()
    with write(lin.store.db):
        lin.store.set_receipt(lin.author, Receipt(1, "", ""))
    assert push(lin, outbox) == Pushed(1, 2, True)
    assert sent(outbox) == [2]


def test_a_missing_outbox_is_said_and_its_events_wait(lin: Desk, server: MemoryServer) -> None:
    with pytest.raises(Missing):
        push(lin, server.database("nowhere"))
    assert lin.store.waiting(lin.author) == 1


def test_a_batch_refused_whole_is_halved_down_to_its_culprit(
    lin: Desk, server: MemoryServer, outbox: Database
) -> None:
    for _ in range(7):
        lin.receive()
    bulk = outbox.bulk

    class Picky:
        def bulk(self, docs):  # type: ignore[no-untyped-def]
            if any(doc["event"].get("n") == 5 for doc in docs):
                raise RemoteRefused("one of them is not to my taste")
            return bulk(docs)

        def __getattr__(self, name: str) -> object:
            return getattr(outbox, name)

    first = push(lin, Picky())  # type: ignore[arg-type]
    assert (first.sent, first.last, first.caught_up) == (7, 4, False)
    assert sent(outbox) == [1, 2, 3, 4, 6, 7, 8]
    assert outbox.get(outbox_id(lin.author, 5)) is None
    assert push(lin, Picky(), after=first.last).caught_up  # type: ignore[arg-type]
    assert "parked" in (outbox.get(outbox_id(lin.author, 5)) or {})["event"]
    ((id, why, _),) = lin.store.parked()
    assert id == outbox_id(lin.author, 5)
    assert "发件箱拒收" in why


def test_what_was_refused_once_and_then_taken_needs_nobody(lin: Desk, outbox: Database) -> None:
    """A proxy's slip: the event itself goes, and no stand-in has its place."""
    lin.receive()

    class Slips:
        slipped = False

        def bulk(self, docs):  # type: ignore[no-untyped-def]
            if not self.slipped and len(docs) == 1:
                self.slipped = True
            if not self.slipped or len(docs) == 1:
                raise RemoteRefused("a slip")
            return outbox.bulk(docs)

        def __getattr__(self, name: str) -> object:
            return getattr(outbox, name)

    line = Slips()
    first = push(lin, line)  # type: ignore[arg-type]
    assert (first.sent, first.last) == (0, 0)
    assert len(lin.store.parked()) == 2
    assert push(lin, line, after=first.last).caught_up  # type: ignore[arg-type]
    assert sent(outbox) == [1, 2]
    assert lin.store.parked() == []


def test_who_may_not_write_is_told_so(lin: Desk, server: MemoryServer) -> None:
    server.set_user("p-1", "pw")
    stranger = server.as_user("p-1").database("outbox")
    with pytest.raises(NotAllowed):
        push(lin, stranger)


# a copied store


def copy_of(lin: Desk) -> Desk:
    """The same name, keys and history, on another machine."""
    path = lin.path.with_name("copy.db")
    lin.store.db.conn.execute("VACUUM INTO ?", [str(path)])
    return Desk(path, box=lin.box, signer=lin.signer)


def test_a_copied_store_is_found_at_its_first_push_and_spoils_nothing(
    lin: Desk, outbox: Database
) -> None:
    lin.receive()
    push(lin, outbox)
    copy = copy_of(lin)
    for _ in range(2):
        lin.receive(name="the original")
    push(lin, outbox)
    for _ in range(4):
        copy.receive(name="the copy")
    before = outbox.range("", "~", limit=100)
    with pytest.raises(CopiedStore) as found:
        push(copy, outbox)
    assert (found.value.author, found.value.n) == (lin.author, 3)
    assert outbox.range("", "~", limit=100) == before
    copy.store.close()


def test_what_a_copy_put_behind_the_other_ones_events_is_taken_back_only_if_it_is_still_its_own(
    lin: Desk, outbox: Database
) -> None:
    copy = copy_of(lin)
    lin.receive()
    push(lin, outbox)
    for _ in range(2):
        copy.receive()

    class Slow:
        """Somebody else changes what the copy wrote before it can take it back."""

        def delete(self, id: str, rev: str) -> None:
            raise Conflict(id)

        def __getattr__(self, name: str) -> object:
            return getattr(outbox, name)

    with pytest.raises(CopiedStore):
        push(copy, Slow())  # type: ignore[arg-type]
    copy.store.close()
