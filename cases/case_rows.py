"""The rows of the table that are about a case (办件). How they are read, ``table`` says."""

from __future__ import annotations

from cases.states import CaseState as C
from cases.states import State
from cases.table_rows import By, EventType, row

UNDECIDED: set[State] = {C.RECEIVED, C.FORWARDED, C.CORRECTION, C.ACCEPTED, C.SUSPENDED}
RUNNING: set[State] = {*UNDECIDED, C.APPROVED, C.REFUSED}
SETTLED: set[State] = {C.NOT_ACCEPTED, C.COMPLETED, C.WITHDRAWN, C.LAPSED}
BEFORE_ACCEPTANCE: set[State] = {C.RECEIVED, C.FORWARDED, C.CORRECTION}
DECIDED: set[State] = {C.APPROVED, C.REFUSED, *SETTLED}
ANY_CASE: set[State] = {*RUNNING, *SETTLED}

#: What issues a paper bears its number (``issued``); what older versions stated has none.
NUMBERED: dict[str, type] = {"paper_number?": str}

CASE_TYPES: dict[str, EventType] = {
    # the holder moves it on
    "case.received": row(
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
            "bundle?": dict,
            "instant?": bool,
            "accepting?": str,
        },
        "name document_number phone contact? agent_name? agent_number? agent_phone? note? answers?",
    ),
    "case.forwarded": row(
        "转办", By.HOLDER, {C.RECEIVED, C.ACCEPTED}, C.FORWARDED, {"to": str, "department": str}
    ),
    "case.sent_back": row("退回受理点", By.HOLDER, {C.FORWARDED}, C.RECEIVED, {}, "reason"),
    "case.correction_noticed": row(
        "一次告知补正",
        (By.DECIDER, By.EMPOWERED),
        {C.RECEIVED, C.FORWARDED},
        C.CORRECTION,
        {"defects": list, "whole": bool, "days": int, **NUMBERED},
        "words?",
    ),
    "case.lapsed": row(
        "终止（逾期未补正）", By.HOLDER, {C.CORRECTION}, C.LAPSED, NUMBERED, "reason"
    ),
    "case.accepted": row(
        "受理",
        (By.DECIDER, By.EMPOWERED, By.RULE),
        BEFORE_ACCEPTANCE,
        C.ACCEPTED,
        {"rule?": str, **NUMBERED},
        "facts?",
    ),
    "case.not_accepted": row(
        "不予受理",
        (By.DECIDER, By.EMPOWERED),
        BEFORE_ACCEPTANCE,
        C.NOT_ACCEPTED,
        NUMBERED,
        "reason where_to_go?",
    ),
    "case.suspended": row(
        "启动特别程序",
        By.DECIDER,
        {C.ACCEPTED},
        C.SUSPENDED,
        {"kind": str, "days": int, **NUMBERED},
        "words?",
    ),
    "case.resumed": row("恢复计算期限", By.DECIDER, {C.SUSPENDED}, C.ACCEPTED),
    "case.extended": row(
        "延长审批期限",
        By.DECIDER,
        {C.ACCEPTED},
        None,
        {"days": int, **NUMBERED},
        "approver reason",
    ),
    "case.approved": row(
        "准予",
        (By.DECIDER, By.RULE),
        {C.ACCEPTED},
        C.APPROVED,
        {"elsewhere_date?": str, "unheard?": int, "rule?": str, **NUMBERED},
        "remark? elsewhere_system? elsewhere_number? facts?",
    ),
    "case.refused": row(
        "不予许可",
        By.DECIDER,
        {C.ACCEPTED},
        C.REFUSED,
        {"elsewhere_date?": str, "unheard?": int, **NUMBERED},
        "grounds remedies elsewhere_system? elsewhere_number?",
    ),
    "case.completed": row(
        "办结",
        By.DECIDER,
        {C.APPROVED, C.REFUSED},
        C.COMPLETED,
        {"result": str, "delivery": str, "filed": list, "brought?": list},
    ),
    # inside the deciding department, and among departments: these never change its state
    "case.taken_up": row("接手", By.DECIDER, RUNNING, None),
    "case.handed_back": row("退回待办", By.DECIDER, RUNNING, None, {}, "note?"),
    "case.handed_over": row(
        "移交",
        By.DECIDER,
        RUNNING,
        None,
        {"officer?": str, "department?": str, "department_name?": str},
        "note?",
    ),
    "case.opinion_asked": row(
        "征求意见",
        By.DECIDER,
        UNDECIDED,
        None,
        {"department": str, "department_name": str, "to": str, "days": int},
        "question",
    ),
    "case.opinion_given": row(
        "答复征求意见",
        By.ASKED,
        {*ANY_CASE, C.CLOSED},  # it may become known after the case was closed
        None,
        {"request": str, "view": str},
        "words?",
    ),
    "case.withdrawn": row("撤回", By.HOLDER, UNDECIDED, C.WITHDRAWN),
    "case.closed": row("归档", By.RECEIVER, SETTLED, C.CLOSED),
    "case.voided": row("作废上一步", By.HOLDER, ANY_CASE, None, {"event": str}, "reason"),
    # asked, told, handed over: these never change its state
    "case.withdrawal_requested": row(
        "申请撤回", (By.PARTY, By.CENTRAL), RUNNING, None, {}, "reason"
    ),
    "case.supplemented": row(
        "提交补正",
        (By.PARTY, By.CENTRAL),
        {*RUNNING, C.LAPSED},  # one may become known after the case was ended for want of it
        None,
        {"positions": list, "how": str, "op?": str},
        "words?",
    ),
    # a wish, nothing given yet: a courier is to come for what was missing
    "case.pickup_wished": row(
        "预约上门取件",
        By.CENTRAL,
        {*UNDECIDED, C.LAPSED},
        None,
        {"positions": list, "op?": str},
        "day hours address note?",
    ),
    "case.request_settled": row(
        "答复申请",
        By.HOLDER,
        {*ANY_CASE, C.CLOSED},  # a request may become known after the case was closed
        None,
        {"request": str, "granted": bool},
        "words?",
    ),
    "case.resident_told": row("告知申请人", By.RECEIVER, DECIDED, None, {"how": str}, "note?"),
    "case.called": row(
        "电话联系申请人",
        By.PARTY,
        ANY_CASE,
        None,
        {"reached": bool, "about": str, "next?": str},
        "words?",
    ),
    "case.handed_out": row(
        "当面交付",
        By.PARTY,
        {*DECIDED, C.CLOSED},  # a paper may become known only then; a result is not given then
        None,
        {"result": bool, "positions": list, "brought?": list, "to": str, **NUMBERED},
        "receiver? checked?",
    ),
    "case.licence_checked": row(
        "核验免交的证照", By.CENTRAL, ANY_CASE, None, {"position": int, "found": bool}
    ),
    "case.result_issued": row(
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
    "case.originals_filed": row(
        "材料归档", By.PARTY, DECIDED, None, {"positions": list, "brought?": list}
    ),
    "case.shown": row(
        "出示收件凭证", By.ANY_POINT, {C.NEW, *ANY_CASE, C.CLOSED}, None, {}, "token"
    ),
    # stated where the receipt was shown, perhaps before the case is known there
    "case.papers_received": row(
        "代收补充材料", By.PARTY, {C.NEW, *ANY_CASE, C.CLOSED}, None, {}, "papers note?"
    ),
    "case.date_confirmed": row(
        "核对日期",
        (By.PARTY, By.CENTRAL),
        ANY_CASE,
        None,
        {"event": str, "on": str, "how": str, "op?": str},
        "words?",
    ),
    # 行政许可法第三十二条第一款第（三）项; which fields, ``corrected`` says
    "case.corrected_on_spot": row(
        "当场更正",
        (By.RECEIVER, By.HOLDER),
        BEFORE_ACCEPTANCE,
        None,
        {"fields": list},
        "name? phone? contact? agent_name? agent_phone? note?",
    ),
    "case.undertaking_kept": row("补齐承诺材料", By.PARTY, ANY_CASE, None, {"positions": list}),
    "case.scanned": row(
        "附扫描件",
        (By.PARTY, By.CENTRAL),
        ANY_CASE,
        None,
        {"op?": str, "blob": str, "size": int, "media": str, "position?": int, "pages?": int},
        "file key",
    ),
    # only who attached it may, see ``fold``
    "case.scan_removed": row("撤下扫描件", By.PARTY, ANY_CASE, None, {"scan": str}),
}
