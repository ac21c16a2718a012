"""秒报: what this point knows of somebody from earlier cases, used again only if they agree.

Local only: the cases that this point received itself. That there are some is said by their count;
the phone and the address are shown, and filled in, after the resident agreed, and that is noted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cases.folded import Case, Slip
from cases.slips import POST, open_fields, standing
from cases.times import day_of, shown_day
from node import reveal
from node.local import Local
from node.people_card import opened, said, slip_of

FOUND_MAX = 200
CONSENT = "经申请人同意，沿用以前办件的电话和地址"


@dataclass(frozen=True)
class Earlier:
    """The earlier cases of one person at this point: how many, the last one, when that was."""

    count: int
    last: Case
    when: str


@dataclass(frozen=True)
class Contact:
    """What an earlier case says: whom to call, where the mail went."""

    phone: str
    address: str


def find(here: Local, document: str, number: str) -> Earlier | None:
    """The earlier cases of the person with this document, by its whole number."""
    own = _own(here, document, number)
    if not own:
        return None
    return Earlier(len(own), own[0], shown_day(day_of(own[0].received_at), here.today()))


def _own(here: Local, document: str, number: str) -> list[Case]:
    """The cases of the person with this document that were received here, the newest first."""
    rows = here.store.db.execute(
        "SELECT s.number FROM words w JOIN subjects s ON s.number=w.subject"
        " WHERE w.word=? AND s.kind='case' AND s.home=?"
        " ORDER BY s.opened_at DESC, s.number DESC LIMIT ?",
        [number[-4:].lower(), here.point.code, FOUND_MAX],
    ).fetchall()
    cases = (here.store.case(found) for (found,) in rows)
    return [case for case in cases if case and _is_of(here, case, document, number)]


def _is_of(here: Local, case: Case, document: str, number: str) -> bool:
    if case.document != document:
        return False
    return (opened(here, case.received_event) or {}).get("document_number") == number


def agreed(here: Local, found: Earlier, actor: str) -> Contact:
    """The phone and address of the last case: the resident agreed, which is noted first."""
    reveal.note(here, found.last.number, CONSENT, actor)
    fields = said(here, found.last) or {}
    slip = _posted(here, found.last)
    content = slip_of(here, slip.event) if slip else None
    return Contact(str(fields.get("phone") or ""), content.address if content else "")


def with_slip(here: Local, document: str, number: str, *, but: str) -> Earlier | None:
    """The earlier cases of a person, the last one with a slip that was posted; never ``but``."""
    found = [case for case in _own(here, document, number) if case.number != but]
    last = next((case for case in found if _posted(here, case)), None)
    if last is None:
        return None
    return Earlier(len(found), last, shown_day(day_of(last.received_at), here.today()))


def slip_agreed(
    here: Local, found: Earlier, actor: str
) -> tuple[dict[str, Any], dict[str, str]] | None:
    """The open and sealed parts of that slip: the resident agreed, which is noted first."""
    reveal.note(here, found.last.number, CONSENT, actor)
    slip = _posted(here, found.last)
    sealed = opened(here, slip.event) if slip else None
    if slip is None or sealed is None:
        return None
    return open_fields(slip), {name: str(value) for name, value in sealed.items() if value}


def _posted(here: Local, case: Case) -> Slip | None:
    """The last slip of a case that names an address and can be opened here."""
    slips = (slip for slip in reversed(standing(case)) if slip.way == POST)
    return next((slip for slip in slips if opened(here, slip.event)), None)
