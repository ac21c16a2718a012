"""Slips: rivals stand side by side, one is confirmed, one is taken back, one leads to a point."""

from __future__ import annotations

import itertools
import random

import pytest

from cases import slips
from cases.events import Event
from cases.fold import fold
from cases.folded import Case
from cases.parties import parties
from tests.cases.facts import CENTRAL, CENTRE, CHEN, ELSEWHERE, LIN, WU, History, case_in


def now(history: History) -> Case:
    case = history.now()
    assert isinstance(case, Case)
    return case


def fill(history: History, by: str = CENTRAL, **more: object) -> str:
    channel = "qr" if by == CENTRAL else "window"
    return history.say("slip.filled", by, **{"channel": channel, **more}).id


def asked(case: Case) -> list[str]:
    return [slip.event for slip in slips.to_check(case)]


def test_rivals_all_wait_and_any_of_them_can_be_confirmed_over_the_others() -> None:
    for chosen in range(3):
        history = case_in("accepted")
        found = [fill(history), fill(history, LIN), fill(history, CHEN)]
        assert asked(now(history)) == found
        over = [e for e in found if e != found[chosen]]
        history.say("slip.confirmed", LIN, slip=found[chosen], over=over)
        case = now(history)
        assert (case.confirmed_slip, asked(case), slips.rivals(case)) == (found[chosen], [], ())


def test_a_rival_that_nobody_saw_at_the_confirmation_asks_again_beside_the_confirmed_one() -> None:
    history = case_in("accepted")
    first = fill(history)
    unseen = fill(history, CHEN)
    history.say("slip.confirmed", LIN, slip=first, over=[])
    case = now(history)
    assert (case.confirmed_slip, asked(case)) == (first, [unseen])
    assert [slip.event for slip in slips.rivals(case)] == [first, unseen]
    history.say("slip.confirmed", LIN, slip=unseen, over=[first])
    assert (now(history).confirmed_slip, asked(now(history))) == (unseen, [])
    later = fill(history)
    assert asked(now(history)) == [later]


def test_a_correction_by_the_same_hand_stands_in_for_what_it_replaces() -> None:
    history = case_in("accepted")
    first = fill(history)
    second = fill(history, replaces=first)
    assert asked(now(history)) == [second]
    history.say("slip.confirmed", LIN, slip=first, over=[second])
    assert asked(now(history)) == [], "the clerk may still take the earlier one"


def test_before_it_was_stated_what_stood_beside_only_the_newest_was_confirmed() -> None:
    history = case_in("accepted")
    fill(history), (second := fill(history, LIN))
    history.say("slip.confirmed", LIN, slip=second)
    assert asked(now(history)) == []


@pytest.mark.parametrize("confirmed", [True, False])
def test_what_is_taken_back_goes_with_all_it_replaced_and_a_rival_stays(confirmed: bool) -> None:
    history = case_in("accepted")
    rival = fill(history, LIN)
    first = fill(history)
    second = fill(history, replaces=first)
    if confirmed:
        history.say("slip.confirmed", LIN, slip=second, over=[rival, first])
    history.say("slip.cancelled", CENTRAL, slip=second, op="o")
    case = now(history)
    assert case.confirmed_slip == ""
    assert [slip.event for slip in slips.standing(case)] == [rival]
    assert len(case.slips) == 3, "all stay in the history"
    history.say("slip.confirmed", LIN, slip=second, over=[])
    assert now(history).confirmed_slip == "", "a clerk who had not heard of it confirms nothing"


def test_a_slip_nobody_filled_in_cannot_be_taken_back() -> None:
    history = case_in("accepted")
    kept = fill(history)
    history.say("slip.cancelled", CENTRAL, slip="another", op="o")
    assert asked(now(history)) == [kept]


def test_a_ring_of_replacements_ends() -> None:
    history = case_in("accepted")
    one = f"{history.subject}:0004-{CENTRAL}"
    two = fill(history, replaces=f"{history.subject}:0005-{CENTRAL}")
    three = fill(history, replaces=two)
    assert (one, three) == (two, f"{history.subject}:0005-{CENTRAL}")
    history.say("slip.cancelled", CENTRAL, slip=three, op="o")
    assert slips.standing(now(history)) == ()


def test_the_point_of_a_confirmed_pick_up_becomes_a_party_and_may_hand_out() -> None:
    history = case_in("completed")
    slip = fill(history, way="pickup", to_point=ELSEWHERE, consent=["locker"])
    assert ELSEWHERE not in parties(now(history))
    history.say("case.handed_out", WU, result=True)
    assert not now(history).result_handed_out, "not before a person has confirmed it"
    history.say("slip.confirmed", LIN, slip=slip, over=[])
    case = now(history)
    assert (slips.pickup_at(case), slips.is_posted(case)) == (ELSEWHERE, False)
    assert slips.confirmed(case).consent == (), "nobody comes to the door"
    assert ELSEWHERE in parties(case)
    history.say("case.handed_out", WU, result=True)
    assert now(history).result_handed_out


def test_it_stays_a_party_when_another_slip_is_chosen_later() -> None:
    history = case_in("completed")
    history.say("slip.confirmed", LIN, slip=fill(history, way="pickup", to_point=ELSEWHERE))
    history.say("slip.confirmed", LIN, slip=fill(history, way="pickup", to_point=CENTRE))
    assert slips.pickup_at(now(history)) == CENTRE
    assert {ELSEWHERE, CENTRE} <= parties(now(history))


def test_a_slip_confirmed_after_completion_has_the_last_word_on_how_the_result_goes() -> None:
    history = case_in("approved")
    before = fill(history)
    history.say("slip.confirmed", LIN, slip=before)
    history.say("case.completed", CHEN, result="paper", delivery="window")
    assert not slips.is_posted(now(history)), "the officer saw it and the resident stood there"
    history.say("slip.confirmed", LIN, slip=fill(history, replaces=before))
    assert slips.is_posted(now(history))


@pytest.mark.parametrize(
    ("said", "understood"),
    [
        ({}, ("post", "", ())),
        ({"way": "post", "consent": ["property", "roof", "locker"]},
         ("post", "", ("locker", "property"))),
        ({"way": "pickup"}, ("post", "", ())),
        ({"way": "balloon", "to_point": CENTRE}, ("post", "", ())),
        ({"way": "pickup", "to_point": CENTRE}, ("pickup", CENTRE, ())),
        ({"consent": [["locker"], 7]}, ("post", "", ())),
    ],
)  # fmt: skip
def test_only_what_is_known_is_read_from_a_slip(
    said: dict[str, object], understood: tuple[object, ...]
) -> None:
    history = case_in("accepted")
    fill(history, **said)
    (slip,) = now(history).slips
    assert (slip.way, slip.to_point, slip.consent) == understood


def test_whatever_the_order_of_arrival_every_store_shows_the_same_choice() -> None:
    history = case_in("accepted")
    first = fill(history)
    place = history.events[-1].k + 1
    history.say("slip.filled", LIN, k=place, channel="window")
    history.say("slip.confirmed", LIN, slip=first, over=[], k=place + 1)
    history.say("slip.cancelled", CENTRAL, slip=first, op="o", k=place)
    history.say("slip.filled", CENTRAL, channel="qr", k=place + 1)
    shown = {_shown(events) for events in _orders(history.events)}
    assert len(shown) == 1


def _orders(events: list[Event]) -> list[list[Event]]:
    dice = random.Random(5)  # noqa: S311  the same orders every time
    return [dice.sample(events, len(events)) for _ in itertools.repeat(None, 60)]


def _shown(events: list[Event]) -> tuple[str, tuple[str, ...]]:
    case = fold(events[0].subject, events)
    assert isinstance(case, Case)
    return case.confirmed_slip, tuple(asked(case))
