"""What every carrier must be able to do, ours and China Post; and what its reports amount to."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import replace
from io import StringIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases.folded import Parcel
from cases.reading import BadData
from cases.states import ParcelState
from cases.tracking import FORMATS
from courier.carriers import NAMES_ZH, carrier_zh
from courier.carriers.codes import UNSAID, initial_ems_codes, read_codes
from courier.carriers.decide import MOVES, PASSED, decide, order
from courier.carriers.ems import Ems
from courier.carriers.moments import NoMoment, moment_of
from courier.carriers.own import Own
from courier.carriers.ports import Carrier, Handed, Kind, Meaning, Reading, Report
from tests.cases.facts import CENTRAL, LIN, PARCEL, History, parcel_in

HEARD = "2026-11-25T00:00:00Z"
NUMBER = "1060123456789"
HANDED = Handed(
    number="PGL017-261122-0041-X", tracking=NUMBER, name="林小䶮", phone="13805915678",
    region="福建省福州市鼓楼区", address="=1+1 军门社区\n12号楼", sender="军门社区便民服务站",
    sender_phone="0591-87654321", sender_address="东街口", contents="文件 1 件", packed="11月22日",
)  # fmt: skip
HEADING = ("邮件号", "状态码", "状态", "操作时间", "操作机构")


@pytest.fixture(params=[Own(), Ems()], ids=["own", "ems"])
def carrier(request: pytest.FixtureRequest) -> Carrier:
    return request.param  # type: ignore[no-any-return]


def row(code: str = "704", when: str = "2026-11-22 15:00", number: str = NUMBER,
        words: str = "", place: str = "鼓楼投递部") -> tuple[str, ...]:  # fmt: skip
    return (number, code, words, when, place)


def read(carrier: Carrier, *rows: Sequence[str], above: int = 0) -> Reading:
    titles = [(n, ["福州邮政邮件状态表"]) for n in range(1, above + 1)]
    table = [HEADING, *rows]
    return carrier.read_rows([*titles, *enumerate(table, above + 1)], HEARD)


# the suite of every carrier


def test_a_carrier_has_a_name_and_numbers_of_known_formats(carrier: Carrier) -> None:
    assert carrier_zh(carrier.code) == NAMES_ZH[carrier.code]
    assert carrier.formats
    assert set(carrier.formats) <= set(FORMATS)
    others = {format for other in (Own(), Ems()) if other.code != carrier.code
              for format in other.formats}  # fmt: skip
    assert not others & set(carrier.formats)


def test_its_hand_over_file_is_a_table_that_its_desk_can_open(carrier: Carrier) -> None:
    file = carrier.hand_over("2026-11-22", [HANDED, replace(HANDED, tracking="EA123456785CN")])
    rows = list(csv.reader(StringIO(file.content.decode(file.encoding))))
    assert [len(r) for r in rows] == [len(rows[0])] * 3
    assert rows[0][0] == "邮件号"
    assert [r[0] for r in rows[1:]] == [NUMBER, "EA123456785CN"]
    assert "林小䶮" in rows[1]
    assert not any(cell.startswith("=") or "\n" in cell for r in rows for cell in r)
    assert carrier.code in file.name


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "＝", "＋", "－", "＠"])
def test_a_resident_s_words_are_no_formula_at_the_desk(carrier: Carrier, first: str) -> None:
    """Spreadsheets of this part of the world read the wide signs as the narrow ones."""
    file = carrier.hand_over("2026-11-22", [replace(HANDED, name=f" {first}HYPERLINK(1)")])
    assert f"'{first}HYPERLINK(1)" in file.content.decode(file.encoding)


def test_no_parcel_is_a_file_with_its_heading_only(carrier: Carrier) -> None:
    assert carrier.hand_over("2026-11-22", []).content.count(b"\r\n") == 1


def test_what_is_no_table_of_a_carriers_is_refused_in_words(carrier: Carrier) -> None:
    for rows in ([], [(1, ["电费", "金额"])], [(1, ["邮件号", "金额"]), (2, ["x", "y"])]):
        with pytest.raises(BadData, match=r"[一-龥]"):
            carrier.read_rows(rows, HEARD)
    for answer in (None, 5, "x", {}, {"error": "busy"}, {"data": "none"}):
        with pytest.raises(BadData, match=r"[一-龥]"):
            carrier.read_answer(answer, HEARD)


def test_only_who_reports_by_file_reads_files(carrier: Carrier) -> None:
    if not carrier.reports_by_file:
        with pytest.raises(BadData, match="手机"):
            read(carrier, row())
        return
    (report,) = read(carrier, row()).reports
    assert (report.carrier, report.tracking, report.code) == (carrier.code, NUMBER, "704")
    assert (report.when, report.place) == ("2026-11-22T07:00:00Z", "鼓楼投递部")
    assert json.loads(report.raw)["操作时间"] == "2026-11-22 15:00"


# what China Post sends


def test_every_code_of_the_table_means_something_that_people_understand() -> None:
    codes = initial_ems_codes()
    assert {meaning.kind for meaning in codes.values()} == set(Kind)
    assert all(meaning.words for meaning in codes.values())
    assert UNSAID in {meaning.to for meaning in codes.values()}


@pytest.mark.parametrize("wrong", [
    "1,nowhere,,,x", "1,delivered,,,x", "1,delivered,nobody,,x", "1,failed,,,x", "1,out,self,,x",
    ",out,,,x", "1,out,,,x\n1,out,,,x",
])  # fmt: skip
def test_a_table_of_codes_with_a_mistake_is_refused(wrong: str) -> None:
    with pytest.raises(BadData):
        read_codes("codes", f"code,kind,to,why,words\n{wrong}\n")


def test_a_district_may_have_codes_of_its_own() -> None:
    ems = Ems(read_codes("codes", "code,kind,to,why,words\nZ9,held,,,在柜台\n"))
    (known, unknown) = read(ems, row("Z9"), row("704")).reports
    assert ems.meaning(known) == Meaning(Kind.HELD, "在柜台")
    assert ems.meaning(unknown) is None


def test_a_code_that_nobody_knows_is_understood_by_its_words_or_not_at_all() -> None:
    ems = Ems()
    by_words, by_nothing = read(ems, row("X1", words="妥投"), row("X2", words="飞走了")).reports
    assert ems.meaning(by_words) == initial_ems_codes()["妥投"]
    assert ems.meaning(by_nothing) is None


def test_the_heading_may_stand_under_titles_and_in_other_words() -> None:
    assert len(read(Ems(), row(), above=3).reports) == 1
    other = [(1, ["Waybill_No", "opCode", "OP TIME"]), (2, [NUMBER, "704", "20261122150000"])]
    (report,) = Ems().read_rows(other, HEARD).reports
    assert report.when == "2026-11-22T07:00:00Z"


def test_a_bad_row_spoils_no_other_and_is_kept_as_it_came() -> None:
    found = read(
        Ems(), row(), row(number="1.06012E+12"), row(when="明天"), row(number=""), row(code=""),
        row(when="2027-01-01 00:00"), row(number=f"{NUMBER}.0", code="702"), ("", "", "", "", ""),
        row(place="\ud800半个字"),
    )  # fmt: skip
    assert [r.code for r in found.reports] == ["704", "702", "704"]
    assert [u.row for u in found.unread] == [3, 4, 5, 6, 7]
    assert "后面的数字丢了" in found.unread[0].why
    assert "1.06012E+12" in found.unread[0].raw
    assert found.reports[2].place == "?半个字"


def test_the_same_said_again_is_the_same_report_and_another_time_is_another() -> None:
    once = read(Ems(), row(), row()).reports
    assert len(once) == 1
    others = [row(when="2026-11-22 15:01"), row(place="台江投递部"), row(code="妥投")]
    ops = {r.op for r in (*once, *read(Ems(), *others).reports)}
    assert len(ops) == 4
    again = {r.op for r in read(Ems(), row(when="2026/11/22 15:00:00")).reports}
    assert again == {once[0].op}  # the same moment, written in another way


@pytest.mark.parametrize(("written", "meant"), [
    ("2026-11-22 15:00:05", "2026-11-22T07:00:05Z"), ("2026/11/2 9:05", "2026-11-02T01:05:00Z"),
    ("2026年11月22日 15:00", "2026-11-22T07:00:00Z"), ("20261122150005", "2026-11-22T07:00:05Z"),
    ("2026-11-22T15:00:05+08:00", "2026-11-22T07:00:05Z"), ("46348.625", "2026-11-22T07:00:00Z"),
    ("2026-11-22T07:00:05.123Z", "2026-11-22T07:00:05Z"), ("1795330805", "2026-11-22T07:00:05Z"),
    ("2026-11-21T23:00:05-08:00", "2026-11-22T07:00:05Z"),
    ("1795330805000", "2026-11-22T07:00:05Z"),
    ("2026-11-25 08:20", HEARD),  # their clock is a little ahead of ours
])  # fmt: skip
def test_a_time_is_read_in_whatever_way_and_zone_it_is_written(written: str, meant: str) -> None:
    assert moment_of(written, HEARD) == meant


@pytest.mark.parametrize("written", ["", "昨天", "2026-13-01 10:00", "2026-11-25 09:00",
                                     "2026-02-01 10:00", "2026-11-22 25:00", "704"])  # fmt: skip
def test_what_is_no_time_or_cannot_be_one_is_said_so(written: str) -> None:
    with pytest.raises(NoMoment, match=r"[一-龥]"):
        moment_of(written, HEARD)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=9),
                    lambda inner: st.lists(inner, max_size=4)
                    | st.dictionaries(st.sampled_from(["mailNo", "opCode", "time", "data", "x"]),
                                      inner, max_size=4), max_leaves=12))  # fmt: skip
@settings(max_examples=150, deadline=None)
def test_whatever_answers_is_read_or_refused_and_nothing_else(answer: object) -> None:
    try:
        found = Ems().read_answer(answer, HEARD)
    except BadData:
        return
    assert all(report.when <= HEARD for report in found.reports)


# what a report amounts to


def report(kind: Kind, when: str = "2026-11-22T08:00:00Z", op: str = "") -> Report:
    return Report(op or f"{kind.value}-{when}", "ems", NUMBER, kind.value, "", when, "鼓楼", "{}")


def meaning(kind: Kind) -> Meaning:
    return Meaning(
        kind, kind.value, "self" * (kind is Kind.DELIVERED), "other" * (kind is Kind.FAILED)
    )


def tell(history: History, told: Report) -> str:
    """State what a report amounts to, as central would. :returns: the type that was stated."""
    parcel = history.now()
    assert isinstance(parcel, Parcel)
    decided = decide(parcel, told, meaning(Kind(told.code)))
    if decided is None:
        return ""
    history.say(decided.type, CENTRAL, **decided.data)
    assert history.now().set_aside == (), decided
    return decided.type


def test_the_usual_way_is_followed_with_what_lies_between() -> None:
    history = History(PARCEL)
    history.say("parcel.packed", LIN, carrier="ems", tracking=NUMBER)
    for hour, (kind, state) in enumerate(
        [(Kind.TAKEN_OVER, "taken_over"), (Kind.LEFT, "taken_over"), (Kind.REACHED, "taken_over"),
         (Kind.OUT, "out"), (Kind.FAILED, "failed"), (Kind.OUT, "out"),
         (Kind.DELIVERED, "delivered")]
    ):  # fmt: skip
        tell(history, report(kind, f"2026-11-22T{hour:02d}:00:00Z"))
        assert history.now().state.value == state


def test_a_report_that_comes_late_is_kept_and_moves_nothing() -> None:
    history = History(PARCEL)
    history.say("parcel.packed", LIN, carrier="ems", tracking=NUMBER)
    assert tell(history, report(Kind.DELIVERED, "2026-11-22T15:00:00Z")) == "parcel.delivered"
    late = report(Kind.TAKEN_OVER, "2026-11-22T08:00:00Z")
    decided = decide(history.now(), late, meaning(Kind.TAKEN_OVER))  # type: ignore[arg-type]
    assert decided is not None
    assert (decided.type, decided.contrary) == (PASSED, "")
    assert decided.data["kind"] == "taken_over"


def test_a_report_that_contradicts_what_is_known_asks_a_person() -> None:
    history = parcel_in("delivered")
    after = report(Kind.RETURNED, "2026-12-01T00:00:00Z")
    decided = decide(history.now(), after, meaning(Kind.RETURNED))  # type: ignore[arg-type]
    assert decided is not None
    assert decided.type == PASSED
    assert "已经报过签收" in decided.contrary
    cancelled = decide(parcel_in("cancelled").now(), after, meaning(Kind.OUT))  # type: ignore[arg-type]
    assert cancelled is not None
    assert "取消交寄" in cancelled.contrary


def test_what_was_stated_is_not_stated_again() -> None:
    history = History(PARCEL)
    history.say("parcel.packed", LIN, carrier="ems", tracking=NUMBER)
    for kind in (Kind.TAKEN_OVER, Kind.REACHED):
        assert tell(history, report(kind)) != ""
        assert tell(history, report(kind)) == ""


REPORTS = st.lists(
    st.tuples(st.sampled_from(list(Kind)), st.integers(0, 9)), min_size=1, max_size=12
)


@given(REPORTS, st.randoms(use_true_random=False))
@settings(max_examples=250, deadline=None)
def test_in_whatever_order_and_how_often_reports_come_the_parcel_is_never_corrupt(
    told: list[tuple[Kind, int]], rolls: object
) -> None:
    history = History(PARCEL)
    history.say("parcel.packed", LIN, carrier="ems", tracking=NUMBER)
    came = [report(kind, f"2026-11-22T0{hour}:00:00Z") for kind, hour in told] * 2
    rolls.shuffle(came)  # type: ignore[attr-defined]
    ended: set[ParcelState] = set()
    for each in came:
        tell(history, each)
        parcel = history.now()
        over = {ParcelState.DELIVERED, ParcelState.RETURNED} & {parcel.state}  # type: ignore[comparison-overlap]
        assert not ended or over == ended  # the first end stands
        ended = over  # type: ignore[assignment]
    assert len(history.now().steps) == 1 + len({each.op for each in came})


@given(REPORTS)
@settings(max_examples=100, deadline=None)
def test_one_file_is_dealt_with_in_the_order_in_which_it_happened(
    told: list[tuple[Kind, int]],
) -> None:
    came = [report(kind, f"2026-11-22T0{hour}:00:00Z") for kind, hour in told]
    done = sorted(came, key=lambda r: order(r, meaning(Kind(r.code))))
    history = History(PARCEL)
    history.say("parcel.packed", LIN, carrier="ems", tracking=NUMBER)
    moves = [r for r in done if tell(history, r) in MOVES.values()]
    assert [r.when for r in moves] == sorted(r.when for r in moves)
