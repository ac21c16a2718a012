"""Versions live together: what a newer one writes travels untouched, and holds nothing up.

LIN's PC is one version ahead of central and of CHEN's: it writes a type of event, fields of an
event and fields of an envelope that nobody else knows.
"""

from __future__ import annotations

import threading
from typing import Any

import pytest

from cases.fold import WrongState
from central.contacts import contacts
from central.district import JOURNAL, inbox_name
from central.router import IntakeLoop
from central.setup import prepare_point
from sync import bell
from sync.canonical import canonical
from sync.ports import Doc
from tests.central.test_intake import Rogue, receipt, refusals
from tests.central.travel import CENTRE, HERE, Journey

NEWER: dict[str, Any] = {
    "type": "case.weighed", "v": 2, "witness": {"who": ["s-2", None], "sure": True},
    "data": {"grams": 412, "nested": {"a": [1, {"b": "林𠮷"}]}},
}  # fmt: skip
BESIDE = {"trace": {"hops": [1, 2]}, "lang": "zh-Hans"}


def write_newer(travel: Journey, number: str, *, beside: Any = None, **fields: Any) -> Doc:
    """LIN's newer PC states something about a case."""
    newer = Rogue(travel)
    place = f"{number}:0003-{newer.identity.author}"
    doc = newer.put(number, **{"id": place, **fields})
    there = travel.outbox(HERE).get(doc["_id"])
    assert there is not None
    travel.outbox(HERE).put({**there, **(beside or {})})
    return doc["event"]


def forwarded(travel: Journey) -> str:
    number = travel.receive()
    travel.forward(number)
    travel.push(HERE)
    return number


def travel_on(travel: Journey) -> None:
    """From the outbox to the other point; LIN's own store, an older one here, takes no part."""
    travel.router.take_in()
    travel.router.deliver()
    travel.pull(CENTRE)


def bare(doc: Doc | None) -> Doc:
    return {name: value for name, value in (doc or {}).items() if name[0] != "_"}


def test_an_unknown_type_of_event_travels_byte_by_byte_and_is_shown_read_only(
    travel: Journey,
) -> None:
    number = forwarded(travel)
    event = write_newer(travel, number, **NEWER)
    travel_on(travel)
    id, written = event["id"], canonical(event)
    for database in (travel.server.database(JOURNAL), travel.inbox(CENTRE), travel.inbox(HERE)):
        assert canonical(bare(database.get(id))["event"]) == written
    with travel.at(CENTRE) as store:
        known = store.event(id)
        assert known is not None
        assert canonical(known.doc) == written
        case = store.case(number)
        assert case is not None
        assert case.read_only
        assert [step.type for step in case.steps][-1] == "case.weighed"
    with pytest.raises(WrongState, match="升级软件"):
        travel.state(CENTRE, "case.accepted", number)
    assert refusals(travel) == []
    assert receipt(travel)[0] == event["n"]
    assert travel.router.store.case(number).read_only  # type: ignore[union-attr]


def test_what_is_read_only_here_holds_nothing_else_up(travel: Journey) -> None:
    write_newer(travel, forwarded(travel), **NEWER)
    travel_on(travel)
    other = travel.receive(CENTRE, deciding=CENTRE)
    travel.state(CENTRE, "case.accepted", other)
    travel.push(CENTRE)
    travel_on(travel)
    assert travel.problems() == []


def test_unknown_fields_of_a_known_event_are_carried_and_change_nothing(travel: Journey) -> None:
    number = forwarded(travel)
    fields = {"data": {"how": "phone", "room": [3]}, "witness": {"who": "s-2"}}
    event = write_newer(travel, number, **fields)
    travel_on(travel)
    with travel.at(CENTRE) as store:
        known, case = store.event(event["id"]), store.case(number)
        assert known is not None
        assert canonical(known.doc) == canonical(event)
        assert case is not None
        assert not case.read_only
    travel.state(CENTRE, "case.accepted", number)


def test_unknown_fields_of_an_envelope_are_carried_to_every_party(travel: Journey) -> None:
    number = forwarded(travel)
    event = write_newer(travel, number, beside=BESIDE)
    travel_on(travel)
    assert BESIDE.items() <= bare(travel.server.database(JOURNAL).get(event["id"])).items()
    assert BESIDE.items() <= bare(travel.inbox(CENTRE).get(event["id"])).items()
    travel.server.drop(inbox_name(CENTRE))
    prepare_point(travel.district, travel.server, CENTRE)
    travel.router.delivery.audit()
    travel.router.deliver()
    assert BESIDE.items() <= bare(travel.inbox(CENTRE).get(event["id"])).items()
    first = travel.inbox(CENTRE).range(f"{number}:0001", f"{number}:0002", limit=1)
    assert not BESIDE.keys() & first[0].keys()


@pytest.mark.parametrize("beside", [{"size": 1.5}, {"long": "x" * 70_000}, {"a": {"_b": 1}}])
def test_an_envelope_that_no_version_would_write_is_refused(
    twin: Journey, beside: dict[str, Any]
) -> None:
    write_newer(twin, forwarded(twin), beside=beside)
    travel_on(twin)
    (refused,) = refusals(twin)
    assert "看不懂" in refused["why"]
    assert receipt(twin)[0] == refused["n"]


def test_a_bell_with_fields_nobody_knows_is_heard(travel: Journey) -> None:
    number = forwarded(travel)
    box = travel.server.database(bell.NAME)
    author = travel.nodes[HERE].identity.author
    ring = {"author": author, "n": 3, "at": travel.clock(), "software": "9.0", "left": -1}
    box.put({"_id": HERE, **ring, "disk": {"free": [1, 2]}, "mood": None})
    loop = IntakeLoop(travel.district, threading.Event())
    loop.listen(0)
    assert receipt(travel)[0] == 3
    assert len(travel.server.database(JOURNAL).range(f"{number}:", f"{number};", limit=9)) == 2
    directory = travel.district.bundle.directory
    seen, known = contacts(travel.server, loop.store, directory, travel.clock())
    assert known
    assert next(c for c in seen if c.point.code == HERE).software == "9.0"
    loop.close()
