"""What a point asks central while a person waits: signed, sealed, counted, for one purpose."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta

import pytest
from flask import Flask

from cases.times import from_text, to_text
from central import licence_calls
from central.licence_db import licence_keys, open_licence_db
from central.licence_library import DistrictLibrary, Held
from central.router import follow_journal
from central.web import create_app
from node.ask import AskRefused, ask_central, put_question
from node.line import CURSOR
from node.local import Node
from sync.asking import open_question, seal_question
from sync.db import write
from sync.errors import RemoteUnavailable
from sync.memory import MemoryServer
from sync.seal import Box, CannotUnseal
from tests.central.travel import HERE, Journey, journey
from tests.contract.conftest import served

LIN = "35010219490312392X"
ASK = {
    "matter": "RSJ-002401", "purpose": "reception", "subject": "V", "actor": "s-1",
    "looks": [{"licence": "SBK", "holder": LIN}, {"licence": "SFZ", "holder": LIN}],
}  # fmt: skip


@dataclasses.dataclass
class World:
    """Central's web at an address, and a node that central knows."""

    journey: Journey
    node: Node
    app: Flask


@pytest.fixture(scope="module")
def shared_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with journey(tmp_path_factory.mktemp("ask"), MemoryServer().connect) as started:
        started.receive()
        started.carry()
        district = started.district
        with closing(district.open_store()) as store:
            while follow_journal(store, started.server):
                pass
        app = create_app(district)
        with served(app) as url:
            node = started.nodes[HERE]
            at = dataclasses.replace(node.config.central, portal_url=url)
            node = dataclasses.replace(node, config=dataclasses.replace(node.config, central=at))
            yield World(started, node, app)


@pytest.fixture
def world(shared_world: World) -> World:
    """It, with nothing in its library and no calls noted."""
    with closing(open_licence_db(shared_world.journey.district.config.data)) as db, write(db):
        db.execute("DELETE FROM licences")
        db.execute("DELETE FROM calls")
    return shared_world


def put(world: World, licence: str, held: Held) -> None:
    district = world.journey.district
    with closing(open_licence_db(district.config.data)) as db:
        DistrictLibrary(db, licence_keys(district.secrets)).put(licence, LIN, "case:1", held)


def test_a_point_hears_what_was_found_with_the_number_masked(world: World) -> None:
    put(world, "SBK", Held("350100200001", "人社局", "2030-01-01"))
    assert put_question(world.node, "licences", ASK) == {
        "found": [
            {"state": "found", "number": "350*********", "issuer": "人社局",
             "valid_until": "2030-01-01"},
            {"state": "none"},
        ]
    }  # fmt: skip


def test_every_call_is_noted_with_who_what_for_and_how_it_ended(world: World) -> None:
    put(world, "SBK", Held("1", "人社局"))
    put_question(world.node, "licences", ASK)
    with closing(open_licence_db(world.journey.district.config.data)) as db:
        assert licence_calls.counts(db) == (2, 1)
        sfz, sbk = licence_calls.newest(db)
        assert (sbk.point, sbk.actor, sbk.subject, sbk.matter) == (HERE, "s-1", "V", "RSJ-002401")
        assert [(c.licence, c.result) for c in (sbk, sfz)] == [("SBK", "found"), ("SFZ", "none")]
        assert licence_calls.newest(db, result="found") == [sbk]


@pytest.mark.parametrize(
    "changed",
    [
        {"looks": [{"licence": "JHZ", "holder": LIN}]},  # its papers do not call for it
        {"matter": "NO-000000"},
        {"purpose": "curiosity"},
    ],
)
def test_what_the_matter_does_not_call_for_is_neither_said_nor_counted(
    world: World, changed: dict[str, object]
) -> None:
    with pytest.raises(AskRefused, match="用不到"):
        put_question(world.node, "licences", {**ASK, **changed})
    with closing(open_licence_db(world.journey.district.config.data)) as db:
        assert licence_calls.counts(db) == (0, 0)


def test_nobody_trawls(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("central.licence_desk.CALLS_PER_HOUR_MAX", 3)
    put_question(world.node, "licences", ASK)
    with pytest.raises(AskRefused, match="查得太多"):
        put_question(world.node, "licences", ASK)
    world.journey.clock.now = to_text(from_text(world.journey.clock.now) + timedelta(minutes=61))
    put_question(world.node, "licences", ASK)


def test_a_stranger_a_wrong_clock_and_an_unknown_question(world: World) -> None:
    other = world.journey.enrol("350102004003")
    at = dataclasses.replace(other.config, central=world.node.config.central)
    with pytest.raises(AskRefused, match="还不认识这台电脑"):
        put_question(dataclasses.replace(other, config=at), "licences", ASK)
    slow = dataclasses.replace(world.node, clock=lambda: "2019-01-01T00:00:00Z")
    assert "found" in put_question(slow, "licences", ASK)
    with pytest.raises(AskRefused, match="不认识这种问题"):
        put_question(world.node, "horoscopes", ASK)


def test_a_question_is_for_central_alone_and_its_answer_for_who_asked() -> None:
    box = Box.new()
    asked = seal_question(box.public, "licences", {"holder": LIN})
    assert LIN.encode() not in asked.body
    assert open_question(box, "licences", asked.body) == ({"holder": LIN}, asked.key)
    for other, do, body in (
        (Box.new(), "licences", asked.body), (box, "visits", asked.body), (box, "licences", b"{}"),
    ):  # fmt: skip
        with pytest.raises(CannotUnseal):
            open_question(other, do, body)


def test_while_the_line_is_down_nobody_waits(world: World) -> None:
    with world.node.local() as local:
        with pytest.raises(RemoteUnavailable, match="down"):
            ask_central(local, "licences", ASK)
        with write(local.store.db):
            local.store.set_cursor(CURSOR, '{"ok": true}')
        assert "found" in ask_central(local, "licences", ASK)
    gone = dataclasses.replace(world.node.config.central, portal_url="http://127.0.0.1:9")
    config = dataclasses.replace(world.node.config, central=gone)
    with pytest.raises(RemoteUnavailable, match="no answer"):
        put_question(dataclasses.replace(world.node, config=config), "licences", ASK)
