"""What was parked is answered once; and a data folder of the version before still opens."""

from __future__ import annotations

import threading

import pytest
from pysqlite3 import dbapi2 as sqlite3

from cases.states import CaseState
from sync import parked, registers
from sync.canonical import canonical
from sync.db import write
from sync.verify import verify
from tests.cases.facts import CENTRE
from tests.sync.cast import ROOT, Desk

ANSWER = {"how": "reported", "words": "打过电话", "actor": "s-1", "at": "2026-11-22T02:00:00Z"}


def park(desk: Desk, id: str = "a-riddle", at: str = "2026-11-22T01:00:00Z", body: object = 5):  # type: ignore[no-untyped-def]
    with write(desk.store.db):
        desk.store.park(id, "看不懂", at, body)


def answer(desk: Desk, id: str = "a-riddle", how: str = "reported") -> bool:
    with write(desk.store.db):
        return parked.answer(desk.store.db, id, {**ANSWER, "how": how})


def test_an_answer_is_kept_beside_and_nothing_waits_any_more(lin: Desk) -> None:
    park(lin)
    assert list(verify(lin.store, ROOT.public, whole=lin.author)) == [
        "a-riddle: 待人工处理：看不懂"
    ]
    assert answer(lin)
    assert lin.store.parked() == []
    ((id, why, _at, body, said),) = parked.listed(lin.store.db)
    assert (id, why, body, said) == ("a-riddle", "看不懂", 5, ANSWER)
    assert list(verify(lin.store, ROOT.public, whole=lin.author)) == []


def test_the_first_answer_stands(lin: Desk) -> None:
    park(lin)
    assert answer(lin, how="told")
    assert not answer(lin, how="reported")
    assert not answer(lin, id="nothing")
    assert parked.listed(lin.store.db)[0].answer["how"] == "told"


def test_the_same_thing_parked_again_keeps_its_answer_and_another_one_asks_anew(lin: Desk) -> None:
    park(lin)
    answer(lin)
    park(lin)
    assert lin.store.parked() == []
    park(lin, body=6)
    assert [id for id, _, _ in lin.store.parked()] == ["a-riddle"]


def test_what_waits_comes_first_and_of_that_the_oldest(lin: Desk) -> None:
    for id, at in (
        ("late", "2026-11-22T03:00:00Z"),
        ("done", ""),
        ("early", "2026-11-22T01:00:00Z"),
    ):
        park(lin, id, at)
    answer(lin, "done")
    assert [found.id for found in parked.listed(lin.store.db)] == ["early", "late", "done"]


def test_something_huge_is_shown_without_its_content(lin: Desk) -> None:
    park(lin, body="x" * parked.BODY_BYTES_MAX)
    assert parked.listed(lin.store.db)[0].body is None


# a file of version 1


OLD = """
DROP INDEX subjects_department;
DROP INDEX subjects_opened;
DROP INDEX events_completed;
DROP INDEX events_proof;
DROP TABLE refusals;
DROP INDEX subjects_aside;
DROP INDEX subjects_unanswered;
ALTER TABLE subjects DROP COLUMN unanswered;
ALTER TABLE parked DROP COLUMN answer;
UPDATE subjects SET body=CAST(replace(body, ',"answer":null', '') AS BLOB);
DROP INDEX events_carried;
PRAGMA user_version=1;
"""


def grown_old(lin: Desk) -> str:
    """A case with a fact set aside and something parked, in a file as version 1 left it.

    :returns: the case's number.
    """
    number = lin.receive()
    lin.state("case.forwarded", number, to=CENTRE)
    with lin.writing() as w:
        event = w._sign("case.closed", number, {}, "s-1", None)
        w._keep(event)
    park(lin)
    lin.store.close()
    conn = sqlite3.connect(str(lin.path))
    conn.executescript(OLD)
    conn.close()
    return number


def test_a_folder_of_the_version_before_opens_and_shows_what_waits(lin: Desk) -> None:
    number = grown_old(lin)
    lin.reopen()
    assert [s.number for s in registers.not_answered(lin.store.db)] == [number]
    assert answer(lin)
    assert list(verify(lin.store, ROOT.public, whole=lin.author)) == []
    case = lin.store.case(number)
    assert case is not None
    assert case.state is CaseState.FORWARDED


def test_what_cannot_be_read_any_more_does_not_keep_the_folder_shut(lin: Desk) -> None:
    number = grown_old(lin)
    conn = sqlite3.connect(str(lin.path))
    conn.execute("UPDATE events SET body=? WHERE subject=? AND n=3", [canonical("?"), number])
    conn.commit()
    conn.close()
    lin.reopen()
    case = lin.store.case(number)
    assert case is not None
    assert case.state is CaseState.FORWARDED
    assert any(number in said for said in verify(lin.store, ROOT.public, whole=lin.author))


def test_an_upgrade_that_is_cut_short_is_done_again(
    lin: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    grown_old(lin)

    def cut(*_given: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(registers, "refold", cut)
        with pytest.raises(KeyboardInterrupt):
            lin.reopen()
    lin.reopen()
    assert len(registers.not_answered(lin.store.db)) == 1


def test_two_processes_may_upgrade_at_once(lin: Desk) -> None:
    grown_old(lin)
    failures: list[BaseException] = []

    def start() -> None:
        try:
            lin.connect().close()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    lin.reopen()
    assert len(registers.not_answered(lin.store.db)) == 1
