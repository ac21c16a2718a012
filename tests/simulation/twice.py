"""One combination alone, in a short run: a disk lives twice, and central is restored in between.

A whole day seldom has both at one point, and what goes wrong then hangs on who syncs with whom in
which order. Here everything else is left out, so that thousands of orders are played in an hour.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path

from tests.simulation.chance import MINUTE, dice
from tests.simulation.mishaps import _new_pc
from tests.simulation.office import Office
from tests.simulation.world import World


def live_twice(world: World) -> None:
    """Play it, from the first work until all is to be healed."""
    _Run(world, dice(world.seed, "focus")).play()


class _Run:
    def __init__(self, world: World, rolls: random.Random) -> None:
        self.world = world
        self.rolls = rolls
        self.copied = False

    def play(self) -> None:
        rolls, world = self.rolls, self.world
        self._work(rolls.randrange(4, 12))
        self._settle()
        self._settle()
        self.point = rolls.choice(world.codes)
        self.office = world.at_point(self.point)[0]
        self.photo = self.office.photograph()
        early = rolls.random() < 0.5
        if early:
            world.district.photograph("c")
        self._work(rolls.randrange(1, 4))
        self._stir(rolls.randrange(3))
        if not early:
            world.district.photograph("c")
        self._work(rolls.randrange(1, 6), self.point)
        self._work(rolls.randrange(3))
        if rolls.random() < 0.7:
            self._settle()
        self._work(rolls.randrange(3))
        self._stir(rolls.randrange(4))
        for happens in self._what():
            happens()
            self._work(rolls.randrange(4), self.point)
            self._work(rolls.randrange(2))
            self._stir(rolls.randrange(6))
            if rolls.random() < 0.3:
                self._settle()
        if rolls.random() < 0.15:
            self._lose()
        self._work(rolls.randrange(4))
        self._stir(rolls.randrange(8))

    def _what(self) -> list[Callable[[], None]]:
        what = [self._second_life, self._restore]
        if self.rolls.random() < 0.4:
            what.reverse()
        if self.rolls.random() < 0.2:
            what.append(self._restore)
        if self.rolls.random() < 0.2:
            what.append(self._second_life)
        return what

    # what happens

    def _second_life(self) -> None:
        """The disk is put back from its image, or the image runs in a second PC."""
        world, office = self.world, self.office
        if self.rolls.random() < 0.5:
            world.oracle.forked.add(office.name)
            office.put_back(self.photo, whole=True)
            world.fault("disk image")
            world.destroyed()
            return
        machine = self.rolls.choice((office.machine, office.machine + "*"))
        copy = Office(world, self.point, world.new_name(self.point), machine)
        shutil.copytree(Path(self.photo), copy.folder)
        world.oracle.forked |= {office.name, copy.name}
        world.offices.append(copy)
        copy.start()
        world.fault("copied")
        self.copied = True

    def _restore(self) -> None:
        self.world.district.put_back("c", self.rolls.choice(("kept", "gone", "old")))
        self.world.fault("central restored")
        self.world.destroyed()

    def _lose(self) -> None:
        """A PC is lost too, and a new one comes."""
        office = self.rolls.choice([o for o in self.world.offices if not o.lost])
        if office.code != self.point or self.copied:
            office.lose()
            self.world.fault("node lost")
            self.world.destroyed()
            _new_pc(self.world, office.code)

    # what goes on meanwhile

    def _tick(self) -> None:
        self.world.now.now += self.rolls.randrange(1, 12) * MINUTE

    def _work(self, times: int, code: str = "") -> None:
        for _ in range(times):
            self._tick()
            self.world.busy(code or self.rolls.choice(self.world.codes))
            if self.rolls.random() < 0.3:
                self.world.staff.outside()

    def _stir(self, times: int) -> None:
        """Somebody syncs, in any order."""
        for _ in range(times):
            self._tick()
            if self.rolls.random() < 0.5:
                self.world.sync(self.rolls.choice(self.world.codes))
            else:
                self.world.district.step()

    def _settle(self) -> None:
        for _ in range(2):
            self._tick()
            for office in self.world.offices:
                if not office.lost:
                    office.sync()
            self.world.district.step()
            self._tick()
