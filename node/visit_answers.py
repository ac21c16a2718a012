"""What a visitor answered to the guide's questions: kept sealed on this PC, for the visit alone.

So a later matter of the same visit does not ask again. Answers say how somebody lives; they never
stand in clear, and of a case only a sealed code of them travels.
"""

from __future__ import annotations

from datetime import timedelta

from cases.guide import Answers, Guide
from cases.times import from_text, to_text
from node.local import Local
from sync.canonical import canonical, decode
from sync.db import write
from sync.seal import CannotUnseal, new_key, seal, unseal

SCHEMA = """
CREATE TABLE IF NOT EXISTS visit_answers (
  visit TEXT PRIMARY KEY, at TEXT NOT NULL, wrap BLOB NOT NULL, sealed BLOB NOT NULL)
  STRICT, WITHOUT ROWID
"""
KEPT_FOR = timedelta(days=1)
PERSON = "person"
MATTERS_MAX = 50


def of_visit(local: Local, visit: str, matter: str) -> dict[str, frozenset[str]]:
    """What was answered in a visit about the person, and about this matter."""
    kept = _kept(local, visit)
    guide = local.guide
    return {
        **guide.answers_of(kept.get(PERSON, "")),
        **guide.answers_of(kept.get(matter, "")),
    }


def keep(local: Local, visit: str, matter: str, answers: Answers) -> None:
    """Keep all that holds now for the rest of the visit; other visits' answers go after a day."""
    guide, kept = local.guide, _kept(local, visit)
    person, case = _apart(guide, answers)
    new = {**kept, PERSON: guide.code_of(person), matter: guide.code_of(case)}
    if new == kept or len(new) > MATTERS_MAX:
        return
    key, at = new_key(), local.now()
    sealed = canonical(seal(key, visit, new))
    with write(local.store.db) as db:
        db.execute("DELETE FROM visit_answers WHERE at<?", [to_text(from_text(at) - KEPT_FOR)])
        db.execute(
            "INSERT OR REPLACE INTO visit_answers VALUES (?, ?, ?, ?)",
            [visit, at, canonical(local.node.box.wrap(key)), sealed],
        )


def forget(local: Local, visit: str) -> None:
    """Forget what was answered: the visit has ended."""
    with write(local.store.db) as db:
        db.execute("DELETE FROM visit_answers WHERE visit=?", [visit])


def _apart(guide: Guide, answers: Answers) -> tuple[Answers, Answers]:
    person = {q: given for q, given in answers.items() if guide.question(q).personal}
    return person, {q: given for q, given in answers.items() if q not in person}


def _kept(local: Local, visit: str) -> dict[str, str]:
    row = local.store.db.execute(
        "SELECT wrap, sealed FROM visit_answers WHERE visit=?", [visit]
    ).fetchone()
    if row is None:
        return {}
    try:
        key = local.node.box.unwrap([decode(row[0])])
        return unseal(key, visit, decode(row[1])) if key else {}
    except CannotUnseal:
        return {}
