"""Between reception and decision: correction, special procedures, extension; what the law allows.

Whether a day has come is judged where the act is done, with a calendar (``clocks``). What stands
here needs none, and so the fold itself holds to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from cases.events import CENTRAL, Event
from cases.folded import (
    Call,
    Case,
    Correction,
    Defect,
    Extension,
    Material,
    Pause,
    Pickup,
    Request,
    Supplement,
)
from cases.papers import EARLIER, stays
from cases.states import STATE_ZH, CaseState

APPLICATION = "申请本身"
NOTICED, SUPPLEMENTED = "case.correction_noticed", "case.supplemented"
FORWARDED = "case.forwarded"
SUSPENDED, EXTENDED, LAPSED = "case.suspended", "case.extended", "case.lapsed"

#: What is wrong with a paper. Position 0 is the application itself.
DEFECTS_ZH = {
    "missing": "没有提交",
    "incomplete": "页数或内容不全",
    "unclear": "看不清",
    "wrong": "填写有误",
    "unsigned": "没有签名或盖章",
    "expired": "已过有效期",
    "mismatch": "与其他材料不一致",
    "form": "不符合规定的格式",
    "original": "需要出示原件",
    "other": "其他",
}
#: How a resident gives what was missing.
GIVEN_ZH = {
    "brought": "送到受理点",
    "photographed": "拍照上传",
    "fetched": "免费上门取件",
    "answered": "书面说明",
}
#: The only procedures whose time is not counted (行政许可法第四十五条).
PROCEDURES_ZH = {
    "hearing": "听证",
    "tender": "招标",
    "auction": "拍卖",
    "inspection": "检验",
    "testing": "检测",
    "quarantine": "检疫",
    "appraisal": "鉴定",
    "expert_review": "专家评审",
}
#: What a call is about.
CALLED_ABOUT_ZH = {
    "correction": "要补正的材料",
    "progress": "办理进度",
    "decision": "办理结果",
    "delivery": "领取或寄递",
    "other": "其他",
}
EXTENSION_DAYS = 10  # 行政许可法第四十二条: ten days, approved by who leads the body
EXTENSION_DAYS_MAX = 15  # the same article: where several bodies act together, by the government
BROUGHT = "brought"
#: Requests with which something comes that was missing.
GIVES = (SUPPLEMENTED, "case.papers_received")


def longest_extension(case: Case) -> int:
    """The days by which a case's period may be extended: its matter's, or ten.

    行政许可法第四十二条: ten days with the approval of who leads the body, fifteen where several
    bodies act together. A matter may allow fewer, or none.
    """
    of_matter = case.extension_days
    return EXTENSION_DAYS if of_matter is None else min(max(of_matter, 0), EXTENSION_DAYS_MAX)


def unlawful(case: Case, type: str, zh: str, data: Mapping[str, Any]) -> str:
    """The sentence that stands against an act whatever the day is, or empty."""
    why = ""
    if type == NOTICED and case.correction is not None:
        why = "补正的内容只能一次告知，已经告知过了（行政许可法第三十二条）"
    if type == EXTENDED and case.extension is not None:
        why = "审批期限只能延长一次，已经延长过了（行政许可法第四十二条）"
    elif type == EXTENDED and not 1 <= data["days"] <= longest_extension(case):
        why = f"审批期限可以延长 1 到 {longest_extension(case)} 天（行政许可法第四十二条）"
        if not longest_extension(case):
            why = "这个事项的审批期限不能延长"
    if type == SUSPENDED and data["kind"] not in PROCEDURES_ZH:
        kinds = "、".join(PROCEDURES_ZH.values())
        why = f"只有{kinds}的时间不计入审批期限（行政许可法第四十五条）"
    if type == FORWARDED and case.state is CaseState.ACCEPTED and not case.waits_at_receiver:
        why = "受理了的件由受理它的部门作出决定"
    return f"{case.number} {STATE_ZH[case.state]}：{why}，不能{zh}" if why else ""


def paper_name(case: Case, position: int) -> str:
    """A paper by its place in the case; what is none of them is the application itself."""
    return next((m.name for m in case.materials if m.position == position), "") or APPLICATION


def worded(case: Case, words: Mapping[int, str]) -> str:
    """The words on each defect as one sealed text: a line each, which begins with the paper."""
    tidy = ((paper_name(case, at), " ".join(text.split())) for at, text in sorted(words.items()))
    return "\n".join(f"{name}：{text}" for name, text in tidy if text)


def words_of(text: str) -> dict[str, str]:
    """The words on each defect, by the paper's name, out of the sealed text of a notice."""
    found = (line.partition("：") for line in text.splitlines())
    return {name: words for name, _, words in found if words}


def given(case: Case) -> tuple[Request, ...]:
    """What was handed in afterwards and waits for the holder's word."""
    return tuple(r for r in case.requests if r.type in GIVES)


def outstanding(case: Case) -> tuple[Defect, ...]:
    """What of the notice nothing has been given for yet, as far as anybody has said.

    What was brought somewhere and not said for which paper may be all of it.
    """
    if case.correction is None or any(r.type == "case.papers_received" for r in case.requests):
        return ()
    covered = {p for s in case.supplements if s.answer != "denied" for p in s.positions}
    return tuple(d for d in case.correction.defects if d.position not in covered)


def all_given_at(case: Case) -> str:
    """When everything that the notice asked for had been given, or empty while something is not.

    行政许可法第三十二条第一款第（五）项: 按照要求提交全部补正申请材料的. A part of it is not that,
    nor a wish that somebody comes for it; what nobody said the paper of may be all of it.
    """
    came = given(case)
    if case.correction is None or not came or outstanding(case):
        return ""
    left = {defect.position for defect in case.correction.defects}
    positions = {s.event: s.positions for s in case.supplements}
    for request in came:
        left -= set(positions.get(request.event, left))
        if not left:
            return request.at
    return came[-1].at


def wished_pickups(case: Case) -> tuple[Pickup, ...]:
    """The wishes that somebody comes, for papers that are still outstanding; the newest last."""
    left = {defect.position for defect in outstanding(case)}
    return tuple(pickup for pickup in case.pickups if left & set(pickup.positions))


# effects


def noticed(case: Case, event: Event) -> Case:
    """The one notice of everything that is to be corrected."""
    listed = tuple(d for d in map(_defect, event.data["defects"]) if d is not None)
    return replace(
        case,
        state=CaseState.CORRECTION,
        correction=Correction(event.id, event.at, event.author, event.data["days"], listed),
    )


def _defect(value: Any) -> Defect | None:
    if not isinstance(value, Mapping) or type(value.get("position")) is not int:
        return None
    return Defect(value["position"], str(value.get("reason", "")))


def supplemented(case: Case, event: Event) -> Case:
    """What the resident gives: a request, which the holder answers.

    What a point says was brought lies there from now on, and its way is followed like any paper's.
    """
    positions = tuple(p for p in event.data["positions"] if type(p) is int)
    how = event.data["how"]
    if how == BROUGHT and event.point != CENTRAL:
        case = _brought(case, event, positions)
    given = Supplement(event.id, event.at, event.author, how, positions)
    return replace(
        case,
        supplements=(*case.supplements, given),
        requests=(*case.requests, Request(event.id, event.type, event.at, event.author)),
    )


def _brought(case: Case, event: Event, positions: tuple[int, ...]) -> Case:
    """The papers lie where they were brought. One that was kept there before them stays owed."""
    brought = {"taken": True, "brought_at": event.at, "brought_to": event.point}
    papers = (replace(m, **brought) if m.position in positions else m for m in case.materials)
    before = (m for m in case.materials if m.position in positions and stays(m))
    moved = {m.position: _earlier(case, m) for m in before}
    return replace(
        case,
        materials=tuple(papers),
        earlier=(*case.earlier, *moved.values()),
        handed_out=tuple(moved[p].position if p in moved else p for p in case.handed_out),
        filed=tuple(moved[p].position if p in moved else p for p in case.filed),
    )


def _earlier(case: Case, material: Material) -> Material:
    """A paper as one that was there before: at a position of its own, which names it for good."""
    turn = sum(m.place == material.position for m in case.earlier) + 1
    return replace(
        material,
        position=EARLIER * turn + material.position,
        place=material.position,
        name=f"{material.name}（先交的{f'第 {turn} 份' if turn > 1 else ''}）",
    )


def pickup_wished(case: Case, event: Event) -> Case:
    """Somebody is to come for papers. The same operation, stated twice, is one wish."""
    positions = tuple(p for p in event.data["positions"] if type(p) is int)
    return replace(case, pickups=(*case.pickups, Pickup(event.id, event.at, positions)))


def answered(case: Case, event: Event) -> Case:
    """A supplement of which the holder says whether it is what was missing."""
    said = "granted" if event.data["granted"] else "denied"
    return replace(
        case,
        supplements=tuple(
            replace(s, answer=said) if s.event == event.data["request"] else s
            for s in case.supplements
        ),
    )


def lapsed(case: Case, event: Event) -> Case:
    """Nothing came in time: the case ends, as if it had been withdrawn."""
    return replace(case, state=CaseState.LAPSED, told_at="", result_handed_out=False)


def suspended(case: Case, event: Event) -> Case:
    """A special procedure begins, whose time is not counted."""
    data = event.data
    pause = Pause(event.id, data["kind"], data["days"], event.at)
    return replace(case, state=CaseState.SUSPENDED, pauses=(*case.pauses, pause))


def resumed(case: Case, event: Event) -> Case:
    """The special procedure has ended."""
    *before, last = case.pauses
    ended = replace(last, until=event.at)
    return replace(case, state=CaseState.ACCEPTED, pauses=(*before, ended))


def extended(case: Case, event: Event) -> Case:
    """The one extension of the period."""
    return replace(case, extension=Extension(event.id, event.at, event.data["days"]))


def called(case: Case, event: Event) -> Case:
    """Somebody rang the applicant up."""
    data = event.data
    call = Call(
        event.id,
        event.at,
        event.author,
        data["reached"],
        data["about"],
        str(data.get("next") or ""),
    )
    return replace(case, calls=(*case.calls, call))
