"""The timeline of a case or parcel: every fact with its time, who stated it, and where it is safe.

Facts set aside, voided or not known to this version are shown too, marked with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cases import dates, disputes
from cases.aside import said
from cases.carried import CARRIED_ZH
from cases.corrected import CORRECTED, names_zh
from cases.desks import VIEWS_ZH
from cases.events import CENTRAL
from cases.folded import Folded, Step
from cases.manifests import how_words, looked_words
from cases.points import PointKind
from cases.proceedings import CALLED_ABOUT_ZH, DEFECTS_ZH, GIVEN_ZH, PROCEDURES_ZH
from cases.scans import described, names_a_blob
from cases.table import TYPES
from cases.timeline import in_order
from courier.carriers.words import actor_zh, delivered_zh, failed_zh, happened_zh, passed_zh
from courier.look.cards import Tone
from node import staff
from node.asides import REFUSED, answered, refused_steps
from node.journal_reads import unsafe_ids
from node.local import Local
from node.officer import DELIVERIES, RECEIVERS, RESULTS, TOLD_HOW
from node.people_card import opened
from sync.merging import carried_ids

CHANNELS = {
    "qr": "扫收件凭证填写",
    "poster": "扫柜台海报填写",
    "window": "窗口代填",
    "portal": "网上填写",
    "bundle": "同一件事里填过一次",
}
_OF_A_CARRIER = (("地点", "place"),)
_SEALED_WORDS = {
    "case.not_accepted": (("理由", "reason"), ("请到", "where_to_go")),
    "case.sent_back": (("理由", "reason"),),
    "case.correction_noticed": (("要求", "words"),),
    "case.supplemented": (("说明", "words"),),
    "case.lapsed": (("理由", "reason"),),
    "case.suspended": (("说明", "words"),),
    "case.extended": (("批准人", "approver"), ("理由", "reason")),
    "case.called": (("内容", "words"),),
    "case.pickup_wished": (("日子", "day"), ("时段", "hours"), ("说明", "note")),
    "case.handed_back": (("说明", "note"),),
    "case.handed_over": (("说明", "note"),),
    "case.opinion_asked": (("问", "question"),),
    "case.opinion_given": (("内容", "words"),),
    "case.approved": (
        ("备注", "remark"),
        ("系统", "elsewhere_system"),
        ("编号", "elsewhere_number"),
    ),
    "case.refused": (
        ("理由", "grounds"),
        ("救济", "remedies"),
        ("系统", "elsewhere_system"),
        ("编号", "elsewhere_number"),
    ),
    "case.voided": (("理由", "reason"),),
    "case.withdrawal_requested": (("原因", "reason"),),
    "case.papers_received": (("材料", "papers"), ("备注", "note")),
    "case.request_settled": (("说明", "words"),),
    "case.resident_told": (("备注", "note"),),
    "case.handed_out": (("核对", "checked"),),
    "case.result_issued": (("换发原因", "why"),),
    "parcel.inspected": (("交件人", "handed_in_by"),),
    "parcel.delivery_failed": (("说明", "note"), *_OF_A_CARRIER),
    "parcel.taken_over": _OF_A_CARRIER,
    "parcel.passed": _OF_A_CARRIER,
    "parcel.out_for_delivery": _OF_A_CARRIER,
    "parcel.delivered": _OF_A_CARRIER,
    "parcel.returned": _OF_A_CARRIER,
    disputes.CALLED: (("内容", "words"),),
    disputes.SETTLED: (("说明", "words"),),
    "aside.answered": (("说明", "words"),),
    dates.CONFIRMED: (("说明", "words"),),
}


@dataclass(frozen=True)
class StepRow:
    """One fact of a timeline. ``state``: done, aside. ``here_only``: not yet receipted (待上报).

    ``refused``: central did not journal it, and nobody else sees it. ``tone`` is the mark's.
    """

    title: str
    when: str
    who: str
    text: str
    state: str
    mark: str = ""
    tone: Tone = "red"
    here_only: bool = False
    refused: bool = False


def timeline(local: Local, subject: Folded) -> tuple[StepRow, ...]:
    """The facts of a subject, newest first."""
    unsafe = unsafe_ids(local.store, local.identity.author)
    carried = carried_ids(local.store, subject.number)
    refused = refused_steps(local, subject.number)
    steps = in_order((*subject.steps, *refused))
    names = staff.names(local.store, local.point.code)
    now = local.now()
    return tuple(
        StepRow(
            title=_title(step),
            when=dates.when(step, now),
            who=who(local, step, names),
            text=_text(local, step),
            state="done" if step.verdict == "ok" else "aside",
            mark=_mark(step) or (CARRIED_ZH if step.id in carried else ""),
            tone="plain" if step.answer or not _mark(step) else "red",
            here_only=step.id in unsafe,
            refused=step.verdict == REFUSED,
        )
        for step in reversed(steps)
    )


def who(local: Local, step: Step, names: Mapping[str, str]) -> str:
    """Who stated a fact: the point, and the person where it is one of ours."""
    party = step.author.split(".", 1)[0]
    if party == CENTRAL and (carrier := actor_zh(step.actor)):
        return carrier
    if step.data.get("rule") and step.type in ("case.accepted", "case.approved"):
        return "系统自动审批（秒批）"
    if party == CENTRAL:
        by_phone = step.type.startswith("slip.") or step.type == disputes.DISPUTED
        return "申请人（手机）" if by_phone else "区中心"
    place = point_name(local, party)
    person = names.get(step.actor, "") if party == local.point.code else ""
    return f"{place} {person}".strip()


def point_name(local: Local, code: str) -> str:
    """``本窗口`` for this point, 军门社区 for a community's, the whole name of a centre.

    An unknown code stays as it is.
    """
    if code == local.point.code:
        return "本窗口"
    point = local.bundle.directory.find(code)
    if point is None:
        return code
    return point.area_name if point.kind is PointKind.COMMUNITY_POINT else point.name


def _title(step: Step) -> str:
    row = TYPES.get(step.type)
    return row.zh if row else f"新版本的记录（{step.type}）"


def _mark(step: Step) -> str:
    marks = {
        "set_aside": "未被采纳", "voided": "已作废", "unknown": "看不懂", REFUSED: "区中心没有收录",
        "passed_over": "已有人办",
    }  # fmt: skip
    unsure = dates.is_marked(step) and not step.dated
    return marks.get(step.verdict, "日期待核对" if unsure else "")


def _text(local: Local, step: Step) -> str:
    parts = []
    if step.verdict in ("set_aside", "unknown", "passed_over", REFUSED):
        parts.append(step.reason)
    if step.answer:
        parts.append(f"答复：{answered(local, step.answer)}")
    said = _PLAIN.get(step.type)
    if said is not None:
        parts.append(said(local, step.data))
    parts.append(happened_zh(step, local.now()))
    sealed = _SEALED_WORDS.get(step.type, ())
    fields = opened(local, step.id) if sealed else None
    parts += [f"{term}：{fields[name]}" for term, name in sealed if fields and fields.get(name)]
    return "；".join(part for part in parts if part)


def _received(local: Local, data: Mapping[str, Any]) -> str:
    materials = data.get("materials")
    listed = materials if isinstance(materials, list) else ()
    taken = [m for m in listed if isinstance(m, Mapping) and m.get("taken")]
    return f"材料 {len(taken)} 份"


def _forwarded(local: Local, data: Mapping[str, Any]) -> str:
    return f"转到{point_name(local, str(data.get('to', '')))}"


def _noticed(local: Local, data: Mapping[str, Any]) -> str:
    listed = data.get("defects")
    reasons = [d.get("reason") for d in listed or () if isinstance(d, Mapping)]
    words = "、".join(DEFECTS_ZH.get(str(code), str(code)) for code in dict.fromkeys(reasons))
    return f"共 {len(reasons)} 项（{words}），{data.get('days')} 个工作日内补正"


def _supplemented(local: Local, data: Mapping[str, Any]) -> str:
    positions = data.get("positions")
    how = str(data.get("how", ""))
    return f"{len(positions) if isinstance(positions, list) else 0} 项，{GIVEN_ZH.get(how, how)}"


def _suspended(local: Local, data: Mapping[str, Any]) -> str:
    kind = str(data.get("kind", ""))
    return f"{PROCEDURES_ZH.get(kind, kind)}，预计 {data.get('days')} 个工作日"


def _called(local: Local, data: Mapping[str, Any]) -> str:
    about = str(data.get("about", ""))
    return f"{CALLED_ABOUT_ZH.get(about, about)}：{_reached(data)}"


def _reached(data: Mapping[str, Any]) -> str:
    reached = "打通了" if data.get("reached") is True else "没有打通"
    again = f"，下次 {data['next']}" if data.get("next") else ""
    return f"{reached}{again}"


def _handed_over(local: Local, data: Mapping[str, Any]) -> str:
    if officer := data.get("officer"):
        return f"交给{staff.names(local.store, local.point.code).get(str(officer), '同事')}"
    return f"转给{data.get('department_name', '')}"


def _completed(local: Local, data: Mapping[str, Any]) -> str:
    result = RESULTS.get(str(data.get("result")), "")
    delivery = DELIVERIES.get(str(data.get("delivery")), "")
    return "，".join(part for part in (result, delivery) if part)


def _decided(local: Local, data: Mapping[str, Any]) -> str:
    parts = [f"在其他系统作出，日期 {data['elsewhere_date']}"] if data.get("elsewhere_date") else []
    parts += [f"规则 {data['rule']}"] if data.get("rule") else []
    parts += [f"未等 {data['unheard']} 个部门的意见"] if data.get("unheard") else []
    return "，".join(parts)


def _licence_checked(local: Local, data: Mapping[str, Any]) -> str:
    return "电子证照已查到，不用交" if data.get("found") else "电子证照没有查到，要补交"


def _handed_out(local: Local, data: Mapping[str, Any]) -> str:
    what = ["办理结果"] if data.get("result") else []
    positions = data.get("positions")
    if isinstance(positions, list) and positions:
        what.append(f"原件 {len(positions)} 份")
    return f"{'、'.join(what)}交给{RECEIVERS.get(str(data.get('to')), '')}"


def _scanned(local: Local, data: Mapping[str, Any]) -> str:
    pages = data.get("pages")
    known = pages if isinstance(pages, int) else 0
    return described(data["media"], data["size"], known) if names_a_blob(data) else ""


def _issued(local: Local, data: Mapping[str, Any]) -> str:
    number, until = str(data.get("paper_number", "")), str(data.get("valid_until") or "")
    return f"{number}，有效期至 {until}" if until else number


_PLAIN: dict[str, Callable[[Local, Mapping[str, Any]], str]] = {
    "case.received": _received,
    "case.forwarded": _forwarded,
    "case.completed": _completed,
    "case.correction_noticed": _noticed,
    "case.supplemented": _supplemented,
    "case.suspended": _suspended,
    "case.extended": lambda local, d: f"延长 {d.get('days')} 天",
    "case.called": _called,
    "case.handed_over": _handed_over,
    "case.opinion_asked": lambda local, d: (
        f"{d.get('department_name', '')}，{d.get('days')} 个工作日内答复"
    ),
    "case.opinion_given": lambda local, d: VIEWS_ZH.get(str(d.get("view")), ""),
    "case.approved": _decided,
    "case.licence_checked": _licence_checked,
    "case.refused": _decided,
    "case.request_settled": lambda local, d: "同意" if d.get("granted") is True else "不同意",
    "case.resident_told": lambda local, d: TOLD_HOW.get(str(d.get("how")), ""),
    "case.handed_out": _handed_out,
    "case.result_issued": _issued,
    "aside.answered": lambda local, d: said(str(d.get("how", ""))),
    "case.scanned": _scanned,
    CORRECTED: lambda local, d: f"改了{names_zh(d.get('fields'))}",
    dates.CONFIRMED: lambda local, d: dates.confirmed_words(d, local.today()),
    "slip.filled": lambda local, d: CHANNELS.get(str(d.get("channel")), str(d.get("channel", ""))),
    "parcel.waybill_printed": lambda local, d: f"第 {d.get('copy')} 份",
    "parcel.inspected": lambda local, d: looked_words(d.get("looked")),
    "parcel.listed": lambda local, d: str(d.get("manifest", "")),
    "parcel.missing": lambda local, d: str(d.get("manifest", "")),
    "parcel.missing_answered": lambda local, d: how_words(str(d.get("how", ""))),
    "parcel.passed": lambda local, d: passed_zh(d),
    "parcel.delivered": lambda local, d: delivered_zh(d),
    "parcel.delivery_failed": lambda local, d: failed_zh(d),
    disputes.CALLED: lambda local, d: _reached(d),
    disputes.SETTLED: lambda local, d: disputes.HOW_ZH.get(str(d.get("how")), ""),
}
