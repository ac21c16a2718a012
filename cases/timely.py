"""What a day forbids: acts that come too late, or too early. Judged where the act is done.

The fold knows no calendar, so what was written in spite of this counts, and ``clocks`` reads it
with the effect that the law gives it.
"""

from __future__ import annotations

from cases.calendar import Calendar
from cases.clocks import CORRECT, clock, decision_clock, deemed_accepted
from cases.folded import Case
from cases.lights import due_zh
from cases.proceedings import EXTENDED, LAPSED, NOTICED
from cases.states import STATE_ZH, CaseState
from cases.table import TYPES
from cases.times import day_of

NOT_ACCEPTED = "case.not_accepted"


def untimely(case: Case, type: str, calendar: Calendar, now: str) -> str:
    """The sentence that stands against an act today, or empty."""
    why = ""
    if type in (NOTICED, NOT_ACCEPTED) and deemed_accepted(case, calendar, now):
        why = "收件后 5 个工作日内没有告知，已依法视为受理（行政许可法第三十二条）"
    elif type == LAPSED and case.state is CaseState.CORRECTION:
        why = _not_lapsed_yet(case, calendar, now)
    elif type == EXTENDED and case.state is CaseState.ACCEPTED:
        running, today = decision_clock(case, calendar, now), day_of(now)
        if today > running.due:
            why = f"审批期限{due_zh(running, today)}已经届满（行政许可法第四十二条）"
    return f"{case.number} {STATE_ZH[case.state]}：{why}，不能{TYPES[type].zh}" if why else ""


def _not_lapsed_yet(case: Case, calendar: Calendar, now: str) -> str:
    running, today = clock(case, calendar, now), day_of(now)
    if running is None or running.what != CORRECT:
        return "申请人提交了补正，还没有答复"
    if today > running.due:
        return ""
    return f"补正期限到{due_zh(running, today)}，还没有过"


def has_lapsed(case: Case, calendar: Calendar, now: str) -> bool:
    """Whether the time to correct is over and nothing waits for an answer."""
    corrects = case.state is CaseState.CORRECTION and not case.requests
    return corrects and not untimely(case, LAPSED, calendar, now)
