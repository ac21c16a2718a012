"""What every courier desk must do: the one in memory, and central's over its journal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from cases.fold import WrongState
from cases.numbers import own_tracking
from cases.states import ParcelState
from central.courier_desk import CentralCourierDesk
from central.web import create_app
from courier.desk import CourierDesk, MemoryDesk, NotRecorded
from courier.parcels import Hands, Report, Said, Why, counted, holder
from tests.central.world import HERE, NOW, Central, Clock, MemoryDistrict, Point, make_district
from tests.courier.app_cast import HUA, MASTER, MENG, number, pack

PLACE = "军门社区12号楼"
OPS = [f"{n:032x}" for n in range(9)]


@dataclass
class Bench:
    """A desk with one packed parcel on it, and hands to break its line."""

    desk: CourierDesk
    parcel: str
    tracking: str
    carry: Callable[[], None] = lambda: None
    cut: Callable[[], None] = lambda: None
    mend: Callable[[], None] = lambda: None
    showings: Callable[[], list[tuple[str, str, str]]] = field(default=list)

    def say(self, report: Report, courier: str, op: int, **more: object) -> None:
        self.desk.report(self.parcel, Said(report, OPS[op], NOW, **more), courier)  # type: ignore[arg-type]

    def state(self) -> ParcelState:
        parcel = self.desk.parcel(self.parcel)
        assert parcel
        return parcel.state

    def holder(self) -> str:
        parcel = self.desk.parcel(self.parcel)
        assert parcel
        return holder(parcel)


def in_memory() -> Bench:
    desk = MemoryDesk(Clock(), MASTER)
    pack(desk, 41)

    def cut() -> None:
        desk.broken = True

    def mend() -> None:
        desk.broken = False

    return Bench(desk, number(41), own_tracking(17, 41), cut=cut, mend=mend,
                 showings=lambda: desk.showings)  # fmt: skip


@pytest.fixture
def district(tmp_path: Path) -> MemoryDistrict:
    return make_district(tmp_path / "central", Clock())


@pytest.fixture
def central(district: MemoryDistrict) -> Iterator[Central]:
    central = Central(district)
    yield central
    central.close()


@pytest.fixture
def at_central(district: MemoryDistrict, central: Central) -> Iterator[Bench]:
    """Central's desk; its line can be cut, and its read model is a step behind until `carry`."""
    point = Point(district, HERE, district.clock)
    parcel = point.post(point.receive())
    central.carry()
    known = district.open_store()
    folded = known.parcel(parcel)
    known.close()
    assert folded
    with create_app(district).test_request_context():
        desk = CentralCourierDesk()

        def showings() -> list[tuple[str, str, str]]:
            from central.context import portal_db

            return list(portal_db().execute("SELECT subject, what, who FROM showings").fetchall())

        yield Bench(
            desk, parcel, folded.tracking, central.carry, central.cut_line, central.mend_line,
            showings,
        )  # fmt: skip


@pytest.fixture(params=["memory", "central"])
def bench(request: pytest.FixtureRequest) -> Bench:
    return in_memory() if request.param == "memory" else request.getfixturevalue("at_central")


def test_a_parcel_is_found_by_its_number_and_by_its_tracking_number(bench: Bench) -> None:
    assert bench.state() is ParcelState.PACKED
    found = bench.desk.with_tracking(bench.tracking)
    assert found
    assert found.number == bench.parcel
    assert bench.desk.with_tracking(own_tracking(17, 4999)) is None
    assert bench.desk.parcel(number(4999)) is None


def test_its_recipient_is_told_in_full(bench: Bench) -> None:
    parcel = bench.desk.parcel(bench.parcel)
    assert parcel
    to = bench.desk.recipient(parcel)
    assert to
    assert to.address.startswith(PLACE)
    assert to.region.startswith("福建省福州市鼓楼区")
    assert to.name.startswith("林")


def test_a_report_counts_at_once_whatever_the_journal_has_heard(bench: Bench) -> None:
    bench.say(Report.TAKEN_OVER, MENG, 1)
    assert (bench.state(), bench.holder()) == (ParcelState.TAKEN_OVER, MENG)
    assert [p.number for p in bench.desk.in_hand(MENG)] == [bench.parcel]
    assert list(bench.desk.in_hand(HUA)) == []
    bench.say(Report.FAILED, MENG, 2, why=Why.NO_ANSWER)
    bench.say(Report.DELIVERED, MENG, 3, to=Hands.SELF)
    assert list(bench.desk.in_hand(MENG)) == []
    assert [p.number for p in bench.desk.done(MENG)] == [bench.parcel]
    assert list(bench.desk.done(HUA)) == []


def test_and_stays_the_same_when_the_journal_has_heard_of_it(bench: Bench) -> None:
    bench.say(Report.TAKEN_OVER, MENG, 1)
    before = bench.desk.parcel(bench.parcel)
    bench.carry()
    after = bench.desk.parcel(bench.parcel)
    assert before
    assert after
    assert (after.state, after.operations) == (before.state, before.operations)
    assert [s.id for s in after.steps] == [s.id for s in before.steps]
    assert [p.number for p in bench.desk.in_hand(MENG)] == [bench.parcel]


def test_the_same_operation_counts_once(bench: Bench) -> None:
    for _ in range(3):
        bench.say(Report.TAKEN_OVER, MENG, 1)
        bench.carry()
    parcel = bench.desk.parcel(bench.parcel)
    assert parcel
    assert len(list(counted(parcel))) == 1
    assert parcel.operations == (OPS[1],)


def test_a_report_out_of_its_state_is_refused_with_a_sentence(bench: Bench) -> None:
    bench.say(Report.TAKEN_OVER, MENG, 1)
    bench.say(Report.DELIVERED, MENG, 2, to=Hands.SELF)
    with pytest.raises(WrongState, match="已签收"):
        bench.say(Report.FAILED, MENG, 3, why=Why.OTHER)
    assert bench.state() is ParcelState.DELIVERED


def test_of_a_parcel_that_nobody_has_heard_of_nothing_can_be_reported(bench: Bench) -> None:
    with pytest.raises(WrongState):
        bench.desk.report(number(4999), Said(Report.TAKEN_OVER, OPS[1], NOW), MENG)


def test_while_the_line_is_down_nobody_is_told_that_it_is_recorded(bench: Bench) -> None:
    bench.cut()
    with pytest.raises(NotRecorded):
        bench.say(Report.TAKEN_OVER, MENG, 1)
    assert bench.state() is ParcelState.PACKED
    bench.mend()
    bench.say(Report.TAKEN_OVER, MENG, 1)
    bench.carry()
    assert bench.holder() == MENG
    parcel = bench.desk.parcel(bench.parcel)
    assert parcel
    assert len(list(counted(parcel))) == 1


def test_who_was_shown_what_is_noted(bench: Bench) -> None:
    bench.desk.note_showing(bench.parcel, "地址", MENG)
    assert bench.showings() == [(bench.parcel, "地址", MENG)]


# what only central can break


def test_a_lost_answer_is_asked_about_and_the_report_counts_once(
    at_central: Bench, district: MemoryDistrict, central: Central
) -> None:
    from sync.errors import RemoteUnavailable

    def answer_lost(verb: str, database: str) -> None:
        if (verb, database) == ("put", "outbox-central"):
            raise RemoteUnavailable("the answer was lost")

    at_central.say(Report.TAKEN_OVER, MENG, 1)  # the process has opened its journal
    from central.context import server

    server().after = answer_lost  # type: ignore[attr-defined]
    with pytest.raises(NotRecorded):
        at_central.say(Report.FAILED, MENG, 2, why=Why.LATER)
    server().after = lambda verb, database: None  # type: ignore[attr-defined]
    at_central.say(Report.FAILED, MENG, 2, why=Why.LATER)
    central.carry()
    events = [e.type for e in district_events(district, at_central.parcel)]
    assert events == ["parcel.packed", "parcel.taken_over", "parcel.delivery_failed"]
    assert at_central.state() is ParcelState.FAILED


def district_events(district: MemoryDistrict, parcel: str) -> list[object]:
    store = district.open_store()
    try:
        return list(store.events(parcel))
    finally:
        store.close()


def test_a_second_process_of_central_shows_what_the_first_one_heard(
    at_central: Bench, district: MemoryDistrict
) -> None:
    at_central.say(Report.TAKEN_OVER, MENG, 1)
    with create_app(district).test_request_context():
        other = CentralCourierDesk()
        parcel = other.parcel(at_central.parcel)
        assert parcel
        assert holder(parcel) == MENG
        with pytest.raises(NotRecorded):
            other.report(
                at_central.parcel, Said(Report.DELIVERED, OPS[2], NOW, to=Hands.SELF), MENG
            )
        at_central.carry()
        other.report(at_central.parcel, Said(Report.DELIVERED, OPS[2], NOW, to=Hands.SELF), MENG)
    at_central.carry()
    assert at_central.state() is ParcelState.DELIVERED


def test_an_operation_of_one_parcel_is_not_taken_for_another(
    at_central: Bench, district: MemoryDistrict, central: Central
) -> None:
    point = Point(district, "350102000000", district.clock)
    second = point.post(point.receive())
    central.carry()
    at_central.say(Report.TAKEN_OVER, MENG, 1)
    with pytest.raises(WrongState, match="用过"):
        at_central.desk.report(second, Said(Report.TAKEN_OVER, OPS[1], NOW), MENG)
    parcel = at_central.desk.parcel(second)
    assert parcel
    assert parcel.state is ParcelState.PACKED


def test_who_took_it_and_free_words_never_stand_in_clear_in_couchdb_or_in_the_web_s_own_file(
    at_central: Bench, district: MemoryDistrict, tmp_path: Path
) -> None:
    at_central.say(Report.TAKEN_OVER, MENG, 1)
    at_central.say(Report.DELIVERED, MENG, 2, to=Hands.NEIGHBOUR, receiver="郑阿姨")
    at_central.carry()
    docs = [
        doc
        for name in ("journal", "outbox-central")
        for doc in district.memory.database(name).range("0", "~", limit=1000)
    ]
    assert "neighbour" in str(docs)
    assert "郑阿姨" not in str(docs)
    files = [path.read_bytes() for path in tmp_path.rglob("*.db*")]
    assert not any("郑阿姨".encode() in content for content in files)


def test_a_point_s_key_is_given_for_points_of_ours_only(at_central: Bench) -> None:
    assert at_central.desk.token_key(17)
    assert at_central.desk.token_key(998) is None
