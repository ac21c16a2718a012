"""Manifests: what a courier has to find in the bag, and how each difference ends."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.folded import Parcel
from cases.manifests import (
    Fate,
    How,
    bag,
    current,
    differences,
    fate,
    listed,
    on,
    open_difference,
    taken_by,
)
from cases.numbers import manifest_number
from cases.states import ParcelState
from tests.cases.facts import CENTRAL, CENTRE, LIN, WU, History, parcel_in

DAY = date(2026, 11, 22)
FIRST, SECOND = manifest_number(31, DAY, 1), manifest_number(31, DAY, 2)
OTHERS = manifest_number(17, DAY, 1)


def packed(*manifests: str) -> History:
    told = parcel_in("packed")
    for manifest in manifests:
        told.say("parcel.listed", LIN, manifest=manifest)
    return told


def missing(told: History, manifest: str = FIRST, op: str = "m1") -> str:
    return told.say("parcel.missing", CENTRAL, op=op, when="t", manifest=manifest).id


def answer(told: History, event: str, how: How) -> None:
    told.say("parcel.missing_answered", LIN, missing=event, how=how.value)


def test_a_listed_parcel_waits_in_its_bag_until_a_courier_takes_it_over() -> None:
    told = packed(FIRST)
    assert bag([told.now()], FIRST) == on([told.now()], FIRST) == (told.now(),)
    assert fate(told.now(), FIRST) is Fate.WAITING
    told.say("parcel.taken_over", CENTRAL, op="1", when="t", manifest=FIRST)
    assert bag([told.now()], FIRST) == ()
    assert on([told.now()], FIRST) == (told.now(),)
    assert fate(told.now(), FIRST) is Fate.TAKEN
    assert taken_by(told.now()).data["manifest"] == FIRST


def test_what_is_listed_anew_leaves_the_bag_it_was_in() -> None:
    parcel = packed(FIRST, SECOND).now()
    assert listed(parcel) == (FIRST, SECOND)
    assert (bag([parcel], FIRST), bag([parcel], SECOND)) == ((), (parcel,))
    assert (fate(parcel, FIRST), fate(parcel, SECOND)) == (Fate.MOVED, Fate.WAITING)


def test_what_was_cancelled_is_in_no_bag() -> None:
    told = packed(FIRST)
    told.say("parcel.cancelled", LIN)
    assert bag([told.now()], FIRST) == ()
    assert fate(told.now(), FIRST) is Fate.CANCELLED


@pytest.mark.parametrize("manifest", [OTHERS, "", "M", "MGL03", "x" * 5000, "PGL031-261122-0007-X"])
def test_a_number_that_is_no_manifest_of_the_parcels_point_lists_nothing(manifest: str) -> None:
    parcel = packed(manifest).now()
    assert listed(parcel) == ()
    assert current(parcel) == ""


def test_another_points_word_lists_nothing() -> None:
    told = parcel_in("packed")
    told.say("parcel.listed", WU, manifest=FIRST)
    assert listed(told.now()) == ()


@pytest.mark.parametrize("how", list(How))
def test_a_difference_is_open_until_it_is_answered(how: How) -> None:
    told = packed(FIRST)
    event = missing(told)
    assert open_difference(told.now()).event == event
    assert fate(told.now(), FIRST) is Fate.MISSING
    assert bag([told.now()], FIRST) == ()
    assert told.now().missing == event
    answer(told, event, how)
    assert open_difference(told.now()) is None
    assert [d.how for d in differences(told.now())] == [how.value]
    assert fate(told.now(), FIRST) is Fate.SETTLED
    assert told.now().missing == (event if how is How.LOST else "")


def test_found_after_all_it_goes_with_the_next_bag() -> None:
    told = packed(FIRST)
    answer(told, missing(told), How.FOUND_HERE)
    told.say("parcel.listed", LIN, manifest=SECOND)
    assert bag([told.now()], SECOND) == (told.now(),)
    again = missing(told, SECOND, "m2")
    assert open_difference(told.now()).event == again
    assert (fate(told.now(), FIRST), fate(told.now(), SECOND)) == (Fate.SETTLED, Fate.MISSING)


def test_the_first_answer_stands_and_a_report_sent_twice_is_one_difference() -> None:
    told = packed(FIRST)
    event = missing(told)
    missing(told)
    answer(told, event, How.FOUND_HERE)
    answer(told, event, How.LOST)
    assert [d.how for d in differences(told.now())] == ["found_here"]


def test_a_courier_who_has_it_in_hand_ends_the_difference() -> None:
    told = packed(FIRST)
    missing(told)
    told.say("parcel.taken_over", CENTRAL, op="2", when="t")
    assert open_difference(told.now()) is None
    assert fate(told.now(), FIRST) is Fate.SETTLED


def test_an_answer_to_what_nobody_reported_settles_nothing() -> None:
    told = packed(FIRST)
    answer(told, f"{told.subject}:0009-{CENTRAL}", How.LOST)
    assert differences(told.now()) == ()
    assert fate(told.now(), FIRST) is Fate.WAITING


STEPS = st.sampled_from(
    [
        ("parcel.listed", LIN, {"manifest": FIRST}), ("parcel.listed", LIN, {"manifest": SECOND}),
        ("parcel.listed", WU, {"manifest": FIRST}), ("parcel.cancelled", LIN, {}),
        ("parcel.missing", CENTRAL, {"manifest": FIRST}),
        ("parcel.missing", CENTRAL, {"manifest": SECOND}),
        ("parcel.missing_answered", LIN, {"how": "found_here"}),
        ("parcel.missing_answered", LIN, {"how": "made up"}),
        ("parcel.taken_over", CENTRAL, {"manifest": FIRST}),
        ("parcel.delivered", CENTRAL, {"to": "self"}), ("parcel.returned", CENTRAL, {}),
    ]
)  # fmt: skip


@given(st.lists(STEPS, max_size=9))
def test_in_whatever_order_it_is_told_a_parcel_is_in_one_bag_at_most(
    steps: list[tuple[str, str, dict[str, str]]],
) -> None:
    told = parcel_in("packed")
    reported = ""
    for number, (type, by, data) in enumerate(steps):
        more = {"missing": reported} if type == "parcel.missing_answered" else {}
        op = {"op": str(number), "when": "t"} if by == CENTRAL else {}
        event = told.say(type, by, **data, **more, **op)
        reported = event.id if type == "parcel.missing" else reported
    parcel = told.now()
    assert isinstance(parcel, Parcel)
    bags = [m for m in (FIRST, SECOND) if bag([parcel], m)]
    assert len(bags) <= 1
    assert set(bags) <= set(listed(parcel))
    for manifest in listed(parcel):
        assert (fate(parcel, manifest) is Fate.WAITING) == (manifest in bags)
    if (left := open_difference(parcel)) is not None:
        assert parcel.state is ParcelState.PACKED
        assert left in differences(parcel)


def test_the_cast_is_where_the_numbers_say() -> None:
    assert packed(FIRST).now().to_point == CENTRE
    assert packed(FIRST).now().number[1:6] == FIRST[1:6]
