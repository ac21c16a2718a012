"""Looking at what is posted before it is sealed (收寄验视), and weighing it where there are scales.

邮政法 第二十五条, 快递暂行条例 第三十一条: what is in a parcel is looked at when it is handed in,
against what its waybill says, and the parcel is marked as looked at. It is a part of packing, or of
printing where a parcel was packed along with a reception: never a step of its own. Nothing is
ticked beforehand: the record says what a person has affirmed, with one key for all of it.
"""

from __future__ import annotations

from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from cases.fields import BadField
from cases.fold import WrongState
from cases.folded import Parcel
from cases.from_home import is_fetch
from cases.manifests import GRAMS_MAX, LOOKED_ZH, inspected
from cases.states import ParcelState
from courier.look.cards import Choice
from courier.look.forms import Form
from node.officer import SHORT_MAX, Hand, short
from node.permissions import POSTING, require

CHOICES = tuple(Choice(code, words) for code, words in LOOKED_ZH.items())
ALL = "all"  # one tick for all that is looked at, or for a whole batch


@dataclass(frozen=True)
class Looked:
    """What somebody says of a parcel before it is sealed: from whom it came, how heavy it is."""

    handed_in_by: str = ""
    grams: int = 0


def blank_form(**more: list[str]) -> Form:
    """The form as it is offered: nothing affirmed yet."""
    filled = {"handed_in_by": ["本窗口"], **more}
    return Form(MultiDict([(name, value) for name, values in filled.items() for value in values]))


def to_look_at(parcel: Parcel) -> bool:
    """Whether somebody here has yet to look at what is in a parcel."""
    packed = parcel.state is ParcelState.PACKED and not is_fetch(parcel)
    return packed and inspected(parcel) is None


def looked_in(form: Form) -> Looked:
    """What a form affirms. :raises BadField: not all was looked at, or there is no such weight."""
    ticked = form.values("looked")
    ticked = list(LOOKED_ZH) if ALL in ticked else [code for code in ticked if code in LOOKED_ZH]
    if missing := [words for code, words in LOOKED_ZH.items() if code not in ticked]:
        words = f"还没有验视：{'、'.join(missing)}。看过了请勾选（按 Y）；有一项不符合就不能寄。"
        raise BadField("looked", words, "Everything must be looked at.")
    by = short("handed_in_by", form.value("handed_in_by"), SHORT_MAX)
    return Looked(by, _grams(form.value("grams")))


def _grams(text: str) -> int:
    typed = text.strip()
    if not typed:
        return 0
    if not (typed.isascii() and typed.isdigit() and 0 < int(typed) <= GRAMS_MAX):
        raise BadField("grams", f"重量请填 1 到 {GRAMS_MAX} 克的整数，没有称就空着。", "In grams.")
    return int(typed)


def inspect(hand: Hand, number: str, looked: Looked) -> None:
    """State that a parcel was looked at, once. :raises WrongState: it is not here."""
    require(hand.person, POSTING, "收寄验视")
    parcel = hand.w.store.parcel(number)
    if parcel is None:
        raise WrongState(f"本机没有邮件 {number}")
    if inspected(parcel):
        return
    weighed = {"grams": looked.grams} if looked.grams else {}
    hand.state(
        "parcel.inspected",
        number,
        looked=list(LOOKED_ZH),
        sealed={"handed_in_by": looked.handed_in_by},
        **weighed,
    )
