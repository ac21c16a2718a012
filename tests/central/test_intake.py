"""Intake: everything honest is journaled once, nothing forged is, and a receipt is never early."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest

from cases.events import parse
from cases.folded import StoreBook
from central.district import JOURNAL
from sync.canonical import digest
from sync.errors import Missing, RemoteUnavailable
from sync.ports import Doc
from sync.pull import pull_once
from sync.push import outbox_id
from sync.seal import Box, new_key, wrap_to
from sync.sign import Signer
from tests.central.travel import CENTRE, HERE, NEIGHBOUR, PERSON, Fray, Journey, Router


def journaled(travel: Journey) -> list[str]:
    docs = travel.server.database(JOURNAL).range("", "~", limit=100_000, docs=False)
    return [doc["_id"] for doc in docs]


def receipt(travel: Journey, code: str = HERE) -> tuple[int, str]:
    author = travel.nodes[code].identity.author
    doc = travel.inbox(code).get(f"receipt:{author}") or {"n": 0, "hash": ""}
    return doc["n"], doc["hash"]


def refusals(travel: Journey, code: str = HERE) -> list[dict[str, Any]]:
    book = travel.router.store.subject(travel.nodes[code].identity.author)
    assert isinstance(book, StoreBook)
    return list(book.refused)


class Rogue:
    """A point's PC in the wrong hands: it has the point's key and writes what it likes."""

    def __init__(self, travel: Journey, code: str = HERE) -> None:
        self.travel, self.code = travel, code
        self.identity = travel.nodes[code].identity
        with travel.at(code) as store:
            self.n, self.prev = store.head(self.identity.author)

    def put(self, subject: str = "", *, signer: Signer | None = None, **change: Any) -> Doc:
        """The next event, with something about it changed, in the point's own outbox."""
        author = self.identity.author
        doc = {
            "id": f"{subject or author}:{self.n + 1:04d}-{author}", "v": 1,
            "type": "case.resident_told", "at": self.travel.clock(), "author": author,
            "n": self.n + 1, "actor": "s-1", "data": {"how": "phone"}, "prev": self.prev, **change,
        }  # fmt: skip
        signed = (signer or self.identity.signer).sign(doc)
        self.n, self.prev = self.n + 1, digest(signed)
        return self.put_raw({"event": signed})

    def put_raw(self, doc: Doc, box: str = "") -> Doc:
        doc = {"_id": outbox_id(self.identity.author, self.n), **doc}
        self.travel.outbox(box or self.code).put(doc)
        return doc


# what is honest


def test_what_a_point_wrote_is_journaled_and_receipted_with_its_hash(travel: Journey) -> None:
    number = travel.receive()
    travel.push(HERE)
    assert travel.router.take_in() == 1
    with travel.at(HERE) as store:
        assert receipt(travel) == store.head(travel.nodes[HERE].identity.author)
    case = travel.router.store.case(number)
    assert case is not None
    assert case.point == HERE
    assert travel.router.store.unseal(travel.router.store.events(number)[0]) == PERSON


def test_taking_in_twice_changes_nothing(travel: Journey) -> None:
    travel.receive()
    travel.push(HERE)
    travel.router.take_in()
    before = journaled(travel), receipt(travel)
    assert travel.router.take_in() == 0
    assert (journaled(travel), receipt(travel)) == before


def test_two_routers_at_once_journal_each_event_once(travel: Journey) -> None:
    second = Router(travel.district, "second.db")
    try:
        for _ in range(3):
            travel.receive()
        travel.push(HERE)
        stale = second.intake
        while second.store.head(travel.nodes[HERE].identity.author)[0] == 0:
            second.take_in()
        travel.receive()
        travel.push(HERE)
        assert travel.router.take_in() >= 1
        assert stale.take_in(HERE) == 1  # it had not heard of it, and finds it there
        assert len(journaled(travel)) == len(set(journaled(travel))) == 6
        assert travel.problems() == []
    finally:
        second.close()


def test_a_gap_stops_the_reading_until_it_is_filled(travel: Journey) -> None:
    author = travel.nodes[HERE].identity.author
    for _ in range(3):
        travel.receive()
    travel.push(HERE)
    outbox = travel.outbox(HERE)
    missing = outbox.get(outbox_id(author, 3))
    assert missing is not None
    outbox.delete(missing["_id"], missing["_rev"])
    travel.router.take_in()
    assert receipt(travel)[0] == 2
    travel.push(HERE)
    travel.router.take_in()
    assert receipt(travel)[0] == 4
    assert travel.problems() == []


def test_an_event_proves_itself_as_long_as_nobody_certified_its_author(travel: Journey) -> None:
    """Central forgot the author's first event, and the disk is lost before it sends it again."""
    travel.enrol(NEIGHBOUR)
    author = travel.nodes[NEIGHBOUR].identity.author
    number = travel.receive(NEIGHBOUR)
    travel.push(NEIGHBOUR)
    outbox = travel.outbox(NEIGHBOUR)
    first = outbox.get(outbox_id(author, 1)) or {}
    outbox.delete(first["_id"], first["_rev"])
    assert travel.router.intake.take_in(NEIGHBOUR) == 2
    assert receipt(travel, NEIGHBOUR)[0] == 2
    docs = travel.server.database(JOURNAL).range(f"{number}:", f"{number};", limit=9)
    assert [(doc["cert"]["author"], "opened" in doc) for doc in docs] == [(author, False)]
    travel.router.deliver()
    travel.pull(NEIGHBOUR)
    travel.receive(NEIGHBOUR)
    travel.push(NEIGHBOUR)
    last = outbox.get(outbox_id(author, 3)) or {}
    assert last["cert"]["author"] == author
    assert "opened" not in last
    assert travel.problems() == []


def test_what_came_along_and_is_no_first_event_opens_nothing(twin: Journey) -> None:
    rogue = Rogue(twin, CENTRE)
    author = f"{CENTRE}.evil"
    other = {**Rogue(twin).put()["event"], "author": author, "n": 2}
    for opened in ("x", {}, {"author": author, "n": 1}, {"author": author, "n": 7}):
        id = outbox_id(author, 2)
        known = twin.outbox(CENTRE).get(id) or {}
        rev = {"_rev": known["_rev"]} if known else {}
        twin.outbox(CENTRE).put({"_id": id, "event": other, "opened": opened, **rev})
        twin.router.take_in()
        assert not twin.router.store.certificate(author)
    assert rogue.n == 1


def test_an_outbox_made_anew_goes_on_where_the_journal_ends(travel: Journey) -> None:
    travel.receive()
    travel.carry()
    travel.server.drop(f"outbox-{HERE}")
    travel.server.create(f"outbox-{HERE}")
    travel.receive()
    travel.push(HERE)
    assert travel.router.take_in() == 1
    assert receipt(travel)[0] == 3


def test_a_receipt_that_was_lost_is_written_again(travel: Journey) -> None:
    travel.receive()
    travel.carry()
    id = f"receipt:{travel.nodes[HERE].identity.author}"
    before = receipt(travel)
    travel.inbox(HERE).delete(id, (travel.inbox(HERE).get(id) or {})["_rev"])
    travel.router.take_in()
    assert receipt(travel) == before


def test_a_missing_outbox_holds_up_nobody(travel: Journey) -> None:
    travel.server.drop(f"outbox-{CENTRE}")
    travel.receive()
    travel.push(HERE)
    assert travel.router.take_in() == 1


def test_a_line_cut_at_any_request_loses_nothing_and_journals_nothing_twice(
    frayed: Journey, fray: Fray
) -> None:
    frayed.receive()
    frayed.push(HERE)
    fray.mend()
    frayed.router.take_in()
    requests = fray.count
    assert requests > 5
    for moment in ("before", "after"):
        for at in range(requests):
            frayed.receive()
            frayed.push(HERE)
            early = receipt(frayed)
            fray.cut_at(at, moment)
            with suppress(RemoteUnavailable):
                frayed.router.take_in()
            fray.mend()
            known = frayed.router.store.head(frayed.nodes[HERE].identity.author)
            assert receipt(frayed) in (early, known)
            frayed.router.take_in()
            with frayed.at(HERE) as store:
                assert receipt(frayed) == store.head(frayed.nodes[HERE].identity.author)
    assert frayed.problems() == []


def test_a_receipt_comes_only_after_the_journal(frayed: Journey, fray: Fray) -> None:
    """Whatever is cut: what a receipt covers stands in the journal."""
    for at in range(12):
        frayed.receive()
        frayed.push(HERE)
        fray.cut_at(at, "after")
        with suppress(RemoteUnavailable):
            frayed.router.take_in()
        fray.mend()
        events = {id for id in journaled(frayed) if frayed.nodes[HERE].identity.author in id}
        assert receipt(frayed)[0] <= len(events)


# what is not


@pytest.mark.parametrize(
    ("doc", "words"),
    [
        ({}, "看不懂"),
        ({"event": "x"}, "看不懂"),
        ({"event": {"id": 5}}, "看不懂"),
        ({"event": {}, "keys": [{"for": 5}]}, "看不懂"),
    ],
)
def test_what_cannot_be_read_is_refused_passed_over_and_told(
    twin: Journey, doc: Doc, words: str
) -> None:
    rogue = Rogue(twin)
    rogue.n += 1
    rogue.put_raw(doc)
    rogue.prev = "sha256:whatever"
    good = rogue.put()
    twin.router.take_in()
    ((refused),) = refusals(twin)
    assert (refused["n"], words in refused["why"]) == (2, True)
    assert receipt(twin) == (3, digest(good["event"]))
    twin.router.deliver()
    with twin.at(HERE) as store:
        pull_once(store, twin.inbox(HERE))
        book = store.subject(rogue.identity.author)
        assert isinstance(book, StoreBook)
        assert book.refused == tuple(refusals(twin))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"signer": Signer.new()}, "签名不符"),
        ({"prev": "sha256:of something else"}, "与前一条接不上"),
        ({"n": 9}, "序号"),
        ({"subject": "GL031-261122-0001-B", "type": "case.received", "author": "x"}, "看不懂"),
        ({"subject": "GL014-261122-0001-B", "type": "case.received"}, "编号不属于这个受理点"),
        ({"subject": "VGL001-261122-0001-Z", "type": "visit.opened"}, "编号不属于这个受理点"),
        ({"sealed": {"alg": "A256GCM", "nonce": "", "ct": ""}}, "没有附上中心能打开的密钥"),
        ({"at": "2026-19-39T00:00:00Z"}, "看不懂"),
        ({"subject": "moon-base-1"}, "看不懂"),
    ],
)  # fmt: skip
def test_what_is_forged_or_broken_is_refused_and_the_reading_goes_on(
    twin: Journey, change: dict[str, Any], words: str
) -> None:
    rogue = Rogue(twin)
    refused_doc = rogue.put(**change)
    rogue.prev = digest(refused_doc["event"])
    rogue.put()
    twin.router.take_in()
    assert refusals(twin)[0]["n"] == 2
    assert words in refusals(twin)[0]["why"]
    assert receipt(twin)[0] == 3
    said = twin.inbox(HERE).get(f"receipt:{rogue.identity.author}") or {}
    assert said["parted"] == [[1, twin.router.store.hash_at(rogue.identity.author, 1)]]
    assert not any(id == refused_doc["event"].get("id") for id in journaled(twin))


def test_a_broken_key_is_refused_and_kills_nothing(travel: Journey) -> None:
    rogue = Rogue(travel)
    mine = travel.district.secrets.box.public
    sealed = {"alg": "A256GCM", "nonce": "AAAA", "ct": "AAAA"}
    for wrap in (
        {"for": mine}, {"for": mine, "eph": "?", "nonce": "", "ct": ""},
        {**wrap_to(mine, new_key()), "ct": "AAAA"}, wrap_to(Box.new().public, new_key()),
        {"for": travel.clock()[:7], "nonce": "AAAA", "ct": "AAAA"},
    ):  # fmt: skip
        doc = rogue.put(sealed=sealed)
        doc = {**(travel.outbox(HERE).get(doc["_id"]) or {}), "keys": [wrap]}
        travel.outbox(HERE).put(doc)
    travel.router.take_in()
    assert [refused["n"] for refused in refusals(travel)] == [2, 3, 4, 5, 6]


def test_one_name_for_two_events_is_refused(travel: Journey) -> None:
    rogue = Rogue(travel)
    number = travel.receive()
    travel.push(HERE)
    rogue = Rogue(travel)
    first = rogue.put(number)
    rogue.put(number, id=first["event"]["id"], data={"how": "sms"})
    rogue.put(number)
    travel.router.take_in()
    (refused,) = refusals(travel)
    assert (refused["n"], "占用" in refused["why"]) == (4, True)
    assert receipt(travel)[0] == 5


def test_a_point_cannot_make_central_pass_over_anothers_events(travel: Journey) -> None:
    """HERE puts rubbish under CHEN's name into its own outbox: CHEN's journal stays whole."""
    victim = travel.nodes[CENTRE].identity.author
    for rubbish in ({}, {"event": {"id": "x"}}):
        travel.outbox(HERE).put({"_id": outbox_id(victim, 2 + len(rubbish)), **rubbish})
    forged = Rogue(travel).put(author=victim, id=f"{victim}:0002-{victim}")
    travel.outbox(HERE).put({"_id": outbox_id(victim, 4), "event": forged["event"]})
    travel.router.take_in()
    assert refusals(travel, CENTRE) == []
    assert receipt(travel, CENTRE)[0] == 1
    travel.receive(CENTRE)
    travel.push(CENTRE)
    travel.router.take_in()
    assert receipt(travel, CENTRE)[0] == 2


def test_anybody_may_pass_on_what_another_author_signed(travel: Journey) -> None:
    travel.receive()
    travel.push(HERE)
    author = travel.nodes[HERE].identity.author
    doc = travel.outbox(HERE).get(outbox_id(author, 2))
    assert doc is not None
    travel.server.drop(f"outbox-{HERE}")
    travel.outbox(CENTRE).put({k: v for k, v in doc.items() if k != "_rev"})
    travel.router.take_in()
    assert receipt(travel)[0] == 2


def opening(author: str, signer: Signer, **data: Any) -> Doc:
    fields = {"sign_key": signer.public, "box_key": Box.new().public, "software": "0",
              "range": "plain", **data}  # fmt: skip
    return {"event": signer.sign({
        "id": f"{author}:0001-{author}", "v": 1, "type": "store.opened", "n": 1, "prev": "",
        "at": "2026-11-22T00:00:00Z", "author": author, "actor": "node", "data": fields,
    })}  # fmt: skip


def test_a_key_is_taken_only_from_the_points_own_outbox(travel: Journey) -> None:
    signer, author = Signer.new(), f"{NEIGHBOUR}.k3f9"
    travel.outbox(HERE).put({"_id": outbox_id(author, 1), **opening(author, signer)})
    travel.router.take_in()
    assert travel.router.store.head(author) == (0, "")
    travel.outbox(NEIGHBOUR).put({"_id": outbox_id(author, 1), **opening(author, signer)})
    travel.router.take_in()
    assert travel.router.store.head(author)[0] == 1


@pytest.mark.parametrize(
    "data", [{"box_key": ""}, {"box_key": "A" * 43 + "="}, {"box_key": 5}, {"sign_key": None}]
)
def test_a_store_with_keys_that_nobody_can_use_is_not_opened(
    twin: Journey, data: dict[str, Any]
) -> None:
    author = f"{NEIGHBOUR}.k3f9"
    twin.outbox(NEIGHBOUR).put(
        {"_id": outbox_id(author, 1), **opening(author, Signer.new(), **data)}
    )
    twin.router.take_in()
    twin.router.deliver()
    book = twin.router.store.subject(author)
    assert isinstance(book, StoreBook)
    assert (book.box_key, [r["n"] for r in book.refused]) == ("", [1])


def test_what_is_no_authors_name_in_an_outbox_is_passed_by(travel: Journey) -> None:
    for id in ("rubbish", "a:b:c", "~", "zzz", f"{HERE}.k3f9", "central.evil:0000000001"):
        travel.outbox(HERE).put({"_id": id, "event": {}})
    travel.receive()
    travel.push(HERE)
    travel.router.take_in()
    assert receipt(travel)[0] == 2


def test_a_fact_of_somebody_not_entitled_is_journaled_for_the_fold_to_judge(
    travel: Journey,
) -> None:
    number = travel.receive()
    travel.forward(number)
    travel.push(HERE)
    rogue = Rogue(travel)
    rogue.put(number, type="case.approved", data={}, id=f"{number}:0003-{rogue.identity.author}")
    travel.router.take_in()
    case = travel.router.store.case(number)
    assert case is not None
    assert case.state.value == "forwarded"
    assert [step.verdict for step in case.steps] == ["ok", "ok", "set_aside"]
    assert refusals(travel) == []


def test_the_receiving_point_hears_when_the_inbox_is_missing_only_that_it_waits(
    travel: Journey,
) -> None:
    travel.server.drop(f"inbox-{HERE}")
    travel.receive()
    travel.push(HERE)
    travel.router.take_in()
    assert len(journaled(travel)) == 3
    with pytest.raises(Missing):
        travel.inbox(HERE).get("receipt")


def test_every_journaled_event_can_be_parsed_and_its_key_opened_by_central_alone(
    travel: Journey,
) -> None:
    travel.receive()
    travel.carry()
    for doc in travel.server.database(JOURNAL).range("", "~", limit=100):
        event = parse(doc["event"])
        assert event.id == doc["_id"]
        assert doc["cert"]["author"] == event.author
        assert doc["heard"]
        if event.sealed:
            assert {wrap["for"] for wrap in doc["keys"]} == {travel.clock()[:7]}
