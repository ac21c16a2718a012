"""Central in memory: its pages, its read model, and points that write what really travels.

district   central over a memory server, with a clock that only moves when a test moves it
central    drives it: carry() takes in what waits and brings the read model up to the journal
point      a point (军门社区) that states events as its node would, sealed and signed
resident, supervisor, stranger   browsers
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest
from flask import Flask

from central.embedded import create_app as embedded_app
from central.web import create_app
from sync.couch import connect
from sync.memory import MemoryServer
from sync.ports import Server
from tests.central.travel import Connect, Fray, Frayed, Journey, Router, journey
from tests.central.world import (
    CENTRE,
    HERE,
    PASSWORD,
    Browser,
    Central,
    Clock,
    MemoryDistrict,
    Point,
    make_district,
)
from tests.contract.conftest import served


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def district(tmp_path: Path, clock: Clock) -> MemoryDistrict:
    return make_district(tmp_path / "central", clock)


@pytest.fixture
def central(district: MemoryDistrict) -> Iterator[Central]:
    central = Central(district)
    yield central
    central.close()


@pytest.fixture
def app(district: MemoryDistrict, central: Central) -> Flask:
    return create_app(district)


@pytest.fixture
def point(district: MemoryDistrict, central: Central, clock: Clock) -> Point:
    return Point(district, HERE, clock)


@pytest.fixture
def centre(district: MemoryDistrict, central: Central, clock: Clock) -> Point:
    return Point(district, CENTRE, clock)


@pytest.fixture
def resident(app: Flask) -> Browser:
    return Browser(app.test_client())


@pytest.fixture
def stranger(app: Flask) -> Browser:
    return Browser(app.test_client())


@pytest.fixture
def supervisor(app: Flask) -> Browser:
    browser = Browser(app.test_client())
    browser.get("/signin/")
    answer = browser.post("/signin/", {"login": "guan", "password": PASSWORD})
    assert answer.status_code == 200
    return browser


@pytest.fixture(params=["memory", "embedded"])
def connector(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Connect]:
    """What joins the district: the memory twin, or the embedded store over HTTP."""
    if request.param == "memory":
        server = MemoryServer()
        yield server.connect
        return
    app = embedded_app(tmp_path / "couchdb", admins={"admin": "pw"}, polls_max=4)
    try:
        with served(app) as url:
            yield lambda: connect(url, user="admin", password="pw")
    finally:
        app.close()


@pytest.fixture
def travel(tmp_path: Path, connector: Connect) -> Iterator[Journey]:
    """A small district with real nodes at 军门社区 and at the district centre."""
    with journey(tmp_path, connector) as started:
        yield started


@pytest.fixture
def twin(tmp_path: Path) -> Iterator[Journey]:
    """The same, joined by the memory twin only: for tests that try many values."""
    with journey(tmp_path, MemoryServer().connect) as started:
        yield started


@pytest.fixture
def fray() -> Fray:
    """A line that holds, until a test cuts it."""
    return Fray()


@pytest.fixture
def frayed(tmp_path: Path, connector: Connect, fray: Fray) -> Iterator[Journey]:
    """The same district, whose router speaks over a line that can be cut at any request."""
    with journey(tmp_path, connector) as started:
        started.router.close()
        over_the_line = replace(
            started.district, connector=lambda: cast(Server, Frayed(connector(), fray))
        )
        started.router = Router(over_the_line)
        yield started
        fray.mend()
