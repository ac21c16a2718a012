"""The same person at another window, known again at central and told to that window alone.

LIN works at 军门社区, CHEN at the district centre. The marks are made by the jobs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import msgspec
import pytest
from flask import Flask

from cases.numbers import visit_number
from cases.recall import PERSON, RECEIPT, Found
from central import person_desk, persons
from central.jobs import Jobs
from central.portal_db import open_portal_db
from central.web import create_app
from node import recall, visits
from node.ask import AskRefused, put_question
from node.config import CentralAt, NodeConfig
from node.local import Node
from sync.db import write
from sync.errors import RemoteUnavailable
from sync.sign import Signer
from tests.central.travel import Journey
from tests.central.world import CENTRE, DAY, HERE, Browser, Central, Clock, MemoryDistrict, Point
from tests.contract.conftest import served

ID = "35010219490312392X"  # of everybody whom `Point.receive` receives
OTHER = "11010519491231002X"
PAPERS = ["居民身份证", "房屋租赁合同"]


@pytest.fixture
def matter(district: MemoryDistrict) -> str:
    return next(m.code for m in district.bundle.catalogue.matters if m.materials)


@pytest.fixture
def web(app: Flask) -> Iterator[str]:
    with served(app) as url:
        yield url


def visit(point: Point, serial: int, matter: str, *, number: str = ID, papers: Any = PAPERS) -> str:
    """Somebody asks about a matter and goes away with a notice. :returns: the visit's number."""
    subject = visit_number(point.number, DAY, serial)
    point.state("visit.opened", subject, {"window": "s-1"})
    if number:
        point.state(
            "visit.identified", subject, {"document": "resident_id"}, document_number=number
        )
    said = {"answers": "m2", "papers": papers} if papers else {}
    point.state("visit.asked", subject, {"matter": matter, "title": "某事项"}, **said)
    point.state("visit.ended", subject, {})
    return subject


@dataclass
class Window:
    """What a point's node is, as far as asking central goes."""

    config: NodeConfig
    enrolment: Any
    identity: Any
    clock: Any

    def ask(self, do: str, fields: dict[str, Any]) -> dict[str, Any]:
        return put_question(cast(Node, self), do, {"actor": "s-1", **fields})


def window(web: str, point: Point, central: Central, **changed: Any) -> Window:
    given = {"author": point.author, "signer": point.signer, "clock": point.clock, **changed}
    at = CentralAt(couchdb_url="http://couch.test", portal_url=web)
    identity = SimpleNamespace(author=given["author"], signer=given["signer"])
    enrolment = SimpleNamespace(central_box=central.district.secrets.box.public)
    return Window(NodeConfig(data=Path(), central=at), enrolment, identity, given["clock"])


def known(ask: Window, serving: str, matter: str, *numbers: str) -> Found:
    fields = {"visit": serving, "matter": matter, "numbers": list(numbers or (ID,))}
    return msgspec.convert(ask.ask(PERSON, fields), Found)


def test_another_window_hears_of_the_notice_and_of_what_runs(
    web: str, point: Point, centre: Point, central: Central, clock: Clock, matter: str
) -> None:
    first = visit(point, 1, matter)
    case = point.receive()
    visit(point, 2, matter, number=OTHER)
    serving = visit(centre, 1, matter)
    central.carry()
    found = known(window(web, centre, central), serving, matter)
    (earlier,) = found.earlier
    assert (earlier.visit, earlier.point, earlier.told) == (first, HERE, True)
    assert earlier.papers == tuple(PAPERS)
    assert [running.number for running in found.running] == [case]
    assert known(window(web, centre, central), serving, "ANOTHER-1") == Found()
    assert known(window(web, centre, central), serving, matter, "35010219490312399X") == Found()


def test_a_visit_that_became_a_case_and_a_case_that_is_settled_are_not_told(
    web: str, point: Point, centre: Point, central: Central, matter: str
) -> None:
    first = visit(point, 1, matter)
    case = point.new_case_number()
    point.receive(case)
    point.decide(case)
    serving = visit(centre, 1, matter)
    central.carry()
    ask = window(web, centre, central)
    found = known(ask, serving, matter)
    assert [e.visit for e in found.earlier] == [first], "the case came of no visit that is known"
    assert found.running == ()


def test_no_index_of_numbers_stands_at_central(
    point: Point, central: Central, district: MemoryDistrict, matter: str
) -> None:
    visit(point, 1, matter)
    point.receive()
    central.carry()
    rows = central.jobs.store.db.execute("SELECT * FROM persons").fetchall()
    assert len(rows) == 2
    assert len({row[0] for row in rows}) == 1
    data = (district.config.data / "read.db").read_bytes()
    assert ID.encode() not in data
    assert persons.mark(b"x" * 32, ID) != persons.mark(b"y" * 32, ID)


def test_marks_are_made_anew_with_the_read_model_and_with_another_key(
    point: Point, central: Central, matter: str
) -> None:
    visit(point, 1, matter)
    central.carry()
    store, table = central.jobs.store, "SELECT * FROM persons"
    before = store.db.execute(table).fetchall()
    store.empty()
    central.jobs.step()
    assert store.db.execute(table).fetchall() == before
    while not persons.note_once(store, b"another key, of 32 bytes exactly"):
        pass
    after = store.db.execute(table).fetchall()
    assert len(after) == 1
    assert after != before


@pytest.mark.parametrize("who", ["another point", "a stranger", "forged"])
def test_who_does_not_serve_them_is_told_nothing(
    web: str, point: Point, centre: Point, central: Central, matter: str, who: str
) -> None:
    serving = visit(point, 1, matter)
    visit(centre, 1, matter)
    central.carry()
    asks = {
        "another point": window(web, centre, central),
        "a stranger": window(web, centre, central, author=f"{HERE}.zzzz"),
        "forged": window(web, point, central, signer=Signer.new()),
    }
    with pytest.raises(AskRefused):
        known(asks[who], serving, matter)


def test_every_look_up_is_logged_and_a_clock_that_is_wrong_does_not_matter(
    web: str, point: Point, central: Central, app: Flask, matter: str, district: MemoryDistrict
) -> None:
    serving = visit(point, 1, matter)
    central.carry()
    late = window(web, point, central, clock=lambda: "2019-01-01T00:00:00Z")
    known(late, serving, matter)
    db = open_portal_db(district.config.data)
    rows = db.execute("SELECT who, subject, what FROM showings").fetchall()
    db.close()
    assert rows == [(f"{HERE} s-1", serving, f"同一人同一事项 {matter}")]


def test_nobody_can_ask_without_end(
    web: str, point: Point, central: Central, matter: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    serving = visit(point, 1, matter)
    central.carry()
    monkeypatch.setattr(person_desk, "ASKED_BY_POINT", person_desk.Limit(3, 600))
    ask = window(web, point, central)
    for _free in range(3):
        known(ask, serving, matter)
    with pytest.raises(AskRefused, match="问得太多"):
        known(ask, serving, matter)


def test_a_number_and_the_last_four_give_a_code_and_wrong_ones_do_not(
    web: str, point: Point, centre: Point, central: Central
) -> None:
    case = point.receive()
    centre.receive()
    central.carry()
    ask = window(web, centre, central)
    code = ask.ask(RECEIPT, {"case": case, "last_four": "392x"})["code"]
    centre.state("case.shown", case, {}, token=code)
    central.carry()
    folded = central.jobs.store.case(case)
    assert folded is not None
    assert folded.shown_to == (centre.code,)
    for wrong in ({"case": case, "last_four": "0000"}, {"case": "GL031", "last_four": "392X"}):
        with pytest.raises(AskRefused):
            ask.ask(RECEIPT, wrong)
    said = [refused(ask, {"case": case, "last_four": f"000{n}"}) for n in range(6)]
    assert "对不上" in said[0]
    assert "问得太多" in said[-1]
    assert "问得太多" in refused(ask, {"case": case, "last_four": "392X"})


def refused(ask: Window, fields: dict[str, str]) -> str:
    with pytest.raises(AskRefused) as problem:
        ask.ask(RECEIPT, fields)
    return str(problem.value)


def test_a_window_of_the_district_shows_what_another_one_told(twin: Journey) -> None:
    with twin.nodes[HERE].local() as local, local.writing() as w:
        matter = local.bundle.catalogue.matters[0]
        first = visits.ask(w, matter, "s-1", "m2", PAPERS)
        recall.identify(w, local, first, OTHER, "s-1")
        visits.end(w, "s-1")
    twin.carry()
    jobs = Jobs(twin.district)
    jobs.step()
    jobs.close()
    with served(create_app(twin.district)) as url, twin.nodes[CENTRE].local() as local:
        where = replace(local.node.config.central, portal_url=url)
        there = replace(
            local, node=replace(local.node, config=replace(local.node.config, central=where))
        )
        with write(local.store.db):
            local.store.set_cursor("line", '{"ok":true}')
        with local.writing() as w:
            serving = visits.ensure_open(w, "s-9")
        card = recall.card(there, (matter.code,), [OTHER], serving, "s-9")
    assert card.scope == "已查全区。"
    (found,) = card.earlier
    assert (found.place, found.papers) == ("军门社区", tuple(PAPERS))


def test_what_is_no_central_is_no_answer(point: Point, central: Central) -> None:
    ask = window("http://127.0.0.1:9", point, central)
    with pytest.raises(RemoteUnavailable):
        ask.ask(PERSON, {})


def test_a_page_asks_nothing_without_a_signature(stranger: Browser) -> None:
    assert stranger.client.post("/ask/person", data=b"{}").status_code == 401
    assert stranger.client.get("/ask/person").status_code in (404, 405)
