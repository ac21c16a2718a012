"""What is on the watch list, from when on, and whose it is."""

from __future__ import annotations

import pytest

from cases.calendar import Calendar
from cases.folded import Case, Parcel
from cases.numbers import parcel_number
from cases.papers import RESULT
from courier.watch import Kind, goes_again, watch, watch_originals
from sync.bundle import load_bundle
from tests.cases.facts import CASE, CENTRAL, CENTRE, CHEN, HERE, LIN, PARCEL, TODAY, History

FRIDAY, SATURDAY, MONDAY = "2026-11-20T02:00:00Z", "2026-11-21T03:00:00Z", "2026-11-23T02:00:00Z"
INSIDE = [{"case": CASE, "position": 0}, {"case": CASE, "position": 2}]


@pytest.fixture(scope="module")
def calendar() -> Calendar:
    return load_bundle().calendar


def packed(
    at: str = FRIDAY, *, carrier: str = "own", purpose: str = RESULT, to: str = ""
) -> History:
    history = History(PARCEL)
    more = {"to_point": to} if to else {}
    history.say("parcel.packed", LIN, at=at, purpose=purpose, carrier=carrier, tracking="T1",
                cases=[CASE], contents=INSIDE, **more)  # fmt: skip
    return history


def reported(history: History, *steps: str, at: str = FRIDAY) -> History:
    for step in steps:
        op = f"{step}-{len(history.events)}"
        history.say(f"parcel.{step}", CENTRAL, at=at, op=op, when=at)
    return history


def parcel(history: History) -> Parcel:
    found = history.now()
    assert isinstance(found, Parcel)
    return found


def kinds(
    history: History, now: str, calendar: Calendar, *, days: int = 3, waits: bool = True
) -> list[Kind]:
    found = watch(parcel(history), now, days=days, calendar=calendar, waits=waits)
    assert all(one.owner == HERE and one.next for one in found)
    return [one.kind for one in found]


def test_what_nobody_fetched_in_a_day_is_watched_and_a_weekend_is_no_day(
    calendar: Calendar,
) -> None:
    assert kinds(packed(), FRIDAY, calendar) == []
    assert kinds(packed(), SATURDAY, calendar) == []
    assert kinds(packed(), MONDAY, calendar) == []
    assert kinds(packed(), "2026-11-23T02:00:01Z", calendar) == [Kind.NOT_TAKEN_OVER]
    assert kinds(packed("2026-11-23T09:00:00Z"), "2026-11-24T08:59:00Z", calendar) == []
    assert kinds(packed("2026-11-23T09:00:00Z"), "2026-11-24T09:01:00Z", calendar) == [
        Kind.NOT_TAKEN_OVER
    ]


@pytest.mark.parametrize(
    "steps",
    [
        ("taken_over",),
        ("taken_over", "out_for_delivery"),
        ("taken_over", "out_for_delivery", "delivery_failed"),  # once, and then nothing
    ],
)
def test_how_long_a_parcel_may_be_on_its_way_goes_by_the_distance(
    steps: tuple[str, ...], calendar: Calendar
) -> None:
    history = reported(packed(), *steps)
    for days in (1, 3, 10):
        within, over = f"2026-11-{20 + min(days, 10):02d}", "2026-12-01"
        assert kinds(history, f"{within}T02:00:00Z", calendar, days=days) == []
        assert kinds(history, f"{over}T02:00:00Z", calendar, days=days) == [Kind.IN_TRANSIT]


def test_of_a_carrier_s_parcel_the_carrier_is_asked(calendar: Calendar) -> None:
    late = "2026-12-01T02:00:00Z"
    for carrier, words in (("own", "投递员"), ("ems", "向承运方查件 T1")):
        history = reported(packed(carrier=carrier), "taken_over")
        (found,) = watch(parcel(history), late, days=3, calendar=calendar)
        assert words in found.next


def test_the_second_failure_is_watched_until_it_ends(calendar: Calendar) -> None:
    history = reported(packed(), "taken_over", "delivery_failed")
    assert kinds(history, MONDAY, calendar) == []
    reported(history, "delivery_failed", at=MONDAY)
    assert kinds(history, MONDAY, calendar) == [Kind.FAILED_TWICE]
    assert kinds(reported(history, "delivered", at=MONDAY), MONDAY, calendar) == []


def test_what_is_said_not_to_have_come_is_watched_until_it_is_settled(calendar: Calendar) -> None:
    history = reported(packed(), "taken_over", "delivered", "disputed")
    assert kinds(history, MONDAY, calendar) == [Kind.DISPUTED]
    history.say("parcel.dispute_settled", LIN, at=MONDAY, how="lost")
    assert kinds(history, MONDAY, calendar) == [Kind.LOST]
    assert kinds(history, MONDAY, calendar, waits=False) == []


def test_what_came_back_is_watched_until_it_is_sent_again(calendar: Calendar) -> None:
    history = reported(packed(), "taken_over", "returned")
    assert kinds(history, MONDAY, calendar) == [Kind.RETURNED]
    assert kinds(history, MONDAY, calendar, waits=False) == []


def test_what_was_listed_and_not_in_the_bag_is_watched_as_that_alone(calendar: Calendar) -> None:
    history = packed()
    history.say("parcel.missing", CENTRAL, at=FRIDAY, op="m", when=FRIDAY, manifest="M1")
    assert kinds(history, "2026-11-25T02:00:00Z", calendar) == [Kind.MISSING]


def case_with(*steps: str) -> Case:
    history = History(CASE)
    history.say("case.received", LIN, at=FRIDAY, deciding=CENTRE, materials=[
        {"position": 2, "name": "房产证", "handling": "original_kept", "taken": True}])  # fmt: skip
    history.say("case.forwarded", LIN, at=FRIDAY, to=CENTRE)
    for step in steps:
        more = {"result": "paper", "delivery": "mail"} if step == "completed" else {}
        history.say(f"case.{step}", CHEN, at=FRIDAY, **more)
    found = history.now()
    assert isinstance(found, Case)
    return found


def test_what_came_back_goes_again_until_another_parcel_carries_it() -> None:
    case = case_with("accepted", "approved", "completed")
    back = parcel(reported(packed(), "taken_over", "returned"))
    assert goes_again(back, case, [back])
    other = History(parcel_number(31, TODAY, 8))
    other.say("parcel.packed", CHEN, at=MONDAY, purpose=RESULT, cases=[CASE], contents=INSIDE)
    assert not goes_again(back, case, [back, parcel(other)])


def test_an_original_that_did_not_go_on_is_whoever_s_has_it() -> None:
    case = case_with()
    on_the_way = parcel(
        reported(packed(purpose="papers_to_authority", to=CENTRE), "taken_over", "delivered")
    )
    (found,) = watch_originals(case, [on_the_way], "2026-11-25T02:00:00Z")
    assert (found.kind, found.owner, found.subject) == (Kind.ORIGINAL, CENTRE, CASE)
    assert "《房产证》" in found.next
    assert "还没有清点签收" in found.next
    assert watch_originals(case, [on_the_way], MONDAY.replace("23", "21")) == ()
