"""Who has to see to a case that presses, one rung after the other: the ladder as data.

The first rung is always there; each further one joins when the light has a colour or the case has
been late for so many working days. Computed at reading, like the light it goes by.
"""

from __future__ import annotations

from dataclasses import dataclass

from cases.clocks import CORRECT
from cases.lights import Colour, Light

#: What is deemed accepted has been let lie: it is taken as this late at the least.
DEEMED_LATE = 1


@dataclass(frozen=True)
class Rung:
    """One rung: who, and from which colour and how many working days late it is their turn."""

    role: str
    zh: str
    colour: Colour
    late: int = 0


LADDER = (
    Rung("clerk", "窗口人员", "green"),
    Rung("lead", "受理点负责人", "amber"),
    Rung("department", "审批部门负责人", "red", 1),
    Rung("supervisor", "区中心督办", "red", 3),
)
_COLOURS: dict[Colour, int] = {"green": 0, "amber": 1, "red": 2}


def escalation(light: Light | None) -> Rung | None:
    """Whose turn it is by now, or None where no period runs.

    A resident who has not corrected yet is nobody's fault: that stays with the point, whose lead
    sees to it that the case is ended or asked about.
    """
    if light is None:
        return None
    ladder = LADDER[:2] if light.what == CORRECT else LADDER
    late = max(light.late, DEEMED_LATE) if light.deemed else light.late
    reached = [
        rung
        for rung in ladder
        if _COLOURS[light.colour] >= _COLOURS[rung.colour] and late >= rung.late
    ]
    return reached[-1]


def height(light: Light | None) -> int:
    """How far up the ladder a case is; what has no period running is on no rung."""
    rung = escalation(light)
    return -1 if rung is None else LADDER.index(rung)


def turn(light: Light | None) -> str:
    """Who sees to it beside whoever has it in hand, or empty."""
    rung = escalation(light)
    return "" if rung is None or rung is LADDER[0] else rung.zh
