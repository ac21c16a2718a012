"""One simulated district from its first morning until all is healed, and what is then found."""

from __future__ import annotations

import heapq
import itertools
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from cases.numbers import BadNumber, SubjectKind, kind_of, parse_number
from cases.points import Point, PointKind
from central.district import JOURNAL
from sync.bundle import load_bundle
from tests.simulation import census
from tests.simulation.chance import MINUTE, Time, Trace, dice
from tests.simulation.couch import COUCHES
from tests.simulation.district import Central
from tests.simulation.office import Office
from tests.simulation.oracle import Oracle
from tests.simulation.weather import Weather
from tests.simulation.work import Staff

HEAL_STEP = 31 * MINUTE  # whatever is done now and then is due in every round
HEAL_ROUNDS_MAX = 40
STILL_ROUNDS = 2


class World:
    """The district, its people, the weather, and the oracle that watches."""

    def __init__(
        self, folder: Path, now: Time, *, seed: int, points: int, couch: str, homes: bool
    ) -> None:
        self.homes = homes
        self.folder = folder
        self.seed = seed
        self.now = now
        self.trace = Trace()
        self.rolls: random.Random = dice(seed, "world")
        self.faults: Counter[str] = Counter()
        self.weather = Weather(dice(seed, "weather"), self.now, self.trace, 0)
        self.couch = COUCHES[couch](folder)
        self.weather.spoil = self.couch.spoil
        chosen = _chosen(points)
        self._points = {p.code: p for p in chosen}
        self.codes = list(self._points)
        self.oracle = Oracle(self._home_of, self._not_in_journal)
        self.district = Central(self, chosen)
        self.offices = [Office(self, code, f"{code}-0") for code in self.codes]
        self.staff = Staff(self, dice(seed, "staff"))
        self._agenda: list[tuple[int, int, Callable[[], None]]] = []
        self._ties = itertools.count()
        self._names = itertools.count(1)

    def number_of(self, code: str) -> int:
        """A point's short number."""
        return self._points[code].number

    def kind_of(self, code: str) -> PointKind:
        """What kind of point it is."""
        return self._points[code].kind

    def at_point(self, code: str) -> list[Office]:
        """The PCs of a point: usually one, and more once one was copied."""
        return [office for office in self.offices if office.code == code and not office.lost]

    def new_name(self, stem: str) -> str:
        """A name for a new PC at a point, or for a photograph."""
        return f"{stem}-{next(self._names)}"

    def busy(self, code: str) -> None:
        """Somebody works at one of a point's PCs."""
        if offices := self.at_point(code):
            self.staff.busy(self.rolls.choice(offices))

    def sync(self, code: str) -> None:
        """Each of a point's agents has its turn."""
        for office in self.at_point(code):
            office.sync()

    def _home_of(self, subject: str) -> str:
        try:
            if kind_of(subject) is SubjectKind.STORE:
                return subject.partition(".")[0]
            number = parse_number(subject).point_number
        except BadNumber:
            return ""
        return next((p.code for p in self._points.values() if p.number == number), "")

    def _not_in_journal(self, ids: set[str]) -> set[str]:
        return ids - self.district.admin.database(JOURNAL).fetch(sorted(ids)).keys()

    # time

    def at(self, moment: int, what: Callable[[], None]) -> None:
        """Put something on the agenda."""
        heapq.heappush(self._agenda, (moment, next(self._ties), what))

    def open(self) -> None:
        """The first morning, before anything happens: every point is enrolled."""
        for office in self.offices:
            office.enrol()

    def live(self) -> None:
        """Everything on the agenda happens."""
        while self._agenda:
            moment, _, what = heapq.heappop(self._agenda)
            self.now.now = max(self.now.now, moment)
            what()

    # faults that are not the weather's

    def fault(self, kind: str) -> None:
        """The plan did something."""
        self.faults[kind] += 1
        self.trace.note("fault", kind)

    def destroyed(self) -> None:
        """A disk was lost or put back: what no other one holds is gone by the plan."""
        gone = self.oracle.survived(census.survivors(self))
        self.trace.note("destroyed", gone)

    # the end

    def heal(self) -> bool:
        """All lines hold, nothing dies, until nothing moves any more. :returns: whether it did."""
        self.weather.clear()
        for program in self.district.programs:
            program.process.fuse = None
        self.couch.process.fuse = None
        for office in self.offices:
            office.process.fuse, office.away_until, office.skew_s = None, 0, 0
        before, still = "", 0
        for _ in range(HEAL_ROUNDS_MAX):
            self.now.now += HEAL_STEP
            for office in self.offices:
                office.sync()
            self.district.step()
            after = self._shape()
            still = still + 1 if after == before else 0
            if still >= STILL_ROUNDS:
                return True
            before = after
        return False

    def _shape(self) -> str:
        """What must not change any more once all is done."""
        server = self.district.admin
        sizes = [(n, server.database(n).changes("0", limit=1, docs=False).cursor)
                 for n in server.names() if n == JOURNAL or "box-" in n]  # fmt: skip
        heads = [
            (o.name, o.node.identity.author, o.store.db.execute(
                "SELECT count(*), (SELECT sum(n) FROM receipts) FROM events").fetchone())
            for o in self.offices if not o.lost
        ]  # fmt: skip
        return repr((sizes, heads))

    def close(self) -> None:
        """Let go of every file."""
        for office in self.offices:
            if not office.lost:
                office.stop()
        self.district.close()
        self.couch.close()


def _chosen(count: int) -> list[Point]:
    """The district centre, and then some of every kind of point."""
    every = list(load_bundle().directory.points)
    kinds = [[p for p in every if p.kind is kind] for kind in dict.fromkeys(p.kind for p in every)]
    mixed = [p for row in itertools.zip_longest(*kinds) for p in row if p is not None]
    return mixed[:count]
