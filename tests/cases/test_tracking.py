"""Tracking numbers by their formats: made, taken apart, and told from one another."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.numbers import BadNumber, own_tracking, s10_valid
from cases.tracking import FORMATS, Place, block_of, place_of

HEADS = {"own": st.integers(0, 999).map("DS{:03d}".format),
         "s10": st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=2, max_size=2),
         "ems13": st.just("")}  # fmt: skip


@st.composite
def places(draw: st.DrawFn) -> Place:
    format = FORMATS[draw(st.sampled_from(sorted(FORMATS)))]
    serial = draw(st.integers(0, 10**format.serial_digits - 1))
    return Place(format.code, draw(HEADS[format.code]), serial, "CN" * (format.code == "s10"))


@given(places())
def test_a_number_is_found_again_at_its_place_and_is_of_one_format_only(place: Place) -> None:
    number = FORMATS[place.format].number(place)
    assert place_of(f" {number[:4]} {number[4:].lower()} ") == place


@given(places(), st.data())
def test_a_mistyped_digit_is_noticed_as_far_as_the_carriers_check_rule_goes(
    place: Place, data: st.DataObject
) -> None:
    format = FORMATS[place.format]
    number = format.number(place)
    at = len(place.head) + data.draw(st.integers(0, format.serial_digits - 1))
    wrong = data.draw(st.sampled_from([d for d in "0123456789" if d != number[at]]))
    mistyped = f"{number[:at]}{wrong}{number[at + 1 :]}"
    serial = mistyped[len(place.head) :][: format.serial_digits]
    check = format.check
    same = check is None or check(place.head, serial) == check(place.head, f"{place.serial:08d}")
    if format.code == "own":
        assert place_of(mistyped) is None
    else:  # UPU S10 gives two remainders one digit: such a pair of serials cannot be told apart
        assert (place_of(mistyped) is not None) == same


def test_each_format_is_the_one_the_world_knows() -> None:
    assert place_of("DS0170000042") is None
    assert FORMATS["own"].number(Place("own", "DS017", 42)) == own_tracking(17, 42)
    assert s10_valid(FORMATS["s10"].number(Place("s10", "EA", 7, "CN")))
    assert all(place_of(format.example) for format in FORMATS.values())


def test_who_types_a_wrong_number_is_told_what_is_wrong_with_it() -> None:
    with pytest.raises(BadNumber, match="EE") as wrong:
        FORMATS["s10"].place("EE123456784CN")
    assert "校验位应当是 5，不是 4" in wrong.value.message_zh
    with pytest.raises(BadNumber) as wrong:
        FORMATS["ems13"].place("1.06012E+12")
    assert "应当像 1060123456789" in wrong.value.message_zh


def test_a_number_that_no_place_can_have_is_not_made() -> None:
    with pytest.raises(ValueError, match="not a number of the format"):
        FORMATS["s10"].number(Place("s10", "E", 1, "CN"))
    with pytest.raises(ValueError, match="not a number of the format"):
        FORMATS["ems13"].number(Place("ems13", "", 10**13))


def test_a_block_of_before_there_were_carriers_is_our_own() -> None:
    block = block_of({"prefix": 31, "first": 1, "last": 1000})
    assert block is not None
    assert (block.carrier, block.number(7)) == ("own", own_tracking(31, 7))
