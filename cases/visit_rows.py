"""The rows of visits: at a window, and from home (在家申请)."""

from __future__ import annotations

from cases.states import VisitState as V
from cases.table_rows import By, EventType, row

VISIT_TYPES: dict[str, EventType] = {
    "visit.opened": row("开始接待", By.RECEIVER, {V.NEW}, V.OPEN, {"window": str}),
    "visit.asked": row(
        "咨询事项", By.RECEIVER, {V.OPEN}, None, {"matter": str, "title": str}, "answers? papers?"
    ),
    "visit.identified": row(
        "记下证件号", By.RECEIVER, {V.OPEN}, None, {"document": str}, "document_number"
    ),
    "visit.ended": row("结束接待", By.RECEIVER, {V.OPEN, V.CHECKED}, V.ENDED),
    # from home: ``point`` is the one that was chosen; the same form is sent again once it is mended
    "visit.applied": row(
        "在家申请",
        By.CENTRAL,
        {V.NEW, V.TO_MEND},
        V.APPLIED,
        {
            "point": str,
            "matter": str,
            "title": str,
            "applicant_kind": str,
            "document": str,
            "fetch": bool,
            "language?": str,
            "op?": str,
        },
        "name document_number phone contact? answers? region? address? day? hours? note?",
    ),
    "visit.scanned": row(
        "在家拍照",
        By.CENTRAL,
        {V.NEW, V.TO_MEND},
        None,
        {"op?": str, "blob": str, "size": int, "media": str, "position?": int, "pages?": int},
        "file key",
    ),
    "visit.checked": row("看过申请，可以办", By.RECEIVER, {V.APPLIED}, V.CHECKED),
    "visit.mending_asked": row(
        "请申请人改",
        By.RECEIVER,
        {V.APPLIED, V.CHECKED},
        V.TO_MEND,
        {"defects": list},
        "words?",
    ),
    "visit.declined": row(
        "告知不在这里办",
        By.RECEIVER,
        {V.APPLIED, V.TO_MEND, V.CHECKED},
        V.DECLINED,
        {"why": str},
        "words?",
    ),
    "visit.cancelled": row(
        "取消在家申请",
        (By.CENTRAL, By.RECEIVER),
        {V.APPLIED, V.TO_MEND, V.CHECKED},
        V.CANCELLED,
        {"op?": str},
    ),
}
