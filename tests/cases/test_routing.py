"""Who decides: every matter, received at every point, for every area, by a rule said here anew.

A district matter is decided at the district centre, whatever the area.
A subdistrict matter is decided by the centre of the subdistrict that the area lies in.
A community matter is decided by the community point whose area it is.
An area outside the district is never ours; without a fitting area it must be asked.
"""

from __future__ import annotations

import pytest

from cases.points import PointKind
from cases.routing import (
    OUTSIDE,
    Forward,
    KeepHere,
    NeedsArea,
    OutsideDistrict,
    needs_area,
    route,
)  # fmt: skip
from tests.cases.reference import the_catalogue, the_directory

NONSENSE = ("", "350102", "350102999999", "110101001001", "东街街道", "outside ", "0" * 12)
DIRECTORY = the_directory()
POINTS = [point.code for point in DIRECTORY.points]
SUBDISTRICTS = {p.code for p in DIRECTORY.points if p.kind is PointKind.SUBDISTRICT_CENTRE}
COMMUNITIES = {p.code: p.parent for p in DIRECTORY.points if p.kind is PointKind.COMMUNITY_POINT}
AREAS = (*SUBDISTRICTS, *COMMUNITIES)


def decider(level: str, area: str | None) -> str | None:
    """The one point entitled to decide, or None where the area does not tell."""
    if level == "district":
        return "350102000000"
    if level == "subdistrict":
        return area if area in SUBDISTRICTS else COMMUNITIES.get(area or "")
    return area if area in COMMUNITIES else None


def test_the_district_has_the_points_it_has() -> None:
    assert (len(POINTS), len(SUBDISTRICTS), len(COMMUNITIES)) == (81, 10, 69)
    assert len(the_catalogue().matters) == 998


@pytest.mark.parametrize("level", ["district", "subdistrict", "community"])
def test_every_matter_at_every_point_for_every_area_goes_to_the_entitled_one(level: str) -> None:
    matters = [m for m in the_catalogue().matters if m.level == level]
    assert matters
    for matter in matters:
        department = matter.department
        for area in AREAS:
            entitled = decider(level, area)
            for point in POINTS:  # 6.4 million routes: nothing but the rule in here
                went = route(matter, point, area, DIRECTORY)
                if entitled is None:
                    assert type(went) is NeedsArea
                elif entitled == point:
                    assert type(went) is KeepHere
                    assert went.deciding == entitled
                    assert went.department == department
                else:
                    assert type(went) is Forward
                    assert went.to == entitled
                    assert went.department == department


@pytest.mark.parametrize("area", [None, *NONSENSE])
def test_an_area_that_says_nothing_counts_as_not_asked(area: str | None) -> None:
    for matter in the_catalogue().matters:
        for point in POINTS[::20]:
            went = route(matter, point, area, DIRECTORY)
            assert isinstance(went, NeedsArea) is (decider(matter.level, area) is None)
            assert went == route(matter, point, None, DIRECTORY)


def test_an_area_outside_the_district_is_never_ours() -> None:
    for matter in the_catalogue().matters:
        for point in POINTS:
            assert route(matter, point, OUTSIDE, DIRECTORY) == OutsideDistrict(matter.basis)


def test_the_window_asks_for_the_area_exactly_where_the_route_depends_on_it() -> None:
    for matter in the_catalogue().matters:
        unasked = route(matter, POINTS[0], None, DIRECTORY)
        assert needs_area(matter) is isinstance(unasked, NeedsArea)


def test_what_is_offered_to_choose_from_leads_to_a_decider() -> None:
    for level, offered in (("subdistrict", SUBDISTRICTS), ("community", set(COMMUNITIES))):
        matter = next(m for m in the_catalogue().matters if m.level == level)
        unasked = route(matter, POINTS[0], None, DIRECTORY)
        assert isinstance(unasked, NeedsArea)
        assert set(unasked.choices) == offered
        for choice in unasked.choices:
            assert not isinstance(route(matter, POINTS[0], choice, DIRECTORY), NeedsArea)


def test_a_community_matter_asks_for_the_community_inside_a_subdistrict_already_named() -> None:
    matter = next(m for m in the_catalogue().matters if m.level == "community")
    subdistrict = next(iter(sorted(SUBDISTRICTS)))
    asked = route(matter, POINTS[0], subdistrict, DIRECTORY)
    assert isinstance(asked, NeedsArea)
    assert set(asked.choices) == {c for c, above in COMMUNITIES.items() if above == subdistrict}
