"""A central that loses one fact: its intake gives the receipt, but the journal never gets it.

Run as ``python -m tests.system.forgetful_central --config FILE`` in place of ``central``. The same
programs are started; only the router is another, below. What it drops is the first acceptance
(``case.accepted``), silently: the point is told that central holds it.
"""

from __future__ import annotations

import sys

from central import __main__ as central
from central import router
from central.intake import Intake, Position
from sync.canonical import digest
from sync.store import Envelope
from sync.supervisor import module

DROPPED = "case.accepted"


class ForgetfulIntake(Intake):
    """Takes everything in, but one event it only pretends to."""

    dropped: Envelope | None = None

    def _keep(self, envelopes: list[Envelope]) -> None:
        if self.dropped is None:
            self.dropped = next((e for e in envelopes if e.event.type == DROPPED), None)
        kept = [e for e in envelopes if self.dropped is None or e.event.id != self.dropped.event.id]
        if kept:
            super()._keep(kept)

    def position(self, author: str) -> Position:
        """As if the dropped event were journaled."""
        known = super().position(author)
        event = self.dropped.event if self.dropped else None
        if event and event.author == author and known.n == event.n - 1:
            self._reached[author] = Position(event.n, digest(event.doc))
            return super().position(author)
        return known


def forgetful_module(name: str, *arguments: str) -> list[str]:
    """The command of one of central's programs; this file's for the router."""
    if name == "central.router":
        return module("tests.system.forgetful_central", "--as-router", *arguments)
    return module(name, *arguments)


def main() -> int:
    """Central's programs, or, with ``--as-router``, the router."""
    if "--as-router" in sys.argv:
        sys.argv.remove("--as-router")
        router.Intake = ForgetfulIntake
        return router.main()
    central.module = forgetful_module
    return central.main()


if __name__ == "__main__":
    raise SystemExit(main())
