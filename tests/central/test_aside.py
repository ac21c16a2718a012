"""What was refused, set aside or parked is told at both ends, answered, and holds nothing back."""

from __future__ import annotations

from typing import Any

from cases import aside
from cases.folded import Case
from cases.states import CaseState
from sync import parked
from sync.db import write
from sync.errors import RemoteRefused
from sync.ports import Doc
from sync.push import outbox_id, push_once
from tests.central.test_intake import Rogue, journaled, receipt, refusals
from tests.central.travel import CENTRE, HERE, Journey


def spoil(travel: Journey, n: int, code: str = HERE) -> str:
    """An event is altered in the outbox. :returns: its id."""
    author = travel.nodes[code].identity.author
    doc = travel.outbox(code).get(outbox_id(author, n))
    assert doc is not None
    doc["event"] = {**doc["event"], "actor": "somebody else"}
    travel.outbox(code).put(doc)
    return str(doc["event"]["id"])


def case_at(travel: Journey, code: str, number: str) -> Case:
    with travel.at(code) as store:
        case = store.case(number)
    assert case is not None
    return case


# nothing else is held back


def test_a_refused_event_stops_nothing_behind_it_in_the_same_batch(travel: Journey) -> None:
    numbers = [travel.receive() for _ in range(3)]
    travel.push(HERE)
    lost = spoil(travel, 3)
    assert travel.router.take_in() == 2
    assert [r["n"] for r in refusals(travel)] == [3]
    assert receipt(travel)[0] == 4
    assert lost not in journaled(travel)
    cases = [travel.router.store.case(number) for number in numbers]
    assert [case.state if case else None for case in cases] == [
        CaseState.RECEIVED, None, CaseState.RECEIVED,
    ]  # fmt: skip


def test_one_refused_event_after_another_is_passed_over(twin: Journey) -> None:
    rogue = Rogue(twin)
    for _ in range(5):
        rogue.n += 1
        rogue.put_raw({"event": "nonsense"})
    rogue.put()
    twin.router.take_in()
    assert [r["n"] for r in refusals(twin)] == [2, 3, 4, 5, 6]
    assert receipt(twin)[0] == 7


def test_the_refusals_of_one_point_do_not_delay_another_one(twin: Journey) -> None:
    twin.receive()
    twin.push(HERE)
    spoil(twin, 2)
    theirs = twin.receive(CENTRE)
    twin.push(CENTRE)
    twin.router.take_in()
    assert receipt(twin)[0] == 2
    assert receipt(twin, CENTRE)[0] == 2
    assert twin.router.store.case(theirs) is not None
    assert refusals(twin, CENTRE) == []


def test_a_fact_set_aside_leaves_its_case_open_to_everybody(twin: Journey) -> None:
    number = twin.receive()
    twin.forward(number)
    twin.carry()
    vain(twin, HERE, "case.completed", number)
    twin.carry()
    twin.state(CENTRE, "case.accepted", number)
    twin.carry()
    for code in (HERE, CENTRE):
        case = case_at(twin, code, number)
        assert not case.read_only
        assert case.state is CaseState.ACCEPTED
        assert aside.unanswered(case) == 1


class Picky:
    """An outbox that refuses one event whenever it is in a batch, and takes a stand-in for it."""

    def __init__(self, inner: Any, poison: str) -> None:
        self._inner, self._poison = inner, poison

    def bulk(self, docs: list[Doc]) -> Any:
        if any(doc["_id"] == self._poison and "n" in doc["event"] for doc in docs):
            raise RemoteRefused("one of them is not to my taste")
        return self._inner.bulk(docs)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


def picky_push(travel: Journey, poison: int) -> None:
    """HERE pushes, and its outbox does not take the event at one place."""
    node = travel.nodes[HERE]
    outbox: Any = Picky(travel.outbox(HERE), outbox_id(node.identity.author, poison))
    with node.local() as local:
        box = node.enrolment.central_box
        push_once(local.store, node.identity.author, outbox, box, after=0)
        assert push_once(local.store, node.identity.author, outbox, box, after=0).caught_up


def test_a_parked_event_stops_neither_the_push_nor_the_reading(travel: Journey) -> None:
    numbers = [travel.receive() for _ in range(4)]
    picky_push(travel, 3)
    with travel.at(HERE) as store:
        ((id, _, _),) = store.parked()
    assert id.endswith(":0000000003")
    travel.router.take_in()
    assert receipt(travel)[0] == 5
    assert [(r["n"], r["why"][:6]) for r in refusals(travel)] == [(3, "发件箱收不下")]
    cases = [travel.router.store.case(number) is not None for number in numbers]
    assert cases == [True, False, True, True]
    travel.carry()
    with travel.at(HERE) as store:
        assert store.waiting(travel.nodes[HERE].identity.author) == 0
    assert [p for p in travel.problems() if "待人工处理" not in p] == []


def test_a_parked_event_pushed_again_stays_parked_and_is_no_sign_of_a_copy(twin: Journey) -> None:
    for _ in range(4):
        twin.receive()
    picky_push(twin, 3)
    with twin.at(HERE) as store:
        (found,) = parked.listed(store.db)
        with write(store.db):
            assert parked.answer(store.db, found.id, {"how": "reported", "words": ""})
    picky_push(twin, 3)
    with twin.at(HERE) as store:
        assert store.parked() == []
    assert twin.push(HERE) == 4  # now the outbox would take it, and its place is kept
    twin.router.take_in()
    assert receipt(twin)[0] == 5


def test_an_outbox_that_takes_not_even_a_stand_in_holds_up_no_push(twin: Journey) -> None:
    twin.receive()
    node = twin.nodes[HERE]

    class Closed(Picky):
        def bulk(self, docs: list[Doc]) -> Any:
            raise RemoteRefused("nothing is to my taste")

    outbox: Any = Closed(twin.outbox(HERE), "")
    with node.local() as local:
        box = node.enrolment.central_box
        push_once(local.store, node.identity.author, outbox, box, after=0)
        assert push_once(local.store, node.identity.author, outbox, box, after=0).caught_up
    twin.push(HERE)
    assert twin.router.take_in() == 1


# answered, and known at both ends


def vain(twin: Journey, code: str, type: str, number: str) -> str:
    """A point states something that the fold sets aside. :returns: the event."""
    with twin.nodes[code].local() as local, local.writing() as w:
        event = w._sign(
            type, number, {"result": "none", "delivery": "none", "filed": []}, "s", None
        )
        w._keep(event)
    return event.id


def test_an_answer_reaches_every_party_and_every_store_shows_the_same(twin: Journey) -> None:
    number = twin.receive()
    twin.forward(number)
    event = vain(twin, HERE, "case.completed", number)
    twin.carry()
    twin.state(HERE, "aside.answered", number, event=event, how="told", sealed={"words": "说过"})
    twin.carry()
    there = twin.router.store.case(number)
    assert there is not None
    assert aside.unanswered(there) == 0
    for code in (HERE, CENTRE):
        assert case_at(twin, code, number) == there
    assert twin.problems() == []


def test_the_answer_to_a_refusal_is_in_the_stores_book_at_both_ends(twin: Journey) -> None:
    twin.receive()
    twin.push(HERE)
    spoil(twin, 2)
    twin.router.take_in()
    twin.router.deliver()
    twin.pull(HERE)
    author = twin.nodes[HERE].identity.author
    with twin.at(HERE) as store:
        book = store.subject(author)
        assert book is not None
        assert [r.n for r in aside.refusals(book)] == [2]
    twin.state(HERE, "store.refusal_answered", author, author=author, n=2, how="reported")
    twin.carry()
    with twin.at(HERE) as store:
        assert store.subject(author) == twin.router.store.subject(author)
        known = store.subject(author)
    assert known is not None
    assert [r.answer.how for r in aside.refusals(known) if r.answer] == ["reported"]


def test_after_a_refusal_the_point_and_the_district_show_the_same(twin: Journey) -> None:
    number = twin.receive()
    twin.forward(number)
    twin.state(HERE, "case.withdrawal_requested", number, sealed={"reason": "不办了"})
    twin.push(HERE)
    spoil(twin, 3)
    twin.router.take_in()
    twin.router.deliver()
    twin.pull(HERE)
    twin.pull(CENTRE)
    there = twin.router.store.case(number)
    assert there is not None
    assert there.state is CaseState.RECEIVED
    assert case_at(twin, HERE, number) == there
    assert twin.problems() == []


def test_what_is_stated_anew_after_a_refusal_counts_everywhere(twin: Journey) -> None:
    number = twin.receive()
    twin.push(HERE)
    spoil(twin, 2)
    twin.router.take_in()
    assert twin.router.store.case(number) is None
    twin.router.deliver()
    twin.pull(HERE)
    assert case_at(twin, HERE, number).state is CaseState.NEW
    with twin.nodes[HERE].local() as local, local.writing() as w:
        event = local.store.events(number)[0]
        w.repeat(event, event.data, local.store.unseal(event))
    twin.carry()
    there = twin.router.store.case(number)
    assert there is not None
    assert there.state is CaseState.RECEIVED
    assert case_at(twin, HERE, number) == there
    assert twin.problems() == []


def test_what_another_point_says_of_a_refusal_is_journaled_and_does_not_count(
    twin: Journey,
) -> None:
    twin.receive()
    twin.push(HERE)
    spoil(twin, 2)
    twin.router.take_in()
    twin.router.deliver()
    twin.pull(HERE)
    author = twin.nodes[HERE].identity.author
    with twin.nodes[CENTRE].local() as local, local.writing() as w:
        data = {"author": author, "n": 2, "how": "no_need"}
        w._keep(w._sign("store.refusal_answered", author, data, "s-1", None))
    twin.carry()
    book = twin.router.store.subject(author)
    assert book is not None
    assert aside.unanswered(book) == 2  # the refusal itself, and the answer that was set aside
