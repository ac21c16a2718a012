"""The accounts of the mail of one month (寄递账): gathered in bounded steps, kept, made anew.

Each parcel that went out with its expected postage and who bears it; how many results there were,
and how many of them were posted. Derived from the journal: nothing is lost with it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import median

import msgspec
from msgspec.structs import replace

from cases.folded import Case, Parcel
from cases.papers import RESULT, live
from cases.states import ParcelState
from cases.times import day_of
from central.bill_db import Body
from central.sent_mail import Accounts, may_concern, month_bounds, went_out_in
from courier.bills import KINDS_ZH, Finding, Kind, Sent, days_between
from courier.postage import moment
from sync.store import Store

STEP = 500
_DONE = (ParcelState.DELIVERED, ParcelState.ARRIVED)


class Posted(msgspec.Struct, frozen=True):
    """A parcel that went out: what is expected to be paid, and in how many days it was there.

    ``days`` is -1 while it is not there.
    """

    sent: Sent
    carrier: str
    purpose: str
    expected_fen: int | None
    days: int


class MonthBook(msgspec.Struct):
    """A month's accounts, or how far they are. ``results``: of each point, (all, posted)."""

    month: str
    begun_at: str
    parcels: list[str]
    cases: list[str]
    count: int
    posted: list[Posted] = []
    results: dict[str, tuple[int, int]] = {}
    made_at: str = ""

    @property
    def looked_at(self) -> int:
        """How many parcels and cases have been looked at."""
        return self.count - len(self.parcels) - len(self.cases)


def begin(store: Store, month: str, now: str) -> MonthBook:
    """The accounts of a month with nothing in them yet."""
    rows = store.db.execute(
        "SELECT DISTINCT subject FROM events WHERE type='case.completed' AND at>=? AND at<?"
        " ORDER BY subject",
        list(month_bounds(month)),
    ).fetchall()
    parcels, cases = may_concern(store, month), [number for (number,) in rows]
    return MonthBook(month, now, parcels, cases, len(parcels) + len(cases))


def step(book: MonthBook, accounts: Accounts, now: str) -> None:
    """Look at the next parcels, then at the next cases."""
    if book.parcels:
        some, book.parcels = book.parcels[:STEP], book.parcels[STEP:]
        book.posted += [
            _posted(parcel, accounts)
            for number in some
            if (parcel := accounts.store.parcel(number)) and went_out_in(parcel, book.month)
        ]
    else:
        some, book.cases = book.cases[:STEP], book.cases[STEP:]
        for number in some:
            _count(book, accounts.store, accounts.store.case(number))
    if not book.parcels and not book.cases:
        book.made_at = now


def _posted(parcel: Parcel, accounts: Accounts) -> Posted:
    sent = accounts.sent(parcel)
    expected = accounts.expected(sent, parcel.carrier)
    there = parcel.state in _DONE and not parcel.lost
    at = moment(parcel.delivered_at, parcel.changed_at)
    days = days_between(sent.day, day_of(at).isoformat()) if there else -1
    return Posted(sent, parcel.carrier, parcel.purpose, expected, days)


def _count(book: MonthBook, store: Store, case: Case | None) -> None:
    if case is None or not case.completed_at or case.result in ("", "none"):
        return
    sent = live(store.parcels_of(case.number), RESULT, case.number) is not None
    point = case.holder or case.point
    every, posted = book.results.get(point, (0, 0))
    book.results = {**book.results, point: (every + 1, posted + sent)}


@dataclass(frozen=True)
class PointLine:
    """What one point sent in a month, in fen; ``results`` and ``shared`` as counts."""

    point: str
    parcels: int
    expected: int
    billed: int
    results: int
    shared: int
    unpriced: int


@dataclass(frozen=True)
class ProvinceLine:
    """How long results take to a province: how many came, and the median of their days."""

    province: str
    parcels: int
    median_days: float


def billed(bodies: Iterable[Body]) -> dict[str, Finding]:
    """What the month's bills say of each parcel, by its number."""
    return {found.number: found for body in bodies for found in body.findings if found.number}


def priced(posted: Iterable[Posted], charges: Mapping[str, Finding]) -> list[Posted]:
    """The parcels with the postage of the weight that the carrier charged, where it is known."""
    return [
        replace(one, expected_fen=charge.expected_fen)
        if (charge := charges.get(one.sent.number)) and charge.expected_fen is not None
        else one
        for one in posted
    ]


def points(book: MonthBook, charges: Mapping[str, Finding]) -> tuple[PointLine, ...]:
    """One line a point, the dearest first."""
    by_point: defaultdict[str, list[Posted]] = defaultdict(list)
    for posted in priced(book.posted, charges):
        by_point[posted.sent.point].append(posted)
    lines = [
        PointLine(
            point=point,
            parcels=len(by_point[point]),
            expected=sum(p.expected_fen or 0 for p in by_point[point]),
            billed=sum(
                charges[p.sent.number].billed_fen
                for p in by_point[point]
                if p.sent.number in charges
            ),
            results=book.results.get(point, (0, 0))[0],
            shared=book.results.get(point, (0, 0))[1],
            unpriced=sum(p.expected_fen is None for p in by_point[point]),
        )
        for point in {*by_point, *book.results}
    ]
    return tuple(sorted(lines, key=lambda line: (-line.expected, line.point)))


def provinces(book: MonthBook) -> tuple[ProvinceLine, ...]:
    """The median days of delivered results by province, where most went first."""
    days: defaultdict[str, list[int]] = defaultdict(list)
    for posted in book.posted:
        if posted.purpose == RESULT and posted.days >= 0:
            days[posted.sent.province].append(posted.days)
    lines = [ProvinceLine(code, len(found), float(median(found))) for code, found in days.items()]
    return tuple(sorted(lines, key=lambda line: (-line.parcels, line.province)))


def share(book: MonthBook) -> tuple[int, int]:
    """(results, those of them that were posted) of the month."""
    return sum(n for n, _ in book.results.values()), sum(n for _, n in book.results.values())


def by_bearer(posted: Iterable[Posted]) -> list[tuple[str, int, int]]:
    """(who bears it, how many, fen) of these parcels."""
    return _summed((p.sent.bearer, p) for p in posted)


def by_carrier(posted: Iterable[Posted]) -> list[tuple[str, int, int]]:
    """(carrier's code, how many, fen) of these parcels."""
    return _summed((p.carrier, p) for p in posted)


def by_province(posted: Iterable[Posted]) -> list[tuple[str, int, int]]:
    """(province's code, how many, fen) of these parcels."""
    return _summed((p.sent.province, p) for p in posted)


def _summed(pairs: Iterable[tuple[str, Posted]]) -> list[tuple[str, int, int]]:
    counts: Counter[str] = Counter()
    sums: Counter[str] = Counter()
    for name, posted in pairs:
        counts[name] += 1
        sums[name] += posted.expected_fen or 0
    return sorted(
        ((name, counts[name], sums[name]) for name in counts), key=lambda s: (-s[1], s[0])
    )


def state_of_charge(found: Finding | None) -> str:
    """What the carrier's bill says of a parcel, in words."""
    return KINDS_ZH[Kind(found.kind)] if found else ""
