"""An application from home really travels: to the chosen point alone, its photographs too."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from flask import Flask

from central.jobs import Jobs
from central.web import create_app
from node import home_visits, scans
from node.local import Node
from node.officer import once
from node.permissions import CLERK, Person
from sync.memory import MemoryServer
from tests.central.applying import AtHome
from tests.central.test_blobs_travel import carry
from tests.central.travel import CENTRE, HERE, Journey, journey
from tests.central.world import Browser
from tests.contract.conftest import served

LIN = Person("s-1", "林小燕", frozenset({CLERK}))


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Journey]:
    with journey(tmp_path, MemoryServer().connect) as started:
        yield started


@pytest.fixture
def web(town: Journey) -> Flask:
    return create_app(town.district)


def follow(town: Journey) -> None:
    town.carry()
    with closing(Jobs(town.district)) as jobs:
        jobs.step()


def photograph(node: Node, number: str) -> bytes:
    with node.local() as local:
        visit = home_visits.find(local.store, number)
        assert visit is not None
        found = scans.open_scan(local, visit, visit.scans[0])
        return b"".join(found.pieces) if isinstance(found, scans.OpenScan) else b""


def test_it_reaches_the_chosen_point_alone_and_its_answer_comes_back(
    town: Journey, web: Flask
) -> None:
    here, resident = town.nodes[HERE], Browser(web.test_client())
    number = AtHome(resident).apply()
    follow(town)
    with town.at(CENTRE) as store:
        assert home_visits.find(store, number) is None
    assert photograph(here, number) == b"", "it is sent for when somebody opens it"
    with served(web) as url:
        carry(here, url)
    assert photograph(here, number).startswith(b"\xff\xd8\xff")
    with here.local() as local:
        once(local, "op-1", LIN, lambda h: home_visits.accept_form(h, local, number))
    follow(town)
    assert "等快递员上门" in resident.get(f"/case/{number}/home").text
    assert town.problems() == []
