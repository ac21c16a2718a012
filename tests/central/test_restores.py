"""Central put back from a backup, points lost, mailboxes deleted: what a store has comes back."""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable, Iterator
from typing import Any, cast

import pytest

from cases.aside import ARRIVED, Offer, offers
from cases.numbers import SubjectKind
from central.author import OUTBOX
from central.board import own_in, picture
from central.district import JOURNAL, inbox_name, outbox_name
from central.leases import BLOCK_SIZE, CARRIERS_BLOCK, LEASES, Range, add_ranges, left_of, stock
from central.router import IntakeLoop
from central.setup import (
    AFTER_RESTORE,
    BLOCKS_AFTER_RESTORE,
    CATALOGUE,
    declare_restored,
    epoch,
    lease,
)
from node.agent import Agent, Puller, Pusher
from sync import bell, registers
from sync.heads import contradictions
from sync.memory import MemoryServer
from sync.merging import carried_ids
from sync.ports import Doc
from sync.push import outbox_docs, outbox_id
from sync.sign import Signer
from sync.word import LOST, MAILBOX, OFFER, ask_central
from tests.cases.facts import least
from tests.central.test_heads import pages, publish, take, wrong
from tests.central.test_renewal import copy_of
from tests.central.travel import CENTRE, HERE, NEIGHBOUR, SLIP, Journey
from tests.sync.cast import Desk

ADDRESS = {"name": "寄给龘", "phone": "13700137000", "address": "东街口1号", "region": "鼓楼区"}


@pytest.fixture
def loop(twin: Journey) -> Iterator[IntakeLoop]:
    """A router's intake that runs on while things happen to CouchDB, and has just begun."""
    loop = IntakeLoop(twin.district, threading.Event())
    loop.make_sure()
    loop.sweep()
    yield loop
    loop.close()


def backup(twin: Journey) -> Callable[[], None]:
    """Keep what CouchDB holds. :returns: puts it back."""
    store = cast(MemoryServer, twin.server)._store
    kept = copy.deepcopy(store.bases)

    def restore() -> None:
        store.bases.clear()
        store.bases.update(copy.deepcopy(kept))

    return restore


def sync(twin: Journey, code: str, loop: IntakeLoop) -> None:
    """One node's real sync steps, and central's between them, until nothing moves any more."""
    node = twin.nodes[code]
    with node.local() as local:
        agent = Agent(node, threading.Event())
        puller, pusher = (
            Puller(agent, local.store, twin.server),
            Pusher(agent, local.store, twin.server),
        )
        for _ in range(4):
            puller.step(0)
            pusher.step()
            loop.listen(0)
            loop.sweep()
            twin.router.deliver()


def settle(twin: Journey, loop: IntakeLoop) -> None:
    for _ in range(2):
        for code in twin.nodes:
            sync(twin, code, loop)


def test_what_a_lost_point_wrote_comes_back_from_whoever_holds_it(
    twin: Journey, loop: IntakeLoop
) -> None:
    restore = backup(twin)
    other = twin.receive(deciding=HERE)  # known to this point alone: a gap that nobody will fill
    number = twin.receive()
    twin.forward(number)
    settle(twin, loop)
    lost = twin.nodes.pop(HERE)
    restore()
    loop.make_sure()
    settle(twin, loop)

    case = loop.store.case(number)
    assert case is not None
    assert case.holder == CENTRE
    assert loop.store.unseal(loop.store.events(number)[0])["name"]
    assert loop.store.case(other) is None
    assert loop.intake.position(lost.identity.author).n == 1  # complete only up to there
    assert twin.outbox(CENTRE).range(f"{HERE}.", f"{HERE}.~", limit=9) == []  # cleared away


def test_a_point_found_again_fills_the_gaps(twin: Journey, loop: IntakeLoop) -> None:
    restore = backup(twin)
    other, number = twin.receive(deciding=HERE), twin.receive()
    twin.forward(number)
    settle(twin, loop)
    away = twin.nodes.pop(HERE)
    restore()
    loop.make_sure()
    settle(twin, loop)
    twin.nodes[HERE] = away
    settle(twin, loop)
    assert loop.store.case(other) is not None
    assert loop.intake.position(away.identity.author).n == 4
    with away.local() as local:
        assert local.store.waiting(away.identity.author) == 0
        assert local.store.cursor(OFFER, "") == ""
    assert twin.problems() == []


def test_a_point_that_lost_nothing_offers_what_it_holds_of_others(
    twin: Journey, loop: IntakeLoop
) -> None:
    """Its own receipt says the same as before: it is told by its mailbox's document."""
    twin.receive()
    settle(twin, loop)
    restore = backup(twin)
    number = twin.receive()
    twin.forward(number)
    settle(twin, loop)
    twin.nodes.pop(HERE)
    restore()
    before = epoch(twin.server)["journal"]
    loop.make_sure()
    assert epoch(twin.server)["journal"] != before
    box = twin.inbox(CENTRE).get(MAILBOX)
    assert box is not None
    assert box["journal"] == epoch(twin.server)["journal"]
    sync(twin, CENTRE, loop)
    assert loop.store.case(number) is not None


def test_a_bell_that_knows_of_more_than_the_journal_has_a_restore_declared_once(
    twin: Journey, loop: IntakeLoop
) -> None:
    """Everything of central was put back together: its read model suspects nothing."""
    author = twin.nodes[HERE].identity.author
    before = epoch(twin.server)["journal"]

    def ring(safe: object) -> None:
        bell.ring(twin.server.database(bell.NAME), HERE, author=author, n=1, at=twin.clock(),
                  software="x", safe=cast(int, safe))  # fmt: skip
        loop.listen(0)

    for harmless in (0, 1, "9", None):
        ring(harmless)
    assert epoch(twin.server)["journal"] == before
    ring(9)
    declared = epoch(twin.server)["journal"]
    assert declared != before
    assert loop.store.authors()  # its read model is this journal's: it is not built anew
    for again in (9, 10):
        ring(again)
    assert epoch(twin.server)["journal"] == declared


def test_a_bell_that_went_back_tells_of_a_restore_that_left_no_other_trace(
    twin: Journey, loop: IntakeLoop
) -> None:
    settle(twin, loop)
    restore = backup(twin)
    settle(twin, loop)
    restore()
    name = epoch(twin.server)["journal"]
    node = twin.nodes[HERE]
    with node.local() as local:
        agent = Agent(node, threading.Event())
        puller, pusher = (
            Puller(agent, local.store, twin.server), Pusher(agent, local.store, twin.server)
        )  # fmt: skip
        pusher.ring()
        puller.step(0)
        assert local.store.cursor(LOST) == name
        pusher.step()
        pusher.ring()
        puller.step(0)
        assert local.store.cursor(OFFER, "") == ""
    loop.make_sure()  # the line failed meanwhile; its own cursor is ahead of the bell's, too
    assert epoch(twin.server)["journal"] == name
    loop.listen(0)
    assert epoch(twin.server)["journal"] != name  # and so every point hears of it


def test_leases_go_on_beyond_what_a_backup_may_not_know_of(twin: Journey, loop: IntakeLoop) -> None:
    restore = backup(twin)
    forgotten = lease(twin.server, 31, "x")
    twin.receive()
    settle(twin, loop)
    restore()
    loop.make_sure()
    again = lease(twin.server, 31, "y")
    assert forgotten["first"] == 1 + BLOCK_SIZE
    assert again["first"] == 1 + AFTER_RESTORE
    assert {d["_id"] for d in twin.server.database(LEASES).range("own-031", "own-031;", limit=9)}


def test_an_imported_range_goes_on_beyond_what_a_backup_may_not_know_of(
    twin: Journey, loop: IntakeLoop
) -> None:
    whole = Range("ems", "ems13", "", 1_060_000_000_000, 1_060_000_099_999)
    add_ranges(twin.server.database(LEASES), [whole])
    twin.receive()
    settle(twin, loop)
    restore = backup(twin)
    forgotten = [lease(twin.server, 31, f"x{i}", "ems") for i in range(3)]
    twin.receive()
    settle(twin, loop)
    restore()
    loop.make_sure()
    again = lease(twin.server, 31, "y", "ems")
    assert again is not None
    assert again["first"] == whole.first + BLOCKS_AFTER_RESTORE * CARRIERS_BLOCK
    assert again["first"] > max(block["last"] for block in forgotten if block)
    (how,) = stock(twin.server.database(LEASES))
    assert (how.leased, how.held_back) == (CARRIERS_BLOCK, BLOCKS_AFTER_RESTORE * CARRIERS_BLOCK)


def test_a_restore_that_takes_the_last_numbers_gives_none_twice(
    twin: Journey, loop: IntakeLoop
) -> None:
    add_ranges(twin.server.database(LEASES), [Range("ems", "s10", "EA", 0, 1999, "CN")])
    known = epoch(twin.server)["journal"]
    declare_restored(twin.server, known)
    declare_restored(twin.server, known)
    assert lease(twin.server, 31, "y", "ems") is None
    assert left_of(twin.server.database(LEASES), "ems") == 0


def test_an_inbox_made_anew_is_taken_in_from_its_start(twin: Journey, loop: IntakeLoop) -> None:
    number = twin.receive()
    twin.forward(number)
    settle(twin, loop)
    twin.server.drop(inbox_name(CENTRE))
    loop.sweep()
    late = twin.receive()
    twin.forward(late)
    twin.router.delivery.audit()
    settle(twin, loop)
    with twin.at(CENTRE) as store:
        assert store.case(late) is not None
        assert store.document(MAILBOX) is not None


def test_an_outbox_that_was_deleted_is_filled_again(twin: Journey, loop: IntakeLoop) -> None:
    node = twin.nodes[HERE]
    with node.local() as local:
        agent = Agent(node, threading.Event())
        pusher = Pusher(agent, local.store, twin.server)
        number = twin.receive()
        pusher.step()
        twin.server.drop(outbox_name(HERE))
        loop.sweep()
        pusher.step()
        assert twin.outbox(HERE).range("", "~", limit=9) == []
        pusher.look_after()
        pusher.step()
        loop.sweep()
    assert loop.store.case(number) is not None


def offered_of(loop: IntakeLoop, author: str) -> tuple[Offer, ...]:
    """What was offered of a store and could not be taken in, as its book says."""
    book = loop.store.subject(author)
    return offers(book) if book else ()


def offered(twin: Journey, number: str) -> list[Doc]:
    """The outbox documents by which the district centre would offer another point's events."""
    with twin.at(CENTRE) as store:
        box = twin.district.secrets.box.public
        return outbox_docs(store, store.events(number), box)


def test_only_the_points_own_outbox_makes_a_new_name_known(twin: Journey, loop: IntakeLoop) -> None:
    """A stranger may not offer the first event of a store that nobody has certified."""
    forger = Desk(twin.folder / "forger.db", point=NEIGHBOUR, signer=Signer.new())
    event = forger.open()
    doc = {"_id": outbox_id(forger.author, 1), "event": dict(event.doc)}
    twin.outbox(CENTRE).bulk([doc])
    loop.sweep()
    forger.store.close()
    assert loop.store.event(event.id) is None
    assert [why for _, why, _ in loop.store.parked()] == [
        "补送的记录不能收录：公钥只能由本受理点自己的发件箱登记"
    ]
    assert [(o.why, o.offered_by, o.answer) for o in offered_of(loop, forger.author)] == [
        ("公钥只能由本受理点自己的发件箱登记", CENTRE, None)
    ]


def change(doc: Doc, **fields: Any) -> Doc:
    return {**doc, "event": {**doc["event"], **fields}}


def test_what_is_offered_is_checked_like_anything_else(twin: Journey, loop: IntakeLoop) -> None:
    restore = backup(twin)
    number = twin.receive()
    twin.forward(number)
    settle(twin, loop)
    good = offered(twin, number)
    twin.nodes.clear()
    restore()
    loop.make_sure()
    outbox = twin.outbox(CENTRE)
    no_key = {k: v for k, v in good[0].items() if k != "keys"}
    outbox.bulk([change(good[0], actor="s-2"), change(good[1], prev="sha256:0")])
    loop.sweep()
    assert loop.store.case(number) is None
    outbox.bulk([no_key])
    loop.sweep()
    assert loop.store.case(number) is None
    outbox.bulk(good)
    loop.sweep()
    case = loop.store.case(number)
    assert case is not None
    assert case.holder == CENTRE
    assert loop.intake.position(good[0]["event"]["author"]).n == 3


def test_what_does_not_fit_before_what_others_saved_is_carried(
    twin: Journey, loop: IntakeLoop
) -> None:
    """Two stores under one name: what others saved of the one has no place for the other's."""
    restore = backup(twin)
    other, number = twin.receive(deciding=HERE), twin.receive()
    twin.forward(number)
    settle(twin, loop)
    saved = offered(twin, number)
    original = twin.nodes.pop(HERE)
    restore()
    loop.make_sure()
    twin.outbox(CENTRE).bulk(saved)
    loop.sweep()
    author = original.identity.author
    with original.local() as local:
        (event,) = local.store.events(other)
        (doc,) = outbox_docs(local.store, [event], twin.district.secrets.box.public)
        forged = {k: v for k, v in dict(event.doc).items() if k != "sig"}
        forged["actor"] = "s-9"
        doc["event"] = original.identity.signer.sign(forged)
    twin.outbox(HERE).bulk([doc])
    loop.sweep()
    fact = loop.store.event(event.id)
    assert fact is not None
    assert fact.actor == "s-9"
    assert fact.carrier.startswith(f"{other}:0001-central.")
    assert loop.store.unseal(fact)["name"]
    assert twin.server.database(JOURNAL).get(event.id) is None
    assert loop.intake.position(author).n == 1  # its place stays free
    carriers = twin.server.database(JOURNAL).range(f"{other}:", f"{other}:~", limit=9)
    loop.sweep()
    assert twin.server.database(JOURNAL).range(f"{other}:", f"{other}:~", limit=9) == carriers
    assert len(carriers) == 1


def test_both_lives_of_a_disk_are_told_though_central_lost_the_first(
    twin: Journey, loop: IntakeLoop
) -> None:
    """Both gave a case the same number: everybody sees both receptions, and one is set aside."""
    restore, image = backup(twin), copy_of(twin)
    number = twin.receive(name="先来的")
    twin.forward(number)
    settle(twin, loop)
    twin.nodes[HERE] = twin.open(image)
    restore()
    loop.make_sure()
    assert twin.receive(name="后来的") == number
    settle(twin, loop)
    settle(twin, loop)

    told = loop.store.subject(number)
    assert told is not None
    assert [(s.type, s.verdict) for s in told.steps] == [
        ("case.received", "ok"), ("case.received", "set_aside"), ("case.forwarded", "ok"),
    ]  # fmt: skip
    names = {"后来的", "先来的"}
    for code in twin.nodes:
        with twin.at(code) as store:
            assert store.subject(number) == told
            received = [e for e in store.events(number) if e.type == "case.received"]
            assert {store.unseal(event)["name"] for event in received} == names
            carried = {step.id for step in told.steps if "central" in step.id}
            assert carried_ids(store, number) >= carried != set()
    assert loop.store.parked() == []
    assert twin.problems() == []


def test_what_was_published_of_a_life_that_is_carried_now_contradicts_nothing(
    twin: Journey, loop: IntakeLoop
) -> None:
    restore, image = backup(twin), copy_of(twin)
    number = twin.receive(name="先来的")
    twin.forward(number)
    settle(twin, loop)
    assert publish(twin, "2026-11-25")
    (page,) = pages(twin)
    with twin.at(CENTRE) as store:
        assert take(twin, store) == 1
    twin.nodes[HERE] = twin.open(image)
    restore()
    loop.make_sure()
    assert twin.receive(name="后来的") == number
    catalogue = twin.server.database(CATALOGUE)
    catalogue.put({name: value for name, value in page.items() if name != "_rev"})
    settle(twin, loop)
    settle(twin, loop)
    for code in (HERE, CENTRE):
        with twin.at(code) as store:
            take(twin, store)
            assert wrong(twin, store) == []
            assert store.parked() == []
    assert list(contradictions(loop.store, page, complete=True)) == []


def test_asking_costs_one_request_and_changes_nothing_in_peace(
    twin: Journey, loop: IntakeLoop
) -> None:
    twin.receive()
    settle(twin, loop)
    asked: list[str] = []
    server = cast(MemoryServer, twin.server).connect()
    server.before = lambda verb, name: asked.append(f"{verb} {name}")
    node = twin.nodes[HERE]
    with node.local() as local:
        word = ask_central(
            local.store, node.identity.author,
            server.database(inbox_name(HERE)), server.database(outbox_name(HERE)),
        )  # fmt: skip
    assert not word.news
    assert asked == [f"fetch {inbox_name(HERE)}"]


def test_an_idle_sync_is_one_request(twin: Journey, loop: IntakeLoop) -> None:
    settle(twin, loop)
    asked: list[str] = []
    server = cast(MemoryServer, twin.server).connect()
    server.before = lambda verb, name: asked.append(verb)
    node = twin.nodes[HERE]
    with node.local() as local:
        agent = Agent(node, threading.Event())
        puller, pusher = Puller(agent, local.store, server), Pusher(agent, local.store, server)
        puller.step(0)
        pusher.step()
        asked.clear()
        puller.step(0)
        pusher.step()
    assert asked == ["changes"]


def test_central_own_events_come_back_too(twin: Journey, loop: IntakeLoop) -> None:
    """A slip that a resident filled in after the backup is still at the point."""
    number = twin.receive()
    settle(twin, loop)
    restore = backup(twin)
    slip = twin.central_states("slip.filled", number, sealed=SLIP, channel="receipt")
    settle(twin, loop)
    restore()
    assert twin.server.database(OUTBOX).fetch([slip]) == {}
    loop.make_sure()
    settle(twin, loop)
    event = loop.store.event(slip)
    assert event is not None
    assert loop.store.unseal(event)["street"] == SLIP["street"]


def test_a_tracking_number_given_twice_is_told_to_a_person(twin: Journey, loop: IntakeLoop) -> None:
    """Paper already carries it: nothing can take that back, so both parcels ask for somebody."""
    numbers = []
    for _ in range(2):
        with twin.nodes[HERE].local() as local, local.writing() as w:
            number = w.new_number(SubjectKind.PARCEL)
            fields = {**least("parcel.packed"), "tracking": "DS03100000017"}
            w.state("parcel.packed", number, fields, actor="s-1", sealed=ADDRESS)
            numbers.append(number)
    other = twin.nodes[HERE]
    with other.local() as local, local.writing() as w:
        alone = w.new_number(SubjectKind.PARCEL)
        fields = {**least("parcel.packed"), "tracking": "DS03100000025"}
        w.state("parcel.packed", alone, fields, actor="s-1", sealed=ADDRESS)
    settle(twin, loop)
    assert registers.doubled(loop.store.db) == set(numbers)
    with twin.at(HERE) as store:
        assert registers.doubled(store.db) == set(numbers)
    seen = picture(loop.store, twin.district.bundle.calendar, twin.clock())
    waiting = [w.task.subject for w in seen.tasks if w.task.kind == "double_tracking"]
    assert sorted(waiting) == sorted(numbers)


def test_what_was_put_aside_goes_when_somebody_offers_it_whole(
    twin: Journey, loop: IntakeLoop
) -> None:
    restore = backup(twin)
    number = twin.receive()
    twin.forward(number)
    settle(twin, loop)
    good = offered(twin, number)
    twin.nodes.clear()
    restore()
    loop.make_sure()
    no_key = {k: v for k, v in good[0].items() if k != "keys"}
    twin.outbox(CENTRE).bulk([no_key])
    loop.sweep()
    author = str(good[0]["event"]["author"])
    (found,) = offered_of(loop, author)
    assert (found.why, found.offered_by) == ("没有附上中心能打开的密钥", CENTRE)
    assert (found.what, found.subject) == ("case.received", number)
    assert own_in(loop.store) == [found]
    twin.outbox(NEIGHBOUR).bulk(good)
    loop.sweep()
    assert own_in(loop.store) == []
    assert [o.answer.how for o in offered_of(loop, author) if o.answer] == [ARRIVED]
    assert loop.store.parked() == []


def test_what_lies_behind_a_gap_that_nobody_fills_is_taken_in_by_a_sweep(
    twin: Journey, loop: IntakeLoop
) -> None:
    """A part of a batch was stored, and then the disk was lost; the rest still lies there."""
    other, number = twin.receive(deciding=HERE), twin.receive()
    twin.forward(number)
    lost = twin.nodes.pop(HERE)
    author = lost.identity.author
    with lost.local() as local:
        events = local.store.of_author(author, 0, 99)
        docs = outbox_docs(local.store, events, twin.district.secrets.box.public)
    box = twin.outbox(HERE)
    box.bulk([doc for doc in docs if doc["event"]["id"] != f"{other}:0001-{author}"])
    loop.intake.take_in(HERE)
    assert loop.store.case(number) is None
    loop.sweep()
    case = loop.store.case(number)
    assert case is not None
    assert case.holder == CENTRE
    assert loop.intake.position(author).n == 1
    box.bulk(docs)  # it was found again after all
    loop.sweep()
    assert loop.store.case(other) is not None
    assert loop.intake.position(author).n == len(docs)
    assert loop.store.parked() == []
