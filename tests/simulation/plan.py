"""What is to happen on which day: opening hours, rates of work, and what goes wrong."""

from __future__ import annotations

import random
from functools import partial
from typing import TYPE_CHECKING, Any

from cases.points import PointKind
from tests.simulation.chance import DAY, HOUR, MINUTE, dice
from tests.simulation.mishaps import AT_POINTS, IN_DISTRICT

if TYPE_CHECKING:
    from tests.simulation.office import Office
    from tests.simulation.world import World

MORNING, NOON = (30 * MINUTE, 4 * HOUR), (6 * HOUR, 9 * HOUR + 30 * MINUTE)
CLOSES = 10 * HOUR
ACTS_AN_HOUR = {
    PointKind.DISTRICT_CENTRE: 8.0,
    PointKind.PARK_BRANCH: 4.0,
    PointKind.SUBDISTRICT_CENTRE: 4.0,
    PointKind.COMMUNITY_POINT: 1.5,
}
OUTSIDE_AN_HOUR = 1.0  # per point: couriers' reports and residents' slips
FAULT_RATES = (0, 0.005, 0.02, 0.06)  # of the requests
CHOSEN = 0.6  # of the kinds of mishaps: a run with fewer kinds gets deeper into each
SYNC_EVERY, CENTRAL_EVERY = 20 * MINUTE, 8 * MINUTE


def lay_out(world: World, days: int, *, calm: bool) -> None:
    """Put the days' work, and unless all is calm their faults, on the agenda."""
    rolls = dice(world.seed, "plan")
    if not calm:
        world.weather.rate = rolls.choice(FAULT_RATES)
        mishaps = [each for each in (*AT_POINTS, *IN_DISTRICT) if rolls.random() < CHOSEN]
    for day in range(days):
        begin = day * DAY
        for office in list(world.offices):
            _work(world, rolls, office, begin)
            _syncs(world, rolls, office, begin)
        _central(world, rolls, begin)
        if not calm:
            _mishaps(world, rolls, begin, mishaps)


def _work(world: World, rolls: random.Random, office: Office, begin: int) -> None:
    rate = ACTS_AN_HOUR[world.kind_of(office.code)]
    for opens, closes in (MORNING, NOON):
        moment = begin + opens + rolls.expovariate(rate / HOUR)
        while moment < begin + closes:
            world.at(int(moment), partial(world.busy, office.code))
            moment += rolls.expovariate(rate / HOUR)


def _syncs(world: World, rolls: random.Random, office: Office, begin: int) -> None:
    moment = begin + rolls.uniform(0, SYNC_EVERY)
    while moment < begin + CLOSES:
        world.at(int(moment), partial(world.sync, office.code))
        moment += rolls.uniform(0.5, 1.5) * SYNC_EVERY


def _central(world: World, rolls: random.Random, begin: int) -> None:
    moment = float(begin)
    while moment < begin + CLOSES:
        world.at(int(moment), world.district.step)
        moment += rolls.uniform(0.5, 1.5) * CENTRAL_EVERY
    rate = OUTSIDE_AN_HOUR * len(world.codes) / HOUR
    moment = begin + rolls.expovariate(rate)
    while moment < begin + CLOSES:
        world.at(int(moment), world.staff.outside)
        moment += rolls.expovariate(rate)


def _mishaps(world: World, rolls: random.Random, begin: int, chosen: list[Any]) -> None:
    for mishap, a_day in chosen:
        times = len(world.codes) if (mishap, a_day) in AT_POINTS else 1
        for _ in range(_how_often(rolls, a_day * times)):
            moment = begin + rolls.randrange(CLOSES)
            world.at(moment, partial(_befall, world, mishap, rolls, rolls.choice(world.codes)))


def _befall(world: World, mishap: Any, rolls: random.Random, code: str) -> None:
    if world.at_point(code):
        mishap(world, rolls, code)


def _how_often(rolls: random.Random, expected: float) -> int:
    """A whole number that comes to the expected one on average."""
    count, at = 0, rolls.expovariate(1)
    while at < expected:
        count, at = count + 1, at + rolls.expovariate(1)
    return count
