"""The holder's answer to a request: to withdraw, or to take what was handed in afterwards."""

from __future__ import annotations

from cases.fields import BadField
from cases.fold import VOID, WrongState
from cases.folded import Case
from cases.proceedings import GIVES
from cases.states import CaseState
from courier.look.forms import Form
from node.act_fields import Asked, Field, Work, area, choices
from node.actions import Scene
from node.local import Local
from node.officer import Hand, needed, short
from node.people_card import opened

WITHDRAWAL = "case.withdrawal_requested"
ANSWERS = {"yes": "同意", "no": "不同意"}
#: The states in which a case may still be withdrawn: before the decision.
MAY_WITHDRAW = (
    CaseState.RECEIVED,
    CaseState.FORWARDED,
    CaseState.CORRECTION,
    CaseState.ACCEPTED,
    CaseState.SUSPENDED,
)


def settle_request(hand: Hand, number: str, *, request: str, granted: bool, words: str = "") -> str:
    """Answer an open request, and do in the same step what granting it means.

    A withdrawal that is granted withdraws the case. Papers that are what was missing take it on
    (行政许可法第三十二条第一款第（五）项), also when they came in time and were heard of too late.
    """
    case = hand.begin("settle_request", number).case
    asked = next((r for r in case.requests if r.event == request), None)
    if asked is None:
        raise WrongState(f"{number} 的这条申请已经答复过了")
    withdrawal = granted and asked.type == WITHDRAWAL
    if withdrawal and case.state not in MAY_WITHDRAW:
        raise BadField("granted", "已经作出决定，不能再撤回，只能不同意。", "Decided already.")
    said = short("words", words) if granted else needed("words", words, "不同意的理由")
    hand.state(
        "case.request_settled", number, sealed={"words": said}, request=request, granted=granted
    )
    if withdrawal:
        hand.state("case.withdrawn", number)
        return "已同意撤回"
    if granted and asked.type in GIVES:
        return _corrected(hand, case)
    return "已答复申请"


def _corrected(hand: Hand, case: Case) -> str:
    if case.state is CaseState.LAPSED:
        lapse = [s.id for s in case.steps if s.type == "case.lapsed" and s.verdict == "ok"][-1]
        reason = {"reason": "申请人按期补正，收到得晚"}
        hand.state(VOID, case.number, sealed=reason, event=lapse)
    if case.state not in (CaseState.LAPSED, CaseState.CORRECTION):
        return "已收下补充材料"
    hand.state("case.accepted", case.number)
    return "补正材料齐全，已受理"


def settle_form(local: Local, scene: Scene) -> Asked:
    """The form of the answer, in words that fit what is asked."""
    request = scene.case.requests[0] if scene.case.requests else None
    number, event = scene.case.number, request.event if request else ""
    gives = request is not None and request.type in GIVES
    intro, answers = _of_papers(scene.case) if gives else _of_withdrawal(local, event)
    fields = (
        Field("choice", "granted", "答复", options=choices(answers), columns=2),
        Field(
            "area", "words", "说明", "不同意的要写明理由，申请人会看到。", required=False, rows=3
        ),
        Field("hidden", "request"),
    )

    def read(form: Form) -> Work:
        granted = form.choice("granted", answers, missing_zh="请选一项答复") == "yes"
        words = area(form, "words", required=form.value("granted") == "no")
        which = form.value("request")
        return lambda hand: settle_request(
            hand, number, request=which, granted=granted, words=words
        )

    return Asked(fields, (("request", event),), read, intro)


def _of_papers(case: Case) -> tuple[str, dict[str, str]]:
    """Of papers that came afterwards."""
    if case.state in (CaseState.CORRECTION, CaseState.LAPSED):
        late = (
            "本件已因逾期终止；按期交来的，终止随即作废。" if case.state is CaseState.LAPSED else ""
        )
        answers = {"yes": "齐全，予以受理", "no": "还不符合要求"}
        return f"申请人补交了材料，内容见经过。齐全的随即受理，不能再要求补正。{late}", answers
    return "申请人补交了材料，内容见经过。", {"yes": "收下", "no": "不收"}


def _of_withdrawal(local: Local, event: str) -> tuple[str, dict[str, str]]:
    said = (opened(local, event) or {}).get("reason", "") if event else ""
    why = f"申请人说：{said}。" if said else ""
    return f"{why}同意撤回的，本件随即撤回，材料退还申请人。", ANSWERS
