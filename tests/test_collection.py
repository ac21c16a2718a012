"""Two workers must collect the same tests: no name may depend on a set's order or on chance."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.tree import ROOT


def collected(seed: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", "tests"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": seed},
        check=True,
    )
    return [line for line in done.stdout.splitlines() if "::" in line]


def test_the_same_tests_are_collected_whatever_the_hash_seed():
    assert collected("1") == collected("2")
