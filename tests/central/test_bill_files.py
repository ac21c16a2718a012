"""A month's bill as carriers send it, with errors planted: all of them are found, and no others."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from central.sheets import filled, read_sheets
from central.workbook import Money, Table, workbook
from courier.bill_columns import initial_words
from courier.bill_rows import Bill, read_bill
from courier.bills import Ledger, Sent, reconcile
from courier.postage import initial_postage, province_in, yuan
from sync.bundle import load_bundle

YEAR, MONTH = 2026, "2026-11"
DIVISIONS = load_bundle().divisions
PLACES = {"350000": "福建省福州市", "110000": "北京", "540000": "西藏自治区", "440000": "广东 深圳"}
CHARGED = {"1059999999999": "十月的账单"}
Row = list[str]


class Month:
    """A month of parcels, the carrier's rows for them, and what was done to these on purpose."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)  # noqa: S311 - a month that repeats
        self.count = self.chance.randrange(20, 60)
        self.ours: list[Sent] = []
        self.known = {"1058888888888": self._sent("1058888888888", "2026-10-07", "350000")}
        self.rows: list[Row] = []
        self.planted: Counter[tuple[str, str]] = Counter()
        for n in range(self.count):
            self._parcel(n)
        self._strangers()
        self.chance.shuffle(self.rows)

    def _sent(self, tracking: str, day: str, province: str) -> Sent:
        return Sent(f"P{tracking}", tracking, "350102004001", day, province, "district", "")

    def _parcel(self, n: int) -> None:
        tracking = f"10{self.chance.randrange(10**8):08d}{n:03d}"
        day = self.chance.randrange(1, 28)
        province = self.chance.choice(sorted(PLACES))
        weight = self.chance.choice((0, 120, 499, 700, 1800))
        sent = self._sent(tracking, f"{MONTH}-{day:02d}", province)
        self.ours.append(sent)
        fen = initial_postage().expected_fen("ems", province, weight) or 0
        error = self.chance.choice(ERRORS) if self.chance.random() < 0.35 else None
        plain = [tracking, self._day(day), PLACES[province], self._weight(weight), self._yuan(fen)]
        self.rows += error(self, plain, tracking) if error else [plain]

    def plant(self, kind: str, tracking: str) -> None:
        self.planted[kind, tracking] += 1

    def _strangers(self) -> None:
        for kind, tracking, day in (
            ("not_ours", "1057777777777", "2026-11-12"),
            ("other_month", "1058888888888", "2026-10-07"),
            ("twice", "1059999999999", "2026-11-02"),
        ):
            if self.chance.random() < 0.6:
                self.plant(kind, tracking)
                self.rows.append([tracking, day, PLACES["350000"], "", "10.00"])
        self.known["1059999999999"] = self._sent("1059999999999", "2026-11-02", "350000")

    # how a carrier writes things

    def _day(self, day: int) -> str:
        return self.chance.choice(
            (f"2026-11-{day:02d}", f"2026/11/{day}", f"202611{day:02d}", f"2026年11月{day}日",
             f"2026-11-{day:02d} 09:30:00", str(46326 + day))
        )  # fmt: skip

    def _weight(self, grams: int) -> str:
        return self.chance.choice((f"{grams}克", f"{grams / 1000:.3f}kg")) if grams else ""

    def _yuan(self, fen: int) -> str:
        text = yuan(fen)
        wide = text.translate(str.maketrans("0123456789.", "０１２３４５６７８９．"))
        return self.chance.choice((text, f"￥{text}", f"{text}元", wide))

    def table(self, *, totals: bool = True) -> list[Row]:
        """The rows under titles, with subtotals, a heading on every page, and a signature."""
        heading = ["邮件号码", "收寄日期", "寄达地", "计费重量", "应收资费（元）"]
        out = [
            ["中国邮政速递物流 2026年11月 结算账单"],
            ["客户名称：鼓楼区政务", "", "", "", ""],
            heading,
        ]
        for n, row in enumerate(self.rows):
            if totals and n and n % 17 == 0:
                out += [["本页小计", "", "", "", ""], heading]
            out.append(row)
        return [*out, ["制表：吴某", "", "审核：郑某"]]


def _missing(month: Month, row: Row, tracking: str) -> list[Row]:
    month.plant("not_billed", tracking)
    return []


def _twice(month: Month, row: Row, tracking: str) -> list[Row]:
    month.plant("twice", tracking)
    return [row, list(row)]


def _dearer(month: Month, row: Row, tracking: str) -> list[Row]:
    month.plant("differs", tracking)
    return [[*row[:4], "99.00"]]


def _late(month: Month, row: Row, tracking: str) -> list[Row]:
    month.plant("other_month", tracking)
    return [[row[0], "2026-10-31", *row[2:]]]


def _elsewhere(month: Month, row: Row, tracking: str) -> list[Row]:
    month.plant("differs", tracking)
    return [[row[0], row[1], "黑龙江哈尔滨", *row[3:]]]


def _shortened(month: Month, row: Row, tracking: str) -> list[Row]:
    short = f"{int(tracking):.2E}"
    month.plant("unreadable", short)
    month.plant("not_billed", tracking)
    return [[short, *row[1:]]]


def _unpriced(month: Month, row: Row, tracking: str) -> list[Row]:
    month.plant("unreadable", tracking)
    return [[*row[:4], "待定"]]


Error = Callable[[Month, Row, str], list[Row]]
ERRORS: tuple[Error, ...] = (
    _missing, _twice, _dearer, _late, _elsewhere, _shortened, _unpriced
)  # fmt: skip


def csv_of(rows: list[Row], coding: str) -> bytes:
    quoted = [",".join(f'"{c}"' if "," in c else c for c in row) for row in rows]
    return "\r\n".join(quoted).encode(coding)


def xlsx_of(rows: list[Row]) -> bytes:
    title, *rest = rows
    return workbook(Table("账单", title, [(h, 14) for h in rest[0]], rest[1:]))


def read(content: bytes) -> Bill:
    (sheet,) = read_sheets("账单", content)
    return read_bill(sheet.name, filled(sheet), initial_words(), YEAR)


@pytest.mark.parametrize("start", range(0, 80, 20))
def test_all_planted_errors_are_found_and_no_others(start: int) -> None:
    for seed in range(start, start + 20):
        month = Month(seed)
        rows = month.table()
        content = (
            csv_of(rows, "gbk"), csv_of(rows, "utf-8-sig"), csv_of(rows, "utf-16"), xlsx_of(rows)
        )[seed % 4]  # fmt: skip
        book = Ledger(
            MONTH, month.ours,
            lambda s, g: initial_postage().expected_fen("ems", s.province, g),
            lambda words: province_in(words, DIVISIONS), month.known, CHARGED,
        )  # fmt: skip
        found = reconcile(read(content).lines, book)
        told = Counter((f.kind, f.tracking) for f in found if f.kind != "matched")
        assert told == month.planted, f"seed {seed}"
        matched = {f.tracking for f in found if f.kind == "matched"}
        errors = {tracking for _, tracking in month.planted}
        assert matched == {sent.tracking for sent in month.ours} - errors, f"seed {seed}"


def test_merged_cells_downwards_are_read_in_each_row() -> None:
    rows = [["1051234567890", "2026-11-05", "10"], ["1051234567891", "", "10"]]
    table = Table("账", ["账单"], [("邮件号", 10), ("收寄日期", 10), ("金额", 10)], rows)
    (sheet,) = read_sheets("账单", workbook(table))
    assert sheet.merged == ((1, 0, 1, 2),)
    assert filled(sheet._replace(merged=(*sheet.merged, (3, 1, 4, 1))))[3][1][1] == "2026-11-05"


def test_numbers_of_a_spreadsheet_come_back_as_they_were_written() -> None:
    table = Table(
        "表<1>", ["标题 & 其他"], [("甲", 10), ("乙", 8)],
        [["=1+1", Money(123456)], ["105\x00", 1051234567890]], [["合计", Money(-5)]],
    )  # fmt: skip
    ((name, rows, _merged),) = read_sheets("表", workbook(table))
    assert name == "表<1>"
    assert [cells for _, cells in rows] == [
        ["标题 & 其他"], ["甲", "乙"], ["=1+1", "1234.56"], ["105", "1051234567890"],
        ["合计", "-0.05"],
    ]  # fmt: skip
    assert workbook(table) == workbook(table)


def test_the_real_spreadsheets_of_others_are_still_read() -> None:
    for path in sorted((Path(__file__).parent / "sheets").iterdir()):
        assert read_sheets(path.name, path.read_bytes())
