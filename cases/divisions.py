"""Provinces, cities and counties of the whole country, for the addresses people give.

Codes are those of GB/T 2260. An address names three levels everywhere, also where the state has
only two: 北京市 stands as a city under itself, and counties that a province governs directly stand
under a placeholder (省直辖县) that :meth:`Divisions.full_name` leaves out.
"""

from collections import defaultdict
from collections.abc import Iterable, Set

import msgspec

from cases.reading import BadData, read_rows

_PLACEHOLDERS = frozenset({"省直辖县", "自治区直辖县级行政区划", "县"})


class UnknownDivision(LookupError):
    """No such province, city or county; never worth a retry with the same code."""


class Division(msgspec.Struct, frozen=True, array_like=True):
    """A province, city or county."""

    code: str
    name: str
    parent: str = ""


class Divisions:
    """The tree of divisions, by code."""

    def __init__(self, divisions: Iterable[Division]) -> None:
        self.all = tuple(divisions)
        self._by_code = {division.code: division for division in self.all}
        below: defaultdict[str, list[Division]] = defaultdict(list)
        for division in self.all:
            _require_sound(division, self._by_code.keys())
            below[division.parent].append(division)
        if len(self._by_code) < len(self.all):
            raise BadData("divisions: a code stands twice")
        self._below = {code: tuple(children) for code, children in below.items()}

    def __len__(self) -> int:
        return len(self.all)

    def provinces(self) -> tuple[Division, ...]:
        """The 34 provinces, in the order of their codes."""
        return self._below[""]

    def cities(self, province: str) -> tuple[Division, ...]:
        """The cities of a province; none for an unknown code."""
        return self._below.get(province, ()) if province.endswith("0000") else ()

    def counties(self, city: str) -> tuple[Division, ...]:
        """The counties of a city; none for an unknown code."""
        is_city = city.endswith("00") and not city.endswith("0000")
        return self._below.get(city, ()) if is_city else ()

    def name_of(self, code: str) -> str:
        """The name of one division; raises :class:`UnknownDivision`."""
        if code not in self._by_code:
            raise UnknownDivision(f"no division has the code {code[:12]!r}")
        return self._by_code[code].name

    def full_name(self, code: str) -> str:
        """The name from the province down, as an address begins: 福建省福州市鼓楼区."""
        names: list[str] = []
        while code:
            name = self.name_of(code)
            if name not in _PLACEHOLDERS and name not in names[:1]:
                names.insert(0, name)
            code = self._by_code[code].parent
        return "".join(names)

    def valid(self, province: str, city: str, county: str) -> bool:
        """Whether the three codes are a county, its city and its province."""
        return (
            county in self._by_code
            and self._by_code[county].parent == city
            and city in self._by_code
            and self._by_code[city].parent == province
            and province.endswith("0000")
        )


def _require_sound(division: Division, codes: Set[str]) -> None:
    code = division.code
    if len(code) != 6 or not code.isdigit() or not division.name:
        raise BadData(f"divisions: {code!r} {division.name!r} is not six digits and a name")
    known = not division.parent or division.parent in codes
    if not known or not _may_lie_in(code, division.parent):
        raise BadData(f"divisions: {code} cannot lie in {division.parent!r}")


def _may_lie_in(code: str, parent: str) -> bool:
    if code.endswith("0000"):
        return parent == ""
    if code.endswith("00"):
        return parent == code[:2] + "0000"
    return parent[:2] == code[:2] and parent.endswith("00") and not parent.endswith("0000")


def read_divisions(text: str) -> Divisions:
    """The tree from the text of ``divisions.csv``."""
    rows = read_rows("divisions", text, ["code", "name", "parent"])
    return Divisions(Division(row["code"], row["name"], row["parent"]) for row in rows)
