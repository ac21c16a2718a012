"""What did not count at this point, in words: what, why, what it means, what to do, what was said.

Three kinds: ``aside`` (the fold set a fact aside), ``refused`` (central did not journal an event)
and ``parked`` (something could not be sent or taken in on this PC). With what was refused stands
what others offered of this point's stores after a restore in vain: central answers that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from cases import aside
from cases.aside import HOW_ZH, RESTATED, RESTATED_ZH, Advice, Aside, Offer, Refusal, said
from cases.events import CENTRAL, Event, NotAnEvent, parse, point_of
from cases.folded import Answer, Case, Folded, Parcel, Step
from cases.states import STATE_ZH
from cases.table import TYPES
from cases.times import BadTime, ago, shown
from node import staff
from node.local import Local
from node.people_card import opened
from sync import parked, registers
from sync.parked import Parked
from sync.push import outbox_id

ASIDE, REFUSED, PARKED = "aside", "refused", "parked"
_SENT = Advice(
    "这条还在本机，区中心没有收到；它后面的不受影响。", "请给区中心打电话，再在这里答复。"
)
_RECEIVED = Advice("收件箱里的这一份本机用不上；其他的照常收下了。", "请告诉区中心，再在这里答复。")


@dataclass(frozen=True)
class AsideRow:
    """One thing that did not count. ``open``: this point answers it and has not yet.

    ``whose`` names the point that must answer, if it is another one; ``answer`` says what was said.
    """

    kind: str
    which: str
    what: str
    number: str
    url: str
    state: str
    when: str
    since: str
    reason: str
    advice: Advice
    whose: str
    answer: str
    open: bool
    hows: Mapping[str, str] = field(default_factory=lambda: HOW_ZH)

    @property
    def hint(self) -> str:
        """What to write beside the answer, and who can read it."""
        where = "只存在这台电脑上" if self.kind == PARKED else "会加密保存"
        return f"改在哪一条、跟谁说过；{where}"


def of_subject(local: Local, subject: Folded) -> tuple[AsideRow, ...]:
    """What of a case, a parcel or a visit did not count, and is open or waits for another point."""
    refused = [r for r in (*_refused(local), *_offered(local)) if r.number == subject.number]
    rows = (*refused, *(_of_aside(local, subject, found) for found in aside.asides(subject)))
    return tuple(row for row in rows if not row.answer)


def refused(local: Local) -> tuple[AsideRow, ...]:
    """What central refused of this point's stores, or could not take in when others offered it:
    open ones first, the oldest first."""
    return tuple(sorted((*_refused(local), *_offered(local)), key=_rank))


def set_aside(local: Local) -> tuple[AsideRow, ...]:
    """The facts set aside in the subjects held here: open ones first, the oldest first."""
    waiting = {s.number: s for s in registers.not_answered(local.store.db)}
    found = waiting | {s.number: s for s in registers.with_aside(local.store.db, limit=50)}
    rows = (_of_aside(local, s, a) for s in found.values() for a in aside.asides(s))
    return tuple(sorted(rows, key=_rank))


def parked_here(local: Local) -> tuple[AsideRow, ...]:
    """What could not be sent or taken in on this PC: open ones first, the oldest first.

    What central has refused meanwhile, because it could not be sent, is listed there.
    """
    elsewhere = {outbox_id(found.author, found.n) for found, _ in _with_events(local)}
    listed = parked.listed(local.store.db)
    return tuple(_of_parked(local, found) for found in listed if found.id not in elsewhere)


def to_answer(local: Local) -> Iterator[AsideRow]:
    """Everything that waits for an answer of this point."""
    for subject in registers.not_answered(local.store.db):
        for found in aside.asides(subject):
            if found.answer is None and found.point in (local.point.code, ""):
                yield _of_aside(local, subject, found)
    yield from (row for row in _refused(local) if row.open)
    yield from (row for row in parked_here(local) if row.open)


def refused_steps(local: Local, subject: str) -> Iterator[Step]:
    """The events of a subject that this point wrote and central refused, as steps of its history.

    No store folds them; whoever looks at the history here must see them all the same.
    """
    for found, event in _with_events(local):
        if event is not None and event.subject == subject:
            yield Step(
                event.id, event.type, event.at, event.author, event.actor, REFUSED, found.why,
                dict(event.data), found.answer,
            )  # fmt: skip


def _rank(row: AsideRow) -> tuple[bool, bool, str]:
    return bool(row.answer), not row.open, row.since


def _refused(local: Local) -> list[AsideRow]:
    return [_of_refusal(local, found, event) for found, event in _with_events(local)]


def _offered(local: Local) -> Iterator[AsideRow]:
    for book in registers.books(local.store.db, local.point.code):
        yield from (_of_offer(local, found) for found in aside.offers(book))


def _with_events(local: Local) -> Iterator[tuple[Refusal, Event | None]]:
    for book in registers.books(local.store.db, local.point.code):
        for found in aside.refusals(book):
            first = local.store.of_author(found.author, found.n - 1, 1)
            yield found, first[0] if first and first[0].n == found.n else None


def _of_aside(local: Local, subject: Folded, found: Aside) -> AsideRow:
    mine = found.point in (local.point.code, "")
    return AsideRow(
        kind=ASIDE,
        which=found.event,
        what=what(found.type),
        number=found.subject,
        url=url_of(subject),
        state=STATE_ZH[subject.state],
        when=when(found.at, local.now()),
        since=found.at,
        reason=found.words,
        advice=aside.ASIDE,
        whose="" if mine else name_of(local, found.point),
        answer=answered(local, found.answer),
        open=mine and found.answer is None,
    )


def _of_refusal(local: Local, found: Refusal, event: Event | None) -> AsideRow:
    subject = local.store.subject(event.subject) if event else None
    return AsideRow(
        kind=REFUSED,
        which=f"{found.author}:{found.n}",
        what=what(event.type) if event else "本机没有的记录",
        number=event.subject if event else "",
        url=url_of(subject),
        state="",
        when=when(event.at if event else found.at, local.now()),
        since=found.at,
        reason=f"第 {found.n} 条：{found.why}",
        advice=aside.of_refusal(found.why),
        hows=HOW_ZH if event is None else {RESTATED: RESTATED_ZH, **HOW_ZH},
        whose="",
        answer=answered(local, found.answer),
        open=found.answer is None,
    )


def _of_offer(local: Local, found: Offer) -> AsideRow:
    return AsideRow(
        kind=REFUSED,
        which=f"{found.author}:{found.n}:{found.hash}",
        what=what(found.what) if found.what else "读不出的记录",
        number=found.subject,
        url=url_of(local.store.subject(found.subject)),
        state="",
        when=when(found.at, local.now()),
        since=found.at,
        reason=f"第 {found.n} 条，{name_of(local, found.offered_by)}补送：{found.why}",
        advice=aside.OFFERED,
        whose=name_of(local, CENTRAL),
        answer=answered(local, found.answer),
        open=False,
    )


def _of_parked(local: Local, found: Parked) -> AsideRow:
    event = _event_in(found.body)
    subject = local.store.subject(event.subject) if event else None
    answer = found.answer
    return AsideRow(
        kind=PARKED,
        which=found.id,
        what=what(event.type) if event else found.id,
        number=event.subject if event else "",
        url=url_of(subject),
        state="",
        when=when(found.at, local.now()),
        since=found.at,
        reason=found.why,
        advice=_SENT if found.why.startswith("发件箱") else _RECEIVED,
        whose="",
        answer=_words(local, answer["how"], answer["actor"], answer["at"], answer["words"])
        if answer
        else "",
        open=not answer,
    )


def _event_in(body: Any) -> Event | None:
    try:
        return parse(body)
    except NotAnEvent:
        return None


def what(type: str) -> str:
    """What a fact says, in Chinese; one of a newer version by its own name."""
    return TYPES[type].zh if type in TYPES else f"新版本的记录（{type}）"


def url_of(subject: Folded | None) -> str:
    """The page of a case or parcel; nothing else has one."""
    if isinstance(subject, Case) and subject.received_event:
        return f"/cases/{subject.number}"
    return f"/parcels/{subject.number}" if isinstance(subject, Parcel) else ""


def when(at: str, now: str) -> str:
    """A time with how long ago it was."""
    try:
        return f"{shown(at, now)}（{ago(at, now)}）"
    except BadTime:
        return "时间不详"


def name_of(local: Local, code: str) -> str:
    """A point's name, or central's."""
    found = local.bundle.directory.find(code)
    return found.name if found else "区中心" if code == CENTRAL else code


def answered(local: Local, answer: Answer | None) -> str:
    """What was said of something that did not count, by whom, when; empty if nothing was."""
    if answer is None:
        return ""
    fields = opened(local, answer.event) or {}
    actor = answer.actor if point_of(answer.by) == local.point.code else ""
    place = "" if actor else name_of(local, point_of(answer.by))
    return _words(local, answer.how, actor, answer.at, str(fields.get("words") or ""), place)


def _words(local: Local, how: str, actor: str, at: str, words: str, place: str = "") -> str:
    names = staff.names(local.store, local.point.code)
    who = place or names.get(actor, actor)
    more = f"：{words}" if words else ""
    return f"{said(how)}{more}（{who}，{shown(at, local.now())}）"
