"""What every page of an application from home starts from: whose draft, which step comes next."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cases.catalogue import Matter
from cases.folded import Visit
from cases.from_home import to_fetch
from cases.guide import Guide, Resolved
from cases.states import VisitState
from central import home_desk, lookup
from central import home_form as rules
from central.context import bundle, store, today
from central.correction_desk import FILE_BYTES_MAX
from central.guide_pages import guide_in_use
from central.handing_in import too_large
from courier.look import show_address
from courier.look.errors import Elsewhere
from courier.look.files import let_files_in
from courier.look.forms import Form

blueprint = Blueprint("apply", __name__, template_folder="templates")
STEPS = ("who", "questions", "point", "photos", "when", "where", "check")


@dataclass(frozen=True)
class Scene:
    """What is applied for, what was typed so far, and (``mends``) which application is mended."""

    key: str
    matter: Matter
    draft: dict[str, str]
    mends: Visit | None = None

    @property
    def kind(self) -> str:
        """Who applies, once it is known."""
        return rules.kind_of(self.draft, self.matter)

    @property
    def guide(self) -> Guide:
        """The questions and conditions in use."""
        return guide_in_use()

    @property
    def papers(self) -> Resolved:
        """The papers that follow from what was answered."""
        return rules.papers_of(self.draft, self.matter, self.guide, today())

    @property
    def steps(self) -> tuple[str, ...]:
        """The steps of this application: nobody comes where nothing is kept."""
        fetches = bool(to_fetch(self.papers.needed)) or bool(self.papers.open)
        mended = ("point",) if self.mends else ()
        return tuple(
            s for s in STEPS if (fetches or s not in ("when", "where")) and s not in mended
        )

    def url(self, step: str, **more: Any) -> str:
        """An address of these pages."""
        return url_for(f"apply.{step}", key=self.key, **more)

    def keep(self, **typed: str) -> Scene:
        """The scene with more typed, kept for this browser."""
        scene = replace(self, draft={**self.draft, **typed})
        home_desk.keep(self.key, scene.draft)
        return scene


let_files_in(blueprint, "photo", bytes_max=FILE_BYTES_MAX, too_large=too_large)


def scene_of(key: str) -> Scene:
    """What an address leads to. :raises Elsewhere: nothing, or the last four are to be given."""
    matter = bundle().catalogue.get(key.upper())
    if matter is not None:
        return Scene(matter.code, matter, home_desk.read(matter.code))
    visit = store().subject(key)
    if not isinstance(visit, Visit) or not lookup.granted(key):
        raise Elsewhere(redirect(url_for("followed.show", door="case", key=key), 303))
    matter = bundle().catalogue.get(visit.matter)
    if visit.state is not VisitState.TO_MEND or matter is None:
        raise Elsewhere(redirect(url_for("followed.show", door="case", key=key), 303))
    kept = home_desk.read(key)
    return Scene(key, matter, kept if kept.get("visit") else home_desk.mending(visit), visit)


def page_of(
    step: str, scene: Scene, form: Form, status: int = 200, **more: object
) -> ResponseReturnValue:
    """A step's page, with where it stands among the others."""
    steps = scene.steps
    place = steps.index(step) if step in steps else len(steps) - 1
    before = scene.url(steps[place - 1]) if place else scene.url("start")
    show_address(request.full_path.rstrip("?"))
    page = render_template(
        f"resident/home_{step}.html", scene=scene, form=form, before=before,
        number=place + 1, of=len(steps), then=request.values.get("then", ""), **more,
    )  # fmt: skip
    return make_response(page, status)


def after(step: str, scene: Scene) -> ResponseReturnValue:
    """The next step, or back to the look over all where this page was opened from there."""
    steps = scene.steps
    if request.values.get("then") == "check" or step not in steps:
        return redirect(scene.url("check"), 303)
    return redirect(scene.url(steps[steps.index(step) + 1]), 303)
