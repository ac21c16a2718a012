"""Two workers must collect the same tests: no name may depend on a set's order or on chance."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.tree import ROOT


def collecting(seed: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", "-n", "0", "tests"],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": seed},
    )


def collected(process: subprocess.Popen[str]) -> list[str]:
    told, _ = process.communicate()
    assert process.returncode == 0, told
    return [line for line in told.splitlines() if "::" in line]


def test_the_same_tests_are_collected_whatever_the_hash_seed():
    with collecting("1") as one, collecting("2") as other:
        assert collected(one) == collected(other)
