"""Who issues a case's papers and what each is called, as the district's wording has it."""

from __future__ import annotations

from cases.catalogue import Catalogue, Level
from cases.folded import Case
from cases.issued import Issued, PaperKind
from cases.points import Directory
from labels.texts import PaperText, wording

LICENSING = "行政许可"


def issuing_body(
    case: Case, directory: Directory, catalogue: Catalogue, paper: Issued | None = None
) -> str:
    """Who issues a case's papers: the department, or the point that decides in its name.

    What a department entrusted to communities names the department too (行政许可法第二十四条), and
    so does what the receiving point issues of a case that it is empowered to take on.
    """
    department = wording().body(case.department_name)
    if paper and case.accepted_by_receiver and paper.issuer(case) == case.point:
        receiver = directory.find(case.point)
        return f"{receiver.name if receiver else case.point}（受{department}委托）"
    if case.level == Level.DISTRICT:
        return department
    point = directory.find(case.deciding)
    name = point.name if point else case.deciding
    entrusts = any(
        d.code == case.department and d.level is Level.DISTRICT for d in catalogue.departments
    )
    return f"{name}（受{department}委托）" if entrusts else name


def text_of(case: Case, kind: PaperKind, catalogue: Catalogue) -> PaperText:
    """The wording of a case's paper: another one where the matter is no licence."""
    matter = catalogue.get(case.matter)
    return wording().of(kind, licensing=matter is None or matter.category == LICENSING)


def title_of(case: Case, paper: Issued, catalogue: Catalogue) -> str:
    """What a paper is called: a certificate by its type, an approval as its matter names it."""
    if paper.kind is PaperKind.CERTIFICATE:
        return licence_name(paper.licence, catalogue)
    matter = catalogue.get(case.matter)
    if paper.kind is PaperKind.APPROVAL_DOCUMENT and matter is not None and matter.result:
        return matter.result
    return text_of(case, paper.kind, catalogue).title


def licence_name(code: str, catalogue: Catalogue) -> str:
    """What a type of licence is called; its code where the catalogue does not know it."""
    known = catalogue.licences
    return next((licence.name for licence in known if licence.code == code), code or "证照")
