"""Acknowledged means safe: a 202 is no acknowledgement, whoever gives it and whatever is lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from central.author import OUTBOX
from central.district import JOURNAL, inbox_name, outbox_name
from central.embedded import create_app
from sync.couch import connect
from sync.errors import OnlyAccepted
from sync.ports import Doc
from tests.central.copies import ShortOfCopies
from tests.central.travel import HERE, Journey, Router, journey
from tests.contract.conftest import served


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[tuple[Journey, ShortOfCopies]]:
    """The district of the cast, on a CouchDB that can run short of copies."""
    app = create_app(tmp_path / "couchdb", admins={"admin": "pw"}, polls_max=4)
    copies = ShortOfCopies(app)
    try:
        with (
            served(copies) as url,
            journey(tmp_path, lambda: connect(url, user="admin", password="pw")) as travel,
        ):
            yield travel, copies
    finally:
        app.close()


def journaled(travel: Journey) -> dict[str, Doc]:
    return {doc["_id"]: doc for doc in travel.server.database(JOURNAL).range("", "~", limit=1000)}


def receipt(travel: Journey) -> int:
    doc = travel.inbox(HERE).get(f"receipt:{travel.nodes[HERE].identity.author}") or {}
    return int(doc.get("n", 0))


def head(travel: Journey) -> int:
    with travel.at(HERE) as store:
        return store.head(travel.nodes[HERE].identity.author)[0]


def try_to_take_in(router: Router) -> None:
    with pytest.raises(OnlyAccepted):
        router.take_in()


def test_nothing_is_receipted_that_the_journal_only_accepted(
    cluster: tuple[Journey, ShortOfCopies],
) -> None:
    travel, copies = cluster
    before = receipt(travel)
    travel.receive()
    travel.push(HERE)
    copies.short = {JOURNAL}
    for _ in range(3):  # from the second time on the router has met it in the feed
        try_to_take_in(travel.router)
        assert receipt(travel) == before
    copies.short = set()
    travel.router.take_in()
    assert receipt(travel) == head(travel) == before + 1


def test_what_vanished_from_the_journal_is_put_back_before_it_is_receipted(
    cluster: tuple[Journey, ShortOfCopies],
) -> None:
    travel, copies = cluster
    numbers = [travel.receive() for _ in range(3)]
    travel.push(HERE)
    copies.short = {JOURNAL}
    for _ in range(2):
        try_to_take_in(travel.router)
    assert copies.lose(travel.server) == 3
    assert not any(number in id for number in numbers for id in journaled(travel))
    copies.short = set()
    travel.server.drop(outbox_name(HERE))  # nobody has it any more but the node and the router
    travel.server.create(outbox_name(HERE))
    travel.push(HERE)
    travel.router.take_in()
    assert receipt(travel) == head(travel)
    for number in numbers:
        (doc,) = (doc for id, doc in journaled(travel).items() if number in id)
        assert doc["heard"]
        assert {wrap["for"] for wrap in doc["keys"]} == {travel.clock()[:7]}
    assert travel.problems() == []


def test_a_second_router_does_not_receipt_what_it_only_heard_of(
    cluster: tuple[Journey, ShortOfCopies],
) -> None:
    travel, copies = cluster
    second = Router(travel.district, "second.db")
    try:
        before = receipt(travel)
        travel.receive()
        travel.push(HERE)
        copies.short = {JOURNAL}
        try_to_take_in(travel.router)
        try_to_take_in(second)
        assert receipt(travel) == before
        copies.lose(travel.server)
        copies.short = set()
        second.take_in()
        assert receipt(travel) == head(travel)
        assert any(doc["event"]["n"] == head(travel) for doc in journaled(travel).values())
    finally:
        second.close()


def test_a_journal_in_health_is_written_once_only(cluster: tuple[Journey, ShortOfCopies]) -> None:
    travel, _ = cluster
    for _ in range(3):
        travel.receive()
        travel.carry()
    assert {doc["_rev"].partition("-")[0] for doc in journaled(travel).values()} == {"1"}


def test_a_push_that_was_only_accepted_is_made_again(
    cluster: tuple[Journey, ShortOfCopies],
) -> None:
    travel, copies = cluster
    travel.receive()
    copies.short = {outbox_name(HERE)}
    with pytest.raises(OnlyAccepted):
        travel.push(HERE)
    copies.lose(travel.server)
    copies.short = set()
    assert travel.router.take_in() == 0
    travel.push(HERE)
    assert travel.router.take_in() == 1
    assert receipt(travel) == head(travel)


def test_an_event_whose_receipt_was_lost_is_receipted_again(
    cluster: tuple[Journey, ShortOfCopies],
) -> None:
    travel, copies = cluster
    travel.receive()
    travel.push(HERE)
    copies.short = {inbox_name(HERE)}
    try_to_take_in(travel.router)
    assert copies.lose(travel.server) == 1
    copies.short = set()
    travel.router.take_in()
    assert receipt(travel) == head(travel)


@pytest.mark.parametrize("lost", [True, False])
def test_what_central_states_counts_only_when_it_is_taken_at_a_quorum(
    cluster: tuple[Journey, ShortOfCopies], lost: bool
) -> None:
    travel, copies = cluster
    number = travel.receive()
    travel.carry()
    reason = {"reason": "已在别处办好"}
    travel.central_states("case.withdrawal_requested", number, sealed=reason)
    copies.short = {OUTBOX}
    for _ in range(2):  # the second time the first statement is still on its way
        with pytest.raises(OnlyAccepted):
            travel.central_states("case.withdrawal_requested", number, sealed=reason)
    if lost:
        copies.lose(travel.server)
    copies.short = set()
    travel.central_states("case.withdrawal_requested", number, sealed=reason)
    travel.router.take_in()
    author = travel.router.author.author
    stated = [doc for doc in journaled(travel).values() if doc["event"]["author"] == author]
    assert sorted(doc["event"]["n"] for doc in stated) == [1, 2, 3, 4]
    assert travel.problems() == []


def test_of_a_batch_that_broke_off_in_the_middle_nothing_is_passed_over(travel: Journey) -> None:
    """A bulk write may end anywhere: the third of four is missing, and the router starts anew."""
    for _ in range(4):
        travel.receive()
    travel.push(HERE)
    travel.router.take_in()
    author = travel.nodes[HERE].identity.author
    (gone,) = (d for d in journaled(travel).values() if d["event"]["n"] == 3 and author in d["_id"])
    travel.server.database(JOURNAL).purge({gone["_id"]: [gone["_rev"]]})
    anew = Router(travel.district, "anew.db")
    try:
        anew.take_in()
        assert receipt(travel) == head(travel)
        assert gone["_id"] in journaled(travel)
    finally:
        anew.close()
