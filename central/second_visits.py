"""Second visits: the same person and matter again after a visit without a case (for supervisors).

What the first notice omitted is a finding about the window that gave it, never a reproach to the
resident. Pairs come from the marks of ``central.persons``; lists and answers are unsealed for those
that are shown. No name and no number is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from cases.folded import Case
from cases.guide import Guide
from cases.times import from_text, to_text
from central.persons import Row, sealed_of
from sync.store import Store

PAIRS_MAX = 300
LOOKED_BACK = timedelta(days=90)
#: For each visit or case the last visit before it, of the same person and matter, without a case.
_PAIRS = """
SELECT f.*, s.* FROM persons s JOIN persons f ON f.mark=s.mark AND f.matter=s.matter
WHERE s.at>=? AND f.subject=f.visit AND f.visit<>s.visit AND f.at<s.at
  AND NOT EXISTS (SELECT 1 FROM persons c WHERE c.mark=f.mark AND c.matter=f.matter
    AND c.visit=f.visit AND c.subject<>c.visit)
  AND NOT EXISTS (SELECT 1 FROM persons b WHERE b.mark=s.mark AND b.matter=s.matter
    AND b.subject=b.visit AND b.visit<>s.visit AND b.at<s.at AND b.at>f.at)
  AND NOT EXISTS (SELECT 1 FROM persons l WHERE l.mark=s.mark AND l.matter=s.matter
    AND l.subject=s.subject AND l.at>s.at)
  AND NOT (s.subject=s.visit AND EXISTS (SELECT 1 FROM persons c WHERE c.mark=s.mark
    AND c.matter=s.matter AND c.visit=s.visit AND c.subject<>c.visit))
ORDER BY s.at DESC LIMIT ?
"""


@dataclass(frozen=True)
class Told:
    """What one of the two said: when, at which point, for which answers, with which papers.

    ``listed``: there was a list at all. ``case`` is empty where it was a visit with a notice.
    """

    at: str
    point: str
    answers: tuple[tuple[str, str], ...]
    papers: tuple[str, ...]
    listed: bool
    case: str = ""


@dataclass(frozen=True)
class SecondVisit:
    """Two visits of one person for one matter, and what the first notice omitted."""

    matter: str
    first: Told
    second: Told

    @property
    def omitted(self) -> tuple[str, ...]:
        """The papers that the second list has and the first had not."""
        if not self.first.listed:
            return ()
        return tuple(paper for paper in self.second.papers if paper not in self.first.papers)

    @property
    def other_answers(self) -> bool:
        """Whether the two were asked for with different answers: then the lists may differ."""
        known = self.first.answers and self.second.answers
        return bool(known) and dict(self.first.answers) != dict(self.second.answers)


def second_visits(store: Store, guide: Guide, now: str) -> tuple[SecondVisit, ...]:
    """The second visits of the last three months, the newest first; at most :data:`PAIRS_MAX`."""
    since = to_text(from_text(now) - LOOKED_BACK)
    rows = store.db.execute(_PAIRS, [since, PAIRS_MAX]).fetchall()
    width = len(Row._fields)
    found: dict[tuple[str, str, str], SecondVisit] = {}
    for row in rows:
        first, second = Row(*row[:width]), Row(*row[width:])
        key = (second.subject, second.matter, first.visit)
        if key not in found:
            told = _told(store, guide, first), _told(store, guide, second)
            found[key] = SecondVisit(second.matter, *told)
    return tuple(found.values())


def _told(store: Store, guide: Guide, row: Row) -> Told:
    said = sealed_of(store, row.event)
    case = store.case(row.subject) if row.subject != row.visit else None
    papers = _of_case(case) if case else _of_notice(said.get("papers"))
    answers = guide.in_words(guide.answers_of(str(said.get("answers") or "")))
    point, number = store.home_of(row.subject), case.number if case else ""
    return Told(row.at, point, answers, papers, bool(papers), number)


def _of_case(case: Case) -> tuple[str, ...]:
    return tuple(material.name for material in case.materials if material.taken)


def _of_notice(papers: object) -> tuple[str, ...]:
    return tuple(map(str, papers)) if isinstance(papers, list) else ()
