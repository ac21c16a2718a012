"""The rules of instant matters (秒批) that the product carries, read once a process.

They are the product's own, not the published bundle's: a rule approves in a department's name, so
it changes with the software and its tests, never by a table alone.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from cases.instant import Rule, read_rules


@cache
def load_rules() -> dict[str, Rule]:
    """The rules by the code of their matter, and under ``*`` the checks of every other case."""
    table = files("sync") / "data" / "catalogue" / "instant_rules.csv"
    return read_rules(table.read_text("utf-8"))
