"""Who is entitled (谁事权): what each word of the table means of a subject as it stands. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from cases.events import CENTRAL, point_of
from cases.folded import Case, Folded, Parcel
from cases.states import CaseState
from cases.table_rows import By


def entitled(state: Folded, by: By, author: str, data: Mapping[str, Any]) -> bool:
    """Whether an author is who the table says, as the subject stands."""
    party = point_of(author)
    return _ENTITLED[by](state, author, party, data)


def _is_receiver(state: Folded, author: str, party: str, data: Mapping[str, Any]) -> bool:
    """The point that opened the subject; any point may open one (intake checks its number)."""
    return party == state.point if state.point else party != CENTRAL


def _is_holder(state: Folded, author: str, party: str, data: Mapping[str, Any]) -> bool:
    return isinstance(state, Case) and party == state.holder


def _is_decider(state: Folded, author: str, party: str, data: Mapping[str, Any]) -> bool:
    return isinstance(state, Case) and party == state.holder == state.deciding


def _is_empowered(state: Folded, author: str, party: str, data: Mapping[str, Any]) -> bool:
    """The receiving point, while it holds a case that it is empowered to take on (受理点受理)."""
    return isinstance(state, Case) and state.waits_at_receiver and party == state.holder


def _is_rule(state: Folded, author: str, party: str, data: Mapping[str, Any]) -> bool:
    """Central, in the decider's name, for a case of an instant matter that no person has taken on.

    What it took on by a rule it decides by that rule alone.
    """
    if party != CENTRAL or not isinstance(state, Case) or state.holder != state.deciding:
        return False
    if state.state is CaseState.ACCEPTED:
        return names_rule(state, data) and state.rule == data["rule"]
    return state.state in (CaseState.RECEIVED, CaseState.FORWARDED) and names_rule(state, data)


def names_rule(case: Case, data: Mapping[str, Any]) -> bool:
    """Whether a fact names a rule that the case's matter can have: ``<matter>@<version>``."""
    rule = data.get("rule")
    fits = isinstance(rule, str) and rule.partition("@")[0] == case.matter != ""
    return fits and case.instant


def _is_party(state: Folded, author: str, party: str, data: Mapping[str, Any]) -> bool:
    if party == state.point:
        return True
    if not isinstance(state, Case):
        return False
    known = (*state.holders, state.deciding, *state.shown_to, *state.asked_points)
    return party in (*known, *state.pickup_points)


def _is_asked(state: Folded, author: str, party: str, data: Mapping[str, Any]) -> bool:
    return isinstance(state, Case) and party in state.asked_points


def _is_destination(state: Folded, author: str, party: str, data: Mapping[str, Any]) -> bool:
    return isinstance(state, Parcel) and party == state.to_point


_ENTITLED: dict[By, Callable[[Folded, str, str, Mapping[str, Any]], bool]] = {
    By.RECEIVER: _is_receiver,
    By.HOLDER: _is_holder,
    By.DECIDER: _is_decider,
    By.EMPOWERED: _is_empowered,
    By.RULE: _is_rule,
    By.PARTY: _is_party,
    By.ASKED: _is_asked,
    By.DESTINATION: _is_destination,
    By.CENTRAL: lambda state, author, party, data: party == CENTRAL,
    By.SELF: lambda state, author, party, data: author == state.number,
    By.SAME_POINT: lambda state, author, party, data: party == point_of(state.number),
    By.ANY_POINT: lambda state, author, party, data: party != CENTRAL,
    By.AUTHOR: lambda state, author, party, data: True,  # whose, the fold tells
}
