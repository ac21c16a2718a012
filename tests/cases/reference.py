"""The product's own reference data for tests, read once."""

from functools import cache
from pathlib import Path

from cases.catalogue import Catalogue
from cases.catalogue_tables import TABLES, read_catalogue
from cases.guide import Guide
from cases.guide_tables import read_guide
from cases.points import Directory, read_points

DATA = Path(__file__).parents[2] / "sync" / "data"


def table_texts() -> dict[str, str]:
    return {name: (DATA / "catalogue" / f"{name}.csv").read_text("utf-8") for name in TABLES}


@cache
def the_catalogue() -> Catalogue:
    return read_catalogue(table_texts())


@cache
def the_directory() -> Directory:
    return read_points((DATA / "points.csv").read_text("utf-8"))


@cache
def the_guide() -> Guide:
    names = ("questions", "conditions")
    return read_guide({n: (DATA / "catalogue" / f"{n}.csv").read_text("utf-8") for n in names})
