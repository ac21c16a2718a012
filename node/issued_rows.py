"""The papers of a case as rows of its page: number, day, how many were printed at this PC."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cases.folded import Case, Parcel
from cases.issued import Issued, Standing, papers_of
from cases.times import day_of, shown_day
from labels.issuer import title_of
from node import prints
from node.issuing import step_of
from node.local import Local
from node.served import posted

_MARKS = {Standing.VALID: "", Standing.VOID: "已作废", Standing.REPLACED: "已换发"}


@dataclass(frozen=True)
class IssuedRow:
    """One paper. No ``url``: it cannot be printed. ``ours``: this point issued it or follows up."""

    title: str
    number: str
    day: str
    copies: int
    url: str = ""
    mark: str = ""
    ours: bool = False


def issued_rows(local: Local, case: Case) -> tuple[IssuedRow, ...]:
    """The papers of a case, the newest first; the receipt, where this point took the papers in."""
    rows = [_row(local, case, paper) for paper in reversed(papers_of(case.steps))]
    rows += [
        IssuedRow(
            "送达回证（邮寄）", parcel.tracking, _day(local, parcel.changed_at),
            prints.copies(local, served_key(case, parcel)),
            f"/cases/{case.number}/served/{parcel.number}.pdf",
        )
        for parcel in local.store.parcels_of(case.number)
        if posted(parcel)
    ]  # fmt: skip
    if case.point == local.point.code:
        rows.append(
            IssuedRow(
                "收件凭证", case.number, _day(local, case.received_at),
                prints.copies(local, case.number), f"/cases/{case.number}/receipt.pdf",
            )
        )  # fmt: skip
    return tuple(rows)


def served_key(case: Case, parcel: Parcel) -> str:
    """Under what the printing of a posted parcel's acknowledgement is noted."""
    return f"{case.number}:{parcel.number}"


def _row(local: Local, case: Case, paper: Issued) -> IssuedRow:
    valid = paper.standing is Standing.VALID
    here = local.point.code
    return IssuedRow(
        title=title_of(case, paper, local.bundle.catalogue),
        number=paper.number,
        day=_day(local, paper.at),
        copies=prints.copies(local, paper.event),
        url=f"/cases/{case.number}/papers/{step_of(paper)}.pdf" if valid else "",
        mark=_MARKS[paper.standing],
        ours=here in (case.point, paper.issuer(case)),
    )


def _day(local: Local, at: str) -> str:
    return shown_day(day_of(at), local.today())


def to_print(rows: Sequence[IssuedRow]) -> IssuedRow | None:
    """The newest paper, while it waits to be printed here for the first time."""
    newest = rows[0] if rows else None
    return newest if newest and newest.ours and newest.url and not newest.copies else None
