"""Waiting after a failure: longer each time, up to a ceiling, and not a moment once it is back."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from sync.errors import (
    Missing,
    NotAllowed,
    NotCouch,
    RemoteError,
    RemoteUnavailable,
    StorageError,
    StorageFull,
    StorageReadOnly,
)
from sync.loop import CEILING_S, PERSON_CEILING_S, SLICE_S, Retry


@dataclass
class Bench:
    """A loop on a clock that only its own pauses move; what it is to meet is a list."""

    meets: list[Exception | None]
    at: float = 0.0
    tries: list[float] = field(default_factory=list)
    told: list[tuple[type, float]] = field(default_factory=list)
    events: dict[float, Callable[[], None]] = field(default_factory=dict)
    dice: Callable[[], float] = lambda: 1.0
    stop: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.retry = Retry(self.stop, random=self.dice, pause=self.pause)

    def pause(self, seconds: float) -> None:
        self.at += seconds
        for when in [w for w in self.events if w <= self.at]:
            self.events.pop(when)()

    def step(self) -> None:
        self.tries.append(round(self.at, 3))
        met = self.meets.pop(0)
        if not self.meets:
            self.stop.set()
        if met is not None:
            raise met

    def run(self) -> list[float]:
        """:returns: when it tried."""
        self.retry.repeat(self.step, lambda error, delay: self.told.append((type(error), delay)))
        return self.tries


def down(times: int) -> list[Exception | None]:
    return [RemoteUnavailable("no answer") for _ in range(times)]


def test_each_wait_is_longer_up_to_the_ceiling_and_each_is_told() -> None:
    bench = Bench([*down(7), None])
    assert bench.run() == [0, 0.5, 1.5, 3.5, 7.5, 12.5, 17.5, 22.5]
    assert [delay for _, delay in bench.told] == [0.5, 1, 2, 4, 5, 5, 5]


def test_the_wait_is_chosen_evenly_below_that() -> None:
    rolls = iter([0.0, 0.5, 0.25, 0.9])
    bench = Bench([*down(4), None], dice=lambda: next(rolls))
    bench.run()
    assert [delay for _, delay in bench.told] == [0, 0.5, 0.5, 3.6]


def test_after_a_success_it_begins_anew() -> None:
    bench = Bench([*down(5), None, *down(1), None])
    bench.run()
    assert bench.told[-1] == (RemoteUnavailable, 0.5)


def test_an_answer_to_another_loop_ends_the_wait_at_once() -> None:
    bench = Bench([*down(4), None])
    bench.events[4.6] = bench.retry.answered
    assert bench.run()[-2:] == [3.5, pytest.approx(4.6, abs=SLICE_S)]


def test_an_answer_before_the_failure_is_no_news() -> None:
    bench = Bench([*down(2), None])
    bench.retry.answered()
    assert bench.run() == [0, 0.5, 1.5]


def test_a_loop_called_in_vain_waits_its_next_turn_out() -> None:
    """One database is in trouble while another loop has an answer every moment."""
    bench = Bench([*down(20), None])

    def keep_answering() -> None:
        bench.retry.answered()
        bench.events[bench.at + 0.1] = keep_answering

    bench.events[0.0] = keep_answering
    tries = bench.run()
    assert tries[-1] / len(tries) > CEILING_S / 3


@pytest.mark.parametrize("error", [NotAllowed("403"), Missing("404")])
def test_where_only_a_person_can_help_it_asks_more_rarely_and_never_gives_up(
    error: RemoteError,
) -> None:
    bench = Bench([*[error] * 9, None])
    tries = bench.run()
    assert bench.told[0][1] == 5
    assert bench.told[-1][1] == PERSON_CEILING_S
    assert tries[4] > 60, "five wrong passwords within a minute would lock the account"


@pytest.mark.parametrize(
    "error", [NotCouch("a page"), StorageFull("node.db"), StorageReadOnly("node.db")]
)
def test_a_portal_or_a_full_disk_is_tried_again_soon(error: RemoteError | StorageError) -> None:
    bench = Bench([*[error] * 9, None])
    bench.run()
    assert {kind for kind, _ in bench.told} == {type(error)}
    assert max(delay for _, delay in bench.told) == CEILING_S


def test_a_stop_ends_the_wait() -> None:
    bench = Bench([*down(9)])
    bench.events[7.6] = bench.stop.set
    bench.run()
    assert bench.at == pytest.approx(7.6, abs=2 * SLICE_S)


def test_what_it_does_not_know_ends_the_loop_for_its_supervisor_to_see() -> None:
    with pytest.raises(ZeroDivisionError):
        Bench([ZeroDivisionError(), None]).run()
