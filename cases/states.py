"""The states of each kind of subject. What leads from one to another stands in ``table``."""

from __future__ import annotations

from enum import Enum


class CaseState(Enum):
    """Where a case stands. Chinese terms are used exactly as the law uses them."""

    NEW = "new"
    RECEIVED = "received"
    FORWARDED = "forwarded"
    CORRECTION = "correction"
    ACCEPTED = "accepted"
    SUSPENDED = "suspended"
    NOT_ACCEPTED = "not_accepted"
    APPROVED = "approved"
    REFUSED = "refused"
    COMPLETED = "completed"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"
    CLOSED = "closed"


class ParcelState(Enum):
    """Where a parcel stands."""

    NEW = "new"
    PACKED = "packed"
    TAKEN_OVER = "taken_over"
    OUT = "out"
    FAILED = "failed"
    DELIVERED = "delivered"
    ARRIVED = "arrived"
    RETURNED = "returned"
    CANCELLED = "cancelled"


class VisitState(Enum):
    """A visit is announced (a poster slip), open, or ended; from home it is applied for first.

    What nobody came for is forgotten: its sealed part can never be opened again.
    """

    NEW = "new"
    OPEN = "open"
    APPLIED = "applied"
    TO_MEND = "to_mend"
    CHECKED = "checked"
    ENDED = "ended"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    FORGOTTEN = "forgotten"


class StoreState(Enum):
    """A store is unknown until it has opened its journal."""

    NEW = "new"
    OPEN = "open"


State = CaseState | ParcelState | VisitState | StoreState

STATE_ZH: dict[State, str] = {
    CaseState.NEW: "尚未收件",
    CaseState.RECEIVED: "已收件",
    CaseState.FORWARDED: "已转办，待受理",
    CaseState.CORRECTION: "已告知补正，待补正",
    CaseState.ACCEPTED: "已受理，办理中",
    CaseState.SUSPENDED: "特别程序中，期限暂停",
    CaseState.NOT_ACCEPTED: "不予受理",
    CaseState.APPROVED: "准予，待办结",
    CaseState.REFUSED: "不予许可，待办结",
    CaseState.COMPLETED: "已办结",
    CaseState.WITHDRAWN: "已撤回",
    CaseState.LAPSED: "逾期未补正，已终止",
    CaseState.CLOSED: "已归档",
    ParcelState.NEW: "尚未交寄",
    ParcelState.PACKED: "已装封，待揽收",
    ParcelState.TAKEN_OVER: "已揽收，在途",
    ParcelState.OUT: "派送中",
    ParcelState.FAILED: "投递未成功",
    ParcelState.DELIVERED: "已签收",
    ParcelState.ARRIVED: "收件点已签收",
    ParcelState.RETURNED: "已退回",
    ParcelState.CANCELLED: "已取消",
    VisitState.NEW: "扫码预填",
    VisitState.OPEN: "接待中",
    VisitState.APPLIED: "在家申请，等受理点看",
    VisitState.TO_MEND: "在家申请，等申请人改",
    VisitState.CHECKED: "在家申请，看过可以办",
    VisitState.ENDED: "已离开",
    VisitState.DECLINED: "在家申请，不在这里办",
    VisitState.CANCELLED: "在家申请，已取消",
    VisitState.FORGOTTEN: "个人信息已按规定遗忘",
    StoreState.NEW: "未启用",
    StoreState.OPEN: "已启用",
}
