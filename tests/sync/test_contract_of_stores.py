"""The contract of stores: a file on disk and its twin in memory do the same with events."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cases.states import CaseState
from sync import registers
from sync.canonical import canonical
from sync.db import write
from sync.seal import Box
from sync.store import Receipt, Store
from sync.verify import verify
from tests.cases.facts import CENTRE
from tests.sync.cast import RARE, ROOT, SEALED, Desk, dump


@pytest.fixture(params=["file", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path, lin: Desk) -> Iterator[Store]:
    path = ":memory:" if request.param == "memory" else tmp_path / "store.db"
    store = Store(path, Box.new(), lin.store.home_of)
    yield store
    store.close()


@pytest.fixture
def number(lin: Desk) -> str:
    number = lin.receive()
    lin.state("case.forwarded", number, to=CENTRE)
    return number


def told(lin: Desk, store: Store):  # type: ignore[no-untyped-def]
    assert isinstance(store.keyring, Box)
    return lin.envelopes(store.keyring)


def test_it_begins_empty(store: Store) -> None:
    assert (store.authors(), store.parked(), registers.counts(store.db, "case")) == ([], [], {})
    assert store.subject("GL031-261122-0001-B") is None
    assert (store.head("x"), store.receipt("x")) == ((0, ""), Receipt(0, "", ""))


def test_it_holds_what_it_was_told_as_its_author_does(store: Store, lin: Desk, number: str) -> None:
    store.merge(told(lin, store), cursor=("inbox", "c1"))
    assert canonical(store.subject(number)) == canonical(lin.store.subject(number))
    assert store.of_author(lin.author, 0, 9) == lin.store.of_author(lin.author, 0, 9)
    assert store.unseal(store.events(number)[0]) == SEALED
    assert store.cursor("inbox") == "c1"
    assert list(verify(store, ROOT.public)) == []


def test_it_takes_in_twice_and_in_any_order_as_once(store: Store, lin: Desk, number: str) -> None:
    envelopes = told(lin, store)
    for envelope in reversed(envelopes):
        store.merge([envelope])
    before = dump(store)
    store.merge(envelopes)
    assert dump(store) == before
    assert list(verify(store, ROOT.public)) == []


def test_it_rolls_back_whole(store: Store, lin: Desk, number: str) -> None:
    store.merge(told(lin, store))
    before = dump(store)
    with pytest.raises(RuntimeError), write(store.db):  # noqa: PT012 - it fails at the end
        store.set_receipt(lin.author, Receipt(3, "h", "t"))
        store.park("x", "y", "z", {})
        raise RuntimeError
    assert dump(store) == before


def test_it_finds_by_name_and_lists_by_state(store: Store, lin: Desk, number: str) -> None:
    store.merge(told(lin, store))
    assert registers.find(store.db, RARE[:2]) == [number]
    (case,) = registers.live(store.db, "case")
    assert (case.number, case.state) == (number, CaseState.FORWARDED)


def test_it_is_rebuilt_and_emptied(store: Store, lin: Desk, number: str) -> None:
    store.merge(told(lin, store), cursor=("inbox", "c1"))
    before = dump(store)
    assert store.rebuild() == 2
    assert dump(store) == before
    store.empty()
    assert all(not rows for name, rows in dump(store).items() if name != "receipts")
