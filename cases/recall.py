"""What is known of a person and a matter from before: earlier notices, and cases that still run.

Values only: a point finds its own in its registers, central those of the district.
"""

from __future__ import annotations

import msgspec

PERSON, RECEIPT = "person", "receipt"
"""What a window asks central: who came before; a case's code for its number and a last four."""

#: A case in one of these is settled, or not known; in any other it still runs.
SETTLED = {"new", "not_accepted", "completed", "withdrawn", "lapsed", "closed"}


class Earlier(msgspec.Struct, frozen=True):
    """An earlier visit for the same matter that no case came of: what was told, where, when.

    ``answers`` is the guide's code; ``told``: a one-time notice was given, else it was only asked.
    """

    visit: str
    at: str
    point: str
    answers: str = ""
    papers: tuple[str, ...] = ()
    told: bool = False


class Running(msgspec.Struct, frozen=True):
    """A case of the same person and matter that is not settled."""

    number: str
    state: str
    at: str
    point: str
    holder: str


class Found(msgspec.Struct, frozen=True):
    """What is known of a person and a matter, the newest first."""

    earlier: tuple[Earlier, ...] = ()
    running: tuple[Running, ...] = ()
