"""What central carries is one fact in its own place, whoever holds what of it."""

from __future__ import annotations

import itertools
import random

import pytest

from cases.carried import CARRIED, facts, told
from cases.events import Event, parse
from cases.fold import fold
from cases.folded import Case
from tests.cases.facts import CASE, CENTRAL, CENTRE, CHEN, HERE, LIN, VISIT, WU, History


def signed(event: Event, sig: str, **data: str) -> Event:
    """The event as another life of its author's disk would have signed it."""
    return parse({**event.doc, "sig": sig, "data": {**event.data, **data}})


def carrier(event: Event, by: str = CENTRAL, k: int = 9) -> Event:
    doc = {
        "id": f"{event.subject}:{k:04d}-{by}", "v": 1, "type": CARRIED, "author": by, "n": k,
        "at": "2026-11-22T09:00:00Z", "actor": "intake", "prev": "", "sig": f"by-{by}-{k}",
        "data": {"event": dict(event.doc), "cert": {}},
    }  # fmt: skip
    return parse(doc)


def forwarded() -> list[Event]:
    """A case that LIN forwarded and CHEN accepted."""
    history = History()
    history.say("case.received", LIN, deciding=CENTRE)
    history.say("case.forwarded", LIN, to=CENTRE)
    history.say("case.accepted", CHEN)
    return [signed(event, f"sig-{event.k}") for event in history.events]


def verdicts(events: list[Event]) -> dict[str, str]:
    return {step.id: step.verdict for step in fold(CASE, events).steps}


def test_a_carried_fact_counts_in_its_own_place() -> None:
    """What followed it, in another's name, counts too: its effects do not come before it."""
    received, forward, accepted = forwarded()
    assert fold(CASE, [received, carrier(forward), accepted]) == fold(
        CASE, [received, forward, accepted]
    )
    lost = fold(CASE, [received, accepted])
    assert lost.steps[-1].verdict == "set_aside"


def test_carried_twice_or_carried_and_there_is_one_fact() -> None:
    received, forward, accepted = forwarded()
    once = fold(CASE, [received, forward, accepted])
    again = carrier(forward, "central.zzzzzzzz", 7)
    assert fold(CASE, [received, forward, accepted, carrier(forward)]) == once
    assert fold(CASE, [received, accepted, carrier(forward), again]) == once
    assert facts(facts([received, carrier(forward), again])) == facts(
        [received, carrier(forward), again]
    )


def test_a_carried_fact_that_was_also_stated_anew_counts_once() -> None:
    received, forward, accepted = forwarded()
    anew = f"{HERE}.eeee"
    doc = {**forward.doc, "id": f"{CASE}:0004-{anew}", "author": anew, "sig": "anew",
           "data": {**forward.data, "restates": forward.sig}}  # fmt: skip
    found = verdicts([received, carrier(forward), accepted, parse(doc)])
    assert found == {received.id: "ok", forward.id: "ok", accepted.id: "ok", doc["id"]: "set_aside"}


def test_two_facts_of_one_id_are_told_apart_and_each_void_finds_its_own() -> None:
    received, forward, accepted = forwarded()
    approved = signed(accepted, "approved")
    approved = parse({**approved.doc, "type": "case.approved", "id": f"{CASE}:0004-{CHEN}"})
    refused = parse({**approved.doc, "type": "case.refused", "sig": "refused"})
    void = parse({**approved.doc, "type": "case.voided", "id": f"{CASE}:0005-{CHEN}",
                  "data": {"event": refused.id}, "sig": "void"})  # fmt: skip
    events = [received, forward, accepted, approved, carrier(refused, k=7), carrier(void, k=8)]
    found = fold(CASE, events)
    name = carrier(refused, k=7).id
    assert {s.id: s.verdict for s in found.steps} == {
        received.id: "ok", forward.id: "ok", accepted.id: "ok",
        approved.id: "ok", name: "set_aside", void.id: "set_aside",
    }  # fmt: skip
    voided = [received, forward, accepted, carrier(refused, k=7), carrier(void, k=8)]
    assert verdicts(voided)[refused.id] == "voided"


def test_only_central_carries_and_only_within_the_subject() -> None:
    received, forward, accepted = forwarded()
    for stranger in (WU, LIN):
        found = fold(CASE, [received, carrier(forward, stranger), accepted])
        assert found.steps[-1].reason == f"{CASE}: 只有区中心可以转录"
        assert isinstance(found, Case)
        assert found.holder == HERE
    elsewhere = {**forward.doc, "id": f"{VISIT}:0002-{LIN}"}
    for unread in (7, elsewhere, dict(carrier(forward).doc)):
        strange = parse({**carrier(forward).doc, "data": {"event": unread, "cert": {}}})
        assert told(strange) is strange
        assert verdicts([received, strange])[strange.id] == "set_aside"


@pytest.mark.parametrize("seed", range(60))
def test_whatever_a_store_holds_of_it_all_show_the_same(seed: int) -> None:
    """One holds the original, one only carriers, in any order of arrival."""
    rolls = random.Random(seed)  # noqa: S311 - no secret
    received, forward, accepted = forwarded()
    lives = [signed(forward, "other-life", to=HERE), forward]
    carriers = [carrier(e, k=k) for k, e in enumerate((*lives, accepted), 5)]
    must = [received, lives[0], *carriers[1:]]
    some = [*must, *(e for e in (carriers[0], accepted) if rolls.random() < 0.5)]
    rolls.shuffle(some)
    assert fold(CASE, some) == fold(CASE, must)
    first = list(itertools.permutations(must))[seed % 24]
    assert fold(CASE, first) == fold(CASE, must)
