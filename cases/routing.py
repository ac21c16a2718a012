"""Who decides a matter: a pure function with no choice left to a person (谁事权谁审批).

District matters are decided by their department, whose seat is a point; subdistrict matters by
the subdistrict centre of the competent area; community matters by its community point. The
competent area is what the matter's basis of competence names (residence, place of business, …);
an area outside the district is an answer too.
"""

from __future__ import annotations

from dataclasses import dataclass

from cases.catalogue import Matter
from cases.points import Directory, Point, PointKind

OUTSIDE = "outside"


@dataclass(frozen=True)
class KeepHere:
    """The receiving point is itself the authority (直接办结)."""

    deciding: str
    department: str


@dataclass(frozen=True)
class Forward:
    """Another point decides (跨级转办): its code and the department whose worklist it enters."""

    to: str
    department: str


@dataclass(frozen=True)
class NeedsArea:
    """The competent area must be asked first; ``choices`` are point codes to choose from."""

    choices: tuple[str, ...]


@dataclass(frozen=True)
class OutsideDistrict:
    """Not ours: the body of the same level where the basis of competence lies decides."""

    basis: str


Route = KeepHere | Forward | NeedsArea | OutsideDistrict


def route(matter: Matter, point: str, area: str | None, directory: Directory) -> Route:
    """Where an application received at ``point`` is decided.

    ``area`` is the code of the community point or subdistrict centre whose area is competent,
    :data:`OUTSIDE`, or None when it was not asked. An unknown code counts as not asked.
    """
    if area == OUTSIDE:
        return OutsideDistrict(basis=matter.basis)
    deciding = _deciding(matter, area, directory)
    if isinstance(deciding, NeedsArea):
        return deciding
    if deciding == point:
        return KeepHere(deciding=deciding, department=matter.department)
    return Forward(to=deciding, department=matter.department)


def needs_area(matter: Matter) -> bool:
    """Whether the window must ask for the competent area before it can route the matter."""
    return matter.level != "district"


def _deciding(matter: Matter, area: str | None, directory: Directory) -> str | NeedsArea:
    if matter.level == "district":
        return directory.centre.code
    place = directory.find(area) if area else None
    if matter.level == "subdistrict":
        centre = _subdistrict_of(place, directory)
        return centre or NeedsArea(_codes(directory, PointKind.SUBDISTRICT_CENTRE))
    if place is not None and place.kind is PointKind.COMMUNITY_POINT:
        return place.code
    inside = _subdistrict_of(place, directory)
    return NeedsArea(_communities(directory, inside))


def _subdistrict_of(place: Point | None, directory: Directory) -> str | None:
    if place is None:
        return None
    if place.kind is PointKind.SUBDISTRICT_CENTRE:
        return place.code
    return place.parent if place.kind is PointKind.COMMUNITY_POINT else None


def _codes(directory: Directory, kind: PointKind) -> tuple[str, ...]:
    return tuple(point.code for point in directory.points if point.kind is kind)


def _communities(directory: Directory, subdistrict: str | None) -> tuple[str, ...]:
    return tuple(
        point.code
        for point in directory.points
        if point.kind is PointKind.COMMUNITY_POINT
        and (subdistrict is None or point.parent == subdistrict)
    )
