"""The catalogue: what one can apply for, with which papers, from whom.

The product starts with a *sample* catalogue. What its tables do not say (basis of competence, who
accepts, how a material is handled, the day unit) is filled in by ``cases/initial.py`` and is named
in the ``sample`` field of what it was filled into.
"""

from collections import Counter
from collections.abc import Iterable
from enum import StrEnum
from functools import cached_property
from hashlib import sha256
from itertools import chain

import msgspec

from cases.reading import BadData

SAMPLE = "sample-"
"""What the version of a sample begins with."""


class Level(StrEnum):
    """Which level has the authority to decide a matter."""

    DISTRICT = "district"
    SUBDISTRICT = "subdistrict"
    COMMUNITY = "community"


class Applicant(StrEnum):
    """Who may apply."""

    PERSON = "person"
    ORGANIZATION = "organization"
    BOTH = "both"


class Timing(StrEnum):
    """Whether a matter is settled while one waits or within a promised period."""

    IMMEDIATE = "immediate"
    PROMISED = "promised"


class Basis(StrEnum):
    """What the competent area is found by: the clerk asks for exactly this address."""

    REGISTERED_RESIDENCE = "registered_residence"
    RESIDENCE = "residence"
    BUSINESS_PLACE = "business_place"
    PROPERTY_PLACE = "property_place"


class Accepting(StrEnum):
    """Who accepts (受理) in law."""

    DECIDING = "deciding"
    RECEIVING_POINT = "receiving_point"


class DayUnit(StrEnum):
    """In which days the periods of a matter are counted."""

    WORKING = "working"
    CALENDAR = "calendar"


class Handling(StrEnum):
    """What becomes of a material at the counter. Only what is kept ever travels."""

    LOOKED_AT = "looked_at"
    COPY_KEPT = "copy_kept"
    ORIGINAL_KEPT = "original_kept"
    ELECTRONIC = "electronic"


class Form(StrEnum):
    """In which form the guide asks for a material."""

    ORIGINAL = "original"
    COPY = "copy"
    ELECTRONIC = "electronic"


class Source(StrEnum):
    """Who issues or writes a material."""

    APPLICANT = "applicant"
    GOVERNMENT = "government"
    THIRD_PARTY = "third_party"


class MaterialSpec(msgspec.Struct, frozen=True, kw_only=True):
    """One material that a matter asks for."""

    position: int
    name: str
    form: Form
    copies: int = 1
    source: Source
    licence: str = ""
    required: bool
    condition: str = ""
    note: str = ""
    handling: Handling
    identity: bool = False
    """An identity document: always looked at and handed back, never in the post."""
    sample: tuple[str, ...] = ()

    @property
    def travels(self) -> bool:
        """Whether it may be put in the post to the deciding body."""
        return self.handling in (Handling.COPY_KEPT, Handling.ORIGINAL_KEPT) and not self.identity


class Matter(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that one can apply for (事项)."""

    code: str
    name: str
    main_name: str
    variant: str = ""
    category: str
    level: Level
    department: str
    applicant: Applicant
    timing: Timing
    statutory_days: int
    promised_days: int
    day_unit: DayUnit = DayUnit.WORKING
    trips: int
    commitment: bool
    instant: bool
    kiosk: bool
    delegated: bool
    fee_yuan: int
    result: str = ""
    result_licence: str = ""
    themes: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    summary: str = ""
    tips: str = ""
    basis: Basis
    accepting: Accepting = Accepting.DECIDING
    legal_basis: str = ""
    extension_days: int = 0
    """By how many days a decision may be put off at most, once (行政许可法第四十二条)."""
    fee_reference: str = ""
    """What the fee is paid by at the treasury's collection: a code, never cash at a window."""
    materials: tuple[MaterialSpec, ...] = ()
    guide: tuple[str, ...] = ()
    sample: tuple[str, ...] = ()

    @property
    def main_code(self) -> str:
        """The code that all variants of one main matter share."""
        return self.code[:-2]

    @property
    def immediate(self) -> bool:
        """Settled while one waits (即办件)."""
        return self.timing is Timing.IMMEDIATE


class Department(msgspec.Struct, frozen=True, kw_only=True):
    """A body that decides; a department of the district is a worklist at its seat."""

    code: str
    name: str
    short_name: str
    level: Level


class Licence(msgspec.Struct, frozen=True, kw_only=True):
    """A type of certificate that an authority issues."""

    code: str
    name: str
    issuer: str
    holder: Applicant


class Bundle(msgspec.Struct, frozen=True, kw_only=True):
    """Several matters around one event of life, applied for at once (一件事)."""

    code: str
    name: str
    theme: str
    matters: tuple[str, ...]
    summary: str = ""


def version_of(content: bytes, sample: bool, digits: int) -> str:
    """What a content is called, by its bytes; a sample says so."""
    digest = sha256(content).hexdigest()[:digits]
    return SAMPLE + digest if sample else digest


class UnknownMatter(LookupError):
    """No such matter in this catalogue; never worth a retry with the same code."""


class Catalogue(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """Everything one can apply for in the district, as of one version."""

    matters: tuple[Matter, ...]
    departments: tuple[Department, ...]
    licences: tuple[Licence, ...] = ()
    bundles: tuple[Bundle, ...] = ()
    sample: bool = False

    @cached_property
    def version(self) -> str:
        """What this content is called: the same content has the same version everywhere."""
        return version_of(msgspec.json.encode(self), self.sample, 10)

    @cached_property
    def _matters(self) -> dict[str, Matter]:
        return {matter.code: matter for matter in self.matters}

    @cached_property
    def _departments(self) -> dict[str, Department]:
        return {department.code: department for department in self.departments}

    @cached_property
    def _licences(self) -> dict[str, Licence]:
        return {licence.code: licence for licence in self.licences}

    def get(self, code: str) -> Matter | None:
        """The matter with this code, or None."""
        return self._matters.get(code)

    def matter(self, code: str) -> Matter:
        """The matter with this code; raises :class:`UnknownMatter`."""
        if code not in self._matters:
            raise UnknownMatter(f"no matter has the code {code[:40]!r} in {self.version}")
        return self._matters[code]

    def bundle(self, code: str) -> Bundle | None:
        """The bundle (一件事) with this code, or None."""
        return next((bundle for bundle in self.bundles if bundle.code == code), None)

    def department(self, code: str) -> Department:
        """The department with this code; raises KeyError, as no sound catalogue names another."""
        return self._departments[code]

    def licence(self, code: str) -> Licence:
        """The licence type with this code; raises KeyError, as no sound catalogue names another."""
        return self._licences[code]

    def variants(self, matter: Matter) -> tuple[Matter, ...]:
        """All variants of a matter's main matter, itself included."""
        return tuple(m for m in self.matters if m.main_code == matter.main_code)

    def require_sound(self) -> None:
        """Raise :class:`BadData` unless every code stands once and names something there is."""
        for kind, records in self._kinds():
            twice = [code for code, n in Counter(r.code for r in records).items() if n > 1]
            if twice:
                raise BadData(f"{kind}: {twice[0]} stands twice")
        for matter in self.matters:
            self._require_known(matter)
        for bundle in self.bundles:
            for code in bundle.matters:
                if code not in self._matters:
                    raise BadData(f"bundles {bundle.code}: no matter {code}")

    def _kinds(self) -> Iterable[tuple[str, Iterable[Matter | Department | Licence | Bundle]]]:
        yield "items", self.matters
        yield "departments", self.departments
        yield "licences", self.licences
        yield "bundles", self.bundles

    def _require_known(self, matter: Matter) -> None:
        if matter.department not in self._departments:
            raise BadData(f"items {matter.code}: no department {matter.department}")
        licences = chain([matter.result_licence], (m.licence for m in matter.materials))
        for licence in licences:
            if licence and licence not in self._licences:
                raise BadData(f"items {matter.code}: no licence type {licence}")
        positions = [material.position for material in matter.materials]
        if positions != sorted(set(positions)):
            raise BadData(f"materials {matter.code}: positions {positions} are not in order")
