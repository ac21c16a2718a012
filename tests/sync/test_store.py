"""The store: durable, whole or not at all, never silently another one's, and shown to be sound."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from pysqlite3 import dbapi2 as sqlite3

from cases.events import NotAnEvent, parse
from cases.folded import Case
from cases.states import CaseState
from sync import registers
from sync.canonical import canonical
from sync.db import DataFolderError, check_integrity, write
from sync.memory import MemoryServer
from sync.seal import Box, CannotUnseal
from sync.store import BATCH, Envelope, Merged, Receipt, Store, envelope_doc, read_envelope
from tests.cases.facts import CENTRE
from tests.sync.cast import RARE, SEALED, Desk, desk, dump


def pragma(store: Store, name: str) -> Any:
    return store.db.execute(f"PRAGMA {name}").fetchone()[0]


def test_every_connection_is_durable_and_strict(lin: Desk) -> None:
    expected = {
        "journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "trusted_schema": 0,
        "busy_timeout": 10_000, "user_version": 7, "secure_delete": 1, "application_id": 0x444F4F52,
    }  # fmt: skip
    for store in (lin.store, lin.connect()):
        assert {name: pragma(store, name) for name in expected} == expected
        store.close()


def test_only_the_one_who_checkpoints_does(lin: Desk) -> None:
    other = Store(lin.path, lin.box, lin.store.home_of, checkpoints=False)
    assert pragma(other, "wal_autocheckpoint") == 0
    assert pragma(lin.store, "wal_autocheckpoint") == 1000
    other.close()
    lin.receive()
    lin.store.checkpoint()
    assert lin.path.stat().st_size > 0


def test_a_failure_rolls_everything_back(lin: Desk) -> None:
    before = dump(lin.store)
    with pytest.raises(RuntimeError), write(lin.store.db):  # noqa: PT012 - it fails at the end
        lin.store.set_cursor("x", "1")
        lin.store.set_document("y", {"z": 1})
        raise RuntimeError("the power went")
    assert dump(lin.store) == before


# files that are not to be used


def test_a_corrupt_file_is_refused_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "node.db"
    path.write_bytes(b"this is no database" * 100)
    with pytest.raises(DataFolderError, match="用最近的备份恢复，或联系区中心"):
        Store(path, Box.new(), str)
    assert path.read_bytes().startswith(b"this is no")


def test_a_damaged_page_is_found(lin: Desk) -> None:
    for _ in range(20):
        lin.receive()
    lin.store.close()
    body = bytearray(lin.path.read_bytes())
    body[4096:20480] = b"\xff" * 16384
    lin.path.write_bytes(body)
    try:
        lin.store = lin.connect()
    except DataFolderError:
        return
    assert check_integrity(lin.store.db) is not None


def test_a_sound_file_has_nothing_to_say(lin: Desk) -> None:
    assert check_integrity(lin.store.db) is None


def test_another_programs_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "photos.db"
    conn = sqlite3.connect(str(path))
    conn.execute("PRAGMA application_id=7")
    conn.execute("CREATE TABLE photos (id)")
    conn.commit()
    conn.close()
    with pytest.raises(DataFolderError, match="这不是家门口的数据文件"):
        Store(path, Box.new(), str)


def test_a_file_with_tables_that_nobody_signed_is_not_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    conn = sqlite3.connect(str(path))
    conn.execute("CREATE TABLE events (id)")
    conn.commit()
    conn.close()
    with pytest.raises(DataFolderError, match="这不是家门口的数据文件"):
        Store(path, Box.new(), str)


def test_a_file_of_a_newer_program_is_refused_with_words(lin: Desk) -> None:
    lin.store.db.execute("PRAGMA user_version=99")
    with pytest.raises(DataFolderError, match=r"更新的版本（99）.*请升级程序"):
        lin.connect()


def test_a_folder_in_place_of_the_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(DataFolderError, match="打不开"):
        Store(tmp_path, Box.new(), str)


def test_two_processes_may_make_the_same_new_file_at_once(tmp_path: Path) -> None:
    failures: list[BaseException] = []

    def make() -> None:
        try:
            Store(tmp_path / "new.db", Box.new(), str).close()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=make) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


# taking in


def test_taking_in_twice_is_taking_in_once(lin: Desk, chen: Desk) -> None:
    number = lin.receive()
    envelopes = lin.envelopes(chen.box)
    first = chen.store.merge(envelopes, cursor=("inbox", "5"))
    assert len(first.new) == 2
    before = dump(chen.store)
    assert chen.store.merge(envelopes, cursor=("inbox", "5")).new == ()
    assert dump(chen.store) == before
    assert isinstance(chen.store.case(number), Case)
    assert chen.store.cursor("inbox") == "5"


def test_a_batch_is_taken_in_by_short_transactions_with_a_rest_after_each(
    lin: Desk, chen: Desk
) -> None:
    with lin.writing() as w:
        for _ in range(BATCH + 5):
            lin.receive(w)
    rests: list[float] = []
    merged = chen.store.merge(lin.envelopes(chen.box), cursor=("c", "9"), rest=rests.append)
    assert (len(merged.new), len(rests)) == (BATCH + 6, 2)
    assert all(seconds >= 0 for seconds in rests)


def test_the_cursor_moves_with_the_last_of_the_data_only(lin: Desk, chen: Desk) -> None:
    with lin.writing() as w:
        for _ in range(BATCH + 5):
            lin.receive(w)

    def stop(seconds: float) -> None:
        raise RuntimeError("killed")

    with pytest.raises(RuntimeError):
        chen.store.merge(lin.envelopes(chen.box), cursor=("c", "9"), rest=stop)
    assert chen.store.cursor("c") == "0"
    assert len(chen.store.of_author(lin.author, 0, 1000)) == BATCH
    chen.store.merge(lin.envelopes(chen.box), cursor=("c", "9"))
    assert (chen.store.cursor("c"), chen.store.head(lin.author)[0]) == ("9", BATCH + 6)


def test_an_event_whose_place_is_taken_is_put_aside_and_shown(lin: Desk, chen: Desk) -> None:
    lin.receive()
    opened, received = lin.envelopes(chen.box)
    chen.store.merge([opened, received])
    other = Envelope(parse({**received.event.doc, "actor": "s-2"}))
    merged = chen.store.merge([other])
    assert merged.new == ()
    assert merged.parked[0][0] == received.event.id
    ((id, why, _),) = chen.store.parked()
    assert (id, "位置已被另一内容占用" in why) == (received.event.id, True)
    assert chen.store.event(received.event.id) == received.event


def test_only_who_was_given_a_key_can_unseal(lin: Desk, chen: Desk) -> None:
    number = lin.receive()
    chen.store.merge(lin.envelopes(chen.box))
    (event,) = chen.store.events(number)
    assert chen.store.unseal(event) == {**SEALED}
    stranger = Store(chen.path, Box.new(), chen.store.home_of)
    with pytest.raises(CannotUnseal, match="本机没有这条记录的密钥"):
        stranger.unseal(event)
    stranger.close()
    assert lin.store.unseal(lin.store.event(f"{lin.author}:0001-{lin.author}") or event) == {}


@pytest.mark.parametrize(
    "doc",
    [
        {}, {"event": None}, {"event": []}, {"event": {}, "keys": 5}, {"event": {}, "keys": ["x"]},
        {"event": {}, "keys": [{"for": 1}]}, {"event": {}, "keys": [{"for": ["a"]}]},
    ],
)  # fmt: skip
def test_an_envelope_that_is_none_says_so(doc: dict[str, Any]) -> None:
    with pytest.raises(NotAnEvent):
        read_envelope(doc)


def test_an_envelope_is_read_as_it_was_made(lin: Desk, chen: Desk) -> None:
    lin.receive()
    for envelope in lin.envelopes(chen.box):
        server = MemoryServer()
        server.create("box")
        server.database("box").put(envelope_doc("x", envelope))
        assert read_envelope(server.database("box").get("x") or {}) == envelope


# registers


def test_the_registers_can_be_dropped_and_come_back_the_same(lin: Desk) -> None:
    numbers = [lin.receive(name=name) for name in ("林小燕", RARE)]
    lin.state("case.forwarded", numbers[0], to=CENTRE)
    before = dump(lin.store)
    assert lin.store.rebuild() == 3
    assert dump(lin.store) == before


@pytest.mark.parametrize(
    "words", [RARE, "𠮷", "龘", "龘·林", "·", "00001234", "1234", "LIN", "13800001234"]
)
def test_a_case_is_found_by_any_part_of_a_rare_name_by_phone_and_last_four(
    lin: Desk, words: str
) -> None:
    number = lin.receive(name=f"{RARE}Lin")
    found = registers.find(lin.store.db, words)
    assert (number in found) is (words != "00001234")


def test_a_case_is_found_by_a_part_of_its_number_and_nothing_by_a_wildcard(lin: Desk) -> None:
    number = lin.receive()
    assert registers.find(lin.store.db, number[-6:].lower()) == [number]
    for odd in ("%", "_", "!", "", "  ", "'; DROP TABLE events"):
        assert registers.find(lin.store.db, odd) == []


def test_a_read_model_keeps_no_name_in_its_registers(lin: Desk, tmp_path: Path) -> None:
    lin.receive()
    box = Box.new()
    model = Store(tmp_path / "read.db", box, lin.store.home_of, words=False)
    model.merge(lin.envelopes(box))
    assert registers.find(model.db, "1234") == []
    assert RARE not in str(dump(model))
    model.close()


def test_counts_and_lists_say_what_there_is(lin: Desk) -> None:
    numbers = [lin.receive() for _ in range(3)]
    lin.state("case.forwarded", numbers[1], to=CENTRE)
    assert registers.counts(lin.store.db, "case") == {"received": 2, "forwarded": 1}
    newest = registers.newest(lin.store.db, "case", limit=2)
    assert [case.number for case in newest] == [numbers[1], numbers[2]]
    (only,) = registers.newest(lin.store.db, "case", state="forwarded")
    assert only.state is CaseState.FORWARDED
    assert [c.number for c in registers.live(lin.store.db, "case")] == [
        numbers[0], numbers[2], numbers[1],
    ]  # fmt: skip


def test_an_emptied_read_model_is_built_again(lin: Desk, chen: Desk) -> None:
    number = lin.receive()
    chen.store.merge(lin.envelopes(chen.box), cursor=("inbox", "9"))
    chen.store.empty()
    assert (chen.store.case(number), chen.store.cursor("inbox")) == (None, "0")
    assert len(chen.store.merge(lin.envelopes(chen.box)).new) == 2


# receipts and documents


def test_an_event_is_safe_when_a_receipt_covers_it(lin: Desk) -> None:
    lin.receive()
    events = lin.store.of_author(lin.author, 0, 10)
    assert lin.store.waiting(lin.author) == 2
    assert not lin.store.is_safe(events[0])
    with write(lin.store.db):
        lin.store.set_receipt(lin.author, Receipt(1, "h", "t"))
    assert [lin.store.is_safe(event) for event in events] == [True, False]


def test_documents_are_kept_by_prefix_and_dropped(lin: Desk) -> None:
    with write(lin.store.db):
        for id in ("block:b", "block:a", "staff:x"):
            lin.store.set_document(id, {"id": id})
        lin.store.set_document("staff:x", None)
    assert [id for id, _ in lin.store.documents("block:")] == ["block:a", "block:b"]
    assert lin.store.document("staff:x") is None


def test_the_same_events_give_the_same_state_in_any_two_stores(tmp_path: Path, lin: Desk) -> None:
    number = lin.receive()
    lin.state("case.forwarded", number, to=CENTRE)
    with desk(tmp_path / "a.db", suffix="cccc") as a, desk(tmp_path / "b.db", suffix="dddd") as b:
        for envelope in lin.envelopes(a.box):
            a.store.merge([envelope])
        b.store.merge(list(reversed(lin.envelopes(b.box))))
        assert canonical(a.store.subject(number)) == canonical(b.store.subject(number))


def test_a_name_is_found_once_its_key_has_come(lin: Desk, chen: Desk) -> None:
    number = lin.receive()
    chen.store.merge([envelope._replace(keys=()) for envelope in lin.envelopes(chen.box)])
    assert registers.find(chen.store.db, RARE) == []
    chen.store.merge(lin.envelopes(chen.box))
    assert registers.find(chen.store.db, RARE) == [number]


def test_a_key_that_opens_here_is_not_given_up_for_one_that_does_not(lin: Desk, chen: Desk) -> None:
    """Central may wrap anew before it knows of a point's new PC."""
    number = lin.receive()
    good, strange = lin.envelopes(chen.box), lin.envelopes(Box.new())
    chen.store.merge(good)
    chen.store.merge(strange)
    (event,) = chen.store.events(number)
    assert chen.store.unseal(event)["name"] == RARE
    assert chen.store.merge(good) == Merged((), ())
