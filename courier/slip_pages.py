"""The resident's slip pages: a few short questions on a phone, then one look over all of it.

``/T/<token>/slip/…`` from a QR and ``/case/<number>/slip/…`` after a look-up. What was typed is
kept between the pages for this browser alone, so that going back, reloading or a lost line loses
nothing. Every page works without JavaScript.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cases.people import BadField, check_name, check_phone, last_four
from courier.look.errors import error_page
from courier.look.forms import Form
from courier.look.surface import current_language
from courier.look.words import _
from courier.pasted import split_pasted
from courier.places import Place
from courier.slip_desk import NotOpen, Sent, SlipDesk, Target, TooMany, TryAgain
from courier.slips import (
    TYPED,
    Slip,
    check_county,
    check_note,
    check_slip,
    check_street,
    phone_inside,
)

STEPS = ("who", "place", "street", "check")
_STEP_OF = {"name": "who", "phone": "who", "county": "place", "street": "street", "note": "street"}
_OPERATION = re.compile(r"[A-Za-z0-9_-]{16,64}")


@dataclass(frozen=True)
class Page:
    """What every slip page shows: where it is among the steps, and its addresses."""

    target: Target
    step: str
    here: str
    before: str

    @property
    def number(self) -> int:
        """The step's number, counted from one."""
        return STEPS.index(self.step) + 1

    @property
    def of(self) -> int:
        """How many steps there are."""
        return len(STEPS)


@dataclass(frozen=True)
class Option:
    """A province, city or county to tap: opens what lies in it, or (a county) is the answer."""

    code: str
    name: str
    url: str = ""


def slip_blueprint(desk: Callable[[], SlipDesk]) -> Blueprint:
    """The pages, for an app that gives each request its desk. Endpoints are ``slip.<step>``."""
    blueprint = Blueprint(
        "slip",
        __name__,
        template_folder="templates",
        static_folder="static",
        static_url_path="/slip/static",
    )
    blueprint.add_url_rule(
        "/privacy", "privacy", lambda: render_template("resident/slip_privacy.html")
    )
    views = {
        "": ("start", _start), "who": ("who", _who), "place": ("place", _place),
        "paste": ("paste", _paste),
        "street": ("street", _street), "check": ("check", _check),
        "done": ("done", _done), "prove": ("prove", _prove),
    }  # fmt: skip
    for path, (name, view) in views.items():
        rule = f"/<any(T,t,case):door>/<key>/slip{'/' if path else ''}{path}"
        methods = ["GET"] if name in ("start", "done") else ["GET", "POST"]
        blueprint.add_url_rule(rule, name, _guarded(desk, view), methods=methods)
    return blueprint


def _guarded(
    desk: Callable[[], SlipDesk], view: Callable[[SlipDesk, Target], ResponseReturnValue]
) -> Callable[..., ResponseReturnValue]:
    """Find out what the address leads to; ask for the last four where something is filled in."""

    @wraps(view)
    def guarded(door: str, key: str) -> ResponseReturnValue:
        """The view, or why it is not open."""
        found = desk()
        try:
            target = found.target(door, key)
            if target.must_prove and view not in (_prove, _done):
                return redirect(_url("prove", target))
            return view(found, target)
        except NotOpen as stop:
            return error_page(stop.card)

    return guarded


def _url(step: str, target: Target, **more: Any) -> str:
    return url_for(f"slip.{step}", door=target.door, key=target.key, **more)


def _page(step: str, target: Target) -> Page:
    place = STEPS.index(step)
    before = _url(STEPS[place - 1], target) if place else target.back_url
    return Page(target, step, _url(step, target), before)


def _after(step: str, target: Target) -> ResponseReturnValue:
    """The next step, or back to the look over all where this page was opened from there."""
    then = request.args.get("then") or request.form.get("then")
    following = "check" if then == "check" else STEPS[STEPS.index(step) + 1]
    return redirect(_url(following, target), code=303)


def _start(desk: SlipDesk, target: Target) -> ResponseReturnValue:
    """The first step itself: to be sent on to it takes most of a second over a slow line."""
    return _who(desk, target)


def _paste(desk: SlipDesk, target: Target) -> ResponseReturnValue:
    """Cut a whole address into the fields, and show them all to be looked over."""
    if request.method != "POST":
        return redirect(_url("who", target))
    form = Form(request.form)
    found = split_pasted(form.value("pasted"), desk.regions)
    draft = desk.draft(target)
    if not (found.phone or found.county or found.choices):
        form.fail(
            "pasted", "没有认出电话和地址。请把姓名、电话、地址一起贴进来，或者在下面自己填。",
            "No phone and no address were found. Paste name, phone and address together, or fill"
            " in the fields below.",
        )  # fmt: skip
        return _show("who", target, form, status=400, unsure=())
    desk.keep_draft(target, {**draft, **found.typed()})
    return redirect(_url("check", target), code=303)


def _unsure(draft: Mapping[str, str], *fields: str) -> tuple[str, ...]:
    """Those of the fields that were pasted and are not sure."""
    return tuple(field for field in fields if field in draft.get("unsure", "").split(","))


def _settled(draft: Mapping[str, str], *fields: str) -> dict[str, str]:
    """The draft once a person has looked at these fields themselves."""
    left = [field for field in draft.get("unsure", "").split(",") if field not in fields]
    return {**draft, "unsure": ",".join(left)}


def _who(desk: SlipDesk, target: Target) -> ResponseReturnValue:
    draft = desk.draft(target)
    unsure = _unsure(draft, "name", "phone")
    if request.method != "POST":
        return _show("who", target, Form(draft), unsure=unsure)
    form = Form(request.form)
    draft |= {"name": form.value("name"), "phone": form.value("phone")}
    form.text(
        "name", check_name,
        missing_zh="还没有填收件人的姓名", missing_en="Fill in who receives the mail",
    )  # fmt: skip
    form.text(
        "phone", check_phone,
        missing_zh="还没有填手机号码", missing_en="Fill in a phone number for the courier",
    )  # fmt: skip
    desk.keep_draft(target, _settled(draft, "name", "phone"))
    if form.ok:
        return _after("who", target)
    return _show("who", target, form, status=400, unsure=unsure)


def _street(desk: SlipDesk, target: Target) -> ResponseReturnValue:
    draft = desk.draft(target)
    region = _region(desk, draft)
    if not region:
        return redirect(_url("place", target))
    if request.method != "POST":
        return _show("street", target, Form(draft), region=region)
    form = Form(request.form)
    draft |= {"street": form.value("street"), "note": form.value("note")}
    street = form.text(
        "street", check_street, chars_max=300,
        missing_zh="还没有填详细地址", missing_en="Fill in the street and number",
    )  # fmt: skip
    form.text("note", check_note, required=False)
    if street and phone_inside(street):
        form.fail(
            "street", "地址里有手机号码，会印在面单上被人看见，请删掉。",
            "There is a phone number in the address, where everybody could read it: take it out.",
        )  # fmt: skip
    desk.keep_draft(target, _settled(draft, "street"))
    if form.ok:
        return _after("street", target)
    return _show("street", target, form, status=400, region=region)


def _place(desk: SlipDesk, target: Target) -> ResponseReturnValue:
    draft = desk.draft(target)
    form = Form(request.values)
    if request.method == "POST":
        county = form.checked(
            "county", lambda code: check_county(code, desk.divisions), form.value("county")
        )
        if county:
            desk.keep_draft(target, {**_settled(draft, "county"), "county": county, "choices": ""})
            return _after("place", target)
    within = request.values.get("in", "")
    typed = request.args.get("q", "").strip()
    return _show(
        "place", target, form, status=200 if form.ok else 400,
        typed=typed, found=_found(desk, typed), trail=_trail(desk, target, within),
        options=_options(desk, target, within), within=within, chosen=_region(desk, draft),
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
    return _url("place", target, **more)


def _region(desk: SlipDesk, draft: dict[str, str]) -> str:
    """The name of the county that is chosen, or empty."""
    try:
        return desk.divisions.full_name(check_county(draft.get("county", ""), desk.divisions))
    except BadField:
        return ""


def _check(desk: SlipDesk, target: Target) -> ResponseReturnValue:
    op = request.form.get("op", "")
    if request.method == "POST" and (known := _sent(desk, op)):
        return _finished(desk, target, known)
    draft = desk.draft(target)
    try:
        slip = check_slip(draft, desk.divisions)
    except BadField as wrong:
        return redirect(_missing(target, draft, _STEP_OF.get(wrong.field, "who")))
    unsure = _unsure(draft, *TYPED)
    if request.method != "POST":
        return _show("check", target, Form(), slip=slip, op=draft["op"], trouble="", unsure=unsure)
    if not _OPERATION.fullmatch(op):
        op = draft["op"]
    try:
        return _finished(desk, target, desk.send(target, op, slip, current_language()))
    except TryAgain:
        trouble = _(
            "现在连不上系统，还没有保存成功。您填的内容都还在，请过一会儿再按一次，不用重填。"
        )
        return _show(
            "check", target, Form(), status=503, slip=slip, op=op, trouble=trouble, unsure=unsure
        )
    except TooMany as wait:
        trouble = _wait_words(wait)
        return _show(
            "check", target, Form(), status=429, slip=slip, op=op, trouble=trouble, unsure=unsure
        )


def _missing(target: Target, draft: Mapping[str, str], step: str) -> str:
    """Where what is missing is filled in; what was pasted is looked over again afterwards."""
    pasted = {"then": "check"} if "unsure" in draft else {}
    if step == "place" and draft.get("within"):
        pasted["in"] = draft["within"]
    return _url(step, target, **pasted)


def _sent(desk: SlipDesk, op: str) -> Sent | None:
    return desk.sent(op) if _OPERATION.fullmatch(op) else None


def _finished(desk: SlipDesk, target: Target, sent: Sent) -> ResponseReturnValue:
    desk.drop_draft(target)
    return redirect(_url("done", target, code=sent.code or None), code=303)


def _done(desk: SlipDesk, target: Target) -> ResponseReturnValue:
    code = re.sub(r"\D", "", request.args.get("code", ""))[:4]
    again = _url("who", target)
    return render_template("resident/slip_done.html", target=target, code=code, again_url=again)


def _prove(desk: SlipDesk, target: Target) -> ResponseReturnValue:
    if not target.must_prove:
        return redirect(_url("who", target))
    form = Form(request.form if request.method == "POST" else None)
    if request.method != "POST":
        return render_template("resident/slip_prove.html", form=form, target=target)
    typed = last_four(form.value("last_four")) if len(form.value("last_four")) < 40 else ""
    status = 400
    if len(typed) < 4:
        form.fail("last_four", "请填四位：身份证号或手机号的最后四位", "Enter four characters")
    else:
        try:
            if desk.prove(target, typed):
                return redirect(_url("who", target), code=303)
            form.fail(
                "last_four", "对不上。请填办件人身份证号（或手机号）的最后四位",
                "That does not match. Enter the last four of the applicant's ID or phone",
            )  # fmt: skip
        except TooMany as wait:
            status = 429
            form.fail("last_four", _wait_words(wait))
    page = render_template("resident/slip_prove.html", form=form, target=target)
    return make_response(page, status)


def _wait_words(wait: TooMany) -> str:
    minutes = (wait.wait_seconds + 59) // 60
    return _(
        "试的次数太多，为了保护您的信息先停一停，请过 %(n)s 分钟再试。"
        "着急的话，带身份证到受理点办。",
        n=minutes,
    )


def _show(
    step: str, target: Target, form: Form, *, status: int = 200, **more: object
) -> ResponseReturnValue:
    then = "check" if request.values.get("then") == "check" else ""
    page = render_template(
        f"resident/slip_{step}.html", page=_page(step, target), form=form, then=then, **more
    )
    return make_response(page, status)


__all__ = ["Slip", "slip_blueprint"]
