from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.numbers import (
    SUFFIX_ALPHABET,
    BadNumber,
    Number,
    SubjectKind,
    case_number,
    check_character,
    check_tracking,
    kind_of,
    manifest_number,
    own_tracking,
    parcel_number,
    parse_manifest_number,
    parse_number,
    s10_check_digit,
    s10_valid,
    visit_number,
)

DAY = date(2026, 11, 22)
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

numbers = st.builds(
    Number,
    st.sampled_from([SubjectKind.CASE, SubjectKind.VISIT, SubjectKind.PARCEL]),
    st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=2, max_size=2),
    st.integers(0, 999),
    st.dates(date(2000, 1, 1), date(2099, 12, 31)),
    st.integers(0, 9999),
    st.one_of(st.just(""), st.text(SUFFIX_ALPHABET, min_size=4, max_size=4)),
)


def test_the_check_character_is_that_of_the_standard() -> None:
    # Examples published with ISRC/GRid, which use the same system of ISO 7064.
    assert check_character("A1-2425G-ABC1234002") == "M"
    assert check_character("A12425GABC1234002") == "M"


def test_a_case_number_names_point_day_and_serial() -> None:
    number = case_number(17, DAY, 42)
    assert number.startswith("GL017-261122-0042-")
    assert parse_number(number) == Number(SubjectKind.CASE, "GL", 17, DAY, 42)


def test_a_second_store_of_a_point_never_gives_the_same_number() -> None:
    number = case_number(17, DAY, 42, "k3f9")
    assert number.startswith("GL017-261122-K3F90042-")
    assert parse_number(number).suffix == "k3f9"
    assert number != case_number(17, DAY, 42)


def test_visits_and_parcels_have_their_own_prefix() -> None:
    assert kind_of(case_number(1, DAY, 1)) is SubjectKind.CASE
    assert kind_of(visit_number(1, DAY, 1)) is SubjectKind.VISIT
    assert kind_of(parcel_number(1, DAY, 1, "0000")) is SubjectKind.PARCEL


@pytest.mark.parametrize("store", ["350102004001.k3f9", "central.k3f9aa", "central.0123"])
def test_a_store_is_a_subject_too(store: str) -> None:
    assert kind_of(store) is SubjectKind.STORE


@pytest.mark.parametrize(
    "text", ["", "GL017", "gl017-261122-0042-k", "350102004001", "centra.k3f9", "central.K3F9"]
)
def test_anything_else_is_no_subject(text: str) -> None:
    with pytest.raises(BadNumber):
        kind_of(text)


@given(numbers)
def test_every_number_reads_back_as_it_was_made(number: Number) -> None:
    assert parse_number(number.text) == number
    assert kind_of(number.text) is number.kind


@given(numbers)
def test_a_manifests_number_is_no_subjects_and_reads_back(number: Number) -> None:
    text = manifest_number(
        number.point_number, number.day, number.serial, number.suffix, district=number.district
    )
    found = parse_manifest_number(text.lower().replace("-", " "))
    assert found == tuple(number)[1:]
    assert found.text == text
    for reading in (kind_of, parse_number):
        with pytest.raises(BadNumber):
            reading(text)
    with pytest.raises(BadNumber, match="begins with M"):
        parse_manifest_number(number.text)


@given(numbers)
def test_a_number_is_understood_however_it_is_typed(number: Number) -> None:
    full_width = "".join(chr(ord(c) + 0xFEE0) for c in number.text)
    for typed in (
        number.text.lower(),
        number.text.replace("-", ""),
        number.text.replace("-", " "),
        f"  {number.text}\n",
        full_width,
        number.text.replace("-", "—"),
    ):
        assert parse_number(typed) == number


@given(numbers, st.data())
def test_any_single_wrong_character_is_noticed(number: Number, data: st.DataObject) -> None:
    compact = number.text.replace("-", "")
    place = data.draw(st.integers(0, len(compact) - 1))
    wrong = data.draw(st.sampled_from([c for c in ALPHABET if c != compact[place]]))
    mistyped = compact[:place] + wrong + compact[place + 1 :]
    try:
        understood = parse_number(mistyped)
    except BadNumber:
        return
    assert understood == number  # an O for a 0 is forgiven, never taken for another number


def test_letters_that_look_like_digits_are_forgiven() -> None:
    number = case_number(10, DAY, 101)
    typed = number[:-1].replace("0", "O").replace("1", "l") + number[-1]
    assert parse_number(typed).text == number


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no number"),
        ("GL017-261122-42-K", "14 characters"),
        ("GL017-2611#2-0042-K", "character 10"),
        ("1L017-261122-0042-K", "'1' at the beginning"),
        ("GL01X-261122-0042-K", "'X' stands where"),
        ("G" * 65, "too long"),
    ],
)
def test_a_bad_number_says_what_is_wrong(text: str, says: str) -> None:
    with pytest.raises(BadNumber) as caught:
        parse_number(text)
    assert says in caught.value.message_en
    assert caught.value.message_zh


def test_a_wrong_check_character_is_named() -> None:
    number = case_number(17, DAY, 42)
    wrong = "A" if number[-1] != "A" else "B"
    with pytest.raises(BadNumber, match=f"'{wrong}' does not fit"):
        parse_number(number[:-1] + wrong)


def test_a_day_that_does_not_exist_is_named() -> None:
    body = "GL017-261332-0042"
    with pytest.raises(BadNumber, match="261332 is no date"):
        parse_number(f"{body}-{check_character(body)}")


@given(st.text(max_size=80))
def test_no_text_breaks_the_reading_of_numbers(text: str) -> None:
    try:
        parse_number(text)
    except BadNumber as bad:
        says = bad.message_zh, bad.message_en
    else:
        return
    assert all(says)


@pytest.mark.parametrize(
    ("point", "serial", "suffix"), [(1000, 1, ""), (-1, 1, ""), (1, 10_000, ""), (1, 1, "abcl")]
)
def test_numbers_beyond_their_room_are_never_made(point: int, serial: int, suffix: str) -> None:
    with pytest.raises(ValueError, match="is not"):
        case_number(point, DAY, serial, suffix)


@given(st.integers(0, 999), st.integers(0, 9_999_999))
def test_our_own_tracking_numbers_cannot_be_taken_for_a_carriers(point: int, serial: int) -> None:
    tracking = own_tracking(point, serial)
    assert check_tracking(tracking.lower()) == tracking
    assert not s10_valid(tracking)
    assert not tracking.isdigit()


@given(st.integers(0, 999), st.integers(0, 9_999_999), st.integers(2, 12), st.integers(1, 9))
def test_a_wrong_digit_in_a_tracking_number_is_noticed(
    point: int, serial: int, place: int, shift: int
) -> None:
    tracking = own_tracking(point, serial)
    wrong = str((int(tracking[place]) + shift) % 10)
    with pytest.raises(BadNumber, match="does not fit"):
        check_tracking(tracking[:place] + wrong + tracking[place + 1 :])


def test_a_waybill_that_is_not_ours_says_so() -> None:
    with pytest.raises(BadNumber, match="not a tracking number of ours"):
        check_tracking("EE123456785CN")


def test_the_postal_unions_own_example_holds() -> None:
    assert s10_check_digit("47312482") == "9"
    assert s10_valid("RN473124829GB")
    assert s10_valid("rn 473124829 gb")
    assert not s10_valid("RN473124828GB")
    assert not s10_valid("RN47312482GB")


@given(st.integers(0, 99_999_999))
def test_an_s10_number_has_exactly_one_check_digit(serial: int) -> None:
    digits = f"{serial:08d}"
    fitting = [d for d in "0123456789" if s10_valid(f"EE{digits}{d}CN")]
    assert fitting == [s10_check_digit(digits)]
