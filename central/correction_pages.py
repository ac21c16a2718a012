"""补正 on the resident's phone: exactly what is wrong, and four ways to give what is missing.

One question a screen; every page works without JavaScript. Nothing is shown or taken before the
last four were given. What was typed stays when the line was cut, and sent twice it counts once.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from flask import Blueprint, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage

from cases.calendar import Due
from cases.clocks import ACCEPT_WORKING_DAYS
from cases.fold import WrongState
from cases.folded import Defect
from cases.proceedings import paper_name, words_of
from cases.times import day_of
from central import correction_desk as desk
from central import lookup
from central.context import bundle, now, store, today
from central.correction_scene import Scene, scene_at
from central.handing_in import too_large, tried
from central.progress import Seen, called
from central.progress_words import defect_words
from central.sample_cards import sample_named, sample_of
from courier.look import show_address
from courier.look.cards import Choice, SampleCard
from courier.look.errors import Elsewhere
from courier.look.files import let_files_in
from courier.look.forms import Form
from courier.look.words import _
from courier.slips import check_street
from labels.issuer import issuing_body

blueprint = Blueprint("correction", __name__, template_folder="templates")
DOOR = "/<any(T,t,V,v,case):door>/<key>/correct"
WORDS_CHARS_MAX = 1_000
NOTE_CHARS_MAX = 100
DAYS_AHEAD = 5
WHOLE = "申请表"  # what a defect of no paper is about
NEAR_MAX = 5
_OP = re.compile(r"[A-Za-z0-9_-]{16,64}")


@dataclass(frozen=True)
class DefectCard:
    """One thing to correct: the paper, what is wrong, what whoever looked at it wrote."""

    position: int
    name: str
    wrong: str
    words: str
    sample: str
    given: bool
    url: str
    picture: SampleCard


@dataclass(frozen=True)
class PointCard:
    """A place where papers are taken."""

    name: str
    address: str
    phone: str
    hours: str
    receiving: bool


let_files_in(blueprint, "photo", bytes_max=desk.FILE_BYTES_MAX, too_large=too_large)


@blueprint.get(DOOR)
def show(door: str, key: str) -> ResponseReturnValue:
    """Everything that is to be corrected, by when, and what has been given.

    Who scanned the notice itself needs no last four to read what it says.
    """
    scene = scene_at(door, key, reads=True)
    cards = _cards(scene)
    calendar, notice = bundle().calendar, scene.case.correction
    given_until = calendar.add_working_days(day_of(notice.at), notice.days) if notice else None
    lookup.note_showing(scene.case.number, "reasons")
    return render_template(
        "resident/correct.html",
        scene=scene,
        cards=cards,
        left=[card for card in cards if not card.given],
        late=given_until is not None and today() > given_until.day,
        due=_until(given_until) if given_until else "",
        until=_until(calendar.add_working_days(today(), ACCEPT_WORKING_DAYS)),
        place=_place(scene),
        genuine=_genuine(scene),
        asks_four=not lookup.granted(scene.case.number),
        wished=bool(scene.case.pickups) or request.args.get("wished") == "1",
    )


@blueprint.get(f"{DOOR}/<int:position>")
def defect(door: str, key: str, position: int) -> ResponseReturnValue:
    """One defect, and the ways to give what is missing."""
    scene = scene_at(door, key)
    return _one(scene, _card(scene, position), Form())


@blueprint.post(f"{DOOR}/<int:position>")
def photo(door: str, key: str, position: int) -> ResponseReturnValue:
    """Take a photograph or a PDF."""
    scene = scene_at(door, key)
    card, form = _card(scene, position), Form(request.form)
    file = next((f for f in request.files.getlist("file") if f.filename), None)
    if file is None:
        form.fail("file", "请先拍照，或者选一个文件。", "Take a photo or choose a file first.")
        return _one(scene, card, form, 400)
    status = _do(form, "file", lambda: _photo(scene, position, file))
    return _one(scene, card, form, status) if status else redirect(scene.url(), 303)


def _photo(scene: Scene, position: int, file: FileStorage) -> None:
    desk.give_photo(scene.case, position, _op(), file.stream, str(file.filename))


def _do(form: Form, field: str, work: Callable[[], None]) -> int:
    """Do it. :returns: 0, or the status of the page that says why it was not done."""
    try:
        return tried(form, field, work)
    except WrongState:
        form.fail(field, "这件刚刚有了变化，请返回看看。", "The case has just changed; go back.")
        return 409


@blueprint.route(f"{DOOR}/<int:position>/words", methods=["GET", "POST"])
def words(door: str, key: str, position: int) -> ResponseReturnValue:
    """Say in writing what was asked."""
    scene = scene_at(door, key)
    card, form, status = _card(scene, position), Form(request.form), 200
    if request.method == "POST":
        text = form.text(
            "words", lines=True, chars_max=WORDS_CHARS_MAX,
            missing_zh="还没有写说明。", missing_en="Please write something.",
        )  # fmt: skip
        status = 400
        if form.ok:
            give = partial(desk.give_words, scene.case, position, _op(), text)
            status = _do(form, "words", give)
        if not status:
            return redirect(scene.url(), 303)
    return _page("correct_words.html", scene, form, status, card=card)


@blueprint.route(f"{DOOR}/fetch", methods=["GET", "POST"])
def fetch(door: str, key: str) -> ResponseReturnValue:
    """Ask that somebody comes for what is left, free of charge."""
    scene = scene_at(door, key)
    form, status, days = Form(request.form), 200, _days()
    if request.method == "POST":
        day = form.choice("day", [value for value, _words in days])
        hours = form.choice("hours", [value for value, _words in _hours()])
        address = form.text("address", check_street)
        note = form.text("note", required=False, chars_max=NOTE_CHARS_MAX)
        fields = {"day": day, "hours": hours, "address": address, "note": note}
        status = 400
        if form.ok:
            told = {name: value for name, value in fields.items() if value}
            wish = partial(desk.wish_pickup, scene.case, _op(), told)
            status = _do(form, "day", wish)
        if not status:
            return redirect(scene.url(wished="1"), 303)
    return _page(
        "correct_fetch.html", scene, form, status,
        days=[Choice(*each) for each in days], hours=[Choice(*each) for each in _hours()],
    )  # fmt: skip


@blueprint.get(f"{DOOR}/points")
def points(door: str, key: str) -> ResponseReturnValue:
    """Where papers are taken: every point, the nearest first."""
    scene = scene_at(door, key, reads=True)
    cards = [
        PointCard(p.name, p.address, p.phone, p.hours, p.code == scene.case.point)
        for p in desk.nearest(scene.case, bundle().directory)
    ]
    near, others = cards[:NEAR_MAX], cards[NEAR_MAX:]
    return render_template("resident/correct_points.html", scene=scene, near=near, others=others)


def _until(due: Due) -> str:
    return _seen().last_day(due.day, provisional=due.provisional)


def _days() -> list[tuple[str, str]]:
    """The working days on which somebody may come, from tomorrow on."""
    calendar, seen = bundle().calendar, _seen()
    found = [calendar.add_working_days(today(), n) for n in range(1, DAYS_AHEAD + 1)]
    return [
        (due.day.isoformat(), seen.last_day(due.day, provisional=due.provisional)) for due in found
    ]


def _hours() -> list[tuple[str, str]]:
    return [("9-12", _("上午 9 点到 12 点")), ("14-18", _("下午 2 点到 6 点"))]


def _op() -> str:
    op = request.form.get("op", "")
    return op if _OP.fullmatch(op) else secrets.token_urlsafe(18)


def _seen() -> Seen:
    return Seen(bundle().directory, bundle().calendar, now())


def _cards(scene: Scene) -> list[DefectCard]:
    notice = scene.case.correction
    event = store().event(notice.event) if notice else None
    said = words_of(lookup.sealed_of(event).get("words", ""))
    left = {each.position for each in desk.left(scene.case)}
    return [
        _defect_card(scene, each, said, given=each.position not in left)
        for each in (notice.defects if notice else ())
    ]


def _defect_card(
    scene: Scene, found: Defect, said: Mapping[str, str], *, given: bool
) -> DefectCard:
    name = paper_name(scene.case, found.position)
    matter = bundle().catalogue.get(scene.case.matter)
    specs = matter.materials if matter else ()
    spec = next((s for s in specs if (s.position, s.name) == (found.position, name)), None)
    return DefectCard(
        found.position,
        called(name),
        defect_words(found.reason),
        said.get(name, ""),
        spec.note if spec else "",
        given,
        scene.url("defect", position=found.position),
        sample_of(spec) if spec else sample_named(name if found.position else WHOLE),
    )


def _card(scene: Scene, position: int) -> DefectCard:
    card = next((card for card in _cards(scene) if card.position == position), None)
    if card is None:
        raise Elsewhere(redirect(scene.url(), 303))
    return card


def _one(scene: Scene, card: DefectCard, form: Form, status: int = 200) -> ResponseReturnValue:
    return _page("correct_one.html", scene, form, status, card=card)


def _page(name: str, scene: Scene, form: Form, status: int, **more: object) -> ResponseReturnValue:
    op = request.form.get("op") or secrets.token_urlsafe(18)
    show_address(request.path)
    page = render_template(f"resident/{name}", scene=scene, form=form, op=op, **more)
    return make_response(page, status)


def _genuine(scene: Scene) -> str:
    """Who issued the notice that was scanned, when, under which number."""
    paper, bound = scene.paper, bundle()
    if paper is None:
        return ""
    body = issuing_body(scene.case, bound.directory, bound.catalogue, paper)
    day = _seen().day(day_of(paper.at))
    return _("%(body)s，%(day)s发出，%(number)s", body=body, day=day, number=paper.number)


def _place(scene: Scene) -> tuple[str, str]:
    found = bundle().directory.find(scene.case.point)
    return (found.name, found.phone) if found else ("", "")
