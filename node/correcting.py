"""Correcting a slip of the pen after a case was received (当场更正), while the applicant is there.

The form holds what counts now; only what was changed in it is stated. The receipt can be printed
again with it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from cases.corrected import CORRECTED, FIELDS_ZH, NOTE, correctable, names_zh
from cases.fields import BadField
from cases.fold import WrongState
from cases.people import check_name, check_phone
from courier.look.forms import Form
from node.act_fields import Asked, Field, Work, area
from node.actions import Scene
from node.local import Local
from node.officer import Hand
from node.people_card import said
from sync.said import said_or_nothing

SHOWN = "申请人、代办人的姓名和电话（当场更正）"
_INTRO = (
    "只改填错的，改完在历史里留下记录，可以重印收件凭证。"
    "证件种类和号码、事项、归哪里管填错的，不能在这里改：请撤回本件，重新收件。"
)


def correct(hand: Hand, number: str, typed: Mapping[str, str]) -> str:
    """State what is other than it stood there (当场更正，行政许可法第三十二条)."""
    case = hand.begin("correct_here", number).case
    now = said_or_nothing(hand.w.store, case)
    if not now:
        raise WrongState(f"{number} 的申请人资料在本机打不开，不能更正，请联系区中心")
    new = {name: text for name, text in typed.items() if text != str(now.get(name) or "")}
    if not new:
        first = correctable(case)[0]
        raise BadField(first, "和原来的一样，还没有改动。", "Nothing was changed.")
    hand.state(CORRECTED, number, sealed=new, fields=[name for name in FIELDS_ZH if name in new])
    return f"已当场更正：{names_zh(list(new))}。请重印收件凭证交给申请人"


def _form(local: Local, scene: Scene) -> Asked:
    case, number = scene.case, scene.case.number
    names = correctable(case)
    now = said(local, case) or {}

    def read(form: Form) -> Work:
        typed = {name: _typed(form, name) for name in names}
        return lambda hand: correct(hand, number, typed)

    prefilled = tuple((name, str(now.get(name) or "")) for name in names)
    return Asked(tuple(map(_field, names)), prefilled, read, _INTRO, SHOWN)


def _field(name: str) -> Field:
    if name == NOTE:
        return Field("area", name, FIELDS_ZH[name], required=False, rows=2)
    return Field("line", name, FIELDS_ZH[name], half=True)


def _typed(form: Form, name: str) -> str:
    if name == NOTE:
        return area(form, name, required=False)
    check = check_phone if name.endswith("phone") else check_name
    missing = f"{FIELDS_ZH[name]}不能空着。"
    return form.text(name, lambda text: check(text, field=name), missing_zh=missing)


FORMS: dict[str, Callable[[Local, Scene], Asked]] = {"correct_here": _form}
