"""What a parcel costs, who bears it, and where free mail reaches (免费寄递): pure, from tables.

Nobody ever asks a resident for postage: the bearer is the district, or the department that decides.
The tables are the product's initial data (``courier/data``); a row that nobody has confirmed is a
sample, and whatever was reckoned with it says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from cases.divisions import Divisions
from cases.folded import Parcel
from cases.reading import BadData, read_rows, whole_number, yes_or_no
from cases.times import BadTime, from_text, to_text

ANY = "*"
DISTRICT, DEPARTMENT = "district", "department"
BEARERS_ZH = {DISTRICT: "区级统一承担", DEPARTMENT: "审批部门承担"}
DAYS_MAX = 60
TABLES = ("mail_regions", "tariffs", "bearers")


@dataclass(frozen=True)
class Reach:
    """Whether free mail goes to a region, and in how many days a parcel should be there."""

    free: bool
    days: int
    sample: bool


@dataclass(frozen=True)
class Tariff:
    """A carrier's postage to a region, in fen: the first weight, and each further one begun."""

    first_g: int
    first_fen: int
    more_g: int
    more_fen: int
    sample: bool

    def fen(self, weight_g: int) -> int:
        """The postage of a weight; one that is not known (0) is within the first weight."""
        over = max(weight_g - self.first_g, 0)
        return self.first_fen + -(-over // self.more_g) * self.more_fen


@dataclass(frozen=True)
class Postage:
    """The tables together."""

    regions: Mapping[str, Reach]
    tariffs: Mapping[tuple[str, str], Tariff]
    bearers: Mapping[tuple[str, str], str]

    def reach(self, province: str) -> Reach:
        """Where free mail goes; what is not known goes by the row for every other region."""
        return self.regions.get(province) or self.regions[ANY]

    def tariff(self, carrier: str, province: str) -> Tariff | None:
        """What a carrier asks to a region, or None where nobody has said."""
        return self.tariffs.get((carrier, province)) or self.tariffs.get((carrier, ANY))

    def expected_fen(self, carrier: str, province: str, weight_g: int = 0) -> int | None:
        """The postage to expect, or None where there is no tariff."""
        found = self.tariff(carrier, province)
        return found.fen(weight_g) if found else None

    def billing(self) -> list[str]:
        """The carriers that send bills: those that ask postage."""
        asked = {carrier for (carrier, _), t in self.tariffs.items() if t.first_fen or t.more_fen}
        return sorted(asked)

    def bearer(self, purpose: str, department: str = "") -> str:
        """Who bears the postage of a parcel of this purpose for a case of this department."""
        for row in ((purpose, department), (purpose, ANY), (ANY, department), (ANY, ANY)):
            if found := self.bearers.get(row):
                return found
        return DISTRICT


def read_postage(texts: Mapping[str, str]) -> Postage:
    """The tables from their texts; raises :class:`BadData`."""
    return Postage(
        regions=_regions(texts["mail_regions"]),
        tariffs=_tariffs(texts["tariffs"]),
        bearers=_bearers(texts["bearers"]),
    )


@lru_cache(maxsize=1)
def initial_postage() -> Postage:
    """The tables that the product carries."""
    return read_postage(initial_texts())


@lru_cache(maxsize=1)
def initial_texts() -> Mapping[str, str]:
    """The texts of the tables that the product carries."""
    folder = files("courier") / "data"
    return {name: (folder / f"{name}.csv").read_text("utf-8") for name in TABLES}


def _regions(text: str) -> dict[str, Reach]:
    table, found = "mail_regions", dict[str, Reach]()
    for row in read_rows(table, text, ["region", "free", "days", "sample"]):
        region = _region(table, row["region"])
        days = whole_number(table, region, row, "days")
        if region in found or not 1 <= days <= DAYS_MAX:
            raise BadData(f"{table} {region}: stands twice, or not 1 to {DAYS_MAX} days")
        free = yes_or_no(table, region, row, "free")
        found[region] = Reach(free, days, yes_or_no(table, region, row, "sample"))
    if ANY not in found:
        raise BadData(f"{table}: no row for every other region ({ANY})")
    return found


def _tariffs(text: str) -> dict[tuple[str, str], Tariff]:
    table, found = "tariffs", dict[tuple[str, str], Tariff]()
    numbers = ("first_g", "first_fen", "more_g", "more_fen")
    for row in read_rows(table, text, ["carrier", "region", *numbers, "sample"]):
        key = (row["carrier"], _region(table, row["region"]))
        name = f"{key[0]} {key[1]}"
        said = {column: whole_number(table, name, row, column) for column in numbers}
        if key in found or not key[0] or not said["more_g"]:
            raise BadData(f"{table} {name}: stands twice, names no carrier, or more_g is 0")
        found[key] = Tariff(**said, sample=yes_or_no(table, name, row, "sample"))
    return found


def _bearers(text: str) -> dict[tuple[str, str], str]:
    table, found = "bearers", dict[tuple[str, str], str]()
    for row in read_rows(table, text, ["purpose", "department", "bearer"]):
        if row["bearer"] not in BEARERS_ZH:
            raise BadData(f"{table} {row['purpose']}: {row['bearer']!r} cannot bear postage")
        found[row["purpose"], row["department"]] = row["bearer"]
    return found


def _region(table: str, code: str) -> str:
    if code != ANY and not (len(code) == 6 and code.isdigit() and code.endswith("0000")):
        raise BadData(f"{table}: {code!r} is no province's code")
    return code


def province_of(region: str, divisions: Divisions) -> str:
    """The code of the province that an address begins with, or empty."""
    return next((p.code for p in divisions.provinces() if region.startswith(p.name)), "")


def province_in(words: str, divisions: Divisions) -> str:
    """The code of the province in a carrier's words (福建, 福建省福州市, 内蒙), or empty."""
    plain = words.replace(" ", "")
    found = province_of(plain, divisions)
    if found or len(plain) < 2:
        return found
    return next((p.code for p in divisions.provinces() if p.name[:2] == plain[:2]), "")


def posted_on(parcel: Parcel) -> str:
    """When a parcel went out (UTC): taken over as its courier says, else packed."""
    for step in parcel.steps:
        if step.type == "parcel.taken_over" and step.verdict == "ok":
            return moment(step.data.get("when"), step.at)
    return parcel.packed_at


def moment(said: object, heard: str) -> str:
    """When something happened as it was reported; when we heard of it, if that is no time."""
    try:
        return to_text(from_text(said)) if isinstance(said, str) else heard
    except BadTime:
        return heard


def yuan(fen: int) -> str:
    """An amount as people read it: 1,234.50."""
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100:,}.{abs(fen) % 100:02d}"


def samples(postage: Postage, carriers: Iterable[str]) -> bool:
    """Whether anything of these carriers' tariffs is still a sample."""
    wanted = set(carriers)
    return any(t.sample for (carrier, _), t in postage.tariffs.items() if carrier in wanted)
