"""What the resident's slip pages need of whoever keeps slips: a small port."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from cases.divisions import Divisions
from courier.look.cards import ErrorCard
from courier.pickups import Pickups
from courier.places import PlaceFinder
from courier.postage import Postage
from courier.regions import Regions
from courier.slips import Slip


class NotOpen(Exception):
    """Nothing can be filled in here; the card says why, and nothing about anybody."""

    def __init__(self, card: ErrorCard) -> None:
        super().__init__(card.title)
        self.card = card


class TryAgain(Exception):
    """It is not known whether the slip was kept; sending the same form again is safe."""


class TooMany(Exception):
    """Too many tries from here.

    :param wait_seconds: until the next one.
    """

    def __init__(self, wait_seconds: int) -> None:
        super().__init__(f"{wait_seconds} s")
        self.wait_seconds = wait_seconds


@dataclass(frozen=True)
class Target:
    """What a slip is filled in for: a case, or (from a poster) a point.

    ``place`` names the point whose receipt or poster it is, ``point`` is its code.
    """

    door: str
    key: str
    place: str
    point: str = ""
    case: str = ""
    heard_of: bool = True
    filled: bool = False
    must_prove: bool = False
    back_url: str = ""

    @property
    def channel(self) -> str:
        """How the slip comes, as the event says it."""
        return "qr" if self.case else "poster"


@dataclass(frozen=True)
class Sent:
    """A slip that is kept: the case or visit it belongs to, and the code shown at the window."""

    number: str
    code: str = ""


class SlipDesk(Protocol):
    """Keeps slips. One a request."""

    @property
    def divisions(self) -> Divisions:
        """The national list of provinces, cities and counties."""

    @property
    def postage(self) -> Postage:
        """Where free mail reaches."""

    @property
    def places(self) -> PlaceFinder:
        """The search over it."""

    @property
    def regions(self) -> Regions:
        """The reader of pasted addresses."""

    @property
    def pickups(self) -> Pickups:
        """The points where a result can be fetched."""

    def new_op(self, act: str) -> str:
        """The id of an operation that a form will carry out once; ``act``: slip or cancel."""

    def target(self, door: str, key: str) -> Target:
        """What an address leads to. :raises NotOpen: altered, expired, settled, a stranger."""

    def draft(self, target: Target) -> dict[str, str]:
        """What this browser has typed so far, with its operation ``op``; of a proven resident's
        filled slip what stands in it."""

    def keep_draft(self, target: Target, draft: Mapping[str, str]) -> None:
        """Keep what was typed so far, readable by this browser alone."""

    def drop_draft(self, target: Target) -> None:
        """Forget what was typed."""

    def sent(self, op: str) -> Sent | None:
        """What became of an operation, if its slip is kept."""

    def send(self, target: Target, op: str, slip: Slip, language: str) -> Sent:
        """Keep a slip, once for each operation.

        :raises TryAgain: the line to the store failed.
        :raises TooMany: too many slips from here.
        :raises NotOpen: it may not be changed any more.
        """

    def cancel(self, target: Target, op: str) -> None:
        """Take back the slip that stands, once for each operation.

        :raises TryAgain: the line to the store failed.
        :raises TooMany: too many from here.
        :raises NotOpen: its label is printed.
        """

    def prove(self, target: Target, last_four: str) -> bool:
        """Whether these are the last four of the ID number or phone. :raises TooMany:"""
