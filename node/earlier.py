"""秒报: what this point knows of somebody from earlier cases, used again only if they agree.

Local only: the cases that this point received itself. That there are some is said by their count;
the phone and the address are shown, and filled in, after the resident agreed, and that is noted.
"""

from __future__ import annotations

from dataclasses import dataclass

from cases.folded import Case
from cases.times import day_of, shown_day
from node import reveal
from node.local import Local
from node.people_card import opened, slip_of

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
    rows = here.store.db.execute(
        "SELECT s.number FROM words w JOIN subjects s ON s.number=w.subject"
        " WHERE w.word=? AND s.kind='case' AND s.home=?"
        " ORDER BY s.opened_at DESC, s.number DESC LIMIT ?",
        [number[-4:].lower(), here.point.code, FOUND_MAX],
    ).fetchall()
    cases = (here.store.case(found) for (found,) in rows)
    own = [case for case in cases if case and _is_of(here, case, document, number)]
    if not own:
        return None
    return Earlier(len(own), own[0], shown_day(day_of(own[0].received_at), here.today()))


def _is_of(here: Local, case: Case, document: str, number: str) -> bool:
    if case.document != document:
        return False
    return (opened(here, case.received_event) or {}).get("document_number") == number


def agreed(here: Local, found: Earlier, actor: str) -> Contact:
    """The phone and address of the last case: the resident agreed, which is noted first."""
    reveal.note(here, found.last.number, CONSENT, actor)
    fields = opened(here, found.last.received_event) or {}
    slips = [slip_of(here, slip.event) for slip in reversed(found.last.slips)]
    slip = next((slip for slip in slips if slip), None)
    return Contact(str(fields.get("phone") or ""), slip.address if slip else "")
