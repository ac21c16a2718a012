"""Every act that the table forbids is tried in every state, and refused with its sentence."""

from __future__ import annotations

import re

import pytest

from cases.fold import WrongState, permit
from cases.states import STATE_ZH, CaseState
from cases.table import TYPES, sealed_names
from tests.cases.facts import CAST, CENTRE, HERE, case_in, least
from tests.cases.test_table import CASE_RULES, rules

ALLOWED = {type: states for type, (_, states, _) in rules(CASE_RULES).items()}
FORBIDDEN = [
    (state.value, type)
    for type, states in sorted(ALLOWED.items())
    for state in CaseState
    if state.value not in states
]
#: What an act says at the least, where the rules look at it.
SAYING = {"to": CENTRE, "deciding": CENTRE, "kind": "tender", "days": 5}


def sentences(state: str, type: str) -> list[str]:
    """What each of the cast is told who tries it, with everything that the act needs."""
    case = case_in(state, deciding=CENTRE if state == "forwarded" else HERE).now()
    data = {**least(type), **{k: v for k, v in SAYING.items() if k in TYPES[type].open}}
    told = []
    for author in CAST:
        with pytest.raises(WrongState) as refusal:
            permit(case, type, author, data, sealed_names(TYPES[type])[0])
        told.append(str(refusal.value))
    return told


@pytest.mark.parametrize(("state", "type"), FORBIDDEN)
def test_what_is_forbidden_is_refused_naming_the_case_its_state_and_the_act(
    state: str, type: str
) -> None:
    case, told = case_in(state).now(), sentences(state, type)
    assert all(case.number in words and re.search("[一-龥]{4}", words) for words in told)
    assert all(TYPES[type].zh in words for words in told)
    named = STATE_ZH[CaseState(state)]
    if state != "new":  # of a case that is not received yet nobody is the holder
        assert any(named in words for words in told)


def test_more_is_forbidden_than_allowed() -> None:
    pairs = len(ALLOWED) * len(CaseState)
    assert len(FORBIDDEN) > pairs / 3
    assert len(FORBIDDEN) + sum(map(len, ALLOWED.values())) == pairs
