"""The one table of event types: fields, who may state each, in which states, leading where.

``open`` fields stand in clear everywhere an event travels, so they hold codes, numbers and terms
of the catalogue only; whatever names a person or is free text is in ``sealed``.
A field's kind is ``str``, ``int``, ``bool``, ``list`` or ``dict``; a name ending in ``?`` may be
missing. The fold judges by this table alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import cached_property

from cases.states import CaseState as C
from cases.states import ParcelState as P
from cases.states import State
from cases.states import StoreState as S
from cases.states import VisitState as V


class By(Enum):
    """Who is entitled to state an event."""

    RECEIVER = "受理点"  # the point in the subject's number
    HOLDER = "经办方"  # the one party that may move a case on
    DECIDER = "有审批权的部门"  # the holder, when it is also the deciding party
    RULE = "按秒批规则的区中心"  # central, by the rule of an instant matter, see ``fold``
    PARTY = "相关方"  # receiver, decider, past or present holder, who was shown the receipt
    DESTINATION = "收件点"  # the point a parcel goes to
    CENTRAL = "区中心"
    SELF = "本节点"
    SAME_POINT = "这个节点的受理点"  # any store of the point whose book it is
    ANY_POINT = "任何受理点"  # wherever the resident shows the receipt: intake proves its code
    AUTHOR = "那条记录的作者一方"  # by the fact it answers, see ``fold``


@dataclass(frozen=True)
class EventType:
    """One row: a type's Chinese name, who states it, where from, where to, its fields."""

    zh: str
    by: By | tuple[By, ...]
    states: frozenset[State]
    to: State | None
    open: dict[str, type]
    sealed: frozenset[str] = frozenset()

    @cached_property
    def fields(self) -> tuple[tuple[str, type, bool], ...]:
        """Each open field: its name, its kind, whether it may be missing."""
        return tuple((n.rstrip("?"), kind, n.endswith("?")) for n, kind in self.open.items())

    @property
    def may(self) -> tuple[By, ...]:
        """Who may state it, always as a tuple."""
        return self.by if isinstance(self.by, tuple) else (self.by,)


def _row(
    zh: str,
    by: By | tuple[By, ...],
    states: set[State],
    to: State | None,
    fields: dict[str, type] | None = None,
    sealed: str = "",
) -> EventType:
    return EventType(zh, by, frozenset(states), to, fields or {}, frozenset(sealed.split()))


_UNDECIDED: set[State] = {C.RECEIVED, C.FORWARDED, C.CORRECTION, C.ACCEPTED, C.SUSPENDED}
_RUNNING: set[State] = {*_UNDECIDED, C.APPROVED, C.REFUSED}
_SETTLED: set[State] = {C.NOT_ACCEPTED, C.COMPLETED, C.WITHDRAWN, C.LAPSED}
_BEFORE_ACCEPTANCE: set[State] = {C.RECEIVED, C.FORWARDED, C.CORRECTION}
_DECIDED: set[State] = {C.APPROVED, C.REFUSED, *_SETTLED}
_ANY_CASE: set[State] = {*_RUNNING, *_SETTLED}
_ANY_TIME: set[State] = {C.NEW, V.NEW, V.OPEN, V.ENDED, *_ANY_CASE}
_ON_THE_WAY: set[State] = {P.PACKED, P.TAKEN_OVER, P.FAILED}
_ANYTHING: set[State] = {*C, *P, *V, *S}
#: A courier's report may reach us after the point's own signature: it is kept, and moves nothing.
_REPORTED: set[State] = {*_ON_THE_WAY, P.ARRIVED}

#: What issues a paper bears its number (``issued``); what older versions stated has none.
_NUMBERED: dict[str, type] = {"paper_number?": str}

TYPES: dict[str, EventType] = {
    # a store
    "store.opened": _row(
        "启用节点",
        By.SELF,
        {S.NEW},
        S.OPEN,
        {"sign_key": str, "box_key": str, "software": str, "continues?": dict, "range": str},
    ),
    "store.refused": _row(
        "拒绝收录",
        By.CENTRAL,
        {S.NEW, S.OPEN},
        None,
        {"author": str, "n": int, "why": str, "hash": str},
    ),
    "store.refusal_answered": _row(
        "答复拒收",
        By.SAME_POINT,
        {S.NEW, S.OPEN},
        None,
        {"author": str, "n": int, "how": str, "op?": str},
        "words?",
    ),
    "store.offer_refused": _row(
        "补送未收录",
        By.CENTRAL,
        {S.NEW, S.OPEN},
        None,
        {
            "author": str,
            "n": int,
            "hash": str,
            "offered_by": str,
            "why": str,
            "what?": str,
            "subject?": str,
        },
    ),
    "store.offer_answered": _row(
        "答复补送未收录",
        By.CENTRAL,
        {S.NEW, S.OPEN},
        None,
        {"author": str, "n": int, "hash": str, "how": str, "op?": str},
        "words?",
    ),
    # on any subject: what a person says of a fact that was set aside
    "aside.answered": _row(
        "答复未采纳",
        By.AUTHOR,
        _ANYTHING,
        None,
        {"event": str, "how": str, "op?": str},
        "words?",
    ),
    # a visit
    "visit.opened": _row("开始接待", By.RECEIVER, {V.NEW}, V.OPEN, {"window": str}),
    "visit.asked": _row(
        "咨询事项", By.RECEIVER, {V.OPEN}, None, {"matter": str, "title": str}, "answers? papers?"
    ),
    "visit.identified": _row(
        "记下证件号", By.RECEIVER, {V.OPEN}, None, {"document": str}, "document_number"
    ),
    "visit.ended": _row("结束接待", By.RECEIVER, {V.OPEN}, V.ENDED),
    # a case: the holder moves it on
    "case.received": _row(
        "收件",
        By.RECEIVER,
        {C.NEW},
        C.RECEIVED,
        {
            "matter": str,
            "title": str,
            "version": str,
            "level": str,
            "department": str,
            "department_name": str,
            "deciding": str,
            "area": str,
            "applicant_kind": str,
            "capacity": str,
            "document": str,
            "agent_document?": str,
            "immediate": bool,
            "statutory_days": int,
            "promised_days": int,
            "day_unit": str,
            "extension_days?": int,
            "materials": list,
            "visit?": str,
            "instant?": bool,
        },
        "name document_number phone contact? agent_name? agent_number? agent_phone? note? answers?",
    ),
    "case.forwarded": _row(
        "转办", By.HOLDER, {C.RECEIVED}, C.FORWARDED, {"to": str, "department": str}
    ),
    "case.sent_back": _row("退回受理点", By.HOLDER, {C.FORWARDED}, C.RECEIVED, {}, "reason"),
    "case.correction_noticed": _row(
        "一次告知补正",
        By.DECIDER,
        {C.RECEIVED, C.FORWARDED},
        C.CORRECTION,
        {"defects": list, "whole": bool, "days": int, **_NUMBERED},
        "words?",
    ),
    "case.lapsed": _row(
        "终止（逾期未补正）", By.HOLDER, {C.CORRECTION}, C.LAPSED, _NUMBERED, "reason"
    ),
    "case.accepted": _row(
        "受理",
        (By.DECIDER, By.RULE),
        _BEFORE_ACCEPTANCE,
        C.ACCEPTED,
        {"rule?": str, **_NUMBERED},
        "facts?",
    ),
    "case.not_accepted": _row(
        "不予受理",
        By.DECIDER,
        _BEFORE_ACCEPTANCE,
        C.NOT_ACCEPTED,
        _NUMBERED,
        "reason where_to_go?",
    ),
    "case.suspended": _row(
        "启动特别程序",
        By.DECIDER,
        {C.ACCEPTED},
        C.SUSPENDED,
        {"kind": str, "days": int, **_NUMBERED},
        "words?",
    ),
    "case.resumed": _row("恢复计算期限", By.DECIDER, {C.SUSPENDED}, C.ACCEPTED),
    "case.extended": _row(
        "延长审批期限",
        By.DECIDER,
        {C.ACCEPTED},
        None,
        {"days": int, **_NUMBERED},
        "approver reason",
    ),
    "case.approved": _row(
        "准予",
        (By.DECIDER, By.RULE),
        {C.ACCEPTED},
        C.APPROVED,
        {"elsewhere_date?": str, "rule?": str, **_NUMBERED},
        "remark? elsewhere_system? elsewhere_number? facts?",
    ),
    "case.refused": _row(
        "不予许可",
        By.DECIDER,
        {C.ACCEPTED},
        C.REFUSED,
        {"elsewhere_date?": str, **_NUMBERED},
        "grounds remedies elsewhere_system? elsewhere_number?",
    ),
    "case.completed": _row(
        "办结",
        By.DECIDER,
        {C.APPROVED, C.REFUSED},
        C.COMPLETED,
        {"result": str, "delivery": str, "filed": list},
    ),
    "case.withdrawn": _row("撤回", By.HOLDER, _UNDECIDED, C.WITHDRAWN),
    "case.closed": _row("归档", By.RECEIVER, _SETTLED, C.CLOSED),
    "case.voided": _row("作废上一步", By.HOLDER, _ANY_CASE, None, {"event": str}, "reason"),
    # a case: asked, told, handed over; these never change its state
    "case.withdrawal_requested": _row(
        "申请撤回", (By.PARTY, By.CENTRAL), _RUNNING, None, {}, "reason"
    ),
    "case.supplemented": _row(
        "提交补正",
        (By.PARTY, By.CENTRAL),
        {*_RUNNING, C.LAPSED},  # one may become known after the case was ended for want of it
        None,
        {"positions": list, "how": str, "op?": str},
        "words?",
    ),
    "case.request_settled": _row(
        "答复申请",
        By.HOLDER,
        {*_ANY_CASE, C.CLOSED},  # a request may become known after the case was closed
        None,
        {"request": str, "granted": bool},
        "words?",
    ),
    "case.resident_told": _row("告知申请人", By.RECEIVER, _DECIDED, None, {"how": str}, "note?"),
    "case.called": _row(
        "电话联系申请人",
        By.PARTY,
        _ANY_CASE,
        None,
        {"reached": bool, "about": str, "next?": str},
        "words?",
    ),
    "case.handed_out": _row(
        "当面交付",
        By.PARTY,
        _DECIDED,
        None,
        {"result": bool, "positions": list, "to": str, **_NUMBERED},
        "receiver? checked?",
    ),
    "case.licence_checked": _row(
        "核验免交的证照", By.CENTRAL, _ANY_CASE, None, {"position": int, "found": bool}
    ),
    "case.result_issued": _row(
        "出证",
        By.DECIDER,
        {C.APPROVED, C.COMPLETED},
        None,
        {
            "kind": str,
            "licence": str,
            "paper_number": str,
            "valid_until?": str,
            "replaces?": str,
        },
        "holder document_number? content? why?",
    ),
    "case.originals_filed": _row("材料归档", By.PARTY, _DECIDED, None, {"positions": list}),
    "case.shown": _row(
        "出示收件凭证", By.ANY_POINT, {C.NEW, *_ANY_CASE, C.CLOSED}, None, {}, "token"
    ),
    # stated where the receipt was shown, perhaps before the case is known there
    "case.papers_received": _row(
        "代收补充材料", By.PARTY, {C.NEW, *_ANY_CASE, C.CLOSED}, None, {}, "papers note?"
    ),
    "case.scanned": _row(
        "附扫描件",
        By.PARTY,
        _ANY_CASE,
        None,
        {"blob": str, "size": int, "media": str, "position?": int},
        "file key",
    ),
    # slips: a track of their own, on a case or on a visit
    "slip.filled": _row(
        "填写寄递单",
        (By.CENTRAL, By.PARTY),
        _ANY_TIME,
        None,
        {"channel": str, "language?": str, "replaces?": str, "op?": str},
        "name phone province city county street region note?",
    ),
    "slip.attached": _row(
        "关联寄递单",
        By.PARTY,
        _ANY_CASE,
        None,
        {"visit": str, "slip": str},
        "name phone province city county street region note?",
    ),
    "slip.confirmed": _row("核对寄递单", By.PARTY, _ANY_CASE, None, {"slip": str}),
    # a parcel
    "parcel.packed": _row(
        "装封",
        By.RECEIVER,
        {P.NEW},
        P.PACKED,
        {
            "purpose": str,
            "cases": list,
            "to_point?": str,
            "carrier": str,
            "tracking": str,
            "contents": list,
            "slip?": str,
        },
        "name phone address region",
    ),
    "parcel.waybill_printed": _row("打印面单", By.RECEIVER, _ON_THE_WAY, None, {"copy": int}),
    "parcel.taken_over": _row(
        "揽收", By.CENTRAL, {P.PACKED, P.FAILED, P.ARRIVED}, P.TAKEN_OVER, {"op": str, "when": str}
    ),
    "parcel.delivered": _row(
        "签收",
        By.CENTRAL,
        _REPORTED,
        P.DELIVERED,
        {"op": str, "when": str, "to": str},
        "receiver?",
    ),
    "parcel.delivery_failed": _row(
        "投递未成功",
        By.CENTRAL,
        _REPORTED,
        P.FAILED,
        {"op": str, "when": str, "why": str, "next?": str},
        "note?",
    ),
    "parcel.returned": _row(
        "退回寄件点", (By.CENTRAL, By.RECEIVER), _ON_THE_WAY, P.RETURNED, {"op?": str, "when": str}
    ),
    "parcel.arrived": _row("收件点签收", By.DESTINATION, {*_ON_THE_WAY, P.DELIVERED}, P.ARRIVED),
    "parcel.cancelled": _row("取消交寄", By.RECEIVER, {P.PACKED}, P.CANCELLED),
}


def missing_fields(row: EventType, data: dict[str, object]) -> list[str]:
    """The open fields that are absent or of another kind than the table says."""
    wrong = []
    for key, kind, optional in row.fields:
        value = data.get(key)
        if type(value) is kind or (value is None and optional):
            continue
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            wrong.append(key)
    return wrong


def sealed_names(row: EventType) -> tuple[set[str], set[str]]:
    """(required, allowed) names of the sealed part."""
    required = {name for name in row.sealed if not name.endswith("?")}
    return required, {name.rstrip("?") for name in row.sealed}
