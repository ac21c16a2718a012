"""Delivery: each party has everything it must hold, can open it, and nobody has anything more."""

from __future__ import annotations

from contextlib import suppress
from datetime import date

import pytest

from cases.issued import PaperKind
from cases.numbers import PaperNumber, SubjectKind
from cases.states import CaseState
from central import delivery
from central.delivery import forget_given
from central.district import inbox_name
from central.setup import prepare_couch, prepare_point
from labels.paper_code import PaperCode, mint_paper
from labels.tokens import Purpose, mint
from sync import registers
from sync.errors import Missing, RemoteUnavailable
from sync.seal import CannotUnseal
from sync.store import read_envelope
from tests.central.travel import (
    CENTRE,
    HERE,
    NEIGHBOUR,
    PERSON,
    SLIP,
    SUBDISTRICT,
    Fray,
    Journey,
    Router,
)  # fmt: skip

NOTICE = PaperKind.CORRECTION


def of(travel: Journey, *subjects: str) -> set[str]:
    """The ids of every journaled event of these subjects."""
    return {event.id for number in subjects for event in travel.router.store.events(number)}


def held(travel: Journey, code: str, number: str) -> set[str]:
    return {id for id in travel.inbox_events(code) if id.startswith(f"{number}:")}


def pack(travel: Journey, code: str, case: str, **data: object) -> str:
    with travel.nodes[code].local() as local, local.writing() as w:
        number = w.new_number(SubjectKind.PARCEL)
        fields = {"purpose": "papers_to_authority", "cases": [case], "carrier": "own",
                  "tracking": w.next_tracking().number, "contents": [], **data}  # fmt: skip
        sealed = {"name": "𠮷", "phone": "13", "address": "某路", "region": "福州"}
        w.state("parcel.packed", number, fields, actor="m", sealed=sealed)
    return number


def test_a_case_reaches_exactly_its_parties_with_its_whole_history(travel: Journey) -> None:
    travel.enrol(NEIGHBOUR)
    number = travel.receive(deciding=HERE)
    travel.carry()
    assert held(travel, HERE, number) == of(travel, number)
    assert held(travel, CENTRE, number) == held(travel, NEIGHBOUR, number) == set()
    travel.forward(number)
    travel.carry()
    assert held(travel, CENTRE, number) == of(travel, number)
    assert len(of(travel, number)) == 2
    travel.state(CENTRE, "case.accepted", number)
    travel.carry()
    with travel.at(HERE) as here, travel.at(CENTRE) as centre:
        assert here.case(number) == centre.case(number)
        assert here.unseal(here.events(number)[0]) == PERSON
        assert centre.unseal(centre.events(number)[0]) == PERSON
    assert held(travel, NEIGHBOUR, number) == set()
    assert travel.problems() == []


def receipt_of(travel: Journey, number: str, *, point: int = 31, key: bytes = b"") -> str:
    """The code on a case's receipt, proved with its point's key or another."""
    key = key or travel.district.secrets.token_key(point)
    return mint(key, Purpose.RECEIPT, number, date(2027, 5, 1))


def paper_of(
    travel: Journey, number: str, kind: PaperKind, *, key: bytes = b"", at: str = CENTRE
) -> str:
    """The code on another paper of a case, which the district centre printed, or another point."""
    by = travel.district.bundle.directory.by_code(at).number
    key = key or travel.district.secrets.token_key(by)
    return mint_paper(key, PaperCode(number, kind, PaperNumber("", 2026, by, 1), by))


def papers(travel: Journey, code: str, number: str) -> str:
    sealed = {"papers": "户口簿复印件"}
    return travel.state(code, "case.papers_received", number, sealed=sealed)


def test_a_notice_of_correction_opens_the_case_at_a_window_as_the_receipt_does(
    twin: Journey,
) -> None:
    twin.enrol(NEIGHBOUR)
    number = twin.receive()
    twin.forward(number)
    twin.carry()
    code = paper_of(twin, number, NOTICE)
    twin.state(NEIGHBOUR, "case.shown", number, sealed={"token": code})
    for _there_and_back in range(2):
        twin.carry()
    assert held(twin, NEIGHBOUR, number) == of(twin, number)
    assert len(of(twin, number)) == 3


def test_who_is_shown_the_receipt_gets_the_case_and_what_it_took_in_meanwhile(
    travel: Journey,
) -> None:
    travel.enrol(NEIGHBOUR)
    number = travel.receive()
    travel.forward(number)
    travel.carry()
    travel.state(NEIGHBOUR, "case.shown", number, sealed={"token": receipt_of(travel, number)})
    papers(travel, NEIGHBOUR, number)  # the line is down: the case is not here yet
    with travel.at(NEIGHBOUR) as store:
        alone = store.case(number)
        assert alone is not None
        assert (alone.point, len(alone.requests), alone.set_aside) == ("", 1, ())
    for _there_and_back in range(2):
        travel.carry()
    for code in (HERE, CENTRE, NEIGHBOUR):
        with travel.at(code) as store:
            case = store.case(number)
            assert case is not None
            assert (case.state, case.set_aside) == (CaseState.FORWARDED, ())
            assert store.unseal(store.events(number)[0]) | PERSON
            (request,) = case.requests
            assert store.unseal(store.event(request.event))["papers"] == "户口簿复印件"
    assert held(travel, NEIGHBOUR, number) == of(travel, number)
    assert travel.problems() == []


@pytest.mark.parametrize(
    "forged",
    [
        "another key",
        "another case",
        "a poster",
        "expired",
        "no code",
        "a notice with another key",
        "another case's notice",
        "a certificate",
        "a notice of its own making",
    ],
)
def test_nobody_becomes_a_party_by_a_code_that_we_did_not_print(twin: Journey, forged: str) -> None:
    twin.enrol(NEIGHBOUR)
    number, other = twin.receive(), twin.receive()
    twin.forward(number)
    twin.forward(other)
    twin.carry()
    key = twin.district.secrets.token_key(31)
    token = {
        "another key": receipt_of(twin, number, key=b"k" * 32),
        "another case": receipt_of(twin, other),
        "a poster": mint(key, Purpose.POSTER, "031", date(2027, 5, 1)),
        "expired": mint(key, Purpose.RECEIPT, number, date(2026, 10, 1)),
        "no code": "A" * 32,
        "a notice with another key": paper_of(twin, number, NOTICE, key=b"k" * 32),
        "another case's notice": paper_of(twin, other, NOTICE),
        "a certificate": paper_of(twin, number, PaperKind.CERTIFICATE),
        "a notice of its own making": paper_of(twin, number, NOTICE, at=NEIGHBOUR),
    }[forged]
    twin.state(NEIGHBOUR, "case.shown", number, sealed={"token": token})
    papers(twin, NEIGHBOUR, number)
    for _there_and_back in range(2):
        twin.carry()
    assert held(twin, NEIGHBOUR, number) == set()
    with twin.at(NEIGHBOUR) as store:
        (book,) = registers.books(store.db, NEIGHBOUR)
        assert "凭证上的码" in book.refused[0]["why"]
    with twin.at(HERE) as store:
        case = store.case(number)
        assert case is not None
        assert (case.shown_to, case.requests, len(case.set_aside)) == ((), (), 1)


def test_a_late_party_gets_what_happened_before_it_became_one(travel: Journey) -> None:
    travel.enrol(NEIGHBOUR)
    number = travel.receive()
    travel.forward(number)
    travel.carry()
    travel.state(CENTRE, "case.sent_back", number, sealed={"reason": "地址不在本区"})
    travel.carry()
    travel.forward(number, to=NEIGHBOUR)
    travel.carry()
    assert held(travel, NEIGHBOUR, number) == of(travel, number)
    with travel.at(NEIGHBOUR) as store:
        case = store.case(number)
        assert case is not None
        assert (case.state, case.holder) == (CaseState.FORWARDED, NEIGHBOUR)
        assert {"reason": "地址不在本区"} in [store.unseal(e) for e in store.events(number)]
    travel.state(NEIGHBOUR, "case.accepted", number)
    travel.carry()
    assert held(travel, CENTRE, number) == of(travel, number)  # once a party, always one


def test_a_department_at_another_point_is_asked_and_its_answer_comes_back(
    travel: Journey,
) -> None:
    travel.enrol(NEIGHBOUR)
    number = travel.receive()
    travel.forward(number)
    travel.carry()
    travel.state(
        CENTRE, "case.opinion_asked", number, sealed={"question": "这个地址能不能办？"},
        department="SQ", department_name="社区", to=NEIGHBOUR, days=3,
    )  # fmt: skip
    travel.carry()
    assert held(travel, NEIGHBOUR, number) == of(travel, number)
    with travel.at(NEIGHBOUR) as store:
        case = store.case(number)
        assert case is not None
        (opinion,) = case.opinions
        assert {"question": "这个地址能不能办？"} in [store.unseal(e) for e in store.events(number)]
    travel.state(
        NEIGHBOUR, "case.opinion_given", number, sealed={"words": "消防通道占用"},
        request=opinion.event, view="object",
    )  # fmt: skip
    travel.carry()
    with travel.at(CENTRE) as store:
        case = store.case(number)
        assert case is not None
        assert [o.view for o in case.opinions] == ["object"]
        assert {"words": "消防通道占用"} in [store.unseal(e) for e in store.events(number)]


def test_a_parcel_goes_with_its_cases_and_to_where_it_is_sent(travel: Journey) -> None:
    travel.enrol(NEIGHBOUR)
    number = travel.receive(deciding=HERE)
    parcel = pack(travel, HERE, number, to_point=NEIGHBOUR)
    travel.carry()
    assert held(travel, NEIGHBOUR, parcel) == of(travel, parcel)
    assert held(travel, NEIGHBOUR, number) == of(travel, number)
    assert held(travel, CENTRE, parcel) == set()
    travel.forward(number)  # now the centre is a party of the case, and so of its parcel
    travel.carry()
    assert held(travel, CENTRE, parcel) == of(travel, parcel)


def test_a_slip_that_central_heard_of_first_goes_to_the_point_in_the_number(
    travel: Journey,
) -> None:
    number = travel.receive()
    travel.central_states("slip.filled", number, sealed=SLIP, channel="qr")
    travel.router.take_in()
    travel.router.deliver()
    assert len(held(travel, HERE, number)) == 1
    travel.carry()
    travel.carry()
    with travel.at(HERE) as store:
        case = store.case(number)
        assert case is not None
        assert len(case.slips) == 1
        assert SLIP in [store.unseal(event) for event in store.events(number)]


def test_nothing_is_put_twice_and_a_repeat_puts_nothing(travel: Journey) -> None:
    number = travel.receive()
    travel.forward(number)
    travel.carry()
    before = travel.inbox(CENTRE).changes("0", limit=1000).rows
    assert travel.router.deliver() == 0
    forget_given(travel.router.store)
    travel.router.store.set_cursor("delivered", "0")
    forgetful = Router(travel.district)
    assert forgetful.deliver() > 0
    forgetful.close()
    after = travel.inbox(CENTRE).changes("0", limit=1000).rows
    assert {row.id for row in after} == {row.id for row in before}


def test_two_routers_at_once_leave_the_same_inboxes(travel: Journey) -> None:
    second = Router(travel.district, "second.db")
    try:
        number = travel.receive()
        travel.forward(number)
        travel.push(HERE)
        travel.router.take_in()
        second.take_in()
        travel.router.deliver()
        revs = {doc["_id"]: doc["_rev"] for doc in travel.inbox(CENTRE).range("", "~", limit=99)}
        second.deliver()
        assert revs == {
            doc["_id"]: doc["_rev"] for doc in travel.inbox(CENTRE).range("", "~", limit=99)
        }
        travel.pull(CENTRE)
        with travel.at(CENTRE) as store:
            assert store.unseal(store.events(number)[0]) == PERSON
            assert store.parked() == []
    finally:
        second.close()


def test_a_line_cut_at_any_request_leaves_every_inbox_whole_in_the_end(
    frayed: Journey, fray: Fray
) -> None:
    for moment in ("before", "after"):
        for at in range(6):
            number = frayed.receive()
            frayed.forward(number)
            frayed.push(HERE)
            fray.mend()
            frayed.router.take_in()
            fray.cut_at(at, moment)
            with suppress(RemoteUnavailable):
                frayed.router.deliver()
            fray.mend()
            frayed.router.deliver()
            for code in (HERE, CENTRE):
                assert held(frayed, code, number) == of(frayed, number)
    frayed.carry()
    assert frayed.problems() == []


@pytest.mark.parametrize("moment", ["before", "after"])
def test_an_inbox_made_anew_is_full_in_the_end_wherever_the_filling_broke_off(
    frayed: Journey, fray: Fray, moment: str
) -> None:
    numbers = [frayed.receive() for _ in range(3)]
    frayed.carry()
    for at in range(12):
        frayed.server.drop(inbox_name(HERE))
        prepare_couch(frayed.district, frayed.server)
        fray.mend()
        frayed.router.delivery.audit()
        fray.cut_at(at, moment)
        with suppress(RemoteUnavailable):
            frayed.router.deliver()
        fray.mend()
        frayed.router.deliver()
        for number in numbers:
            assert held(frayed, HERE, number) == of(frayed, number)


# keys


def test_a_key_in_an_inbox_opens_for_that_points_stores_only(travel: Journey) -> None:
    number = travel.receive()
    travel.forward(number)
    travel.carry()
    boxes = {code: travel.nodes[code].box for code in (HERE, CENTRE)}
    for code, other in ((HERE, CENTRE), (CENTRE, HERE)):
        doc = travel.inbox(code).get(sorted(of(travel, number))[0])
        assert doc is not None
        envelope = read_envelope(doc)
        assert boxes[code].unwrap(envelope.keys) is not None
        assert boxes[other].unwrap(envelope.keys) is None
        assert travel.district.secrets.box.unwrap(envelope.keys) is None


def test_who_has_another_points_inbox_opens_nothing_in_it(travel: Journey) -> None:
    number = travel.receive()
    travel.forward(number)
    travel.enrol(NEIGHBOUR)
    travel.carry()
    docs = travel.inbox(CENTRE).range("", "~", limit=100)
    with travel.at(NEIGHBOUR) as store:
        store.merge([read_envelope(doc) for doc in docs if "event" in doc])
        for event in store.events(number):
            if event.sealed:
                with pytest.raises(CannotUnseal):
                    store.unseal(event)


# stores and inboxes that are new, replaced, or lost


def test_a_point_enrolled_late_gets_what_waited_for_it(travel: Journey) -> None:
    number = travel.receive(deciding=SUBDISTRICT)
    travel.forward(number, to=SUBDISTRICT)
    travel.carry()
    assert travel.inbox_events(SUBDISTRICT) == set()
    travel.enrol(SUBDISTRICT)
    travel.carry()
    with travel.at(SUBDISTRICT) as store:
        assert store.unseal(store.events(number)[0]) == PERSON


def test_a_replaced_pc_is_refilled_with_everything_and_can_open_it(travel: Journey) -> None:
    mine, theirs = travel.receive(), travel.receive(CENTRE, deciding=CENTRE)
    travel.forward(mine)
    travel.carry()
    travel.state(CENTRE, "case.accepted", mine)
    travel.carry()
    travel.enrol(HERE)
    travel.carry()
    travel.carry()
    with travel.at(HERE) as store:
        case = store.case(mine)
        assert case is not None
        assert case.state is CaseState.ACCEPTED
        assert store.unseal(store.events(mine)[0]) == PERSON
        assert store.case(theirs) is None
    assert travel.problems() == []
    assert travel.receive() not in (mine, theirs)


def test_a_deleted_inbox_is_made_anew_and_filled_whole_and_holds_up_nobody(
    travel: Journey,
) -> None:
    first = travel.receive()
    travel.forward(first)
    travel.carry()
    travel.server.drop(inbox_name(CENTRE))
    second = travel.receive()
    travel.forward(second)
    travel.push(HERE)
    travel.router.take_in()
    travel.router.deliver()
    assert held(travel, HERE, second) == of(travel, second)
    travel.router.deliver()
    for number in (first, second):
        assert held(travel, CENTRE, number) == of(travel, number)


def test_an_inbox_that_is_still_missing_is_tried_again_each_time(travel: Journey) -> None:
    number = travel.receive()
    travel.forward(number)
    travel.push(HERE)
    travel.router.take_in()
    travel.server.drop(inbox_name(CENTRE))
    travel.router.delivery._restore = lambda point: None
    for _ in range(3):
        travel.router.deliver()
    assert held(travel, HERE, number) == of(travel, number)
    with pytest.raises(Missing):
        travel.inbox_events(CENTRE)
    travel.router.delivery._restore = lambda point: prepare_point(
        travel.district, travel.server, point
    )
    travel.router.deliver()
    assert held(travel, CENTRE, number) == of(travel, number)


def test_an_inbox_emptied_behind_our_back_is_found_by_the_audit(travel: Journey) -> None:
    number = travel.receive()
    travel.forward(number)
    travel.carry()
    assert travel.router.delivery.audit() == ()
    travel.server.drop(inbox_name(CENTRE))
    prepare_point(travel.district, travel.server, CENTRE)
    assert travel.router.delivery.audit() == (CENTRE,)
    travel.router.deliver()
    assert held(travel, CENTRE, number) == of(travel, number)
    assert travel.router.delivery.audit() == ()


def test_the_audit_puts_back_what_an_inbox_lost_from_its_midst(
    travel: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Part by part: after some sweeps every inbox was compared whole, and then again."""
    monkeypatch.setattr(delivery, "AUDIT_AT_ONCE", 5)
    monkeypatch.setattr(delivery, "IDS_AT_ONCE", 2)
    numbers = [travel.receive() for _ in range(6)]
    for number in numbers:
        travel.forward(number)
    travel.carry()
    whole = {code: travel.inbox_events(code) for code in (HERE, CENTRE)}
    lost = {CENTRE: [of(travel, n) for n in numbers[1:4]], HERE: [of(travel, numbers[2])]}
    for _ in range(2):
        for code, parts in lost.items():
            inbox = travel.inbox(code)
            for id in set.union(*parts):
                inbox.delete(id, (inbox.get(id) or {})["_rev"])
        sweeps = 0
        while {code: travel.inbox_events(code) for code in whole} != whole:
            assert travel.router.delivery.audit() == ()
            sweeps += 1
        assert 1 < sweeps < 6
    assert travel.problems() == []


def test_what_is_not_delivered_yet_is_no_business_of_the_audit(travel: Journey) -> None:
    travel.carry()
    travel.receive()
    travel.push(HERE)
    travel.router.take_in()
    before = travel.inbox_events(HERE)
    travel.router.delivery.audit()
    assert travel.inbox_events(HERE) == before
    travel.router.deliver()
    assert travel.inbox_events(HERE) > before


def test_somebody_who_tampers_with_an_inbox_document_is_corrected_at_the_next_filling(
    travel: Journey,
) -> None:
    number = travel.receive()
    travel.forward(number)
    travel.carry()
    id = sorted(of(travel, number))[0]
    doc = travel.inbox(CENTRE).get(id)
    assert doc is not None
    travel.inbox(CENTRE).put({**doc, "event": {**doc["event"], "actor": "s-9"}})
    travel.router.delivery._fall_behind(CENTRE)
    travel.router.deliver()
    assert (travel.inbox(CENTRE).get(id) or {})["event"] == doc["event"]
