"""Two workers must collect the same tests: no name may depend on a set's order or on chance."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest


def collected(args: list[str], keyword: str, seed: str) -> list[str]:
    """What another process collects under this hash seed."""
    told = subprocess.run(  # noqa: S603 - this very pytest
        [sys.executable, "-m", "pytest", "--collect-only", "-q", "-n", "0", "-k", keyword, *args],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONHASHSEED": seed},
    ).stdout
    return [line for line in told.splitlines() if "::" in line]


def test_the_same_tests_are_collected_whatever_the_hash_seed(request: pytest.FixtureRequest):
    """Held against what this run collected, under a seed of chance."""
    config = request.config
    ours = sorted(item.nodeid for item in request.session.items)
    assert sorted(collected(config.args, config.option.keyword, "1")) == ours
