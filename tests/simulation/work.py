"""A day of work: what the staff of a point, residents and couriers do when they come to it.

People act on what their own store shows them, never on what the simulator knows.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from cases.desks import opinions_of
from cases.fold import WrongState
from cases.folded import Case, Parcel
from cases.numbers import SubjectKind, case_number, visit_number
from cases.papers import PAPERS_FETCHED
from cases.states import CaseState, ParcelState, VisitState
from cases.table import TYPES, sealed_names
from cases.times import day_of
from cases.tracking import EMS
from sync import registers
from sync.store import Store, StoreError
from sync.writing import Writing
from tests.cases.facts import least
from tests.simulation.office import Office

if TYPE_CHECKING:
    from tests.simulation.world import World

LIVE_MAX = 40
FROM_HOME = "h0me"  # the range of numbers in which central names who applies from home
Say = Callable[..., Any]


class Staff:
    """Everybody who works in the district, and everybody who comes to a window."""

    def __init__(self, world: World, rolls: random.Random) -> None:
        self.world = world
        self.rolls = rolls
        self._tokens = 0
        self._applied = 0

    def _token(self) -> str:
        self._tokens += 1
        return f"f{self._tokens}"

    def _sealed(self, type: str, token: str) -> dict[str, str]:
        required, _ = sealed_names(TYPES[type])
        sealed = {name: f"{name} of {token}" for name in sorted(required)}
        self.world.oracle.sealed[token] = sealed
        return sealed

    def _saying(self, w: Writing) -> Say:
        def say(type: str, subject: str, **data: Any) -> str:
            token = self._token()
            sealed = self._sealed(type, token) or None
            return w.state(type, subject, {**least(type), **data}, actor=token, sealed=sealed).id

        return say

    # at a window

    def busy(self, office: Office) -> None:
        """Somebody at a point does the next thing."""
        acts = {self._receive: 3, self._go_on: 5, self._look_after: 2, self._mail: 2}
        if self.world.homes:
            acts[self._from_home] = 3
        what = self.rolls.choices(list(acts), list(acts.values()))[0]
        try:
            office.act(what)
        except (WrongState, StoreError) as error:
            self.world.trace.note(office.name, "may not", type(error).__name__)

    def _receive(self, w: Writing) -> None:
        """A resident comes, asks, and opens no case, one, or two."""
        say, here = self._saying(w), w.identity.point
        visit = w.new_number(SubjectKind.VISIT)
        say("visit.opened", visit, window="1")
        if self.rolls.random() < 0.3:
            say("visit.asked", visit, matter="m-1", title="敬老卡")
        for _ in range(self.rolls.choice((0, 1, 1, 1, 2))):
            case, deciding = w.new_number(SubjectKind.CASE), self._authority(here)
            say("case.received", case, deciding=deciding, title="敬老卡", visit=visit)
            if deciding != here and self.rolls.random() < 0.8:
                say("case.forwarded", case, to=deciding)
        if self.rolls.random() < 0.8:
            say("visit.ended", visit)

    def _authority(self, here: str) -> str:
        codes = self.world.codes
        return self.rolls.choice((here, codes[0], codes[0], self.rolls.choice(codes)))

    def _live(self, store: Store, kind: str) -> list[Any]:
        return registers.live(store.db, kind, limit=LIVE_MAX)

    def _go_on(self, w: Writing) -> None:
        """The holder of a case takes its next step."""
        here = w.identity.point
        mine = [c for c in self._live(w.store, "case") if c.holder == here and not c.read_only]
        if not mine:
            return self._receive(w)
        case = self.rolls.choice(mine)
        say = self._saying(w)
        if case.requests:
            say("case.request_settled", case.number, request=case.requests[0].event, granted=False)
        for _ in range(self.rolls.choice((1, 1, 2))):
            case = w.store.case(case.number)
            if (step := self._step(case, here)) is None:
                break
            type, data = step
            say(type, case.number, **data)
        return None

    def _step(self, case: Case, here: str) -> tuple[str, dict[str, Any]] | None:
        roll, decides = self.rolls.random(), case.holder == case.deciding == here
        match case.state:
            case CaseState.RECEIVED if not decides:
                return "case.forwarded", {"to": case.deciding}
            case CaseState.FORWARDED if roll < 0.1:
                return "case.sent_back", {}
            case CaseState.FORWARDED if decides and roll < 0.2 and not case.officer:
                return "case.taken_up", {}
            case CaseState.RECEIVED | CaseState.FORWARDED if decides:
                return ("case.accepted" if roll < 0.9 else "case.not_accepted"), {}
            case CaseState.ACCEPTED if roll > 0.85 and len(case.opinions) < 2:
                return "case.opinion_asked", {"to": self.rolls.choice(self.world.codes), "days": 3}
            case CaseState.ACCEPTED:
                return ("case.approved" if roll < 0.8 else "case.refused"), {}
            case CaseState.APPROVED | CaseState.REFUSED if roll < 0.1 and case.decision:
                return "case.voided", {"event": case.decision.event}
            case CaseState.APPROVED | CaseState.REFUSED:
                return "case.completed", {"result": "paper", "delivery": "mail"}
        return None

    def _look_after(self, w: Writing) -> None:
        """The receiving point follows up: tells, hands over, confirms a slip, files.

        Whoever was asked for an opinion gives it first.
        """
        here = w.identity.point
        asked = [(c, o) for c in self._live(w.store, "case") for o in opinions_of(c, here)]
        if asked:
            case, opinion = self.rolls.choice(asked)
            self._saying(w)("case.opinion_given", case.number, request=opinion.event, view="agree")
            return
        mine = [c for c in self._live(w.store, "case") if c.point == here and not c.read_only]
        if not mine:
            return
        case = self.rolls.choice(mine)
        say = self._saying(w)
        if case.slips and not case.confirmed_slip:
            say("slip.confirmed", case.number, slip=case.slips[-1].event)
        elif case.state in (CaseState.COMPLETED, CaseState.NOT_ACCEPTED, CaseState.WITHDRAWN):
            say("case.resident_told", case.number, how="phone")
            if self.rolls.random() < 0.5:
                say("case.closed", case.number)
        elif case.holder == here and case.state is CaseState.RECEIVED and self.rolls.random() < 0.2:
            say("case.withdrawn", case.number)
        else:
            say("case.withdrawal_requested", case.number)

    def _mail(self, w: Writing) -> None:
        """Papers are packed for an authority or a resident, or taken in from one."""
        here, say = w.identity.point, self._saying(w)
        coming = [p for p in self._live(w.store, "parcel") if p.to_point == here]
        coming = [p for p in coming if p.state in (ParcelState.TAKEN_OVER, ParcelState.DELIVERED)]
        if coming and self.rolls.random() < 0.5:
            return say("parcel.arrived", self.rolls.choice(coming).number)
        cases = [c for c in self._live(w.store, "case") if here in (c.point, c.holder)]
        if not cases:
            return None
        case, number = self.rolls.choice(cases), w.new_number(SubjectKind.PARCEL)
        to = case.deciding if case.point == here and case.deciding != here else case.point
        data = {"to_point": to} if to != here else {}
        say("parcel.packed", number, purpose="papers", cases=[case.number], carrier="own",
            tracking=w.next_tracking().number, **data)  # fmt: skip
        say("parcel.inspected", number, looked=["contents", "allowed", "sealed"])
        say("parcel.waybill_printed", number, copy=1)
        say("parcel.listed", number, manifest=w.new_manifest_number())
        if self.rolls.random() < 0.1:
            say("parcel.cancelled", number)
        return None

    def _from_home(self, w: Writing) -> None:
        """The chosen point looks at an application, has its papers fetched, receives the case."""
        here, say = w.identity.point, self._saying(w)
        visits = [v for v in self._live(w.store, "visit") if v.applied_event and v.point == here]
        if not visits:
            return
        visit = self.rolls.choice(visits)
        if visit.state is VisitState.APPLIED:
            answers = ["visit.checked"] * 3 + ["visit.mending_asked", "visit.declined"]
            say(self.rolls.choice(answers), visit.number)
        elif visit.state is VisitState.CHECKED and not registers.linked(w.store.db, visit.number):
            tracking = w.next_tracking()
            say("parcel.packed", w.new_number(SubjectKind.PARCEL), purpose=PAPERS_FETCHED, cases=[],
                carrier=tracking.carrier, tracking=tracking.number, to_point=here,
                visit=visit.number)  # fmt: skip
        elif visit.state is VisitState.CHECKED:
            case = w.new_number(SubjectKind.CASE)
            say("case.received", case, deciding=here, title="敬老卡", visit=visit.number)
            say("visit.ended", visit.number)

    def poison(self, office: Office) -> None:
        """A program at a point writes what no rule allows: a case under another point's number."""
        token = self._token()
        self.world.oracle.poisoned(token)

        def write(w: Writing) -> None:
            other = self.world.number_of(self.rolls.choice(self.world.codes))
            other = other if other != w.identity.point_number else 999
            subject = case_number(other, day_of(w.at), 9000 + self._tokens % 1000)
            sealed = self._sealed("case.received", token)
            data = {**least("case.received"), "deciding": w.identity.point}
            w._keep(w._sign("case.received", subject, data, token, sealed))

        office.act(write)

    # at home and on the road: what is said to central

    def outside(self) -> None:
        """A courier reports, or a resident fills in a slip or asks to withdraw."""
        parts = self.world.district.web.run(lambda parts: parts)
        if parts is None:
            return
        store = parts[1]
        who = [self._courier, self._courier, self._resident]
        if self.world.homes:
            who += [self._applicant, self._applicant, self._china_post]
        what = self.rolls.choice(who)
        try:
            what(store)
        except WrongState as error:
            self.world.trace.note("web", "may not", type(error).__name__)

    def _courier(self, store: Store) -> None:
        parcels: list[Parcel] = self._live(store, "parcel")
        if not parcels:
            return
        parcel = self.rolls.choice(parcels)
        if parcel.state in (ParcelState.PACKED, ParcelState.FAILED):
            types = ["parcel.taken_over"] * 3
            types.append("parcel.fetch_accepted" if parcel.visit else "parcel.missing")
        else:
            types = ["parcel.out_for_delivery"] * 2 + ["parcel.delivered"] * 3
            types += ["parcel.delivery_failed", "parcel.returned"]
        self._say(self.rolls.choice(types), parcel.number, op=f"op-{self._tokens}")

    def _resident(self, store: Store) -> None:
        cases = self._live(store, "case")
        if cases:
            type = self.rolls.choice(("slip.filled", "slip.filled", "case.withdrawal_requested"))
            self._say(type, self.rolls.choice(cases).number)

    def _applicant(self, store: Store) -> None:
        """A resident applies from home, mends what the point asked for, or calls it off."""
        visits = [v for v in self._live(store, "visit") if v.applied_event]
        if not visits or self.rolls.random() < 0.6:
            self._applied += 1
            point, day = self.rolls.choice(self.world.codes), day_of(self.world.now.text())
            number = visit_number(self.world.number_of(point), day, self._applied, FROM_HOME)
            self._say("visit.applied", number, point=point, title="敬老卡", fetch=True)
            return
        visit = self.rolls.choice(visits)
        if visit.state is VisitState.TO_MEND:
            self._say("visit.applied", visit.number, point=visit.point, title="敬老卡", fetch=True)
        else:
            self._say("visit.cancelled", visit.number)

    def _china_post(self, store: Store) -> None:
        """What a carrier tells of parcels: in any order, and now and then a line once more."""
        parcels: list[Parcel] = self._live(store, "parcel")
        if not parcels:
            return
        parcel = self.rolls.choice(parcels)
        told = sorted(parcel.operations)
        again = bool(told) and self.rolls.random() < 0.2
        op = self.rolls.choice(told) if again else f"ems-{self._tokens}"
        types = ["parcel.passed"] * 3 + ["parcel.taken_over", "parcel.delivered"]
        types += ["parcel.delivery_failed", "parcel.returned"]
        self._say(self.rolls.choice(types), parcel.number, op=op, carrier=EMS, code="704")

    def _say(self, type: str, subject: str, **data: Any) -> None:
        token = self._token()
        sealed = self._sealed(type, token) or None
        self.world.district.state(type, subject, {**least(type), **data}, token, sealed)
