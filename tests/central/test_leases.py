"""Ranges that carriers assigned: imported once, leased in blocks, never the same number twice."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from central.leases import (
    CARRIERS_BLOCK,
    HELD_BACK,
    LEASES,
    Overlapping,
    Range,
    add_ranges,
    hold_back,
    lease_of_ranges,
    left_of,
    pieces,
    ranges,
    stock,
)
from sync.memory import MemoryServer
from sync.ports import Database

S10 = Range("ems", "s10", "EA", 0, 9_999, "CN")


def leases(*imported: Range) -> Database:
    server = MemoryServer()
    server.create(LEASES)
    found = server.database(LEASES)
    add_ranges(found, imported)
    return found


def nothing_used(first: str, last: str) -> bool:
    return False


def take(found: Database, who: str = "x") -> range | None:
    block = lease_of_ranges(found, "ems", who, nothing_used)
    return range(block["first"], block["last"] + 1) if block else None


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4_000), st.integers(1, 1_700), st.integers(0, 4)),
                max_size=6))  # fmt: skip
def test_however_ranges_are_imported_no_number_is_leased_twice(
    wished: list[tuple[int, int, int]],
) -> None:
    found, leased = leases(), list[int]()
    for first, count, blocks in wished:
        new = Range("ems", "ems13", "", first, first + count - 1)
        if any(new.overlaps(old) for old in ranges(found)):
            with pytest.raises(Overlapping):
                add_ranges(found, [new])
        else:
            add_ranges(found, [new])
        for _ in range(blocks):
            leased += take(found) or ()
    while block := take(found):
        leased += block
    assert len(leased) == len(set(leased))
    assert set(leased) <= {n for r in ranges(found) for n in range(r.first, r.last + 1)}
    assert left_of(found, "ems") == 0


def test_a_range_is_cut_at_the_same_multiples_wherever_it_begins() -> None:
    cut = [(p.first, p.last) for p in pieces(Range("ems", "ems13", "", 750, 1_600))]
    assert cut == [(750, 999), (1_000, 1_499), (1_500, 1_600)]
    assert sum(p.count for p in pieces(S10)) == S10.count


def test_one_overlap_refuses_all_that_came_with_it() -> None:
    found = leases(S10)
    fine = Range("ems", "s10", "EB", 0, 99, "CN")
    for wrong in (
        Range("ems", "s10", "EA", 9_999, 10_500, "CN"),
        Range("own", "s10", "EA", 5, 5, "CN"),
    ):
        with pytest.raises(Overlapping):
            add_ranges(found, [fine, wrong])
    with pytest.raises(Overlapping):
        add_ranges(found, [fine, fine])
    assert ranges(found) == (S10,)
    add_ranges(found, [fine, Range("ems", "s10", "EA", 0, 9, "US")])
    assert len(ranges(found)) == 3


def test_two_administrators_at_once_cannot_import_the_same_numbers() -> None:
    found = leases()
    put, came = found.put, []

    def slowly(doc: dict[str, object]) -> str:
        if not came:
            came.append(True)
            add_ranges(found, [S10])
        return put(doc)

    found.put = slowly  # type: ignore[method-assign]
    with pytest.raises(Overlapping):
        add_ranges(found, [Range("ems", "s10", "EA", 9_000, 20_000, "CN")])
    assert ranges(found) == (S10,)


def test_numbers_that_a_parcel_bears_are_passed_over() -> None:
    """A range that was imported anew after a restore: what was leased of it nobody remembers."""
    found = leases(S10)
    borne = {S10.number(3), S10.number(CARRIERS_BLOCK + 499)}
    block = lease_of_ranges(found, "ems", "x", lambda a, b: any(a <= n <= b for n in borne))
    assert block is not None
    assert block["first"] == 2 * CARRIERS_BLOCK
    (how,) = stock(found)
    assert (how.leased, how.held_back) == (CARRIERS_BLOCK, 2 * CARRIERS_BLOCK)


def test_what_is_held_back_after_a_restore_is_nobodys() -> None:
    found = leases(S10, Range("ems", "s10", "EB", 0, 9_999, "CN"))
    take(found)
    hold_back(found, 22)
    first, second = stock(found)
    assert (first.leased, first.held_back, first.left) == (500, 9_500, 0)
    assert second.held_back == 3 * CARRIERS_BLOCK
    block = lease_of_ranges(found, "ems", "x", nothing_used)
    assert block is not None
    assert (block["head"], block["first"]) == ("EB", 1_500)
    authors = {doc["author"] for doc in found.range("block-", "block.", limit=99)}
    assert authors == {"x", HELD_BACK}


def test_leases_of_many_askers_at_once_are_all_different() -> None:
    found = leases(S10)
    rolls = random.Random(5)  # noqa: S311 - which asker is next
    blocks = [take(found, f"author-{rolls.randrange(9)}") for _ in range(20)]
    assert sorted(b.start for b in blocks if b) == list(range(0, 10_000, CARRIERS_BLOCK))
    assert take(found) is None
