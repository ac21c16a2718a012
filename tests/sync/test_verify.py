"""Verify: a sound store has nothing to say, and whatever is changed in it is found and named."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cases.events import parse
from cases.numbers import SubjectKind
from sync.canonical import canonical, decode, digest
from sync.db import write
from sync.sign import Signer
from sync.store import Envelope, Receipt, Store
from sync.verify import verify
from tests.cases.facts import CENTRE
from tests.sync.cast import ROOT, Desk


def wrong(store: Store, whole: str = "") -> list[str]:
    return list(verify(store, ROOT.public, whole=whole))


@pytest.fixture
def number(lin: Desk, chen: Desk) -> str:
    """A case that CHEN holds with LIN's whole journal, certified, as central would."""
    number = lin.receive()
    lin.state("case.forwarded", number, to=CENTRE)
    lin.receive()
    chen.store.merge(lin.envelopes(chen.box))
    chen.state("case.accepted", number)
    return number


def test_a_sound_store_has_nothing_to_say(lin: Desk, chen: Desk, number: str) -> None:
    assert wrong(lin.store, whole=lin.author) == []
    assert wrong(chen.store, whole=chen.author) == []
    assert not any("缺失" in said for said in wrong(chen.store))


def change_body(desk: Desk, id: str, change: Callable[[dict[str, object]], object]) -> None:
    (body,) = desk.store.db.execute("SELECT body FROM events WHERE id=?", [id]).fetchone()
    doc = decode(body)
    change(doc)
    desk.tamper("UPDATE events SET body=? WHERE id=?", canonical(doc), id)


def id_of(desk: Desk, author: str, n: int) -> str:
    return desk.store.of_author(author, n - 1, 1)[0].id


@pytest.mark.parametrize(
    ("field", "value"),
    [("actor", "s-9"), ("at", "2026-11-22T03:00:00Z"), ("type", "case.sent_back"), ("data", {})],
)
def test_a_changed_field_is_found(
    lin: Desk, chen: Desk, number: str, field: str, value: object
) -> None:
    id = id_of(chen, lin.author, 3)
    change_body(chen, id, lambda doc: doc.update({field: value}))
    found = "\n".join(wrong(chen.store, whole=chen.author))
    assert f"{id}: 哈希与内容不符" in found
    assert f"{id}: 签名不符" in found


def test_every_single_changed_byte_is_found(lin: Desk, chen: Desk, number: str) -> None:
    id = id_of(chen, lin.author, 3)
    (body,) = chen.store.db.execute("SELECT body FROM events WHERE id=?", [id]).fetchone()
    for place in range(0, len(body), 7):
        changed = bytearray(body)
        changed[place] ^= 1
        chen.tamper("UPDATE events SET body=? WHERE id=?", bytes(changed), id)
        try:
            said = wrong(chen.store, whole=chen.author)
        except Exception as error:  # whatever reads a broken register first may stumble
            raise AssertionError(f"byte {place}: {error!r}") from error
        assert any(id in line for line in said), place


def test_a_changed_hash_beside_a_changed_body_does_not_help(
    lin: Desk, chen: Desk, number: str
) -> None:
    id = id_of(chen, lin.author, 3)
    change_body(chen, id, lambda doc: doc.update(actor="s-9"))
    (body,) = chen.store.db.execute("SELECT body FROM events WHERE id=?", [id]).fetchone()
    chen.tamper("UPDATE events SET hash=? WHERE id=?", digest(decode(body)), id)
    assert f"{id}: 签名不符" in wrong(chen.store, whole=chen.author)


def test_a_forged_event_is_found_though_its_hash_fits(lin: Desk, chen: Desk, number: str) -> None:
    forger = Signer.new()
    (event,) = lin.store.of_author(lin.author, 3, 1)
    forged = parse(forger.sign({**event.doc, "n": 5, "id": f"{number}:0009-{lin.author}",
                                "type": "case.withdrawal_requested"}))  # fmt: skip
    chen.store.merge([Envelope(forged)])
    assert f"{forged.id}: 签名不符" in wrong(chen.store, whole=chen.author)


def test_an_author_nobody_certified_is_found(lin: Desk, chen: Desk, number: str) -> None:
    chen.tamper("DELETE FROM certificates")
    assert any("没有" in said and lin.author in said for said in wrong(chen.store))
    assert wrong(lin.store, whole=lin.author) == []  # its own key stands in its own first event


def test_a_certificate_of_a_false_root_proves_nothing(lin: Desk, chen: Desk, number: str) -> None:
    assert any("有效证书" in said for said in verify(chen.store, Signer.new().public))


def test_a_dropped_event_is_missed(lin: Desk, number: str) -> None:
    lin.tamper("DELETE FROM events WHERE author=? AND n=3", lin.author)
    found = wrong(lin.store, whole=lin.author)
    assert f"{lin.author}: 第 3 条到第 3 条缺失" in found
    assert f"{number}: 台账与日志重新归并的结果不一致" in found


def test_a_last_event_that_was_dropped_is_missed_too(lin: Desk, number: str) -> None:
    head, hash = lin.store.head(lin.author)
    lin.store.set_receipt(lin.author, Receipt(head, hash, "t"))
    lin.tamper("DELETE FROM events WHERE author=? AND n=?", lin.author, head)
    lin.store.rebuild()
    assert wrong(lin.store, whole=lin.author) == [
        f"{lin.author}: 第 {head} 条到第 {head} 条缺失，区中心已有回执"
    ]


def test_swapped_events_are_found(lin: Desk, number: str) -> None:
    for before, after in ((2, 900), (3, 2), (900, 3)):
        lin.tamper("UPDATE events SET n=? WHERE author=? AND n=?", after, lin.author, before)
    assert any("内容已损坏或被改动" in said for said in wrong(lin.store, whole=lin.author))


def test_a_rewritten_link_is_found_by_the_next_event(lin: Desk, number: str) -> None:
    """Even the author itself cannot change its past."""
    (event,) = lin.store.of_author(lin.author, 1, 1)
    again = lin.signer.sign({**event.doc, "actor": "s-2"})
    lin.tamper(
        "UPDATE events SET body=?, hash=? WHERE id=?", canonical(again), digest(again), event.id
    )
    found = wrong(lin.store, whole=lin.author)
    assert f"{id_of(lin, lin.author, 3)}: 与前一条接不上（prev 不符）" in found


@pytest.mark.parametrize("column", ["state", "holder", "changed_at", "body"])
def test_a_register_that_was_tampered_with_is_found(lin: Desk, number: str, column: str) -> None:
    (body,) = lin.store.db.execute("SELECT body FROM subjects WHERE number=?", [number]).fetchone()
    value = body.replace(b"forwarded", b"completed") if column == "body" else "completed"
    lin.tamper(f"UPDATE subjects SET {column}=? WHERE number=?", value, number)  # noqa: S608
    assert any(number in said and "台账" in said for said in wrong(lin.store, lin.author))


def test_a_register_without_a_journal_and_a_journal_without_a_register_are_found(
    lin: Desk, number: str
) -> None:
    with lin.writing() as w:
        ghost = w.new_number(SubjectKind.CASE)
    lin.tamper("UPDATE subjects SET number=? WHERE number=?", ghost, number)
    found = wrong(lin.store, whole=lin.author)
    assert f"{ghost}: 台账里有日志中没有的对象" in found
    assert any(said.startswith(f"{number}: 台账") for said in found)


def test_what_waits_for_a_person_is_said(lin: Desk, number: str) -> None:
    with write(lin.store.db):
        lin.store.park("x", "发件箱拒收", "", {})
    assert wrong(lin.store, whole=lin.author) == ["x: 待人工处理：发件箱拒收"]


def test_rebuilding_mends_the_registers(lin: Desk, number: str) -> None:
    lin.tamper("DELETE FROM subjects")
    assert wrong(lin.store, whole=lin.author)
    lin.store.rebuild()
    assert wrong(lin.store, whole=lin.author) == []
