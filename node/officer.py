"""What is done with a case after it was received: one function an act, in an open transaction.

Every act judges the person, the case and its papers as they are *now*, inside the transaction, so
that a page that has become stale changes nothing; the fold judges the point.

::

    NotPermitted   this person may not do it
    WrongState     the case does not allow it now (NotEntitled: another point must do it)
    BadField       something typed cannot be right
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from cases.calendar import Calendar
from cases.desks import open_opinions
from cases.fields import BadField, past_day
from cases.fold import VOID, WrongState
from cases.folded import Case
from cases.originals import brought
from cases.papers import originals
from cases.states import CaseState
from node.actions import (
    ACTIONS,
    Scene,
    last_step,
    originals_to_file,
    refused_to,
    stands_against,
)
from node.issuing import with_number
from node.local import Local
from node.permissions import NotPermitted, Person
from node.whereabouts import here_to_give, to_hand_out
from sync.groups import siblings_of
from sync.writing import Writing

RESULTS = {"paper": "纸质证照或文书", "electronic": "电子证照或文书", "none": "没有结果物"}
DELIVERIES = {"mail": "寄给申请人", "window": "申请人到窗口领取"}
TOLD_HOW = {"phone": "打电话", "in_person": "当面", "sms": "发短信"}
RECEIVERS = {"applicant": "申请人本人", "agent": "代理人"}
TEXT_MAX = 2_000
SHORT_MAX = 100
REMEDIES = (
    "如不服本决定，可以自收到决定书之日起 60 日内向本级人民政府申请行政复议，"
    "或者自收到决定书之日起 6 个月内向有管辖权的人民法院提起行政诉讼。"
)


@dataclass(frozen=True)
class Hand:
    """Whose hand does it: an open transaction, the person signed in, and which days are worked."""

    w: Writing
    person: Person
    calendar: Calendar

    def scene(self, number: str) -> Scene:
        """The case as it is now. :raises WrongState: it is not here."""
        case = self.w.store.case(number)
        if case is None:
            raise WrongState(f"本机没有 {number} 这件")
        parcels = self.w.store.parcels_of(number)
        others = siblings_of(self.w.store, case)
        return Scene(case, parcels, self.w.identity.author, self.calendar, self.w.at, others)

    def begin(self, name: str, number: str) -> Scene:
        """The scene of an action, if this person may do it and the case allows it."""
        action, scene = ACTIONS[name], self.scene(number)
        if problem := stands_against(action, scene):
            raise WrongState(problem)
        if problem := refused_to(action, scene.case, self.person):
            raise NotPermitted(problem)
        return scene

    def state(self, type: str, number: str, /, *, sealed: object = None, **data: object) -> None:
        """State one fact; empty optional parts are left out."""
        private = {k: v for k, v in sealed.items() if v} if isinstance(sealed, dict) else None
        numbered = with_number(self.w, type, number, data)
        self.w.state(type, number, numbered, actor=self.person.id, sealed=private)


def once(local: Local, op: str, person: Person, work: Callable[[Hand], str]) -> str:
    """Do an operation in one durable transaction, once: a repeat gives the first answer."""
    with local.writing() as w:
        done = w.once(op)
        if done is not None:
            return done
        answer = work(Hand(w, person, local.bundle.calendar))
        w.done(op, answer)
        return answer


def needed(field: str, text: str, what: str, chars_max: int = TEXT_MAX) -> str:
    """A text that must be there. :raises BadField: it is empty or too long."""
    if not text.strip():
        raise BadField(field, f"还没有填{what}。", "Please fill this in.")
    return short(field, text, chars_max)


def short(field: str, text: str, chars_max: int = TEXT_MAX) -> str:
    """A text of at most ``chars_max`` characters. :raises BadField: it is longer."""
    if len(text) > chars_max:
        raise BadField(
            field, f"最多 {chars_max} 个字，现在有 {len(text)} 个。", "This is too long."
        )
    return text.strip()


def one_of(field: str, value: str, allowed: Iterable[str]) -> str:
    """A value that is offered. :raises BadField: it is not."""
    if value not in allowed:
        raise BadField(field, "请选一项。", "Please choose one.")
    return value


def within(field: str, days: int, days_max: int) -> int:
    """A number of days that is offered. :raises BadField: it is not."""
    if not 1 <= days <= days_max:
        raise BadField(field, f"请填 1 到 {days_max} 天。", f"From 1 to {days_max} days.")
    return days


# taking on and deciding


def accept(hand: Hand, number: str) -> str:
    """Take the case on (受理). What another point decides is passed on to it, taken on."""
    case = hand.begin("accept", number).case
    hand.state("case.accepted", number)
    if not case.waits_at_receiver:
        return "已受理"
    _pass_on(hand, case)
    return "已受理，转到有权审批的部门"


def not_accept(hand: Hand, number: str, *, reason: str, where_to_go: str = "") -> str:
    """Do not take it on, with the reason and where to go instead (不予受理)."""
    hand.begin("not_accept", number)
    sealed = {
        "reason": needed("reason", reason, "不予受理的理由"),
        "where_to_go": short("where_to_go", where_to_go),
    }
    hand.state("case.not_accepted", number, sealed=sealed)
    return "已作出不予受理决定"


def _unheard(case: Case, *, waived: bool) -> dict[str, int]:
    """How many asked departments have not answered. :raises BadField: nobody said to go on."""
    waiting = open_opinions(case)
    if waiting and not waived:
        names = "、".join(o.department_name for o in waiting)
        raise BadField("unheard", f"{names}还没有答复意见，不等回复的请勾选。", "Not all answered.")
    return {"unheard": len(waiting)} if waiting else {}


def approve(hand: Hand, number: str, *, remark: str = "", unheard: bool = False) -> str:
    """Grant what was applied for (准予); ``unheard``: without waiting for every opinion."""
    case = hand.begin("approve", number).case
    said = {"remark": short("remark", remark)}
    hand.state("case.approved", number, sealed=said, **_unheard(case, waived=unheard))
    return "已作出准予决定"


def refuse(hand: Hand, number: str, *, grounds: str, remedies: str, unheard: bool = False) -> str:
    """Refuse it, with grounds and the legal remedies (不予许可，行政许可法第三十八条)."""
    case = hand.begin("refuse", number).case
    said = _refusal(grounds, remedies)
    hand.state("case.refused", number, sealed=said, **_unheard(case, waived=unheard))
    return "已作出不予许可决定"


def _refusal(grounds: str, remedies: str) -> dict[str, str]:
    return {
        "grounds": needed("grounds", grounds, "不予许可的理由和依据"),
        "remedies": needed("remedies", remedies, "救济途径和期限"),
    }


@dataclass(frozen=True)
class Elsewhere:
    """A decision that was made in another system: which one, its number there, its day."""

    system: str
    number: str
    day: str


def record_elsewhere(
    hand: Hand,
    number: str,
    *,
    approved: bool,
    elsewhere: Elsewhere,
    grounds: str = "",
    remedies: str = "",
) -> str:
    """Record a decision made in another system; what was not taken on yet is taken on with it."""
    scene = hand.begin("elsewhere", number)
    sealed = {
        "elsewhere_system": needed("system", elsewhere.system, "系统名称", SHORT_MAX),
        "elsewhere_number": needed("number", elsewhere.number, "在该系统的编号", SHORT_MAX),
    }
    day = past_day("day", elsewhere.day, hand.w.day).isoformat()
    if not approved:
        sealed |= _refusal(grounds, remedies)
    if scene.case.state is not CaseState.ACCEPTED:
        hand.state("case.accepted", number)
    kind = "case.approved" if approved else "case.refused"
    hand.state(kind, number, sealed=sealed, elsewhere_date=day)
    return "已登记其他系统作出的决定"


@dataclass(frozen=True)
class Outcome:
    """What completing a case leaves: the result, how it is delivered, which originals are filed."""

    result: str
    delivery: str
    filed: tuple[int, ...] = ()


def complete(hand: Hand, number: str, outcome: Outcome) -> str:
    """Complete a decided case (办结)."""
    scene = hand.begin("complete", number)
    _complete(hand, scene.case, outcome)
    return "已办结"


def _complete(hand: Hand, case: Case, outcome: Outcome) -> None:
    result = one_of("result", outcome.result, RESULTS)
    known = {m.position for m in originals(case)}
    filed = sorted({*outcome.filed} & known)
    gives = result != "none" or bool(known - set(filed))
    delivery = one_of("delivery", outcome.delivery, DELIVERIES) if gives else "none"
    hand.state(
        "case.completed", case.number,
        result=result, delivery=delivery, filed=filed, brought=brought(case, filed),
    )  # fmt: skip


# going back, asking


def send_back(hand: Hand, number: str, *, reason: str) -> str:
    """Give the case back to the point that received it (退回受理点)."""
    hand.begin("send_back", number)
    sealed = {"reason": needed("reason", reason, "退回的理由")}
    hand.state("case.sent_back", number, sealed=sealed)
    return "已退回受理点"


def forward(hand: Hand, number: str) -> str:
    """Forward a case that was sent back, to the body that decides it."""
    case = hand.begin("forward", number).case
    _pass_on(hand, case)
    return "已重新转办"


def _pass_on(hand: Hand, case: Case) -> None:
    hand.state("case.forwarded", case.number, to=case.deciding, department=case.department)


def ask_withdrawal(hand: Hand, number: str, *, reason: str) -> str:
    """Ask the holder, on the applicant's word, to withdraw the case."""
    hand.begin("ask_withdrawal", number)
    sealed = {"reason": needed("reason", reason, "撤回的原因")}
    hand.state("case.withdrawal_requested", number, sealed=sealed)
    return "已提出撤回申请，等经办方答复"


def take_papers(hand: Hand, number: str, *, papers: str, note: str = "") -> str:
    """Record papers that the applicant handed in here, for the holder to answer (代收补充材料)."""
    hand.begin("take_papers", number)
    sealed = {
        "papers": needed("papers", papers, "收了哪些材料"),
        "note": short("note", note),
    }
    hand.state("case.papers_received", number, sealed=sealed)
    return f"已记下：{number} 收到补充材料"


def withdraw(hand: Hand, number: str) -> str:
    """Withdraw the case on the applicant's word (撤回), by the holder."""
    hand.begin("withdraw", number)
    hand.state("case.withdrawn", number)
    return "已撤回"


def void(hand: Hand, number: str, *, event: str, reason: str) -> str:
    """Void the last step of this point (作废上一步); ``event`` is the one the person saw."""
    scene = hand.begin("void", number)
    if last_step(scene) != event:
        raise WrongState(f"{number} 在您打开页面后又有变化，请核对后再作废")
    sealed = {"reason": needed("reason", reason, "作废的理由")}
    hand.state(VOID, number, sealed=sealed, event=event)
    return "已作废上一步"


# telling, giving, filing, closing


def tell(hand: Hand, number: str, *, how: str, note: str = "") -> str:
    """Record that the applicant was told how the case ended (告知申请人)."""
    hand.begin("tell", number)
    one_of("how", how, TOLD_HOW)
    hand.state("case.resident_told", number, sealed={"note": short("note", note)}, how=how)
    return "已记录告知"


@dataclass(frozen=True)
class Receiver:
    """Who took something at the window: applicant or agent, the name, how they proved it."""

    to: str
    name: str = ""
    checked: str = ""


def hand_out(hand: Hand, number: str, positions: Iterable[int], receiver: Receiver) -> str:
    """Give the result (position 0) and originals to the applicant or the agent."""
    scene = hand.begin("hand_out", number)
    chosen = set(positions)
    due = {o.position for o in to_hand_out(scene.case, scene.parcels, scene.point)}
    if not chosen:
        raise BadField("positions", "请勾选这次交付了哪些。", "Choose what was given.")
    if not chosen <= due:
        raise WrongState(f"{number} 有的材料已经交付或不在本窗口，请刷新后再试")
    _give(hand, scene.case, chosen, receiver)
    return "已记录当面交付"


def _give(hand: Hand, case: Case, chosen: set[int], receiver: Receiver) -> None:
    to = one_of("to", receiver.to, RECEIVERS)
    if to == "agent" and not receiver.name.strip():
        raise BadField("receiver", "请填写代理人姓名。", "Please name the agent.")
    sealed = {
        "receiver": short("receiver", receiver.name, SHORT_MAX),
        "checked": needed("checked", receiver.checked, "怎样核对的身份", SHORT_MAX),
    }
    positions = sorted(chosen - {0})
    hand.state(
        "case.handed_out", case.number, sealed=sealed,
        result=0 in chosen, positions=positions, brought=brought(case, positions), to=to,
    )  # fmt: skip


def file_originals(hand: Hand, number: str, positions: Iterable[int]) -> str:
    """File originals that the law keeps (材料归档)."""
    scene = hand.begin("file_originals", number)
    chosen = set(positions)
    if not chosen:
        raise BadField("positions", "请勾选要归档的原件。", "Choose what is filed.")
    if not chosen <= set(originals_to_file(scene)):
        raise WrongState(f"{number} 有的原件已经归档、退还或不在本窗口，请刷新后再试")
    positions = sorted(chosen)
    since = brought(scene.case, positions)
    hand.state("case.originals_filed", number, positions=positions, brought=since)
    return "已记录原件归档"


def close(hand: Hand, number: str) -> str:
    """Close the case (归档): everything is in the right hands."""
    hand.begin("close", number)
    hand.state("case.closed", number)
    return "已归档"


def settle_at_once(
    hand: Hand, number: str, *, remark: str, outcome: Outcome, receiver: Receiver
) -> str:
    """Accept, approve, complete, hand out and tell in one transaction (当场办结).

    What a rule has approved already (秒批) is only completed, handed out and told.
    """
    case = hand.begin("at_once", number).case
    if case.state is CaseState.RECEIVED:
        hand.state("case.accepted", number)
        hand.state("case.approved", number, sealed={"remark": short("remark", remark)})
    _complete(hand, case, Outcome(outcome.result, "window", outcome.filed))
    scene = hand.scene(number)
    due = {o.position for o in here_to_give(scene.case, scene.parcels, scene.point)}
    if due:
        _give(hand, scene.case, due, receiver)
    hand.state("case.resident_told", number, how="in_person")
    return "当场办结"
