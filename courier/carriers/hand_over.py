"""The file with which a carrier fetches parcels: CSV in its columns and encoding. Pure."""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from io import StringIO

from cases.reading import BadData, read_rows
from courier.carriers.ports import Handed, HandOver

_FORMULA = ("=", "+", "-", "@")  # what else could begin one is blank, and left out


@lru_cache(maxsize=8)
def columns(carrier: str) -> tuple[tuple[str, str], ...]:
    """A carrier's columns: the heading, and the field of :class:`Handed` under it."""
    text = (files("courier") / "data" / "hand_over_columns.csv").read_text("utf-8")
    rows = read_rows("hand_over_columns", text, ["carrier", "heading", "field"])
    found = tuple((r["heading"], r["field"]) for r in rows if r["carrier"] == carrier)
    if not found or any(field not in Handed.__dataclass_fields__ for _, field in found):
        raise BadData(f"hand_over_columns {carrier}: no columns, or one of no field")
    return found


def write_hand_over(carrier: str, day: str, parcels: Sequence[Handed], encoding: str) -> HandOver:
    """The file. What the encoding lacks (a rare character of a name) is written as ``&#x…;``."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(heading for heading, _ in columns(carrier))
    for parcel in parcels:
        writer.writerow(_cell(getattr(parcel, field)) for _, field in columns(carrier))
    content = text.getvalue().encode(encoding, errors="xmlcharrefreplace")
    return HandOver(f"{carrier}-{day}.csv", content, encoding)


def _cell(text: str) -> str:
    """A cell that a spreadsheet takes for words, whatever it begins with, and in one line."""
    plain = " ".join(text.split())
    first = unicodedata.normalize("NFKC", plain[:1])  # ＝ too is read as the beginning of a formula
    return f"'{plain}" if first in _FORMULA else plain
