"""在家申请 on the resident's phone: a few short questions, photographs, one look over all of it.

``/apply/<matter>/…`` for a new application, ``/apply/<visit>/…`` to mend one that the point sent
back. What was typed is kept between the pages for this browser alone; every page works without
JavaScript, and what is sent twice counts once.
"""

from __future__ import annotations

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue

from cases.fields import BadField
from cases.people import check_name, check_phone
from cases.search import index_of
from central import home_cards, home_last_pages
from central import home_form as rules
from central.context import bundle, today
from central.home_scene import Scene, after, blueprint, page_of, scene_of
from courier.look.cards import Choice
from courier.look.forms import Form
from courier.look.surface import current_language
from courier.slips import NOTE_CHARS_MAX, check_note

__all__ = ["blueprint"]
FOUND_MAX = 12


# finding the matter


@blueprint.get("/apply")
def find() -> ResponseReturnValue:
    """What is it about? The words that residents use for it."""
    words = request.args.get("q", "").strip()
    hits = index_of(bundle().catalogue).find(words, FOUND_MAX) if words else []
    found = [home_cards.found(hit.matter, hit.why) for hit in hits]
    return render_template("resident/home_find.html", words=words, found=found)


@blueprint.get("/apply/<key>")
def start(key: str) -> ResponseReturnValue:
    """How it goes, before anything is asked."""
    scene = scene_of(key)
    card = home_cards.matter(scene.matter)
    begun = bool(scene.draft.get("name"))
    return render_template("resident/home_start.html", scene=scene, card=card, begun=begun)


# the steps


@blueprint.route("/apply/<key>/who", methods=["GET", "POST"])
def who(key: str) -> ResponseReturnValue:
    """Who applies: a name, a document, a phone."""
    scene = scene_of(key)
    if request.method != "POST":
        return _who(scene, Form({**scene.draft}), scene.kind)
    form = Form(request.form)
    kind = form.value("kind") if form.value("kind") in rules.kinds(scene.matter) else scene.kind
    names = ("name", "document", "document_number", "phone", "contact")
    typed = {name: form.value(name) for name in names if name in request.form}
    scene = scene.keep(kind=kind, **typed)
    if "name" not in request.form:  # only the first question, whose matter it is, was answered
        return redirect(scene.url("who", then=request.values.get("then") or None), 303)
    _check_who(form, scene)
    return after("who", scene) if form.ok else _who(scene, form, kind, 400)


def _check_who(form: Form, scene: Scene) -> None:
    organization = scene.kind == rules.ORGANIZATION
    form.text("name", check_name, missing_zh="还没有填名称或姓名", missing_en="Fill in the name")
    if organization:
        form.text(
            "contact", lambda text: check_name(text, field="contact"),
            missing_zh="还没有填法定代表人（负责人）姓名", missing_en="Fill in who is in charge",
        )  # fmt: skip
    form.text(
        "phone", check_phone, missing_zh="还没有填手机号码", missing_en="Fill in a phone number"
    )
    if not form.value("document_number").strip():
        form.fail("document_number", "还没有填证件号码", "Fill in the number of the document")
    if form.ok:
        try:
            found = rules.check_who(scene.draft, scene.kind, today())
        except BadField as wrong:
            form.fail(wrong.field, wrong.message_zh, wrong.message_en)
        else:
            scene.keep(**found)


def _who(scene: Scene, form: Form, kind: str, status: int = 200) -> ResponseReturnValue:
    english = current_language() == "en"
    return page_of(
        "who", scene, form, status, kind=kind, asks_kind=len(rules.kinds(scene.matter)) > 1,
        documents=[(d.value, d.en if english else d.zh) for d in rules.documents(kind)],
    )  # fmt: skip


@blueprint.route("/apply/<key>/questions", methods=["GET", "POST"])
def questions(key: str) -> ResponseReturnValue:
    """One question of the guide a screen, until it is known which papers are needed."""
    scene = scene_of(key)
    if not scene.kind:
        return redirect(scene.url("who"), 303)
    form = Form(request.form if request.method == "POST" else None)
    asked = request.values.get("of", "")
    question = home_cards.question(scene.guide, scene.matter, scene.papers, asked)
    if question is None:
        return after("questions", scene)
    if request.method == "POST":
        chosen = scene.guide.read_answers({question.id: form.values("answer")})
        if chosen:
            given = {**scene.guide.answers_of(scene.draft.get("answers", "")), **chosen}
            scene = scene.keep(answers=scene.guide.code_of(given))
            return redirect(scene.url("questions", then=request.values.get("then") or None), 303)
        form.fail("answer", "请选一个。", "Choose one.")
    return page_of("questions", scene, form, 200 if form.ok else 400, question=question)


@blueprint.route("/apply/<key>/point", methods=["GET", "POST"])
def point(key: str) -> ResponseReturnValue:
    """Which point looks at it, and takes it on."""
    scene = scene_of(key)
    if scene.mends:
        return redirect(scene.url("photos"), 303)
    form, directory = Form(request.form), bundle().directory
    if request.method == "POST":
        if form.value("point") in directory:
            return after("point", scene.keep(point=form.value("point")))
        form.fail("point", "请选一个受理点。", "Choose a service point.")
    typed = request.args.get("q", "").strip()
    card = home_cards.places(directory, request.values.get("in", ""), typed)
    chosen = directory.find(scene.draft.get("point", ""))
    return page_of(
        "point", scene, form, 200 if form.ok else 400,
        card=card, typed=typed, chosen=chosen.name if chosen else "",
    )  # fmt: skip


@blueprint.route("/apply/<key>/when", methods=["GET", "POST"])
def when(key: str) -> ResponseReturnValue:
    """On which day, at what time somebody may come."""
    scene = scene_of(key)
    form = Form(request.form if request.method == "POST" else {**scene.draft})
    days = home_cards.days()
    if request.method == "POST":
        day = form.choice("day", [value for value, _words in days])
        hours = form.choice("hours", list(rules.HOURS))
        if form.ok:
            return after("when", scene.keep(day=day, hours=hours))
    return page_of(
        "when", scene, form, 200 if form.ok else 400,
        days=[Choice(*each) for each in days], hours=home_cards.hours(),
    )  # fmt: skip


@blueprint.route("/apply/<key>/where", methods=["GET", "POST"])
def where(key: str) -> ResponseReturnValue:
    """Where the courier comes, and whether the result is to go there too."""
    scene = scene_of(key)
    if request.method != "POST":
        typed = {**scene.draft, **({} if scene.draft.get("address") else {"post": "yes"})}
        return page_of("where", scene, Form(typed), note_max=NOTE_CHARS_MAX)
    form = Form(request.form)
    post = "yes" if form.value("post") else ""
    scene = scene.keep(address=form.value("address"), note=form.value("note"), post=post)
    form.text(
        "address", rules.check_address, chars_max=300,
        missing_zh="还没有填地址", missing_en="Fill in the address",
    )  # fmt: skip
    form.text("note", check_note, required=False)
    return (
        after("where", scene)
        if form.ok
        else page_of("where", scene, form, 400, note_max=NOTE_CHARS_MAX)
    )


for _path, _view in (
    ("photos", home_last_pages.photos),
    ("photo/<int:position>", home_last_pages.photo),
    ("check", home_last_pages.check),
):
    blueprint.add_url_rule(f"/apply/<key>/{_path}", view_func=_view, methods=["GET", "POST"])
