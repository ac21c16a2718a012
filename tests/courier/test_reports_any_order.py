"""Couriers' reports late, repeated, contradictory and out of order: the state stays one that is.

Once on the desk, as couriers press their buttons, and once on the fold, as events arrive from two
processes of central and from the point, in any order. What the table allows is read here from the
table itself, and what a history comes to from the simulation's own oracle.
"""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from cases.effects_parcel import EFFECTS
from cases.events import Event
from cases.fold import WrongState, fold
from cases.folded import Parcel
from cases.numbers import manifest_number
from cases.states import ParcelState
from cases.table import TYPES
from courier.app_cards import step_of
from courier.desk import MemoryDesk
from courier.parcels import HELD, Hands, Report, Said, Why, counted, holder, refusal, standing
from courier.parcels import Standing as At
from tests.cases.facts import CENTRAL, CENTRE, CHEN, LIN, PARCEL, TODAY, History
from tests.courier.app_cast import HUA, MENG, NOW, OFFICE, POINT, Clock, make_desk, number, pack
from tests.simulation.judge import stand

OPS = [f"{n:032x}" for n in range(5)]
BAG = manifest_number(17, TODAY, 1)
OTHER = "central.eeeeeeee"
#: When it happened, by the phones' clocks: not in the order in which we hear of it.
WHENS = ("2026-11-22T08:00:00Z", "2026-11-23T01:00:00Z", NOW)
SOMETHING: dict[str, dict[str, Any]] = {
    "parcel.fetch_accepted": {},
    "parcel.taken_over": {},
    "parcel.missing": {"manifest": BAG},
    "parcel.out_for_delivery": {},
    "parcel.delivered": {"to": "family"},
    "parcel.delivery_failed": {"why": "nobody_home"},
    "parcel.returned": {},
}

presses = st.lists(
    st.tuples(
        st.sampled_from((MENG, HUA)), st.sampled_from(Report), st.sampled_from(OPS),
        st.sampled_from(WHENS), st.sampled_from((Why.NOBODY_HOME, Why.REFUSED)),
    ),
    max_size=12,
)  # fmt: skip
tellings = st.lists(
    st.tuples(
        st.sampled_from((*SOMETHING, "parcel.arrived", "parcel.cancelled")),
        st.sampled_from((CENTRAL, OTHER, LIN, CHEN)), st.integers(2, 7), st.sampled_from(OPS),
        st.sampled_from(WHENS), st.sampled_from((MENG, HUA)),
    ),
    max_size=10,
)  # fmt: skip


def said(report: Report, op: str, when: str, why: Why) -> Said:
    to = Hands.FAMILY if report is Report.DELIVERED else None
    reason = why if report is Report.FAILED else None
    manifest = BAG if report is Report.MISSING else ""
    return Said(report, op, when, to=to, why=reason, manifest=manifest)


def parcel_on(desk: MemoryDesk) -> Parcel:
    parcel = desk.parcel(number(1))
    assert parcel
    return parcel


def allowed(before: ParcelState, type: str, after: ParcelState) -> bool:
    """Whether the table lets a report lead from one state to another; a late one moves nothing."""
    row = TYPES[type]
    stays = row.to is None or before is ParcelState.ARRIVED
    return before in row.states and after is (before if stays else row.to)


@given(presses)
@settings(deadline=None, max_examples=150)
def test_whatever_two_couriers_press_the_parcel_is_where_the_table_says(
    pressed: list[tuple[str, Report, str, str, Why]],
) -> None:
    desk = make_desk(Clock())
    pack(desk, 1, OFFICE)
    for courier, report, op, when, why in pressed:
        before = parcel_on(desk)
        known, against = step_of(before, op), refusal(before, report, courier)
        if known is None and not against:
            desk.report(number(1), said(report, op, when, why), courier)  # never a surprise
        after = parcel_on(desk)
        if known is not None or against:
            assert after == before
        else:
            assert allowed(before.state, report.value, after.state)
            assert standing(before, courier) in (At.FREE, At.LEFT, At.MINE)
            assert after.steps[:-1] == before.steps
            assert (after.steps[-1].data["when"], after.steps[-1].at) == (when, NOW)
        assert bool(holder(after)) is (after.state in HELD)
        assert not after.set_aside


@given(presses)
@settings(deadline=None, max_examples=100)
def test_a_report_that_no_page_offered_is_refused_or_fits_the_table(
    pressed: list[tuple[str, Report, str, str, Why]],
) -> None:
    desk = make_desk(Clock())
    pack(desk, 1)
    for courier, report, op, when, why in pressed:
        before = parcel_on(desk)
        again = op in before.operations
        try:
            desk.report(number(1), said(report, op, when, why), courier)
        except WrongState:
            assert not again
            assert parcel_on(desk) == before
            continue
        after = parcel_on(desk)
        assert (
            after.state is before.state
            if again
            else allowed(before.state, report.value, after.state)
        )
        assert len(after.steps) == len(before.steps) + 1


def told(tellings: list[tuple[str, str, int, str, str, str]]) -> list[Event]:
    """A parcel from 军门社区 to the district centre, and everything that was told of it."""
    history = History(PARCEL)
    history.say("parcel.packed", LIN, to_point=CENTRE)
    taken: set[tuple[int, str]] = set()
    for type, by, k, op, when, courier in tellings:
        if (k, by) in taken:
            continue
        taken.add((k, by))
        fields = {name for name, _, _ in TYPES[type].fields}
        more = {"op": op, "when": when, **SOMETHING.get(type, {})}
        event = history.say(type, by, k=k, **{n: v for n, v in more.items() if n in fields})
        event.doc["actor"] = courier if by.startswith("central") else "s-1"  # type: ignore[index]
    return history.events


@given(tellings, st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=200)
def test_whatever_the_order_of_arrival_all_come_to_the_same_and_nothing_is_lost(
    stated: list[tuple[str, str, int, str, str, str]], dice: Any
) -> None:
    events = told(stated)
    shuffled = list(events)
    dice.shuffle(shuffled)
    whole = fold(PARCEL, events)
    assert fold(PARCEL, shuffled) == whole
    assert isinstance(whole, Parcel)
    assert sorted(step.id for step in whole.steps) == sorted(event.id for event in events)
    assert all(step.verdict == "ok" or step.reason for step in whole.steps)
    oracle = stand(PARCEL, [event.doc for event in events])
    assert oracle.state == whole.state.value
    assert dict(oracle.verdicts) == {step.id: step.verdict for step in whole.steps}
    for end in range(len(shuffled) + 1):  # and at every moment on the way there
        seen = fold(PARCEL, shuffled[:end])
        assert isinstance(seen, Parcel)
        assert bool(holder(seen)) is (seen.state in HELD and bool(list(counted(seen))))


@given(tellings)
@settings(deadline=None, max_examples=100)
def test_a_report_told_twice_counts_once_and_the_later_one_is_kept(
    stated: list[tuple[str, str, int, str, str, str]],
) -> None:
    events = told(stated)
    before = fold(PARCEL, events)
    assert isinstance(before, Parcel)
    if not before.operations:
        return
    history = History(PARCEL)
    history.events = list(events)
    again = history.say("parcel.delivered", CENTRAL, op=before.operations[0], when=NOW, to="self")
    after = fold(PARCEL, history.events)
    assert isinstance(after, Parcel)
    assert (after.state, after.operations) == (before.state, before.operations)
    assert (after.delivered_to, after.steps[-1].id) == (before.delivered_to, again.id)


def test_every_report_of_a_courier_s_is_played_here() -> None:
    assert {report.value for report in Report} == set(SOMETHING) <= set(EFFECTS)
    assert POINT
