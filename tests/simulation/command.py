"""``doorstep simulate``: runs from seeds, a line of JSON each, and what went wrong."""

from __future__ import annotations

import argparse
import itertools
import json
import secrets
import sys
import time

from tests.simulation.run import Summary, Wish, simulate
from tests.simulation.sabotage import BUGS, listed

FACTS_MAX = 20


def play(wishes: argparse.Namespace) -> int:
    """Play what is wished for. :returns: 1 as soon as a run has gone wrong, else 0."""
    if wishes.sabotage == "list":
        sys.stdout.write(f"{listed()}\n")
        return 0
    if wishes.sabotage and wishes.sabotage not in BUGS:
        sys.stderr.write(f"no such bug: {wishes.sabotage}; --sabotage list names them\n")
        return 2
    first = secrets.randbelow(10**6) if wishes.seed is None else wishes.seed
    ends = time.monotonic() + wishes.seconds
    for seed in itertools.count(first):
        summary = simulate(
            Wish(
                seed, wishes.points, wishes.days, wishes.couch, wishes.sabotage, wishes.calm,
                wishes.twice,
            )
        )  # fmt: skip
        tell(summary)
        if not summary.fine:
            return 1
        if not wishes.forever and time.monotonic() >= ends:
            return 0
    return 0


def tell(summary: Summary) -> None:
    """The summary on stdout, and what is wrong on stderr."""
    values = {k: v for k, v in summary.values().items() if k != "violations"}
    sys.stdout.write(json.dumps(values, ensure_ascii=False) + "\n")
    sys.stdout.flush()
    for kind, what in summary.violations[:FACTS_MAX]:
        sys.stderr.write(f"✗ {kind}: {what}\n")
