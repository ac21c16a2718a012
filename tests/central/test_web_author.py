"""An operation is stated once, whoever repeats it and whatever the line does."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlite_utils import Database

from cases.fold import WrongState
from central.portal_db import open_portal_db
from central.web_author import WebAuthor, claimed_subject, newest_act, stated
from sync.errors import RemoteRefused, RemoteUnavailable
from tests.central.world import Central, Clock, MemoryDistrict, Point

SEALED = dict.fromkeys(["name", "phone", "province", "city", "county", "street", "region"], "x")
OP = "an-operation-of-a-test"


@pytest.fixture
def db(district: MemoryDistrict) -> Iterator[Database]:
    db = open_portal_db(district.config.data)
    yield db
    db.close()


@pytest.fixture
def author(central: Central) -> WebAuthor:
    return new_author(central)


def new_author(central: Central) -> WebAuthor:
    outbox = central.server.database("outbox-central")
    return WebAuthor(lambda: outbox, central.district.secrets.box.public, central.district.clock)


def fill(author: WebAuthor, db: Database, central: Central, number: str, op: str = OP) -> str:
    data: dict[str, Any] = {"channel": "qr"}
    return author.state_once(
        db, central.jobs.store, op, "slip.filled", number, data, actor="resident", sealed=SEALED
    )


def written(central: Central) -> int:
    docs = central.server.database("outbox-central").range("", "~", limit=100)
    return sum(doc["event"]["type"] == "slip.filled" for doc in docs)


def test_threads_that_press_at_the_same_moment_state_it_once(
    author: WebAuthor, central: Central, point: Point, district: MemoryDistrict
) -> None:
    number = point.new_case_number()

    def press(_n: int) -> str:
        db = open_portal_db(district.config.data)
        store = district.open_store()
        try:
            return author.state_once(
                db, store, OP, "slip.filled", number, {"channel": "qr"},
                actor="resident", sealed=SEALED,
            )  # fmt: skip
        finally:
            db.close()
            store.close()

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(press, range(8)))) == 1
    assert written(central) == 1


def test_a_lost_answer_is_found_out_about_and_not_written_again(
    author: WebAuthor, db: Database, central: Central, point: Point
) -> None:
    number, shared = point.new_case_number(), central.district.memory
    fill(author, db, central, number, op="the first of this process")

    def lose(verb: str, database: str) -> None:
        shared.after = lambda verb, database: None
        raise RemoteUnavailable("the answer was lost")

    shared.after = lose
    with pytest.raises(RemoteUnavailable):
        fill(author, db, central, number)
    assert stated(db, OP) == ""
    assert claimed_subject(db, OP) == number
    event = fill(author, db, central, number)
    assert stated(db, OP) == event == newest_act(db, number, (OP.partition("-")[0],))[0]
    assert written(central) == 2
    central.carry()
    assert len(central.jobs.store.events(number)) == 2


def test_what_was_refused_for_good_blocks_nobody(
    author: WebAuthor, db: Database, central: Central, point: Point
) -> None:
    shared = central.district.memory

    def refuse(verb: str, database: str) -> None:
        shared.before = lambda verb, database: None
        raise RemoteRefused("no")

    shared.before = refuse
    with pytest.raises(RemoteRefused):
        fill(author, db, central, point.new_case_number())
    assert fill(author, db, central, point.new_case_number(), op="another operation")
    central.carry()


def test_another_process_waits_for_one_that_is_at_it(
    author: WebAuthor, db: Database, central: Central, point: Point, clock: Clock
) -> None:
    number = point.new_case_number()
    central.cut_line()
    with pytest.raises(RemoteUnavailable):
        fill(author, db, central, number)
    central.mend_line()
    other = new_author(central)
    with pytest.raises(RemoteUnavailable, match="正在保存"):
        fill(other, db, central, number)
    clock.forward(minutes=2)
    assert fill(other, db, central, number)


def test_what_the_table_does_not_allow_is_not_written(
    author: WebAuthor, db: Database, central: Central, point: Point
) -> None:
    with pytest.raises(WrongState):
        author.state_once(
            db, central.jobs.store, OP, "case.accepted", point.new_case_number(), {}, actor="x"
        )
    assert written(central) == 0


def test_a_bell_that_cannot_be_rung_is_no_failure(
    author: WebAuthor, db: Database, central: Central, point: Point
) -> None:
    fill(author, db, central, point.new_case_number())
    central.cut_line()
    author.ring(central.server)
    central.mend_line()
    author.ring(central.server)
    assert central.server.database("bell").get("central")
