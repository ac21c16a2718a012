"""The proof in small: fresh seeds, seeds that once failed, and that the proof itself can fail."""

from __future__ import annotations

import ast
import json
import os
import secrets
import subprocess
import sys

import pytest

from tests.simulation import judge, oracle
from tests.simulation.command import tell
from tests.simulation.run import Summary, Wish, simulate
from tests.simulation.sabotage import BUGS, listed
from tests.tree import ROOT

FRESH = 2  # runs; `make proof`, before all tests, plays a minute of them
ONCE_FAILED = (7, 9, 108, 115, 120, 132)
LIVED_TWICE = (1079, 1321, 3082, 3240)  # seeds of the short run that failed once
SEEDS_MAX = 20
QUICK = {"points": 4, "couch": "memory", "homes": False}
SEED = os.environ.get("DOORSTEP_SEED")

#: Where each bug was first found: the others are tried only when it is not found there any more.
FOUND_AT = {
    "receipt-before-journal": 7, "order-of-arrival": 4, "refusal-holds-back": 2,
    "copy-unnoticed": 5, "conflict-is-sent": 5,
    "cursor-before-data": 8, "pending-forgotten": 9, "dropped-inbox-left": 9,
}  # fmt: skip


def proven(wish: Wish) -> Summary:
    """A run that must be fine; its line is printed, so that a failure can be played again."""
    summary = simulate(wish)
    tell(summary)
    assert summary.violations == ()
    return summary


def test_a_calm_district_holds_everything_at_every_party() -> None:
    summary = proven(Wish(1, couch="memory", calm=True))
    assert summary.events > 300
    assert summary.faults == {}


def test_fresh_seeds_lose_nothing_double_nothing_and_agree() -> None:
    first = int(SEED) if SEED else secrets.randbelow(10**6)
    for seed in range(first, first + FRESH):
        proven(Wish(seed, couch="embedded" if seed % 5 == 0 else "memory"))


@pytest.mark.parametrize("seed", ONCE_FAILED)
def test_what_failed_once_holds_now(seed: int) -> None:
    assert sum(proven(Wish(seed, couch="memory", homes=False)).faults.values()) > 10


@pytest.mark.parametrize("seed", LIVED_TWICE)
def test_a_disk_that_lived_twice_while_central_was_restored_loses_nothing(seed: int) -> None:
    wish = Wish(seed, points=3, couch="memory", twice=True, homes=False)
    assert proven(wish).faults["central restored"]


@pytest.mark.parametrize("name", BUGS)
def test_every_built_in_bug_is_found_within_twenty_seeds(name: str) -> None:
    hint = FOUND_AT.get(name, 1)
    seeds = [hint, *(seed for seed in range(1, SEEDS_MAX + 1) if seed != hint)]
    assert any(not simulate(Wish(seed, sabotage=name, **QUICK)).fine for seed in seeds)


@pytest.mark.parametrize("seed", sorted({1, *FOUND_AT.values()}))
def test_without_the_bug_the_same_seed_is_fine(seed: int) -> None:
    proven(Wish(seed, **QUICK))


def test_a_seed_plays_the_same_run_in_every_process() -> None:
    command = [sys.executable, "doorstep.py", "simulate", "--points", "4", "--seed", "3"]
    told = [
        subprocess.run(  # noqa: S603 - nothing in it comes from outside
            command, cwd=ROOT, capture_output=True, text=True, check=True,
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
        ).stdout
        for hash_seed in ("1", "2")
    ]  # fmt: skip
    one, other = ({k: v for k, v in json.loads(t).items() if k != "seconds"} for t in told)
    assert one == other


def test_the_oracle_knows_nothing_of_the_product() -> None:
    for module in (oracle, judge):
        tree = ast.parse((ROOT / f"{module.__name__.replace('.', '/')}.py").read_text("utf-8"))
        names = {
            *(n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)),
            *(a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names),
        }
        ours = {name for name in names if name.split(".")[0] not in sys.stdlib_module_names}
        assert ours <= {"tests.simulation.judge"}


def test_all_bugs_are_listed_with_what_they_do() -> None:
    assert len(BUGS) >= 12
    assert all(f"{name} " in listed() and bug.__doc__ for name, bug in BUGS.items())
