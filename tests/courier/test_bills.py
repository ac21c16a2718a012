"""The cells of bills as carriers write them, and a bill held against our own parcels."""

from __future__ import annotations

from datetime import date

import pytest

from cases.divisions import Divisions
from cases.fields import BadField
from cases.reading import BadData
from courier import slips
from courier.bill_cells import Unreadable, could_be, day_in, fen_of, tracking_of, unit_of, weight_of
from courier.bill_columns import find_heading, initial_words
from courier.bill_rows import BillLine, read_bill
from courier.bills import How, Ledger, Sent, reconcile, sums
from courier.postage import initial_postage, province_in, read_postage, yuan
from sync.bundle import load_bundle

MONTH = "2026-11"
TARIFF = "carrier,region,first_g,first_fen,more_g,more_fen,sample"


@pytest.fixture(scope="module")
def divisions() -> Divisions:
    return load_bundle().divisions


# cells


@pytest.mark.parametrize(
    ("cell", "tracking"),
    [
        ("1051234567890", "1051234567890"), ("EB 123 456 789 CN", "EB123456789CN"),
        ("１０５１２３４５６７８９０", "1051234567890"), ("'1051234567890", "1051234567890"),
        ("1051234567890.0", "1051234567890"), ("1.05123456789E+12", None),
        ("1.051234567890E+12", "1051234567890"), ("1.05E+12", None),
        ("1.234567890123456E+17", None),
        ("", ""), ("张三", None), ("12345", None),
    ],
)  # fmt: skip
def test_a_tracking_number_is_read_whole_or_left_to_a_person(
    cell: str, tracking: str | None
) -> None:
    if tracking is None:
        with pytest.raises(Unreadable):
            tracking_of(cell)
    else:
        assert tracking_of(cell) == tracking


def test_what_a_shortened_number_may_have_been() -> None:
    assert could_be("1.05E+12", "1051234567890")
    assert not could_be("1.05E+12", "1061234567890")
    assert not could_be("1.05E+12", "105123456789")
    assert not could_be("1.05E+12", "EB123456789CN")


@pytest.mark.parametrize(
    ("cell", "fen"),
    [
        ("12", 1200), ("12.5", 1250), ("￥1,234.50元", 123450), ("１２．００", 1200),
        ("(3.00)", -300),
        ("-3", -300), ("12.100000000000001", 1210), ("", None), ("-", None), ("1.005", None),
        ("十二元", None), ("1E+9", None), ("NaN", None), ("200000", None),
    ],
)  # fmt: skip
def test_an_amount_is_read_to_the_fen_or_not_at_all(cell: str, fen: int | None) -> None:
    if fen is None:
        with pytest.raises(Unreadable):
            fen_of(cell)
    else:
        assert fen_of(cell) == fen


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("2026-11-05", date(2026, 11, 5)), ("2026/11/5 10:22:33", date(2026, 11, 5)),
        ("2026年11月5日", date(2026, 11, 5)), ("20261105", date(2026, 11, 5)),
        ("11-05", date(2026, 11, 5)), ("２０２６.１１.５", date(2026, 11, 5)),
        ("46331", date(2026, 11, 5)), ("46331.43", date(2026, 11, 5)),
    ],
)  # fmt: skip
def test_a_day_is_read_as_it_is_written(cell: str, day: date) -> None:
    assert day_in(cell, 2026) == day


@pytest.mark.parametrize("cell", ["2026-13-05", "11月31日", "昨天", "5"])
def test_a_day_that_is_none_is_said(cell: str) -> None:
    with pytest.raises(Unreadable):
        day_in(cell, 2026)


def test_a_weight_goes_by_its_own_unit_then_by_the_columns() -> None:
    assert weight_of("0.12kg", 1) == 120
    assert weight_of("1,200", 1) == 1200
    assert weight_of("0.5", unit_of("重量(公斤)", [])) == 500
    assert weight_of("0.5", unit_of("重量", ["0.5", "1.2"])) == 500
    assert weight_of("350", unit_of("重量", ["350", "1200"])) == 350
    assert weight_of("", 1) == 0
    with pytest.raises(Unreadable):
        weight_of("很重", 1)


# headings and rows


def test_the_columns_are_found_under_titles_and_in_two_rows() -> None:
    rows = [
        (1, ["中国邮政 2026年11月 账单"]),
        (2, ["客户：福州市鼓楼区", "", "", "共 2 件"]),
        (4, ["序号", "邮件号（条码）", "收寄日期", "寄达地", "资费(元)", "", ""]),
        (5, ["", "", "", "", "首重", "保价费", "合计"]),
        (6, ["1", "1051234567890", "2026-11-05", "福建", "10", "0", "10"]),
    ]
    found = find_heading(rows, initial_words())
    assert found is not None
    assert (found.first, found.last) == (4, 5)
    assert found.places == {"tracking": 1, "day": 2, "place": 3, "amount": 6}


def test_two_columns_that_could_both_be_the_amount_are_asked_about() -> None:
    with pytest.raises(BadData, match="“应收金额”、“应付金额”"):
        find_heading([(1, ["邮件号", "应收金额", "应付金额"])], initial_words())


def test_rows_that_are_no_parcels_are_passed_over_and_a_wrong_total_is_told() -> None:
    bill = read_bill(
        "十一月",
        [
            (1, ["邮件号", "日期", "金额"]),
            (2, ["1051234567890", "11-05", "10"]),
            (3, ["小计", "", "10.00"]),
            (4, ["邮件号", "日期", "金额"]),
            (5, ["1051234567891", "不详", "20"]),
            (6, ["1.05E+12", "11-06", "20"]),
            (7, ["合计：", "", "60"]),
            (8, ["制表人：林某", "审核：陈某"]),
        ],
        initial_words(),
        2026,
    )
    assert [line.tracking for line in bill.lines] == ["1051234567890", "1051234567891", ""]
    assert "后面的数字丢了" in bill.lines[2].why
    assert [note.row for note in bill.passed_over] == [3, 4, 7, 8]
    assert [(n.row, n.column) for n in bill.problems] == [(5, "收寄日期"), (7, "金额")]


def test_a_file_without_the_two_columns_is_no_bill() -> None:
    with pytest.raises(BadData, match="找不到列名那一行"):
        read_bill("表", [(1, ["姓名", "电话"]), (2, ["张三", "138"])], initial_words(), 2026)


# a bill held against what we sent


def sent(n: int, day: str = "2026-11-05", **more: object) -> Sent:
    fields = {
        "number": f"P{n}", "tracking": f"10512345678{n:02d}", "point": "350102004001", "day": day,
        "province": "350000", "bearer": "district", "state": "已签收", **more,
    }  # fmt: skip
    return Sent(**fields)  # type: ignore[arg-type]


def line(n: int, fen: int = 1000, **more: object) -> BillLine:
    fields = {"sheet": "", "row": n, "tracking": f"10512345678{n:02d}", "raw": "",
              "day": "2026-11-05", "fen": fen, **more}  # fmt: skip
    return BillLine(**fields)  # type: ignore[arg-type]


def ledger(
    *ours: Sent, known: tuple[Sent, ...] = (), charged: dict[str, str] | None = None
) -> Ledger:
    return Ledger(
        MONTH, ours, lambda s, g: initial_postage().expected_fen("ems", s.province, g),
        lambda words: {"北京": "110000", "福建": "350000"}.get(words, ""),
        {s.tracking: s for s in known}, charged or {},
    )  # fmt: skip


def kinds(lines: list[BillLine], book: Ledger) -> list[str]:
    return [found.kind for found in reconcile(lines, book)]


def test_every_parcel_and_every_charge_comes_under_one_finding() -> None:
    book = ledger(sent(1), sent(2), sent(3), sent(4), known=(sent(5, "2026-10-02"),))
    lines = [line(1), line(2, 1200), line(3), line(3), line(5, day="2026-10-02"), line(6)]
    assert kinds(lines, book) == [
        "matched", "differs", "twice", "other_month", "not_ours", "not_billed"
    ]  # fmt: skip


def test_a_charge_that_was_taken_back_is_not_charged_twice() -> None:
    assert kinds([line(1), line(1), line(1, -1000)], ledger(sent(1))) == ["matched"]


def test_what_an_earlier_bill_charged_is_charged_twice_and_not_missing() -> None:
    charged = {sent(1).tracking: "十月的账单"}
    (found,) = reconcile([line(1)], ledger(sent(1), charged=charged))
    assert (found.kind, found.due_fen) == ("twice", 0)
    assert "十月的账单" in found.words
    assert kinds([], ledger(sent(1), charged=charged)) == []


@pytest.mark.parametrize(
    ("ours", "theirs", "words"),
    [
        (sent(1), line(1, 1200), "多收 2.00 元"),
        (sent(1), line(1, 900), "少收 1.00 元"),
        (sent(1), line(1, day="2026-11-09"), "差 4 天"),
        (sent(1), line(1, place="北京"), "收件省份不同"),
        (sent(1, weight_g=300), line(1, 1200, weight_g=700), "我们称的 300 克"),
        (sent(1, cancelled=True), line(1), "已经取消交寄"),
    ],
)
def test_what_differs_is_said(ours: Sent, theirs: BillLine, words: str) -> None:
    (found,) = reconcile([theirs], ledger(ours))
    assert found.kind == "differs"
    assert words in found.words


def test_a_few_days_and_what_is_not_known_are_no_difference() -> None:
    assert kinds([line(1, day="2026-11-08", place="总局")], ledger(sent(1))) == ["matched"]
    assert kinds([line(1, day="")], ledger(sent(1, province="", weight_g=0))) == ["differs"]
    assert kinds([line(1, 2000)], ledger(sent(1, province=""))) == ["matched"]


def test_a_cancelled_parcel_is_not_missed_and_a_shortened_number_is_left_to_a_person() -> None:
    book = ledger(sent(1, cancelled=True), sent(2), sent(3))
    lost = BillLine("", 9, "", "1.05E+12", fen=1000, why="认不出")
    found = reconcile([lost], book)
    assert [f.kind for f in found] == ["unreadable", "not_billed", "not_billed"]
    assert sent(2).tracking in found[0].words


def test_a_row_without_an_amount_is_for_a_person_and_its_parcel_is_not_missing() -> None:
    assert kinds([line(1, why="没有金额")], ledger(sent(1))) == ["unreadable"]


def test_the_sums_before_and_after_it_was_settled() -> None:
    found = reconcile([line(1), line(2, 1300), line(3), line(3)], ledger(sent(1), sent(2), sent(3)))
    before = sums(found, {})
    assert (before.billed, before.due, before.payable, before.open) == (4300, 3000, 3000, 2)
    assert before.unsettled == 1300
    after = sums(found, {found[1].key: How.ACCEPTED, found[2].key: How.DISPUTED})
    assert (after.payable, after.disputed, after.open) == (3300, 1000, 0)
    for s in (before, after):
        assert s.billed == s.due + s.accepted + s.disputed + s.written_off + s.unsettled


# postage


def test_nobody_but_the_district_or_a_department_bears_postage() -> None:
    postage = initial_postage()
    assert set(postage.bearers.values()) == {"district", "department"}
    assert postage.bearer("result_to_resident", "SCJG") == "district"
    assert postage.bearer("papers_to_authority", "SCJG") == "department"
    with pytest.raises(BadData, match="resident"):
        read_postage({**_texts(), "bearers": "purpose,department,bearer\n*,*,resident\n"})


def _texts() -> dict[str, str]:
    return {
        "mail_regions": "region,free,days,sample\n*,1,5,0\n",
        "tariffs": f"{TARIFF}\nems,*,500,2000,500,600,0\n",
        "bearers": "purpose,department,bearer\n*,*,district\n",
    }


def test_postage_goes_by_weights_begun_and_free_mail_by_region(divisions: Divisions) -> None:
    postage = initial_postage()
    assert postage.expected_fen("ems", "350000") == 1000
    assert [postage.expected_fen("ems", "350000", g) for g in (500, 501, 1001)] == [
        1000,
        1200,
        1400,
    ]
    assert postage.expected_fen("nobody", "350000") is None
    assert postage.reach("350000").free
    assert postage.reach("650000").days > postage.reach("350000").days
    assert postage.reach("810000").free


def test_where_free_mail_does_not_reach_no_slip_goes(
    divisions: Divisions, monkeypatch: pytest.MonkeyPatch
) -> None:
    regions = "region,free,days,sample\n*,1,5,0\n650000,0,10,0\n"
    table = read_postage({**_texts(), "mail_regions": regions})
    monkeypatch.setattr(slips, "initial_postage", lambda: table)
    assert slips.check_county("350102", divisions) == "350102"
    with pytest.raises(BadField) as refused:
        slips.check_county("650102", divisions)
    assert "免费寄递还到不了这里" in refused.value.message_zh
    assert province_in("内蒙", divisions) == "150000"
    assert province_in("福建省福州市", divisions) == "350000"
    assert province_in("总局", divisions) == ""


@pytest.mark.parametrize(
    ("table", "text"),
    [
        ("mail_regions", "region,free,days,sample\n350000,1,3,1\n"),
        ("mail_regions", "region,free,days,sample\n*,1,0,1\n"),
        ("mail_regions", "region,free,days,sample\n*,1,5,1\n350100,1,5,1\n"),
        ("tariffs", f"{TARIFF}\nems,*,1,1,0,1,1\n"),
        ("tariffs", f"{TARIFF}\n,*,1,1,1,1,1\n"),
    ],
)
def test_a_table_that_cannot_be_is_refused(table: str, text: str) -> None:
    with pytest.raises(BadData):
        read_postage({**_texts(), table: text})


def test_an_amount_is_shown_as_people_read_it() -> None:
    assert [yuan(fen) for fen in (0, 5, 123450, -310)] == ["0.00", "0.05", "1,234.50", "-3.10"]
