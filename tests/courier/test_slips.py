"""The rules of a slip: what is forgiven, what is refused, what becomes of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.people import BadField
from courier.places import FOUND_MAX, PlaceFinder
from courier.slips import (
    NOTE_CHARS_MAX,
    check_county,
    check_note,
    check_slip,
    check_street,
    phone_inside,
)
from sync.bundle import load_bundle

DIVISIONS = load_bundle().divisions
GULOU = "350102"
TYPED = {
    "name": "林 小梅",
    "phone": "138-0591-5678",
    "county": GULOU,
    "street": "福建省福州市鼓楼区东街街道 军门社区12号楼",
}


@pytest.fixture(scope="module")
def places() -> PlaceFinder:
    return PlaceFinder(DIVISIONS, GULOU)


def test_a_slip_is_stored_in_its_proper_form_with_codes_and_names() -> None:
    slip = check_slip(TYPED, DIVISIONS)
    assert slip.sealed() == {
        "name": "林小梅",
        "phone": "13805915678",
        "province": "350000",
        "city": "350100",
        "county": "350102",
        "street": "东街街道 军门社区12号楼",
        "region": "福建省福州市鼓楼区",
    }
    assert slip.address == "福建省福州市鼓楼区东街街道 军门社区12号楼"


def test_a_note_is_kept_only_when_there_is_one() -> None:
    assert check_slip({**TYPED, "note": " 放门卫 "}, DIVISIONS).sealed()["note"] == "放门卫"


@pytest.mark.parametrize("street", ["", "  ", "88", "1234567", "abc", "长" * 101])
def test_an_address_nobody_could_find_is_refused_in_both_languages(street: str) -> None:
    with pytest.raises(BadField) as wrong:
        check_street(street)
    assert wrong.value.field == "street"
    assert wrong.value.message_zh
    assert wrong.value.message_en


def test_markup_and_hidden_characters_leave_an_address() -> None:
    assert check_street("<b>东街\u200b88号\n502室</b>") == "b东街88号 502室/b"


def test_a_note_that_is_too_long_is_refused() -> None:
    with pytest.raises(BadField):
        check_note("长" * (NOTE_CHARS_MAX + 1))


@pytest.mark.parametrize("code", ["", "350000", "350100", "999999", "35010", "x", "350102004001"])
def test_only_a_county_of_the_national_list_will_do(code: str) -> None:
    with pytest.raises(BadField) as wrong:
        check_county(code, DIVISIONS)
    assert wrong.value.field == "county"


def test_every_county_of_the_country_can_be_chosen() -> None:
    counties = [
        county.code
        for province in DIVISIONS.provinces()
        for city in DIVISIONS.cities(province.code)
        for county in DIVISIONS.counties(city.code)
    ]
    assert len(counties) > 2800
    for county in counties:
        slip = check_slip({**TYPED, "county": county, "street": "幸福路88号"}, DIVISIONS)
        assert DIVISIONS.valid(slip.province, slip.city, slip.county)


def test_a_phone_number_in_the_address_is_noticed() -> None:
    assert phone_inside("东街88号 13805915678")
    assert not phone_inside("东街88号350102")


@given(st.text(max_size=300))
def test_no_text_breaks_the_checks(text: str) -> None:
    for check in (check_street, check_note):
        try:
            done = check(text)
        except BadField:
            continue
        assert check(done) == done


@pytest.mark.parametrize("typed", ["鼓楼", "gulou", "gl", "GuLou", "福州鼓楼", "fzgl"])
def test_our_own_district_is_found_first_however_it_is_typed(
    places: PlaceFinder, typed: str
) -> None:
    assert places.find(typed)[0] == (GULOU, "鼓楼区", "福建省福州市")


def test_far_counties_are_found_and_lists_stay_short(places: PlaceFinder) -> None:
    assert places.find("北京朝阳")[0].code == "110105"
    assert places.find("xiantao")[0].name == "仙桃市"
    assert len(places.find("s")) == FOUND_MAX


@pytest.mark.parametrize("typed", ["", "   ", "！！", "wwwwww", "(" * 500, "\\", "鼓楼" * 50])
def test_what_names_no_place_finds_none(places: PlaceFinder, typed: str) -> None:
    assert places.find(typed) == ()
