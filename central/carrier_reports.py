"""What carriers told, stated as events: one at a time, in the order in which it happened.

One process does this (``central.jobs``), so that nothing of a parcel is decided by a state that is
about to change: after a move, the rest of that parcel waits until the read model knows of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import structlog
from sqlite_utils import Database

from cases.fold import WrongState
from cases.folded import Parcel
from central.carrier_db import CarrierDb, Kept, Standing
from central.web_author import WebAuthor
from courier.carriers import carrier_zh
from courier.carriers.decide import MOVES, Decided, decide, order
from courier.carriers.ports import Carrier
from sync import registers
from sync.store import Store

log = structlog.get_logger()
AT_ONCE_MAX = 500
NOT_OURS = "没有这个号的邮件：不是我们的号，或者受理点还没有上报"
NOT_THEIRS = "这个号的邮件不是由它承运的"
UNKNOWN_CODE = "不认识这个状态码，请补进对照表"

State = Callable[[str, Decided, str], str]


class Applied(NamedTuple):
    """What one step did: how many reports were stated, and whether more of them wait."""

    stated: int
    caught_up: bool


class CarrierReports:
    """The step, over connections of the jobs' own."""

    def __init__(
        self, db: CarrierDb, store: Store, portal_db: Database, author: WebAuthor,
        carriers: Mapping[str, Carrier],
    ) -> None:  # fmt: skip
        self._db = db
        self._store = store
        self._portal_db = portal_db
        self._author = author
        self._carriers = carriers
        db.retry((Standing.UNKNOWN,))  # the table of codes is read when the program starts

    def step(self) -> Applied:
        """State what is due of the reports that wait.

        :raises RemoteError: the outbox could not be written; the step may be repeated.
        """
        self._tidy()
        waiting = self._db.in_state(Standing.WAITING, limit=AT_ONCE_MAX)
        busy, stated = self._db.on_their_way(), 0
        for kept in self._in_order(waiting):
            parcel = self._parcel_of(kept)
            if parcel is None or parcel.number in busy:
                continue
            moved = self._deal_with(kept, parcel)
            stated += 1
            if moved:
                busy.add(parcel.number)
        left = self._db.in_state(Standing.WAITING, limit=1)
        return Applied(stated, caught_up=not left or not stated)

    def look_again(self) -> None:
        """Numbers that were nobody's may have been reported by their points meanwhile."""
        for kept in self._db.in_state(Standing.FOREIGN):
            if registers.parcel_of_tracking(self._store.db, kept.report.tracking):
                self._db.move(kept.report.op, Standing.WAITING)

    def _tidy(self) -> None:
        for kept in self._db.in_state(Standing.STATED):
            if self._store.event(kept.event) is not None:
                self._done(kept, kept.why)

    def _done(self, kept: Kept, why: str) -> None:
        state = Standing.CONTRARY if why else Standing.DONE
        self._db.move(kept.report.op, state, why=why)

    def _in_order(self, waiting: list[Kept]) -> list[Kept]:
        """What can be dealt with, in order; what cannot is put by for a person."""
        known = []
        for kept in waiting:
            carrier = self._carriers.get(kept.report.carrier)
            meaning = carrier.meaning(kept.report) if carrier else None
            if meaning is None:
                self._db.move(kept.report.op, Standing.UNKNOWN, why=UNKNOWN_CODE)
            else:
                known.append((order(kept.report, meaning), kept))
        return [kept for _, kept in sorted(known, key=lambda pair: (pair[0], pair[1].report.op))]

    def _parcel_of(self, kept: Kept) -> Parcel | None:
        report = kept.report
        number = registers.parcel_of_tracking(self._store.db, report.tracking)
        parcel = self._store.parcel(number) if number else None
        if parcel is None or parcel.carrier != report.carrier:
            why = NOT_OURS if parcel is None else NOT_THEIRS
            self._db.move(report.op, Standing.FOREIGN, why=why)
            return None
        return parcel

    def _deal_with(self, kept: Kept, parcel: Parcel) -> bool:
        """State one report. :returns: whether it moves its parcel."""
        report = kept.report
        meaning = self._carriers[report.carrier].meaning(report)
        decided = decide(parcel, report, meaning) if meaning else None
        if decided is None:
            self._db.move(report.op, Standing.DONE)
            return False
        try:
            event = self._author.state_once(
                self._portal_db, self._store, report.op, decided.type, parcel.number, decided.data,
                actor=f"carrier:{report.carrier}", sealed=decided.sealed,
            )  # fmt: skip
        except WrongState as problem:
            self._db.move(report.op, Standing.CONTRARY, why=str(problem), parcel=parcel.number)
            return False
        if decided.contrary:
            log.warning("contrary report", carrier=carrier_zh(report.carrier), parcel=parcel.number)
        self._db.move(
            report.op, Standing.STATED, why=decided.contrary, parcel=parcel.number, event=event
        )
        return decided.type in MOVES.values()
