"""What may be done with a case next, by whom, under which key: one table, judged by the fold.

An action is offered when the fold would take it, the case's papers call for it, and the person
signed in may do it. Nothing here writes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from cases.bundles import awaited
from cases.calendar import Calendar
from cases.case_rows import UNDECIDED
from cases.corrected import CORRECTED
from cases.dates import CONFIRMED, doubtful
from cases.desks import (
    HANDED_OVER,
    OPINION_ASKED,
    OPINION_GIVEN,
    TAKEN_UP,
    open_opinions,
    opinions_of,
)
from cases.fold import UNVOIDABLE, VOID, may_take_back, objection
from cases.folded import Case, Parcel
from cases.issued import RESULT_ISSUED, live_result
from cases.papers import SETTLED, may_close, originals, outgoing, owed
from cases.proceedings import EXTENDED, LAPSED, NOTICED, SUPPLEMENTED, SUSPENDED
from cases.slips import standing
from cases.states import CaseState
from cases.table import TYPES
from cases.tasks import Task, case_tasks
from cases.timely import has_lapsed, untimely
from node.permissions import DECIDING, LEAD, RECEIVING, Person, refusal
from node.whereabouts import place_of, to_hand_out


@dataclass(frozen=True)
class Scene:
    """What the judgement reads: the case, its parcels, where and as whom we are, and the day."""

    case: Case
    parcels: tuple[Parcel, ...]
    author: str
    calendar: Calendar
    now: str
    siblings: tuple[Case, ...] = ()
    """The cases received together with it (一件事), as far as this point holds them."""

    @property
    def point(self) -> str:
        """The point that this node stands at."""
        return self.author.split(".", 1)[0]

    def tasks(self) -> tuple[Task, ...]:
        """What this point must do next for the case, most pressing first."""
        over = has_lapsed(self.case, self.calendar, self.now)
        return case_tasks(self.case, self.parcels, self.point, lapsed=over, awaited=self.awaited)

    @property
    def awaited(self) -> int:
        """How many results of the same reception it is to be posted with are not there yet."""
        return len(awaited(self.case, self.siblings, self.calendar, self.now))


def _always(scene: Scene) -> bool:
    return True


@dataclass(frozen=True)
class Action:
    """One thing to do: its event, its words and key, and which of the staff do it."""

    name: str
    type: str
    zh: str
    key: str
    roles: frozenset[str]
    form: bool = True
    fits: Callable[[Scene], bool] = field(default=_always)
    tone: str = "secondary"
    tries: Mapping[str, object] = field(default_factory=dict)
    """What its event says at the least, where the rules look at it."""
    rare: bool = False
    """Whether it stands folded away unless it is what is next."""

    @property
    def departmental(self) -> bool:
        """Whether it is an act of the deciding department, not of the counter."""
        return self.roles == DECIDING


def _at_once(scene: Scene) -> bool:
    case = scene.case
    return (
        case.immediate
        and (case.state is CaseState.RECEIVED or _by_rule(case))
        and not case.forwarded
        and not case.requests
        and not open_opinions(case)
    )


def _to_take_on_here(case: Case) -> bool:
    return case.waits_at_receiver and case.state is not CaseState.ACCEPTED


def _by_rule(case: Case) -> bool:
    """Whether a rule has approved it (秒批), so that only the rest is left to do at once."""
    return case.state is CaseState.APPROVED and bool(case.rule)


def _in_the_pool(scene: Scene) -> bool:
    return not scene.case.officer and scene.case.state in UNDECIDED


def _taken_up(scene: Scene) -> bool:
    return bool(scene.case.officer)


def _to_consult(scene: Scene) -> bool:
    return not scene.case.immediate


def _asked_here(scene: Scene) -> bool:
    return bool(opinions_of(scene.case, scene.point))


def _to_send_back(scene: Scene) -> bool:
    return scene.point != scene.case.point


def _originals_here(scene: Scene) -> bool:
    return bool(scene.case.state in SETTLED and originals_to_file(scene))


def originals_to_file(scene: Scene) -> tuple[int, ...]:
    """Positions of the originals that lie here and are neither filed nor given back."""
    case, point = scene.case, scene.point
    here = {
        m.position
        for m in originals(case)
        if place_of(case, m, scene.parcels, lambda code: code).point == point
    }
    waiting = (o.position for o in owed(case, scene.parcels) if not o.on_the_way)
    return tuple(position for position in waiting if position in here)


def _to_correct(scene: Scene) -> bool:
    return scene.case.state is CaseState.CORRECTION


def _to_call(scene: Scene) -> bool:
    """The point that follows up calls, and the one whose turn it is."""
    return scene.point in (scene.case.point, scene.case.holder)


def _something_to_give(scene: Scene) -> bool:
    return bool(to_hand_out(scene.case, scene.parcels, scene.point))


def _to_ask_for(scene: Scene) -> bool:
    asked = any(r.type == "case.withdrawal_requested" for r in scene.case.requests)
    return scene.point != scene.case.holder and not asked


def last_step(scene: Scene) -> str:
    """The id of the step that this point may void, or empty."""
    case = scene.case
    moves = [
        step
        for step in case.steps
        if step.verdict == "ok" and step.type != VOID and TYPES[step.type].to is not None
    ]
    last = moves[-1] if moves else None
    if last is None or last.type in UNVOIDABLE:
        return ""
    if not may_take_back(last, scene.point):
        return ""
    return "" if _has_left(scene, last.at) else last.id


def _has_left(scene: Scene, since: str) -> bool:
    """Whether the step's outcome has already reached somebody outside."""
    case = scene.case
    told = bool(case.told_at) and case.told_at >= since
    return told or case.result_handed_out or outgoing(case, 0, scene.parcels) is not None


def _slips_to_choose(scene: Scene) -> bool:
    """Whether a slip waits for its check, or another one than the confirmed could be taken."""
    case = scene.case
    return any(slip.event != case.confirmed_slip for slip in standing(case))


ACTIONS: dict[str, Action] = {
    action.name: action
    for action in (
        Action("settle_request", "case.request_settled", "答复申请", "r", DECIDING | RECEIVING,
               fits=lambda s: bool(s.case.requests)),
        Action("at_once", "case.accepted", "当场办结", "d", DECIDING, fits=_at_once),
        Action("accept", "case.accepted", "受理", "a", DECIDING, form=False),
        Action("notice_correction", NOTICED, "一次告知补正", "1", DECIDING),
        Action("not_accept", "case.not_accepted", "不予受理", "n", DECIDING),
        Action("supplement", SUPPLEMENTED, "收补正材料", "2", RECEIVING, fits=_to_correct),
        Action("approve", "case.approved", "准予", "y", DECIDING),
        Action("refuse", "case.refused", "不予许可", "x", DECIDING),
        Action("give_opinion", OPINION_GIVEN, "答复征求意见", "8", DECIDING, fits=_asked_here),
        Action("resume", "case.resumed", "恢复计算期限", "4", DECIDING, form=False),
        Action("complete", "case.completed", "办结", "f", DECIDING),
        Action("issue", RESULT_ISSUED, "出证", "e", DECIDING,
               fits=lambda s: live_result(s.case) is None and _granted(s)),
        Action("reissue", RESULT_ISSUED, "换发", "e", DECIDING,
               fits=lambda s: live_result(s.case) is not None),
        Action("forward", "case.forwarded", "重新转办", "z", RECEIVING, form=False,
               fits=lambda s: s.case.forwarded and not _to_take_on_here(s.case)),
        Action("confirm_slip", "slip.confirmed", "核对寄递单", "k", RECEIVING, form=False,
               fits=_slips_to_choose),
        Action("hand_out", "case.handed_out", "当面交付", "g", RECEIVING, fits=_something_to_give),
        Action("tell", "case.resident_told", "告知申请人", "t", RECEIVING,
               fits=lambda s: not s.case.told_at),
        Action("close", "case.closed", "归档", "l", RECEIVING, form=False,
               fits=lambda s: may_close(s.case, s.parcels) is None),
        Action("call", "case.called", "电话联系", "3", RECEIVING, fits=_to_call),
        Action("confirm_date", CONFIRMED, "核对日期", "9", DECIDING | RECEIVING,
               fits=lambda s: bool(doubtful(s.case, s.point))),
        Action("correct_here", CORRECTED, "当场更正", "g", RECEIVING),
        Action("take_up", TAKEN_UP, "接手", "t", DECIDING, form=False, fits=_in_the_pool),
        Action("elsewhere", "case.approved", "登记其他系统的决定", "e", DECIDING,
               fits=lambda s: not s.case.waits_at_receiver, rare=True),
        Action("suspend", SUSPENDED, "启动特别程序", "4", DECIDING, tries={"kind": "hearing"},
               rare=True),
        Action("extend", EXTENDED, "延长审批期限", "5", DECIDING, tries={"days": 1}, rare=True),
        Action("lapse", LAPSED, "终止（逾期未补正）", "6", DECIDING, tone="danger"),
        Action("send_back", "case.sent_back", "退回受理点", "u", DECIDING, fits=_to_send_back,
               rare=True),
        Action("ask_opinion", OPINION_ASKED, "征求部门意见", "7", DECIDING, fits=_to_consult,
               tries={"days": 1}, rare=True),
        Action("hand_over", HANDED_OVER, "移交", "z", DECIDING, fits=_taken_up,
               tries={"officer": "s"}, rare=True),
        Action("file_originals", "case.originals_filed", "原件归档", "o", DECIDING | RECEIVING,
               fits=_originals_here),
        Action("take_papers", "case.papers_received", "代收补充材料", "2", RECEIVING,
               fits=lambda s: s.point != s.case.holder and not _to_correct(s)),
        Action("ask_withdrawal", "case.withdrawal_requested", "代申请人提出撤回", "q", RECEIVING,
               fits=_to_ask_for, rare=True),
        Action("withdraw", "case.withdrawn", "撤回", "q", DECIDING | RECEIVING, tone="danger",
               fits=lambda s: not s.case.requests, rare=True),
        Action("void", VOID, "作废上一步", "v", DECIDING, tone="danger",
               fits=lambda s: bool(last_step(s)), rare=True),
    )
}  # fmt: skip

#: The action that does a task of :func:`cases.tasks.case_tasks`.
OF_TASK = {
    "settle_request": ("settle_request",),
    "accept": ("at_once", "accept"),
    "notice_missing": ("notice_correction",),
    "forward": ("forward",),
    "decide": ("approve",),
    "give_opinion": ("give_opinion",),
    "complete": ("at_once", "complete"),
    "lapse": ("lapse",),
    "resume": ("resume",),
    "hand_out": ("hand_out",),
    "give_back": ("hand_out",),
    "confirm_slip": ("confirm_slip",),
    "tell_resident": ("tell",),
    "tell_correction": ("call",),
    "fetch_papers": ("call",),
    "confirm_date": ("confirm_date",),
    "close": ("close",),
}
#: What the counter does itself where the point is empowered to take a case on (受理点受理).
OF_THE_COUNTER = ("accept", "notice_correction", "not_accept", "lapse")
#: What is left for the counter once a case is settled.
AFTER_SETTLING = ("tell", "hand_out", "close")


def _granted(scene: Scene) -> bool:
    decision = scene.case.decision
    return decision is not None and decision.approved and not decision.elsewhere_date


def stands_against(action: Action, scene: Scene) -> str:
    """Why the case does not allow the action now, or empty; the person is not judged here."""
    if scene.case.read_only:
        return "本件含有新版本的记录，本机只能查看，请先升级软件"
    type = "case.completed" if action.name == "at_once" and _by_rule(scene.case) else action.type
    row = TYPES[type]
    blank = {name.rstrip("?"): kind() for name, kind in row.open.items()} | dict(action.tries)
    if action.type == OPINION_GIVEN and (asked := opinions_of(scene.case, scene.point)):
        blank |= {"request": asked[0].event, "view": "agree"}
    if action.name == "elsewhere" and scene.case.state is not CaseState.ACCEPTED:
        row = TYPES["case.accepted"]
    problem = objection(scene.case, row, type, scene.author, blank)
    if problem is not None:
        return str(problem)
    if late := untimely(scene.case, action.type, scene.calendar, scene.now):
        return late
    if not action.fits(scene):
        return f"{scene.case.number} 现在不需要或不能{action.zh}"
    return ""


def offered(scene: Scene, person: Person) -> tuple[Action, ...]:
    """The actions open to this person now, most pressing first."""
    return tuple(
        action
        for action in ACTIONS.values()
        if not stands_against(action, scene) and not refused_to(action, scene.case, person)
    )


def refused_to(action: Action, case: Case, person: Person) -> str:
    """Why this person may not do it, or empty."""
    if action.type == OPINION_GIVEN:
        return _not_asked(action, case, person)
    if case.waits_at_receiver and action.name in OF_THE_COUNTER:
        return refusal(person, RECEIVING, action.zh)
    judged = case if action.departmental else None
    if problem := refusal(person, action.roles, action.zh, judged):
        return problem
    if action.departmental and LEAD not in person.roles and case.officer not in ("", person.id):
        return f"本件已由同事接手，要由接手的人或负责人来{action.zh}"
    return ""


def _not_asked(action: Action, case: Case, person: Person) -> str:
    """An opinion is given by the departments that were asked, and not by the one that decides."""
    asked = any(person.handles(o.department) for o in open_opinions(case))
    if asked or not person.roles & action.roles:
        return refusal(person, action.roles, action.zh)
    return f"没有征求您负责的部门的意见，不能{action.zh}"


def primary(scene: Scene, open_to: tuple[Action, ...]) -> Action | None:
    """The one next action: what the most pressing task of this point asks for."""
    by_name = {action.name: action for action in open_to}
    for task in scene.tasks():
        for name in OF_TASK.get(task.kind, ()):
            if name in by_name:
                return by_name[name]
    if scene.case.state in SETTLED:
        return next((by_name[name] for name in AFTER_SETTLING if name in by_name), None)
    return None
