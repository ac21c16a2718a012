"""The line between two programs, and what becomes of one request on it."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from sync.errors import NotCouch, RemoteUnavailable
from tests.simulation.chance import Time, Trace
from tests.simulation.process import tick

FAULTS = ("cut", "lost", "twice", "cut_short", "trouble", "portal", "half", "shuffled")
SPOILT = ("cut_short", "trouble", "portal")  # an answer that is none, where HTTP is spoken
BEFORE, AFTER = ("cut", "trouble", "portal"), ("lost", "cut_short", "half")


class Weather:
    """Decides about every request; counts what it did by kind."""

    def __init__(self, rolls: random.Random, now: Time, trace: Trace, rate: float) -> None:
        self._rolls = rolls
        self._now = now
        self.trace = trace
        self.rate = rate
        self.counts: Counter[str] = Counter()
        self._out: dict[str, int] = {}
        self.spoil: Callable[[str], bool] = lambda kind: False

    def part(self, actor: str, until: int) -> None:
        """Nothing gets through to or from an actor until then."""
        self._out[actor] = max(until, self._out.get(actor, 0))

    def clear(self) -> None:
        """From now on every line holds."""
        self.rate = 0
        self._out.clear()

    def fate(self, actor: str, verb: str) -> str:
        """What becomes of an actor's next request; "" if nothing happens to it."""
        if self._now.now < self._out.get(actor, 0):
            return self._count("cut")
        if self.rate == 0 or self._rolls.random() >= self.rate:
            return ""
        kind = self._rolls.choice(FAULTS)
        if (kind == "half" and verb != "bulk") or (kind == "shuffled" and verb != "changes"):
            kind = "lost"
        return self._count(kind)

    def _count(self, kind: str) -> str:
        self.counts[kind] += 1
        return kind

    def some_of(self, docs: Sequence[Any]) -> list[Any]:
        """What got through of a batch: any part of it, in its order."""
        return [doc for doc in docs if self._rolls.random() < 0.5]

    def shuffle(self, rows: list[Any]) -> None:
        """Another order: that of `_changes` is not the order of writing."""
        self._rolls.shuffle(rows)


class Wired:
    """A `sync.ports.Server` at the other end of a line."""

    def __init__(self, inner: Any, actor: str, weather: Weather) -> None:
        self._inner = inner
        self._actor = actor
        self._weather = weather

    def database(self, name: str) -> WiredDatabase:
        """A handle; makes no request."""
        return WiredDatabase(self._inner.database(name), name, self._run)

    def __getattr__(self, verb: str) -> Callable[..., Any]:
        found = getattr(self._inner, verb)
        if verb == "close":
            return found  # type: ignore[no-any-return]
        return lambda *given, **named: self._run(verb, "", found, given, named)

    def _run(self, verb: str, name: str, found: Any, given: Any, named: Any) -> Any:
        fate = self._weather.fate(self._actor, verb)
        self._weather.trace.note(self._actor, verb, name, fate, _shown(given))
        tick()
        try:
            return self._meet(fate, found, given, named)
        finally:
            tick()

    def _meet(self, fate: str, found: Any, given: Any, named: Any) -> Any:
        if fate in SPOILT and self._weather.spoil(fate):
            return found(*given, **named)
        if fate in BEFORE:
            raise (NotCouch if fate == "portal" else RemoteUnavailable)(f"weather: {fate}")
        if fate == "half":
            if some := self._weather.some_of(given[0]):
                found(some)
        else:
            answer = found(*given, **named)
        if fate in AFTER:
            raise RemoteUnavailable(f"weather: {fate}")
        if fate == "twice":
            answer = found(*given, **named)
        if fate == "shuffled":
            self._weather.shuffle(answer.rows)
        return answer


class WiredDatabase:
    """A `sync.ports.Database` at the other end of a line."""

    def __init__(self, inner: Any, name: str, run: Callable[..., Any]) -> None:
        self._inner = inner
        self.name = name
        self._run = run

    def __getattr__(self, verb: str) -> Callable[..., Any]:
        found = getattr(self._inner, verb)
        return lambda *given, **named: self._run(verb, self.name, found, given, named)


def _shown(given: Any) -> object:
    """What was asked for, as far as the trace needs it."""
    first = given[0] if given else ""
    if isinstance(first, dict):
        return first.get("_id", len(first))
    if isinstance(first, list):
        return [each.get("_id") if isinstance(each, dict) else each for each in first]
    return first
