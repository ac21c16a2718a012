"""What a carrier must be able to do for us, whichever it is: one Protocol, held to one suite.

Numbers of its formats, the list with which it fetches parcels, and what it tells of them later.
Pure: files and lines are read and written elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol


class Kind(Enum):
    """What a carrier's code amounts to. The first five move a parcel, the others do not."""

    TAKEN_OVER = "taken_over"
    OUT = "out"
    DELIVERED = "delivered"
    FAILED = "failed"
    RETURNED = "returned"
    REACHED = "reached"
    LEFT = "left"
    HELD = "held"
    RETURNING = "returning"


@dataclass(frozen=True)
class Meaning:
    """What one code of a carrier means: with ``to`` who took it, with ``why`` what hindered."""

    kind: Kind
    words: str
    to: str = ""
    why: str = ""


@dataclass(frozen=True)
class Report:
    """One thing a carrier says of a parcel. ``when``: when it happened, UTC. ``raw``: all of what
    it sent, as JSON. ``op`` comes of the content: the same said twice is the same report."""

    op: str
    carrier: str
    tracking: str
    code: str
    words: str
    when: str
    place: str
    raw: str


@dataclass(frozen=True)
class Unread:
    """A row of which no report could be made: where it stood, why, and the row as it came."""

    row: int
    why: str
    raw: str


@dataclass(frozen=True)
class Reading:
    """What was read of one file or answer."""

    reports: tuple[Report, ...]
    unread: tuple[Unread, ...] = ()
    more: bool = False


@dataclass(frozen=True)
class Handed:
    """A parcel as a carrier is told of it, to fetch and deliver it."""

    number: str
    tracking: str
    name: str
    phone: str
    region: str
    address: str
    sender: str
    sender_phone: str
    sender_address: str
    contents: str
    packed: str
    fetch: str = ""
    """Where it is fetched at a home: when, which papers, and what was said to who comes."""


@dataclass(frozen=True)
class HandOver:
    """The file with which a carrier fetches parcels."""

    name: str
    content: bytes
    encoding: str


class Carrier(Protocol):
    """A carrier of the district's mail."""

    @property
    def code(self) -> str:
        """What events and blocks of numbers call it."""

    @property
    def formats(self) -> tuple[str, ...]:
        """The formats of its tracking numbers (``cases.tracking``)."""

    @property
    def reports_by_file(self) -> bool:
        """Whether it tells of parcels in files and answers. Our couriers do so in their app."""

    def meaning(self, report: Report) -> Meaning | None:
        """What a report amounts to; None for a code that nobody has explained yet."""

    def read_rows(self, rows: Sequence[tuple[int, Sequence[str]]], heard: str) -> Reading:
        """What the rows of a table say.

        :raises BadData: it is no such table.
        """

    def read_answer(self, answer: Any, heard: str) -> Reading:
        """What a decoded JSON answer says.

        :raises BadData: it is no such answer.
        """

    def hand_over(self, day: str, parcels: Sequence[Handed]) -> HandOver:
        """The file with which it fetches these parcels."""
