"""One run from a seed to its summary."""

from __future__ import annotations

import tempfile
import time
import traceback
from collections import Counter
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

from structlog.testing import capture_logs

from tests.simulation import census
from tests.simulation.chance import Time, injected
from tests.simulation.plan import lay_out
from tests.simulation.process import mortal
from tests.simulation.sabotage import sabotaged
from tests.simulation.twice import live_twice
from tests.simulation.world import World

TMPFS = Path("/dev/shm")  # noqa: S108 - power cuts are not played, so nothing need reach a disk


@dataclass(frozen=True)
class Wish:
    """What is to be simulated. The same wish gives the same run."""

    seed: int
    points: int = 8
    days: int = 1
    couch: str = "embedded"
    sabotage: str = ""
    calm: bool = False
    twice: bool = False
    homes: bool = True
    """Whether people apply from home, too. Seeds that failed before they did play without."""


@dataclass(frozen=True)
class Summary:
    """What came of it."""

    seed: int
    points: int
    days: int
    couch: str
    sabotage: str
    events: int
    stated: int
    destroyed: int
    faults: dict[str, int]
    lost: int
    duplicated: int
    diverged: int
    other: int
    trace: str
    seconds: float
    violations: tuple[tuple[str, str], ...] = ()

    @property
    def fine(self) -> bool:
        """Whether everything is as it must be."""
        return not self.violations

    def values(self) -> dict[str, object]:
        """As one line of JSON shows it."""
        return {k: v for k, v in asdict(self).items() if k != "violations" or v}


def simulate(wish: Wish, listener: object = None) -> Summary:
    """Play one district to its end and judge it."""
    began = time.monotonic()
    with ExitStack() as stack:
        place = str(TMPFS) if TMPFS.is_dir() else None
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=place)))
        now = Time()
        logged = stack.enter_context(capture_logs())  # its warnings are of what is played here
        stack.enter_context(injected(wish.seed, now))
        stack.enter_context(mortal())
        stack.enter_context(sabotaged(wish.sabotage))
        world = World(
            folder, now, seed=wish.seed, points=wish.points, couch=wish.couch, homes=wish.homes
        )
        if listener:
            world.trace.listener = listener  # type: ignore[assignment]
        stack.callback(world.close)
        violations, events = _played(world, wish)
        violations += [("error", str(each)) for each in logged if each["log_level"] == "error"]
        return _summary(wish, world, violations, events, time.monotonic() - began)


def _played(world: World, wish: Wish) -> tuple[list[tuple[str, str]], int]:
    try:
        world.open()
        if wish.twice:
            live_twice(world)
        else:
            lay_out(world, wish.days, calm=wish.calm)
            world.live()
        still = world.heal()
        found = census.take(world)
        violations = world.oracle.judge(found)
        if not still:
            violations.append(("restless", "something still moves long after all was healed"))
        return violations, len(found.journal)
    except Exception:
        return [*world.oracle.wrong, ("broke", traceback.format_exc())], 0


def _summary(
    wish: Wish, world: World, violations: list[tuple[str, str]], events: int, seconds: float
) -> Summary:
    kinds = Counter(kind for kind, _ in violations)
    lost = kinds["lost"] + kinds["lost though safe"]
    facts = world.oracle.facts.values()
    return Summary(
        seed=wish.seed, points=wish.points, days=wish.days, couch=wish.couch,
        sabotage=wish.sabotage, events=events, stated=len(facts),
        destroyed=sum(fact.destroyed for fact in facts),
        faults=dict(sorted((world.faults + world.weather.counts).items())),
        lost=lost, duplicated=kinds["duplicated"], diverged=kinds["diverged"],
        other=len(violations) - lost - kinds["duplicated"] - kinds["diverged"],
        trace=world.trace.digest(), seconds=round(seconds, 2), violations=tuple(violations),
    )  # fmt: skip
