"""Writing: everything of one action or nothing, and no number, place or operation twice."""

from __future__ import annotations

import threading
from itertools import pairwise
from pathlib import Path

import pytest

from cases.fold import NotEntitled, WrongState
from cases.numbers import SubjectKind, parse_number
from sync.canonical import UnfitEvent, digest
from sync.db import write
from sync.store import Receipt, StoreError
from sync.writing import MAX_SERIAL, Tracking, next_k, tracking_carrier, tracking_left
from tests.cases.facts import CENTRE, HERE
from tests.sync.cast import RARE, SEALED, Desk, desk, dump


def test_what_was_written_is_there_for_everybody_at_once(lin: Desk) -> None:
    number = lin.receive()
    other = lin.connect()
    assert other.case(number) == lin.store.case(number)
    assert other.unseal(other.events(number)[0]) == SEALED
    other.close()


def test_events_are_linked_without_a_gap_and_signed(lin: Desk) -> None:
    for _ in range(3):
        lin.receive()
    events = lin.store.of_author(lin.author, 0, 10)
    assert [event.n for event in events] == [1, 2, 3, 4]
    assert events[0].prev == ""
    for before, after in pairwise(events):
        assert after.prev == digest(before.doc)


def test_an_action_that_fails_in_the_middle_leaves_no_trace(lin: Desk) -> None:
    lin.receive()
    head, before = lin.store.head(lin.author), dump(lin.store)
    with pytest.raises(NotEntitled), lin.writing() as w:  # noqa: PT012 - it fails at the end
        number = lin.receive(w)
        w.done("op-1", number)
        w.state("case.approved", number, {}, actor="s-1")
    assert lin.store.head(lin.author) == head
    assert dump(lin.store) == before
    assert lin.receive() == number


def test_numbers_never_repeat_over_a_restart(lin: Desk) -> None:
    seen = set()
    for _ in range(4):
        for kind in (SubjectKind.CASE, SubjectKind.VISIT, SubjectKind.PARCEL):
            with lin.writing() as w:
                seen.add(w.new_number(kind))
        lin.reopen()
    assert len(seen) == 12
    assert {parse_number(number).serial for number in seen} == {1, 2, 3, 4}


def test_a_new_day_begins_its_serials_anew_and_midnight_is_shanghais(lin: Desk) -> None:
    lin.clock.now = "2026-11-22T15:59:57Z"
    before, after = parse_number(lin.receive()), None
    lin.clock.now = "2026-11-22T16:00:01Z"
    after = parse_number(lin.receive())
    assert (before.day.day, before.serial) == (22, 1)
    assert (after.day.day, after.serial) == (23, 1)


def test_a_second_store_of_the_point_gives_other_numbers(tmp_path: Path, lin: Desk) -> None:
    with desk(tmp_path / "b.db", suffix="bcde", serial_suffix="bcde") as second:
        assert {lin.receive() for _ in range(9)} & {second.receive() for _ in range(9)} == set()


def test_a_day_has_no_more_numbers_than_a_number_can_hold(lin: Desk) -> None:
    name = f"serial:{lin.author}:case:2026-11-22"
    with write(lin.store.db):
        lin.store.set_cursor(name, str(MAX_SERIAL))
    with pytest.raises(StoreError, match="今天的号已用完"):
        lin.receive()


def test_two_windows_at_once_share_numbers_and_places_without_a_clash(lin: Desk) -> None:
    failures: list[BaseException] = []

    def work() -> None:
        store = lin.connect()
        try:
            for _ in range(10):
                with lin.writing(store) as w:
                    lin.receive(w)
        except BaseException as error:
            failures.append(error)
        finally:
            store.close()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    events = lin.store.of_author(lin.author, 0, 100)
    assert [event.n for event in events] == list(range(1, 32))
    assert len({event.subject for event in events}) == 31


def test_a_form_sent_twice_does_it_once(lin: Desk) -> None:
    answers = []
    for _ in range(3):
        with lin.writing() as w:
            answer = w.once("op-7")
            if answer is None:
                answer = lin.receive(w)
                w.done("op-7", answer)
            answers.append(answer)
        lin.reopen()
    assert len(set(answers)) == 1
    assert len(lin.store.of_author(lin.author, 0, 10)) == 2


@pytest.mark.parametrize("name", ["𠮷", "䶮", "㛃", "龘", "·", RARE, "Ó Súilleabháin", "👨‍👩‍👧"])
def test_rare_names_come_back_as_they_were_typed(lin: Desk, name: str) -> None:
    number = lin.receive(name=name)
    lin.reopen()
    assert lin.store.unseal(lin.store.events(number)[0])["name"] == name


def test_what_could_never_travel_is_refused_and_nothing_is_written(lin: Desk) -> None:
    head = lin.store.head(lin.author)
    for sealed in ({"name": "\ud800"}, {"note": "长" * 40_000}):
        with pytest.raises((UnfitEvent, UnicodeEncodeError)):
            lin.receive(**sealed)
    number = lin.receive()
    for data in ({"to": "\ud800"}, {"to": CENTRE, "share": 0.5}, {"to": CENTRE, "_id": 1}):
        with pytest.raises(UnfitEvent):
            lin.state("case.forwarded", number, **data)
    assert lin.store.head(lin.author)[0] == head[0] + 1


def test_a_step_the_table_does_not_allow_is_never_written(lin: Desk) -> None:
    number = lin.receive()
    lin.state("case.forwarded", number, to=CENTRE)
    head = lin.store.head(lin.author)
    for type in ("case.forwarded", "case.accepted", "case.closed", "case.received"):
        with pytest.raises(WrongState):
            lin.state(type, number, to=CENTRE)
    assert lin.store.head(lin.author) == head


def test_time_never_runs_backwards_for_a_store(lin: Desk) -> None:
    lin.receive()
    lin.clock.now = "2020-01-01T00:00:00Z"
    lin.receive()
    with write(lin.store.db):
        lin.store.set_receipt(lin.author, Receipt(1, "", "2026-12-01T00:00:00Z"))
    lin.receive()
    times = [event.at for event in lin.store.of_author(lin.author, 0, 10)]
    assert times == sorted(times)
    assert times[-1] == "2026-12-01T00:00:00Z"


def test_a_far_off_place_is_passed_over(lin: Desk) -> None:
    number = lin.receive()
    lin.tamper("UPDATE events SET id=? WHERE subject=?", f"{number}:0001-{lin.author}", number)
    lin.store.db.execute(
        "INSERT INTO events (id, subject, author, n, at, type, hash, body, heard)"
        " SELECT ?, subject, 'x', 1, at, type, hash, body, heard FROM events WHERE subject=?",
        [f"{number}:9999-350102005001.cccc", number],
    )
    assert next_k(lin.store, number) == 2


# tracking numbers


def block(first: int, last: int, author: str) -> dict[str, object]:
    return {"id": f"b{first}", "prefix": 31, "first": first, "last": last, "author": author}


def test_tracking_numbers_come_from_the_leased_blocks_one_after_the_other(lin: Desk) -> None:
    with write(lin.store.db):
        lin.store.set_document("block:a", block(1, 2, lin.author))
        lin.store.set_document("block:b", block(11, 11, lin.author))
        lin.store.set_document("block:c", block(21, 99, f"{HERE}.zzzz"))
    assert tracking_left(lin.store, lin.author) == 3
    seen = []
    for _ in range(3):
        with lin.writing() as w:
            seen.append(w.next_tracking().number)
        lin.reopen()
    assert [number[5:12] for number in seen] == ["0000001", "0000002", "0000011"]
    assert tracking_left(lin.store, lin.author) == 0
    with pytest.raises(StoreError, match="面单号段已用完"), lin.writing() as w:
        w.next_tracking()


def of_ems(first: int, last: int, author: str, at: str = "") -> dict[str, object]:
    return {"id": f"e{first}", "carrier": "ems", "format": "s10", "head": "EA", "tail": "CN",
            "first": first, "last": last, "author": author, "at": at}  # fmt: skip


def test_a_carriers_block_gives_its_own_numbers_and_says_whose_they_are(lin: Desk) -> None:
    with write(lin.store.db):
        lin.store.set_document("block:e", of_ems(12345678, 12345679, lin.author))
    with lin.writing() as w:
        taken = [w.next_tracking(), w.next_tracking()]
    assert taken == [Tracking("ems", "EA123456785CN"), Tracking("ems", "EA123456799CN")]
    assert (tracking_left(lin.store, lin.author), tracking_carrier(lin.store, lin.author)) == (
        0, "ems",
    )  # fmt: skip


def test_numbers_are_of_the_carrier_that_was_leased_last_and_of_no_other(lin: Desk) -> None:
    with write(lin.store.db):
        lin.store.set_document("block:own", {**block(1, 9, lin.author), "at": "2026-11-01"})
        lin.store.set_document("block:ems", of_ems(5, 5, lin.author, at="2026-11-02"))
    with lin.writing() as w:
        assert w.next_tracking().carrier == "ems"
        with pytest.raises(StoreError, match="面单号段已用完"):
            w.next_tracking()
    assert tracking_left(lin.store, lin.author) == 0


def test_a_block_of_a_later_version_is_left_alone(lin: Desk) -> None:
    with write(lin.store.db):
        later = {**of_ems(1, 9, lin.author), "format": "not yet made", "at": "2027"}
        lin.store.set_document("block:later", later)
    assert tracking_carrier(lin.store, lin.author) == ""
    with pytest.raises(StoreError, match="还没有领到面单号"), lin.writing() as w:
        w.next_tracking()


def test_a_tracking_number_of_an_action_that_failed_is_given_again(lin: Desk) -> None:
    with write(lin.store.db):
        lin.store.set_document("block:a", block(1, 9, lin.author))
    with pytest.raises(RuntimeError), lin.writing() as w:  # noqa: PT012 - it fails at the end
        taken = w.next_tracking()
        raise RuntimeError
    with lin.writing() as w:
        assert w.next_tracking() == taken
