"""Numbers of visits from posters: never twice, whoever asks."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from cases.numbers import parse_number
from central.visit_numbers import VisitNumbers
from tests.central.world import DAY, NOW, Central


def test_processes_with_the_same_wish_take_different_ranges(central: Central) -> None:
    numbers = [VisitNumbers("k3f9aa00") for _process in range(3)]
    given = [n.next(central.server, central.router, 31, DAY, NOW) for n in numbers]
    suffixes = [parse_number(number).suffix for number in given]
    assert suffixes[0] == "k3f9"
    assert len(set(suffixes)) == 3


def test_threads_of_one_process_never_share_a_number(central: Central) -> None:
    numbers = VisitNumbers("abcd")

    def one(_n: int) -> str:
        return numbers.next(central.server.connect(), central.router, 31, DAY, NOW)  # type: ignore[attr-defined]

    numbers.next(central.server, central.router, 31, DAY, NOW)
    with ThreadPoolExecutor(4) as pool:
        given = list(pool.map(one, range(200)))
    assert len(set(given)) == 200


def test_a_range_that_is_used_up_is_followed_by_another(
    central: Central, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = VisitNumbers("abcd")
    first = numbers.next(central.server, central.router, 31, DAY, NOW)
    monkeypatch.setattr(numbers, "_serial", 9_999)
    second = numbers.next(central.server, central.router, 31, DAY, NOW)
    assert parse_number(first).suffix != parse_number(second).suffix
