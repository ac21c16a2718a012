"""The guide at the window: the questions still open as choice cards, and exactly the papers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from cases.catalogue import Matter
from cases.guide import Answer, Answers, Question
from cases.known import known_answers
from cases.lacking import may_lack
from cases.people import BadField, DocumentKind, check_document
from cases.undertakings import usual_day
from courier.look.forms import Form
from node import visit_answers, visits
from node.local import Local
from node.matter_card import PaperCard, paper_card
from node.reception import CAPACITIES

FIELD = "q-"


@dataclass(frozen=True)
class ChoiceCard:
    """One answer to choose; ``key`` is the number key that chooses it, or empty."""

    value: str
    text: str
    chosen: bool
    key: str


@dataclass(frozen=True)
class QuestionCard:
    """A question with its answers; ``open``: papers hang on it and it has no answer yet."""

    field: str
    text: str
    help: str
    id: str
    many: bool
    open: bool
    choices: tuple[ChoiceCard, ...]


@dataclass(frozen=True)
class GuideCard:
    """The questions of a matter for what is known, and the papers that follow."""

    matter: str
    questions: tuple[QuestionCard, ...]
    needed: tuple[PaperCard, ...]
    spared: tuple[str, ...]
    waiting: tuple[str, ...]
    code: str
    looks: bool = False
    """Whether licences of its papers can be looked up that nobody has asked for yet."""
    promise_day: str = ""
    """By when a paper is owed that is promised today; empty where nothing may be promised."""

    @property
    def open_count(self) -> int:
        """How many questions wait for an answer."""
        return sum(question.open for question in self.questions)

    @property
    def lacks(self) -> bool:
        """Whether a case may be received without one of the papers."""
        return any(paper.lacks for paper in self.needed)

    @property
    def settled(self) -> bool:
        """Whether nothing is left to ask."""
        return not self.waiting


def guide_card(
    local: Local, matter: Matter, given: Answers, *, elsewhere: frozenset[str] = frozenset()
) -> GuideCard:
    """The card for what was answered so far, without questions that are asked ``elsewhere``."""
    guide, found = local.guide, local.guide.resolve(matter.materials, given)
    asked = [q.id for q in found.questions]
    shown = [
        question
        for question in guide.concerned(matter)
        if question.id not in elsewhere and (question.id in asked or question.id in given)
    ]
    first = next((q.id for q in shown if q.id in asked), "")
    return GuideCard(
        matter=matter.code,
        questions=tuple(
            _question(local, matter, q, given, open_=q.id in asked, keys=q.id == first)
            for q in shown
        ),
        needed=tuple(
            replace(paper_card(spec), lacks=may_lack(matter, spec)) for spec in found.needed
        ),
        spared=tuple(spec.name for spec in found.spared),
        waiting=tuple(spec.name for spec in found.open),
        code=guide.code_of(concerned(local, matter, given)),
        promise_day=_promise_day(local) if matter.commitment else "",
    )


def _promise_day(local: Local) -> str:
    return usual_day(local.today(), local.bundle.calendar).isoformat()


def _question(
    local: Local, matter: Matter, question: Question, given: Answers, *, open_: bool, keys: bool
) -> QuestionCard:
    chosen = given.get(question.id, frozenset())
    offered = [a for a in local.guide.choices(matter, question) if _fits(matter, question, a.id)]
    return question_card(question, offered, chosen, open_=open_, keys=keys)


def question_card(
    question: Question,
    offered: Iterable[Answer],
    chosen: frozenset[str],
    *,
    open_: bool,
    keys: bool,
) -> QuestionCard:
    """A question as the page prints it, with the answers that are offered."""
    return QuestionCard(
        field=FIELD + question.id,
        text=question.text,
        help=question.help,
        id=question.id,
        many=question.many,
        open=open_,
        choices=tuple(
            ChoiceCard(answer.id, answer.text, answer.id in chosen, str(n) if keys else "")
            for n, answer in enumerate(offered, 1)
        ),
    )


def _fits(matter: Matter, question: Question, answer: str) -> bool:
    """Whether an answer can be: no legal representative comes for what only persons apply for."""
    if question.id != "here" or matter.applicant == "both":
        return True
    return answer in CAPACITIES[matter.applicant.value]


def sent_answers(local: Local, form: Form) -> dict[str, frozenset[str]]:
    """What was chosen on the page."""
    return local.guide.read_answers(
        {question.id: form.values(FIELD + question.id) for question in local.guide.questions}
    )


def known_of(local: Local, form: Form, matter: Matter) -> dict[str, frozenset[str]]:
    """What the rest of a reception's form says already: who applies, who came, how old."""
    kind = form.value("kind") or "person"
    if matter.applicant != "both":
        kind = matter.applicant.value
    capacity = form.value("capacity") or "self"
    if kind == "organization":
        capacity = form.value("org_capacity") or "legal_representative"
    known = known_answers(
        matter,
        kind=kind,
        capacity=capacity,
        resident_id=_resident_id(form, local),
        today=local.today(),
    )
    return local.guide.read_answers({**known, "channel": ["window"]})


def _resident_id(form: Form, local: Local) -> str:
    kind = DocumentKind.RESIDENT_ID
    if form.value("document") not in ("", kind.value):
        return ""
    try:
        return check_document(kind, form.value("document_number"), today=local.today())
    except BadField:
        return ""


def reception_answers(
    local: Local, form: Form, matter: Matter, actor: str
) -> dict[str, frozenset[str]]:
    """All that is known at a reception: of the visit, as chosen on the page, and by the form."""
    return {**chosen(local, form, matter, actor), **known_of(local, form, matter)}


def chosen(local: Local, form: Form, matter: Matter, actor: str) -> dict[str, frozenset[str]]:
    """What was chosen on the page and, of what it did not ask, before in this visit.

    A question that stood on the page and has no answer any more was taken back.
    """
    stood = set(form.values("asked"))
    before = answered_before(local, matter, actor)
    return {q: a for q, a in before.items() if q not in stood} | sent_answers(local, form)


def told(local: Local, form: Form, matter: Matter, actor: str) -> dict[str, frozenset[str]]:
    """What a form tells for the rest of the visit: what was chosen, and who comes."""
    known = known_of(local, form, matter)
    return {**chosen(local, form, matter, actor), **{q: known[q] for q in known if q == "here"}}


def answered_before(local: Local, matter: Matter, actor: str) -> dict[str, frozenset[str]]:
    """What the visitor being served has answered before."""
    visit = visits.current(local.store, actor, local.today())
    return visit_answers.of_visit(local, visit.number, matter.code) if visit else {}


def concerned(local: Local, matter: Matter, given: Answers) -> dict[str, frozenset[str]]:
    """Those of the answers that papers of this matter hang on."""
    return {q.id: given[q.id] for q in local.guide.concerned(matter) if q.id in given}


def matter_answers(here: Local, matter: Matter, actor: str) -> dict[str, frozenset[str]]:
    """What is known at a matter's page: of the visit, and by the matter itself."""
    known = known_answers(matter, today=here.today())
    return {**answered_before(here, matter, actor), **known}


def matter_guide(here: Local, matter: Matter, actor: str) -> GuideCard:
    """The card of a matter's page."""
    known = frozenset(known_answers(matter, today=here.today()))
    given = matter_answers(here, matter, actor)
    return guide_card(here, matter, given, elsewhere=known)
