"""The one table of event types: fields, who may state each, in which states, leading where.

``open`` fields stand in clear everywhere an event travels, so they hold codes, numbers and terms
of the catalogue only; whatever names a person or is free text is in ``sealed``.
A field's kind is ``str``, ``int``, ``bool``, ``list`` or ``dict``; a name ending in ``?`` may be
missing. The fold judges by this table alone.
"""

from __future__ import annotations

from cases.case_rows import ANY_CASE, CASE_TYPES
from cases.forgotten import FORGOTTEN
from cases.slips import OPEN_FIELDS as SLIP_OPEN
from cases.slips import SEALED_FIELDS as SLIP_SEALED
from cases.states import CaseState as C
from cases.states import ParcelState as P
from cases.states import State
from cases.states import StoreState as S
from cases.states import VisitState as V
from cases.table_rows import By, EventType, row
from cases.visit_rows import VISIT_TYPES

_ANY_TIME: set[State] = {C.NEW, V.NEW, V.TO_MEND, V.OPEN, V.ENDED, *ANY_CASE}
_ON_THE_WAY: set[State] = {P.PACKED, P.TAKEN_OVER, P.OUT, P.FAILED}
_ANYTHING: set[State] = {*C, *P, *V, *S}
#: What a carrier tells of a parcel's way moves nothing, so it may come whenever it comes.
_PACKED_ONCE: set[State] = {*P} - {P.NEW}
#: By whom a report was made that is not one of our couriers', and in the carrier's own code.
_CARRIERS: dict[str, type] = {"carrier?": str, "code?": str}
_CARRIERS_WORDS = "place? raw?"
#: A courier's report may reach us after the point's own signature: it is kept, and moves nothing.
_REPORTED: set[State] = {*_ON_THE_WAY, P.ARRIVED}

TYPES: dict[str, EventType] = {
    # a store
    "store.opened": row(
        "启用节点",
        By.SELF,
        {S.NEW},
        S.OPEN,
        {"sign_key": str, "box_key": str, "software": str, "continues?": dict, "range": str},
    ),
    "store.refused": row(
        "拒绝收录",
        By.CENTRAL,
        {S.NEW, S.OPEN},
        None,
        {"author": str, "n": int, "why": str, "hash": str},
    ),
    "store.refusal_answered": row(
        "答复拒收",
        By.SAME_POINT,
        {S.NEW, S.OPEN},
        None,
        {"author": str, "n": int, "how": str, "op?": str},
        "words?",
    ),
    "store.offer_refused": row(
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
    "store.offer_answered": row(
        "答复补送未收录",
        By.CENTRAL,
        {S.NEW, S.OPEN},
        None,
        {"author": str, "n": int, "hash": str, "how": str, "op?": str},
        "words?",
    ),
    # on any subject: what a person says of a fact that was set aside
    "aside.answered": row(
        "答复未采纳",
        By.AUTHOR,
        _ANYTHING,
        None,
        {"event": str, "how": str, "op?": str},
        "words?",
    ),
    # on any subject: what an author signed, where the journal has another fact in its place
    "event.carried": row("转录", By.CENTRAL, _ANYTHING, None, {"event": dict, "cert": dict}),
    # on any subject whose time is over, so far a visit that is a poster slip: see ``forgotten``
    FORGOTTEN: row("遗忘个人信息", By.CENTRAL, {V.NEW, V.FORGOTTEN}, V.FORGOTTEN),
    # a visit
    **VISIT_TYPES,
    # a case
    **CASE_TYPES,
    # slips: a track of their own, on a case or on a visit
    "slip.filled": row(
        "填写寄递单",
        (By.CENTRAL, By.PARTY),
        _ANY_TIME,
        None,
        {"channel": str, "language?": str, "replaces?": str, "op?": str, **SLIP_OPEN},
        SLIP_SEALED,
    ),
    "slip.attached": row(
        "关联寄递单",
        By.PARTY,
        ANY_CASE,
        None,
        {"visit": str, "slip": str, **SLIP_OPEN},
        SLIP_SEALED,
    ),
    "slip.confirmed": row("核对寄递单", By.PARTY, ANY_CASE, None, {"slip": str, "over?": list}),
    "slip.cancelled": row(
        "取消寄递单",
        (By.CENTRAL, By.PARTY),
        {C.NEW, *ANY_CASE},
        None,
        {"slip": str, "op?": str},
    ),
    # a parcel
    "parcel.packed": row(
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
            "consent?": list,
            "visit?": str,
        },
        "name phone address region day? hours? note?",
    ),
    "parcel.waybill_printed": row("打印面单", By.RECEIVER, _ON_THE_WAY, None, {"copy": int}),
    "parcel.inspected": row(
        "收寄验视", By.RECEIVER, {P.PACKED}, None, {"looked": list, "grams?": int}, "handed_in_by?"
    ),
    "parcel.listed": row("列入交接单", By.RECEIVER, {P.PACKED}, None, {"manifest": str}),
    "parcel.missing_answered": row(
        "答复交接差异",
        By.RECEIVER,
        {*P} - {P.NEW},
        None,
        {"missing": str, "how": str, "op?": str},
    ),
    # a courier goes to a home for papers (上门取件); ``collected``: the papers found there
    "parcel.fetch_accepted": row(
        "接单上门", By.CENTRAL, {P.PACKED, P.FAILED}, None, {"op": str, "when": str}
    ),
    "parcel.taken_over": row(
        "揽收",
        By.CENTRAL,
        {P.PACKED, P.FAILED, P.ARRIVED},
        P.TAKEN_OVER,
        {"op": str, "when": str, "manifest?": str, "collected?": list, **_CARRIERS},
        f"{_CARRIERS_WORDS} courier?",
    ),
    "parcel.passed": row(
        "途经",
        By.CENTRAL,
        _PACKED_ONCE,
        None,
        {"op": str, "when": str, "carrier": str, "code": str, "kind?": str},
        _CARRIERS_WORDS,
    ),
    "parcel.missing": row(
        "交接时不在袋里",
        By.CENTRAL,
        _REPORTED,
        None,
        {"op": str, "when": str, "manifest": str},
        "courier?",
    ),
    "parcel.out_for_delivery": row(
        "派送",
        By.CENTRAL,
        {P.PACKED, P.TAKEN_OVER, P.FAILED, P.ARRIVED},
        P.OUT,
        {"op": str, "when": str, **_CARRIERS},
        _CARRIERS_WORDS,
    ),
    "parcel.delivered": row(
        "签收",
        By.CENTRAL,
        _REPORTED,
        P.DELIVERED,
        {
            "op": str,
            "when": str,
            "to": str,
            "proof?": str,
            "blob?": str,
            "media?": str,
            "size?": int,
            **_CARRIERS,
        },
        f"receiver? id4? key? {_CARRIERS_WORDS}",
    ),
    "parcel.delivery_failed": row(
        "投递未成功",
        By.CENTRAL,
        _REPORTED,
        P.FAILED,
        {"op": str, "when": str, "why": str, "next?": str, **_CARRIERS},
        f"note? {_CARRIERS_WORDS}",
    ),
    "parcel.returned": row(
        "退回寄件点",
        (By.CENTRAL, By.RECEIVER),
        _ON_THE_WAY,
        P.RETURNED,
        {"op?": str, "when": str, **_CARRIERS},
        _CARRIERS_WORDS,
    ),
    "parcel.arrived": row("收件点签收", By.DESTINATION, {*_ON_THE_WAY, P.DELIVERED}, P.ARRIVED),
    # the resident says that a delivered one never came, and what its sender found out
    "parcel.disputed": row(
        "申请人说没有收到", By.CENTRAL, {P.DELIVERED}, None, {"op": str, "when": str}
    ),
    "parcel.dispute_called": row(
        "电话查问",
        By.RECEIVER,
        {P.DELIVERED},
        None,
        {"reached": bool, "next?": str, "op?": str},
        "words?",
    ),
    "parcel.dispute_settled": row(
        "查明下落", By.RECEIVER, {P.DELIVERED}, None, {"how": str, "op?": str}, "words?"
    ),
    "parcel.cancelled": row("取消交寄", By.RECEIVER, {P.PACKED}, P.CANCELLED),
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
