"""Confirming the day of what was stated while this PC's clock was plainly wrong (核对日期)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from cases.dates import BY_PERSON, CONFIRMED, doubtful
from cases.fields import BadField, past_day
from cases.folded import Step
from cases.table import TYPES
from cases.times import day_of, shown
from courier.look.forms import Form
from node.act_fields import Asked, Field, Work, area
from node.actions import Scene
from node.local import Local
from node.officer import Hand, short

NOON = "T04:00:00Z"  # in Shanghai: any hour of the day that a person confirms


def confirm_date(hand: Hand, number: str, *, event: str, day: date, words: str = "") -> str:
    """State the day on which something, and what was stated at the same moment, was really done."""
    scene = hand.begin("confirm_date", number)
    unsure = doubtful(scene.case, scene.point)
    step = next((s for s in unsure if s.id == event), None)
    if step is None:
        raise BadField("day", "这一条的日期已经核对过了。", "This was confirmed already.")
    if day < day_of(step.at):
        raise BadField(
            "day", "不能早于电脑登记的日期：那以前的事已经记在前面了。", "Earlier than recorded."
        )
    on = step.at if day == day_of(step.at) else f"{day}{NOON}"
    sealed = {"words": short("words", words)}
    for same in (s.id for s in unsure if s.at == step.at):
        hand.state(CONFIRMED, number, sealed=sealed, event=same, on=on, how=BY_PERSON)
    return "日期已核对，期限按核对的日期算"


def _form(local: Local, scene: Scene) -> Asked:
    step = doubtful(scene.case, scene.point)[0]
    what = TYPES[step.type].zh
    fields = (
        Field("date", "day", f"{what}是在哪一天", "照纸上的日期、登记本或者当事人说的填。"),
        Field("area", "words", "怎样核对的", "例如：申请书上写的日期。可以不填。", False, rows=2),
        Field("hidden", "event"),
    )

    def read(form: Form) -> Work:
        typed = form.text("day", missing_zh=f"请填写{what}的日期")
        words, event = area(form, "words", required=False), form.value("event")
        today = local.today()
        day = form.checked("day", lambda t: past_day("day", t, today), typed) if typed else None
        return lambda hand: confirm_date(
            hand, scene.case.number, event=event, day=day or today, words=words
        )

    return Asked(fields, (("event", step.id),), read, _intro(step, what, scene.now))


def _intro(step: Step, what: str, now: str) -> str:
    return (
        f"“{what}”登记时这台电脑的时钟不准，记成了{shown(step.at, now)}。"
        "期限从哪天算起，要按真正的日期；核对以后两个日期都保留。"
    )


FORMS: dict[str, Callable[[Local, Scene], Asked]] = {"confirm_date": _form}
