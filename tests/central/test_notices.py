"""Residents are told: received, decided, posted; each once, and nothing a stranger may read."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from central.jobs import Jobs
from central.notices import MemoryNotifier, Notice, Notifier, SpoolNotifier, notify_once
from central.web_author import WebAuthor
from sync.db import write
from tests.central.world import CENTRE, Central, Clock, MemoryDistrict, Point

PORTAL = "http://portal.test"


@pytest.fixture
def told(central: Central) -> MemoryNotifier:
    central.jobs.notifier = MemoryNotifier()
    return central.jobs.notifier


def take_over(central: Central, parcel: str) -> None:
    author = WebAuthor(
        lambda: central.server.database("outbox-central"),
        central.district.secrets.box.public,
        central.district.clock,
    )
    data = {"op": "a" * 32, "when": central.district.clock()}
    author.state(central.jobs.store, "parcel.taken_over", parcel, data, actor="c-1001")


def test_a_resident_is_told_three_times_on_the_way(
    told: MemoryNotifier, point: Point, central: Central
) -> None:
    number = point.receive()
    central.carry()
    point.decide(number)
    parcel = point.post(number)
    central.carry()
    take_over(central, parcel)
    central.carry()
    notices = list(told.sent.values())
    assert [n.kind for n in notices] == ["received", "decided", "posted"]
    assert {n.to for n in notices} == {"13805915678"}
    tracking = central.jobs.store.parcel(parcel)
    assert tracking is not None
    assert tracking.tracking in notices[2].text


def test_a_notice_names_neither_person_nor_matter_nor_outcome(
    told: MemoryNotifier, point: Point, central: Central
) -> None:
    number = point.receive()
    point.decide(number, approve=False)
    central.carry()
    for notice in told.sent.values():
        assert number in notice.text
        for word in ("林小梅", "公司登记", "不予", "准予", "13805915678"):
            assert word not in notice.text


def test_the_agent_is_told_where_there_is_one(
    told: MemoryNotifier, point: Point, central: Central
) -> None:
    point.receive(agent_phone="13900001111", agent_name="陈强", agent_number="X1234567")
    central.carry()
    assert [n.to for n in told.sent.values()] == ["13900001111"]


def test_a_resident_hears_of_what_to_correct_and_of_a_clock_that_stands(
    told: MemoryNotifier, point: Point, central: Central
) -> None:
    number, other = point.receive(), point.receive()
    notice = {"defects": [{"position": 2, "reason": "missing"}], "whole": True, "days": 10}
    point.state("case.correction_noticed", number, notice, words="营业执照：缺副本")
    point.state("case.lapsed", number, {}, reason="没有补正")
    point.state("case.accepted", other, {})
    point.state("case.extended", other, {"days": 5}, approver="陈局长", reason="情况复杂")
    point.state("case.suspended", other, {"kind": "hearing", "days": 5})
    central.carry()
    kinds = sorted(n.kind for n in told.sent.values() if n.kind != "received")
    assert kinds == ["correction", "extended", "lapsed", "suspended"]
    assert not any("营业执照" in n.text or "听证" in n.text for n in told.sent.values())


def test_what_was_set_aside_is_no_news(
    told: MemoryNotifier, point: Point, centre: Point, central: Central
) -> None:
    number = point.receive()
    centre.state("case.accepted", number, {})
    centre.state("case.approved", number, {})
    central.carry()
    assert [n.kind for n in told.sent.values()] == ["received"]


def test_papers_on_their_way_between_offices_are_no_news(
    told: MemoryNotifier, point: Point, central: Central
) -> None:
    number = point.receive(deciding=CENTRE)
    central.carry()
    told.sent.clear()
    parcel = point.post(number, purpose="papers_to_authority")
    central.carry()
    take_over(central, parcel)
    central.carry()
    assert told.sent == {}


def test_a_notifier_that_failed_is_offered_the_notice_again(point: Point, central: Central) -> None:
    class Full(MemoryNotifier):
        full = True

        def send(self, notice: Notice) -> None:
            if self.full:
                raise OSError("no space left on device")
            super().send(notice)

    full = central.jobs.notifier = Full()
    point.receive()
    with pytest.raises(OSError, match="no space"):
        central.carry()
    full.full = False
    central.carry()
    assert len(full.sent) == 1


def test_a_read_model_built_anew_tells_nobody_twice(
    point: Point, central: Central, district: MemoryDistrict, clock: Clock
) -> None:
    spool = Path(district.config.data) / "spool"
    point.receive()
    central.carry()
    first = {f.name: f.read_bytes() for f in spool.iterdir()}
    central.jobs.store.empty()
    central.carry()
    assert {f.name: f.read_bytes() for f in spool.iterdir()} == first
    for file in spool.iterdir():
        file.unlink()  # taken away by whatever sends them
    clock.forward(days=4)
    central.jobs.store.empty()
    central.carry()
    assert list(spool.iterdir()) == []


@pytest.mark.parametrize("kind", ["memory", "spool"])
def test_the_same_notice_twice_is_one(tmp_path: Path, kind: str) -> None:
    spool = SpoolNotifier(tmp_path / "spool")
    memory = MemoryNotifier()
    notifier: Notifier = memory if kind == "memory" else spool
    notice = Notice("x:0001-a.b.received", "received", "x", "13805915678", "words", "now")
    notifier.send(notice)
    notifier.send(notice)
    files = list((tmp_path / "spool").iterdir())
    assert len(memory.sent) + len(files) == 1
    for file in files:
        assert file.stat().st_mode & 0o777 == 0o600
        assert msgspec.json.decode(file.read_bytes(), type=Notice) == notice


def test_the_cursor_moves_only_over_what_was_told(central: Central, point: Point) -> None:
    for _case in range(3):
        point.receive()
    central.carry()
    store, memory = central.jobs.store, MemoryNotifier()
    with write(store.db):
        store.set_cursor("notices", "0")
    done = notify_once(store, memory, central.district.clock(), PORTAL)
    assert done.caught_up
    assert done.sent == len(memory.sent) == 3
    assert notify_once(store, memory, central.district.clock(), PORTAL) == (0, 0, True)


def test_jobs_clean_up_what_nobody_comes_back_to(
    central: Central, district: MemoryDistrict, clock: Clock
) -> None:
    jobs = Jobs(district, MemoryNotifier())
    with write(jobs.portal_db) as db:
        db.execute("INSERT INTO drafts VALUES ('d', ?, x'00')", [clock.now])
        db.execute("INSERT INTO tries VALUES ('k', 5, ?, ?)", [clock.now, clock.now])
        db.execute("INSERT INTO operations VALUES ('o', 's', 'e', 'a', ?)", [clock.now])
    jobs.clean()
    assert _left(jobs) == [1, 1, 1]
    clock.forward(days=8)
    jobs.clean()
    assert _left(jobs) == [0, 0, 0]
    jobs.close()


def _left(jobs: Jobs) -> list[int]:
    tables = ("drafts", "tries", "operations")
    return [jobs.portal_db.execute(f"SELECT count(*) FROM {t}").fetchone()[0] for t in tables]  # noqa: S608
