"""A resident shows the receipt of another point's case, and this point becomes a party.

The receipt, or the notice of what is to be corrected: its code cannot be proved here, for the key
lies at the point that printed it, and at central. What this node states (``case.shown``) carries
the code, sealed, and intake proves it; whoever only knows a number gets nothing. What is taken in
here meanwhile is stated on the case at once, before the case is known here, and counts with the
rest when the history comes.
"""

from __future__ import annotations

from dataclasses import dataclass

from cases.fields import BadField
from cases.folded import Case
from cases.numbers import BadNumber, SubjectKind, parse_number
from cases.recall import RECEIPT
from cases.times import ago, day_of, in_shanghai
from courier.look.cards import WorkItem
from labels import tokens
from labels.shown import case_named
from node import asides, reveal
from node.ask import AskRefused, ask_central
from node.line import word_of
from node.local import Local
from node.officer import Hand, once
from node.people_card import opened
from node.permissions import RECEIVING, Person, require
from node.steps_card import point_name
from sync.errors import RemoteError

AWAITED_MAX = 20
LOOK_AGAIN_SECONDS = 2
VERB = "凭收件凭证调取办件"


@dataclass(frozen=True)
class Read:
    """What was scanned or typed: a case's number, and the receipt's code where there was one."""

    number: str
    code: str = ""


@dataclass(frozen=True)
class Awaited:
    """A case that is on its way here: what to tell who waits, and what was taken in meanwhile."""

    number: str
    title: str
    words: str
    tone: str
    taken: tuple[str, ...]
    look_again_seconds: int


def read(local: Local, typed: str) -> Read:
    """What a scanner or a person typed. :raises BadField: it is no receipt's code and no number."""
    text = tokens.token_in(typed)
    try:
        number, until = case_named(text)
    except tokens.NotAToken:
        return Read(_number(typed))
    except tokens.WrongPurpose:
        words = "这不是收件凭证上的码。请扫凭证右上角的码，或补正告知书上的码。"
        raise BadField("code", words, "No receipt's code.") from None
    if day_of(local.now()) > until:
        raise BadField(
            "code", "这张凭证的码过期了。请输入凭证上的办件编号。", "This code has expired."
        )
    return Read(number, text)


def case_in(typed: str) -> str:
    """The number of the case that a receipt's or notice's code names, or empty otherwise."""
    try:
        return case_named(tokens.token_in(typed))[0]
    except tokens.TokenError:
        return ""


def _number(typed: str) -> str:
    try:
        number = parse_number(typed)
    except BadNumber as problem:
        raise BadField("code", problem.message_zh, "No number of ours.") from None
    if number.kind is not SubjectKind.CASE:
        raise BadField("code", "这不是办件编号，请看凭证上“办件编号”一栏。", "No case's number.")
    return number.text


def is_here(local: Local, number: str) -> bool:
    """Whether this node holds the case itself."""
    case = local.store.case(number)
    return case is not None and bool(case.received_event)


def with_code(local: Local, found: Read, last_four: str, person: Person) -> Read:
    """The same with a code that central gives for a number and a last four; who asked is noted.

    :raises BadField: central does not know them together, or there is no line.
    """
    if not last_four.strip():
        words = "这一件不在本机。请扫凭证上的码；没带凭证的，再填证件或手机号后四位。"
        raise BadField("last_four", words, "Scan the code, or give the last four.")
    require(person, RECEIVING, VERB)
    reveal.note(local, found.number, VERB, person.id)
    fields = {"case": found.number, "last_four": last_four.strip()[:4], "actor": person.id}
    try:
        said = ask_central(local, RECEIPT, fields)
    except AskRefused as problem:
        raise BadField("last_four", f"{problem}。", "Number and last four do not fit.") from None
    except RemoteError:
        words = "现在连不上区中心，凭编号和后四位核对不了。请扫收件凭证上的码：没有网络也能记下。"
        raise BadField("code", words, "No line: please scan the receipt's code.") from None
    return Read(found.number, str(said.get("code") or ""))


def show(local: Local, found: Read, person: Person) -> None:
    """State, once, that the resident showed the receipt here. :raises NotPermitted: not by them."""
    require(person, RECEIVING, VERB)

    def work(hand: Hand) -> str:
        hand.state("case.shown", found.number, sealed={"token": found.code})
        return found.number

    case = local.store.case(found.number)
    if case is None or local.point.code not in case.shown_to:
        once(local, f"shown:{found.number}:{found.code}", person, work)


def card(local: Local, number: str) -> Awaited | None:
    """The page that waits for a case whose receipt was shown here; None if none was."""
    case = local.store.case(number)
    if case is None or local.point.code not in case.shown_to:
        refused = next((step.reason for step in asides.refused_steps(local, number)), "")
        title = "区中心没有承认这张凭证"
        return Awaited(number, title, refused, "error", (), 0) if refused else None
    place = point_name(local, local.store.home_of(number)) or "别的受理点"
    title, words, tone = "正在取，约几秒", f"{place}收的件，取到后自动打开。", "info"
    if not word_of(local.store).ok:
        title, tone = "网络断开：已记下，恢复后自动取", "stale"
        words = f"{place}收的件还不在本机。出示凭证的记录存在本机，不用再扫；现在可以先收材料。"
    return Awaited(number, title, words, tone, _taken(local, case), LOOK_AGAIN_SECONDS)


def _taken(local: Local, case: Case) -> tuple[str, ...]:
    """What was taken in here for a case, each with its time."""
    found = []
    for request in case.requests:
        fields = opened(local, request.event) or {}
        if papers := str(fields.get("papers") or ""):
            clock = in_shanghai(request.at).strftime("%H:%M")
            found.append(f"{clock}　{'、'.join(papers.splitlines())}")
    return tuple(found)


def awaited(local: Local) -> tuple[WorkItem, ...]:
    """The cases whose receipt was shown here and that have not come yet, the newest first."""
    rows = local.store.db.execute(
        "SELECT number FROM subjects WHERE kind='case' AND state='new'"
        " ORDER BY changed_at DESC LIMIT ?",
        [AWAITED_MAX],
    ).fetchall()
    cases = (local.store.case(number) for (number,) in rows)
    return tuple(
        WorkItem(case.number, f"/shown/{case.number}", "正在取", ago(case.changed_at, local.now()))
        for case in cases
        if case is not None and local.point.code in case.shown_to
    )
