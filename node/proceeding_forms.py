"""The forms of the acts of ``proceeding``, and of answers to requests."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from cases.clocks import CORRECT_WORKING_DAYS, clock
from cases.fields import BadField
from cases.folded import Case
from cases.lacking import MISSING, lacking
from cases.lights import due_zh
from cases.papers import DECIDED
from cases.proceedings import (
    BROUGHT,
    CALLED_ABOUT_ZH,
    DEFECTS_ZH,
    EXTENSION_DAYS,
    PROCEDURES_ZH,
    longest_extension,
    paper_name,
)
from cases.states import CaseState
from courier.look.cards import Choice
from courier.look.forms import Form
from node import proceeding
from node.act_fields import Asked, Field, Work, area, choices, days_in, reason
from node.actions import Scene
from node.local import Local
from node.proceeding import Called, Defect
from node.settling import settle_form

NOTHING_WRONG = Choice("", "没有问题")
REACHED = {"yes": "打通了", "no": "没有打通"}


def _notice_correction(local: Local, scene: Scene) -> Asked:
    case = scene.case
    places = [*(m.position for m in case.materials if m.position), 0]
    wrong = (NOTHING_WRONG, *choices(DEFECTS_ZH))
    fields = [
        field
        for at in places
        for field in (
            Field("select", f"reason-{at}", paper_name(case, at), "", False, wrong, half=True),
            Field("line", f"words-{at}", "怎样补正", required=False, half=True),
        )
    ]
    fields += [
        Field("number", "days", "补正期限（工作日）", "从告知的第二天算起。"),
        Field("tick", "whole", "全部材料已经看完，以上是需要补正的全部内容",
              "只能告知一次，之后不能再要求补正。"),
    ]  # fmt: skip

    def read(form: Form) -> Work:
        defects = {}
        for at in places:
            wrong_with = form.choice(f"reason-{at}", DEFECTS_ZH, required=False)
            words = form.text(f"words-{at}", required=wrong_with == "other")
            if words and not wrong_with and form.ok:
                form.fail(f"reason-{at}", "写了怎样补正，请选出是什么问题")
            if wrong_with:
                defects[at] = Defect(wrong_with, words)
        if not defects and form.ok:
            form.fail(f"reason-{places[0]}", "请至少给一份材料选出问题")
        days, whole = days_in(form, proceeding.CORRECT_DAYS_MAX), bool(form.value("whole"))
        if not whole:
            form.fail("whole", "只能告知一次，请看完全部材料再勾选")
        return lambda hand: proceeding.notice_correction(
            hand, case.number, defects, whole=whole, days=days
        )

    return Asked(
        tuple(fields), missing_fields(case), read, "有问题的材料各选一项；没有问题的不用动。"
    )


def missing_fields(case: Case) -> tuple[tuple[str, str], ...]:
    """What stands in a notice's form at first: what the case was received without, and the days."""
    wrong = ((f"reason-{m.position}", MISSING) for m in lacking(case))
    return (*wrong, ("days", str(CORRECT_WORKING_DAYS)))


def _supplement(local: Local, scene: Scene) -> Asked:
    case = scene.case
    options = tuple(Choice(str(at), paper_name(case, at)) for at in proceeding.to_supplement(case))
    ways = proceeding.GIVEN_HERE
    fields = (
        Field("ticks", "positions", "补交了哪些", options=options),
        Field("choice", "how", "怎样补的", options=choices(ways), columns=2),
        Field("area", "words", "说明", "例如：申请人改正了地址。可以不填。", False, rows=2),
    )

    def read(form: Form) -> Work:
        chosen = form.choices(
            "positions", [o.value for o in options], at_least=1, missing_zh="请勾选补交了哪些"
        )
        how = form.choice("how", ways, missing_zh="请选怎样补的")
        words = area(form, "words", required=False)
        return lambda hand: proceeding.supplement(
            hand, case.number, [int(at) for at in chosen], how=how, words=words
        )

    ticked = tuple(("positions", option.value) for option in options)
    intro = "收下后由经办方审核：齐全的就受理，不能再要求补正。"
    return Asked(fields, (*ticked, ("how", BROUGHT)), read, intro)


def _lapse(local: Local, scene: Scene) -> Asked:
    case = scene.case
    running = clock(case, scene.calendar, scene.now)
    due = due_zh(running, local.today()) if running else ""
    said = f"补正期限到{due}，申请人没有提交补正材料。"

    def read(form: Form) -> Work:
        why = area(form, "reason")
        return lambda hand: proceeding.lapse(hand, case.number, reason=why)

    intro = "终止后本件不再办理，收存的原件要退还；申请人可以重新申请。"
    fields = (reason("reason", "终止的理由", "申请人会看到这段话。"),)
    return Asked(fields, (("reason", said),), read, intro)


def _suspend(local: Local, scene: Scene) -> Asked:
    number = scene.case.number
    fields = (
        Field("choice", "kind", "要进行的特别程序", options=choices(PROCEDURES_ZH), columns=4),
        Field("number", "days", "预计需要（工作日）", "要书面告知申请人。"),
        Field("area", "words", "说明", "申请人会看到，可以不填。", False, rows=2),
    )

    def read(form: Form) -> Work:
        kind = form.choice("kind", PROCEDURES_ZH, missing_zh="请选是哪一种特别程序")
        days = days_in(form, proceeding.PROCEDURE_DAYS_MAX)
        words = area(form, "words", required=False)
        return lambda hand: proceeding.suspend(hand, number, kind=kind, days=days, words=words)

    intro = "只有这几种程序的时间不计入审批期限（行政许可法第四十五条）。"
    return Asked(fields, (), read, intro)


def _extend(local: Local, scene: Scene) -> Asked:
    case, longest = scene.case, longest_extension(scene.case)
    unit = "自然日" if case.day_unit == "calendar" else "工作日"
    fields = (
        Field("number", "days", f"延长几天（{unit}）", f"最多 {longest} 天，只能延长一次。"),
        Field("line", "approver", "批准人", "本行政机关负责人的姓名和职务。"),
        reason("reason", "延长的理由", "要告知申请人（行政许可法第四十二条）。"),
    )

    def read(form: Form) -> Work:
        days = days_in(form, longest)
        approver = form.text("approver", missing_zh="请填写批准人")
        why = area(form, "reason")
        return lambda hand: proceeding.extend(
            hand, case.number, days=days, approver=approver, reason=why
        )

    return Asked(fields, (("days", str(min(EXTENSION_DAYS, longest))),), read)


def _call(local: Local, scene: Scene) -> Asked:
    number = scene.case.number
    fields = (
        Field("choice", "reached", "打通了没有", options=choices(REACHED), columns=2),
        Field("select", "about", "说的什么事", options=choices(CALLED_ABOUT_ZH), half=True),
        Field("date", "next", "下次联系", "没有打通的，写哪天再打。", False, half=True),
        Field("area", "words", "说了什么", "可以不填。", False, rows=2),
    )

    def read(form: Form) -> Work:
        reached = form.choice("reached", REACHED, missing_zh="请选打通了没有") == "yes"
        about = form.choice("about", CALLED_ABOUT_ZH, missing_zh="请选说的什么事")
        typed, words = form.text("next", required=False), area(form, "words", required=False)
        day = form.checked("next", _day, typed) if typed else None
        made = Called(about, reached, words, day)
        return lambda hand: proceeding.call(hand, number, made)

    return Asked(fields, (("about", about_now(scene.case)),), read)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        words = "日期不对，请按 2026-11-22 的格式填写。"
        raise BadField("next", words, "Not a date such as 2026-11-22.") from None


def about_now(case: Case) -> str:
    """What a call is most likely about, in the state of the case."""
    if case.state is CaseState.CORRECTION:
        return "correction"
    return "decision" if case.state in DECIDED else "progress"


FORMS: dict[str, Callable[[Local, Scene], Asked]] = {
    "notice_correction": _notice_correction,
    "supplement": _supplement,
    "lapse": _lapse,
    "suspend": _suspend,
    "extend": _extend,
    "call": _call,
    "settle_request": settle_form,
}
