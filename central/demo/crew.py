"""Who takes part in a check: each at a browser of their own, signed in where they work."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from zlib import crc32

from cases.people import id_check_character
from central.demo.person import Lost, Person
from central.demo.plan import CENTRE, DONGJIE, JUNMEN, Plan
from central.demo.route import Line
from central.demo.story import Resident, at_window, supervisor


class Crew:
    """The people of a check over a running demonstration."""

    def __init__(self, plan: Plan, line: Line, say: Callable[[str], None]) -> None:
        self.plan = plan
        self.line = line
        self.say = say
        self.people: list[Person] = []
        self.clerk = self.meet(at_window(plan, JUNMEN, "lin"))
        self.officer = self.meet(at_window(plan, CENTRE, "zheng"))
        self.board = self.meet(supervisor(plan))

    def meet(self, person: Person) -> Person:
        """Somebody comes in."""
        self.people.append(person)
        return person

    def passer_by(self) -> Person:
        """Somebody with a phone, whom nobody knows."""
        return self.meet(Person("路人", self.plan.portal))

    def end(self) -> None:
        """Everybody closes their browser."""
        for person in self.people:
            person.close()


class CaseCrew(Crew):
    """Those who settle cases: two windows, two who decide, and residents as they come."""

    def __init__(self, plan: Plan, line: Line, say: Callable[[str], None]) -> None:
        super().__init__(plan, line, say)
        self.neighbour = self.meet(at_window(plan, DONGJIE, "chen"))
        self.counter = self.meet(at_window(plan, CENTRE, "huang"))

    def resident(self, name: str, born: str = "19850607") -> Resident:
        """Somebody by this name; the number is of the right form, and the name's own."""
        own = crc32(name.encode()) % 1000
        digits = f"350102{born}{own:03d}"
        return Resident(name, digits + id_check_character(digits), f"1380591{2000 + own}")


def doorstep(*words: str) -> None:
    """Run the command as an administrator does. :raises Lost: it fails."""
    command = [sys.executable, "-m", "doorstep", *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603 - our own command
    if done.returncode != 0:
        raise Lost(f"doorstep {words[0]}：{done.stdout}{done.stderr}")


def verify_journals(plan: Plan, say: Callable[[str], None]) -> None:
    """The journals at both ends are proven, by the command anybody can run."""
    for key in ("junmen", "centre", "central"):
        doorstep("verify", str(plan.data(key)))
    say("军门社区、区行政服务中心和区中心的日志都通过验证")
