"""The router's loops: bells heard, sweeps made, another journal's read model forgotten."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest

from cases.folded import StoreBook
from cases.numbers import case_number
from central.config import Mail
from central.district import JOURNAL, ROUTER_MODEL, inbox_name, outbox_name
from central.leases import LEASES, Range, add_ranges
from central.router import (
    IntakeLoop,
    follow_journal,
    forget_if_foreign,
    prepare,
    repeat,
    run_delivery,
)  # fmt: skip
from central.setup import epoch
from sync import bell
from sync.errors import DoorstepError, Missing, RemoteUnavailable
from sync.loop import Retry
from sync.process import run_loops
from sync.writing import tracking_carrier
from tests.cases.facts import least
from tests.central.travel import CENTRE, HERE, NEIGHBOUR, PERSON, Journey


@pytest.fixture
def loop(travel: Journey) -> Iterator[IntakeLoop]:
    loop = IntakeLoop(travel.district, threading.Event())
    yield loop
    loop.close()


def ring(
    travel: Journey, code: str = HERE, *, left: int = -1, author: str = "", carrier: str = "own"
) -> None:
    author = author or travel.nodes[code].identity.author
    bell.ring(travel.server.database(bell.NAME), code, author=author, n=1, at=travel.clock(),
              software="x", left=left, carrier=carrier)  # fmt: skip


def test_a_bell_is_heard_and_what_it_announces_taken_in(travel: Journey, loop: IntakeLoop) -> None:
    number = travel.receive()
    travel.push(HERE)
    ring(travel)
    loop.listen(0)
    assert travel.server.database(JOURNAL).get(
        f"{number}:0001-{travel.nodes[HERE].identity.author}"
    )
    cursor = loop.cursor
    loop.listen(0)
    assert loop.cursor == cursor


def test_a_sweep_finds_what_no_bell_announced(travel: Journey, loop: IntakeLoop) -> None:
    travel.receive()
    travel.push(HERE)
    loop.sweep()
    assert loop.store.head(travel.nodes[HERE].identity.author)[0] == 2


def test_a_bell_that_names_no_point_is_passed_by(travel: Journey, loop: IntakeLoop) -> None:
    bells = travel.server.database(bell.NAME)
    for id in ("rubbish", "999999999999", "central"):
        bells.put({"_id": id, "left": 0, "author": 5})
    loop.listen(0)


def test_a_sweep_makes_what_somebody_dropped(travel: Journey, loop: IntakeLoop) -> None:
    for name in (inbox_name(HERE), outbox_name(CENTRE), bell.NAME):
        travel.server.drop(name)
    with pytest.raises(Missing):
        loop.listen(0)
    loop.sweep()
    loop.listen(0)
    assert {inbox_name(HERE), outbox_name(CENTRE), bell.NAME} <= set(travel.server.names())


def blocks(travel: Journey) -> list[str]:
    docs = travel.inbox(HERE).range("block:", "block;", limit=100)
    return [doc["_id"] for doc in docs]


def test_a_point_gets_the_carriers_numbers_that_the_mail_now_goes_with(
    travel: Journey, loop: IntakeLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("central.leases.utc_now", lambda: "2026-12-01T00:00:00Z")
    author = travel.nodes[HERE].identity.author
    to_ems = replace(travel.district.config, mail=Mail(carrier="ems"))
    loop.district = replace(loop.district, config=to_ems)
    ring(travel, left=900, carrier="own")
    loop.listen(0)
    assert blocks(travel) == []  # nobody has imported a range: what the point has goes on
    add_ranges(travel.server.database(LEASES), [Range("ems", "s10", "EA", 0, 99_999, "CN")])
    loop._topped_up.clear()
    ring(travel, left=899, carrier="own")
    loop.listen(0)
    (id,) = blocks(travel)
    travel.pull(HERE)
    with travel.at(HERE) as store:
        assert tracking_carrier(store, author) == "ems"
    ring(travel, left=500, carrier="ems")
    loop.listen(0)
    assert blocks(travel) == [id]


def test_a_low_block_is_topped_up_once_however_often_it_rings(
    travel: Journey, loop: IntakeLoop
) -> None:
    author = travel.nodes[HERE].identity.author
    for left in (150, 149, 148):
        ring(travel, left=left)
        loop.listen(0)
    (id,) = blocks(travel)
    travel.pull(HERE)
    with travel.at(HERE) as store:
        assert (store.document(id) or {})["author"] == author
    leased = travel.server.database(LEASES).range("own-031", "own-031;", limit=100)
    assert [doc["author"] for doc in leased] == ["", author]


def test_a_full_block_is_left_alone(travel: Journey, loop: IntakeLoop) -> None:
    ring(travel, left=900)
    ring(travel, CENTRE, left=-1)
    loop.listen(0)
    assert blocks(travel) == []


# another journal


def test_a_read_model_of_another_journal_is_forgotten_and_built_anew(travel: Journey) -> None:
    number = travel.receive()
    travel.carry()
    store = travel.router.store
    assert forget_if_foreign(store, travel.server) is False
    kept = [d for d in travel.server.database(JOURNAL).range("", "~", limit=99)
            if not d["_id"].startswith(number)]  # fmt: skip
    travel.server.drop(JOURNAL)
    travel.server.create(JOURNAL, partitioned=True)
    travel.server.database(JOURNAL).bulk(
        [{k: v for k, v in d.items() if k != "_rev"} for d in kept]
    )
    assert forget_if_foreign(store, travel.server) is True
    assert store.authors() == []
    while follow_journal(store, travel.server):
        pass
    assert store.case(number) is None
    assert len(store.authors()) == 2


def test_an_empty_read_model_is_nobodys(travel: Journey) -> None:
    fresh = travel.district.open_store("fresh.db")
    assert forget_if_foreign(fresh, travel.server) is False
    fresh.close()


def test_the_router_looks_whose_journal_it_is_when_it_starts(travel: Journey) -> None:
    """Central was restored to before the case: what the point still has comes back."""
    number = travel.receive()
    travel.forward(number)
    travel.carry()
    for name in (JOURNAL, inbox_name(HERE), inbox_name(CENTRE), outbox_name(HERE)):
        travel.server.drop(name)
    prepare(travel.district, threading.Event())
    travel.carry()
    travel.carry()
    assert travel.router.store.case(number) is not None
    with travel.at(CENTRE) as store:
        assert store.case(number) is not None


def test_following_the_journal_twice_changes_nothing(travel: Journey) -> None:
    travel.receive()
    travel.carry()
    fresh = travel.district.open_store("fresh.db")
    while follow_journal(fresh, travel.server):
        pass
    assert follow_journal(fresh, travel.server) == 0
    assert fresh.authors() == travel.router.store.authors()
    fresh.close()


# the loops


def test_a_step_that_fails_is_repeated_until_stopped() -> None:
    stop, tries = threading.Event(), 0

    def step() -> None:
        nonlocal tries
        tries += 1
        if tries == 3:
            stop.set()
        raise RemoteUnavailable("the line is cut")

    repeat(step, stop, "test", ceiling_s=0.5)
    assert tries == 3


def test_the_loops_carry_a_case_from_outbox_to_inbox_by_themselves(travel: Journey) -> None:
    number = travel.receive()
    travel.forward(number)
    travel.push(HERE)
    ring(travel)
    stop, sure = threading.Event(), threading.Event()
    quick = travel.district.config.router
    assert quick.long_poll_seconds == 25
    object.__setattr__(quick, "long_poll_seconds", 0.2)
    try:
        loops = {
            "intake": lambda: IntakeLoop(travel.district, stop, sure).run(),
            "delivery": lambda: run_delivery(travel.district, stop, sure),
        }
        router = threading.Thread(target=run_loops, args=[stop, loops])
        router.start()
        inbox, cursor = travel.inbox(CENTRE), "0"
        found: set[str] = set()
        for _ in range(50):
            page = inbox.changes(cursor, limit=100, wait_s=0.5)
            cursor, found = page.cursor, found | {row.id for row in page.rows}
            if any(id.startswith(f"{number}:0002") for id in found):
                break
        assert any(id.startswith(f"{number}:0002") for id in found)
    finally:
        stop.set()
        router.join(20)
        object.__setattr__(quick, "long_poll_seconds", 25)
    assert not router.is_alive()


def test_a_point_that_misses_what_it_was_given_has_the_journal_named_anew(
    travel: Journey, loop: IntakeLoop
) -> None:
    loop.make_sure()
    author = travel.nodes[HERE].identity.author
    known = str(epoch(travel.server)["journal"])
    names = []
    for lost in ("another", known, known):
        bell.ring(travel.server.database(bell.NAME), HERE, author=author, n=1, at=travel.clock(),
                  software="x", lost=lost)  # fmt: skip
        loop.listen(0)
        names.append(str(epoch(travel.server)["journal"]))
    assert names[0] == known
    assert names[1] != known
    assert names[2] == names[1]  # by then it is news of yesterday


def test_nothing_is_delivered_before_intake_is_sure_of_the_read_model(travel: Journey) -> None:
    number = travel.receive()
    travel.forward(number)
    travel.push(HERE)
    travel.router.take_in()
    before = travel.inbox_events(CENTRE)
    stop, looked = threading.Event(), []

    class NotYet(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            looked.append(timeout)
            stop.set()
            return False

    run_delivery(travel.district, stop, NotYet())
    assert len(looked) == 1
    assert travel.inbox_events(CENTRE) == before
    travel.router.deliver()
    assert travel.inbox_events(CENTRE) > before


def test_a_router_that_lost_its_read_model_builds_it_again(travel: Journey) -> None:
    travel.enrol(NEIGHBOUR)
    number = travel.receive()
    travel.carry()
    fresh = travel.district.open_store("again.db")
    while follow_journal(fresh, travel.server):
        pass
    assert fresh.case(number) == travel.router.store.case(number)
    fresh.close()
    assert travel.router.store.path.endswith(ROUTER_MODEL)


def test_a_point_whose_event_was_refused_is_proven_sound_at_both_ends(travel: Journey) -> None:
    foreign = case_number(999, date(2026, 11, 23), 1)
    with travel.nodes[HERE].local() as local, local.writing() as w:
        data = {**least("case.received"), "deciding": HERE}
        w._keep(w._sign("case.received", foreign, data, "s-1", PERSON))
    travel.receive()
    travel.carry()
    travel.carry()
    book = travel.router.store.subject(travel.nodes[HERE].identity.author)
    assert isinstance(book, StoreBook)
    assert len(book.refused) == 1
    assert travel.problems() == []


def test_a_damaged_read_model_is_said_with_what_to_do_and_ends_no_loop(travel: Journey) -> None:
    travel.carry()
    travel.router.store.checkpoint()
    model = travel.district.config.data / ROUTER_MODEL
    db = travel.router.store.db
    (page,) = db.execute("PRAGMA page_size").fetchone()
    roots = db.execute("SELECT rootpage FROM sqlite_master WHERE tbl_name='events' AND rootpage")
    places = [(root - 1) * page for (root,) in roots.fetchall()]
    travel.router.store.close()
    with model.open("r+b") as file:
        for place in places:
            file.seek(place)
            file.write(b"\xa5" * page)
    stop, said = threading.Event(), []

    def failed(error: DoorstepError, delay_s: float) -> None:
        said.append(str(error))
        stop.set()

    step = travel.district.open_store(ROUTER_MODEL).authors
    Retry(stop, pause=lambda s: None).repeat(step, failed)
    assert "read.db 和 router.db 可以删除" in said[0]
