"""What the board shows of the mail: the watch list, made at once from what is not settled."""

from __future__ import annotations

from cases.calendar import Calendar
from cases.folded import Parcel
from cases.states import ParcelState
from cases.times import day_of
from central.board import LIVE_MAX, goes_out_again, live_cases, parcels_of_live
from central.sent_mail import Accounts
from courier.postage import posted_on
from courier.watch import Watched, watch, watch_originals
from sync import registers
from sync.store import Store

_ROAD = (ParcelState.TAKEN_OVER, ParcelState.OUT)


def watch_list(book: Accounts, calendar: Calendar, now: str) -> tuple[Watched, ...]:
    """Everything to see to, the longest waiting first."""
    store = book.store
    found = [one for parcel in _live(store) for one in _of(parcel, book, calendar, now)]
    cases = live_cases(store)
    linked = parcels_of_live(store, {case.number: case for case in cases})
    for case in cases:
        found += watch_originals(case, linked.get(case.number, ()), now)
    return tuple(sorted(found, key=lambda one: one.since))


def _live(store: Store) -> list[Parcel]:
    found = registers.live(store.db, "parcel", limit=LIVE_MAX)
    return [parcel for parcel in found if isinstance(parcel, Parcel)]


def _of(parcel: Parcel, book: Accounts, calendar: Calendar, now: str) -> tuple[Watched, ...]:
    days, again = _days(parcel, book, now), goes_out_again(book.store, parcel)
    return watch(parcel, now, days=days, calendar=calendar, waits=again)


def _days(parcel: Parcel, book: Accounts, now: str) -> int:
    """How long a parcel may be on the road. Its province is opened only where that decides."""
    soonest = min(reach.days for reach in book.postage.regions.values())
    if parcel.state not in _ROAD or (day_of(now) - day_of(posted_on(parcel))).days <= soonest:
        return soonest
    return book.postage.reach(book.province(parcel)).days
