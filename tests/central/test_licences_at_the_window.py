"""A window asks central for the licences of a form over a real line: found, none, and no line."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import closing

import msgspec
import pytest

from central import licence_calls
from central.licence_db import licence_keys, open_licence_db
from central.licence_library import DistrictLibrary, Held
from central.router import follow_journal
from central.setup import enrolment
from central.web import create_app
from node.app import create_app as window_app
from node.config import CentralAt, NodeConfig
from node.line import CURSOR
from node.local import Node, open_node
from sync.db import write
from sync.memory import MemoryServer
from tests.central.travel import HERE, Journey, journey
from tests.contract.conftest import served
from tests.node.conftest import Desk, sign_in, staff_document
from tests.node.receiving import ID, form_op, send, typed

PRINT = "ZRZY-001400"  # 个人住房信息查询证明: the applicant's identity card, 1
HX = {"HX-Request": "true"}


@dataclasses.dataclass
class Counter:
    """军门社区's window, joined to central's web."""

    journey: Journey
    node: Node
    desk: Desk

    def line(self, *, up: bool) -> None:
        with self.node.local() as local, write(local.store.db):
            local.store.set_cursor(CURSOR, msgspec.json.encode({"ok": up}).decode())

    def calls(self) -> licence_calls.Counts:
        with closing(open_licence_db(self.journey.district.config.data)) as db:
            return licence_calls.counts(db)


@pytest.fixture(scope="module")
def counter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Counter]:
    folder = tmp_path_factory.mktemp("counter")
    with (
        journey(folder, MemoryServer().connect) as started,
        served(create_app(started.district)) as url,
    ):
        file = folder / "enrolment.json"
        content = enrolment(started.district, started.server, HERE, staff_document())
        file.write_bytes(msgspec.json.encode(content))
        at = CentralAt(couchdb_url="http://couch.test", portal_url=url)
        node = open_node(
            NodeConfig(data=folder / "window", central=at, enrolment=file), started.clock
        )
        started.push(HERE, node)
        started.router.take_in()
        with closing(started.district.open_store()) as store:
            while follow_journal(store, started.server):
                pass
        yield Counter(started, node, sign_in(window_app(node), "lin"))


def put(counter: Counter, held: Held) -> None:
    district = counter.journey.district
    with closing(open_licence_db(district.config.data)) as db:
        DistrictLibrary(db, licence_keys(district.secrets)).put("SFZ", ID, "file:1", held)


def test_at_the_window_a_licence_is_none_then_found_and_replaces_the_paper(
    counter: Counter,
) -> None:
    counter.line(up=True)
    fields = {**typed(PRINT), "paper": []}
    op = form_op(counter.desk, PRINT)
    url = f"/reception/{PRINT}/licences"
    assert "未查到，请提交" in counter.desk.post(url, {**fields, "op": op}, headers=HX).text
    refused = send(counter.desk, PRINT, fields, op)
    assert refused.status_code == 422
    assert "电子证照未查到，请提交" in refused.text
    assert counter.calls() == (1, 0)  # asked once for this form

    put(counter, Held("350102199001011234", "鼓楼公安分局", "2040-01-01"))
    op = form_op(counter.desk, PRINT)
    said = counter.desk.post(url, {**fields, "op": op}, headers=HX).text
    assert "已查到，免交" in said
    assert "鼓楼公安分局 350***************，有效期至 2040年1月1日" in said
    assert "199001011234" not in said
    answer = send(counter.desk, PRINT, fields, op)
    assert answer.status_code == 303, answer.text
    with counter.node.local() as local:
        case = local.store.case(answer.headers["Location"].split("/")[2])
        assert case is not None
        card = case.materials[0]
    assert (card.taken, card.licence, card.check) == (False, "SFZ", "found")
    assert counter.calls() == (2, 1)
    page = counter.desk.get(f"/cases/{case.number}").text
    assert "免交，电子证照已查到" in page
    assert "免交的“申请人居民身份证”电子证照" in page


def test_the_line_goes_and_nobody_waits_or_is_counted(counter: Counter) -> None:
    before = counter.calls()
    counter.line(up=False)
    op = form_op(counter.desk, PRINT)
    fields = {**typed(PRINT), "paper": [], "op": op}
    said = counter.desk.post(f"/reception/{PRINT}/licences", fields, headers=HX).text
    assert "网络断开，查不了，请出示原件" in said
    assert counter.calls() == before
