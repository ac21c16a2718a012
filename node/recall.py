"""Nobody is sent home twice: what the same person was told before, and what already runs for them.

Of this point's own visits and cases this PC knows by itself: the last four of a number are search
words, and the whole number is unsealed and compared. Of the district central knows (``node.ask``),
when there is a line; with none the page says that only this point was looked at.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from cases.fields import BadField
from cases.folded import Case, Visit
from cases.people import DocumentKind, check_document
from cases.recall import PERSON, SETTLED, Earlier, Found, Running
from cases.states import STATE_ZH, CaseState
from cases.times import day_of, shown, shown_day
from node import reveal, visits
from node.ask import ask_central
from node.line import word_of
from node.local import Local
from node.people_card import opened
from node.steps_card import point_name
from sync.errors import RemoteError
from sync.writing import Writing

SUBJECTS_MAX = 200
NUMBERS_MAX = 4
MISTYPED = range(9, 18)
#: Fields of the forms that hold the number of somebody's document.
FIELDS = ("person_number", "document_number", "credit_code", "agent_number")


@dataclass(frozen=True)
class EarlierCard:
    """An earlier notice: when and where, the list, and what was answered.

    ``title``: of which matter, where several are asked for at once.
    """

    title: str
    when: str
    place: str
    papers: tuple[str, ...]
    answers: tuple[tuple[str, str], ...]
    told: bool


@dataclass(frozen=True)
class RunningCard:
    """A case that already runs: where it stands, and how to get to it."""

    number: str
    words: str
    url: str


@dataclass(frozen=True)
class Card:
    """What is known of the person at the window, and how far it was looked for."""

    earlier: tuple[EarlierCard, ...]
    running: tuple[RunningCard, ...]
    scope: str
    asks_on: bool = False

    @property
    def empty(self) -> bool:
        """Whether nothing is known."""
        return not self.earlier and not self.running


def checked(text: str, local: Local) -> tuple[DocumentKind, str] | None:
    """The kind and proper form of a document's number, or None.

    Digits that are too few for a resident ID are one that was mistyped, not a passport's number.
    """
    plain = "".join(text.split())
    if plain.isdigit() and len(plain) in MISTYPED:
        return None
    for kind in DocumentKind:
        try:
            return kind, check_document(kind, text, field="person_number", today=local.today())
        except BadField:
            continue
    return None


def typed_numbers(local: Local, form: Mapping[str, str]) -> list[str]:
    """The whole numbers of documents that stand in a form."""
    found = (checked(form.get(name, ""), local) for name in FIELDS if form.get(name))
    return [number for _, number in filter(None, found)]


def identify(w: Writing, local: Local, visit: str, typed: str, actor: str) -> None:
    """Note, sealed and once, whose matter it is. :raises BadField: it is no document's number."""
    found = checked(typed, local)
    if found is None:
        words = "证件号码不对，请逐位核对；不想留的可以不填。"
        raise BadField("person_number", words, "This is no document's number.")
    kind, number = found
    proof = hmac.digest(local.node.token_key, number.encode(), "sha256").hex()[:16]
    op = f"person:{visit}:{proof}"  # not the number in clear
    if w.once(op) is None:
        sealed = {"document_number": number}
        w.state("visit.identified", visit, {"document": kind.value}, actor=actor, sealed=sealed)
        w.done(op, visit)


def of_visit(local: Local, visit: Visit | None) -> list[str]:
    """The numbers that were noted for a visit."""
    found = (opened(local, event) for event in (visit.identified if visit else ()))
    numbers = (str((fields or {}).get("document_number") or "") for fields in found)
    return [number for number in numbers if number]


def here(local: Local, matter: str, numbers: Iterable[str], visit: str) -> Found:
    """What this point itself knows of these persons and the matter, the newest first."""
    wanted = set(numbers)
    earlier: list[Earlier] = []
    running: list[Running] = []
    for subject in _with_last_four(local, wanted):
        if isinstance(subject, Visit) and subject.number != visit:
            earlier += _earlier(local, subject, matter, wanted)
        if isinstance(subject, Case) and _runs(local, subject, matter, wanted):
            running.append(
                Running(subject.number, subject.state.value, subject.received_at, subject.point,
                        subject.holder)
            )  # fmt: skip
    return Found(
        tuple(sorted(earlier, key=lambda e: e.at, reverse=True)),
        tuple(sorted(running, key=lambda r: r.at, reverse=True)),
    )


def _with_last_four(local: Local, numbers: set[str]) -> list[Any]:
    words = sorted({number[-4:].lower() for number in numbers})
    rows = local.store.db.execute(
        f"SELECT DISTINCT subject FROM words WHERE word IN ({','.join('?' * len(words))})"  # noqa: S608 - only question marks
        " ORDER BY subject DESC LIMIT ?",
        [*words, SUBJECTS_MAX],
    ).fetchall()
    return [local.store.subject(number) for (number,) in rows]


def _earlier(local: Local, visit: Visit, matter: str, numbers: set[str]) -> list[Earlier]:
    asked = [
        step
        for step in visit.steps
        if step.type == "visit.asked" and step.verdict == "ok" and step.data["matter"] == matter
    ]
    if not asked or not numbers & set(of_visit(local, visit)):
        return []
    if any(case.matter == matter for case in visits.cases_of(local.store, visit.number)):
        return []
    said = opened(local, asked[-1].id) or {}
    papers = said.get("papers")
    listed = tuple(map(str, papers)) if isinstance(papers, list) else ()
    return [
        Earlier(visit.number, asked[-1].at, visit.point, str(said.get("answers") or ""), listed,
                bool(listed))
    ]  # fmt: skip


def _runs(local: Local, case: Case, matter: str, numbers: set[str]) -> bool:
    if case.matter != matter or case.state.value in SETTLED:
        return False
    return str((opened(local, case.received_event) or {}).get("document_number")) in numbers


def district(local: Local, matter: str, numbers: list[str], visit: str, actor: str) -> Found:
    """What central knows of them; who asked is noted first.

    :raises RemoteError: there is no line, or central does not answer.
    """
    reveal.note(local, visit, f"全区查同一人同一事项 {matter}", actor)
    fields = {"visit": visit, "matter": matter, "numbers": numbers[:NUMBERS_MAX], "actor": actor}
    return msgspec.convert(ask_central(local, PERSON, fields), Found)


def card(
    local: Local, matters: Sequence[str], numbers: list[str], visit: str, actor: str = ""
) -> Card:
    """What to show before reception of one matter or several. With ``actor`` central is asked."""
    known = {matter: here(local, matter, numbers, visit) for matter in matters}
    online = word_of(local.store).ok
    scope, asks_on = "只查了本窗口：网络断开，别的受理点来过没有，恢复后才知道。", False
    if online and not actor:
        scope, asks_on = "只查了本窗口", True
    if online and actor:
        try:
            for matter in matters:
                there = district(local, matter, numbers, visit, actor)
                known[matter] = _joined(known[matter], there)
            scope = "已查全区。"
        except (RemoteError, msgspec.ValidationError):
            scope = "只查了本窗口：区中心暂时没有应答，别的受理点来过没有，稍后再看。"
    return _card(local, known, scope, asks_on)


def _joined(known: Found, more: Found) -> Found:
    """Both, each visit and case once: what is only here so far belongs to it."""
    visits_there = {e.visit for e in more.earlier}
    cases_there = {r.number for r in more.running}
    earlier = [*more.earlier, *(e for e in known.earlier if e.visit not in visits_there)]
    running = [*more.running, *(r for r in known.running if r.number not in cases_there)]
    return Found(tuple(earlier), tuple(running))


def _card(local: Local, known: Mapping[str, Found], scope: str, asks_on: bool) -> Card:
    titles = {matter: _title(local, matter) if len(known) > 1 else "" for matter in known}
    return Card(
        tuple(
            _earlier_card(local, found, titles[matter])
            for matter in known
            for found in known[matter].earlier
        ),
        tuple(_running_card(local, found) for of_it in known.values() for found in of_it.running),
        scope,
        asks_on,
    )


def _title(local: Local, matter: str) -> str:
    found = local.bundle.catalogue.get(matter)
    return found.name if found else matter


def _earlier_card(local: Local, found: Earlier, title: str) -> EarlierCard:
    guide = local.guide
    return EarlierCard(
        title=title,
        when=shown_day(day_of(found.at), local.today()),
        place=point_name(local, found.point),
        papers=found.papers,
        answers=guide.in_words(guide.answers_of(found.answers)),
        told=found.told,
    )


def _running_card(local: Local, found: Running) -> RunningCard:
    states = {state.value: STATE_ZH[state] for state in CaseState}
    state = states.get(found.state, found.state)
    words = (
        f"{state}，{shown(found.at, local.now())}收件，现在由{point_name(local, found.holder)}办"
    )
    case = local.store.case(found.number)
    is_here = case is not None and case.received_event
    url = f"/cases/{found.number}" if is_here else f"/shown?code={found.number}"
    return RunningCard(found.number, words, url)
