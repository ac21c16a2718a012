"""A point's PC in a stranger's hands signs whatever it likes: nobody else may suffer from it.

Its events are well signed and well chained, so central journals them. What is in them is hostile.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import date
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases.fold import WrongState, fold, permit
from cases.folded import Folded, Parcel, StoreBook
from cases.numbers import case_number, parcel_number
from cases.table import TYPES
from central.contacts import contacts
from central.leases import LEASES
from central.router import IntakeLoop
from node.catalogue import take_bundle
from sync import bell
from sync.bundle import BadBundle
from sync.seal import CannotUnseal, new_key, seal, unseal
from tests.cases.facts import CENTRAL, CHEN, LIN, PARCEL, VISIT, WU, History, case_in
from tests.central.travel import CENTRE, HERE, NEIGHBOUR, PERSON, Journey
from tests.security.rogue import Rogue

read = msgspec.json.Decoder(Folded).decode
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)
NAMED = st.dictionaries(st.sampled_from(["position", "case", "name", "taken", "handling"]), JSON)
OF_KIND: dict[type, st.SearchStrategy[Any]] = {
    str: st.text(max_size=9), int: st.integers(), bool: st.booleans(),
    list: st.lists(NAMED | JSON, max_size=3), dict: NAMED,
}  # fmt: skip
SLIP = {
    "name": "寄给龘", "phone": "13700137000", "province": "350000", "city": "350100",
    "county": "350102", "street": "八一七北路", "region": "福建省福州市鼓楼区",
}  # fmt: skip
WAYS = ("received", "forwarded", "accepted", "approved", "completed")


@pytest.mark.parametrize("type", sorted(TYPES))
@given(data=st.data())
@settings(max_examples=15, deadline=None)
def test_whatever_stands_in_a_fact_its_subject_can_be_kept_and_read_again(
    type: str, data: st.DataObject
) -> None:
    row = TYPES[type].open.items()
    fields = {n.rstrip("?"): data.draw(OF_KIND[kind], label=n) for n, kind in row}
    told = _before(type)
    central = ("parcel.taken_over", "parcel.delivered", "store.refused", "store.offer_refused")
    by = CENTRAL if type in central else LIN
    told.say(type, by, **fields)
    folded = fold(told.subject, told.events)
    assert read(msgspec.json.encode(folded)) == folded


def _before(type: str) -> History:
    """A subject of the right kind in a state in which the fact may count."""
    kind = type.partition(".")[0]
    if kind == "parcel":
        told = History(PARCEL)
        if type != "parcel.packed":
            told.say("parcel.packed", LIN, to_point=HERE)
        return told
    if kind == "store":
        return History(LIN)
    if kind == "visit":
        told = History(VISIT)
        if type != "visit.opened":
            told.say("visit.opened", LIN)
        return told
    if type == "case.received":
        return History()
    for state in WAYS:
        if any(s.value == state for s in TYPES[type].states):
            return case_in(state, deciding=HERE)
    return case_in("completed", deciding=HERE)


# seeing what is not one's own


def test_a_parcel_that_names_anothers_case_opens_nothing_of_it(
    travel: Journey, rogue: Rogue
) -> None:
    number = travel.receive()
    travel.carry()
    parcel = pack(travel, rogue, [number])
    travel.carry()
    travel.carry()
    assert not {id for id in travel.inbox_events(NEIGHBOUR) if id.startswith(number)}
    with travel.at(HERE) as store:
        assert store.parcels_of(number) == ()
    assert travel.router.store.parcels_of(number) == ()
    assert isinstance(travel.router.store.parcel(parcel), Parcel)


def test_nor_does_one_that_was_packed_before_the_case_was_heard_of(
    travel: Journey, rogue: Rogue
) -> None:
    """What a resident fills in while the point's line is down is for that point alone."""
    number = case_number(travel.nodes[HERE].point.number, date(2026, 11, 22), 77)
    pack(travel, rogue, [number])
    travel.carry()
    travel.central_states("slip.filled", number, sealed={**SLIP})
    travel.carry()
    travel.carry()
    assert not {id for id in travel.inbox_events(NEIGHBOUR) if id.startswith(number)}
    assert {id for id in travel.inbox_events(HERE) if id.startswith(number)}


def pack(travel: Journey, rogue: Rogue, cases: list[Any]) -> str:
    number = parcel_number(rogue.number, date(2026, 11, 22), 9)
    data = {
        "purpose": "result_to_resident", "cases": cases, "carrier": "own",
        "tracking": "DS00100000018", "contents": [],
    }  # fmt: skip
    to = {"name": "x", "phone": "1", "address": "y", "region": "z"}
    rogue.state("parcel.packed", number, data, sealed=to)
    return number


# holding up others


def test_a_fact_of_an_unknown_type_by_a_stranger_freezes_nothing() -> None:
    history = case_in("accepted")
    for k in (1, 0):
        history.say("case.teleported", WU, k=k)
    case = history.now()
    assert not case.read_only
    assert len(case.set_aside) == 2
    permit(case, "case.approved", CHEN, {})


@pytest.mark.parametrize("who", [LIN, CHEN, CENTRAL])
def test_one_by_a_party_still_makes_the_case_read_only(who: str) -> None:
    history = case_in("accepted")
    history.say("case.teleported", who)
    with pytest.raises(WrongState):
        permit(history.now(), "case.approved", CHEN, {})


@pytest.mark.parametrize("sealed", [[1, 2], "text", 5, None, [[[[[[]]]]]]])
def test_what_was_sealed_with_no_fields_in_it_cannot_be_opened(sealed: Any) -> None:
    key = new_key()
    with pytest.raises(CannotUnseal):
        unseal(key, "x", seal(key, "x", sealed))


@pytest.mark.parametrize("sealed", [[1], "x", {"name": ["x"], "phone": {"a": 1}}, {"name": 5}])
def test_a_hostile_sealed_part_stops_no_other_points_sync(
    travel: Journey, rogue: Rogue, sealed: Any
) -> None:
    hostile = own_case(travel, rogue, sealed=sealed)
    rogue.state("case.forwarded", hostile, {"to": CENTRE, "department": "x"})
    mine = travel.receive()
    travel.forward(mine)
    travel.carry()
    with travel.at(CENTRE) as store:
        assert store.case(mine)
        assert store.case(hostile)


def test_a_name_without_end_does_not_fill_the_search_words(travel: Journey, rogue: Rogue) -> None:
    hostile = own_case(travel, rogue, sealed={**PERSON, "name": "长" * 10_000})
    rogue.state("case.forwarded", hostile, {"to": CENTRE, "department": "x"})
    travel.carry()
    with travel.at(CENTRE) as store:
        (size,) = store.db.execute("SELECT sum(length(word)) FROM words").fetchone()
    assert size < 20_000


def own_case(travel: Journey, rogue: Rogue, *, sealed: Any = None, **data: Any) -> str:
    """A case of the stranger's own point, with something odd in it."""
    serial = rogue.n + 1
    number = case_number(rogue.number, date(2026, 11, 22), serial)
    given = {
        "matter": "x", "title": "x", "version": "x", "level": "district", "department": "x",
        "department_name": "x", "deciding": rogue.code, "area": "x", "applicant_kind": "person",
        "capacity": "self", "document": "resident_id", "immediate": False, "statutory_days": 1,
        "promised_days": 1, "day_unit": "working", "materials": [], **data,
    }  # fmt: skip
    rogue.state("case.received", number, given, sealed=PERSON if sealed is None else sealed)
    return number


def deep(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    "data", [{"x": deep(60)}, {"x": deep(400)}, {"x": "字" * 40_000}, {"x": 0.5}, {"_x": 1}]
)
def test_what_no_honest_store_writes_is_refused_and_the_reading_goes_on(
    travel: Journey, rogue: Rogue, data: Any
) -> None:
    rogue.state("store.hello", rogue.author, data)
    good = own_case(travel, rogue)
    travel.router.take_in()
    assert travel.router.store.case(good)
    book = travel.router.store.subject(rogue.author)
    assert isinstance(book, StoreBook)
    assert [refused["n"] for refused in book.refused] == [rogue.n - 1]
    assert len(book.refused[0]["why"]) < 300


def test_a_refusal_quotes_only_a_little_of_what_was_refused(travel: Journey, rogue: Rogue) -> None:
    rogue.state("store.hello", rogue.author, {"_" + "林小梅" * 30_000: 1})
    travel.router.take_in()
    book = travel.router.store.subject(rogue.author)
    assert isinstance(book, StoreBook)
    assert len(book.refused[0]["why"]) <= 200


def test_a_certificate_without_end_is_no_certificate(travel: Journey, rogue: Rogue) -> None:
    stranger = f"{NEIGHBOUR}.zzzz"
    cert = {"author": stranger, "sign_key": "ed25519:AAAA", "x": deep(900)}
    event = {
        "id": f"{stranger}:0001-{stranger}", "v": 1, "type": "store.hello", "at": travel.clock(),
        "author": stranger, "n": 1, "actor": "s", "data": {}, "prev": "", "sig": "",
    }  # fmt: skip
    travel.outbox(NEIGHBOUR).put({"_id": f"{stranger}:{1:010d}", "event": event, "cert": cert})
    mine = travel.receive()
    travel.push(HERE)
    travel.router.take_in()
    assert travel.router.store.case(mine)


@pytest.fixture
def loop(travel: Journey) -> Iterator[IntakeLoop]:
    loop = IntakeLoop(travel.district, threading.Event())
    yield loop
    loop.close()


def test_an_outbox_that_cannot_be_read_holds_up_nobody_else(
    travel: Journey, loop: IntakeLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever stands in one point's outbox and breaks the reading, the other points go on."""
    honest = loop.intake.take_in

    def poisoned(party: str, **how: bool) -> int:
        if party == HERE:
            raise RecursionError
        return honest(party, **how)

    monkeypatch.setattr(loop.intake, "take_in", poisoned)
    number = travel.receive(CENTRE)
    travel.push(CENTRE)
    loop.sweep()
    assert loop.store.case(number)
    again = travel.receive(CENTRE)
    travel.push(CENTRE)
    for code in (HERE, CENTRE):
        author = travel.nodes[code].identity.author
        bells = travel.server.database(bell.NAME)
        bell.ring(bells, code, author=author, n=1, at=travel.clock(), software="x")
    loop.listen(0)
    assert loop.store.case(again)


def test_a_bell_leases_numbers_only_to_a_store_that_is_there(
    travel: Journey, loop: IntakeLoop
) -> None:
    bells = travel.server.database(bell.NAME)
    loop.sweep()
    before = len(travel.server.database(LEASES).range("own-", "own~", limit=1000))
    for name in (f"{HERE}.zzzz", travel.nodes[CENTRE].identity.author, "x", "central.aaaa"):
        bell.ring(bells, HERE, author=name, n=1, at=travel.clock(), software="x", left=0)
        loop.listen(0)
    assert len(travel.server.database(LEASES).range("own-", "own~", limit=1000)) == before


@pytest.mark.parametrize("at", ["", "soon", "2026-99-99T00:00:00Z", 5, None, ["x"], "<b>"])
def test_the_board_bears_whatever_a_point_rings(travel: Journey, at: Any) -> None:
    travel.server.database(bell.NAME).put(
        {"_id": HERE, "at": at, "n": "many", "author": {"a": 1}, "software": ["x"] * 9}
    )
    directory = travel.district.bundle.directory
    found, known = contacts(travel.server, travel.router.store, directory, travel.clock())
    assert known
    assert next(c for c in found if c.point.code == HERE).words == "从未联系"


def test_a_place_far_off_leaves_room_for_everybody_else(travel: Journey, rogue: Rogue) -> None:
    number = travel.receive()
    travel.carry()
    for k in (9999, 9998, 5000):
        rogue.state("case.accepted", number, {}, k=k)
    travel.carry()
    travel.forward(number)
    travel.carry()
    with travel.at(CENTRE) as store:
        case = store.case(number)
    assert case
    assert case.state.value == "forwarded"


@pytest.mark.parametrize(
    "head", [{"number": "x"}, {"number": [1]}, {"number": 10**30}, {"number": 5, "parts": 7}, {}]
)
def test_a_catalogue_that_a_point_published_stops_no_other_points_sync(
    travel: Journey, head: dict[str, Any]
) -> None:
    """Every point may write where central publishes; nothing is believed before its signature."""
    catalogue = travel.server.database("catalogue")
    known = catalogue.get("bundle")
    catalogue.put({**(known or {"_id": "bundle"}), **head, "sig": "x"})
    node = travel.nodes[HERE]
    with travel.at(HERE) as store, pytest.raises(BadBundle):
        take_bundle(store, catalogue, node.enrolment.root_key, node.bundle, "2026-11-23")


def test_places_taken_step_by_step_up_to_the_last_leave_room_for_the_parties(
    travel: Journey, rogue: Rogue
) -> None:
    """No step is far off, and yet they would use up every place that a case has."""
    number = travel.receive()
    travel.carry()
    for k in (*range(400, 10_000, 400), 9999):
        rogue.state("case.accepted", number, {}, k=k)
    travel.carry()
    travel.forward(number)
    travel.central_states("slip.filled", number, sealed={**SLIP})
    travel.carry()
    with travel.at(CENTRE) as store:
        case = store.case(number)
    assert case
    assert (case.state.value, len(case.slips)) == ("forwarded", 1)
