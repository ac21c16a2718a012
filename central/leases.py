"""Blocks of tracking numbers, leased one at a time, so that a point prints with no line.

A lease is a document named by its block: no block is leased twice, whoever asks. Our own couriers'
numbers are made as they are wanted. A carrier's come from the ranges it assigned: they stand in
one document, so that no two of them overlap whoever imports, and every range is cut at the same
multiples, so that the same number is in the same block however often it was imported.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import msgspec

from cases.tracking import FORMATS, OWN, Place
from sync.clock import utc_now
from sync.errors import Conflict, RemoteUnavailable
from sync.ports import Database, Doc

LEASES = "leases"
BLOCK_SIZE = 1000
CARRIERS_BLOCK = 500
RANGES = "ranges"
RANGE_NUMBERS_MAX = 5_000_000
HELD_BACK = "restored"
ATTEMPTS_MAX = 5
_READ_AT_ONCE = 2_000

Used = Callable[[str, str], bool]
"""Whether a parcel bears a number from the first to the last of these, as far as is known."""


class Range(msgspec.Struct, frozen=True):
    """Numbers that a carrier assigned to the district: who imported them, and when."""

    carrier: str
    format: str
    head: str
    first: int
    last: int
    tail: str = ""
    at: str = ""
    by: str = ""

    def number(self, serial: int) -> str:
        """The number of a serial of the range."""
        return FORMATS[self.format].number(Place(self.format, self.head, serial, self.tail))

    @property
    def count(self) -> int:
        """How many numbers it has."""
        return self.last - self.first + 1

    def overlaps(self, other: Range) -> bool:
        """Whether some number is in both, whichever carrier is said to have assigned it."""
        kind = (self.format, self.head, self.tail)
        same = kind == (other.format, other.head, other.tail)
        return same and self.first <= other.last and other.first <= self.last


class Overlapping(ValueError):
    """A range has numbers of another one that was imported; ``other`` is that one."""

    def __init__(self, new: Range, other: Range) -> None:
        super().__init__(f"{new.number(new.first)} … is in a range that was imported before")
        self.new, self.other = new, other


class Stock(NamedTuple):
    """How a range stands: how many of its numbers are leased, held back, and free."""

    range: Range
    leased: int
    held_back: int

    @property
    def left(self) -> int:
        """How many of its numbers may still be leased."""
        return self.range.count - self.leased - self.held_back


def lease_own(leases: Database, point_number: int, author: str, first: int) -> dict[str, Any]:
    """Lease the next free block of our own couriers' numbers of a point, from ``first`` on."""
    while True:
        id = f"own-{point_number:03d}-{first:07d}"
        block = {
            "_id": id, "prefix": point_number, "first": first, "last": first + BLOCK_SIZE - 1,
            "author": author, "at": utc_now(),
        }  # fmt: skip
        if _taken(leases, block):
            return _given(block)
        first += BLOCK_SIZE


def lease_of_ranges(
    leases: Database, carrier: str, author: str, used: Used
) -> dict[str, Any] | None:
    """Lease the next free block of a carrier's ranges; None if there is none.

    One in which a parcel bears a number is passed over: a backup did not know that it was leased.
    """
    for range in ranges(leases):
        if range.carrier != carrier:
            continue
        known = {doc["_id"] for doc in _blocks(leases, range, docs=False)}
        for piece in pieces(range):
            if _id(piece) in known:
                continue
            borne = used(piece.number(piece.first), piece.number(piece.last))
            block = _block(piece, HELD_BACK if borne else author)
            if _taken(leases, block) and not borne:
                return _given(block)
    return None


def hold_back(leases: Database, count: int) -> None:
    """Lease the next free blocks of every carrier to nobody: the journal was restored, and what
    was leased after its backup is not known any more."""
    left = {range.carrier: count for range in ranges(leases)}
    for range in ranges(leases):
        known = {doc["_id"] for doc in _blocks(leases, range, docs=False)}
        free = [piece for piece in pieces(range) if _id(piece) not in known]
        held = free[: left[range.carrier]]
        left[range.carrier] -= len(held)
        if held:
            leases.bulk([_block(piece, HELD_BACK) for piece in held])


def ranges(leases: Database) -> tuple[Range, ...]:
    """What was imported, in that order."""
    found = leases.get(RANGES) or {}
    return msgspec.convert(found.get("ranges", []), tuple[Range, ...])


def add_ranges(leases: Database, new: Sequence[Range]) -> None:
    """Import ranges, all of them or none.

    :raises Overlapping: some number was imported before.
    """
    for _ in range(ATTEMPTS_MAX):
        doc = leases.get(RANGES) or {"_id": RANGES}
        known = msgspec.convert(doc.get("ranges", []), list[Range])
        for each in new:
            other = next((old for old in known if each.overlaps(old)), None)
            if other is not None:
                raise Overlapping(each, other)
            known.append(each)
        try:
            leases.put({**doc, "ranges": msgspec.to_builtins(known)})
        except Conflict:
            continue
        return
    raise RemoteUnavailable(f"{LEASES}/{RANGES}: others keep importing; try again later")


def stock(leases: Database) -> tuple[Stock, ...]:
    """How each range stands."""
    found = []
    for each in ranges(leases):
        blocks = {doc["_id"]: doc for doc in _blocks(leases, each, docs=True)}
        leased = held = 0
        for piece in pieces(each):
            block = blocks.get(_id(piece))
            if block is None:
                continue
            if block["author"] == HELD_BACK or block["first"] != piece.first:
                held += piece.count  # of the latter kind: what another range has of this block
            else:
                leased += piece.count
        found.append(Stock(each, leased, held))
    return tuple(found)


def left_of(leases: Database, carrier: str) -> int:
    """How many of a carrier's numbers may still be leased."""
    return sum(each.left for each in stock(leases) if each.range.carrier == carrier)


def has_ranges(carrier: str) -> bool:
    """Whether a carrier's numbers come from ranges that somebody must import."""
    return carrier != OWN


def pieces(whole: Range) -> Iterator[Range]:
    """The blocks of a range, cut at the multiples of their size."""
    first = whole.first
    while first <= whole.last:
        last = min(first - first % CARRIERS_BLOCK + CARRIERS_BLOCK - 1, whole.last)
        yield msgspec.structs.replace(whole, first=first, last=last)
        first = last + 1


def _id(piece: Range) -> str:
    """Named by the multiple it is cut at, not by where the range happens to begin."""
    cut = piece.first - piece.first % CARRIERS_BLOCK
    return f"{_prefix(piece)}{cut:013d}"


def _prefix(range: Range) -> str:
    return f"block-{range.format}-{range.head}{range.tail}-"


def _block(piece: Range, author: str) -> Doc:
    return {
        "_id": _id(piece), "carrier": piece.carrier, "format": piece.format, "head": piece.head,
        "first": piece.first, "last": piece.last, "tail": piece.tail, "author": author,
        "at": utc_now(),
    }  # fmt: skip


def _blocks(leases: Database, range: Range, *, docs: bool) -> Iterator[Doc]:
    """The leased blocks that lie in a range."""
    start, end = _id(range), f"{_prefix(range)}{range.last:013d}~"
    while found := leases.range(start, end, limit=_READ_AT_ONCE, docs=docs):
        yield from found
        start = f"{found[-1]['_id']}!"


def _taken(leases: Database, block: Doc) -> bool:
    return leases.bulk([block])[0].error is None


def _given(block: Doc) -> dict[str, Any]:
    return {"id": block["_id"], **{k: v for k, v in block.items() if k != "_id"}}
