"""A point's node with its people, and a second one that can be told what the first one wrote.

node      军门社区's node, with a clock that only moves when a test moves it
centre    the district centre's node (the deciding point of every district matter)
clerk     林小燕 signed in at 军门社区's window     mailer, lead: others there
officer   陈主任 signed in at the centre's window, for every department     poster: its mail clerk
stranger  somebody who works at 军门社区 and may do nothing in particular
tell      tell(node, centre): what the first holds becomes known to the second, as by central
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from cases.times import from_text, to_text
from labels.tokens import point_key
from node.app import create_app
from node.config import CentralAt, NodeConfig
from node.enrolment import Enrolment
from node.local import Node, open_node
from sync.bundle import load_bundle
from sync.canonical import canonical
from sync.db import write
from sync.seal import Box, wrap_to
from sync.sign import Signer, certify
from sync.store import Envelope, Receipt, Store
from tests.hashes import quick_hash

HERE = "350102004001"  # 军门社区
CENTRE = "350102000000"
NOW = "2026-11-23T01:31:05Z"  # a Monday, 09:31 in Shanghai
PORTAL = "http://portal.test:8600"
PASSWORD = "open the door"
HASH = quick_hash(PASSWORD)
ROOT = Signer.new()
CENTRAL_BOX = Box.new()
TOKEN_MASTER = b"a master key for tests, 32 bytes"
PEOPLE = (
    ("s-c1", "lin", "林小燕", ["clerk"], []),
    ("s-o1", "chen", "陈主任", ["officer"], []),
    ("s-o2", "wei", "卫科长", ["officer"], ["WJ"]),
    ("s-m1", "zhang", "张师傅", ["mail"], []),
    ("s-l1", "wang", "王站长", ["lead", "clerk", "officer", "mail"], []),
    ("s-x1", "guest", "路人甲", [], []),
)


@dataclass
class Clock:
    """A clock that stands still until a test moves it."""

    now: str = NOW

    def __call__(self) -> str:
        return self.now

    def forward(self, *, seconds: int = 0) -> None:
        self.now = to_text(from_text(self.now) + timedelta(seconds=seconds))


@dataclass
class Desk:
    """Somebody's browser: keeps the session, and sends the form token as a page would."""

    client: FlaskClient
    csrf: str = field(default="", repr=False)

    def get(self, path: str, **more: Any) -> TestResponse:
        answer = self.client.get(path, **more)
        found = (
            re.search(r'"X-CSRFToken": "([^"]+)"', answer.text)
            if "html" in answer.mimetype
            else None
        )
        self.csrf = found[1] if found else self.csrf
        return answer

    def post(self, path: str, data: Any = None, **more: Any) -> TestResponse:
        return self.client.post(path, data={**(data or {}), "csrf_token": self.csrf}, **more)


def staff_document() -> dict[str, Any]:
    return {
        "accounts": [
            {
                "id": id,
                "login": login,
                "name": name,
                "roles": roles,
                "departments": departments,
                "password_hash": HASH,
            }
            for id, login, name, roles, departments in PEOPLE
        ]
    }


def make_node(folder: Path, code: str, clock: Callable[[], str]) -> Node:
    """A node of a point, enrolled as central would enrol it."""
    number = load_bundle().directory.by_code(code).number
    enrolment = Enrolment(
        point=code,
        point_number=number,
        couch_user="u",
        couch_password="p",
        token_key=point_key(TOKEN_MASTER, number).hex(),
        root_key=ROOT.public,
        central_box=CENTRAL_BOX.public,
        range="plain",
        staff=staff_document(),
        block={"id": f"b-{number}", "prefix": number, "first": 1, "last": 2000},
    )
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "enrolment.json"
    file.write_bytes(msgspec.json.encode(enrolment))
    central = CentralAt(couchdb_url="http://couch.test:5984", portal_url=PORTAL)
    return open_node(NodeConfig(data=folder / "data", central=central, enrolment=file), clock)


def sign_in(app: Flask, login: str) -> Desk:
    """Sign somebody in through the page."""
    desk = Desk(app.test_client())
    desk.get("/signin/")
    answer = desk.post("/signin/", {"login": login, "password": PASSWORD})
    assert answer.status_code == 302, answer.text
    desk.get("/")
    return desk


def tell_all(source: Node, target: Node) -> None:
    """Give one node every event of another, with keys for it, as central's inbox would."""
    with source.local() as giver, target.local() as taker:
        taker.store.merge(list(_envelopes(giver.store, source, target)))


def _envelopes(store: Store, source: Node, target: Node) -> list[Envelope]:
    found = []
    for author in store.authors():
        opened = next(e for e in store.events(author) if e.type == "store.opened")
        cert = certify(
            ROOT,
            author=author,
            sign_key=opened.data["sign_key"],
            box_key=opened.data["box_key"],
            at=opened.at,
        )
        for event in store.of_author(author, 0, 100_000):
            key = store.subject_key(event.subject, author) if event.sealed else None
            keys = (wrap_to(target.box.public, key),) if key else ()
            found.append(Envelope(event, keys, cert, event.at))
    return found


def receipt_all(node: Node, at: str = "") -> None:
    """Central has everything this node wrote, and the line is up (已上报)."""
    with node.local() as local:
        n, hash = local.store.head(local.identity.author)
        with write(local.store.db):
            local.store.set_receipt(local.identity.author, Receipt(n, hash, at))
            local.store.set_cursor("line", canonical({"ok": True, "last_ok": NOW}).decode())


def line_down(node: Node, since: str) -> None:
    """The agent has found the line down since then."""
    with node.local() as local, write(local.store.db):
        word = canonical({"ok": False, "since": since, "last_ok": since}).decode()
        local.store.set_cursor("line", word)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def node(tmp_path: Path, clock: Clock) -> Node:
    return make_node(tmp_path / "here", HERE, clock)


@pytest.fixture
def centre(tmp_path: Path, clock: Clock) -> Node:
    return make_node(tmp_path / "centre", CENTRE, clock)


@pytest.fixture
def app(node: Node) -> Flask:
    return create_app(node)


@pytest.fixture
def centre_app(centre: Node) -> Flask:
    return create_app(centre)


@pytest.fixture
def clerk(app: Flask) -> Desk:
    return sign_in(app, "lin")


@pytest.fixture
def mailer(app: Flask) -> Desk:
    return sign_in(app, "zhang")


@pytest.fixture
def lead(app: Flask) -> Desk:
    return sign_in(app, "wang")


@pytest.fixture
def stranger(app: Flask) -> Desk:
    return sign_in(app, "guest")


@pytest.fixture
def officer(centre_app: Flask) -> Desk:
    return sign_in(centre_app, "chen")


@pytest.fixture
def poster(centre_app: Flask) -> Desk:
    return sign_in(centre_app, "zhang")


@pytest.fixture
def tell() -> Callable[[Node, Node], None]:
    return tell_all
