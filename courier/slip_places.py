"""Where to: the county of an address, or the point where the result is fetched. One page each.

A place is found by typing or by going down from what it lies in; both work without JavaScript.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import request
from flask.typing import ResponseReturnValue

from cases.fields import BadField
from cases.points import Point
from cases.slips import PICKUP, POST
from courier.look.forms import Form
from courier.look.words import _
from courier.places import Place
from courier.slip_desk import SlipDesk, Target
from courier.slip_frame import after, settled, show, step_url
from courier.slips import check_county, check_point


@dataclass(frozen=True)
class Option:
    """A province, city or county to tap: opens what lies in it, or (a county) is the answer."""

    code: str
    name: str
    url: str = ""


def place(desk: SlipDesk, target: Target) -> ResponseReturnValue:
    """Choose the county of an address, by typing or by going down from the province."""
    draft = desk.draft(target)
    form = Form(request.values)
    if request.method == "POST":
        county = form.checked(
            "county",
            lambda code: check_county(code, desk.divisions, desk.postage),
            form.value("county"),
        )
        if county:
            desk.keep_draft(
                target, {**settled(draft, "county"), "way": POST, "county": county, "choices": ""}
            )
            return after("place", target, POST)
    within = request.values.get("in", "")
    typed = request.args.get("q", "").strip()
    return show(
        "place", target, form, draft, status=200 if form.ok else 400,
        typed=typed, found=_found(desk, typed), trail=_trail(desk, target, within),
        options=_options(desk, target, within), within=within, chosen=region_of(desk, draft),
        near=() if within or typed else _near(desk), choices=_choices(desk, draft),
    )  # fmt: skip


def _choices(desk: SlipDesk, draft: Mapping[str, str]) -> tuple[Place, ...]:
    """The counties that a pasted address could mean, ours first."""
    codes = [code for code in draft.get("choices", "").split(",") if code]
    places = (Place(c, desk.divisions.name_of(c), desk.divisions.full_name(c)) for c in codes)
    return tuple(sorted(places, key=lambda place: place.code[:4] != desk.places.home[:4]))


def _found(desk: SlipDesk, typed: str) -> tuple[Place, ...]:
    return desk.places.find(typed) if typed else ()


def _trail(desk: SlipDesk, target: Target, within: str) -> list[Option]:
    """The way down to here: all of China, the province, the city."""
    trail = [Option("", _("全国"), _place_url(target, ""))]
    for code in (f"{within[:2]}0000", within):
        known = desk.divisions.cities(code) or desk.divisions.counties(code)
        if within and known and all(step.code != code for step in trail):
            trail.append(Option(code, desk.divisions.name_of(code), _place_url(target, code)))
    return trail


def _options(desk: SlipDesk, target: Target, within: str) -> list[Option]:
    """What can be tapped: provinces (ours first), a province's cities, or a city's counties."""
    divisions = desk.divisions
    if counties := divisions.counties(within):
        return [Option(d.code, d.name) for d in counties]
    if cities := divisions.cities(within):
        if len(cities) == 1:  # 北京市 stands as a city under itself
            return _options(desk, target, cities[0].code)
        return [Option(d.code, d.name, _place_url(target, d.code)) for d in cities]
    home = f"{desk.places.home[:2]}0000"
    provinces = sorted(divisions.provinces(), key=lambda d: (d.code != home, d.code))
    return [Option(d.code, d.name, _place_url(target, d.code)) for d in provinces]


def _near(desk: SlipDesk) -> tuple[Option, ...]:
    """The counties of our own city, ours first: most mail goes there."""
    home = desk.places.home
    counties = desk.divisions.counties(f"{home[:4]}00")
    ordered = sorted(counties, key=lambda d: (d.code != home, d.code))
    return tuple(Option(d.code, d.name) for d in ordered)


def _place_url(target: Target, within: str) -> str:
    more = {"in": within} if within else {}
    if request.values.get("then") == "check":
        more["then"] = "check"
    return step_url("place", target, **more)


def region_of(desk: SlipDesk, draft: Mapping[str, str]) -> str:
    """The name of the county that is chosen, or empty."""
    try:
        county = check_county(draft.get("county", ""), desk.divisions, desk.postage)
        return desk.divisions.full_name(county)
    except BadField:
        return ""


def point(desk: SlipDesk, target: Target) -> ResponseReturnValue:
    """Choose the point: the near ones first, all others by name or by subdistrict."""
    draft = desk.draft(target)
    form = Form(request.values)
    if request.method == "POST":
        code = form.checked(
            "to_point", lambda typed: check_point(typed, desk.pickups.codes), form.value("to_point")
        )
        if code:
            desk.keep_draft(target, {**draft, "way": PICKUP, "to_point": code})
            return after("point", target, PICKUP)
    within, typed = request.values.get("in", ""), request.args.get("q", "").strip()
    pickups = desk.pickups
    listed = pickups.find(typed) if typed else pickups.within(within) if within else ()
    return show(
        "point", target, form, draft, status=200 if form.ok else 400,
        typed=typed, within=within, listed=listed or (() if typed else pickups.near(target.point)),
        areas=[Option(a.code, a.area_name, _area_url(target, a)) for a in pickups.areas()],
        chosen=name_of(desk, draft.get("to_point", "")), own=target.point,
    )  # fmt: skip


def _area_url(target: Target, area: Point) -> str:
    more = {"then": "check"} if request.values.get("then") == "check" else {}
    return step_url("point", target, **{"in": area.code, **more})


def name_of(desk: SlipDesk, code: str) -> str:
    """The name of a point that can be chosen, or empty."""
    return next((p.name for p in desk.pickups.points if p.code == code), "")
