"""The code on a notice of correction (``/V/…``): while the notice stands, it opens what is asked.

Whoever scans it holds the notice, which says all of it; to give something needs the last four.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from cases.folded import Case
from cases.issued import Issued, PaperKind, Standing, papers_of
from cases.numbers import parse_paper_number
from cases.times import day_of
from central import correction_desk
from central.context import bundle, store, today
from central.holders import is_party
from central.qr import is_revoked, key_of
from labels.paper_code import PaperCode, read_paper
from labels.tokens import VALID_DAYS, TokenError


@dataclass(frozen=True)
class Notice:
    """A notice that stands, and the case that it is of."""

    case: Case
    paper: Issued


def paper_in(case: Case, read: PaperCode) -> Issued | None:
    """The paper that a code names, also by the number that it had before it was renumbered."""
    papers = [p for p in papers_of(case.steps) if p.kind is read.kind]
    named = (p for p in papers if read.names(parse_paper_number(p.number)))
    before = (p for p in papers if read.names(parse_paper_number(p.number_before)))
    return next(named, None) or next(before, None)


def notice_of(code: str) -> Notice | None:
    """The notice whose code this is, while it opens what is to be corrected."""
    try:
        read = read_paper(code, key_of)
    except TokenError:
        return None
    case = store().case(read.case)
    paper = paper_in(case, read) if case else None
    if case is None or paper is None or is_revoked(code, case.number):
        return None
    printer = bundle().directory.by_number(read.printer)
    if not is_party(store(), case.number, printer.code):
        return None  # no paper of this case lies there: it proves what it made up itself
    return Notice(case, paper) if opens(case, paper) else None


def opens(case: Case, paper: Issued) -> bool:
    """Whether a paper is the notice that is to be answered now, and as young as a receipt's code
    must be."""
    notice = case.correction
    if paper.kind is not PaperKind.CORRECTION or paper.standing is not Standing.VALID:
        return False
    if notice is None or notice.event != paper.event or not correction_desk.is_open(case):
        return False
    return today() <= day_of(paper.at) + timedelta(days=VALID_DAYS)
