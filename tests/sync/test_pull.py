"""Pull: data before cursor, every step again as often as need be, and what receipts tell."""

from __future__ import annotations

from typing import Any

import pytest

from cases.events import parse
from sync import registers
from sync.db import write
from sync.errors import Missing, NotCouch, RemoteUnavailable
from sync.memory import MemoryServer
from sync.ports import Database
from sync.pull import OtherLife, Pulled, pull_once
from sync.push import CopiedStore, outbox_id
from sync.store import Envelope, Receipt, envelope_doc
from sync.word import CURSOR, OFFER, Word, ask_central
from tests.cases.facts import CENTRE
from tests.sync.cast import SEALED, Desk, dump


@pytest.fixture
def server() -> MemoryServer:
    server = MemoryServer()
    server.create("inbox")
    return server


@pytest.fixture
def inbox(server: MemoryServer) -> Database:
    return server.database("inbox")


def deliver(inbox: Database, envelopes: list[Envelope]) -> None:
    for row in inbox.bulk([envelope_doc(e.event.id, e) for e in envelopes]):
        assert row.ok


def pull_all(desk: Desk, inbox: Database, batch: int = 200) -> list[Pulled]:
    steps = [pull_once(desk.store, inbox, batch=batch)]
    while not steps[-1].caught_up:
        steps.append(pull_once(desk.store, inbox, batch=batch))
    return steps


def receipt(
    inbox: Database, desk: Desk, n: int, hash: str | None = None, at: str = "t", **more: Any
) -> None:
    id = f"receipt:{desk.author}"
    rev = {"_rev": known["_rev"]} if (known := inbox.get(id)) else {}
    said = desk.store.hash_at(desk.author, n) if hash is None else hash
    inbox.put({"_id": id, "n": n, "hash": said, "at": at, **rev, **more})


def test_what_was_delivered_is_known_folded_and_can_be_opened(
    lin: Desk, chen: Desk, inbox: Database
) -> None:
    number = lin.receive()
    lin.state("case.forwarded", number, to=CENTRE)
    deliver(inbox, lin.envelopes(chen.box))
    (pulled,) = pull_all(chen, inbox)
    assert (pulled.taken, len(pulled.new)) == (3, 3)
    case = chen.store.case(number)
    assert case is not None
    assert case.holder == CENTRE
    assert chen.store.unseal(chen.store.events(number)[0]) == SEALED
    assert registers.find(chen.store.db, SEALED["name"]) == [number]
    assert pull_all(chen, inbox) == [Pulled(0, (), True)]


def test_a_long_inbox_is_taken_in_by_pages(lin: Desk, chen: Desk, inbox: Database) -> None:
    for _ in range(7):
        lin.receive()
    deliver(inbox, lin.envelopes(chen.box))
    steps = pull_all(chen, inbox, batch=3)
    assert [step.taken for step in steps] == [3, 3, 2]
    assert chen.store.head(lin.author)[0] == 8


@pytest.mark.parametrize("moment", ["before", "after"])
def test_an_answer_that_is_lost_takes_nothing_in_and_is_asked_for_again(
    lin: Desk, chen: Desk, server: MemoryServer, inbox: Database, moment: str
) -> None:
    lin.receive()
    deliver(inbox, lin.envelopes(chen.box))
    before = dump(chen.store)

    def cut(verb: str, name: str) -> None:
        raise RemoteUnavailable("the line is cut")

    setattr(server, moment, cut)
    with pytest.raises(RemoteUnavailable):
        pull_once(chen.store, inbox)
    assert dump(chen.store) == before
    setattr(server, moment, lambda verb, name: None)
    assert pull_once(chen.store, inbox).taken == 2


def test_pulling_from_the_start_again_changes_nothing(
    lin: Desk, chen: Desk, inbox: Database
) -> None:
    lin.receive()
    deliver(inbox, lin.envelopes(chen.box))
    pull_all(chen, inbox)
    before = dump(chen.store)
    chen.store.set_cursor(CURSOR, "0")
    pull_all(chen, inbox)
    assert dump(chen.store) == before


def test_documents_beside_the_journal_are_kept_changed_and_dropped(
    chen: Desk, inbox: Database
) -> None:
    rev = inbox.put({"_id": "staff:x", "accounts": [1]})
    inbox.put({"_id": "block:b", "first": 1})
    pull_all(chen, inbox)
    assert chen.store.document("staff:x") == {"id": "staff:x", "rev": rev, "accounts": [1]}
    inbox.put({"_id": "staff:x", "_rev": rev, "accounts": []})
    inbox.delete("block:b", inbox.get("block:b")["_rev"])  # type: ignore[index]
    pull_all(chen, inbox)
    assert (chen.store.document("staff:x") or {})["accounts"] == []
    assert chen.store.document("block:b") is None


@pytest.mark.parametrize(
    "doc", [{"event": None}, {"event": 5}, {"event": {"id": "x"}}, {"event": {}, "keys": 1}]
)
def test_what_nobody_understands_is_put_aside_for_a_person_and_holds_nothing_up(
    lin: Desk, chen: Desk, inbox: Database, doc: dict[str, Any]
) -> None:
    inbox.put({"_id": "a-riddle", **doc})
    deliver(inbox, lin.envelopes(chen.box))
    (pulled,) = pull_all(chen, inbox)
    assert len(pulled.new) == 1
    ((id, why, _),) = chen.store.parked()
    assert id == "a-riddle"
    assert "收件箱里有看不懂的内容" in why


def test_what_could_be_read_after_all_waits_for_nobody_any_more(
    lin: Desk, chen: Desk, inbox: Database
) -> None:
    """Somebody spoiled a document of the inbox; central has put it right."""
    envelope = lin.envelopes(chen.box)[0]
    rev = inbox.put({"_id": envelope.event.id, "event": {"id": "x"}})
    pull_all(chen, inbox)
    assert len(chen.store.parked()) == 1
    inbox.put({**envelope_doc(envelope.event.id, envelope), "_rev": rev})
    pull_all(chen, inbox)
    assert chen.store.parked() == []
    assert chen.store.event(envelope.event.id) is not None


def test_a_document_of_a_kind_that_only_a_newer_version_knows_is_kept_untouched(
    lin: Desk, chen: Desk, inbox: Database
) -> None:
    new = {"for": "GL031-261122-0001-B", "steps": [{"at": None, "ok": True}], "名": "林"}
    rev = inbox.put({"_id": "plan:7", **new})
    deliver(inbox, lin.envelopes(chen.box))
    (pulled,) = pull_all(chen, inbox)
    assert len(pulled.new) == 1
    assert chen.store.parked() == []
    kept = chen.store.document("unknown:plan:7")
    assert kept == {"id": "plan:7", "rev": rev, **new}
    inbox.delete("plan:7", rev)
    pull_all(chen, inbox)
    assert chen.store.document("unknown:plan:7") is None


def test_a_document_of_an_unknown_kind_takes_the_place_of_none_that_is_known(
    chen: Desk, inbox: Database
) -> None:
    with write(chen.store.db):
        chen.store.set_document("offline", {"mine": True})
    inbox.put({"_id": "offline", "mine": False})
    pull_all(chen, inbox)
    assert chen.store.document("offline") == {"mine": True}


def test_a_missing_inbox_is_said(chen: Desk, server: MemoryServer) -> None:
    with pytest.raises(Missing):
        pull_once(chen.store, server.database("nowhere"))


# receipts


def ask(desk: Desk, inbox: Database, *sent: Envelope) -> Word:
    """Ask for central's word; ``sent`` is what the outbox holds."""
    server = MemoryServer()
    server.create("outbox")
    outbox = server.database("outbox")
    for each in sent:
        outbox.put(envelope_doc(outbox_id(each.event.author, each.event.n), each))
    return ask_central(desk.store, desk.author, inbox, outbox)


def test_a_receipt_makes_events_safe(lin: Desk, inbox: Database) -> None:
    lin.receive()
    receipt(inbox, lin, 2, at="2026-11-22T02:00:00Z")
    pull_all(lin, inbox)
    assert lin.store.waiting(lin.author) == 0
    assert lin.store.receipt(lin.author).at == "2026-11-22T02:00:00Z"
    assert ask(lin, inbox).lost is False


def test_a_lower_receipt_says_that_central_was_restored(lin: Desk, inbox: Database) -> None:
    for _ in range(3):
        lin.receive()
    receipt(inbox, lin, 4)
    pull_all(lin, inbox)
    receipt(inbox, lin, 2)
    pull_all(lin, inbox)
    assert lin.store.receipt(lin.author).n == 4  # only the direct look may lower it
    assert ask(lin, inbox).lost is True
    assert lin.store.receipt(lin.author).n == 2
    assert lin.store.cursor(CURSOR) == "0"
    assert ask(lin, inbox).lost is False


def test_a_receipt_that_is_gone_says_so_too(lin: Desk, inbox: Database) -> None:
    lin.receive()
    receipt(inbox, lin, 2)
    pull_all(lin, inbox)
    inbox.delete(f"receipt:{lin.author}", inbox.get(f"receipt:{lin.author}")["_rev"])  # type: ignore[index]
    assert ask(lin, inbox).lost is True
    assert lin.store.receipt(lin.author) == Receipt(0, "", "t")
    assert ask(lin, inbox).lost is False


def test_before_the_first_receipt_nothing_is_lost(lin: Desk, inbox: Database) -> None:
    assert ask(lin, inbox).lost is False


def test_a_receipt_that_passes_over_something_foreign_is_taken(lin: Desk, inbox: Database) -> None:
    lin.receive()
    receipt(inbox, lin, 2, hash="")
    assert ask(lin, inbox).lost is False
    assert lin.store.waiting(lin.author) == 0


def test_a_receipt_for_another_event_at_our_place_shows_a_copied_store(
    lin: Desk, inbox: Database
) -> None:
    for _ in range(3):
        lin.receive()
    deliver(inbox, lin.envelopes(lin.box)[:2])
    receipt(inbox, lin, 4, hash="sha256:another")
    pull_all(lin, inbox)
    assert lin.store.receipt(lin.author).n == 0
    with pytest.raises(CopiedStore) as found:
        ask(lin, inbox)
    assert (found.value.author, found.value.n) == (lin.author, 3)


def test_a_receipt_for_more_than_was_written_here_shows_it_too(lin: Desk, inbox: Database) -> None:
    deliver(inbox, lin.envelopes(lin.box))
    receipt(inbox, lin, 9, hash="sha256:later")
    with pytest.raises(CopiedStore) as found:
        ask(lin, inbox)
    assert found.value.n == 2


def test_a_receipt_that_passes_over_what_does_not_follow_names_where_another_life_began(
    lin: Desk, inbox: Database
) -> None:
    """Its last event is ours, and was refused: what central holds below it is another life's."""
    for _ in range(4):
        lin.receive()
    deliver(inbox, lin.envelopes(lin.box)[:2])
    ours = [2, lin.store.hash_at(lin.author, 2)]
    receipt(inbox, lin, 5, parted=[ours, [3, "sha256:another"]])
    pull_all(lin, inbox)
    assert lin.store.receipt(lin.author).n == 0
    with pytest.raises(CopiedStore) as found:
        ask(lin, inbox)
    assert (found.value.author, found.value.n) == (lin.author, 3)
    receipt(inbox, lin, 5, parted=[ours])
    assert not ask(lin, inbox).lost
    assert lin.store.receipt(lin.author).n == 5


def test_of_an_earlier_name_a_receipt_counts_where_what_was_sent_leads_on_to_it(
    lin: Desk, inbox: Database
) -> None:
    """A data file put back lacks the last events, and the inbox gives back only what it must."""
    for _ in range(5):
        lin.receive()
    envelopes = lin.envelopes(lin.box)
    receipt(inbox, lin, 6, parted=[[2, lin.store.hash_at(lin.author, 2)]])  # the third was refused
    deliver(inbox, envelopes[:2])
    lin.tamper("DELETE FROM events WHERE author=? AND n>3", lin.author)
    earlier, lin.author = lin.author, f"{lin.author[:-1]}b"
    ask_central(lin.store, lin.author, inbox, MemoryServer().database("dropped"))
    for sent in ([], envelopes[:5], envelopes[4:]):
        ask(lin, inbox, *sent)
        assert lin.store.waiting(earlier) == 3  # it may be of what another store wrote so
    other = parse({**envelopes[3].event.doc, "prev": "sha256:another"})
    ask(lin, inbox, envelopes[3]._replace(event=other), *envelopes[4:])
    assert lin.store.waiting(earlier) == 3
    assert not ask(lin, inbox, *envelopes).news
    assert lin.store.receipt(earlier).n == 6
    assert lin.store.waiting(earlier) <= 0


def test_a_receipt_nobody_can_read_is_asked_for_again(lin: Desk, inbox: Database) -> None:
    receipt(inbox, lin, 1, parted=[5])
    with pytest.raises(NotCouch):
        ask(lin, inbox)


def test_what_only_the_outbox_holds_yet_is_not_stated_anew(lin: Desk, inbox: Database) -> None:
    for _ in range(2):
        lin.receive()
    envelopes = lin.envelopes(lin.box)
    deliver(inbox, envelopes[:1])  # the inbox follows the journal only after a while
    receipt(inbox, lin, 9, hash="sha256:later")
    with pytest.raises(CopiedStore) as found:
        ask(lin, inbox, *envelopes)
    assert found.value.n == 4
    with pytest.raises(CopiedStore) as found:
        ask(lin, inbox, *envelopes[1:])  # it was made anew: anybody may have put that there
    assert found.value.n == 2


def test_an_inbox_that_lacks_what_it_gave_shows_a_restored_central(
    lin: Desk, chen: Desk, inbox: Database
) -> None:
    deliver(inbox, lin.envelopes(chen.box))
    pull_all(chen, inbox)
    assert ask(chen, inbox).lost is False
    (given,) = (e.id for e in chen.store.of_author(lin.author, 0, 9))
    inbox.delete(given, inbox.get(given)["_rev"])  # type: ignore[index]
    assert ask(chen, inbox).lost is True
    assert chen.store.cursor(OFFER) == "0"
    assert ask(chen, inbox).lost is False  # it is being offered already


def test_receipts_of_others_are_kept_beside(lin: Desk, chen: Desk, inbox: Database) -> None:
    receipt(inbox, lin, 1)
    pull_all(chen, inbox)
    assert chen.store.receipt(lin.author).n == 1


def test_what_another_life_of_this_store_wrote_is_not_taken_for_its_own(
    lin: Desk, inbox: Database
) -> None:
    other = lin.envelopes(lin.box)[0]
    later = parse({**other.event.doc, "id": f"{lin.author}:0002-{lin.author}", "n": 9})
    deliver(inbox, [other._replace(event=later)])
    before = dump(lin.store)
    with pytest.raises(OtherLife):
        pull_once(lin.store, inbox, author=lin.author)
    assert dump(lin.store) == before
