"""What did not count: facts the fold set aside, events intake refused or could not take in when
they were offered after a restore; who answers, in what words.

Each waits for a person of one point, or of the district for what is central's own, and holds back
nothing else. An answer (``aside.answered``, ``store.refusal_answered``, ``store.offer_answered``)
is a fact beside it: the reason stays in the history, the task goes.
"""

from __future__ import annotations

from dataclasses import dataclass

from cases.events import CENTRAL, point_of
from cases.folded import Answer, Folded, Step, StoreBook

#: What a person can say of something that did not count.
HOW_ZH = {
    "corrected": "已用新记录改正",
    "told": "已与申请人说明",
    "reported": "系统问题，已报区中心",
    "no_need": "核实过，不用再做什么",
}
#: What can be done with a refused event beside: the same is stated anew, as a new event.
RESTATED, RESTATED_ZH = "restated", "按原样重新登记一次（推荐）"
#: What the district's supervisors can say.
AT_CENTRAL_ZH = {
    "corrected": HOW_ZH["corrected"],
    "told": HOW_ZH["told"],
    "handed_on": "系统问题，已请技术人员处理",
    "no_need": HOW_ZH["no_need"],
}
#: What nobody need say of an offer: another party gave its place whole.
ARRIVED, _ARRIVED_ZH = "arrived", "后来完整收到了"


def said(how: str) -> str:
    """An answer in words; one of a newer version as it stands."""
    more = {RESTATED: "已按原样重新登记", ARRIVED: _ARRIVED_ZH}
    return {**HOW_ZH, **AT_CENTRAL_ZH, **more}.get(how, how)


class _Waiting:
    """What did not count, since when, and the answer."""

    at: str
    answer: Answer | None

    @property
    def rank(self) -> tuple[bool, str]:
        """What is not answered first, and of that the oldest first."""
        return self.answer is not None, self.at


class _OfStore(_Waiting):
    """What did not count of a store."""

    author: str

    @property
    def point(self) -> str:
        """The point whose store wrote it, or is said to have: that one may be lost."""
        return point_of(self.author)


@dataclass(frozen=True)
class Aside(_Waiting):
    """A fact that was set aside: of what, which, by whom, why; who answers it, and the answer.

    ``point`` is empty where nobody has stated yet whose subject it is: whoever holds it answers.
    """

    subject: str
    event: str
    type: str
    at: str
    author: str
    reason: str
    point: str
    answer: Answer | None

    @property
    def words(self) -> str:
        """The reason where the subject's number stands beside it."""
        return self.reason.removeprefix(self.subject).lstrip(": ")

    @property
    def of_central(self) -> bool:
        """Whether a process of central stated it: then the district's supervisors answer it too."""
        return point_of(self.author) == CENTRAL


@dataclass(frozen=True)
class Refusal(_OfStore):
    """An event that central refused to journal: of which store, its place there, why, when.

    The store's point answers it, from whatever store.
    """

    author: str
    n: int
    why: str
    at: str
    answer: Answer | None


@dataclass(frozen=True)
class Offer(_OfStore):
    """What a party offered of a store after a restore and central could not take in, but answers.

    ``what`` (its type) and ``subject`` are what it says of itself, if it can be read.
    """

    author: str
    n: int
    hash: str
    offered_by: str
    why: str
    what: str
    subject: str
    at: str
    answer: Answer | None


NotCounted = Aside | Refusal | Offer


def answerer(subject: Folded, author: str) -> str:
    """The point that answers a fact set aside: its author's, or, if central's, the receiver."""
    party = point_of(author)
    return subject.point if party == CENTRAL else party


def may_answer(subject: Folded, author: str, party: str) -> bool:
    """Whether a party may answer a fact set aside: what central stated, central may answer too."""
    return party in (answerer(subject, author), point_of(author)) or not answerer(subject, author)


def asides(subject: Folded) -> tuple[Aside, ...]:
    """The facts of a subject that were set aside, in the order of its history."""
    return tuple(_aside(subject, step) for step in subject.set_aside)


def _aside(subject: Folded, step: Step) -> Aside:
    return Aside(
        subject.number,
        step.id,
        step.type,
        step.at,
        step.author,
        step.reason,
        answerer(subject, step.author),
        step.answer,
    )


def refusals(subject: Folded) -> tuple[Refusal, ...]:
    """What central refused of a store, in the order it was refused."""
    if not isinstance(subject, StoreBook):
        return ()
    counted = [s for s in subject.steps if s.type == "store.refused" and s.verdict == "ok"]
    at = {step.data["n"]: step.at for step in reversed(counted)}
    return tuple(
        Refusal(
            subject.number,
            r["n"],
            str(r["why"]),
            at.get(r["n"], ""),
            subject.answers.get(str(r["n"])),
        )
        for r in subject.refused
    )


def offers(subject: Folded) -> tuple[Offer, ...]:
    """What was offered of a store and could not be taken in, in the order it was met."""
    if not isinstance(subject, StoreBook):
        return ()
    return tuple(
        Offer(
            subject.number,
            o["n"],
            str(o["hash"]),
            str(o["offered_by"]),
            str(o["why"]),
            str(o.get("what") or ""),
            str(o.get("subject") or ""),
            str(o["at"]),
            subject.answers.get(f"{o['n']}:{o['hash']}"),
        )
        for o in subject.offers
    )


def every(subject: Folded) -> tuple[NotCounted, ...]:
    """Everything of a subject that did not count."""
    return (*asides(subject), *refusals(subject), *offers(subject))


def unanswered(subject: Folded) -> int:
    """How many things of a subject did not count and wait for an answer."""
    return [found.answer for found in every(subject)].count(None)


def not_counted(subject: Folded) -> int:
    """How many things of a subject did not count, answered or not."""
    return len(every(subject))


@dataclass(frozen=True)
class Advice:
    """What a reason means for whoever reads it, and what to do next."""

    means: str
    do: str


_AGAIN = "请核对这件现在的情况，要紧的用新的一步重新登记，再在这里答复。"
_CALL = "请给区中心打电话，报上节点和第几条；要紧的用新的一步重新登记，再在这里答复。"
_REFUSALS = (
    ("看不懂", "这条的内容坏了，或者是更新版本的软件写的，区中心读不出来。", _CALL),
    ("发件箱收不下", "这条太大或者格式不对，传不到区中心。", _AGAIN),
    ("作者或序号", "这条放错了位置，区中心不能确认它是第几条。", _CALL),
    ("编号已被", "同一个编号已经用在另一条上，可能有两台电脑用过同一份数据。", _AGAIN),
    ("与前一条", "次序断了，多半是数据从备份恢复过，或者磁盘出过错。", _CALL),
    ("签名", "这条被改动过，区中心不能确认是本受理点写的。", _CALL),
    ("编号不属于", "这个编号是别的受理点的，本受理点不能用它收件。", _AGAIN),
    ("凭证上的码", "这个码不是这件的收件凭证上的，本受理点不能凭它看这件。", _AGAIN),
    ("没有附上", "区中心打不开这条里的个人信息。", _AGAIN),
)
_REFUSED = Advice("区中心没有收下这条，别的受理点看不到它。", _CALL)
OFFERED = Advice("数据恢复时，别的受理点把这条补送给区中心，区中心没能收下。", "由区中心答复。")
ASIDE = Advice(
    "这一步没有算数，状态没有因它改变。",
    "需要的话，按现在允许的步骤重新做一次；跟申请人说过的，请再说明。然后在这里答复。",
)


def of_refusal(why: str) -> Advice:
    """What central's reason means in plain words, and what to do next."""
    for begins, means, do in _REFUSALS:
        if why.startswith(begins):
            return Advice(f"{means}别的受理点看不到它。", do)
    return _REFUSED
