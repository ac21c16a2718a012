"""A bill as its page prints it: the sums, each kind of finding, the lines, who settled what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from flask import url_for

from cases.times import shown
from central.bill_db import Body, Decision, Head
from central.board_cards import Row, name_of
from central.context import now
from central.workbook import Cell, Money, Table
from courier.bill_rows import Note
from courier.bills import HOW_ZH, KINDS_ZH, Finding, How, Kind, Sums, sums
from courier.carriers import carrier_zh
from courier.look.cards import Choice, Light, Stat
from courier.postage import yuan

SHOWN_MAX = 200
NOTES_MAX = 100
HOWS = tuple(Choice(how.value, words) for how, words in HOW_ZH.items())


@dataclass(frozen=True)
class FindingRow:
    """One finding: what, where, how much, and what was settled, by whom."""

    key: str
    kind: str
    tracking: str
    url: str
    point: str
    rows: str
    billed: str
    expected: str
    words: str
    settled: str
    tone: str


@dataclass(frozen=True)
class BillCard:
    """Everything the page of a bill says."""

    id: str
    title: str
    name: str
    by: str
    withdrawn: str
    sample: bool
    reconciled: str
    sums: tuple[tuple[str, str, str], ...]
    kinds: tuple[Stat, ...]
    kind: str
    waiting: bool
    heading: str
    rows: tuple[FindingRow, ...]
    more: int
    count_settled: int
    problems: tuple[tuple[str, str, str], ...]
    passed_over: tuple[tuple[str, str, str], ...]
    hows: tuple[Choice, ...] = HOWS


def head_rows(heads: Sequence[Head]) -> list[Row]:
    """The bills as rows of a list."""
    return [
        Row(
            head.month,
            url_for("bills.show", id=head.id),
            (carrier_zh(head.carrier), head.name,
             f"{head.who} {shown(head.at, now())}"),
            "red" if head.withdrawn else "green",
            "已作废" if head.withdrawn else "有效",
        )
        for head in heads
    ]  # fmt: skip


def bill_page(
    head: Head, body: Body, made: Sequence[Decision], *, kind: str, waiting: bool
) -> BillCard:
    """The page of a bill: one kind of finding (all but the matched if empty), waiting or all."""
    last = {decision.key: decision for decision in made}
    chosen = [f for f in body.findings if f.kind == kind or (not kind and f.kind != "matched")]
    left = [f for f in chosen if f.key not in last]
    listed = left if waiting and kind != Kind.MATCHED.value else chosen
    return BillCard(
        id=head.id,
        title=f"{carrier_zh(head.carrier)} {head.month}",
        name=head.name,
        by=f"{head.who} {shown(head.at, now())}导入",
        withdrawn=head.withdrawn,
        sample=body.sample,
        reconciled=shown(body.reconciled_at, now()),
        sums=_sums(body, last),
        kinds=_kinds(head, body, last),
        kind=kind,
        waiting=waiting,
        heading=KINDS_ZH[Kind(kind)] if kind in {k.value for k in Kind} else "没有对上的",
        rows=tuple(_row(f, last.get(f.key)) for f in listed[:SHOWN_MAX]),
        more=max(len(listed) - SHOWN_MAX, 0),
        count_settled=len(chosen) - len(left),
        problems=_notes(body.problems),
        passed_over=_notes(body.passed_over),
    )


def _sums(body: Body, last: dict[str, Decision]) -> tuple[tuple[str, str, str], ...]:
    """Each sum before anybody settled anything, and as it is now."""
    before, after = sums(body.findings, {}), sums(body.findings, _hows(last))
    rows = (
        ("账单合计", "billed"), ("对上的", "matched"), ("没有疑问的", "due"),
        ("认可的差额", "accepted"), ("不认可的差额", "disputed"), ("核销的差额", "written_off"),
        ("还没处理的差额", "unsettled"), ("应付", "payable"),
    )  # fmt: skip
    return tuple((words, _yuan(before, name), _yuan(after, name)) for words, name in rows)


def _yuan(found: Sums, name: str) -> str:
    return yuan(getattr(found, name))


def _hows(last: dict[str, Decision]) -> dict[str, How]:
    return {key: decision.how for key, decision in last.items()}


def _kinds(head: Head, body: Body, last: dict[str, Decision]) -> tuple[Stat, ...]:
    """A figure for each kind: how many there are, and how many of them wait."""
    counts = Counter(f.kind for f in body.findings)
    waits = Counter(f.kind for f in body.findings if f.key not in last)
    found = []
    for kind, words in KINDS_ZH.items():
        matched, left = kind is Kind.MATCHED, waits[kind.value]
        url = url_for("bills.show", id=head.id, kind=kind.value, which="all")
        word = "" if matched or not counts[kind.value] else f"{left} 条待处理"
        word = "都处理了" if word and not left else word
        light: Light = "green" if matched or not left else "amber"
        found.append(Stat(str(counts[kind.value]), words, url, light, word or "不用处理"))
    return tuple(found)


def _row(found: Finding, made: Decision | None) -> FindingRow:
    url = url_for("board.parcel", number=found.number) if found.number else ""
    said = f"{HOW_ZH[made.how]}：{made.words}（{made.who} {shown(made.at, now())}）" if made else ""
    expected = "" if found.expected_fen is None else yuan(found.expected_fen)
    return FindingRow(
        key=found.key,
        kind=KINDS_ZH[Kind(found.kind)],
        tracking=found.tracking,
        url=url,
        point=name_of(found.point) if found.point else "",
        rows="、".join(found.rows),
        billed=yuan(found.billed_fen) if found.rows else "",
        expected=expected,
        words=found.words,
        settled=said,
        tone="green" if made or found.kind == Kind.MATCHED.value else "amber",
    )


def _notes(notes: Sequence[Note]) -> tuple[tuple[str, str, str], ...]:
    return tuple(
        (f"{note.sheet}第 {note.row} 行" if note.row else note.sheet, note.column, note.words)
        for note in notes[:NOTES_MAX]
    )


def findings_table(head: Head, body: Body, made: Sequence[Decision]) -> Table:
    """Everything that was found, as a spreadsheet."""
    last = {decision.key: decision for decision in made}
    after = sums(body.findings, _hows(last))
    rows: list[Sequence[Cell]] = [
        (r.kind, r.tracking, r.point, r.rows, Money(f.billed_fen), r.expected, f.bearer, r.words,
         r.settled)
        for f in body.findings
        for r in (_row(f, last.get(f.key)),)
    ]  # fmt: skip
    total = ("合计", "", "", "", Money(after.billed))
    payable = ("应付", "", "", "", Money(after.payable))
    return Table(
        "对账",
        [f"{carrier_zh(head.carrier)} {head.month} 对账结果", head.name],
        [("结果", 24), ("邮件号", 18), ("受理点", 16), ("账单位置", 18), ("账单金额", 11),
         ("应为", 11), ("承担", 16), ("说明", 50), ("处理", 50)],
        rows,
        [total, payable],
    )  # fmt: skip
