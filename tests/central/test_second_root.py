"""A point's user may slip a second root into its own mailboxes: what readers see is then his.

`new_edits: false` asks nobody. He can spoil his own two mailboxes, and nothing beyond them.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from central.district import JOURNAL
from central.embedded import create_app
from sync.couch import CouchDatabase, connect
from sync.ports import Doc
from sync.push import outbox_id
from sync.wire import encode
from sync.word import RECEIPT
from tests.central.travel import CENTRE, HERE, Journey, journey
from tests.contract.conftest import served

WINS, LOSES = f"1-{'f' * 32}", f"1-{'0' * 32}"


@pytest.fixture
def travel(tmp_path: Path) -> Iterator[Journey]:
    """The district of the cast on the embedded store: the twin has no branches."""
    app = create_app(tmp_path / "couchdb", admins={"admin": "pw"}, polls_max=4)
    try:
        with (
            served(app) as url,
            journey(tmp_path, lambda: connect(url, user="admin", password="pw")) as travel,
        ):
            yield travel
    finally:
        app.close()


def slip_in(database: Any, id: str, rev: str, body: Doc) -> None:
    assert isinstance(database, CouchDatabase)
    doc = {"_id": id, "_rev": rev, **body}
    database._resource.post("_bulk_docs", data=encode({"docs": [doc], "new_edits": False}))


def author(travel: Journey, code: str = HERE) -> str:
    return travel.nodes[code].identity.author


def journal(travel: Journey) -> dict[str, Any]:
    return {d["_id"]: d["event"] for d in travel.server.database(JOURNAL).range("", "~", limit=100)}


def receipted(travel: Journey) -> int:
    return int((travel.inbox(HERE).get(RECEIPT + author(travel)) or {"n": 0})["n"])


def test_what_is_journaled_stays_whatever_his_outbox_says_later(travel: Journey) -> None:
    number = travel.receive()
    travel.carry()
    before = journal(travel), receipted(travel)
    slip_in(travel.outbox(HERE), outbox_id(author(travel), 2), WINS, {"event": {"id": "x"}})
    travel.push(HERE)
    travel.router.take_in()
    assert (journal(travel), receipted(travel)) == before
    assert any(number in id for id in journal(travel))


@pytest.mark.parametrize("rev", [WINS, LOSES])
def test_what_is_not_taken_in_yet_is_taken_or_refused_and_holds_nothing_up(
    travel: Journey, rev: str
) -> None:
    travel.receive()
    later = travel.receive()
    travel.push(HERE)
    slip_in(travel.outbox(HERE), outbox_id(author(travel), 2), rev, {"event": {"id": "x"}})
    travel.router.take_in()
    assert receipted(travel) == 3
    assert any(later in id for id in journal(travel))
    refused = [e["data"]["n"] for e in journal(travel).values() if e["type"] == "store.refused"]
    assert refused == ([2] if rev == WINS else [])
    assert travel.problems() == []


@pytest.mark.parametrize("when", ["before delivery", "after delivery"])
@pytest.mark.parametrize("rev", [WINS, LOSES])
def test_his_inbox_is_put_right_and_his_node_loses_nothing(
    travel: Journey, rev: str, when: str
) -> None:
    number = travel.receive()
    travel.forward(number)
    travel.push(HERE)
    travel.router.take_in()
    first = next(id for id in sorted(journal(travel)) if id.startswith(f"{number}:"))
    if when == "before delivery":
        slip_in(travel.inbox(CENTRE), first, rev, {"event": {"id": "x"}})
    travel.router.deliver()
    if when == "after delivery":
        slip_in(travel.inbox(CENTRE), first, rev, {"event": {"id": "x"}})
        travel.pull(CENTRE)
        travel.router.delivery._fall_behind(CENTRE)  # what the audit does when it finds a loss
        travel.router.deliver()
    travel.pull(CENTRE)
    assert (travel.inbox(CENTRE).get(first) or {})["event"] == journal(travel)[first]
    with travel.at(CENTRE) as store:
        assert [e.id for e in store.events(number)] == [i for i in journal(travel) if number in i]
    assert travel.problems() == []


def test_a_receipt_that_he_wrote_himself_is_corrected(travel: Journey) -> None:
    travel.receive()
    travel.carry()
    forged = {"n": 1, "hash": "sha256:of nothing", "at": "2026-11-22T00:00:00Z"}
    slip_in(travel.inbox(HERE), RECEIPT + author(travel), f"9-{'f' * 32}", forged)
    assert receipted(travel) == 1
    travel.router.take_in()
    assert receipted(travel) == 2
