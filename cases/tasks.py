"""What a point must do next (待办): derived from cases and parcels, never stored."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from cases.aside import asides, offers, refusals
from cases.dates import doubtful
from cases.desks import open_opinions, opinions_of
from cases.folded import Call, Case, Folded, Parcel
from cases.lacking import lacking, names_zh
from cases.licences import not_found, pending
from cases.manifests import open_difference
from cases.originals import came_late
from cases.papers import (
    DECIDED,
    PAPERS_FETCHED,
    RESULT,
    RESULT_TO_POINT,
    SETTLED,
    TO_AUTHORITY,
    UNDONE,
    given_twice,
    leaves,
    live,
    may_close,
    to_send,
    waiting_at,
)
from cases.proceedings import PROCEDURES_ZH, given, wished_pickups
from cases.slips import pickup_at, to_check
from cases.states import CaseState, ParcelState

CONFIRM_DATE = "confirm_date"
DOUBLE_ISSUE = "double_issue"
GIVE_OPINION = "give_opinion"
REVIEW_ASIDE = "review_set_aside"
REVIEW_REFUSED = "review_refused"
REVIEW_OFFER = "review_offer"
#: What is counted by the point that a parcel went to.
COUNTED_IN = {TO_AUTHORITY: "清点收到的材料", RESULT_TO_POINT: "清点送来给申请人领的结果"}
SETTLE_DISPUTE = "settle_dispute"
RESEND = "resend"
RETURN = "return_papers"
GIVE_BACK = "give_back"
CHECK = "check_papers"
#: What may be left to do for a case that is closed, see ``originals.came_late``.
AFTER_CLOSING = (CHECK, RETURN, GIVE_BACK)


@dataclass(frozen=True)
class Task:
    """One thing to do: its kind, its subject, the words for it, since when it waits (UTC).

    ``note``: what was tried already.
    ``event``: which of several such things of the subject it is about; of a parcel, its number.
    """

    kind: str
    subject: str
    words: str
    since: str
    department: str = ""
    event: str = ""
    note: str = ""


def case_tasks(
    case: Case,
    parcels: Iterable[Parcel],
    point: str,
    *,
    lapsed: bool = False,
    awaited: int = 0,
) -> tuple[Task, ...]:
    """What ``point`` must do next for a case, most pressing first.

    :param lapsed: the time to correct is over (``timely.has_lapsed``).
    :param awaited: how many other results it is to be posted with (``bundles.awaited``).
    """
    parcels = tuple(parcels)
    if came_late(case):  # nothing else is left to do
        return tuple(_of_late(case, parcels, point))
    found = [
        *_of_holder(case, point),
        *_of_asked(case, point),
        *_of_mail(case, parcels, point, awaited),
    ]
    if lapsed and point == case.holder and case.correction:
        found.append(_task(case, "lapse", "逾期没有补正，终止", case.correction.at))
    if given_twice(case, parcels):
        words = "结果寄出了又当面交付，请核实并追回一份"
        found.insert(0, _task(case, DOUBLE_ISSUE, words, case.changed_at))
    if point == case.point:
        found += _of_receiver(case, parcels)
    if unsure := doubtful(case, point):
        words = "电脑时钟不准时登记的，请核对日期"
        found.insert(0, _task(case, CONFIRM_DATE, words, unsure[0].at))
    return (*found, *aside_tasks(case, point))


def aside_tasks(subject: Folded, point: str) -> tuple[Task, ...]:
    """One task for each fact that was set aside and that this point has not answered yet."""
    department = subject.department if isinstance(subject, Case) else ""
    return tuple(
        Task(
            REVIEW_ASIDE, subject.number, f"未被采纳：{found.reason}", found.at, department,
            found.event,
        )
        for found in asides(subject)
        if found.answer is None and found.point in (point, "")
    )  # fmt: skip


def refusal_tasks(book: Folded, point: str) -> tuple[Task, ...]:
    """One task for each event of this point's store that central refused, until it is answered."""
    return tuple(
        Task(
            REVIEW_REFUSED, book.number, f"第 {found.n} 条没有被收录：{found.why}", found.at,
            event=str(found.n),
        )
        for found in refusals(book)
        if found.answer is None and found.point == point
    )  # fmt: skip


def offer_tasks(book: Folded) -> tuple[Task, ...]:
    """One task, of the district's supervisors, for each offer that central could not take in."""
    return tuple(
        Task(
            REVIEW_OFFER, book.number, f"第 {found.n} 条补送不进：{found.why}", found.at,
            event=f"{found.n}:{found.hash}",
        )
        for found in offers(book)
        if found.answer is None
    )  # fmt: skip


def _task(case: Case, kind: str, words: str, since: str, note: str = "") -> Task:
    return Task(kind, case.number, words, since, case.department, note=note)


def _of_holder(case: Case, point: str) -> list[Task]:
    if point != case.holder:
        return []
    found = [_task(case, "settle_request", "答复申请人的申请", r.at) for r in case.requests]
    decides = point == case.deciding
    accepts = decides or case.waits_at_receiver
    if accepts and lacking(case):
        words = f"一次告知补正：收件时缺{names_zh(case)}"
        found.append(_task(case, "notice_missing", words, _last(case, "case.forwarded")))
    elif accepts and case.state in (CaseState.RECEIVED, CaseState.FORWARDED):
        found.append(_task(case, "accept", "受理或不予受理", _last(case, "case.forwarded")))
    if not decides and case.state is (CaseState.ACCEPTED if accepts else CaseState.RECEIVED):
        found.append(_task(case, "forward", "转办到有权审批的部门", case.received_at))
    if decides and case.state is CaseState.ACCEPTED:
        unheard = len(open_opinions(case))
        note = f"还有 {unheard} 个部门没有答复意见" if unheard else ""
        found.append(_task(case, "decide", "作出决定", case.accepted_at, note))
    if case.state is CaseState.SUSPENDED:
        words = f"{PROCEDURES_ZH[case.pauses[-1].kind]}结束后恢复计算期限"
        found.append(_task(case, "resume", words, case.pauses[-1].since))
    if case.state in (CaseState.APPROVED, CaseState.REFUSED) and case.decision:
        found.append(_task(case, "complete", "办结", case.decision.at))
    return found


def _of_asked(case: Case, point: str) -> list[Task]:
    """What departments that sit here are asked for, each on its own worklist."""
    return [
        Task(GIVE_OPINION, case.number, "答复征求意见", o.at, o.department, o.event)
        for o in opinions_of(case, point)
    ]


def _last(case: Case, type: str) -> str:
    return max((s.at for s in case.steps if s.type == type), default=case.received_at)


def _of_mail(case: Case, parcels: tuple[Parcel, ...], point: str, awaited: int) -> list[Task]:
    found = []
    if unsent := to_send(case, parcels, point):
        since = max(m.brought_at for m in unsent) or case.received_at
        found.append(_task(case, "send_papers", "把收存的材料寄给审批部门", since))
    found += _to_count_in(case, parcels, point)
    if point not in (case.holder, *case.pickup_points):
        left = case.state in SETTLED and waiting_at(case, parcels, point)
        return [*found, *([_back(case)] if left else ())]
    if case.state is CaseState.COMPLETED:
        found += _of_delivery(case, parcels, point, awaited)
    elif case.state in UNDONE and waiting_at(case, parcels, point):
        found.append(_back(case))
    return found


def _to_count_in(case: Case, parcels: tuple[Parcel, ...], point: str) -> list[Task]:
    found = []
    for purpose, words in COUNTED_IN.items():
        came = live(parcels, purpose, case.number)
        if came is not None and came.to_point == point and came.state is ParcelState.DELIVERED:
            found.append(replace(_task(case, CHECK, words, came.delivered_at), event=came.number))
    return found


def _of_late(case: Case, parcels: tuple[Parcel, ...], point: str) -> list[Task]:
    """It goes back from where it lies: by mail where a slip was chosen before, else by hand."""
    found = _to_count_in(case, parcels, point)
    if waiting_at(case, parcels, point):
        mailed = case.confirmed_slip and leaves(case, point)
        words = "当面退还归档后才知道的原件"
        found += [_back(case) if mailed else _task(case, GIVE_BACK, words, case.changed_at)]
    return found


def _back(case: Case) -> Task:
    return _task(case, RETURN, "退还收存的原件", case.changed_at)


def awaiting(count: int) -> str:
    """Why a result is not posted yet that goes with others."""
    return f"等同一件事的其他结果，还差 {count} 件"


def _of_delivery(case: Case, parcels: tuple[Parcel, ...], point: str, awaited: int) -> list[Task]:
    waiting = waiting_at(case, parcels, point)
    if case.result == "electronic" and pickup_at(case):
        waiting = tuple(o for o in waiting if o.position)  # it is given there without a parcel
    if not waiting:
        return []
    if not leaves(case, point):
        return [_task(case, "hand_out", "把结果当面交给申请人", case.completed_at)]
    sent = any(live(parcels, purpose, case.number) for purpose in (RESULT, RESULT_TO_POINT))
    if sent and all(o.position for o in waiting):
        return [_task(case, RETURN, "退还收存的原件", case.completed_at)]
    if awaited:
        return [_task(case, "post_result", awaiting(awaited), case.completed_at)]
    words = "寄出结果" if case.confirmed_slip else "等寄递单核对后寄出结果"
    words = "把结果送到申请人选的领取点" if pickup_at(case) else words
    return [_task(case, "post_result", words, case.completed_at)]


def _of_licences(case: Case) -> list[Task]:
    """What follows from papers that were waived, until the case is decided."""
    if case.state not in (CaseState.RECEIVED, CaseState.FORWARDED, CaseState.ACCEPTED):
        return []
    found = []
    if not_found(case):
        since = _last(case, "case.licence_checked")
        words = "免交的证照没有查到，请申请人补交并附上扫描件"
        found.append(_task(case, "ask_paper", words, since))
    if pending(case):
        words = "免交待核验：上报后区中心自动核验"
        found.append(_task(case, "check_licence", words, case.received_at))
    return found


def _of_receiver(case: Case, parcels: tuple[Parcel, ...]) -> list[Task]:
    found = _of_licences(case)
    slips = to_check(case) if case.state is not CaseState.CLOSED else ()
    if slips:
        words = f"核对寄递单（{len(slips)} 张里选一张）" if len(slips) > 1 else "核对寄递单"
        found.append(_task(case, "confirm_slip", words, slips[-1].at))
    if case.state in DECIDED and not case.told_at:
        since = case.decision.at if case.decision else case.changed_at
        found.append(_task(case, "tell_resident", "告知申请人结果", since, _tried(case, since)))
    if case.state is CaseState.CORRECTION and case.correction and not _knows(case):
        since = case.correction.at
        note = _tried(case, since)
        found.append(_task(case, "tell_correction", "告知申请人要补正什么", since, note))
    if wishes := wished_pickups(case):
        words = "安排上门取件：时间见经过，地址见申请人栏"
        found.append(_task(case, "fetch_papers", words, wishes[-1].at))
    if may_close(case, parcels) is None:
        found.append(_task(case, "close", "归档", case.told_at))
    return found


def _knows(case: Case) -> bool:
    """Whether the applicant knows what to correct: was reached about it, or gave something."""
    told = any(call.reached and call.about == "correction" for call in case.calls)
    return told or bool(case.supplements or given(case))


def _tried(case: Case, since: str) -> str:
    """How often nobody answered since then, and when it is to be tried again."""
    return _in_vain([call for call in case.calls if call.at >= since])


def _in_vain(calls: Iterable[Call]) -> str:
    vain = [call for call in calls if not call.reached]
    if not vain:
        return ""
    again = f"，下次 {vain[-1].next}" if vain[-1].next else ""
    return f"打过 {len(vain)} 次没有打通{again}"


def parcel_tasks(parcel: Parcel, point: str, *, doubled: bool = False) -> tuple[Task, ...]:
    """What ``point`` must do next for a parcel it sent or awaits.

    :param doubled: another parcel bears the same tracking number (``registers.doubled``).
    """
    found = []
    if doubled and point == parcel.point:
        words = f"面单号 {parcel.tracking} 与另一件邮件重复，请取消其中一件，换新面单重新装封"
        found.append(Task("double_tracking", parcel.number, words, parcel.packed_at))
    if parcel.purpose == PAPERS_FETCHED:  # what is to be done stands with the application
        return (*found, *aside_tasks(parcel, point))
    if point == parcel.point and parcel.state is ParcelState.PACKED and parcel.copies == 0:
        found.append(Task("print_waybill", parcel.number, "打印面单贴好", parcel.packed_at))
    if point == parcel.point and (difference := open_difference(parcel)):
        words = "交接时不在袋里，请核实后答复"
        found.append(Task("answer_missing", parcel.number, words, difference.at))
    if point == parcel.point and parcel.state is ParcelState.FAILED:
        found.append(
            Task("mend_delivery", parcel.number, "投递未成功，联系收件人", parcel.changed_at)
        )
    if point == parcel.point and parcel.disputed_at:
        found.append(_of_dispute(parcel))
    if point == parcel.point and parcel.lost:
        words = "邮件丢失，把内件补办后再寄"
        found.append(Task(RESEND, parcel.number, words, parcel.changed_at))
    if point == parcel.point and parcel.state is ParcelState.RETURNED:
        found.append(Task(RESEND, parcel.number, "邮件退回，重新安排", parcel.changed_at))
    return (*found, *aside_tasks(parcel, point))


def _of_dispute(parcel: Parcel) -> Task:
    note = _in_vain(parcel.dispute_calls)
    words = "申请人说没有收到，查清后答复"
    return Task(SETTLE_DISPUTE, parcel.number, words, parcel.disputed_at, note=note)
