from collections import Counter

import pytest

from cases.points import Directory, Point, PointKind, UnknownPoint, read_points
from cases.reading import BadData
from tests.cases.reference import DATA, the_directory

TEXT = (DATA / "points.csv").read_text("utf-8")


def test_the_district_has_its_81_points() -> None:
    directory = the_directory()
    assert len(directory) == 81
    assert Counter(point.kind for point in directory.points) == {
        PointKind.DISTRICT_CENTRE: 1,
        PointKind.PARK_BRANCH: 1,
        PointKind.SUBDISTRICT_CENTRE: 10,
        PointKind.COMMUNITY_POINT: 69,
    }
    assert directory.centre.name == "鼓楼区行政服务中心"


def test_a_point_is_found_by_code_and_by_the_number_inside_case_numbers() -> None:
    directory = the_directory()
    for point in directory.points:
        assert directory.by_code(point.code) is point
        assert directory.by_number(point.number) is point
        assert point.code in directory


def test_every_community_point_hangs_under_its_subdistrict_centre() -> None:
    directory = the_directory()
    for point in directory.points:
        above = directory.subdistrict_of(point)
        if point.kind is PointKind.COMMUNITY_POINT:
            assert above is not None
            assert above.code == point.code[:9] + "000"
            assert point in directory.children(above.code)
        elif point.kind is PointKind.SUBDISTRICT_CENTRE:
            assert above is point
        else:
            assert above is None


def test_an_area_is_called_what_its_people_call_it() -> None:
    directory = the_directory()
    junmen = directory.by_code("350102004001")
    above = directory.subdistrict_of(junmen)
    assert above is not None
    assert (junmen.area_name, above.area_name) == ("军门社区", "东街街道")


def test_an_unknown_point_is_named() -> None:
    with pytest.raises(UnknownPoint, match="350102999999"):
        the_directory().by_code("350102999999")
    with pytest.raises(UnknownPoint, match="082"):
        the_directory().by_number(82)


def test_what_nobody_confirmed_is_marked_as_a_sample() -> None:
    for point in the_directory().points:
        assert point.sample == ("address", "phone", "hours", "open_for_mail")
        assert point.address.startswith("福建省福州市鼓楼区")
        assert point.open_for_mail


def test_what_an_administrator_wrote_is_no_sample() -> None:
    head, first, *rest = TEXT.splitlines()
    text = "\n".join(
        [f"{head},address,open_for_mail", f"{first},温泉街道某路 1 号,0", *(f"{r},," for r in rest)]
    )
    centre = read_points(text).centre
    assert centre.address == "温泉街道某路 1 号"
    assert not centre.open_for_mail
    assert centre.sample == ("phone", "hours")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("number,code", "no,code", "no column number"),
        ("13,350102001001", "12,350102001001", "twice"),
        ("13,350102001001", "x,350102001001", "whole number"),
        ("13,350102001001", "13,35010200100", "twelve digits"),
        ("community_point,350102001000", "community_point,350102000000", "cannot be"),
        ("community_point,350102001000", "kiosk,350102001000", "unknown kind 'kiosk'"),
        ("district_centre,", "subdistrict_centre,350102000000", "exactly one district centre"),
    ],
)
def test_a_mistake_in_the_table_is_named(old: str, new: str, says: str) -> None:
    assert old in TEXT
    with pytest.raises(BadData, match=says):
        read_points(TEXT.replace(old, new, 1))


def test_a_line_with_a_cell_too_many_is_named() -> None:
    with pytest.raises(BadData, match="line 2"):
        read_points(TEXT.replace("district_centre,", "district_centre,,", 1))


def test_a_table_saved_by_a_spreadsheet_reads_the_same() -> None:
    saved = "\ufeff" + TEXT.replace("\n", "\r\n").replace("01,350102", '"01",350102')
    assert read_points(saved).points == the_directory().points


def test_a_number_beyond_three_digits_has_no_room_in_case_numbers() -> None:
    point = Point(number=1000, code="350102000000", name="中心", kind=PointKind.DISTRICT_CENTRE)
    with pytest.raises(BadData, match=r"1\.\.999"):
        Directory([point])
