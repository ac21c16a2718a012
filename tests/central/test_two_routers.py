"""Two routers at once, interleaved at every request, give the same result as one."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

import central.delivery
import central.intake
import central.receipts
from cases.folded import StoreBook
from cases.states import CaseState
from central.district import JOURNAL, inbox_name, outbox_name
from central.router import follow_journal
from central.setup import prepare_couch
from sync.errors import RemoteError
from sync.memory import MemoryServer
from sync.ports import Doc, Server
from sync.pull import RECEIPT
from tests.central.test_intake import Rogue
from tests.central.travel import (
    CENTRE,
    HERE,
    SLIP,
    Frayed,
    Journey,
    Router,
    SmallDistrict,
    journey,
)  # fmt: skip
from tests.central.turns import Turns

ROUNDS = 3
TRIES_MAX = 20


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many requests for few events: more places where the other router may come between."""
    for module in (central.intake, central.receipts, central.delivery):
        monkeypatch.setattr(module, "BATCH", 2)


def morning(travel: Journey) -> Journey:
    """What waits in the outboxes: cases, some forwarded, something forged, a resident's word."""
    numbers = [travel.receive() for _ in range(3)]
    travel.forward(numbers[0])
    travel.push(HERE)
    travel.router.take_in()
    travel.receive(CENTRE, deciding=CENTRE)
    travel.forward(numbers[1])
    travel.central_states("slip.filled", numbers[0], sealed=SLIP)
    for code in (HERE, CENTRE):
        travel.push(code)
    rogue = Rogue(travel)
    rogue.put(prev="sha256:of something else")
    rogue.put()
    return travel


def again_and_again(step: Callable[[], object]) -> None:
    """As the router's loops do: what failed for the line's sake is repeated."""
    for _ in range(TRIES_MAX):
        try:
            step()
        except RemoteError as error:
            if not error.retry:
                raise
        else:
            return
    raise AssertionError("it never went through")


def intake(district: SmallDistrict, model: str) -> None:
    router = Router(district, model)
    for _ in range(ROUNDS):
        again_and_again(router.take_in)
    router.close()


def delivery(district: SmallDistrict, model: str) -> None:
    router = Router(district, model)
    for _ in range(2 * ROUNDS):
        again_and_again(lambda: follow_journal(router.store, router.server))
        again_and_again(router.deliver)
    router.close()


def all_of(server: Server, name: str) -> list[Doc]:
    return server.database(name).range("", "~", limit=10_000)


class Outcome:
    """What a district amounts to: journal, receipts, inboxes, and what was refused."""

    def __init__(self, district: SmallDistrict, folder: str) -> None:
        server, codes = district.connect(), [p.code for p in district.bundle.directory.points]
        self.journal = self._events(all_of(server, JOURNAL))
        self.inboxes = {code: self._events(all_of(server, inbox_name(code))) for code in codes}
        self.keys = {
            (code, doc["_id"]): {wrap["for"] for wrap in doc.get("keys", ())}
            for code in codes for doc in all_of(server, inbox_name(code))
        }  # fmt: skip
        self.receipts = receipts(server, codes)
        self.refused = self._refused(district, server, folder)

    @staticmethod
    def _events(docs: list[Doc]) -> dict[str, Any]:
        """By id; what a router itself states bears that router's name, and is compared below."""
        events = {doc["_id"]: doc["event"] for doc in docs if "event" in doc}
        routers = {e["author"] for e in events.values() if e["type"] == "store.refused"}
        return {id: event for id, event in events.items() if event["author"] not in routers}

    @staticmethod
    def _refused(district: SmallDistrict, server: Server, folder: str) -> dict[str, Any]:
        store = district.open_store(folder)
        while follow_journal(store, server):
            pass
        books = {author: store.subject(author) for author in store.authors()}
        store.close()
        return {a: book.refused for a, book in books.items()
                if isinstance(book, StoreBook) and book.refused}  # fmt: skip


def receipts(server: Server, codes: list[str]) -> dict[str, tuple[int, str]]:
    return {
        doc["_id"]: (doc["n"], doc["hash"])
        for code in codes for doc in all_of(server, inbox_name(code))
        if doc["_id"].startswith(RECEIPT)
    }  # fmt: skip


def of_one_router(travel: Journey) -> Outcome:
    """The same outboxes, taken in by one router in a district of its own."""
    memory = MemoryServer()
    district = replace(travel.district, connector=memory.connect)
    server = district.connect()
    prepare_couch(district, server)
    for party in ("central", *(p.code for p in district.bundle.directory.points)):
        docs = all_of(travel.server, outbox_name(party))
        server.database(outbox_name(party)).bulk(
            [{k: v for k, v in doc.items() if k != "_rev"} for doc in docs]
        )
    intake(district, "one.db")
    delivery(district, "one.db")
    return Outcome(district, "one-outcome.db")


def window(travel: Journey, turns: Turns) -> None:
    """The point at the district centre goes on receiving cases, and sends each at once."""
    for _ in range(2 * ROUNDS):
        turns.run(lambda: travel.receive(CENTRE, deciding=CENTRE))
        turns.run(lambda: travel.push(CENTRE))


def play(travel: Journey, seed: int) -> Turns:
    """Two routers, each with its intake and its delivery; no receipt ever goes back."""
    turns, connector = Turns(seed), travel.district.connector
    district = replace(
        travel.district, connector=lambda: cast(Server, Frayed(connector(), cast(Any, turns)))
    )
    codes = [p.code for p in district.bundle.directory.points]
    highest = receipts(travel.server, codes)

    def no_receipt_went_back() -> None:
        for id, (n, hash) in receipts(travel.server, codes).items():
            assert n >= highest.get(id, (0, ""))[0], f"{id} went back to {n}"
            highest[id] = (n, hash)

    jobs = [
        lambda: intake(district, "a.db"),
        lambda: delivery(district, "a.db"),
        lambda: intake(district, "b.db"),
        lambda: delivery(district, "b.db"),
        lambda: window(travel, turns),
    ]
    turns.play(jobs, no_receipt_went_back)
    return turns


def settle(travel: Journey) -> None:
    """What the next bell and the next round would bring: each router once more, undisturbed."""
    for model in ("a.db", "b.db"):
        intake(travel.district, model)
        delivery(travel.district, model)


def assert_same(two: Outcome, one: Outcome) -> None:
    assert two.journal == one.journal
    assert two.receipts == one.receipts
    assert two.inboxes == one.inboxes
    assert two.refused == one.refused
    shared = two.keys.keys() & one.keys.keys()
    assert {k: two.keys[k] for k in shared} == {k: one.keys[k] for k in shared}


def assert_two_give_the_result_of_one(travel: Journey, seed: int) -> None:
    morning(travel)
    turns = play(travel, seed)
    settle(travel)
    expected = of_one_router(travel)
    assert turns.taken > 100
    assert expected.refused
    assert_same(Outcome(travel.district, "two-outcome.db"), expected)
    assert travel.problems() == []


@pytest.mark.parametrize("seed", range(4))
def test_two_routers_give_the_result_of_one(twin: Journey, seed: int) -> None:
    assert_two_give_the_result_of_one(twin, seed)


def test_two_routers_give_the_result_of_one_whatever_joins_them(travel: Journey) -> None:
    assert_two_give_the_result_of_one(travel, 4)


class Overtaken:
    """A line on which, at one request, the other router comes first and does all its work."""

    def __init__(self, meanwhile: Callable[[], None]) -> None:
        self.count, self.at = 0, -1
        self._meanwhile = meanwhile

    def run(self, ask: Callable[[], Any]) -> Any:
        number, self.count = self.count, self.count + 1
        if number == self.at:
            self._meanwhile()
        return ask()


def test_a_router_overtaken_at_any_request_takes_no_receipt_back(
    travel: Journey,
) -> None:
    author = travel.nodes[HERE].identity.author

    def receipted() -> int:
        return int((travel.inbox(HERE).get(RECEIPT + author) or {"n": 0})["n"])

    def meanwhile() -> None:
        travel.receive()
        travel.push(HERE)
        travel.router.take_in()
        heights.append(receipted())

    line = Overtaken(meanwhile)
    slow = Router(
        replace(
            travel.district,
            connector=lambda: cast(Server, Frayed(travel.district.connector(), cast(Any, line))),
        ),
        "slow.db",
    )
    heights: list[int] = []
    while len(heights) == line.at + 1:  # as long as it makes that many requests
        travel.receive()
        travel.push(HERE)
        line.count, line.at = 0, line.at + 1
        slow.take_in()
        assert receipted() >= heights[-1]
    slow.close()
    assert len(heights) > 10
    assert travel.problems() == []


@pytest.mark.parametrize("seed", range(2))
def test_a_journal_whose_feed_is_in_no_order_gives_the_same_result(
    tmp_path: Path, seed: int
) -> None:
    """Every mailbox and the journal tell what was written in whatever order they like."""
    memory = MemoryServer(random.Random(seed))  # noqa: S311 - an order that repeats
    with journey(tmp_path, memory.connect) as travel:
        numbers = [travel.receive() for _ in range(5)]
        for number in numbers:
            travel.forward(number)
        travel.carry()
        for number in numbers:
            travel.state(CENTRE, "case.accepted", number)
        travel.carry()
        travel.carry()
        for code in (HERE, CENTRE):
            with travel.at(code) as store:
                states = {store.case(number).state for number in numbers}  # type: ignore[union-attr]
                assert states == {CaseState.ACCEPTED}
                assert store.waiting(travel.nodes[code].identity.author) == 0
        assert_same(Outcome(travel.district, "shuffled.db"), of_one_router(travel))
        assert travel.problems() == []
