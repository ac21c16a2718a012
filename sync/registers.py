"""The registers (台账): tables derived from the journal, the same at a node and at central.

Personal data: central keeps none of it here. A node keeps the search words of names, phones and
the last four of documents, for its own subjects.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec
from sqlite_utils import Database

from cases import manifests
from cases.aside import not_counted, unanswered
from cases.carried import facts
from cases.events import Event, parse
from cases.fold import fold
from cases.folded import Case, Folded, Parcel, StoreBook
from cases.originals import came_late
from cases.papers import carries
from cases.states import CaseState, ParcelState, VisitState
from sync import forgetting, words
from sync.canonical import decode
from sync.merging import listed

if TYPE_CHECKING:
    from sync.store import Store

SCHEMA = """
CREATE TABLE subjects (
  number TEXT PRIMARY KEY, kind TEXT NOT NULL, home TEXT NOT NULL, state TEXT NOT NULL,
  holder TEXT NOT NULL, deciding TEXT NOT NULL, department TEXT NOT NULL, matter TEXT NOT NULL,
  opened_at TEXT NOT NULL, changed_at TEXT NOT NULL, live INTEGER NOT NULL, aside INTEGER NOT NULL,
  body BLOB NOT NULL, unanswered INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID;
CREATE INDEX subjects_live ON subjects (kind, live, changed_at);
CREATE INDEX subjects_state ON subjects (kind, state, changed_at);
CREATE INDEX subjects_changed ON subjects (kind, changed_at);
CREATE INDEX subjects_department ON subjects (kind, department, live, changed_at);
CREATE INDEX subjects_opened ON subjects (kind, home, opened_at, state, deciding, matter);
CREATE TABLE links (subject TEXT NOT NULL, other TEXT NOT NULL, PRIMARY KEY (subject, other))
  STRICT, WITHOUT ROWID;
CREATE INDEX links_other ON links (other);
CREATE TABLE words (word TEXT NOT NULL, subject TEXT NOT NULL, PRIMARY KEY (word, subject))
  STRICT, WITHOUT ROWID;
CREATE INDEX words_subject ON words (subject);
CREATE TABLE trackings (tracking TEXT NOT NULL, parcel TEXT NOT NULL,
  PRIMARY KEY (tracking, parcel)) STRICT, WITHOUT ROWID;
CREATE INDEX trackings_parcel ON trackings (parcel);
CREATE INDEX subjects_aside ON subjects (changed_at) WHERE aside>0;
CREATE INDEX subjects_unanswered ON subjects (changed_at) WHERE unanswered>0;
CREATE TABLE refusals (author TEXT NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (author, n))
  STRICT, WITHOUT ROWID;
"""
#: Each register: the place of the subject in its rows, and the order of its rows.
KEYS = {
    "subjects": (0, "number"),
    "links": (0, "subject, other"),
    "words": (1, "word, subject"),
    "trackings": (1, "tracking, parcel"),
    "refusals": (0, "author, n"),
}

AT_ONCE = 200  # subjects that are folded together: more would only stand in memory

#: In one order of fields, whether an event was just written, just arrived or read from the file.
_encode = msgspec.json.Encoder(order="deterministic").encode
_decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(type=Folded)
_NO_CASE = Case(number="")
_SETTLED = (
    CaseState.CLOSED,
    ParcelState.DELIVERED,
    ParcelState.ARRIVED,
    ParcelState.CANCELLED,
    VisitState.ENDED,
    VisitState.DECLINED,
    VisitState.CANCELLED,
    VisitState.FORGOTTEN,
)


def clear(db: Database) -> None:
    """Empty every register, inside a transaction."""
    for table in KEYS:
        db.execute(f"DELETE FROM {table}")  # noqa: S608 - the names stand above


def refold(
    store: Store, numbers: Iterable[str], at_hand: Mapping[str, Event] | None = None
) -> None:
    """Fold subjects anew and write their registers, inside a transaction.

    What central refused is not folded, though its author still holds it: the district's journal
    does not have it, and all stores that have exchanged everything must show the same.

    :param at_hand: events of these subjects, by id, that need not be read from the file again.
    """
    waiting = sorted(numbers)
    for start in range(0, len(waiting), AT_ONCE):
        some = waiting[start : start + AT_ONCE]
        held = _events_of(store.db, some, at_hand or {})
        events = {number: facts(held[number]) for number in some}
        folded = [fold(number, events[number]) for number in some]
        _forget(store.db, some)
        _write_subjects(store, folded)
        _write_links(store.db, folded)
        forgetting.drop_keys(store.db, folded)
        if store.words:
            words.write_words(store, folded, events)
        for book in folded:
            if isinstance(book, StoreBook) and (touched := _newly_refused(store.db, book)):
                refold(store, touched)


def _newly_refused(db: Database, book: StoreBook) -> set[str]:
    """Note what a store's book says is refused. :returns: the subjects that must do without it."""
    touched = set()
    for n in (r["n"] for r in book.refused):
        done = db.execute("INSERT OR IGNORE INTO refusals VALUES (?, ?)", [book.number, n])
        if done.rowcount == 1:
            rows = db.execute(
                "SELECT subject FROM events WHERE author=? AND n=?", [book.number, n]
            ).fetchall()
            touched |= {subject for (subject,) in rows}
    return touched


def _events_of(
    db: Database, numbers: list[str], at_hand: Mapping[str, Event]
) -> dict[str, list[Event]]:
    """The events of subjects, in id order, those not at hand from the file."""
    rows = db.execute(
        "SELECT e.subject, e.id FROM json_each(?) c CROSS JOIN events e ON e.subject=c.value"
        " ORDER BY e.subject, e.id",
        [listed(numbers)],
    ).fetchall()
    rows = _without_refused(db, rows)
    absent = [id for _, id in rows if id not in at_hand]
    read = _read_events(db, absent) if absent else {}
    found: dict[str, list[Event]] = {number: [] for number in numbers}
    for subject, id in rows:
        found[subject].append(at_hand[id] if id in at_hand else read[id])
    return found


def _read_events(db: Database, ids: list[str]) -> dict[str, Event]:
    rows = db.execute(
        "SELECT e.id, e.body FROM json_each(?) c CROSS JOIN events e ON e.id=c.value",
        [listed(ids)],
    )
    return {id: parse(decode(body)) for id, body in rows}


def _without_refused(db: Database, rows: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Those (subject, id) that central did not refuse: nearly always all of them."""
    refused = db.execute(
        # CROSS: the few refusals are gone through, and never all the events
        "SELECT e.id FROM refusals r CROSS JOIN events e ON e.author=r.author AND e.n=r.n"
    ).fetchall()
    out = {id for (id,) in refused}
    return [row for row in rows if row[1] not in out] if out else rows


def _forget(db: Database, numbers: list[str]) -> None:
    """Drop what the registers of names say of subjects; the subject's own row is replaced."""
    known = db.execute(
        "SELECT s.number FROM json_each(?) c CROSS JOIN subjects s ON s.number=c.value",
        [listed(numbers)],
    ).fetchall()
    if not known:
        return  # of a new subject they say nothing yet
    asked = [listed(number for (number,) in known)]
    for table, column in (("links", "subject"), ("trackings", "parcel"), ("words", "subject")):
        db.execute(
            f"DELETE FROM {table} WHERE {column} IN (SELECT value FROM json_each(?))",  # noqa: S608 - our own names
            asked,
        )


def _write_subjects(store: Store, folded: Sequence[Folded]) -> None:
    rows = [_row(one, store.home_of(one.number)) for one in folded]
    store.db.conn.executemany(
        "INSERT OR REPLACE INTO subjects VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)", rows
    )


def _row(folded: Folded, home: str) -> tuple[Any, ...]:
    case = folded if isinstance(folded, Case) else _NO_CASE
    kind = type(folded).__struct_config__.tag
    return (
        folded.number, kind, home, folded.state.value, case.holder, case.deciding,
        case.department, case.matter, min((s.at for s in folded.steps), default=""),
        folded.changed_at, _is_live(folded), not_counted(folded),
        _encode(folded), unanswered(folded),
    )  # fmt: skip


def _is_live(folded: Folded) -> bool:
    """Whether something may still have to be done; also where a parcel is said not to have come,
    or a paper came to a case that was closed already."""
    asked_after = isinstance(folded, Parcel) and (folded.disputed_at or folded.lost)
    late = isinstance(folded, Case) and came_late(folded)
    return folded.state not in _SETTLED or bool(asked_after) or late


def _write_links(db: Database, folded: Sequence[Folded]) -> None:
    links = [(one.number, other) for one in folded for other in _others(one)]
    trackings = [(p.tracking, p.number) for p in folded if isinstance(p, Parcel) and p.tracking]
    db.conn.executemany("INSERT OR IGNORE INTO links VALUES (?, ?)", links)
    db.conn.executemany("INSERT OR IGNORE INTO trackings VALUES (?, ?)", trackings)


def _others(folded: Folded) -> tuple[str, ...]:
    if isinstance(folded, Parcel):
        fetched_for = (folded.visit,) if folded.visit else ()
        return (*folded.cases, *fetched_for, *manifests.listed(folded))
    if isinstance(folded, Case):
        return tuple(v for v in (folded.visit, *(s.visit for s in folded.slips)) if v)
    return ()


def subject(db: Database, number: str) -> Folded | None:
    """A subject's folded state, or None."""
    row = db.execute("SELECT body FROM subjects WHERE number=?", [number]).fetchone()
    return read(row[0]) if row else None


def within(db: Database, low: str, high: str) -> list[Folded]:
    """The subjects whose number is at least ``low`` and below ``high``, in order."""
    rows = db.execute(
        "SELECT body FROM subjects WHERE number>=? AND number<? ORDER BY number", [low, high]
    )
    return [read(body) for (body,) in rows.fetchall()]


def parcels_of(db: Database, case: str) -> tuple[Parcel, ...]:
    """The parcels that a case's parties packed for it, oldest first."""
    rows = db.execute(
        "SELECT s.body FROM links l JOIN subjects s ON s.number=l.subject"
        " WHERE l.other=? AND s.kind='parcel' ORDER BY s.opened_at, s.number",
        [case],
    ).fetchall()
    if not rows:
        return ()
    whose = subject(db, case)
    of_case = whose if isinstance(whose, Case) else None
    found = (p for (body,) in rows if isinstance(p := read(body), Parcel))
    return tuple(parcel for parcel in found if carries(parcel, of_case))


def linked(db: Database, number: str) -> set[str]:
    """The numbers linked to a subject, in either direction."""
    rows = db.execute(
        "SELECT other FROM links WHERE subject=? UNION SELECT subject FROM links WHERE other=?",
        [number, number],
    )
    return {other for (other,) in rows}


def parcel_of_tracking(db: Database, tracking: str) -> str | None:
    """The number of the parcel that bears a tracking number (the first, should two claim it)."""
    row = db.execute("SELECT min(parcel) FROM trackings WHERE tracking=?", [tracking]).fetchone()
    return row[0] if row else None


def any_tracking(db: Database, first: str, last: str) -> bool:
    """Whether a parcel bears a tracking number from ``first`` to ``last``, of one form both."""
    between = (
        "SELECT 1 FROM trackings WHERE tracking BETWEEN ? AND ? AND length(tracking)=? LIMIT 1"
    )
    return db.execute(between, [first, last, len(first)]).fetchone() is not None


def doubled(db: Database) -> set[str]:
    """The parcels under way whose tracking number another parcel bears too."""
    rows = db.execute(
        "SELECT s.number FROM subjects s JOIN trackings t ON t.parcel=s.number"
        " WHERE s.kind='parcel' AND s.live=1 AND EXISTS"
        " (SELECT 1 FROM trackings o WHERE o.tracking=t.tracking AND o.parcel<>t.parcel)"
    )
    return {number for (number,) in rows}


def live(db: Database, kind: str, *, limit: int = 500, after: str = "") -> list[Folded]:
    """The subjects of a kind that are not settled, longest unchanged first."""
    rows = db.execute(
        "SELECT body FROM subjects WHERE kind=? AND live=1 AND changed_at>=?"
        " ORDER BY changed_at LIMIT ?",
        [kind, after, limit],
    )
    return [read(body) for (body,) in rows.fetchall()]


def newest(db: Database, kind: str, *, state: str = "", limit: int = 50) -> list[Folded]:
    """The subjects of a kind (and state), the last changed first."""
    where, values = ("AND state=?", [state]) if state else ("", [])
    rows = db.execute(
        f"SELECT body FROM subjects WHERE kind=? {where} ORDER BY changed_at DESC LIMIT ?",  # noqa: S608
        [kind, *values, limit],
    )
    return [read(body) for (body,) in rows.fetchall()]


def not_answered(db: Database, *, limit: int = 500) -> list[Folded]:
    """The subjects, of whatever kind and state, of which something did not count and waits for a
    person's answer, longest unchanged first."""
    rows = db.execute(
        "SELECT body FROM subjects WHERE unanswered>0 ORDER BY changed_at LIMIT ?", [limit]
    )
    return [read(body) for (body,) in rows.fetchall()]


def with_aside(db: Database, *, limit: int = 500) -> list[Folded]:
    """The subjects of which something did not count, answered or not, the last changed first."""
    rows = db.execute(
        "SELECT body FROM subjects WHERE aside>0 ORDER BY changed_at DESC LIMIT ?", [limit]
    )
    return [read(body) for (body,) in rows.fetchall()]


def books(db: Database, home: str) -> list[StoreBook]:
    """The books of a point's stores."""
    rows = db.execute("SELECT body FROM subjects WHERE kind='store' AND home=?", [home])
    return [b for (body,) in rows.fetchall() if isinstance(b := read(body), StoreBook)]


def is_refused(db: Database, author: str, n: int) -> bool:
    """Whether central refused to journal an author's event ``n``."""
    row = db.execute("SELECT 1 FROM refusals WHERE author=? AND n=?", [author, n]).fetchone()
    return row is not None


def counts(db: Database, kind: str) -> dict[str, int]:
    """How many subjects of a kind stand in each state."""
    rows = db.execute("SELECT state, count(*) FROM subjects WHERE kind=? GROUP BY state", [kind])
    return dict(rows.fetchall())


def find(db: Database, text: str, *, limit: int = 20) -> list[str]:
    """Numbers of subjects by a part of their number, or by a name, phone or last four."""
    word = text.strip().lower()
    if not word:
        return []
    rows = db.execute(
        "SELECT DISTINCT subject FROM words WHERE word>=? AND word<? LIMIT ?",
        [word, word + "\U0010ffff", limit],
    ).fetchall()
    if word.isascii():  # as every number is; an index is gone through, and no row
        rows += db.execute(
            "SELECT number FROM subjects INDEXED BY subjects_opened WHERE number LIKE ? ESCAPE '!'"
            " LIMIT ?",
            [f"%{_escape(word)}%", limit],
        ).fetchall()
    return sorted({number for (number,) in rows})[:limit]


def _escape(word: str) -> str:
    return word.replace("!", "!!").replace("%", "!%").replace("_", "!_")


def read(body: bytes) -> Folded:
    """A subject out of its row's body."""
    folded: Folded = _decoder.decode(body)
    return folded
