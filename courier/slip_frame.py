"""What the slip's pages share: the steps, their addresses, and how a step is shown and left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cases.slips import PICKUP, POST
from courier.look.forms import Form
from courier.slip_desk import Target

#: The questions one after the other, by how the result comes.
STEPS = {
    POST: ("way", "who", "place", "street", "check"),
    PICKUP: ("way", "point", "who", "check"),
}


@dataclass(frozen=True)
class Page:
    """What every slip page shows: where it is among the steps, and its addresses."""

    target: Target
    step: str
    here: str
    before: str
    way: str = POST

    @property
    def number(self) -> int:
        """The step's number, counted from one."""
        return self._steps.index(self.step) + 1

    @property
    def of(self) -> int:
        """How many steps there are."""
        return len(self._steps)

    @property
    def _steps(self) -> tuple[str, ...]:
        return steps_of(self.step, self.way)


def way_of(draft: Mapping[str, str]) -> str:
    """How the result comes, as far as it was chosen: else the post."""
    return PICKUP if draft.get("way") == PICKUP else POST


def steps_of(step: str, way: str) -> tuple[str, ...]:
    """The questions among which a step stands: those of the way, if it is one of them."""
    return next(steps for steps in (STEPS[way], *STEPS.values()) if step in steps)


def step_url(step: str, target: Target, **more: Any) -> str:
    """The address of a step."""
    return url_for(f"slip.{step}", door=target.door, key=target.key, **more)


def page_of(step: str, target: Target, way: str) -> Page:
    """The page of a step."""
    steps = steps_of(step, way)
    place = steps.index(step)
    before = step_url(steps[place - 1], target) if place else target.back_url
    return Page(target, step, step_url(step, target), before, way)


def after(step: str, target: Target, way: str) -> ResponseReturnValue:
    """The next step, or back to the look over all where this page was opened from there."""
    then = request.args.get("then") or request.form.get("then")
    steps = steps_of(step, way)
    following = "check" if then == "check" else steps[steps.index(step) + 1]
    return redirect(step_url(following, target), code=303)


def show(
    step: str,
    target: Target,
    form: Form,
    draft: Mapping[str, str],
    *,
    status: int = 200,
    **more: object,
) -> ResponseReturnValue:
    """A step's page with what was typed."""
    then = "check" if request.values.get("then") == "check" else ""
    page = page_of(step, target, way_of(draft))
    body = render_template(f"resident/slip_{step}.html", page=page, form=form, then=then, **more)
    return make_response(body, status)


def unsure_of(draft: Mapping[str, str], *fields: str) -> tuple[str, ...]:
    """Those of the fields that were pasted and are not sure."""
    return tuple(field for field in fields if field in draft.get("unsure", "").split(","))


def settled(draft: Mapping[str, str], *fields: str) -> dict[str, str]:
    """The draft once a person has looked at these fields themselves."""
    left = [field for field in draft.get("unsure", "").split(",") if field not in fields]
    return {**draft, "unsure": ",".join(left)}
