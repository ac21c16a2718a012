"""The feed of a cluster is in no order: what is written together may come apart and reversed."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.memory import MemoryServer
from sync.ports import START, Database
from sync.pull import pull_once
from sync.store import envelope_doc
from tests.cases.facts import CENTRE
from tests.sync.cast import Desk

seeds = st.integers(0, 2**32)


def shuffled(seed: int) -> Database:
    server = MemoryServer(random.Random(seed))  # noqa: S311 - an order that repeats
    server.create("box")
    return server.database("box")


def followed(box: Database, limit: int, since: str = START) -> list[str]:
    seen: list[str] = []
    caught_up = False
    while not caught_up:
        page = box.changes(since, limit=limit)
        seen += [change.id for change in page.rows]
        since, caught_up = page.cursor, page.caught_up
    assert box.changes(since, limit=limit).rows == []
    return seen


@given(seed=seeds, limit=st.integers(1, 12))
def test_whatever_the_order_every_document_is_met_once(seed: int, limit: int) -> None:
    box = shuffled(seed)
    ids = [f"d{n}" for n in range(10)]
    box.bulk([{"_id": id} for id in ids])

    assert sorted(followed(box, limit)) == ids


def test_not_even_one_bulk_write_comes_in_the_order_of_writing() -> None:
    ids = [f"d{n}" for n in range(10)]
    orders = set()
    for seed in range(5):
        box = shuffled(seed)
        box.bulk([{"_id": id} for id in ids])
        orders.add(tuple(followed(box, 3)))

    assert len(orders) == 5
    assert tuple(ids) not in orders


@given(seed=seeds)
def test_the_cursor_of_any_row_resumes_behind_what_was_given(seed: int) -> None:
    box = shuffled(seed)
    box.bulk([{"_id": f"d{n}"} for n in range(8)])
    rows = box.changes(START, limit=5).rows

    given = {row.id for row in rows}
    rest = followed(box, 3, rows[-1].seq)

    assert given.isdisjoint(rest)
    assert len(given) + len(rest) == 8


@pytest.mark.parametrize("batch", [1, 3, 200])
@pytest.mark.parametrize("seed", range(4))
def test_a_pull_in_any_order_and_any_pages_shows_the_same(
    lin: Desk, chen: Desk, seed: int, batch: int
) -> None:
    """LIN's morning: causes and effects that depend on each other."""
    numbers = [lin.receive() for _ in range(3)]
    for number in numbers:
        lin.state("case.forwarded", number, to=CENTRE)
    box = shuffled(seed)
    box.bulk([envelope_doc(e.event.id, e) for e in lin.envelopes(chen.box)])

    while not pull_once(chen.store, box, batch=batch).caught_up:
        pass

    assert chen.store.reach(lin.author) == lin.store.head(lin.author)[0] == 7
    for number in (*numbers, lin.author):
        assert chen.store.subject(number) == lin.store.subject(number)
        assert chen.store.events(number) == lin.store.events(number)
