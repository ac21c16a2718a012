"""Acts between reception and decision, as the law orders them: correct, suspend, extend; and calls.

Like those of ``officer``: one function an act, in an open transaction, judged as things are now.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from cases.fields import BadField
from cases.folded import Case
from cases.papers import DECIDED
from cases.proceedings import (
    BROUGHT,
    CALLED_ABOUT_ZH,
    DEFECTS_ZH,
    GIVEN_ZH,
    PROCEDURES_ZH,
    longest_extension,
    worded,
)
from node.officer import SHORT_MAX, Hand, needed, one_of, short, within

CORRECT_DAYS_MAX = 60
PROCEDURE_DAYS_MAX = 365
#: What can be given at a window.
GIVEN_HERE = {how: GIVEN_ZH[how] for how in (BROUGHT, "answered")}


@dataclass(frozen=True)
class Defect:
    """What is wrong with a paper: a code, and words where the code does not say it all."""

    reason: str
    words: str = ""


def notice_correction(
    hand: Hand, number: str, defects: Mapping[int, Defect], *, whole: bool, days: int
) -> str:
    """Tell everything that is to be corrected, once (一次告知补正，行政许可法第三十二条)."""
    case = hand.begin("notice_correction", number).case
    if not defects:
        raise BadField("defects", "请至少给一份材料选出问题。", "Choose what is wrong.")
    if not whole:
        raise BadField("whole", "只能告知一次，请看完全部材料再勾选。", "This is said once only.")
    unclear = next((at for at, d in defects.items() if d.reason == "other" and not d.words), None)
    if unclear is not None:
        raise BadField(f"words-{unclear}", "选了“其他”，请写明要怎样补正。", "Please say what.")
    listed = [
        {"position": at, "reason": one_of(f"reason-{at}", d.reason, DEFECTS_ZH)}
        for at, d in sorted(defects.items())
    ]
    words = {at: short(f"words-{at}", d.words, SHORT_MAX) for at, d in defects.items()}
    hand.state(
        "case.correction_noticed", number, sealed={"words": worded(case, words)},
        defects=listed, whole=True, days=within("days", days, CORRECT_DAYS_MAX),
    )  # fmt: skip
    return f"已一次告知补正 {len(listed)} 项"


def supplement(
    hand: Hand, number: str, positions: list[int], *, how: str = BROUGHT, words: str = ""
) -> str:
    """Take in at the window what was missing (提交补正), for the holder to answer."""
    case = hand.begin("supplement", number).case
    if not positions:
        raise BadField("positions", "请勾选补交了哪些。", "Choose what was handed in.")
    known = set(to_supplement(case))
    if not known.issuperset(positions):
        raise BadField("positions", "有的材料不在要补正的里面。", "This was not asked for.")
    one_of("how", how, GIVEN_HERE)
    hand.state(
        "case.supplemented", number, sealed={"words": short("words", words)},
        positions=sorted(positions), how=how,
    )  # fmt: skip
    return "已收下补正，等经办方答复"


def to_supplement(case: Case) -> tuple[int, ...]:
    """The positions that the notice names."""
    return tuple(d.position for d in case.correction.defects) if case.correction else ()


def lapse(hand: Hand, number: str, *, reason: str) -> str:
    """End a case for which nothing came in time (逾期未补正)."""
    hand.begin("lapse", number)
    hand.state("case.lapsed", number, sealed={"reason": needed("reason", reason, "终止的理由")})
    return "已终止，收存的原件要退还申请人"


def suspend(hand: Hand, number: str, *, kind: str, days: int, words: str = "") -> str:
    """Begin a special procedure, whose time is not counted (行政许可法第四十五条)."""
    hand.begin("suspend", number)
    one_of("kind", kind, PROCEDURES_ZH)
    hand.state(
        "case.suspended", number, sealed={"words": short("words", words)},
        kind=kind, days=within("days", days, PROCEDURE_DAYS_MAX),
    )  # fmt: skip
    return f"{PROCEDURES_ZH[kind]}期间不计入审批期限，请书面告知申请人"


def resume(hand: Hand, number: str) -> str:
    """The special procedure has ended: the period runs on."""
    hand.begin("resume", number)
    hand.state("case.resumed", number)
    return "审批期限继续计算"


def extend(hand: Hand, number: str, *, days: int, approver: str, reason: str) -> str:
    """Extend the period once, with who approved it and why (行政许可法第四十二条)."""
    case = hand.begin("extend", number).case
    sealed = {
        "approver": needed("approver", approver, "批准人", SHORT_MAX),
        "reason": needed("reason", reason, "延长的理由"),
    }
    longest = longest_extension(case)
    hand.state("case.extended", number, sealed=sealed, days=within("days", days, longest))
    return f"审批期限延长 {days} 天，请把理由告知申请人"


@dataclass(frozen=True)
class Called:
    """A call: about what, whether somebody answered, what was said, when to try again."""

    about: str
    reached: bool
    words: str = ""
    next: date | None = None


def call(hand: Hand, number: str, made: Called) -> str:
    """Log a call to the applicant; one that tells a decision is the telling itself."""
    case = hand.begin("call", number).case
    about = one_of("about", made.about, CALLED_ABOUT_ZH)
    if made.next is not None and made.next < hand.w.day:
        raise BadField("next", "下次联系的日期不能早于今天。", "This day is over.")
    next_day = made.next.isoformat() if made.next else None
    hand.state(
        "case.called", number, sealed={"words": short("words", made.words)},
        reached=made.reached, about=about, **({"next": next_day} if next_day else {}),
    )  # fmt: skip
    tells = made.reached and about == "decision" and case.state in DECIDED and not case.told_at
    if tells and hand.w.identity.point == case.point:
        hand.state("case.resident_told", number, how="phone")
        return "已记录电话联系，申请人已经知道结果"
    return "已记录电话联系"
