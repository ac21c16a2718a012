"""A point's monthly statement: every parcel, what it costs, who bears it; a sheet and a paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cases.papers import PURPOSES_ZH
from cases.times import shown
from central.mail_month import (
    MonthBook,
    Posted,
    by_bearer,
    by_carrier,
    by_province,
    priced,
    state_of_charge,
)
from central.sent_mail import Accounts
from central.workbook import Cell, Money, Table
from courier.bills import Finding
from courier.carriers import carrier_zh
from courier.postage import samples, yuan
from labels.statement import Column, Statement

COLUMNS = (
    ("序号", 6), ("邮件编号", 22), ("快递单号", 17), ("交出日期", 12), ("承运方", 15),
    ("寄达省份", 13), ("用途", 10), ("重量（克）", 10), ("应付（元）", 10), ("账单（元）", 10),
    ("承担", 22), ("状态", 14), ("账单结果", 14),
)  # fmt: skip
_AMOUNTS = ("重量（克）", "应付（元）", "账单（元）")
SAMPLE_ZH = "应付按样例资费算，资费表还没有人核对过；重量取承运方账单。"
PLAIN_ZH = "重量取承运方账单；没有出账的按首重算。"


def chosen(book: MonthBook, point: str, charges: Mapping[str, Finding]) -> list[Posted]:
    """A point's parcels of the month, in the order in which they went out."""
    mine = (posted for posted in priced(book.posted, charges) if posted.sent.point == point)
    return sorted(mine, key=lambda posted: (posted.sent.day, posted.sent.number))


def sheet(
    book: MonthBook, name: str, mine: Sequence[Posted], charges: Mapping[str, Finding],
    accounts: Accounts,
) -> Table:  # fmt: skip
    """The statement as a spreadsheet."""
    return Table(
        "对账单",
        (title_of(book, name), " · ".join(facts_of(book, mine)), note_of(accounts, mine)),
        COLUMNS,
        [_cells(n, posted, charges, accounts) for n, posted in enumerate(mine, 1)],
        [_sum_cells(*each) for each in sums_of(mine, charges, accounts)],
    )


def paper(
    book: MonthBook, name: str, mine: Sequence[Posted], charges: Mapping[str, Finding],
    accounts: Accounts,
) -> Statement:  # fmt: skip
    """The statement as it is printed."""
    rows = [_cells(n, posted, charges, accounts) for n, posted in enumerate(mine, 1)]
    sums = [_sum_cells(*each) for each in sums_of(mine, charges, accounts)]
    return Statement(
        title_of(book, name),
        facts_of(book, mine),
        [Column(heading, width, heading in _AMOUNTS) for heading, width in COLUMNS],
        [[_text(cell) for cell in row] for row in rows],
        [[_text(cell) for cell in row] for row in sums],
        note_of(accounts, mine),
    )


def title_of(book: MonthBook, name: str) -> str:
    """What the statement is called."""
    return f"{name} {book.month[:4]} 年 {int(book.month[5:])} 月寄递对账单"


def facts_of(book: MonthBook, mine: Sequence[Posted]) -> list[str]:
    """How many parcels, and as of when."""
    unpriced = sum(posted.expected_fen is None for posted in mine)
    words = [f"共 {len(mine)} 件", f"数据截至 {shown(book.made_at, book.made_at)}"]
    return [*words, f"其中 {unpriced} 件没有资费可算"] if unpriced else words


def note_of(accounts: Accounts, mine: Sequence[Posted]) -> str:
    """Whether the postage is a sample, and where the weights come from."""
    sample = samples(accounts.postage, {posted.carrier for posted in mine})
    return SAMPLE_ZH if sample else PLAIN_ZH


def _cells(
    number: int, posted: Posted, charges: Mapping[str, Finding], accounts: Accounts
) -> list[Cell]:
    sent, charge = posted.sent, charges.get(posted.sent.number)
    return [
        number,
        sent.number,
        sent.tracking,
        sent.day,
        carrier_zh(posted.carrier),
        accounts.province_name(sent.province),
        PURPOSES_ZH.get(posted.purpose, posted.purpose),
        charge.weight_g if charge and charge.weight_g else "",
        "" if posted.expected_fen is None else Money(posted.expected_fen),
        Money(charge.billed_fen) if charge and charge.rows else "",
        sent.bearer,
        sent.state,
        state_of_charge(charge),
    ]


def sums_of(
    mine: Sequence[Posted], charges: Mapping[str, Finding], accounts: Accounts
) -> list[tuple[str, str, int, int, int]]:
    """(what is summed, whose, how many, expected, billed): by bearer, carrier, province, all."""
    groups = (
        ("按承担", by_bearer(mine), lambda name: name),
        ("按承运方", by_carrier(mine), carrier_zh),
        ("按省份", by_province(mine), accounts.province_name),
    )
    found: list[tuple[str, str, int, int, int]] = [
        (what, str(called(name)), count, fen, 0)
        for what, summed, called in groups
        for name, count, fen in summed
    ]
    expected = sum(posted.expected_fen or 0 for posted in mine)
    billed = sum(charges[p.sent.number].billed_fen for p in mine if p.sent.number in charges)
    return [*found, ("合计", "", len(mine), expected, billed)]


def _sum_cells(what: str, whose: str, count: int, expected: int, billed: int) -> list[Cell]:
    cells: list[Cell] = ["", f"{what} {whose}".strip(), f"{count} 件", *[""] * 5, Money(expected)]
    return [*cells, Money(billed)] if billed else cells


def _text(cell: Cell) -> str:
    return yuan(cell.fen) if isinstance(cell, Money) else str(cell)
