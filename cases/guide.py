"""The guide (导引): from what a person answers to exactly the papers that person needs.

Every condition a material of the catalogue may have is bound to an expression over the answers to
questions; the words of the condition are for reading alone, never what anybody decides by. A
question is asked only if a paper of this matter still hangs on it, and once a visit.

An expression is ``question:answer,answer`` (one of these was answered), put together with ``&``,
``|``, ``!`` and brackets: ``kind:person & marriage:married``. It is true, false or not yet known:
what is known already may settle it, whatever else would be answered.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import msgspec

from cases.catalogue import Catalogue, MaterialSpec, Matter
from cases.reading import BadData

#: What was answered: by a question's id, the ids of the answers given.
Answers = Mapping[str, frozenset[str]]

_TOKEN = re.compile(r"\s*([a-z0-9_]+:[a-z0-9_]+(?:,[a-z0-9_]+)*|[&|!()])")
_CODED = re.compile(r"([0-9A-Z]{2})([A-Z]+)")
CODE_CHARS_MAX = 400


class Answer(msgspec.Struct, frozen=True):
    """One answer to choose. Its letter in a code is its place: answers are added, never moved."""

    id: str
    text: str
    english: str = ""


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked. ``personal``: about the person, so one answer holds for a whole visit."""

    code: str
    id: str
    text: str
    english: str = ""
    help: str = ""
    personal: bool
    many: bool = False
    answers: tuple[Answer, ...]


class Binding(msgspec.Struct, frozen=True):
    """When a condition of the catalogue is met."""

    condition: str
    when: str


class Met(NamedTuple):
    """One of these answers to a question was given."""

    question: str
    answers: frozenset[str]


class Not(NamedTuple):
    """The opposite."""

    of: Expression


class All(NamedTuple):
    """Every one."""

    of: tuple[Expression, ...]


class Any(NamedTuple):
    """At least one."""

    of: tuple[Expression, ...]


Expression = Met | Not | All | Any


def parse_expression(text: str) -> Expression:
    """An expression from its text; raises :class:`BadData`."""
    tokens: list[str] = []
    place = 0
    for match in _TOKEN.finditer(text):
        if match.start() != place:
            break
        tokens.append(match[1])
        place = match.end()
    if text[place:].strip() or not tokens:
        raise BadData(f"conditions: {text!r} cannot be read at {text[place:]!r}")
    tokens.reverse()
    found = _any(tokens, text)
    if tokens:
        raise BadData(f"conditions: {text!r} goes on after its end: {tokens[-1]!r}")
    return found


def _any(tokens: list[str], text: str) -> Expression:
    parts = [_all(tokens, text)]
    while tokens and tokens[-1] == "|":
        tokens.pop()
        parts.append(_all(tokens, text))
    return parts[0] if len(parts) == 1 else Any(tuple(parts))


def _all(tokens: list[str], text: str) -> Expression:
    parts = [_one(tokens, text)]
    while tokens and tokens[-1] == "&":
        tokens.pop()
        parts.append(_one(tokens, text))
    return parts[0] if len(parts) == 1 else All(tuple(parts))


def _one(tokens: list[str], text: str) -> Expression:
    word = tokens.pop() if tokens else ""
    if word == "!":
        return Not(_one(tokens, text))
    if word == "(":
        inner = _any(tokens, text)
        if not tokens or tokens.pop() != ")":
            raise BadData(f"conditions: {text!r} lacks a closing bracket")
        return inner
    question, colon, answers = word.partition(":")
    if not colon:
        raise BadData(f"conditions: {text!r} has {word or 'its end'!r} where a question must stand")
    return Met(question, frozenset(answers.split(",")))


def holds(expression: Expression, answers: Answers) -> bool | None:
    """Whether it is met; None while what is known does not settle it."""
    if isinstance(expression, Met):
        given = answers.get(expression.question)
        return bool(given & expression.answers) if given else None
    if isinstance(expression, Not):
        inner = holds(expression.of, answers)
        return None if inner is None else not inner
    settles = isinstance(expression, Any)
    values = [holds(part, answers) for part in expression.of]
    if settles in values:
        return settles
    return None if None in values else not settles


def asked_of(expression: Expression) -> Iterator[Met]:
    """Every question an expression hangs on, with the answers that meet it."""
    if isinstance(expression, Met):
        yield expression
    elif isinstance(expression, Not):
        yield from asked_of(expression.of)
    else:
        for part in expression.of:
            yield from asked_of(part)


def _next(expression: Expression, answers: Answers) -> str:
    """The question to ask first of an expression that is not settled yet."""
    if isinstance(expression, Met):
        return expression.question
    parts = (expression.of,) if isinstance(expression, Not) else expression.of
    return next(_next(part, answers) for part in parts if holds(part, answers) is None)


@dataclass(frozen=True)
class Resolved:
    """The papers of a matter for what is known: needed, not needed, and still open."""

    needed: tuple[MaterialSpec, ...]
    spared: tuple[MaterialSpec, ...]
    open: tuple[MaterialSpec, ...]
    questions: tuple[Question, ...]
    """What must be asked now for the open ones, in the guide's order."""


class Guide(msgspec.Struct, frozen=True, dict=True):
    """All questions, and what every condition of the catalogue means in their answers."""

    questions: tuple[Question, ...] = ()
    conditions: tuple[Binding, ...] = ()

    @cached_property
    def _questions(self) -> dict[str, Question]:
        return {question.id: question for question in self.questions}

    @cached_property
    def _when(self) -> dict[str, Expression]:
        return {bound.condition: parse_expression(bound.when) for bound in self.conditions}

    @cached_property
    def _used(self) -> dict[str, frozenset[str]]:
        """By question, the answers that some condition looks at."""
        used: dict[str, frozenset[str]] = {}
        for expression in self._when.values():
            for met in asked_of(expression):
                used[met.question] = used.get(met.question, frozenset()) | met.answers
        return used

    def question(self, id: str) -> Question:
        """The question with this id; KeyError, as no sound guide names another."""
        return self._questions[id]

    def when(self, material: MaterialSpec) -> Expression | None:
        """When a material is needed; None: always (also one whose condition nobody has bound)."""
        return None if material.required else self._when.get(material.condition)

    def resolve(self, materials: Iterable[MaterialSpec], answers: Answers) -> Resolved:
        """Exactly the papers needed by somebody who answered so, and what is still to be asked."""
        needed: list[MaterialSpec] = []
        spared: list[MaterialSpec] = []
        open_: list[MaterialSpec] = []
        asked: set[str] = set()
        for material in materials:
            when = self.when(material)
            value = True if when is None else holds(when, answers)
            if value is None and when is not None:
                open_.append(material)
                asked.add(_next(when, answers))
            else:
                (needed if value else spared).append(material)
        questions = tuple(q for q in self.questions if q.id in asked)
        return Resolved(tuple(needed), tuple(spared), tuple(open_), questions)

    def concerned(self, matter: Matter) -> tuple[Question, ...]:
        """The questions that papers of a matter hang on, in the guide's order."""
        expressions = (when for m in matter.materials if (when := self.when(m)) is not None)
        ids = {met.question for expression in expressions for met in asked_of(expression)}
        return tuple(question for question in self.questions if question.id in ids)

    def choices(self, matter: Matter, question: Question) -> tuple[Answer, ...]:
        """The answers to offer: where several may be ticked, none that only others look at."""
        if not question.many:
            return question.answers
        expressions = (when for m in matter.materials if (when := self.when(m)) is not None)
        here = {
            answer
            for expression in expressions
            for met in asked_of(expression)
            if met.question == question.id
            for answer in met.answers
        }
        others = self._used.get(question.id, frozenset()) - here
        return tuple(answer for answer in question.answers if answer.id not in others)

    def read_answers(self, given: Mapping[str, Iterable[str]]) -> dict[str, frozenset[str]]:
        """The answers among what was sent: known ones, and a single one where one fits."""
        found: dict[str, frozenset[str]] = {}
        for question in self.questions:
            sent = set(given.get(question.id, ()))
            known = [answer.id for answer in question.answers if answer.id in sent]
            if known:
                found[question.id] = frozenset(known if question.many else known[:1])
        return found

    def in_words(self, answers: Answers, *, english: bool = False) -> tuple[tuple[str, str], ...]:
        """Questions and what was answered, as a person reads them, in the guide's order."""
        found = []
        for question in self.questions:
            given = [a for a in question.answers if a.id in answers.get(question.id, ())]
            if given and english:
                told = ", ".join(answer.english for answer in given)
                found.append((question.english, told))
            elif given:
                found.append((question.text, "、".join(answer.text for answer in given)))
        return tuple(found)

    def code_of(self, answers: Answers) -> str:
        """Answers as a short code for an address, in capitals: ``04A.1BAC``; empty for none."""
        parts = []
        for question in self.questions:
            given = answers.get(question.id, frozenset())
            letters = [chr(65 + n) for n, a in enumerate(question.answers) if a.id in given]
            if letters:
                parts.append(question.code + "".join(letters))
        return ".".join(parts)

    def answers_of(self, code: str) -> dict[str, frozenset[str]]:
        """The answers of a code; what this guide does not know (any more) is left out."""
        by_code = {question.code: question for question in self.questions}
        given: dict[str, list[str]] = {}
        for part in code[:CODE_CHARS_MAX].upper().split("."):
            match = _CODED.fullmatch(part)
            question = by_code.get(match[1]) if match else None
            if match and question:
                places = (ord(letter) - 65 for letter in match[2])
                ids = [question.answers[p].id for p in places if p < len(question.answers)]
                given[question.id] = ids
        return self.read_answers(given)

    def require_sound(self, catalogue: Catalogue) -> None:
        """Raise :class:`BadData` unless every condition is bound to answers that there are.

        No question stands twice, and none is there that no condition looks at.
        """
        for what in ("id", "code"):
            seen = [getattr(question, what) for question in self.questions]
            twice = {value for value in seen if seen.count(value) > 1}
            if twice:
                raise BadData(f"questions: {what} {sorted(twice)[0]} stands twice")
        for id, answers in self._used.items():
            known = {a.id for a in self._questions[id].answers} if id in self._questions else set()
            if not answers <= known:
                raise BadData(f"conditions: no answer {id}:{','.join(sorted(answers - known))}")
        for question in self.questions:
            if question.id not in self._used:
                raise BadData(f"questions: nothing hangs on {question.id}")
        self._require_bound(catalogue)

    def _require_bound(self, catalogue: Catalogue) -> None:
        for matter in catalogue.matters:
            for material in matter.materials:
                if not material.required and material.condition not in self._when:
                    where = f"materials {matter.code} {material.position}"
                    raise BadData(f"{where}: no question decides {material.condition!r}")
