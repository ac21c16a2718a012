"""What a carrier tells, by file or over a line that misbehaves, becomes what happened, once."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from cases.times import from_text, to_text
from cases.tracking import EMS
from central.carrier_db import FILE, CarrierDb, Poll, Standing
from central.carrier_poll import FeedUnavailable, HttpFeed, poll_once, silent
from central.carriers import carriers_of, feed_of, open_carrier_db
from central.config import CentralConfig, Mail, load_central
from courier.carriers.ems import Ems
from courier.parcels import Report as Courier
from courier.parcels import choices, refusal
from sync.config import ConfigError
from tests.central.post_office import MANGLED, PostOffice, post_office
from tests.central.world import Browser, Central, Clock, MemoryDistrict, Point

NUMBER, OTHER = "1060123456789", "1060123456790"
EVERY = timedelta(minutes=15)
DAY = "2026-11-22"


@pytest.fixture(scope="module")
def _office() -> Iterator[PostOffice]:
    with post_office() as office:
        yield office


@pytest.fixture
def office(_office: PostOffice) -> PostOffice:
    _office.traces.clear()
    _office.next.clear()
    _office.asked.clear()
    _office.let_go.clear()
    return _office


@pytest.fixture
def feed(office: PostOffice) -> Iterator[HttpFeed]:
    with closing(HttpFeed(office.url, "the key")) as feed:
        yield feed


@pytest.fixture
def impatient(office: PostOffice) -> Iterator[HttpFeed]:
    """For answers without end; any other may come late on a busy machine."""
    with closing(HttpFeed(office.url, "the key", timeout_s=(5, 0.15), total_s=0.15)) as feed:
        yield feed


@pytest.fixture
def db(tmp_path: Path) -> Iterator[CarrierDb]:
    with closing(CarrierDb(tmp_path, bytes(32))) as db:
        yield db


def told(db: CarrierDb) -> list[tuple[str, str]]:
    return [(k.report.tracking, k.report.code) for k in db.in_state(Standing.WAITING)]


def usual(office: PostOffice, tracking: str = NUMBER) -> list[tuple[str, str]]:
    for hour, code in enumerate(("203", "389", "954", "702", "704"), 8):
        office.tell(tracking, code, f"{DAY} {hour:02d}:00:00")
    return [(trace["mailNo"], trace["opCode"]) for trace in office.traces]


def ask(feed: HttpFeed, db: CarrierDb, now: str) -> Poll:
    return poll_once(feed, Ems(), db, now, EVERY)


NOW = "2026-11-22T10:00:00Z"


def later(minutes: float) -> str:
    return to_text(from_text(NOW) + timedelta(minutes=minutes))


# asking


def test_what_is_new_is_asked_page_by_page_with_the_key_and_kept(
    office: PostOffice, feed: HttpFeed, db: CarrierDb
) -> None:
    there = usual(office)
    poll = ask(feed, db, NOW)
    assert told(db) == there
    assert (poll.failures, poll.succeeded, poll.next) == (0, NOW, later(15))
    assert [page for _, page, _ in office.asked] == ["1", "2"]
    assert {key for _, _, key in office.asked} == {"Bearer the key"}
    assert ask(feed, db, later(14)) == poll  # not yet
    assert len(office.asked) == 2
    ask(feed, db, later(15))
    assert told(db) == there  # said again, and the same
    assert office.asked[-1][0] == "2026-11-20T10:00:00Z"  # what a carrier learns late is asked for


BAD = ("broken", "busy", "busy_until", "half", "cut", "html", "slow", "trickle", "elsewhere",
       "huge", "deep", "endless")  # fmt: skip
WITHOUT_END = ("slow", "trickle")


@pytest.mark.parametrize("how", BAD)
def test_no_bad_answer_is_half_taken_in_and_the_next_good_one_brings_all(
    office: PostOffice, feed: HttpFeed, impatient: HttpFeed, db: CarrierDb, how: str
) -> None:
    there = usual(office)
    office.next += [how] * (50 if how == "endless" else 1)
    poll = ask(impatient if how in WITHOUT_END else feed, db, NOW)
    assert told(db) == []
    assert (poll.failures, poll.succeeded, poll.since) == (1, "", "")
    assert poll.words
    office.let_go.set()
    office.next.clear()
    poll = ask(feed, db, poll.next)
    assert (told(db), poll.failures) == (there, 0)


def test_a_second_page_that_fails_leaves_the_first_and_is_asked_for_again(
    office: PostOffice, feed: HttpFeed, db: CarrierDb
) -> None:
    there = usual(office)
    office.next += ["well", "half"]
    poll = ask(feed, db, NOW)
    assert (told(db), poll.failures, poll.since) == (there[:4], 1, "")
    ask(feed, db, poll.next)
    assert told(db) == there


@pytest.mark.parametrize("how", ["shuffled", "numbers", "floats", "zoned", "gbk", "odd_rows"])
def test_what_is_only_written_oddly_is_understood(
    office: PostOffice, feed: HttpFeed, db: CarrierDb, how: str
) -> None:
    there = usual(office)
    ask(feed, db, NOW)
    office.next += [how, how]
    ask(feed, db, later(20))
    assert told(db) == there  # as it was said properly before: the same reports
    assert len(db.in_state(Standing.UNREAD)) == (3 if how == "odd_rows" else 0)


def test_rows_that_were_missing_come_with_a_later_answer(
    office: PostOffice, feed: HttpFeed, db: CarrierDb
) -> None:
    there = usual(office)
    office.next += ["gappy", "gappy"]
    ask(feed, db, NOW)
    assert len(told(db)) < len(there)
    ask(feed, db, later(15))
    assert told(db) == there


def test_a_number_that_lost_its_digits_is_nobodys_and_is_kept_for_a_person(
    office: PostOffice, feed: HttpFeed, db: CarrierDb
) -> None:
    office.tell(NUMBER, "704", f"{DAY} 08:00:00")
    office.next += ["rounded"]
    office_says = MANGLED["rounded"](office, office.traces)[0]["mailNo"]
    assert str(office_says) != NUMBER
    ask(feed, db, NOW)
    (kept,) = db.in_state(Standing.WAITING, Standing.UNREAD)
    assert kept.report.tracking != NUMBER


def test_who_asks_to_be_left_alone_is_and_who_fails_is_asked_less_and_less(
    office: PostOffice, feed: HttpFeed, db: CarrierDb
) -> None:
    office.next += ["busy"]
    assert ask(feed, db, NOW).next == later(120)  # as it asked for
    waits, now = [], later(120)
    office.next += ["broken"] * 7
    for _turn in range(7):
        poll = ask(feed, db, now)
        waits.append((from_text(poll.next) - from_text(now)).total_seconds() / 60)
        now = poll.next
    assert waits == [30, 60, 120, 240, 360, 360, 360]


def test_a_carrier_that_stays_silent_for_long_is_a_persons_business(
    office: PostOffice, feed: HttpFeed, db: CarrierDb
) -> None:
    poll = ask(feed, db, NOW)
    assert not silent(poll, later(60))
    office.next += ["html"] * 9
    told_at, now = [], later(15)
    for _turn in range(9):
        poll = ask(feed, db, now)
        told_at.append(silent(poll, now))
        now = poll.next
    assert told_at == sorted(told_at)
    assert (told_at[0], told_at[-1]) == (False, True)
    assert silent(replace_tuple(Poll("ems"), tried=NOW, failures=3), NOW)
    office.next.clear()
    assert not silent(ask(feed, db, now), now)


def replace_tuple(poll: Poll, **what: object) -> Poll:
    return poll._replace(**what)  # type: ignore[arg-type]


def test_nobody_without_a_fitting_certificate_is_believed(office: PostOffice) -> None:
    with closing(HttpFeed(office.url.replace("http:", "https:"))) as feed:
        assert feed._session.verify is True
        assert feed._session.trust_env is False
        with pytest.raises(FeedUnavailable):
            feed.ask("x", 1)


def test_what_is_kept_is_sealed(office: PostOffice, feed: HttpFeed, db: CarrierDb,
                                tmp_path: Path) -> None:  # fmt: skip
    office.tell(NUMBER, "704", f"{DAY} 08:00:00", place="林小梅家门口")
    ask(feed, db, NOW)
    raw = b"".join(path.read_bytes() for path in tmp_path.glob(f"{FILE}*"))
    assert NUMBER.encode() in raw
    assert "林小梅".encode() not in raw
    (kept,) = db.in_state(Standing.WAITING)
    assert kept.report.place == "林小梅家门口"
    db.move(kept.report.op, Standing.DONE)
    assert db.find(kept.report.op)._replace(report=kept.report).parcel == ""  # type: ignore[union-attr]
    assert db.find(kept.report.op).report.place == ""  # type: ignore[union-attr]


# the configuration


def test_the_configuration_names_where_with_which_key_and_codes(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("secret\n")
    (tmp_path / "codes.csv").write_text("code,kind,to,why,words\nZ,held,,,在柜台\n", "utf-8")
    file = tmp_path / "central.toml"
    file.write_text(
        '[central]\ndata = "d"\n[central.mail]\nstatus_url = "https://post.example.cn/traces"\n'
        'status_key_file = "key"\ncodes_file = "codes.csv"\n', "utf-8",
    )  # fmt: skip
    mail = load_central(file).mail
    assert mail.carrier == EMS
    with closing(feed_of(mail) or pytest.fail("there is one")) as feed:
        assert feed._session.headers["Authorization"] == "Bearer secret"
    assert set(carriers_of(mail)) == {"own", "ems"}
    assert feed_of(CentralConfig(data=tmp_path).mail) is None


@pytest.mark.parametrize("wrong", [
    'carrier = "sf"', 'status_url = "http://post.example.cn/x"\nstatus_key_file = "key"',
    'codes_file = "bad.csv"', 'codes_file = "none.csv"', "status_minutes = 0",
])  # fmt: skip
def test_a_mistake_in_it_is_said_before_anything_starts(tmp_path: Path, wrong: str) -> None:
    (tmp_path / "key").write_text("secret")
    (tmp_path / "bad.csv").write_text("code,kind,to,why,words\nZ,nowhere,,,x\n", "utf-8")
    file = tmp_path / "central.toml"
    file.write_text(f'[central]\ndata = "d"\n[central.mail]\n{wrong}\n', "utf-8")
    with pytest.raises(ConfigError):
        load_central(file)


# from what is told to what happened


@pytest.fixture
def parcel(point: Point, central: Central) -> str:
    case = point.receive()
    point.decide(case)
    number = point.post(case, ems=NUMBER)
    central.carry()
    return number


def hear(district: MemoryDistrict, *told: tuple[str, str, str]) -> None:
    rows = [["邮件号", "状态码", "时间"], *map(list, told)]
    reading = Ems().read_rows(list(enumerate(rows, 1)), district.clock())
    with closing(open_carrier_db(district)) as db:
        db.keep(EMS, reading, district.clock(), "file")


def settle(central: Central) -> None:
    """Let everything that was told become known."""
    for _turn in range(12):
        central.carry()


WAY = (("203", "08:00"), ("389", "08:30"), ("954", "08:40"), ("702", "08:50"), ("704", "09:00"))


def way(tracking: str = NUMBER) -> list[tuple[str, str, str]]:
    return [(tracking, code, f"{DAY} {time}") for code, time in WAY]


def standing(district: MemoryDistrict) -> dict[Standing, int]:
    with closing(open_carrier_db(district)) as db:
        return db.counts()


def test_a_file_in_any_order_brings_its_parcel_home_once(
    parcel: str, central: Central, district: MemoryDistrict
) -> None:
    rows = way()
    random.Random(3).shuffle(rows)  # noqa: S311 - an order
    hear(district, *rows)
    settle(central)
    found = central.jobs.store.parcel(parcel)
    assert found is not None
    assert found.state.value == "delivered"
    assert [s.type for s in found.steps if s.verdict == "ok"] == [
        "parcel.packed", "parcel.taken_over", "parcel.passed", "parcel.passed",
        "parcel.out_for_delivery", "parcel.delivered",
    ]  # fmt: skip
    assert {s.actor for s in found.steps[1:]} == {"carrier:ems"}
    assert [s.data["when"] for s in found.steps[1:]] == sorted(
        s.data["when"] for s in found.steps[1:]
    )
    hear(district, *rows)
    settle(central)
    again = central.jobs.store.parcel(parcel)
    assert again is not None
    assert len(again.steps) == len(found.steps)
    assert standing(district) == {Standing.DONE: 5}


def test_what_the_carrier_sent_is_kept_sealed_in_the_fact(
    parcel: str, central: Central, district: MemoryDistrict
) -> None:
    hear(district, *way()[:1])
    settle(central)
    event = central.jobs.store.events(parcel)[-1]
    assert event.type == "parcel.taken_over"
    assert "状态码" not in str(dict(event.data))
    assert central.jobs.store.unseal(event)["raw"] == (
        f'{{"邮件号": "{NUMBER}", "状态码": "203", "时间": "{DAY} 08:00"}}'
    )


def test_a_file_that_is_stated_half_is_finished_by_the_next_process(
    parcel: str, central: Central, district: MemoryDistrict
) -> None:
    hear(district, *way())
    central.jobs.step()  # one move is stated, and the process ends
    central.jobs.close()
    central.jobs = type(central.jobs)(district)
    settle(central)
    found = central.jobs.store.parcel(parcel)
    assert found is not None
    assert (found.state.value, found.set_aside) == ("delivered", ())


def test_with_no_line_nothing_is_lost_or_said_twice(
    parcel: str, central: Central, district: MemoryDistrict
) -> None:
    hear(district, *way()[:1])
    central.cut_line()
    with pytest.raises(Exception, match="no answer"):
        central.jobs.step()
    central.mend_line()
    settle(central)
    found = central.jobs.store.parcel(parcel)
    assert found is not None
    assert [s.type for s in found.steps] == ["parcel.packed", "parcel.taken_over"]


def test_odd_things_wait_for_a_person_each_with_its_reason(
    parcel: str, central: Central, district: MemoryDistrict
) -> None:
    hear(
        district, *way(), (NUMBER, "999", f"{DAY} 09:01"), (OTHER, "704", f"{DAY} 09:01"),
        (NUMBER, "709", f"{DAY} 09:05"), (NUMBER, "704", "昨天"),
    )  # fmt: skip
    settle(central)
    with closing(open_carrier_db(district)) as db:
        odd = {k.state: k for k in db.in_state(Standing.UNKNOWN, Standing.FOREIGN,
                                               Standing.CONTRARY, Standing.UNREAD)}  # fmt: skip
    assert set(odd) == {Standing.UNKNOWN, Standing.FOREIGN, Standing.CONTRARY, Standing.UNREAD}
    assert "999" in odd[Standing.UNKNOWN].report.raw
    assert "已经报过签收" in odd[Standing.CONTRARY].why
    found = central.jobs.store.parcel(parcel)
    assert found is not None
    assert found.state.value == "delivered"
    assert found.steps[-1].type == "parcel.passed"  # it is kept in the history, too


def test_a_parcel_that_its_point_reports_later_gets_its_reports_then(
    point: Point, central: Central, district: MemoryDistrict
) -> None:
    central.carry()
    hear(district, *way())
    settle(central)
    assert standing(district) == {Standing.FOREIGN: 5}
    case = point.receive()
    point.decide(case)
    number = point.post(case, ems=NUMBER)
    central.carry()
    central.jobs.reports.look_again()
    settle(central)
    found = central.jobs.store.parcel(number)
    assert found is not None
    assert found.state.value == "delivered"


def test_our_own_couriers_parcel_is_not_moved_by_another_carriers_word(
    point: Point, central: Central, district: MemoryDistrict
) -> None:
    case = point.receive()
    point.decide(case)
    number = point.post(case)
    central.carry()
    own = central.jobs.store.parcel(number)
    assert own is not None
    hear(district, (own.tracking, "704", f"{DAY} 09:00"))
    settle(central)
    assert central.jobs.store.parcel(number) == own
    assert standing(district) == {Standing.FOREIGN: 1}


def test_asking_is_a_job_of_centrals(
    office: PostOffice, parcel: str, district: MemoryDistrict, central: Central, clock: Clock
) -> None:
    usual(office)
    central.jobs.close()
    mail = Mail(status_url=office.url)
    asking = replace(district, config=replace(district.config, mail=mail))
    central.jobs = type(central.jobs)(asking)
    central.jobs.feed._session.headers["Authorization"] = ""  # type: ignore[union-attr]
    clock.now = "2026-11-22T06:00:00Z"
    central.jobs.ask_carrier()
    settle(central)
    found = central.jobs.store.parcel(parcel)
    assert found is not None
    assert found.state.value == "delivered"


# what people see of it


def test_a_resident_follows_the_parcel_under_the_carriers_name_and_number(
    parcel: str, point: Point, central: Central, district: MemoryDistrict, resident: Browser
) -> None:
    hear(district, *way()[:3])
    settle(central)
    found = central.jobs.store.parcel(parcel)
    assert found is not None
    page = resident.get(f"/T/{point.token(found.cases[0])}").text
    for words in ("中国邮政 EMS", NUMBER, "邮局已收寄", "运输中", "到了一个处理中心", "08:40"):
        assert words in page
    assert "签收码" not in page  # what our own couriers ask for
    in_english = resident.get(f"/T/{point.token(found.cases[0])}?lang=en").text
    assert "reached a sorting centre" in in_english
    assert "状态码" not in page


def test_our_couriers_leave_a_carriers_parcel_where_it_is(parcel: str, central: Central) -> None:
    found = central.jobs.store.parcel(parcel)
    assert found is not None
    assert choices(found, "c-1001") == ()
    assert "中国邮政 EMS" in refusal(found, Courier.TAKEN_OVER, "c-1001")


def test_the_board_says_who_told_what(
    parcel: str, central: Central, district: MemoryDistrict, supervisor: Browser
) -> None:
    hear(district, *way()[:2])
    settle(central)
    page = supervisor.get(f"/board/parcels/{parcel}").text
    assert page.count("中国邮政 EMS") == 3
    assert "离开，运输中" in page
