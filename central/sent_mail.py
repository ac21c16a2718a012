"""Our own parcels as the accounts see them: when they went out, to which province, who bears it.

The address is sealed: it is opened for its province alone, which is all that is kept of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from cases.divisions import Divisions
from cases.folded import Parcel
from cases.points import DISTRICT_ADDRESS
from cases.states import STATE_ZH, ParcelState
from cases.times import day_of
from courier.bills import Sent
from courier.postage import BEARERS_ZH, DEPARTMENT, Postage, posted_on, province_of
from sync.seal import CannotUnseal
from sync.store import Store

PACKED_BEFORE = timedelta(
    days=31
)  # what was packed and not fetched for longer is on the watch list


def month_days(month: str) -> tuple[date, date]:
    """The first day of a month (2026-11), and the first of the next."""
    first = date.fromisoformat(f"{month}-01")
    return first, (first + timedelta(days=31)).replace(day=1)


def month_bounds(month: str) -> tuple[str, str]:
    """When a month begins in Shanghai, and when the next one does (UTC)."""
    days = (day - timedelta(days=1) for day in month_days(month))
    first, after = (f"{day.isoformat()}T16:00:00Z" for day in days)
    return first, after


def is_month(text: str) -> bool:
    """Whether a text is a month as ours are written."""
    try:
        return len(text) == 7 and bool(month_days(text))
    except ValueError:
        return False


def may_concern(store: Store, month: str, *, point: str = "") -> list[str]:
    """The numbers of the parcels that may have gone out in a month, of one point or of all."""
    first, after = month_days(month)
    where, more = (" AND home=?", [point]) if point else ("", [])
    asked = f"kind='parcel' AND opened_at>=? AND opened_at<?{where}"
    rows = store.db.execute(
        f"SELECT number FROM subjects WHERE {asked} ORDER BY number",  # noqa: S608 - our own names
        [(first - PACKED_BEFORE).isoformat(), (after + timedelta(days=1)).isoformat(), *more],
    )
    return [number for (number,) in rows.fetchall()]


def went_out_in(parcel: Parcel, month: str) -> bool:
    """Whether a parcel was given to its carrier in a month. One only packed, or called off, not."""
    posted = parcel.state not in (ParcelState.NEW, ParcelState.PACKED)
    return posted and day_of(posted_on(parcel)).isoformat()[:7] == month


class Accounts:
    """Reads parcels for the accounts: one for a request."""

    def __init__(self, store: Store, divisions: Divisions, postage: Postage) -> None:
        self.store, self.divisions, self.postage = store, divisions, postage

    def sent_in(self, numbers: Iterable[str], month: str, *, carrier: str = "") -> list[Sent]:
        """Those of these parcels that went out in a month, by one carrier or by any."""
        found = (self.store.parcel(number) for number in numbers)
        return [
            self.sent(parcel)
            for parcel in found
            if parcel is not None and carrier in ("", parcel.carrier) and went_out_in(parcel, month)
        ]

    def sent(self, parcel: Parcel) -> Sent:
        """One parcel."""
        return Sent(
            number=parcel.number,
            tracking=parcel.tracking,
            point=parcel.point,
            day=day_of(posted_on(parcel)).isoformat() if parcel.packed_at else "",
            province=self.province(parcel),
            bearer=self.bearer(parcel),
            state=state_zh(parcel),
            cancelled=parcel.state is ParcelState.CANCELLED,
        )

    def bearer(self, parcel: Parcel) -> str:
        """Who bears its postage, in words: of several cases the first one's department."""
        cases = [case for number in sorted(parcel.cases) if (case := self.store.case(number))]
        department = cases[0].department if cases else ""
        who = self.postage.bearer(parcel.purpose, department)
        if who == DEPARTMENT and cases:
            return f"{cases[0].department_name or department}承担"
        return BEARERS_ZH[who]

    def province(self, parcel: Parcel) -> str:
        """The code of the province it goes to; empty where that cannot be opened any more."""
        if parcel.to_point:
            return province_of(DISTRICT_ADDRESS, self.divisions)
        event = self.store.event(parcel.packed_event)
        if event is None:
            return ""
        try:
            sealed = self.store.unseal(event)
        except CannotUnseal:
            return ""
        words = f"{sealed.get('region') or ''}{sealed.get('address') or ''}"
        return province_of(words, self.divisions)

    def expected(self, sent: Sent, carrier: str, weight_g: int = 0) -> int | None:
        """The postage to expect of a parcel; None without a tariff, or without its province."""
        if not sent.province:
            return None
        return self.postage.expected_fen(carrier, sent.province, weight_g)

    def province_name(self, code: str) -> str:
        """A province's name, or that it is not known."""
        return self.divisions.name_of(code) if code else "不详"


def state_zh(parcel: Parcel) -> str:
    """Where a parcel stands, with what its recipient says of it."""
    if parcel.lost:
        return "已确认丢失"
    return f"{STATE_ZH[parcel.state]}{'，收件人说没收到' if parcel.disputed_at else ''}"
