"""Real nodes at 军门社区 and the district centre, and 庆城社区's PC in a thief's hands."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sync.memory import MemoryServer
from tests.central.conftest import (  # noqa: F401 - fixtures
    app,
    central,
    clock,
    district,
    point,
    resident,
    supervisor,
)
from tests.central.travel import NEIGHBOUR, Journey, journey
from tests.security.rogue import Rogue


@pytest.fixture
def travel(tmp_path: Path) -> Iterator[Journey]:
    """Two points that know of one another, joined by the memory twin."""
    with journey(tmp_path, MemoryServer().connect) as started:
        yield started


@pytest.fixture
def rogue(travel: Journey) -> Rogue:
    """庆城社区's PC: a party to nothing but its own cases."""
    return Rogue(travel, NEIGHBOUR)
