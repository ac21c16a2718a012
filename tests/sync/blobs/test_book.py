"""The book of blobs: what must travel, in which order, and that it heals from the journal."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cases.events import Event, parse
from sync.blobs import book as books
from sync.blobs.book import BlobBook, named_by, naming
from sync.db import write
from sync.store import Envelope
from tests.sync.cast import CENTRE, HERE, NOW, Desk, desk

LATER = "2026-11-22T03:00:00Z"
MUCH_LATER = "2027-01-01T00:00:00Z"


def blob(number: int) -> str:
    return f"sha256:{number:064x}"


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Desk]:
    with desk(tmp_path / "node.db") as opened:
        yield opened


@pytest.fixture
def book(here: Desk) -> BlobBook:
    return BlobBook(here.store)


def store_here(book: BlobBook, number: int, size: int) -> str:
    with write(book.db):
        book.store_here(blob(number), size)
    return blob(number)


def name_in_event(here: Desk, number: int, case: str = "") -> str:
    """State a scan of a case. :returns: the case."""
    case = case or here.receive()
    data = {"blob": blob(number), "size": 10, "media": "image/png"}
    with here.writing() as w:
        w.state("case.scanned", case, data, actor="s-1", sealed={"file": "a.png", "key": "k"})
    return case


def ours(event: Event) -> bool:
    return event.point == HERE


def test_the_shortest_goes_first_and_a_long_one_keeps_nobody_waiting(book: BlobBook) -> None:
    long, short = store_here(book, 1, 64_000_000), store_here(book, 2, 10)
    assert (found := book.next_to_send(NOW))
    assert found.name == short
    book.safe(short, NOW)
    assert (found := book.next_to_send(NOW))
    assert found.name == long
    book.safe(long, NOW)
    assert book.next_to_send(NOW) is None


def test_one_that_is_refused_waits_longer_each_time_and_the_others_go_on(book: BlobBook) -> None:
    bad, good = store_here(book, 1, 10), store_here(book, 2, 20)
    entry = book.entry(bad)
    assert entry
    book.failed(entry, NOW, "大小与记录里写的不一样" * 100)
    assert (found := book.next_to_send(NOW))
    assert found.name == good
    waits = []
    for _ in range(30):
        entry = book.entry(bad)
        assert entry
        book.failed(entry, NOW, "no")
        again = book.entry(bad)
        assert again
        waits.append(again.not_before)
    assert waits == sorted(waits)
    assert waits[-1] <= "2026-11-22T02:31:05Z"  # an hour at most
    assert (found := book.next_to_send(LATER))
    assert found.name == bad


def test_what_gets_through_is_well_again(book: BlobBook) -> None:
    name = store_here(book, 1, 10)
    entry = book.entry(name)
    assert entry
    book.failed(entry, NOW, "区中心还不认识这台电脑")
    book.sent(name, 5)
    assert book.entry(name) == books.Entry(name, 10, sent=5)
    book.safe(name, NOW)
    assert book.entry(name) == books.Entry(name, 10, sent=10, safe_at=NOW)


def test_what_somebody_waits_for_is_asked_for_at_once_and_only_once_noted(book: BlobBook) -> None:
    first = book.want(blob(1), 10, NOW)
    assert book.want(blob(1), 10, LATER) == first
    book.want(blob(2), 10, LATER)
    assert book.next_to_send(LATER) is None
    assert (found := book.next_wanted(LATER))
    assert found.name == blob(1)
    book.arrived(blob(1), LATER)
    assert (found := book.next_wanted(LATER))
    assert found.name == blob(2)


def test_a_person_who_waits_is_never_an_hour_from_the_next_try(book: BlobBook) -> None:
    for _ in range(12):
        entry = book.want(blob(1), 10, NOW)
        book.failed(entry, NOW, "区中心还没有收到这份扫描件")
    assert book.next_wanted("2026-11-22T01:32:05Z")


def test_a_wait_noted_while_the_clock_was_years_ahead_does_not_last_for_years(
    book: BlobBook,
) -> None:
    name = store_here(book, 1, 10)
    entry = book.entry(name)
    assert entry
    book.failed(entry, MUCH_LATER, "no")
    assert book.next_to_send(NOW)


def test_what_central_lost_is_sent_again(book: BlobBook) -> None:
    name = store_here(book, 1, 10)
    book.safe(name, NOW)
    book.lost([name, blob(7)])
    assert (found := book.next_to_send(NOW))
    assert (found.name, found.sent) == (name, 0)


def test_the_book_heals_from_the_journal(here: Desk, book: BlobBook) -> None:
    name_in_event(here, 1)
    name_in_event(here, 2)
    reached = book.note_named(0, ours)
    assert [entry.name for entry in book.after("", 10)] == [blob(1), blob(2)]
    assert book.note_named(reached, ours) == reached
    book.safe(blob(1), NOW)
    book.note_named(0, ours)
    assert (found := book.entry(blob(1)))
    assert found.safe_at == NOW


def test_what_is_neither_ours_nor_here_is_not_entered(here: Desk, book: BlobBook) -> None:
    name_in_event(here, 1)
    book.note_named(0, lambda event: False)
    assert book.after("", 10) == []


def test_a_long_journal_is_looked_through_in_bounded_steps(
    here: Desk, book: BlobBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(books, "EVENTS_MAX", 2)
    for number in range(4):
        name_in_event(here, number)
    at, steps = 0, 0
    while (reached := book.note_named(at, ours)) != at:
        at, steps = reached, steps + 1
    assert steps == 5  # the store's opening, four cases, four scans
    assert len(book.after("", 10)) == 4


def test_the_events_that_name_a_blob_are_found_by_an_index(here: Desk) -> None:
    case = name_in_event(here, 1)
    name_in_event(here, 1, case)
    name_in_event(here, 2, case)
    assert [event.subject for event in naming(here.store, blob(1))] == [case, case]
    assert naming(here.store, blob(3)) == []
    assert len(list(named_by(here.store, HERE))) == 3
    plan = here.store.db.execute(
        "EXPLAIN QUERY PLAN SELECT body FROM events WHERE type='case.scanned'"
        " AND json_extract(CAST(body AS TEXT), '$.data.blob')=?",
        ["x"],
    ).fetchall()
    assert "events_blob" in str(plan)


def test_a_scan_that_central_carries_names_its_blob_too(
    here: Desk, book: BlobBook, tmp_path: Path
) -> None:
    """Both points and central find it: who scanned it sends it, who needs it may have it."""
    case = name_in_event(here, 7)
    (scan,) = (e for e in here.store.events(case) if e.type == "case.scanned")
    reception = here.store.events(case)[0]
    with desk(tmp_path / "other.db", point=CENTRE, suffix="bbbb") as other:
        doc = {
            **scan.doc, "id": f"{case}:0009-central.cccccccc", "author": "central.cccccccc", "n": 1,
            "type": "event.carried", "data": {"event": dict(scan.doc), "cert": {}},
        }  # fmt: skip
        del doc["sealed"]
        other.store.merge([Envelope(reception), Envelope(parse(doc))])
        assert [e.carrier for e in naming(other.store, blob(7))] == [doc["id"]]
        assert naming(other.store, blob(8)) == []
        assert [e.id for e in named_by(other.store, HERE)] == [scan.id]
        elsewhere = BlobBook(other.store)
        elsewhere.note_named(0, ours)
        assert (found := elsewhere.next_to_send(NOW))
        assert found.name == blob(7)
