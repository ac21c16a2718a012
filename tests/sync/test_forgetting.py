"""A store forgets: no key of a forgotten subject stays, comes back, or can be found in the file."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from cases.events import parse
from cases.states import VisitState
from sync.canonical import digest
from sync.seal import CannotUnseal, new_key, seal, wrap_to
from sync.sign import Signer, certify
from sync.store import Envelope, Store
from sync.verify import verify
from tests.cases.facts import VISIT
from tests.sync.cast import NOW, ROOT, SEALED, Desk, desk, dump

SLIP = {"name": SEALED["name"], "phone": SEALED["phone"]}


class Process:
    """A process of central: states facts of one visit, and wraps their key to a point."""

    def __init__(self, suffix: str, box: str) -> None:
        self.author, self.signer = f"central.{suffix}", Signer.new()
        self.key, self.box, self.n, self.prev = new_key(), box, 0, ""
        self.say("store.opened", self.author, {"sign_key": self.signer.public, "box_key": box,
                                               "software": "", "range": "plain"})  # fmt: skip

    def say(
        self, type: str, subject: str, data: dict[str, Any], *, k: int = 1, sealed: Any = None
    ) -> Envelope:
        self.n += 1
        id = f"{subject}:{k:04d}-{self.author}"
        doc: dict[str, Any] = {
            "id": id, "v": 1, "type": type, "at": NOW, "author": self.author, "n": self.n,
            "actor": "resident", "data": data, "prev": self.prev,
        }  # fmt: skip
        if sealed:
            doc["sealed"] = seal(self.key, id, sealed)
        event = parse(self.signer.sign(doc))
        self.prev = digest(event.doc)
        cert = certify(
            ROOT, author=self.author, sign_key=self.signer.public, box_key=self.box, at=NOW
        )
        keys = (wrap_to(self.box, self.key),) if sealed else ()
        return Envelope(event, keys, cert, NOW)

    def fill_in(self, k: int = 1) -> Envelope:
        return self.say("slip.filled", VISIT, {"channel": "poster"}, k=k, sealed=SLIP)

    def forget(self, k: int = 2) -> Envelope:
        return self.say("subject.forgotten", VISIT, {}, k=k)


@pytest.fixture
def lin(tmp_path: Path) -> Iterator[Desk]:
    with desk(tmp_path / "lin.db") as lin:
        yield lin


def keys_kept(store: Store) -> list[Any]:
    return store.db.execute("SELECT * FROM keys WHERE subject=?", [VISIT]).fetchall()


def bytes_of(path: Path) -> bytes:
    """Everything that lies on the disk of a file, its log included."""
    return b"".join(each.read_bytes() for each in sorted(path.parent.glob(f"{path.name}*")))


def test_a_forgotten_slip_cannot_be_opened_and_its_key_is_nowhere_on_the_disk(lin: Desk) -> None:
    central = Process("dddd", lin.box.public)
    filled = central.fill_in()
    lin.store.merge([filled])
    assert lin.store.unseal(filled.event) == SLIP
    ct = filled.keys[0]["ct"].encode()
    assert ct in bytes_of(lin.path)
    lin.store.merge([central.forget()])
    lin.store.checkpoint()
    assert ct not in bytes_of(lin.path)
    with pytest.raises(CannotUnseal):
        lin.store.unseal(filled.event)
    visit = lin.store.subject(VISIT)
    assert visit is not None
    assert visit.state is VisitState.FORGOTTEN
    assert list(verify(lin.store, ROOT.public, whole=lin.author)) == []


def test_whatever_arrives_in_whatever_order_and_how_often_the_stores_agree_and_hold_no_key(
    lin: Desk, tmp_path: Path
) -> None:
    one, other = Process("dddd", lin.box.public), Process("eeee", lin.box.public)
    told = [one.fill_in(), other.fill_in(), one.forget(), other.forget()]
    lin.store.merge(told)
    whole, dice = dump(lin.store), random.Random(5)  # noqa: S311 - no secret
    for turn in range(12):
        arrivals = [*told, *dice.choices(told, k=6)]
        dice.shuffle(arrivals)
        with closing(Store(tmp_path / f"{turn}.db", lin.box, lin.store.home_of)) as again:
            again.merge(lin.envelopes(lin.box))
            for envelope in arrivals:
                again.merge([envelope])
            assert keys_kept(again) == []
            assert dump(again)["subjects"] == whole["subjects"]
            again.rebuild()
            assert dump(again)["subjects"] == whole["subjects"]
            again.checkpoint()
            on_disk = bytes_of(Path(again.path))
            assert not any(e.keys[0]["ct"].encode() in on_disk for e in told if e.keys)


def test_a_key_that_comes_with_what_cannot_be_taken_in_is_dropped_too(lin: Desk) -> None:
    """A disk that lived twice wrote another slip in the same place: it is parked, without a key."""
    one, twin = Process("dddd", lin.box.public), Process("dddd", lin.box.public)
    lin.store.merge([one.fill_in(), one.forget()])
    merged = lin.store.merge([twin.fill_in()])
    assert len(merged.parked) == 1
    assert keys_kept(lin.store) == []


def test_the_keys_of_others_stay(lin: Desk) -> None:
    central, case = Process("dddd", lin.box.public), lin.receive()
    lin.store.merge([central.fill_in(), central.forget()])
    received = lin.store.events(case)[0]
    assert lin.store.unseal(received)["name"] == SEALED["name"]


def test_whoever_reads_at_that_moment_only_puts_the_emptying_of_the_log_off(lin: Desk) -> None:
    central = Process("dddd", lin.box.public)
    filled = central.fill_in()
    lin.store.merge([filled])
    reader = lin.connect()
    reader.db.conn.execute("BEGIN")
    assert keys_kept(reader)
    lin.store.merge([central.forget()])
    lin.store.checkpoint()
    assert filled.keys[0]["ct"].encode() in bytes_of(lin.path)
    reader.db.conn.execute("COMMIT")
    lin.store.checkpoint()
    assert filled.keys[0]["ct"].encode() not in bytes_of(lin.path)
    reader.close()


def test_a_file_of_an_older_version_that_took_the_fact_in_unread_drops_the_keys(
    lin: Desk,
) -> None:
    central = Process("dddd", lin.box.public)
    lin.store.merge([central.fill_in(), central.forget()])
    row = (VISIT, central.author, b'[{"for":"what an older version kept"}]')
    lin.tamper("INSERT INTO keys VALUES (?, ?, ?)", *row)
    lin.store.db.execute("PRAGMA user_version=6")
    lin.reopen()
    assert keys_kept(lin.store) == []
