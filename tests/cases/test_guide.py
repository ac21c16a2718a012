"""The guide: every condition is decided by questions, and the papers are exactly those needed."""

from __future__ import annotations

from datetime import date
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases.catalogue import MaterialSpec, Matter
from cases.guide import Answers, Guide, Question, asked_of, holds, parse_expression
from cases.guide_tables import read_guide
from cases.known import known_answers
from cases.reading import BadData
from sync.bundle import load_bundle

GUIDE = load_bundle().guide
CATALOGUE = load_bundle().catalogue
TODAY = date(2026, 11, 25)
ELDERS_CARD = CATALOGUE.matter("MZJ-080101")
OLD_MAN, CHILD = "11010519491231009X", "11010520150101003X"


def said(**answers: str) -> dict[str, frozenset[str]]:
    return {question: frozenset(given.split()) for question, given in answers.items()}


def names(materials: tuple[MaterialSpec, ...]) -> list[str]:
    return [material.name for material in materials]


def kinds(matter: Matter) -> list[str]:
    both = ["person", "organization"]
    return both if matter.applicant == "both" else [matter.applicant.value]


def ways_to_answer(matter: Matter, expression_of: MaterialSpec) -> list[dict[str, frozenset[str]]]:
    """Every way to answer, by one answer each, what one material of a matter hangs on."""
    when = GUIDE.when(expression_of)
    assert when is not None
    questions = {met.question for met in asked_of(when)} | {"kind"}
    offered = [
        [(q, a.id) for a in GUIDE.choices(matter, GUIDE.question(q))
         if q != "kind" or a.id in kinds(matter)]
        for q in sorted(questions)
    ]  # fmt: skip
    return [{q: frozenset({a}) for q, a in way} for way in product(*offered)]


CONDITIONAL = [(m, p) for m in CATALOGUE.matters for p in m.materials if not p.required]


def test_every_condition_of_the_catalogue_is_bound_and_every_question_used() -> None:
    GUIDE.require_sound(CATALOGUE)
    bound = [binding.condition for binding in GUIDE.conditions]
    assert sorted(bound) == sorted({paper.condition for _, paper in CONDITIONAL})
    assert len(bound) == 149


def test_every_material_is_reached_by_some_answers_and_spared_by_others() -> None:
    for matter, paper in CONDITIONAL:
        when = GUIDE.when(paper)
        assert when is not None
        values = [holds(when, way) for way in ways_to_answer(matter, paper)]
        assert True in values, (matter.name, paper.name)
        assert False in values, (matter.name, paper.name)
        assert None not in values, (matter.name, paper.name)


def test_answering_one_question_after_another_decides_every_matter() -> None:
    for matter in CATALOGUE.matters:
        answers: dict[str, frozenset[str]] = {}
        for _ in GUIDE.questions:
            found = GUIDE.resolve(matter.materials, answers)
            if not found.questions:
                break
            first = found.questions[0]
            answers[first.id] = frozenset({GUIDE.choices(matter, first)[-1].id})
        assert found.open == ()
        assert len(found.needed) + len(found.spared) == len(matter.materials)
        assert len(answers) <= 8, "nobody is asked more than that"


def test_each_paper_is_on_exactly_one_list_and_the_open_ones_have_a_question() -> None:
    for matter in CATALOGUE.matters:
        found = GUIDE.resolve(matter.materials, {})
        together = (*found.needed, *found.spared, *found.open)
        assert sorted(together, key=lambda m: m.position) == list(matter.materials)
        assert bool(found.open) == bool(found.questions)


def test_who_comes_decides_without_being_asked_twice() -> None:
    alone = GUIDE.resolve(ELDERS_CARD.materials, said(here="self"))
    helped = GUIDE.resolve(ELDERS_CARD.materials, said(here="agent"))
    assert "代办人居民身份证" not in names(alone.needed)
    assert "代办人居民身份证" in names(helped.needed)
    assert alone.questions == helped.questions == ()


def test_a_question_is_asked_only_while_a_paper_hangs_on_it() -> None:
    tax = CATALOGUE.matter("SWJ-001201")  # 契税申报（新建商品房）: persons and organisations
    first = GUIDE.resolve(tax.materials, {})
    assert [q.id for q in first.questions] == ["kind"]
    person = GUIDE.resolve(tax.materials, said(kind="person", here="self"))
    assert [q.id for q in person.questions] == ["marriage"]
    company = GUIDE.resolve(tax.materials, said(kind="organization", here="agent"))
    assert company.questions == ()
    assert "结婚证" in names(company.spared)


def test_several_answers_count_each() -> None:
    food = CATALOGUE.matter("SCJG-001702")  # 食品经营许可（变更）
    both = GUIDE.resolve(
        food.materials, said(kind="person", here="self", commitment="no", changes="head other")
    )
    assert "新任负责人居民身份证" in names(both.needed)
    assert "告知承诺书" in names(both.spared)


def test_of_several_answers_only_those_are_offered_that_this_matter_looks_at() -> None:
    dog = CATALOGUE.matter("GAJ-003203")  # 养犬登记（变更）
    offered = [answer.id for answer in GUIDE.choices(dog, GUIDE.question("changes"))]
    assert offered == ["address", "other"]
    assert len(GUIDE.choices(dog, GUIDE.question("income"))) == 3, "where one is chosen: all"


@pytest.mark.parametrize(
    ("number", "age", "early"),
    [(OLD_MAN, "adult", None), (CHILD, "u16", "yes"), ("110105200912310020", "u18", "yes")],
)
def test_the_id_number_says_how_old_somebody_is(number: str, age: str, early: str | None) -> None:
    known = known_answers(ELDERS_CARD, resident_id=number, today=TODAY)
    assert known["age"] == {age}
    assert known.get("early_retired") == ({early} if early else None)


def test_a_child_grows_up_on_the_birthday() -> None:
    number = "110105201011260039"
    days = (date(2026, 11, 25), date(2026, 11, 26))
    bands = [known_answers(ELDERS_CARD, resident_id=number, today=day)["age"] for day in days]
    assert bands == [{"u16"}, {"u18"}]


def test_an_organisation_has_no_age_and_a_matter_for_persons_needs_no_kind_chosen() -> None:
    company = CATALOGUE.matter("SCJG-000101")
    known = known_answers(company, kind="person", capacity="agent", resident_id=CHILD, today=TODAY)
    assert known == said(kind="organization", here="agent")


PAIRS = [(question, answer.id) for question in GUIDE.questions for answer in question.answers]


def together(pairs: list[tuple[Question, str]]) -> dict[str, frozenset[str]]:
    """Answers given one after another: to a question of one answer, the last one counts."""
    found: dict[str, frozenset[str]] = {}
    for question, answer in pairs:
        before = found.get(question.id, frozenset()) if question.many else frozenset()
        found[question.id] = before | {answer}
    return found


answers_given = st.lists(st.sampled_from(PAIRS), max_size=12).map(together)


@settings(deadline=None, max_examples=60)
@given(answers_given)
def test_a_code_carries_the_answers_and_is_fit_for_a_qr(answers: Answers) -> None:
    code = GUIDE.code_of(answers)
    assert GUIDE.answers_of(code) == answers
    assert GUIDE.answers_of(code.lower()) == answers
    assert set(code) <= set("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ.")


@pytest.mark.parametrize("code", ["", "..", "01Z", "ZZA", "01", "<b>", "01A" * 500, "０１Ａ"])
def test_a_code_of_nonsense_says_nothing(code: str) -> None:
    assert GUIDE.answers_of(code).get("kind", frozenset()) <= {"person"}
    assert set(GUIDE.answers_of(code)) <= {"kind"}


@settings(deadline=None, max_examples=60)
@given(answers_given, st.sampled_from(CATALOGUE.matters))
def test_more_answers_never_change_what_was_settled(answers: Answers, matter: Matter) -> None:
    before = GUIDE.resolve(matter.materials, {"here": frozenset({"self"})})
    after = GUIDE.resolve(matter.materials, {**answers, "here": frozenset({"self"})})
    assert set(before.needed) <= set(after.needed)
    assert set(before.spared) <= set(after.spared)


@pytest.mark.parametrize(
    "text", ["", "a", "a:", "a:b &", "& a:b", "(a:b", "a:b)", "a:b c:d", "a:b || c:d", "a=b", "A:b"]
)
def test_an_expression_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(BadData, match="conditions"):
        parse_expression(text)


def test_an_expression_is_settled_as_soon_as_it_can_be() -> None:
    when = parse_expression("a:x & (b:x | !c:x,y)")
    assert holds(when, {}) is None
    assert holds(when, said(a="z")) is False
    assert holds(when, said(a="x", b="x")) is True
    assert holds(when, said(a="x", c="y")) is None
    assert holds(when, said(a="x", b="n", c="y")) is False


HEAD = "code,id,about,many,text,help,answers,text_en,answers_en\n"
SOUND = HEAD + "01,kind,person,0,谁？,,person=个人;organization=单位,Who?,A person;Another\n"
BOUND = "condition,when\n单位申请时,kind:organization\n"


@pytest.mark.parametrize(
    ("questions", "conditions", "words"),
    [
        (SOUND, BOUND + "别的,kind:nobody\n", "no answer kind:nobody"),
        (SOUND, BOUND + "别的,age:u16\n", "no answer age:u16"),
        (SOUND + "02,age,person,0,多大？,,a=甲;b=乙,Age?,A;B\n", BOUND, "nothing hangs on age"),
        (SOUND + SOUND.removeprefix(HEAD), BOUND, "kind stands twice"),
        (SOUND, BOUND, "no question decides"),
        (HEAD + "01,kind,nobody,0,谁？,,a=甲;b=乙,Who?,A;B\n", BOUND, "about is 'nobody'"),
        (HEAD + "01,kind,case,0,谁？,,a=甲;b=乙,Who?,A\n", BOUND, "English differ"),
        (HEAD + "01,kind,case,0,谁？,,a=甲,Who?,A\n", BOUND, "English differ"),
    ],
)
def test_a_guide_that_is_not_sound_is_refused(questions: str, conditions: str, words: str) -> None:
    with pytest.raises(BadData, match=words):
        read_guide({"questions": questions, "conditions": conditions}).require_sound(CATALOGUE)


def test_without_a_guide_every_paper_is_asked_for() -> None:
    found = Guide().resolve(ELDERS_CARD.materials, {})
    assert found.needed == ELDERS_CARD.materials
