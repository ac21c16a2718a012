"""Answering what did not count: one person's word, stated once, in an open transaction."""

from __future__ import annotations

from cases import aside
from cases.aside import HOW_ZH, RESTATED, Refusal
from cases.aside import said as said_in_words
from cases.fold import WrongState
from cases.folded import Folded
from node.asides import ASIDE, PARKED, REFUSED
from node.officer import TEXT_MAX, Hand, one_of, short
from sync import parked
from sync.push import outbox_id
from sync.seal import CannotUnseal

ALREADY = "这一条已经有人答复过了，下面是现在的情况"


def answer(hand: Hand, kind: str, which: str, *, how: str, words: str) -> str:
    """Say what became of something that did not count. :returns: words for who said it.

    :raises WrongState: there is nothing of the kind, it is answered, or another point answers it.
    :raises BadField: something typed cannot be right.
    """
    one_of("how", how, [*HOW_ZH, *([RESTATED] if kind == REFUSED else [])])
    said = short("words", words, TEXT_MAX)
    _KINDS[kind](hand, which, how, said)
    return f"已答复：{said_in_words(how)}"


def _aside(hand: Hand, which: str, how: str, words: str) -> None:
    subject = _known(hand, which.rpartition(":")[0])
    found = next((a for a in aside.asides(subject) if a.event == which), None)
    if found and found.answer:
        raise WrongState(ALREADY)
    hand.state("aside.answered", subject.number, event=which, how=how, sealed={"words": words})


def _refused(hand: Hand, which: str, how: str, words: str) -> None:
    author, _, n = which.rpartition(":")
    book = _known(hand, author)
    found = next((r for r in aside.refusals(book) if str(r.n) == n), None)
    if found is None:
        raise WrongState("区中心没有拒收过这一条")
    if found.answer:
        raise WrongState(ALREADY)
    if how == RESTATED:
        _restate(hand, found)
    hand.state(
        "store.refusal_answered", author, author=author, n=found.n, how=how,
        sealed={"words": words},
    )  # fmt: skip
    _parked_too(hand, outbox_id(author, found.n), how, words)


def _restate(hand: Hand, found: Refusal) -> None:
    """State anew what central refused, as a new event of today's store; it must count now."""
    store = hand.w.store
    event = next(iter(store.of_author(found.author, found.n - 1, 1)), None)
    if event is None or event.n != found.n or event.type.startswith("store."):
        raise WrongState("这一条不能按原样重新登记，请选别的处理办法")
    try:
        again = hand.w.repeat(event, event.data, store.unseal(event))
    except CannotUnseal as error:
        raise WrongState(f"这一条里的个人信息打不开了，不能按原样重新登记：{error}") from None
    subject = _known(hand, event.subject)
    step = next(step for step in subject.steps if step.id == again.id)
    if step.verdict != "ok":
        raise WrongState(f"现在不能按原样重新登记：{step.reason}")


def _parked_too(hand: Hand, which: str, how: str, words: str) -> None:
    """What the outbox did not take is refused by central too: it is one thing, answered once."""
    parked.answer(hand.w.store.db, which, _said(hand, how, words))


def _parked(hand: Hand, which: str, how: str, words: str) -> None:
    if not parked.answer(hand.w.store.db, which, _said(hand, how, words)):
        raise WrongState(ALREADY)


def _said(hand: Hand, how: str, words: str) -> dict[str, str]:
    return {"how": how, "words": words, "actor": hand.person.id, "at": hand.w.at}


def _known(hand: Hand, number: str) -> Folded:
    subject = hand.w.store.subject(number)
    if subject is None:
        raise WrongState("本机没有这条记录")
    return subject


_KINDS = {ASIDE: _aside, REFUSED: _refused, PARKED: _parked}
