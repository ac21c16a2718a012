"""Forgetting (遗忘): what a person wrote, and nobody needs any more, can never be read again. Pure.

The fact is central's, about one subject. Whoever folds it drops the subject's keys and takes none
in again, so that what is sealed stays sealed for ever. Event and signature stay, and with them the
proof of the journal. So far it is stated of poster slips that no case took.
"""

from __future__ import annotations

from datetime import timedelta

from cases.folded import Folded, Visit
from cases.states import VisitState
from cases.times import from_text, to_text

FORGOTTEN = "subject.forgotten"
#: How long a poster slip waits for its case. Its point lists it for no longer, so that one which
#: was without a line has the whole day too; what a case took meanwhile is sealed anew under it.
POSTER_KEPT_FOR = timedelta(days=1)


def is_forgotten(subject: Folded) -> bool:
    """Whether no key of it may be kept."""
    return subject.state is VisitState.FORGOTTEN


def poster_slips_end(now: str) -> str:
    """The time at or before which a poster slip that is forgotten now was filled in last."""
    return to_text(from_text(now) - POSTER_KEPT_FOR)


def is_poster_slip(subject: Folded | None) -> bool:
    """Whether it is a slip filled in at a poster, which no visit has become."""
    return isinstance(subject, Visit) and subject.state is VisitState.NEW and bool(subject.slips)


def is_due(subject: Folded | None, now: str) -> bool:
    """Whether it is a poster slip whose time is over. Only the slip counts: anybody may state of it
    what changes nothing."""
    slips = subject.slips if subject and is_poster_slip(subject) else ()
    return bool(slips) and slips[-1].at <= poster_slips_end(now)
