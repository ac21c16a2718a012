"""A process of central as an author: a chain without a gap, whatever happens to the line."""

from __future__ import annotations

import threading
from itertools import pairwise

import pytest

from cases.fold import WrongState
from central.author import OUTBOX, CentralAuthor
from sync.canonical import digest
from sync.errors import DoorstepError, NotAllowed, RemoteUnavailable
from sync.memory import MemoryServer
from sync.sign import is_signed
from tests.central.travel import HERE, SLIP, Fray, Frayed, Journey


def docs(travel: Journey) -> list[dict]:  # type: ignore[type-arg]
    return [doc["event"] for doc in travel.server.database(OUTBOX).range("", "~", limit=1000)]


def fill(travel: Journey, number: str, author: CentralAuthor | None = None) -> str:
    data = {"channel": "qr"}
    return (author or travel.router.author).state(
        travel.router.store, "slip.filled", number, data, actor="resident", sealed=SLIP
    )


def test_its_first_word_opens_its_book_and_announces_its_key(travel: Journey) -> None:
    number = travel.receive()
    id = fill(travel, number)
    opened, filled = docs(travel)
    assert (opened["type"], opened["n"], filled["n"], filled["id"]) == ("store.opened", 1, 2, id)
    assert filled["prev"] == digest(opened)
    assert all(is_signed(event, opened["data"]["sign_key"]) for event in (opened, filled))
    assert opened["author"].startswith("central.")
    travel.router.take_in()
    assert travel.router.store.unseal(travel.router.store.events(number)[0]) == SLIP


def test_what_it_said_before_the_read_model_heard_it_gets_the_next_place(travel: Journey) -> None:
    number = travel.receive()
    ids = [fill(travel, number) for _ in range(3)]
    assert [id.split(":")[1][:4] for id in ids] == ["0001", "0002", "0003"]


def test_it_says_nothing_that_the_table_does_not_allow(travel: Journey) -> None:
    number = travel.receive()
    travel.carry()
    with pytest.raises(WrongState):
        travel.central_states("case.approved", number)
    with pytest.raises(WrongState, match="缺少"):
        travel.central_states("slip.filled", number, channel="qr")
    assert docs(travel) == []


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("at", range(3))
def test_a_line_cut_at_any_request_leaves_no_gap_and_no_second_event(
    travel: Journey, fray: Fray, moment: str, at: int
) -> None:
    number = travel.receive()
    frayed = Frayed(travel.server, fray)
    author = CentralAuthor(
        lambda: frayed.database(OUTBOX), travel.district.secrets.box.public, travel.clock
    )
    fray.cut_at(at, moment)
    stated = 0
    while stated < 2:
        try:
            fill(travel, number, author)
            stated += 1
        except RemoteUnavailable:
            fray.mend()
    events = docs(travel)
    assert [event["n"] for event in events] == list(range(1, len(events) + 1))
    for before, after in pairwise(events):
        assert after["prev"] == digest(before)
    travel.router.take_in()
    assert travel.problems() == []


def test_a_refusal_for_good_leaves_its_place_free(travel: Journey) -> None:
    number = travel.receive()
    outbox = travel.server.database(OUTBOX)

    class Forbidden:
        def put(self, doc: object) -> str:
            raise NotAllowed("no")

    author = CentralAuthor(lambda: box, travel.district.secrets.box.public, travel.clock)  # type: ignore[arg-type,return-value]
    box: object = Forbidden()
    with pytest.raises(NotAllowed):
        fill(travel, number, author)
    box = outbox
    fill(travel, number, author)
    assert [event["n"] for event in docs(travel)] == [1, 2]


def test_a_place_taken_by_somebody_else_is_an_error_not_a_guess(travel: Journey) -> None:
    number = travel.receive()
    author = travel.router.author
    travel.server.database(OUTBOX).put({"_id": f"{author.author}:0000000001", "event": {"x": 1}})
    taken = author.author
    with pytest.raises(DoorstepError, match="已是另一内容"):
        fill(travel, number)
    assert fill(travel, number).endswith(author.author)  # it goes on, under a name of its own
    assert author.author != taken


def test_many_threads_speak_one_after_the_other(travel: Journey) -> None:
    numbers = [travel.receive() for _ in range(4)]
    failures: list[BaseException] = []

    def speak(number: str) -> None:
        store, server = travel.district.open_store("router.db"), travel.district.connect()
        try:
            for _ in range(5):
                author.state(store, "slip.filled", number, {"channel": "qr"}, actor="r",
                             sealed=SLIP)  # fmt: skip
        except BaseException as error:
            failures.append(error)
        finally:
            store.close()
            server.close()

    local = threading.local()
    opened = []

    def outbox():  # type: ignore[no-untyped-def]
        if not hasattr(local, "server"):
            local.server = travel.district.connect()
            opened.append(local.server)
        return local.server.database(OUTBOX)

    author = CentralAuthor(outbox, travel.district.secrets.box.public, travel.clock)
    threads = [threading.Thread(target=speak, args=[number]) for number in numbers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for server in opened:
        server.close()
    assert failures == []
    assert [event["n"] for event in docs(travel)] == list(range(1, 22))
    travel.push(HERE)
    travel.router.take_in()
    assert travel.problems() == []


def test_two_processes_are_two_authors() -> None:
    server = MemoryServer()
    authors = {CentralAuthor(lambda: server.database(OUTBOX), "", str).author for _ in range(50)}
    assert len(authors) == 50
