"""A carrier's codes and what each means for us, as a table that a district completes. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files

from cases.reading import BadData, read_rows
from courier.carriers.ports import Kind, Meaning
from courier.parcels import Hands, Why

UNSAID = "unsaid"  # the carrier does not say who took it
COLUMNS = ("code", "kind", "to", "why", "words")
_KINDS = {kind.value for kind in Kind}
_HANDS = {*(hands.value for hands in Hands), UNSAID}
_WHYS = {why.value for why in Why}


def read_codes(table: str, text: str) -> Mapping[str, Meaning]:
    """The codes from the text of such a table; raises :class:`BadData` with which row is wrong."""
    found: dict[str, Meaning] = {}
    for row in read_rows(table, text, COLUMNS):
        code, kind, to, why = row["code"], row["kind"], row["to"], row["why"]
        if not code or code in found or kind not in _KINDS:
            raise BadData(f"{table} {code!r}: empty, twice, or of no kind ({kind})")
        if (kind == "delivered") != (to in _HANDS) or (kind == "failed") != (why in _WHYS):
            raise BadData(
                f"{table} {code}: delivered says to whom, failed says why, others neither"
            )
        found[code] = Meaning(Kind(kind), row["words"], to, why)
    return found


@lru_cache(maxsize=1)
def initial_ems_codes() -> Mapping[str, Meaning]:
    """The codes that the product carries; a district's contract may have others."""
    return read_codes("ems_codes", (files("courier") / "data" / "ems_codes.csv").read_text("utf-8"))
