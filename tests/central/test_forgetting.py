"""A poster slip that no case took is forgotten: everywhere, once, and for good."""

from __future__ import annotations

import base64
import itertools
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from cases.aside import every
from cases.folded import Visit
from cases.numbers import visit_number
from cases.states import VisitState
from cases.times import day_of, from_text, to_text
from central.author import OUTBOX
from central.district import JOURNAL, inbox_name
from central.forgetting import Forgetting
from central.router import IntakeLoop, follow_journal
from central.setup import prepare_couch
from node.local import Local
from node.slips import attach
from sync import registers
from sync.errors import RemoteUnavailable
from sync.ports import Doc, Server
from sync.push import PURGED
from sync.seal import CannotUnseal
from sync.store import Store, StoreError
from tests.central.test_restores import backup, loop, settle
from tests.central.test_two_routers import delivery, intake
from tests.central.travel import (
    CENTRE,
    HERE,
    SLIP,
    Fray,
    Frayed,
    Journey,
    Router,
    SmallDistrict,
)
from tests.central.turns import Turns
from tests.central.world import Browser, Central, Point
from tests.central.world import Clock as WorldClock

__all__ = ["loop"]  # a fixture
DAY = timedelta(days=1)


def poster(travel: Journey, serial: int = 1) -> str:
    """Somebody fills in the poster's slip while queuing. :returns: the visit's number."""
    point = travel.district.bundle.directory.by_code(HERE)
    number = visit_number(point.number, day_of(travel.clock()), serial)
    travel.central_states("slip.filled", number, sealed=SLIP, channel="poster")
    return number


def forgetting(travel: Journey, router: Router | None = None) -> Forgetting:
    router = router or travel.router
    return Forgetting(router.store, router.author, travel.clock)


def later(travel: Journey, by: timedelta = DAY) -> None:
    travel.clock.now = to_text(from_text(travel.clock.now) + by)


def forget(travel: Journey) -> int:
    """A day goes by; central forgets what is due, and everything travels."""
    later(travel)
    stated = forgetting(travel).step()
    carry(travel)
    return stated


def carry(travel: Journey) -> None:
    travel.carry()
    travel.carry()


def on_a_line(travel: Journey, line: Any) -> SmallDistrict:
    """The district as seen over a line of ours."""
    return replace(
        travel.district, connector=lambda: cast(Server, Frayed(travel.district.connector(), line))
    )


def every_document(travel: Journey) -> Iterator[tuple[str, Doc]]:
    for name in travel.server.names():
        if not name.startswith("_"):
            for doc in travel.server.database(name).range("", "~~", limit=100_000):
                yield name, doc


def with_keys(travel: Journey, number: str) -> set[str]:
    """The databases in which a document of a subject has keys."""
    return {
        name
        for name, doc in every_document(travel)
        if doc.get("keys") and doc["event"]["id"].startswith(f"{number}:")
    }


def opens(store: Store, number: str) -> dict[str, Any]:
    return store.unseal(next(e for e in store.events(number) if e.sealed))


def cannot_open(store: Store, number: str) -> bool:
    try:
        opens(store, number)
    except CannotUnseal:
        rows = store.db.execute("SELECT 1 FROM keys WHERE subject=?", [number]).fetchall()
        return rows == []
    return False


def state_of(store: Store, number: str) -> VisitState:
    visit = store.subject(number)
    assert isinstance(visit, Visit)
    return visit.state


def wraps_of(travel: Journey, number: str) -> set[str]:
    """Every wrapping of the subject's key that lies anywhere, and what is in them."""
    kept = [doc["keys"] for _, doc in every_document(travel)
            if doc.get("keys") and doc["event"]["id"].startswith(f"{number}:")]  # fmt: skip
    with travel.at(HERE) as node:
        for store in (travel.router.store, node):
            rows = store.db.execute("SELECT wraps FROM keys WHERE subject=?", [number])
            kept += [json.loads(wraps) for (wraps,) in rows]
        author = node.events(number)[0].author
        key = base64.b64encode(node.subject_key(number, author) or b"").decode()
    return {key, *(wrap["ct"] for keys in kept for wrap in keys)}


def on_disk(folder: Path) -> bytes:
    return b"".join(p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file())


def test_a_day_later_nothing_anywhere_opens_the_slip_and_the_journal_is_whole(
    travel: Journey,
) -> None:
    number = poster(travel)
    carry(travel)
    with travel.at(HERE) as node:
        assert opens(node, number) == SLIP
    wraps = wraps_of(travel, number)
    assert len(wraps) == 4  # the key itself, and as it is in the outbox, the journal and the inbox
    assert with_keys(travel, number) == {OUTBOX, JOURNAL, inbox_name(HERE)}

    assert forget(travel) == 1
    travel.router.delivery.purging.compact()
    travel.router.store.checkpoint()
    with travel.at(HERE) as node:
        node.checkpoint()
        assert state_of(node, number) is VisitState.FORGOTTEN
        assert cannot_open(node, number)
    assert cannot_open(travel.router.store, number)
    assert with_keys(travel, number) == set()
    there = on_disk(travel.folder) + json.dumps(list(every_document(travel))).encode()
    assert number.encode() in there
    assert [wrap for wrap in wraps if wrap.encode() in there] == []
    assert [words for words in SLIP.values() if len(words) > 6 and words.encode() in there] == []
    assert travel.problems() == []


def test_a_read_model_built_anew_agrees(twin: Journey) -> None:
    number, other = poster(twin), poster(twin, 2)
    carry(twin)
    forget(twin)
    fresh = twin.district.open_store("fresh.db")
    while follow_journal(fresh, twin.server):
        pass
    for store in (fresh, twin.router.store):
        assert {state_of(store, n) for n in (number, other)} == {VisitState.FORGOTTEN}
        assert cannot_open(store, number)
    assert fresh.subject(number) == twin.router.store.subject(number)
    fresh.close()


def test_the_jobs_state_it_of_what_a_resident_filled_in(
    resident: Browser, point: Point, centre: Point, central: Central, clock: WorldClock
) -> None:
    resident.fill(f"/T/{point.poster()}")
    central.carry()
    find = "SELECT number FROM subjects WHERE kind='visit'"
    ((number,),) = central.jobs.store.db.execute(find).fetchall()
    assert opens(central.jobs.store, number)["name"]
    clock.forward(minutes=23 * 60)
    centre.state("visit.ended", number, {})  # sets nothing, and gives no further day either
    centre.state("visit.of_a_later_version", number, {})  # nor does what nobody here can read
    central.carry()
    clock.forward(minutes=60)
    central.jobs.forget()
    central.carry()
    assert state_of(central.jobs.store, number) is VisitState.FORGOTTEN
    with pytest.raises(CannotUnseal, match="已按规定遗忘"):
        opens(central.jobs.store, number)


def test_it_is_stated_when_its_day_is_over_and_once(twin: Journey) -> None:
    number = poster(twin)
    carry(twin)
    later(twin, timedelta(hours=23))
    eye = forgetting(twin)
    assert eye.step() == 0
    later(twin, timedelta(hours=1))
    assert [eye.step(), eye.step()] == [1, 0]
    carry(twin)
    assert [eye.step(), forgetting(twin).step()] == [0, 0]
    assert len(twin.router.store.events(number)) == 2


def test_many_at_once_are_stated_in_several_steps(
    twin: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("central.forgetting.AT_ONCE", 2)
    for serial in range(1, 6):
        poster(twin, serial)
    carry(twin)
    later(twin)
    jobs = forgetting(twin)
    assert [jobs.step() for _ in range(4)] == [2, 2, 1, 0]


def test_two_processes_of_central_that_state_it_at_once_change_nothing_more(
    twin: Journey,
) -> None:
    number = poster(twin)
    carry(twin)
    later(twin)
    second = Router(twin.district, "second.db")
    second.take_in()
    assert forgetting(twin).step() == forgetting(twin, second).step() == 1
    carry(twin)
    visit = twin.router.store.subject(number)
    assert visit is not None
    assert len(visit.steps) == 3
    assert every(visit) == ()
    assert twin.problems() == []
    second.close()


def test_a_slip_that_a_case_took_is_kept(twin: Journey) -> None:
    number, case = poster(twin), twin.receive()
    carry(twin)
    with twin.nodes[HERE].local() as local:
        attach(local, case, number, "s-1")
    carry(twin)
    assert forget(twin) == 0
    with twin.at(HERE) as node:
        assert opens(node, number) == SLIP


def test_what_a_point_without_a_line_attached_in_time_stays_with_the_case(
    twin: Journey,
) -> None:
    """Central cannot know: it forgets the slip. The case has its own, under its own key."""
    number, case = poster(twin), twin.receive()
    carry(twin)
    with twin.nodes[HERE].local() as local:
        attach(local, case, number, "s-1")
    later(twin)
    forgetting(twin).step()
    twin.router.take_in()
    twin.router.deliver()
    carry(twin)
    with twin.at(HERE) as node:
        for store in (node, twin.router.store):
            known = store.case(case)
            assert known is not None
            assert known.confirmed_slip == known.slips[-1].event
            attached = store.event(known.slips[-1].event)
            assert attached is not None
            assert store.unseal(attached)["street"] == SLIP["street"]
            assert state_of(store, number) is VisitState.FORGOTTEN
            assert cannot_open(store, number)
    assert twin.problems() == []


def test_what_is_forgotten_is_attached_to_nothing_any_more(twin: Journey) -> None:
    number, case = poster(twin), twin.receive()
    carry(twin)
    forget(twin)
    with twin.nodes[HERE].local() as local:
        before = local.store.case(case)
        with pytest.raises(StoreError, match="重新扫码"):
            attach(local, case, number, "s-1")
        assert local.store.case(case) == before


def test_what_is_forgotten_while_a_clerk_presses_the_key_is_copied_nowhere(
    twin: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    number, case = poster(twin), twin.receive()
    carry(twin)
    later(twin)
    forgetting(twin).step()
    twin.router.take_in()
    twin.router.deliver()
    writing = Local.writing

    def after_the_agent(here: Local) -> Any:
        twin.pull(HERE)
        return writing(here)

    monkeypatch.setattr(Local, "writing", after_the_agent)
    with twin.nodes[HERE].local() as local, pytest.raises(StoreError, match="重新扫码"):
        attach(local, case, number, "s-1")


def test_a_new_pc_is_refilled_without_a_key_of_it(twin: Journey) -> None:
    number = poster(twin)
    carry(twin)
    forget(twin)
    twin.enrol(HERE)
    carry(twin)
    with twin.at(HERE) as node:
        assert state_of(node, number) is VisitState.FORGOTTEN
        assert cannot_open(node, number)
    assert with_keys(twin, number) == set()
    assert twin.problems() == []


def test_a_router_that_lags_puts_keys_back_only_until_it_hears_of_it(twin: Journey) -> None:
    second = Router(twin.district, "second.db")
    number = poster(twin)
    carry(twin)
    follow_journal(second.store, second.server)
    forget(twin)
    assert with_keys(twin, number) == set()
    second.delivery.deliver_once()
    assert with_keys(twin, number) == {inbox_name(HERE)}
    second.take_in()
    second.deliver()
    carry(twin)
    assert with_keys(twin, number) == set()
    with twin.at(HERE) as node:
        assert cannot_open(node, number)
    second.close()


@pytest.mark.parametrize("seed", range(3))
def test_two_routers_that_purge_at_once_leave_no_key(twin: Journey, seed: int) -> None:
    numbers = [poster(twin, serial) for serial in (1, 2, 3)]
    carry(twin)
    later(twin)
    assert forgetting(twin).step() == 3
    turns = Turns(seed)
    district = on_a_line(twin, turns)
    turns.play(
        [
            lambda: intake(district, "a.db"),
            lambda: delivery(district, "a.db"),
            lambda: intake(district, "b.db"),
            lambda: delivery(district, "b.db"),
        ]
    )
    for model in ("a.db", "b.db"):  # as the next bell would have it
        intake(twin.district, model)
        delivery(twin.district, model)
    assert [with_keys(twin, number) for number in numbers] == [set()] * 3
    carry(twin)
    assert twin.problems() == []


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_purge_cut_off_at_any_request_is_finished_by_the_next_step(
    twin: Journey, moment: str
) -> None:
    fray = Fray()
    router = Router(on_a_line(twin, fray), "frayed.db")
    for at in itertools.count():
        number = poster(twin, at + 1)
        router.take_in()
        router.deliver()
        later(twin)
        forgetting(twin, router).step()
        router.take_in()
        fray.cut_at(at, moment)
        was_cut = False
        try:
            router.deliver()
        except RemoteUnavailable:
            was_cut = True
        fray.mend()
        router.deliver()
        assert with_keys(twin, number) == set()
        if not was_cut:
            break
    assert at > 6
    router.close()


def test_an_audit_finds_keys_that_were_put_back_with_a_database(twin: Journey) -> None:
    number = poster(twin)
    carry(twin)
    kept = {name: doc for name, doc in every_document(twin)
            if doc.get("keys") and doc["event"]["id"].startswith(f"{number}:")}  # fmt: skip
    assert len(kept) == 3
    forget(twin)
    for name, doc in kept.items():
        database = twin.server.database(name)
        now = database.get(doc["_id"])
        assert now is not None
        database.put({**doc, "_rev": now["_rev"]})
    twin.router.delivery.audit()
    assert with_keys(twin, number) == set()
    assert twin.router.delivery.purging.compact() >= 3
    assert twin.router.delivery.purging.compact() == 0


def test_a_backup_of_before_brings_no_key_back(twin: Journey, loop: IntakeLoop) -> None:
    number = poster(twin)
    settle(twin, loop)
    restore = backup(twin)
    forget(twin)
    settle(twin, loop)
    restore()
    assert with_keys(twin, number) != set()
    loop.make_sure()
    settle(twin, loop)
    settle(twin, loop)
    assert with_keys(twin, number) == set()
    assert cannot_open(loop.store, number)
    assert twin.problems() == []


def test_what_a_backup_lacks_comes_back_from_the_point_without_a_key(
    twin: Journey, loop: IntakeLoop
) -> None:
    """The journal lost slip and forgetting both. The point has both, and nobody has the key."""
    poster(twin, 2)
    settle(twin, loop)
    restore = backup(twin)
    number = poster(twin)
    settle(twin, loop)
    forget(twin)
    settle(twin, loop)
    restore()
    loop.make_sure()
    settle(twin, loop)
    settle(twin, loop)
    assert state_of(loop.store, number) is VisitState.FORGOTTEN
    assert cannot_open(loop.store, number)
    held = twin.server.database(JOURNAL).range(f"{number}:", f"{number};", limit=9)
    assert [doc["event"]["type"] for doc in held] == ["slip.filled", "subject.forgotten"]
    assert not any(PURGED in doc or "keys" in doc for doc in held)
    stated = loop.store.db.execute("SELECT count(*) FROM events WHERE type='store.offer_refused'")
    assert stated.fetchone() == (0,)
    assert twin.outbox(HERE).range("central.", "central.~", limit=9) == []
    assert twin.problems() == []


def test_a_journal_lost_alone_is_filled_from_the_outboxes_without_a_key(twin: Journey) -> None:
    number = poster(twin)
    carry(twin)
    forget(twin)
    twin.server.drop(JOURNAL)
    prepare_couch(twin.district, twin.server)
    router = Router(twin.district, "anew.db")
    router.take_in()
    assert state_of(router.store, number) is VisitState.FORGOTTEN
    refused = router.store.db.execute("SELECT 1 FROM events WHERE type='store.refused'").fetchall()
    assert refused == []
    router.close()


def test_keys_are_not_kept_with_what_was_offered_in_vain(twin: Journey) -> None:
    """A spoilt copy that somebody offers waits in the router's file, and bears a key."""
    number = poster(twin)
    carry(twin)
    author = twin.router.store.events(number)[0].author
    (doc,) = [d for name, d in every_document(twin) if name == OUTBOX and d.get("keys")]
    spoilt = {**doc["event"], "n": 77, "sig": "ed25519:spoilt"}
    twin.outbox(CENTRE).bulk([{"_id": f"{author}:{77:010d}", "event": spoilt, "keys": doc["keys"]}])
    twin.router.take_in()
    parked = "SELECT count(*) FROM parked WHERE CAST(body AS TEXT) LIKE '%\"keys\"%'"
    assert twin.router.store.db.execute(parked).fetchone() == (1,)
    forget(twin)
    assert twin.router.store.db.execute(parked).fetchone() == (0,)
    twin.outbox(CENTRE).bulk([{"_id": f"{author}:{78:010d}", "event": {**spoilt, "n": 78},
                               "keys": doc["keys"]}])  # fmt: skip
    twin.router.take_in()
    assert twin.router.store.db.execute(parked).fetchone() == (0,)
    count = twin.router.store.db.execute("SELECT count(*) FROM parked").fetchone()
    assert count == (2,)


def test_nobody_keeps_from_central_what_cannot_be_forgotten(twin: Journey) -> None:
    """A point marks its case as purged, so that nobody but itself would ever read it."""
    number = twin.receive()
    twin.push(HERE)
    (doc,) = [doc for doc in twin.outbox(HERE).range("", "~", limit=9) if doc.get("keys")]
    bare = {field: value for field, value in doc.items() if field != "keys"}
    twin.outbox(HERE).bulk([{**bare, PURGED: True}])
    twin.router.take_in()
    assert twin.router.store.case(number) is None
    (book,) = registers.books(twin.router.store.db, HERE)
    assert "密钥" in book.refused[0]["why"]
