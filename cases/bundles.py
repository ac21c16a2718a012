"""一件事: several matters around one event of life, applied for at once.

What they share is asked for once: one form, one answer to each question, each paper one time. From
then on each is a case of its own, with its own route, its own clock and its own decision. Cases of
one reception bear the same group, so that they are followed as one, and their results may be posted
together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from msgspec.structs import replace

from cases.calendar import Calendar
from cases.catalogue import Basis, Bundle, Handling, Level, MaterialSpec, Matter, Source
from cases.folded import Case, Material
from cases.guide import Answers, Guide, Question
from cases.lights import light
from cases.papers import UNDONE
from cases.readings import plain, reading_of
from cases.routing import needs_area
from cases.states import CaseState

GROUP_SUFFIX_LENGTH = 4
_WITHOUT_RESULT = (*UNDONE, CaseState.REFUSED)
_FINISHED = (CaseState.COMPLETED, CaseState.CLOSED)


class Use(NamedTuple):
    """What a matter of a bundle needs a paper for."""

    matter: Matter
    spec: MaterialSpec


@dataclass(frozen=True)
class Shared:
    """One paper of a bundle, whichever of its matters ask for it; ``place`` counts from 1."""

    place: int
    uses: tuple[Use, ...]

    @property
    def spec(self) -> MaterialSpec:
        """The paper as its first matter calls it."""
        return self.uses[0].spec

    @property
    def names(self) -> tuple[str, ...]:
        """Every name it has; several may mean several persons."""
        return tuple(dict.fromkeys(use.spec.name for use in self.uses))

    @property
    def handling(self) -> Handling:
        """What becomes of it: the most that any of the matters asks for."""
        return max((use.spec.handling for use in self.uses), key=_KEPT_MORE.index)

    @property
    def copies(self) -> int:
        """How many the point keeps in all: each case goes its own way with its own."""
        kept = [u.spec for u in self.uses if u.spec.handling is not Handling.LOOKED_AT]
        return sum(spec.copies for spec in kept if spec.handling is not Handling.ELECTRONIC)


_KEPT_MORE = (
    Handling.ELECTRONIC,
    Handling.LOOKED_AT,
    Handling.COPY_KEPT,
    Handling.ORIGINAL_KEPT,
)


def paper_key(spec: MaterialSpec) -> str:
    """What makes two papers one: the same licence, else the same name."""
    return spec.licence or spec.name


def merged(uses: Iterable[Use], places: Mapping[str, int] | None = None) -> tuple[Shared, ...]:
    """Each paper once, in the order it first comes, with its place in a whole bundle."""
    found: dict[str, list[Use]] = {}
    for use in uses:
        found.setdefault(paper_key(use.spec), []).append(use)
    return tuple(
        Shared((places or {}).get(key, n), tuple(of))
        for n, (key, of) in enumerate(found.items(), 1)
    )


def places_of(matters: Iterable[Matter]) -> dict[str, int]:
    """The place of every paper of a bundle: it stays, whatever is unticked or answered."""
    keys = dict.fromkeys(paper_key(spec) for matter in matters for spec in matter.materials)
    return {key: n for n, key in enumerate(keys, 1)}


@dataclass(frozen=True)
class BundlePapers:
    """The papers of all chosen matters for what is known, each once, and what is to be asked."""

    needed: tuple[Shared, ...]
    spared: tuple[Shared, ...]
    open: tuple[Shared, ...]
    questions: tuple[Question, ...]


def resolve(
    guide: Guide,
    matters: Sequence[Matter],
    answers: Mapping[str, Answers],
    places: Mapping[str, int] | None = None,
) -> BundlePapers:
    """The papers of several matters; ``answers`` by the matter's code, as who applies differs."""
    needed: list[Use] = []
    spared: list[Use] = []
    open_: list[Use] = []
    asked: set[str] = set()
    for matter in matters:
        found = guide.resolve(matter.materials, answers[matter.code])
        needed += [Use(matter, spec) for spec in found.needed]
        spared += [Use(matter, spec) for spec in found.spared]
        open_ += [Use(matter, spec) for spec in found.open]
        asked |= {question.id for question in found.questions}
    have = {paper_key(use.spec) for use in needed}
    left = [use for use in open_ if paper_key(use.spec) not in have]
    have |= {paper_key(use.spec) for use in left}
    return BundlePapers(
        merged(needed, places),
        merged((use for use in spared if paper_key(use.spec) not in have), places),
        merged(left, places),
        tuple(question for question in guide.questions if question.id in asked),
    )


def with_one_original(matters: Iterable[Matter]) -> tuple[Matter, ...]:
    """The matters as one set of papers can serve them.

    Of a paper that somebody else issued there is one original: the first matter that keeps it has
    it, the others have a copy. What the applicant writes is written for each.
    """
    kept: set[str] = set()
    found = []
    for matter in matters:
        materials = tuple(_copy_if(spec, paper_key(spec) in kept) for spec in matter.materials)
        kept |= {paper_key(spec) for spec in materials if _is_one_original(spec)}
        found.append(replace(matter, materials=materials))
    return tuple(found)


def _is_one_original(spec: MaterialSpec) -> bool:
    return spec.handling is Handling.ORIGINAL_KEPT and spec.source is not Source.APPLICANT


def _copy_if(spec: MaterialSpec, taken: bool) -> MaterialSpec:
    if taken and _is_one_original(spec):
        return replace(spec, handling=Handling.COPY_KEPT)
    return spec


def areas_to_ask(matters: Iterable[Matter]) -> tuple[Matter, ...]:
    """One matter for each basis whose area must be asked, of the level that asks most finely."""
    found: dict[Basis, Matter] = {}
    for matter in matters:
        if not needs_area(matter):
            continue
        known = found.get(matter.basis)
        if known is None or (matter.level is Level.COMMUNITY and known.level is not matter.level):
            found[matter.basis] = matter
    return tuple(found.values())


def group_of(visit: str, op: str) -> str:
    """The name that the cases of one reception bear: the visit's number and a short suffix."""
    return f"{visit}.{op[:GROUP_SUFFIX_LENGTH]}"


def siblings(case: Case, others: Iterable[Case]) -> tuple[Case, ...]:
    """The other cases of the same reception among these, as they were received."""
    if not case.group:
        return ()
    found = [
        each
        for each in others
        if each.group == case.group and each.point == case.point and each.number != case.number
    ]
    return tuple(sorted(found, key=lambda each: each.number))


def awaited(case: Case, others: Iterable[Case], calendar: Calendar, now: str) -> tuple[Case, ...]:
    """The siblings whose results this one's waits for, where the resident wished one parcel.

    Only those that the same body decides: it has the results and packs them. One that was refused,
    has ended without a result or is late keeps no other waiting.
    """
    if not case.together:
        return ()
    return tuple(
        each
        for each in siblings(case, others)
        if each.deciding == case.deciding
        and each.state not in (*_FINISHED, *_WITHOUT_RESULT)
        and not _is_late(each, calendar, now)
    )


def _is_late(case: Case, calendar: Calendar, now: str) -> bool:
    lit = light(case, calendar, now)
    return lit is not None and lit.late > 0


def find_bundles(bundles: Iterable[Bundle], typed: str) -> tuple[Bundle, ...]:
    """The bundles that what was typed stands in: characters, pinyin or initials, or the event."""
    words = plain(typed)
    if not words:
        return ()
    return tuple(bundle for bundle in bundles if _says(bundle, words))


def _says(bundle: Bundle, words: str) -> bool:
    if words in plain(bundle.theme) or words == plain(bundle.code):
        return True
    name = reading_of(bundle.name)
    if not words.isascii():
        return words in name.plain
    return len(words) > 1 and (words in name.initials or name.pinyin.startswith(words))


def merged_names(papers: Iterable[tuple[str, Material]]) -> tuple[tuple[Material, ...], ...]:
    """The papers that several cases took, those that are one paper together."""
    found: dict[str, list[Material]] = {}
    for key, material in papers:
        found.setdefault(key, []).append(material)
    return tuple(map(tuple, found.values()))
