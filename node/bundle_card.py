"""What the window shows of a bundle (一件事): its matters with their routes, the shared papers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from werkzeug.datastructures import MultiDict

from cases.bundles import (
    BundlePapers,
    Shared,
    areas_to_ask,
    paper_key,
    places_of,
    resolve,
    with_one_original,
)
from cases.catalogue import Bundle, Handling, Matter, Source
from cases.guide import Answers, Question
from cases.lacking import may_lack
from cases.undertakings import may_promise, usual_day
from node import guide_card, licences
from node.bundles import area_field, sub_form
from node.guide_card import GuideCard, QuestionCard, question_card
from node.local import Local
from node.matter_card import (
    HANDLING_ZH,
    TONES,
    AreaGroup,
    PaperCard,
    RouteCard,
    area_groups,
    area_question,
    days,
    route_card,
)
from node.reception import route_of
from node.reception_form import kinds


@dataclass(frozen=True)
class MatterRow:
    """One matter of the bundle: whether it is ticked, where it is decided, how long it takes."""

    code: str
    name: str
    ticked: bool
    route: RouteCard
    days: str
    applicant: str


@dataclass(frozen=True)
class AreaField:
    """A question for the competent area, asked once for every matter that hangs on it."""

    field: str
    question: str
    matters: str
    groups: tuple[AreaGroup, ...]


@dataclass(frozen=True)
class BundleNow:
    """The part of the page that follows what was ticked and answered."""

    rows: tuple[MatterRow, ...]
    areas: tuple[AreaField, ...]
    guide: GuideCard
    needs: tuple[str, ...]
    """The kinds of applicant that some ticked matter has alone, so that both are asked for."""
    count: int


@dataclass(frozen=True)
class Chosen:
    """A bundle as it was ticked: its matters as one set of papers serves them, and the places."""

    bundle: Bundle
    every: tuple[Matter, ...]
    matters: tuple[Matter, ...]
    places: Mapping[str, int]


def chosen_of(here: Local, bundle: Bundle, typed: MultiDict[str, str]) -> Chosen:
    """What is ticked: everything, before anybody has unticked something."""
    catalogue = here.bundle.catalogue
    every = tuple(catalogue.matter(code) for code in bundle.matters)
    ticked = set(typed.getlist("matter")) if typed.get("ticks") else set(bundle.matters)
    matters = with_one_original(m for m in every if m.code in ticked)
    return Chosen(bundle, every, matters, places_of(every))


def bundle_now(here: Local, it: Chosen, typed: MultiDict[str, str], actor: str) -> BundleNow:
    """The matters, areas, questions and papers for what was ticked and answered so far."""
    forms = {m.code: sub_form(typed, m, it.places) for m in it.every}
    given = {
        m.code: guide_card.reception_answers(here, forms[m.code], m, actor) for m in it.matters
    }
    found = resolve(here.guide, it.matters, given, it.places)
    ticked = {m.code for m in it.matters}
    alone = {m.applicant.value for m in it.matters if m.applicant != "both"}
    mixed = len({m.applicant for m in it.every}) > 1
    return BundleNow(
        rows=tuple(
            _row(here, m, forms[m.code].value("area"), ticked=m.code in ticked, mixed=mixed)
            for m in it.every
        ),
        areas=tuple(_area(here, m, it.matters) for m in areas_to_ask(it.matters)),
        guide=_guide(here, it, found, given, typed),
        needs=tuple(sorted(alone)),
        count=len(it.matters),
    )


def all_kinds(it: Chosen) -> tuple[str, ...]:
    """Who may apply for the matters of a bundle: persons, organisations or both."""
    return tuple(sorted({kind for m in it.every for kind in kinds(m)}, reverse=True))


def _row(here: Local, matter: Matter, area: str, *, ticked: bool, mixed: bool) -> MatterRow:
    route = route_card(here, matter, route_of(here, matter, area))
    who = {"person": "个人申请", "organization": "单位申请", "both": ""}[matter.applicant.value]
    applicant = who if mixed else ""
    return MatterRow(matter.code, matter.name, ticked, route, days(matter), applicant)


def _area(here: Local, matter: Matter, matters: Sequence[Matter]) -> AreaField:
    names = "、".join(
        m.name for m in matters if m.basis is matter.basis and m.level.value != "district"
    )
    field = area_field(matter.basis)
    return AreaField(field, area_question(matter), names, area_groups(here, matter))


def _guide(
    here: Local,
    it: Chosen,
    found: BundlePapers,
    given: Mapping[str, Answers],
    typed: MultiDict[str, str],
) -> GuideCard:
    elsewhere = {
        id for m in it.matters for id in guide_card.known_of(here, sub_form(typed, m, it.places), m)
    }
    beside = _licences(here, it, found, typed)
    promises = any(m.commitment for m in it.matters)
    day = usual_day(here.today(), here.bundle.calendar).isoformat() if promises else ""
    return GuideCard(
        matter=it.bundle.code,
        questions=_questions(here, it, found, given, elsewhere),
        needed=tuple(
            replace(paper_of(shared, len(it.matters)), licence=beside.get(shared.place))
            for shared in found.needed
        ),
        spared=tuple(shared.spec.name for shared in found.spared),
        waiting=tuple(shared.spec.name for shared in found.open),
        code="",
        promise_day=day,
    )


def _licences(
    here: Local, it: Chosen, found: BundlePapers, typed: MultiDict[str, str]
) -> dict[int, licences.LicenceCard]:
    """What was said of the papers' licences when somebody pressed 收件, by the paper's place."""
    op, beside = typed.get("op", ""), {}
    for matter in it.matters:
        specs = [u.spec for s in found.needed for u in s.uses if u.matter.code == matter.code]
        form = sub_form(typed, matter, it.places)
        said, _ = licences.known(here, form, matter, specs, op)
        for spec in specs:
            if spec.position in said:
                beside[it.places[paper_key(spec)]] = licences.card(spec, said[spec.position])
    return beside


def _questions(
    here: Local,
    it: Chosen,
    found: BundlePapers,
    given: Mapping[str, Answers],
    elsewhere: set[str],
) -> tuple[QuestionCard, ...]:
    asked = {question.id for question in found.questions}
    concerned = {q.id for m in it.matters for q in here.guide.concerned(m)}
    answers = {q: a for each in given.values() for q, a in each.items()}
    shown = [
        q
        for q in here.guide.questions
        if q.id in concerned and q.id not in elsewhere and (q.id in asked or q.id in answers)
    ]
    first = next((q.id for q in shown if q.id in asked), "")
    return tuple(
        _question(here, it, q, answers, open_=q.id in asked, keys=q.id == first) for q in shown
    )


def _question(
    here: Local, it: Chosen, question: Question, answers: Answers, *, open_: bool, keys: bool
) -> QuestionCard:
    having = [m for m in it.matters if question in here.guide.concerned(m)]
    offered = {a.id for m in having for a in here.guide.choices(m, question)}
    picked = answers.get(question.id, frozenset())
    choices = [answer for answer in question.answers if answer.id in offered]
    return question_card(question, choices, picked, open_=open_, keys=keys)


def paper_of(shared: Shared, matters: int) -> PaperCard:
    """One paper of the list: what it is called, for which matters, how many are kept."""
    spec, handling = shared.spec, shared.handling
    return PaperCard(
        position=shared.place,
        name="／".join(shared.names),
        handling=HANDLING_ZH[handling],
        tone=TONES.get(handling, "plain"),
        verb="已核对" if handling is Handling.LOOKED_AT else "已收",
        required=spec.required,
        condition=spec.condition,
        note="；".join(part for part in _notes(shared, matters) if part),
        field=f"paper-{shared.place}",
        identity=not any(may_promise(use.matter, use.spec) for use in shared.uses),
        lacks=all(may_lack(use.matter, use.spec) for use in shared.uses),
    )


def _notes(shared: Shared, matters: int) -> tuple[str, ...]:
    codes = dict.fromkeys(use.matter.code for use in shared.uses)
    names = "、".join({use.matter.code: use.matter.name for use in shared.uses}.values())
    several = len(codes) > 1
    used = (f"{len(codes)} 个事项都用" if len(codes) > 3 else f"用于{names}") if matters > 1 else ""
    persons = "不是同一个人的，各带各的" if len(shared.names) > 1 else ""
    return (
        used,
        _copies(shared) if several or shared.copies > 1 else "",
        persons,
        shared.spec.note,
    )


def _copies(shared: Shared) -> str:
    if not shared.copies:
        return ""
    if shared.handling is Handling.COPY_KEPT:
        return f"带一份，本点复印 {shared.copies} 份"
    if shared.spec.source is Source.APPLICANT:
        return f"一式 {shared.copies} 份"
    return f"收原件 1 份，另复印 {shared.copies - 1} 份"
