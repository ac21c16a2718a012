"""Papers that need not be shown, because central can look the licence up (免于提交).

What may be waived follows from the catalogue: an authority issued it, and it is of a type that a
library knows. Whose licence a paper is stands in its name alone; where that is not somebody whose
number is on the form, nothing is asked and the paper is handed in as before.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from cases.catalogue import Catalogue, Licence, MaterialSpec, Matter, Source
from cases.folded import Case, Material

#: Who comes must be seen to be who they are: without a line these are shown, not waived.
PROVES_WHO = frozenset({"SFZ", "HZ", "GATJ", "GATX"})

_ARRIVING = ("代办人", "经办人", "代理人", "受托人", "监护人")
_APPLICANT = (
    "申请人", "本人", "经营者", "领取待遇人员", "申报人", "申领人", "投诉人", "举报人", "查阅人",
    "查询人", "办理人", "参保人", "退休人员", "献血者", "养犬人",
)  # fmt: skip
_OF_THE_DEAD = frozenset({"SWYX", "LSZ"})  # nobody applies with such a number of their own


class Check(StrEnum):
    """How far the check of a waived paper has come."""

    FOUND = "found"
    PENDING = "pending"
    NOT_FOUND = "not_found"


class Whose(StrEnum):
    """Whose licence a paper is, as far as its name tells."""

    APPLICANT = "applicant"
    ARRIVING = "arriving"
    OTHER = "other"


@dataclass(frozen=True)
class Wanted:
    """One look-up: for which paper, which type of licence, of whom (by document number)."""

    position: int
    licence: str
    holder: str


def approval_type(matter: str) -> str:
    """Under which type the library keeps an approval (批文), which is of no licence type."""
    return f"approval:{matter}"


def is_waivable(spec: MaterialSpec) -> bool:
    """Whether a paper may be replaced by a look-up."""
    return bool(spec.licence) and spec.source is Source.GOVERNMENT


def may_wait(spec: MaterialSpec) -> bool:
    """Whether the look-up may follow later; who somebody is must be seen now."""
    return is_waivable(spec) and spec.licence not in PROVES_WHO


def has_waivable(matter: Matter) -> bool:
    """Whether any paper of a matter may be replaced."""
    return any(is_waivable(spec) for spec in matter.materials)


def whose(spec: MaterialSpec, licence: Licence) -> Whose:
    """Whose licence a paper is: named by who must hold it, or by nothing but its own name."""
    if spec.licence in _OF_THE_DEAD:
        return Whose.OTHER
    if spec.name.startswith(_ARRIVING):
        return Whose.ARRIVING
    own = spec.name.startswith(_APPLICANT) or licence.name.startswith(spec.name)
    return Whose.APPLICANT if own else Whose.OTHER


@dataclass(frozen=True)
class Numbers:
    """Whose numbers are known: of the applicant (a person or an organisation), of who came."""

    kind: str
    applicant: str
    arriving: str = ""

    def of(self, spec: MaterialSpec, licence: Licence) -> str:
        """The number by which a paper's licence is looked up, or empty: nobody knows it."""
        of = whose(spec, licence)
        if of is Whose.ARRIVING:
            return self.arriving
        fits = licence.holder == "both" or licence.holder == self.kind
        return self.applicant if of is Whose.APPLICANT and fits else ""


def wanted(
    specs: Iterable[MaterialSpec], catalogue: Catalogue, numbers: Numbers
) -> tuple[Wanted, ...]:
    """The look-ups that can be made for papers of a matter."""
    found = (
        Wanted(spec.position, spec.licence, numbers.of(spec, catalogue.licence(spec.licence)))
        for spec in specs
        if is_waivable(spec)
    )
    return tuple(each for each in found if each.holder)


def waived(case: Case) -> tuple[Material, ...]:
    """The papers of a case that were waived."""
    return tuple(m for m in case.materials if m.licence)


def pending(case: Case) -> tuple[Material, ...]:
    """The waived papers whose check is still to come."""
    return tuple(m for m in waived(case) if m.check == Check.PENDING)


def not_found(case: Case) -> tuple[Material, ...]:
    """The waived papers that no library had, and that have not come since.

    One has come when it was scanned, or given as a supplement, unless that is not what was missing.
    """
    came = {scan.position for scan in case.scans}
    came |= {p for s in case.supplements if s.answer != "denied" for p in s.positions}
    missing = (m for m in waived(case) if m.check == Check.NOT_FOUND)
    return tuple(m for m in missing if m.position not in came)
