"""The service points of a district and the areas they are competent for.

A point's code is the national statistical division code (12 digits) of the area it serves, so a
code names a point and an area alike: ``350102004001`` is 军门社区 and its community point.
"""

from collections.abc import Iterable
from enum import StrEnum

import msgspec

from cases.reading import BadData, read_rows, whole_number, yes_or_no

COLUMNS = ("number", "code", "name", "kind", "parent")
SAMPLE_HOURS = "周一至周五 8:30–12:00，14:00–17:30（法定节假日除外）"
SAMPLE_PHONE = "0591-12345"  # the government service hotline of the city
HOTLINE = f"{SAMPLE_PHONE}（市政务服务热线）"
DISTRICT_ADDRESS = "福建省福州市鼓楼区"
_NAME_ENDINGS = ("便民服务中心", "政务服务代办点", "行政服务中心")


class PointKind(StrEnum):
    """What kind of place a point is."""

    DISTRICT_CENTRE = "district_centre"
    PARK_BRANCH = "park_branch"
    SUBDISTRICT_CENTRE = "subdistrict_centre"
    COMMUNITY_POINT = "community_point"


class UnknownPoint(LookupError):
    """No such point in this district; never worth a retry with the same code."""


class Point(msgspec.Struct, frozen=True, kw_only=True):
    """One of the places where residents are received (受理点)."""

    number: int
    code: str
    name: str
    kind: PointKind
    parent: str = ""
    address: str = ""
    phone: str = ""
    hours: str = ""
    open_for_mail: bool = True
    sample: tuple[str, ...] = ()
    """The fields that hold initial values nobody has confirmed: show them marked as samples."""

    @property
    def area_name(self) -> str:
        """The name of the area it serves: 军门社区, 东街街道, 鼓楼区."""
        for ending in _NAME_ENDINGS:
            if self.name.endswith(ending):
                return self.name.removesuffix(ending)
        return self.name


def ready_for_mail(point: Point, *, sample: bool) -> bool:
    """Whether mail may go to a point: somebody has filled in where, whom to call, and when.

    :param sample: whether the initial values will do, as where everything is a sample.
    """
    fields = ("address", "phone", "hours")
    filled = all(getattr(point, name) for name in fields)
    return point.open_for_mail and filled and (sample or not set(fields) & set(point.sample))


class Directory:
    """All points of the district, by code and by number."""

    def __init__(self, points: Iterable[Point]) -> None:
        self.points = tuple(points)
        self._by_code = {point.code: point for point in self.points}
        self._by_number = {point.number: point for point in self.points}
        _require_sound(self.points, self._by_code, self._by_number)
        self.centre = next(p for p in self.points if p.kind is PointKind.DISTRICT_CENTRE)
        self.district = self.centre.code[:6]

    def __len__(self) -> int:
        return len(self.points)

    def __contains__(self, code: object) -> bool:
        return code in self._by_code

    def find(self, code: str) -> Point | None:
        """The point with this code, or None."""
        return self._by_code.get(code)

    def by_code(self, code: str) -> Point:
        """The point with this code; raises :class:`UnknownPoint`."""
        if code not in self._by_code:
            raise UnknownPoint(f"no point has the code {code!r}")
        return self._by_code[code]

    def by_number(self, number: int) -> Point:
        """The point with this number, the one inside case numbers; raises :class:`UnknownPoint`."""
        if number not in self._by_number:
            raise UnknownPoint(f"no point has the number {number:03d}")
        return self._by_number[number]

    def children(self, code: str) -> tuple[Point, ...]:
        """The points directly below a point, in the order of their numbers."""
        return tuple(point for point in self.points if point.parent == code)

    def subdistrict_of(self, point: Point) -> Point | None:
        """The subdistrict centre a point belongs to (itself, if it is one).

        None for the district centre and the park branch, which belong to no subdistrict.
        """
        if point.kind is PointKind.SUBDISTRICT_CENTRE:
            return point
        if point.kind is PointKind.COMMUNITY_POINT:
            return self._by_code[point.parent]
        return None

    def areas(self) -> tuple[Point, ...]:
        """The points whose codes name an area a clerk can choose, largest areas first."""
        return (
            self.centre,
            *(p for p in self.points if p.kind is PointKind.SUBDISTRICT_CENTRE),
            *(p for p in self.points if p.kind is PointKind.COMMUNITY_POINT),
        )


def _require_sound(
    points: tuple[Point, ...], by_code: dict[str, Point], by_number: dict[int, Point]
) -> None:
    if len(by_code) < len(points) or len(by_number) < len(points):
        raise BadData("points: a code or a number stands twice")
    if sum(point.kind is PointKind.DISTRICT_CENTRE for point in points) != 1:
        raise BadData("points: exactly one district centre is needed")
    for point in points:
        if len(point.code) != 12 or not point.code.isdigit():
            raise BadData(f"points: code {point.code!r} is not twelve digits")
        if not 1 <= point.number <= 999:
            raise BadData(f"points: number {point.number} is not in 1..999")
        _require_parent(point, by_code)


def _require_parent(point: Point, by_code: dict[str, Point]) -> None:
    expected = {
        PointKind.PARK_BRANCH: PointKind.DISTRICT_CENTRE,
        PointKind.SUBDISTRICT_CENTRE: PointKind.DISTRICT_CENTRE,
        PointKind.COMMUNITY_POINT: PointKind.SUBDISTRICT_CENTRE,
    }.get(point.kind)
    parent = by_code.get(point.parent)
    if (parent.kind if parent else None) is not expected:
        raise BadData(f"points: {point.code} has the parent {point.parent!r}, which cannot be")


def read_points(text: str) -> Directory:
    """The directory from the text of ``points.csv``.

    The optional columns ``address``, ``phone``, ``hours`` and ``open_for_mail`` get sensible
    initial values where they are absent or empty; ``Point.sample`` names those fields.
    """
    rows = read_rows("points", text, COLUMNS)
    names = {row["code"]: row["name"].removesuffix("便民服务中心") for row in rows}
    return Directory(_point(row, names) for row in rows)


def _point(row: dict[str, str], names: dict[str, str]) -> Point:
    try:
        kind = PointKind(row["kind"])
    except ValueError:
        raise BadData(f"points {row['code']}: unknown kind {row['kind']!r}") from None
    initial = {
        "address": _sample_address(row, kind, names),
        "phone": SAMPLE_PHONE,
        "hours": SAMPLE_HOURS,
        "open_for_mail": "1",
    }
    given = {**initial, **{name: row[name] for name in initial if row.get(name)}}
    return Point(
        number=whole_number("points", row["code"], row, "number"),
        code=row["code"],
        name=row["name"],
        kind=kind,
        parent=row["parent"],
        address=given["address"],
        phone=given["phone"],
        hours=given["hours"],
        open_for_mail=yes_or_no("points", row["code"], given, "open_for_mail"),
        sample=tuple(name for name in initial if not row.get(name)),
    )


def _sample_address(row: dict[str, str], kind: PointKind, names: dict[str, str]) -> str:
    subdistrict = names.get(row["parent"], "") if kind is PointKind.COMMUNITY_POINT else ""
    return f"{DISTRICT_ADDRESS}{subdistrict}{row['name'].removeprefix(DISTRICT_ADDRESS[-3:])}"
