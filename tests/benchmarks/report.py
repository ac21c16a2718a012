"""What was measured, as a table for people and as JSON for whoever compares runs."""

from __future__ import annotations

import os
import platform
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path

import msgspec

FOLDER = Path(__file__).parents[2] / "artefacts"


@dataclass(frozen=True)
class Figure:
    """One measured value and what was wanted of it."""

    what: str
    value: float
    unit: str
    wanted: str = ""
    holds: bool | None = None


@dataclass
class Report:
    """The figures of one run, in the order in which they were measured."""

    figures: list[Figure] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def say(self, what: str, value: float, unit: str) -> None:
        """A figure that nothing is wanted of."""
        self._add(Figure(what, value, unit))

    def at_least(self, what: str, value: float, unit: str, wanted: float) -> None:
        """A figure that should not be below what is wanted."""
        self._add(Figure(what, value, unit, f">= {_shown(wanted, unit)}", value >= wanted))

    def at_most(self, what: str, value: float, unit: str, wanted: float) -> None:
        """A figure that should not be above what is wanted."""
        self._add(Figure(what, value, unit, f"<= {_shown(wanted, unit)}", value <= wanted))

    def note(self, words: str) -> None:
        """Something a reader of the figures must know."""
        self.notes.append(words)
        sys.stdout.write(f"  note: {words}\n")
        sys.stdout.flush()

    def head(self, title: str) -> None:
        """Begin a part."""
        sys.stdout.write(f"\n{title}\n")
        sys.stdout.flush()

    def _add(self, figure: Figure) -> None:
        self.figures.append(figure)
        verdict = {None: "", True: "ok", False: "MISSED"}[figure.holds]
        shown = _shown(figure.value, figure.unit)
        line = f"  {figure.what:<62} {shown:>16}   {figure.wanted:<14} {verdict}"
        sys.stdout.write(line.rstrip() + "\n")
        sys.stdout.flush()

    def keep(self, name: str) -> Path:
        """Write the JSON file of this run."""
        FOLDER.mkdir(exist_ok=True)
        path = FOLDER / f"benchmarks-{name}.json"
        told = {
            "machine": {"cores": os.cpu_count(), "python": platform.python_version()},
            "load_at_the_end": os.getloadavg(),
            "figures": [asdict(figure) for figure in self.figures],
            "notes": self.notes,
        }
        path.write_bytes(msgspec.json.format(msgspec.json.encode(told)))
        return path


def _shown(value: float, unit: str) -> str:
    if unit == "%":
        return f"{value:.0%}"
    if unit == "x":
        return f"{value:.2f} x"
    return f"{value:,.0f} {unit}" if value >= 100 else f"{value:,.2f} {unit}"
