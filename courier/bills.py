"""A carrier's bill held against our own parcels of a month: what fits, and what a person settles.

Pure. Each parcel and each charge comes under exactly one finding: matched, charged twice, of
another month, differing, ours and not billed, billed and not ours, or not to be told. Nothing but
what is matched settles itself: a person accepts it, disputes it with the carrier, or writes it off.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import Enum

import msgspec

from courier.bill_cells import could_be
from courier.bill_rows import BillLine
from courier.postage import yuan

DAYS_OFF_MAX = 3  # a carrier books a parcel when it is at its own desk, not when it was fetched
CANDIDATES_MAX = 5


class Kind(Enum):
    """What became of a parcel or of a charge."""

    MATCHED = "matched"
    TWICE = "twice"
    OTHER_MONTH = "other_month"
    DIFFERS = "differs"
    NOT_OURS = "not_ours"
    NOT_BILLED = "not_billed"
    UNREADABLE = "unreadable"


KINDS_ZH = {
    Kind.MATCHED: "对上了",
    Kind.TWICE: "重复收费",
    Kind.OTHER_MONTH: "别的月份的",
    Kind.DIFFERS: "金额等不同",
    Kind.NOT_OURS: "账单有、我们没有",
    Kind.NOT_BILLED: "我们有、账单没有",
    Kind.UNREADABLE: "认不出的行",
}


class How(Enum):
    """How a person settles a finding."""

    ACCEPTED = "accepted"
    DISPUTED = "disputed"
    WRITTEN_OFF = "written_off"


HOW_ZH = {
    How.ACCEPTED: "认可，照账单付",
    How.DISPUTED: "不认可，向承运方提出",
    How.WRITTEN_OFF: "核销，不付也不再追",
}


class Sent(msgspec.Struct, frozen=True):
    """One of our own parcels as the accounts see it. ``weight_g`` is 0 where nobody weighed it."""

    number: str
    tracking: str
    point: str
    day: str
    province: str
    bearer: str
    state: str
    weight_g: int = 0
    cancelled: bool = False


class Finding(msgspec.Struct, frozen=True):
    """What became of one parcel or charge; ``due_fen`` is what is owed without any doubt."""

    key: str
    kind: str
    tracking: str
    words: str
    number: str = ""
    point: str = ""
    bearer: str = ""
    rows: tuple[str, ...] = ()
    billed_fen: int = 0
    expected_fen: int | None = None
    due_fen: int = 0
    weight_g: int = 0


@dataclass(frozen=True)
class Ledger:
    """What a bill is held against.

    ``ours``: the carrier's parcels of the month. ``known``: any other parcel of ours by its number.
    ``charged``: what an earlier bill charged, with that bill's name. ``expected``: the postage of
    a parcel at a weight, None without a tariff. ``province``: a place's province, or empty.
    """

    month: str
    ours: Sequence[Sent]
    expected: Callable[[Sent, int], int | None]
    province: Callable[[str], str]
    known: Mapping[str, Sent] = field(default_factory=dict)
    charged: Mapping[str, str] = field(default_factory=dict)


def reconcile(lines: Iterable[BillLine], ledger: Ledger) -> tuple[Finding, ...]:
    """Every finding of a bill: those of the bill in its order, then what it lacks."""
    mine = {sent.tracking: sent for sent in ledger.ours}
    by_tracking: defaultdict[str, list[BillLine]] = defaultdict(list)
    unreadable = []
    for line in lines:
        if line.why:
            unreadable.append(line)
        else:
            by_tracking[line.tracking].append(line)
    named = {*by_tracking, *ledger.charged, *(line.tracking for line in unreadable)}
    missing = [s for t, s in mine.items() if t not in named and not s.cancelled]
    found = [_billed(t, same, mine, ledger) for t, same in by_tracking.items()]
    found += [_unreadable(line, missing) for line in unreadable]
    found += [_not_billed(sent, ledger) for sent in missing]
    return tuple(found)


def _billed(
    tracking: str, lines: Sequence[BillLine], mine: Mapping[str, Sent], ledger: Ledger
) -> Finding:
    sent = mine.get(tracking) or ledger.known.get(tracking)
    if sent is None:
        return _finding(Kind.NOT_OURS, tracking, lines, "这个单号不是我们寄的")
    expected = ledger.expected(sent, lines[0].weight_g or sent.weight_g)
    if words := _twice(lines, ledger.charged.get(tracking, "")):
        once = 0 if tracking in ledger.charged else min(_charges(lines))
        return _finding(Kind.TWICE, tracking, lines, words, sent, expected, due=once)
    if words := _other_month(lines, sent, ledger):
        return _finding(Kind.OTHER_MONTH, tracking, lines, words, sent, expected)
    if differs := _differences(lines, sent, expected, ledger):
        billed = _sum(lines)
        due = billed if expected is None else max(min(billed, expected), 0)
        due = 0 if sent.cancelled else due
        return _finding(Kind.DIFFERS, tracking, lines, "；".join(differs), sent, expected, due=due)
    return _finding(Kind.MATCHED, tracking, lines, "", sent, expected, due=_sum(lines))


def _charges(lines: Sequence[BillLine]) -> list[int]:
    return [line.fen for line in lines if line.fen > 0] or [0]


def _sum(lines: Iterable[BillLine]) -> int:
    return sum(line.fen for line in lines)


def _twice(lines: Sequence[BillLine], earlier: str) -> str:
    """Why a parcel is charged more than once, or empty. A charge that was taken back is none."""
    if earlier:
        return f"{earlier}已经收过一次"
    charges, credits = _charges(lines), [line.fen for line in lines if line.fen < 0]
    if len(charges) < 2 or len(charges) - len(credits) <= 1:
        return ""
    return f"同一个单号收了 {len(charges)} 次"


def _other_month(lines: Sequence[BillLine], sent: Sent, ledger: Ledger) -> str:
    days = [line.day for line in lines if line.day] or [sent.day]
    if any(day.startswith(ledger.month) for day in days):
        return ""
    return f"收寄日期是 {days[0]}，不是这个月的"


def _differences(
    lines: Sequence[BillLine], sent: Sent, expected: int | None, ledger: Ledger
) -> list[str]:
    line, billed = lines[0], _sum(lines)
    found = ["这一件已经取消交寄，没有交给承运方"] if sent.cancelled else []
    if expected is not None and billed != expected:
        over = "多" if billed > expected else "少"
        words = f"金额：账单 {yuan(billed)} 元，应为 {yuan(expected)} 元，{over}收 "
        found.append(f"{words}{yuan(abs(billed - expected))} 元")
    if line.weight_g and sent.weight_g and line.weight_g > sent.weight_g:
        found.append(f"重量：账单 {line.weight_g} 克，我们称的 {sent.weight_g} 克")
    if line.day and (off := days_between(line.day, sent.day)) > DAYS_OFF_MAX:
        found.append(f"日期：账单 {line.day}，我们 {sent.day} 交出，差 {off} 天")
    there = ledger.province(line.place)
    if there and sent.province and there != sent.province:
        found.append(f"寄达地：账单写 {line.place}，和我们的收件省份不同")
    return found


def days_between(one: str, other: str) -> int:
    """How many days lie between two days, 0 where one is not known."""
    try:
        return abs((date.fromisoformat(one[:10]) - date.fromisoformat(other[:10])).days)
    except ValueError:
        return 0


def _unreadable(line: BillLine, missing: Sequence[Sent]) -> Finding:
    words = line.why
    if fitting := [s for s in missing if could_be(line.raw, s.tracking)][:CANDIDATES_MAX]:
        words += f"；可能是 {'、'.join(s.tracking for s in fitting)}"
    key = f"{Kind.UNREADABLE.value}:{line.sheet}:{line.row}"
    return Finding(
        key, Kind.UNREADABLE.value, line.tracking or line.raw, words,
        rows=(_place(line),), billed_fen=line.fen, weight_g=line.weight_g,
    )  # fmt: skip


def _not_billed(sent: Sent, ledger: Ledger) -> Finding:
    late = sent.day[:7] == ledger.month and sent.day[8:] >= "29"
    words = "月底才交出，可能在下个月的账单里" if late else "账单里没有这一件"
    expected = ledger.expected(sent, sent.weight_g)
    return _finding(Kind.NOT_BILLED, sent.tracking, (), words, sent, expected)


def _finding(
    kind: Kind, tracking: str, lines: Sequence[BillLine], words: str, sent: Sent | None = None,
    expected: int | None = None, *, due: int = 0,
) -> Finding:  # fmt: skip
    return Finding(
        key=f"{kind.value}:{tracking}",
        kind=kind.value,
        tracking=tracking,
        words=words,
        number=sent.number if sent else "",
        point=sent.point if sent else "",
        bearer=sent.bearer if sent else "",
        rows=tuple(map(_place, lines)),
        billed_fen=_sum(lines),
        expected_fen=expected,
        due_fen=due,
        weight_g=max((line.weight_g for line in lines), default=0),
    )


def _place(line: BillLine) -> str:
    return f"{line.sheet}第 {line.row} 行"


@dataclass(frozen=True)
class Sums:
    """What a bill comes to: as billed, without doubt, and as it was settled, in fen.

    ``payable``: to be paid as things are settled now. ``open``: how many findings still wait.
    """

    billed: int
    matched: int
    due: int
    accepted: int
    disputed: int
    written_off: int
    unsettled: int
    open: int

    @property
    def payable(self) -> int:
        """What is owed without doubt, and what was accepted beyond that."""
        return self.due + self.accepted


def sums(findings: Iterable[Finding], settled: Mapping[str, How]) -> Sums:
    """The sums before anybody settled anything (``settled`` empty), or after."""
    billed = matched = due = waiting = 0
    by_how = dict.fromkeys((*How, None), 0)
    for found in findings:
        billed += found.billed_fen
        due += found.due_fen
        if found.kind == Kind.MATCHED.value:
            matched += found.billed_fen
            continue
        how = settled.get(found.key)
        waiting += how is None
        by_how[how] += found.billed_fen - found.due_fen
    return Sums(
        billed, matched, due, by_how[How.ACCEPTED], by_how[How.DISPUTED],
        by_how[How.WRITTEN_OFF], by_how[None], waiting,
    )  # fmt: skip
