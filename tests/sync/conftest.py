"""LIN's desk at 军门社区 and CHEN's at the district centre, each with a store of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cases.facts import CENTRE
from tests.sync.cast import Desk, desk


@pytest.fixture
def lin(tmp_path: Path) -> Iterator[Desk]:
    with desk(tmp_path / "lin.db") as made:
        yield made


@pytest.fixture
def chen(tmp_path: Path) -> Iterator[Desk]:
    with desk(tmp_path / "chen.db", point=CENTRE, suffix="bbbb") as made:
        yield made
