"""Acts among the people of a department and among departments: take up, hand over, ask, answer.

Like those of ``officer``: one function an act, in an open transaction, judged as things are now.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cases.desks import (
    HANDED_BACK,
    HANDED_OVER,
    OPINION_ASKED,
    OPINION_DAYS_MAX,
    OPINION_GIVEN,
    TAKEN_UP,
    VIEWS_ZH,
    cannot_ask,
    opinions_of,
)
from cases.fold import WrongState
from node.officer import Hand, needed, one_of, short, within
from node.permissions import NotPermitted

TAKEN_AT_ONCE_MAX = 50


@dataclass(frozen=True)
class Seat:
    """A department and the point where it sits."""

    department: str
    name: str
    to: str


def take_up(hand: Hand, number: str) -> str:
    """Take a case up out of the department's pool (接手)."""
    hand.begin("take_up", number)
    hand.state(TAKEN_UP, number)
    return "已接手"


def take_up_all(hand: Hand, numbers: Iterable[str]) -> str:
    """Take up several; what somebody else has taken in the meantime is left, and said."""
    left = []
    chosen = list(dict.fromkeys(numbers))[:TAKEN_AT_ONCE_MAX]
    for number in chosen:
        try:
            take_up(hand, number)
        except (WrongState, NotPermitted):
            left.append(number)
    done = f"已接手 {len(chosen) - len(left)} 件"
    return f"{done}；没有接手：{'、'.join(left)}（已由别人接手或不能接手）" if left else done


def hand_back(hand: Hand, number: str, *, note: str = "") -> str:
    """Give a case back to the department's pool (退回待办)."""
    hand.begin("hand_over", number)
    hand.state(HANDED_BACK, number, sealed={"note": short("note", note)})
    return "已退回部门待办"


def hand_to_officer(hand: Hand, number: str, officer: str, *, note: str) -> str:
    """Hand a case over to a colleague; ``officer`` is one whom the form offered."""
    hand.begin("hand_over", number)
    sealed = {"note": needed("note", note, "移交的说明")}
    hand.state(HANDED_OVER, number, sealed=sealed, officer=officer)
    return "已移交"


def hand_to_department(hand: Hand, number: str, seat: Seat, *, note: str) -> str:
    """Hand a case over to another department at this seat: it is on that one's worklist now."""
    case = hand.begin("hand_over", number).case
    if seat.department == case.department:
        raise WrongState(f"{number} 本来就在{seat.name}")
    hand.state(
        HANDED_OVER, number, sealed={"note": needed("note", note, "移交的说明")},
        department=seat.department, department_name=seat.name,
    )  # fmt: skip
    return f"已转给{seat.name}"


def ask_opinion(hand: Hand, number: str, seats: Iterable[Seat], *, days: int, question: str) -> str:
    """Ask other departments, all at once (并联征求意见)."""
    case, asked = hand.begin("ask_opinion", number).case, tuple(seats)
    sealed = {"question": needed("question", question, "要征求意见的问题")}
    within("days", days, OPINION_DAYS_MAX)
    for seat in asked:
        if problem := cannot_ask(case, seat.department, seat.to):
            raise WrongState(f"{number}：{seat.name}，{problem}")
        hand.state(
            OPINION_ASKED, number, sealed=sealed,
            department=seat.department, department_name=seat.name, to=seat.to, days=days,
        )  # fmt: skip
    return f"已征求 {len(asked)} 个部门的意见，{days} 个工作日内答复"


def give_opinion(hand: Hand, number: str, *, request: str, view: str, words: str = "") -> str:
    """Answer what this department was asked (答复征求意见)."""
    scene = hand.begin("give_opinion", number)
    asked = {o.event: o for o in opinions_of(scene.case, scene.point)}
    if request not in asked:
        raise WrongState(f"{number} 的这条征求意见已经答复过，或不用再答复了")
    if not hand.person.handles(asked[request].department):
        raise NotPermitted(f"这条征求的是{asked[request].department_name}的意见")
    one_of("view", view, VIEWS_ZH)
    plain = view == "agree"
    said = short("words", words) if plain else needed("words", words, "意见的内容和依据")
    hand.state(OPINION_GIVEN, number, sealed={"words": said}, request=request, view=view)
    return f"已答复：{VIEWS_ZH[view]}"
