"""一件事: each paper once, one original, areas asked once a basis, and results that wait."""

from __future__ import annotations

from itertools import combinations

import pytest
from msgspec.structs import replace

from cases.bundles import (
    areas_to_ask,
    awaited,
    merged,
    paper_key,
    places_of,
    resolve,
    siblings,
    with_one_original,
)
from cases.catalogue import Bundle, Handling, Source
from cases.folded import Case
from cases.numbers import case_number
from cases.tasks import case_tasks
from sync.bundle import load_bundle
from tests.cases.facts import CENTRAL, CENTRE, CHEN, ELSEWHERE, HERE, LIN, TODAY, WU, History

BUNDLE = load_bundle()
CATALOGUE, GUIDE, CALENDAR = BUNDLE.catalogue, BUNDLE.guide, BUNDLE.calendar
BUNDLES = [pytest.param(b, id=b.code) for b in CATALOGUE.bundles]
NOW = "2026-11-22T08:00:00Z"
GROUP = {"code": "YJS01", "group": "V017-261122-0001-A.ab12", "size": 2, "together": True}


def matters_of(bundle: Bundle) -> list:
    return [CATALOGUE.matter(code) for code in bundle.matters]


def nothing_known(matters: list) -> dict:
    return {matter.code: {} for matter in matters}


@pytest.mark.parametrize("bundle", BUNDLES)
def test_every_paper_of_a_matter_is_in_the_bundle_exactly_once(bundle: Bundle) -> None:
    matters = matters_of(bundle)
    found = resolve(GUIDE, matters, nothing_known(matters), places_of(matters))
    listed = [*found.needed, *found.open, *found.spared]
    keys = [paper_key(shared.spec) for shared in listed]
    assert len(keys) == len(set(keys)) < sum(len(m.materials) for m in matters)
    assert set(keys) == {paper_key(s) for m in matters for s in m.materials}
    assert len({shared.place for shared in listed}) == len(listed)


@pytest.mark.parametrize("bundle", BUNDLES)
def test_one_answer_counts_for_every_matter_that_asks(bundle: Bundle) -> None:
    matters = matters_of(bundle)
    answers: dict = {}
    for _ in range(40):
        found = resolve(GUIDE, matters, {m.code: answers for m in matters})
        if not found.questions:
            break
        question = found.questions[0]
        answers[question.id] = frozenset({question.answers[-1].id})
    assert not found.open
    assert not found.questions
    one_by_one = {
        paper_key(spec) for m in matters for spec in GUIDE.resolve(m.materials, answers).needed
    }
    assert {paper_key(shared.spec) for shared in found.needed} == one_by_one


def test_a_paper_keeps_its_place_when_a_matter_is_unticked() -> None:
    matters = matters_of(CATALOGUE.bundles[0])
    places = places_of(matters)
    for some in combinations(matters, 3):
        found = resolve(GUIDE, some, nothing_known(list(some)), places)
        for shared in (*found.needed, *found.open):
            assert shared.place == places[paper_key(shared.spec)]


def test_a_paper_needed_by_one_matter_does_not_wait_for_anothers_question() -> None:
    matters = matters_of(CATALOGUE.bundles[1])
    found = resolve(GUIDE, matters, nothing_known(matters))
    needed = {paper_key(shared.spec) for shared in found.needed}
    assert not needed & {paper_key(shared.spec) for shared in (*found.open, *found.spared)}


def test_what_somebody_else_issued_is_kept_once_and_copied_for_the_others() -> None:
    matters = [
        replace(
            matter,
            materials=tuple(
                replace(s, handling=Handling.ORIGINAL_KEPT, source=Source.GOVERNMENT, licence="X")
                for s in matter.materials[:1]
            ),
        )
        for matter in matters_of(CATALOGUE.bundles[0])[:3]
    ]
    kept = [m.materials[0].handling for m in with_one_original(matters)]
    assert kept == [Handling.ORIGINAL_KEPT, Handling.COPY_KEPT, Handling.COPY_KEPT]


def test_what_the_applicant_writes_is_written_for_each_matter() -> None:
    matters = matters_of(CATALOGUE.bundles[0])
    after = [
        spec.handling
        for matter in with_one_original(matters)
        for spec in matter.materials
        if spec.name == "告知承诺书"
    ]
    assert after == [Handling.ORIGINAL_KEPT] * 5


def test_copies_are_counted_for_every_case_that_keeps_one() -> None:
    matters = matters_of(CATALOGUE.bundles[0])
    found = resolve(GUIDE, matters, nothing_known(matters))
    licence = next(s for s in found.needed if paper_key(s.spec) == "YYZZ")
    assert licence.copies == len(licence.uses)
    assert next(s for s in found.needed if paper_key(s.spec) == "SFZ").copies == 0
    assert merged([]) == ()


def test_the_area_is_asked_once_for_each_basis_as_finely_as_any_matter_needs() -> None:
    matters = matters_of(CATALOGUE.bundles[8])  # 结婚生育: community and subdistrict
    asked = {m.basis.value: m.level.value for m in areas_to_ask(matters)}
    assert asked == {"residence": "community", "registered_residence": "subdistrict"}
    assert areas_to_ask(matters_of(CATALOGUE.bundles[3])) == ()  # all decided by the district


# what was received together


def received(
    serial: int, *, deciding: str = CENTRE, by: str = LIN, bundle: object = GROUP
) -> History:
    history = History(case_number(31, TODAY, serial))
    history.say("case.received", by, deciding=deciding, promised_days=5, bundle=bundle)
    if deciding != HERE:
        history.say("case.forwarded", by, to=deciding)
    return history


def case(history: History) -> Case:
    found = history.now()
    assert isinstance(found, Case)
    return found


def completed(serial: int) -> History:
    history = received(serial)
    history.say("case.accepted", CHEN)
    history.say("case.approved", CHEN)
    history.say("case.completed", CHEN, result="paper", delivery="mail")
    return history


def test_cases_of_one_reception_know_each_other_and_nobody_elses() -> None:
    one, other = case(received(1)), case(received(2))
    alone = case(received(3, bundle=None))
    claimed = case(received(4, by=WU))  # another point wrote the group's name into its own case
    assert siblings(one, [alone, claimed, other, one]) == (other,)
    assert siblings(alone, [one, other]) == ()


@pytest.mark.parametrize("bundle", [{}, {"size": "nine", "together": 1}, {"group": 7}])
def test_a_group_that_cannot_be_read_is_a_case_alone_or_with_its_name(bundle: dict) -> None:
    found = case(received(1, bundle=bundle))
    assert found.group in ("", "7")
    assert not found.together
    assert found.group_size == 0


def waits(other: History, now: str = NOW) -> int:
    return len(awaited(case(completed(1)), [case(other)], CALENDAR, now))


def test_a_result_waits_for_one_that_is_not_there_yet_and_says_so() -> None:
    other = received(2)
    assert waits(other) == 1
    (task, *_) = [
        t for t in case_tasks(case(completed(1)), (), CENTRE, awaited=1) if t.kind == "post_result"
    ]
    assert task.words == "等同一件事的其他结果，还差 1 件"


def test_a_wish_to_be_fetched_is_a_task_until_something_came_for_it() -> None:
    history = received(1)
    defects = [{"position": 2, "reason": "unclear"}, {"position": 0, "reason": "wrong"}]
    history.say("case.correction_noticed", CHEN, defects=defects, days=10)
    history.say("case.pickup_wished", CENTRAL, positions=[2], op="o")

    def tasks() -> list[str]:
        return [t.kind for t in case_tasks(case(history), (), HERE)]

    assert "fetch_papers" in tasks()
    assert "fetch_papers" not in [t.kind for t in case_tasks(case(history), (), CENTRE)]
    history.say("case.supplemented", CENTRAL, positions=[0], how="answered")
    assert "fetch_papers" in tasks()
    history.say("case.supplemented", LIN, positions=[2], how="fetched")
    assert "fetch_papers" not in tasks()


def test_it_waits_for_none_that_is_done_refused_ended_or_late() -> None:
    assert waits(completed(2)) == 0
    refused = received(2)
    refused.say("case.accepted", CHEN)
    assert waits(refused) == 1
    assert waits(refused, "2026-12-20T08:00:00Z") == 0  # late: it keeps no other waiting
    refused.say("case.refused", CHEN)
    assert waits(refused) == 0
    ended = received(2)
    ended.say("case.not_accepted", CHEN)
    assert waits(ended) == 0


def test_it_does_not_wait_for_what_another_body_posts_or_where_nobody_wished_it() -> None:
    assert waits(received(2, deciding=ELSEWHERE)) == 0
    apart = {**GROUP, "together": False}
    lone = received(1, bundle=apart)
    assert awaited(case(lone), [case(received(2))], CALENDAR, NOW) == ()
