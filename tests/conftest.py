"""Settings for every test: how far Hypothesis looks, that a slow machine is no failure, and which
tests stay together when several workers share them."""

from __future__ import annotations

import gc
import os
from functools import cache
from pathlib import Path

import pytest
from hypothesis import settings
from xdist.remote import Producer
from xdist.scheduler import LoadGroupScheduling

from tests.remembered import remember_pages_and_addresses

ROOT = Path(__file__).parents[1]

remember_pages_and_addresses()
LONG = ("tests/test_collection.py", "tests/system/")

settings.register_profile("dev", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "dev")


class Together(LoadGroupScheduling):
    """A file that speaks of ``xdist_group`` goes to one worker, in its order.

    pytest-xdist 3.8 loses its groups under pytest 9.2: its issue 1386. Once that is mended there,
    this class can go.
    """

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        return path if _speaks_of_a_group(path) else nodeid


@cache
def _speaks_of_a_group(path: str) -> bool:
    return "pytest.mark.xdist_group" in (ROOT / path).read_text(encoding="utf-8")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Among several workers what waits long comes first, or one would be alone with it at the end.

    Beside it another worker has the processor: most of these tests wait for other processes.
    """
    if getattr(config.option, "loadgroup", False):
        items.sort(key=lambda item: not item.nodeid.startswith(LONG))


def pytest_collection_finish() -> None:
    """Thousands of collected tests stay for the whole run: the garbage collector need not look
    through them, and all that was imported, again and again."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Together | None:
    """What ``--dist loadgroup`` does here."""
    return Together(config, log) if config.getvalue("dist") == "loadgroup" else None
