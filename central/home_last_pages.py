"""The last steps of an application from home: photographs, one look over all of it, sending it."""

from __future__ import annotations

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from cases.fields import BadField
from cases.fold import WrongState
from central import home_cards, home_desk
from central import home_form as rules
from central.context import bundle, today
from central.handing_in import tried
from central.home_scene import Scene, after, page_of, scene_of
from courier.look.errors import Elsewhere
from courier.look.forms import Form
from courier.look.surface import current_language

_STEP_OF = {"question": "questions", "photos": "photos", "point": "point", "day": "when",
            "hours": "when", "address": "where", "note": "where"}  # fmt: skip


def photos(key: str) -> ResponseReturnValue:
    """Every paper: what becomes of it, and whether it was photographed."""
    scene = scene_of(key)
    if not scene.draft.get("point"):
        return redirect(scene.url("point"), 303)
    if scene.papers.questions:
        return redirect(scene.url("questions"), 303)
    form = Form(request.form)
    taken = rules.photos_of(scene.draft)
    if request.method == "POST":
        missing = rules.unphotographed(scene.papers.needed, taken)
        for spec in missing:
            form.fail(
                f"paper-{spec.position}", f"还没有拍“{spec.name}”", f"No photo of {spec.name}"
            )
        if form.ok:
            return after("photos", scene)
    cards = home_cards.papers(scene.papers.needed, taken, scene.mends)
    return page_of("photos", scene, form, 200 if form.ok else 400, cards=cards)


def photo(key: str, position: int) -> ResponseReturnValue:
    """Photograph one paper."""
    scene = scene_of(key)
    spec = next((s for s in scene.papers.needed if s.position == position), None)
    if spec is None or not scene.draft.get("point"):
        return redirect(scene.url("photos"), 303)
    form, status = Form(request.form), 200
    if request.method == "POST":
        if gone := form.value("remove"):
            scene.keep(**home_desk.remove_photo(scene.draft, gone))
            return redirect(scene.url("photos"), 303)
        status = _add_photo(scene, position, form)
        if not status:
            return redirect(scene.url("photos", _anchor=f"paper-{position}"), 303)
    taken = rules.photos_of(scene.draft)
    (card,) = home_cards.papers((spec,), taken, scene.mends)
    return page_of("photo", scene, form, status, card=card)


def _add_photo(scene: Scene, position: int, form: Form) -> int:
    file = next((f for f in request.files.getlist("file") if f.filename), None)
    if file is None:
        form.fail("file", "请先拍照，或者选一个文件。", "Take a photo or choose a file first.")
        return 400

    def add() -> None:
        kept = home_desk.add_photo(scene.draft, position, file.stream, str(file.filename))
        scene.keep(**kept)

    return tried(form, "file", add)


def check(key: str) -> ResponseReturnValue:
    """One look over all of it, then it goes to the point."""
    scene = scene_of(key)
    op = request.form.get("op", "")
    if request.method == "POST" and (number := home_desk.sent(op)):
        return _finished(scene, number)
    filled = _filled(scene)
    form, status = Form(request.form), 200
    if request.method == "POST":
        sent: list[str] = []

        def send() -> None:
            draft = home_desk.with_number(scene.draft)
            home_desk.keep(scene.key, draft)
            sent.append(home_desk.send(draft, filled, current_language()))

        try:
            status = tried(form, "send", send)
        except WrongState:
            return redirect(url_for("followed.show", door="case", key=scene.draft["visit"]), 303)
        if not status:
            return _finished(scene, sent[0])
    card = home_cards.look_over(filled, scene.draft, scene.guide)
    return page_of("check", scene, form, status, card=card, op=scene.draft["op"])


def _filled(scene: Scene) -> rules.Filled:
    """The checked form. :raises Elsewhere: something is missing, and is asked for."""
    days = frozenset(value for value, _words in home_cards.days())
    try:
        return rules.check_all(
            scene.draft, scene.matter, scene.guide, bundle().directory, today(), days
        )
    except BadField as wrong:
        step = _STEP_OF.get(wrong.field, "who")
        raise Elsewhere(redirect(scene.url(step, then="check"), 303)) from None


def _finished(scene: Scene, number: str) -> ResponseReturnValue:
    home_desk.drop(scene.key)
    return redirect(
        url_for("followed.show", door="T", key=home_desk.token_of(number), sent="1"), 303
    )
