"""A store in a folder of its own for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.central.embedded.serving import Here, Process


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Here]:
    here = Here(tmp_path / "data")
    assert here.ask("PUT", "/d").status == 201
    yield here
    here.app.close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Process]:
    with Process(tmp_path / "data") as process:
        assert process.ask("PUT", "/d").status == 201
        yield process
