"""What may befall the district beside the weather: each mishap is one function that does it.

Those that destroy something tell the world, which asks the oracle to count what is gone with it.
"""

from __future__ import annotations

import random
import shutil
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from central.district import inbox_name, outbox_name
from tests.simulation.chance import DAY, HOUR, MINUTE
from tests.simulation.office import Office

if TYPE_CHECKING:
    from tests.simulation.world import World

WRITES_MAX = 40  # how many writes a fuse may last
YEARS = 365 * DAY


def outage(world: World, rolls: random.Random, code: str) -> None:
    """A point's line is down for minutes or hours."""
    for office in world.at_point(code):
        world.weather.part(office.name, world.now.now + rolls.randrange(10 * MINUTE, 4 * HOUR))
    world.fault("outage")


def central_away(world: World, rolls: random.Random, code: str) -> None:
    """Central cannot be reached by anybody, itself included."""
    until = world.now.now + rolls.randrange(5 * MINUTE, HOUR)
    for actor in ("central", *(office.name for office in world.offices)):
        world.weather.part(actor, until)
    world.fault("central away")


def crash_office(world: World, rolls: random.Random, code: str) -> None:
    """A point's PC loses its power at one of its next writes."""
    for office in world.at_point(code):
        office.process.light(rolls.randrange(WRITES_MAX))


def crash_central(world: World, rolls: random.Random, code: str) -> None:
    """One of central's processes dies at one of its next writes, or CouchDB itself."""
    processes = [program.process for program in world.district.programs]
    rolls.choice([*processes, processes[0], world.couch.process]).light(rolls.randrange(WRITES_MAX))


def switched_off(world: World, rolls: random.Random, code: str) -> None:
    """A point's PC is off for hours."""
    for office in world.at_point(code):
        office.away_until = world.now.now + rolls.randrange(HOUR, 5 * HOUR)
    world.fault("switched off")


def clock(world: World, rolls: random.Random, code: str) -> None:
    """A point's clock jumps by minutes, days or years, and is set right hours later."""
    office = rolls.choice(world.at_point(code))
    office.skew_s = rolls.choice((1, -1)) * rolls.choice((7 * MINUTE, 3 * DAY, 2 * YEARS))
    world.at(world.now.now + rolls.randrange(HOUR, 8 * HOUR), partial(_set_right, office))
    world.fault("clock")


def _set_right(office: Office) -> None:
    office.skew_s = 0


def poison(world: World, rolls: random.Random, code: str) -> None:
    """A program at a point writes what intake must refuse."""
    world.staff.poison(rolls.choice(world.at_point(code)))
    world.fault("poison")


def restored(world: World, rolls: random.Random, code: str) -> None:
    """A point's data file is photographed now, and put back hours later."""
    _later_put_back(world, rolls, code, whole=False, kind="node restored")


def imaged(world: World, rolls: random.Random, code: str) -> None:
    """A point's whole disk is photographed now, keys and all, and put back hours later."""
    _later_put_back(world, rolls, code, whole=True, kind="disk image")


def _later_put_back(
    world: World, rolls: random.Random, code: str, *, whole: bool, kind: str
) -> None:
    office = rolls.choice(world.at_point(code))
    photo = office.photograph()

    def put_back() -> None:
        if office.lost:
            return
        if whole:
            world.oracle.forked.add(office.name)
        office.put_back(photo, whole=whole)
        world.fault(kind)
        world.destroyed()

    world.at(world.now.now + rolls.randrange(HOUR, 6 * HOUR), put_back)


def moved(world: World, rolls: random.Random, code: str) -> None:
    """A point's disk is put into another machine."""
    office = rolls.choice(world.at_point(code))
    office.stop()
    office.machine += "+"
    world.fault("moved")


def copied(world: World, rolls: random.Random, code: str) -> None:
    """A PC is set up as a copy of another one, and both work on; the copy may be cut off first."""
    office = rolls.choice(world.at_point(code))
    photo = office.photograph()
    machine = rolls.choice((office.machine, f"{office.machine}*"))

    def begin() -> None:
        copy = Office(world, code, world.new_name(code), machine)
        shutil.copytree(photo, copy.folder)
        world.oracle.forked |= {office.name, copy.name}
        world.weather.part(copy.name, world.now.now + rolls.choice((0, HOUR, 8 * HOUR)))
        world.offices.append(copy)
        copy.start()
        world.fault("copied")

    world.at(world.now.now + rolls.randrange(1, 3 * HOUR), begin)


def lost(world: World, rolls: random.Random, code: str) -> None:
    """A point's disk is lost; a new PC comes, empty or with a backup of hours ago."""
    office = rolls.choice(world.at_point(code))
    backup = office.photograph() if rolls.random() < 0.5 else None

    def lose() -> None:
        if office.lost:
            return
        office.lose()
        world.fault("node lost")
        world.destroyed()
        world.at(world.now.now + rolls.randrange(1, 2 * HOUR), replace)

    def replace() -> None:
        _new_pc(world, code, backup)

    world.at(world.now.now + rolls.randrange(1, 4 * HOUR), lose)


def _new_pc(world: World, code: str, backup: Path | None = None) -> None:
    new = Office(world, code, world.new_name(code))
    new.enrol(backup)
    world.offices.append(new)


def central_restored(world: World, rolls: random.Random, code: str) -> None:
    """Central's store is photographed now and put back hours later, its models in any state."""
    name = world.new_name("central")
    world.district.photograph(name)
    models = rolls.choice(("kept", "gone", "old"))
    victims = [o for o in world.at_point(code) if rolls.random() < 0.3]

    def put_back() -> None:
        for office in victims:
            if not office.lost:
                office.lose()
                world.fault("node lost")
                later = partial(_new_pc, world, code)
                world.at(world.now.now + rolls.randrange(1, HOUR), later)
        world.district.put_back(name, models)
        world.fault("central restored")
        world.destroyed()

    world.at(world.now.now + rolls.randrange(HOUR, 6 * HOUR), put_back)


def mailbox_dropped(world: World, rolls: random.Random, code: str) -> None:
    """An outbox or an inbox is deleted at central."""
    world.district.admin.drop(rolls.choice((inbox_name, outbox_name))(code))
    world.fault("mailbox dropped")
    world.destroyed()


#: (mishap, how often a day: at each point, or in the whole district)
AT_POINTS = (
    (outage, 0.6), (crash_office, 1.0), (switched_off, 0.2), (clock, 0.15), (poison, 0.15),
)  # fmt: skip
IN_DISTRICT = (
    (crash_central, 6.0), (central_away, 0.5), (restored, 0.7), (imaged, 0.5), (moved, 0.5),
    (copied, 0.7), (lost, 0.7), (central_restored, 0.7), (mailbox_dropped, 0.7),
)  # fmt: skip
