"""The fold: from a subject's events, in id order, to its present state.

Total and pure: it reads nothing but the events. What is not entitled or comes out of its state is
set aside with its reason and changes nothing; what is not known is carried.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from cases.aside import may_answer
from cases.carried import CARRIED, carried, facts
from cases.corrected import CORRECTED, cannot_correct
from cases.dates import CONFIRMED, cannot_confirm, dated, redated
from cases.desks import out_of_place
from cases.effects import EFFECTS, answer, offer_key
from cases.entitled import entitled, names_rule
from cases.events import CENTRAL, RESTATES, Event, point_of
from cases.folded import Case, Folded, Parcel, Step, StoreBook, Visit
from cases.forgotten import FORGOTTEN
from cases.issued import RESULT_ISSUED, cannot_issue
from cases.numbers import SubjectKind, kind_of
from cases.proceedings import NOTICED, unlawful
from cases.scans import SCAN_REMOVED
from cases.states import STATE_ZH, CaseState
from cases.table import TYPES, missing_fields
from cases.table_rows import By, EventType

VOID = "case.voided"
HANDED_OUT = "case.handed_out"
ANSWER = "aside.answered"
REFUSAL_ANSWER = "store.refusal_answered"
_RULED = ("case.accepted", "case.approved")
OFFER_ANSWER = "store.offer_answered"
#: What cannot be voided, and why. A notice to the resident is out: whoever gave it by mistake takes
#: the case on.
UNVOIDABLE = {
    "case.received": "收件不能作废，请走撤回",
    NOTICED: "补正只能一次告知，告知了不能作废；告知错了的，请直接受理",
}


class WrongState(ValueError):
    """The table does not allow this now; the message says what stands against it."""


class NotEntitled(WrongState):
    """Somebody else is entitled to state this; the message says who."""


def blank(subject: str) -> Folded:
    """A subject of which nothing is known yet."""
    kinds: dict[SubjectKind, type[Case] | type[Parcel] | type[Visit] | type[StoreBook]] = {
        SubjectKind.CASE: Case,
        SubjectKind.PARCEL: Parcel,
        SubjectKind.VISIT: Visit,
        SubjectKind.STORE: StoreBook,
    }
    return kinds[kind_of(subject)](number=subject)


def fold(subject: str, events: Iterable[Event]) -> Folded:
    """The present state of a subject, whatever the order in which its events arrived."""
    start = blank(subject)
    state: Folded = start
    counted: list[Event] = []
    steps: list[Step] = []
    stated: dict[tuple[str, str], bool] = {}
    for event in sorted(facts(events), key=lambda e: (e.doc["id"], e.id)):
        row = TYPES.get(event.type)
        if row is None:
            steps.append(_step(event, "unknown", "本版本不认识这类记录，已原样保留"))
            continue
        problem = _judge(state, row, event.type, event.author, event.data)
        problem = problem or _of_its_own(state, steps, event.type, event.author, event.data)
        problem = problem or _stated_before(state, event, stated)
        if problem is not None:
            steps.append(_uncounted(state, event, problem))
            continue
        steps.append(_step(event, "ok"))
        stated[_origin(event)] = _is_told_again(event)
        counted.append(event)
        if event.type == VOID:
            counted = [e for e in counted if e.id != event.data["event"]]
            steps = [_voided(step, event) for step in steps]
            state = _replay(start, counted)
        elif event.type == CONFIRMED:
            steps = list(dated(steps, event))
            counted = [redated(e, steps) for e in counted]
            state = _replay(start, counted)
        else:
            if event.type == ANSWER:
                steps = [_answered(step, event) for step in steps]
            state = EFFECTS[event.type](state, event)
    return replace(state, steps=tuple(_of_a_party(step, state) for step in steps))


def _origin(event: Event) -> tuple[str, str]:
    """What makes a fact the same, under whatever name a copied store of its point states it."""
    return event.point, str(event.data.get(RESTATES) or event.sig)


def _is_told_again(event: Event) -> bool:
    return RESTATES in event.data or bool(event.carrier)


def _stated_before(
    state: Folded, event: Event, stated: Mapping[tuple[str, str], bool]
) -> WrongState | None:
    """A fact that two copies of one disk state anew, each in its own name, counts once."""
    restated = stated.get(_origin(event))
    if restated is None or not (restated or _is_told_again(event)):
        return None
    return WrongState(f"{state.number}: 同一条已由另一台用过同一份数据的电脑登记，只算一次")


def _of_a_party(step: Step, state: Folded) -> Step:
    """A fact of an unknown type counts as one only from somebody who has to do with the subject.

    It makes the subject read-only: otherwise any point could freeze any case of the district.
    """
    if step.verdict != "unknown" or not state.point:
        return step
    allowed = (By.PARTY, By.CENTRAL, By.SELF, By.DESTINATION)
    if any(entitled(state, by, step.author, step.data) for by in allowed):
        return step
    reason = f"{state.number}: 本版本不认识这类记录，也不是相关方写的"
    return replace(step, verdict="set_aside", reason=reason)


def permit(
    state: Folded, type: str, author: str, data: Mapping[str, Any], sealed: Iterable[str] = ()
) -> None:
    """Check before writing what the fold would set aside afterwards.

    :raises WrongState: (or NotEntitled) with a sentence for the person who tried.
    """
    row = TYPES[type]
    frozen = state.read_only and type != FORGOTTEN  # any point may write what nobody can read yet
    if frozen and not isinstance(state, StoreBook):
        raise WrongState(f"{state.number} 含有新版本的记录，本机只能查看，请先升级软件")
    problem = objection(state, row, type, author, data)
    problem = problem or _of_its_own(state, state.steps, type, author, data)
    if problem is not None:
        raise problem
    required = {name for name in row.sealed if not name.endswith("?")}
    absent = required - set(sealed)
    if absent:
        raise WrongState(f"{state.number}: {row.zh}缺少{'、'.join(sorted(absent))}")


def objection(
    state: Folded, row: EventType, type: str, author: str, data: Mapping[str, Any]
) -> WrongState | None:
    """What stands against stating an event in this state, or None.

    More than the fold asks: an open request makes a decision wait *before* it is written. One
    that was written without knowing of the request counts, so that a late request flips nothing.
    """
    return _judge(state, row, type, author, data) or _open_request_in_the_way(state, type)


def _judge(
    state: Folded, row: EventType, type: str, author: str, data: Mapping[str, Any]
) -> WrongState | None:
    """Why the fold sets an event aside in this state, or None if it counts."""
    missing = missing_fields(row, dict(data))
    if missing:
        return WrongState(f"{state.number}: {row.zh}的字段不对：{'、'.join(missing)}")
    if not any(entitled(state, by, author, data) for by in row.may):
        who = row.entitled_zh(empowered=isinstance(state, Case) and state.accepted_by_receiver)
        return NotEntitled(f"{state.number}: 只有{who}可以{row.zh}")
    if isinstance(state, Parcel) and _is_repeat(state, row, data):
        return None  # it counts once, see effects
    if isinstance(state, Case) and (why := unlawful(state, type, row.zh, data)):
        return WrongState(why)
    if state.state not in row.states:
        return WrongState(f"{state.number} {STATE_ZH[state.state]}：不能{row.zh}")
    if isinstance(state, Case) and (why := out_of_place(state, type, author, data)):
        return WrongState(f"{state.number}: {why}")
    return None


def _is_repeat(parcel: Parcel, row: EventType, data: Mapping[str, Any]) -> bool:
    """Whether a courier's report has been taken already: the same operation."""
    return bool({"op", "op?"} & row.open.keys()) and data.get("op") in parcel.operations


def _open_request_in_the_way(state: Folded, type: str) -> WrongState | None:
    waits = {"case.approved", "case.refused", "case.completed", "case.closed", "case.lapsed"}
    if isinstance(state, Case) and state.requests and type in waits:
        return WrongState(f"{state.number} 有未答复的申请，请先答复再{TYPES[type].zh}")
    return None


def _step(event: Event, verdict: str, reason: str = "") -> Step:
    return Step(
        event.id, event.type, event.at, event.author, event.actor, verdict, reason, dict(event.data)
    )


def _uncounted(state: Folded, event: Event, problem: WrongState) -> Step:
    """A fact that does not count. A rule of central's that comes too late asks nobody anything."""
    by_central = event.type in _RULED and event.point == CENTRAL
    if by_central and isinstance(state, Case) and names_rule(state, event.data):
        return _step(event, "passed_over", "已经有人办理，或已按规则登记过一次，这条不再算")
    return _step(event, "set_aside", str(problem))


def _voided(step: Step, by: Event) -> Step:
    return replace(step, verdict="voided", reason=by.id) if step.id == by.data["event"] else step


def _answered(step: Step, by: Event) -> Step:
    """The first answer stands; another one stays in the history."""
    if step.id != by.data["event"] or step.answer is not None:
        return step
    return replace(step, answer=answer(by))


def _of_its_own(
    state: Folded, steps: Sequence[Step], type: str, author: str, data: Mapping[str, Any]
) -> WrongState | None:
    """What stands against the few types that speak of another fact of the history, or None."""
    if type in _RULED and data.get("rule") is not None and isinstance(state, Case):
        return _cannot_rule(state, steps, type, point_of(author), data)
    if type == VOID:
        return _cannot_void(state.number, steps, point_of(author), data)
    if type == ANSWER:
        return _cannot_answer(state, steps, point_of(author), data)
    if type == REFUSAL_ANSWER:
        return _cannot_answer_refusal(state, data)
    if type == OFFER_ANSWER:
        return _cannot_answer_offer(state, data)
    if type == HANDED_OUT and isinstance(state, Case) and data["result"]:
        return _cannot_give(state)
    if type == CORRECTED and isinstance(state, Case) and (why := cannot_correct(state, data)):
        return WrongState(why)
    if type == SCAN_REMOVED:
        return _cannot_remove_scan(state, point_of(author), data)
    if problem := _in_words(state.number, steps, type, point_of(author), data):
        return WrongState(problem)
    return None


def _in_words(
    number: str, steps: Sequence[Step], type: str, point: str, data: Mapping[str, Any]
) -> str:
    if type == RESULT_ISSUED:
        return cannot_issue(number, steps, data)
    if type == CONFIRMED and (problem := cannot_confirm(steps, point, data)):
        return f"{number}: {problem}"
    if type == CARRIED and carried(number, data) is None:
        return f"{number}: 转录的内容看不懂"
    return ""


def _cannot_remove_scan(state: Folded, point: str, data: Mapping[str, Any]) -> WrongState | None:
    scans = state.scans if isinstance(state, Case) else ()
    scan = next((scan for scan in scans if scan.event == data["scan"]), None)
    if scan is None:
        return WrongState(f"{state.number}: 没有这份扫描件，或者已经撤下")
    if point_of(scan.by) != point:
        return NotEntitled(f"{state.number}: 只有附上这份扫描件的一方可以撤下")
    return None


def _cannot_rule(
    case: Case, steps: Sequence[Step], type: str, point: str, data: Mapping[str, Any]
) -> WrongState | None:
    """A rule is for its own instant matter, and central uses one only once, also after a void."""
    if not names_rule(case, data):
        return NotEntitled(f"{case.number}: 本件不是这条规则的秒批事项，不能按规则{TYPES[type].zh}")
    if type == "case.approved" and case.rule != data["rule"]:
        return WrongState(f"{case.number}: 不是按这条规则受理的，不能按它准予")
    before = any(
        s.type == type and s.verdict in ("ok", "voided") and "rule" in s.data for s in steps
    )
    if before and point == CENTRAL:
        return WrongState(f"{case.number}: 已按规则{TYPES[type].zh}过一次")
    return None


def _cannot_give(case: Case) -> WrongState | None:
    """A result is given once: of two windows that did so unknowingly, the first counts.

    Once the case is closed it was in the right hands; one that was lost in the post is posted anew.
    """
    if case.state is CaseState.CLOSED:
        return WrongState(f"{case.number} 已经归档：结果不能再当面交付，寄丢的请补寄")
    if not case.result_handed_out:
        return None
    return WrongState(f"{case.number}: 结果已经当面交付过，不能再交付一次")


def _cannot_answer(
    state: Folded, steps: Sequence[Step], point: str, data: Mapping[str, Any]
) -> WrongState | None:
    """An answer is to what does not count. What a later version counts is unknown to this one."""
    asked = next((step for step in steps if step.id == data["event"]), None)
    if asked is None or asked.verdict not in ("set_aside", "unknown"):
        return WrongState(f"{state.number}: 要答复的那条记录没有被搁置")
    if not may_answer(state, asked.author, point):
        return NotEntitled(f"{state.number}: 只有那条记录的作者一方可以答复")
    return None


def _cannot_answer_refusal(state: Folded, data: Mapping[str, Any]) -> WrongState | None:
    refused = state.refused if isinstance(state, StoreBook) else ()
    if data["author"] != state.number or all(r["n"] != data["n"] for r in refused):
        return WrongState(f"{state.number}: 区中心没有拒收过第 {data['n']} 条")
    return None


def _cannot_answer_offer(state: Folded, data: Mapping[str, Any]) -> WrongState | None:
    offers = state.offers if isinstance(state, StoreBook) else ()
    known = any(offer_key(offer) == offer_key(data) for offer in offers)
    if data["author"] != state.number or not known:
        return WrongState(f"{state.number}: 没有补送不进的第 {data['n']} 条")
    return None


def _cannot_void(
    subject: str, steps: Sequence[Step], point: str, data: Mapping[str, Any]
) -> WrongState | None:
    moves = [s for s in steps if s.verdict == "ok" and TYPES[s.type].to is not None]
    last = moves[-1] if moves else None
    if last is None or last.id != data["event"] or not may_take_back(last, point):
        return WrongState(f"{subject}: 只能作废本方刚做的最后一步")
    if last.type in UNVOIDABLE:
        return WrongState(f"{subject}: {UNVOIDABLE[last.type]}")
    return None


def may_take_back(step: Step, point: str) -> bool:
    """Whether the holder's last step is its own; what central did by a rule was in its name."""
    by_rule = step.author.startswith(f"{CENTRAL}.") and bool(step.data.get("rule"))
    return point_of(step.author) == point or by_rule


def _replay(state: Folded, events: list[Event]) -> Folded:
    for event in events:
        if event.type != VOID:
            state = EFFECTS[event.type](state, event)
    return state
